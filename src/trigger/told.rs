//! What a target's templates know, and what they come to.
//!
//! They know the payload's fields, and `order`: the payload as JSON text. What is `null` comes to nothing.

use std::collections::BTreeMap;

use minijinja::value::{Serde, Value as Item};
use minijinja::{AutoEscape, Environment, ErrorKind, UndefinedBehavior};
use serde_json::Value;

use super::payload::payload;
use super::{About, TargetError};
use crate::retraining::Order;

/// Steps that a template may take.
const FUEL: u64 = 50_000;
/// Longest text that a template may come to, in characters.
const CHARS_MAX: usize = 16_000;

/// Names and templates of their values, for targets that take texts only.
pub type Parameters = BTreeMap<String, String>;

/// What a target is given where the config names nothing else.
pub fn default_parameters() -> Parameters {
    let defaults = [
        ("run_key", "{{ run_key }}"),
        ("model", "{{ model }}"),
        ("version", "{{ version }}"),
        ("window_start", "{{ window.start }}"),
        ("window_end", "{{ window.end }}"),
        ("update", "{{ update }}"),
        ("cause", "{{ cause }}"),
        ("order", "{{ order }}"),
    ];
    defaults.map(|(name, template)| (name.to_owned(), template.to_owned())).into()
}

/// What a name that the payload does not have comes to.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Strictness {
    /// An error: on the sample.
    Strict,
    /// Nothing: an order that goes out lacks what the sample has.
    Lenient,
}

/// An order on its way to a target.
pub(super) struct Told<'a> {
    pub order: &'a Order,
    pub about: &'a About,
    pub payload: Value,
    known: Item,
    environment: Environment<'static>,
}

impl<'a> Told<'a> {
    pub(super) fn new(order: &'a Order, about: &'a About, strictness: Strictness) -> Self {
        let payload = payload(order, about);
        let mut known = payload.clone();
        known["order"] = payload.to_string().into();
        let mut environment = environment();
        environment.set_undefined_behavior(match strictness {
            Strictness::Strict => UndefinedBehavior::SemiStrict,
            Strictness::Lenient => UndefinedBehavior::Chainable,
        });
        Self { order, about, payload, known: Item::from(Serde(known)), environment }
    }

    pub(super) fn run_key(&self) -> &'a str {
        self.order.run_key.as_str()
    }

    /// A text; may be empty.
    pub(super) fn text(&self, part: &str, template: &str) -> Result<String, TargetError> {
        let text = self.environment.render_named_str(part, template, self.known.clone());
        let text = text.map_err(|error| TargetError::Template {
            part: part.to_owned(),
            why: match error.kind() {
                ErrorKind::UndefinedError => self.what_there_is(),
                _ => format!("{error:#}"),
            },
        })?;
        at_most(CHARS_MAX, part, text)
    }

    fn what_there_is(&self) -> String {
        let fields = self.payload.as_object().into_iter().flat_map(|fields| fields.keys());
        let fields: Vec<&str> = fields.map(String::as_str).chain(["order"]).collect();
        format!("names what an order does not have; it has {}", fields.join(", "))
    }

    /// A name: not empty.
    pub(super) fn name(&self, part: &str, template: &str, chars_max: usize) -> Result<String, TargetError> {
        let name = self.text(part, template)?.trim().to_owned();
        match name.is_empty() {
            true => Err(TargetError::Empty { part: part.to_owned() }),
            false => at_most(chars_max, part, name),
        }
    }

    /// A name as one part of a path: percent-encoded but for what RFC 3986 calls unreserved.
    pub(super) fn path_part(&self, part: &str, template: &str) -> Result<String, TargetError> {
        const PATH_PART_CHARS_MAX: usize = 300;
        let name = self.name(part, template, PATH_PART_CHARS_MAX)?;
        match name.bytes().all(|byte| byte == b'.') {
            true => Err(TargetError::Dots { part: part.to_owned() }),
            false => Ok(percent_encoded(&name)),
        }
    }

    pub(super) fn parameters(
        &self,
        parameters: &Parameters,
    ) -> Result<BTreeMap<String, String>, TargetError> {
        let rendered = parameters
            .iter()
            .map(|(name, value)| Ok((name.clone(), self.text(&format!("parameters.{name}"), value)?)));
        rendered.collect()
    }
}

/// Percent-encoded but for what RFC 3986 calls unreserved.
pub(super) fn percent_encoded(text: &str) -> String {
    let mut encoded = String::with_capacity(text.len());
    for byte in text.bytes() {
        match byte {
            b'-' | b'.' | b'_' | b'~' | b'0'..=b'9' | b'a'..=b'z' | b'A'..=b'Z' => {
                encoded.push(char::from(byte));
            }
            _ => encoded += &format!("%{byte:02X}"),
        }
    }
    encoded
}

fn at_most(chars_max: usize, part: &str, text: String) -> Result<String, TargetError> {
    let chars = text.chars().count();
    match chars <= chars_max {
        true => Ok(text),
        false => Err(TargetError::TooLong { part: part.to_owned(), chars, chars_max }),
    }
}

fn environment() -> Environment<'static> {
    let mut environment = Environment::new();
    environment.set_fuel(Some(FUEL));
    environment.set_auto_escape_callback(|_| AutoEscape::None);
    environment.set_formatter(|out, state, value| match value.is_none() || value.is_undefined() {
        true => Ok(()),
        false => minijinja::escape_formatter(out, state, value),
    });
    environment
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::trigger::sample::sample;

    #[test]
    fn what_is_not_known_is_an_error_on_the_sample_and_nothing_later() {
        let (mut order, about) = sample();
        let told = Told::new(&order, &about, Strictness::Strict);
        assert!(told.text("dag", "{{ modl }}").is_err() && told.text("dag", "{{ window.begin }}").is_err());
        assert_eq!(told.text("dag", "{{ drifted[0].kind }}").unwrap(), "concept_drift");
        assert!(
            told.text("dag", "{% for a in range(9999) %}{% for b in range(9999) %}x{% endfor %}{% endfor %}")
                .is_err()
        );
        (order.version, order.drifted) = (None, Vec::new());
        let told = Told::new(&order, &about, Strictness::Lenient);
        assert_eq!(told.text("dag", "-{{ version }}-{{ drifted[0].kind }}-").unwrap(), "---");
        assert_eq!(told.name("dag", "{{ version }}", 9), Err(TargetError::Empty { part: "dag".to_owned() }));
    }

    #[test]
    fn a_name_leads_to_no_other_path() {
        let (order, about) = sample();
        let told = Told::new(&order, &about, Strictness::Strict);
        assert_eq!(told.path_part("dag", "../{{ model }}?a=b#é").unwrap(), "..%2Fsample%3Fa%3Db%23%C3%A9");
        assert_eq!(told.path_part("dag", ".."), Err(TargetError::Dots { part: "dag".to_owned() }));
        assert!(told.path_part("dag", &"x".repeat(301)).is_err());
    }

    #[test]
    fn the_order_is_there_as_text() {
        let (order, about) = sample();
        let told = Told::new(&order, &about, Strictness::Strict);
        let parameters = told.parameters(&default_parameters()).unwrap();
        let read: Value = serde_json::from_str(&parameters["order"]).unwrap();
        assert_eq!(read, told.payload);
        assert_eq!(parameters["window_end"], read["window"]["end"]);
    }
}
