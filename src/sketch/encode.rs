//! The stored form of a tally: sparse, signed, versioned.
//!
//! ```text
//! 1 byte  format version (1)
//! 16 byte ruler id
//! signed  rows
//! then sections, one a column in the ruler's order, others after them:
//!   1 byte  type: 1 numeric, 2 categorical, 3 unknown features and 4 outcomes, if there are any; others are kept as they are
//!   unsigned length in bytes, then the body
//! numeric body:     entries, each (gap of bins, count, sum of units); 6 single counts; Σk²; 1 byte: extremes follow;
//!                   min and max as f64 bits, little-endian
//! categorical body: entries, each (gap of categories, count); 4 single counts; names of newcomers
//! features body:    rows; names
//! outcomes body:    entries of counts, each (gap, count), then of sums, each (gap, sum)
//! names:            how many, each (count, length, name); 1 byte: names were left out
//! ```
//! Numbers are varints; "entries" begins with how many there are. Equal tallies have equal bytes.

use std::sync::Arc;

use super::categorical_counts::CategoricalCounts;
use super::encoded::EncodedTally;
use super::extremes::Extremes;
use super::integers::Integers;
use super::newcomers::Newcomers;
use super::numeric_counts::NumericCounts;
use super::ruler::{Grid, GridId, Ruler};
use super::tally::{ColumnCounts, Section, Tally};
use super::unknown_features::UnknownFeatures;
use super::varint::{write_signed, write_unsigned};

pub(super) const VERSION: u8 = 1;
pub(super) const NUMERIC: u8 = 1;
pub(super) const CATEGORICAL: u8 = 2;
pub(super) const UNKNOWN_FEATURES: u8 = 3;
pub(super) const OUTCOMES: u8 = 4;

impl Tally {
    pub fn encode(&self) -> Vec<u8> {
        let mut writer = Columns::new(self.ruler_id, self.rows);
        self.columns.iter().for_each(|column| writer.column(column));
        writer.finish(&self.unknown_features, &self.outcomes, &self.unknown)
    }
}

/// Writes a tally column by column, so that those written need not stay in memory.
pub struct TallyWriter {
    ruler: Arc<Ruler>,
    rows: i64,
    columns: Columns,
}

impl TallyWriter {
    /// `rows` that are to be counted on a ruler.
    pub fn new(ruler: &Arc<Ruler>, rows: i64) -> Self {
        Self { ruler: Arc::clone(ruler), rows, columns: Columns::new(ruler.id(), rows) }
    }

    /// The next column in the ruler's order.
    pub fn column(&mut self, column: &ColumnCounts) {
        self.columns.column(column);
    }

    /// After all columns of the ruler.
    pub fn finish(self, unknown_features: &UnknownFeatures, outcomes: &Integers) -> EncodedTally {
        let bytes = self.columns.finish(unknown_features, outcomes, &[]);
        EncodedTally::written(&self.ruler, self.rows, bytes)
    }
}

impl EncodedTally {
    /// Outcomes alone, of rows that were counted before: in time by what they hold, not by the ruler's bins.
    pub fn of_outcomes(ruler: &Arc<Ruler>, outcomes: &Integers) -> Self {
        assert_eq!(
            ruler.outcomes_shape(),
            outcomes.shape(),
            "outcomes are encoded with the ruler they lie on"
        );
        let mut columns = Columns::new(ruler.id(), 0);
        ruler.columns().iter().for_each(|(_, grid)| columns.empty_column(grid));
        Self::written(ruler, 0, columns.finish(&UnknownFeatures::default(), outcomes, &[]))
    }
}

struct Columns {
    out: Vec<u8>,
    /// Of the section being written; kept for its room.
    body: Vec<u8>,
}

impl Columns {
    fn new(ruler_id: GridId, rows: i64) -> Self {
        let mut out = vec![VERSION];
        out.extend(ruler_id.0);
        write_signed(&mut out, rows.into());
        Self { out, body: Vec::new() }
    }

    fn column(&mut self, column: &ColumnCounts) {
        self.body.clear();
        let kind = match column {
            ColumnCounts::Numeric { counts, extremes } => {
                encode_numeric(&mut self.body, counts, extremes);
                NUMERIC
            }
            ColumnCounts::Categorical { counts, newcomers } => {
                encode_categorical(&mut self.body, counts, newcomers);
                CATEGORICAL
            }
        };
        write_section(&mut self.out, kind, &self.body);
    }

    fn empty_column(&mut self, grid: &Grid) {
        // No bin is written that is empty, so that it need not be known how many there are.
        self.column(&match grid {
            Grid::Numeric(_) => {
                ColumnCounts::Numeric { counts: NumericCounts::default(), extremes: Extremes::NONE }
            }
            Grid::Categorical(_) => ColumnCounts::Categorical {
                counts: CategoricalCounts::default(),
                newcomers: Newcomers::default(),
            },
        });
    }

    fn finish(
        mut self,
        unknown_features: &UnknownFeatures,
        outcomes: &Integers,
        unknown: &[Section],
    ) -> Vec<u8> {
        if !unknown_features.is_empty() {
            self.body.clear();
            write_signed(&mut self.body, unknown_features.rows.into());
            encode_names(&mut self.body, &unknown_features.names);
            write_section(&mut self.out, UNKNOWN_FEATURES, &self.body);
        }
        if !outcomes.is_zero() {
            self.body.clear();
            outcomes.encode(&mut self.body);
            write_section(&mut self.out, OUTCOMES, &self.body);
        }
        unknown.iter().for_each(|section| write_section(&mut self.out, section.kind, &section.body));
        self.out
    }
}

fn write_section(out: &mut Vec<u8>, kind: u8, body: &[u8]) {
    out.push(kind);
    write_unsigned(out, body.len() as u128);
    out.extend(body);
}

fn encode_numeric(out: &mut Vec<u8>, counts: &NumericCounts, extremes: &Extremes) {
    let entries = || counts.bins.iter().zip(&counts.sums).enumerate();
    let filled = || entries().filter(|(_, (count, sum))| **count != 0 || **sum != 0);
    write_unsigned(out, filled().count() as u128);
    let mut next = 0;
    for (i, (&count, &sum)) in filled() {
        write_unsigned(out, (i - next) as u128);
        write_signed(out, count.into());
        write_signed(out, sum);
        next = i + 1;
    }
    counts.scalars().into_iter().for_each(|count| write_signed(out, count.into()));
    write_signed(out, counts.sum_squares);
    out.push(u8::from(!extremes.is_none()));
    if !extremes.is_none() {
        out.extend(extremes.min.to_le_bytes());
        out.extend(extremes.max.to_le_bytes());
    }
}

fn encode_categorical(out: &mut Vec<u8>, counts: &CategoricalCounts, newcomers: &Newcomers) {
    let filled = || counts.named.iter().enumerate().filter(|(_, count)| **count != 0);
    write_unsigned(out, filled().count() as u128);
    let mut next = 0;
    for (i, &count) in filled() {
        write_unsigned(out, (i - next) as u128);
        write_signed(out, count.into());
        next = i + 1;
    }
    counts.scalars().into_iter().for_each(|count| write_signed(out, count.into()));
    encode_names(out, newcomers);
}

fn encode_names(out: &mut Vec<u8>, newcomers: &Newcomers) {
    let names = newcomers.by_count();
    write_unsigned(out, names.len() as u128);
    for (name, count) in names {
        write_signed(out, count.into());
        write_unsigned(out, name.len() as u128);
        out.extend(name.as_bytes());
    }
    out.push(u8::from(newcomers.is_truncated()));
}
