//! Laws of outcomes and expectations: a group, the same bytes for the same rows, whatever their order.

use driftd::performance::{
    BinaryExpectation, BinaryOutcomes, BinaryRow, Group, Knots, Metric, MulticlassExpectation,
    MulticlassOutcomes, MulticlassRow, RegressionExpectation, RegressionOutcomes, RegressionRuler,
};
use driftd::sketch::{Integers, NumericGrid};
use proptest::collection::vec;
use proptest::prelude::*;

use super::golden::grid_of;

fn score_grid() -> NumericGrid {
    grid_of((0..1000).map(|i| f64::from(i) / 999.0))
}

fn class_grids() -> Vec<Option<NumericGrid>> {
    vec![Some(score_grid()), None, Some(score_grid())]
}

fn ruler() -> RegressionRuler {
    RegressionRuler {
        actual: score_grid().scale(),
        residuals: Some(grid_of((0..500).map(|i| f64::from(i) / 250.0 - 1.0))),
    }
}

/// Two numbers and two bits, read as each task needs them; rows counted −1 or 1 times.
type Row = (f64, f64, bool, bool, bool);

fn rows() -> impl Strategy<Value = Vec<Row>> {
    let score = prop_oneof![0.0..1.0f64, Just(0.0), Just(1.0), Just(f64::NAN), -50.0..50.0f64];
    let number = prop_oneof![-3.0..3.0f64, Just(0.0), Just(1e12), Just(-1e-12)];
    vec((score, number, any::<bool>(), any::<bool>(), any::<bool>()), 0..40)
}

fn binary(rows: &[Row]) -> BinaryOutcomes {
    let grid = score_grid();
    let mut state = BinaryOutcomes::empty(Some(&grid));
    for &(score, _, predicted, actual, take) in rows {
        let score = Some(score).filter(|_| !take || predicted);
        state.count(Some(&grid), BinaryRow { predicted, actual, score }, if take { -1 } else { 1 });
    }
    state
}

fn multiclass(rows: &[Row]) -> MulticlassOutcomes {
    let grids = class_grids();
    let mut state = MulticlassOutcomes::empty(&grids);
    for &(score, other, predicted, actual, take) in rows {
        let scores = [score, other, 0.5];
        let row = MulticlassRow {
            predicted: usize::from(predicted),
            actual: 2 * usize::from(actual),
            scores: if take { &[] } else { &scores },
        };
        state.count(&grids, row, 1);
    }
    state
}

fn regression(rows: &[Row]) -> RegressionOutcomes {
    let ruler = ruler();
    let mut state = RegressionOutcomes::empty(&ruler);
    for &(predicted, actual, _, _, take) in rows.iter().filter(|row| !row.0.is_nan()) {
        state.count(&ruler, predicted, actual, if take { -1 } else { 1 });
    }
    state
}

fn expected_binary(rows: &[Row]) -> BinaryExpectation {
    let grid = score_grid();
    let mut state = BinaryExpectation::empty(Some(&grid));
    for &(score, _, predicted, _, take) in rows.iter().filter(|row| (0.0..=1.0).contains(&row.0)) {
        state.count(Some(&grid), score, score * score, predicted, if take { -1 } else { 1 });
    }
    state
}

fn expected_multiclass(rows: &[Row]) -> MulticlassExpectation {
    let grids = class_grids();
    let mut state = MulticlassExpectation::empty(&grids);
    for &(score, _, predicted, _, take) in rows.iter().filter(|row| (0.0..=1.0).contains(&row.0)) {
        let (scores, p) = ([score, 1.0, 0.2], [score * 0.5, 0.5, 0.5 - score * 0.5]);
        state.count(&grids, &scores, &p, usize::from(predicted), if take { -1 } else { 1 });
    }
    state
}

fn expected_regression(rows: &[Row]) -> RegressionExpectation {
    let grid = score_grid();
    let mut state = RegressionExpectation::empty(&grid);
    rows.iter().for_each(|row| state.count(&grid, row.1, if row.4 { -1 } else { 1 }));
    state
}

