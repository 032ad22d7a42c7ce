//! The rows of a reference by the values of segment attributes, while it is built.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use super::segments::{SegmentGrid, SegmentReference, without_extremes};
use crate::batch::{Codes, ColumnValues, count_column};
use crate::domain::Segment;
use crate::sketch::{ColumnCounts, Grid, Ruler, Tally};

/// Which rows lie in which segment. Four bytes a row and attribute.
#[derive(Debug, Default)]
pub struct Slices {
    grid: SegmentGrid,
    attributes: BTreeSet<Box<str>>,
    rows: BTreeMap<Segment, Vec<u32>>,
}

impl Slices {
    /// Slices rows by each attribute's values. Past `values_max` values of an attribute those with the fewest rows
    /// share [`Segment::OTHER`]; a row without a value is in no slice of it.
    pub fn of(grid: SegmentGrid, values_max: usize, columns: Vec<(Box<str>, Codes)>) -> Self {
        let mut slices = Self { grid, ..Self::default() };
        for (attribute, codes) in columns {
            let mut rows_of: Vec<Vec<u32>> = vec![Vec::new(); codes.names.len()];
            for (&code, row) in codes.codes.iter().zip(0..) {
                if let Some(rows) = rows_of.get_mut(code as usize) {
                    rows.push(row);
                }
            }
            let mut named: Vec<(Box<str>, Vec<u32>)> = codes.names.into_iter().zip(rows_of).collect();
            named.sort_by(|a, b| b.1.len().cmp(&a.1.len()).then_with(|| a.0.cmp(&b.0)));
            for (place, (name, rows)) in named.into_iter().enumerate().filter(|(_, (_, r))| !r.is_empty()) {
                let value = if place < values_max { name } else { Segment::OTHER.into() };
                let segment = Segment::Slice { attribute: attribute.clone(), value };
                slices.rows.entry(segment).or_default().extend(rows);
            }
            slices.attributes.insert(attribute);
        }
        slices
    }

    /// The rows of each slice.
    pub fn rows(&self) -> impl Iterator<Item = (&Segment, &[u32])> {
        self.rows.iter().map(|(segment, rows)| (segment, &**rows))
    }

    pub fn is_empty(&self) -> bool {
        self.rows.is_empty()
    }

    /// The counts of a column in each slice, in order; `values` as the rows stood, `grid` that of all rows.
    pub fn count(&self, values: &ColumnValues, grid: &Grid) -> Vec<ColumnCounts> {
        let grid = match self.grid {
            SegmentGrid::Groups if !self.is_empty() => &grid.coarse(),
            _ => grid,
        };
        self.rows.values().map(|rows| count_column(&values.select(rows), grid)).collect()
    }

    /// The counts of all columns, each as [`Slices::count`] gave them, in the order of `whole`.
    pub fn finish(self, whole: &Ruler, columns: Vec<Vec<ColumnCounts>>) -> SegmentReference {
        let ruler = self.grid.ruler(whole);
        let mut columns: Vec<_> = columns.into_iter().map(Vec::into_iter).collect();
        let tallies = self.rows.into_iter().map(|(segment, rows)| {
            let columns = columns.iter_mut().filter_map(Iterator::next).collect();
            let tally = Tally { rows: rows.len() as i64, columns, ..Tally::empty(&ruler) };
            (segment, Arc::new(without_extremes(tally)))
        });
        SegmentReference { tallies: tallies.collect(), grid: self.grid, attributes: self.attributes }
    }
}
