//! The ruler of a categorical column: the reference's categories, and where everything else goes.

use hashbrown::{HashMap, HashSet};

use super::numeric_grid::GridError;

/// Categories kept by name; the rest of the reference's is the tail, counted as `other`.
pub const CATEGORIES_MAX: usize = 1_000;
/// Tail categories remembered (as 64-bit hashes) so that they are told from unseen ones.
pub const TAIL_MAX: usize = 100_000;
/// Longest category name counted by its own; longer ones are cut here, at a character's boundary.
pub const NAME_BYTES_MAX: usize = 256;

/// A categorical column's places, frozen: named categories in order, then `other`, then `unseen`.
#[derive(Debug, Clone)]
pub struct CategoricalGrid {
    categories: Vec<Box<str>>,
    index: HashMap<Box<str>, u32>,
    /// Hashes of the reference's categories past the cap, sorted.
    tail: Vec<u64>,
    tail_set: HashSet<u64>,
    /// Whether even the tail was cut: then an unknown name cannot be told from a rare one, and counts as `other`.
    open: bool,
}

/// Where a value is counted.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Place {
    Named(u32),
    Other,
    Unseen,
}

impl CategoricalGrid {
    /// Freezes the grid of a reference with these categories and their counts.
    ///
    /// The most frequent [`CATEGORIES_MAX`] are kept, ties by name, and stand in order of their names.
    pub fn from_counts<'a>(counts: impl IntoIterator<Item = (&'a str, u64)>) -> Self {
        let mut by_count: Vec<(&str, u64)> = counts.into_iter().collect();
        by_count.sort_unstable_by(|a, b| b.1.cmp(&a.1).then_with(|| a.0.cmp(b.0)));
        let (kept, rest) = by_count.split_at(by_count.len().min(CATEGORIES_MAX));
        let mut categories: Vec<Box<str>> = kept.iter().map(|(name, _)| (*name).into()).collect();
        categories.sort_unstable();
        let open = rest.len() > TAIL_MAX;
        let mut tail: Vec<u64> =
            if open { Vec::new() } else { rest.iter().map(|(name, _)| name_hash(name)).collect() };
        tail.sort_unstable();
        tail.dedup();
        Self::assemble(categories, tail, open)
    }

    /// `false` and `true`.
    pub fn boolean() -> Self {
        Self::assemble(vec!["false".into(), "true".into()], Vec::new(), false)
    }

    /// Whether this is the grid of a boolean column, which names both values whatever its reference held.
    pub fn is_boolean(&self) -> bool {
        self.categories.iter().map(|name| &**name).eq(["false", "true"]) && self.tail.is_empty() && !self.open
    }

    /// Makes the grid again from what was stored.
    pub fn from_parts(
        mut categories: Vec<Box<str>>,
        mut tail: Vec<u64>,
        open: bool,
    ) -> Result<Self, GridError> {
        categories.sort_unstable();
        tail.sort_unstable();
        tail.dedup();
        if let Some(pair) = categories.windows(2).find(|pair| pair[0] == pair[1]) {
            return Err(GridError::DuplicateCategory(pair[0].to_string()));
        }
        Ok(Self::assemble(categories, tail, open))
    }

    fn assemble(categories: Vec<Box<str>>, tail: Vec<u64>, open: bool) -> Self {
        let index = categories.iter().zip(0..).map(|(name, i)| (name.clone(), i)).collect();
        let tail_set = tail.iter().copied().collect();
        Self { categories, index, tail, tail_set, open }
    }

    /// The named categories, in order.
    pub fn categories(&self) -> &[Box<str>] {
        &self.categories
    }

    /// Hashes of the tail's categories, sorted.
    pub fn tail(&self) -> &[u64] {
        &self.tail
    }

    /// Whether unknown names cannot be told from rare ones.
    pub fn is_open(&self) -> bool {
        self.open
    }

    /// Where a value belongs. `value` is at most [`NAME_BYTES_MAX`] long (see [`cut_name`]).
    pub fn place(&self, value: &str) -> Place {
        match self.index.get(value) {
            Some(&i) => Place::Named(i),
            None if self.open || (!self.tail.is_empty() && self.tail_set.contains(&name_hash(value))) => {
                Place::Other
            }
            None => Place::Unseen,
        }
    }
}

impl PartialEq for CategoricalGrid {
    fn eq(&self, other: &Self) -> bool {
        (&self.categories, &self.tail, self.open) == (&other.categories, &other.tail, other.open)
    }
}

/// The name as it is counted: cut to [`NAME_BYTES_MAX`] bytes at a character's boundary.
pub fn cut_name(name: &str) -> &str {
    if name.len() <= NAME_BYTES_MAX { name } else { &name[..name.floor_char_boundary(NAME_BYTES_MAX)] }
}

/// A stable 64-bit hash of a name (FNV-1a with a final mix): stored, so it must never change.
pub(super) fn name_hash(name: &str) -> u64 {
    let fnv = name.bytes().fold(0xcbf2_9ce4_8422_2325u64, |hash, byte| {
        (hash ^ u64::from(byte)).wrapping_mul(0x0000_0100_0000_01b3)
    });
    let mixed = (fnv ^ (fnv >> 32)).wrapping_mul(0xd6e8_feb8_6659_fd93);
    mixed ^ (mixed >> 32)
}
