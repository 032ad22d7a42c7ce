//! What a receiver makes of a message: HTTP requests or a mail.

use std::fmt;

use reqwest::header::{CONTENT_TYPE, HeaderMap, HeaderName, HeaderValue};
use reqwest::{Method, Url};
use secrecy::{ExposeSecret, SecretString};

use super::receiver::Mail;
use super::target::shown;

/// How a message goes out.
#[derive(Debug)]
pub enum Dispatch {
    Http { requests: Vec<Request>, need: Need, accepted: Accepted },
    Mail(Box<Mail>),
}

/// Which of several requests must be taken.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Need {
    /// Every one; in any order.
    All,
    /// One of them: replicas, all of which are asked at once.
    Any,
}

/// What says that a request was taken.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Accepted {
    /// A status of 2xx.
    Success,
    /// A status of 2xx with the body `ok`.
    SaysOk,
}

/// One HTTP request. `Debug` shows neither its path nor secrets.
pub struct Request {
    pub method: Method,
    pub url: Url,
    pub headers: HeaderMap,
    pub body: Vec<u8>,
    /// What must not come back in an error.
    secrets: Vec<SecretString>,
}

/// A header that a config adds to each request of a receiver. Its value is taken for a secret.
#[derive(Debug, Clone)]
pub struct Header {
    name: HeaderName,
    value: HeaderValue,
}

#[derive(Debug, Clone, Copy, thiserror::Error, PartialEq, Eq)]
pub enum HeaderError {
    #[error("is no header's name")]
    Name,
    #[error("is set by driftd itself")]
    Reserved,
    #[error("has a value that no header can carry: visible ASCII on one line")]
    Value,
}

/// Shorter secrets are not looked for: they would be found in every text.
const SECRET_BYTES_MIN: usize = 6;

impl Request {
    pub fn json(url: Url, body: &serde_json::Value) -> Self {
        let mut request = Self::new(Method::POST, url, body.to_string().into_bytes());
        request.headers.insert(CONTENT_TYPE, HeaderValue::from_static("application/json"));
        request
    }

    pub fn new(method: Method, url: Url, body: Vec<u8>) -> Self {
        let secrets = [url.path(), url.query().unwrap_or_default()].map(SecretString::from).into();
        Self { method, url, headers: HeaderMap::new(), body, secrets }
    }

    /// With these headers, which are secret, instead of those of the same name.
    pub fn with(mut self, headers: &[Header]) -> Self {
        for Header { name, value } in headers {
            // An error may hold it without the word before it, as `Bearer`.
            let text = value.to_str().unwrap_or_default();
            let last = text.split_whitespace().last().unwrap_or_default();
            self.secrets.extend([text, last].map(SecretString::from));
            self.headers.insert(name, value.clone());
        }
        self
    }

    /// With a secret that stands in the body.
    pub fn hiding(mut self, secret: &SecretString) -> Self {
        self.secrets.push(secret.clone());
        self
    }

    /// A text from the other side without what is secret.
    pub fn redact(&self, text: String) -> String {
        let secrets = self.secrets.iter().map(|secret| secret.expose_secret());
        let secrets = secrets.filter(|secret| secret.len() >= SECRET_BYTES_MIN);
        secrets.fold(text, |text, secret| text.replace(secret, "…"))
    }
}

impl fmt::Debug for Request {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} {}", self.method, shown(&self.url))
    }
}

impl Header {
    pub fn new(name: &str, value: &SecretString) -> Result<Self, HeaderError> {
        const RESERVED: [&str; 5] = ["host", "content-length", "transfer-encoding", "connection", "te"];
        let name = HeaderName::try_from(name).map_err(|_| HeaderError::Name)?;
        if RESERVED.contains(&name.as_str()) || name.as_str().starts_with("webhook-") {
            return Err(HeaderError::Reserved);
        }
        let mut value =
            HeaderValue::try_from(value.expose_secret().trim()).map_err(|_| HeaderError::Value)?;
        value.set_sensitive(true);
        Ok(Self { name, value })
    }

    /// In lower case.
    pub fn name(&self) -> &str {
        self.name.as_str()
    }
}
