//! car_loan, its labels 30 days late: what NannyML's documentation shows of it, as a model's whole story.

use std::time::Duration;

use driftd::batch::{CodesBuilder, ColumnValues};
use driftd::domain::{ColumnId, Task, Version};
use driftd::performance::Metric;
use driftd::verdict::{CalibrationMoved, Explanation, Kind, Status};

use super::world::{DAILY, DAY, Rows, Scene, World};
use crate::support::distributions::Source;

const ROWS: usize = 50_000;
/// Rows of a pane: 5,000 a day.
const PANE_ROWS: usize = 1_250;
const FEATURES: [&str; 4] = ["car_value", "debt_to_income_ratio", "loan_length", "driver_tenure"];

fn rows(file: &str, labels: &str, [from, to]: [usize; 2]) -> Rows {
    let numbers = |file: &str, column: &str| {
        Source::File { file: file.into(), column: column.into(), rows: [from, to] }.numbers()
    };
    let classes = |file: &str, column: &str| {
        let mut codes = CodesBuilder::default();
        numbers(file, column).iter().for_each(|value| codes.push(if *value == 1.0 { "1" } else { "0" }));
        ColumnValues::Categorical(codes.take())
    };
    let features = FEATURES.map(|name| (ColumnId::feature(name), ColumnValues::Numeric(numbers(file, name))));
    let mut columns = Vec::from(features);
    columns.push((ColumnId::Score, ColumnValues::Numeric(numbers(file, "y_pred_proba"))));
    columns.push((ColumnId::Prediction, classes(file, "y_pred")));
    Rows { columns, labels: Some(classes(labels, "repaid")), region: None, count: to - from }
}

#[test]
fn inputs_move_and_it_shows_and_the_relation_does_not() {
    let reference = rows("car_loan_reference", "car_loan_reference", [0, ROWS]);
    let world = World::new(Task::Binary, reference);
    let mut scene = Scene::new(&world);
    scene.plan.outcomes.label_wait = 30 * DAY;
    let (unnamed, panes) = (Version::unnamed(), (ROWS / PANE_ROWS) as i64);
    let analysis: Vec<Rows> = (0..ROWS / PANE_ROWS)
        .map(|n| rows("car_loan_analysis", "car_loan_labels", [n * PANE_ROWS, (n + 1) * PANE_ROWS]))
        .collect();
    for n in 0..panes + 30 * DAILY {
        if let Some(rows) = analysis.get(n as usize) {
            scene.predict(&unnamed, n, rows);
        }
        let labelled = n - 30 * DAILY;
        if let Some(rows) = usize::try_from(labelled).ok().and_then(|of| analysis.get(of)) {
            scene.label(&unnamed, labelled, rows, Duration::from_secs(30 * 86_400), |_| true);
        }
        scene.close(n);
    }
    // The 25,000th row comes with the 20th pane.
    let moved = 20;
    let opened = scene.news(Kind::Data);
    assert!((moved..moved + DAILY).contains(&opened[0].0), "{opened:?}");
    let estimated = |n: i64| {
        let said = scene.said.iter().find(|said| said.window.end == super::world::at(n + 1)).unwrap();
        *said.verdicts[0].estimated.iter().find(|of| of.metric == Metric::Accuracy).unwrap()
    };
    let rounded = |value: f64| (value * 100.0).round() / 100.0;
    assert_eq!([moved - 1, moved + 3].map(|n| rounded(estimated(n).value.value)), [0.94, 0.91]);

    assert_eq!(scene.news(Kind::Concept), [], "what moved is not the relation");
    for n in moved + 3..panes {
        let outcome = scene.outcome(n);
        let accuracy = outcome.metric(Metric::Accuracy).unwrap();
        assert_eq!(rounded(accuracy.baseline.unwrap()), 0.94);
        let realised = accuracy.realised().unwrap();
        assert!((0.90..0.93).contains(&realised.value), "{n}: {accuracy:?}");
        assert_eq!(outcome.explanation, Explanation::InputsMovedAndItShows, "{n}: {:?}", outcome.concept);
        assert!(outcome.lags.unwrap().median >= 30 * 86_400);
    }
    // Over the last window calibration is off by more than chance, and that is told as what it is.
    let last = scene.outcome(panes - 1);
    assert_eq!(last.concept.calibration, Some(CalibrationMoved::WithTheInputs), "{:?}", last.concept);
    assert_eq!((last.concept.status, last.concept.alarming()), (Status::Warning, None));
    assert_eq!(last.explanation.to_string(), "inputs moved and it shows");
    for n in DAILY - 1..moved {
        let outcome = scene.outcome(n);
        assert_eq!(outcome.explanation, Explanation::NothingMoved, "{n}: {:?}", outcome.concept);
    }
}
