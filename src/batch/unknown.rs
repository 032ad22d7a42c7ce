//! Keys that the schema does not know, and which rows carry them.

use std::cmp::Ordering;

use super::Rows;
use crate::sketch::{Newcomers, UnknownFeatures};

/// Keys that nobody looks for in the rows of a batch. Rows ascend.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct UnknownKeys {
    /// Rows that carry any.
    pub rows: Vec<u32>,
    /// The first [`UnknownKeys::NAMES_MAX`] names and the rows that carry them, by name.
    pub by_name: Vec<(Box<str>, Vec<u32>)>,
    /// How often further names came.
    pub further: u64,
}

impl UnknownKeys {
    /// Names kept of one body; longer ones than a category may be are not kept.
    pub const NAMES_MAX: usize = 64;

    /// Counts them in some of the rows: how many rows carry any is exact, names past the limit are lost.
    pub fn count(&self, rows: &Rows) -> UnknownFeatures {
        let rows_with = common(&self.rows, rows) as i64;
        if rows_with == 0 {
            return UnknownFeatures::default();
        }
        let mut names = Newcomers::default();
        for (name, with) in &self.by_name {
            match common(with, rows) {
                0 => {}
                count => names.add(name, count as i64),
            }
        }
        UnknownFeatures { rows: rows_with, names: names.with_truncated(self.further > 0) }
    }
}

/// How many of these rows are among `others`: in time by those of either side that are fewer, about.
fn common(mut rows: &[u32], others: &Rows) -> usize {
    let mut others = match others {
        Rows::All => return rows.len(),
        Rows::Some(others) => &others[..],
    };
    let (few, many) = if rows.len() < others.len() { (rows, others) } else { (others, rows) };
    if few.len() < many.len() / 16 {
        return few.iter().filter(|row| many.binary_search(row).is_ok()).count();
    }
    let mut found = 0;
    while let (Some((row, next)), Some((other, next_other))) = (rows.split_first(), others.split_first()) {
        match row.cmp(other) {
            Ordering::Less => rows = next,
            Ordering::Greater => others = next_other,
            Ordering::Equal => (found, rows, others) = (found + 1, next, next_other),
        }
    }
    found
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_part_counts_the_rows_of_its_own() {
        let unknown = UnknownKeys {
            rows: vec![1, 4, 5, 9],
            by_name: vec![("a".into(), vec![1, 5]), ("b".into(), vec![4, 9])],
            further: 0,
        };
        let counted = |rows: &Rows| {
            let counted = unknown.count(rows);
            let names = counted.names.by_count().into_iter().map(|(name, rows)| format!("{name} {rows}"));
            (counted.rows, names.collect::<Vec<_>>().join(", "))
        };
        assert_eq!(counted(&Rows::All), (4, "a 2, b 2".into()));
        assert_eq!(counted(&Rows::Some(vec![0, 1, 5, 9])), (3, "a 2, b 1".into()));
        assert_eq!(counted(&Rows::Some(vec![0, 2, 3])), (0, String::new()));
        assert_eq!(unknown.count(&Rows::Some(Vec::new())), UnknownFeatures::default());
    }
}
