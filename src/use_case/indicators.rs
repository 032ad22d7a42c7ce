//! The twelve figures of a portfolio: value, adoption, quality, guard-rails.

use std::collections::BTreeMap;

use serde::Serialize;

use super::adoption::Trend;
use super::assess::Assessment;
use super::closing::Standing;
use super::cost::Costs;
use super::criteria::WatchedStatus;
use super::portfolio::PortfolioFacts;
use super::reason::{Answer, Reason};
use super::roi::RoiPoint;
use crate::domain::ModelId;

#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Indicator {
    /// As in `/metrics` and translations: `total_gain`.
    pub id: &'static str,
    pub group: Group,
    #[serde(flatten)]
    pub value: Answer<f64>,
    /// `currency`, `ratio` (1 is all) or `count`.
    pub unit: &'static str,
    /// Of how many use cases, or models, or incidents it is.
    pub n: usize,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Group {
    Value,
    Adoption,
    Quality,
    GuardRails,
}

/// A value and how many it is of.
type Counted = (Result<f64, Reason>, usize);

const CURRENCY: &str = "currency";
const RATIO: &str = "ratio";
const COUNT: &str = "count";

/// All twelve, always in this order.
pub fn indicators(assessments: &[Assessment], facts: &PortfolioFacts) -> Vec<Indicator> {
    let indicator =
        |id, group, unit, (value, n): Counted| Indicator { id, group, value: value.into(), unit, n };
    vec![
        indicator("total_gain", Group::Value, CURRENCY, total_gain(assessments)),
        indicator("gain_against_hypothesis", Group::Value, RATIO, against_hypothesis(assessments)),
        indicator("portfolio_roi", Group::Value, RATIO, portfolio_roi(assessments)),
        indicator("roi_reached_share", Group::Value, RATIO, roi_reached(assessments)),
        indicator("usage", Group::Adoption, RATIO, weighted(assessments, |a| a.usage.value()?.newest())),
        indicator(
            "satisfaction",
            Group::Adoption,
            RATIO,
            weighted(assessments, |a| a.satisfaction.value()?.newest()),
        ),
        indicator("adoption_growing_share", Group::Adoption, RATIO, growing(assessments)),
        indicator("models_in_range_share", Group::Quality, RATIO, models_in_range(assessments)),
        indicator("critical_incidents_open", Group::Quality, COUNT, critical_incidents(facts)),
        indicator("sla_kept_ratio", Group::Quality, RATIO, sla_kept(facts)),
        indicator("register_up_to_date_share", Group::GuardRails, RATIO, register(assessments)),
        indicator("tco_spent_ratio", Group::GuardRails, RATIO, tco_spent(assessments)),
    ]
}

/// Σ (benefits − run cost) over the months that could be computed.
fn total_gain(assessments: &[Assessment]) -> Counted {
    let (mut sum, mut n) = (0.0, 0);
    for history in assessments.iter().filter_map(|assessment| assessment.history.value()) {
        if history.computed().next().is_some() {
            n += 1;
            sum += history.computed().map(|(_, benefits, run_cost)| benefits - run_cost).sum::<f64>();
        }
    }
    (if n == 0 { Err(Reason::NoUseCase) } else { Ok(sum) }, n)
}

/// Σ real / Σ expected gain of the use cases that have both.
fn against_hypothesis(assessments: &[Assessment]) -> Counted {
    let both = assessments.iter().filter_map(|assessment| assessment.hypothesis.value());
    ratio(both.map(|hypothesis| (hypothesis.real, hypothesis.expected)))
}

/// Σ net / Σ costs up to each use case's newest month.
fn portfolio_roi(assessments: &[Assessment]) -> Counted {
    ratio(newest(assessments).map(|point| (point.net(), point.costs)))
}

/// The share of use cases whose newest ROI is at least 0, of those that have one.
fn roi_reached(assessments: &[Assessment]) -> Counted {
    share(newest(assessments).filter_map(|point| Some(point.roi? >= 0.0)))
}

fn newest(assessments: &[Assessment]) -> impl Iterator<Item = &RoiPoint> {
    assessments.iter().filter_map(|assessment| assessment.roi.value()?.newest.value())
}

