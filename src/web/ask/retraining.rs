//! What may be asked of retraining and maintenance: as JSON says it, and as it is once checked.

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::incident::check_note;
use crate::domain::{ModelId, Timestamp, Version};
use crate::retraining::{Category, MaintenanceTask, Period, RunKey};

/// Longest key of a run, in bytes: longer than any of driftd's.
const RUN_KEY_BYTES_MAX: usize = 255;
/// Characters of a pipeline's reason that are kept.
const WHY_CHARACTERS_MAX: usize = 500;

/// A model is to be retrained.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct RetrainRequest {
    /// Why, in 1 to 500 characters: kept with the decision and in the audit trail. The same reason within a week is the
    /// same run.
    pub reason: String,
    /// `corrective`, `preventive`, `evolutive` or `adaptive`; `corrective` if left out.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Option<String>)]
    pub category: Option<Category>,
    /// Decide, and show the request that would be sent; nothing is sent or kept.
    #[serde(default)]
    pub dry_run: bool,
}

/// What a training pipeline says when it is over.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct VersionRequest {
    #[serde(default)]
    pub status: TrainingStatus,
    /// The new version; needed unless it failed.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Option<String>)]
    pub version: Option<Version>,
    /// As the request that started the run said it; left out where driftd did not ask for it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub run_key: Option<String>,
    /// Now if left out.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Option<String>, format = DateTime)]
    pub trained_at: Option<Timestamp>,
    /// Why it failed; the first 500 characters are kept.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub why: Option<String>,
}

/// How a training ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum TrainingStatus {
    #[default]
    Succeeded,
    Failed,
}

/// A report that says all that it must.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct VersionReport {
    /// `None`: driftd did not ask for it.
    pub run: Option<RunKey>,
    pub says: Trained,
}

/// What a training came to.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Trained {
    /// `trained_at`: `None` is now.
    Version { version: Version, trained_at: Option<Timestamp> },
    /// `why`: one line, never blank.
    Failed { why: String },
}

/// A task of the calendar was done.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct MaintenanceRequest {
    #[schema(value_type = String)]
    pub model: ModelId,
    /// `preventive_retraining`, `data_refresh`, `non_regression_tests` or `compliance_audit`.
    #[schema(value_type = String)]
    pub task: MaintenanceTask,
    /// `monthly`, `quarterly` or `half_yearly`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schema(value_type = String)]
    pub period: Option<Period>,
    /// 1 to 500 characters: kept with the task and in the audit trail.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub note: Option<String>,
}

/// A task that was done and that people may say so of: never [`MaintenanceTask::ModelAge`].
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct MaintenanceReport {
    pub model: ModelId,
    pub task: MaintenanceTask,
    pub period: Period,
    pub note: Option<String>,
}

/// What is wrong with what someone says to have done.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(in crate::web) enum NotDone {
    Fields(String),
    /// It is not done by saying so.
    NotByWord(&'static str),
}

impl VersionRequest {
    /// The report, or what is wrong with it.
    pub(in crate::web) fn checked(self) -> Result<VersionReport, String> {
        let run = self.run_key.map(|text| run_key(&text)).transpose()?;
        let says = match self.status {
            TrainingStatus::Succeeded if self.why.is_some() => {
                return Err("`why` goes with `status` failed; a version that is there needs none".to_owned());
            }
            TrainingStatus::Succeeded => Trained::Version {
                version: self
                    .version
                    .ok_or("`version` is missing: name the version that was trained, or `status` failed")?,
                trained_at: self.trained_at,
            },
            TrainingStatus::Failed if self.version.is_some() || self.trained_at.is_some() => {
                return Err(
                    "`version` and `trained_at` go with `status` succeeded; what failed has none".to_owned()
                );
            }
            TrainingStatus::Failed => Trained::Failed { why: failure(self.why.as_deref()) },
        };
        Ok(VersionReport { run, says })
    }
}

impl MaintenanceRequest {
    /// The task that was done, or what is wrong with it.
    pub(in crate::web) fn checked(self) -> Result<MaintenanceReport, NotDone> {
        let Self { model, task, period, note } = self;
        if task == MaintenanceTask::ModelAge {
            return Err(NotDone::NotByWord(
                "`task` model_age is not done by saying so: report a younger version with \
                 POST /v1/models/{model}/versions",
            ));
        }
        check_note(note.as_deref()).map_err(NotDone::Fields)?;
        let missing = || NotDone::Fields("`period` is missing: monthly, quarterly or half_yearly".to_owned());
        Ok(MaintenanceReport { model, task, period: period.ok_or_else(missing)?, note })
    }
}

fn run_key(text: &str) -> Result<RunKey, String> {
    match (1..=RUN_KEY_BYTES_MAX).contains(&text.len()) && text.bytes().all(|byte| byte.is_ascii_graphic()) {
        true => Ok(RunKey::named(text)),
        false => Err("`run_key` is no run's key, as in retrain-car_loan-2026-W49-scheduled".to_owned()),
    }
}

/// The text of an error may be anything, of many lines: what is said of a run that failed must not be lost for it.
fn failure(why: Option<&str>) -> String {
    let words = why.unwrap_or_default().split(|c: char| c.is_whitespace() || c.is_control());
    let line = words.filter(|word| !word.is_empty()).collect::<Vec<_>>().join(" ");
    match line.is_empty() {
        true => "the pipeline does not say why".to_owned(),
        false => line.chars().take(WHY_CHARACTERS_MAX).collect(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_failure_is_one_line_whatever_it_was() {
        assert_eq!(
            failure(Some("Traceback:\n  line 1\u{7}\r\n\tout of memory ")),
            "Traceback: line 1 out of memory"
        );
        assert_eq!(failure(Some(&"é".repeat(501))), "é".repeat(500));
        for nothing in [None, Some(""), Some(" \n")] {
            assert_eq!(failure(nothing), "the pipeline does not say why");
        }
    }
}
