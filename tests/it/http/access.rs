//! Who is let in: tokens, roles, hosts, origins.

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use driftd::web::{Access, Role, routes};

use super::*;

fn example(path: &str) -> String {
    let of = ["incidents", "silences", "notifications", "use_cases"];
    let id = of.into_iter().zip(["inc-1", "sil-1", "ntf-1", "claims"]);
    let id = id.filter(|(of, _)| path.contains(of)).map(|(_, id)| id).next().unwrap_or_default();
    let path = path.replace("{model}", "fraud").replace("{feature}", "age").replace("{kind}", "bias");
    path.replace("{id}", id).replace("{name}", "hook").replace("{kpi}", "gains")
}

#[tokio::test]
async fn every_route_takes_the_roles_that_it_declares_and_no_others() {
    let server = Server::start(with_tokens()).await;
    for (method, path, access) in routes::<Fake>() {
        let path = example(path);
        let ask = async |headers: &[(&str, &str)]| {
            server.send(&request(method.as_str(), &path, headers, b"")).await
        };
        if access == Access::Public {
            assert_eq!(ask(&[]).await.status, 200, "{path}");
            continue;
        }
        let answer = ask(&[]).await;
        assert_eq!((answer.status, answer.code().as_str()), (401, "no_token"), "{path}");
        assert_eq!(answer.header("www-authenticate"), Some("Bearer realm=\"driftd\""));
        let answer = ask(&[("Authorization", "Bearer nobodys-token")]).await;
        assert_eq!((answer.status, answer.code().as_str()), (401, "unknown_token"), "{path}");
        for role in Role::ALL {
            let answer = ask(&[("Authorization", &format!("Bearer {role}-token"))]).await;
            let refused = answer.status == 403;
            assert_eq!(refused, !access.takes(role), "{path} as {role}: {}", answer.status);
            assert_ne!(answer.status, 401, "{path} as {role}");
        }
    }
}

#[tokio::test]
async fn the_errors_name_the_role_but_no_token() {
    let server = Server::start(with_tokens()).await;
    let ask = async |value: &str| {
        let answer = server.send(&request("GET", "/v1/models", &[("Authorization", value)], b"")).await;
        (answer.status, answer.text().to_owned())
    };
    let message = "this needs the role read; the token `fraud-api` has the role ingest";
    assert_eq!(ask("Bearer ingest-token").await, (403, error("role_missing", message)));
    let message = "the Authorization header is neither `Bearer TOKEN` nor `Basic` with the token as password";
    let bad = (401, error("bad_authorization", message));
    for value in ["Bearer", "Bearer ", "read-token", "Digest x", "Basic ???", &basic("no colon")] {
        assert_eq!(ask(value).await, bad, "{value}");
    }
    for good in
        ["bearer read-token", "Bearer  read-token", &basic("prometheus:read-token"), &basic(":read-token")]
    {
        assert_eq!(ask(good).await.0, 200, "{good}");
    }
    let twice = [("Authorization", "Bearer read-token"), ("Authorization", "Bearer admin-token")];
    assert_eq!(server.send(&request("GET", "/v1/models", &twice, b"")).await.status, 400);
}

fn basic(pair: &str) -> String {
    format!("Basic {}", STANDARD.encode(pair))
}

#[tokio::test]
async fn the_token_names_the_actor_and_the_source() {
    let server = Server::start(with_tokens()).await;
    let auth = ("Authorization", "Bearer admin-token");
    server.send(&predictions("fraud", &[auth], b"{}")).await;
    assert_eq!(&*server.fake.ingested()[0].source, "http:root");
    let json = ("Content-Type", "application/json");
    let learn = br#"{"reason":"new season"}"#;
    let auth = ("Authorization", "Bearer operate-token");
    server.send(&request("POST", "/v1/models/fraud/learn", &[auth, json], learn)).await;
    assert_eq!(*server.fake.done.lock().unwrap(), ["ann learn"]);
}

#[tokio::test]
async fn tokens_can_be_swapped() {
    let options = with_tokens();
    let Auth::Tokens(tokens) = options.auth.clone() else { panic!("no tokens") };
    let server = Server::start(options).await;
    let ask = request("GET", "/v1/models", &[("Authorization", "Bearer read-token")], b"");
    assert_eq!(server.send(&ask).await.status, 200);
    let rest: String =
        TOKENS.lines().filter(|line| !line.starts_with("read")).map(|l| format!("{l}\n")).collect();
    tokens.store(Arc::new(Tokens::parse(&rest).unwrap()));
    assert_eq!(server.send(&ask).await.status, 401);
}

