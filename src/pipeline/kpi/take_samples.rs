//! The way of a body of samples: decode, count, commit, answer.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use arc_swap::ArcSwap;

use super::book::{SharedBook, Stored};
use super::options::KpiOptions;
use crate::domain::{IdHasher, Segment, Timestamp};
use crate::ingest::decode::{Admission, DecodedKpis, KpiDecoder};
use crate::kpi::KpiId;
use crate::pipeline::answer::{answer, of_body, settle};
use crate::pipeline::commit::Admitted;
use crate::pipeline::take_in::{Intake, LONG_BODY_BYTES, body_hash};
use crate::store::{Guard, KpiDelta, Store, StoreError, Unit};
use crate::web::answer::IngestAnswer;
use crate::web::{IngestError, SamplesRequest};
use crate::window::ClockMode;

/// What bodies of samples go by.
pub struct Sampling {
    pub options: Arc<ArcSwap<KpiOptions>>,
    pub book: Arc<SharedBook>,
    pub users: IdHasher,
    /// Held in common while samples are on their way; alone while the config is read again.
    pub gate: tokio::sync::RwLock<()>,
}

impl Sampling {
    /// Reads what other options need; no body is on its way until they are taken up or let go.
    pub async fn prepare(&self, store: &impl Store, options: KpiOptions) -> Result<Prepared<'_>, StoreError> {
        let alone = self.gate.write().await;
        let same = self.options.load().catalogue == options.catalogue;
        let stored = if same { None } else { Some(Stored::read(store, &options).await?) };
        Ok(Prepared { sampling: self, options, stored, _alone: alone })
    }

    /// Counts of panes that begin before have passed their retention: as of the newest sample, so that a replay of old
    /// ones is not dropped as it comes in. Before a replay's first sample nothing has.
    pub fn kept_from(&self, now: Timestamp) -> Timestamp {
        let options = self.options.load();
        let newest = match (self.book.newest(), options.clock) {
            (Some(newest), _) => newest.min(now),
            (None, ClockMode::Live) => now,
            (None, ClockMode::Replay) => return Timestamp::MIN,
        };
        newest.saturating_sub(options.retention)
    }
}

/// Other options, with what the store has for them.
#[must_use]
pub struct Prepared<'a> {
    sampling: &'a Sampling,
    options: KpiOptions,
    /// None: what is there fits.
    stored: Option<Stored>,
    _alone: tokio::sync::RwLockWriteGuard<'a, ()>,
}

impl Prepared<'_> {
    /// Goes by them from now on.
    pub fn take_up(self) {
        if let Some(stored) = self.stored {
            self.sampling.book.replace(stored);
        }
        self.sampling.options.store(Arc::new(self.options));
    }
}

impl Intake {
    /// Counts a body of samples for which the queue has room. Runs to its end even if the sender hangs up: spawn it.
    pub async fn take_samples(
        &self,
        sampling: &Sampling,
        request: SamplesRequest,
        admitted: Admitted,
    ) -> Result<IngestAnswer, IngestError> {
        let _same_streams_until_committed = sampling.gate.read().await;
        let options = sampling.options.load_full();
        let decoded = match request.body.len() {
            0..LONG_BODY_BYTES => self.decode_samples(sampling, &options, &request),
            _ => tokio::task::block_in_place(|| self.decode_samples(sampling, &options, &request)),
        }?;
        let counts = self.metrics.kpis();
        let answered = answer(decoded.accepted, 0, &decoded.rejections);
        if answered.accepted == 0 && answered.rejected > 0 {
            counts.rejected.inc_by(answered.rejected);
            return Err(IngestError::AllRejected(answered));
        }
        let counted = decoded.counts.into_iter();
        let deltas = counted.map(|(key, state, newest)| KpiDelta { key, newest, state }).collect();
        let unit = Unit {
            guard: guard(&request),
            deltas: Vec::new(),
            halves: Vec::new(),
            kpis: within_segments_max(sampling, &options, deltas),
            newest: Default::default(),
            answer: serde_json::to_vec(&answered).unwrap_or_default(),
        };
        let settled = settle(self.queue.commit(unit, admitted).await, answered);
        if let Ok(answer) = &settled {
            let counter = if answer.duplicate { &counts.duplicate } else { &counts.accepted };
            counter.inc_by(answer.accepted);
            counts.rejected.inc_by(answer.rejected);
        }
        settled
    }

    fn decode_samples(
        &self,
        sampling: &Sampling,
        options: &KpiOptions,
        request: &SamplesRequest,
    ) -> Result<DecodedKpis, IngestError> {
        let now = self.clock.now();
        let latest = now.saturating_add(self.options.too_far_ahead);
        let admission = Admission { arrival: now, latest, oldest: sampling.kept_from(now) };
        let decoder = KpiDecoder::new(&options.catalogue, sampling.users.clone());
        let (format, limits) = self.reading(request.format);
        decoder.decode(&request.body, format, &admission, &limits).map_err(of_body)
    }
}

/// Values of an attribute past the limit are counted as one.
pub fn within_segments_max(
    sampling: &Sampling,
    options: &KpiOptions,
    deltas: Vec<KpiDelta>,
) -> Vec<KpiDelta> {
    let mut named: BTreeMap<KpiId, BTreeSet<Segment>> = BTreeMap::new();
    let counted = deltas.into_iter().map(|mut delta| {
        if let Segment::Slice { attribute, .. } = &delta.key.segment {
            let stream = &delta.key.stream;
            let known = named.entry(stream.clone()).or_insert_with(|| sampling.book.segments(stream));
            match known.contains(&delta.key.segment) || known.len() < options.segment_values_max {
                true => drop(known.insert(delta.key.segment.clone())),
                false => {
                    let (attribute, value) = (attribute.clone(), Segment::OTHER.into());
                    delta.key.segment = Segment::Slice { attribute, value };
                }
            }
        }
        delta
    });
    counted.collect()
}

fn guard(request: &SamplesRequest) -> Guard {
    match &request.key {
        None => Guard::None,
        Some(key) => Guard::Key {
            model: None,
            endpoint: "kpis",
            key: key.clone(),
            body_hash: body_hash(&request.body),
        },
    }
}
