//! What a value may be: each type reads itself from a value, says what would be right, and writes itself back.

use std::collections::BTreeMap;
use std::net::SocketAddr;
use std::time::Duration;

use figment::value::Value;
use jiff::tz::TimeZone;

use super::document::{quote, quote_key};
use super::units::{duration_text, parse_duration, parse_size, size_text};
use crate::domain::Timestamp;

/// A type of setting.
pub(super) trait Setting: Sized {
    /// The value, or what was wrong with it and what would be right.
    fn read(value: &Value) -> Result<Self, String>;

    /// As TOML.
    fn to_toml(&self) -> String;
}

/// A size in bytes, written as `64 MiB`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Size(pub(super) u64);

/// A text that may also be written as a number or a truth value: `1` is `"1"`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Label(pub(super) String);

/// Names with a text each: `{ team = "risk" }`.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub(super) struct Texts(pub(super) BTreeMap<String, String>);

/// A time zone by its name.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Zone(pub(super) TimeZone);

impl Setting for bool {
    fn read(value: &Value) -> Result<Self, String> {
        value.to_bool().ok_or_else(|| "is no truth value; true or false".to_owned())
    }

    fn to_toml(&self) -> String {
        self.to_string()
    }
}

impl Setting for u64 {
    fn read(value: &Value) -> Result<Self, String> {
        let number = value.to_i128().or_else(|| i128::try_from(value.to_u128()?).ok());
        number
            .and_then(|number| Self::try_from(number).ok())
            .ok_or_else(|| "is no whole number from 0 up; write digits without quotes, as 500".to_owned())
    }

    fn to_toml(&self) -> String {
        self.to_string()
    }
}

impl Setting for f64 {
    fn read(value: &Value) -> Result<Self, String> {
        let number = match value {
            Value::Num(_, number) => {
                let whole = || number.to_i128().map(|n| n as Self);
                number.to_f64().or_else(whole).or_else(|| u64::read(value).ok().map(|n| n as Self))
            }
            _ => None,
        };
        number
            .filter(|number| number.is_finite())
            .ok_or_else(|| "is no number; write it without quotes, as 0.25".to_owned())
    }

    fn to_toml(&self) -> String {
        format!("{self:?}")
    }
}

impl Setting for String {
    fn read(value: &Value) -> Result<Self, String> {
        let text = value.as_str().ok_or_else(|| "is no text; write it in quotes".to_owned())?;
        if text.is_empty() {
            return Err("is empty; write a text, or leave out a key that has a default".to_owned());
        }
        Ok(text.to_owned())
    }

    fn to_toml(&self) -> String {
        quote(self)
    }
}

impl Setting for Zone {
    fn read(value: &Value) -> Result<Self, String> {
        let zone = value.as_str().and_then(|name| TimeZone::get(name).ok());
        zone.map(Self)
            .ok_or_else(|| "is no time zone; write its IANA name, as \"Europe/Paris\" or \"UTC\"".to_owned())
    }

    fn to_toml(&self) -> String {
        self.0.iana_name().unwrap_or("UTC").to_owned().to_toml()
    }
}

impl Setting for Label {
    fn read(value: &Value) -> Result<Self, String> {
        match value {
            Value::Bool(_, truth) => Ok(Self(truth.to_string())),
            Value::Num(..) => u64::read(value).map(|number| Self(number.to_string())),
            _ => String::read(value).map(Self),
        }
    }

    fn to_toml(&self) -> String {
        quote(&self.0)
    }
}

impl Setting for Duration {
    fn read(value: &Value) -> Result<Self, String> {
        value
            .as_str()
            .and_then(parse_duration)
            .ok_or_else(|| "is no duration; write it as 10ms, 30s, 15m, 24h or 7d, in quotes".to_owned())
    }

    fn to_toml(&self) -> String {
        quote(&duration_text(*self))
    }
}

