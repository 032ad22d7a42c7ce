//! From all bins to the groups only: counts on a ruler become those on its coarse one, without the rows.

use super::integers::Integers;
use super::numeric_counts::NumericCounts;
use super::numeric_grid::NumericGrid;
use super::ruler::{Grid, Ruler};
use super::tally::{ColumnCounts, RulerMismatch, Tally};

impl Tally {
    /// The same rows counted on [`Ruler::coarse`] of `ruler`, on which these counts lie: exact, since every edge of
    /// a coarse grid is one of the fine grid's. `coarse` is that ruler. Outcomes are left out: who gave them their meaning
    /// coarsens them.
    pub fn coarsened(&self, ruler: &Ruler, coarse: &Ruler) -> Result<Self, RulerMismatch> {
        if self.ruler_id != ruler.id() {
            return Err(RulerMismatch { left: self.ruler_id, right: ruler.id() });
        }
        let grids = ruler.columns().iter().zip(coarse.columns());
        let columns =
            grids.zip(&self.columns).map(|(((_, fine), (_, coarse)), counts)| match (fine, coarse, counts) {
                (Grid::Numeric(fine), Grid::Numeric(coarse), ColumnCounts::Numeric { counts, extremes }) => {
                    ColumnCounts::Numeric { counts: counts.coarsened(fine, coarse), extremes: *extremes }
                }
                (_, _, counts) => counts.clone(),
            });
        let (unknown_features, unknown) = (self.unknown_features.clone(), self.unknown.clone());
        let columns = columns.collect();
        let outcomes = Integers::zero(coarse.outcomes_shape());
        Ok(Self { ruler_id: coarse.id(), rows: self.rows, columns, unknown_features, outcomes, unknown })
    }
}

impl NumericCounts {
    fn coarsened(&self, fine: &NumericGrid, coarse: &NumericGrid) -> Self {
        let empty = Self::empty(coarse);
        let mut sum = Self { bins: empty.bins, sums: empty.sums, ..self.clone() };
        for (bin, (rows, units)) in self.bins.iter().zip(&self.sums).enumerate() {
            let place = match fine.edges().get(bin) {
                Some(&edge) => coarse.bin_of(edge),
                None => coarse.bins() - 1,
            };
            sum.bins[place] += rows;
            sum.sums[place] += units;
        }
        sum
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::batch::{ColumnValues, count_column};
    use crate::domain::ColumnId;

    #[test]
    fn fine_counts_become_those_that_counting_on_the_coarse_ruler_gives() {
        let values: Vec<f64> = (0..2_000).map(|i| f64::from(i * i % 997) / 3.0).collect();
        let mut sorted = values.clone();
        sorted.sort_by(f64::total_cmp);
        let grid = NumericGrid::from_sorted(&sorted).expect("there are values");
        let ruler = Ruler::new([(ColumnId::Score, Grid::Numeric(grid))]);
        let coarse = ruler.coarse();
        let other = ColumnValues::Numeric(
            values
                .iter()
                .map(|v| v * 1.2 - 5.0)
                .chain([f64::INFINITY, f64::NEG_INFINITY, f64::NAN])
                .collect(),
        );
        let tally = |ruler: &Ruler| Tally {
            rows: 2_003,
            columns: vec![count_column(&other, &ruler.columns()[0].1)],
            ..Tally::empty(ruler)
        };
        assert_eq!(tally(&ruler).coarsened(&ruler, &coarse), Ok(tally(&coarse)));
        assert!(tally(&coarse).coarsened(&ruler, &coarse).is_err());
    }
}
