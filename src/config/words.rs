//! Words of incidents as settings: kinds, roles, severities, models, receivers.

use std::fmt::Display;
use std::str::FromStr;

use figment::value::Value;

use super::document::quote;
use super::setting::Setting;
use crate::incident::{IncidentKind, Role};
use crate::notification::{GroupLabel, ModelPattern, ReceiverName};
use crate::verdict::Severity;

impl Setting for Severity {
    fn read(value: &Value) -> Result<Self, String> {
        match value.as_str() {
            Some("warning") => Ok(Self::Warning),
            Some("critical") => Ok(Self::Critical),
            _ => Err("is no severity; one of warning, critical".to_owned()),
        }
    }

    fn to_toml(&self) -> String {
        quote(&self.to_string())
    }
}

impl Setting for IncidentKind {
    fn read(value: &Value) -> Result<Self, String> {
        parsed(value)
    }

    fn to_toml(&self) -> String {
        quote(self.as_str())
    }
}

impl Setting for Role {
    fn read(value: &Value) -> Result<Self, String> {
        parsed(value)
    }

    fn to_toml(&self) -> String {
        quote(self.as_str())
    }
}

impl Setting for ModelPattern {
    fn read(value: &Value) -> Result<Self, String> {
        parsed(value)
    }

    fn to_toml(&self) -> String {
        quote(self.as_str())
    }
}

impl Setting for ReceiverName {
    fn read(value: &Value) -> Result<Self, String> {
        parsed(value)
    }

    fn to_toml(&self) -> String {
        quote(self.as_str())
    }
}

impl Setting for GroupLabel {
    fn read(value: &Value) -> Result<Self, String> {
        match value.as_str() {
            Some("model") => Ok(Self::Model),
            Some("version") => Ok(Self::Version),
            Some("kind") => Ok(Self::Kind),
            Some("severity") => Ok(Self::Severity),
            Some("role") => Ok(Self::Role),
            Some(text) if text.len() > 4 && text.starts_with("tag:") => Ok(Self::Tag(text[4..].to_owned())),
            _ => {
                Err("is nothing to group by; one of model, version, kind, severity, role, or tag:NAME"
                    .to_owned())
            }
        }
    }

    fn to_toml(&self) -> String {
        match self {
            Self::Model => quote("model"),
            Self::Version => quote("version"),
            Self::Kind => quote("kind"),
            Self::Severity => quote("severity"),
            Self::Role => quote("role"),
            Self::Tag(name) => quote(&format!("tag:{name}")),
        }
    }
}

fn parsed<T: FromStr<Err: Display>>(value: &Value) -> Result<T, String> {
    String::read(value)?.parse().map_err(|error: T::Err| error.to_string())
}
