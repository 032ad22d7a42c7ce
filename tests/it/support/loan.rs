//! A small model for the built daemon: its config and profile on disk, bodies of rows, and the counts these make.

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};

use driftd::batch::{Codes, CodesBuilder, ColumnValues, count_column};
use driftd::domain::{ColumnId, ColumnKind, PaneLength, Segment, Task, Timestamp, Version};
use driftd::reference::{BuildOptions, Profile, ReferenceColumn, build};
use driftd::sketch::{MISSING, Ruler, Tally};
use driftd::store::sqlite::{SqliteOptions, SqliteStore};
use driftd::store::{DeltaBody, DeltaKey, Store};
use rand::rngs::StdRng;
use rand::{RngExt, SeedableRng};

use driftd::domain::TimeRange;

pub const MODEL: &str = "loan";
pub const ROWS: usize = 50;
/// Where event time begins: 2026-11-01.
const START: i64 = 1_793_491_200;
/// The last one is not in the profile.
const TOWNS: [&str; 5] = ["Lyon", "Brest", "Lille", "Nice", "Oslo"];

/// A directory with a config, a model's and its profile.
pub struct Place(tempfile::TempDir);

/// A row that says what it is counted as.
struct Row {
    at: Timestamp,
    version: &'static str,
    region: Option<&'static str>,
    age: Option<i32>,
    town: Option<&'static str>,
    score: f64,
}

/// The rows of one body.
pub struct Body(Vec<Row>);

impl Place {
    pub fn new() -> Self {
        let place = Self(tempfile::tempdir().unwrap());
        place.write("driftd.toml", &place.main("fold_every = \"1s\""));
        place.write(
            "models/loan.toml",
            "id = \"loan\"\ntask = \"binary\"\nclock = \"replay\"\n[reference]\nprofile = \"loan.profile\"\n\
             [segments]\nby = [\"region\"]\n[[windows]]\nlength = \"6h\"\npane = \"1h\"\nmin_samples = 100\n",
        );
        place.write("models/loan.profile", &profile().to_text());
        place
    }

    /// The main config, with more lines in its section of storage.
    pub fn main(&self, storage: &str) -> String {
        let data = self.data();
        format!(
            "[server]\nlisten = \"127.0.0.1:0\"\n[storage]\npath = \"{}\"\nreserve_bytes = \"16 MiB\"\n{storage}\n",
            data.display()
        )
    }

    pub fn write(&self, name: &str, text: &str) {
        let path = self.0.path().join(name);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(path, text).unwrap();
    }

    pub fn path(&self) -> &Path {
        self.0.path()
    }

    pub fn config(&self) -> PathBuf {
        self.path().join("driftd.toml")
    }

    pub fn data(&self) -> PathBuf {
        self.path().join("data")
    }
}

/// What a stopped daemon has counted of the model, by key.
pub fn stored(data: &Path) -> BTreeMap<DeltaKey, Tally> {
    let ruler = profile().ruler;
    let coarse = ruler.coarse();
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
    let rows = runtime.block_on(async {
        let (store, _) = SqliteStore::open(data, SqliteOptions::default()).unwrap();
        let always = TimeRange { start: Timestamp::MIN, end: Timestamp::MAX };
        let rows = store.read_deltas(&MODEL.parse().unwrap(), always).await.unwrap();
        store.close().await.unwrap();
        rows
    });
    let mut sums: BTreeMap<DeltaKey, Tally> = BTreeMap::new();
    for row in rows {
        let ruler = if row.key.segment == Segment::All { &ruler } else { &coarse };
        let DeltaBody::Counts(bytes) = &row.body else { panic!("{:?} is no count", row.key) };
        let tally = Tally::decode(bytes, ruler).unwrap();
        sums.entry(row.key).or_insert_with(|| Tally::empty(ruler)).add(&tally).unwrap();
    }
    sums
}

/// What these bodies are, counted here.
pub fn counted(bodies: impl IntoIterator<Item = Body>) -> BTreeMap<DeltaKey, Tally> {
    let mut groups: BTreeMap<DeltaKey, Vec<Row>> = BTreeMap::new();
    let mut put = |segment: Segment, row: &Row| {
        let key = DeltaKey {
            model: MODEL.parse().unwrap(),
            version: row.version.parse::<Version>().unwrap(),
            segment,
            pane: PaneLength::Hour.pane_of(row.at),
        };
        groups.entry(key).or_default().push(Row { ..*row });
    };
    for row in bodies.into_iter().flat_map(|body| body.0) {
        put(Segment::All, &row);
        if let Some(region) = row.region {
            put(Segment::Slice { attribute: "region".into(), value: region.into() }, &row);
        }
    }
    let ruler = profile().ruler;
    let coarse = ruler.coarse();
    let tally = |(key, rows): (DeltaKey, Vec<Row>)| {
        let ruler = if key.segment == Segment::All { &ruler } else { &coarse };
        let tally = tally(ruler, &rows);
        (key, tally)
    };
    groups.into_iter().map(tally).collect()
}

