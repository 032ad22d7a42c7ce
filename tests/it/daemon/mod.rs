//! The built daemon from end to end: what comes in, stops, reloads, learns, and what floods it.
#![cfg(test)]

mod flood;

mod learning;

mod life;

mod reload;

mod scraped;

mod sync;

use std::net::SocketAddr;

use driftd::web::answer::IngestAnswer;

use crate::support::http::{Answer, Connection, request};

fn get(address: SocketAddr, path: &str) -> Answer {
    let request = request("GET", path, address, &[], b"");
    Connection::open(address).unwrap().send(&request).unwrap()
}

fn metrics(address: SocketAddr) -> String {
    String::from_utf8(get(address, "/metrics").body).unwrap()
}

/// The value of a sample, by its name and labels as they are written.
fn sample(metrics: &str, name: &str) -> Option<f64> {
    let line = metrics.lines().find_map(|line| line.strip_prefix(name)?.strip_prefix(' '))?;
    line.parse().ok()
}

fn post(address: SocketAddr, model: &str, headers: &[(&str, &str)], body: &[u8]) -> Answer {
    let path = format!("/v1/models/{model}/predictions");
    let request = request("POST", &path, address, headers, body);
    Connection::open(address).unwrap().send(&request).unwrap()
}

/// Sends a body that is taken.
fn taken(address: SocketAddr, model: &str, headers: &[(&str, &str)], body: &[u8]) -> IngestAnswer {
    let answer = post(address, model, headers, body);
    assert_eq!(answer.status, 200, "{}", String::from_utf8_lossy(&answer.body));
    serde_json::from_slice(&answer.body).unwrap()
}