/// The mean, weighted by targeted users: Σ users × value / Σ users. Use cases that name no users are left out.
fn weighted(assessments: &[Assessment], value: fn(&Assessment) -> Option<f64>) -> Counted {
    ratio(assessments.iter().filter_map(|assessment| {
        let users = assessment.use_case.targeted_users.filter(|users| *users > 0)? as f64;
        Some((users * value(assessment)?, users))
    }))
}

/// The share of usage curves that grow, of those long enough to tell.
fn growing(assessments: &[Assessment]) -> Counted {
    let trends = assessments.iter().filter_map(|assessment| Some(assessment.usage.value()?.trend));
    share(trends.filter(|trend| *trend != Trend::NotEnough).map(|trend| trend == Trend::Grows))
}

/// The share of models of which all that is watched is in range. A model that several use cases share counts
/// once; one of which something is not known, and nothing is out of range, is left out.
fn models_in_range(assessments: &[Assessment]) -> Counted {
    let mut worst: BTreeMap<&ModelId, Standing> = BTreeMap::new();
    for watched in assessments.iter().flat_map(|assessment| &assessment.watched) {
        let Some(model) = &watched.model else { continue };
        let standing = match watched.status {
            WatchedStatus::InRange => Standing::Met,
            WatchedStatus::Unknown => Standing::Unknown(Reason::NothingWatched),
            WatchedStatus::Warning | WatchedStatus::Critical => Standing::Missed,
        };
        let so_far = worst.remove(model).unwrap_or(Standing::Met);
        worst.insert(model, so_far.worse(standing));
    }
    let told = worst.into_values().filter(|standing| !matches!(standing, Standing::Unknown(_)));
    share(told.map(|standing| standing == Standing::Met))
}

fn critical_incidents(facts: &PortfolioFacts) -> Counted {
    match facts.critical_incidents_open {
        Some(open) => (Ok(open as f64), usize::try_from(open).unwrap_or(usize::MAX)),
        None => (Err(Reason::NotProvided), 0),
    }
}

/// Incidents handled in time, of those that were due.
fn sla_kept(facts: &PortfolioFacts) -> Counted {
    match facts.sla {
        None => (Err(Reason::NotProvided), 0),
        Some(sla) if sla.due == 0 => (Err(Reason::NothingDue), 0),
        Some(sla) => (Ok(sla.kept as f64 / sla.due as f64), usize::try_from(sla.due).unwrap_or(usize::MAX)),
    }
}

/// The share of use cases whose register and audit are up to date: the criterion is met or on its way.
fn register(assessments: &[Assessment]) -> Counted {
    share(
        assessments.iter().map(|assessment| {
            matches!(assessment.closing.register.standing, Standing::Met | Standing::OnItsWay)
        }),
    )
}

/// What was spent in the first 12 months up to the newest, of what is planned for all 12: Σ costs / Σ TCO. Over
/// 1 the plan is overrun.
fn tco_spent(assessments: &[Assessment]) -> Counted {
    ratio(assessments.iter().filter_map(|assessment| {
        let roi = assessment.roi.value()?;
        let newest = roi.newest.value()?.number.min(Costs::MONTHS);
        let point = roi.trajectory.get(newest as usize - 1)?;
        Some((point.costs, assessment.use_case.costs.total()))
    }))
}

/// Σ parts / Σ wholes.
fn ratio(pairs: impl Iterator<Item = (f64, f64)>) -> Counted {
    let (part, whole, n) = pairs.fold((0.0, 0.0, 0), |(part, whole, n), (p, w)| (part + p, whole + w, n + 1));
    match n {
        0 => (Err(Reason::NoUseCase), 0),
        _ if whole > 0.0 => (Ok(part / whole), n),
        _ => (Err(Reason::NoCosts), n),
    }
}

fn share(each: impl Iterator<Item = bool>) -> Counted {
    let (yes, n) = each.fold((0_usize, 0), |(yes, n), one| (yes + usize::from(one), n + 1));
    (if n == 0 { Err(Reason::NoUseCase) } else { Ok(yes as f64 / n as f64) }, n)
}
