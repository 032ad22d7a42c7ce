//! A sender that does not give up, of a daemon that is killed.

use std::net::SocketAddr;
use std::sync::RwLock;
use std::time::{Duration, Instant};

use driftd::web::answer::IngestAnswer;

use crate::support::http::{Connection, request};
use crate::support::loan::MODEL;
use crate::support::process::{DEADLINE, pause};

pub struct Sender<'a> {
    /// Where the daemon listens, or listened before it was killed.
    address: &'a RwLock<SocketAddr>,
    connection: Option<Connection>,
}

impl<'a> Sender<'a> {
    pub fn new(address: &'a RwLock<SocketAddr>) -> Self {
        Self { address, connection: None }
    }

    /// Sends a body under its key until the daemon says that it counts.
    pub fn send(&mut self, endpoint: &str, key: &str, body: &str) -> IngestAnswer {
        let since = Instant::now();
        loop {
            assert!(since.elapsed() < DEADLINE, "body {key} is not taken");
            match self.try_once(endpoint, key, body.as_bytes()) {
                Ok((200, answer)) => return serde_json::from_slice(&answer).unwrap(),
                Ok((429 | 500.., _)) => pause(Duration::from_millis(2)),
                Ok((status, answer)) => {
                    panic!("body {key}: {status} {}", String::from_utf8_lossy(&answer))
                }
                Err(_) => {
                    self.connection = None;
                    pause(Duration::from_millis(2));
                }
            }
        }
    }

    fn try_once(&mut self, endpoint: &str, key: &str, body: &[u8]) -> std::io::Result<(u16, Vec<u8>)> {
        let address = *self.address.read().unwrap();
        let connection = match &mut self.connection {
            Some(connection) => connection,
            none => none.insert(Connection::open(address)?),
        };
        let headers = [("Idempotency-Key", key), ("Content-Type", "application/x-ndjson")];
        let path = format!("/v1/models/{MODEL}/{endpoint}");
        let answer = connection.send(&request("POST", &path, address, &headers, body))?;
        Ok((answer.status, answer.body))
    }
}
