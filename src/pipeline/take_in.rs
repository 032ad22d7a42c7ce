//! The way of one body: decode, count, commit, answer.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex};

use sha2::{Digest, Sha256};

use super::answer::{answer, of_body, settle, unavailable_ingest};
use super::commit::{Admitted, Queue};
use super::frozen::{Frozen, schema};
use super::kpi::{RowFeed, Sampling, kpis_of, within_segments_max};
use super::learning::Learning;
use super::model::Model;
use super::options::PipelineOptions;
use super::outcomes::{OutcomeRows, Strange};
use super::{halves, learn, meter};
use crate::batch::{Batch, Part, Rulers, Schema, count, partition};
use crate::clock::Clock;
use crate::domain::{Segment, Timestamp};
use crate::ingest::decode::{Admission, DecodeLimits, Decoded, Decoder, Format};
use crate::ingest::discover::discover;
use crate::metrics::Metrics;
use crate::reference::Learnt;
use crate::sketch::{Integers, Shape};
use crate::store::{Delta, DeltaKey, Guard, KpiDelta, Unit, UnitHalves};
use crate::web::answer::IngestAnswer;
use crate::web::{BodyFormat, IngestError, IngestRequest, RowContent};

/// Bodies from here on are decoded where other tasks of the thread are moved away first.
pub const LONG_BODY_BYTES: usize = 1 << 20;
/// When a body that met a reload is welcome again.
pub const RETRY: std::time::Duration = std::time::Duration::from_secs(1);
/// JSON nests no deeper in a row.
const DEPTH_MAX: usize = 16;
/// Decoders kept for reuse: as many as can be at work at once, about.
const DECODERS_KEPT: usize = 16;

/// What every body needs on its way.
pub struct Intake {
    pub queue: Queue,
    pub clock: Arc<dyn Clock>,
    pub options: PipelineOptions,
    pub metrics: Arc<Metrics>,
    pub sampling: Arc<Sampling>,
    /// Idle decoders with what each was made for.
    decoders: Mutex<Vec<(MadeFor, Decoder)>>,
}

/// What tells decoders apart.
#[derive(Clone)]
struct MadeFor {
    schema: Arc<Schema>,
    reads_operations: bool,
}

impl MadeFor {
    fn fits(&self, other: &Self) -> bool {
        Arc::ptr_eq(&self.schema, &other.schema) && self.reads_operations == other.reads_operations
    }
}

/// A counted body, not yet durable.
struct Counted {
    deltas: Vec<(DeltaKey, Delta)>,
    halves: Vec<UnitHalves>,
    kpis: Vec<KpiDelta>,
    /// Rows that are neither learnt nor counted: they lie outside of the period that is learnt.
    outside: u64,
    newest: Option<Timestamp>,
    strange: Strange,
    answer: IngestAnswer,
}

impl Intake {
    pub fn new(
        queue: Queue,
        clock: Arc<dyn Clock>,
        options: PipelineOptions,
        metrics: Arc<Metrics>,
        sampling: Arc<Sampling>,
    ) -> Self {
        Self { queue, clock, options, metrics, sampling, decoders: Mutex::new(Vec::new()) }
    }

    /// Counts a body for which the queue has room. Runs to its end even if the sender hangs up: spawn it.
    pub async fn take_in(
        &self,
        model: &Model,
        request: IngestRequest,
        admitted: Admitted,
    ) -> Result<IngestAnswer, IngestError> {
        let _same_ruler_until_committed = model.gate.read().await;
        let _same_streams_until_committed = self.sampling.gate.read().await;
        if model.is_retired() {
            return Err(unavailable_ingest("the config was read again just now; send the body again", RETRY));
        }
        let counted = match request.body.len() {
            0..LONG_BODY_BYTES => self.count(model, &request),
            _ => tokio::task::block_in_place(|| self.count(model, &request)),
        }?;
        if counted.answer.accepted == 0 && counted.answer.rejected > 0 {
            let refused = Err(IngestError::AllRejected(counted.answer));
            meter::answered(&model.metrics, &request.source, &refused);
            return refused;
        }
        let id = &model.options.id;
        let newest = counted.newest.map(|at| ((id.clone(), String::from(&*request.source)), at));
        let unit = Unit {
            guard: guard(model, &request),
            deltas: counted.deltas,
            halves: counted.halves,
            kpis: counted.kpis,
            newest: newest.into_iter().collect(),
            answer: serde_json::to_vec(&counted.answer).unwrap_or_default(),
        };
        let rows = counted.answer.accepted as i64;
        self.metrics.daemon().queue_rows.inc_by(rows);
        let outcome = self.queue.commit(unit, admitted).await;
        self.metrics.daemon().queue_rows.dec_by(rows);
        let settled = settle(outcome, counted.answer);
        if settled.as_ref().is_ok_and(|answer| !answer.duplicate) {
            model.metrics.rows_outside.inc_by(counted.outside);
            meter::strange(&model.metrics, counted.strange);
        }
        meter::answered(&model.metrics, &request.source, &settled);
        settled
    }

