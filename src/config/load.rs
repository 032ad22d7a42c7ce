//! Finds and reads the files.

use std::collections::{BTreeMap, BTreeSet};
use std::ffi::OsString;
use std::path::{Path, PathBuf};

use super::directory::{FilesMax, Owners, read_each, unreadable};
use super::document::Document;
use super::egress::EgressSettings;
use super::error::{ConfigError, ConfigErrors, Origin};
use super::ingest::IngestSettings;
use super::kpi::{Gathered, Placed};
use super::limits::LimitSettings;
use super::model::{Bounds, ModelSettings};
use super::place::Places;
use super::server::ServerSettings;
use super::storage::StorageSettings;
use super::table::{Outcome, Reading, Table};
use super::telemetry::TelemetrySettings;
use super::{Settings, document, incidents, kpi, portfolio, receiver, routes, targets, use_case};
use crate::notification::Routing;
use crate::retraining::TargetName;

/// Read where no file is named; it may be missing, then defaults hold.
pub const DEFAULT_PATH: &str = "config/driftd.toml";

/// The config that holds, as TOML a file; secrets stand in comments, redacted.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Effective {
    /// Each file's path and text: the main file, the models, the use cases.
    pub files: Vec<(PathBuf, String)>,
    /// Every key that the main file may have, by path.
    pub keys: BTreeSet<String>,
    /// The value of each key of the main file, by path; without secrets.
    pub values: BTreeMap<String, String>,
}

impl Effective {
    /// The files of use cases that were added, changed or removed, in words.
    pub fn changed_use_cases(&self, other: &Self) -> Vec<String> {
        let of = |effective: &Self| -> BTreeMap<PathBuf, String> {
            let is_use_case =
                |path: &Path| path.parent().and_then(Path::file_name).is_some_and(|name| name == "use_cases");
            effective.files.iter().filter(|(path, _)| is_use_case(path)).cloned().collect()
        };
        let (before, after) = (of(self), of(other));
        let all: BTreeSet<&PathBuf> = before.keys().chain(after.keys()).collect();
        let change = |path: &PathBuf| {
            let verb = match (before.get(path), after.get(path)) {
                (Some(before), Some(after)) if before == after => return None,
                (Some(_), Some(_)) => "changed",
                (None, _) => "added",
                (_, None) => "removed",
            };
            let name = path.file_name().unwrap_or_default().display();
            Some(format!("{verb} use_cases/{name}"))
        };
        all.into_iter().filter_map(change).collect()
    }

    /// The keys of the main file whose values differ, in order.
    pub fn changed_keys(&self, other: &Self) -> Vec<String> {
        let all: BTreeSet<&String> = self.values.keys().chain(other.values.keys()).collect();
        all.into_iter().filter(|key| self.values.get(*key) != other.values.get(*key)).cloned().collect()
    }
}

/// Reads the config at `path`, or at [`DEFAULT_PATH`] if there is one, with this process's variables over it.
pub fn load(path: Option<&Path>) -> Result<Settings, ConfigErrors> {
    load_with(path, std::env::vars_os())
}

/// As [`load`] with the variables given.
pub fn load_with(
    path: Option<&Path>,
    variables: impl IntoIterator<Item = (OsString, OsString)>,
) -> Result<Settings, ConfigErrors> {
    let mut errors = Vec::new();
    let main_path = path.unwrap_or(Path::new(DEFAULT_PATH));
    let text = match std::fs::read_to_string(main_path) {
        Ok(text) => text,
        Err(error) if path.is_none() && error.kind() == std::io::ErrorKind::NotFound => String::new(),
        Err(error) => {
            errors.push(unreadable(main_path, &error));
            String::new()
        }
    };
    let variables = text_variables(variables, &mut errors);
    let mut main_is_read = true;
    let document = Document::with_variables(main_path, &text, &variables).or_else(|syntax| {
        // The models are read all the same, so that their errors show too.
        main_is_read = false;
        errors.extend(syntax);
        Document::parse(main_path, "")
    });
    let document = document.map_err(super::error::ConfigErrors::of)?;
    let reading = Reading::of(&document);
    let Main { mut settings, targets, mut gathered } =
        reading.root(|table| read_main(table, document.places()));
    let Outcome { errors: wrong, printed, keys, values } = reading.finish();
    errors.extend(wrong);
    settings.effective = Effective { files: vec![(main_path.to_owned(), printed)], keys, values };

    let beside = main_path.parent().unwrap_or(Path::new(""));
    let models_whole = read_models(
        &beside.join("models"),
        main_is_read.then_some(&targets),
        &mut settings,
        &mut gathered,
        &mut errors,
    );
    let use_cases = beside.join("use_cases");
    let use_cases_whole = use_case::read_all(&use_cases, &mut settings, &mut gathered, &mut errors);
    // What a file that could not be read has is not known.
    if models_whole {
        errors.extend(use_case::check_models(&settings));
    }
    if use_cases_whole {
        errors.extend(portfolio::check(&settings.portfolio, &settings.use_cases, document.places()));
    }
    if models_whole && use_cases_whole && errors.is_empty() {
        errors.extend(use_case::check_north_stars(&settings, &gathered));
        match gathered.catalogue(document.places(), &settings.kpis) {
            Ok(catalogue) => settings.kpis.catalogue = catalogue,
            Err(wrong) => errors.extend(wrong),
        }
    }
    ConfigErrors::unless_empty(errors).map(|()| settings)
}

