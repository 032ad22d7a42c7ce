//! What rows say of KPIs, against counts made by hand and against one state a row.

use std::collections::BTreeSet;
use std::time::Duration;

use driftd::batch::{Batch, Schema};
use driftd::domain::{IdHasher, IdKey, ModelId, Segment, Task, TimeRange, Timestamp};
use driftd::ingest::decode::{Admission, DecodeLimits, Decoder, Format};
use driftd::kpi::{
    Book, Bounds, Calendar, CalendarPane, Catalogue, Constants, Definition, Empty, Family, Kind, KpiId,
    NotComputable, Outcome, Period, Reading, Sample, SampleValue, Sign, State, StreamKey, Value,
};
use driftd::pipeline::kpi::{RowFeed, SLICES_MAX, UserStream, kpis_of};
use driftd::store::KpiDelta;
use proptest::prelude::*;

const USERS: Reading = Reading::Distinct { empty: Empty::Unknown };
const SUM: Reading = Reading::Sum { empty: Empty::Unknown };

fn schema() -> Schema {
    Schema {
        task: Task::Binary,
        columns: Vec::new(),
        segments: vec!["plan".into(), "team".into()],
        ignored: Vec::new(),
    }
}

fn id(text: &str) -> KpiId {
    text.parse().unwrap()
}

fn at(text: &str) -> Timestamp {
    text.parse().unwrap()
}

/// Each KPI reads the stream of its own id, by the clock of Paris.
fn catalogue(kpis: &[(&str, Reading, Period)]) -> Catalogue {
    let definition = |(name, reading, period): &(&str, Reading, Period)| Definition {
        id: id(name),
        family: Family::Technical,
        unit: "1".parse().unwrap(),
        kind: Kind::Counted { stream: id(name), reading: *reading },
        bounds: Bounds::default(),
        owner: None,
        period: *period,
        window: None,
        lateness: None,
        stale_after: Duration::from_secs(86_400),
        description: String::new(),
        by: None,
    };
    let calendar = Calendar { zone: jiff::tz::TimeZone::get("Europe/Paris").unwrap() };
    let definitions = kpis.iter().map(definition).collect();
    Catalogue::new(definitions, Constants::new(), calendar, Duration::from_secs(3_600)).unwrap()
}

fn all_streams() -> Catalogue {
    catalogue(&[
        ("model:loans/errors", Reading::Ratio, Period::Day),
        ("model:loans/latency", Reading::Quantile(0.95), Period::Hour),
        ("model:loans/traffic", Reading::Uptime { errors_max: 0.4 }, Period::Day),
        ("model:loans/cost", SUM, Period::Month),
        ("model:loans/cpu_seconds", SUM, Period::Day),
        ("model:loans/gpu_seconds", Reading::Mean, Period::Hour),
        ("model:loans/predictions", SUM, Period::Week),
        ("claims/active", USERS, Period::Day),
        ("claims/hourly", USERS, Period::Hour),
    ])
}

fn feed() -> RowFeed {
    let users = |stream: &str, by: Option<&str>| UserStream { stream: id(stream), by: by.map(Into::into) };
    RowFeed {
        technical: Some("loans".parse::<ModelId>().unwrap()),
        users: vec![
            users("claims/active", Some("team")),
            users("claims/hourly", Some("region")),
            users("claims/unheard_of", None),
        ],
    }
}

fn decode(rows: &[String]) -> Batch {
    let admission =
        Admission { arrival: at("2026-11-22T10:00:00Z"), latest: Timestamp::MAX, oldest: Timestamp::MIN };
    let limits = DecodeLimits { row_bytes_max: 1_000, rows_max: 10_000, depth_max: 4 };
    let mut decoder = Decoder::new(&schema()).with_operations(IdHasher::of_users(&IdKey([7; 32])));
    let decoded = decoder.decode(rows.join("\n").as_bytes(), Format::Ndjson, &admission, &limits).unwrap();
    assert_eq!(decoded.rejections.total(), 0);
    decoded.batch
}

fn kpis(rows: &[String], catalogue: &Catalogue) -> Vec<KpiDelta> {
    kpis_of(&decode(rows), &schema(), &feed(), catalogue)
}

