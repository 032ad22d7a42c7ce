//! The cases of `tests/golden/performance.json`.

use std::collections::BTreeMap;
use std::fs;
use std::path::Path;
use std::sync::LazyLock;

use driftd::performance::{Measurement, Metric};
use driftd::sketch::NumericGrid;
use serde::Deserialize;

/// Values by metric; `None` where the metric is not defined.
pub type Values = BTreeMap<String, Option<f64>>;

#[derive(Deserialize)]
pub struct Golden {
    pub binary: Vec<Binary>,
    pub multiclass: Vec<Multiclass>,
    pub regression: Vec<Regression>,
    pub isotonic: Vec<Isotonic>,
    pub car_loan: Vec<CarLoan>,
    pub fairness: Vec<Fairness>,
}

#[derive(Deserialize)]
pub struct Binary {
    pub name: String,
    /// Score, predicted, actual.
    pub rows: Vec<(f64, u8, u8)>,
    pub expected: Values,
    pub roc_auc_error: Option<f64>,
}

#[derive(Deserialize)]
pub struct Multiclass {
    pub name: String,
    pub classes: usize,
    /// Predicted, actual, scores.
    pub rows: Vec<(usize, usize, Vec<f64>)>,
    pub expected: Values,
    pub bootstrap_error: BTreeMap<String, f64>,
    pub estimated: Values,
}

#[derive(Deserialize)]
pub struct Regression {
    pub name: String,
    /// Predicted, actual.
    pub rows: Vec<(f64, f64)>,
    pub expected: Values,
    pub zero_actuals: i64,
    pub residual_quantiles: BTreeMap<i64, f64>,
    pub bootstrap_error: Option<BTreeMap<String, f64>>,
}

#[derive(Deserialize)]
pub struct Isotonic {
    pub name: String,
    pub rows: Vec<(f64, u8)>,
    /// Score, probability.
    pub at: Vec<(f64, f64)>,
}

#[derive(Deserialize)]
#[serde(untagged)]
pub enum CarLoan {
    Calibrator { knots_at: Vec<(f64, f64)> },
    Chunk { nannyml: Values, sampling_error: BTreeMap<String, f64>, realised: Values, raw: Values },
}

#[derive(Deserialize)]
pub struct Fairness {
    pub name: String,
    /// Name and tp, fp, fn, tn.
    pub groups: Vec<(String, [i64; 4])>,
    pub expected: BTreeMap<String, f64>,
}

pub fn golden() -> &'static Golden {
    static READ: LazyLock<Golden> = LazyLock::new(|| {
        let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/golden/performance.json");
        serde_json::from_str(&fs::read_to_string(path).unwrap()).unwrap()
    });
    &READ
}

/// The grid of some values.
pub fn grid_of(values: impl IntoIterator<Item = f64>) -> NumericGrid {
    let mut sorted: Vec<f64> = values.into_iter().collect();
    sorted.sort_by(f64::total_cmp);
    NumericGrid::from_sorted(&sorted).expect("a value makes a grid")
}

/// What is wrong with the measured metrics of a case, each within its own bound plus `tolerance`.
pub fn disagreements(
    case: &str,
    expected: &Values,
    tolerance: f64,
    measure: impl Fn(Metric) -> Measurement,
) -> Vec<String> {
    let mut wrong = Vec::new();
    for (name, want) in expected {
        let metric: Metric = serde_json::from_value(name.as_str().into()).expect("a metric of that name");
        assert_eq!(metric.as_str(), name);
        let got = measure(metric);
        let agrees = match (got, want) {
            (Ok(got), Some(want)) => {
                let slack = got.error_bound + tolerance * want.abs().max(1.0);
                (got.value - want).abs() <= slack
                    && got.interval.low <= got.value + 1e-12
                    && got.value <= got.interval.high + 1e-12
                    && got.std_error >= 0.0
            }
            (Err(_), None) => true,
            _ => false,
        };
        if !agrees {
            wrong.push(format!("{case}, {name}: {got:?} instead of {want:?}"));
        }
    }
    wrong
}
