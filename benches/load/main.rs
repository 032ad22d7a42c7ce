//! The built daemon under load over HTTP: rows a second to durable acknowledgement, latency at a fixed rate, memory.
//!
//! `cargo bench --bench load` runs all but memory; `-- --seconds 30 --connections 4` changes the runs.
//! `cargo bench --bench load -- --rss --rows 100000000 --models 100` sends so many rows over 24 hours of event time.
//! Client and daemon share the machine: the client's share of the processors is told.

#[path = "../../tests/it/support/http.rs"]
mod http;

#[path = "../../tests/it/support/process.rs"]
mod process;

mod bodies;

mod measure;

use std::fs;
use std::net::SocketAddr;
use std::sync::atomic::{AtomicU64, Ordering};
use std::thread;
use std::time::{Duration, Instant};

use bodies::{ROWS, Request};
use http::Connection;
use measure::{cpu_seconds, quantile, sync_median};
use process::{Daemon, pause};

const MODEL: &str = "load";
/// Different bodies a connection sends in turn.
const BODIES: u64 = 8;
/// Event time runs so much faster than the clock: a pane of five minutes closes every other second.
const HASTE: i64 = 150;
const RATE_ROWS: u64 = 50_000;
const DAY: u64 = 86_400;

fn main() {
    let arguments: Vec<String> = std::env::args().collect();
    let number = |name: &str, default: u64| -> u64 {
        let place = arguments.iter().position(|argument| argument == name);
        place.and_then(|at| arguments.get(at + 1)?.parse().ok()).unwrap_or(default)
    };
    if arguments.iter().any(|argument| argument == "--rss") {
        memory(number("--models", 100), number("--rows", 10_000_000), number("--connections", 4));
        return;
    }
    let (seconds, connections) = (number("--seconds", 30), number("--connections", 4));
    for segmented in [false, true] {
        let place = Place::new(&[MODEL.to_owned()], segmented);
        eprintln!(
            "{} segments, a synced write of 4 KiB takes {:?}",
            if segmented { 3 } else { 0 },
            place.sync
        );
        let (daemon, address) = Daemon::start(&place.config());
        run(&daemon, address, segmented, connections, seconds, None).report("as fast as it goes");
        run(&daemon, address, segmented, 2, seconds, Some(RATE_ROWS)).report("at a fixed rate");
        eprintln!("  daemon's memory {} MiB", daemon.memory() >> 20);
        daemon.stop();
    }
}

/// A config with these models, in a directory of its own.
struct Place {
    dir: tempfile::TempDir,
    sync: Duration,
}

impl Place {
    fn new(models: &[String], segmented: bool) -> Self {
        let dir = tempfile::tempdir().expect("a directory");
        let sync = sync_median(dir.path());
        let write = |name: String, text: String| fs::write(dir.path().join(name), text).expect("a file");
        fs::create_dir(dir.path().join("models")).expect("a directory");
        for model in models {
            write(format!("models/{model}.toml"), bodies::config(model, segmented));
            write(format!("models/{model}.profile"), bodies::profile(model).to_text());
        }
        let data = dir.path().join("data").display().to_string();
        let text = format!(
            "[server]\nlisten = \"127.0.0.1:0\"\n[storage]\npath = \"{data}\"\nfold_every = \"10s\"\n\
             [telemetry]\nlog_filter = \"warn,driftd::app=info\"\n"
        );
        write("driftd.toml".to_owned(), text);
        Self { dir, sync }
    }

    fn config(&self) -> std::path::PathBuf {
        self.dir.path().join("driftd.toml")
    }
}

/// What a run was.
struct Run {
    rows: u64,
    took: Duration,
    latencies: Vec<Duration>,
    client_cpu: f64,
    daemon_cpu: f64,
    bytes_a_row: usize,
}

impl Run {
    fn report(mut self, name: &str) {
        let (seconds, all) = (self.took.as_secs_f64(), &mut self.latencies);
        let (median, p99) = (quantile(all, 0.5), quantile(all, 0.99));
        let longest = all.last().copied().unwrap_or_default();
        eprintln!(
            "  {name}: {:.0} rows/s of {} bytes, acknowledged after {median:.1?} (median), {p99:.1?} (p99), {longest:.1?} (longest); \
             processors: daemon {:.2}, client {:.2} ({:.0} % of both)",
            self.rows as f64 / seconds,
            self.bytes_a_row,
            self.daemon_cpu / seconds,
            self.client_cpu / seconds,
            100.0 * self.client_cpu / (self.client_cpu + self.daemon_cpu).max(1e-9),
        );
    }
}

