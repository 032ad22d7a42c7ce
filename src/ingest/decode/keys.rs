//! The keys of an object, told mostly without reading them: they come in the order of the row before.

use std::hash::BuildHasher;

use hashbrown::{DefaultHashBuilder, HashMap};

use super::json::Cursor;
use super::reject::RejectReason;
use crate::batch::UnknownKeys;
use crate::sketch::NAME_BYTES_MAX;

/// The keys of one kind of object: those looked for, and a bounded number of others.
#[derive(Debug)]
pub(super) struct Keys {
    slots: Vec<Slot>,
    index: HashMap<Box<str>, u32>,
    known: usize,
    /// What stood first in the row before.
    first: u32,
    /// Counts the objects read; a slot remembers the last one that held its key.
    turn: u64,
    /// Whether this object holds keys that are not known.
    holds_unknown: bool,
    /// Hashes of this object's unknown keys that have no slot.
    slotless: Vec<u64>,
    /// How often unknown keys without a slot came.
    slotless_rows: u64,
    /// Rows that held unknown keys.
    unknown_rows: Vec<u32>,
    hasher: DefaultHashBuilder,
}

#[derive(Debug)]
struct Slot {
    /// Key and colon as they stood in the text.
    written: Vec<u8>,
    /// The slot that followed in the row before.
    next: u32,
    turn: u64,
    /// Rows that held an unknown key.
    rows: Vec<u32>,
}

/// A key was read: the place of its name among those known, or none.
pub(super) type Known = Option<usize>;

const NONE: u32 = u32::MAX;
/// Longest spelling of a key that is expected again.
const WRITTEN_BYTES_MAX: usize = 1_024;

impl Keys {
    /// `names` are told apart by their place.
    pub fn new<'n>(names: impl IntoIterator<Item = &'n str>) -> Self {
        let mut keys = Self {
            slots: Vec::new(),
            index: HashMap::default(),
            known: 0,
            first: NONE,
            turn: 0,
            holds_unknown: false,
            slotless: Vec::new(),
            slotless_rows: 0,
            unknown_rows: Vec::new(),
            hasher: DefaultHashBuilder::default(),
        };
        for name in names {
            keys.add(name);
        }
        keys.known = keys.slots.len();
        keys
    }

    fn add(&mut self, name: &str) -> u32 {
        let slot = self.slots.len() as u32;
        self.index.insert(name.into(), slot);
        self.slots.push(Slot { written: Vec::new(), next: NONE, turn: 0, rows: Vec::new() });
        slot
    }

    /// Reads the object at the cursor, calling `each` at every value; `each` has to pass it. `path` names the object
    /// in reasons.
    #[inline]
    pub fn read_object<'a>(
        &mut self,
        cursor: &mut Cursor<'a>,
        path: &'static str,
        mut each: impl FnMut(&mut Cursor<'a>, Known) -> Result<(), RejectReason>,
    ) -> Result<(), RejectReason> {
        self.turn += 1;
        cursor.take(b'{');
        if cursor.take(b'}') {
            return Ok(());
        }
        let mut before = NONE;
        loop {
            let slot = self.read_key(cursor, before, path)?;
            each(cursor, Some(slot as usize).filter(|&slot| slot < self.known))?;
            before = if slot == NONE { before } else { slot };
            cursor.skip_space();
            match cursor.peek() {
                b',' => {
                    cursor.at += 1;
                    cursor.skip_space();
                }
                b'}' => {
                    cursor.at += 1;
                    break;
                }
                _ => return Err(cursor.broken("`,` or `}`").into()),
            }
        }
        self.slotless.sort_unstable();
        match self.slotless.windows(2).any(|pair| pair[0] == pair[1]) {
            true => Err(RejectReason::duplicate_key(path, None)),
            false => Ok(()),
        }
    }

    /// Reads a key up to its value.
    #[inline(always)]
    fn read_key(
        &mut self,
        cursor: &mut Cursor<'_>,
        before: u32,
        path: &'static str,
    ) -> Result<u32, RejectReason> {
        let expected = self.slots.get(before as usize).map_or(self.first, |slot| slot.next);
        if let Some(slot) = self.slots.get_mut(expected as usize)
            && cursor.rest().starts_with(&slot.written)
            && slot.turn != self.turn
        {
            cursor.at += slot.written.len();
            cursor.skip_space();
            slot.turn = self.turn;
            self.holds_unknown |= expected as usize >= self.known;
            return Ok(expected);
        }
        self.look_up(cursor, before, path)
    }

    /// Reads a key that was not expected, and expects it here next time.
    #[inline(never)]
    fn look_up(
        &mut self,
        cursor: &mut Cursor<'_>,
        before: u32,
        path: &'static str,
    ) -> Result<u32, RejectReason> {
        let from = cursor.rest();
        let start = cursor.at;
        let key = cursor.key()?;
        let written = from[..cursor.at - start].trim_ascii_end();
        let found = self.index.get(&*key).copied();
        let slot = match found {
            Some(slot) => slot,
            None if self.slots.len() - self.known < UnknownKeys::NAMES_MAX && key.len() <= NAME_BYTES_MAX => {
                self.add(&key)
            }
            None => {
                self.holds_unknown = true;
                self.slotless.push(self.hasher.hash_one(&*key));
                return Ok(NONE);
            }
        };
        let place = &mut self.slots[slot as usize];
        if std::mem::replace(&mut place.turn, self.turn) == self.turn {
            let known = (slot as usize) < self.known;
            return Err(RejectReason::duplicate_key(path, known.then_some(&*key)));
        }
        self.holds_unknown |= slot as usize >= self.known;
        // A newline within would let the next body's broken row run into the one after it.
        if written.len() > WRITTEN_BYTES_MAX || written.contains(&b'\n') {
            return Ok(slot);
        }
        place.written.clear();
        place.written.extend_from_slice(written);
        match self.slots.get_mut(before as usize) {
            Some(before) => before.next = slot,
            None => self.first = slot,
        }
        Ok(slot)
    }

    /// Ends the row of this number: its unknown keys count if the row does.
    #[inline]
    pub fn settle(&mut self, row: u32, accepted: bool) {
        if !std::mem::take(&mut self.holds_unknown) {
            return;
        }
        if accepted {
            let turn = self.turn;
            self.slots[self.known..]
                .iter_mut()
                .filter(|slot| slot.turn == turn)
                .for_each(|slot| slot.rows.push(row));
            self.unknown_rows.push(row);
            self.slotless_rows += self.slotless.len() as u64;
        }
        self.slotless.clear();
        self.slotless.shrink_to(UnknownKeys::NAMES_MAX);
    }

    /// What was counted of unknown keys since the last call; their slots are free again.
    pub fn take_unknown(&mut self) -> UnknownKeys {
        let (known, slots) = (self.known, &mut self.slots);
        let mut by_name: Vec<(Box<str>, Vec<u32>)> = self
            .index
            .extract_if(|_, slot| *slot as usize >= known)
            .map(|(name, slot)| (name, std::mem::take(&mut slots[slot as usize].rows)))
            .filter(|(_, rows)| !rows.is_empty())
            .collect();
        by_name.sort_unstable();
        self.slots.truncate(known);
        self.slotless.clear();
        UnknownKeys {
            rows: std::mem::take(&mut self.unknown_rows),
            by_name,
            further: std::mem::take(&mut self.slotless_rows),
        }
    }
}
