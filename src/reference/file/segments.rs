//! The counts of segments in a profile's file: without grids, which are those of all rows or follow from them.

use std::collections::BTreeMap;
use std::sync::Arc;

use serde::{Deserialize, Serialize};

use super::column::{ColumnError, checked, of_rows};
use super::entries::Entries;
use crate::domain::Segment;
use crate::reference::segments::{SegmentGrid, SegmentReference};
use crate::sketch::{
    CategoricalCounts, CategoricalGrid, ColumnCounts, Extremes, Grid, Newcomers, NumericCounts, NumericGrid,
    Ruler, Tally,
};

/// What does not fit in the counts of a segment.
#[derive(Debug, thiserror::Error, PartialEq, Eq)]
pub enum SegmentError {
    #[error("has a name that is none: {0}")]
    Name(String),
    #[error("has other columns than the profile")]
    Columns,
    #[error("column `{column}` {reason}")]
    Column { column: String, reason: ColumnError },
    #[error("has {found} rows; a segment that is known has some")]
    Rows { found: i64 },
}

#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct SegmentsText {
    grid: SegmentGrid,
    /// By attribute, then value.
    by: Entries<Entries<SliceText>>,
}

#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct SliceText {
    rows: i64,
    columns: Entries<CountsText>,
}

/// One column's counts. What is 0 is left out.
#[derive(Default, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
struct CountsText {
    #[serde(skip_serializing_if = "is_zero")]
    missing: i64,
    #[serde(skip_serializing_if = "is_zero")]
    wrong_type: i64,
    #[serde(skip_serializing_if = "is_zero")]
    nan: i64,
    #[serde(skip_serializing_if = "is_zero")]
    negative_infinite: i64,
    #[serde(skip_serializing_if = "is_zero")]
    positive_infinite: i64,
    #[serde(skip_serializing_if = "is_zero")]
    clamped: i64,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    counts: Vec<i64>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    sums: Vec<i128>,
    #[serde(skip_serializing_if = "is_none")]
    sum_squares: i128,
    #[serde(skip_serializing_if = "Entries::is_empty")]
    categories: Entries<i64>,
    #[serde(skip_serializing_if = "is_zero")]
    other: i64,
}

fn is_zero(count: &i64) -> bool {
    *count == 0
}

fn is_none(sum: &i128) -> bool {
    *sum == 0
}

impl SegmentsText {
    /// `None` where nothing was sliced. `whole` is the profile's ruler.
    pub fn of(segments: &SegmentReference, whole: &Ruler) -> Option<Self> {
        if segments.attributes.is_empty() {
            return None;
        }
        let of_attribute = |attribute: &str| {
            let slices = segments.tallies.iter().filter_map(|(segment, tally)| match segment {
                Segment::Slice { attribute: of, value } if **of == *attribute => {
                    Some((value.to_string(), SliceText::of(tally, whole)))
                }
                _ => None,
            });
            Entries(slices.collect())
        };
        let by = segments.attributes.iter().map(|name| (name.to_string(), of_attribute(name)));
        Some(Self { grid: segments.grid, by: Entries(by.collect()) })
    }

    /// The counts, checked.
    pub fn read(self, whole: &Ruler) -> Result<SegmentReference, (String, Box<SegmentError>)> {
        let ruler = self.grid.ruler(whole);
        let mut read = SegmentReference { grid: self.grid, ..SegmentReference::default() };
        for (attribute, slices) in self.by.0 {
            for (value, slice) in slices.0 {
                let name = format!("{attribute}={value}");
                let failed = |error| (name.clone(), Box::new(error));
                let segment: Segment = name
                    .parse()
                    .map_err(|error: crate::domain::IdError| failed(SegmentError::Name(error.to_string())))?;
                if slice.rows <= 0 {
                    return Err(failed(SegmentError::Rows { found: slice.rows }));
                }
                let tally = slice.read(&ruler).map_err(failed)?;
                read.tallies.insert(segment, Arc::new(tally));
            }
            read.attributes.insert(attribute.into());
        }
        Ok(read)
    }
}

