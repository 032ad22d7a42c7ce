//! Estimated performance: scikit-learn's calibrator, plain algebra, and errors that hold what they say.

use driftd::performance::{
    BinaryExpectation, BinaryOutcomes, BinaryRow, Calibration, ErrorByPrediction, Gap, Interval, Knots,
    Measured, Metric, MulticlassExpectation, MulticlassOutcomes, MulticlassRow, Reason,
    RegressionExpectation, RegressionOutcomes, RegressionRuler, ScoreMap, class_probabilities,
};
use driftd::sketch::{FixedPoint, NumericGrid};
use driftd::verdict::{Estimated, Realised};
use rand::rngs::StdRng;
use rand::{RngExt, SeedableRng};

use super::golden::{disagreements, golden, grid_of};

const SEED: u64 = 4;
/// So many that the calibrator's own error is nothing.
const ENOUGH: u64 = 1 << 40;

#[test]
fn knots_as_far_apart_as_numbers_go_have_a_probability_between_them() {
    let knots = Knots::fit([(-1.7e308, false), (1.7e308, true)].into_iter()).unwrap();
    for (score, want) in [(-1.7e308, 0.0), (-0.85e308, 0.25), (0.0, 0.5), (1.7e308, 1.0), (f64::MAX, 1.0)] {
        let got = knots.at(score);
        assert!((got - want).abs() < 1e-12, "at {score}: {got}");
    }
}

#[test]
fn what_is_infinite_is_not_computable_and_can_be_stored() {
    let sound = Measured {
        value: 1.0,
        std_error: 0.5,
        interval: Interval { low: 0.0, high: 2.0 },
        error_bound: f64::INFINITY,
        rows: 9,
    };
    let interval = Interval { high: f64::INFINITY, ..sound.interval };
    for infinite in [
        Measured { value: f64::INFINITY, ..sound },
        Measured { std_error: f64::NAN, ..sound },
        Measured { interval, ..sound },
    ] {
        assert_eq!(Realised::from(Ok(infinite)), Realised::NotComputable(Reason::OutOfRange));
        assert_eq!(Estimated::from(Ok(infinite)), Estimated::NotComputable(Reason::OutOfRange));
    }
    let stored = serde_json::to_string(&Realised::from(Ok(sound))).unwrap();
    assert_eq!(serde_json::from_str::<Realised>(&stored).unwrap(), Realised::from(Ok(sound)));
}

#[test]
fn knots_are_scikit_learns() {
    for case in &golden().isotonic {
        let knots = Knots::fit(case.rows.iter().map(|&(score, actual)| (score, actual == 1))).unwrap();
        for &(score, want) in &case.at {
            let got = knots.at(score);
            assert!((got - want).abs() < 1e-12, "{} at {score}: {got}, scikit-learn {want}", case.name);
        }
    }
    assert_eq!(Knots::fit(std::iter::empty()), None);
}

#[test]
fn scores_are_calibrated_only_where_that_helps() {
    let mut rng = StdRng::seed_from_u64(SEED);
    let mut rows = |probability: fn(f64) -> f64| -> Vec<(f64, bool)> {
        let mut row = || {
            let score = rng.random::<f64>();
            (score, rng.random::<f64>() < probability(score))
        };
        (0..4000).map(|_| row()).collect()
    };
    let honest = Calibration::fit(&rows(|score| score)).unwrap();
    assert_eq!(honest.map, ScoreMap::AsTheyAre, "seed {SEED}");
    assert_eq!(honest.probability(0.25), Some(0.25));
    assert_eq!([honest.probability(1.5), honest.probability(f64::NAN)], [None, None]);
    let overconfident = Calibration::fit(&rows(|score| 0.3 + 0.4 * score)).unwrap();
    assert!(matches!(overconfident.map, ScoreMap::Isotonic(_)), "seed {SEED}");
    assert!((overconfident.probability(0.9).unwrap() - 0.66).abs() < 0.08);
    assert_eq!(
        overconfident.probability(1.5),
        overconfident.probability(1.0),
        "constant beyond the last knot"
    );
    let logits: Vec<(f64, bool)> = rows(|score| score).iter().map(|row| (row.0 * 8.0 - 4.0, row.1)).collect();
    assert!(matches!(Calibration::fit(&logits).unwrap().map, ScoreMap::Isotonic(_)), "no probabilities");
    assert_eq!(Calibration::fit(&[(0.4, true); 9]).unwrap().map, ScoreMap::AsTheyAre, "one class");
    assert_eq!(Calibration::fit(&[]), None);
    assert_eq!(Calibration::fit(&[(f64::INFINITY, true), (f64::NAN, false)]), None);
}

