//! Names as small integers: one dictionary a column and batch.
//!
//! The index is keyed (foldhash with a seed of this process), so that a sender cannot choose names that collide.

use std::hash::BuildHasher;

use hashbrown::{DefaultHashBuilder, HashTable};

/// A column of names: for each row the place of its name in the dictionary.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Codes {
    pub codes: Vec<u32>,
    /// The distinct names, in order of first sight. Every one is some row's.
    pub names: Vec<Box<str>>,
}

impl Codes {
    /// The row has no value: absent or null.
    pub const MISSING: u32 = u32::MAX;
    /// The row's value is of a type that has no name.
    pub const WRONG_TYPE: u32 = u32::MAX - 1;

    /// The name of a row, where it has one.
    pub fn name(&self, row: usize) -> Option<&str> {
        self.names.get(self.codes[row] as usize).map(|name| &**name)
    }
}

/// Builds [`Codes`] row by row. Reuse it across batches with [`CodesBuilder::take`]: its tables keep their memory.
#[derive(Debug, Default)]
pub struct CodesBuilder {
    built: Codes,
    /// The row that brought each name.
    first_rows: Vec<u32>,
    /// Codes by the hash of their name.
    index: HashTable<u32>,
    hasher: DefaultHashBuilder,
}

/// Names up to which the index keeps its memory from one batch to the next.
const NAMES_KEPT: usize = 1 << 12;

impl CodesBuilder {
    /// Adds a row with this name.
    #[inline]
    pub fn push(&mut self, name: &str) {
        let names = &self.built.names;
        let hash = self.hasher.hash_one(name);
        let code = match self.index.find(hash, |&code| *names[code as usize] == *name) {
            Some(&code) => code,
            None => self.add(name, hash),
        };
        self.built.codes.push(code);
    }

    #[cold]
    fn add(&mut self, name: &str, hash: u64) -> u32 {
        let (names, hasher) = (&mut self.built.names, &self.hasher);
        let code = names.len() as u32;
        names.push(name.into());
        self.first_rows.push(self.built.codes.len() as u32);
        self.index.insert_unique(hash, code, |&code| hasher.hash_one(&*names[code as usize]));
        code
    }

    /// Adds a row without a name: [`Codes::MISSING`] or [`Codes::WRONG_TYPE`].
    #[inline]
    pub fn push_nameless(&mut self, code: u32) {
        self.built.codes.push(code);
    }

    /// Drops the rows after the first `rows` (a row that was rejected half-way) and the names that only they had.
    pub fn truncate(&mut self, rows: usize) {
        self.built.codes.truncate(rows);
        while self.first_rows.pop_if(|first_row| *first_row as usize >= rows).is_some() {
            let code = self.first_rows.len() as u32;
            let name = self.built.names.pop().expect("every name has its first row");
            let hash = self.hasher.hash_one(&*name);
            if let Ok(entry) = self.index.find_entry(hash, |&other| other == code) {
                entry.remove();
            }
        }
    }

    pub fn rows(&self) -> usize {
        self.built.codes.len()
    }

    /// What was built; the builder is empty again.
    pub fn take(&mut self) -> Codes {
        self.first_rows.clear();
        self.index.clear();
        if self.index.capacity() > 2 * NAMES_KEPT {
            self.first_rows.shrink_to(NAMES_KEPT);
            self.index = HashTable::new();
        }
        let rows = self.built.codes.len();
        let next = Codes { codes: Vec::with_capacity(rows), names: Vec::new() };
        std::mem::replace(&mut self.built, next)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_row_taken_back_takes_its_names_along() {
        let mut builder = CodesBuilder::default();
        for name in ["a", "b", "a", "c"] {
            builder.push(name);
        }
        builder.truncate(3);
        builder.push("d");
        builder.push("c");
        builder.push_nameless(Codes::MISSING);
        builder.push("b");
        let codes = builder.take();
        assert_eq!(codes.names, ["a", "b", "d", "c"].map(Box::from));
        assert_eq!(codes.codes, [0, 1, 0, 2, 3, Codes::MISSING, 1]);
        assert_eq!((codes.name(3), codes.name(5)), (Some("d"), None));
        builder.push("c");
        assert_eq!(builder.take(), Codes { codes: vec![0], names: vec!["c".into()] });
    }
}