impl Setting for Size {
    fn read(value: &Value) -> Result<Self, String> {
        value
            .as_str()
            .and_then(parse_size)
            .map(Self)
            .ok_or_else(|| "is no size; write it as 512 KiB, 64 MiB or 2 GiB, in quotes".to_owned())
    }

    fn to_toml(&self) -> String {
        quote(&size_text(self.0))
    }
}

impl Setting for SocketAddr {
    fn read(value: &Value) -> Result<Self, String> {
        value
            .as_str()
            .and_then(|text| text.parse().ok())
            .ok_or_else(|| "is no address; write IP:port, as 127.0.0.1:8440 or [::1]:8440".to_owned())
    }

    fn to_toml(&self) -> String {
        quote(&self.to_string())
    }
}

impl Setting for Timestamp {
    fn read(value: &Value) -> Result<Self, String> {
        value
            .as_str()
            .and_then(|text| text.parse().ok())
            .ok_or_else(|| "is no instant; write RFC 3339 with a zone, as 2026-11-22T10:00:00Z".to_owned())
    }

    fn to_toml(&self) -> String {
        quote(&self.to_string())
    }
}

impl Setting for Texts {
    fn read(value: &Value) -> Result<Self, String> {
        let form = || "is no table of texts; write it as { name = \"value\" }".to_owned();
        let dict = value.as_dict().ok_or_else(form)?;
        let pair = |(name, value): (&String, &Value)| Some((name.clone(), value.as_str()?.to_owned()));
        dict.iter().map(pair).collect::<Option<_>>().map(Self).ok_or_else(form)
    }

    fn to_toml(&self) -> String {
        let pairs: Vec<String> =
            self.0.iter().map(|(name, text)| format!("{} = {}", quote_key(name), quote(text))).collect();
        if pairs.is_empty() { "{}".to_owned() } else { format!("{{ {} }}", pairs.join(", ")) }
    }
}

/// None twice.
impl<T: Setting + PartialEq> Setting for Vec<T> {
    fn read(value: &Value) -> Result<Self, String> {
        let items = value.as_array().ok_or_else(|| "is no list; write it as [\"a\", \"b\"]".to_owned())?;
        let mut list = Self::with_capacity(items.len());
        for (index, item) in items.iter().enumerate() {
            let item = T::read(item).map_err(|message| format!("item {} {message}", index + 1))?;
            if list.contains(&item) {
                return Err(format!("names {} twice; once is enough", item.to_toml()));
            }
            list.push(item);
        }
        Ok(list)
    }

    fn to_toml(&self) -> String {
        let items: Vec<_> = self.iter().map(Setting::to_toml).collect();
        format!("[{}]", items.join(", "))
    }
}

/// Any value as TOML, for messages: long ones are cut.
pub(super) fn shown(value: &Value) -> String {
    const CHARS_MAX: usize = 80;
    let text = whole(value);
    match text.char_indices().nth(CHARS_MAX) {
        Some((end, _)) => format!("{}…", &text[..end]),
        None => text,
    }
}

fn whole(value: &Value) -> String {
    match value {
        Value::String(_, text) => quote(text),
        Value::Char(_, character) => quote(&character.to_string()),
        Value::Bool(_, truth) => truth.to_string(),
        Value::Num(_, number) => match number.to_f64() {
            Some(float) => float.to_toml(),
            None => number.to_i128().map_or_else(String::new, |integer| integer.to_string()),
        },
        Value::Empty(..) => "nothing".to_owned(),
        Value::Dict(_, dict) => {
            let pairs: Vec<_> =
                dict.iter().map(|(key, value)| format!("{} = {}", quote_key(key), whole(value))).collect();
            if pairs.is_empty() { "{}".to_owned() } else { format!("{{ {} }}", pairs.join(", ")) }
        }
        Value::Array(_, items) => format!("[{}]", items.iter().map(whole).collect::<Vec<_>>().join(", ")),
    }
}
