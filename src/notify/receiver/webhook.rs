//! Webhooks for programs: Standard Webhooks 1.0.0.

use reqwest::header::{HeaderName, HeaderValue};

use crate::domain::Timestamp;
use crate::notify::message::Message;
use crate::notify::request::{Accepted, Dispatch, Header, Need, Request};
use crate::notify::signature::{SigningKey, sign};
use crate::notify::target::TargetUrl;

/// The body is [`Message::envelope`]; `webhook-id` stays the same through all attempts.
#[derive(Debug)]
pub struct Webhook {
    pub url: TargetUrl,
    /// All of them sign. Empty: nothing is signed.
    pub keys: Vec<SigningKey>,
    /// Further headers, as for `Authorization`.
    pub headers: Vec<Header>,
}

impl Webhook {
    pub(super) fn dispatch(&self, message: &Message, now: Timestamp) -> Dispatch {
        let mut request = Request::json(self.url.url().clone(), &message.envelope()).with(&self.headers);
        let seconds = now.micros().div_euclid(1_000_000);
        let signature = sign(&self.keys, &message.id, seconds, &request.body);
        let ours = [
            ("webhook-id", message.id.clone()),
            ("webhook-timestamp", seconds.to_string()),
            ("webhook-signature", signature),
        ];
        for (name, value) in ours.into_iter().filter(|(_, value)| !value.is_empty()) {
            let value = HeaderValue::try_from(value).expect("ids, numbers and base64 are visible ASCII");
            request.headers.insert(HeaderName::from_static(name), value);
        }
        Dispatch::Http { requests: vec![request], need: Need::All, accepted: Accepted::Success }
    }
}
