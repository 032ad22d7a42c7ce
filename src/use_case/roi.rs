//! The return on what was spent, its way to month 6, and whether it gets there.
//!
//! With b(i) the benefits and r(i) the run cost of month i, and c₀ the one-off costs of the plan:
//!
//! - `net(m) = Σ b(i) − c₀ − Σ r(i)` and `ROI(m) = net(m) / (c₀ + Σ r(i))`, i = 1…m: 0 when the money has come back.
//! - One month that is missing leaves every ROI from it on uncomputed: the sum is not known.
//! - `ROI(6)` before month 6 is over: the months that are left have the mean b and r of the last 3.
//! - On its way: `net(m) + (12 − m) × mean gain of the last 3 months ≥ 0`, that is, by month 12 it has come back.

use serde::Serialize;

use super::figures::History;
use super::month::Month;
use super::reason::{Answer, Reason};

/// The month at which a use case is to pay, or to be on its way.
pub const TARGET_MONTH: u32 = 6;
/// The month by which one that is on its way has paid.
pub const WAY_MONTH: u32 = 12;
/// Months whose mean goes on in a projection.
pub const MONTHS_OF_MEAN: u32 = 3;
/// How many of the newest months may lack figures, which come in late, before the older ones are no answer.
const LATE_MONTHS_MAX: usize = 1;

#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Roi {
    /// Of every month up to the first that is missing.
    pub trajectory: Vec<RoiPoint>,
    pub at_month_six: RoiAtSix,
    /// Of the newest month; the one before it where the newest has no figures yet.
    pub newest: Answer<RoiPoint>,
    /// The net by month 12 if the mean gain of the last 3 months goes on; from month 12 on the net of today.
    pub net_at_month_twelve: Answer<f64>,
    /// Months of which something tracked is missing.
    pub missing: Vec<Month>,
}

#[derive(Debug, Clone, Copy, PartialEq, Serialize)]
pub struct RoiPoint {
    /// Its number, from 1.
    pub number: u32,
    pub month: Month,
    /// Σ benefits of months 1 to this one.
    pub benefits: f64,
    /// One-off and Σ run costs of months 1 to this one.
    pub costs: f64,
    /// (benefits − costs) / costs; none where nothing was spent.
    pub roi: Option<f64>,
}

#[derive(Debug, Clone, PartialEq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum RoiAtSix {
    Reached(f64),
    Projected(f64),
    NotComputable(Reason),
}

impl RoiPoint {
    pub fn net(&self) -> f64 {
        self.benefits - self.costs
    }
}

/// Means of the last 3 months, by month.
struct Pace {
    benefits: f64,
    run_cost: f64,
}

impl Roi {
    /// `one_off`: what was spent at the start.
    pub fn of(history: &History, one_off: f64) -> Self {
        let trajectory = trajectory(history, one_off);
        let missing = history.missing();
        let newest = newest(history, &trajectory, &missing);
        let pace = pace(history, &trajectory, &missing);
        Self {
            at_month_six: at_month_six(&trajectory, newest.as_ref(), pace.as_ref()),
            net_at_month_twelve: net_at_month_twelve(&newest, pace).into(),
            newest: newest.into(),
            trajectory,
            missing,
        }
    }
}

fn trajectory(history: &History, one_off: f64) -> Vec<RoiPoint> {
    let (mut benefits_so_far, mut costs) = (0.0, one_off);
    // The first month that is missing ends it: numbers and lines part there.
    let known = (1..).zip(history.computed()).take_while(|(expected, (line, ..))| line.number == *expected);
    known
        .map(|(number, (line, benefits, run_cost))| {
            benefits_so_far += benefits;
            costs += run_cost;
            let roi = (costs > 0.0).then(|| (benefits_so_far - costs) / costs);
            RoiPoint { number, month: line.month, benefits: benefits_so_far, costs, roi }
        })
        .collect()
}

fn newest(history: &History, trajectory: &[RoiPoint], missing: &[Month]) -> Result<RoiPoint, Reason> {
    if history.months.len() - trajectory.len() > LATE_MONTHS_MAX {
        return Err(Reason::MissingMonths(missing.to_vec()));
    }
    trajectory.last().copied().ok_or_else(|| too_few(trajectory, missing, 1))
}

fn pace(history: &History, trajectory: &[RoiPoint], missing: &[Month]) -> Result<Pace, Reason> {
    let months = MONTHS_OF_MEAN as usize;
    if trajectory.len() < months {
        return Err(too_few(trajectory, missing, MONTHS_OF_MEAN));
    }
    let (benefits, run_cost) = history
        .computed()
        .take(trajectory.len())
        .skip(trajectory.len() - months)
        .fold((0.0, 0.0), |(sum, costs), (_, benefits, run_cost)| (sum + benefits, costs + run_cost));
    let months = f64::from(MONTHS_OF_MEAN);
    Ok(Pace { benefits: benefits / months, run_cost: run_cost / months })
}

/// Why there is no sum: a month of it lacks figures, or has not come.
fn too_few(trajectory: &[RoiPoint], missing: &[Month], need: u32) -> Reason {
    match missing.is_empty() {
        true => Reason::TooFewMonths { have: trajectory.len() as u32, need },
        false => Reason::MissingMonths(missing.to_vec()),
    }
}

fn at_month_six(
    trajectory: &[RoiPoint],
    newest: Result<&RoiPoint, &Reason>,
    pace: Result<&Pace, &Reason>,
) -> RoiAtSix {
    if let Some(point) = trajectory.get(TARGET_MONTH as usize - 1) {
        return point.roi.map_or(RoiAtSix::NotComputable(Reason::NoCosts), RoiAtSix::Reached);
    }
    let (newest, pace) = match (newest, pace) {
        (Ok(newest), Ok(pace)) => (newest, pace),
        (Err(reason), _) | (_, Err(reason)) => return RoiAtSix::NotComputable(reason.clone()),
    };
    let left = f64::from(TARGET_MONTH - newest.number);
    let costs = newest.costs + left * pace.run_cost;
    match costs > 0.0 {
        true => RoiAtSix::Projected((newest.benefits + left * pace.benefits - costs) / costs),
        false => RoiAtSix::NotComputable(Reason::NoCosts),
    }
}

fn net_at_month_twelve(newest: &Result<RoiPoint, Reason>, pace: Result<Pace, Reason>) -> Result<f64, Reason> {
    let newest = newest.as_ref().map_err(Clone::clone)?;
    let left = WAY_MONTH.saturating_sub(newest.number);
    if left == 0 {
        return Ok(newest.net());
    }
    let pace = pace?;
    Ok(newest.net() + f64::from(left) * (pace.benefits - pace.run_cost))
}