#[tokio::test]
async fn only_our_own_names_are_hosts() {
    let server = Server::start(options()).await;
    let port = server.addr.port();
    let ask = async |host: &str| {
        let answer = server.send(&request("GET", "/v1/models", &[("Host", host)], b"")).await;
        (answer.status, if answer.status == 200 { String::new() } else { answer.code() })
    };
    for ours in [
        "localhost",
        "LOCALHOST:1234",
        "127.0.0.1",
        "127.9.9.9:80",
        "[::1]:8440",
        &format!("127.0.0.1:{port}"),
        "driftd.example",
        "Driftd.Example:99",
        "proxy.example:8443",
    ] {
        assert_eq!(ask(ours).await.0, 200, "{ours}");
    }
    for theirs in [
        "evil.example",
        "localhost.evil.example",
        "driftd.example.evil.example",
        "proxy.example",
        "proxy.example:80",
        "10.0.0.1",
        "[2001:db8::1]",
        "0.0.0.0",
    ] {
        assert_eq!(ask(theirs).await, (403, "host_not_allowed".into()), "{theirs}");
    }
    for bad in ["", "a b", "localhost:port:port", "http://localhost/"] {
        assert_eq!(ask(bad).await, (400, "bad_host".into()), "{bad}");
    }
    for raw in [
        "GET /v1/models HTTP/1.1\r\nConnection: close\r\n\r\n",
        "GET /v1/models HTTP/1.0\r\n\r\n",
        "GET /v1/models HTTP/1.1\r\nHost: localhost\r\nHost: localhost\r\nConnection: close\r\n\r\n",
    ] {
        assert_eq!(server.send(raw.as_bytes()).await.code(), "bad_host", "{raw}");
    }
    let rebound =
        "GET http://evil.example/v1/models HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n";
    assert_eq!(server.send(rebound.as_bytes()).await.code(), "host_not_allowed");
    assert_eq!(
        server.send(&request("GET", "/-/healthy", &[("Host", "evil.example")], b"")).await.status,
        403
    );
}

#[tokio::test]
async fn other_sites_change_nothing() {
    let server = Server::start(options()).await;
    let ask = async |headers: &[(&str, &str)]| {
        let headers = [&[("Host", "localhost:8440")], headers].concat();
        server.send(&request("POST", "/-/reload", &headers, b"")).await.status
    };
    for ours in [
        &[][..],
        &[("Origin", "http://localhost:8440")],
        &[("Origin", "https://LOCALHOST:8440"), ("Sec-Fetch-Site", "same-origin")],
        &[("Origin", "https://driftd.example"), ("Sec-Fetch-Site", "cross-site")],
        &[("Sec-Fetch-Site", "none")],
    ] {
        assert_eq!(ask(ours).await, 200, "{ours:?}");
    }
    for theirs in [
        &[("Origin", "http://evil.example")][..],
        &[("Origin", "http://localhost:3000")],
        &[("Origin", "null")],
        &[("Origin", "")],
        &[("Origin", "http://localhost:8440"), ("Origin", "http://evil.example")],
        &[("Sec-Fetch-Site", "cross-site")],
        &[("Sec-Fetch-Site", "same-site")],
    ] {
        assert_eq!(ask(theirs).await, 403, "{theirs:?}");
    }
    assert_eq!(server.fake.done.lock().unwrap().len(), 5);
}

#[tokio::test]
async fn beyond_loopback_only_with_tokens_or_by_word() {
    let serve_on_all = async |auth: Auth| {
        let listener = TcpListener::bind("0.0.0.0:0").await.unwrap();
        serve(listener, Arc::new(Fake::default()), WebOptions { auth, ..options() }, async {}).await
    };
    assert!(matches!(serve_on_all(Auth::Loopback).await, Err(ServeError::OpenBeyondLoopback(_))));
    assert!(serve_on_all(Auth::None).await.is_ok());
    assert!(serve_on_all(with_tokens().auth).await.is_ok());
}
