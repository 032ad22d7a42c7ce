//! Limits of size, time and memory: the sender hears of each, and nothing is counted.

use tokio::io::AsyncWriteExt;

use super::bodies::{gzip, zstd};
use super::client::{connect, read_to_end};
use super::*;

const SHORT: Duration = Duration::from_millis(50);

fn too_large(bytes_max: usize) -> String {
    let message = "the most that is read; send fewer rows at once";
    error("body_too_large", &format!("the body has more than {bytes_max} bytes, {message}"))
}

fn unpacked_too_large(bytes_max: usize) -> String {
    let message = format!("the body decompressed has more than {bytes_max} bytes; send fewer rows at once");
    error("unpacked_body_too_large", &message)
}

#[tokio::test]
async fn bodies_past_the_limit() {
    let server = Server::start(options()).await;
    let at_limit = vec![b'\n'; MIB - 1];
    let rows = [b"{", &at_limit[..]].concat();
    assert_eq!(server.send(&predictions("fraud", &[], &rows)).await.status, 200);
    let over = [&rows[..], b"\n"].concat();
    let declared = server.send(&predictions("fraud", &[], &over)).await;
    assert_eq!((declared.status, declared.text()), (413, too_large(MIB).as_str()));
    let chunk = [format!("{:x}\r\n", over.len()).as_bytes(), &over, b"\r\n0\r\n\r\n"].concat();
    let chunked = server.send(&predictions("fraud", &[("Transfer-Encoding", "chunked")], &chunk)).await;
    assert_eq!((chunked.status, chunked.text()), (413, too_large(MIB).as_str()));
    let far_over = server.send(&predictions("fraud", &[], &vec![b'\n'; 3 * MIB])).await;
    assert_eq!((far_over.status, far_over.text()), (413, too_large(MIB).as_str()), "heard, not reset");
    assert_eq!(server.fake.ingested().len(), 1);
}

#[tokio::test]
async fn a_declared_length_is_enough_to_refuse() {
    let server = Server::start(options()).await;
    let headers = [("Content-Length", "99999999999"), ("Expect", "100-continue")];
    let answer = server.send(&predictions("fraud", &headers, b"")).await;
    assert_eq!((answer.status, answer.text()), (413, too_large(MIB).as_str()), "no 100 Continue before it");
    let absurd = server.send(&predictions("fraud", &[("Content-Length", "9223372036854775807")], b"")).await;
    assert_eq!(absurd.status, 413);
}

#[tokio::test]
async fn bombs_stop_at_the_limit() {
    let server = Server::start(options()).await;
    let bomb = vec![b' '; 64 * MIB];
    for (name, body) in [("gzip", gzip(&bomb)), ("zstd", zstd(&bomb))] {
        let body = if body.len() > MIB { body[..MIB].to_vec() } else { body };
        let answer = server.send(&predictions("fraud", &[("Content-Encoding", name)], &body)).await;
        assert_eq!((answer.status, answer.text()), (413, unpacked_too_large(2 * MIB).as_str()), "{name}");
    }
    let within = [b"{", &bomb[..2 * MIB - 1]].concat();
    assert_eq!(server.send(&predictions("fraud", &[], &gzip(&within))).await.status, 200);
    let over = [&within[..], b" "].concat();
    assert_eq!(server.send(&predictions("fraud", &[], &gzip(&over))).await.status, 413);
    // A frame that wants a window of 128 MiB gets none.
    let mut encoder = zstd::stream::write::Encoder::new(Vec::new(), 1).unwrap();
    encoder.window_log(27).unwrap();
    std::io::Write::write_all(&mut encoder, b"{}").unwrap();
    let wide = encoder.finish().unwrap();
    assert_eq!(server.send(&predictions("fraud", &[], &wide)).await.code(), "corrupt_body");
}

#[tokio::test]
async fn cut_bodies_count_nothing() {
    let server = Server::start(options()).await;
    let rows = b"{\"prediction\":1}\n{\"prediction\":2}\n";
    let cut = [
        predictions("fraud", &[("Content-Length", "1000")], rows),
        predictions("fraud", &[("Transfer-Encoding", "chunked")], b"22\r\n{\"prediction\":1}\n"),
        predictions("fraud", &[("Transfer-Encoding", "chunked")], b"3\r\n{}\n\r\n"),
        predictions("fraud", &[("Transfer-Encoding", "chunked")], b"3\r\n{}\n\r\nzz\r\n"),
        predictions("fraud", &[("Transfer-Encoding", "chunked")], b"ffffffffffffffff1\r\n{}"),
        predictions("fraud", &[("Content-Encoding", "gzip")], &gzip(rows)[..20]),
        predictions("fraud", &[("Content-Encoding", "gzip")], &[gzip(rows), b"garbage".to_vec()].concat()),
        predictions("fraud", &[("Content-Encoding", "zstd")], &zstd(rows)[..10]),
    ];
    for request in cut {
        let mut stream = connect(server.addr).await;
        stream.write_all(&request).await.unwrap();
        stream.shutdown().await.unwrap();
        let answer = read_to_end(stream).await;
        assert!(matches!(answer.status, 0 | 400), "{answer:?}");
        if answer.status == 400 && !answer.body.is_empty() {
            assert!(matches!(answer.code().as_str(), "body_cut_short" | "corrupt_body"), "{answer:?}");
        }
    }
    assert_eq!(server.fake.ingested(), []);
}