/// Where labels are drawn from the probabilities, realised lies off the estimate by its standard error, by every metric.
#[test]
fn the_gap_without_concept_drift_is_as_wide_as_its_error() {
    const ROUNDS: usize = 300;
    let mut rng = StdRng::seed_from_u64(SEED);
    let grid = grid_of((0..=100).map(|i| f64::from(i) / 100.0));
    let metrics = [
        Metric::Accuracy,
        Metric::Precision,
        Metric::Recall,
        Metric::F1,
        Metric::Specificity,
        Metric::RocAuc,
    ];
    let mut squares = [0.0; 7];
    for _ in 0..ROUNDS {
        let mut outcomes = BinaryOutcomes::empty(Some(&grid));
        let mut expected = BinaryExpectation::empty(Some(&grid));
        for _ in 0..500 {
            let p = f64::from(rng.random_range(0..=100u8)) / 100.0;
            let (predicted, actual) = (p > 0.4, rng.random::<f64>() < p);
            outcomes.count(Some(&grid), BinaryRow { predicted, actual, score: Some(p) }, 1);
            expected.count(Some(&grid), p, p, predicted, 1);
        }
        // A row without a score is in neither side of a gap.
        outcomes.count(Some(&grid), BinaryRow { predicted: true, actual: false, score: None }, 1);
        let gaps = metrics.map(|metric| Gap::of_binary(metric, &outcomes, &expected, Some(&grid), ENOUGH));
        let of_positives = Gap::of_positives(&outcomes, &expected, ENOUGH);
        for (sum, gap) in squares.iter_mut().zip(gaps.into_iter().chain([of_positives])) {
            let gap = gap.unwrap();
            *sum += (gap.value() / gap.std_error).powi(2) / ROUNDS as f64;
        }
    }
    for (spread, name) in squares.iter().zip(metrics.map(Metric::as_str).iter().chain(&["positives"])) {
        // Of 300 squared normals the mean lies within 1 ± 0.25 in all but 0.2 % of draws.
        assert!((spread - 1.0).abs() < 0.25, "{name}: {spread}, seed {SEED}");
    }
}

#[test]
fn the_calibrators_own_rows_widen_the_band() {
    let mut expected = BinaryExpectation::empty(None);
    (0..100).for_each(|_| expected.count(None, 0.8, 0.8, true, 1));
    let error = |rows| expected.estimate(Metric::Accuracy, None, rows).unwrap().std_error;
    // √(p(1−p)·(1/n + 1/n_ref))
    assert!((error(ENOUGH) - (0.16f64 / 100.0).sqrt()).abs() < 1e-9);
    assert!((error(50) - (0.16f64 * (0.01 + 0.02)).sqrt()).abs() < 1e-9);
}

#[test]
fn multiclass_estimates_agree_with_the_algebra() {
    for case in &golden().multiclass {
        let grids: Vec<Option<NumericGrid>> =
            (0..case.classes).map(|class| Some(grid_of(case.rows.iter().map(|row| row.2[class])))).collect();
        let as_they_are = Calibration { map: ScoreMap::AsTheyAre, reference_rows: ENOUGH };
        let calibrations = vec![as_they_are; case.classes];
        let mut expected = MulticlassExpectation::empty(&grids);
        for (predicted, _, scores) in &case.rows {
            let p = class_probabilities(&calibrations, scores).unwrap();
            expected.count(&grids, scores, &p, *predicted, 1);
        }
        let wrong = disagreements(&case.name, &case.estimated, 1e-9, |metric| {
            expected.estimate(metric, &grids, ENOUGH)
        });
        assert!(wrong.is_empty(), "{}", wrong.join("\n"));
        assert!(expected.estimate(Metric::RocAuc, &grids, ENOUGH).unwrap().value > 0.5);
        assert_eq!(expected.estimate(Metric::LogLoss, &grids, ENOUGH).unwrap_err(), Reason::WrongTask);
        assert_eq!(class_probabilities(&calibrations, &[0.5]), None, "a score is missing");
        assert_eq!(class_probabilities(&calibrations, &vec![0.0; case.classes]), None);
    }
}

