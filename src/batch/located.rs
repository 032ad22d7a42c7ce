//! A numeric column of a batch, located once for all parts that its rows are counted in.

use std::rc::Rc;

use super::partition::Rows;
use crate::domain::Segment;
use crate::sketch::{ColumnCounts, Extremes, Located, NumericCounts, NumericGrid};

/// Numbers on the grid of all rows and on that of segments.
pub(super) struct LocatedNumbers<'a> {
    values: &'a [f64],
    all: OnGrid<'a>,
    segments: &'a NumericGrid,
    /// Found when the first segment asks.
    on_segments: Option<OnGrid<'a>>,
    gathered: Gathered,
}

struct OnGrid<'a> {
    grid: &'a NumericGrid,
    bins: Vec<u16>,
    units: Rc<Units>,
}

struct Units {
    units: Vec<i64>,
    all_plain: bool,
}

/// The rows of one part, side by side.
#[derive(Default)]
struct Gathered {
    values: Vec<f64>,
    bins: Vec<u16>,
    units: Vec<i64>,
}

impl<'a> LocatedNumbers<'a> {
    pub(super) fn of(values: &'a [f64], all: &'a NumericGrid, segments: &'a NumericGrid) -> Self {
        let all = OnGrid::of(all, values);
        Self { values, all, segments, on_segments: None, gathered: Gathered::default() }
    }

    pub(super) fn count(&mut self, segment: &Segment, rows: &Rows) -> ColumnCounts {
        let on = match segment {
            Segment::All => &self.all,
            Segment::Slice { .. } => {
                self.on_segments.get_or_insert_with(|| self.all.on(self.segments, self.values))
            }
        };
        let Units { units, all_plain } = &*on.units;
        let located = Located { values: self.values, bins: &on.bins, units, all_plain: *all_plain };
        let located = match rows {
            Rows::All => located,
            Rows::Some(rows) => self.gathered.of(rows, located),
        };
        let mut counts = NumericCounts::empty(on.grid);
        counts.count_located(on.grid, located);
        ColumnCounts::Numeric { counts, extremes: Extremes::of(located.values) }
    }
}

impl<'a> OnGrid<'a> {
    fn of(grid: &'a NumericGrid, values: &[f64]) -> Self {
        let (mut bins, mut units) = (vec![0; values.len()], vec![0; values.len()]);
        grid.locate(values, &mut bins);
        let all_plain = grid.scale().whole_units(values, &mut units) == values.len();
        Self { grid, bins, units: Rc::new(Units { units, all_plain }) }
    }

    /// The same values on another grid: without a look at them where its bins are made of whole bins of this one.
    fn on(&self, grid: &'a NumericGrid, values: &[f64]) -> Self {
        match self.grid.bins_on(grid) {
            Some(bin_on) => {
                let bins = self.bins.iter().map(|&bin| bin_on[usize::from(bin)]).collect();
                Self { grid, bins, units: Rc::clone(&self.units) }
            }
            None => Self::of(grid, values),
        }
    }
}

impl Gathered {
    fn of(&mut self, rows: &[u32], all: Located<'_>) -> Located<'_> {
        self.values.clear();
        self.bins.clear();
        self.units.clear();
        let rows = || rows.iter().map(|&row| row as usize);
        self.values.extend(rows().map(|row| all.values[row]));
        self.bins.extend(rows().map(|row| all.bins[row]));
        self.units.extend(rows().map(|row| all.units[row]));
        let Self { values, bins, units } = self;
        Located { values, bins, units, all_plain: all.all_plain }
    }
}
