//! The HTTP face with a service of our own behind it, over real sockets on port 0.

pub mod client;

mod fake;

mod fake_incidents;

mod fake_kpis;
mod fake_retraining;

mod incidents;

mod retraining;

mod commands;

mod refusals;

pub mod bodies;

mod access;

mod limits;

mod reads;

mod stop;

pub mod logs;

use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;

use driftd::web::{Auth, ServeError, Tokens, WebOptions, serve};
use tokio::net::TcpListener;
use tokio::sync::oneshot;
use tokio::task::JoinHandle;

use client::{Answer, send};
use fake::Fake;

/// No test waits longer for anything.
const DEADLINE: Duration = Duration::from_secs(20);

pub const MIB: usize = 1 << 20;

/// A server that runs.
struct Server {
    addr: SocketAddr,
    fake: Arc<Fake>,
    stop: Option<oneshot::Sender<()>>,
    task: JoinHandle<Result<(), ServeError>>,
}

impl Server {
    async fn start(options: WebOptions) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let addr = listener.local_addr().unwrap();
        let fake = Arc::new(Fake::default());
        let (stop, stopped) = oneshot::channel();
        let shutdown = async { stopped.await.unwrap_or(()) };
        let task = tokio::spawn(serve(listener, fake.clone(), options, shutdown));
        Self { addr, fake, stop: Some(stop), task }
    }

    fn stop(&mut self) {
        if let Some(stop) = self.stop.take() {
            let _ = stop.send(());
        }
    }

    async fn send(&self, request: &[u8]) -> Answer {
        send(self.addr, request).await
    }
}

/// Small limits, so that tests reach them.
fn options() -> WebOptions {
    WebOptions {
        hosts: vec!["driftd.example".into(), "Proxy.example:8443".into()],
        body_bytes_max: MIB,
        unpacked_bytes_max: 2 * MIB,
        in_flight_bytes_max: 4 * MIB,
        ..WebOptions::default()
    }
}

/// The SHA-256 of `ingest-token`, `read-token`, `operate-token` and `admin-token`.
pub const TOKENS: &str = "\
ingest fraud-api d6d21e6d4a9c969670e67b5ea4b746242a23ad9ec2e8eb78c8d36f577f00581e
read grafana 0328587016f9e316b9c31c94f944a2c453e1494a564062b5eab68039c75b58bf
operate ann 2de8e6cbdda43d8f8c4f33e79b7296ad4159d03cf42dbdf39c1e48ba6547fc61
admin root 10a4c7c9fc5206d6f36dc6944a81bb6f4a3cb0e25014ae3b12e6c3e52712292a
";

fn with_tokens() -> WebOptions {
    WebOptions { auth: Auth::tokens(Tokens::parse(TOKENS).unwrap()), ..options() }
}

/// A request with a Host, a length and `Connection: close`, where `headers` has no other.
pub fn request(method: &str, path: &str, headers: &[(&str, &str)], body: &[u8]) -> Vec<u8> {
    let mut head = format!("{method} {path} HTTP/1.1\r\n");
    let has = |name: &str| headers.iter().any(|(key, _)| key.eq_ignore_ascii_case(name));
    for (name, value) in [("Host", "localhost"), ("Connection", "close")] {
        if !has(name) {
            head += &format!("{name}: {value}\r\n");
        }
    }
    if method == "POST" && !has("Content-Length") && !has("Transfer-Encoding") {
        head += &format!("Content-Length: {}\r\n", body.len());
    }
    for (name, value) in headers {
        head += &format!("{name}: {value}\r\n");
    }
    [head.as_bytes(), b"\r\n", body].concat()
}

fn get(path: &str) -> Vec<u8> {
    request("GET", path, &[], b"")
}

/// Rows to a model.
fn predictions(model: &str, headers: &[(&str, &str)], body: &[u8]) -> Vec<u8> {
    request("POST", &format!("/v1/models/{model}/predictions"), headers, body)
}

/// An error's body, to the byte.
pub fn error(code: &str, message: &str) -> String {
    format!(r#"{{"error":{{"code":"{code}","message":"{message}"}}}}"#)
}
