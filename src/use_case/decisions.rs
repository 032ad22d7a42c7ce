//! Decision dates that come or have passed.

use jiff::civil::Date;
use serde::Serialize;

use super::assess::Assessment;
use super::register::days_between;
use super::scalar::Person;
use crate::kpi::UseCaseId;

/// A decision that wants somebody.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Decision {
    pub use_case: UseCaseId,
    pub owner: Option<Person>,
    pub date: Date,
    #[serde(flatten)]
    pub due: Due,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(tag = "due", rename_all = "snake_case")]
pub enum Due {
    /// Within the days of the reminder; 0 is today.
    Coming {
        in_days: u32,
    },
    Passed {
        days_ago: u32,
    },
}

/// The soonest first, so those that have passed lead.
pub fn decisions(assessments: &[Assessment], today: Date, remind_before_days: u32) -> Vec<Decision> {
    let mut decisions: Vec<Decision> = assessments
        .iter()
        .filter_map(|assessment| {
            let use_case = &assessment.use_case;
            let date = use_case.decision_date?;
            let days = days_between(today, date);
            let due = match days {
                0.. if days.unsigned_abs() <= remind_before_days => {
                    Due::Coming { in_days: days.unsigned_abs() }
                }
                0.. => return None,
                _ => Due::Passed { days_ago: days.unsigned_abs() },
            };
            Some(Decision { use_case: use_case.id.clone(), owner: use_case.owner.clone(), date, due })
        })
        .collect();
    decisions.sort_by(|a, b| (a.date, &a.use_case).cmp(&(b.date, &b.use_case)));
    decisions
}
