//! One column of a profile's file.

use serde::{Deserialize, Serialize};

use super::entries::Entries;
use super::nulls::{NullText, nulls_text, read_nulls};
use crate::domain::ColumnKind;
use crate::reference::null_window::NullWindowError;
use crate::reference::profile::{ProfileColumn, StoredNull};
use crate::sketch::{
    CategoricalCounts, CategoricalGrid, ColumnCounts, Extremes, FixedPoint, Grid, GridError, Newcomers,
    NumericCounts, NumericGrid, NumericGridParts,
};
use crate::statistic::Statistic;

/// What does not fit in a column.
#[derive(Debug, thiserror::Error, PartialEq, Eq)]
pub enum ColumnError {
    #[error("has a name that begins with `@` and is no derived column")]
    Name,
    #[error("stands among the columns without values too")]
    WithoutValues,
    #[error("needs `numeric` for the kind numeric, `categorical` for the others, and not both")]
    Body,
    #[error("{0}")]
    Grid(#[from] GridError),
    #[error("has the grid {found}, but says {written}: its edges or categories were changed by hand")]
    GridId { found: String, written: String },
    #[error("has {found} {what}; its grid has {expected} bins")]
    Length { what: &'static str, found: usize, expected: usize },
    #[error("has a count below 0")]
    Negative,
    #[error("counts {found} rows, not {expected} as it must")]
    Rows { found: i128, expected: i64 },
    #[error("has more infinite values than its outer bins, or more clamped ones than finite")]
    Infinite,
    #[error("is boolean, but its categories are not `false` and `true`")]
    Boolean,
    #[error("has the hash `{0}` in its tail; 16 hex digits are one")]
    TailHash(String),
    #[error("has nulls of a window that cannot be: {0}")]
    Window(#[from] NullWindowError),
    #[error("has a null of {0} whose windows, mean, variance, textbook_mean and df do not fit together")]
    Null(Statistic),
    #[error("has a null of `{0}`, which is no statistic of its kind")]
    Statistic(String),
    #[error("has the category `{0}`, which its grid does not have")]
    Category(String),
}

#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ColumnText {
    kind: ColumnKind,
    grid_id: String,
    missing: i64,
    wrong_type: i64,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    numeric: Option<NumericText>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    categorical: Option<CategoricalText>,
    /// By window, then statistic.
    #[serde(default, skip_serializing_if = "Entries::is_empty")]
    nulls: Entries<Entries<NullText>>,
}

#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct NumericText {
    #[serde(flatten)]
    grid: GridText,
    counts: Vec<i64>,
    sums: Vec<i128>,
    sum_squares: i128,
    negative_infinite: i64,
    positive_infinite: i64,
    nan: i64,
    clamped: i64,
}

/// A numeric grid alone.
#[derive(Serialize, Deserialize)]
pub(super) struct GridText {
    min: f64,
    max: f64,
    pivot: f64,
    unit_exponent: i32,
    low_edge: u32,
    high_edge: u32,
    group_cuts: Vec<u32>,
    edges: Vec<f64>,
}

#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct CategoricalText {
    categories: Entries<i64>,
    /// Rows of the reference's rarer categories.
    other: i64,
    /// Whether unknown names cannot be told from rare ones.
    open: bool,
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    tail: Vec<String>,
}

impl ColumnText {
    pub fn of(grid: &Grid, counts: &ColumnCounts, kind: ColumnKind, nulls: &[StoredNull]) -> Self {
        let numeric = match (grid, counts) {
            (Grid::Numeric(grid), ColumnCounts::Numeric { counts, .. }) => {
                Some(NumericText::of(grid, counts))
            }
            _ => None,
        };
        let categorical = match (grid, counts) {
            (Grid::Categorical(grid), ColumnCounts::Categorical { counts, .. }) => {
                Some(CategoricalText::of(grid, counts))
            }
            _ => None,
        };
        let missing = match counts {
            ColumnCounts::Numeric { counts, .. } => counts.missing,
            ColumnCounts::Categorical { counts, .. } => counts.missing,
        };
        let wrong_type = counts.wrong_type();
        let grid_id = grid.id().to_string();
        Self { kind, grid_id, missing, wrong_type, numeric, categorical, nulls: nulls_text(nulls) }
    }

    /// The column, checked; `rows` is what its counts must add up to.
    pub fn read(self, rows: i64) -> Result<(Grid, ColumnCounts, ProfileColumn), ColumnError> {
        let kind = self.kind;
        let (grid, counts, all) = match (kind, self.numeric, self.categorical) {
            (ColumnKind::Numeric, Some(text), None) => text.read(self.missing, self.wrong_type)?,
            (ColumnKind::Categorical | ColumnKind::Boolean, None, Some(text)) => {
                text.read(kind, self.missing, self.wrong_type)?
            }
            _ => return Err(ColumnError::Body),
        };
        of_rows(&all, rows)?;
        let found = grid.id().to_string();
        if found != self.grid_id {
            return Err(ColumnError::GridId { found, written: self.grid_id });
        }
        let nulls = read_nulls(self.nulls, kind)?;
        Ok((grid, counts, ProfileColumn { kind, nulls }))
    }
}

