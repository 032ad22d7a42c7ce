//! What strangers send, one a line: the request, and the exact answer of a whole daemon to it. Configs that are
//! wrong have a table of their own, `config/refused.rs` over `fixtures/config/bad`.

use driftd::pipeline::ReferenceOptions;
use driftd::web::{Auth, Tokens, WebOptions};
use serde_json::json;

use crate::api::{at, model, profile};
use crate::http::bodies::{gzip, zstd};
use crate::http::{MIB, TOKENS, error, request};
use crate::support::daemon::Daemon;

/// Name, request, exact status and body.
type Case = (&'static str, Vec<u8>, u16, String);

const PATH: &str = "/v1/models/price/predictions";
const GOOD: &str = r#"{"features":{"x":1,"city":"rome"},"prediction":1.5}"#;

/// At noon, with bodies of 1 MiB at most, 2 MiB decompressed; the newest row is of that moment.
async fn daemon(auth: Auth) -> Daemon {
    let models = vec![model("price", ReferenceOptions::Profile(Box::new(profile())))];
    let face = WebOptions { auth, body_bytes_max: MIB, unpacked_bytes_max: 2 * MIB, ..WebOptions::default() };
    Daemon::facing(at("22T12:00"), models, face).await
}

/// Sends all in their order, then shows every answer that is another than it should be.
async fn check(daemon: &Daemon, cases: Vec<Case>) {
    let mut wrong = String::new();
    for (name, request, status, body) in cases {
        let answer = daemon.send(&request).await;
        if (answer.status, answer.text()) != (status, &body) {
            wrong +=
                &format!("{name}\n  wanted {status} {body}\n  got    {} {}\n", answer.status, answer.text());
        }
    }
    assert!(wrong.is_empty(), "\n{wrong}");
}

fn send(headers: &[(&str, &str)], body: impl AsRef<[u8]>) -> Vec<u8> {
    request("POST", PATH, headers, body.as_ref())
}

fn rows(body: impl AsRef<[u8]>) -> Vec<u8> {
    send(&[], body)
}

fn one(row: &str) -> Vec<u8> {
    rows(format!("{row}\n"))
}

fn ts(ts: &str) -> Vec<u8> {
    one(&format!(r#"{{"ts":{ts},"features":{{"x":1}}}}"#))
}

fn counts(accepted: usize, errors: &[(usize, &str)]) -> String {
    let rejected = errors.len();
    let errors: Vec<_> =
        errors.iter().map(|(line, reason)| json!({"line": line, "reason": reason}).to_string()).collect();
    let errors = errors.join(",");
    format!(
        r#""accepted":{accepted},"rejected":{rejected},"duplicate":false,"late":0,"errors":[{errors}],"errors_truncated":false}}"#
    )
}

/// So many rows count.
fn taken(accepted: usize) -> String {
    format!("{{{}", counts(accepted, &[]))
}

/// The only row is left out.
fn refused(reason: &str) -> String {
    let rejected = r#"{"error":{"code":"all_rows_rejected","message":"all 1 rows were rejected"},"#;
    format!("{rejected}{}", counts(0, &[(1, reason)]))
}

fn no_json(at: usize, expected: &str) -> String {
    refused(&format!("is no JSON at byte {at} of the row: expected {expected}"))
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn rows_that_are_no_rows() {
    let daemon = daemon(Auth::Loopback).await;
    let value = "a value";
    let nan = "a value (NaN and Infinity are none: write null, or the text \"NaN\", \"Infinity\")";
    let escape = "an escape such as \\n or \\u00e9 (surrogates in pairs)";
    let object = "is no JSON object, as in {\"features\":{\"age\":42}}";
    let ts_form = "key `ts` is no RFC 3339 instant with a zone, as in 2026-11-22T10:00:00Z, nor seconds, milliseconds or microseconds since 1970";
    let version = "key `version` is neither a number nor a text of 1 to 64 bytes without control characters";
    let ahead = "key `ts` lies too far ahead of the clock; at most 2026-11-22T12:05:00Z is accepted now";
    let old = "key `ts` lies too far back; 2026-10-18T12:05:00Z or later is accepted now";
    let deep = "nests objects and lists deeper than 16";
    let broken = |what: &str| error("malformed_body", &format!("the body {what}"));
    let array = |at: usize, expected: &str| {
        broken(&format!(
            "is no whole JSON array: at byte {at} expected {expected}; nothing of it was counted"
        ))
    };
    let not_object = |key: &str| refused(&format!("key `{key}` is neither an object nor null"));
    let twice = |key: &str| refused(&format!("{key} stands twice; once is allowed"));
    let nested =
        |depth: usize| format!(r#"{{"features":{{"x":{}1{}}}}}"#, "[".repeat(depth), "]".repeat(depth));
    let many_features: String = (0..3_000).map(|i| format!(r#""f{i}":{i},"#)).collect();
    let mixed = [GOOD, "{}", "[1]", "{\"ts\":\"soon\"}", GOOD].join("\n");
    let mixed_answer = format!("{{{}", counts(3, &[(3, object), (4, ts_form)]));
    check(&daemon, vec![
        ("a good row", one(GOOD), 200, taken(1)),
        ("an empty object", one("{}"), 200, taken(1)),
        ("two bad among good", rows(mixed), 200, mixed_answer),
        ("NaN", one(r#"{"features":{"x":NaN}}"#), 422, no_json(17, nan)),
        ("Infinity", one(r#"{"features":{"x":Infinity}}"#), 422, no_json(17, nan)),
        ("-Infinity", one(r#"{"features":{"x":-Infinity}}"#), 422, no_json(17, nan)),
        ("NaN in quotes", one(r#"{"features":{"x":"NaN"}}"#), 200, taken(1)),
        ("undefined", one(r#"{"features":{"x":undefined}}"#), 422, no_json(17, value)),
        ("a number past f64", one(r#"{"features":{"x":1e999}}"#), 200, taken(1)),
        ("an integer of 400 digits", one(&format!(r#"{{"features":{{"x":{}}}}}"#, "9".repeat(400))), 200, taken(1)),
        ("a leading zero", one(r#"{"features":{"x":042}}"#), 422, no_json(18, "no digit after a leading 0")),
        ("hexadecimal", one(r#"{"features":{"x":0x2a}}"#), 422, no_json(18, "`,` or `}`")),
        ("single quotes", one("{'features':{}}"), 422, no_json(1, "a key in double quotes")),
        ("a trailing comma", one(r#"{"features":{"x":1,}}"#), 422, no_json(19, "a key in double quotes")),
        ("a comment", one(r#"{"features":{}} // x"#), 422, no_json(16, "the end of the line: one row a line")),
        ("two rows on a line", one("{} {}"), 422, no_json(3, "the end of the line: one row a line")),
        ("a row cut short", one(r#"{"features":{"x":1"#), 422, refused("ends within its JSON object: a row is one whole object on one line")),
        ("a row over two lines", rows("{\"features\":\n{}}"), 422, r#"{"error":{"code":"all_rows_rejected","message":"all 2 rows were rejected"},"#.to_owned() + &counts(0, &[(1, "ends within its JSON object: a row is one whole object on one line"), (2, "is no JSON at byte 2 of the row: expected the end of the line: one row a line")])),
        ("a list", one("1"), 422, refused(object)),
        ("text", one("hello"), 422, no_json(0, value)),
        ("a key twice", one(r#"{"version":1,"version":1}"#), 422, twice("key `version`")),
        ("a feature twice", one(r#"{"features":{"x":1,"x":2}}"#), 422, twice("key `features.x`")),
        ("an escaped feature twice", one(r#"{"features":{"x":1,"\u0078":2}}"#), 422, twice("key `features.x`")),
        ("an unknown key twice", one(r#"{"secret":1,"secret":2}"#), 422, twice("an unknown key")),
        ("an unknown feature twice", one(r#"{"features":{"secret":1,"secret":2}}"#), 422, twice("an unknown key in `features`")),
        ("nested as deep as may be", one(&nested(14)), 200, taken(1)),
        ("nested deeper", one(&nested(15)), 422, refused(deep)),
        ("nested 60,000 deep", rows("[".repeat(60_000)), 400, array(60_000, "the rest of it")),
        ("3,000 unknown features", one(&format!(r#"{{"features":{{{many_features}"x":1}}}}"#)), 200, taken(1)),
        ("features of a list", one(r#"{"features":[1]}"#), 422, not_object("features")),
        ("scores of a number", one(r#"{"scores":0.5}"#), 422, not_object("scores")),
        ("segments of a text", one(r#"{"segments":"north"}"#), 422, not_object("segments")),
        ("a version that is true", one(r#"{"version":true}"#), 422, refused(version)),
        ("an empty version", one(r#"{"version":""}"#), 422, refused(version)),
        ("a version of 65 bytes", one(&format!(r#"{{"version":"{}"}}"#, "v".repeat(65))), 422, refused(version)),
        ("an id that is an object", one(r#"{"id":{}}"#), 200, taken(1)),
        ("a lone surrogate in a value", one(r#"{"features":{"city":"\ud800"}}"#), 422, no_json(20, escape)),
        ("a lone surrogate in a key", one(r#"{"\udc00":1}"#), 422, no_json(1, escape)),
        ("a pair of surrogates", one(r#"{"features":{"city":"\ud83d\ude00"}}"#), 200, taken(1)),
        ("a bad escape", one(r#"{"features":{"city":"\x41"}}"#), 422, no_json(22, escape)),
        ("a tab in a text", one("{\"features\":{\"city\":\"a\tb\"}}"), 422, no_json(22, "no control character in a string: write \\n, \\t, \\u0001")),
        ("a NUL", one("{\"features\":{\"city\":\"a\0b\"}}"), 422, no_json(22, "no control character in a string: write \\n, \\t, \\u0001")),
        ("no UTF-8", rows(b"{\"features\":{\"city\":\"\xff\"}}\n"), 422, refused("is no UTF-8 at byte 21 of the row")),
        ("UTF-16", rows(b"\xff\xfe{\0}\0"), 422, refused("is no UTF-8 at byte 0 of the row")),
        ("a byte-order mark", rows(format!("\u{feff}{GOOD}\n")), 200, taken(1)),
        ("a byte-order mark within", rows(format!("{{}}\n\u{feff}{GOOD}\n")), 200, format!("{{{}", counts(1, &[(2, "is no JSON at byte 0 of the row: expected a value")]))),
        ("CRLF", rows(format!("{GOOD}\r\n{GOOD}\r\n\r\n")), 200, taken(2)),
        ("CR alone", rows(format!("{GOOD}\r{GOOD}\r")), 422, no_json(GOOD.len() + 1, "the end of the line: one row a line")),
        ("a row past its limit", one(&format!(r#"{{"user":"{}"}}"#, "u".repeat(65_536))), 422, refused("has 65547 bytes; at most 65536 are allowed a row")),
        ("an array of no objects", rows("[1]"), 422, refused(object)),
        ("an array of arrays", rows("[[{}]]"), 422, refused(object)),
        ("an empty array", rows("[]"), 200, taken(0)),
        ("an array cut short", rows(format!("[{GOOD},{GOOD}")), 400, array(2 * GOOD.len() + 2, "the rest of it")),
        ("an array with a trailing comma", rows("[{},]"), 400, array(4, value)),
        ("an array without a comma", rows("[{} {}]"), 400, array(4, "`,` or `]`")),
        ("something behind the array", rows("[{}]{}"), 400, array(4, "nothing after the array")),
        ("an array of no UTF-8", rows(b"[{\"a\":\"\xff\"}]"), 400, broken("is no UTF-8 at byte 7; nothing of the array was counted")),
        ("one row too many", rows("{}\n".repeat(100_001)), 413, error("too_large", "the body has more than 100000 rows, the limit `rows_max` of a request: send it in parts")),
        ("seconds", ts("1795348800"), 200, taken(1)),
        ("milliseconds", ts("1795348800000"), 200, taken(1)),
        ("microseconds", ts("1795348800000000"), 200, taken(1)),
        ("nanoseconds", ts("1795348800000000000"), 422, refused(ts_form)),
        ("seconds in quotes", ts(r#""1795348800""#), 422, refused(ts_form)),
        ("a leap second", ts(r#""2026-11-22T11:59:60Z""#), 200, taken(1)),
        ("no zone", ts(r#""2026-11-22T12:00:00""#), 422, refused(ts_form)),
        ("a day alone", ts(r#""2026-11-22""#), 422, refused(ts_form)),
        ("a day that is none", ts(r#""2026-02-30T12:00:00Z""#), 422, refused(ts_form)),
        ("a time that is true", ts("true"), 422, refused(ts_form)),
        ("a time past all calendars", ts("1e300"), 422, refused(ts_form)),
        ("as far ahead as may be", ts(r#""2026-11-22T12:05:00Z""#), 200, taken(1)),
        ("too far ahead", ts(r#""2026-11-22T12:05:00.000001Z""#), 422, refused(ahead)),
        ("past the calendar", ts(r#""9999-12-31T23:59:59Z""#), 422, refused(ts_form)),
        ("far ahead", ts(r#""9999-12-30T00:00:00Z""#), 422, refused(ahead)),
        ("too old", ts(r#""2026-10-18T11:59:59Z""#), 422, refused(old)),
        ("before 1970", ts("-1"), 422, refused(old)),
    ])
    .await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn bodies_that_are_no_bodies() {
    let daemon = daemon(Auth::Loopback).await;
    let key = |key: &str, body: &str| send(&[("Idempotency-Key", key)], body);
    let bad_key = || {
        error(
            "bad_idempotency_key",
            "the Idempotency-Key is not one text of 1 to 255 visible ASCII characters",
        )
    };
    let reused = "this Idempotency-Key was used before with another body; a new body needs a new key, a retry the same body";
    let coded = |coding: &str, body: Vec<u8>| send(&[("Content-Encoding", coding)], body);
    let typed = |kind: &str| send(&[("Content-Type", kind)], GOOD);
    let corrupt = || {
        error(
            "corrupt_body",
            "the compressed body is cut short, corrupt, or followed by something else; nothing was counted",
        )
    };
    let encoding = || {
        error(
            "unsupported_encoding",
            "the Content-Encoding is not one that is understood: gzip or zstd, one of them, are",
        )
    };
    let kind = || {
        error(
            "unsupported_type",
            "the body is neither NDJSON nor a JSON array: send application/x-ndjson or application/json",
        )
    };
    let empty = || error("empty_body", "the body is empty; it has one row of JSON at least");
    let unpacked = || {
        error(
            "unpacked_body_too_large",
            "the body decompressed has more than 2097152 bytes; send fewer rows at once",
        )
    };
    let too_large = || {
        error(
            "body_too_large",
            "the body has more than 1048576 bytes, the most that is read; send fewer rows at once",
        )
    };
    let bomb = vec![b' '; 64 * MIB];
    let again = taken(1).replace("\"duplicate\":false", "\"duplicate\":true");
    let packed = (gzip(GOOD.as_bytes()), zstd(GOOD.as_bytes()));
    let unknown = |hint: &str| error("unknown_model", &format!("no model has this id: {hint}"));
    let id = |what: &str| error("bad_model_id", &format!("the model's id in the path {what}"));
    let to = |model: &str| request("POST", &format!("/v1/models/{model}/predictions"), &[], GOOD.as_bytes());
    check(&daemon, vec![
        ("gzip", coded("gzip", packed.0.clone()), 200, taken(1)),
        ("zstd", coded("zstd", packed.1.clone()), 200, taken(1)),
        ("gzip cut short", coded("gzip", packed.0[..packed.0.len() - 9].to_vec()), 400, corrupt()),
        ("zstd cut short", coded("zstd", packed.1[..packed.1.len() - 3].to_vec()), 400, corrupt()),
        ("gzip with something behind", coded("gzip", [&packed.0[..], b"x"].concat()), 400, corrupt()),
        ("a bomb of gzip", coded("gzip", gzip(&bomb)), 413, unpacked()),
        ("a bomb of zstd", coded("zstd", zstd(&bomb)), 413, unpacked()),
        ("brotli", coded("br", GOOD.into()), 415, encoding()),
        ("gzip twice", coded("gzip, gzip", packed.0), 415, encoding()),
        ("plain text said to be gzip", coded("gzip", GOOD.into()), 400, corrupt()),
        ("a body past its limit", rows(vec![b' '; MIB + 1]), 413, too_large()),
        ("CSV", typed("text/csv"), 415, kind()),
        ("a form", typed("multipart/form-data; boundary=x"), 415, kind()),
        ("what curl says of itself", typed("application/x-www-form-urlencoded"), 200, taken(1)),
        ("no body", rows(""), 400, empty()),
        ("blank lines", rows("\n \r\n\n"), 400, empty()),
        ("an empty key", key("", GOOD), 400, bad_key()),
        ("a key of two words", key("a b", GOOD), 400, bad_key()),
        ("a key of 256 characters", key(&"k".repeat(256), GOOD), 400, bad_key()),
        ("a new key", key("k-1", GOOD), 200, taken(1)),
        ("the same again", key("k-1", GOOD), 200, again),
        ("the key with another body", key("k-1", "{}"), 422, error("idempotency_key_reused", reused)),
        ("an unknown model", to("prize"), 404, unknown("configured are price")),
        ("an id with a slash", to("a%2Fb"), 400, id("has the character '/'; letters, digits, `.`, `_` and `-` are allowed, the first a letter or digit")),
        ("an id with a slash as it is", to("a/b"), 404, error("no_such_path", "there is nothing at this path; GET /openapi.json lists what there is")),
        ("an id of 65 characters", to(&"m".repeat(65)), 400, id("has 65 bytes; at most 64 are allowed")),
        ("an id of no UTF-8", to("%ff"), 400, error("bad_path", "the path is no percent-encoded UTF-8")),
    ])
    .await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn callers_who_may_not() {
    let tokens = Tokens::parse(TOKENS).unwrap();
    let daemon = daemon(Auth::tokens(tokens)).await;
    let as_whom = |headers: &[(&str, &str)]| send(headers, GOOD);
    let bearer = |token: &str| as_whom(&[("Authorization", &format!("Bearer {token}-token"))]);
    let none = || error("no_token", "this needs a token: send `Authorization: Bearer TOKEN`");
    let unknown = || error("unknown_token", "the token is not one that this daemon knows");
    let role = |name: &str, role: &str| {
        error("role_missing", &format!("this needs the role ingest; the token `{name}` has the role {role}"))
    };
    let bad = |what: &str| error("bad_authorization", what);
    let form = "the Authorization header is neither `Bearer TOKEN` nor `Basic` with the token as password";
    let ingest = ("Authorization", "Bearer ingest-token");
    let host = "the Host header names another host than this daemon's own; if it is right, add it to the hosts that the config allows";
    let origin =
        "the Origin header names a page of another site; only this daemon's own pages may change things";
    check(
        &daemon,
        vec![
            ("the right token", as_whom(&[ingest]), 200, taken(1)),
            ("no token", as_whom(&[]), 401, none()),
            // Tokens do not expire; one that was taken out of the file is unknown from the reload on.
            ("a token that is no longer known", bearer("gone"), 401, unknown()),
            ("the token of a reader", bearer("read"), 403, role("grafana", "read")),
            ("the token of an operator", bearer("operate"), 403, role("ann", "operate")),
            ("no scheme", as_whom(&[("Authorization", "ingest-token")]), 401, bad(form)),
            (
                "two tokens",
                as_whom(&[ingest, ("Authorization", "Bearer read-token")]),
                400,
                bad("a request has at most one Authorization header"),
            ),
            (
                "a foreign host",
                as_whom(&[ingest, ("Host", "evil.example")]),
                403,
                error("host_not_allowed", host),
            ),
            (
                "a foreign origin",
                as_whom(&[ingest, ("Origin", "https://evil.example")]),
                403,
                error("origin_not_allowed", origin),
            ),
            ("an origin of its own", as_whom(&[ingest, ("Origin", "http://localhost")]), 200, taken(1)),
            (
                "an origin of nowhere",
                as_whom(&[ingest, ("Origin", "null")]),
                403,
                error("origin_not_allowed", origin),
            ),
        ],
    )
    .await;
}
