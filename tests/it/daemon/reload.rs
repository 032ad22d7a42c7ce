//! SIGHUP: a good config is taken up whole, a broken one changes nothing.

use super::{metrics, post, sample, taken};
use crate::support::loan::{Body, MODEL, Place};
use crate::support::process::{Daemon, poll};

const SECOND: &str = "models/second.toml";

fn reloaded(address: std::net::SocketAddr) -> Option<f64> {
    sample(&metrics(address), "driftd_config_last_reload_successful")
}

#[test]
fn a_broken_config_changes_nothing_and_a_good_one_adds_a_model() {
    let place = Place::new();
    let (daemon, address) = Daemon::start(&place.config());
    let body = Body::of(0, 0).ndjson();
    assert_eq!(reloaded(address), Some(1.0));
    assert_eq!(post(address, "second", &[], body.as_bytes()).status, 404);

    place.write(SECOND, "id = \"second\"\ntask = \"binary\"\nreference = { lern = {} }\n");
    daemon.signal("HUP");
    poll(|| (reloaded(address) == Some(0.0)).then_some(())).expect("the metric tells");
    let said = poll(|| Some(daemon.log()).filter(|log| log.contains("the old one stays")));
    assert!(said.is_some_and(|log| log.contains("second.toml")), "the log names the file:\n{}", daemon.log());
    taken(address, MODEL, &[], body.as_bytes());
    assert_eq!(post(address, "second", &[], body.as_bytes()).status, 404);

    place.write(SECOND, "id = \"second\"\ntask = \"binary\"\nreference = { learn = { for = \"7d\" } }\n");
    daemon.signal("HUP");
    poll(|| (reloaded(address) == Some(1.0)).then_some(())).expect("the metric tells");
    taken(address, "second", &[], body.as_bytes());
    taken(address, MODEL, &[], body.as_bytes());

    std::fs::remove_file(place.path().join(SECOND)).unwrap();
    daemon.signal("HUP");
    poll(|| (post(address, "second", &[], body.as_bytes()).status == 404).then_some(())).expect("it is gone");
    assert!(!metrics(address).contains("model=\"second\""), "and its series are");
    daemon.stop();
}
