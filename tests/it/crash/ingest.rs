//! What was acknowledged counts, once, however often the daemon is killed.
#![cfg(test)]

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::net::SocketAddr;
use std::process::Command;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::sync::{Mutex, RwLock};
use std::time::{Duration, Instant};

use driftd::sketch::Tally;
use driftd::store::DeltaKey;
use driftd::web::answer::IngestAnswer;
use rand::rngs::StdRng;
use rand::seq::IndexedRandom;
use rand::{RngExt, SeedableRng};

use super::sender::Sender;
use crate::support::loan::{Body, Place, ROWS, counted, stored};
use crate::support::process::{Daemon, pause, poll};

const KILLS: u32 = 60;
const SENDERS: u64 = 4;

/// What the senders and the killer share.
struct Stage {
    /// Where the daemon listens, or listened before it was killed.
    address: RwLock<SocketAddr>,
    /// Bodies that were acknowledged: sender and number.
    acknowledged: Mutex<Vec<(u64, u64)>>,
    /// Answers that said that the body had been counted before.
    duplicates: AtomicU64,
    over: AtomicBool,
}

impl Stage {
    fn acknowledged(&self) -> usize {
        self.acknowledged.lock().unwrap().len()
    }
}

/// Sends a body under its key until the daemon says that it counts.
fn send(own: &mut Sender<'_>, (sender, number): (u64, u64)) -> IngestAnswer {
    let body = Body::of(sender, number).ndjson();
    let answer = own.send("predictions", &format!("{sender}-{number}"), &body);
    assert_eq!((answer.accepted, answer.rejected), (ROWS as u64, 0), "body {sender}-{number}");
    answer
}

/// Sends one body after the other until all is over.
fn send_all(stage: &Stage, sender: u64) {
    let mut own = Sender::new(&stage.address);
    for number in 0.. {
        if stage.over.load(Ordering::Relaxed) {
            return;
        }
        if send(&mut own, (sender, number)).duplicate {
            stage.duplicates.fetch_add(1, Ordering::Relaxed);
        }
        stage.acknowledged.lock().unwrap().push((sender, number));
    }
}

/// Sends again what was acknowledged: it must be known.
fn send_again(stage: &Stage, mut random: StdRng) {
    let mut own = Sender::new(&stage.address);
    while !stage.over.load(Ordering::Relaxed) {
        let sent = stage.acknowledged.lock().unwrap().choose(&mut random).copied();
        match sent {
            Some(sent) => assert!(send(&mut own, sent).duplicate, "{sent:?} was acknowledged before"),
            None => pause(Duration::from_millis(1)),
        }
    }
}

/// Starts the daemon again and again, and kills it at any moment: also while it starts.
fn kill_often(place: &Place, stage: &Stage, random: &mut StdRng) -> Vec<Duration> {
    let mut starts = Vec::new();
    for round in 0..KILLS {
        let started = Instant::now();
        let mut daemon = Daemon::spawn(&mut Daemon::command(&place.config()));
        if round % 5 == 4 {
            pause(Duration::from_micros(random.random_range(0..60_000)));
        } else {
            *stage.address.write().unwrap() = daemon.address();
            starts.push(started.elapsed());
            let before = stage.acknowledged();
            poll(|| (stage.acknowledged() > before).then_some(())).expect("senders get on");
            pause(Duration::from_micros(random.random_range(0..250_000)));
        }
        daemon.kill();
    }
    starts
}

/// Tells the senders to end, also where the killer panics: they would go on for ever.
struct End<'a>(&'a Stage);

impl Drop for End<'_> {
    fn drop(&mut self) {
        self.0.over.store(true, Ordering::Relaxed);
    }
}

#[test]
fn killed_at_random_it_counts_what_was_acknowledged_exactly_once() {
    let seed: u64 = rand::random();
    eprintln!("seed {seed}");
    let mut random = StdRng::seed_from_u64(seed);
    let place = Place::new();
    let stage = Stage {
        address: RwLock::new(SocketAddr::from(([127, 0, 0, 1], 1))),
        acknowledged: Mutex::default(),
        duplicates: AtomicU64::new(0),
        over: AtomicBool::new(false),
    };
    let again = StdRng::seed_from_u64(random.random());
    let (mut starts, daemon) = std::thread::scope(|scope| {
        let stage = &stage;
        for sender in 0..SENDERS {
            scope.spawn(move || send_all(stage, sender));
        }
        scope.spawn(move || send_again(stage, again));
        let _end = End(stage);
        let starts = kill_often(&place, stage, &mut random);
        // It lives until the last sender has its answer: senders end before the scope does.
        let (daemon, address) = Daemon::start(&place.config());
        *stage.address.write().unwrap() = address;
        (starts, daemon)
    });
    daemon.stop();

    let bodies = stage.acknowledged.into_inner().unwrap();
    starts.sort_unstable();
    eprintln!(
        "{} bodies of {ROWS} rows, {} told that they had counted; it listens after {:?} (median), {:?} (longest)",
        bodies.len(),
        stage.duplicates.into_inner(),
        starts[starts.len() / 2],
        starts[starts.len() - 1],
    );
    let expected = counted(bodies.iter().map(|&(sender, number)| Body::of(sender, number)));
    same(&stored(&place.data()), &expected);
}

/// Tells which keys differ, rather than print all counts.
fn same(stored: &BTreeMap<DeltaKey, Tally>, expected: &BTreeMap<DeltaKey, Tally>) {
    let keys: BTreeSet<_> = stored.keys().chain(expected.keys()).collect();
    let differ: Vec<String> = keys
        .into_iter()
        .filter(|key| stored.get(key) != expected.get(key))
        .map(|key| {
            let rows = |of: &BTreeMap<DeltaKey, Tally>| of.get(key).map(|tally| tally.rows);
            format!("{key:?}: {:?} rows, sent were {:?}", rows(stored), rows(expected))
        })
        .collect();
    assert!(differ.is_empty(), "{}", differ.join("\n"));
}

/// SIGKILL leaves the page cache: only the calls show that what is acknowledged was synced.
#[test]
fn every_acknowledgement_comes_after_a_sync_of_the_log() {
    const REQUESTS: u64 = 100;
    let place = Place::new();
    let calls = place.path().join("calls");
    let run = Daemon::command(&place.config());
    // -D: the daemon stays the child, so that signals reach it.
    let mut traced = Command::new("strace");
    traced.args(["-D", "-f", "-y", "-qq", "-e", "trace=fsync,fdatasync", "-o"]).arg(&calls);
    traced.arg(run.get_program()).args(run.get_args());
    let found = Command::new("strace").arg("-V").output();
    assert!(found.is_ok(), "strace is missing; install it: apt-get install strace");
    let daemon = Daemon::spawn(&mut traced);
    let stage = Stage {
        address: RwLock::new(daemon.address()),
        acknowledged: Mutex::default(),
        duplicates: AtomicU64::new(0),
        over: AtomicBool::new(false),
    };
    let syncs = || {
        let calls = fs::read_to_string(&calls).unwrap_or_default();
        calls.lines().filter(|line| line.contains("driftd.db-wal>")).count() as u64
    };
    let before = syncs();
    let mut sender = Sender::new(&stage.address);
    for number in 0..REQUESTS {
        assert!(!send(&mut sender, (0, number)).duplicate);
    }
    // The trace may be written a little later.
    let seen = poll(|| (syncs() >= before + REQUESTS).then_some(()));
    assert!(
        seen.is_some(),
        "{} syncs of the log for {REQUESTS} requests one after the other",
        syncs() - before
    );
    daemon.stop();
}
