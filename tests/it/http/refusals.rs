//! Requests that are wrong, one a line: exact status, exact body.

use super::*;

const ROW: &[u8] = b"{\"prediction\":\"yes\"}\n";
const JSON: (&str, &str) = ("Content-Type", "application/json");

/// Sends each to a server without tokens; also checks that nothing of any of them was counted.
async fn check(cases: Vec<(&str, Vec<u8>, u16, String)>) {
    let server = Server::start(options()).await;
    for (name, request, status, body) in cases {
        let answer = server.send(&request).await;
        assert_eq!((answer.status, answer.text()), (status, body.as_str()), "{name}");
        if !body.is_empty() {
            assert_eq!(answer.header("content-type"), Some("application/json"), "{name}");
        }
    }
    assert_eq!(server.fake.ingested(), []);
    assert_eq!(*server.fake.done.lock().unwrap(), Vec::<String>::new());
}

#[tokio::test]
async fn paths_methods_and_queries() {
    let none =
        || error("no_such_path", "there is nothing at this path; GET /openapi.json lists what there is");
    let method = || {
        let message = "this path does not take this method; the Allow header lists those that it takes";
        error("method_not_allowed", message)
    };
    let query = |known: &str| error("bad_query", &format!("the query may have {known}, each once"));
    let drift = || query("version, segment, current, reference and window");
    let bad = |message: &str| error("bad_query", message);
    let range = |name: &str| {
        bad(&format!(
            "`{name}` is no range START/END of two RFC 3339 instants with a zone, the start before the end"
        ))
    };
    let path = |query: &str| get(&format!("/v1/models/fraud/drift?{query}"));
    let id = |what: &str| error("bad_model_id", &format!("the model's id in the path {what}"));
    let allowed = "letters, digits, `.`, `_` and `-` are allowed, the first a letter or digit";
    let model = |hint: &str| error("unknown_model", &format!("no model has this id: {hint}"));
    let hint = "the models are fraud and slow";
    check(vec![
        ("no path", get("/nothing"), 404, none()),
        ("no page yet", get("/"), 404, none()),
        ("a slash too many", get("/v1/models/"), 404, none()),
        ("no path, POST", request("POST", "/v1/nothing", &[], ROW), 404, none()),
        ("GET of rows", get("/v1/models/fraud/predictions"), 405, method()),
        ("POST of a read", request("POST", "/v1/models", &[], b""), 405, method()),
        ("GET of reload", get("/-/reload"), 405, method()),
        ("DELETE", request("DELETE", "/v1/models/fraud", &[], b""), 405, method()),
        ("a made-up method", request("BREW", "/v1/models", &[], b""), 405, method()),
        ("id with a space", get("/v1/models/a%20b"), 400, id(&format!("has the character ' '; {allowed}"))),
        ("id that climbs", get("/v1/models/..%2f"), 400, id(&format!("has the character '.'; {allowed}"))),
        ("id too long", get(&format!("/v1/models/{}", "a".repeat(65))), 400, id("has 65 bytes; at most 64 are allowed")),
        ("path that is no UTF-8", get("/v1/models/%ff"), 400, error("bad_path", "the path is no percent-encoded UTF-8")),
        ("unknown model", get("/v1/models/absent"), 404, model(hint)),
        ("unknown model's rejections", get("/v1/models/absent/rejections"), 404, model(hint)),
        ("unknown column", get("/v1/models/fraud/features/absent"), 404, error("unknown_column", "the model has no such column: age is one")),
        ("no derived column", get("/v1/models/fraud/features/@speed"), 400, error("bad_column", "the path names no column: a feature's name, @prediction, @score, @score:CLASS, @latency_ms or @cost")),
        ("unknown parameter", path("versoin=3"), 400, drift()),
        ("parameter twice", path("version=3&version=4"), 400, drift()),
        ("empty version", path("version="), 400, bad("`version` is empty")),
        ("no segment", path("segment=region"), 400, bad("`segment` has the character 'r'; a segment is `all` or `attribute=value`")),
        ("range of one", path("current=2026-01-01T00:00:00Z"), 400, range("current")),
        ("range reversed", path("current=2026-01-02T00:00:00Z/2026-01-01T00:00:00Z"), 400, range("current")),
        ("range without zone", path("reference=2026-01-01T00:00:00/2026-01-02T00:00:00"), 400, range("reference")),
        ("unknown reference", path("reference=tomorrow"), 400, bad("`reference` is none of static, previous, last_week and a range START/END")),
        ("window without unit", path("window=24"), 400, bad("`window` is no length such as 90m, 24h or 7d")),
        ("window and range", path("window=24h&current=2026-01-01T00:00:00Z/2026-01-02T00:00:00Z"), 400, bad("`current` and `window` exclude each other: a range has its own length")),
        ("audit of too much", get("/v1/audit?limit=1001"), 400, bad("`limit` is no whole number from 1 to 1000")),
        ("audit of a bad id", get("/v1/audit?model=%2e"), 400, bad(&format!("`model` has the character '.'; {allowed}"))),
        ("a fault inside", get("/v1/models/broken"), 500, error("internal", "the daemon failed on this request; its log says more")),
        ("a panic inside", get("/v1/models/panics"), 500, error("internal", "the daemon failed on this request; its log says more")),
    ])
    .await;
}

