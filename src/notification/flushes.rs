//! When the last message of each receiver and group goes or went out: groups keep their interval by it.

use std::collections::BTreeMap;

use super::receiver_name::ReceiverName;
use super::route::Grouping;
use crate::domain::Timestamp;

/// By receiver and group.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Flushes(BTreeMap<(ReceiverName, String), Timestamp>);

/// What a draft adds.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct FlushDraft(BTreeMap<(ReceiverName, String), Timestamp>);

impl Flushes {
    /// When news of this group go out: with the message that is waiting, or after the group's pause.
    pub(super) fn next(
        &self,
        draft: &mut FlushDraft,
        receiver: &ReceiverName,
        group: &str,
        grouping: &Grouping,
        now: Timestamp,
    ) -> Timestamp {
        let key = (receiver.clone(), group.to_owned());
        let last = draft.0.get(&key).or(self.0.get(&key)).copied();
        let at = match last {
            Some(last) if last >= now => last,
            Some(last) => now.saturating_add(grouping.wait).max(last.saturating_add(grouping.interval)),
            None => now.saturating_add(grouping.wait),
        };
        draft.0.insert(key, at);
        at
    }

    pub(super) fn apply(&mut self, draft: FlushDraft) {
        self.0.extend(draft.0);
    }

    /// Notes a message that was planned before.
    pub(super) fn note(&mut self, receiver: ReceiverName, group: String, due_at: Timestamp) {
        let last = self.0.entry((receiver, group)).or_insert(due_at);
        *last = due_at.max(*last);
    }

    /// Forgets groups whose last message was due before a time that no interval reaches back to.
    pub(super) fn forget_before(&mut self, at: Timestamp) {
        self.0.retain(|_, due_at| *due_at >= at);
    }
}
