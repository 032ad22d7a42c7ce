//! What is logged of failed requests: which route and why, nothing that the sender wrote.

use std::io;
use std::sync::Mutex;

use super::*;

#[derive(Clone, Default)]
pub struct Log(Arc<Mutex<Vec<u8>>>);

impl Log {
    pub fn text(&self) -> String {
        String::from_utf8(self.0.lock().unwrap().clone()).unwrap()
    }
}

impl io::Write for Log {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.0.lock().unwrap().write(bytes)
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

#[tokio::test]
async fn a_failed_request_is_one_line_without_what_was_sent() {
    let log = Log::default();
    let writer = log.clone();
    let subscriber = tracing_subscriber::fmt().json().with_writer(move || writer.clone()).finish();
    let _guard = tracing::subscriber::set_default(subscriber);
    let server = Server::start(with_tokens()).await;
    let auth = ("Authorization", "Bearer secret");
    let json = ("Content-Type", "application/json");
    let admin = ("Authorization", "Bearer admin-token");
    server.send(&request("GET", "/v1/models/secret?secret=secret", &[auth], b"")).await;
    server.send(&request("GET", "/secret", &[admin], b"")).await;
    server.send(&request("POST", "/v1/models/secret/learn", &[admin, json], b"{\"secret\":1}")).await;
    server.send(&predictions("fraud", &[admin], b"{\"secret\":1}")).await;
    server.send(&request("GET", "/v1/models/panics", &[admin], b"")).await;

    let text = log.text();
    let lines: Vec<serde_json::Value> =
        text.lines().map(|line| serde_json::from_str(line).unwrap()).collect();
    let of = |line: &serde_json::Value| {
        let fields = &line["fields"];
        let word = |value: &serde_json::Value| value.as_str().unwrap_or("-").to_owned();
        (word(&line["level"]), word(&fields["method"]), word(&fields["route"]), word(&fields["code"]))
    };
    let line = |level: &str, method: &str, route: &str, code: &str| {
        (level.to_owned(), method.to_owned(), route.to_owned(), code.to_owned())
    };
    let expected = [
        line("WARN", "GET", "/v1/models/{model}", "unknown_token"),
        line("INFO", "GET", "none", "no_such_path"),
        line("INFO", "POST", "/v1/models/{model}/learn", "bad_json"),
        line("ERROR", "-", "-", "-"),
        line("ERROR", "GET", "/v1/models/{model}", "internal"),
    ];
    assert_eq!(lines.iter().map(of).collect::<Vec<_>>(), expected);
    assert!(!text.replace("a secret of the inside", "").contains("secret"), "{text}");
    assert!(!text.contains("admin-token"));
}
