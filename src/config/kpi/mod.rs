//! `[kpis]`: by which calendar, in which currency, how many; the KPIs that are of no use case.

mod setting;

mod own;

mod ready;

mod constant;

mod gathered;

pub(super) use constant::read as read_constants;
pub(super) use gathered::{Gathered, Placed};
pub(super) use own::{Scope, read as read_own, read_by};
pub(super) use ready::{adjust, adjust_each};
pub(super) use setting::{parsed, read_satisfied};

use std::time::Duration;

use jiff::tz::TimeZone;

use super::place::Places;
use super::setting::Zone;
use super::table::Table;
use crate::kpi::{Calendar, Catalogue, Constants, Period, Unit};
use crate::window::ClockMode;

const HOUR: Duration = Duration::from_secs(3_600);
const DAY: Duration = Duration::from_secs(86_400);
/// Longest time that late samples have.
const LATENESS_MAX: Duration = Duration::from_secs(90 * 86_400);

/// How KPIs are counted and read.
#[derive(Debug, Clone, PartialEq)]
pub struct KpiSettings {
    /// All KPIs: those of no use case, of models and of use cases.
    pub catalogue: Catalogue,
    /// Whether periods end by the wall clock or by the newest sample.
    pub clock: ClockMode,
    /// Counts are kept so long.
    pub retention: Duration,
    /// What money is in, a unit of one factor.
    pub currency: Unit,
    /// Values of an attribute that a KPI is also counted by; later ones count as `other`.
    pub segment_values_max: u64,
    /// Series of KPIs on `/metrics`.
    pub series_max: u64,
    pub kpis_max: u64,
}

/// `[kpis]`, without the KPIs of other files.
pub(super) fn read(table: &Table<'_>, places: &Places) -> (KpiSettings, Gathered) {
    let zone = table.read("zone", Zone(TimeZone::UTC)).0;
    let lateness = table.read_within("lateness", HOUR, Duration::ZERO..=LATENESS_MAX);
    let nothing = Catalogue::new(Vec::new(), Constants::new(), Calendar { zone }, lateness);
    let clocks = [("live", ClockMode::Live), ("replay", ClockMode::Replay)];
    let euro = "EUR".parse::<Unit>().expect("a unit");
    let settings = KpiSettings {
        catalogue: nothing.expect("nothing is wrong with nothing"),
        currency: table.read_if("currency", euro, is_currency),
        clock: table.choice("clock", "clock", ClockMode::Live, &clocks),
        retention: table.read_within("retention", 1_100 * DAY, 30 * DAY..=4_000 * DAY),
        segment_values_max: table.read_within("segment_values_max", 20, 1..=1_000),
        series_max: table.read_within("series_max", 15_000, 100..=1_000_000),
        kpis_max: table.read_within("kpis_max", 2_000, 1..=Catalogue::DEFINITIONS_MAX as u64),
    };
    let mut gathered = Gathered::default();
    let file = gathered.file(places);
    gathered.add_constants(None, read_constants(table, &[]));
    let scope = Scope { use_case: None, owner: None };
    let defined = table.named("define", |entry, name| read_own(entry, name, &scope, &[]));
    gathered
        .add(file, defined.into_iter().flatten().map(|definition| Placed::below("kpis.define", definition)));
    (settings, gathered)
}

/// How long the longest period of a kind is, about: a day of 25 hours is a day.
const fn longest(period: Period) -> Duration {
    Duration::from_secs(match period {
        Period::Hour => 3_600,
        Period::Day => 86_400,
        Period::Week => 7 * 86_400,
        Period::Month => 31 * 86_400,
        Period::Quarter => 92 * 86_400,
        Period::Year => 366 * 86_400,
    })
}

/// Prices are made of it: `EUR/h`.
fn is_currency(unit: &Unit) -> Result<(), String> {
    let text = unit.to_string();
    match unit.is_dimensionless() || text.contains(['*', '/', '^']) {
        true => Err("is no currency; write one name, as \"EUR\"".to_owned()),
        false => Ok(()),
    }
}
