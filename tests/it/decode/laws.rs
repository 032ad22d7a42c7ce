//! What holds for every body, checked against serde_json's trees of values.

use driftd::ingest::decode::{BodyError, DecodeLimits, Decoded, Decoder, Format};
use proptest::prelude::*;
use serde_json::{Value, json};

use super::{admission, column, picture, schema};

/// The same rules over a tree of values: slow, and plain to see.
fn oracle_number(value: Option<&Value>) -> String {
    match value {
        None | Some(Value::Null) => "-".to_owned(),
        Some(Value::Number(n)) if n.as_i64().is_some_and(|n| n.unsigned_abs() > 1 << 53) => "!".to_owned(),
        Some(Value::Number(n)) if n.as_u64().is_some_and(|n| n > 1 << 53) => "!".to_owned(),
        Some(Value::Number(n)) => format!("{:?}", n.as_f64().expect("a finite number")),
        Some(Value::String(text)) => match text.as_str() {
            "NaN" => "NaN".to_owned(),
            "inf" | "Infinity" => "inf".to_owned(),
            "-inf" | "-Infinity" => "-inf".to_owned(),
            _ => "!".to_owned(),
        },
        Some(_) => "!".to_owned(),
    }
}

fn oracle_name(value: Option<&Value>) -> String {
    match value {
        None | Some(Value::Null) => "-".to_owned(),
        Some(Value::String(text)) => text[..text.floor_char_boundary(256)].to_owned(),
        Some(Value::Number(n)) if n.is_f64() => match n.as_f64().expect("a finite number") {
            float if float.fract() == 0.0 && float.abs() <= 2f64.powi(53) => format!("{}", float as i64),
            float => format!("{float:?}"),
        },
        Some(value @ (Value::Number(_) | Value::Bool(_))) => value.to_string(),
        Some(_) => "!".to_owned(),
    }
}

fn any_value() -> impl Strategy<Value = Value> {
    let leaf = prop_oneof![
        Just(Value::Null),
        any::<bool>().prop_map(Value::from),
        any::<i64>().prop_map(Value::from),
        any::<u64>().prop_map(Value::from),
        (-1_000_000i64..1_000_000).prop_map(Value::from),
        any::<f64>().prop_map(Value::from),
        (-1e6..1e6f64).prop_map(|x| Value::from((x * 1e4).round() / 1e4)),
        any::<String>().prop_map(Value::from),
        prop::sample::select(vec!["NaN", "Infinity", "-inf", "Lyon", "", "a\"b\\c\u{1}"])
            .prop_map(Value::from),
    ];
    let list = |value| prop::collection::vec(value, 0..3).prop_map(Value::from);
    leaf.prop_recursive(2, 8, 3, move |inner| {
        prop_oneof![
            list(inner.clone()),
            prop::collection::hash_map("[a-c]", inner, 0..3).prop_map(|map| json!(map)),
        ]
    })
}

/// A row of some of the keys, in any order, with strangers among them.
fn any_row() -> impl Strategy<Value = Value> {
    let key = prop::sample::select(vec!["age", "city", "member", "x", "é\n", "region"]);
    let features = prop::collection::hash_map(key, any_value(), 0..6);
    (features, any_value(), any_value(), any::<u8>()).prop_map(|(features, prediction, other, which)| {
        let mut row = json!({"features": features, "prediction": prediction, "other": other});
        for (bit, key) in ["features", "prediction", "other"].into_iter().enumerate() {
            if which >> bit & 1 == 1 && which & 8 == 8 {
                row.as_object_mut().expect("an object").remove(key);
            }
        }
        row
    })
}

const ROOMY: DecodeLimits = DecodeLimits { row_bytes_max: 1 << 20, rows_max: 10_000, depth_max: 100 };

fn decode_roomy(body: &[u8], format: Format) -> Result<Decoded, BodyError> {
    Decoder::new(&schema()).decode(body, format, &admission(), &ROOMY)
}

