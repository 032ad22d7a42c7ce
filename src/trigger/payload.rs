//! What every target is told, as JSON.

use serde_json::{Value, json};

use super::About;
use crate::retraining::Order;

/// Longest payload, in bytes: as one parameter among others it stays below the 10 000 bytes of Databricks, quotes
/// escaped and all.
const BYTES_MAX: usize = 6_000;
/// What is left of a text that is cut, in bytes.
const CUT_TEXT_BYTES: usize = 500;

/// The order, with every field there (`null` where nothing is known), `decision`, `decision_url` and `report_to`.
///
/// What does not fit is left out and named in `cut`; the decision's `url` has it all.
pub(super) fn payload(order: &Order, about: &About) -> Value {
    let mut payload = json!(order);
    payload["version"] = json!(order.version);
    payload["decision"] = json!(about.decision);
    payload["decision_url"] = json!(about.decision_url);
    payload["report_to"] = json!(about.report_url);
    if is_long(&payload) {
        cut(&mut payload);
    }
    payload
}

fn is_long(payload: &Value) -> bool {
    payload.to_string().len() > BYTES_MAX
}

fn cut(payload: &mut Value) {
    payload["cut"] = json!(["drifted.moved"]);
    for drifted in payload["drifted"].as_array_mut().into_iter().flatten() {
        if let Some(drifted) = drifted.as_object_mut() {
            drifted.remove("moved");
        }
    }
    if !is_long(payload) {
        return;
    }
    payload["cut"] = json!(["drifted", "reason"]);
    shorten(&mut payload["reason"]);
    for drifted in payload["drifted"].as_array_mut().into_iter().flatten() {
        shorten(&mut drifted["summary"]);
    }
    while is_long(payload) && payload["drifted"].as_array_mut().and_then(Vec::pop).is_some() {}
}

fn shorten(text: &mut Value) {
    if let Value::String(text) = text
        && text.len() > CUT_TEXT_BYTES
    {
        text.truncate(text.floor_char_boundary(CUT_TEXT_BYTES));
        text.push('…');
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::trigger::sample::sample;

    #[test]
    fn nothing_is_undefined_and_nothing_is_too_long() {
        let (mut order, about) = sample();
        order.version = None;
        let short = payload(&order, &about);
        assert!(short["version"].is_null() && short.get("cut").is_none());
        assert_eq!(short["drifted"][0]["moved"].as_array().unwrap().len(), 1);

        order.drifted[0].moved = vec!["m".repeat(BYTES_MAX)];
        let without_moved = payload(&order, &about);
        assert_eq!(without_moved["cut"], json!(["drifted.moved"]));
        assert_eq!(
            (&without_moved["reason"], &without_moved["run_key"]),
            (&short["reason"], &short["run_key"])
        );

        order.reason = "é".repeat(BYTES_MAX);
        order.drifted = vec![order.drifted.remove(0); 100];
        let left = payload(&order, &about);
        assert!(!is_long(&left) && left["cut"] == json!(["drifted", "reason"]), "{left}");
        assert!((2..100).contains(&left["drifted"].as_array().unwrap().len()), "the worst stay");
    }
}
