//! A disk that fails to sync: the kernel is made to say so.

use std::process::Command;

use super::post;
use crate::support::http::Answer;
use crate::support::loan::{Body, MODEL, Place, ROWS, counted, stored};
use crate::support::process::Daemon;

/// Syncs of a thread that succeed.
const GOOD_SYNCS: u32 = 60;

/// A daemon whose threads' later syncs fail with EIO.
fn on_a_failing_disk(place: &Place) -> Daemon {
    let found = Command::new("strace").arg("-V").output();
    assert!(found.is_ok(), "strace is missing; install it: apt-get install strace");
    let run = Daemon::command(&place.config());
    let fault = format!("inject=fsync,fdatasync:error=EIO:when={}+", GOOD_SYNCS + 1);
    // -D: the daemon stays the child, so that signals reach it and its status is seen.
    let mut traced = Command::new("strace");
    traced.args(["-D", "-f", "-qq", "-e", "trace=fsync,fdatasync", "-e", &fault, "-o", "/dev/null"]);
    traced.arg(run.get_program()).args(run.get_args());
    Daemon::spawn(&mut traced)
}

#[test]
fn a_failed_sync_is_a_503_and_the_end_and_nothing_acknowledged_is_lost() {
    let place = Place::new();
    // Nothing is folded and no pane closes: it is a request that meets the fault, and hears of it.
    place.write("driftd.toml", &place.main("fold_every = \"1h\""));
    place.write(
        "models/loan.toml",
        "id = \"loan\"\ntask = \"binary\"\nclock = \"replay\"\n[reference]\nprofile = \"loan.profile\"\n\
         [segments]\nby = [\"region\"]\n[[windows]]\nlength = \"6h\"\npane = \"1h\"\nlateness = \"30d\"\n",
    );
    let mut daemon = on_a_failing_disk(&place);
    let address = daemon.address();
    let send = |address, number: u64| -> Answer {
        let key = number.to_string();
        let headers = [("Idempotency-Key", key.as_str()), ("Content-Type", "application/x-ndjson")];
        post(address, MODEL, &headers, Body::of(0, number).ndjson().as_bytes())
    };
    let (failed, answer) = (0..)
        .map(|number| (number, send(address, number)))
        .find(|(number, answer)| answer.status != 200 || *number > 2 * u64::from(GOOD_SYNCS))
        .expect("an endless sequence");
    let said = String::from_utf8_lossy(&answer.body).into_owned();
    assert_eq!(answer.status, 503, "body {failed}: {said}");
    assert!(failed > 0 && said.contains("sync"), "body {failed}: {said}");
    let status = daemon.ended();
    assert_eq!(status.code(), Some(1), "{}", daemon.log());
    assert!(daemon.log().contains("it is not known what is durable"), "{}", daemon.log());

    // What was not acknowledged may have reached the disk: sent again under its key it counts once.
    let (daemon, address) = Daemon::start(&place.config());
    let again = send(address, failed);
    assert_eq!(again.status, 200, "{}", String::from_utf8_lossy(&again.body));
    daemon.stop();
    let expected = counted((0..=failed).map(|number| Body::of(0, number)));
    assert_eq!(expected.values().filter(|tally| tally.rows > 0).count(), expected.len());
    assert!(
        stored(&place.data()) == expected,
        "{failed} acknowledged bodies of {ROWS} rows and one sent again"
    );
}
