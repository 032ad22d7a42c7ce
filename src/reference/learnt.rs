//! What is kept of live traffic while a reference is being learnt: per column the sorted values and how often each came.
//!
//! No row is kept: columns are sorted apart, so which values came together is gone. Stored with the deltas of each
//! pane, merged like counts in any order, counted onto the grid at the freeze, then deleted. Where too much comes, it
//! is thinned: of each column every second value in order of size is kept, or every fourth …, the same way of all.

use std::collections::BTreeMap;

use sha2::{Digest, Sha256};

use crate::batch::{Batch, Codes, ColumnValues, Part, Rows, Schema};
use crate::domain::{ColumnId, ColumnKind};
use crate::sketch::{MISSING, WRONG_TYPE};

/// Sorted multisets of the columns of some rows.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Learnt {
    pub rows: u64,
    /// Values kept of each column: as many as rows, unless it was thinned.
    pub kept: u64,
    /// Of the values every 2^level-th is kept.
    pub level: u8,
    pub columns: BTreeMap<ColumnId, LearntColumn>,
}

/// One column's values with their counts.
#[derive(Debug, Clone, PartialEq)]
pub enum LearntColumn {
    /// In total order; what is no number ([`crate::sketch::MISSING`] and the like) is among them.
    Numeric(BTreeMap<TotalOrder, u64>),
    Categorical {
        names: BTreeMap<Box<str>, u64>,
        missing: u64,
        wrong_type: u64,
    },
}

/// An f64 by its bits, in `total_cmp`'s order; −0 and 0 are one.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct TotalOrder(i64);

impl TotalOrder {
    pub fn of(value: f64) -> Self {
        let value = if value == 0.0 { 0.0 } else { value };
        Self(flip(value.to_bits() as i64))
    }

    pub fn value(self) -> f64 {
        f64::from_bits(flip(self.0) as u64)
    }
}

/// Its own inverse.
fn flip(bits: i64) -> i64 {
    bits ^ (((bits >> 63) as u64) >> 1) as i64
}

impl Learnt {
    /// The values of one part of a batch.
    pub fn of(batch: &Batch, schema: &Schema, part: &Part) -> Self {
        let columns = schema.columns.iter().zip(&batch.columns).map(|(column, values)| {
            let selected;
            let values = match &part.rows {
                Rows::All => values,
                Rows::Some(rows) => {
                    selected = values.select(rows);
                    &selected
                }
            };
            (column.id.clone(), LearntColumn::of(values))
        });
        let rows = part.rows.count(batch.rows()) as u64;
        Self { rows, kept: rows, level: 0, columns: columns.collect() }
    }

    /// Keeps only every 2^level-th value of each column, counted in order of size from one that a hash of all values
    /// chooses: unbiased, and the same wherever it is done. What is as thin already stays.
    pub fn thinned(mut self, level: u8) -> Self {
        let Some(further) = level.checked_sub(self.level).filter(|further| *further > 0) else { return self };
        let step = 1u64.checked_shl(further.into()).unwrap_or(u64::MAX);
        let digest = Sha256::digest(self.encode());
        let drawn = digest.iter().take(8).fold(0, |drawn, byte| drawn << 8 | u64::from(*byte));
        let every = Every { step, first: drawn % step };
        self.columns.values_mut().for_each(|column| column.thin(every));
        self.kept = every.below(self.kept);
        self.level = level;
        self
    }

    /// Adds what another part learnt, as thin as this. A column of another kind than before (the config changed)
    /// starts over.
    pub fn merge(&mut self, other: Self) {
        self.rows += other.rows;
        self.kept += other.kept;
        self.level = self.level.max(other.level);
        for (id, theirs) in other.columns {
            match self.columns.get_mut(&id) {
                Some(mine) => mine.merge(theirs),
                None => {
                    self.columns.insert(id, theirs);
                }
            }
        }
    }