impl NumericText {
    fn of(grid: &NumericGrid, counts: &NumericCounts) -> Self {
        Self {
            grid: GridText::of(grid),
            counts: counts.bins.clone(),
            sums: counts.sums.clone(),
            sum_squares: counts.sum_squares,
            negative_infinite: counts.negative_infinite,
            positive_infinite: counts.positive_infinite,
            nan: counts.nan,
            clamped: counts.clamped,
        }
    }

    /// Grid, counts, and the counts that are one a row.
    fn read(self, missing: i64, wrong_type: i64) -> Result<(Grid, ColumnCounts, Vec<i64>), ColumnError> {
        let grid = self.grid.read()?;
        let counts = NumericCounts {
            bins: self.counts,
            sums: self.sums,
            sum_squares: self.sum_squares,
            negative_infinite: self.negative_infinite,
            positive_infinite: self.positive_infinite,
            nan: self.nan,
            missing,
            wrong_type,
            clamped: self.clamped,
        };
        let all = checked(&counts, &grid)?;
        let (min, max) = grid.range();
        let extremes = Extremes { min, max };
        Ok((Grid::Numeric(grid), ColumnCounts::Numeric { counts, extremes }, all))
    }
}

impl GridText {
    pub fn of(grid: &NumericGrid) -> Self {
        let parts = grid.parts().clone();
        Self {
            min: parts.min,
            max: parts.max,
            pivot: parts.scale.pivot,
            unit_exponent: parts.scale.unit_exponent,
            low_edge: parts.low_edge,
            high_edge: parts.high_edge,
            group_cuts: parts.group_cuts,
            edges: parts.edges,
        }
    }

    pub fn read(self) -> Result<NumericGrid, GridError> {
        NumericGrid::from_parts(NumericGridParts {
            edges: self.edges,
            group_cuts: self.group_cuts,
            low_edge: self.low_edge,
            high_edge: self.high_edge,
            min: self.min,
            max: self.max,
            scale: FixedPoint { pivot: self.pivot, unit_exponent: self.unit_exponent },
        })
    }
}

impl CategoricalText {
    fn of(grid: &CategoricalGrid, counts: &CategoricalCounts) -> Self {
        let names = grid.categories().iter().map(|name| name.to_string());
        Self {
            categories: Entries(names.zip(counts.named.iter().copied()).collect()),
            other: counts.other,
            open: grid.is_open(),
            tail: grid.tail().iter().map(|hash| format!("{hash:016x}")).collect(),
        }
    }

    /// Grid, counts, and the counts that are one a row.
    fn read(
        mut self,
        kind: ColumnKind,
        missing: i64,
        wrong_type: i64,
    ) -> Result<(Grid, ColumnCounts, Vec<i64>), ColumnError> {
        let tail = self.tail.into_iter().map(|hash| match u64::from_str_radix(&hash, 16) {
            Ok(number) if hash.len() == 16 => Ok(number),
            _ => Err(ColumnError::TailHash(hash)),
        });
        let tail = tail.collect::<Result<_, _>>()?;
        self.categories.0.sort_by(|a, b| a.0.cmp(&b.0));
        let (names, named): (Vec<Box<str>>, Vec<i64>) =
            self.categories.0.into_iter().map(|(name, count)| (name.into(), count)).unzip();
        let grid = CategoricalGrid::from_parts(names, tail, self.open)?;
        if kind == ColumnKind::Boolean && grid != CategoricalGrid::boolean() {
            return Err(ColumnError::Boolean);
        }
        let mut all = named.clone();
        all.extend([self.other, missing, wrong_type]);
        let counts = CategoricalCounts { named, other: self.other, unseen: 0, missing, wrong_type };
        let counts = ColumnCounts::Categorical { counts, newcomers: Newcomers::default() };
        Ok((Grid::Categorical(grid), counts, all))
    }
}

/// The counts that are one a row, where those read from a file fit their grid and each other.
pub(super) fn checked(counts: &NumericCounts, grid: &NumericGrid) -> Result<Vec<i64>, ColumnError> {
    for (what, found) in [("counts", counts.bins.len()), ("sums", counts.sums.len())] {
        if found != grid.bins() {
            return Err(ColumnError::Length { what, found, expected: grid.bins() });
        }
    }
    let mut all = counts.bins.clone();
    all.extend([counts.nan, counts.missing, counts.wrong_type]);
    let (first, last) = (counts.bins[0], counts.bins[counts.bins.len() - 1]);
    let (low, high) = (counts.negative_infinite, counts.positive_infinite);
    if low < 0 || high < 0 || counts.clamped < 0 || counts.sum_squares < 0 {
        return Err(ColumnError::Negative);
    }
    // Checked in 128 bits, before anything adds them in 64.
    let present: i128 = counts.bins.iter().copied().map(i128::from).sum();
    let infinite = i128::from(low) + i128::from(high);
    if low > first || high > last || i128::from(counts.clamped) > present - infinite {
        return Err(ColumnError::Infinite);
    }
    Ok(all)
}

/// Whether counts that are one a row are of as many rows as they must be.
pub(super) fn of_rows(all: &[i64], rows: i64) -> Result<(), ColumnError> {
    if all.iter().any(|&count| count < 0) {
        return Err(ColumnError::Negative);
    }
    match all.iter().copied().map(i128::from).sum::<i128>() {
        found if found == i128::from(rows) => Ok(()),
        found => Err(ColumnError::Rows { found, expected: rows }),
    }
}
