//! Traffic far from its habit: the rows of a pane against those of the same pane of days and weeks before.
//!
//! The habit is the median of the same pane of the same weekday, where at least three weeks are known, else of the
//! same pane of the last seven days. Counts of traffic vary more than Poisson's: how much is measured on the model's
//! own history as the dispersion φ = median(r²) / 0.4549 over its Pearson residuals r = (x − habit)/√habit (0.4549 is
//! the median of χ² with one degree of freedom), at least 1. A count x is then judged as x/φ of a Poisson with mean
//! habit/φ. An alarm needs that and a factor: the habit is missed three-fold (warning) or ten-fold (critical).

use std::collections::BTreeMap;
use std::time::Duration;

use serde::{Deserialize, Serialize};
use statrs::function::gamma::{gamma_lr, gamma_ur};

use super::status::{Severity, Status};
use crate::domain::{Pane, PaneLength, TimeRange, Timestamp};
use crate::statistic::{Reason, Thresholds};

/// Past values that a habit is made of, at least.
const PAST_MIN: usize = 3;
/// How far back history is kept: four weeks, and the pane itself.
const HISTORY: Duration = Duration::from_secs(28 * 86_400);
const DAY: Duration = Duration::from_secs(86_400);
/// Residuals that the dispersion is measured on, at least.
const RESIDUALS_MIN: usize = 24;
/// The median of χ² with one degree of freedom.
const CHI_SQUARE_1_MEDIAN: f64 = 0.454_936;
/// From how many times the habit, or that fraction of it, on.
pub const FACTORS: Thresholds = Thresholds { warning: 3.0, critical: 10.0 };

/// Rows per pane of the last four weeks: at most 673 entries, since panes here are an hour at least.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize)]
pub struct VolumeHistory {
    /// By the pane's start in microseconds: rows, and the habit at that time where there was one.
    panes: BTreeMap<i64, (i64, Option<f64>)>,
}

/// How the rows of one pane lie beside their habit.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct VolumeVerdict {
    pub pane: TimeRange,
    pub status: Status,
    pub rows: i64,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub habit: Option<f64>,
    /// How many times more or fewer rows than the habit (of at least one row).
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub factor: Option<f64>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub p_value: Option<f64>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub reason: Option<Reason>,
}

/// The panes that volume is judged in: the model's own, an hour at least.
pub fn volume_pane(base: PaneLength) -> PaneLength {
    base.max(PaneLength::Hour)
}

impl VolumeHistory {
    /// Judges the rows of a pane at level `alpha`.
    pub fn judge(&self, pane: Pane, rows: i64, alpha: f64) -> VolumeVerdict {
        let range = pane.range();
        let Some(habit) = self.habit(pane) else {
            return VolumeVerdict {
                pane: range,
                status: Status::InsufficientData,
                rows,
                habit: None,
                factor: None,
                p_value: None,
                reason: Some(Reason::NoHistory),
            };
        };
        let (x, usual) = (rows.max(0) as f64, habit.max(1.0));
        let factor = (x.max(1.0) / usual).max(usual / x.max(1.0));
        let p_value = two_sided(x, usual, self.dispersion());
        let effect = match factor {
            factor if factor >= FACTORS.critical => Some(Severity::Critical),
            factor if factor >= FACTORS.warning => Some(Severity::Warning),
            _ => None,
        };
        VolumeVerdict {
            pane: range,
            status: effect.filter(|_| p_value <= alpha).into(),
            rows,
            habit: Some(habit),
            factor: Some(factor),
            p_value: Some(p_value),
            reason: None,
        }
    }

    /// Takes a judged pane in, and drops what is older than four weeks.
    pub fn record(&mut self, verdict: &VolumeVerdict) {
        self.panes.insert(verdict.pane.start.micros(), (verdict.rows, verdict.habit));
        let oldest = verdict.pane.start.saturating_sub(HISTORY).micros();
        self.panes = self.panes.split_off(&oldest);
    }

    /// The end of the newest pane that was judged.
    pub fn last_end(&self, pane: PaneLength) -> Option<Timestamp> {
        let newest = self.panes.keys().next_back()?;
        Some(pane.pane_of(Timestamp::from_micros(*newest)).end())
    }

    /// The longest stretch without rows in the 7 days before `end`, to the pane: `None` where they are not all known.
    pub fn longest_pause(&self, pane: PaneLength, end: Timestamp) -> Option<Duration> {
        let from = end.saturating_sub(7 * DAY);
        let week = self.panes.range(from.micros()..end.micros());
        let known = week.clone().count() as i64 * pane.seconds() >= 7 * 86_400 - pane.seconds();
        let (mut longest, mut run) = (0u32, 0u32);
        for (_, (rows, _)) in week {
            run = if *rows > 0 { 0 } else { run + 1 };
            longest = longest.max(run);
        }
        known.then(|| pane.duration() * (longest + 1))
    }

