//! From columns of values to a [`Profile`], one column at a time.
//!
//! Memory beside the column in hand: without timestamps none (numbers are sorted where they lie); with timestamps a
//! sorted copy while the grid is made, then one in order of time where rows do not stand so. With segments a sorted
//! copy too, and the rows of each slice.

use super::build_outcomes::OutcomeRows;
use super::null_window::NullWindow;
use super::outcomes::NoYardstick;
use super::profile::{Facts, Profile, ProfileColumn};
use super::segments::SegmentGrid;
use super::slices::Slices;
use super::timeline::Timeline;
use super::window_tests;
use crate::batch::{Codes, ColumnValues, count_names, count_numbers};
use crate::domain::{ColumnId, ColumnKind, ModelId, Task, Timestamp};
use crate::sketch::{CategoricalGrid, ColumnCounts, Grid, NumericGrid, Ruler, Tally, cut_name};

/// Most rows of a reference.
const ROWS_MAX: usize = u32::MAX as usize;

/// What a profile is made for.
#[derive(Debug, Clone)]
pub struct BuildOptions {
    pub model: ModelId,
    pub task: Option<Task>,
    /// The windows that the model is judged over: nulls are measured on each.
    pub windows: Vec<NullWindow>,
}

/// One column of reference data. Booleans are the names `true` and `false`.
#[derive(Debug, Clone)]
pub struct ReferenceColumn {
    pub id: ColumnId,
    pub kind: ColumnKind,
    pub values: ColumnValues,
}

/// Why columns are no reference.
#[derive(Debug, Clone, thiserror::Error, PartialEq, Eq)]
pub enum BuildError {
    #[error("the reference has no rows")]
    NoRows,
    #[error("the reference has {rows} rows; at most {ROWS_MAX} are possible")]
    TooManyRows { rows: usize },
    #[error("the reference has no columns")]
    NoColumns,
    #[error("{what} has {found} values; the reference has {rows} rows")]
    RowCount { what: String, found: usize, rows: usize },
    #[error("column `{0}` was given twice")]
    Twice(ColumnId),
    #[error("column `{column}` is {kind}, but its values are not")]
    Kind { column: ColumnId, kind: ColumnKind },
    #[error("nothing can be learnt from its labels: {0}")]
    Outcomes(#[from] NoYardstick),
}

impl BuildError {
    /// What would be right, where the positive class is named by `option`; none where the error says it all.
    pub fn remedy(&self, option: &str) -> Option<String> {
        match self {
            Self::Outcomes(why) => why.remedy(option),
            _ => None,
        }
    }
}

/// Makes a profile of columns, given in any order.
pub struct Builder {
    facts: Facts,
    rows: usize,
    timeline: Option<Timeline>,
    slices: Slices,
    outcomes: Option<OutcomeRows>,
    built: Vec<Built>,
    without_values: Vec<ColumnId>,
}

struct Built {
    id: ColumnId,
    grid: Grid,
    counts: ColumnCounts,
    /// Those of each slice.
    sliced: Vec<ColumnCounts>,
    column: ProfileColumn,
}

/// Makes a profile of all columns at once; `timestamps`, where there are any, has one entry a row.
pub fn build(
    options: BuildOptions,
    rows: usize,
    timestamps: Option<&[Timestamp]>,
    columns: impl IntoIterator<Item = ReferenceColumn>,
) -> Result<Profile, BuildError> {
    let mut builder = Builder::new(options, rows, timestamps)?;
    for column in columns {
        builder.add(column)?;
    }
    builder.finish()
}

impl Builder {
    pub fn new(
        options: BuildOptions,
        rows: usize,
        timestamps: Option<&[Timestamp]>,
    ) -> Result<Self, BuildError> {
        match rows {
            0 => return Err(BuildError::NoRows),
            rows if rows > ROWS_MAX => return Err(BuildError::TooManyRows { rows }),
            _ => {}
        }
        if let Some(found) = timestamps.map(<[_]>::len).filter(|&found| found != rows) {
            return Err(BuildError::RowCount { what: "the timestamps' column".into(), found, rows });
        }
        let mut windows = options.windows;
        windows.sort_unstable();
        windows.dedup_by_key(|window| window.length());
        let timeline = timestamps.and_then(|at| Timeline::new(at, &windows));
        let facts = Facts {
            model: options.model,
            task: options.task,
            period: timeline.as_ref().map(|timeline| timeline.range),
            driftd_version: env!("CARGO_PKG_VERSION").to_owned(),
        };
        let slices = Slices::default();
        let (built, without_values) = (Vec::new(), Vec::new());
        Ok(Self { facts, rows, timeline, slices, outcomes: None, built, without_values })
    }

