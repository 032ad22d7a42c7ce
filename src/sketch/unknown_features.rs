//! Rows with features that the schema does not know.

use super::newcomers::Newcomers;

/// How many rows carry unknown features: exact, a group. Which ones: a hint that only merges.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct UnknownFeatures {
    /// Rows that carry at least one.
    pub rows: i64,
    /// Some of the features, and the rows that carry each.
    pub names: Newcomers,
}

impl UnknownFeatures {
    pub fn add(&mut self, other: &Self) {
        self.rows = self.rows.wrapping_add(other.rows);
        self.names.merge(&other.names);
    }

    /// Takes out rows that were added; the names stay.
    pub fn subtract(&mut self, other: &Self) {
        self.rows = self.rows.wrapping_sub(other.rows);
    }

    pub fn is_empty(&self) -> bool {
        self.rows == 0 && self.names.is_empty() && !self.names.is_truncated()
    }
}
