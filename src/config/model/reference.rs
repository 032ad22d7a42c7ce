//! `[reference]`: what a model's windows are compared with; `[versions]`: what is known of single versions.

use std::collections::BTreeMap;
use std::path::PathBuf;
use std::time::Duration;

use figment::value::Value;

use crate::config::limits::LimitSettings;
use crate::config::setting::Setting;
use crate::config::table::Table;
use crate::domain::{ModelId, Timestamp, Version};
use crate::verdict::Against;

const DAY: Duration = Duration::from_secs(86_400);

/// Where a model's grids and static reference come from.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum ReferenceSource {
    /// A profile that `driftd profile` wrote.
    Profile(PathBuf),
    /// A file of rows (Parquet, CSV, NDJSON), profiled at the start.
    Data(PathBuf),
    /// The model's own rows with event time in `[from, from + length)`; `from` `None`: from its first row on.
    Learn { from: Option<Timestamp>, length: Duration },
}

/// What is known of one version.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct VersionSettings {
    pub trained_at: Option<Timestamp>,
}

/// Reads `[reference]`; what a window is compared with is the static reference unless said otherwise.
pub(super) fn read(table: &Table<'_>) -> (Option<ReferenceSource>, Vec<Against>) {
    table.optional_section("reference", read_reference).unwrap_or_else(|| (None, vec![Against::Static]))
}

fn read_reference(table: &Table<'_>) -> (Option<ReferenceSource>, Vec<Against>) {
    let against = table.read_if("against", vec![Against::Static], |against| match against.len() {
        0 => Err("is empty; name static, previous or last_week".to_owned()),
        _ => Ok(()),
    });
    let given: Vec<_> = ["profile", "data", "learn"].into_iter().filter(|key| table.has(key)).collect();
    let profile = table.file("profile").map(ReferenceSource::Profile);
    let data = table.file("data").map(ReferenceSource::Data);
    let learn = table.optional_section("learn", read_learn);
    match given.len() {
        1 => (profile.or(data).or(learn), against),
        0 => {
            table.error("", "names no source; give one of profile, data and learn");
            (None, against)
        }
        _ => {
            table.error("", format!("names {}; give one of profile, data and learn", given.join(" and ")));
            (None, against)
        }
    }
}

/// Reads `[versions]`.
pub(super) fn read_versions(table: &Table<'_>, limits: &LimitSettings) -> BTreeMap<Version, VersionSettings> {
    let versions = table.named("versions", |entry, name| {
        let version =
            name.parse::<Version>().map_err(|error| entry.error("", format!("the version's name {error}")));
        let settings = VersionSettings { trained_at: entry.optional("trained_at") };
        if entry.optional::<String>("profile").is_some() {
            let message = "is not possible yet: every version is compared with the model's reference; drop it, or give the version a model of its own";
            entry.error("profile", message);
        }
        Some((version.ok()?, settings))
    });
    let most = limits.versions_max;
    if versions.len() as u64 > most {
        table.error("versions", format!("are {}; at most {most} (limits.versions_max)", versions.len()));
    }
    versions.into_iter().flatten().collect()
}

fn read_learn(table: &Table<'_>) -> ReferenceSource {
    ReferenceSource::Learn {
        from: table.optional("from"),
        length: table.read_within("for", 7 * DAY, Duration::from_secs(3_600)..=90 * DAY),
    }
}

impl Setting for Against {
    fn read(value: &Value) -> Result<Self, String> {
        [Self::Static, Self::Previous, Self::LastWeek]
            .into_iter()
            .find(|against| value.as_str() == Some(against.as_str()))
            .ok_or_else(|| "is no reference; one of static, previous, last_week".to_owned())
    }

    fn to_toml(&self) -> String {
        self.as_str().to_owned().to_toml()
    }
}

impl Setting for ModelId {
    fn read(value: &Value) -> Result<Self, String> {
        String::read(value)?.parse().map_err(|error: crate::domain::IdError| error.to_string())
    }

    fn to_toml(&self) -> String {
        self.as_str().to_owned().to_toml()
    }
}
