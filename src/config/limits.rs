//! `[limits]`: how many of each thing there may be.

use super::table::Table;

#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LimitSettings {
    pub models_max: u64,
    pub use_cases_max: u64,
    /// Versions of a model; rows of later ones count as `other`.
    pub versions_max: u64,
    /// Watched columns of a model.
    pub columns_max: u64,
    /// Attributes that a model is segmented by.
    pub segment_attributes_max: u64,
    /// Values of each attribute; later ones count as `other`.
    pub segment_values_max: u64,
    /// Series on `/metrics`.
    pub series_max: u64,
}

impl LimitSettings {
    pub(super) fn read(table: &Table<'_>) -> Self {
        Self {
            models_max: table.read_within("models_max", 500, 1..=10_000),
            use_cases_max: table.read_within("use_cases_max", 200, 1..=1_000),
            versions_max: table.read_within("versions_max", 20, 1..=1_000),
            columns_max: table.read_within("columns_max", 1_000, 1..=10_000),
            segment_attributes_max: table.read_within("segment_attributes_max", 10, 0..=100),
            segment_values_max: table.read_within("segment_values_max", 50, 1..=1_000),
            series_max: table.read_within("series_max", 50_000, 1_000..=1_000_000),
        }
    }
}