fn book(deltas: Vec<KpiDelta>, catalogue: &Catalogue) -> Book {
    let mut book = Book::default();
    for KpiDelta { key: StreamKey { stream, segment, pane }, newest, state } in deltas {
        book.note(&stream, newest);
        let start = catalogue.calendar().start_of_pane(catalogue.streams()[&stream].pane, pane);
        book.add(stream, segment, start, &state).unwrap();
    }
    book
}

/// Five rows of the 22nd of November in Paris and one of the 23rd, which begins at 23:00 UTC.
fn six_rows() -> Vec<String> {
    [
        r#"{"ts":"2026-11-22T10:00:00Z","latency_ms":10,"cost":0.5,"cpu_seconds":0.25,"user":"ann","segments":{"team":"a"}}"#,
        r#"{"ts":"2026-11-22T10:04:59Z","latency_ms":20,"cost":0.25,"gpu_seconds":2,"user":"bob","segments":{"team":"a"}}"#,
        r#"{"ts":"2026-11-22T10:05:00Z","latency_ms":5000,"failed":true,"user":"ann","segments":{"team":"b"}}"#,
        r#"{"ts":"2026-11-22T10:09:00Z","cost":"free","gpu_seconds":4,"user":"cy"}"#,
        r#"{"ts":"2026-11-22T23:00:00Z","latency_ms":40,"cost":1e300,"failed":false,"user":"dee","segments":{"team":"b"}}"#,
        r#"{"ts":"2026-11-22T11:00:00Z","latency_ms":30}"#,
    ]
    .map(String::from)
    .into()
}

#[test]
fn rows_are_counted_as_by_hand() {
    let catalogue = all_streams();
    let book = book(kpis(&six_rows(), &catalogue), &catalogue);
    let paris_day = |start: &str, end: &str| TimeRange { start: at(start), end: at(end) };
    let first = paris_day("2026-11-21T23:00:00Z", "2026-11-22T23:00:00Z");
    let second = paris_day("2026-11-22T23:00:00Z", "2026-11-23T23:00:00Z");
    let hour = paris_day("2026-11-22T10:00:00Z", "2026-11-22T11:00:00Z");
    let of =
        |name: &str, segment: &str, over| book.value(&catalogue, &id(name), &segment.parse().unwrap(), over);
    let value = |value, n| Ok(Value { value, n });

    // One of five failed; of the next day, none of one.
    assert_eq!(of("model:loans/errors", "all", first), value(0.2, 5));
    assert_eq!(of("model:loans/errors", "all", second), value(0.0, 1));
    // Slots of five minutes: 10:00 has two good rows, 10:05 one of two failed (0.5 > 0.4), 11:00 a good one: 2 of 288.
    assert_eq!(of("model:loans/traffic", "all", first), value(2.0 / 288.0, 5));
    assert_eq!(of("model:loans/traffic", "all", second), value(1.0 / 288.0, 1));
    // 10, 20 and 5000 ms within the hour: the ⌈0.95·3⌉ = 3rd.
    let latency = of("model:loans/latency", "all", hour).unwrap();
    assert!((latency.value / 5_000.0 - 1.0).abs() <= 0.01 && latency.n == 3, "{latency:?}");
    // 0.5 + 0.25; "free" is no number, and 1e300 more than a sum takes.
    assert_eq!(of("model:loans/cost", "all", first), value(0.75, 2));
    assert_eq!(of("model:loans/cost", "all", second), Err(NotComputable::NoData));
    assert_eq!(of("model:loans/cpu_seconds", "all", first), value(0.25, 1));
    assert_eq!(of("model:loans/gpu_seconds", "all", hour), value(3.0, 2));
    assert_eq!(of("model:loans/predictions", "all", first), value(5.0, 5));
    // ann twice, bob, cy; in team a ann and bob, in b ann; cy has no team. The next day dee, of b.
    assert_eq!(of("claims/active", "all", first), value(3.0, 4));
    assert_eq!(of("claims/active", "team=a", first), value(2.0, 2));
    assert_eq!(of("claims/active", "team=b", first), value(1.0, 1));
    assert_eq!(of("claims/active", "all", second), value(1.0, 1));
    assert_eq!(of("claims/active", "team=b", second), value(1.0, 1));
    let segments: Vec<String> = book.segments(&id("claims/active")).map(Segment::to_string).collect();
    assert_eq!(segments, ["all", "team=a", "team=b"]);
    // No row is sliced by region.
    assert_eq!(book.segments(&id("claims/hourly")).count(), 1);
    assert_eq!(of("claims/hourly", "all", hour), value(3.0, 4));
    // Times of what counts: the last row of all has no user.
    assert_eq!(book.last_sample(&id("claims/active")), Some(at("2026-11-22T23:00:00Z")));
    assert_eq!(book.last_sample(&id("model:loans/cost")), Some(at("2026-11-22T10:04:59Z")));
}