proptest! {
    #[test]
    fn rows_decode_as_a_tree_of_values_would(rows in prop::collection::vec(any_row(), 0..20), pretty in any::<bool>()) {
        let write = |row: &Value| if pretty { format!("\t{row:#}").replace('\n', "\r") } else { row.to_string() };
        let lines: Vec<String> = rows.iter().map(write).collect();
        let decoded = decode_roomy(lines.join("\n").as_bytes(), Format::Ndjson).unwrap();
        prop_assert_eq!(decoded.rejections.total(), 0);
        let feature = |row: &Value, name: &str| row.get("features").and_then(|f| f.get(name)).cloned();
        let expected: Vec<String> = rows.iter().map(|row| oracle_number(feature(row, "age").as_ref())).collect();
        prop_assert_eq!(column(&decoded, "age"), expected);
        let expected: Vec<String> = rows.iter().map(|row| oracle_name(feature(row, "city").as_ref())).collect();
        prop_assert_eq!(column(&decoded, "city"), expected);
        let expected: Vec<String> = rows.iter().map(|row| oracle_name(row.get("prediction"))).collect();
        prop_assert_eq!(column(&decoded, "@prediction"), expected);
        let carry = |name: &'static str| (0..).zip(&rows).filter(move |(_, row)| feature(row, name).is_some()).map(|(row, _)| row);
        let counted = decoded.batch.unknown_features.by_name.iter().find(|(name, _)| **name == *"x");
        prop_assert_eq!(counted.map_or(Vec::new(), |(_, rows)| rows.clone()), carry("x").collect::<Vec<u32>>());
        let any: std::collections::BTreeSet<u32> = carry("x").chain(carry("é\n")).collect();
        prop_assert!(any.iter().eq(&decoded.batch.unknown_features.rows));

        let array = Value::from(rows);
        let array = if pretty { format!("{array:#}") } else { array.to_string() };
        let from_array = decode_roomy(array.as_bytes(), Format::JsonArray).unwrap();
        prop_assert_eq!(picture(&from_array), picture(&decoded));
        prop_assert_eq!(from_array.faults, decoded.faults);
        prop_assert_eq!(from_array.batch.unknown_features, decoded.batch.unknown_features);
    }

    #[test]
    fn floats_are_exact(digits in "-?(0|[1-9][0-9]{0,25})(\\.[0-9]{1,25})?([eE][+-]?[0-9]{1,3})?") {
        let decoded = decode_roomy(format!("{{\"score\":{digits}}}").as_bytes(), Format::Ndjson).unwrap();
        let float: f64 = digits.parse().unwrap();
        let is_integer = digits.bytes().all(|b| b == b'-' || b.is_ascii_digit());
        let fits = float.is_finite() && !(is_integer && digits.parse::<i128>().unwrap().abs() > 1 << 53);
        prop_assert_eq!(column(&decoded, "@score"), [if fits { format!("{float:?}") } else { "!".to_owned() }]);
    }

    #[test]
    fn mutations_never_panic_and_only_json_is_accepted(
        rows in prop::collection::vec(any_row(), 1..4),
        cuts in prop::collection::vec((any::<prop::sample::Index>(), any::<u8>(), 0..4u8), 0..6),
        format in prop::sample::select(vec![Format::Ndjson, Format::JsonArray]),
    ) {
        let text = match format {
            Format::Ndjson => rows.iter().map(Value::to_string).collect::<Vec<_>>().join("\n"),
            Format::JsonArray => Value::from(rows).to_string(),
        };
        let mut body = text.into_bytes();
        for (place, byte, how) in cuts {
            let at = place.index(body.len().max(1)).min(body.len());
            match how {
                0 if at < body.len() => body[at] = byte,
                1 if at < body.len() => drop(body.remove(at)),
                2 => body.truncate(at),
                _ => body.insert(at, b"{}[],:\"\\0-eu\n tn"[byte as usize % 16]),
            }
        }
        agrees_with_serde_json(&body, format)?;
    }

    #[test]
    fn random_bytes_never_panic(body in prop::collection::vec(any::<u8>(), 0..200)) {
        agrees_with_serde_json(&body, Format::Ndjson)?;
        agrees_with_serde_json(&body, Format::JsonArray)?;
    }

    #[test]
    fn random_tokens_never_panic(
        tokens in prop::collection::vec(prop::sample::select(vec![
            "{", "}", "[", "]", ",", ":", "\"", "\\", "\n", "\r", " ", "\"features\"", "\"age\"", "\"ts\"", "\"scores\"", "1",
            "-", ".5", "e9", "true", "null", "NaN", "\\u00", "\\ud83d", "é", "{\"features\":{\"age\":", "{\"ts\":", "}}",
        ]), 0..40),
    ) {
        let body = tokens.concat();
        agrees_with_serde_json(body.as_bytes(), Format::Ndjson)?;
        agrees_with_serde_json(body.as_bytes(), Format::JsonArray)?;
    }

    #[test]
    fn a_body_split_at_lines_gives_the_same_rows(rows in prop::collection::vec(any_row(), 1..20), at in any::<prop::sample::Index>()) {
        let lines: Vec<String> = rows.iter().map(Value::to_string).collect();
        let (left, right) = lines.split_at(at.index(lines.len()));
        let mut decoder = Decoder::new(&schema());
        let mut read = |lines: &[String]| {
            decoder.decode(lines.join("\n").as_bytes(), Format::Ndjson, &admission(), &ROOMY).unwrap()
        };
        let (left, right, whole) = (picture(&read(left)), picture(&read(right)), picture(&read(&lines)));
        let joined: Vec<Vec<String>> = left.into_iter().zip(right).map(|(l, r)| [l, r].concat()).collect();
        prop_assert_eq!(joined, whole);
    }
}

/// Every row is decided; what counts is JSON to serde_json too, and what is left out as no JSON is none.
fn agrees_with_serde_json(body: &[u8], format: Format) -> Result<(), TestCaseError> {
    use serde::de::IgnoredAny;
    let outcome = decode_roomy(body, format);
    if format == Format::JsonArray {
        let is_array = serde_json::from_slice::<Vec<IgnoredAny>>(body).is_ok();
        if str::from_utf8(body).is_ok() && !body.starts_with(b"\xef\xbb\xbf") {
            prop_assert_eq!(outcome.is_ok(), is_array);
        }
        return Ok(());
    }
    let decoded = outcome.expect("NDJSON is never refused whole");
    let lines =
        body.split(|&byte| byte == b'\n').map(|line| line.strip_prefix(b"\xef\xbb\xbf").unwrap_or(line));
    let mut reasons = decoded.rejections.first().iter().peekable();
    let mut accepted = 0;
    for (line, number) in lines.zip(1..) {
        if line.iter().all(|byte| b" \t\r".contains(byte)) {
            continue;
        }
        let ignored = serde_json::from_slice::<IgnoredAny>(line);
        match reasons.next_if(|rejection| rejection.line == number) {
            None => {
                accepted += 1;
                prop_assert!(ignored.is_ok() && line.trim_ascii_start().starts_with(b"{"), "{line:?}");
            }
            Some(rejection) if ["cut", "not_json"].contains(&rejection.reason.name()) => {
                prop_assert!(serde_json::from_slice::<Value>(line).is_err(), "{line:?}: {rejection:?}");
            }
            Some(_) => {}
        }
    }
    prop_assert_eq!(reasons.next(), None);
    prop_assert_eq!(decoded.batch.rows(), accepted);
    for column in picture(&decoded) {
        prop_assert_eq!(column.len(), accepted);
    }
    Ok(())
}
