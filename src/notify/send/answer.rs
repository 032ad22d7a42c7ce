//! What an answer means.

use std::time::Duration;

use jiff::fmt::rfc2822::DateTimeParser;
use reqwest::Response;
use reqwest::header::{DATE, HeaderMap, HeaderName, LOCATION, RETRY_AFTER};
use tokio::time::{Instant, timeout, timeout_at};

use crate::notify::outcome::Failure;
use crate::notify::request::{Accepted, Request};
use crate::notify::target::shown;
use crate::notify::text::excerpt;

/// Read of an answer's body at most.
const BODY_BYTES_MAX: usize = 20_000;
/// How long the body of an answer that is good already is waited for: read to its end the connection can be used again.
const GOOD_BODY_WITHIN: Duration = Duration::from_millis(500);

/// Read of an answer's body at most, where it is asked for.
const REPLY_BYTES_MAX: usize = 64 << 10;

/// An answer to what was asked, of whatever status.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Reply {
    pub status: u16,
    pub headers: HeaderMap,
    /// Its beginning, as far as it came in time.
    pub body: Vec<u8>,
    pub retry_after: Option<Duration>,
    /// For an error: the status, and where a redirect points or how the body begins. Without secrets, on one line.
    pub said: String,
}

impl Reply {
    /// When it was given, by the other side's clock.
    pub fn date(&self) -> Option<jiff::Timestamp> {
        date(&self.headers)
    }
}

pub(super) async fn reply(mut response: Response, request: &Request, until: Instant) -> Reply {
    let status = response.status().as_u16();
    let mut body = Vec::new();
    // What is late is left out: the status is there.
    let _ = timeout_at(until, read_into(&mut response, &mut body, REPLY_BYTES_MAX)).await;
    let said = match status {
        300..400 => Failure::Redirect { status, to: location(&response) }.to_string(),
        _ => Failure::Status {
            status,
            said: excerpt(&request.redact(String::from_utf8_lossy(&body).into_owned())),
            retry_after: None,
        }
        .to_string(),
    };
    let retry_after = retry_after(response.headers());
    Reply { status, headers: response.headers().clone(), body, retry_after, said }
}

pub(super) async fn judge(
    mut response: Response,
    accepted: Accepted,
    request: &Request,
) -> Result<(), Failure> {
    let status = response.status().as_u16();
    if (200..300).contains(&status) && accepted == Accepted::Success {
        // Whatever else it says, it was taken.
        let _ = timeout(GOOD_BODY_WITHIN, read(&mut response)).await;
        return Ok(());
    }
    if (300..400).contains(&status) {
        return Err(Failure::Redirect { status, to: location(&response) });
    }
    let retry_after = retry_after(response.headers());
    let body = read(&mut response).await;
    let said = excerpt(&request.redact(String::from_utf8_lossy(&body).into_owned()));
    match status {
        200..300 if body.trim_ascii() == b"ok" => Ok(()),
        200..300 => Err(Failure::NotOk { said }),
        410 => Err(Failure::Gone { said }),
        _ => Err(Failure::Status { status, said, retry_after }),
    }
}

/// The beginning of the body, up to where it broke off.
async fn read(response: &mut Response) -> Vec<u8> {
    let mut body = Vec::new();
    read_into(response, &mut body, BODY_BYTES_MAX).await;
    body
}

async fn read_into(response: &mut Response, body: &mut Vec<u8>, bytes_max: usize) {
    while let Ok(Some(chunk)) = response.chunk().await {
        body.extend_from_slice(&chunk[..chunk.len().min(bytes_max - body.len())]);
        if body.len() == bytes_max {
            break;
        }
    }
}

/// Where it points, without the path.
fn location(response: &Response) -> String {
    let location = text(response.headers(), LOCATION).and_then(|to| response.url().join(to).ok());
    location.map(|to| shown(&to)).unwrap_or_default()
}

/// Seconds, or a date: what lies between it and the answer's own (RFC 9110, 10.2.3), so that our clock does not matter.
fn retry_after(headers: &HeaderMap) -> Option<Duration> {
    let value = text(headers, RETRY_AFTER)?.trim();
    if let Ok(seconds) = value.parse() {
        return Some(Duration::from_secs(seconds));
    }
    let until = DateTimeParser::new().parse_timestamp(value).ok()?;
    Duration::try_from(until.duration_since(date(headers)?)).ok()
}

fn date(headers: &HeaderMap) -> Option<jiff::Timestamp> {
    DateTimeParser::new().parse_timestamp(text(headers, DATE)?).ok()
}

fn text(headers: &HeaderMap, name: HeaderName) -> Option<&str> {
    headers.get(name).and_then(|value| value.to_str().ok())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn after(value: &str, date: &str) -> Option<Duration> {
        let headers = [(RETRY_AFTER, value.parse().unwrap()), (DATE, date.parse().unwrap())];
        retry_after(&headers.into_iter().collect())
    }

    #[test]
    fn a_time_to_wait_is_seconds_or_a_date() {
        let now = "Wed, 25 Nov 2026 10:00:00 GMT";
        assert_eq!(after("120", now), Some(Duration::from_secs(120)));
        assert_eq!(after("Wed, 25 Nov 2026 10:02:30 GMT", now), Some(Duration::from_secs(150)));
        for no in ["Wed, 25 Nov 2026 09:00:00 GMT", "-1", "1.5", "soon", ""] {
            assert_eq!(after(no, now), None, "{no}");
        }
    }
}
