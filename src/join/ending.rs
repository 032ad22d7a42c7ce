//! How halves leave the index: their lives end, or there are too many.
//!
//! A life is over as soon as the horizon has passed its end. Its slot is dropped later, a shard a commit, or before the
//! id is touched again, or before the sample narrows: so that dropping is little work at a time and nothing but the
//! counts of what ended depends on when it happens.

use super::change::{Change, JoinCounts, Sign};
use super::half::Millis;
use super::index::{JoinIndex, Outlet, Shard, shard_of};
use super::slot::{LabelSlot, PredictionSlot};
use super::table::Table;
use crate::domain::IdHash;

/// The horizon moves so many times in `label_ttl`.
const HORIZONS: i64 = 16;
/// Shards that ended lives are dropped of, a commit.
pub(super) const SWEPT_AT_ONCE: usize = 1;

impl JoinIndex {
    /// Moves the horizon to its last step before `watermark`: it depends on the watermarks alone.
    pub(super) fn move_horizon(&mut self, watermark: Millis) {
        let ttl = i64::try_from(self.options.label_ttl.as_millis()).unwrap_or(i64::MAX);
        self.horizon = self.horizon.max(watermark.floor_to((ttl / HORIZONS).max(1)));
    }

    /// Drops what ended of the next shards that hold any, `shards_max` of them at most.
    pub(super) fn sweep(&mut self, shards_max: usize, counts: &mut JoinCounts) {
        for _ in 0..shards_max {
            let places = (0..self.shards.len()).map(|place| (self.next_swept + place) % self.shards.len());
            let behind = |&at: &usize| self.shards[at].horizon < self.horizon;
            let Some(at) = places.into_iter().find(behind) else { return };
            self.sweep_shard(at, counts);
            self.next_swept = (at + 1) % self.shards.len();
            if self.next_swept == 0 {
                self.contexts.forget_origins();
            }
        }
    }

    fn sweep_shard(&mut self, at: usize, counts: &mut JoinCounts) {
        let Shard { mut predictions, mut labels, .. } = std::mem::take(&mut self.shards[at]);
        let before = predictions.len() + labels.len();
        let (mut ended, mut unlabelled) = (Vec::new(), 0);
        predictions.retain(|id, slot| {
            let lives = self.lives(slot);
            if !lives {
                unlabelled += usize::from(!self.is_labelled(id, slot, &labels));
                ended.push(slot);
            }
            lives
        });
        ended.into_iter().for_each(|slot| self.release(slot));
        self.waiting -= unlabelled;
        counts.expired_predictions += unlabelled as u64;
        labels.retain(|id, slot| {
            let lives = self.label_lives(id, slot, &predictions);
            counts.orphans += u64::from(!lives && !slot.has_met());
            lives
        });
        self.slots -= before - predictions.len() - labels.len();
        self.shards[at] = Shard { predictions, labels, horizon: self.horizon };
    }

    /// Drops what ended of one id, where its shard was not looked at since the horizon moved.
    pub(super) fn end_lives_of(&mut self, id: IdHash, counts: &mut JoinCounts) {
        let at = shard_of(id);
        if self.shards[at].horizon >= self.horizon {
            return;
        }
        loop {
            let Shard { predictions, labels, .. } = &self.shards[at];
            let Some(place) = predictions.find(id, |slot| !self.lives(*slot)) else { break };
            let slot = predictions.at(place);
            let unlabelled = usize::from(!self.is_labelled(id, slot, labels));
            self.waiting -= unlabelled;
            counts.expired_predictions += unlabelled as u64;
            self.shards[at].predictions.remove(place);
            self.slots -= 1;
            self.release(slot);
        }
        self.end_label_of(id, counts);
    }

    /// Drops the label of an id if it ended and no prediction needs it any more.
    pub(super) fn end_label_of(&mut self, id: IdHash, counts: &mut JoinCounts) {
        let at = shard_of(id);
        let Shard { predictions, labels, .. } = &self.shards[at];
        if let Some(place) = labels.find(id, |slot| !self.label_lives(id, *slot, predictions)) {
            counts.orphans += u64::from(!labels.at(place).has_met());
            self.shards[at].labels.remove(place);
            self.slots -= 1;
        }
    }

    fn lives(&self, slot: PredictionSlot) -> bool {
        self.prediction_end(self.contexts.get(slot.context).pane.end()) > self.horizon
    }

    fn is_labelled(&self, id: IdHash, slot: PredictionSlot, labels: &Table<LabelSlot>) -> bool {
        self.label_among(labels, id, self.instant(slot)).is_some()
    }

    /// A label lives as long as a prediction that it is of.
    fn label_lives(&self, id: IdHash, slot: LabelSlot, predictions: &Table<PredictionSlot>) -> bool {
        let label = slot.label();
        let is_needed = || predictions.of(id).any(|slot| self.pairs(self.instant(slot), label));
        self.label_end(label.at) > self.horizon || is_needed()
    }

    /// Narrows the sample until what lives fits. A pair that falls out is taken out of its pane, so that the outcomes
    /// there stay those of one sample.
    pub(super) fn narrow_to_fit<E: FnMut(Change)>(&mut self, outlet: &mut Outlet<'_, E>) {
        if self.slots > self.options.slots_max.get() {
            self.sweep(self.shards.len(), &mut outlet.counts);
        }
        while self.slots > self.options.slots_max.get() {
            let last = shard_of(self.sample.last());
            self.sample = self.sample.narrowed();
            for at in shard_of(self.sample.last())..=last {
                self.narrow(at, outlet);
            }
        }
    }

    fn narrow<E: FnMut(Change)>(&mut self, at: usize, outlet: &mut Outlet<'_, E>) {
        let Shard { mut predictions, mut labels, horizon } = std::mem::take(&mut self.shards[at]);
        let before = predictions.len() + labels.len();
        let sample = self.sample;
        let (mut out, mut unlabelled) = (Vec::new(), 0);
        predictions.retain(|id, slot| {
            let stays = sample.has(id);
            if !stays {
                out.push(slot);
                match self.label_among(&labels, id, self.instant(slot)) {
                    Some(label) => outlet.put(Sign::Removed, &self.prediction(id, slot), label),
                    None => unlabelled += 1,
                }
            }
            stays
        });
        out.into_iter().for_each(|slot| self.release(slot));
        self.waiting -= unlabelled;
        labels.retain(|id, _| sample.has(id));
        let fell_out = before - predictions.len() - labels.len();
        self.slots -= fell_out;
        outlet.counts.sampled_out += fell_out as u64;
        self.shards[at] = Shard { predictions, labels, horizon };
    }
}
