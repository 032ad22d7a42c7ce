//! What is said of a KPI to whoever owns it.

use std::collections::BTreeMap;
use std::time::Duration;

use jiff::tz::TimeZone;

use crate::domain::{TimeRange, Timestamp};
use crate::incident::Observation;
use crate::kpi::{Catalogue, Definition, Direction, Period, Value};
use crate::verdict::Severity;

/// By what routes and silences tell incidents of KPIs apart.
pub fn tags(definition: &Definition) -> BTreeMap<String, String> {
    let mut tags = BTreeMap::from([
        ("kpi".to_owned(), definition.id.name.to_string()),
        ("family".to_owned(), definition.family.as_str().to_owned()),
    ]);
    tags.extend(definition.id.use_case.as_ref().map(|of| ("use_case".to_owned(), of.to_string())));
    tags.extend(definition.owner.as_ref().map(|owner| ("owner".to_owned(), owner.clone())));
    tags
}

/// `claims/gains is 1,200 EUR in 2026-03: at or below 2,000 (critical); the target is 12,000`.
pub fn observation(
    catalogue: &Catalogue,
    definition: &Definition,
    over: TimeRange,
    value: Value,
    severity: Option<Severity>,
) -> Observation {
    let bounds = definition.bounds;
    let crossed = match severity {
        Some(Severity::Critical) => bounds.critical,
        Some(Severity::Warning) => bounds.warning,
        None => None,
    };
    let zone = &catalogue.calendar().zone;
    let period = match definition.window {
        Some(window) => window_name(window, over, zone),
        None => period_name(definition.period, over, zone),
    };
    let mut words = format!("{} is {} in {period}", definition.id, amount(value.value, definition));
    if let Some((bound, severity)) = crossed.zip(severity) {
        let side = match bounds.direction {
            Direction::HigherIsBetter => "at or below",
            Direction::LowerIsBetter => "at or above",
        };
        let severity = match severity {
            Severity::Warning => "warning",
            Severity::Critical => "critical",
        };
        words.push_str(&format!(": {side} {} ({severity})", number(bound)));
    }
    if let Some(target) = bounds.target {
        words.push_str(&format!("; the target is {}", number(target)));
    }
    Observation {
        statistic: Some(definition.id.name.to_string()),
        value: Some(value.value),
        threshold: crossed,
        n: Some(value.n),
        window: Some(over),
        ..Observation::words(words)
    }
}

pub fn stale(definition: &Definition, last: Option<Timestamp>) -> String {
    let owner = definition.owner.as_ref().map(|owner| format!("; {owner} owns it")).unwrap_or_default();
    match last {
        Some(last) => format!("{} had no sample since {last}{owner}", definition.id),
        None => format!("{} never had a sample{owner}", definition.id),
    }
}

fn amount(value: f64, definition: &Definition) -> String {
    match definition.unit.to_string().as_str() {
        "1" => number(value),
        unit => format!("{} {unit}", number(value)),
    }
}

/// Four digits that mean something, thousands parted.
pub fn number(value: f64) -> String {
    if value == 0.0 || !value.is_finite() {
        return value.to_string();
    }
    let magnitude = value.abs().log10().floor() as i32;
    let decimals = (3 - magnitude).clamp(0, 6) as usize;
    let text = format!("{:.decimals$}", value.abs());
    let (whole, fraction) = text.split_once('.').unwrap_or((&text, ""));
    let mut parted = String::new();
    for (place, digit) in whole.chars().enumerate() {
        if place > 0 && (whole.len() - place).is_multiple_of(3) {
            parted.push(',');
        }
        parted.push(digit);
    }
    let fraction = fraction.trim_end_matches('0');
    let sign = if value < 0.0 { "-" } else { "" };
    match fraction {
        "" => format!("{sign}{parted}"),
        _ => format!("{sign}{parted}.{fraction}"),
    }
}

/// `2026-03`, `2026-03-05`, `the week of 2026-03-02`, `2026 Q1`, `2026`, `the hour from 2026-03-05 14:00`.
pub fn period_name(period: Period, over: TimeRange, zone: &TimeZone) -> String {
    let at = jiff::Timestamp::from_microsecond(over.start.micros()).unwrap_or_default();
    let start = at.to_zoned(zone.clone());
    let date = start.date();
    match period {
        Period::Hour => format!("the hour from {date} {:02}:{:02}", start.hour(), start.minute()),
        Period::Day => date.to_string(),
        Period::Week => format!("the week of {date}"),
        Period::Month => format!("{:04}-{:02}", date.year(), date.month()),
        Period::Quarter => format!("{:04} Q{}", date.year(), (date.month() - 1) / 3 + 1),
        Period::Year => format!("{:04}", date.year()),
    }
}

/// `the 30 days to 2026-03-05`, `the 6 hours to 2026-03-05 14:00`.
fn window_name(window: Duration, over: TimeRange, zone: &TimeZone) -> String {
    let hours = window.as_secs() / 3_600;
    let at =
        |micros: i64| jiff::Timestamp::from_microsecond(micros).unwrap_or_default().to_zoned(zone.clone());
    match hours.is_multiple_of(24) {
        true => format!("the {} days to {}", hours / 24, at(over.end.micros() - 1).date()),
        false => {
            let end = at(over.end.micros());
            format!("the {hours} hours to {} {:02}:{:02}", end.date(), end.hour(), end.minute())
        }
    }
}

#[cfg(test)]
mod tests {
    use super::number;

    #[test]
    fn numbers_are_read_at_a_glance() {
        for (value, text) in [
            (1_234_567.0, "1,234,567"),
            (-12_000.4, "-12,000"),
            (999.96, "1,000"),
            (12.5, "12.5"),
            (0.123_456, "0.1235"),
            (0.000_012_34, "0.000012"),
            (100.0, "100"),
            (0.0, "0"),
        ] {
            assert_eq!(number(value), text);
        }
    }
}
