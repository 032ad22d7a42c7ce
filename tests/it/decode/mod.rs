//! Decoding what strangers send: odd rows with their exact reason, and laws that hold for every body.

use driftd::batch::{Codes, ColumnValues, Schema, SchemaColumn, UnknownKeys};
use driftd::domain::{ColumnId, ColumnKind, Task, Timestamp};
use driftd::ingest::decode::{Admission, BodyError, DecodeLimits, Decoded, Decoder, Format, Rejections};
use driftd::sketch::{MISSING, WRONG_TYPE};

mod reasons;

mod labels;

mod operations;

mod laws;

const LIMITS: DecodeLimits = DecodeLimits { row_bytes_max: 2_000, rows_max: 10_000, depth_max: 5 };

fn admission() -> Admission {
    let at = |text: &str| text.parse().expect("an instant");
    Admission {
        arrival: at("2026-11-22T12:00:00Z"),
        latest: at("2026-11-22T12:05:00Z"),
        oldest: at("2026-11-15T12:00:00Z"),
    }
}

/// Features by kind, every derived column, two segment attributes of which one is a feature too.
fn schema() -> Schema {
    use ColumnKind::{Boolean, Categorical, Numeric};
    let columns = [
        ("age", Numeric),
        ("city", Categorical),
        ("member", Boolean),
        ("@prediction", Categorical),
        ("@score", Numeric),
        ("@score:a", Numeric),
        ("@score:b", Numeric),
        ("@latency_ms", Numeric),
        ("@cost", Numeric),
    ];
    let columns = columns
        .map(|(id, kind)| SchemaColumn { id: id.parse::<ColumnId>().expect("a column id"), kind })
        .to_vec();
    Schema {
        task: Task::Multiclass,
        columns,
        segments: vec!["region".into(), "city".into()],
        ignored: vec!["note".into()],
    }
}

fn decode(body: impl AsRef<[u8]>) -> Decoded {
    decode_as(body, Format::Ndjson).expect("NDJSON within its limits")
}

fn decode_as(body: impl AsRef<[u8]>, format: Format) -> Result<Decoded, BodyError> {
    Decoder::new(&schema()).decode(body.as_ref(), format, &admission(), &LIMITS)
}

/// A column's values as text: `-` missing, `!` of the wrong type.
fn column(decoded: &Decoded, id: &str) -> Vec<String> {
    let id: ColumnId = id.parse().expect("a column id");
    let place = schema().columns.iter().position(|column| column.id == id).expect("a column of the schema");
    match &decoded.batch.columns[place] {
        ColumnValues::Numeric(numbers) => numbers.iter().map(|&number| number_text(number)).collect(),
        ColumnValues::Categorical(codes) => names(codes),
    }
}

fn number_text(number: f64) -> String {
    match number.to_bits() {
        bits if bits == MISSING.to_bits() => "-".to_owned(),
        bits if bits == WRONG_TYPE.to_bits() => "!".to_owned(),
        _ => format!("{number:?}"),
    }
}

fn names(codes: &Codes) -> Vec<String> {
    let name = |(row, code): (usize, &u32)| match *code {
        Codes::MISSING => "-".to_owned(),
        Codes::WRONG_TYPE => "!".to_owned(),
        _ => codes.name(row).expect("a code of a name").to_owned(),
    };
    codes.codes.iter().enumerate().map(name).collect()
}

fn ts(decoded: &Decoded) -> Vec<String> {
    decoded.batch.ts.iter().map(Timestamp::to_string).collect()
}

/// Everything that was decoded, to compare.
fn picture(decoded: &Decoded) -> Vec<Vec<String>> {
    let columns = schema().columns;
    let mut all: Vec<_> = columns.iter().map(|c| column(decoded, &c.id.to_string())).collect();
    all.extend(decoded.batch.segments.iter().map(names));
    all.push(names(&decoded.batch.versions));
    all.push(ts(decoded));
    all
}

#[test]
fn the_documented_row_decodes_whole() {
    let row = r#"{"id":"p-1","ts":"2026-11-22T10:00:00Z","version":"3","features":{"age":42,"city":"Lyon","member":true},"prediction":"yes","score":0.83,"scores":{"a":0.1,"b":0.9},"latency_ms":12.5,"cost":0.0004,"user":"u77","segments":{"region":"ARA"}}"#;
    let decoded = decode(row);
    assert_eq!(decoded.rejections, Rejections::default());
    assert_eq!(decoded.faults, driftd::ingest::decode::Faults::default());
    let flat: Vec<String> = picture(&decoded).concat();
    assert_eq!(
        flat,
        [
            "42.0",
            "Lyon",
            "true",
            "yes",
            "0.83",
            "0.1",
            "0.9",
            "12.5",
            "0.0004",
            "ARA",
            "Lyon",
            "3",
            "2026-11-22T10:00:00Z"
        ]
    );
}

