//! What rows say of how they were served: read where it is asked for, and never a reason to leave a row out.

use driftd::batch::Operations;
use driftd::domain::{IdHasher, IdKey};
use driftd::ingest::decode::{Decoded, Decoder, Faults, Format};

use super::{LIMITS, admission, column, number_text, schema};

// python: int.from_bytes(hmac.digest(bytes([7] * 32), b"@users\0ann", "sha256")[:8], "little"), and of 77.
const ANN: u64 = 10_279_063_833_621_360_549;
const USER_77: u64 = 14_927_370_886_020_645_077;

fn decoder() -> Decoder {
    Decoder::new(&schema()).with_operations(IdHasher::of_users(&IdKey([7; 32])))
}

fn decode(rows: &[&str]) -> Decoded {
    decode_with(&mut decoder(), rows)
}

fn decode_with(decoder: &mut Decoder, rows: &[&str]) -> Decoded {
    decoder.decode(rows.join("\n").as_bytes(), Format::Ndjson, &admission(), &LIMITS).unwrap()
}

fn operations(decoded: &Decoded) -> &Operations {
    let operations = decoded.batch.operations.as_ref().expect("they were asked for");
    let Operations { latency_ms, cost, cpu_seconds, gpu_seconds, failed, users } = operations;
    let lengths =
        [latency_ms.len(), cost.len(), cpu_seconds.len(), gpu_seconds.len(), failed.len(), users.len()];
    assert_eq!(lengths, [decoded.batch.rows(); 6]);
    operations
}

/// `-` missing.
fn texts(numbers: &[f64]) -> Vec<String> {
    numbers.iter().map(|&number| number_text(number)).collect()
}

#[test]
fn every_key_is_read() {
    let decoded = decode(&[
        r#"{"latency_ms":12.5,"cost":0.0004,"cpu_seconds":0.25,"gpu_seconds":1,"failed":true,"user":"ann"}"#,
        r#"{"user":77,"failed":false,"gpu_seconds":-0.5,"prediction":"yes"}"#,
        "{}",
        r#"{"user":"77","latency_ms":3,"failed":null,"cost":null}"#,
    ]);
    let read = operations(&decoded);
    assert_eq!(texts(&read.latency_ms), ["12.5", "-", "-", "3.0"]);
    assert_eq!(texts(&read.cost), ["0.0004", "-", "-", "-"]);
    assert_eq!(texts(&read.cpu_seconds), ["0.25", "-", "-", "-"]);
    assert_eq!(texts(&read.gpu_seconds), ["1.0", "-0.5", "-", "-"].map(String::from));
    assert_eq!(read.failed, [true, false, false, false]);
    assert_eq!(read.users, [Some(ANN), Some(USER_77), None, Some(USER_77)]);
    // The schema has columns of the same keys: they take the same values.
    assert_eq!(column(&decoded, "@latency_ms"), ["12.5", "-", "-", "3.0"]);
    assert_eq!(column(&decoded, "@cost"), ["0.0004", "-", "-", "-"]);
    assert_eq!(column(&decoded, "@prediction"), ["-", "yes", "-", "-"]);
    assert_eq!((decoded.rejections.total(), decoded.faults), (0, Faults::default()));
}

#[test]
fn they_are_known_keys_and_stay_unread_where_they_are_not_asked_for() {
    let row =
        r#"{"latency_ms":1,"cost":2,"cpu_seconds":"x","gpu_seconds":{},"failed":[1],"user":{"name":"ann"}}"#;
    let decoded = super::decode(row);
    assert_eq!((decoded.batch.rows(), decoded.faults.clone()), (1, Faults::default()));
    assert_eq!(decoded.batch.operations, None);
    assert_eq!(column(&decoded, "@latency_ms"), ["1.0"]);
}

#[test]
fn a_value_of_the_wrong_type_is_missing_and_told() {
    let long = format!(r#"{{"user":"{}"}}"#, "u".repeat(257));
    let decoded = decode(&[
        r#"{"latency_ms":"fast","cost":[1],"cpu_seconds":"1","gpu_seconds":true,"failed":"yes","user":{"a":1}}"#,
        r#"{"latency_ms":"NaN","cost":"Infinity","cpu_seconds":"NaN","gpu_seconds":1e999,"failed":2,"user":1.5}"#,
        r#"{"cpu_seconds":9007199254740993,"failed":"TRUE","user":""}"#,
        r#"{"failed":1,"user":true,"cpu_seconds":{"a":[1,{"b":2}]}}"#,
        &long,
    ]);
    let read = operations(&decoded);
    for numbers in [&read.latency_ms, &read.cost, &read.cpu_seconds, &read.gpu_seconds] {
        assert_eq!(texts(numbers), ["-"; 5]);
    }
    assert_eq!(read.failed, [false, false, true, true, false]);
    assert_eq!(read.users, [None; 5]);
    assert_eq!(decoded.rejections.total(), 0);
    // What a column takes is counted by the column: these are the rest. Infinities are no numbers to add up, but numbers.
    assert_eq!(column(&decoded, "@latency_ms"), ["!", "NaN", "-", "-", "-"]);
    assert_eq!(column(&decoded, "@cost"), ["!", "inf", "-", "-", "-"]);
    assert_eq!(
        decoded.faults.wrong_types,
        [("cpu_seconds", 3), ("gpu_seconds", 2), ("failed", 2), ("user", 5)]
    );
}

#[test]
fn a_row_that_is_left_out_leaves_nothing() {
    let mut decoder = decoder();
    let decoded = decode_with(
        &mut decoder,
        &[
            r#"{"latency_ms":1,"failed":true,"user":"ann","cpu_seconds":true,"ts":"never"}"#,
            r#"{"cost":1}"#,
            r#"{"cost":2,"gpu_seconds":3,"cost":4}"#,
            r#"{"failed":true,"failed":true}"#,
            r#"{"user":"ann","user":"ann"}"#,
            r#"{"user":"ann","failed":true,"#,
            "{}",
        ],
    );
    assert_eq!(decoded.rejections.by_reason(), [("bad_ts", 1), ("duplicate_key", 3), ("cut", 1)]);
    let read = operations(&decoded);
    assert_eq!(
        (texts(&read.latency_ms), texts(&read.cost)),
        (texts(&read.cpu_seconds), vec!["1.0".into(), "-".into()])
    );
    assert_eq!(texts(&read.gpu_seconds), ["-", "-"]);
    assert_eq!((&read.failed[..], &read.users[..]), (&[false, false][..], &[None, None][..]));
    assert_eq!(decoded.faults.wrong_types, []);

    // Nor does an array that breaks off leave anything to the next body.
    let broken = br#"[{"cost":1},{"user":"ann","cost":2,"failed":true,"cpu_seconds":"x""#;
    assert!(decoder.decode(broken, Format::JsonArray, &admission(), &LIMITS).is_err());
    let decoded = decode_with(&mut decoder, &["{}"]);
    let read = operations(&decoded);
    assert_eq!(
        (texts(&read.cost), &read.failed[..], &read.users[..]),
        (vec!["-".into()], &[false][..], &[None][..])
    );
    assert_eq!(decoded.faults, Faults::default());
}
