//! A million samples of KPIs, from bytes to durable and booked, by kind: events a second and memory; of all kinds in turn, as
//! they happen and scattered over a year; then `/metrics` of 100 use cases with 10 KPIs each.

mod support;

use std::collections::BTreeMap;
use std::fmt::Write;
use std::ops::Range;
use std::sync::Arc;
use std::time::{Duration, Instant};

use axum::body::Bytes;
use driftd::clock::ManualClock;
use driftd::domain::Timestamp;
use driftd::kpi::{
    Bounds, Calendar, Catalogue, Constants, Definition, Empty, Family, Kind, KpiId, Period, Reading,
};
use driftd::metrics::{Format, Metrics, SeriesOptions};
use driftd::pipeline::KpiOptions;
use driftd::store::sqlite::{SqliteOptions, SqliteStore};
use driftd::web::{BodyFormat, KpiService, SamplesRequest};
use rand::rngs::StdRng;
use rand::{RngExt, SeedableRng};

const EVENTS: usize = 1_000_000;
const A_BODY: usize = 10_000;
const DAYS: i64 = 365;
const DAY: i64 = 86_400;
/// 2025-01-01.
const START: i64 = 1_735_689_600;

fn definition(use_case: Option<usize>, name: &str, reading: Reading) -> Definition {
    let use_case = use_case.map(|number| format!("case-{number:03}").parse().expect("an id"));
    let id = KpiId { use_case, model: None, name: name.parse().expect("a name") };
    Definition {
        kind: Kind::Counted { stream: id.clone(), reading },
        id,
        family: Family::Strategic,
        unit: "1".parse().expect("a unit"),
        bounds: Bounds { target: Some(1.0), warning: Some(0.5), critical: Some(0.1), ..Bounds::default() },
        owner: None,
        period: Period::Month,
        window: None,
        lateness: None,
        stale_after: Duration::from_secs(90 * 86_400),
        description: String::new(),
        by: None,
    }
}