    /// The values kept of a column, as many of each: rows before the column was first seen have none. A column that was learnt
    /// as another kind is of the wrong type.
    pub fn values_of(&self, id: &ColumnId, kind: ColumnKind) -> ColumnValues {
        let rows = self.kept as usize;
        match (kind, self.columns.get(id).map(LearntColumn::values)) {
            (ColumnKind::Numeric, Some(ColumnValues::Numeric(mut values))) => {
                values.resize(rows, MISSING);
                ColumnValues::Numeric(values)
            }
            (ColumnKind::Numeric, found) => {
                ColumnValues::Numeric(vec![found.map_or(MISSING, |_| WRONG_TYPE); rows])
            }
            (_, Some(ColumnValues::Categorical(mut codes))) => {
                codes.codes.resize(rows, Codes::MISSING);
                ColumnValues::Categorical(codes)
            }
            (_, found) => {
                let code = found.map_or(Codes::MISSING, |_| Codes::WRONG_TYPE);
                ColumnValues::Categorical(Codes { codes: vec![code; rows], names: Vec::new() })
            }
        }
    }
}

impl LearntColumn {
    fn of(values: &ColumnValues) -> Self {
        match values {
            ColumnValues::Numeric(values) => {
                let mut counts = BTreeMap::new();
                values.iter().for_each(|&value| *counts.entry(TotalOrder::of(value)).or_default() += 1);
                Self::Numeric(counts)
            }
            ColumnValues::Categorical(codes) => {
                let mut by_code = vec![0u64; codes.names.len()];
                let (mut missing, mut wrong_type) = (0, 0);
                for &code in &codes.codes {
                    match code {
                        Codes::MISSING => missing += 1,
                        Codes::WRONG_TYPE => wrong_type += 1,
                        code => by_code[code as usize] += 1,
                    }
                }
                let named = codes.names.iter().cloned().zip(by_code).filter(|(_, count)| *count > 0);
                Self::Categorical { names: named.collect(), missing, wrong_type }
            }
        }
    }

    /// Booleans were learnt as names.
    pub fn kind(&self) -> ColumnKind {
        match self {
            Self::Numeric(_) => ColumnKind::Numeric,
            Self::Categorical { .. } => ColumnKind::Categorical,
        }
    }

    fn thin(&mut self, every: Every) {
        let mut place = 0;
        let mut left = |count: u64| {
            let before = every.below(place);
            place += count;
            every.below(place) - before
        };
        match self {
            Self::Numeric(counts) => counts.values_mut().for_each(|count| *count = left(*count)),
            Self::Categorical { names, missing, wrong_type } => {
                let nameless = [missing, wrong_type];
                names.values_mut().chain(nameless).for_each(|count| *count = left(*count));
            }
        }
        match self {
            Self::Numeric(counts) => counts.retain(|_, count| *count > 0),
            Self::Categorical { names, .. } => names.retain(|_, count| *count > 0),
        }
    }

    fn merge(&mut self, other: Self) {
        match (self, other) {
            (Self::Numeric(mine), Self::Numeric(theirs)) => add(mine, theirs),
            (
                Self::Categorical { names, missing, wrong_type },
                Self::Categorical { names: n, missing: m, wrong_type: w },
            ) => {
                add(names, n);
                *missing += m;
                *wrong_type += w;
            }
            (mine, theirs) => *mine = theirs,
        }
    }

    /// The values again, as a batch column of as many rows: sorted, so without the rows they came in.
    pub fn values(&self) -> ColumnValues {
        match self {
            Self::Numeric(counts) => ColumnValues::Numeric(
                counts
                    .iter()
                    .flat_map(|(value, &count)| std::iter::repeat_n(value.value(), count as usize))
                    .collect(),
            ),
            Self::Categorical { names, missing, wrong_type } => {
                let named = (0u32..).zip(names.values());
                let nameless = [(Codes::MISSING, missing), (Codes::WRONG_TYPE, wrong_type)];
                let codes = named
                    .chain(nameless)
                    .flat_map(|(code, &count)| std::iter::repeat_n(code, count as usize))
                    .collect();
                ColumnValues::Categorical(Codes { codes, names: names.keys().cloned().collect() })
            }
        }
    }
}

/// The places `first`, `first + step`, `first + 2 step` …
#[derive(Clone, Copy)]
struct Every {
    step: u64,
    first: u64,
}

impl Every {
    /// How many of them lie below `place`.
    fn below(self, place: u64) -> u64 {
        place.saturating_sub(self.first).div_ceil(self.step)
    }
}

