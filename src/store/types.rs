//! The values that cross the store: whole commits in, rows out.

use std::collections::BTreeMap;
use std::fmt;
use std::time::Duration;

use super::{IncidentChanges, JoinState, UnitHalves};
use crate::domain::{ModelId, Pane, Segment, TimeRange, Timestamp, Version};
use crate::kpi::{State, StreamKey};
use crate::sketch::{EncodedTally, GridId};

/// Where a delta is counted.
#[derive(Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct DeltaKey {
    pub model: ModelId,
    pub version: Version,
    pub segment: Segment,
    pub pane: Pane,
}

/// Several requests (or batches of a source) that are made durable together.
#[derive(Debug)]
pub struct IngestCommit {
    pub at: Timestamp,
    pub units: Vec<Unit>,
}

/// One request: it counts wholly or not at all.
#[derive(Debug)]
pub struct Unit {
    pub guard: Guard,
    pub deltas: Vec<(DeltaKey, Delta)>,
    /// What of it waits to be joined.
    pub halves: Vec<UnitHalves>,
    /// What is counted of KPIs.
    pub kpis: Vec<KpiDelta>,
    /// The largest event time that this unit brought, by model and source: watermarks are rebuilt from it.
    pub newest: BTreeMap<(ModelId, String), Timestamp>,
    /// What the sender is told, kept with the key for a retry.
    pub answer: Vec<u8>,
}

/// Counts once the model has a grid; sorted values while its reference is being learnt.
#[derive(Debug, Clone, PartialEq)]
pub enum Delta {
    Counts(EncodedTally),
    /// Encoded [`crate::reference`] multisets; appended, never merged by the store.
    Learning(Vec<u8>),
}

/// What keeps a unit from counting twice.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub enum Guard {
    /// A request without a key: a retry counts again.
    None,
    /// `Idempotency-Key`, within its scope of model (none where the endpoint is of no model) and endpoint.
    Key { model: Option<ModelId>, endpoint: &'static str, key: String, body_hash: [u8; 16] },
    /// A position of a source, to compare and set.
    Position { source: String, expected: Option<i64>, next: i64 },
}

#[derive(Debug)]
pub struct IngestCommitted {
    /// The commit's number, `None` if every unit failed its guard.
    pub sequence: Option<u64>,
    /// One a unit, in the order they were given.
    pub outcomes: Vec<UnitOutcome>,
    /// What was added, summed by key: for the counts in memory.
    pub applied: Vec<(DeltaKey, Delta)>,
    /// The same of KPIs.
    pub kpis: Vec<KpiDelta>,
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub enum UnitOutcome {
    Committed,
    /// The key was committed before with the same body: its answer then.
    Duplicate {
        answer: Vec<u8>,
    },
    /// The key was committed before with another body.
    KeyReused,
    /// The source stands elsewhere.
    PositionMoved {
        current: Option<i64>,
    },
}

/// What was counted of a KPI's stream in one pane.
#[derive(Debug, Clone, PartialEq)]
pub struct KpiDelta {
    pub key: StreamKey,
    /// The largest time of its samples.
    pub newest: Timestamp,
    pub state: State,
}

/// What was judged of KPIs, and what follows for incidents.
#[derive(Debug)]
pub struct KpiCommit {
    /// The number of the state that it was computed from; the new one is the next.
    pub expected_revision: i64,
    /// How far each KPI is judged, encoded by its owner.
    pub state: Vec<u8>,
    pub incidents: IncidentChanges,
}

/// A stored delta.
#[derive(Debug, Clone, PartialEq)]
pub struct DeltaRow {
    pub row: i64,
    pub key: DeltaKey,
    pub body: DeltaBody,
}

/// A delta's bytes, as stored: an [`EncodedTally`]'s or a learning multiset's.
#[derive(Debug, Clone, PartialEq)]
pub enum DeltaBody {
    Counts(Vec<u8>),
    Learning(Vec<u8>),
}

impl DeltaBody {
    pub fn bytes(&self) -> &[u8] {
        match self {
            Self::Counts(bytes) | Self::Learning(bytes) => bytes,
        }
    }
}

/// Rows that become fewer rows.
#[derive(Debug)]
pub struct Fold {
    pub deleted: Vec<i64>,
    pub inserted: Vec<(DeltaKey, DeltaBody)>,
}

/// One evaluation of one model.
#[derive(Debug)]
pub struct EvaluationCommit {
    pub model: ModelId,
    /// The state's number that the evaluation was computed from; the new one is the next.
    pub expected_revision: i64,
    /// The model's evaluation state, encoded by its owner.
    pub state: Vec<u8>,
    pub verdicts: Vec<VerdictRow>,
    /// What the verdicts mean for incidents.
    pub incidents: IncidentChanges,
    /// What the verdicts say of KPIs.
    pub kpis: Vec<KpiDelta>,
}

/// What a verdict is on.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum VerdictSubject {
    /// What came in.
    Data,
    /// What became of it.
    Outcomes,
}

impl VerdictSubject {
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Data => "data",
            Self::Outcomes => "outcomes",
        }
    }
}

