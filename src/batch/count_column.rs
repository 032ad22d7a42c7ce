//! From the values of one column to counts on its grid: the only way that rows become counts.

use super::partition::Rows;
use super::placed::PlacedNames;
use super::{Codes, ColumnValues};
use crate::sketch::{CategoricalGrid, ColumnCounts, Extremes, Grid, MISSING, NumericCounts, NumericGrid};

/// Counts a column's values on its grid.
///
/// Values of the other kind than the grid's (a batch that was decoded by another schema) count as of the wrong
/// type, missing ones as missing.
///
/// ```
/// use driftd::batch::{Codes, ColumnValues, count_column};
/// use driftd::sketch::{CategoricalGrid, Grid};
/// let grid = Grid::Categorical(CategoricalGrid::from_counts([("Lyon", 7)]));
/// let names = vec!["Lyon".into(), "Oslo".into()];
/// let counts = count_column(&ColumnValues::Categorical(Codes { codes: vec![0, 0, 1, Codes::MISSING], names }), &grid);
/// assert_eq!((counts.present(), counts.absent()), (3, 1));
/// ```
pub fn count_column(values: &ColumnValues, grid: &Grid) -> ColumnCounts {
    match (values, grid) {
        (ColumnValues::Numeric(values), Grid::Numeric(grid)) => count_numbers(values, grid),
        (ColumnValues::Categorical(codes), Grid::Categorical(grid)) => count_names(codes, grid),
        (ColumnValues::Numeric(values), Grid::Categorical(_)) => {
            let missing = values.iter().filter(|value| value.to_bits() == MISSING.to_bits()).count();
            all_wrong(values.len(), missing, grid)
        }
        (ColumnValues::Categorical(codes), Grid::Numeric(_)) => {
            let missing = codes.codes.iter().filter(|&&code| code == Codes::MISSING).count();
            all_wrong(codes.codes.len(), missing, grid)
        }
    }
}

/// Counts numbers, [`MISSING`] and [`crate::sketch::WRONG_TYPE`] on a numeric grid.
pub fn count_numbers(values: &[f64], grid: &NumericGrid) -> ColumnCounts {
    let mut counts = NumericCounts::empty(grid);
    counts.count(grid, values);
    ColumnCounts::Numeric { counts, extremes: Extremes::of(values) }
}

/// Counts names on a categorical grid; each name's place is looked up once.
pub fn count_names(codes: &Codes, grid: &CategoricalGrid) -> ColumnCounts {
    PlacedNames::of(codes, grid).count(&Rows::All)
}

fn all_wrong(rows: usize, missing: usize, grid: &Grid) -> ColumnCounts {
    let mut all = ColumnCounts::empty(grid);
    let (absent, wrong) = match &mut all {
        ColumnCounts::Numeric { counts, .. } => (&mut counts.missing, &mut counts.wrong_type),
        ColumnCounts::Categorical { counts, .. } => (&mut counts.missing, &mut counts.wrong_type),
    };
    (*absent, *wrong) = (missing as i64, (rows - missing) as i64);
    all
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::sketch::{CategoricalCounts, Newcomers, WRONG_TYPE, cut_name};

    fn categorical(counts: ColumnCounts) -> (CategoricalCounts, Newcomers) {
        match counts {
            ColumnCounts::Categorical { counts, newcomers } => (counts, newcomers),
            ColumnCounts::Numeric { .. } => panic!("a categorical grid gives categorical counts"),
        }
    }

    #[test]
    fn names_go_to_their_places_and_newcomers_are_named() {
        let grid = CategoricalGrid::from_counts([("a", 3), ("b", 1)]);
        let long = "x".repeat(300);
        let names = ["b", "new", "a", "idle", &long].map(Box::from).into();
        let codes = vec![0, 1, 1, 2, Codes::MISSING, Codes::WRONG_TYPE, 4];
        let (counts, newcomers) = categorical(count_names(&Codes { codes, names }, &grid));
        assert_eq!(counts.named, [1, 1]);
        assert_eq!((counts.unseen, counts.missing, counts.wrong_type, counts.other), (3, 1, 1, 0));
        let cut = "x".repeat(256);
        assert_eq!(newcomers.by_count(), [("new", 2), (cut.as_str(), 1)]);
    }

    #[test]
    fn names_that_differ_past_the_cut_are_one_category() {
        let long = ["y".repeat(256) + "1", "y".repeat(256) + "2"].map(Box::<str>::from);
        let grid = CategoricalGrid::from_counts([(cut_name(&long[0]), 2)]);
        let codes = Codes { codes: vec![0, 1], names: long.into() };
        let (counts, _) = categorical(count_names(&codes, &grid));
        assert_eq!(counts.named, [2]);
    }

    #[test]
    fn a_column_of_the_other_kind_is_of_the_wrong_type() {
        let numeric = Grid::Numeric(NumericGrid::from_sorted(&[1.0, 2.0]).expect("there are values"));
        let names = Codes { codes: vec![0, Codes::MISSING], names: vec!["1".into()] };
        let counts = count_column(&ColumnValues::Categorical(names), &numeric);
        assert_eq!((counts.present(), counts.absent(), counts.wrong_type()), (0, 1, 1));
        let grid = Grid::Categorical(CategoricalGrid::from_counts([("1", 1)]));
        let counts = count_column(&ColumnValues::Numeric(vec![1.0, MISSING, WRONG_TYPE, f64::NAN]), &grid);
        assert_eq!((counts.present(), counts.absent(), counts.wrong_type()), (0, 1, 3));
    }
}