#[tokio::test]
async fn headers_of_rows() {
    let send = |headers: &[(&str, &str)], body: &[u8]| predictions("fraud", headers, body);
    let key = || {
        let message = "the Idempotency-Key is not one text of 1 to 255 visible ASCII characters";
        error("bad_idempotency_key", message)
    };
    let long_key = "k".repeat(256);
    let encoding = || {
        let message = "the Content-Encoding is not one that is understood: gzip or zstd, one of them, are";
        error("unsupported_encoding", message)
    };
    let kind = || {
        let message =
            "the body is neither NDJSON nor a JSON array: send application/x-ndjson or application/json";
        error("unsupported_type", message)
    };
    let empty = || error("empty_body", "the body is empty; it has one row of JSON at least");
    let digest = || error("bad_digest", "the Content-Digest is not of the form `sha-256=:BASE64:`");
    let corrupt = || {
        let message =
            "the compressed body is cut short, corrupt, or followed by something else; nothing was counted";
        error("corrupt_body", message)
    };
    let mismatch = || {
        let message = "the body does not have the Content-Digest that was sent with it; nothing was counted";
        error("digest_mismatch", message)
    };
    // SHA-256 of nothing.
    let other = "sha-256=:47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU=:";
    let type_of = |name| send(&[("Content-Type", name)], ROW);
    let coded = |name| send(&[("Content-Encoding", name)], ROW);
    check(vec![
        ("empty key", send(&[("Idempotency-Key", "")], ROW), 400, key()),
        ("key of two words", send(&[("Idempotency-Key", "a b")], ROW), 400, key()),
        ("key too long", send(&[("Idempotency-Key", &long_key)], ROW), 400, key()),
        ("key with an accent", send(&[("Idempotency-Key", "clé")], ROW), 400, key()),
        ("key unclosed", send(&[("Idempotency-Key", "\"a")], ROW), 400, key()),
        ("two keys", send(&[("Idempotency-Key", "a"), ("Idempotency-Key", "b")], ROW), 400, key()),
        ("deflate", coded("deflate"), 415, encoding()),
        ("br", coded("br"), 415, encoding()),
        ("gzip twice", coded("gzip, gzip"), 415, encoding()),
        (
            "two encodings",
            send(&[("Content-Encoding", "gzip"), ("Content-Encoding", "zstd")], ROW),
            415,
            encoding(),
        ),
        ("Arrow by type", type_of("application/vnd.apache.arrow.stream"), 415, kind()),
        ("Parquet by type", type_of("application/vnd.apache.parquet; x=y"), 415, kind()),
        ("CSV", type_of("text/csv"), 415, kind()),
        ("form with files", type_of("multipart/form-data; boundary=x"), 415, kind()),
        ("protobuf", type_of("Application/X-Protobuf"), 415, kind()),
        ("Arrow by its bytes", send(&[], b"\xff\xff\xff\xff\x10\0\0\0"), 415, kind()),
        ("Parquet by its bytes", send(&[], b"PAR1\x15\x04"), 415, kind()),
        ("no body", send(&[], b""), 400, empty()),
        ("white space", send(&[("Content-Type", "application/x-ndjson")], b" \n\r\n\t"), 400, empty()),
        ("no gzip", coded("gzip"), 400, corrupt()),
        ("no zstd", coded("zstd"), 400, corrupt()),
        ("gzip magic alone", send(&[], b"\x1f\x8b"), 400, corrupt()),
        ("zstd magic alone", send(&[], b"\x28\xb5\x2f\xfd"), 400, corrupt()),
        ("digest of another body", send(&[("Content-Digest", other)], ROW), 400, mismatch()),
        ("digest unframed", send(&[("Content-Digest", "sha-256=abc")], ROW), 400, digest()),
        ("digest too short", send(&[("Content-Digest", "sha-256=:YWJj:")], ROW), 400, digest()),
        ("digest no base64", send(&[("Content-Digest", "sha-256=:!:")], ROW), 400, digest()),
        ("digest no dictionary", send(&[("Content-Digest", "sha-256")], ROW), 400, digest()),
    ])
    .await;
}

