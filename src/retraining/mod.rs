//! Retraining that is decided: when it is considered, what is decided and why, what becomes of a run, and the calendar
//! of what has to be done for a model in any case. Pure.
//!
//! [`due`] says what there is to decide; [`decide`] weighs the inputs and triggers or withholds, with every reason; a
//! [`Run`] moves by what its target says ([`Run::answered`]) and by the report of a version.
//!
//! Invariants: an occasion is decided once, a [`RunKey`] is run once (the store's uniqueness, whoever asks); what
//! cannot be asked of a target twice is not sent again once it may have been taken.

mod cause;

mod run_key;

mod schedule;

mod decision;

mod policy;

mod due;

mod run;

mod maintenance;

pub use cause::{Category, Cause, UnknownCategory};
pub use decision::{
    Decision, DecisionId, DecisionIdError, Drifted, Inputs, LabelInputs, LastRun, Order, Ruling, Update,
    Withheld,
};
pub use due::{History, LastDrift, Occasion, due};
pub use maintenance::{
    MaintenanceItem, MaintenancePlan, MaintenanceTask, Period, Standing, UnknownTask, calendar,
};
pub use policy::{RetrainingPlan, Wish, category_of, decide};
pub use run::{Answer, Run, RunState, Sending, TargetName, TargetNameError};
pub use run_key::RunKey;
pub use schedule::{Schedule, ScheduleError};
