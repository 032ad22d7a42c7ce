//! CBPE on car_loan: what NannyML publishes of this data, and what concept drift's rule says of it.

use std::sync::LazyLock;

use driftd::performance::{
    BinaryExpectation, BinaryOutcomes, BinaryRow, Calibration, Concept, ConceptReason, ConceptRule, Gap,
    Inputs, Metric, Primary, ScoreMap,
};
use driftd::sketch::NumericGrid;

use super::golden::{CarLoan, disagreements, golden, grid_of};
use crate::support::distributions::Source;

const ROWS: usize = 50_000;
const CHUNK: usize = 5_000;

struct Row {
    score: f64,
    predicted: bool,
    actual: bool,
}

struct Data {
    reference: Vec<Row>,
    analysis: Vec<Row>,
    grid: NumericGrid,
    calibration: Calibration,
}

static DATA: LazyLock<Data> = LazyLock::new(|| {
    let column = |file: &str, column: &str| {
        let (file, column) = (file.to_owned(), column.to_owned());
        Source::File { file, column, rows: [0, ROWS] }.numbers()
    };
    let rows = |file: &str, labels: &str| -> Vec<Row> {
        let (scores, predicted) = (column(file, "y_pred_proba"), column(file, "y_pred"));
        let each = scores.into_iter().zip(predicted).zip(column(labels, "repaid"));
        each.map(|((score, predicted), actual)| Row {
            score,
            predicted: predicted == 1.0,
            actual: actual == 1.0,
        })
        .collect()
    };
    let reference = rows("car_loan_reference", "car_loan_reference");
    // The labels stand in the order of the analysis rows.
    assert_eq!(column("car_loan_analysis", "id"), column("car_loan_labels", "id"));
    let analysis = rows("car_loan_analysis", "car_loan_labels");
    let grid = grid_of(reference.iter().map(|row| row.score));
    let scored: Vec<_> = reference.iter().map(|row| (row.score, row.actual)).collect();
    let calibration = Calibration::fit(&scored).unwrap();
    Data { reference, analysis, grid, calibration }
});

impl Data {
    fn outcomes(&self, rows: &[Row]) -> BinaryOutcomes {
        let mut outcomes = BinaryOutcomes::empty(Some(&self.grid));
        for &Row { score, predicted, actual } in rows {
            outcomes.count(Some(&self.grid), BinaryRow { predicted, actual, score: Some(score) }, 1);
        }
        outcomes
    }

    fn expected(&self, rows: &[Row], probability: impl Fn(f64) -> f64) -> BinaryExpectation {
        let mut expected = BinaryExpectation::empty(Some(&self.grid));
        for &Row { score, predicted, .. } in rows {
            expected.count(Some(&self.grid), score, probability(score), predicted, 1);
        }
        expected
    }

    fn calibrated(&self, score: f64) -> f64 {
        self.calibration.probability(score).unwrap()
    }
}

#[test]
fn the_calibrator_is_nannymls() {
    let ScoreMap::Isotonic(knots) = &DATA.calibration.map else { panic!("calibration helps here") };
    assert_eq!(DATA.calibration.reference_rows, ROWS as u64);
    let Some(CarLoan::Calibrator { knots_at }) = golden().car_loan.first() else { panic!("comes first") };
    for &(score, want) in knots_at {
        assert!((knots.at(score) - want).abs() < 1e-9, "at {score}: {}, NannyML {want}", knots.at(score));
    }
}

#[test]
fn estimates_and_what_labels_show_are_nannymls() {
    let data = &*DATA;
    let (mut wrong, mut chunks) = (Vec::new(), 0);
    for (case, rows) in golden().car_loan[1..].iter().zip(data.analysis.chunks(CHUNK)) {
        let CarLoan::Chunk { nannyml, sampling_error, realised, raw } = case else { panic!("a chunk") };
        let grid = Some(&data.grid);
        let name = format!("chunk {chunks}");
        let outcomes = data.outcomes(rows);
        wrong.extend(disagreements(&name, realised, 1e-9, |metric| outcomes.measure(metric, grid)));
        let as_they_are = data.expected(rows, |score| score);
        wrong.extend(disagreements(&name, raw, 1e-9, |metric| {
            as_they_are.estimate(metric, grid, ROWS as u64)
        }));
        let calibrated = data.expected(rows, |score| data.calibrated(score));
        let estimate = |metric| calibrated.estimate(metric, grid, ROWS as u64);
        // NannyML rounds the curve of the AUC to 5 digits of a row.
        wrong.extend(disagreements(&name, nannyml, 1e-7, estimate));
        for (metric, theirs) in sampling_error.iter().filter(|(metric, _)| *metric == "accuracy") {
            let ours = estimate(Metric::Accuracy).unwrap().std_error;
            assert!((0.8..1.6).contains(&(ours / theirs)), "{name}, {metric}: {ours}, NannyML {theirs}");
        }
        chunks += 1;
    }
    assert_eq!(chunks, 10);
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

/// Accuracy falls as it was estimated to, while calibration moves: data drift that shows, no concept drift.
#[test]
fn the_shift_is_no_concept_drift() {
    let data = &*DATA;
    let grid = Some(&data.grid);
    let baseline = data.outcomes(&data.reference).measure(Metric::Accuracy, grid).unwrap();
    let shifted = &data.analysis[ROWS / 2..];
    let (outcomes, expected) =
        (data.outcomes(shifted), data.expected(shifted, |score| data.calibrated(score)));
    let gap = Gap::of_binary(Metric::Accuracy, &outcomes, &expected, grid, ROWS as u64).unwrap();
    let rounded = |value: f64| (value * 1000.0).round() / 1000.0;
    assert_eq!([baseline.value, gap.estimated, gap.realised].map(rounded), [0.944, 0.912, 0.916]);
    let of_positives = Gap::of_positives(&outcomes, &expected, ROWS as u64).unwrap();
    let z = of_positives.value() / of_positives.std_error;
    assert!(z.abs() > 5.0, "calibration moves: {z}");
    let primary = Primary {
        gap,
        baseline: baseline.value,
        baseline_std_error: baseline.std_error,
        harm: Metric::Accuracy.harm(),
    };
    let rule = ConceptRule::for_shares(1e-4);
    let verdict = rule.judge(&primary, &[of_positives.p_value_either_way()], Inputs::Moved);
    assert_eq!(verdict.concept, Concept::CalibrationMovedWithInputs, "{verdict:?}");
    assert_eq!(verdict.reasons, [ConceptReason::BelowBaseline, ConceptReason::SecondaryBeyondChance]);
    // The same rows with the relation flipped where the score is high.
    let flipped = shifted.iter().map(|row| Row { actual: row.actual ^ (row.score > 0.9), ..*row });
    let outcomes = data.outcomes(&flipped.collect::<Vec<_>>());
    let gap = Gap::of_binary(Metric::Accuracy, &outcomes, &expected, grid, ROWS as u64).unwrap();
    let verdict = rule.judge(&Primary { gap, ..primary }, &[], Inputs::Still);
    assert_eq!(verdict.concept, Concept::Drifted, "{verdict:?}");
}
