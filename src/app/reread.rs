//! The config read again: what takes effect at once, and what waits for the next start.

use std::collections::{BTreeMap, BTreeSet};
use std::net::SocketAddr;
use std::path::PathBuf;
use std::sync::Arc;

use arc_swap::ArcSwap;

use super::assemble;
use crate::config::{self, Auth, Effective, Settings};
use crate::domain::ModelId;
use crate::kpi::{Catalogue, Definition};
use crate::pipeline::Reread;
use crate::web::{self, Tokens};

/// Looked at only while the config is read, so in effect with it.
const OF_READING: [&str; 3] = ["limits.models_max", "limits.use_cases_max", "limits.segment_attributes_max"];
/// Of incidents, notifications, retraining and KPIs: in effect with the reload.
const OF_THE_DESK: [&str; 9] = [
    "incidents.",
    "receivers.",
    "routes[",
    "targets.",
    "egress.",
    "server.external_url",
    "server.name",
    "kpis.",
    "portfolio.",
];
/// Where tokens come from: in effect at once where there were tokens before.
const OF_TOKENS: [&str; 2] = ["server.admin_token_file", "server.tokens_file"];

/// What the daemon was started with.
pub struct Started {
    /// `None`: the default place.
    pub config: Option<PathBuf>,
    /// As it was at the start.
    pub effective: Effective,
    pub last: Arc<ArcSwap<TakenUp>>,
    pub auth: web::Auth,
    pub address: SocketAddr,
}

/// What was taken up last, at the start or by a reload.
pub struct TakenUp {
    effective: Effective,
    kpis: Catalogue,
}

impl TakenUp {
    pub fn of(settings: &Settings) -> Self {
        Self { effective: settings.effective.clone(), kpis: settings.kpis.catalogue.clone() }
    }

    /// What holds with the reload and is no model of its own, in words.
    fn changes(&self, settings: &Settings) -> Vec<String> {
        let keys = self.effective.changed_keys(&settings.effective).into_iter();
        let mut changes: Vec<String> =
            keys.filter(|key| is_of_the_desk(key)).map(|key| changed(&key)).collect();
        changes.extend(self.effective.changed_use_cases(&settings.effective));
        let (before, after) = (of_models(&self.kpis), of_models(&settings.kpis.catalogue));
        let models: BTreeSet<&ModelId> = before.keys().chain(after.keys()).copied().collect();
        let differ = models.into_iter().filter(|model| before.get(*model) != after.get(*model));
        changes.extend(differ.map(|model| format!("changed KPIs of model {model}")));
        changes
    }
}

fn of_models(kpis: &Catalogue) -> BTreeMap<&ModelId, Vec<&Definition>> {
    let mut found: BTreeMap<&ModelId, Vec<&Definition>> = BTreeMap::new();
    for definition in kpis.definitions() {
        if let Some(model) = &definition.id.model {
            found.entry(model).or_default().push(definition);
        }
    }
    found
}

fn is_of_the_desk(key: &str) -> bool {
    OF_THE_DESK.iter().any(|prefix| key.starts_with(prefix))
}

fn changed(key: &str) -> String {
    match key {
        "kpis.zone" => {
            "changed kpis.zone; what KPIs counted before keeps its dates, cut by the old zone".to_owned()
        }
        _ => format!("changed {key}"),
    }
}

/// The tokens in use, and those that the config names now.
struct InTurn {
    current: Arc<ArcSwap<Tokens>>,
    next: Tokens,
}

impl Started {
    /// Reads the config again. Errors with all that is wrong with it.
    pub fn read_again(&self) -> Result<Reread, String> {
        let settings = config::load(self.config.as_deref()).map_err(|errors| errors.to_string())?;
        let models = assemble::models(&settings).map_err(|error| format!("{error:#}"))?;
        let tokens = self.new_tokens(&settings)?;
        let mut needs_restart = self.effective.changed_keys(&settings.effective);
        needs_restart.retain(|key| {
            let of_tokens = tokens.is_some() && OF_TOKENS.contains(&key.as_str());
            !of_tokens && !is_of_the_desk(key) && !OF_READING.contains(&key.as_str())
        });
        let mut changes = self.last.load().changes(&settings);
        let mut new_tokens = None;
        if let Some(InTurn { current, next }) = tokens
            && **current.load() != next
        {
            changes.push("changed tokens".to_owned());
            new_tokens = Some((current, next));
        }
        let (last, taken_up) = (self.last.clone(), TakenUp::of(&settings));
        let apply = Box::new(move || {
            last.store(Arc::new(taken_up));
            if let Some((current, next)) = new_tokens {
                current.store(Arc::new(next));
            }
        });
        let desk_rules = assemble::desk_rules(&settings, self.address);
        let directory = assemble::directory(&settings).map_err(|error| format!("{error:#}"))?;
        let targets = settings.targets.clone();
        let kpis = assemble::kpi_options(&settings);
        Ok(Reread { models, desk_rules, directory, targets, kpis, changes, apply, needs_restart })
    }

    /// Where there were and are tokens.
    fn new_tokens(&self, settings: &Settings) -> Result<Option<InTurn>, String> {
        match (&self.auth, settings.server.auth) {
            (web::Auth::Tokens(current), Auth::Tokens) => {
                let next = assemble::tokens(settings).map_err(|error| format!("{error:#}"))?;
                Ok(Some(InTurn { current: current.clone(), next }))
            }
            _ => Ok(None),
        }
    }
}
