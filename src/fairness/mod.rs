//! Whether a model treats groups alike: rates by group, how far they lie apart, and whether chance can explain it.
//!
//! Everything is a pure function of one confusion table a group. The plain spread of group rates alarms on equal groups
//! whenever they are small, so a breach needs a bound that holds for all pairs of groups at once (Bonferroni).

mod measure;

mod pairs;

mod ratio;

mod difference;

mod assess;

pub use assess::{Assessment, Breach, Emergence, FairnessRule, Skipped, assess};
pub use measure::{FairnessMeasure, GroupRate};
