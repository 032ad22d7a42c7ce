//! What is sent: bodies of rows made beforehand, in which only event times, keys and ids change. Each row has an id of its
//! own, so that every prediction waits for a label.

use std::fmt::Write;
use std::net::SocketAddr;

use driftd::batch::{CodesBuilder, ColumnValues};
use driftd::domain::{ColumnKind, Task, Timestamp};
use driftd::reference::{BuildOptions, Builder, Profile, ReferenceColumn};
use rand::rngs::StdRng;
use rand::{RngExt, SeedableRng};
use rand_distr::StandardNormal;

use crate::http::request;

pub const ROWS: usize = 1_000;
/// With prediction and score 25 columns.
const NUMERIC: usize = 18;
const CATEGORICAL: usize = 5;
const CATEGORIES: usize = 40;
const SEGMENTS: [(&str, usize); 3] = [("region", 12), ("channel", 4), ("plan", 6)];
/// Begins every run: 2026-11-01.
const START: i64 = 1_793_491_200;
const TS: &str = "2026-11-01T00:00:00Z";
const KEY: &str = "key-000000000000";
/// Of each row, followed by its place.
const ID: &str = "p-000000000000-";

/// A request whose event times, key and ids are written over in place: the client does no more than that.
pub struct Request {
    bytes: Vec<u8>,
    key_at: usize,
    ts_at: Vec<usize>,
    id_at: Vec<usize>,
}

impl Request {
    pub fn new(model: &str, address: SocketAddr, segmented: bool, seed: u64) -> Self {
        let body = body(segmented, seed);
        let path = format!("/v1/models/{model}/predictions");
        let headers = [("Content-Type", "application/x-ndjson"), ("Idempotency-Key", KEY)];
        let bytes = request("POST", &path, address, &headers, body.as_bytes());
        let places = |of: &str| -> Vec<usize> {
            let found = bytes.windows(of.len()).enumerate().filter(|(_, window)| *window == of.as_bytes());
            found.map(|(at, _)| at).collect()
        };
        let (key_at, ts_at, id_at) = (places(KEY)[0], places(TS), places(ID));
        assert_eq!([ts_at.len(), id_at.len()], [ROWS; 2], "each row has its time and id");
        Self { bytes, key_at, ts_at, id_at }
    }

    /// The request under a key of its own, its rows all of one second.
    pub fn at(&mut self, key: u64, seconds: i64) -> &[u8] {
        let (key, id) = (format!("key-{key:012}"), format!("p-{key:012}-"));
        self.bytes[self.key_at..][..KEY.len()].copy_from_slice(key.as_bytes());
        for &at in &self.id_at {
            self.bytes[at..][..ID.len()].copy_from_slice(id.as_bytes());
        }
        let ts = Timestamp::from_seconds(START + seconds).to_string();
        for &at in &self.ts_at {
            self.bytes[at..][..TS.len()].copy_from_slice(ts.as_bytes());
        }
        &self.bytes
    }

    pub fn bytes_a_row(&self) -> usize {
        self.bytes.len() / ROWS
    }
}

fn body(segmented: bool, seed: u64) -> String {
    let mut random = StdRng::seed_from_u64(seed);
    let mut body = String::new();
    for row in 0..ROWS {
        let mut line = format!("{{\"id\":\"{ID}{row:04}\",\"ts\":\"{TS}\",\"version\":\"1\",\"features\":{{");
        for column in 0..NUMERIC {
            let value: f64 = random.sample(StandardNormal);
            let _ = write!(line, "\"f{column:02}\":{:.4},", value * 100.0);
        }
        for column in 0..CATEGORICAL {
            let _ = write!(line, "\"c{column}\":\"name{:02}\",", random.random_range(0..CATEGORIES));
        }
        line.pop();
        let score: f64 = random.random();
        let _ = write!(line, "}},\"prediction\":\"{}\",\"score\":{score:.4}", prediction(score));
        if segmented {
            let of = |(name, values): &(&str, usize)| format!("\"{name}\":\"v{}\"", row % values);
            let segments: Vec<String> = SEGMENTS.iter().map(of).collect();
            let _ = write!(line, ",\"segments\":{{{}}}", segments.join(","));
        }
        body.push_str(&line);
        body.push_str("}\n");
    }
    body
}

fn prediction(score: f64) -> &'static str {
    if score >= 0.5 { "yes" } else { "no" }
}

/// The model's config; `segmented`: by three attributes.
pub fn config(model: &str, segmented: bool) -> String {
    let by: Vec<String> =
        SEGMENTS.iter().filter(|_| segmented).map(|(name, _)| format!("\"{name}\"")).collect();
    format!(
        "id = \"{model}\"\ntask = \"binary\"\nclock = \"replay\"\n[reference]\nprofile = \"{model}.profile\"\n\
         [segments]\nby = [{}]\n[[windows]]\nlength = \"1h\"\npane = \"5m\"\nlateness = \"0s\"\nmin_samples = 100\n",
        by.join(",")
    )
}

pub fn profile(model: &str) -> Profile {
    const REFERENCE_ROWS: usize = 20_000;
    let mut random = StdRng::seed_from_u64(7);
    let mut columns = Vec::new();
    let scores: Vec<f64> = (0..REFERENCE_ROWS).map(|_| random.random()).collect();
    let mut labels = CodesBuilder::default();
    scores.iter().for_each(|&score| labels.push(if random.random::<f64>() < score { "yes" } else { "no" }));
    let mut add = |id: String, kind, values| {
        columns.push(ReferenceColumn { id: id.parse().expect("a column's name"), kind, values });
    };
    for column in 0..NUMERIC {
        let values = (0..REFERENCE_ROWS).map(|_| random.sample::<f64, _>(StandardNormal) * 100.0).collect();
        add(format!("f{column:02}"), ColumnKind::Numeric, ColumnValues::Numeric(values));
    }
    for column in 0..CATEGORICAL {
        let mut names = CodesBuilder::default();
        (0..REFERENCE_ROWS).for_each(|row| names.push(&format!("name{:02}", row % CATEGORIES)));
        add(format!("c{column}"), ColumnKind::Categorical, ColumnValues::Categorical(names.take()));
    }
    let mut predictions = CodesBuilder::default();
    scores.iter().for_each(|&score| predictions.push(prediction(score)));
    add("@prediction".into(), ColumnKind::Categorical, ColumnValues::Categorical(predictions.take()));
    add("@score".into(), ColumnKind::Numeric, ColumnValues::Numeric(scores));
    let model = model.parse().expect("a model's name");
    let options =
        BuildOptions { model, task: Some(Task::Binary), windows: vec!["1h/5m".parse().expect("a window")] };
    let mut builder = Builder::new(options, REFERENCE_ROWS, None).expect("there are rows");
    let labels = ColumnValues::Categorical(labels.take());
    builder.learn_outcomes(Task::Binary, Some("yes".into()), labels).expect("each row has a label");
    columns.into_iter().for_each(|column| builder.add(column).expect("columns are of one length"));
    builder.finish().expect("there are columns")
}
