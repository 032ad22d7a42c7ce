//! What live traffic is compared with: the [`Profile`], frozen from reference data and kept as a text file.
//!
//! A profile holds the ruler, the reference's counts on it, of all rows and of segments where it was asked to, and how
//! far the reference's own windows lie from the rest of it (the nulls). A numeric column without a finite value has no grid: it is left off the ruler and named
//! in [`Profile::without_values`]. A categorical one without a value stays, with no category: whatever comes later
//! is unseen, and statistics that need a reference say `empty_reference`.

mod null;

mod null_window;

mod timeline;

mod window_tests;

mod segments;

mod outcomes;

mod build_outcomes;

mod profile;

mod slices;

mod build;

mod file;

mod like_ids;

mod learnt;

mod learnt_encode;

pub use build::{BuildError, BuildOptions, Builder, ReferenceColumn, build};
pub use file::ProfileTextError;
pub use learnt::{Learnt, LearntColumn, TotalOrder};
pub use learnt_encode::{LearntError, LearntHeader};
pub use like_ids::like_ids;
pub use null::{IidReason, Null, NullKind};
pub use null_window::{NullWindow, NullWindowError};
pub use outcomes::{
    Baseline, NamedClasses, NoYardstick, OutcomeReference, RegressionReference, usual_other, yardstick,
};
pub use profile::{Facts, Profile, ProfileColumn, StoredNull};
pub use segments::{SegmentGrid, SegmentReference, without_extremes};
