//! How halves leave the index: their lives end, or there are too many.

use super::change::{Change, JoinCounts, Sign};
use super::half::Millis;
use super::index::{JoinIndex, Outlet, Shard};
use crate::domain::Timestamp;

/// Lives end so many times in `label_ttl`, all that are due at once: one pass over the slots each.
const ENDINGS: i64 = 16;

impl JoinIndex {
    /// Moves the horizon to the last ending before `watermark`, and drops whose life is over.
    ///
    /// Between endings nothing is dropped, so the state depends on the watermarks alone, not on when memory was
    /// swept.
    pub(super) fn end_lives(&mut self, watermark: Millis, counts: &mut JoinCounts) {
        let ttl = i64::try_from(self.options.label_ttl.as_millis()).unwrap_or(i64::MAX);
        let horizon = watermark.floor_to((ttl / ENDINGS).max(1));
        if horizon <= self.horizon {
            return;
        }
        self.horizon = horizon;
        let predictions_end = self.contexts.earliest_end().map(|end| self.prediction_end(end));
        if predictions_end.is_some_and(|end| end <= horizon) || self.earliest_label_end <= horizon {
            for at in 0..self.shards.len() {
                self.end_lives_of(at, counts);
            }
            self.slots = self.shards.iter().map(Shard::slots).sum();
            self.earliest_label_end = self.next_label_end();
            self.contexts.forget_origins();
        }
    }

    fn end_lives_of(&mut self, at: usize, counts: &mut JoinCounts) {
        let Shard { mut predictions, mut labels } = std::mem::take(&mut self.shards[at]);
        let mut ended = Vec::new();
        predictions.retain(|id, slot| {
            let lives = self.prediction_end(self.contexts.get(slot.context).pane.end()) > self.horizon;
            if !lives {
                ended.push(slot);
                let labelled = self.label_among(&labels, id, self.instant(slot)).is_some();
                counts.expired_predictions += u64::from(!labelled);
            }
            lives
        });
        ended.into_iter().for_each(|slot| self.release(slot));
        labels.retain(|id, slot| {
            let label = slot.label();
            let is_needed = || predictions.of(id).any(|slot| self.pairs(self.instant(slot), label));
            let lives = self.label_end(label.at) > self.horizon || is_needed();
            counts.orphans += u64::from(!lives && !slot.has_met());
            lives
        });
        self.shards[at] = Shard { predictions, labels };
    }

    /// Labels that outlive their own life have a prediction, whose end is known.
    fn next_label_end(&self) -> Millis {
        let labels = self.shards.iter().flat_map(|shard| shard.labels.iter());
        let ends = labels.map(|slot| self.label_end(slot.label().at)).filter(|&end| end > self.horizon);
        ends.min().unwrap_or(Millis::of(Timestamp::MAX))
    }

    /// Narrows the sample until what it holds fits. A pair that falls out is taken out of its pane, so that the
    /// outcomes there stay those of one sample.
    pub(super) fn narrow_to_fit<E: FnMut(Change)>(&mut self, outlet: &mut Outlet<'_, E>) {
        while self.slots > self.options.slots_max.get() {
            self.sample = self.sample.narrowed();
            for at in 0..self.shards.len() {
                self.narrow(at, outlet);
            }
            self.slots = self.shards.iter().map(Shard::slots).sum();
        }
    }

    fn narrow<E: FnMut(Change)>(&mut self, at: usize, outlet: &mut Outlet<'_, E>) {
        let Shard { mut predictions, mut labels } = std::mem::take(&mut self.shards[at]);
        let before = predictions.len() + labels.len();
        let sample = self.sample;
        let mut out = Vec::new();
        predictions.retain(|id, slot| {
            let stays = sample.has(id);
            if !stays {
                out.push(slot);
                if let Some(label) = self.label_among(&labels, id, self.instant(slot)) {
                    outlet.put(Sign::Removed, &self.prediction(id, slot), label);
                }
            }
            stays
        });
        out.into_iter().for_each(|slot| self.release(slot));
        labels.retain(|id, _| sample.has(id));
        outlet.counts.sampled_out += (before - predictions.len() - labels.len()) as u64;
        self.shards[at] = Shard { predictions, labels };
    }
}
