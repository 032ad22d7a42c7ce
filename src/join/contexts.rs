//! What many waiting predictions share, each once: a slot holds its number.

use std::sync::Arc;

use hashbrown::{HashMap, HashSet};

use super::facts::Layout;
use super::half::Origin;
use crate::domain::{Pane, Timestamp};

/// Number of an origin.
pub(super) type OriginId = u32;
/// Number of a context.
pub(super) type ContextId = u32;

/// An origin, a pane, and how the facts lie in a slot.
#[derive(Debug)]
pub(super) struct Context {
    pub origin: Arc<Origin>,
    pub pane: Pane,
    pub layout: Layout,
    key: Key,
    /// Predictions that are of it.
    held: usize,
}

type Key = (OriginId, Timestamp, Layout);

/// A context goes with its last prediction, so there are never more of them than slots; an origin at the next
/// [`Contexts::forget_origins`].
#[derive(Debug, Default)]
pub(super) struct Contexts {
    contexts: Vec<Option<Context>>,
    free: Vec<ContextId>,
    by_key: HashMap<Key, ContextId>,
    /// Contexts share those that are equal, from whatever commit they came.
    origins: HashMap<Arc<Origin>, OriginId>,
    next_origin: OriginId,
}

impl Contexts {
    pub fn get(&self, id: ContextId) -> &Context {
        self.contexts[id as usize].as_ref().expect("a slot holds its context")
    }

    pub fn origin(&mut self, origin: &Arc<Origin>) -> OriginId {
        if let Some(&known) = self.origins.get(origin) {
            return known;
        }
        let id = self.next_origin;
        self.next_origin += 1;
        self.origins.insert(origin.clone(), id);
        id
    }

    /// Counts one more prediction of it.
    pub fn hold(&mut self, id: OriginId, origin: &Arc<Origin>, pane: Pane, layout: Layout) -> ContextId {
        let key = (id, pane.start, layout);
        let Self { contexts, free, by_key, origins, .. } = self;
        let id = *by_key.entry(key).or_insert_with(|| {
            let id = free.pop().unwrap_or_else(|| {
                contexts.push(None);
                (contexts.len() - 1) as ContextId
            });
            let origin = origins.get_key_value(origin).map_or(origin, |(shared, _)| shared).clone();
            contexts[id as usize] = Some(Context { origin, pane, layout, key, held: 0 });
            id
        });
        if let Some(context) = &mut self.contexts[id as usize] {
            context.held += 1;
        }
        id
    }

    /// Counts one prediction less.
    pub fn release(&mut self, id: ContextId) {
        let slot = &mut self.contexts[id as usize];
        let Some(context) = slot else { return };
        context.held -= 1;
        if context.held == 0 {
            self.by_key.remove(&context.key);
            *slot = None;
            self.free.push(id);
        }
    }

    /// Drops origins that no prediction is of. Numbers are not given again.
    pub fn forget_origins(&mut self) {
        let used: HashSet<OriginId> = self.by_key.keys().map(|(origin, ..)| *origin).collect();
        self.origins.retain(|_, id| used.contains(id));
    }

    pub fn bytes(&self) -> usize {
        let held = self.contexts.capacity() * size_of::<Option<Context>>();
        held + self.by_key.capacity() * (size_of::<Key>() + size_of::<ContextId>() + 1)
    }
}
