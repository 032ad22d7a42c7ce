//! The server: accepts, holds connections to their limits, stops with grace.

use std::convert::Infallible;
use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;

use axum::Router;
use axum::body::Body;
use axum::http::{Request, header};
use axum::response::{IntoResponse, Response};
use hyper::body::Incoming;
use hyper::server::conn::http1;
use hyper::service::{Service as HyperService, service_fn};
use hyper_util::rt::{TokioIo, TokioTimer};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::{OwnedSemaphorePermit, Semaphore, watch};
use tokio::task::JoinSet;
use tower::Service as TowerService;

use super::body::UNPACK_STEP;
use super::failure::Failure;
use super::gate::Gate;
use super::linger::Lingering;
use super::options::WebOptions;
use super::routes::{Face, router};
use super::service::Service;
use super::tokens::Auth;

/// Bytes of a request's head; more: 431.
const HEAD_BYTES_MAX: usize = 32 * 1024;

/// Bytes that are read from a connection at once.
const BUFFER_BYTES: usize = 64 * 1024;

/// Connections beyond the limit that are told so; more are closed without a word.
const REFUSED_AT_ONCE: usize = 64;

/// How long to wait where accepting fails, as it does when file descriptors run out.
const ACCEPT_PAUSE: Duration = Duration::from_millis(100);

/// Why the face does not open.
#[derive(Debug, thiserror::Error)]
pub enum ServeError {
    #[error(
        "{0} is reachable from other machines, but there are no tokens: name a tokens file, or set auth = \"none\""
    )]
    OpenBeyondLoopback(SocketAddr),
    #[error(
        "{in_flight_bytes_max} bytes in flight hold no request of the largest size: at least {needed} are right"
    )]
    InFlightTooSmall { in_flight_bytes_max: usize, needed: usize },
    #[error("the address of the listener cannot be read: {0}")]
    Listener(#[from] std::io::Error),
}

/// Serves until `shutdown`, then ends what is in flight, at most for `options.drain_timeout`.
///
/// Errors before anything is served, never later.
pub async fn serve<S: Service>(
    listener: TcpListener,
    service: Arc<S>,
    options: WebOptions,
    shutdown: impl Future<Output = ()> + Send,
) -> Result<(), ServeError> {
    let listen = listener.local_addr()?;
    if matches!(options.auth, Auth::Loopback) && !listen.ip().to_canonical().is_loopback() {
        return Err(ServeError::OpenBeyondLoopback(listen));
    }
    let needed =
        options.body_bytes_max.saturating_add(options.unpacked_bytes_max).saturating_add(2 * UNPACK_STEP);
    if options.in_flight_bytes_max < needed {
        return Err(ServeError::InFlightTooSmall {
            in_flight_bytes_max: options.in_flight_bytes_max,
            needed,
        });
    }
    let gate = Gate::new(options.auth.clone(), &options.hosts, listen);
    let (connections_max, header_timeout) = (options.connections_max, options.header_timeout);
    let drain_timeout = options.drain_timeout;
    let router = router(Arc::new(Face::new(service, gate, options)));

    let (stop, stopping) = watch::channel(());
    let places = Arc::new(Semaphore::new(connections_max));
    let refusals = Arc::new(Semaphore::new(REFUSED_AT_ONCE));
    let mut connections = JoinSet::new();
    let mut shutdown = std::pin::pin!(shutdown);
    loop {
        let stream = tokio::select! {
            () = &mut shutdown => break,
            Some(_) = connections.join_next() => continue,
            accepted = listener.accept() => match accepted {
                Ok((stream, _)) => stream,
                Err(error) => {
                    tracing::warn!(%error, "a connection could not be accepted");
                    tokio::time::sleep(ACCEPT_PAUSE).await;
                    continue;
                }
            },
        };
        let connection = Connection { stream, header_timeout, stopping: stopping.clone() };
        if let Ok(place) = places.clone().try_acquire_owned() {
            connections.spawn(connection.answer(router.clone(), place));
        } else if let Ok(place) = refusals.clone().try_acquire_owned() {
            connections.spawn(connection.refuse(place));
        }
    }
    drop(listener);
    drop(stopping);
    let _ = stop.send(());
    let drained = async { while connections.join_next().await.is_some() {} };
    if tokio::time::timeout(drain_timeout, drained).await.is_err() {
        tracing::warn!(open = connections.len(), "connections were cut: they did not end in time");
        connections.shutdown().await;
    }
    Ok(())
}

struct Connection {
    stream: TcpStream,
    header_timeout: Duration,
    stopping: watch::Receiver<()>,
}

impl Connection {
    async fn answer(self, router: Router, _place: OwnedSemaphorePermit) {
        let answer = service_fn(move |request: Request<Incoming>| {
            router.clone().call(Lingering::wrap(request).map(Body::new))
        });
        self.run(answer).await;
    }

    async fn refuse(self, _place: OwnedSemaphorePermit) {
        let refuse = service_fn(async |_: Request<Incoming>| {
            let message = "too many connections are open; try again later";
            let failure = Failure::unavailable("too_many_connections", message, Duration::from_secs(1));
            Ok::<_, Infallible>(failure.with(header::CONNECTION, "close").into_response())
        });
        self.run(refuse).await;
    }

    async fn run<H>(mut self, handler: H)
    where
        H: HyperService<Request<Incoming>, Response = Response, Error = Infallible>,
    {
        let _ = self.stream.set_nodelay(true);
        let connection = http1::Builder::new()
            .timer(TokioTimer::new())
            .header_read_timeout(self.header_timeout)
            .max_header_size(HEAD_BYTES_MAX)
            .max_buf_size(BUFFER_BYTES)
            .serve_connection(TokioIo::new(self.stream), handler);
        let mut connection = std::pin::pin!(connection);
        let ended = tokio::select! {
            ended = connection.as_mut() => ended,
            _ = self.stopping.changed() => {
                connection.as_mut().graceful_shutdown();
                connection.await
            }
        };
        if let Err(error) = ended {
            tracing::debug!(%error, "a connection ended early");
        }
    }
}