/// A verdict as stored: which window, which revision of it, and the verdict encoded by its owner.
#[derive(Debug, Clone, PartialEq)]
pub struct VerdictRow {
    pub subject: VerdictSubject,
    pub window: TimeRange,
    pub revision: u32,
    pub at: Timestamp,
    pub body: Vec<u8>,
}

/// A learnt reference that becomes the model's.
#[derive(Debug)]
pub struct Freeze {
    pub model: ModelId,
    pub ruler_id: GridId,
    /// The profile in its file format.
    pub profile: String,
    /// The learning rows that it was made from: exactly these are deleted.
    pub deleted: Vec<i64>,
    /// The same rows as counts on the new ruler.
    pub inserted: Vec<(DeltaKey, DeltaBody)>,
    pub at: Timestamp,
}

/// What people changed of a model.
#[derive(Debug)]
pub struct ControlCommit {
    pub model: ModelId,
    /// The model's control state, encoded by its owner.
    pub state: Vec<u8>,
    pub audit: AuditRow,
    /// Whether the stored reference and learning rows are dropped: learn anew.
    pub forget_reference: bool,
}

#[derive(Debug, Clone, PartialEq)]
pub struct AuditRow {
    pub at: Timestamp,
    pub actor: String,
    pub action: String,
    pub model: Option<ModelId>,
    pub detail: String,
}

/// What is past its retention.
#[derive(Debug, Clone)]
pub struct Expiry {
    /// Panes of this model that end at or before the time go.
    pub panes_before: Vec<(ModelId, Timestamp)>,
    /// What of this model is being learnt in panes that end at or before the time goes.
    pub learning_before: Vec<(ModelId, Timestamp)>,
    /// Halves of this model that lie before the time go, of those that are joined.
    pub halves_before: Vec<(ModelId, Timestamp)>,
    /// Verdicts, decisions on retraining but for the newest of a model and cause, incidents that were resolved (unless a
    /// regulatory deadline of theirs is not met), and silences that ended.
    pub verdicts_before: Timestamp,
    pub keys_before: Timestamp,
    /// Counts of KPIs in panes that begin before the time go.
    pub kpis_before: Timestamp,
    /// Notifications that were delivered or given up.
    pub notifications_before: Timestamp,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Expired {
    pub deltas: u64,
    /// Rows of the log of halves.
    pub halves: u64,
    pub verdicts: u64,
    pub keys: u64,
    pub incidents: u64,
    pub notifications: u64,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct StoreSize {
    pub database_bytes: u64,
    pub log_bytes: u64,
    pub free_bytes: u64,
    /// Idempotency keys that left before their time since the start, because the index was full.
    pub keys_dropped: u64,
}

/// What the one writer of a store does, by sort: each job is one transaction or a step outside of one.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum JobKind {
    Ingest,
    /// Outcomes of halves that met.
    Join,
    Fold,
    Evaluation,
    /// What happened to incidents beside evaluations.
    Incident,
    /// Claims and marks of notifications.
    Delivery,
    Freeze,
    Control,
    Expiry,
    /// Copies the log into the database, erases it, gives free pages back to the disk.
    Checkpoint,
}

impl JobKind {
    pub const ALL: [Self; 10] = [
        Self::Ingest,
        Self::Join,
        Self::Fold,
        Self::Evaluation,
        Self::Incident,
        Self::Delivery,
        Self::Freeze,
        Self::Control,
        Self::Expiry,
        Self::Checkpoint,
    ];

    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Ingest => "ingest",
            Self::Join => "join",
            Self::Fold => "fold",
            Self::Evaluation => "evaluation",
            Self::Incident => "incident",
            Self::Delivery => "delivery",
            Self::Freeze => "freeze",
            Self::Control => "control",
            Self::Expiry => "expiry",
            Self::Checkpoint => "checkpoint",
        }
    }
}

/// Is told how long each job of the writer took: as long as that, ingest may have waited.
pub trait JobObserver: fmt::Debug + Send + Sync {
    fn done(&self, job: JobKind, took: Duration);
}

/// What the store held when it was opened.
#[derive(Debug, Default)]
pub struct Recovered {
    /// The largest event time by model and source.
    pub newest: BTreeMap<(ModelId, String), Timestamp>,
    pub models: BTreeMap<ModelId, RecoveredModel>,
    pub last_sequence: u64,
}

#[derive(Debug, Default)]
pub struct RecoveredModel {
    /// The evaluation state and its number.
    pub evaluation: Option<(i64, Vec<u8>)>,
    pub control: Option<Vec<u8>>,
    pub join: JoinState,
    /// The learnt profile, in its file format.
    pub profile: Option<String>,
}

/// Why a transaction did not happen.
#[derive(Debug, thiserror::Error)]
pub enum StoreError {
    /// Try again later: nothing was changed.
    #[error("the disk is full, or less than the reserve is left: {0}")]
    Full(String),
    #[error("the store is busy or gone: {0}")]
    Unavailable(String),
    /// Someone else was first: read anew.
    #[error("what this was computed from has changed since: {0}")]
    Conflict(String),
    /// A sync to disk failed: what is durable is no longer known, the process must stop.
    #[error("a sync to disk failed, so it is not known what is durable: {0}")]
    SyncFailed(String),
    #[error("the store holds what this driftd cannot read: {0}")]
    Corrupt(String),
}
