//! From statistics to verdicts and alarms, within a false-alarm budget.
//!
//! The rule: significance is judged once per closed pane, at the level that the budget leaves to it; all columns,
//! segments and references of a version go through one Benjamini-Hochberg; an alarm needs significance and an effect
//! that matters. One alarm at a time for each version and kind. All of it is a function of the plan, the counts and
//! the state it left behind: no clock, no disk.

mod plan;

mod outcome;

mod status;

mod alpha;

mod benjamini_hochberg;

mod column;

mod figures;

mod moved;

mod schema;

mod window_verdict;

mod judge;

mod volume;

mod silence;

mod alarm;

mod controls;

mod results;

mod model_state;

mod evaluation;

mod evidence;

mod compare;

mod evaluate;

mod encode;

pub use alarm::{Alarm, Cause, Evidence, Suppression, Transition, step};
pub use alpha::{data_alpha, volume_alpha};
pub use benjamini_hochberg::largest_rejected;
pub use column::{ColumnVerdict, StatisticVerdict};
pub use controls::{Baseline, Controls, Pause};
pub use encode::StoredError;
pub use evaluate::{
    Counts, Due, Evaluated, Model, Present, due, evaluate_closed, evaluate_silence, provisional, revise,
};
pub use evaluation::{Decision, Evaluation};
pub use figures::{number, percent};
pub use judge::{Side, WindowAsked, judge};
pub use model_state::ModelState;
pub use outcome::*;
pub use plan::{
    Against, Budget, Drift, MonitoringPlan, Shares, SilenceAfter, StatisticChoice, StatisticsPlan, WindowPlan,
};
pub use schema::{SchemaVerdict, judge_schema};
pub use silence::{SilenceVerdict, judge_silence};
pub use status::{Kind, Severity, Status};
pub use volume::{FACTORS as VOLUME_FACTORS, VolumeHistory, VolumeVerdict, volume_pane};
pub use window_verdict::{NullOrigin, ReferenceUsed, Verdict};
