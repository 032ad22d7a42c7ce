//! Anything that takes Standard Webhooks 1.0.0: `webhook-id` is the run, so a second request of a key is known.

use reqwest::header::{HeaderName, HeaderValue};
use serde_json::json;

use crate::notify::{Request, SigningKey, TargetUrl, sign};
use crate::retraining::RunKey;
use crate::trigger::told::Told;

#[derive(Debug)]
pub struct Webhook {
    /// All of them sign. Empty: nothing is signed.
    pub keys: Vec<SigningKey>,
}

impl Webhook {
    pub(super) fn request(&self, url: &TargetUrl, told: &Told<'_>) -> Request {
        let body = json!({
            "type": "driftd.retraining.triggered",
            "timestamp": told.about.at,
            "data": told.payload,
        });
        let mut request = Request::json(url.url().clone(), &body);
        let id = message_id(&told.order.run_key);
        let seconds = told.about.asked_at.micros().div_euclid(1_000_000);
        let signature = sign(&self.keys, &id, seconds, &request.body);
        let ours = [
            ("idempotency-key", id.clone()),
            ("webhook-id", id),
            ("webhook-timestamp", seconds.to_string()),
            ("webhook-signature", signature),
        ];
        for (name, value) in ours.into_iter().filter(|(_, value)| !value.is_empty()) {
            let mut value = HeaderValue::try_from(value).expect("keys, numbers and base64 are visible ASCII");
            // Whoever had it could send this very body in driftd's name.
            value.set_sensitive(name == "webhook-signature");
            request.headers.insert(HeaderName::from_static(name), value);
        }
        request
    }
}

/// The key without dots, which part what is signed; another key gives another id.
fn message_id(key: &RunKey) -> String {
    let fits = key.as_str().chars().all(|c| c.is_ascii_graphic() && c != '.');
    if fits { key.to_string() } else { key.dns_name() }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_id_has_no_dots_and_stays_its_own() {
        let id = |key: &str| message_id(&RunKey::named(key));
        assert_eq!(id("retrain-car_loan-2026-W48-drift"), "retrain-car_loan-2026-W48-drift");
        let (dotted, underlined) = (id("retrain-a.b-2026-W48-drift"), id("retrain-a_b-2026-W48-drift"));
        assert!(!dotted.contains('.') && dotted != underlined, "{dotted}");
        assert_ne!(dotted, id("retrain-a-b-2026-W48-drift"));
    }
}