fn laws<S: Group + PartialEq + std::fmt::Debug>(count: impl Fn(&[Row]) -> S, rows: &[Row], cut: usize) {
    let cut = cut.min(rows.len());
    let (empty, whole) = (count(&[]), count(rows));
    let (first, second) = (count(&rows[..cut]), count(&rows[cut..]));
    let sum = |a: &S, b: &S| {
        let mut sum = a.clone();
        sum.add(b);
        sum
    };
    assert_eq!(sum(&first, &second), whole, "any split");
    assert_eq!(sum(&second, &first), whole, "commutes");
    assert_eq!(sum(&sum(&first, &second), &whole), sum(&first, &sum(&second, &whole)), "associates");
    let backwards: Vec<Row> = rows.iter().rev().copied().collect();
    assert_eq!(count(&backwards), whole, "any order");
    let mut without = whole.clone();
    without.subtract(&second);
    assert_eq!(without, first, "subtracting is the inverse");
    without.subtract(&first);
    assert!(without.is_empty() && without == empty);
    let integers = whole.integers();
    assert_eq!(S::of_integers(empty.clone(), &integers).as_ref(), Some(&whole), "round trip");
    assert_eq!(sum(&second, &first).integers(), integers, "equal states, equal integers");
    let longer = Integers::of(integers.counts().chain([0]).collect(), integers.sums().collect());
    assert_eq!(S::of_integers(empty, &longer), None, "of another shape");
}

/// Share of pairs in which the positive comes first; `actuals` by falling score.
fn raw_roc_auc(actuals: &[bool]) -> f64 {
    let positives = actuals.iter().filter(|&&actual| actual).count();
    let before = |at: usize| actuals[..at].iter().filter(|&&actual| actual).count();
    let won: usize = (0..actuals.len()).filter(|&at| !actuals[at]).map(before).sum();
    won as f64 / (positives * (actuals.len() - positives)) as f64
}

/// Mean of the precision at each positive.
fn raw_pr_auc(actuals: &[bool]) -> f64 {
    let places: Vec<usize> = (0..actuals.len()).filter(|&at| actuals[at]).collect();
    let precisions = places.iter().enumerate().map(|(before, at)| (before + 1) as f64 / (at + 1) as f64);
    precisions.sum::<f64>() / places.len() as f64
}

proptest! {
    #[test]
    fn states_are_groups_and_survive_storage(rows in rows(), cut in 0..40usize) {
        laws(binary, &rows, cut);
        laws(multiclass, &rows, cut);
        laws(regression, &rows, cut);
        laws(expected_binary, &rows, cut);
        laws(expected_multiclass, &rows, cut);
        laws(expected_regression, &rows, cut);
    }

    /// Scores of a few bins only, whose order within is lost: the areas of the raw rows lie within the stated bounds.
    #[test]
    fn areas_of_raw_rows_lie_within_the_bounds(rows in vec((0.5..0.52f64, any::<bool>()), 2..60)) {
        let grid = score_grid();
        let mut state = BinaryOutcomes::empty(Some(&grid));
        for &(score, actual) in &rows {
            state.count(Some(&grid), BinaryRow { predicted: true, actual, score: Some(score) }, 1);
        }
        let mut sorted = rows.clone();
        sorted.sort_by(|a, b| b.0.total_cmp(&a.0));
        let actuals: Vec<bool> = sorted.iter().map(|row| row.1).collect();
        for (metric, raw) in [(Metric::RocAuc, raw_roc_auc(&actuals)), (Metric::PrAuc, raw_pr_auc(&actuals))] {
            if let Ok(area) = state.measure(metric, Some(&grid)) {
                prop_assert!((area.value - raw).abs() <= area.error_bound + 1e-12, "{}: {:?}, {}", metric, area, raw);
            }
        }
    }

    #[test]
    fn calibrated_scores_rise_and_stay_probabilities(
        rows in vec(((0..60u8).prop_map(|s| f64::from(s) / 59.0), any::<bool>()), 1..200),
        scores in vec(-1.0..2.0f64, 2..50),
    ) {
        let knots = Knots::fit(rows.iter().copied()).unwrap();
        let mut scores = scores;
        scores.sort_by(f64::total_cmp);
        let probabilities: Vec<f64> = scores.iter().map(|&score| knots.at(score)).collect();
        prop_assert!(probabilities.is_sorted_by(|a, b| *a <= *b + 1e-15));
        prop_assert!(probabilities.iter().all(|p| (0.0..=1.0).contains(p)));
        // Isotonic regression keeps the mean.
        let mean = |of: &dyn Fn(&(f64, bool)) -> f64| rows.iter().map(of).sum::<f64>() / rows.len() as f64;
        let off = mean(&|row| knots.at(row.0)) - mean(&|row| f64::from(u8::from(row.1)));
        prop_assert!(off.abs() < 1e-12, "{off}");
        let stored = serde_json::to_string(&knots).unwrap();
        prop_assert_eq!(serde_json::from_str::<Knots>(&stored).unwrap(), knots);
    }
}

#[test]
fn knots_that_do_not_rise_are_refused() {
    for bad in ["[]", "[[0.1,0.5],[0.1,0.6]]", "[[0.1,0.5],[0.2,0.4]]", "[[0.1,1.5]]", "[[null,0.5]]"] {
        assert!(serde_json::from_str::<Knots>(bad).is_err(), "{bad}");
    }
}
