//! What the pipeline is told, by config or by a test.

use std::collections::{BTreeMap, BTreeSet};
use std::num::NonZeroUsize;
use std::time::Duration;

use super::naming::NameLimits;
use crate::batch::SchemaColumn;
use crate::domain::{ColumnId, IdKey, ModelId, Segment, Task, Timestamp, Version};
use crate::reference::Profile;
use crate::retraining::{MaintenancePlan, RetrainingPlan};
use crate::verdict::MonitoringPlan;
use crate::window::ClockMode;

/// Limits and rhythms of the whole daemon.
#[derive(Debug, Clone)]
pub struct PipelineOptions {
    /// Bodies that wait or are being counted.
    pub queue_bytes_max: usize,
    /// Bodies of one transaction.
    pub commit_bytes: usize,
    pub row_bytes_max: usize,
    /// Rows of one body.
    pub rows_max: usize,
    /// Rows later than the clock by more than this are rejected (models whose clock is live).
    pub too_far_ahead: Duration,
    pub fold_every: Duration,
    pub fold_bytes: usize,
    /// Panes shorter than a day are kept this long, then fold to days; rows older than that are rejected.
    pub keep_panes: Duration,
    /// Panes of a day, and verdicts, are kept this long.
    pub keep_days: Duration,
    pub idempotency_ttl: Duration,
    /// Counts of one model kept in memory.
    pub panes_bytes_max: usize,
    pub columns_max: usize,
    /// Predictions and labels of one model that are held to be joined; past it a share of the ids is left out.
    pub join_slots_max: NonZeroUsize,
    /// What ids are hashed under.
    pub id_key: IdKey,
    pub names: NameLimits,
}

/// What is watched of one model.
#[derive(Debug, Clone)]
pub struct ModelOptions {
    pub id: ModelId,
    pub task: Task,
    /// The positive class of a binary model, where the config names it.
    pub positive_class: Option<Box<str>>,
    /// The classes of a multiclass model, where the config names them.
    pub classes: Vec<Box<str>>,
    /// What the config says of columns; where the reference knows a column too, this goes first.
    pub declared: Vec<SchemaColumn>,
    pub ignored: BTreeSet<ColumnId>,
    /// Columns whose values are never shown.
    pub sensitive: BTreeSet<ColumnId>,
    pub segments: Vec<Box<str>>,
    /// Whether segments are counted on all bins.
    pub full_grid: bool,
    pub clock: ClockMode,
    pub idle_timeout: Duration,
    /// Of its incidents: routes and silences may match them.
    pub tags: BTreeMap<String, String>,
    pub plan: MonitoringPlan,
    pub reference: ReferenceOptions,
    /// How long predictions wait for their label, and labels for their prediction, by event time.
    pub label_ttl: Duration,
    /// When versions were trained, where the config says so.
    pub trained_at: BTreeMap<Version, Timestamp>,
    /// `None` where the model is not retrained by driftd.
    pub retraining: Option<RetrainingPlan>,
    pub maintenance: MaintenancePlan,
}

impl PipelineOptions {
    /// Halves of a model held by default: some 400 MB once there are so many.
    pub const JOIN_SLOTS_MAX: NonZeroUsize = NonZeroUsize::new(10_000_000).expect("it is not 0");
}

impl ModelOptions {
    /// Whether rows are counted by the segment's attribute.
    pub fn watches(&self, segment: &Segment) -> bool {
        match segment {
            Segment::All => true,
            Segment::Slice { attribute, .. } => self.segments.contains(attribute),
        }
    }
}

/// Where a model's grids come from.
#[derive(Debug, Clone)]
pub enum ReferenceOptions {
    Profile(Box<Profile>),
    Learn(LearnOptions),
}

/// Which of the model's own rows become its reference: those of an event-time range.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct LearnOptions {
    /// `None`: from the pane of the earliest row on.
    pub from: Option<Timestamp>,
    pub length: Duration,
    /// Values (rows × columns, those of segments too) kept at most, about: past it every second one is left out, then
    /// every fourth …
    pub values_max: u64,
}

impl LearnOptions {
    /// What is kept of a model by default: some 50 MB.
    pub const VALUES_MAX: u64 = 5_000_000;
}