    fn habit(&self, pane: Pane) -> Option<f64> {
        let at =
            |back: Duration| self.panes.get(&pane.start.saturating_sub(back).micros()).map(|past| past.0);
        let weeks: Vec<i64> = (1..=4).filter_map(|week| at(week * 7 * DAY)).collect();
        let past = match weeks.len() {
            known if known >= PAST_MIN => weeks,
            _ => (1..=7).filter_map(|day| at(day * DAY)).collect(),
        };
        (past.len() >= PAST_MIN).then(|| median(past.into_iter().map(|rows| rows as f64).collect()))
    }

    /// How many times more than Poisson's the counts vary; 1 until two dozen panes had a habit.
    fn dispersion(&self) -> f64 {
        let residuals = self.panes.values().filter_map(|(rows, habit)| {
            let usual = (*habit)?.max(1.0);
            Some((*rows as f64 - usual).powi(2) / usual)
        });
        let residuals: Vec<f64> = residuals.collect();
        match residuals.len() {
            few if few < RESIDUALS_MIN => 1.0,
            _ => (median(residuals) / CHI_SQUARE_1_MEDIAN).max(1.0),
        }
    }
}

/// Twice the smaller tail of a Poisson of mean `mean`/φ at x/φ, the count taken as continuous.
fn two_sided(x: f64, mean: f64, dispersion: f64) -> f64 {
    let (x, mean) = (x / dispersion, mean / dispersion);
    let at_least = if x > 0.0 { gamma_lr(x, mean) } else { 1.0 };
    let at_most = gamma_ur(x + 1.0, mean);
    (2.0 * at_least.min(at_most)).min(1.0)
}

fn median(mut values: Vec<f64>) -> f64 {
    values.sort_unstable_by(f64::total_cmp);
    let middle = values.len() / 2;
    if values.len() % 2 == 1 { values[middle] } else { (values[middle - 1] + values[middle]) / 2.0 }
}

#[cfg(test)]
mod tests {
    use super::*;

    const ALPHA: f64 = 1e-4;

    fn hour(n: i64) -> Pane {
        PaneLength::Hour.pane_of(Timestamp::from_seconds(n * 3_600))
    }

    /// `days` of traffic with a rhythm: 1,000 rows an hour by day, 20 by night, ± 10 %.
    fn history(days: i64) -> VolumeHistory {
        let mut history = VolumeHistory::default();
        for n in 0..days * 24 {
            let usual = if n % 24 < 12 { 1_000 } else { 20 };
            let wobble = [90, 104, 96, 110, 100][(n * n / 7 % 5) as usize];
            let verdict = history.judge(hour(n), usual * wobble / 100, ALPHA);
            history.record(&verdict);
        }
        history
    }

    #[test]
    fn three_days_of_history_are_needed() {
        let first = |days| history(days).judge(hour(days * 24), 1_000, ALPHA);
        assert_eq!(first(2).reason, Some(Reason::NoHistory));
        assert_eq!(first(3).status, Status::Ok);
    }

    #[test]
    fn a_collapse_is_critical_and_the_nightly_low_is_habit() {
        let history = history(14);
        assert_eq!(history.judge(hour(14 * 24), 0, ALPHA).status, Status::Critical);
        assert_eq!(history.judge(hour(14 * 24), 300, ALPHA).status, Status::Warning);
        assert_eq!(history.judge(hour(14 * 24), 5_000, ALPHA).status, Status::Warning);
        assert_eq!(history.judge(hour(14 * 24 + 12), 20, ALPHA).status, Status::Ok);
    }

    #[test]
    fn a_large_factor_of_few_rows_is_chance() {
        let mut history = VolumeHistory::default();
        for n in 0..14 * 24 {
            let verdict = history.judge(hour(n), 2, ALPHA);
            history.record(&verdict);
        }
        let verdict = history.judge(hour(14 * 24), 7, ALPHA);
        assert!(verdict.factor >= Some(3.0));
        assert_eq!(verdict.status, Status::Ok);
    }

    #[test]
    fn traffic_that_always_varies_is_given_room() {
        let mut wild = VolumeHistory::default();
        for n in 0..28 * 24 {
            let rows = [100, 2_000, 400, 900, 50, 1_500, 700][(n / 24 * 5 + n * 3) as usize % 7];
            let verdict = wild.judge(hour(n), rows, ALPHA);
            wild.record(&verdict);
        }
        assert_eq!(wild.judge(hour(28 * 24), 150, ALPHA).status, Status::Ok);
        assert_eq!(history(28).judge(hour(28 * 24), 150, ALPHA).status, Status::Warning);
    }

    #[test]
    fn history_is_bounded() {
        assert_eq!(history(60).panes.len(), 28 * 24 + 1);
    }

    #[test]
    fn pauses_are_known_to_the_pane() {
        let mut history = VolumeHistory::default();
        for n in 0..7 * 24 {
            let verdict = history.judge(hour(n), if (30..35).contains(&n) { 0 } else { 10 }, ALPHA);
            history.record(&verdict);
        }
        let end = hour(7 * 24).start;
        assert_eq!(history.longest_pause(PaneLength::Hour, end), Some(Duration::from_secs(6 * 3_600)));
        assert_eq!(history.longest_pause(PaneLength::Hour, hour(10 * 24).start), None);
    }
}
