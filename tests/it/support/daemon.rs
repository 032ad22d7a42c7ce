//! A real pipeline on a real store behind the real HTTP face, with a clock that is moved by hand.

use std::net::SocketAddr;
use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};

use driftd::clock::{Clock, ManualClock};
use driftd::domain::Timestamp;
use driftd::incident::IncidentPolicy;
use driftd::metrics::{Metrics, SeriesOptions};
use driftd::notification::{DeskRules, Links, Routing};
use driftd::notify::{Directory, Egress, EgressOptions, Receivers, Sender};
use driftd::pipeline::{self, KpiOptions, ModelOptions, NameLimits, Parts, PipelineOptions, Reread, Running};
use driftd::store::sqlite::{SqliteOptions, SqliteStore};
use driftd::trigger::Targets;
use driftd::web::{ServeError, WebOptions, serve};
use rusqlite::{Connection, OpenFlags};
use serde_json::{Value, json};
use tempfile::TempDir;
use tokio::net::TcpListener;
use tokio::sync::oneshot;
use tokio::task::JoinHandle;

use super::faulty::{Faults, Faulty};
use crate::http::client::{Answer, send};
use crate::http::request;

/// No test waits longer for anything.
const DEADLINE: Duration = Duration::from_secs(60);

/// Nobody is told: incidents stand for themselves.
fn rules() -> DeskRules {
    let links = Links { external_url: "http://driftd.example".to_owned() };
    DeskRules { policy: IncidentPolicy::default(), routing: Routing::default(), links }
}

fn nobody() -> Directory {
    let egress = Egress::new(EgressOptions { allow: Vec::new() });
    Directory {
        receivers: Receivers::default(),
        sender: Sender::new(egress, DEADLINE).unwrap(),
        installation: "test".parse().unwrap(),
    }
}

/// What is around a daemon.
struct World {
    face: WebOptions,
    directory: Directory,
    targets: Targets,
    kpis: KpiOptions,
}

impl Default for World {
    fn default() -> Self {
        Self {
            face: WebOptions::default(),
            directory: nobody(),
            targets: Targets::new(),
            kpis: KpiOptions::default(),
        }
    }
}

/// What a reload reads, once: without it there is no config to be read.
type NextConfig = Arc<Mutex<Option<Reread>>>;

/// A daemon that runs until it is dropped with its test's runtime.
pub struct Daemon {
    pub clock: Arc<ManualClock>,
    /// What of its store fails.
    pub faults: Faults,
    next_config: NextConfig,
    addr: SocketAddr,
    running: Running<Faulty<SqliteStore>>,
    store: Arc<Faulty<SqliteStore>>,
    stop: oneshot::Sender<()>,
    served: JoinHandle<Result<(), ServeError>>,
    dir: TempDir,
}

impl Daemon {
    pub async fn start(at: Timestamp, models: Vec<ModelOptions>) -> Self {
        Self::facing(at, models, WebOptions::default()).await
    }

    /// With a face of other limits, or with tokens.
    pub async fn facing(at: Timestamp, models: Vec<ModelOptions>, face: WebOptions) -> Self {
        let (clock, world) = (Arc::new(ManualClock::at(at)), World { face, ..World::default() });
        Self::on(tempfile::tempdir().unwrap(), clock, Faults::default(), models, world).await
    }

    /// With targets of retraining, and a way to them.
    pub async fn asking(
        at: Timestamp,
        models: Vec<ModelOptions>,
        directory: Directory,
        targets: Targets,
    ) -> Self {
        let (clock, world) =
            (Arc::new(ManualClock::at(at)), World { directory, targets, ..World::default() });
        Self::on(tempfile::tempdir().unwrap(), clock, Faults::default(), models, world).await
    }

    /// With KPIs and use cases.
    pub async fn with_kpis(at: Timestamp, models: Vec<ModelOptions>, kpis: KpiOptions) -> Self {
        let (clock, world) = (Arc::new(ManualClock::at(at)), World { kpis, ..World::default() });
        Self::on(tempfile::tempdir().unwrap(), clock, Faults::default(), models, world).await
    }

