//! A file of `config/models`: one model, what is known of it and what is watched.

mod columns;

mod reference;

mod statistics;

mod features;

mod watch;

mod outcomes;

mod retraining;

mod maintenance;

mod technical;

use outcomes::OutcomeSettings;

pub use columns::ColumnNames;
pub use features::FeatureSettings;
pub use reference::{ReferenceSource, VersionSettings};

use std::collections::{BTreeMap, BTreeSet};
use std::path::PathBuf;
use std::time::Duration;

use super::limits::LimitSettings;
use super::place::Places;
use super::setting::Label;
use super::storage::Retention;
use super::table::Table;
use crate::domain::{ColumnId, ModelId, Task, Version};
use crate::kpi::{Definition, Unit};
use crate::retraining::{MaintenancePlan, RetrainingPlan, TargetName};
use crate::verdict::MonitoringPlan;

/// One model.
#[derive(Debug, Clone, PartialEq)]
pub struct ModelSettings {
    /// The file that the model comes from, and where its keys stand.
    pub file: PathBuf,
    pub places: Places,
    pub id: ModelId,
    pub task: Task,
    /// Binary: the label that counts as positive; `None` for `1` and `true`.
    pub positive_class: Option<String>,
    /// Multiclass: the classes in the order of matrices; empty where the reference tells.
    pub classes: Vec<String>,
    pub clock: ModelClock,
    /// A source that sends nothing for this long no longer holds the watermark.
    pub idle_timeout: Duration,
    pub reference: ReferenceSource,
    /// Versions of which something is known beforehand; others register as they come.
    pub versions: BTreeMap<Version, VersionSettings>,
    /// Where a file of rows has what driftd needs.
    pub columns: ColumnNames,
    /// What is said of single features; those not listed come from the reference.
    pub features: BTreeMap<String, FeatureSettings>,
    /// Columns that are not watched: features and derived ones.
    pub ignored: BTreeSet<ColumnId>,
    pub segments: SegmentSettings,
    /// Routes and silences may go by them.
    pub tags: BTreeMap<String, String>,
    pub plan: MonitoringPlan,
    /// How long predictions wait for their label, and labels for their prediction, by event time.
    pub label_ttl: Duration,
    /// `None` where the model is not retrained by driftd.
    pub retraining: Option<RetrainingPlan>,
    pub maintenance: MaintenancePlan,
    /// Its technical KPIs; none where they are not switched on.
    pub technical: Vec<Definition>,
}

/// What the present is to a model.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ModelClock {
    /// The wall clock: windows that closed long ago are judged `historical` and never notified.
    Live,
    /// Its newest event: a replay is judged as if it happened now.
    Replay,
}

/// The slices of a model that are watched beside the whole.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct SegmentSettings {
    pub attributes: Vec<String>,
    /// Whether slices count on all bins instead of the 10 groups; about ten times the disk.
    pub full_grid: bool,
}

/// What a model's file is checked against.
pub(super) struct Bounds<'a> {
    pub limits: &'a LimitSettings,
    pub retention: &'a Retention,
    /// The main file's targets of retraining; `None` where it cannot be read.
    pub targets: Option<&'a BTreeSet<TargetName>>,
    /// What money is in.
    pub currency: &'a Unit,
}

impl ModelSettings {
    /// `None` where what it cannot be without is missing or wrong; the table holds the error.
    pub(super) fn read(table: &Table<'_>, places: &Places, bounds: &Bounds<'_>) -> Option<Self> {
        let id = table.optional::<ModelId>("id");
        let tasks =
            [("binary", Task::Binary), ("multiclass", Task::Multiclass), ("regression", Task::Regression)];
        let task = table.optional_choice("task", "task", &tasks);
        for key in ["id", "task", "reference"].into_iter().filter(|key| !table.has(key)) {
            table.error(key, "is missing; a model needs id, task and reference");
        }
        let positive_class = table.optional::<Label>("positive_class").map(|label| label.0);
        let classes = read_classes(table);
        if let Some(task) = task {
            refuse_classes_of_other_tasks(table, task);
        }
        let clock = table.choice(
            "clock",
            "clock",
            ModelClock::Live,
            &[("live", ModelClock::Live), ("replay", ModelClock::Replay)],
        );
        let (shortest, longest) = (Duration::from_secs(1), Duration::from_secs(30 * 86_400));
        let idle_timeout = table.read_within("idle_timeout", Duration::from_secs(900), shortest..=longest);
        let tags = super::routes::read_tags(table);
        let silence_after = watch::read_silence(table);
        let (reference, against) = reference::read(table);
        let versions = reference::read_versions(table, bounds.limits);
        let segments = table.section("segments", |table| SegmentSettings::read(table, bounds.limits));
        let (features, ignored, statistics) = features::read(table, task, bounds.limits);
        let columns = table.section("columns", |table| ColumnNames::read(table, &features));
        let windows = watch::read_windows(table, &against, bounds.retention);
        let rest =
            outcomes::Rest { task, segments: &segments, windows: &windows, retention: bounds.retention };
        let OutcomeSettings { plan: outcomes, label_ttl } = outcomes::read(table, &rest);
        let retraining = retraining::read(table, bounds.targets);
        let maintenance = maintenance::read(table, outcomes.max_age);
        let technical = table
            .section("kpis", |table| technical::read(table, id.as_ref(), outcomes.primary, bounds.currency));
        let plan = watch::read(table, silence_after, against, windows, statistics, outcomes);
        Some(Self {
            file: places.path().to_owned(),
            places: places.clone(),
            id: id?,
            task: task?,
            positive_class,
            classes,
            clock,
            idle_timeout,
            reference: reference?,
            versions,
            columns,
            features,
            ignored,
            segments,
            tags,
            plan,
            label_ttl,
            retraining,
            maintenance,
            technical,
        })
    }
}

impl SegmentSettings {
    fn read(table: &Table<'_>, limits: &LimitSettings) -> Self {
        let attributes = table.read_if("by", Vec::<String>::new(), |attributes| {
            if attributes.len() as u64 > limits.segment_attributes_max {
                let most = limits.segment_attributes_max;
                return Err(format!(
                    "has {}; at most {most} (limits.segment_attributes_max)",
                    attributes.len()
                ));
            }
            match attributes.iter().find(|name| name.contains(|c: char| c == '=' || c.is_control())) {
                Some(name) => Err(format!("has `{name}`; an attribute has no `=` and no control character")),
                None => Ok(()),
            }
        });
        Self { attributes, full_grid: table.read("full_grid", false) }
    }
}

fn read_classes(table: &Table<'_>) -> Vec<String> {
    let classes = table.optional_if::<Vec<Label>>("classes", |classes| match classes.len() {
        0 | 1 => Err("has fewer than two; name every class, or leave the key out".to_owned()),
        2..=1_000 => Ok(()),
        _ => Err("has more than 1000, the most that can be told apart".to_owned()),
    });
    classes.unwrap_or_default().into_iter().map(|label| label.0).collect()
}

fn refuse_classes_of_other_tasks(table: &Table<'_>, task: Task) {
    if task != Task::Binary && table.has("positive_class") {
        table.error("positive_class", "is for task = \"binary\" only; drop it");
    }
    if task != Task::Multiclass && table.has("classes") {
        table.error("classes", "is for task = \"multiclass\" only; drop it");
    }
}
