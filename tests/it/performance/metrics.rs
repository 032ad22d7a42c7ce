//! Realised performance against scikit-learn on the raw rows.

use driftd::performance::{
    BinaryOutcomes, BinaryRow, Confusion, Metric, MulticlassOutcomes, MulticlassRow, Reason,
    RegressionOutcomes, RegressionRuler,
};
use driftd::sketch::{FixedPoint, NumericGrid};

use super::golden::{Binary, Regression, disagreements, golden, grid_of};

fn none_wrong(wrong: Vec<String>) {
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

fn binary(case: &Binary) -> (NumericGrid, BinaryOutcomes) {
    let grid = grid_of(case.rows.iter().map(|row| row.0));
    let mut outcomes = BinaryOutcomes::empty(Some(&grid));
    for &(score, predicted, actual) in &case.rows {
        let row = BinaryRow { predicted: predicted == 1, actual: actual == 1, score: Some(score) };
        outcomes.count(Some(&grid), row, 1);
    }
    (grid, outcomes)
}

fn regression(case: &Regression) -> (RegressionRuler, RegressionOutcomes) {
    let actuals: Vec<f64> = case.rows.iter().map(|row| row.1).collect();
    let ruler = RegressionRuler {
        actual: grid_of(actuals.iter().copied()).scale(),
        residuals: Some(grid_of(case.rows.iter().map(|(predicted, actual)| predicted - actual))),
    };
    let mut outcomes = RegressionOutcomes::empty(&ruler);
    case.rows.iter().for_each(|&(predicted, actual)| outcomes.count(&ruler, predicted, actual, 1));
    (ruler, outcomes)
}

#[test]
fn binary_metrics_agree_with_scikit_learn() {
    for case in &golden().binary {
        let (grid, outcomes) = binary(case);
        none_wrong(disagreements(&case.name, &case.expected, 1e-9, |metric| {
            outcomes.measure(metric, Some(&grid))
        }));
        if let Some(want) = case.roc_auc_error {
            let auc = outcomes.measure(Metric::RocAuc, Some(&grid)).unwrap();
            let slack = if auc.error_bound > 0.0 { 1e-3 } else { 1e-9 };
            assert!((auc.std_error - want).abs() <= slack, "{}: {auc:?}, DeLong {want}", case.name);
        }
    }
}

#[test]
fn the_grids_bound_of_the_auc_is_needed_and_small() {
    let case = golden().binary.iter().find(|case| case.name.starts_with("smooth")).unwrap();
    let (grid, outcomes) = binary(case);
    for metric in [Metric::RocAuc, Metric::PrAuc] {
        let bound = outcomes.measure(metric, Some(&grid)).unwrap().error_bound;
        assert!(bound > 0.0 && bound < 0.005, "{metric}: {bound}");
    }
}

#[test]
fn what_binary_rows_do_not_tell_has_its_reason() {
    let measure = |rows: &[(bool, bool, Option<f64>)], metric| {
        let grid = grid_of([0.0, 0.5, 1.0]);
        let mut outcomes = BinaryOutcomes::empty(Some(&grid));
        for &(predicted, actual, score) in rows {
            outcomes.count(Some(&grid), BinaryRow { predicted, actual, score }, 1);
        }
        outcomes.measure(metric, Some(&grid)).map(|measured| measured.value)
    };
    for &metric in Metric::of(driftd::domain::Task::Binary) {
        assert_eq!(measure(&[], metric), Err(Reason::NoRows), "{metric}");
    }
    let unscored = [(true, true, None), (false, true, Some(f64::NAN))];
    assert_eq!(measure(&unscored, Metric::RocAuc), Err(Reason::NoScores));
    assert_eq!(measure(&unscored, Metric::Accuracy), Ok(0.5));
    assert_eq!(measure(&unscored, Metric::Specificity), Err(Reason::NoActualNegatives));
    assert_eq!(measure(&unscored, Metric::Mae), Err(Reason::WrongTask));
    let logits = [(true, true, Some(3.0)), (false, false, Some(-2.0))];
    assert_eq!(measure(&logits, Metric::RocAuc), Ok(1.0));
    assert_eq!(measure(&logits, Metric::Brier), Err(Reason::NotProbabilities));
    let negatives = [(false, false, Some(0.1)), (false, false, Some(0.2))];
    assert_eq!(measure(&negatives, Metric::RocAuc), Err(Reason::OneClass));
    assert_eq!(measure(&negatives, Metric::Precision), Err(Reason::NoPredictedPositives));
    assert_eq!(measure(&negatives, Metric::Recall), Err(Reason::NoActualPositives));
    assert_eq!(measure(&negatives, Metric::F1), Err(Reason::NoActualPositives));
    assert_eq!(
        BinaryOutcomes::empty(None).measure(Metric::RocAuc, None).unwrap_err(),
        Reason::NoRows,
        "before the missing grid"
    );
}

#[test]
fn shares_have_wilsons_interval() {
    // statsmodels.stats.proportion.proportion_confint(9, 10, method="wilson"), and of 10 of 10
    let table =
        |right, wrong| Confusion { true_positive: right, false_negative: wrong, ..Confusion::default() };
    let nine = table(9, 1).accuracy().unwrap();
    assert!((nine.interval.low - 0.5958499732047615).abs() < 1e-9, "{nine:?}");
    assert!((nine.interval.high - 0.9821237869049271).abs() < 1e-9, "{nine:?}");
    let all = table(10, 0).accuracy().unwrap();
    assert!((all.interval.low - 0.7224672001371107).abs() < 1e-9, "{all:?}");
    assert_eq!(all.interval.high, 1.0);
    // The delta method of F1, by the error of a share s carried through 2s/(1 + s): the same.
    let f1 = table(9, 1).f1().unwrap();
    let share_error = (0.9f64 * 0.1 / 10.0).sqrt();
    assert!((f1.std_error - share_error * 2.0 / 1.9f64.powi(2)).abs() < 1e-12, "{f1:?}");
}

#[test]
fn multiclass_metrics_agree_with_scikit_learn() {
    for case in &golden().multiclass {
        let grids: Vec<Option<NumericGrid>> =
            (0..case.classes).map(|class| Some(grid_of(case.rows.iter().map(|row| row.2[class])))).collect();
        let mut outcomes = MulticlassOutcomes::empty(&grids);
        for (predicted, actual, scores) in &case.rows {
            let row = MulticlassRow { predicted: *predicted, actual: *actual, scores };
            outcomes.count(&grids, row, 1);
        }
        let measure = |metric| outcomes.measure(metric, &grids);
        none_wrong(disagreements(&case.name, &case.expected, 1e-9, measure));
        for (name, want) in &case.bootstrap_error {
            let metric: Metric = serde_json::from_value(name.as_str().into()).unwrap();
            let got = measure(metric).unwrap().std_error;
            assert!((got / want - 1.0).abs() < 0.2, "{}, {metric}: {got}, bootstrap {want}", case.name);
        }
        assert_eq!(measure(Metric::Recall).unwrap_err(), Reason::WrongTask, "of one class, by one_vs_rest");
        let each: i64 = (0..case.classes).map(|class| outcomes.one_vs_rest(class).actual_positives()).sum();
        assert_eq!(each, case.rows.len() as i64);
    }
    let none = MulticlassOutcomes::empty(&[None, None]);
    for metric in [Metric::Accuracy, Metric::F1Macro, Metric::RocAuc] {
        assert_eq!(none.measure(metric, &[None, None]).unwrap_err(), Reason::NoRows);
    }
}

#[test]
fn regression_metrics_agree_with_scikit_learn() {
    for case in &golden().regression {
        let (ruler, outcomes) = regression(case);
        none_wrong(disagreements(&case.name, &case.expected, 1e-8, |metric| {
            outcomes.measure(metric, &ruler)
        }));
        assert_eq!(outcomes.zero_actuals(), case.zero_actuals, "{}", case.name);
        assert_eq!(outcomes.clamped(), 0, "{}", case.name);
        for (&percent, want) in &case.residual_quantiles {
            let got = outcomes.residual_quantile(&ruler, percent, 100).unwrap();
            assert!((got.value - want).abs() <= got.error_bound + 1e-9, "{}: {got:?}, {want}", case.name);
        }
        for (name, want) in case.bootstrap_error.iter().flatten() {
            let metric: Metric = serde_json::from_value(name.as_str().into()).unwrap();
            let got = outcomes.measure(metric, &ruler).unwrap().std_error;
            assert!((got / want - 1.0).abs() < 0.1, "{}, {metric}: {got}, bootstrap {want}", case.name);
        }
    }
}

#[test]
fn what_regression_rows_do_not_tell_has_its_reason() {
    let ruler = RegressionRuler { actual: FixedPoint::for_reference(0.0, 1.0), residuals: None };
    let mut outcomes = RegressionOutcomes::empty(&ruler);
    assert_eq!(outcomes.measure(Metric::Mae, &ruler).unwrap_err(), Reason::NoRows);
    outcomes.count(&ruler, 1e9, 0.0, 1);
    assert_eq!(outcomes.measure(Metric::Mape, &ruler).unwrap_err(), Reason::OnlyZeroActuals);
    assert_eq!(outcomes.measure(Metric::R2, &ruler).unwrap_err(), Reason::ConstantActuals);
    assert_eq!(outcomes.measure(Metric::F1, &ruler).unwrap_err(), Reason::WrongTask);
    assert_eq!(outcomes.residual_quantile(&ruler, 1, 2).unwrap_err(), Reason::NoGrid);
    assert_eq!(outcomes.clamped(), 1, "past 2^15 standard deviations");
}
