//! A fairness measure of groups: its value, whether it is in breach, and whether the reference was so too.

use serde::{Deserialize, Serialize};

use super::difference;
use super::measure::{FairnessMeasure, GroupRate, Share};
use super::pairs::{Pair, pairs};
use super::ratio::LogRatio;
use crate::performance::{Confusion, Interval, normal_point};

/// What a measure is held to.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct FairnessRule {
    /// Smallest ratio, or largest difference, that is no breach.
    pub limit: f64,
    /// The chance of a false breach in one judgement, over all pairs of groups together.
    pub alpha: f64,
    /// Fewest rows behind a group's rate (of positives for the true positive rate).
    pub min_samples: i64,
}

/// Why a measure has no value.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Skipped {
    /// Fewer than two groups have `min_samples` rows.
    TooFewGroups { left_out: Vec<String> },
    /// No group has a positive prediction: every ratio is 0 by 0.
    NothingSelected { left_out: Vec<String> },
}

/// What a measure says of the groups.
#[derive(Debug, Clone, PartialEq)]
pub struct Assessment {
    /// As fairlearn defines it: largest against smallest rate.
    pub value: f64,
    /// That pair's bound, valid for all pairs at once: the true value lies below `high` of a ratio, above `low` of a difference.
    pub interval: Interval,
    /// The groups of the smallest and the largest rate, and which rate.
    pub lowest: String,
    pub highest: String,
    pub rate: GroupRate,
    pub breach: Breach,
    /// Groups with too few rows, by name.
    pub left_out: Vec<String>,
}

/// Whether groups lie further apart than the limit by more than chance.
#[derive(Debug, Clone, PartialEq)]
pub enum Breach {
    None,
    /// The pair whose bound is furthest past the limit.
    Found {
        lowest: String,
        highest: String,
        rate: GroupRate,
        bound: f64,
        emergence: Emergence,
    },
}

/// Whether a breach is news.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Emergence {
    /// These groups lie further apart than they did in the reference, by more than chance.
    Emerged,
    /// The reference had them as far apart, as far as chance can tell.
    AsInReference,
    /// The reference says nothing of one of the groups.
    Unknown,
}

/// Assesses one measure over groups `(name, confusion)`, each name once; `reference` holds the reference's own.
///
/// A breach of a ratio needs an upper Katz bound below the limit, one of a difference a lower Newcombe bound above it, for
/// some pair of groups, at `alpha` over all ordered pairs and rates (Bonferroni).
pub fn assess(
    measure: FairnessMeasure,
    rule: &FairnessRule,
    groups: &[(String, Confusion)],
    reference: &[(String, Confusion)],
) -> Result<Assessment, Skipped> {
    let (compared, left_out) = compared(measure, rule, groups);
    if compared.is_empty() {
        return Err(Skipped::TooFewGroups { left_out });
    }
    let z = normal_point(rule.alpha / (2.0 * compared.len() as f64));
    let judged: Vec<Judged> = compared.iter().map(|pair| Judged::of(measure, pair, z)).collect();
    let further = |a: &&Judged, b: &&Judged| a.apart.total_cmp(&b.apart);
    let Some(widest) = judged.iter().filter(|one| one.value.is_finite()).max_by(further) else {
        return Err(Skipped::NothingSelected { left_out });
    };
    let worst = judged
        .iter()
        .filter(|one| one.value.is_finite())
        .max_by(|a, b| a.past(rule).total_cmp(&b.past(rule)));
    let name = |place: usize| groups[place].0.clone();
    let breach = match worst.filter(|one| one.past(rule) > 0.0) {
        None => Breach::None,
        Some(Judged { pair, bound, .. }) => Breach::Found {
            lowest: name(pair.low),
            highest: name(pair.high),
            rate: pair.rate,
            bound: *bound,
            emergence: emergence(measure, pair, [&groups[pair.low].0, &groups[pair.high].0], reference, z),
        },
    };
    Ok(Assessment {
        value: widest.value,
        interval: widest.interval(),
        lowest: name(widest.pair.low),
        highest: name(widest.pair.high),
        rate: widest.pair.rate,
        breach,
        left_out,
    })
}

/// All pairs of groups with rows enough, and the names of the others.
fn compared(
    measure: FairnessMeasure,
    rule: &FairnessRule,
    groups: &[(String, Confusion)],
) -> (Vec<Pair>, Vec<String>) {
    let enough = |share: Share| share.whole >= rule.min_samples.max(1);
    let mut left_out: Vec<String> = Vec::new();
    let mut all = Vec::new();
    for &rate in measure.rates() {
        let shares = groups.iter().enumerate().map(|(place, (_, table))| (place, rate.of(table)));
        let (kept, small): (Vec<_>, Vec<_>) = shares.partition(|(_, share)| enough(*share));
        left_out.extend(small.into_iter().map(|(place, _)| groups[place].0.clone()));
        all.extend(pairs(rate, &kept));
    }
    left_out.sort_unstable();
    left_out.dedup();
    (all, left_out)
}

/// A pair with its value and bound; `apart` grows with the distance of the two groups.
struct Judged<'a> {
    measure: FairnessMeasure,
    pair: &'a Pair,
    value: f64,
    bound: f64,
    apart: f64,
}

impl<'a> Judged<'a> {
    fn of(measure: FairnessMeasure, pair: &'a Pair, z: f64) -> Self {
        let (low, high) = (pair.low_share, pair.high_share);
        let (value, bound, apart) = match measure {
            FairnessMeasure::DemographicParityRatio => {
                let ratio = low.value() / high.value();
                (ratio, LogRatio::of(low, high).upper(z), -ratio)
            }
            _ => {
                let difference = high.value() - low.value();
                (difference, difference::lower(low, high, z), difference)
            }
        };
        Self { measure, pair, value, bound, apart }
    }

    /// How far the bound lies past the limit; not positive for no breach.
    fn past(&self, rule: &FairnessRule) -> f64 {
        match self.measure {
            FairnessMeasure::DemographicParityRatio => rule.limit - self.bound,
            _ => self.bound - rule.limit,
        }
    }

    fn interval(&self) -> Interval {
        match self.measure {
            FairnessMeasure::DemographicParityRatio => Interval { low: 0.0, high: self.bound.min(1.0) },
            _ => Interval { low: self.bound.max(0.0), high: 1.0 },
        }
    }
}

/// Compares a pair with the same groups in the reference: the change of log ratio or difference against its own error.
fn emergence(
    measure: FairnessMeasure,
    pair: &Pair,
    names: [&str; 2],
    reference: &[(String, Confusion)],
    z: f64,
) -> Emergence {
    let of = |name: &str| {
        let table = reference.iter().find(|(group, _)| group == name).map(|(_, table)| table)?;
        Some(pair.rate.of(table)).filter(|share| share.whole > 0)
    };
    let (Some(low), Some(high)) = (of(names[0]), of(names[1])) else { return Emergence::Unknown };
    let (change, error) = match measure {
        FairnessMeasure::DemographicParityRatio => {
            let (now, before) = (LogRatio::of(pair.low_share, pair.high_share), LogRatio::of(low, high));
            (before.value - now.value, before.std_error.hypot(now.std_error))
        }
        _ => {
            let now = pair.high_share.value() - pair.low_share.value();
            let errors = [(pair.low_share, pair.high_share), (low, high)];
            let [of_now, of_before] = errors.map(|(low, high)| difference::std_error(low, high));
            (now - (high.value() - low.value()), of_now.hypot(of_before))
        }
    };
    if change > z * error { Emergence::Emerged } else { Emergence::AsInReference }
}