    /// Counts each value of these attributes too, at most `values_max` of each by name (the rest as one, `other`): to be
    /// said before any column is added. Each attribute comes with its value of every row.
    pub fn slice_by(
        &mut self,
        grid: SegmentGrid,
        values_max: usize,
        attributes: Vec<(Box<str>, Codes)>,
    ) -> Result<(), BuildError> {
        if let Some((name, codes)) = attributes.iter().find(|(_, codes)| codes.codes.len() != self.rows) {
            let (what, found) = (format!("segment attribute `{name}`"), codes.codes.len());
            return Err(BuildError::RowCount { what, found, rows: self.rows });
        }
        self.slices = Slices::of(grid, values_max, attributes);
        Ok(())
    }

    /// Takes what the rows' labels say of outcomes into the profile too: to be said before any column is added. `positive`:
    /// the positive class of a binary model, where it is not `1` of 0 and 1, or `true`.
    pub fn learn_outcomes(
        &mut self,
        task: Task,
        positive: Option<Box<str>>,
        labels: ColumnValues,
    ) -> Result<(), BuildError> {
        let found = labels.rows();
        if found != self.rows {
            return Err(BuildError::RowCount { what: "the labels' column".into(), found, rows: self.rows });
        }
        self.outcomes = Some(OutcomeRows::new(task, positive, labels));
        Ok(())
    }

    /// Freezes the column's grid, counts it, measures its nulls; the values are dropped.
    pub fn add(&mut self, column: ReferenceColumn) -> Result<(), BuildError> {
        let ReferenceColumn { id, kind, values } = column;
        let found = values.rows();
        if found != self.rows {
            let what = format!("column `{id}`");
            return Err(BuildError::RowCount { what, found, rows: self.rows });
        }
        if self.built.iter().map(|built| &built.id).chain(&self.without_values).any(|known| *known == id) {
            return Err(BuildError::Twice(id));
        }
        if let Some(outcomes) = &mut self.outcomes {
            outcomes.note(&id, &values);
        }
        match (kind, values) {
            (ColumnKind::Numeric, ColumnValues::Numeric(values)) => self.add_numeric(id, values),
            (ColumnKind::Categorical | ColumnKind::Boolean, ColumnValues::Categorical(codes)) => {
                self.add_categorical(id, kind, codes);
            }
            _ => return Err(BuildError::Kind { column: id, kind }),
        }
        Ok(())
    }

    fn add_numeric(&mut self, id: ColumnId, mut values: Vec<f64>) {
        let grid = match self.timeline.is_none() && self.slices.is_empty() {
            true => NumericGrid::from_sorted(sort_finite(&mut values)),
            false => {
                let mut finite: Vec<f64> = values.iter().copied().filter(|v| v.is_finite()).collect();
                NumericGrid::from_sorted(sort_finite(&mut finite))
            }
        };
        let Some(grid) = grid else {
            self.without_values.push(id);
            return;
        };
        let counts = count_numbers(&values, &grid);
        let grid = Grid::Numeric(grid);
        let values = ColumnValues::Numeric(values);
        let sliced = self.slices.count(&values, &grid);
        let nulls = match (&self.timeline, values) {
            (Some(timeline), ColumnValues::Numeric(values)) => {
                window_tests::of_numbers(timeline, timeline.in_order(values), &grid, &counts)
            }
            _ => Vec::new(),
        };
        let column = ProfileColumn { kind: ColumnKind::Numeric, nulls };
        self.built.push(Built { id, grid, counts, sliced, column });
    }

