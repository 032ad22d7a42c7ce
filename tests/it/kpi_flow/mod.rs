//! KPIs on the real daemon: samples over HTTP, periods by a manual clock, incidents, restarts.

mod judging;

mod reload;

mod samples;

mod worth;

use std::time::Duration;

use driftd::domain::Timestamp;
use driftd::kpi::{
    Bounds, Calendar, Catalogue, Constants, Definition, Direction, Empty, Family, Formula, Kind, KpiId,
    Period, Reading,
};
use driftd::pipeline::KpiOptions;
use jiff::tz::TimeZone;
use serde_json::Value;

use crate::http::client::Answer;
use crate::http::request;
use crate::support::daemon::Daemon;

const HOUR: Duration = Duration::from_secs(3_600);
const DAY: Duration = Duration::from_secs(86_400);

fn at(text: &str) -> Timestamp {
    text.parse().unwrap()
}

fn id(text: &str) -> KpiId {
    let (use_case, name) = match text.split_once('/') {
        Some((use_case, name)) => (Some(use_case.parse().unwrap()), name),
        None => (None, text),
    };
    KpiId { use_case, model: None, name: name.parse().unwrap() }
}

fn kpi(name: &str, period: Period, reading: Reading) -> Definition {
    Definition {
        id: id(name),
        family: Family::Strategic,
        unit: "1".parse().unwrap(),
        kind: Kind::Counted { stream: id(name), reading },
        bounds: Bounds::default(),
        owner: Some("Anne Martin".to_owned()),
        period,
        window: None,
        lateness: None,
        stale_after: 90 * DAY,
        description: String::new(),
        by: None,
    }
}

fn formula(name: &str, period: Period, expression: &str) -> Definition {
    Definition {
        kind: Kind::Formula(Formula::parse(expression).unwrap()),
        ..kpi(name, period, Reading::Sum { empty: Empty::Unknown })
    }
}

fn lower(target: f64, warning: f64, critical: f64) -> Bounds {
    Bounds {
        direction: Direction::LowerIsBetter,
        target: Some(target),
        warning: Some(warning),
        critical: Some(critical),
    }
}

/// KPIs by the calendar of Paris, waited for an hour.
fn options(definitions: Vec<Definition>) -> KpiOptions {
    options_in("Europe/Paris", definitions)
}

fn options_in(zone: &str, definitions: Vec<Definition>) -> KpiOptions {
    let calendar = Calendar { zone: TimeZone::get(zone).unwrap() };
    let catalogue = Catalogue::new(definitions, Constants::new(), calendar, HOUR).unwrap();
    KpiOptions { catalogue, ..KpiOptions::default() }
}

async fn send(daemon: &Daemon, key: Option<&str>, lines: &[Value]) -> Answer {
    let body: String = lines.iter().map(|line| format!("{line}\n")).collect();
    let mut headers = vec![("Content-Type", "application/x-ndjson")];
    headers.extend(key.map(|key| ("Idempotency-Key", key)));
    daemon.send(&request("POST", "/v1/kpis", &headers, body.as_bytes())).await
}

/// Sends samples, all of which count.
async fn counted(daemon: &Daemon, lines: &[Value]) {
    let answer = send(daemon, None, lines).await;
    assert_eq!(answer.status, 200, "{}", answer.text());
    assert_eq!(answer.json()["accepted"], lines.len(), "{}", answer.text());
}

/// The value of each period, oldest first, or the code of why there is none.
async fn history(daemon: &Daemon, path: &str) -> Vec<String> {
    let answer = daemon.read(path).await;
    let points = answer["history"].as_array().unwrap().iter();
    points
        .map(|point| match point["value"].as_f64() {
            Some(value) => value.to_string(),
            None => point["not_computable"]["code"].as_str().unwrap().to_owned(),
        })
        .collect()
}
