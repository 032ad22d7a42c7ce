//! `[statistics]` of a model or a column: which are computed, and from where on they alarm.

use std::collections::BTreeMap;

use figment::value::Value;

use crate::config::setting::Setting;
use crate::config::table::Table;
use crate::domain::ColumnKind;
use crate::statistic::{Statistic, Thresholds};
use crate::verdict::StatisticChoice;

pub(super) type Choices = BTreeMap<Statistic, StatisticChoice>;

/// Reads the table `statistics` within `table`; what thresholds leave out is completed from `inherited`, then
/// from the catalogue. A `kind` that is known refuses statistics that do not exist for it.
pub(super) fn read(table: &Table<'_>, kind: Option<ColumnKind>, inherited: &Choices) -> Choices {
    let choices = table.optional_section("statistics", |table| {
        let mut choices = Choices::new();
        for statistic in Statistic::ALL {
            let name = statistic.as_str();
            let Some(written) = table.optional::<Written>(name) else { continue };
            if let Some(kind) = kind.filter(|kind| !statistic.applies_to(*kind)) {
                table.error(name, format!("does not exist for {kind} columns; {}", those_of(kind)));
                continue;
            }
            match written.complete(statistic, inherited.get(&statistic).copied()) {
                Ok(choice) => {
                    choices.insert(statistic, choice);
                }
                Err(message) => table.error(name, message),
            }
        }
        choices
    });
    choices.unwrap_or_default()
}

fn those_of(kind: ColumnKind) -> String {
    let names: Vec<_> = Statistic::ALL.iter().filter(|s| s.applies_to(kind)).map(|s| s.as_str()).collect();
    format!("those that do are {}", names.join(", "))
}

/// A choice as written: `"off"`, `"on"`, or thresholds of which one may be left out.
enum Written {
    Off,
    On,
    From { warning: Option<f64>, critical: Option<f64> },
}

impl Written {
    fn complete(
        self,
        statistic: Statistic,
        inherited: Option<StatisticChoice>,
    ) -> Result<StatisticChoice, String> {
        let base = match inherited {
            Some(StatisticChoice::Judge(thresholds)) => Some(thresholds),
            _ => statistic.default_thresholds(),
        };
        let (warning, critical) = match self {
            Self::Off => return Ok(StatisticChoice::Off),
            Self::On => return Ok(base.map_or(StatisticChoice::Inform, StatisticChoice::Judge)),
            Self::From { warning, critical } => {
                (warning.or(base.map(|b| b.warning)), critical.or(base.map(|b| b.critical)))
            }
        };
        match (warning, critical) {
            (Some(warning), Some(critical)) => ordered(warning, critical).map(StatisticChoice::Judge),
            _ => {
                Err("has one threshold and no default for the other; give both warning and critical"
                    .to_owned())
            }
        }
    }
}

/// Thresholds, if they are positive and in order.
pub(super) fn ordered(warning: f64, critical: f64) -> Result<Thresholds, String> {
    if warning <= 0.0 || critical <= 0.0 {
        return Err("has a threshold that is not above 0; \"off\" turns a statistic off".to_owned());
    }
    if warning > critical {
        return Err(format!("has warning {warning} above critical {critical}; warning comes first"));
    }
    Ok(Thresholds { warning, critical })
}

impl Setting for Written {
    fn read(value: &Value) -> Result<Self, String> {
        let wanted = "write \"on\", \"off\" or { warning = 0.1, critical = 0.25 }";
        let dict = match value {
            Value::String(_, word) if word == "off" => return Ok(Self::Off),
            Value::String(_, word) if word == "on" => return Ok(Self::On),
            Value::Dict(_, dict) if !dict.is_empty() => dict,
            _ => return Err(format!("is no choice; {wanted}")),
        };
        if let Some(key) = dict.keys().find(|key| !["warning", "critical"].contains(&key.as_str())) {
            return Err(format!("has the key `{key}`; {wanted}"));
        }
        let threshold = |key: &str| {
            dict.get(key)
                .map(|value| f64::read(value).map_err(|message| format!("has a {key} that {message}")))
                .transpose()
        };
        Ok(Self::From { warning: threshold("warning")?, critical: threshold("critical")? })
    }

    fn to_toml(&self) -> String {
        match self {
            Self::Off => "\"off\"".to_owned(),
            Self::On => "\"on\"".to_owned(),
            Self::From { warning, critical } => {
                let pair = |key, value: &Option<f64>| value.map(|v| format!("{key} = {}", v.to_toml()));
                let pairs: Vec<_> =
                    [pair("warning", warning), pair("critical", critical)].into_iter().flatten().collect();
                format!("{{ {} }}", pairs.join(", "))
            }
        }
    }
}
