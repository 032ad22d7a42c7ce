//! A sender without measure: distinct names without end neither fill the memory nor stop the daemon.

use std::fmt::Write;
use std::net::SocketAddr;

use super::{get, metrics};
use crate::support::http::{Connection, request};
use crate::support::loan::{MODEL, Place};
use crate::support::process::Daemon;

const NAMES: usize = 200_000;
const ROWS: usize = 1_000;
/// Keys and unknown models cost a request each.
const REQUESTS: usize = 20_000;
const MEMORY_MAX: u64 = 300 << 20;

/// Rows in which every name is one of its own.
fn body(first: usize) -> String {
    let mut body = String::new();
    for i in first..first + ROWS {
        let _ = writeln!(
            body,
            "{{\"id\":\"id-{i}\",\"ts\":\"2026-11-0{}T00:00:00Z\",\"version\":\"version-{i}\",\
             \"features\":{{\"age\":{i},\"town\":\"town-{i}\",\"unknown-{i}\":1}},\
             \"prediction\":\"class-{i}\",\"segments\":{{\"region\":\"region-{i}\",\"other-{i}\":\"x\"}}}}",
            1 + i % 9
        );
    }
    body
}

fn send(connection: &mut Connection, address: SocketAddr, model: &str, key: &str, body: &[u8]) -> u16 {
    let path = format!("/v1/models/{model}/predictions");
    let request = request("POST", &path, address, &[("Idempotency-Key", key)], body);
    connection.send(&request).unwrap().status
}

#[test]
fn distinct_names_without_end_are_bounded() {
    let place = Place::new();
    // What is learnt has no end of its own but this one.
    place.write(
        "models/fresh.toml",
        "id = \"fresh\"\ntask = \"multiclass\"\nclock = \"replay\"\nreference = { learn = { for = \"30d\" } }\n\
         [segments]\nby = [\"region\"]\n",
    );
    let (daemon, address) = Daemon::start(&place.config());
    let before = daemon.memory();
    let mut connection = Connection::open(address).unwrap();
    for first in (0..NAMES).step_by(ROWS) {
        let status = send(&mut connection, address, MODEL, &format!("body-{first}"), body(first).as_bytes());
        assert_eq!(status, 200, "rows from {first}");
    }
    let known = daemon.memory();
    for first in (0..NAMES / 20).step_by(ROWS) {
        let status =
            send(&mut connection, address, "fresh", &format!("body-{first}"), body(first).as_bytes());
        assert_eq!(status, 200, "rows from {first} to learn from");
    }
    // Values that take sixteen times their text, if they were kept as such.
    let small = format!("[{}1]", "1,".repeat(8 << 20));
    assert_ne!(send(&mut connection, address, "fresh", "small", &small.as_bytes()[..15 << 20]), 200);
    let learning = daemon.memory();
    for i in 0..REQUESTS {
        assert_eq!(send(&mut connection, address, &format!("model-{i}"), "key", b"{}"), 404);
    }
    for i in 0..REQUESTS {
        assert_eq!(send(&mut connection, address, MODEL, &format!("key-{i}"), b"{}"), 200);
    }
    let said = metrics(address);
    let after = daemon.memory();
    eprintln!(
        "MiB: {} at the start, {} with names, {} learning, {} with keys; /metrics has {} lines",
        before >> 20,
        known >> 20,
        learning >> 20,
        after >> 20,
        said.lines().count()
    );
    for memory in [known, learning, after] {
        assert!(memory < MEMORY_MAX, "{} MiB", memory >> 20);
    }
    assert!(said.lines().count() < 60_000, "series are bounded");
    assert!(!said.contains("model-7"), "names of models that do not exist are no labels");
    assert_eq!(get(address, "/-/ready").status, 200);
    daemon.stop();
}

/// Rows of one body, each of a minute, a pane and a segment of its own.
fn spread(first: usize, rows: usize) -> String {
    let mut body = String::new();
    for i in first..first + rows {
        let (day, hour, minute) = (1 + i / 1_440, i / 60 % 24, i % 60);
        let _ = writeln!(
            body,
            "{{\"ts\":\"2026-11-{day:02}T{hour:02}:{minute:02}:00Z\",\"features\":{{\"age\":{},\"town\":\"Lyon\"}},\
             \"prediction\":\"yes\",\"score\":0.{:03},\"segments\":{{\"region\":\"region-{}\"}}}}",
            20 + i % 40,
            i % 1_000,
            i % 20
        );
    }
    body
}

/// Dense counts of a pane are thousands of times as large as one row's.
#[test]
fn rows_of_as_many_panes_take_memory_by_the_row() {
    const MINUTES: usize = 28_800;
    let place = Place::new();
    place.write(
        "models/loan.toml",
        "id = \"loan\"\ntask = \"binary\"\nclock = \"replay\"\n[reference]\nprofile = \"loan.profile\"\n\
         [segments]\nby = [\"region\"]\nfull_grid = true\n[[windows]]\nlength = \"1h\"\npane = \"1m\"\nmin_samples = 100\n",
    );
    let (mut daemon, address) = Daemon::start(&place.config());
    let before = daemon.memory();
    let mut connection = Connection::open(address).unwrap();
    let body = spread(0, MINUTES);
    // The second time each pane is known.
    for key in ["first", "second"] {
        assert_eq!(send(&mut connection, address, MODEL, key, body.as_bytes()), 200);
        let memory = daemon.memory();
        eprintln!("MiB: {} at the start, {} after the {key} body", before >> 20, memory >> 20);
        assert!(memory < MEMORY_MAX, "{} MiB after the {key} body", memory >> 20);
    }
    daemon.kill();
}
