//! KPIs: samples, states, readings, formulas, periods, the catalogue and the book.

mod book;

mod calendar;

mod catalogue;

mod families;

mod formula;

mod formula_laws;

mod readings;

mod sketches;

mod state_laws;

use std::time::Duration;

use driftd::domain::{TimeRange, Timestamp};
use driftd::kpi::{
    Bounds, Calendar, Catalogue, CatalogueError, Constant, Constants, Definition, Family, Formula, Kind,
    KpiId, Outcome, Period, Reading, Sample, SampleValue, Sign,
};
use jiff::tz::TimeZone;

fn at(text: &str) -> Timestamp {
    text.parse().unwrap()
}

fn range(start: &str, end: &str) -> TimeRange {
    TimeRange { start: at(start), end: at(end) }
}

fn paris() -> Calendar {
    Calendar { zone: TimeZone::get("Europe/Paris").unwrap() }
}

fn sample(at: Timestamp, value: SampleValue) -> Sample {
    Sample { at, value, revision: 0, sign: Sign::Counts }
}

fn number(value: f64) -> Sample {
    sample(at("2026-03-29T10:00:00Z"), SampleValue::Number(value))
}

fn parts(numerator: f64, denominator: f64) -> Sample {
    sample(at("2026-03-29T10:00:00Z"), SampleValue::Parts { numerator, denominator })
}

fn user(bits: u64) -> Sample {
    sample(at("2026-03-29T10:00:00Z"), SampleValue::User(bits))
}

fn outcome(at: Timestamp, outcome: Outcome) -> Sample {
    sample(at, SampleValue::Outcome(outcome))
}

fn retracted(sample: Sample) -> Sample {
    Sample { sign: Sign::Retracts, ..sample }
}

fn kpi(id: &str) -> KpiId {
    id.parse().unwrap()
}

fn definition(id: &str, unit: &str, period: Period, kind: Kind) -> Definition {
    Definition {
        id: kpi(id),
        family: Family::Strategic,
        unit: unit.parse().unwrap(),
        kind,
        bounds: Bounds::default(),
        owner: None,
        period,
        window: None,
        lateness: None,
        stale_after: Duration::from_secs(86_400),
        description: String::new(),
        by: None,
    }
}

/// A KPI that is read from the stream of its own name.
fn counted(id: &str, unit: &str, period: Period, reading: Reading) -> Definition {
    definition(id, unit, period, Kind::Counted { stream: kpi(id), reading })
}

fn formula(id: &str, unit: &str, period: Period, text: &str) -> Definition {
    definition(id, unit, period, Kind::Formula(Formula::parse(text).unwrap()))
}

fn constant(value: f64, unit: &str) -> Constant {
    Constant { value, unit: unit.parse().unwrap() }
}

fn catalogue(definitions: Vec<Definition>, constants: Constants) -> Result<Catalogue, Vec<CatalogueError>> {
    Catalogue::new(definitions, constants, paris(), Duration::from_secs(3_600))
}
