//! Start, take in, stop, go on.

use std::io::Write;
use std::sync::Mutex;

use flate2::Compression;
use flate2::write::GzEncoder;

use super::{get, metrics, post, sample, taken};
use crate::support::http::{Connection, request};
use crate::support::loan::{Body, MODEL, Place, ROWS, counted, stored};
use crate::support::process::{Daemon, poll};
use crate::support::promtool;

const NDJSON: (&str, &str) = ("Content-Type", "application/x-ndjson");
const JSON: (&str, &str) = ("Content-Type", "application/json");

fn gzip(text: &str) -> Vec<u8> {
    let mut encoder = GzEncoder::new(Vec::new(), Compression::fast());
    encoder.write_all(text.as_bytes()).unwrap();
    encoder.finish().unwrap()
}

#[test]
fn bodies_of_every_form_count_and_are_seen() {
    let place = Place::new();
    let (daemon, address) = Daemon::start(&place.config());
    assert_eq!((get(address, "/-/healthy").status, get(address, "/-/ready").status), (200, 200));

    let bodies: Vec<Body> = (0..4).map(|number| Body::of(0, number)).collect();
    let zstd = zstd::encode_all(bodies[3].ndjson().as_bytes(), 1).unwrap();
    let answers = [
        taken(address, MODEL, &[NDJSON], bodies[0].ndjson().as_bytes()),
        taken(address, MODEL, &[JSON], bodies[1].array().as_bytes()),
        taken(address, MODEL, &[JSON, ("Content-Encoding", "gzip")], &gzip(&bodies[2].array())),
        taken(address, MODEL, &[NDJSON, ("Content-Encoding", "zstd")], &zstd),
    ];
    for answer in answers {
        assert_eq!((answer.accepted, answer.rejected, answer.duplicate), (ROWS as u64, 0, false));
    }
    let said = metrics(address);
    let rows = |outcome: &str| {
        let name =
            format!("driftd_ingest_rows_total{{model=\"loan\",source=\"http\",outcome=\"{outcome}\"}}");
        sample(&said, &name).unwrap_or_default()
    };
    assert_eq!(rows("accepted") + rows("late"), 4.0 * ROWS as f64, "{said}");
    promtool::has_nothing_to_say(&said);
    daemon.stop();
    assert!(stored(&place.data()) == counted(bodies), "what was sent is what is stored");
}

#[test]
fn at_a_stop_a_request_is_answered_and_counts_or_neither() {
    let place = Place::new();
    let (daemon, address) = Daemon::start(&place.config());
    let acknowledged = Mutex::new(Vec::new());
    std::thread::scope(|scope| {
        for sender in 0..8 {
            let acknowledged = &acknowledged;
            scope.spawn(move || {
                let mut connection = Connection::open(address).unwrap();
                for number in 0.. {
                    let body = Body::of(sender, number).ndjson();
                    let path = format!("/v1/models/{MODEL}/predictions");
                    let request = request("POST", &path, address, &[NDJSON], body.as_bytes());
                    match connection.send(&request) {
                        Ok(answer) if answer.status == 200 => {
                            acknowledged.lock().unwrap().push((sender, number));
                        }
                        _ => return,
                    }
                }
            });
        }
        poll(|| (acknowledged.lock().unwrap().len() > 40).then_some(())).expect("senders get on");
        daemon.stop();
    });
    let acknowledged = acknowledged.into_inner().unwrap();
    let expected = counted(acknowledged.iter().map(|&(sender, number)| Body::of(sender, number)));
    assert!(stored(&place.data()) == expected, "what was acknowledged is what is stored");
}

#[test]
fn a_key_is_known_after_a_restart() {
    let place = Place::new();
    let (daemon, address) = Daemon::start(&place.config());
    let body = Body::of(0, 0);
    let headers = [NDJSON, ("Idempotency-Key", "first")];
    let first = taken(address, MODEL, &headers, body.ndjson().as_bytes());
    assert!(!first.duplicate);
    daemon.stop();

    let (daemon, address) = Daemon::start(&place.config());
    let again = taken(address, MODEL, &headers, body.ndjson().as_bytes());
    assert!(again.duplicate);
    assert_eq!((again.accepted, again.late), (first.accepted, first.late), "the answer of then");
    taken(address, MODEL, &[NDJSON], Body::of(0, 1).ndjson().as_bytes());
    daemon.stop();
    assert!(stored(&place.data()) == counted([body, Body::of(0, 1)]));
}

#[test]
fn a_disk_below_its_reserve_is_told_before_anyone_sends_rows() {
    let place = Place::new();
    let mut command = Daemon::command(&place.config());
    let daemon = Daemon::spawn(command.env("DRIFTD_STORAGE__RESERVE_BYTES", "1 TiB"));
    let address = daemon.address();
    let refused = poll(|| Some(get(address, "/-/ready")).filter(|answer| answer.status == 503));
    let said = String::from_utf8(refused.expect("it is not ready").body).unwrap();
    assert!(said.contains("1099511627776 are kept in reserve"), "{said}");
    let answer = post(address, MODEL, &[NDJSON], Body::of(0, 0).ndjson().as_bytes());
    assert_eq!((answer.status, answer.header("retry-after")), (503, Some("30")));
    daemon.stop();
}

#[test]
fn a_second_daemon_leaves_the_directory_alone() {
    let place = Place::new();
    let (first, address) = Daemon::start(&place.config());
    let mut second = Daemon::spawn(&mut Daemon::command(&place.config()));
    assert!(!second.ended().success());
    let said = poll(|| Some(second.log()).filter(|log| log.contains("in use"))).unwrap_or_default();
    let directory = place.data().display().to_string();
    assert!(said.contains("in use by another driftd") && said.contains(&directory), "{}", second.log());
    taken(address, MODEL, &[NDJSON], Body::of(0, 0).ndjson().as_bytes());
    first.stop();
}
