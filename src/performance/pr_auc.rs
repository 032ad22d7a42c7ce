//! The area under the precision-recall curve from counts by score bin and class.

use statrs::function::gamma::digamma;

use super::measured::{Interval, Measured, Measurement, Reason, SHARE};
use super::normal::Z_95;
use super::score_bins::ScoreBins;
use crate::sketch::NumericGrid;

/// Average precision, `Σ (R_k − R_(k−1)) P_k` over falling thresholds (scikit-learn's `average_precision_score`).
///
/// 0 … 1; the share of positives for a score that says nothing. Exact where every bin holds one value; in others the raw
/// rows could stand in any order, from all positives first to all negatives first, which gives the error bound. Standard
/// error `√(v(1−v)/P)` and the logit interval of Boyd, Eng and Page (ECML 2013), for v of 0 or 1 the whole range.
pub(super) fn pr_auc(grid: &NumericGrid, bins: &ScoreBins) -> Measurement {
    let [negatives, positives] =
        bins.weights().fold([0.0; 2], |[n, p], [more_n, more_p]| [n + more_n, p + more_p]);
    match [negatives > 0.0, positives > 0.0] {
        [false, false] => return Err(Reason::NoScores),
        [_, false] => return Err(Reason::NoActualPositives),
        _ => {}
    }
    let (mut hits, mut alarms) = (0.0, 0.0);
    let [mut tied, mut best, mut worst] = [0.0; 3];
    for (bin, [n, p]) in bins.weights().enumerate().rev() {
        let together = p * share(hits + p, hits + p + alarms + n);
        tied += together;
        if grid.is_atom(bin) || p <= 0.0 {
            best += together;
            worst += together;
        } else {
            best += one_by_one(hits, alarms, p);
            worst += one_by_one(hits, alarms + n, p);
        }
        hits += p;
        alarms += n;
    }
    let [value, best, worst] = [tied, best, worst].map(|sum| (sum / positives).min(1.0));
    Ok(Measured {
        value,
        std_error: (value * (1.0 - value) / positives).sqrt(),
        interval: logit_interval(value, positives),
        error_bound: (best - value).max(value - worst).max(0.0),
        rows: (negatives + positives) as u64,
    })
}

fn share(part: f64, whole: f64) -> f64 {
    if whole > 0.0 { part / whole } else { 0.0 }
}

/// `Σ (hits + i) / (hits + i + alarms)` over i = 1 … more: precision at each of `more` positives in a row.
fn one_by_one(hits: f64, alarms: f64, more: f64) -> f64 {
    if alarms <= 0.0 {
        return more;
    }
    let ranked = hits + alarms + 1.0;
    more - alarms * (digamma(ranked + more) - digamma(ranked))
}

fn logit_interval(value: f64, positives: f64) -> Interval {
    if value <= 0.0 || value >= 1.0 {
        return Interval { low: SHARE[0], high: SHARE[1] };
    }
    let logit = (value / (1.0 - value)).ln();
    let reach = Z_95 / (positives * value * (1.0 - value)).sqrt();
    let back = |x: f64| 1.0 / (1.0 + (-x).exp());
    Interval { low: back(logit - reach), high: back(logit + reach) }
}
