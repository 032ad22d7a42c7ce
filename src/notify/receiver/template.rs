//! Anything else that speaks HTTP: path, headers and body are Jinja templates.
//!
//! They know `id` (the same in every attempt), `installation`, `group`, `events` (`{type, timestamp, data}` each) and
//! the last of these as `type`, `timestamp` and `data`. Values in the body of a JSON type are written as JSON by
//! themselves, quotes included: `{"text": {{ data.title }}}`. In a path they are percent-encoded; it never leads to
//! another host.

use minijinja::value::{Serde, Value as Item};
use minijinja::{AutoEscape, Environment, Error, ErrorKind, Output, UndefinedBehavior};
use reqwest::header::{HeaderName, HeaderValue};
use reqwest::{Method, Url};
use serde_json::json;

use super::sample::sample;
use crate::notify::message::Message;
use crate::notify::outcome::Failure;
use crate::notify::request::{Accepted, Dispatch, Header, Need, Request};
use crate::notify::target::TargetUrl;

/// Steps that a template may take.
const FUEL: u64 = 200_000;
/// Longest body, in bytes.
const BODY_BYTES_MAX: usize = 512 << 10;

/// The templates as a config gives them.
#[derive(Debug, Clone)]
pub struct TemplateOptions {
    pub url: TargetUrl,
    pub method: Method,
    /// Appended to the path of `url`: begins with `/`, may hold a query.
    pub path: Option<String>,
    pub content_type: String,
    /// Names and templates of their values.
    pub headers: Vec<(String, String)>,
    /// Headers as they are.
    pub secret_headers: Vec<Header>,
    pub body: String,
}

/// Templates that work on a sample.
#[derive(Debug)]
pub struct Template {
    options: TemplateOptions,
    content_type: HeaderValue,
    headers: Vec<(HeaderName, String)>,
    environment: Environment<'static>,
}

/// Which part of the templates does not work, and why.
#[derive(Debug, Clone, thiserror::Error, PartialEq, Eq)]
pub enum TemplateError {
    #[error("`{part}`: {why}")]
    Template { part: String, why: String },
    #[error("`content_type` is no header's value")]
    ContentType,
    #[error("`{0}` is no header's name")]
    Header(String),
    #[error("`path` does not begin with `/`")]
    Path,
    #[error(
        "the body of a sample is no JSON ({0}): a value is quoted by itself, as in {{\"text\": {{{{ data.title }}}}}}"
    )]
    NoJson(String),
    #[error("the body of a message is longer than {BODY_BYTES_MAX} bytes")]
    TooLong,
}

impl Template {
    /// Tries the templates on a sample in which every field is given: an unknown name is an error here, and empty later.
    pub fn new(options: TemplateOptions) -> Result<Self, TemplateError> {
        let content_type =
            HeaderValue::try_from(&options.content_type).map_err(|_| TemplateError::ContentType)?;
        let header = |(name, value): &(String, String)| match HeaderName::try_from(name) {
            Ok(known) => Ok((known, value.clone())),
            Err(_) => Err(TemplateError::Header(name.clone())),
        };
        let headers = options.headers.iter().map(header).collect::<Result<_, _>>()?;
        let mut template = Self { content_type, headers, environment: environment(), options };
        template.environment.set_undefined_behavior(UndefinedBehavior::SemiStrict);
        let request = template.request(&sample())?;
        if template.is_json() {
            let read = serde_json::from_slice::<serde_json::Value>(&request.body);
            read.map_err(|error| TemplateError::NoJson(error.to_string()))?;
        }
        template.environment.set_undefined_behavior(UndefinedBehavior::Chainable);
        Ok(template)
    }

    pub(super) fn url(&self) -> &TargetUrl {
        &self.options.url
    }

    pub(super) fn dispatch(&self, message: &Message) -> Result<Dispatch, Failure> {
        let request = self.request(message).map_err(|error| Failure::Unsendable(error.to_string()))?;
        Ok(Dispatch::Http { requests: vec![request], need: Need::All, accepted: Accepted::Success })
    }

