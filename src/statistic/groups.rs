//! The few groups that both sides of a column are compared on: deciles of numbers, frequent categories of names.

use crate::sketch::{CategoricalCounts, CategoricalGrid, NumericCounts, NumericGrid};

/// A category is judged by its own from so many rows on that the current side would hold by the reference's share.
const EXPECTED_ROWS_MIN: i128 = 5;

/// Rows per group on both sides. No count is negative (a negative one, which only misuse can make, counts as 0).
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Groups {
    reference: Vec<i64>,
    current: Vec<i64>,
    reference_total: i64,
    current_total: i64,
}

impl Groups {
    /// Groups of these counts, one a place; of both slices the shorter decides.
    pub fn new(reference: &[i64], current: &[i64]) -> Self {
        let mut groups = Self::with_capacity(reference.len().min(current.len()));
        reference.iter().zip(current).for_each(|(&r, &c)| groups.push(r, c));
        groups
    }

    /// The grid's groups: right-closed, parted at the distinct deciles of the grid's reference.
    pub fn of_numbers(grid: &NumericGrid, reference: &NumericCounts, current: &NumericCounts) -> Self {
        let mut groups = Self::with_capacity(10);
        for bins in grid.groups() {
            groups.push(sum(&reference.bins[bins.clone()]), sum(&current.bins[bins]));
        }
        groups
    }

    /// The named categories of which the current side should hold at least 5 rows (reference share × N), and one group
    /// `other` of all the rest: rare ones, the grid's tail and unseen ones. Else sampling noise in many small
    /// categories adds up to drift.
    pub fn of_categories(
        grid: &CategoricalGrid,
        reference: &CategoricalCounts,
        current: &CategoricalCounts,
    ) -> Self {
        let mut other = (sum(&[reference.other, reference.unseen]), sum(&[current.other, current.unseen]));
        let total = sum(&reference.named) + other.0;
        let needed = EXPECTED_ROWS_MIN * i128::from(total);
        let current_total = i128::from(sum(&current.named) + other.1);
        let mut groups = Self::with_capacity(grid.categories().len() + 1);
        for (&r, &c) in reference.named.iter().zip(&current.named) {
            let (r, c) = (r.max(0), c.max(0));
            if i128::from(r) * current_total < needed {
                other = (other.0 + r, other.1 + c);
            } else {
                groups.push(r, c);
            }
        }
        groups.push(other.0, other.1);
        groups
    }

    /// Rows of both sides, group by group.
    pub fn counts(&self) -> impl Iterator<Item = (i64, i64)> + '_ {
        self.reference.iter().copied().zip(self.current.iter().copied())
    }

    /// Shares `(p, q)` of reference and current, group by group; all 0 on an empty side.
    pub fn shares(&self) -> impl Iterator<Item = (f64, f64)> + '_ {
        let (total_r, total_c) = (self.reference_total.max(1) as f64, self.current_total.max(1) as f64);
        self.counts().map(move |(r, c)| (r as f64 / total_r, c as f64 / total_c))
    }

    /// Rows of the reference, R, and of the current side, N.
    pub fn totals(&self) -> (i64, i64) {
        (self.reference_total, self.current_total)
    }

    fn with_capacity(groups: usize) -> Self {
        Self {
            reference: Vec::with_capacity(groups),
            current: Vec::with_capacity(groups),
            reference_total: 0,
            current_total: 0,
        }
    }

    fn push(&mut self, reference: i64, current: i64) {
        let (reference, current) = (reference.max(0), current.max(0));
        self.reference.push(reference);
        self.current.push(current);
        self.reference_total += reference;
        self.current_total += current;
    }
}

/// The sum of the counts that are not negative.
pub(super) fn sum(counts: &[i64]) -> i64 {
    counts.iter().map(|&count| count.max(0)).sum()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn rare_and_unknown_categories_are_one_group() {
        let grid = CategoricalGrid::from_counts([("a", 980), ("b", 10), ("c", 10)]);
        let reference = CategoricalCounts { named: vec![980, 10, 10], ..Default::default() };
        let kept = CategoricalCounts { named: vec![480, 15, 5], ..Default::default() };
        let groups = Groups::of_categories(&grid, &reference, &kept);
        assert_eq!(
            groups,
            Groups::new(&[980, 10, 10, 0], &[480, 15, 5, 0]),
            "a share of 1 % of 500 rows is 5"
        );
        let merged = CategoricalCounts { named: vec![480, 14, 1], unseen: 3, other: 1, ..Default::default() };
        let groups = Groups::of_categories(&grid, &reference, &merged);
        assert_eq!(groups, Groups::new(&[980, 20], &[480, 19]), "below 5 they join");
    }
}