#[test]
fn an_empty_row_is_missing_everywhere() {
    for row in ["{}", " { } \r", "\u{feff}{\"features\":null,\"ts\":null,\"version\":null,\"segments\":null}"]
    {
        let flat: Vec<String> = picture(&decode(row)).concat();
        assert_eq!(flat[..12], ["-"; 12], "{row}");
        assert_eq!(flat[12], "2026-11-22T12:00:00Z");
    }
}

#[test]
fn values_are_read_as_the_kind_of_their_column() {
    let rows = |key: &str, values: &[&str]| {
        let rows: Vec<String> = values.iter().map(|v| format!(r#"{{"features":{{"{key}":{v}}}}}"#)).collect();
        let decoded = decode(rows.join("\n"));
        assert_eq!(decoded.rejections.total(), 0);
        column(&decoded, key)
    };
    let numbers = [
        ("1", "1.0"),
        ("-0", "-0.0"),
        ("1e-400", "0.0"),
        ("0.1", "0.1"),
        ("null", "-"),
        ("\"NaN\"", "NaN"),
        ("\"Infinity\"", "inf"),
        ("\"inf\"", "inf"),
        ("\"-Infinity\"", "-inf"),
        ("\"-inf\"", "-inf"),
        ("\"1\"", "!"),
        ("\"\"", "!"),
        ("true", "!"),
        ("{}", "!"),
        ("[1]", "!"),
        ("1e999", "!"),
        ("-1e999", "!"),
        ("9007199254740992", "9007199254740992.0"),
        ("9007199254740993", "!"),
        ("-9007199254740994", "!"),
        ("18446744073709551617", "!"),
        ("9007199254740994.0", "9007199254740994.0"),
        ("5e-324", "5e-324"),
        ("0.1000000000000000055511151231257827021181583404541015625", "0.1"),
        ("123456789012345678901e-20", "1.2345678901234567"),
    ];
    assert_eq!(rows("age", &numbers.map(|n| n.0)), numbers.map(|n| n.1));
    let long = format!("\"{}é\"", "x".repeat(255));
    let names = [
        ("\"Lyon\"", "Lyon"),
        ("\"\"", ""),
        ("1", "1"),
        ("1.0", "1"),
        ("-0", "0"),
        ("0.10", "0.1"),
        ("1E3", "1000"),
        ("12345678901234567890", "12345678901234567890"),
        ("1e300", "1e300"),
        ("true", "true"),
        ("null", "-"),
        ("[]", "!"),
        ("{\"a\":1}", "!"),
        ("1e999", "!"),
        ("\"Orl\\u00e9ans\\n\\ud83d\\ude00\"", "Orléans\n😀"),
        (&*long, &long[1..256]),
    ];
    assert_eq!(rows("city", &names.map(|n| n.0)), names.map(|n| n.1));
    let booleans = [
        ("true", "true"),
        ("false", "false"),
        ("1", "true"),
        ("0", "false"),
        ("1.0", "true"),
        ("\"TRUE\"", "true"),
        ("\"False\"", "false"),
        ("null", "-"),
        ("2", "!"),
        ("\"1\"", "!"),
        ("\"yes\"", "!"),
        ("[]", "!"),
    ];
    assert_eq!(rows("member", &booleans.map(|n| n.0)), booleans.map(|n| n.1));
}

#[test]
fn times_are_read_in_every_form() {
    let forms = [
        (r#""2026-11-22T10:00:00Z""#, "2026-11-22T10:00:00Z"),
        (r#""2026-11-22T11:30:00.25+01:30""#, "2026-11-22T10:00:00.25Z"),
        (r#""2026-11-22T10:00:00.123456789Z""#, "2026-11-22T10:00:00.123456Z"),
        (r#""2026-11-22t10:00:00z""#, "2026-11-22T10:00:00Z"),
        (r#""2026-11-22\u002011:00:00+01""#, "2026-11-22T10:00:00Z"),
        ("1795341600", "2026-11-22T10:00:00Z"),
        ("1795341600.5", "2026-11-22T10:00:00.5Z"),
        ("1795341600500", "2026-11-22T10:00:00.5Z"),
        ("1795341600500000", "2026-11-22T10:00:00.5Z"),
        ("null", "2026-11-22T12:00:00Z"),
        (r#""2026-11-22T12:05:00Z""#, "2026-11-22T12:05:00Z"),
        (r#""2026-11-15T12:00:00Z""#, "2026-11-15T12:00:00Z"),
    ];
    let rows: Vec<String> = forms.iter().map(|(ts, _)| format!("{{\"ts\":{ts}}}")).collect();
    assert_eq!(ts(&decode(rows.join("\n"))), forms.map(|form| form.1));
}

#[test]
fn segments_come_from_the_row_then_from_its_features() {
    let long = "é".repeat(100);
    let rows = [
        r#"{"segments":{"region":"ARA","city":"L"},"features":{"city":"Lyon"}}"#.to_owned(),
        r#"{"features":{"city":"Lyon","region":7},"segments":{"city":null,"plan":"x"}}"#.to_owned(),
        r#"{"segments":{"region":{}},"features":{"city":""}}"#.to_owned(),
        r#"{"segments":{"region":"a\u0000b\u0085"},"features":{"city":true}}"#.to_owned(),
        format!(r#"{{"segments":{{"region":"{long}"}}}}"#),
    ];
    let decoded = decode(rows.join("\n"));
    assert_eq!(names(&decoded.batch.segments[0]), ["ARA", "7", "!", "a\u{fffd}b\u{fffd}", &long[..128]]);
    assert_eq!(names(&decoded.batch.segments[1]), ["L", "Lyon", "-", "true", "-"]);
    assert_eq!(decoded.batch.unknown_features, UnknownKeys::default());
    assert_eq!(decoded.faults.unknown_segments.by_name, [(Box::from("plan"), vec![1])]);
}

#[test]
fn versions_are_texts_or_numbers() {
    let decoded = decode("{\"version\":3}\n{\"version\":\"3\"}\n{\"version\":1.10}\n{}\n{\"version\":\"é\"}");
    assert_eq!(names(&decoded.batch.versions), ["3", "3", "1.1", "-", "é"]);
}

#[test]
fn faults_are_counted_and_their_names_bounded() {
    let mut rows = vec![r#"{"id":{},"new":1,"features":{"z":1,"\u007az":2}}"#.to_owned(); 3];
    rows.push(r#"{"id":1.5}"#.to_owned());
    rows.push(r#"{"id":"p","z":null,"features":{"z":[{"a":"\n"}]}}"#.replace('\n', "\\n"));
    rows.push(r#"{"id":true,"features":{"gone":1},"ts":"never"}"#.to_owned());
    rows.push(r#"{"features":{"note":"ignored"},"scores":{"c":1}}"#.to_owned());
    let Decoded { faults, batch, .. } = decode(rows.join("\n"));
    assert_eq!(faults.bad_ids, 4);
    let named = |name: &str, rows: &[u32]| (Box::<str>::from(name), rows.to_vec());
    assert_eq!(faults.unknown_keys.by_name, [named("new", &[0, 1, 2]), named("z", &[4])]);
    assert_eq!(faults.unknown_classes.by_name, [named("c", &[5])]);
    let unknown = batch.unknown_features;
    assert_eq!(unknown.by_name, [named("z", &[0, 1, 2, 4]), named("zz", &[0, 1, 2])]);
    assert_eq!(unknown.rows, [0, 1, 2, 4], "the ignored one is known");

    let mut decoder = Decoder::new(&schema());
    let many: Vec<String> =
        (0..70).map(|i| format!(r#"{{"features":{{"n{i:02}":1,"n{:02}":1}}}}"#, i + 1)).collect();
    for _ in 0..2 {
        let decoded =
            decoder.decode(many.join("\n").as_bytes(), Format::Ndjson, &admission(), &LIMITS).unwrap();
        let unknown = decoded.batch.unknown_features;
        assert_eq!((unknown.by_name.len(), unknown.further, decoded.rejections.total()), (64, 13, 0));
        assert_eq!((unknown.by_name[1].clone(), unknown.rows.len()), (named("n01", &[0, 1]), 70));
    }
    let twice: String = (0..70).map(|i| format!("\"n{i}\":1,")).collect();
    let decoded = decode(format!("{{\"features\":{{{twice}\"n69\":1}}}}\n{{\"features\":{{\"n69\":1}}}}"));
    assert_eq!(decoded.rejections.by_reason(), [("duplicate_key", 1)]);
    // The row that was left out had taken all the places for names.
    let unknown = decoded.batch.unknown_features;
    assert_eq!((unknown.rows, unknown.by_name.len(), unknown.further), (vec![0], 0, 1));
}

#[test]
fn only_the_lines_that_are_no_utf8_are_left_out() {
    let body = b"{\"version\":1}\n{\"version\":\"\xff\"}\n\n\xc3\n{\"version\":\"\xc3\xa9\"}\n\xc3\n{\"version\":2}\xf0";
    let decoded = decode(body);
    assert_eq!(names(&decoded.batch.versions), ["1", "é"]);
    let places: Vec<_> = decoded.rejections.first().iter().map(|r| (r.line, r.reason.to_string())).collect();
    let reason = |at| format!("is no UTF-8 at byte {at} of the row");
    assert_eq!(places, [(2, reason(12)), (4, reason(0)), (6, reason(0)), (7, reason(13))]);
}

#[test]
fn a_newline_ends_a_row_whatever_the_row_before_looked_like() {
    let mut decoder = Decoder::new(&schema());
    let array = b"[{\"version\"\n:\n1,\"features\"\n:{\"age\"\n:1}}]";
    let decoded = decoder.decode(array, Format::JsonArray, &admission(), &LIMITS).unwrap();
    assert_eq!(decoded.batch.rows(), 1);
    let lines = b"{\"version\"\n:\n1,\"features\"\n:{\"age\"\n:1}}\n{\"version\"";
    let decoded = decoder.decode(lines, Format::Ndjson, &admission(), &LIMITS).unwrap();
    assert_eq!((decoded.batch.rows(), decoded.rejections.total()), (0, 6));
}

#[test]
fn an_array_counts_whole_or_not_at_all() {
    let array = |body: &str| decode_as(body, Format::JsonArray);
    let decoded =
        array("\u{feff} [ {\"version\":1},\n\n{\"ts\":true}, 7, [[[[[[[1]]]]]]],{\"version\":2}\n]\n ")
            .unwrap();
    assert_eq!(names(&decoded.batch.versions), ["1", "2"]);
    let places: Vec<_> = decoded.rejections.first().iter().map(|r| (r.line, r.reason.name())).collect();
    assert_eq!(places, [(2, "bad_ts"), (3, "not_object"), (4, "too_deep")]);
    assert_eq!(array("[]").unwrap().batch.rows(), 0);
    for (body, at, expected) in [
        ("", 0, "the rest of it"),
        ("{}", 0, "`[`"),
        ("\u{feff}{}", 3, "`[`"),
        ("[{}", 3, "the rest of it"),
        ("[{},", 4, "the rest of it"),
        ("[{},]", 4, "a value"),
        ("[{} {}]", 4, "`,` or `]`"),
        ("[{},{\"a\":tru}]", 12, "a value"),
        ("[{}]{}", 4, "nothing after the array"),
        ("[{},{\"ts\":1,", 12, "the rest of it"),
    ] {
        assert_eq!(array(body).unwrap_err(), BodyError::BrokenArray { at, expected }, "{body}");
    }
    let error = decode_as(b"[{\"a\":\"\xff\"}]", Format::JsonArray).unwrap_err();
    assert_eq!(error, BodyError::NotUtf8 { at: 7 });
    assert_eq!(error.to_string(), "is no UTF-8 at byte 7; nothing of the array was counted");
}

#[test]
fn a_body_of_too_many_rows_is_refused_and_leaves_nothing_behind() {
    let limits = DecodeLimits { rows_max: 3, ..LIMITS };
    let mut decoder = Decoder::new(&schema());
    let mut rows = |body: &str, format| {
        decoder
            .decode(body.as_bytes(), format, &admission(), &limits)
            .map(|decoded| (decoded.batch.rows(), decoded.batch.columns.len(), decoded.rejections.total()))
    };
    let too_many = Err(BodyError::TooManyRows { rows_max: 3 });
    assert_eq!(rows("{}\n{}\n\n{}\n", Format::Ndjson), Ok((3, 9, 0)));
    assert_eq!(rows("{}\n{\n{}\n{}", Format::Ndjson), too_many);
    assert_eq!(rows("[{},{},1,{}]", Format::JsonArray), too_many);
    assert_eq!(rows("{\n{}", Format::Ndjson), Ok((1, 9, 1)));
}

#[test]
fn rejections_are_all_counted_and_the_first_hundred_kept() {
    let decoded = decode("{\n".repeat(250));
    assert_eq!((decoded.rejections.total(), decoded.rejections.first().len()), (250, 100));
    assert_eq!(decoded.rejections.first()[99].line, 100);
}

#[test]
fn the_format_is_told_by_the_first_byte() {
    for (body, format) in [
        ("[{}]", Format::JsonArray),
        ("\u{feff}\r\n [", Format::JsonArray),
        ("{}", Format::Ndjson),
        ("", Format::Ndjson),
    ] {
        assert_eq!(Format::sniff(body.as_bytes()), format, "{body}");
    }
}
