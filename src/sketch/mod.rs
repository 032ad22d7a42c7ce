//! Count once, answer everything: rulers frozen from reference data (grids) and integer counts on them.
//!
//! Invariants: counts form a commutative group ([`NumericCounts::add`], [`NumericCounts::subtract`]): any
//! split and order of the same rows gives the same integers. What can only be merged, never taken out
//! (the smallest and largest value), is kept apart in [`Extremes`]. Counts of different grids never meet:
//! who adds has to hold the grid's [`GridId`] and compares it first.

mod fixed_point;

mod numeric_grid;

mod locate;

mod numeric_counts;

mod extremes;

mod count_numbers;

mod categorical_grid;

mod newcomers;

mod unknown_features;

mod categorical_counts;

mod integers;

mod ruler;

mod tally;

mod coarsen;

pub(crate) mod varint;

mod encode;

mod decode;

mod encoded;

pub use categorical_counts::CategoricalCounts;
pub use categorical_grid::{CategoricalGrid, NAME_BYTES_MAX, Place, cut_name};
pub use count_numbers::Located;
pub use decode::DecodeError;
pub use encode::TallyWriter;
pub use encoded::EncodedTally;
pub use extremes::Extremes;
pub use fixed_point::{FixedPoint, mean_and_std_of};
pub use integers::{Integers, Shape};
pub use newcomers::Newcomers;
pub use numeric_counts::{MISSING, NumericCounts, WRONG_TYPE};
pub use numeric_grid::{GridError, NumericGrid, NumericGridParts};
pub use ruler::{Grid, GridId, OutcomesOnRuler, Ruler};
pub use tally::{ColumnCounts, RulerMismatch, Tally};
pub use unknown_features::UnknownFeatures;
