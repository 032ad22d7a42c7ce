//! The panes of one version and segment, dense while they are touched, encoded once they are quiet.

use std::borrow::Cow;
use std::collections::BTreeMap;

use super::sliding::SlidingSum;
use crate::domain::Timestamp;
use crate::sketch::{ColumnCounts, Extremes, GridId, Newcomers, Ruler, RulerMismatch, Tally};

/// What is in memory of one (version, segment).
#[derive(Debug, Default)]
pub struct Lane {
    pub panes: BTreeMap<Timestamp, Entry>,
    /// One a window length asked for; the newest first asked is not special.
    pub sums: Vec<SlidingSum>,
}

/// One pane: its counts, and how often they were changed after it closed.
#[derive(Debug, Default)]
pub struct Entry {
    /// `None`: known, but to be read from the store.
    pub resident: Option<Resident>,
    pub revision: u32,
    /// When it was last touched, in ticks of the book.
    pub touched: u64,
}

/// Counts in memory.
#[derive(Debug)]
pub enum Resident {
    Dense(Box<Tally>),
    Encoded { ruler_id: GridId, bytes: Box<[u8]>, merged: Merged },
}

/// What of a tally only merges, kept beside the encoded counts so that sliding need not decode them.
#[derive(Debug)]
pub struct Merged {
    columns: Box<[MergedColumn]>,
    unknown_features: Newcomers,
}

#[derive(Debug)]
enum MergedColumn {
    Extremes(Extremes),
    Newcomers(Newcomers),
}

impl Resident {
    /// The counts. Errors where they lie on another ruler.
    pub fn tally(&self, ruler: &Ruler) -> Result<Cow<'_, Tally>, RulerMismatch> {
        match self {
            Self::Dense(tally) => Ok(Cow::Borrowed(tally)),
            Self::Encoded { ruler_id, bytes, .. } => match Tally::decode(bytes, ruler) {
                Ok(tally) => Ok(Cow::Owned(tally)),
                Err(_) => Err(RulerMismatch { left: ruler.id(), right: *ruler_id }),
            },
        }
    }

    pub fn ruler_id(&self) -> GridId {
        match self {
            Self::Dense(tally) => tally.ruler_id,
            Self::Encoded { ruler_id, .. } => *ruler_id,
        }
    }

    pub fn encoded(self) -> Self {
        match self {
            Self::Dense(tally) => {
                let merged = Merged::of(&tally);
                Self::Encoded { ruler_id: tally.ruler_id, bytes: tally.encode().into(), merged }
            }
            encoded => encoded,
        }
    }

    /// Merges extremes and names into a sum.
    pub fn merge_into(&self, sum: &mut Tally) {
        match self {
            Self::Dense(tally) => Merged::of(tally).merge_into(sum),
            Self::Encoded { merged, .. } => merged.merge_into(sum),
        }
    }

    /// Bytes in memory, about.
    pub fn bytes(&self) -> usize {
        match self {
            Self::Dense(tally) => tally_bytes(tally),
            Self::Encoded { bytes, merged, .. } => bytes.len() + size_of_val(&*merged.columns),
        }
    }
}

impl Merged {
    fn of(tally: &Tally) -> Self {
        Self {
            columns: tally.columns.iter().map(MergedColumn::of).collect(),
            unknown_features: tally.unknown_features.names.clone(),
        }
    }

    fn merge_into(&self, sum: &mut Tally) {
        sum.columns.iter_mut().zip(&self.columns).for_each(|(column, merged)| merged.merge_into(column));
        sum.unknown_features.names.merge(&self.unknown_features);
    }
}

impl MergedColumn {
    fn of(column: &ColumnCounts) -> Self {
        match column {
            ColumnCounts::Numeric { extremes, .. } => Self::Extremes(*extremes),
            ColumnCounts::Categorical { newcomers, .. } => Self::Newcomers(newcomers.clone()),
        }
    }

    fn merge_into(&self, column: &mut ColumnCounts) {
        match (self, column) {
            (Self::Extremes(mine), ColumnCounts::Numeric { extremes, .. }) => extremes.merge(mine),
            (Self::Newcomers(mine), ColumnCounts::Categorical { newcomers, .. }) => newcomers.merge(mine),
            _ => {}
        }
    }
}

/// Bytes of a dense tally, about.
pub fn tally_bytes(tally: &Tally) -> usize {
    let columns = tally.columns.iter().map(|column| match column {
        ColumnCounts::Numeric { counts, .. } => {
            size_of_val(&*counts.bins) + size_of_val(&*counts.sums) + size_of::<ColumnCounts>()
        }
        ColumnCounts::Categorical { counts, .. } => size_of_val(&*counts.named) + size_of::<ColumnCounts>(),
    });
    size_of::<Tally>() + columns.sum::<usize>()
}