/// Chunks win over a length, or the request is refused: what is counted is never a part of the body.
#[tokio::test]
async fn a_length_beside_chunks_cuts_nothing() {
    let server = Server::start(options()).await;
    let headers = [("Transfer-Encoding", "chunked"), ("Content-Length", "3")];
    let answer = server.send(&predictions("fraud", &headers, b"3\r\n{}\n\r\n3\r\n{}\n\r\n0\r\n\r\n")).await;
    match answer.status {
        200 => assert_eq!(answer.json()["accepted"], 2),
        status => assert_eq!(status, 400),
    }
}

#[tokio::test]
async fn slow_bodies_and_slow_headers_are_not_waited_for() {
    let server = Server::start(WebOptions { body_timeout: SHORT, header_timeout: SHORT, ..options() }).await;
    let mut slow = connect(server.addr).await;
    slow.write_all(&predictions("fraud", &[("Content-Length", "1000")], b"{}\n")).await.unwrap();
    let answer = read_to_end(slow).await;
    let message = "the body did not come within 0.05 s; nothing was counted";
    assert_eq!((answer.status, answer.text()), (408, error("body_timeout", message).as_str()));
    for head in ["", "GET / HT", "GET / HTTP/1.1\r\nHost: localhost\r\n"] {
        let mut slow = connect(server.addr).await;
        slow.write_all(head.as_bytes()).await.unwrap();
        assert!(matches!(read_to_end(slow).await.status, 0 | 408), "{head}");
    }
    assert_eq!(server.fake.ingested(), []);
}

#[tokio::test]
async fn an_answer_that_does_not_come_is_503() {
    let server = Server::start(WebOptions { answer_timeout: SHORT, ..options() }).await;
    let answer = server.send(&predictions("never", &[], b"{}")).await;
    assert_eq!((answer.status, answer.code().as_str()), (503, "answer_timeout"));
    assert_eq!(answer.header("retry-after"), Some("1"));
}

#[tokio::test]
async fn bodies_in_memory_are_bounded_and_given_back() {
    let server = Server::start(options()).await;
    let row = |length: usize| [b"{".to_vec(), vec![b' '; length - 1]].concat();
    let mut held = Vec::new();
    for _ in 0..4 {
        let mut stream = connect(server.addr).await;
        stream.write_all(&predictions("slow", &[], &row(MIB))).await.unwrap();
        tokio::time::timeout(DEADLINE, server.fake.entered.notified()).await.unwrap();
        held.push(stream);
    }
    let answer = server.send(&predictions("fraud", &[], b"{}")).await;
    let message = "too many bytes of bodies are in memory at once; try again later";
    assert_eq!((answer.status, answer.text()), (429, error("busy", message).as_str()));
    assert_eq!(answer.header("retry-after"), Some("1"));
    for stream in held {
        server.fake.go_on.notify_one();
        assert_eq!(read_to_end(stream).await.status, 200);
    }
    let again = row(MIB);
    assert_eq!(server.send(&predictions("fraud", &[], &again)).await.status, 200);
    assert_eq!(server.send(&predictions("fraud", &[], &gzip(&row(2 * MIB)))).await.status, 200);
}

#[tokio::test]
async fn connections_past_the_limit_are_told_so() {
    let server = Server::start(WebOptions { connections_max: 1, ..options() }).await;
    let mut first = connect(server.addr).await;
    first.write_all(&predictions("slow", &[], b"{}")).await.unwrap();
    tokio::time::timeout(DEADLINE, server.fake.entered.notified()).await.unwrap();
    let second = server.send(&get("/-/healthy")).await;
    let message = "too many connections are open; try again later";
    assert_eq!((second.status, second.text()), (503, error("too_many_connections", message).as_str()));
    assert_eq!(second.header("retry-after"), Some("1"));
    server.fake.go_on.notify_one();
    assert_eq!(read_to_end(first).await.status, 200);
}

#[tokio::test]
async fn limits_that_contradict_each_other_are_an_error() {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let options = WebOptions { in_flight_bytes_max: 3 * MIB, ..options() };
    let served = serve(listener, Arc::new(Fake::default()), options, async {}).await;
    assert!(matches!(served, Err(ServeError::InFlightTooSmall { .. })));
}