/// As for two classes; averages over classes state an upper bound of their error.
#[test]
fn the_gap_of_classes_is_no_wider_than_its_error() {
    const ROUNDS: usize = 200;
    let mut rng = StdRng::seed_from_u64(SEED);
    let grids = vec![Some(grid_of((0..=100).map(|i| f64::from(i) / 100.0))); 3];
    let mut squares = [0.0; 3];
    for _ in 0..ROUNDS {
        let mut outcomes = MulticlassOutcomes::empty(&grids);
        let mut expected = MulticlassExpectation::empty(&grids);
        for _ in 0..400 {
            let weights: [f64; 3] = std::array::from_fn(|_| rng.random::<f64>().powi(3));
            let p = weights.map(|weight| weight / weights.iter().sum::<f64>());
            let predicted = (0..3).max_by(|&a, &b| p[a].total_cmp(&p[b])).unwrap();
            let drawn = rng.random::<f64>();
            let actual = usize::from(drawn > p[0]) + usize::from(drawn > p[0] + p[1]);
            outcomes.count(&grids, MulticlassRow { predicted, actual, scores: &p }, 1);
            expected.count(&grids, &p, &p, predicted, 1);
        }
        outcomes.count(&grids, MulticlassRow { predicted: 0, actual: 1, scores: &[] }, 1);
        let metrics = [Metric::Accuracy, Metric::F1Macro, Metric::RocAuc];
        for (sum, metric) in squares.iter_mut().zip(metrics) {
            let gap = Gap::of_multiclass(metric, &outcomes, &expected, &grids, ENOUGH).unwrap();
            *sum += (gap.value() / gap.std_error).powi(2) / ROUNDS as f64;
        }
    }
    assert!((squares[0] - 1.0).abs() < 0.3, "accuracy: {squares:?}, seed {SEED}");
    assert!(squares[1..].iter().all(|spread| (0.2..1.2).contains(spread)), "{squares:?}, seed {SEED}");
}

#[test]
fn a_regressions_error_is_expected_from_the_size_of_its_predictions() {
    // Errors of a tenth of the prediction, both ways.
    let reference: Vec<(f64, f64)> =
        (1..=1000).map(f64::from).map(|x| (x, if x % 2.0 == 0.0 { x * 0.9 } else { x * 1.1 })).collect();
    let grid = grid_of(reference.iter().map(|row| row.0));
    let errors = ErrorByPrediction::of_reference(&grid, &reference).unwrap();
    let ruler = RegressionRuler { actual: FixedPoint::for_reference(500.0, 289.0), residuals: None };
    let (mut expected, mut outcomes) =
        (RegressionExpectation::empty(&grid), RegressionOutcomes::empty(&ruler));
    assert_eq!(expected.estimate(Metric::Mae, &errors).unwrap_err(), Reason::NoRows);
    for &(predicted, actual) in &reference[900..] {
        expected.count(&grid, predicted, 1);
        outcomes.count(&ruler, predicted, actual, 1);
    }
    // The mean of 901 … 1000, by ten.
    let estimate = expected.estimate(Metric::Mae, &errors).unwrap();
    assert!((estimate.value - 95.05).abs() < 1e-9, "{estimate:?}");
    // Of 90.1, 90.2 … 100: variance (100² − 1)/12/100, of the rows' own errors and of as many in the reference.
    let variance = 9999.0 / 1200.0;
    assert!((estimate.std_error - (variance * 0.02f64).sqrt()).abs() < 1e-9, "{estimate:?}");
    let gap = Gap::of_regression(Metric::Mae, &outcomes, &expected, &ruler, &errors).unwrap();
    assert!(gap.value().abs() < 1e-6, "{gap:?}");
    assert_eq!(expected.estimate(Metric::Rmse, &errors).unwrap_err(), Reason::NotEstimated);
    outcomes.count(&ruler, 1.0, 1.0, 1);
    let differing = Gap::of_regression(Metric::Mae, &outcomes, &expected, &ruler, &errors);
    assert_eq!(differing.unwrap_err(), Reason::RowsDiffer);
    assert_eq!(ErrorByPrediction::of_reference(&grid, &[]), None);
    let of_one_group = ErrorByPrediction::of_reference(&grid_of([1.0]), &[(1.0, 2.0)]).unwrap();
    assert_eq!(expected.estimate(Metric::Mae, &of_one_group).unwrap_err(), Reason::NoGrid);
}