    fn request(&self, message: &Message) -> Result<Request, TemplateError> {
        let envelope = message.envelope();
        let events = match envelope.pointer("/data/events") {
            Some(events) => events.clone(),
            None => serde_json::Value::from(vec![envelope]),
        };
        let last = events.as_array().and_then(|events| events.last()).cloned().unwrap_or_default();
        let known = Item::from(Serde(json!({
            "id": message.id,
            "installation": message.installation.as_str(),
            "group": message.group,
            "type": last["type"],
            "timestamp": last["timestamp"],
            "data": last["data"],
            "events": events,
        })));
        let body =
            self.render(if self.is_json() { "body.json" } else { "body" }, &self.options.body, &known)?;
        if body.len() > BODY_BYTES_MAX {
            return Err(TemplateError::TooLong);
        }
        let mut request = Request::new(self.options.method.clone(), self.target(&known)?, body.into_bytes());
        request.headers.insert(reqwest::header::CONTENT_TYPE, self.content_type.clone());
        for (name, template) in &self.headers {
            let value = self.render(name.as_str(), template, &known)?;
            let value = HeaderValue::try_from(value).map_err(|_| TemplateError::Template {
                part: name.to_string(),
                why: "its value holds what no header can carry".to_owned(),
            })?;
            request.headers.insert(name, value);
        }
        Ok(request.with(&self.options.secret_headers))
    }

    fn target(&self, known: &Item) -> Result<Url, TemplateError> {
        let Some(path) = &self.options.path else { return Ok(self.options.url.url().clone()) };
        let rendered = self.render("path", path, known)?;
        if !rendered.starts_with('/') {
            return Err(TemplateError::Path);
        }
        // Setting parts keeps the host, whatever the text holds.
        let (path, query) = match rendered.split_once('?') {
            Some((path, query)) => (path, Some(query)),
            None => (rendered.as_str(), None),
        };
        let mut url = self.options.url.with_path_after(path);
        if query.is_some() {
            url.set_query(query);
        }
        Ok(url)
    }

    fn render(&self, part: &str, template: &str, known: &Item) -> Result<String, TemplateError> {
        let rendered = self.environment.render_named_str(part, template, known.clone());
        rendered.map_err(|error| TemplateError::Template { part: part.to_owned(), why: format!("{error:#}") })
    }

    fn is_json(&self) -> bool {
        self.options.content_type.contains("json")
    }
}

fn environment() -> Environment<'static> {
    let mut environment = Environment::new();
    environment.set_fuel(Some(FUEL));
    environment.set_auto_escape_callback(|part| match part {
        "body.json" => AutoEscape::Json,
        "path" => AutoEscape::Custom("path".into()),
        _ => AutoEscape::None,
    });
    environment.set_formatter(|out, state, value| match state.auto_escape() {
        AutoEscape::Custom(_) => write_in_path(out, value),
        _ => minijinja::escape_formatter(out, state, value),
    });
    environment
}

/// Percent-encoded but for what RFC 3986 calls unreserved. Dots alone would lead to another folder.
fn write_in_path(out: &mut Output<'_>, value: &Item) -> Result<(), Error> {
    if value.is_undefined() || value.is_none() {
        return Ok(());
    }
    let text = value.to_string();
    if !text.is_empty() && text.bytes().all(|byte| byte == b'.') {
        return Err(Error::new(ErrorKind::InvalidOperation, "a value of dots alone cannot stand in a path"));
    }
    for byte in text.bytes() {
        match byte {
            b'-' | b'.' | b'_' | b'~' | b'0'..=b'9' | b'a'..=b'z' | b'A'..=b'Z' => {
                write!(out, "{}", char::from(byte))?;
            }
            _ => write!(out, "%{byte:02X}")?,
        }
    }
    Ok(())
}
