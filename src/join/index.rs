//! The memory index that predictions and labels meet in.

use std::num::NonZeroUsize;
use std::sync::Arc;
use std::time::Duration;

use hashbrown::HashMap;

use super::change::{Change, JoinCounts, Sign};
use super::contexts::{Contexts, OriginId};
use super::ending::SWEPT_AT_ONCE;
use super::facts::Spill;
use super::half::{Halves, Label, LabelHalf, Millis, Origin, PredictionHalf};
use super::sample::Sample;
use super::slot::{LabelSlot, PredictionSlot};
use super::table::Table;
use crate::domain::{IdHash, Timestamp};

/// By the highest bits of the hash. Tables grow one at a time, lives end in one at a time, and a narrower sample cuts
/// off the last ones: no step looks at more than a share of the slots.
const SHARD_BITS: u32 = 8;

/// Ids whose slots are fetched together.
const FETCHED_AT_ONCE: usize = 64;

/// How long halves wait, and how many.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct JoinOptions {
    /// From the end of a prediction's pane, or from a label's instant, by event time. An index ends lives sixteen
    /// times in that span, so they last up to a sixteenth longer.
    pub label_ttl: Duration,
    /// Halves held at once: a matched pair is two. One takes 24 bytes, with the room to grow at most 38.
    pub slots_max: NonZeroUsize,
}

/// How long the log keeps a commit after the latest instant in it, by the watermark: a prediction's life, after that of
/// a label which came before it, each with its delay, and a day each for a pane and for clocks ahead.
pub fn log_kept(label_ttl: Duration) -> Duration {
    label_ttl * 2 + label_ttl / 8 + Duration::from_hours(48)
}

/// Halves of one model, waiting and matched.
///
/// A label lives at least as long as its prediction, so that a corrected one takes out exactly what was put in. The
/// index is a function of the commits that it was given, in their order: given them again, it is the same.
#[derive(Debug)]
pub struct JoinIndex {
    pub(super) options: JoinOptions,
    pub(super) sample: Sample,
    pub(super) shards: Vec<Shard>,
    pub(super) contexts: Contexts,
    pub(super) spill: Spill,
    /// Lives that end by then have ended.
    pub(super) horizon: Millis,
    /// The shard that is looked at next for lives that ended.
    pub(super) next_swept: usize,
    /// Halves held, with those that ended and are not dropped yet.
    pub(super) slots: usize,
    /// Predictions among them that have no label.
    pub(super) waiting: usize,
}

/// Those of the hashes that fall to it.
#[derive(Debug)]
pub(super) struct Shard {
    pub predictions: Table<PredictionSlot>,
    pub labels: Table<LabelSlot>,
    /// Lives that end by then were dropped.
    pub horizon: Millis,
}

/// Where one commit's changes and counts go.
pub(super) struct Outlet<'a, E> {
    pub emit: &'a mut E,
    pub counts: JoinCounts,
}

impl Default for Shard {
    fn default() -> Self {
        let horizon = Millis::of(Timestamp::MIN);
        Self { predictions: Table::default(), labels: Table::default(), horizon }
    }
}

impl<E: FnMut(Change)> Outlet<'_, E> {
    pub fn put(&mut self, sign: Sign, prediction: &PredictionHalf, label: Label) {
        let PredictionHalf { id, at, origin, facts } = prediction.clone();
        (self.emit)(Change { sign, id, origin, at, facts, label });
    }
}

impl JoinIndex {
    /// An empty index. `sample` is the one that was kept with the position in the log; all ids for a new log.
    pub fn new(options: JoinOptions, sample: Sample) -> Self {
        Self {
            options,
            sample,
            shards: (0..1 << SHARD_BITS).map(|_| Shard::default()).collect(),
            contexts: Contexts::default(),
            spill: Spill::default(),
            slots: 0,
            waiting: 0,
            horizon: Millis::of(Timestamp::MIN),
            next_swept: 0,
        }
    }

