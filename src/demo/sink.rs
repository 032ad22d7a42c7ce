//! A receiver of webhooks: what the demo's notifications and its orders to train are sent to, and printed from.

use std::net::{Ipv4Addr, SocketAddr};
use std::sync::Arc;

use anyhow::Context;
use axum::Router;
use axum::body::Bytes;
use axum::extract::State;
use axum::http::{HeaderMap, StatusCode};
use axum::routing::post;
use tokio::net::TcpListener;
use tokio::sync::mpsc;
use tokio::task::JoinHandle;

/// Messages that wait to be printed; past it the sender is told to come back.
const WAITING_MAX: usize = 64;

/// A receiver that listens on loopback until it is dropped.
pub struct Sink {
    pub address: SocketAddr,
    received: mpsc::Receiver<Webhook>,
    orders: mpsc::Receiver<String>,
    opened: Option<Webhook>,
    served: JoinHandle<()>,
}

/// What was received.
#[derive(Clone)]
pub struct Webhook {
    /// The same through all attempts.
    pub id: String,
    pub body: serde_json::Value,
}

impl Sink {
    pub async fn start() -> anyhow::Result<Self> {
        let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).await.context("the sink cannot listen")?;
        let address = listener.local_addr()?;
        let (sender, received) = mpsc::channel(WAITING_MAX);
        let (trainer, orders) = mpsc::channel(WAITING_MAX);
        let router = Router::new()
            .route("/hook", post(take))
            .with_state(Arc::new(sender))
            .route("/train", post(train))
            .with_state(trainer);
        let served = tokio::spawn(async move {
            if let Err(error) = axum::serve(listener, router).await {
                tracing::error!(%error, "the sink ended");
            }
        });
        Ok(Self { address, received, orders, opened: None, served })
    }

    /// A webhook that came and was not looked at.
    pub fn try_next(&mut self) -> Option<Webhook> {
        let webhook = self.received.try_recv().ok()?;
        self.keep(&webhook);
        Some(webhook)
    }

    /// The first webhook that told of an incident's beginning; waits for it. `None` once nothing can come.
    pub async fn opened(&mut self) -> Option<Webhook> {
        while self.opened.is_none() {
            let webhook = self.received.recv().await?;
            self.keep(&webhook);
        }
        self.opened.clone()
    }

    /// The first request of a training; waits for it. `None` once nothing can come.
    pub async fn trained(&mut self) -> Option<String> {
        self.orders.recv().await
    }

    fn keep(&mut self, webhook: &Webhook) {
        let opens = webhook.body["type"].as_str().is_some_and(|kind| kind.ends_with(".opened"));
        if opens && self.opened.is_none() {
            self.opened = Some(webhook.clone());
        }
    }
}

impl Drop for Sink {
    fn drop(&mut self) {
        self.served.abort();
    }
}

async fn take(
    State(sender): State<Arc<mpsc::Sender<Webhook>>>,
    headers: HeaderMap,
    body: Bytes,
) -> StatusCode {
    let Ok(body) = serde_json::from_slice(&body) else { return StatusCode::BAD_REQUEST };
    let id = headers.get("webhook-id").and_then(|id| id.to_str().ok()).unwrap_or_default().to_owned();
    match sender.try_send(Webhook { id, body }) {
        Ok(()) => StatusCode::NO_CONTENT,
        Err(_) => StatusCode::SERVICE_UNAVAILABLE,
    }
}

/// Takes an order as a training pipeline does, and keeps it as it came.
async fn train(State(sender): State<mpsc::Sender<String>>, headers: HeaderMap, body: Bytes) -> StatusCode {
    let Ok(order) = serde_json::from_slice::<serde_json::Value>(&body) else {
        return StatusCode::BAD_REQUEST;
    };
    let shown = ["content-type", "idempotency-key", "webhook-id", "webhook-timestamp"];
    let header = |name: &str| Some(format!("{name}: {}\n", headers.get(name)?.to_str().ok()?));
    let headers: String = shown.into_iter().filter_map(header).collect();
    match sender.try_send(format!("POST /train\n{headers}\n{order:#}")) {
        Ok(()) => StatusCode::ACCEPTED,
        Err(_) => StatusCode::SERVICE_UNAVAILABLE,
    }
}
