//! What labels, and scores without them, say of a model: its performance, the relation of inputs to target, its age, its
//! fairness; and which drift explains what is seen.

mod plan;

pub use plan::{FairnessPlan, Loss, LossThresholds, OutcomePlan};
