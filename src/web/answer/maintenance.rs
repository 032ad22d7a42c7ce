//! The calendar of what is done for models.

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use crate::domain::{ModelId, Timestamp};
use crate::incident::Role;
use crate::retraining::{Category, Cause, MaintenanceItem, MaintenanceTask, Period};

/// The calendar.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct MaintenanceAnswer {
    /// By model, then by task and period.
    pub items: Vec<MaintenanceItemAnswer>,
    /// When retraining is considered next by each schedule of each model.
    pub next_runs: Vec<NextRun>,
}

/// A task of a model as it stands.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct MaintenanceItemAnswer {
    #[schema(value_type = String)]
    pub model: ModelId,
    /// `preventive_retraining`, `data_refresh`, `non_regression_tests`, `compliance_audit` or `model_age`.
    #[schema(value_type = String)]
    pub task: MaintenanceTask,
    /// `monthly`, `quarterly` or `half_yearly`; `null` of `model_age`.
    #[schema(value_type = Option<String>)]
    pub period: Option<Period>,
    /// `preventive` or `adaptive`.
    #[schema(value_type = String)]
    pub category: Category,
    /// Who must act.
    #[schema(value_type = String)]
    pub role: Role,
    /// `upcoming` (its first whole period has not begun), `done` (in this period), `due` (not yet in it) or `overdue` (a
    /// period ended without it).
    pub standing: String,
    /// `done`: the next is to be done by then.
    #[schema(value_type = String, format = DateTime)]
    pub due_by: Timestamp,
    #[schema(value_type = Option<String>, format = DateTime)]
    pub last_done: Option<Timestamp>,
    /// What was said of it when it was done last.
    pub note: Option<String>,
}

/// A planned run that is to come: a decision is made then.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct NextRun {
    #[schema(value_type = String)]
    pub model: ModelId,
    /// `scheduled`, `monthly` or `quarterly`.
    #[schema(value_type = String)]
    pub cause: Cause,
    #[schema(value_type = String, format = DateTime)]
    pub at: Timestamp,
}

impl MaintenanceItemAnswer {
    pub fn of(model: &ModelId, item: &MaintenanceItem, note: Option<&str>) -> Self {
        Self {
            model: model.clone(),
            task: item.task,
            period: item.period,
            category: item.category,
            role: item.role,
            standing: item.standing.as_str().to_owned(),
            due_by: item.standing.due_by(),
            last_done: item.last_done,
            note: note.map(str::to_owned),
        }
    }
}