    /// Decodes and counts; nothing is shared with other bodies yet but the names that registered.
    fn count(&self, model: &Model, request: &IngestRequest) -> Result<Counted, IngestError> {
        let now = self.clock.now();
        let kpi_options = self.sampling.options.load_full();
        let feed = kpi_options.feeds.get(&model.options.id);
        let frozen = model.frozen();
        let schema = match &frozen {
            Some(frozen) => frozen.schema.clone(),
            None => self.learning_schema(model, &request.body),
        };
        let admission = self.admission(model, now);
        let mut decoded = self.decode(model, (&schema, feed), request, &admission).map_err(of_body)?;
        // A body that brings the newest event itself is held to that: one stray row of 1970 beside it is too old.
        let newest = decoded.batch.ts.iter().max().copied();
        let oldest = newest.map_or(Timestamp::MIN, |at| at.saturating_sub(self.options.keep_panes));
        if decoded.batch.ts.iter().any(|at| *at < oldest) {
            let admission = Admission { oldest: oldest.max(admission.oldest), ..admission };
            decoded = self.decode(model, (&schema, feed), request, &admission).map_err(of_body)?;
        }
        let late = self.note(model, &decoded, &request.source, now);
        let Decoded { batch, rejections, .. } = decoded;
        let rows = frozen.as_ref().and_then(|frozen| OutcomeRows::of(frozen, &batch));
        let (deltas, halves, outside) = match &frozen {
            Some(frozen) => {
                let (deltas, halves) = self.counts(model, frozen, &batch, rows.as_ref());
                (deltas, halves, 0)
            }
            None => {
                let (deltas, outside) = self.learn(model, &batch, &schema);
                (deltas, Vec::new(), outside)
            }
        };
        let kpis = feed.map(|feed| kpis_of(&batch, &schema, feed, &kpi_options.catalogue));
        let kpis = kpis.map(|kpis| within_segments_max(&self.sampling, &kpi_options, kpis));
        let newest = batch.ts.iter().max().copied();
        Ok(Counted {
            kpis: kpis.unwrap_or_default(),
            deltas,
            halves,
            outside,
            newest,
            strange: rows.map(|rows| rows.strange(&batch)).unwrap_or_default(),
            answer: answer(batch.rows() as u64, late, &rejections),
        })
    }

    fn decode(
        &self,
        model: &Model,
        (schema, feed): (&Arc<Schema>, Option<&RowFeed>),
        request: &IngestRequest,
        admission: &Admission,
    ) -> Result<Decoded, crate::ingest::decode::BodyError> {
        let wanted = MadeFor { schema: schema.clone(), reads_operations: feed.is_some() };
        let kept = self.decoders.lock().ok().and_then(|mut kept| {
            let fits = kept.iter().position(|(made_for, _)| made_for.fits(&wanted));
            fits.map(|at| kept.swap_remove(at).1)
        });
        let mut decoder = kept.unwrap_or_else(|| {
            let decoder = Decoder::with_ids(schema, model.ids.clone());
            match wanted.reads_operations {
                true => decoder.with_operations(self.sampling.users.clone()),
                false => decoder,
            }
        });
        let (format, limits) = self.reading(request.format);
        let decoded = decoder.decode(&request.body, format, admission, &limits);
        if let Ok(mut kept) = self.decoders.lock() {
            kept.truncate(DECODERS_KEPT - 1);
            kept.push((wanted, decoder));
        }
        decoded
    }

    /// How a body is read, and how much it may hold.
    pub fn reading(&self, format: BodyFormat) -> (Format, DecodeLimits) {
        let limits = DecodeLimits {
            row_bytes_max: self.options.row_bytes_max,
            rows_max: self.options.rows_max,
            depth_max: DEPTH_MAX,
        };
        let format = match format {
            BodyFormat::Ndjson => Format::Ndjson,
            BodyFormat::JsonArray => Format::JsonArray,
        };
        (format, limits)
    }

    /// Which event times are taken: up to a little ahead of the clock, back to what is kept of the newest event.
    fn admission(&self, model: &Model, now: Timestamp) -> Admission {
        let latest = now.saturating_add(self.options.too_far_ahead);
        let newest = model.live().watermark.newest();
        let oldest = newest.map_or(Timestamp::MIN, |at| at.saturating_sub(self.options.keep_panes));
        Admission { arrival: now, latest, oldest }
    }

