//! Outcomes that came or went, as counts of the panes and segments of their predictions. Pure.

use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::Duration;

use hashbrown::HashMap;

use crate::domain::{ModelId, Pane, PaneLength};
use crate::join::{Change, Origin, Sign};
use crate::performance::{Actual, Group, Predicted, PredictedKind, Record, Yardstick};
use crate::pipeline::frozen::{Frozen, Outcomes};
use crate::sketch::EncodedTally;
use crate::store::DeltaKey;

/// Why an outcome counts nowhere.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum DropReason {
    /// Its prediction was counted on grids that the model no longer has.
    OtherGrids,
    /// Its prediction was counted in panes of another length.
    OtherPanes,
    /// The label names a class that the model does not have.
    UnknownClass,
    /// What was kept of the prediction or the label is none of this task.
    Unreadable,
}

/// Outcomes that count nowhere.
pub type Dropped = BTreeMap<DropReason, u64>;

/// The changes of some rows of the log, until they are counted.
pub struct ChangedOutcomes {
    frozen: Option<Arc<Frozen>>,
    pane: PaneLength,
    /// An origin and pane are shared by many; what is counted of them is counted in every segment of the origin.
    groups: HashMap<(Arc<Origin>, Pane), Vec<Outcome>>,
    dropped: Dropped,
}

struct Outcome {
    predicted: Predicted,
    actual: Actual,
    lag: Duration,
    sign: Sign,
}

impl DropReason {
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::OtherGrids => "other_grids",
            Self::OtherPanes => "other_panes",
            Self::UnknownClass => "unknown_class",
            Self::Unreadable => "unreadable",
        }
    }
}

impl ChangedOutcomes {
    pub fn new(frozen: Option<Arc<Frozen>>, pane: PaneLength) -> Self {
        Self { frozen, pane, groups: HashMap::new(), dropped: Dropped::new() }
    }

    /// Takes a change in. Whether it counts depends on the prediction, the label and the model's grids alone: what is
    /// taken out of a pane was counted there.
    pub fn take(&mut self, change: Change) {
        match self.outcome_of(&change) {
            Ok(outcome) => {
                let pane = change.pane();
                self.groups.entry((change.origin, pane)).or_default().push(outcome);
            }
            Err(reason) => *self.dropped.entry(reason).or_default() += u64::from(change.sign == Sign::Added),
        }
    }

    fn outcome_of(&self, change: &Change) -> Result<Outcome, DropReason> {
        let on_origin = |frozen: &&Arc<Frozen>| frozen.ruler.id() == change.origin.ruler;
        let frozen = self.frozen.as_ref().filter(on_origin).ok_or(DropReason::OtherGrids)?;
        let Outcomes { yardstick, .. } = frozen.outcomes.as_ref().map_err(|_| DropReason::OtherGrids)?;
        if change.origin.pane_length != self.pane {
            return Err(DropReason::OtherPanes);
        }
        let predicted = Predicted::from_facts(yardstick.kind(), change.facts.tag(), change.facts.bytes());
        let predicted = predicted.ok_or(DropReason::Unreadable)?;
        let actual = actual_of(yardstick, change)?;
        Ok(Outcome { predicted, actual, lag: change.lag(), sign: change.sign })
    }

    /// What is to be added to the store's counts, in order of the keys, and what is not. One record is open at a time.
    pub fn counted(self, model: &ModelId) -> (Vec<(DeltaKey, EncodedTally)>, Dropped) {
        let Self { frozen, groups, dropped, .. } = self;
        let Some((frozen, outcomes)) = frozen.as_ref().and_then(|of| Some((of, of.outcomes.as_ref().ok()?)))
        else {
            return (Vec::new(), dropped);
        };
        let mut by_key: BTreeMap<DeltaKey, Vec<&[Outcome]>> = BTreeMap::new();
        for ((origin, pane), group) in &groups {
            for segment in &origin.segments {
                let (model, version) = (model.clone(), origin.version.clone());
                let key = DeltaKey { model, version, segment: segment.clone(), pane: *pane };
                by_key.entry(key).or_default().push(group);
            }
        }
        let deltas = by_key.into_iter().filter_map(|(key, groups)| {
            let yardstick = outcomes.yardstick_of(&key.segment);
            let mut record = Record::empty(yardstick);
            for Outcome { predicted, actual, lag, sign } in groups.into_iter().flatten() {
                record.count_outcome(yardstick, predicted, *actual, *lag, sign.factor());
            }
            let integers = record.integers();
            let tally = || EncodedTally::of_outcomes(frozen.ruler_of(&key.segment), &integers);
            (!integers.is_zero()).then(|| (key.clone(), tally()))
        });
        (deltas.collect(), dropped)
    }
}

fn actual_of(yardstick: &Yardstick, change: &Change) -> Result<Actual, DropReason> {
    let value = change.label.value;
    match yardstick.kind() {
        PredictedKind::Regression => match value.as_number() {
            number if number.is_finite() => Ok(Actual::Number(number)),
            _ => Err(DropReason::Unreadable),
        },
        PredictedKind::Binary | PredictedKind::Multiclass { .. } => {
            yardstick.class_of_bits(value.bits()).map(Actual::Class).ok_or(DropReason::UnknownClass)
        }
    }
}
