//! From the checked config to what each layer is told.

use std::collections::BTreeMap;
use std::fs;
use std::net::SocketAddr;
use std::path::Path;
use std::sync::Arc;

use anyhow::{Context, bail};
use secrecy::ExposeSecret;
use sha2::{Digest, Sha256};

use super::fit::{Misfit, misfits, reference_key};
use super::profiles;
use crate::batch::SchemaColumn;
use crate::config::{Auth, ModelClock, ModelSettings, ReferenceSource, Settings};
use crate::domain::{ColumnId, IdKey, ModelId};
use crate::metrics::Metrics;
use crate::notification::{DeskRules, Links};
use crate::notify::{Directory, Egress, EgressOptions, Sender};
use crate::pipeline::{
    KpiOptions, LearnOptions, ModelOptions, NameLimits, PipelineOptions, ReferenceOptions, RowFeed,
    UserStream,
};
use crate::store::sqlite::SqliteOptions;
use crate::web::{self, Tokens, WebOptions};
use crate::window::ClockMode;

/// Counts that all models together may keep in memory.
const PANES_BYTES_MAX: usize = 128 << 20;
/// A model keeps this much, however many there are.
const PANES_BYTES_MIN: usize = 1 << 20;

/// Every model with its reference read; what does not fit it is logged. Errors name file, key and reference.
pub fn models(settings: &Settings) -> anyhow::Result<Vec<ModelOptions>> {
    let (models, findings) = assembled(settings);
    for hint in &findings.hints {
        tracing::info!("{hint}");
    }
    for misfit in &findings.misfits {
        tracing::warn!("{misfit}");
    }
    match findings.faults.is_empty() {
        true => Ok(models),
        false => bail!("{}", findings.faults.join("\n")),
    }
}

/// What is wrong with a config although it reads well, or could be better.
#[derive(Debug, Default)]
pub struct Findings {
    /// What keeps the daemon from running: references and tokens that cannot be used.
    pub faults: Vec<String>,
    /// Settings without effect: the reference does not have what they speak of.
    pub misfits: Vec<String>,
    /// What is meant, perhaps, and has a price.
    pub hints: Vec<String>,
}

/// The models whose references can be used, and what was found of all, tokens included.
pub fn examined(settings: &Settings) -> (Vec<ModelOptions>, Findings) {
    let (models, mut findings) = assembled(settings);
    findings.faults.extend(web_options(settings).err().map(|error| format!("{error:#}")));
    (models, findings)
}

fn assembled(settings: &Settings) -> (Vec<ModelOptions>, Findings) {
    let (mut models, mut findings) = (Vec::new(), Findings::default());
    for of in &settings.models {
        match model(of, values_max(settings)) {
            Ok(options) => {
                if let ReferenceOptions::Profile(profile) = &options.reference {
                    for misfit in misfits(of, profile) {
                        match misfit {
                            Misfit::Error(error) => findings.misfits.push(error.to_string()),
                            Misfit::Hint(hint) => findings.hints.push(hint.to_string()),
                        }
                    }
                }
                models.push(options);
            }
            Err(error) => {
                let fault = of.places.error(reference_key(of), format!("{error:#}"));
                findings.faults.push(fault.to_string());
            }
        }
    }
    (models, findings)
}

fn values_max(settings: &Settings) -> usize {
    whole(settings.limits.segment_values_max)
}

fn model(
    settings: &ModelSettings,
    segment_values_max: usize,
) -> Result<ModelOptions, profiles::ProfileError> {
    let reference = match &settings.reference {
        ReferenceSource::Profile(path) => {
            ReferenceOptions::Profile(Box::new(profiles::read(path, &settings.id, segment_values_max)?))
        }
        ReferenceSource::Data(path) => {
            ReferenceOptions::Profile(Box::new(profiles::of_data(path, settings, segment_values_max)?))
        }
        ReferenceSource::Learn { from, length } => {
            let values_max = LearnOptions::VALUES_MAX;
            ReferenceOptions::Learn(LearnOptions { from: *from, length: *length, values_max })
        }
    };
    let declared = settings.features.iter().filter_map(|(name, feature)| {
        Some(SchemaColumn { id: ColumnId::feature(name.as_str()), kind: feature.kind? })
    });
    let trained = settings.versions.iter();
    let trained = trained.filter_map(|(version, known)| Some((version.clone(), known.trained_at?)));
    let sensitive = settings.features.iter().filter(|(_, feature)| feature.sensitive);
    Ok(ModelOptions {
        id: settings.id.clone(),
        task: settings.task,
        positive_class: settings.positive_class.as_deref().map(Box::from),
        classes: settings.classes.iter().map(|class| class.as_str().into()).collect(),
        declared: declared.collect(),
        ignored: settings.ignored.clone(),
        sensitive: sensitive.map(|(name, _)| ColumnId::feature(name.as_str())).collect(),
        segments: settings.segments.attributes.iter().map(|name| name.as_str().into()).collect(),
        full_grid: settings.segments.full_grid,
        clock: match settings.clock {
            ModelClock::Live => ClockMode::Live,
            ModelClock::Replay => ClockMode::Replay,
        },
        idle_timeout: settings.idle_timeout,
        tags: settings.tags.clone(),
        plan: settings.plan.clone(),
        reference,
        label_ttl: settings.label_ttl,
        trained_at: trained.collect(),
        retraining: settings.retraining.clone(),
        maintenance: settings.maintenance.clone(),
    })
}

/// What incidents and their notifications go by. `address`: where the daemon listens, the port that was chosen.
pub fn desk_rules(settings: &Settings, address: SocketAddr) -> DeskRules {
    let external_url = settings.server.external_url.clone().unwrap_or_else(|| format!("http://{address}"));
    DeskRules {
        policy: settings.incidents.clone(),
        routing: settings.routing.clone(),
        links: Links { external_url },
    }
}

