//! Stopping: what is in flight ends, nothing new begins, and it does not take for ever.

use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;
use tokio::time::timeout;

use super::client::{connect, read_to_end};
use super::*;

async fn slow_request(server: &Server) -> TcpStream {
    let mut stream = connect(server.addr).await;
    stream.write_all(&predictions("slow", &[("Connection", "keep-alive")], b"{}\n")).await.unwrap();
    timeout(DEADLINE, server.fake.entered.notified()).await.unwrap();
    stream
}

/// Until the listener is gone.
async fn refused(addr: SocketAddr) {
    let until = async { while TcpStream::connect(addr).await.is_ok() {} };
    timeout(DEADLINE, until).await.expect("stops listening");
}

#[tokio::test]
async fn a_request_in_flight_ends_well() {
    let mut server = Server::start(options()).await;
    let stream = slow_request(&server).await;
    let mut idle = connect(server.addr).await;
    idle.write_all(&request("GET", "/-/healthy", &[("Connection", "keep-alive")], b"")).await.unwrap();
    let mut answered = Vec::new();
    while !answered.ends_with(b"healthy\n") {
        timeout(DEADLINE, idle.read_buf(&mut answered)).await.unwrap().unwrap();
    }
    server.stop();
    refused(server.addr).await;
    assert!(!server.task.is_finished());
    server.fake.go_on.notify_one();
    let answer = read_to_end(stream).await;
    assert_eq!((answer.status, answer.header("connection")), (200, Some("close")));
    assert_eq!(read_to_end(idle).await.status, 0);
    timeout(DEADLINE, server.task).await.expect("stops").unwrap().unwrap();
    assert_eq!(server.fake.ingested().len(), 1);
}

#[tokio::test]
async fn a_request_that_never_ends_is_cut() {
    let drain_timeout = Duration::from_millis(50);
    let mut server = Server::start(WebOptions { drain_timeout, ..options() }).await;
    let stream = slow_request(&server).await;
    server.stop();
    timeout(DEADLINE, server.task).await.expect("stops").unwrap().unwrap();
    assert_eq!(read_to_end(stream).await.status, 0);
    assert_eq!(server.fake.ingested(), []);
}