    fn add_categorical(&mut self, id: ColumnId, kind: ColumnKind, mut codes: Codes) {
        let grid = match kind {
            ColumnKind::Boolean => {
                only_booleans(&mut codes);
                CategoricalGrid::boolean()
            }
            _ => grid_of_names(&codes),
        };
        let counts = count_names(&codes, &grid);
        let grid = Grid::Categorical(grid);
        let values = ColumnValues::Categorical(codes);
        let sliced = self.slices.count(&values, &grid);
        let nulls = match (&self.timeline, values, &grid) {
            (Some(timeline), ColumnValues::Categorical(codes), Grid::Categorical(grid)) => {
                let in_order = timeline.in_order(codes.codes);
                window_tests::of_names(timeline, in_order, &codes.names, grid, kind, &counts)
            }
            _ => Vec::new(),
        };
        self.built.push(Built { id, grid, counts, sliced, column: ProfileColumn { kind, nulls } });
    }

    /// The profile of the columns added.
    pub fn finish(mut self) -> Result<Profile, BuildError> {
        if self.built.is_empty() && self.without_values.is_empty() {
            return Err(BuildError::NoColumns);
        }
        self.built.sort_by(|a, b| a.id.cmp(&b.id));
        self.without_values.sort();
        let (mut grids, mut counts, mut columns) = (Vec::new(), Vec::new(), Vec::new());
        let mut sliced = Vec::new();
        for built in self.built {
            grids.push((built.id, built.grid));
            counts.push(built.counts);
            sliced.push(built.sliced);
            columns.push(built.column);
        }
        let ruler = Ruler::new(grids);
        let tally = Tally { rows: self.rows as i64, columns: counts, ..Tally::empty(&ruler) };
        let outcomes = match self.outcomes {
            Some(rows) => match rows.finish(&ruler, &self.slices) {
                // Nothing that naming it would mend: the columns are a reference all the same.
                Err(NoYardstick::NoPredictions | NoYardstick::TooManyClasses { .. }) => None,
                outcomes => outcomes?,
            },
            None => None,
        };
        let segments = self.slices.finish(&ruler, sliced);
        let without_values = self.without_values;
        Ok(Profile { facts: self.facts, ruler, tally, segments, columns, without_values, outcomes })
    }
}

/// Moves the finite values to the front, sorts them there and gives them.
fn sort_finite(values: &mut [f64]) -> &[f64] {
    let mut finite = 0;
    for i in 0..values.len() {
        if values[i].is_finite() {
            values.swap(finite, i);
            finite += 1;
        }
    }
    let sorted = &mut values[..finite];
    sorted.sort_unstable_by(f64::total_cmp);
    sorted
}

/// The grid of the names that occur. Names that are one once cut are one category.
fn grid_of_names(codes: &Codes) -> CategoricalGrid {
    let mut rows_of = vec![0u64; codes.names.len()];
    for &code in &codes.codes {
        if let Some(rows) = rows_of.get_mut(code as usize) {
            *rows += 1;
        }
    }
    let mut by_name = std::collections::HashMap::<&str, u64>::new();
    for (name, rows) in codes.names.iter().zip(rows_of).filter(|(_, rows)| *rows > 0) {
        *by_name.entry(cut_name(name)).or_default() += rows;
    }
    CategoricalGrid::from_counts(by_name)
}

/// Names other than `true` and `false` are of the wrong type in a boolean column.
fn only_booleans(codes: &mut Codes) {
    let boolean: Vec<bool> = codes.names.iter().map(|name| matches!(&**name, "true" | "false")).collect();
    for code in &mut codes.codes {
        if boolean.get(*code as usize) == Some(&false) {
            *code = Codes::WRONG_TYPE;
        }
    }
}
