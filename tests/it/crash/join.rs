//! Outcomes are those of the labels that were acknowledged, to the bit, however often the daemon is killed.
#![cfg(test)]

use std::collections::BTreeMap;
use std::net::SocketAddr;
use std::sync::RwLock;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::time::Duration;

use driftd::domain::{PaneLength, Segment, Task, TimeRange, Timestamp};
use driftd::performance::{Actual, Group, Predicted, Record, Yardstick};
use driftd::reference::{NamedClasses, yardstick};
use driftd::sketch::{Integers, Tally};
use driftd::store::sqlite::{SqliteOptions, SqliteStore};
use driftd::store::{DeltaBody, Store};
use rand::rngs::StdRng;
use rand::{RngExt, SeedableRng};

use super::sender::Sender;
use crate::support::http::{Connection, request};
use crate::support::loan::{MODEL, Place, profile};
use crate::support::process::{Daemon, pause, poll};

const KILLS: u32 = 50;
/// Rows of a body.
const ROWS: u64 = 40;
/// 2026-11-01.
const START: Timestamp = Timestamp::from_seconds(1_793_491_200);

/// What is known of a row by its number.
struct Row(u64);

impl Row {
    fn at(&self) -> Timestamp {
        START.saturating_add(Duration::from_secs(self.0 * 30))
    }

    fn score(&self) -> f64 {
        (self.0 * 29 % 65) as f64 / 64.0
    }

    fn region(&self) -> &'static str {
        ["ARA", "IDF", "BRE"][(self.0 % 3) as usize]
    }

    fn is_corrected(&self) -> bool {
        self.0.is_multiple_of(5)
    }

    /// The first label, or the one that corrects it.
    fn label(&self, correction: bool) -> (bool, Duration) {
        let positive = (self.0 * 7 % 65) as f64 / 64.0 < self.score();
        let lag = Duration::from_secs(3_600 + self.0 % 7_000);
        if correction { (!positive, lag + Duration::from_secs(60)) } else { (positive, lag) }
    }

    fn prediction_json(&self) -> String {
        let (n, at, score, region) = (self.0, self.at(), self.score(), self.region());
        let prediction = name(score >= 0.5);
        format!(
            "{{\"id\":\"p-{n}\",\"ts\":\"{at}\",\"features\":{{}},\"prediction\":\"{prediction}\",\"score\":{score},\
             \"segments\":{{\"region\":\"{region}\"}}}}\n"
        )
    }

    fn label_json(&self, correction: bool) -> String {
        let (positive, lag) = self.label(correction);
        let (n, at) = (self.0, self.at().saturating_add(lag));
        format!("{{\"id\":\"p-{n}\",\"ts\":\"{at}\",\"actual\":\"{}\"}}\n", name(positive))
    }
}

fn name(positive: bool) -> &'static str {
    if positive { "yes" } else { "no" }
}

fn rows_of(body: u64) -> impl Iterator<Item = Row> {
    (body * ROWS..(body + 1) * ROWS).map(Row)
}

/// What the senders and the killer share.
struct Stage {
    address: RwLock<SocketAddr>,
    /// Bodies of predictions and of labels that were acknowledged, in the order of their numbers.
    predicted: AtomicU64,
    labelled: AtomicU64,
    over: AtomicBool,
}

impl Stage {
    /// Sends one body after the other until all is over.
    fn send(&self, endpoint: &str, sent: &AtomicU64, body: impl Fn(u64) -> String) {
        let mut own = Sender::new(&self.address);
        for number in 0.. {
            if self.over.load(Ordering::Relaxed) {
                return;
            }
            let answer = own.send(endpoint, &format!("{endpoint}-{number}"), &body(number));
            assert_eq!(answer.rejected, 0, "{answer:?}");
            sent.store(number + 1, Ordering::Relaxed);
        }
    }
}

/// Labels of a body, some of them corrected in the same body or in the next one, some given twice.
fn labels(number: u64) -> String {
    let own = rows_of(number).map(|row| {
        let label = row.label_json(false);
        if row.is_corrected() && row.0.is_multiple_of(2) { label + &row.label_json(true) } else { label }
    });
    let earlier = number.checked_sub(1).into_iter().flat_map(rows_of);
    let corrected = earlier.filter(Row::is_corrected).map(|row| row.label_json(true));
    corrected.chain(own).collect()
}

/// Tells the senders to end, also where the killer panics.
struct End<'a>(&'a Stage);

impl Drop for End<'_> {
    fn drop(&mut self) {
        self.0.over.store(true, Ordering::Relaxed);
    }
}

fn kill_often(place: &Place, stage: &Stage, random: &mut StdRng) {
    for _ in 0..KILLS {
        let mut daemon = Daemon::spawn(&mut Daemon::command(&place.config()));
        *stage.address.write().unwrap() = daemon.address();
        let sent = || stage.labelled.load(Ordering::Relaxed);
        let before = sent();
        poll(|| (sent() > before).then_some(())).expect("senders get on");
        pause(Duration::from_micros(random.random_range(0..150_000)));
        daemon.kill();
    }
}

/// The lanes of a row.
fn segments_of(row: &Row) -> [Segment; 2] {
    [Segment::All, format!("region={}", row.region()).parse().unwrap()]
}