#[tokio::test]
async fn what_the_service_refuses() {
    let send = |model: &str| predictions(model, &[], ROW);
    let busy = "too much is waiting to be counted; try again later";
    let reused = "this Idempotency-Key was used before with another body; a new body needs a new key, a retry the same body";
    let rejected = concat!(
        r#"{"error":{"code":"all_rows_rejected","message":"all 1 rows were rejected"},"#,
        r#""accepted":0,"rejected":1,"duplicate":false,"late":0,"#,
        r#""errors":[{"line":1,"reason":"`age` is no number"}],"errors_truncated":false}"#
    );
    check(vec![
        (
            "unknown",
            send("absent"),
            404,
            error("unknown_model", "no model has this id: the models are fraud and slow"),
        ),
        ("reused", send("reused"), 422, error("idempotency_key_reused", reused)),
        ("rejected", send("rejected"), 422, rejected.to_owned()),
        ("long", send("long"), 413, error("too_large", "line 3 is too long")),
        ("bad", send("bad"), 400, error("malformed_body", "the array never ends")),
        ("busy", send("busy"), 429, error("busy", busy)),
        ("full", send("full"), 503, error("unavailable", "the disk is full")),
        (
            "panics",
            send("panics"),
            500,
            error("internal", "the daemon failed on this request; its log says more"),
        ),
    ])
    .await;
}

