//! Labels: what really happened, by the id of the prediction.

use driftd::domain::{IdHash, IdHasher, IdKey, Task, Timestamp};
use driftd::ingest::decode::{ActualValue, Admission, DecodedLabels, Format, LabelDecoder, LabelRow, Wanted};

use super::LIMITS;

fn ids() -> IdHasher {
    IdHasher::new(&IdKey([1; 32]), &"loan".parse().unwrap())
}

fn hash(id: &str) -> IdHash {
    ids().hash(id)
}

const ARRIVAL: i64 = 1_800_000_000;

fn decoded(task: Task, classes: &[&str], body: &str) -> DecodedLabels {
    let wanted = match classes {
        [] => Wanted::Any,
        classes => Wanted::Of(classes.iter().map(|&class| class.into()).collect()),
    };
    decoded_as_wanted(task, wanted, body)
}

fn decoded_as_wanted(task: Task, wanted: Wanted, body: &str) -> DecodedLabels {
    let admission = Admission {
        arrival: Timestamp::from_seconds(ARRIVAL),
        latest: Timestamp::from_seconds(ARRIVAL + 300),
        oldest: Timestamp::MIN,
    };
    let mut decoder = LabelDecoder::new(task, ids(), wanted);
    decoder.decode(body.as_bytes(), Format::sniff(body.as_bytes()), &admission, &LIMITS).unwrap()
}

fn class(id: &str, at: i64, name: &str) -> LabelRow {
    LabelRow { id: hash(id), at: Timestamp::from_seconds(at), value: ActualValue::Class(name.into()) }
}

#[test]
fn classes_are_texts_numbers_and_booleans_by_their_names() {
    let body = "{\"id\":\"p-1\",\"actual\":\"yes\",\"ts\":1790000000}\n\n\
                {\"actual\":1.0,\"id\":17}\n{\"id\":\"17\",\"actual\":true,\"ts\":null,\"note\":\"?\"}\n";
    let labels = decoded(Task::Binary, &[], body);
    let expected =
        [class("p-1", 1_790_000_000, "yes"), class("17", ARRIVAL, "1"), class("17", ARRIVAL, "true")];
    assert_eq!(labels.rows, expected);
    assert_eq!(labels.rejections.total(), 0);
    assert_eq!(&*labels.unknown_keys.by_name[0].0, "note");
}

#[test]
fn numbers_are_finite_and_an_array_is_as_good_as_lines() {
    let labels = decoded(Task::Regression, &[], "[{\"id\":\"a\",\"actual\":-2.5e3}]");
    let value = ActualValue::Number(-2_500.0);
    assert_eq!(labels.rows, [LabelRow { id: hash("a"), at: Timestamp::from_seconds(ARRIVAL), value }]);
}

/// Each bad row is named with what would be right; the rest counts. No value is told.
#[test]
fn bad_labels_are_left_out_with_their_reason() {
    let rows = [
        ("{\"id\":\"good\",\"actual\":\"no\"}", None),
        ("{\"actual\":\"no\"}", Some("key `id` is neither")),
        ("{\"id\":null,\"actual\":\"no\"}", Some("key `id` is neither")),
        ("{\"id\":1.5,\"actual\":\"no\"}", Some("key `id` is neither")),
        ("{\"id\":\"b\"}", Some("key `actual` is missing")),
        ("{\"id\":\"b\",\"actual\":null}", Some("key `actual` is none of the model's classes (no, yes)")),
        ("{\"id\":\"b\",\"actual\":\"secret\"}", Some("key `actual` is none of")),
        ("{\"id\":\"b\",\"actual\":[1]}", Some("key `actual` is none of")),
        ("{\"id\":\"b\",\"actual\":\"no\",\"ts\":\"soon\"}", Some("key `ts` is no RFC 3339")),
        ("{\"id\":\"b\",\"actual\":\"no\",\"ts\":1900000000}", Some("key `ts` lies too far ahead")),
        ("{\"id\":\"b\",\"id\":\"b\",\"actual\":\"no\"}", Some("key `id` stands twice")),
        ("17", Some("is no JSON object, as in {\"id\"")),
        ("{\"id\":\"b\",", Some("ends within")),
    ];
    let body: String = rows.iter().map(|(row, _)| format!("{row}\n")).collect();
    let labels = decoded(Task::Binary, &["yes", "no"], &body);
    assert_eq!(labels.rows, [class("good", ARRIVAL, "no")]);
    let found = labels.rejections.first();
    assert_eq!(found.len(), rows.len() - 1);
    for (rejection, (row, said)) in found.iter().zip(&rows[1..]) {
        let (reason, said) = (rejection.reason.to_string(), said.unwrap());
        assert!(reason.contains(said), "{row}: {reason}");
        assert!(!reason.contains("secret"), "{reason}");
    }
    assert_eq!(found[0].line, 2);

    let labels =
        decoded(Task::Regression, &[], "{\"id\":\"a\",\"actual\":\"3\"}\n{\"id\":\"a\",\"actual\":1e999}");
    assert!(labels.rows.is_empty());
    assert!(
        labels.rejections.first().iter().all(|r| r.reason.to_string() == "key `actual` is no finite number")
    );
}

#[test]
fn labels_that_nothing_can_be_made_of_are_left_out_with_the_reason() {
    let body = "{\"id\":\"a\",\"actual\":1}\n{\"id\":\"b\",\"actual\":0}\n{\"id\":\"b\"}\n";
    let wanted = Wanted::None("the reference has no predictions".into());
    let labels = decoded_as_wanted(Task::Regression, wanted, body);
    assert_eq!(labels.rows, []);
    assert_eq!(labels.rejections.by_reason(), [("no_outcomes", 2), ("bad_actual", 1)]);
    assert_eq!(
        labels.rejections.first()[1].reason.to_string(),
        "key `actual` is of no use: the model's outcomes are not counted, as the reference has no predictions"
    );
}