    /// Takes in one commit of the log, at the watermark that it was committed with, and hands each change of an
    /// outcome to `emit`. After a restart the commits up to the stored position are given again and what they emit
    /// is dropped: it was committed.
    pub fn apply<E: FnMut(Change)>(
        &mut self,
        halves: &Halves,
        watermark: Timestamp,
        mut emit: E,
    ) -> JoinCounts {
        let mut outlet = Outlet { emit: &mut emit, counts: JoinCounts::default() };
        self.move_horizon(Millis::of(watermark));
        self.sweep(SWEPT_AT_ONCE, &mut outlet.counts);
        self.narrow_to_fit(&mut outlet);
        // A batch's predictions share few origins; comparing them by content would cost more than the join.
        let mut origins: HashMap<*const Origin, OriginId> = HashMap::new();
        for some in halves.predictions.chunks(FETCHED_AT_ONCE) {
            self.fetch(some.iter().map(|half| half.id));
            for prediction in some {
                let origin = origins.entry(Arc::as_ptr(&prediction.origin));
                let origin = *origin.or_insert_with(|| self.contexts.origin(&prediction.origin));
                self.take_prediction(prediction, origin, &mut outlet);
                self.narrow_to_fit(&mut outlet);
            }
        }
        for some in halves.labels.chunks(FETCHED_AT_ONCE) {
            self.fetch(some.iter().map(|half| half.id));
            for label in some {
                self.take_label(label, &mut outlet);
                self.narrow_to_fit(&mut outlet);
            }
        }
        outlet.counts
    }

    /// The ids that are joined.
    pub fn sample(&self) -> Sample {
        self.sample
    }

    /// Halves held, with those whose life ended and that are not dropped yet.
    pub fn slots(&self) -> usize {
        self.slots
    }

    /// Predictions held that have no label, with those whose life ended and that are not dropped yet.
    pub fn waiting(&self) -> usize {
        self.waiting
    }

    /// Holds so many halves from now on: what is too much falls out with the next commit.
    pub fn limit(&mut self, slots_max: NonZeroUsize) {
        self.options.slots_max = slots_max;
    }

    /// Bytes of the tables and of what their slots refer to.
    pub fn bytes(&self) -> usize {
        let tables = self.shards.iter().map(|shard| shard.predictions.bytes() + shard.labels.bytes());
        tables.sum::<usize>() + self.contexts.bytes() + self.spill.bytes()
    }

    /// Looks at the places of several ids before they are needed: each is far from the others in memory, and waiting for
    /// all of them at once takes little longer than for one.
    fn fetch(&self, ids: impl Iterator<Item = IdHash>) {
        let is_taken = |id: IdHash| {
            let Shard { predictions, labels, .. } = &self.shards[shard_of(id)];
            usize::from(predictions.is_taken(id)) + usize::from(labels.is_taken(id))
        };
        // The sum is not needed; the looking is.
        std::hint::black_box(ids.map(is_taken).sum::<usize>());
    }

    fn take_prediction<E: FnMut(Change)>(
        &mut self,
        new: &PredictionHalf,
        origin: OriginId,
        outlet: &mut Outlet<'_, E>,
    ) {
        if !self.sample.has(new.id) {
            outlet.counts.sampled_out += 1;
            return;
        }
        if self.prediction_end(new.pane().end()) <= self.horizon {
            outlet.counts.late_predictions += 1;
            return;
        }
        self.end_lives_of(new.id, &mut outlet.counts);
        let predictions = &self.shards[shard_of(new.id)].predictions;
        let same_version =
            |slot: &PredictionSlot| self.contexts.get(slot.context).origin.version == new.origin.version;
        match predictions.find(new.id, same_version) {
            Some(at) => self.replace_prediction(at, new, origin, outlet),
            None => self.add_prediction(new, origin, outlet),
        }
    }

    fn add_prediction<E: FnMut(Change)>(
        &mut self,
        new: &PredictionHalf,
        origin: OriginId,
        outlet: &mut Outlet<'_, E>,
    ) {
        let slot = self.hold(new, origin);
        let shard = &mut self.shards[shard_of(new.id)];
        shard.predictions.insert(new.id, slot);
        self.slots += 1;
        outlet.counts.predictions += 1;
        let Some(label) = self.label_for(new.id, new.at) else {
            self.waiting += 1;
            return;
        };
        let labels = &mut self.shards[shard_of(new.id)].labels;
        if let Some(at) = labels.find(new.id, |_| true) {
            labels.replace(at, LabelSlot::new(label, true));
        }
        outlet.counts.matched += 1;
        outlet.put(Sign::Added, new, label);
    }

    /// Of two predictions of one id and version the larger (instant, origin, facts) holds.
    fn replace_prediction<E: FnMut(Change)>(
        &mut self,
        at: usize,
        new: &PredictionHalf,
        origin: OriginId,
        outlet: &mut Outlet<'_, E>,
    ) {
        outlet.counts.duplicate_predictions += 1;
        let shard = shard_of(new.id);
        let held = self.shards[shard].predictions.at(at);
        let old = self.prediction(new.id, held);
        if (new.at, &new.origin, &new.facts) <= (old.at, &old.origin, &old.facts) {
            return;
        }
        let slot = self.hold(new, origin);
        self.shards[shard].predictions.replace(at, slot);
        self.release(held);
        let [of_old, of_new] = [old.at, new.at].map(|at| self.label_for(new.id, at));
        match of_old {
            Some(label) => outlet.put(Sign::Removed, &old, label),
            None => self.waiting -= 1,
        }
        match of_new {
            Some(label) => outlet.put(Sign::Added, new, label),
            None => self.waiting += 1,
        }
        outlet.counts.matched += u64::from(of_old.is_none() && of_new.is_some());
        // The old one may be all that kept it.
        self.end_label_of(new.id, &mut outlet.counts);
    }