impl SliceText {
    fn of(tally: &Tally, whole: &Ruler) -> Self {
        let columns = whole.columns().iter().zip(&tally.columns);
        let columns = columns.map(|((id, grid), counts)| (id.to_string(), CountsText::of(grid, counts)));
        Self { rows: tally.rows, columns: Entries(columns.collect()) }
    }

    fn read(self, ruler: &Ruler) -> Result<Tally, SegmentError> {
        let mut texts: BTreeMap<String, CountsText> = self.columns.0.into_iter().collect();
        let mut columns = Vec::with_capacity(ruler.columns().len());
        for (id, grid) in ruler.columns() {
            let column = id.to_string();
            let text = texts.remove(&column).ok_or(SegmentError::Columns)?;
            let failed = |reason| SegmentError::Column { column, reason };
            columns.push(text.read(grid, self.rows).map_err(failed)?);
        }
        match texts.is_empty() {
            true => Ok(Tally { rows: self.rows, columns, ..Tally::empty(ruler) }),
            false => Err(SegmentError::Columns),
        }
    }
}

impl CountsText {
    fn of(grid: &Grid, counts: &ColumnCounts) -> Self {
        match (grid, counts) {
            (_, ColumnCounts::Numeric { counts, .. }) => Self {
                missing: counts.missing,
                wrong_type: counts.wrong_type,
                nan: counts.nan,
                negative_infinite: counts.negative_infinite,
                positive_infinite: counts.positive_infinite,
                clamped: counts.clamped,
                counts: counts.bins.clone(),
                sums: counts.sums.clone(),
                sum_squares: counts.sum_squares,
                ..Self::default()
            },
            (Grid::Categorical(grid), ColumnCounts::Categorical { counts, .. }) => {
                let named = grid.categories().iter().zip(&counts.named).filter(|(_, count)| **count != 0);
                Self {
                    missing: counts.missing,
                    wrong_type: counts.wrong_type,
                    categories: Entries(named.map(|(name, count)| (name.to_string(), *count)).collect()),
                    other: counts.other,
                    ..Self::default()
                }
            }
            (Grid::Numeric(_), ColumnCounts::Categorical { .. }) => {
                unreachable!("counts lie on their grid, so they are of its kind")
            }
        }
    }

    fn read(self, grid: &Grid, rows: i64) -> Result<ColumnCounts, ColumnError> {
        match grid {
            Grid::Numeric(grid) => self.numeric(grid, rows),
            Grid::Categorical(grid) => self.categorical(grid, rows),
        }
    }

    fn numeric(self, grid: &NumericGrid, rows: i64) -> Result<ColumnCounts, ColumnError> {
        if !self.categories.is_empty() || self.other != 0 {
            return Err(ColumnError::Body);
        }
        let counts = NumericCounts {
            bins: self.counts,
            sums: self.sums,
            sum_squares: self.sum_squares,
            negative_infinite: self.negative_infinite,
            positive_infinite: self.positive_infinite,
            nan: self.nan,
            missing: self.missing,
            wrong_type: self.wrong_type,
            clamped: self.clamped,
        };
        of_rows(&checked(&counts, grid)?, rows)?;
        Ok(ColumnCounts::Numeric { counts, extremes: Extremes::NONE })
    }

    fn categorical(self, grid: &CategoricalGrid, rows: i64) -> Result<ColumnCounts, ColumnError> {
        let numeric = [self.nan, self.negative_infinite, self.positive_infinite, self.clamped];
        if numeric != [0; 4] || !self.counts.is_empty() || !self.sums.is_empty() || self.sum_squares != 0 {
            return Err(ColumnError::Body);
        }
        let mut counts = CategoricalCounts::empty(grid);
        for (name, count) in self.categories.0 {
            let place = grid.categories().binary_search_by(|known| (**known).cmp(&name));
            counts.named[place.map_err(|_| ColumnError::Category(name))?] = count;
        }
        (counts.other, counts.missing, counts.wrong_type) = (self.other, self.missing, self.wrong_type);
        let mut all = counts.named.clone();
        all.extend([counts.other, counts.missing, counts.wrong_type]);
        of_rows(&all, rows)?;
        Ok(ColumnCounts::Categorical { counts, newcomers: Newcomers::default() })
    }
}