#[test]
fn a_delta_is_of_one_pane_and_its_newest_row() {
    let catalogue = catalogue(&[("model:loans/latency", Reading::Quantile(0.5), Period::Hour)]);
    let deltas = kpis(&six_rows(), &catalogue);
    let found: Vec<_> = deltas.iter().map(|d| (d.key.pane, d.newest)).collect();
    let expected = [
        ("2026-11-22T10:00:00Z", "2026-11-22T10:05:00Z"),
        ("2026-11-22T23:00:00Z", "2026-11-22T23:00:00Z"),
        ("2026-11-22T11:00:00Z", "2026-11-22T11:00:00Z"),
    ];
    assert_eq!(found, expected.map(|(pane, newest)| (CalendarPane::Hour(at(pane)), at(newest))));
}

#[test]
fn nothing_is_counted_that_nobody_wants() {
    let nobody = catalogue(&[("model:other/errors", Reading::Ratio, Period::Day)]);
    assert_eq!(kpis(&six_rows(), &nobody), []);
    // A stream that counts what these rows cannot say.
    let other_kind =
        catalogue(&[("model:loans/traffic", SUM, Period::Day), ("claims/active", SUM, Period::Day)]);
    assert_eq!(kpis(&six_rows(), &other_kind), []);
    let silent = ["{}".to_owned()];
    let streams = kpis(&silent, &all_streams()).into_iter().map(|delta| delta.key.stream.to_string());
    let expected = ["model:loans/errors", "model:loans/traffic", "model:loans/predictions"];
    assert_eq!(streams.collect::<Vec<_>>(), expected, "what every row says");
    let not_asked = Batch { operations: None, ..decode(&six_rows()) };
    assert_eq!(kpis_of(&not_asked, &schema(), &feed(), &all_streams()), []);
    assert_eq!(kpis_of(&decode(&six_rows()), &schema(), &RowFeed::default(), &all_streams()), []);
}

