//! A reference learnt from traffic, driven by event time alone.

use rusqlite::{Connection, OpenFlags};

use super::{metrics, sample, taken};
use crate::support::loan::{Body, Place, ROWS};
use crate::support::process::{Daemon, poll};

/// Of sender 0's bodies the hour begins with every 64th.
fn body_of_hour(hour: u64, number: u64) -> String {
    Body::of(0, hour * 64 + number).ndjson()
}

#[test]
fn a_model_learns_freezes_and_forgets_the_values() {
    const BODIES: u64 = 4;
    let place = Place::new();
    place.write(
        "models/fresh.toml",
        "id = \"fresh\"\ntask = \"binary\"\nclock = \"replay\"\nreference = { learn = { for = \"6h\" } }\n\
         [segments]\nby = [\"region\"]\n[[windows]]\nlength = \"3h\"\npane = \"1h\"\nmin_samples = 50\n",
    );
    let (daemon, address) = Daemon::start(&place.config());
    let ratio = || sample(&metrics(address), "driftd_reference_learning_ratio{model=\"fresh\"}");
    let mut rows = 0;
    for hour in 0..4 {
        for number in 0..BODIES {
            rows += taken(address, "fresh", &[], body_of_hour(hour, number).as_bytes()).accepted;
        }
    }
    let learning = poll(|| ratio().filter(|ratio| *ratio > 0.0)).expect("the metric tells");
    assert!(learning < 1.0, "hours 0 to 6 of 6, less an hour for what is late: {learning}");
    daemon.stop();

    // Learning goes on where it stood.
    let (daemon, address) = Daemon::start(&place.config());
    let ratio = || sample(&metrics(address), "driftd_reference_learning_ratio{model=\"fresh\"}");
    for hour in 4..10 {
        for number in 0..BODIES {
            rows += taken(address, "fresh", &[], body_of_hour(hour, number).as_bytes()).accepted;
        }
    }
    poll(|| daemon.log().contains("a reference was learnt").then_some(()))
        .unwrap_or_else(|| panic!("it does not freeze at {:?}:\n{}", ratio(), daemon.log()));
    poll(|| (ratio() == Some(1.0)).then_some(())).expect("the metric tells");
    rows += taken(address, "fresh", &[], body_of_hour(12, 0).as_bytes()).accepted;
    assert_eq!(rows, (10 * BODIES + 1) * ROWS as u64);
    let judged = "driftd_window_samples{model=\"fresh\"";
    poll(|| metrics(address).contains(judged).then_some(())).expect("windows are judged");
    daemon.stop();

    let database = place.data().join("driftd.db");
    let database = Connection::open_with_flags(database, OpenFlags::SQLITE_OPEN_READ_ONLY).unwrap();
    let count = |sql: &str| database.query_row(sql, [], |row| row.get::<_, i64>(0)).unwrap();
    assert_eq!(count("SELECT count(*) FROM learning"), 0, "values are gone");
    assert!(count("SELECT count(*) FROM delta WHERE model = 'fresh'") > 0, "counts are there");
}
