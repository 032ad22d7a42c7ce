//! `[egress]`: where notifications may go, and how long they may take.

use std::time::Duration;

use figment::value::Value;
use ipnet::IpNet;

use super::document::quote;
use super::setting::Setting;
use super::table::Table;
use crate::notify::EgressOptions;

#[derive(Debug, Clone, PartialEq, Eq)]
pub struct EgressSettings {
    /// Private networks that may be connected to.
    pub allow: Vec<IpNet>,
    /// For one message, from the look-up of the name to the end of the answer.
    pub timeout: Duration,
}

impl EgressSettings {
    pub(super) fn read(table: &Table<'_>) -> Self {
        let second = Duration::from_secs(1);
        Self {
            allow: table.read("allow", EgressOptions::default().allow),
            timeout: table.read_within("timeout", 10 * second, second..=120 * second),
        }
    }
}

impl Setting for IpNet {
    fn read(value: &Value) -> Result<Self, String> {
        let network = value.as_str().and_then(|text| text.parse::<Self>().ok());
        let network =
            network.ok_or_else(|| "is no network; write it as \"10.0.0.0/8\" or \"fd00::/8\"".to_owned())?;
        match network.trunc() == network {
            true => Ok(network),
            false => Err(format!("has bits behind its prefix; write {}", network.trunc())),
        }
    }

    fn to_toml(&self) -> String {
        quote(&self.to_string())
    }
}
