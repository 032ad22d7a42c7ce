//! A few names that the reference or the schema did not know: a hint for people, never judged by.

use std::collections::BTreeMap;

use super::categorical_grid::name_hash;

/// Names kept.
const NAMES_MAX: usize = 16;

/// The [`NAMES_MAX`] newcomers of smallest hash, with exact counts.
///
/// Kept by hash, not by arrival: a name among the smallest of a union is among the smallest of every part that has
/// it, so parts merge exactly in any order. Once a name was left out, `truncated` stays set.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Newcomers {
    by_hash: BTreeMap<(u64, Box<str>), i64>,
    truncated: bool,
}

impl Newcomers {
    pub fn add(&mut self, name: &str, count: i64) {
        let key = (name_hash(name), Box::from(name));
        *self.by_hash.entry(key).or_default() += count;
        self.cut();
    }

    /// Merges what another part saw. Counts may be negative (corrections); a name whose count returns to 0 leaves.
    pub fn merge(&mut self, other: &Self) {
        self.truncated |= other.truncated;
        for (key, count) in &other.by_hash {
            *self.by_hash.entry(key.clone()).or_default() += count;
        }
        self.by_hash.retain(|_, count| *count != 0);
        self.cut();
    }

    fn cut(&mut self) {
        while self.by_hash.len() > NAMES_MAX {
            self.by_hash.pop_last();
            self.truncated = true;
        }
    }

    /// Names and counts, most frequent first.
    pub fn by_count(&self) -> Vec<(&str, i64)> {
        let mut names: Vec<_> = self.by_hash.iter().map(|((_, name), &count)| (&**name, count)).collect();
        names.sort_by(|a, b| b.1.cmp(&a.1).then_with(|| a.0.cmp(b.0)));
        names
    }

    /// Whether there were more names than are kept.
    pub fn is_truncated(&self) -> bool {
        self.truncated
    }

    pub fn is_empty(&self) -> bool {
        self.by_hash.is_empty()
    }

    /// The same, knowing that further names were left out.
    #[must_use]
    pub fn with_truncated(mut self, truncated: bool) -> Self {
        self.truncated |= truncated;
        self
    }
}
