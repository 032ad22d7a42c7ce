//! How receivers stand: who fails in a row is told of, who is gone gets nothing any more.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::{Mutex, MutexGuard, PoisonError};

use super::outcome::Failure;
use super::receiver::{Receiver, Receivers};
use crate::notification::ReceiverName;
use crate::store::DisabledReceiver;

/// Hears of receivers that do not take their messages, so that others can be told.
pub trait ReceiverWatch: Send + Sync + 'static {
    /// It failed [`FAILURES_IN_A_ROW`] times in a row, or is gone. Once until it works again.
    fn failing(&self, receiver: &ReceiverName, why: &str) -> impl Future<Output = ()> + Send;

    /// It took a message: the first one since the start, or since it was told of as failing.
    fn works_again(&self, receiver: &ReceiverName) -> impl Future<Output = ()> + Send;
}

/// After so many a receiver is told of.
pub(super) const FAILURES_IN_A_ROW: u32 = 4;

/// How all receivers stand; shared by those that send.
#[derive(Debug, Default)]
pub(super) struct Standings(Mutex<Known>);

#[derive(Debug, Default)]
struct Known {
    by_name: BTreeMap<ReceiverName, Standing>,
    /// Name and target of those that are gone.
    disabled: BTreeSet<(ReceiverName, String)>,
}

#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
enum Standing {
    /// Nothing was sent yet.
    #[default]
    New,
    Works,
    /// So many failures in a row; the watch may know.
    Fails {
        in_a_row: u32,
    },
}

/// What the watch has to hear.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Turn {
    Fails,
    Works,
}

impl Standings {
    /// The receivers that are disabled now.
    pub fn set_disabled(&self, disabled: Vec<DisabledReceiver>) {
        self.known().disabled = disabled.into_iter().map(|each| (each.receiver, each.target)).collect();
    }

    pub fn is_enabled(&self, receiver: &Receiver) -> bool {
        !self.known().disabled.contains(&(receiver.name.clone(), receiver.target()))
    }

    pub fn disable(&self, receiver: &Receiver) {
        self.known().disabled.insert((receiver.name.clone(), receiver.target()));
    }

    /// Forgets those that do not exist any more.
    pub fn keep(&self, receivers: &Receivers) {
        self.known().by_name.retain(|name, _| receivers.contains_key(name));
    }

    /// Notes how an attempt ended.
    pub fn note(&self, receiver: &ReceiverName, result: Result<(), &Failure>) -> Option<Turn> {
        let mut known = self.known();
        let standing = known.by_name.entry(receiver.clone()).or_default();
        let before = *standing;
        *standing = match (result, before) {
            (Ok(()), _) => Standing::Works,
            (Err(failure), _) if failure.disables() => Standing::Fails { in_a_row: FAILURES_IN_A_ROW },
            (Err(_), Standing::Fails { in_a_row }) => {
                Standing::Fails { in_a_row: in_a_row.saturating_add(1) }
            }
            (Err(_), Standing::New | Standing::Works) => Standing::Fails { in_a_row: 1 },
        };
        match (before.is_told(), standing.is_told()) {
            (false, true) => Some(Turn::Fails),
            (true, false) => Some(Turn::Works),
            _ => (before == Standing::New && *standing == Standing::Works).then_some(Turn::Works),
        }
    }

    fn known(&self) -> MutexGuard<'_, Known> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Standing {
    fn is_told(self) -> bool {
        matches!(self, Self::Fails { in_a_row } if in_a_row >= FAILURES_IN_A_ROW)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_fourth_failure_in_a_row_is_told_once_and_so_is_the_end() {
        let (standings, name) = (Standings::default(), "a".parse().unwrap());
        let fails = Failure::Connection("refused".into());
        let mut turns = Vec::new();
        for result in [
            Ok(()),
            Ok(()),
            Err(()),
            Err(()),
            Err(()),
            Ok(()),
            Err(()),
            Err(()),
            Err(()),
            Err(()),
            Err(()),
            Ok(()),
            Ok(()),
        ] {
            turns.push(standings.note(&name, result.map_err(|()| &fails)));
        }
        let told: Vec<_> = turns.iter().enumerate().filter_map(|(i, turn)| Some((i, (*turn)?))).collect();
        assert_eq!(told, [(0, Turn::Works), (9, Turn::Fails), (11, Turn::Works)]);
    }

    #[test]
    fn one_that_is_gone_is_told_at_once() {
        let (standings, name) = (Standings::default(), "a".parse().unwrap());
        assert_eq!(standings.note(&name, Err(&Failure::Gone { said: String::new() })), Some(Turn::Fails));
    }
}