/// Who is told, and by what way, within the bounds of `[egress]`.
pub fn directory(settings: &Settings) -> anyhow::Result<Directory> {
    let egress = Egress::new(EgressOptions { allow: settings.egress.allow.clone() });
    Ok(Directory {
        receivers: settings.receivers.clone(),
        sender: Sender::new(egress, settings.egress.timeout).context("no HTTP client can be made")?,
        installation: settings.server.name.clone(),
    })
}

/// KPIs, use cases and the portfolio.
pub fn kpi_options(settings: &Settings) -> KpiOptions {
    let kpis = &settings.kpis;
    KpiOptions {
        catalogue: kpis.catalogue.clone(),
        clock: kpis.clock,
        retention: kpis.retention,
        segment_values_max: whole(kpis.segment_values_max),
        series_max: whole(kpis.series_max),
        currency: kpis.currency.to_string(),
        feeds: feeds(settings),
        use_cases: settings.use_cases.iter().map(|of| of.use_case.clone()).collect(),
        portfolio: settings.portfolio.clone(),
    }
}

/// What the rows of each model say of KPIs; of a model whose rows say nothing there is none.
fn feeds(settings: &Settings) -> BTreeMap<ModelId, RowFeed> {
    let feed = |model: &ModelSettings| {
        let users = settings.use_cases.iter().filter(|of| of.users_of.contains(&model.id)).map(|of| {
            let stream = of.users_stream();
            let by = settings.kpis.catalogue.streams().get(&stream).and_then(|stream| stream.by.clone());
            UserStream { stream, by }
        });
        let technical = (!model.technical.is_empty()).then(|| model.id.clone());
        let feed = RowFeed { technical, users: users.collect() };
        (feed != RowFeed::default()).then(|| (model.id.clone(), feed))
    };
    settings.models.iter().filter_map(feed).collect()
}

pub fn pipeline_options(settings: &Settings, id_key: IdKey) -> PipelineOptions {
    let (ingest, storage, limits) = (&settings.ingest, &settings.storage, &settings.limits);
    PipelineOptions {
        queue_bytes_max: whole(ingest.queue_bytes_max),
        commit_bytes: whole(ingest.commit_bytes),
        row_bytes_max: whole(ingest.row_bytes_max),
        rows_max: whole(ingest.rows_max),
        too_far_ahead: ingest.too_far_ahead,
        fold_every: storage.fold_every,
        fold_bytes: whole(storage.fold_bytes),
        keep_panes: storage.retention.hourly,
        keep_days: storage.retention.daily,
        idempotency_ttl: ingest.idempotency_ttl,
        panes_bytes_max: (PANES_BYTES_MAX / settings.models.len().max(1)).max(PANES_BYTES_MIN),
        columns_max: whole(limits.columns_max),
        join_slots_max: PipelineOptions::JOIN_SLOTS_MAX,
        id_key,
        names: NameLimits {
            versions_max: whole(limits.versions_max),
            segment_values_max: whole(limits.segment_values_max),
        },
    }
}

pub fn store_options(settings: &Settings, metrics: &Metrics) -> SqliteOptions {
    SqliteOptions {
        jobs: Some(Arc::new(metrics.daemon().store_jobs.clone())),
        reserve_bytes: settings.storage.reserve_bytes,
        keys_max: whole(settings.ingest.idempotency_keys_max),
        key_ttl: settings.ingest.idempotency_ttl,
        ..SqliteOptions::default()
    }
}

/// The limits of the face, and who may come in. Errors name the tokens file and its lines.
pub fn web_options(settings: &Settings) -> anyhow::Result<WebOptions> {
    let (server, ingest) = (&settings.server, &settings.ingest);
    let auth = match (server.auth, server.listen.ip().is_loopback()) {
        (Auth::Tokens, _) => web::Auth::tokens(tokens(settings)?),
        (Auth::None, true) => web::Auth::Loopback,
        (Auth::None, false) => web::Auth::None,
    };
    let unpacked_bytes_max = whole(ingest.decompressed_bytes_max);
    let body_bytes_max = whole(ingest.body_bytes_max);
    let defaults = WebOptions::default();
    Ok(WebOptions {
        auth,
        hosts: server.allowed_hosts.clone(),
        connections_max: whole(server.connections_max),
        header_timeout: server.idle_timeout,
        body_timeout: server.request_timeout,
        answer_timeout: server.request_timeout,
        body_bytes_max,
        unpacked_bytes_max,
        in_flight_bytes_max: defaults.in_flight_bytes_max.max(2 * (body_bytes_max + unpacked_bytes_max)),
        ..defaults
    })
}

/// The tokens of the file and of the config. Errors name the file and its lines.
pub fn tokens(settings: &Settings) -> anyhow::Result<Tokens> {
    let mut text = String::new();
    if let Some(path) = &settings.server.tokens_file {
        text = read(path)?;
    }
    if let Some(token) = &settings.server.admin_token {
        let hash = Sha256::digest(token.expose_secret().as_bytes());
        let hex: String = hash.iter().map(|byte| format!("{byte:02x}")).collect();
        text.push_str(&format!("\nadmin admin_token {hex}\n"));
    }
    let source = settings.server.tokens_file.as_deref().unwrap_or(Path::new("admin_token"));
    match Tokens::parse(&text) {
        Ok(tokens) => Ok(tokens),
        Err(errors) => bail!("{}: {errors}", source.display()),
    }
}

fn read(path: &Path) -> anyhow::Result<String> {
    fs::read_to_string(path).with_context(|| format!("cannot read {}", path.display()))
}

fn whole(number: u64) -> usize {
    usize::try_from(number).unwrap_or(usize::MAX)
}