    pub async fn restart_with_kpis(self, models: Vec<ModelOptions>, kpis: KpiOptions) -> Self {
        self.restart_in(models, World { kpis, ..World::default() }).await
    }

    /// Reads a config anew that has these models and KPIs.
    pub async fn reload(&self, models: Vec<ModelOptions>, kpis: KpiOptions) -> Answer {
        let read = Reread {
            models,
            desk_rules: rules(),
            directory: nobody(),
            targets: Targets::new(),
            kpis,
            changes: Vec::new(),
            apply: Box::new(|| {}),
            needs_restart: Vec::new(),
        };
        *self.next_config.lock().unwrap() = Some(read);
        self.send(&request("POST", "/-/reload", &[], b"")).await
    }

    /// Judges the KPIs that are due now and shows them.
    pub async fn look_at_kpis(&self) {
        self.running.pipeline.look_at_kpis().await;
    }

    /// Stops in good order, and starts again on what it left.
    pub async fn restart(self, models: Vec<ModelOptions>) -> Self {
        self.restart_in(models, World::default()).await
    }

    pub async fn restart_asking(
        self,
        models: Vec<ModelOptions>,
        directory: Directory,
        targets: Targets,
    ) -> Self {
        self.restart_in(models, World { directory, targets, ..World::default() }).await
    }

    async fn restart_in(self, models: Vec<ModelOptions>, world: World) -> Self {
        let Self { clock, faults, running, store, stop, served, dir, .. } = self;
        let _gone_already = stop.send(());
        served.await.unwrap().unwrap();
        running.stop().await;
        store.inner().close().await.unwrap();
        drop(store);
        Self::on(dir, clock, faults, models, world).await
    }

    async fn on(
        dir: TempDir,
        clock: Arc<ManualClock>,
        faults: Faults,
        models: Vec<ModelOptions>,
        world: World,
    ) -> Self {
        let World { face, directory, targets, kpis } = world;
        let next_config = NextConfig::default();
        let options = SqliteOptions { reserve_bytes: 0, ..SqliteOptions::default() };
        let (store, recovered) = SqliteStore::open(dir.path(), options).unwrap();
        let store = Arc::new(Faulty::new(store, faults.clone()));
        let parts = Parts {
            store: store.clone(),
            recovered,
            clock: clock.clone(),
            metrics: Arc::new(Metrics::new("test", SeriesOptions::default())),
            options: limits(),
            models,
            desk_rules: rules(),
            directory,
            targets,
            kpis,
            read_config: {
                let next = next_config.clone();
                let none = || "this daemon has no config".to_owned();
                Box::new(move || next.lock().unwrap().take().ok_or_else(none))
            },
        };
        let running = pipeline::start(parts).await.unwrap();
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let addr = listener.local_addr().unwrap();
        let (stop, stopped) = oneshot::channel();
        let stopped = async { stopped.await.unwrap_or(()) };
        let served = tokio::spawn(serve(listener, running.pipeline.clone(), face, stopped));
        Self { clock, faults, next_config, addr, running, store, stop, served, dir }
    }

    pub fn url(&self) -> String {
        format!("http://{}", self.addr)
    }

    /// Sends bytes as they are.
    pub async fn send(&self, bytes: &[u8]) -> Answer {
        send(self.addr, bytes).await
    }

    /// Decides on retraining, asks and follows up, as is due now.
    pub async fn look_at_retraining(&self) {
        self.running.pipeline.look_at_retraining().await;
    }

    /// Whether a target is being asked.
    pub fn retraining_is_sending(&self) -> bool {
        self.running.pipeline.retraining_is_sending()
    }

    /// Resolves with the reason once the daemon would stop of itself.
    pub async fn fatal(&self) -> String {
        tokio::time::timeout(DEADLINE, self.running.fatal()).await.expect("it gives up")
    }

    pub fn store(&self) -> &Faulty<SqliteStore> {
        &self.store
    }