#[tokio::test]
async fn operations() {
    let send = |path: &str, body: &str| request("POST", path, &[JSON], body.as_bytes());
    let pause = |body: &str| send("/v1/models/fraud/pause", body);
    let exclude = |body: &str| send("/v1/models/fraud/exclude", body);
    let json = |what: &str| error("bad_json", &format!("the JSON is not what this takes: {what}"));
    let reason = || {
        let message = "`reason` has 1 to 500 characters, no control characters, and says why";
        error("bad_reason", message)
    };
    let range = || error("bad_range", "the range ends before it starts, or is empty");
    let pause_with =
        |reason: &str| pause(&format!(r#"{{"until":"2026-01-01T00:00:00Z","reason":"{reason}"}}"#));
    let form = request("POST", "/v1/models/fraud/learn", &[("Content-Type", "text/plain")], b"{}");
    let untyped = request("POST", "/v1/models/fraud/learn", &[], b"{}");
    let huge = send("/v1/models/fraud/learn", &" ".repeat(64 * 1024 + 1));
    let kind = || error("unsupported_type", "this takes JSON: send application/json");
    let one_instant =
        r#"{"range":{"start":"2026-01-01T00:00:00Z","end":"2026-01-01T00:00:00Z"},"reason":"x"}"#;
    let learning = send("/v1/models/learning/learn", r#"{"reason":"x"}"#);
    let no_path = || error("bad_path", "`path` is no absolute path on the daemon's machine");
    check(vec![
        ("no JSON type", form, 415, kind()),
        ("no type at all", untyped, 415, kind()),
        ("no JSON", pause("{"), 400, json("no JSON at line 1 column 1")),
        ("empty", pause(""), 400, json("no JSON at line 1 column 0")),
        ("missing field", pause(r#"{"reason":"x"}"#), 400, json("missing field `until` at line 1 column 14")),
        (
            "unknown field",
            pause(r#"{"secret":1}"#),
            400,
            json("unknown field, expected one of `from`, `until`, `reason` at line 1 column 9"),
        ),
        (
            "wrong type",
            pause(r#"{"until":"secret"}"#),
            400,
            json("`until` is of the wrong type or form, at line 1 column 18"),
        ),
        // A list would be taken for the fields in their order.
        ("list", pause(r#"["2026-11-01T00:00:00Z",null,"a test"]"#), 400, json("a list; send an object")),
        ("no reason", pause_with(""), 400, reason()),
        ("blank reason", pause_with("  "), 400, reason()),
        ("reason of two lines", pause_with("a\\nb"), 400, reason()),
        ("reason too long", pause_with(&"x".repeat(501)), 400, reason()),
        (
            "pause that ends first",
            pause(r#"{"from":"2026-01-02T00:00:00Z","until":"2026-01-01T00:00:00Z","reason":"x"}"#),
            400,
            error("bad_range", "`until` is not after `from`"),
        ),
        ("empty range", exclude(one_instant), 400, range()),
        ("empty baseline", send("/v1/models/fraud/baseline", one_instant), 400, range()),
        (
            "too large",
            huge,
            413,
            error(
                "body_too_large",
                "the body has more than 65536 bytes, the most that is read; send fewer rows at once",
            ),
        ),
        ("conflict", learning, 409, error("conflict", "it is being learnt already")),
        ("relative backup", send("/-/backup", r#"{"path":"../x"}"#), 400, no_path()),
        ("backup with a NUL", send("/-/backup", r#"{"path":"/x\u0000"}"#), 400, no_path()),
    ])
    .await;
}

/// What is no HTTP is turned away by the protocol layer, without a body.
#[tokio::test]
async fn no_http() {
    let head = |lines: &str| {
        format!("POST /v1/models/fraud/predictions HTTP/1.1\r\nHost: localhost\r\n{lines}\r\n").into_bytes()
    };
    let many = (0..101).map(|at| format!("x-{at}: 1\r\n")).collect::<String>();
    let long = format!("x: {}\r\n", "x".repeat(100 * 1024));
    check(vec![
        ("no HTTP", b"hello\r\n\r\n".to_vec(), 400, String::new()),
        ("HTTP/2 preface", b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n".to_vec(), 0, String::new()),
        ("no length", head("Content-Length: ten\r\n"), 400, String::new()),
        ("two lengths", head("Content-Length: 1\r\nContent-Length: 2\r\n"), 400, String::new()),
        ("negative length", head("Content-Length: -1\r\n"), 400, String::new()),
        ("unknown transfer coding", head("Transfer-Encoding: gzip\r\n"), 400, String::new()),
        ("too many headers", head(&many), 431, String::new()),
        ("headers too long", head(&long), 431, String::new()),
    ])
    .await;
}

/// Headers that an error must carry.
#[tokio::test]
async fn errors_say_what_would_do() {
    let server = Server::start(options()).await;
    for (request, name, value) in [
        (get("/v1/models/fraud/predictions"), "allow", "POST"),
        (request("POST", "/v1/models", &[], b""), "allow", "GET,HEAD"),
        (predictions("busy", &[], ROW), "retry-after", "2"),
        (predictions("full", &[], ROW), "retry-after", "2"),
        (predictions("fraud", &[("Content-Encoding", "br")], ROW), "accept-encoding", "gzip, zstd"),
    ] {
        assert_eq!(server.send(&request).await.header(name), Some(value), "{name}");
    }
}
