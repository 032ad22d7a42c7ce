//! All files of `config/use_cases`, and what is wrong with them taken together.

use std::path::Path;

use super::UseCaseSettings;
use crate::config::directory::{FilesMax, Owners, read_each};
use crate::config::error::ConfigError;
use crate::config::kpi::Gathered;
use crate::config::table::{Outcome, Reading};
use crate::config::{Settings, nearest};
use crate::domain::ModelId;
use crate::kpi::KpiId;

/// Reads the directory's use cases into the settings, and their KPIs.
///
/// Whether every one could be read: then what is named and not there is wrong.
pub(in crate::config) fn read_all(
    directory: &Path,
    settings: &mut Settings,
    gathered: &mut Gathered,
    errors: &mut Vec<ConfigError>,
) -> bool {
    let most = settings.limits.use_cases_max;
    let max = FilesMax { most, of: "use cases", key: "limits.use_cases_max" };
    let mut owners = Owners::new();
    read_each(directory, max, errors, |path, document, errors| {
        let reading = Reading::of(document);
        let currency = &settings.kpis.currency;
        let use_case = reading.root(|table| {
            let mut own = Gathered::default();
            let read = UseCaseSettings::read(table, document.places(), currency, &mut own)?;
            if owners.claim(&read.use_case.id, &path, table) {
                gathered.append(own);
            }
            Some(read)
        });
        let Outcome { errors: wrong, printed, .. } = reading.finish();
        errors.extend(wrong);
        let is_whole = use_case.is_some();
        settings.use_cases.extend(use_case);
        settings.effective.files.push((path, printed));
        is_whole
    })
}

/// Models that use cases name and that are not there.
pub(in crate::config) fn check_models(settings: &Settings) -> Vec<ConfigError> {
    let known = |id: &ModelId| settings.models.iter().any(|model| model.id == *id);
    let mut errors = Vec::new();
    for UseCaseSettings { places, use_case, users_of, .. } in &settings.use_cases {
        let named = use_case.models.iter().map(|id| ("models", id));
        let named = named.chain(users_of.iter().map(|id| ("adoption.users_of", id)));
        for (key, id) in named.filter(|(_, id)| !known(id)) {
            let near = nearest(id.as_str(), settings.models.iter().map(|model| model.id.as_str()));
            let message = match near {
                Some(near) => format!("names `{id}`, which is no model; did you mean `{near}`?"),
                None => format!("names `{id}`, which is no model; no file has this id"),
            };
            errors.push(places.error(key, message));
        }
    }
    errors
}

/// North stars that are no KPI.
pub(in crate::config) fn check_north_stars(settings: &Settings, gathered: &Gathered) -> Vec<ConfigError> {
    let mut errors = Vec::new();
    for UseCaseSettings { places, use_case, .. } in &settings.use_cases {
        let Some(id) = use_case.north_star.as_ref().filter(|id| !gathered.has(id)) else { continue };
        let own = KpiId { use_case: Some(use_case.id.clone()), ..id.clone() };
        let near = gathered.nearest(&own).or_else(|| gathered.nearest(id));
        let message = match near {
            Some(near) => format!("names `{id}`, which is no KPI; did you mean `{near}`?"),
            None => format!("names `{id}`, which is no KPI; write it below [kpis.{}]", id.name),
        };
        errors.push(places.error("north_star", message));
    }
    errors
}