fn tally(ruler: &Ruler, rows: &[Row]) -> Tally {
    let numbers = |of: fn(&Row) -> f64| ColumnValues::Numeric(rows.iter().map(of).collect());
    let columns = ruler.columns().iter().map(|(id, grid)| {
        let values = match id {
            ColumnId::Score => numbers(|row| row.score),
            ColumnId::Prediction => names(rows.iter().map(|row| Some(row.prediction()))),
            id if id.to_string() == "age" => numbers(|row| row.age.map_or(MISSING, f64::from)),
            _ => names(rows.iter().map(|row| row.town)),
        };
        count_column(&values, grid)
    });
    Tally { rows: rows.len() as i64, columns: columns.collect(), ..Tally::empty(ruler) }
}

fn names<'a>(of_rows: impl Iterator<Item = Option<&'a str>>) -> ColumnValues {
    let mut codes = CodesBuilder::default();
    of_rows.for_each(|name| match name {
        Some(name) => codes.push(name),
        None => codes.push_nameless(Codes::MISSING),
    });
    ColumnValues::Categorical(codes.take())
}

/// The model's profile: the same whenever it is made.
pub fn profile() -> Profile {
    profile_of_ages(18)
}

/// A profile of other grids than [`profile`]'s wherever `youngest` is not 18.
pub fn profile_of_ages(youngest: usize) -> Profile {
    const REFERENCE_ROWS: usize = 2_000;
    let options = BuildOptions {
        model: MODEL.parse().unwrap(),
        task: Some(Task::Binary),
        windows: vec!["6h/1h".parse().unwrap()],
    };
    let column = |id: &str, kind, values| ReferenceColumn { id: id.parse().unwrap(), kind, values };
    let rows = 0..REFERENCE_ROWS;
    let columns = [
        column(
            "age",
            ColumnKind::Numeric,
            ColumnValues::Numeric(rows.clone().map(|row| (youngest + row * 7 % 80) as f64).collect()),
        ),
        column("town", ColumnKind::Categorical, names(rows.clone().map(|row| Some(TOWNS[row % 4])))),
        column(
            "@score",
            ColumnKind::Numeric,
            ColumnValues::Numeric(rows.clone().map(|row| (row % 65) as f64 / 64.0).collect()),
        ),
        column("@prediction", ColumnKind::Categorical, names(rows.map(|row| Some(["yes", "no"][row % 2])))),
    ];
    build(options, REFERENCE_ROWS, None, columns).unwrap()
}

impl Row {
    fn prediction(&self) -> &'static str {
        if self.score >= 0.5 { "yes" } else { "no" }
    }

    fn json(&self) -> String {
        let text = |name: Option<&str>| name.map_or("null".to_owned(), |name| format!("\"{name}\""));
        let age = self.age.map_or("null".to_owned(), |age| age.to_string());
        let segments =
            self.region.map_or(String::new(), |region| format!(",\"segments\":{{\"region\":\"{region}\"}}"));
        format!(
            "{{\"ts\":\"{}\",\"version\":\"{}\",\"features\":{{\"age\":{age},\"town\":{}}},\"prediction\":\"{}\",\"score\":{}{segments}}}",
            self.at,
            self.version,
            text(self.town),
            self.prediction(),
            self.score,
        )
    }
}

impl Body {
    /// The body of that number, always the same; time goes on with the numbers, an hour every 64.
    pub fn of(sender: u64, number: u64) -> Self {
        let mut random = StdRng::seed_from_u64(sender << 32 | number);
        let rows = (0..ROWS).map(|_| Row {
            at: Timestamp::from_seconds(
                START + (number / 64) as i64 * 3_600 + random.random_range(0..3 * 3_600),
            ),
            version: ["1", "2", "2026-11"][random.random_range(0..3)],
            region: [Some("ARA"), Some("IDF"), Some("BRE"), None][random.random_range(0..4)],
            age: (random.random_range(0..20) > 0).then(|| random.random_range(0..120)),
            town: (random.random_range(0..30) > 0).then(|| TOWNS[random.random_range(0..TOWNS.len())]),
            score: f64::from(random.random_range(0..=64)) / 64.0,
        });
        Self(rows.collect())
    }

    pub fn ndjson(&self) -> String {
        self.0.iter().map(|row| row.json() + "\n").collect()
    }

    pub fn array(&self) -> String {
        let rows: Vec<String> = self.0.iter().map(Row::json).collect();
        format!("[{}]", rows.join(","))
    }
}
