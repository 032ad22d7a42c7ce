//! The panes of one version and segment: encoded, but for those that rows come for.

use std::cell::OnceCell;
use std::collections::BTreeMap;

use super::sliding::SlidingSum;
use crate::domain::Timestamp;
use crate::sketch::{ColumnCounts, EncodedTally, Extremes, GridId, Newcomers, Ruler, RulerMismatch, Tally};

/// What is in memory of one (version, segment).
#[derive(Debug, Default)]
pub struct Lane {
    pub panes: BTreeMap<Timestamp, Entry>,
    /// Of closed panes; one a window asked for, more where moving references are asked for too.
    pub sums: Vec<SlidingSum>,
}

/// One pane: its counts, and how often they were changed after it closed.
#[derive(Debug, Default)]
pub struct Entry {
    /// `None`: known, but to be read from the store.
    pub resident: Option<Resident>,
    merged: OnceCell<Box<Merged>>,
    pub revision: u32,
    /// When its counts were last needed, in ticks of the book.
    pub touched: u64,
}

/// Counts in memory.
#[derive(Debug)]
pub enum Resident {
    /// Rows come for it.
    Dense(Box<Tally>),
    Encoded(EncodedTally),
}

/// What of a pane's counts only merges: kept beside them, so that sliding past them need not read them.
#[derive(Debug)]
struct Merged {
    ruler_id: GridId,
    columns: Box<[MergedColumn]>,
    unknown_features: Newcomers,
}

#[derive(Debug)]
enum MergedColumn {
    Extremes(Extremes),
    Newcomers(Newcomers),
}

impl Entry {
    pub fn of(resident: Resident, revision: u32, touched: u64) -> Self {
        Self { resident: Some(resident), merged: OnceCell::new(), revision, touched }
    }

    /// To be called whenever the counts change.
    pub fn changed(&mut self) {
        self.merged = OnceCell::new();
    }

    /// Whether what only merges can be had without the store.
    pub fn merges(&self) -> bool {
        self.resident.is_some() || self.merged.get().is_some()
    }

    pub fn ruler_id(&self) -> Option<GridId> {
        let merged = || self.merged.get().map(|merged| merged.ruler_id);
        self.resident.as_ref().map(Resident::ruler_id).or_else(merged)
    }

    /// Merges extremes and names into a sum on `ruler`.
    pub fn merge_into(&self, sum: &mut Tally, ruler: &Ruler) -> Result<(), RulerMismatch> {
        if let Some(Resident::Dense(tally)) = &self.resident {
            same_ruler(ruler, tally.ruler_id)?;
            Merged::of(tally).merge_into(sum);
        } else if let Some(merged) = self.merged() {
            same_ruler(ruler, merged.ruler_id)?;
            merged.merge_into(sum);
        }
        Ok(())
    }

    fn merged(&self) -> Option<&Merged> {
        if let (None, Some(Resident::Encoded(encoded))) = (self.merged.get(), &self.resident) {
            return Some(self.merged.get_or_init(|| Box::new(Merged::of(&encoded.tally()))));
        }
        self.merged.get().map(|merged| &**merged)
    }

    /// Encodes counts that are dense, and keeps what only merges; the bytes that this freed.
    pub fn encode(&mut self, ruler_of: impl Fn(GridId) -> Option<std::sync::Arc<Ruler>>) -> usize {
        match self.resident.take() {
            Some(Resident::Dense(tally)) => {
                let freed = tally_bytes(&tally);
                self.merged = OnceCell::from(Box::new(Merged::of(&tally)));
                self.resident = Some(match ruler_of(tally.ruler_id) {
                    Some(ruler) => Resident::Encoded(EncodedTally::of(&ruler, &tally)),
                    None => Resident::Dense(tally),
                });
                freed
            }
            other => {
                self.resident = other;
                0
            }
        }
    }

    /// Forgets the counts but for what only merges, where that is less; the bytes that this freed.
    pub fn forget(&mut self) -> usize {
        if let Some(Resident::Dense(tally)) = &self.resident {
            self.merged = OnceCell::from(Box::new(Merged::of(tally)));
        }
        self.merged();
        let freed = self.resident.take().map_or(0, |resident| resident.bytes());
        // Of a few rows they would be the larger part.
        if self.merged.get().is_some_and(|merged| merged.bytes() >= freed) {
            self.merged = OnceCell::new();
        }
        freed
    }

    /// Bytes in memory, about.
    pub fn bytes(&self) -> usize {
        let merged = self.merged.get().map_or(0, |merged| merged.bytes());
        size_of::<Self>() + merged + self.resident.as_ref().map_or(0, Resident::bytes)
    }
}

impl Resident {
    pub fn ruler_id(&self) -> GridId {
        match self {
            Self::Dense(tally) => tally.ruler_id,
            Self::Encoded(encoded) => encoded.ruler_id(),
        }
    }

    pub fn add_to(&self, sum: &mut Tally) -> Result<(), RulerMismatch> {
        match self {
            Self::Dense(tally) => sum.add(tally),
            Self::Encoded(encoded) => {
                let mismatch = RulerMismatch { left: sum.ruler_id, right: encoded.ruler_id() };
                // They were encoded by this process: nothing but the ruler can be wrong with them.
                sum.add_encoded(encoded.bytes()).map_err(|_| mismatch)
            }
        }
    }

    pub fn subtract_from(&self, sum: &mut Tally) -> Result<(), RulerMismatch> {
        match self {
            Self::Dense(tally) => sum.subtract(tally),
            Self::Encoded(encoded) => {
                let mismatch = RulerMismatch { left: sum.ruler_id, right: encoded.ruler_id() };
                sum.subtract_encoded(encoded.bytes()).map_err(|_| mismatch)
            }
        }
    }

    /// Bytes in memory, about.
    fn bytes(&self) -> usize {
        match self {
            Self::Dense(tally) => tally_bytes(tally),
            Self::Encoded(encoded) => encoded.bytes().len(),
        }
    }
}

fn same_ruler(ruler: &Ruler, found: GridId) -> Result<(), RulerMismatch> {
    match ruler.id() == found {
        true => Ok(()),
        false => Err(RulerMismatch { left: ruler.id(), right: found }),
    }
}

impl Merged {
    fn of(tally: &Tally) -> Self {
        Self {
            ruler_id: tally.ruler_id,
            columns: tally.columns.iter().map(MergedColumn::of).collect(),
            unknown_features: tally.unknown_features.names.clone(),
        }
    }

    fn bytes(&self) -> usize {
        size_of::<Self>() + size_of_val(&*self.columns)
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
    size_of::<Tally>() + tally.outcomes.bytes() + columns.sum::<usize>()
}
