//! Every way in which a row can be bad, with the exact reason that its sender reads.

use super::{decode, picture};

#[test]
fn bad_rows_say_why() {
    let not_json =
        |at: usize, expected: &str| format!("is no JSON at byte {at} of the row: expected {expected}");
    let cut = "ends within its JSON object: a row is one whole object on one line";
    let not_object = r#"is no JSON object, as in {"features":{"age":42}}"#;
    let no_nan = "a value (NaN and Infinity are none: write null, or the text \"NaN\", \"Infinity\")";
    let escape = "an escape such as \\n or \\u00e9 (surrogates in pairs)";
    let control = "no control character in a string: write \\n, \\t, \\u0001";
    let bad_ts = "key `ts` is no RFC 3339 instant with a zone, as in 2026-11-22T10:00:00Z, nor seconds, milliseconds or microseconds since 1970";
    let ahead = "key `ts` lies too far ahead of the clock; at most 2026-11-22T12:05:00Z is accepted now";
    let old = "key `ts` lies too far back; 2026-11-15T12:00:00Z or later is accepted now";
    let version = "key `version` is neither a number nor a text of 1 to 64 bytes without control characters";
    let deep = "nests objects and lists deeper than 5";
    let long_version = format!(r#"{{"version":"{}"}}"#, "v".repeat(65));
    let large = format!(r#"{{"user":"{}"}}"#, "x".repeat(1_989));
    let cases: Vec<(&str, &str, String)> = vec![
        ("{", "cut", cut.into()),
        ("{\"a\"", "cut", cut.into()),
        ("{\"a\":", "cut", cut.into()),
        ("{\"a\":1", "cut", cut.into()),
        ("{\"a\":1,", "cut", cut.into()),
        ("{\"features\":{\"age\":4", "cut", cut.into()),
        ("{\"features\":{\"city\":\"Ly", "cut", cut.into()),
        ("{\"features\":{\"city\":\"Ly\\", "cut", cut.into()),
        ("{\"features\":{\"city\":\"\\u00", "cut", cut.into()),
        ("{\"features\":{\"member\":tru", "cut", cut.into()),
        ("{\"x\":[1,{\"y\":", "cut", cut.into()),
        ("[", "cut", cut.into()),
        ("[1,2]", "not_object", not_object.into()),
        ("42", "not_object", not_object.into()),
        ("\"text\"", "not_object", not_object.into()),
        ("null", "not_object", not_object.into()),
        ("hello", "not_json", not_json(0, "a value")),
        ("nul", "cut", cut.into()),
        ("{a:1}", "not_json", not_json(1, "a key in double quotes")),
        ("{'a':1}", "not_json", not_json(1, "a key in double quotes")),
        ("{\"a\":1,}", "not_json", not_json(7, "a key in double quotes")),
        ("{\"a\" 1}", "not_json", not_json(5, "`:` after a key")),
        ("{\"a\":1 \"b\":2}", "not_json", not_json(7, "`,` or `}`")),
        ("{\"x\":[1 2]}", "not_json", not_json(8, "`,` or the end of the object or list")),
        ("{\"x\":[1,]}", "not_json", not_json(8, "a value")),
        ("{\"x\":{\"y\":1,}}", "not_json", not_json(12, "a key in double quotes")),
        ("{\"x\":[1}}", "not_json", not_json(7, "`,` or the end of the object or list")),
        ("{} {}", "not_json", not_json(3, "the end of the line: one row a line")),
        ("{}}", "not_json", not_json(2, "the end of the line: one row a line")),
        ("{\"features\":{\"age\":01}}", "not_json", not_json(20, "no digit after a leading 0")),
        ("{\"features\":{\"age\":1.}}", "not_json", not_json(21, "a digit")),
        ("{\"features\":{\"age\":-}}", "not_json", not_json(20, "a digit")),
        ("{\"features\":{\"age\":1e+}}", "not_json", not_json(22, "a digit")),
        ("{\"features\":{\"age\":+1}}", "not_json", not_json(19, "a value")),
        ("{\"features\":{\"age\":0x1}}", "not_json", not_json(20, "`,` or `}`")),
        ("{\"features\":{\"age\":NaN}}", "not_json", not_json(19, no_nan)),
        ("{\"features\":{\"age\":-Infinity}}", "not_json", not_json(19, no_nan)),
        ("{\"features\":{\"age\":Infinity}}", "not_json", not_json(19, no_nan)),
        ("{\"features\":{\"city\":\"a\tb\"}}", "not_json", not_json(22, control)),
        ("{\"features\":{\"city\":\"\\x\"}}", "not_json", not_json(22, escape)),
        ("{\"features\":{\"city\":\"\\ud800\"}}", "not_json", not_json(20, escape)),
        ("{\"x\":\"\\u12G4\"}", "not_json", not_json(10, escape)),
        ("{\"ts\":1,\"ts\":1}", "too_old", old.into()),
        ("{\"id\":1,\"id\":1}", "duplicate_key", "key `id` stands twice; once is allowed".into()),
        ("{\"id\":1,\"\\u0069d\":1}", "duplicate_key", "key `id` stands twice; once is allowed".into()),
        (
            "{\"secret\":1,\"secret\":1}",
            "duplicate_key",
            "an unknown key stands twice; once is allowed".into(),
        ),
        (
            "{\"features\":{\"age\":1,\"age\":1}}",
            "duplicate_key",
            "key `features.age` stands twice; once is allowed".into(),
        ),
        (
            "{\"features\":{\"x\":1,\"y\":2,\"x\":1}}",
            "duplicate_key",
            "an unknown key in `features` stands twice; once is allowed".into(),
        ),
        (
            "{\"scores\":{\"a\":1,\"a\":1}}",
            "duplicate_key",
            "key `scores.a` stands twice; once is allowed".into(),
        ),
        ("{\"features\":[1]}", "key_not_object", "key `features` is neither an object nor null".into()),
        ("{\"scores\":0.5}", "key_not_object", "key `scores` is neither an object nor null".into()),
        ("{\"segments\":\"ARA\"}", "key_not_object", "key `segments` is neither an object nor null".into()),
        ("{\"ts\":\"yesterday\"}", "bad_ts", bad_ts.into()),
        ("{\"ts\":\"2026-11-22T10:00:00\"}", "bad_ts", bad_ts.into()),
        ("{\"ts\":\"2026-02-30T10:00:00Z\"}", "bad_ts", bad_ts.into()),
        ("{\"ts\":1e999}", "bad_ts", bad_ts.into()),
        ("{\"ts\":true}", "bad_ts", bad_ts.into()),
        ("{\"ts\":{}}", "bad_ts", bad_ts.into()),
        ("{\"ts\":\"2026-11-22T12:05:00.000001Z\"}", "too_far_ahead", ahead.into()),
        ("{\"ts\":\"2026-11-15T11:59:59.999999Z\"}", "too_old", old.into()),
        ("{\"ts\":0}", "too_old", old.into()),
        ("{\"version\":\"\"}", "bad_version", version.into()),
        ("{\"version\":\"a\\nb\"}", "bad_version", version.into()),
        ("{\"version\":\"a\\u0085b\"}", "bad_version", version.into()),
        ("{\"version\":[3]}", "bad_version", version.into()),
        ("{\"version\":true}", "bad_version", version.into()),
        ("{\"version\":1e999}", "bad_version", version.into()),
        (&long_version, "bad_version", version.into()),
        ("{\"x\":[[[[[1]]]]]}", "too_deep", deep.into()),
        ("{\"features\":{\"age\":[[[[1]]]]}}", "too_deep", deep.into()),
        ("[[[[[[", "too_deep", deep.into()),
        (&large, "too_large", "has 2001 bytes; at most 2000 are allowed a row".into()),
    ];
    assert!(cases.len() >= 40);
    // Each among good rows, on line 3: the rest counts, and nothing of the bad row stays.
    let good = r#"{"features":{"age":1,"city":"Lyon"},"x":1}"#;
    let expected = picture(&decode(format!("{good}\n{good}")));
    for (row, name, reason) in &cases {
        let decoded = decode(format!("{good}\n\n{row}\r\n{good}\n"));
        let [rejection] = decoded.rejections.first() else { panic!("{row}: {:?}", decoded.rejections) };
        assert_eq!((rejection.line, rejection.reason.to_string()), (3, reason.clone()), "{row}");
        assert_eq!(decoded.rejections.by_reason(), [(*name, 1)], "{row}");
        assert_eq!(picture(&decoded), expected, "{row}");
        assert_eq!(decoded.faults.unknown_keys.by_name, [(Box::from("x"), vec![0, 1])], "{row}");
        assert_eq!(decoded.batch.segments[1].names, [Box::from("Lyon")], "{row}");
    }
    let whole = format!(r#"{{"user":"{}"}}"#, "x".repeat(1_988));
    assert_eq!(decode(whole).batch.rows(), 1);
}
