//! The KPIs of all files, with the place of each, for what is wrong with them taken together.

use std::collections::BTreeMap;

use crate::config::error::ConfigError;
use crate::config::nearest;
use crate::config::place::{Places, key_of};
use crate::config::units::duration_text;
use crate::kpi::{
    Catalogue, CatalogueError, Constant, Constants, Definition, Kind, KpiId, KpiName, UseCaseId,
};

use super::{KpiSettings, longest};

/// A KPI, and the key that says so.
pub(in crate::config) struct Placed {
    pub definition: Definition,
    pub key: String,
}

/// KPIs as they come from the files.
#[derive(Default)]
pub(in crate::config) struct Gathered {
    definitions: Vec<Definition>,
    constants: Constants,
    files: Vec<Places>,
    /// The file, by its place in `files`, and the key; of a KPI that is there twice the first.
    at: BTreeMap<KpiId, (usize, String)>,
}

impl Placed {
    /// Below a table of KPIs by name.
    pub fn below(table: &str, definition: Definition) -> Self {
        let name = key_of(&[definition.id.name.as_str()]);
        Self { key: format!("{table}.{name}"), definition }
    }
}

impl Gathered {
    /// A file that KPIs come from.
    pub fn file(&mut self, places: &Places) -> usize {
        self.files.push(places.clone());
        self.files.len() - 1
    }

    pub fn add(&mut self, file: usize, placed: impl IntoIterator<Item = Placed>) {
        for Placed { definition, key } in placed {
            self.at.entry(definition.id.clone()).or_insert((file, key));
            self.definitions.push(definition);
        }
    }

    /// All of another, whose KPIs are of other use cases.
    pub fn append(&mut self, other: Self) {
        let before = self.files.len();
        self.files.extend(other.files);
        self.definitions.extend(other.definitions);
        self.constants.extend(other.constants);
        self.at.extend(other.at.into_iter().map(|(id, (file, key))| (id, (before + file, key))));
    }

    pub fn add_constants(&mut self, of: Option<&UseCaseId>, constants: Vec<(KpiName, Constant)>) {
        let constants = constants.into_iter();
        self.constants.extend(constants.map(|(name, constant)| ((of.cloned(), name), constant)));
    }

    pub fn has(&self, id: &KpiId) -> bool {
        self.at.contains_key(id)
    }

    /// The known KPI whose id is nearest.
    pub fn nearest(&self, id: &KpiId) -> Option<String> {
        let known: Vec<String> = self.at.keys().map(ToString::to_string).collect();
        nearest(&id.to_string(), known.iter().map(String::as_str)).map(str::to_owned)
    }

    /// All KPIs together, by the calendar and the limits of `[kpis]`. Errors with the place of each.
    pub fn catalogue(self, main: &Places, settings: &KpiSettings) -> Result<Catalogue, Vec<ConfigError>> {
        if self.definitions.len() as u64 > settings.kpis_max {
            let (found, most) = (self.definitions.len(), settings.kpis_max);
            let message = format!("is {most}, and there are {found} KPIs; raise it, or switch some off");
            return Err(vec![main.error("kpis.kpis_max", message)]);
        }
        let Self { definitions, constants, files, at } = self;
        let error = |id: Option<&KpiId>, message: String| match id.and_then(|id| at.get(id)) {
            Some((file, key)) => files[*file].error(key, message),
            None => main.error("kpis", message),
        };
        let mut errors: Vec<ConfigError> = definitions
            .iter()
            .filter(|definition| {
                matches!(definition.kind, Kind::Counted { .. }) || definition.window.is_some()
            })
            .filter_map(|definition| {
                let lateness = definition.lateness.unwrap_or(settings.catalogue.lateness());
                let length = definition.window.unwrap_or(longest(definition.period));
                if length + lateness <= settings.retention {
                    return None;
                }
                let (over, what) = match definition.window {
                    Some(window) => (format!("is over {}", duration_text(window)), "window"),
                    None => (format!("is read each {}", definition.period), "period"),
                };
                let (waits, kept) = (duration_text(lateness), duration_text(settings.retention));
                let message = format!(
                    "{over} and waited for {waits}, and counts are kept for {kept}; shorten the {what}, or raise kpis.retention"
                );
                Some(error(Some(&definition.id), message))
            })
            .collect();
        let calendar = settings.catalogue.calendar().clone();
        let catalogue = Catalogue::new(definitions, constants, calendar, settings.catalogue.lateness());
        let together = |wrong: &CatalogueError| error(wrong.kpi(), wrong.to_string());
        match catalogue {
            Ok(catalogue) if errors.is_empty() => Ok(catalogue),
            Ok(_) => Err(errors),
            Err(wrong) => {
                errors.extend(wrong.iter().map(together));
                Err(errors)
            }
        }
    }
}