/// Sends for so many seconds, as fast as answers come or at `rate` rows a second. At a rate, latency counts from when a
/// body was due, so that waiting for a slow answer is not left out.
fn run(
    daemon: &Daemon,
    address: SocketAddr,
    segmented: bool,
    connections: u64,
    seconds: u64,
    rate: Option<u64>,
) -> Run {
    let length = Duration::from_secs(seconds);
    let pace = rate.map(|rate| Duration::from_secs_f64((ROWS as u64 * connections) as f64 / rate as f64));
    let mut prepared: Vec<Vec<Request>> = (0..connections)
        .map(|connection| (0..BODIES).map(move |i| (connection, i)))
        .map(|ids| ids.map(|(c, i)| Request::new(MODEL, address, segmented, c * BODIES + i)).collect())
        .collect();
    let bytes_a_row = prepared[0][0].bytes_a_row();
    let keys = AtomicU64::new(u64::from(rate.is_some()) * 1_000_000_000);
    let own = std::process::id();
    let (client_before, daemon_before) = (cpu_seconds(own), cpu_seconds(daemon.pid()));
    // The second run's event time goes on where the first one's ended.
    let epoch = if rate.is_some() { seconds as i64 * HASTE } else { 0 };
    let start = Instant::now();
    let latencies: Vec<Vec<Duration>> = thread::scope(|scope| {
        let keys = &keys;
        let senders = prepared.iter_mut().zip(0u32..).map(|(requests, place)| {
            scope.spawn(move || {
                let mut connection = Connection::open(address).expect("the daemon listens");
                let mut latencies = Vec::new();
                for number in 0u32.. {
                    let mut due = start.elapsed();
                    if let Some(pace) = pace {
                        due = pace * number + pace * place / connections as u32;
                        pause(due.saturating_sub(start.elapsed()));
                    }
                    if due >= length {
                        break;
                    }
                    let at = epoch + due.as_millis() as i64 * HASTE / 1_000;
                    let request = &mut requests[number as usize % BODIES as usize];
                    send(&mut connection, request.at(keys.fetch_add(1, Ordering::Relaxed), at));
                    latencies.push(start.elapsed() - due);
                }
                latencies
            })
        });
        let senders: Vec<_> = senders.collect();
        senders.into_iter().map(|sender| sender.join().expect("a sender ends")).collect()
    });
    let latencies = latencies.concat();
    Run {
        rows: (latencies.len() * ROWS) as u64,
        took: start.elapsed(),
        latencies,
        client_cpu: cpu_seconds(own) - client_before,
        daemon_cpu: cpu_seconds(daemon.pid()) - daemon_before,
        bytes_a_row,
    }
}

fn send(connection: &mut Connection, request: &[u8]) {
    loop {
        let answer = connection.send(request).expect("an answer");
        match answer.status {
            200 => return,
            429 | 503 => pause(Duration::from_millis(5)),
            status => panic!("{status}: {}", String::from_utf8_lossy(&answer.body)),
        }
    }
}

/// Memory after many rows of many models over a day of event time.
fn memory(models: u64, rows: u64, connections: u64) {
    let names: Vec<String> = (0..models).map(|model| format!("m{model:03}")).collect();
    let place = Place::new(&names, false);
    let (mut daemon, address) = Daemon::start(&place.config());
    let bodies = rows.div_ceil(ROWS as u64);
    eprintln!(
        "{models} models of 25 columns, {bodies} bodies over 24 h; {} MiB at the start",
        daemon.memory() >> 20
    );
    let next = AtomicU64::new(0);
    let start = Instant::now();
    thread::scope(|scope| {
        for seed in 0..connections {
            let (names, next, daemon) = (&names, &next, &daemon);
            scope.spawn(move || {
                let mut connection = Connection::open(address).expect("the daemon listens");
                let mut requests: Vec<Request> =
                    names.iter().map(|name| Request::new(name, address, false, seed)).collect();
                loop {
                    let number = next.fetch_add(1, Ordering::Relaxed);
                    if number >= bodies {
                        return;
                    }
                    let at = number * DAY / bodies;
                    send(&mut connection, requests[(number % models) as usize].at(number, at as i64));
                    if number % (bodies / 12).max(1) == 0 {
                        eprintln!("  hour {}: {} MiB", at / 3_600, daemon.memory() >> 20);
                    }
                }
            });
        }
    });
    let seconds = start.elapsed().as_secs_f64();
    eprintln!("  {} MiB at the end, {:.0} rows/s", daemon.memory() >> 20, rows as f64 / seconds);
    // What it counted is thrown away.
    daemon.kill();
}