fn readings() -> [(&'static str, Reading); 6] {
    [
        ("last", Reading::Last),
        ("sum", Reading::Sum { empty: Empty::Zero }),
        ("ratio", Reading::Ratio),
        ("quantile", Reading::Quantile(0.95)),
        ("users", Reading::Distinct { empty: Empty::Zero }),
        ("nps", Reading::Nps),
    ]
}

fn line(kind: &str, within: Range<i64>, rng: &mut StdRng, body: &mut String) {
    let at = Timestamp::from_seconds(START + rng.random_range(within));
    let value = match kind {
        "ratio" => format!("\"numerator\":{},\"denominator\":10", rng.random_range(0..10)),
        "users" => format!("\"user\":\"user-{}\"", rng.random_range(0..1_000_000)),
        "nps" => format!("\"value\":{}", rng.random_range(0..=10)),
        _ => format!("\"value\":{:.3}", rng.random_range(0.1..500.0)),
    };
    let _ = writeln!(body, "{{\"kpi\":\"{kind}\",\"ts\":\"{at}\",{value}}}");
}

fn options(definitions: Vec<Definition>) -> KpiOptions {
    let calendar = Calendar { zone: jiff::tz::TimeZone::get("Europe/Paris").expect("a zone") };
    let lateness = Duration::from_secs(3_600);
    let catalogue = Catalogue::new(definitions, Constants::new(), calendar, lateness).expect("a catalogue");
    KpiOptions { catalogue, ..KpiOptions::default() }
}

/// Of this process, in MiB.
fn resident_mib() -> u64 {
    let status = std::fs::read_to_string("/proc/self/status").unwrap_or_default();
    let line = status.lines().find_map(|line| line.strip_prefix("VmRSS:"));
    let kib = line.and_then(|line| line.split_whitespace().next()?.parse::<u64>().ok());
    kib.unwrap_or(0) / 1_024
}

#[tokio::main]
async fn main() {
    let kinds: Vec<&str> = readings().iter().map(|(name, _)| *name).collect();
    for kind in &kinds {
        stream(kind, &[kind], Spread::OverTheYear).await;
    }
    stream("all as they happen", &kinds, Spread::AsTheyHappen).await;
    stream("all at random", &kinds, Spread::OverTheYear).await;
    exposition().await;
}

/// When the samples of a body were taken.
#[derive(Clone, Copy)]
enum Spread {
    /// Each at any time: a row of the store for every few of them.
    OverTheYear,
    /// In the body's hundredth of the year.
    AsTheyHappen,
}

/// A million samples of these kinds in turn.
async fn stream(name: &str, kinds: &[&str], spread: Spread) {
    let mut rng = StdRng::seed_from_u64(7);
    let bodies = EVENTS / A_BODY;
    let seconds = DAYS * DAY;
    let bodies: Vec<Bytes> = (0..bodies)
        .map(|number| {
            let part = seconds / bodies as i64;
            let within = match spread {
                Spread::OverTheYear => 0..seconds,
                Spread::AsTheyHappen => number as i64 * part..(number as i64 + 1) * part,
            };
            let mut body = String::new();
            (0..A_BODY).for_each(|row| line(kinds[row % kinds.len()], within.clone(), &mut rng, &mut body));
            Bytes::from(body)
        })
        .collect();
    let dir = tempfile::tempdir().expect("a directory");
    let opened =
        SqliteStore::open(dir.path(), SqliteOptions { reserve_bytes: 0, ..SqliteOptions::default() });
    let (store, recovered) = opened.expect("a store");
    let clock = Arc::new(ManualClock::at(Timestamp::from_seconds(START + DAYS * DAY)));
    let metrics = Arc::new(Metrics::new("bench", SeriesOptions::default()));
    let kpis =
        options(readings().into_iter().map(|(name, reading)| definition(None, name, reading)).collect());
    let store = (Arc::new(store), recovered);
    let running = support::start(store, clock, metrics, support::limits(), Vec::new(), kpis).await;
    let mut at_half = 0;
    let before = resident_mib();
    let started = Instant::now();
    for (number, body) in bodies.iter().enumerate() {
        let request = SamplesRequest { body: body.clone(), format: BodyFormat::Ndjson, key: None };
        let answer = running.pipeline.samples(request).await.unwrap_or_else(|error| panic!("{error}"));
        assert_eq!(answer.accepted, A_BODY as u64);
        if number + 1 == bodies.len() / 2 {
            at_half = resident_mib();
        }
    }
    let took = started.elapsed();
    println!(
        "{name:>18}: {:>7.0}k events/s; resident {before} MiB before, {at_half} after half, {} after all",
        EVENTS as f64 / took.as_secs_f64() / 1e3,
        resident_mib()
    );
    running.stop().await;
}

/// How long `/metrics` takes, and how many series it has.
async fn exposition() {
    let cases = (0..100).flat_map(|case| (0..10).map(move |kpi| (case, format!("kpi_{kpi}"))));
    let sum = Reading::Sum { empty: Empty::Zero };
    let kpis = options(cases.map(|(case, name)| definition(Some(case), &name, sum)).collect());
    let dir = tempfile::tempdir().expect("a directory");
    let opened =
        SqliteStore::open(dir.path(), SqliteOptions { reserve_bytes: 0, ..SqliteOptions::default() });
    let (store, recovered) = opened.expect("a store");
    let now = Timestamp::from_seconds(START + DAYS * DAY);
    let clock = Arc::new(ManualClock::at(now));
    let metrics = Arc::new(Metrics::new("bench", SeriesOptions::default()));
    let store = (Arc::new(store), recovered);
    let running = support::start(store, clock, metrics.clone(), support::limits(), Vec::new(), kpis).await;
    let mut body = String::new();
    for case in 0..100 {
        for kpi in 0..10 {
            for day in 0..DAYS {
                let at = Timestamp::from_seconds(START + day * DAY);
                let _ = writeln!(
                    body,
                    "{{\"use_case\":\"case-{case:03}\",\"kpi\":\"kpi_{kpi}\",\"ts\":\"{at}\",\"value\":1}}"
                );
            }
        }
        let request =
            SamplesRequest { body: std::mem::take(&mut body).into(), format: BodyFormat::Ndjson, key: None };
        running.pipeline.samples(request).await.unwrap_or_else(|error| panic!("{error}"));
    }
    let started = Instant::now();
    running.pipeline.look_at_kpis().await;
    let looked = started.elapsed();
    let started = Instant::now();
    let text = metrics.encode(Format::Text, now);
    let mut series: BTreeMap<&str, usize> = BTreeMap::new();
    for line in text.lines().filter(|line| line.starts_with("driftd_kpi")) {
        *series.entry(line.split('{').next().unwrap_or(line)).or_default() += 1;
    }
    println!(
        "100 use cases, 1,000 KPIs: judged and published in {looked:.0?}, scraped in {:.0?}, {} series of KPIs, {} MiB",
        started.elapsed(),
        series.values().sum::<usize>(),
        resident_mib()
    );
    running.stop().await;
}