fn add<K: Ord>(mine: &mut BTreeMap<K, u64>, theirs: BTreeMap<K, u64>) {
    for (key, count) in theirs {
        *mine.entry(key).or_default() += count;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn learnt(numbers: &[f64], names: &[&str]) -> Learnt {
        let mut codes = crate::batch::CodesBuilder::default();
        names.iter().for_each(|name| codes.push(name));
        codes.push_nameless(Codes::MISSING);
        let columns = [
            (ColumnId::feature("x"), LearntColumn::of(&ColumnValues::Numeric(numbers.to_vec()))),
            (ColumnId::Prediction, LearntColumn::of(&ColumnValues::Categorical(codes.take()))),
        ];
        let rows = numbers.len() as u64;
        Learnt { rows, kept: rows, level: 0, columns: columns.into() }
    }

    #[test]
    fn merges_in_any_order_and_survives_storage() {
        let parts = [
            learnt(&[1.0, -0.0, MISSING], &["a", "b"]),
            learnt(&[f64::INFINITY, 0.0, WRONG_TYPE], &["b", "b"]),
            learnt(&[f64::NAN, 1.0, -5e-324], &["c", ""]),
        ];
        let merged = |order: [usize; 3]| {
            let mut sum = Learnt::default();
            order.iter().for_each(|&i| sum.merge(parts[i].clone()));
            sum
        };
        let bytes = merged([0, 1, 2]).encode();
        assert_eq!(bytes, merged([2, 1, 0]).encode());
        assert_eq!(Learnt::decode(&bytes).unwrap().encode(), bytes);
        for cut in 0..bytes.len() {
            assert!(Learnt::decode(&bytes[..cut]).is_err(), "cut at {cut}");
        }
    }

    #[test]
    fn values_come_back_with_their_counts() {
        let learnt = learnt(&[2.0, MISSING, 1.0, 2.0], &["a"]);
        let ColumnValues::Numeric(values) = learnt.columns[&ColumnId::feature("x")].values() else {
            unreachable!()
        };
        assert_eq!(values[..3], [1.0, 2.0, 2.0]);
        assert_eq!(values[3].to_bits(), MISSING.to_bits());
        let ColumnValues::Categorical(codes) = learnt.columns[&ColumnId::Prediction].values() else {
            unreachable!()
        };
        assert_eq!((codes.name(0), codes.codes[1]), (Some("a"), Codes::MISSING));
    }

    #[test]
    fn thinned_columns_keep_one_in_so_many_in_order_of_size_and_all_alike() {
        let numbers: Vec<f64> = (0..1_000).map(|i| f64::from(i * 7 % 1_000)).collect();
        let names: Vec<&str> = (0..999).map(|i| if i % 4 == 0 { "rare" } else { "usual" }).collect();
        let (mut kept, mut sum) = (0, 0.0);
        for part in 0..64 {
            let shifted: Vec<f64> = numbers.iter().map(|x| x + f64::from(part)).collect();
            let thin = learnt(&shifted, &names).thinned(3);
            assert_eq!((thin.rows, thin.level), (1_000, 3));
            assert_eq!(thin.kept, 125, "1,000 / 8 wherever it begins");
            let ColumnValues::Numeric(values) = thin.columns[&ColumnId::feature("x")].values() else {
                unreachable!()
            };
            assert_eq!(values.len() as u64, thin.kept);
            assert!(values.windows(2).all(|pair| pair[1] - pair[0] == 8.0));
            let LearntColumn::Categorical { names, .. } = &thin.columns[&ColumnId::Prediction] else {
                unreachable!()
            };
            assert_eq!(names.values().sum::<u64>() + missing_of(&thin), thin.kept);
            assert!((31..=32).contains(&names["rare"]), "{names:?}");
            kept += thin.kept;
            sum += values.iter().map(|x| x - f64::from(part)).sum::<f64>();
        }
        // Each part is off by up to 3.5 of 499.5, to either side; together they are not.
        assert!((sum / kept as f64 - 499.5).abs() < 1.0, "{}", sum / kept as f64);
        let twice = learnt(&numbers, &names).thinned(1).thinned(3);
        assert_eq!((twice.kept, twice.level), (125, 3));
        assert_eq!(Learnt::decode(&twice.encode()).unwrap(), twice);
    }

    fn missing_of(learnt: &Learnt) -> u64 {
        match &learnt.columns[&ColumnId::Prediction] {
            LearntColumn::Categorical { missing, .. } => *missing,
            LearntColumn::Numeric(_) => 0,
        }
    }
}
