//! A hash table of small slots: linear probing, no tombstones, and growth by a quarter, so that a slot of 24 bytes
//! costs 30 to 38 however many there are. (One that doubles would cost up to 57.)
//!
//! Several slots may have one hash. A slot stands at its hash's place or after it, with no gap between. Slots lie in
//! pages of one size: what a table that grows or shrinks gives back, the next one takes, and nothing lies idle between.

use crate::domain::IdHash;

/// Four slots in five are filled at most.
const LOAD: (usize, usize) = (4, 5);
/// The least that a table grows by, in slots.
const GROWTH_MIN: usize = 16;
/// Slots of a page; a table that is smaller has one that is as small.
const PAGE: usize = 512;

type Slot<V> = Option<(IdHash, V)>;

#[derive(Debug)]
pub(super) struct Table<V> {
    /// Each is empty until one of its slots is filled.
    pages: Vec<Vec<Slot<V>>>,
    /// Slots, filled or not.
    room: usize,
    filled: usize,
}

impl<V> Default for Table<V> {
    fn default() -> Self {
        Self { pages: Vec::new(), room: 0, filled: 0 }
    }
}

impl<V: Copy> Table<V> {
    pub fn len(&self) -> usize {
        self.filled
    }

    pub fn bytes(&self) -> usize {
        let slots: usize = self.pages.iter().map(Vec::capacity).sum();
        slots * size_of::<Slot<V>>() + self.pages.capacity() * size_of::<Vec<Slot<V>>>()
    }

    /// Whether a slot stands at this hash's place, whatever it is of.
    pub fn is_taken(&self, id: IdHash) -> bool {
        self.room > 0 && self.slot(self.place(id)).is_some()
    }

    /// Those of one hash.
    pub fn of(&self, id: IdHash) -> impl Iterator<Item = V> {
        self.run(id).filter(move |(_, (hash, _))| *hash == id).map(|(_, (_, value))| value)
    }

    /// Where the first of this hash lies that `is_it`.
    pub fn find(&self, id: IdHash, is_it: impl Fn(&V) -> bool) -> Option<usize> {
        self.run(id).find(|(_, (hash, value))| *hash == id && is_it(value)).map(|(at, _)| at)
    }

    /// What lies in a slot that [`Table::find`] found.
    pub fn at(&self, at: usize) -> V {
        self.slot(at).expect("a slot that was found is filled").1
    }

    /// Puts another value in a slot that [`Table::find`] found.
    pub fn replace(&mut self, at: usize, value: V) {
        if let Some((id, _)) = self.slot(at) {
            self.set(at, Some((id, value)));
        }
    }

    pub fn insert(&mut self, id: IdHash, value: V) {
        if (self.filled + 1) * LOAD.1 > self.room * LOAD.0 {
            self.rebuild(self.room + (self.room / 4).max(GROWTH_MIN), |_, _| true);
        }
        self.put(id, value);
    }

    /// Takes one out of a slot that [`Table::find`] found; those after it move up, so that no gap parts them from their
    /// place.
    pub fn remove(&mut self, at: usize) {
        let room = self.room;
        let distance = |from: usize, to: usize| (to + room - from) % room;
        let (mut gap, mut next) = (at, self.after(at));
        while let Some((id, value)) = self.slot(next).filter(|_| next != at) {
            if distance(self.place(id), next) >= distance(gap, next) {
                self.set(gap, Some((id, value)));
                gap = next;
            }
            next = self.after(next);
        }
        self.set(gap, None);
        self.filled -= 1;
    }

    /// Keeps what is to be kept, and no more room than that needs.
    pub fn retain(&mut self, mut keep: impl FnMut(IdHash, V) -> bool) {
        let mut kept = Vec::new();
        let mut any_goes = false;
        for &(id, value) in self.pages.iter().flatten().flatten() {
            let keeps = keep(id, value);
            any_goes |= !keeps;
            kept.push(keeps);
        }
        if !any_goes {
            return;
        }
        let left = kept.iter().filter(|keeps| **keeps).count();
        let room = if left == 0 { 0 } else { left * LOAD.1 / LOAD.0 + left / 8 + GROWTH_MIN };
        let mut kept = kept.into_iter();
        self.rebuild(room, |_, _| kept.next().unwrap_or(true));
    }