    /// What one value of the store is now.
    pub fn stored(&self, sql: &str) -> i64 {
        let database = self.dir.path().join("driftd.db");
        let database = Connection::open_with_flags(database, OpenFlags::SQLITE_OPEN_READ_ONLY).unwrap();
        database.query_row(sql, [], |row| row.get(0)).unwrap()
    }

    /// Changes its store behind its back.
    pub fn tamper(&self, sql: &str) {
        let database = Connection::open(self.dir.path().join("driftd.db")).unwrap();
        assert!(database.execute(sql, []).unwrap() > 0, "{sql} changes nothing");
    }

    /// A sample of the metrics, by its name and labels as they are written.
    pub async fn sample(&self, name: &str) -> Option<f64> {
        let metrics = self.get("/metrics").await;
        let line = metrics.text().lines().find_map(|line| line.strip_prefix(name)?.strip_prefix(' '))?;
        line.parse().ok()
    }

    /// Until the sample is what it should be.
    pub async fn until_sample(&self, name: &str, wanted: f64) {
        self.until_sample_with_time(name, wanted, Duration::ZERO).await;
    }

    /// The same, while the clock goes on by `step` at each look.
    pub async fn until_sample_with_time(&self, name: &str, wanted: f64, step: Duration) {
        let started = Instant::now();
        loop {
            let found = self.sample(name).await;
            if found == Some(wanted) {
                return;
            }
            assert!(started.elapsed() < DEADLINE, "{name} stays {found:?}, not {wanted}");
            self.clock.advance(step);
            tokio::time::sleep(Duration::from_millis(20)).await;
        }
    }

    /// Until the model was evaluated at the clock's present time, with all that was committed before the call.
    pub async fn evaluated(&self, model: &str) {
        let name = format!("driftd_evaluation_last_success_timestamp_seconds{{model=\"{model}\"}}");
        self.until_sample(&name, self.clock.now().as_seconds_f64()).await;
    }

    pub async fn get(&self, path: &str) -> Answer {
        self.send(&request("GET", path, &[], b"")).await
    }

    /// The answer of a read that is there.
    pub async fn read(&self, path: &str) -> Value {
        let answer = self.get(path).await;
        assert_eq!(answer.status, 200, "{path}: {}", answer.text());
        answer.json()
    }

    pub async fn post(&self, path: &str, body: &Value) -> Answer {
        let headers = [("Content-Type", "application/json")];
        send(self.addr, &request("POST", path, &headers, body.to_string().as_bytes())).await
    }

    /// Sends rows, all of which count.
    pub async fn predict(&self, model: &str, rows: &[Value]) {
        let answer = self.post(&format!("/v1/models/{model}/predictions"), &json!(rows)).await;
        assert_eq!(answer.status, 200, "{}", answer.text());
        assert_eq!(answer.json()["accepted"], rows.len(), "{}", answer.text());
    }

    /// Reads until `done`; fails with the last answer once the deadline has passed.
    pub async fn until(&self, path: &str, done: impl Fn(&Value) -> bool) -> Value {
        let started = Instant::now();
        loop {
            let answer = self.read(path).await;
            if done(&answer) {
                return answer;
            }
            assert!(started.elapsed() < DEADLINE, "{path} stays {answer:#}");
            tokio::time::sleep(Duration::from_millis(20)).await;
        }
    }
}

fn limits() -> PipelineOptions {
    let day = Duration::from_secs(86_400);
    PipelineOptions {
        queue_bytes_max: 64 << 20,
        commit_bytes: 1 << 20,
        row_bytes_max: 64 << 10,
        rows_max: 100_000,
        too_far_ahead: Duration::from_secs(300),
        fold_every: Duration::from_secs(60),
        fold_bytes: 16 << 20,
        keep_panes: day * 35,
        keep_days: day * 400,
        idempotency_ttl: day,
        panes_bytes_max: 64 << 20,
        join_slots_max: PipelineOptions::JOIN_SLOTS_MAX,
        id_key: driftd::domain::IdKey([7; 32]),
        columns_max: 1_000,
        names: NameLimits { versions_max: 20, segment_values_max: 20 },
    }
}
