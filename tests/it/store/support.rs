//! Small values for the store.

use std::collections::BTreeMap;
use std::future::Future;
use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

use driftd::domain::{ColumnId, ModelId, Pane, PaneLength, Segment, TimeRange, Timestamp, Version};
use driftd::sketch::{ColumnCounts, EncodedTally, Extremes, Grid, NumericGrid, Ruler, Tally};
use driftd::store::sqlite::{SqliteOptions, SqliteStore};
use driftd::store::{Delta, DeltaBody, DeltaKey, DeltaRow, Guard, IngestCommit, Recovered, Store, Unit};

/// Where a store lies, to be opened more than once (never twice at a time).
pub trait Place {
    type Store: Store;

    fn open(&self) -> impl Future<Output = (Self::Store, Recovered)>;
}

pub struct SqlitePlace(pub tempfile::TempDir);

impl SqlitePlace {
    pub fn new() -> Self {
        Self(tempfile::tempdir().unwrap())
    }
}

impl Place for SqlitePlace {
    type Store = SqliteStore;

    async fn open(&self) -> (SqliteStore, Recovered) {
        SqliteStore::open(self.0.path(), quiet()).unwrap()
    }
}

/// Never checkpoints of its own accord, and leaves the disk no reserve.
pub fn quiet() -> SqliteOptions {
    SqliteOptions {
        reserve_bytes: 0,
        checkpoint_interval: Duration::from_secs(3600),
        checkpoint_bytes: u64::MAX,
        ..SqliteOptions::default()
    }
}

pub fn open(dir: &Path, options: SqliteOptions) -> (SqliteStore, Recovered) {
    SqliteStore::open(dir, options).unwrap()
}

/// Rulers that differ by `pivot`.
pub fn ruler(pivot: f64) -> Ruler {
    let values: Vec<f64> = (0..20).map(|i| pivot + f64::from(i)).collect();
    Ruler::new([(ColumnId::feature("x"), Grid::Numeric(NumericGrid::from_sorted(&values).unwrap()))])
}

pub fn tally(ruler: &Ruler, values: &[f64]) -> Tally {
    let mut tally = Tally::empty(ruler);
    tally.rows = values.len() as i64;
    if let (ColumnCounts::Numeric { counts, extremes }, Grid::Numeric(grid)) =
        (&mut tally.columns[0], &ruler.columns()[0].1)
    {
        counts.count(grid, values);
        *extremes = Extremes::of(values);
    }
    tally
}

pub fn at(seconds: i64) -> Timestamp {
    Timestamp::from_seconds(seconds)
}

pub fn model(id: &str) -> ModelId {
    id.parse().unwrap()
}

pub fn key(id: &str, hour: i64) -> DeltaKey {
    DeltaKey {
        model: model(id),
        version: Version::unnamed(),
        segment: Segment::All,
        pane: Pane { start: at(hour * 3600), length: PaneLength::Hour },
    }
}

pub fn always() -> TimeRange {
    TimeRange { start: Timestamp::MIN, end: Timestamp::MAX }
}

pub fn commit(seconds: i64, units: impl IntoIterator<Item = Unit>) -> IngestCommit {
    IngestCommit { at: at(seconds), units: units.into_iter().collect() }
}

pub fn unit(guard: Guard, deltas: impl IntoIterator<Item = (DeltaKey, Delta)>) -> Unit {
    Unit {
        guard,
        deltas: deltas.into_iter().collect(),
        halves: Vec::new(),
        kpis: Vec::new(),
        newest: BTreeMap::new(),
        answer: Vec::new(),
    }
}

/// Values counted on the ruler of this start.
pub fn counts(start: f64, values: &[f64]) -> Delta {
    let ruler = ruler(start);
    encoded_on(&ruler, &tally(&ruler, values))
}

/// Counts on the ruler that starts at 0.
pub fn encoded(tally: &Tally) -> Delta {
    encoded_on(&ruler(0.0), tally)
}

fn encoded_on(ruler: &Ruler, tally: &Tally) -> Delta {
    Delta::Counts(EncodedTally::of(&Arc::new(ruler.clone()), tally))
}

/// A request of one value for model `m`, hour 0.
pub fn request(guard: Guard, value: f64, answer: &str) -> Unit {
    Unit { answer: answer.into(), ..unit(guard, [(key("m", 0), counts(0.0, &[value]))]) }
}

pub fn keyed(key: &str, body: u8) -> Guard {
    Guard::Key { model: Some(model("m")), endpoint: "predictions", key: key.into(), body_hash: [body; 16] }
}

pub fn moved(expected: Option<i64>, next: i64) -> Guard {
    Guard::Position { source: "kafka/0".into(), expected, next }
}

/// The counts of rows, added by key, on `ruler`.
pub fn sums(rows: &[DeltaRow], ruler: &Ruler) -> BTreeMap<DeltaKey, Tally> {
    let mut sums: BTreeMap<DeltaKey, Tally> = BTreeMap::new();
    for row in rows {
        let DeltaBody::Counts(body) = &row.body else { continue };
        let tally = Tally::decode(body, ruler).unwrap();
        sums.entry(row.key.clone()).or_insert_with(|| Tally::empty(ruler)).add(&tally).unwrap();
    }
    sums
}

/// Rows counted for a model.
pub async fn rows_counted(store: &impl Store, id: &str) -> i64 {
    let rows = store.read_deltas(&model(id), always()).await.unwrap();
    sums(&rows, &ruler(0.0)).values().map(|tally| tally.rows).sum()
}

/// All rows of each key as one.
pub fn folded(rows: &[DeltaRow], ruler: &Ruler) -> driftd::store::Fold {
    driftd::store::Fold {
        deleted: rows.iter().map(|row| row.row).collect(),
        inserted: sums(rows, ruler)
            .into_iter()
            .map(|(key, tally)| (key, DeltaBody::Counts(tally.encode())))
            .collect(),
    }
}
