//! One column of one segment against one reference: its statistics, its p-value, its effect.

use std::time::Duration;

use serde::{Deserialize, Serialize};

use super::plan::Against;
use super::status::{Severity, Status};
use crate::domain::{ColumnId, Segment};
use crate::reference::{NullKind, Profile};
use crate::statistic::{Caution, Outcome, Pair, Reason, Statistic, Test, Thresholds, compute};

/// A statistic that is judged lends significance from its column; below this share of its warning threshold it no
/// longer keeps an alarm open.
pub const LINGERING_SHARE: f64 = 0.8;
/// An effect keeps an alarm open only while the column's p-value, uncorrected, still hints at a change: with hundreds
/// of categories and a thousand rows the Jensen-Shannon distance of quiet windows lies above 0.1 for good.
const LINGERING_P: f64 = 0.05;

/// One statistic of a column, as judged.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct StatisticVerdict {
    pub statistic: Statistic,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub value: Option<f64>,
    /// Of its own test; through the null measured on the reference where there is one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub p_value: Option<f64>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub error_bound: Option<f64>,
    /// `None`: it informs only.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub thresholds: Option<Thresholds>,
    /// How far its effect goes, significant or not.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub effect: Option<Severity>,
    /// Why there is no value.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub reason: Option<Reason>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub caution: Option<Caution>,
}

/// What is said of one column of one segment against one reference.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct ColumnVerdict {
    pub column: ColumnId,
    pub segment: Segment,
    pub reference: Against,
    pub status: Status,
    pub significant: bool,
    /// min(1, m × the smallest of its statistics' m p-values): what Benjamini-Hochberg was given.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub p_value: Option<f64>,
    /// The worst effect of its statistics.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub effect: Option<Severity>,
    /// Why nothing of it could be judged.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub reason: Option<Reason>,
    pub statistics: Vec<StatisticVerdict>,
    /// What moved, in words, where the column drifted.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub moved: Option<String>,
}

/// What a column is called and set against.
#[derive(Debug, Clone, Copy)]
pub struct ColumnAsked<'a> {
    pub column: &'a ColumnId,
    /// Its place on the ruler.
    pub place: usize,
    pub segment: &'a Segment,
    pub reference: Against,
    pub wanted: &'a [(Statistic, Option<Thresholds>)],
    pub min_samples: u64,
    pub window: Duration,
    pub profile: &'a Profile,
}

/// How many of a column's tests had a null measured on the reference, and how many had not.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct NullsUsed {
    pub measured: u32,
    pub textbook: u32,
}

/// Computes a column's statistics; significance is left open until all columns are known.
pub fn measure_column(asked: ColumnAsked, pair: &Pair, nulls: &mut NullsUsed) -> ColumnVerdict {
    let mut asked_for: Vec<Statistic> = asked.wanted.iter().map(|(statistic, _)| *statistic).collect();
    let lender = lender_lacking(asked.wanted, pair);
    asked_for.extend(lender);
    let outcomes = compute(pair, &asked_for);
    let (mut smallest, mut tests) = (f64::INFINITY, 0u32);
    // Statistics on the same groups share one test.
    let mut known: Option<(NullKind, Test, f64)> = None;
    let mut statistics = Vec::with_capacity(asked.wanted.len());
    for (i, outcome) in outcomes.iter().enumerate() {
        let outcome = enough(outcome, asked.min_samples);
        let statistic = asked_for[i];
        let thresholds = asked.wanted.get(i).and_then(|(_, thresholds)| *thresholds);
        let test = outcome.computed().and_then(|computed| computed.test);
        let p_value = test.map(|test| {
            let null = asked.profile.null(asked.place, asked.window, statistic);
            match null {
                NullKind::Measured(_) => nulls.measured += 1,
                NullKind::Iid { .. } => nulls.textbook += 1,
            }
            let p = match known {
                Some((of, shared, p)) if (of, shared) == (null, test) => p,
                _ => null.p_value(test),
            };
            known = Some((null, test, p));
            p
        });
        let judged = thresholds.is_some() || i >= asked.wanted.len();
        if let Some((p, test)) = p_value.zip(test).filter(|_| judged) {
            smallest = smallest.min(p);
            // Two samples that cannot differ (nothing is missing on either side) were not tested: p is 1 whatever comes.
            tests += u32::from(test != Test::Degenerate);
        }
        if i < asked.wanted.len() {
            statistics.push(statistic_verdict(statistic, thresholds, &outcome, p_value));
        }
    }
    let computed = statistics.iter().any(|s| s.thresholds.is_some() && s.value.is_some());
    let reason = match computed {
        true => None,
        false => statistics.iter().find_map(|s| s.reason),
    };
    ColumnVerdict {
        column: asked.column.clone(),
        segment: asked.segment.clone(),
        reference: asked.reference,
        status: if computed { Status::Ok } else { Status::InsufficientData },
        significant: false,
        p_value: smallest.is_finite().then(|| (f64::from(tests.max(1)) * smallest).min(1.0)),
        effect: statistics.iter().filter_map(|s| s.effect).max(),
        reason,
        statistics,
        moved: None,
    }
}