/// What the main file says.
struct Main {
    settings: Settings,
    /// The names of its targets, whole or not.
    targets: BTreeSet<TargetName>,
    gathered: Gathered,
}

fn read_main(table: &Table<'_>, places: &Places) -> Main {
    let server = table.section("server", ServerSettings::read);
    let storage = table.section("storage", StorageSettings::read);
    let ingest = table.section("ingest", IngestSettings::read);
    let limits = table.section("limits", LimitSettings::read);
    let telemetry = table.section("telemetry", TelemetrySettings::read);
    let incidents = table.section("incidents", incidents::read);
    let egress = table.section("egress", EgressSettings::read);
    let (receivers, names) = receiver::read(table);
    let routing = Routing { routes: routes::read(table, &names), receivers: names };
    let (targets, target_names) = targets::read(table);
    let (kpis, gathered) = table.section("kpis", |table| kpi::read(table, places));
    let portfolio = table.section("portfolio", portfolio::read);
    let (models, use_cases, effective) = (Vec::new(), Vec::new(), Effective::default());
    let settings = Settings {
        server,
        storage,
        ingest,
        limits,
        telemetry,
        incidents,
        egress,
        receivers,
        routing,
        targets,
        models,
        kpis,
        use_cases,
        portfolio,
        effective,
    };
    Main { settings, targets: target_names, gathered }
}

/// Whether every model could be read.
fn read_models(
    directory: &Path,
    targets: Option<&BTreeSet<TargetName>>,
    settings: &mut Settings,
    gathered: &mut Gathered,
    errors: &mut Vec<ConfigError>,
) -> bool {
    let most = settings.limits.models_max;
    let max = FilesMax { most, of: "models", key: "limits.models_max" };
    let mut owners = Owners::new();
    read_each(directory, max, errors, |path, document, errors| {
        let bounds = Bounds {
            limits: &settings.limits,
            retention: &settings.storage.retention,
            targets,
            currency: &settings.kpis.currency,
        };
        let reading = Reading::of(document);
        let model = reading.root(|table| {
            let model = ModelSettings::read(table, document.places(), &bounds)?;
            if owners.claim(&model.id, &path, table) {
                let file = gathered.file(document.places());
                let technical = model.technical.iter().cloned();
                gathered.add(file, technical.map(|definition| Placed::below("kpis.bounds", definition)));
            }
            Some(model)
        });
        let Outcome { errors: wrong, printed, .. } = reading.finish();
        errors.extend(wrong);
        let is_whole = model.is_some();
        settings.models.extend(model);
        settings.effective.files.push((path, printed));
        is_whole
    })
}

/// Variables that are text, sorted by name; of ours, one that is not text is an error.
fn text_variables(
    variables: impl IntoIterator<Item = (OsString, OsString)>,
    errors: &mut Vec<ConfigError>,
) -> Vec<(String, String)> {
    let mut sorted = BTreeMap::new();
    for (name, value) in variables {
        let Ok(name) = name.into_string() else { continue };
        if !document::is_override(&name) {
            continue;
        }
        match value.into_string() {
            Ok(value) => {
                sorted.insert(name, value);
            }
            Err(_) => errors.push(ConfigError {
                origin: Origin::Variable(name),
                key: String::new(),
                value: None,
                message: "is no UTF-8; write plain text".to_owned(),
            }),
        }
    }
    sorted.into_iter().collect()
}
