//! The link: how a technical metric and a business KPI go together over the same windows.
//!
//! Rank correlation at every lag up to a limit (the metric leads: x at t with y at t + lag), and, at the lag
//! where it is strongest, what one unit of the metric goes with in the KPI.
//!
//! **What it is not.** It is an association, never a cause: both may follow a third thing, or the calendar.
//! Windows that resemble their neighbours (autocorrelation) make the intervals too narrow. [`CAUTION`] says so
//! wherever it shows.
//!
//! **Many looks.** The strongest of k lags is strong partly by being chosen: its interval, and the slope's, are at
//! level 1 − 0.05 / k (Bonferroni), k the lags that could be computed.

mod correlation;

mod slope;

pub use correlation::{Correlation, Interval};
pub use slope::Slope;

use serde::Serialize;

use correlation::correlation;

/// To stand beside every link that is shown.
pub const CAUTION: &str =
    "an association, not a cause; windows that resemble their neighbours make the interval too narrow";
/// Most windows that are looked at, the newest.
pub const WINDOWS_MAX: usize = 1_000;
/// Most lags, in windows.
pub const LAG_MAX: usize = 60;
/// Fewest windows by default.
pub const WINDOWS_MIN: usize = 12;
/// Fewer leave no interval: its variance has n − 3 below the line.
const WINDOWS_LEAST: usize = 4;
/// The chance that an interval misses, before the lags share it.
const MISS: f64 = 0.05;

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Options {
    /// Lags 0 to this, in windows; at most [`LAG_MAX`].
    pub lag_max: usize,
    /// Fewest windows with both values; at least 4.
    pub windows_min: usize,
}

/// How two series go together.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Link {
    /// From lag 0 on, each interval at 95 %.
    pub lags: Vec<Lag>,
    pub strongest: Strongest,
    pub caution: &'static str,
}

#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Lag {
    /// Windows by which the metric leads.
    pub lag: usize,
    #[serde(flatten)]
    pub outcome: Outcome,
}

#[derive(Debug, Clone, PartialEq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Outcome {
    Correlation(Correlation),
    Reason(NoLink),
}

/// The lag of the largest |rho|, the shortest of equals.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Strongest {
    pub lag: usize,
    /// Of both intervals: 1 − 0.05 / lags that could be computed.
    pub level: f64,
    pub correlation: Correlation,
    pub slope: Slope,
}

/// Why there is no link to be told.
#[derive(Debug, Clone, Copy, thiserror::Error, PartialEq, Eq, Serialize)]
#[serde(tag = "code", rename_all = "snake_case")]
pub enum NoLink {
    #[error("{have} windows have both values; {need} are needed")]
    NotEnoughWindows { have: usize, need: usize },
    #[error("the {side} has one value only")]
    Constant { side: Side },
    #[error(
        "{technical} windows of the technical metric and {business} of the business KPI cannot be paired"
    )]
    Unpaired { technical: usize, business: usize },
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Side {
    Technical,
    Business,
}

impl Default for Options {
    fn default() -> Self {
        Self { lag_max: 3, windows_min: WINDOWS_MIN }
    }
}

impl std::fmt::Display for Side {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(match self {
            Self::Technical => "technical metric",
            Self::Business => "business KPI",
        })
    }
}

/// The link of a technical metric with a business KPI. Element t of both is of the same window, windows are of
/// equal length and follow each other; a window without a value has none. Values that are not finite count as
/// none.
///
/// Errors where the two are not of one length, or with the reason of lag 0 where no lag can be computed.
pub fn link(technical: &[Option<f64>], business: &[Option<f64>], options: Options) -> Result<Link, NoLink> {
    if technical.len() != business.len() {
        return Err(NoLink::Unpaired { technical: technical.len(), business: business.len() });
    }
    let from = technical.len().saturating_sub(WINDOWS_MAX);
    let (technical, business) = (&technical[from..], &business[from..]);
    let need = options.windows_min.max(WINDOWS_LEAST);
    let looks: Vec<Look> = (0..=options.lag_max.min(LAG_MAX))
        .map(|lag| Look::at(paired(technical, business, lag), need))
        .collect();
    let computed = looks.iter().filter(|look| look.rho.is_ok()).count();
    let level = 1.0 - MISS / computed.max(1) as f64;
    let strongest = strongest(&looks, level)?;
    let lags = looks.iter().enumerate().map(|(lag, look)| Lag {
        lag,
        outcome: match look.rho {
            Ok(rho) => Outcome::Correlation(Correlation::at(rho, look.points.len(), 1.0 - MISS)),
            Err(reason) => Outcome::Reason(reason),
        },
    });
    Ok(Link { lags: lags.collect(), strongest, caution: CAUTION })
}

/// Windows t in which x at t and y at t + lag are both known.
fn paired(technical: &[Option<f64>], business: &[Option<f64>], lag: usize) -> Vec<(f64, f64)> {
    let later = business.iter().skip(lag);
    let both = technical.iter().zip(later).filter_map(|(x, y)| Some(((*x)?, (*y)?)));
    both.filter(|(x, y)| x.is_finite() && y.is_finite()).collect()
}

/// The windows of one lag, and Spearman's ρ of them.
struct Look {
    points: Vec<(f64, f64)>,
    rho: Result<f64, NoLink>,
}

impl Look {
    fn at(points: Vec<(f64, f64)>, need: usize) -> Self {
        let rho = match points.as_slice() {
            few if few.len() < need => Err(NoLink::NotEnoughWindows { have: few.len(), need }),
            all if all.iter().all(|point| point.0 == all[0].0) => {
                Err(NoLink::Constant { side: Side::Technical })
            }
            all if all.iter().all(|point| point.1 == all[0].1) => {
                Err(NoLink::Constant { side: Side::Business })
            }
            all => Ok(correlation(all)),
        };
        Self { points, rho }
    }
}

fn strongest(looks: &[Look], level: f64) -> Result<Strongest, NoLink> {
    let mut best: Option<(usize, f64)> = None;
    for (lag, look) in looks.iter().enumerate() {
        if let Ok(rho) = look.rho
            && best.is_none_or(|(_, so_far)| rho.abs() > so_far.abs())
        {
            best = Some((lag, rho));
        }
    }
    match best {
        Some((lag, rho)) => {
            let points = &looks[lag].points;
            let correlation = Correlation::at(rho, points.len(), level);
            Ok(Strongest { lag, level, correlation, slope: Slope::through(points, level) })
        }
        None => Err(looks
            .iter()
            .find_map(|look| look.rho.err())
            .unwrap_or(NoLink::NotEnoughWindows { have: 0, need: WINDOWS_LEAST })),
    }
}