/// A column that could not be compared at all.
pub fn without_reference(asked: ColumnAsked, reason: Reason) -> ColumnVerdict {
    let statistics = asked.wanted.iter().map(|&(statistic, thresholds)| {
        statistic_verdict(statistic, thresholds, &Outcome::NotComputable(reason), None)
    });
    ColumnVerdict {
        column: asked.column.clone(),
        segment: asked.segment.clone(),
        reference: asked.reference,
        status: Status::InsufficientData,
        significant: false,
        p_value: None,
        effect: None,
        reason: Some(reason),
        statistics: statistics.collect(),
        moved: None,
    }
}

impl ColumnVerdict {
    /// Effect and significance together alarm.
    pub fn conclude(&mut self, largest_rejected: Option<f64>) {
        self.significant = matches!((self.p_value, largest_rejected), (Some(p), Some(limit)) if p <= limit);
        if self.status != Status::InsufficientData {
            self.status = self.effect.filter(|_| self.significant).into();
        }
    }

    /// Whether the column would keep an alarm open: it is significant, or an effect of at least 0.8 × its warning
    /// threshold is left.
    pub fn lingers(&self) -> bool {
        let hinted = self.p_value.is_none_or(|p| p <= LINGERING_P);
        self.significant || (hinted && self.pull() >= LINGERING_SHARE)
    }

    /// The largest effect of its statistics as a multiple of the warning threshold; 0 where there is none.
    pub fn pull(&self) -> f64 {
        self.statistics.iter().map(StatisticVerdict::pull).fold(0.0, f64::max)
    }

    /// The statistic that tells best what moved: the one that stands out most. That values fall out of range follows
    /// from almost every shift, so it is told only where nothing else has an effect.
    pub fn foremost(&self) -> Option<&StatisticVerdict> {
        let telling = |s: &&StatisticVerdict| s.statistic != Statistic::OutOfRangeRate && s.effect.is_some();
        let most = |a: &&StatisticVerdict, b: &&StatisticVerdict| a.pull().total_cmp(&b.pull());
        self.statistics.iter().filter(telling).max_by(most).or_else(|| self.statistics.iter().max_by(most))
    }
}

impl StatisticVerdict {
    fn pull(&self) -> f64 {
        match (self.value, self.thresholds) {
            (Some(value), Some(thresholds)) => self.statistic.effect(value) / thresholds.warning,
            _ => 0.0,
        }
    }
}

/// The test that statistics without one lend from, where the config wants none that tests the distribution.
fn lender_lacking(wanted: &[(Statistic, Option<Thresholds>)], pair: &Pair) -> Option<Statistic> {
    use Statistic::{CramersV, Ks, MissingRate, OutOfRangeRate, Psi, UnseenRate};
    let mut judged = wanted.iter().filter(|(_, thresholds)| thresholds.is_some()).map(|(s, _)| *s);
    let has_test = judged.clone().any(|s| matches!(s, Psi | Ks | CramersV));
    let lends = judged.any(|s| !matches!(s, MissingRate | OutOfRangeRate | UnseenRate));
    (lends && !has_test).then_some(match pair {
        Pair::Numeric { .. } => Ks,
        Pair::Categorical { .. } => CramersV,
    })
}

fn enough(outcome: &Outcome, min_samples: u64) -> Outcome {
    match outcome {
        Outcome::Computed(computed) if computed.n_reference.min(computed.n_current) < min_samples => {
            Outcome::NotComputable(Reason::InsufficientData)
        }
        outcome => *outcome,
    }
}

fn statistic_verdict(
    statistic: Statistic,
    thresholds: Option<Thresholds>,
    outcome: &Outcome,
    p_value: Option<f64>,
) -> StatisticVerdict {
    let (computed, reason) = match outcome {
        Outcome::Computed(computed) => (Some(computed), None),
        Outcome::NotComputable(reason) => (None, Some(*reason)),
    };
    let value = computed.map(|computed| computed.value);
    let effect = value.zip(thresholds).and_then(|(value, thresholds)| {
        let effect = statistic.effect(value);
        match effect {
            effect if effect >= thresholds.critical => Some(Severity::Critical),
            effect if effect >= thresholds.warning => Some(Severity::Warning),
            _ => None,
        }
    });
    let error_bound = computed.and_then(|computed| computed.error_bound);
    let caution = computed.and_then(|computed| computed.caution);
    StatisticVerdict { statistic, value, p_value, error_bound, thresholds, effect, reason, caution }
}