/// All outcomes as they must be, by segment and pane.
fn expected(
    predicted: u64,
    labelled: u64,
    yardsticks: &[Yardstick; 2],
) -> BTreeMap<(Segment, Timestamp), Integers> {
    let mut records: BTreeMap<(Segment, Timestamp), Record> = BTreeMap::new();
    for row in (0..predicted).flat_map(rows_of) {
        let predicted = Predicted::Binary { positive: row.score() >= 0.5, score: Some(row.score()) };
        let body = row.0 / ROWS;
        let corrected = row.is_corrected() && (row.0.is_multiple_of(2) || body + 1 < labelled);
        let label = (body < labelled).then(|| row.label(corrected));
        for (segment, yardstick) in segments_of(&row).into_iter().zip(yardsticks) {
            let pane = PaneLength::Hour.pane_of(row.at()).start;
            let record = records.entry((segment, pane)).or_insert_with(|| Record::empty(yardstick));
            record.count_prediction(yardstick, &predicted, 1);
            if let Some((positive, lag)) = label {
                record.count_outcome(yardstick, &predicted, Actual::Class(usize::from(positive)), lag, 1);
            }
        }
    }
    records.into_iter().map(|(key, record)| (key, record.integers())).collect()
}

/// What a stopped daemon holds.
fn stored(place: &Place, yardsticks: &[Yardstick; 2]) -> BTreeMap<(Segment, Timestamp), Integers> {
    let ruler = profile().ruler;
    let whole = ruler.clone().with_outcomes(yardsticks[0].on_ruler());
    let coarse = ruler.coarse().with_outcomes(yardsticks[1].on_ruler());
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
    let rows = runtime.block_on(async {
        let (store, _) = SqliteStore::open(&place.data(), SqliteOptions::default()).unwrap();
        let always = TimeRange { start: Timestamp::MIN, end: Timestamp::MAX };
        let rows = store.read_deltas(&MODEL.parse().unwrap(), always).await.unwrap();
        store.close().await.unwrap();
        rows
    });
    let mut sums: BTreeMap<(Segment, Timestamp), Tally> = BTreeMap::new();
    for row in rows {
        let ruler = if row.key.segment == Segment::All { &whole } else { &coarse };
        let DeltaBody::Counts(bytes) = &row.body else { panic!("{:?} is no count", row.key) };
        let key = (row.key.segment, row.key.pane.start);
        let sum = sums.entry(key).or_insert_with(|| Tally::empty(ruler));
        sum.add(&Tally::decode(bytes, ruler).unwrap()).unwrap();
    }
    sums.into_iter().map(|(key, tally)| (key, tally.outcomes)).collect()
}

fn sample(address: SocketAddr, name: &str) -> Option<f64> {
    let mut connection = Connection::open(address).ok()?;
    let answer = connection.send(&request("GET", "/metrics", address, &[], b"")).ok()?;
    let text = String::from_utf8(answer.body).ok()?;
    text.lines().find_map(|line| line.strip_prefix(name)?.strip_prefix(' '))?.parse().ok()
}

#[test]
fn killed_while_it_joins_it_has_the_outcomes_of_all_labels_exactly() {
    let seed: u64 = rand::random();
    eprintln!("seed {seed}");
    let mut random = StdRng::seed_from_u64(seed);
    let place = Place::new();
    place.write(
        "models/loan.toml",
        "id = \"loan\"\ntask = \"binary\"\npositive_class = \"yes\"\nclock = \"replay\"\n[reference]\nprofile = \"loan.profile\"\n\
         [segments]\nby = [\"region\"]\n[[windows]]\nlength = \"6h\"\npane = \"1h\"\nmin_samples = 100\n",
    );
    let stage = Stage {
        address: RwLock::new(SocketAddr::from(([127, 0, 0, 1], 1))),
        predicted: AtomicU64::new(0),
        labelled: AtomicU64::new(0),
        over: AtomicBool::new(false),
    };
    let daemon = std::thread::scope(|scope| {
        let stage = &stage;
        let prediction = |number| rows_of(number).map(|row| row.prediction_json()).collect();
        scope.spawn(move || stage.send("predictions", &stage.predicted, prediction));
        scope.spawn(move || stage.send("labels", &stage.labelled, labels));
        let _end = End(stage);
        kill_often(&place, stage, &mut random);
        let (daemon, address) = Daemon::start(&place.config());
        *stage.address.write().unwrap() = address;
        daemon
    });
    let address = *stage.address.read().unwrap();
    // The log is joined in its order: a label whose life is long over says that all before it are.
    let last = "{\"id\":\"last\",\"ts\":\"2020-01-01T00:00:00Z\",\"actual\":\"yes\"}\n";
    assert_eq!(Sender::new(&stage.address).send("labels", "last", last).accepted, 1);
    let late = format!("driftd_labels_total{{model=\"{MODEL}\",outcome=\"late\"}}");
    poll(|| sample(address, &late).filter(|labels| *labels == 1.0)).expect("all is joined");
    daemon.stop();
    let (predicted, labelled) = (stage.predicted.into_inner(), stage.labelled.into_inner());
    eprintln!("{predicted} bodies of predictions, {labelled} of labels, {ROWS} rows each");
    let named = NamedClasses { positive: Some("yes"), all: &[] };
    let whole = yardstick(Task::Binary, named, &profile().ruler, None).unwrap();
    let yardsticks = [whole.clone(), whole.coarse()];
    let (found, expected) = (stored(&place, &yardsticks), expected(predicted, labelled, &yardsticks));
    let differ: Vec<_> = expected.iter().filter(|(key, of)| found.get(key) != Some(of)).collect();
    assert!(differ.is_empty(), "{} of {} differ, first {:?}", differ.len(), expected.len(), differ[0].0);
    assert_eq!(found.len(), expected.len());
}
