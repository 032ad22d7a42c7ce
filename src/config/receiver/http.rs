//! Receivers with a body of their own over HTTP.

use figment::value::Value;
use secrecy::SecretString;

use crate::config::document::quote;
use crate::config::setting::Setting;
use crate::config::table::Table;
use crate::notify::{Alertmanager, Header, PagerDuty, SigningKey, Slack, TargetUrl, Teams, Webhook};

/// Keys that sign at a time: the one in use, and those that are coming or going.
const KEYS_MAX: usize = 4;
/// Further headers of a receiver.
const HEADERS_MAX: usize = 20;
/// Replicas of an Alertmanager.
const REPLICAS_MAX: usize = 10;

const PAGERDUTY: &str = "https://events.pagerduty.com/v2/enqueue";
/// An integration key of PagerDuty has 32 characters.
const ROUTING_KEY_CHARS_MIN: usize = 16;

pub(super) fn webhook(table: &Table<'_>) -> Option<Webhook> {
    let url = url(table);
    let keys = table.secret_as("secrets", signing_keys);
    let headers = headers(table);
    Some(Webhook { url: url?, keys: keys.unwrap_or_default(), headers })
}

pub(super) fn alertmanager(table: &Table<'_>) -> Option<Alertmanager> {
    let urls = table.optional_if::<Vec<Address>>("urls", |urls| match urls.len() {
        0 => Err("is empty; name every replica".to_owned()),
        1..=REPLICAS_MAX => Ok(()),
        count => Err(format!("has {count}; at most {REPLICAS_MAX}")),
    });
    if !table.has("urls") {
        table.error("urls", "is missing; name every replica, as in [\"http://alertmanager:9093\"]");
    }
    let headers = headers(table);
    Some(Alertmanager { replicas: urls?.into_iter().map(|address| address.0).collect(), headers })
}

pub(super) fn slack(table: &Table<'_>) -> Option<Slack> {
    Some(Slack { url: secret_url(table)? })
}

pub(super) fn teams(table: &Table<'_>) -> Option<Teams> {
    Some(Teams { url: secret_url(table)? })
}

pub(super) fn pagerduty(table: &Table<'_>) -> Option<PagerDuty> {
    let url = table.read("url", Address(PAGERDUTY.parse().expect("an https URL"))).0;
    let routing_key = table.secret("routing_key", ROUTING_KEY_CHARS_MIN);
    require_secret(table, "routing_key");
    Some(PagerDuty { url, routing_key: routing_key? })
}

/// An address that may stand in the config.
pub(in crate::config) fn url(table: &Table<'_>) -> Option<TargetUrl> {
    let url = table.perhaps_secret_as("url", target);
    if !table.has("url") && !table.has("url_file") {
        table.error("url", "is missing; give url or, where it holds a secret, url_file");
    }
    url
}

/// An address that may stand in the config, and is `usual` where there is none.
pub(in crate::config) fn url_or(table: &Table<'_>, usual: &str) -> Option<TargetUrl> {
    match table.has("url") || table.has("url_file") {
        true => url(table),
        // Read all the same, to be known and shown.
        false => target(&table.read("url", usual.to_owned())).ok(),
    }
}

/// An address that is a secret as a whole.
fn secret_url(table: &Table<'_>) -> Option<TargetUrl> {
    let url = table.secret_as("url", target);
    require_secret(table, "url");
    url
}

/// Further headers, one a line; their values are secrets.
pub(in crate::config) fn headers(table: &Table<'_>) -> Vec<Header> {
    table.secret_as("headers", secret_headers).unwrap_or_default()
}

fn require_secret(table: &Table<'_>, key: &str) {
    let file_key = format!("{key}_file");
    if !table.has(key) && !table.has(&file_key) {
        table.error(&file_key, "is missing; it names the file with this secret");
    }
}

fn target(text: &str) -> Result<TargetUrl, String> {
    text.parse::<TargetUrl>().map_err(|error| error.to_string())
}

/// One key a line.
pub(in crate::config) fn signing_keys(text: &str) -> Result<Vec<SigningKey>, String> {
    let lines: Vec<&str> = text.split_whitespace().collect();
    if lines.is_empty() || lines.len() > KEYS_MAX {
        return Err(format!("has {} keys; 1 to {KEYS_MAX}, one a line", lines.len()));
    }
    let keys = lines
        .iter()
        .enumerate()
        .map(|(at, line)| line.parse::<SigningKey>().map_err(|error| format!("line {} {error}", at + 1)));
    keys.collect()
}

/// `Name: value`, one a line.
fn secret_headers(text: &str) -> Result<Vec<Header>, String> {
    let lines: Vec<&str> = text.lines().filter(|line| !line.trim().is_empty()).collect();
    if lines.len() > HEADERS_MAX {
        return Err(format!("has {} headers; at most {HEADERS_MAX}", lines.len()));
    }
    let header = |(at, line): (usize, &&str)| {
        let (name, value) =
            line.split_once(':').ok_or_else(|| format!("line {} is not `Name: value`", at + 1))?;
        let value = SecretString::from(value.trim());
        Header::new(name.trim(), &value).map_err(|error| format!("line {} {error}", at + 1))
    };
    lines.iter().enumerate().map(header).collect()
}

/// A URL that stands in the config in clear.
#[derive(Debug, Clone, PartialEq, Eq)]
struct Address(TargetUrl);

impl Setting for Address {
    fn read(value: &Value) -> Result<Self, String> {
        target(&String::read(value)?).map(Self)
    }

    fn to_toml(&self) -> String {
        quote(self.0.url().as_str())
    }
}
