//! The built daemon under the real Prometheus, on the real clock.

use std::net::SocketAddr;

use serde_json::json;

use super::scene::Scene;
use crate::support::http::{Answer, Connection, request};
use crate::support::loan::{Body, MODEL, Place};
use crate::support::process::Daemon;
use crate::support::prometheus::Stack;
use crate::support::sink::{Reply, Sink};

/// A place whose config names no model.
fn empty_place(sections: &str) -> Place {
    let place = Place::new();
    std::fs::remove_file(place.path().join("models/loan.toml")).unwrap();
    place.write("driftd.toml", &format!("{}{sections}", place.main("")));
    place
}

/// Started beside the test's threads, which serve what it talks to.
async fn start(place: &Place) -> (Daemon, SocketAddr) {
    let config = place.config();
    tokio::task::spawn_blocking(move || Daemon::start(&config)).await.unwrap()
}

async fn watch(address: SocketAddr) -> Stack {
    let stack = Stack::start(&[address.to_string()], None).await;
    stack.until("up{job=\"driftd\"}", |up| up == 1.0).await;
    stack
}

fn send(address: SocketAddr, method: &str, path: &str, body: &[u8]) -> Answer {
    let headers = [("Content-Type", "application/json")];
    Connection::open(address).unwrap().send(&request(method, path, address, &headers, body)).unwrap()
}

fn taken(address: SocketAddr, path: &str, body: &[u8]) {
    let answer = send(address, "POST", path, body);
    assert_eq!(answer.status, 200, "{}", String::from_utf8_lossy(&answer.body));
}

/// Without a model, and with nothing wrong.
pub async fn idle() -> Scene {
    let place = empty_place("");
    let (daemon, address) = start(&place).await;
    Scene::new(watch(address).await, (daemon, place))
}

/// SIGKILL while it is scraped: what is known of it ends, and that it is down is known.
pub async fn down() -> Scene {
    let place = empty_place("");
    let (mut daemon, address) = start(&place).await;
    let stack = watch(address).await;
    daemon.kill();
    Scene::new(stack, place)
}

/// No target at all.
pub async fn absent() -> Scene {
    Scene::new(Stack::start(&[], None).await, ())
}

/// Three times killed and started again, at the same address.
pub async fn restarting() -> Scene {
    let place = empty_place("");
    let (mut daemon, address) = start(&place).await;
    let stack = watch(address).await;
    let config = std::fs::read_to_string(place.config()).unwrap();
    place.write("driftd.toml", &config.replace("127.0.0.1:0", &address.to_string()));
    for restarts in 1..=3 {
        daemon.kill();
        daemon = start(&place).await.0;
        let seen = "changes(process_start_time_seconds{job=\"driftd\"}[1h])";
        stack.until(seen, |changes| changes == f64::from(restarts)).await;
    }
    Scene::new(stack, (daemon, place))
}

/// SIGHUP on a config with a mistake.
pub async fn refused_config() -> Scene {
    let place = empty_place("");
    let (daemon, address) = start(&place).await;
    let stack = watch(address).await;
    place.write("models/second.toml", "id = \"second\"\n");
    daemon.signal("HUP");
    Scene::new(stack, (daemon, place))
}

/// A replay of 12 hours of a month ago, of ages and towns that are not the profile's, with features that it has not.
/// That is too short for a habit of traffic. What it ended with is its present: it is not stale.
pub async fn drifting_replay() -> Scene {
    let place = Place::new();
    let (daemon, address) = start(&place).await;
    for number in 0..12 * 8 {
        let body = Body::of(0, number * 8).ndjson().replace("\"features\":{", "\"features\":{\"new\":1,");
        taken(address, &format!("/v1/models/{MODEL}/predictions"), body.as_bytes());
    }
    Scene::new(watch(address).await, (daemon, place))
}

/// A daemon whose only receiver is broken.
pub async fn broken_receiver() -> (SocketAddr, impl Send + Sync) {
    let sink = Sink::start(vec![Reply::status(503)]).await;
    let receiver = format!("[receivers.broken]\ntype = \"webhook\"\nurl = \"{}\"\n", sink.url());
    let place = empty_place(&format!("{receiver}[[routes]]\nreceivers = [\"broken\"]\nmatch = {{}}\n"));
    let (daemon, address) = start(&place).await;
    (address, (daemon, place, sink))
}

/// Something that everybody is told of.
pub fn report(address: SocketAddr) {
    let report = json!({"kind": "data_quality", "severity": "warning", "model": "loan", "summary": "a test"});
    taken(address, "/v1/incidents", report.to_string().as_bytes());
}

/// One receiver is gone (410), one refuses what it is sent (400), one is broken (503), one takes everything.
pub async fn failing_receivers() -> Scene {
    let answers = [("gone", 410), ("refuses", 400), ("broken", 503), ("well", 200)];
    let (mut sections, mut sinks) = (String::new(), Vec::new());
    for (name, status) in answers {
        let sink = Sink::start(vec![Reply::status(status)]).await;
        sections += &format!("[receivers.{name}]\ntype = \"webhook\"\nurl = \"{}\"\n", sink.url());
        sinks.push(sink);
    }
    let names = answers.map(|(name, _)| name);
    sections += &format!("[[routes]]\nreceivers = {names:?}\nmatch = {{}}\n");
    let place = empty_place(&sections);
    let (daemon, address) = start(&place).await;
    let stack = watch(address).await;
    report(address);
    for sink in &sinks {
        sink.took(1).await;
    }
    Scene::new(stack, (daemon, place, sinks))
}