#[test]
fn values_past_the_limit_share_one_slice() {
    let catalogue = catalogue(&[("claims/active", USERS, Period::Day)]);
    let row = |user: usize, team: &str| format!(r#"{{"user":{user},"segments":{{"team":"{team}"}}}}"#);
    let teams = |named_other: bool| -> Vec<String> {
        let first = if named_other { row(7, "other") } else { row(7, "first") };
        std::iter::once(first).chain((1..SLICES_MAX + 3).map(|i| row(i, &format!("t{i}")))).collect()
    };
    // 1,003 teams of one user each: three of them share `other`, where user 7 already is if his team is called so.
    for (named_other, slices, in_other) in [(false, SLICES_MAX + 1, 3.0), (true, SLICES_MAX, 4.0)] {
        let deltas = kpis(&teams(named_other), &catalogue);
        let keys: BTreeSet<&StreamKey> = deltas.iter().map(|delta| &delta.key).collect();
        assert_eq!((keys.len(), deltas.len()), (slices + 1, slices + 1));
        let segment: Segment = "team=other".parse().unwrap();
        let other = deltas.iter().find(|delta| delta.key.segment == segment).unwrap();
        assert!(matches!(&other.state, State::Distinct(users) if users.users() == in_other), "{named_other}");
    }
}

/// A row of the property: when, how long, what it cost, whether it failed, who, of which team.
type Row = (i64, Option<i32>, Option<i32>, bool, Option<u8>, Option<u8>);

/// Around the hour that Paris has twice, 2026-10-25 from 00:00 to 02:00 UTC, and days beside it.
fn any_row() -> impl Strategy<Value = Row> {
    let near = at("2026-10-25T00:00:00Z").micros();
    let micros = prop_oneof![-10_800_000_000..10_800_000_000i64, -259_200_000_000..259_200_000_000i64];
    let number = || prop::option::of(-5..1_000_000i32);
    (
        micros.prop_map(move |m| near + m),
        number(),
        number(),
        any::<bool>(),
        prop::option::of(0..20u8),
        prop::option::of(0..3u8),
    )
}

fn text((micros, latency, cost, failed, user, team): &Row) -> String {
    let null = |number: Option<i32>| number.map_or("null".to_owned(), |n| format!("{n}.5"));
    let quoted = |prefix: &str, n: &Option<u8>| n.map_or("null".to_owned(), |n| format!("\"{prefix}{n}\""));
    format!(
        r#"{{"ts":{micros},"latency_ms":{},"cost":{},"gpu_seconds":{},"failed":{failed},"user":{},"segments":{{"team":{}}}}}"#,
        null(*latency),
        null(*cost),
        null(cost.map(|cost| cost / 7)),
        quoted("u", user),
        quoted("t", team),
    )
}

/// One state a sample, each in the pane that the calendar says.
fn one_by_one(rows: &[Row], catalogue: &Catalogue) -> Book {
    let mut book = Book::default();
    let users = IdHasher::of_users(&IdKey([7; 32]));
    for (micros, latency, cost, failed, user, team) in rows {
        let at = Timestamp::from_micros(*micros);
        let half = |n: &Option<i32>| n.map(|n| SampleValue::Number(format!("{n}.5").parse().unwrap()));
        let user = user.map(|n| SampleValue::User(users.hash(&format!("u{n}")).bits()));
        let outcome = if *failed { Outcome::Failed } else { Outcome::Succeeded };
        let parts = SampleValue::Parts { numerator: if *failed { 1.0 } else { 0.0 }, denominator: 1.0 };
        let team = team.map(|n| Segment::Slice { attribute: "team".into(), value: format!("t{n}").into() });
        let samples = [
            ("model:loans/errors", Some(Segment::All), Some(parts)),
            ("model:loans/latency", Some(Segment::All), half(latency)),
            ("model:loans/traffic", Some(Segment::All), Some(SampleValue::Outcome(outcome))),
            ("model:loans/cost", Some(Segment::All), half(cost)),
            ("model:loans/gpu_seconds", Some(Segment::All), half(&cost.map(|cost| cost / 7))),
            ("model:loans/predictions", Some(Segment::All), Some(SampleValue::Number(1.0))),
            ("claims/active", Some(Segment::All), user),
            ("claims/active", team, user),
            ("claims/hourly", Some(Segment::All), user),
        ];
        for (stream, segment, value) in samples {
            let (Some(segment), Some(value)) = (segment, value) else { continue };
            let stream = id(stream);
            let counted = &catalogue.streams()[&stream];
            let sample = Sample { at, value, revision: 0, sign: Sign::Counts };
            let pane = catalogue.calendar().pane_of(counted.pane, at);
            book.note(&stream, at);
            let state = State::of(counted.kind, &sample).unwrap();
            book.add(stream, segment, pane, &state).unwrap();
        }
    }
    book
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]

    #[test]
    fn any_split_of_a_batch_comes_to_the_same(rows in prop::collection::vec((any_row(), 0..3usize), 1..60)) {
        let catalogue = all_streams();
        let whole: Vec<Row> = rows.iter().map(|(row, _)| *row).collect();
        let texts: Vec<String> = whole.iter().map(text).collect();
        let expected = one_by_one(&whole, &catalogue);
        let deltas = kpis(&texts, &catalogue);
        let keys: BTreeSet<&StreamKey> = deltas.iter().map(|delta| &delta.key).collect();
        prop_assert_eq!(keys.len(), deltas.len(), "one delta a key");
        prop_assert!(book(deltas, &catalogue) == expected);
        let parts = (0..3).map(|part| rows.iter().filter(|(_, of)| *of == part).map(|(row, _)| text(row)).collect());
        let parts = parts.flat_map(|part: Vec<String>| kpis(&part, &catalogue));
        prop_assert!(book(parts.collect(), &catalogue) == expected);
    }
}