    fn take_label<E: FnMut(Change)>(&mut self, new: &LabelHalf, outlet: &mut Outlet<'_, E>) {
        if !self.sample.has(new.id) {
            outlet.counts.sampled_out += 1;
            return;
        }
        if self.label_end(new.label.at) <= self.horizon {
            outlet.counts.late_labels += 1;
            return;
        }
        self.end_lives_of(new.id, &mut outlet.counts);
        let predictions = self.predictions_for(new);
        let meets = !predictions.is_empty();
        let labels = &mut self.shards[shard_of(new.id)].labels;
        let mut old = None;
        if let Some(at) = labels.find(new.id, |_| true) {
            let held = labels.at(at);
            if new.label <= held.label() {
                outlet.counts.duplicate_labels += 1;
                return;
            }
            labels.replace(at, LabelSlot::new(new.label, meets));
            match new.label.value == held.label().value {
                true => outlet.counts.duplicate_labels += 1,
                false => outlet.counts.corrections += 1,
            }
            old = Some(held.label());
        } else {
            labels.insert(new.id, LabelSlot::new(new.label, meets));
            self.slots += 1;
            outlet.counts.labels += 1;
        }
        for prediction in &predictions {
            match old.filter(|&old| self.pairs(prediction.at, old)) {
                Some(old) => outlet.put(Sign::Removed, prediction, old),
                None => {
                    self.waiting -= 1;
                    outlet.counts.matched += 1;
                }
            }
            outlet.put(Sign::Added, prediction, new.label);
        }
    }

    fn hold(&mut self, half: &PredictionHalf, origin: OriginId) -> PredictionSlot {
        let pane = half.pane();
        PredictionSlot {
            context: self.contexts.hold(origin, &half.origin, pane, half.facts.layout()),
            offset_millis: half.at.after(Millis::of(pane.start)),
            facts: self.spill.put(&half.facts),
        }
    }

    pub(super) fn release(&mut self, slot: PredictionSlot) {
        let layout = self.contexts.get(slot.context).layout;
        self.spill.release(layout, slot.facts);
        self.contexts.release(slot.context);
    }

    /// The half that a slot was made of.
    pub(super) fn prediction(&self, id: IdHash, slot: PredictionSlot) -> PredictionHalf {
        let context = self.contexts.get(slot.context);
        PredictionHalf {
            id,
            at: self.instant(slot),
            origin: context.origin.clone(),
            facts: self.spill.get(context.layout, slot.facts),
        }
    }

    fn predictions_for(&self, half: &LabelHalf) -> Vec<PredictionHalf> {
        let slots = self.shards[shard_of(half.id)].predictions.of(half.id);
        let paired = slots.filter(|&slot| self.pairs(self.instant(slot), half.label));
        paired.map(|slot| self.prediction(half.id, slot)).collect()
    }

    fn label_for(&self, id: IdHash, predicted: Millis) -> Option<Label> {
        self.label_among(&self.shards[shard_of(id)].labels, id, predicted)
    }

    pub(super) fn label_among(
        &self,
        labels: &Table<LabelSlot>,
        id: IdHash,
        predicted: Millis,
    ) -> Option<Label> {
        labels.of(id).map(LabelSlot::label).find(|&label| self.pairs(predicted, label))
    }

    /// Whether a label is of a prediction of its id: not of one made after the label's life. So an id that is used
    /// again and again does not keep a label alive, and a larger label pairs with all that a smaller one does.
    pub(super) fn pairs(&self, predicted: Millis, label: Label) -> bool {
        predicted <= self.label_end(label.at)
    }

    pub(super) fn instant(&self, slot: PredictionSlot) -> Millis {
        Millis::of(self.contexts.get(slot.context).pane.start).plus(slot.offset_millis)
    }

    pub(super) fn prediction_end(&self, pane_end: Timestamp) -> Millis {
        Millis::of(pane_end.saturating_add(self.options.label_ttl))
    }

    pub(super) fn label_end(&self, at: Millis) -> Millis {
        Millis::of(at.timestamp().saturating_add(self.options.label_ttl))
    }
}

pub(super) fn shard_of(id: IdHash) -> usize {
    (id.bits() >> (u64::BITS - SHARD_BITS)) as usize
}