    /// Books what the decoder found wrong, and says how many rows came after their pane had closed.
    fn note(&self, model: &Model, decoded: &Decoded, source: &str, now: Timestamp) -> u64 {
        let mut live = model.live();
        if decoded.rejections.total() > 0 {
            live.rejections.add(now, source, &decoded.rejections);
        }
        let closed_to = closed_to(model, &live.watermark);
        drop(live);
        meter::decoded(&model.metrics, decoded);
        let pane = model.options.plan.pane();
        match closed_to {
            Some(closed_to) => {
                let late = |ts: &&Timestamp| pane.pane_of(**ts).end() <= closed_to;
                decoded.batch.ts.iter().filter(late).count() as u64
            }
            None => 0,
        }
    }

    /// What is counted of a batch, and what of it is to be joined.
    fn counts(
        &self,
        model: &Model,
        frozen: &Frozen,
        batch: &Batch,
        rows: Option<&OutcomeRows<'_>>,
    ) -> (Vec<(DeltaKey, Delta)>, Vec<UnitHalves>) {
        let parts = self.parts(model, batch, &frozen.schema);
        let rulers = Rulers { all: &frozen.ruler, segments: &frozen.segment_ruler };
        let outcomes = |part: &Part| match rows {
            Some(rows) => rows.count(batch, part),
            None => Integers::zero(Shape::default()),
        };
        let tallies = count(batch, &frozen.schema, rulers, &parts, outcomes, |part, column, counts| {
            if part.segment == Segment::All {
                meter::counted(&model.metrics, column, counts);
            }
        });
        let pane = model.options.plan.pane();
        let halves = rows.map(|rows| halves::of_batch(frozen, pane, batch, rows, &parts));
        let halves = halves.map_or_else(Vec::new, |halves| halves::unit(&model.options.id, &halves));
        let deltas = tallies.into_iter().map(Delta::Counts);
        (parts.into_iter().map(|part| key_of(model, part)).zip(deltas).collect(), halves)
    }

    /// What is learnt of a batch, and how many of its rows are not.
    fn learn(&self, model: &Model, batch: &Batch, schema: &Schema) -> (Vec<(DeltaKey, Delta)>, u64) {
        let parts = self.parts(model, batch, schema);
        let live = model.live();
        let Some(plan) = learn::plan(model, &live) else { return (Vec::new(), 0) };
        let level = live.learning.level();
        let (kept, outside): (Vec<_>, Vec<_>) =
            parts.into_iter().partition(|part| live.learning.keeps(&plan, part.pane.start));
        drop(live);
        let learnt = kept.into_iter().map(|part| {
            let values = Learnt::of(batch, schema, &part).thinned(level);
            (key_of(model, part), Delta::Learning(values.encode()))
        });
        let whole = outside.iter().filter(|part| part.segment == Segment::All);
        (learnt.collect(), whole.map(|part| part.rows.count(batch.rows()) as u64).sum())
    }

    /// The rows of a batch by version, segment and pane.
    fn parts(&self, model: &Model, batch: &Batch, schema: &Schema) -> Vec<Part> {
        let mut live = model.live();
        let mut naming = live.registered.under(self.options.names);
        partition(batch, schema, model.options.plan.pane(), &mut naming)
    }

    /// The schema while learning: what the config declares, and what rows have shown so far.
    fn learning_schema(&self, model: &Model, body: &[u8]) -> Arc<Schema> {
        let known = model.live().learning.schema.clone();
        let found = discover(body, model.options.task);
        let mut live = model.live();
        let Learning { columns, schema: current, .. } = &mut live.learning;
        let mut grown = false;
        for column in found {
            if columns.len() < self.options.columns_max && !columns.contains_key(&column.id) {
                columns.insert(column.id.clone(), column);
                grown = true;
            }
        }
        match known {
            Some(known) if !grown => known,
            _ => {
                let made = Arc::new(schema(&model.options, columns.values().cloned().collect()));
                *current = Some(made.clone());
                made
            }
        }
    }
}

/// Panes that end at or before this are closed for the most patient window.
fn closed_to(model: &Model, watermark: &crate::window::Watermark) -> Option<Timestamp> {
    let lateness = model.options.plan.windows.iter().map(|window| window.lateness).max()?;
    watermark.at(lateness)
}

fn key_of(model: &Model, part: Part) -> DeltaKey {
    DeltaKey {
        model: model.options.id.clone(),
        version: part.version,
        segment: part.segment,
        pane: part.pane,
    }
}

pub fn guard(model: &Model, request: &IngestRequest) -> Guard {
    match &request.key {
        None => Guard::None,
        Some(key) => Guard::Key {
            model: Some(model.options.id.clone()),
            endpoint: match request.content {
                RowContent::Predictions => "predictions",
                RowContent::Labels => "labels",
            },
            key: key.clone(),
            body_hash: body_hash(&request.body),
        },
    }
}

/// What tells whether a key came with the same body again.
pub fn body_hash(body: &[u8]) -> [u8; 16] {
    let mut hash = [0; 16];
    hash.copy_from_slice(&Sha256::digest(body)[..16]);
    hash
}

/// The models by id, as they are looked up for each request.
pub type Models = BTreeMap<crate::domain::ModelId, Arc<Model>>;
