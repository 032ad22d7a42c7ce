//! How what happened is spread: the prior of each class, or the actual values, against the reference.

use super::measure::Outcomes;
use super::verdict::{ClassShift, LabelShift};
use crate::performance::{Record, Yardstick};
use crate::reference::{Baseline, IidReason, NullKind};
use crate::sketch::{CategoricalCounts, CategoricalGrid, NumericCounts};
use crate::statistic::fisher::two_sided;
use crate::statistic::{Outcome, Pair, Statistic, Thresholds, compute};
use crate::verdict::status::{Severity, Status};

/// The shift of a window's labels; none without a reference, or where either side is too small.
pub(super) fn judge(
    outcomes: &Outcomes<'_>,
    record: &Record,
    min_samples: u64,
    level: f64,
) -> Option<LabelShift> {
    let baseline = outcomes.baseline?;
    let (reference, current) = (reference_of(baseline, outcomes.yardstick), record.actuals());
    let rows = [&reference, &current].map(|side| side.iter().sum::<i64>());
    if rows.iter().any(|rows| ((*rows).max(0) as u64) < min_samples) || reference.len() != current.len() {
        return None;
    }
    let computed: Vec<Outcome> = match outcomes.yardstick {
        Yardstick::Regression(of) => {
            let grid = of.actuals.as_ref()?;
            let side = |bins: &Vec<i64>| NumericCounts { bins: bins.clone(), ..NumericCounts::empty(grid) };
            let (reference, current) = (side(&reference), side(&current));
            compute(&Pair::Numeric { grid, reference: &reference, current: &current }, &[Statistic::Psi])
        }
        _ => {
            let grid = places(reference.len());
            let side = |named: &Vec<i64>| CategoricalCounts {
                named: named.clone(),
                ..CategoricalCounts::empty(&grid)
            };
            let (reference, current) = (side(&reference), side(&current));
            compute(
                &Pair::Categorical { grid: &grid, reference: &reference, current: &current },
                &[Statistic::Psi],
            )
        }
    };
    let computed = computed.first()?.computed()?;
    let null = NullKind::Iid { reason: IidReason::Untested };
    let p_value = computed.test.map_or(1.0, |test| null.p_value(test));
    let Thresholds { warning, .. } = Statistic::Psi.default_thresholds()?;
    let moved = computed.value >= warning && p_value <= level;
    Some(LabelShift {
        // Shown and told of: what it means for the model, concept and model drift say.
        status: Status::from(moved.then_some(Severity::Warning)),
        classes: classes(outcomes.yardstick, &reference, &current, rows),
        psi: computed.value,
        p_value,
    })
}

/// The reference's labels, in the order that the model has its classes in.
fn reference_of(baseline: &Baseline, yardstick: &Yardstick) -> Vec<i64> {
    let counts = baseline.record.actuals();
    let Yardstick::Multiclass(_) = yardstick else { return counts };
    let known = baseline.yardstick.classes();
    let of_class = |class| known.iter().position(|known| *known == class).map_or(0, |at| counts[at]);
    yardstick.classes().into_iter().map(of_class).collect()
}

fn classes(yardstick: &Yardstick, reference: &[i64], current: &[i64], rows: [i64; 2]) -> Vec<ClassShift> {
    let names: Vec<String> = match yardstick {
        Yardstick::Binary(of) => vec![format!("not {}", of.positive()), of.positive().to_owned()],
        Yardstick::Multiclass(_) => yardstick.classes().into_iter().map(str::to_owned).collect(),
        Yardstick::Regression(_) => Vec::new(),
    };
    let shift = |(class, (&r, &c)): (String, (&i64, &i64))| {
        let table = [[c, rows[1] - c], [r, rows[0] - r]].map(|row| row.map(|count| count.max(0) as u64));
        ClassShift {
            class,
            reference: r as f64 / rows[0] as f64,
            current: c as f64 / rows[1] as f64,
            p_value: two_sided(table),
        }
    };
    names.into_iter().zip(reference.iter().zip(current)).map(shift).collect()
}

/// A grid of so many categories: what they are called makes no difference here.
fn places(classes: usize) -> CategoricalGrid {
    let names: Vec<String> = (0..classes).map(|class| format!("{class:04}")).collect();
    CategoricalGrid::from_counts(names.iter().map(|name| (name.as_str(), 1)))
}