    /// Old pages go as new ones come: slots are in order of their places, before and after.
    fn rebuild(&mut self, room: usize, mut keep: impl FnMut(IdHash, V) -> bool) {
        let old = std::mem::take(&mut self.pages);
        self.pages.resize_with(room.div_ceil(PAGE), Vec::new);
        (self.room, self.filled) = (room, 0);
        for (id, value) in old.into_iter().flatten().flatten() {
            if keep(id, value) {
                self.put(id, value);
            }
        }
    }

    /// There is room.
    fn put(&mut self, id: IdHash, value: V) {
        let mut at = self.place(id);
        while self.slot(at).is_some() {
            at = self.after(at);
        }
        self.set(at, Some((id, value)));
        self.filled += 1;
    }

    fn slot(&self, at: usize) -> Slot<V> {
        self.pages[at / PAGE].get(at % PAGE).copied().flatten()
    }

    fn set(&mut self, at: usize, slot: Slot<V>) {
        let page = &mut self.pages[at / PAGE];
        if page.is_empty() {
            *page = vec![None; PAGE.min(self.room - at / PAGE * PAGE)];
        }
        page[at % PAGE] = slot;
    }

    /// The filled slots from a hash's place on, up to the first gap.
    fn run(&self, id: IdHash) -> impl Iterator<Item = (usize, (IdHash, V))> {
        let mut at = if self.room == 0 { None } else { Some(self.place(id)) };
        std::iter::from_fn(move || {
            let here = at?;
            let slot = self.slot(here)?;
            at = Some(self.after(here));
            Some((here, slot))
        })
    }

    /// By the lower half of the hash: the upper one chooses the shard and the sample. In order of it, so that a
    /// rebuild writes as it reads.
    fn place(&self, id: IdHash) -> usize {
        let low = u64::from(id.bits() as u32);
        ((low * self.room as u64) >> 32) as usize
    }

    fn after(&self, at: usize) -> usize {
        if at + 1 == self.room { 0 } else { at + 1 }
    }
}

#[cfg(test)]
mod tests {
    use std::collections::HashMap;

    use proptest::collection::vec;
    use proptest::prelude::*;

    use super::*;

    proptest! {
        /// Against a map, with many ids at few places.
        #[test]
        fn it_holds_what_a_map_holds(steps in vec((0..60u64, 0..12u8, any::<u16>()), 0..600)) {
            let mut table = Table::default();
            let mut map: HashMap<IdHash, u16> = HashMap::new();
            for (id, step, value) in steps {
                let id = IdHash::from_bits((id % 30) << 27 | id << 40 | 1);
                match (step, table.find(id, |_| true)) {
                    (0, _) => {
                        table.retain(|id, _| id.bits() % 3 == u64::from(value) % 3);
                        map.retain(|id, _| id.bits() % 3 == u64::from(value) % 3);
                    }
                    (1, Some(at)) => {
                        table.remove(at);
                        map.remove(&id);
                    }
                    (_, Some(at)) => {
                        table.replace(at, value);
                        map.insert(id, value);
                    }
                    (_, None) => {
                        table.insert(id, value);
                        map.insert(id, value);
                    }
                }
                prop_assert_eq!(table.len(), map.len());
            }
            for id in (0..60).map(|id: u64| IdHash::from_bits((id % 30) << 27 | id << 40 | 1)) {
                prop_assert_eq!(table.of(id).collect::<Vec<_>>(), map.get(&id).copied().into_iter().collect::<Vec<_>>());
            }
        }
    }

    #[test]
    fn several_may_have_one_hash() {
        let mut table = Table::default();
        let id = IdHash::from_bits(5);
        (0..40).for_each(|value| table.insert(id, value));
        assert_eq!(table.of(id).count(), 40);
        let at = table.find(id, |value| *value == 17).unwrap();
        table.replace(at, 100);
        assert!(
            table.find(id, |value| *value == 17).is_none() && table.find(id, |value| *value == 100).is_some()
        );
    }
}
