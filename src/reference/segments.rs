//! What a reference knows of single segments: the counts of its rows by each value of some attributes.
//!
//! Segments have no nulls of their own: those measured on all rows hold for them too ([`Profile::null`] knows no
//! segment). What makes rows dependent, bursts of one user or values that wander, reaches a slice as it reaches the
//! whole, and a wandering mean weighs less on fewer rows; a slice that is more restless than the whole is not covered.
//!
//! [`Profile::null`]: super::Profile::null

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use serde::{Deserialize, Serialize};

use crate::domain::Segment;
use crate::sketch::{ColumnCounts, Extremes, Ruler, Tally};

/// On which bins segments are counted.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum SegmentGrid {
    /// The groups of PSI and its kin: [`Ruler::coarse`].
    #[default]
    Groups,
    /// All bins, as for all rows.
    Full,
}

/// The counts of a reference's segments. By default there are none.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct SegmentReference {
    pub grid: SegmentGrid,
    /// What the rows were sliced by, whether or not a row had a value.
    pub attributes: BTreeSet<Box<str>>,
    /// By segment, each of an attribute in `attributes`, on [`SegmentGrid::ruler`]. Without extremes.
    pub tallies: BTreeMap<Segment, Arc<Tally>>,
}

impl SegmentGrid {
    pub fn of(full_grid: bool) -> Self {
        if full_grid { Self::Full } else { Self::Groups }
    }

    /// The ruler that segments lie on, where all rows lie on `whole`.
    pub fn ruler(self, whole: &Ruler) -> Ruler {
        match self {
            Self::Groups => whole.coarse(),
            Self::Full => whole.clone(),
        }
    }
}

impl SegmentReference {
    /// The counts of segments on the bins wanted; `whole` is the profile's ruler. From all bins the groups follow, but
    /// not the other way: then there are none.
    pub fn on(&self, wanted: SegmentGrid, whole: &Ruler) -> BTreeMap<Segment, Arc<Tally>> {
        match (self.grid, wanted) {
            (SegmentGrid::Groups, SegmentGrid::Full) => BTreeMap::new(),
            (SegmentGrid::Full, SegmentGrid::Groups) => {
                let coarse = whole.coarse();
                let coarsened = |tally: &Tally| tally.coarsened(whole, &coarse).ok().map(Arc::new);
                let tallies = self.tallies.iter();
                tallies.filter_map(|(segment, tally)| Some((segment.clone(), coarsened(tally)?))).collect()
            }
            _ => self.tallies.clone(),
        }
    }

    /// The values of an attribute and their rows, those with most first, ties by name.
    pub fn values_of(&self, attribute: &str) -> Vec<(&str, i64)> {
        let values = self.tallies.iter().filter_map(|(segment, tally)| match segment {
            Segment::Slice { attribute: of, value } if **of == *attribute => Some((&**value, tally.rows)),
            _ => None,
        });
        let mut values: Vec<(&str, i64)> = values.collect();
        values.sort_by_key(|&(value, rows)| (std::cmp::Reverse(rows), value));
        values
    }

    /// The same with at most so many values of each attribute: those with most rows, ties by name; the rest becomes
    /// [`Segment::OTHER`], as in live traffic.
    pub fn at_most(mut self, values_max: usize) -> Self {
        for attribute in &self.attributes {
            let values = self.values_of(attribute);
            let named = values.into_iter().map(|(value, _)| value).filter(|value| *value != Segment::OTHER);
            let surplus: Vec<Box<str>> = named.skip(values_max).map(Box::from).collect();
            for value in surplus {
                let segment = Segment::Slice { attribute: attribute.clone(), value };
                let Some(tally) = self.tallies.remove(&segment) else { continue };
                let other = Segment::Slice { attribute: attribute.clone(), value: Segment::OTHER.into() };
                match self.tallies.get_mut(&other) {
                    // All segments lie on one ruler, so adding cannot fail.
                    Some(sum) => drop(Arc::make_mut(sum).add(&tally)),
                    None => drop(self.tallies.insert(other, tally)),
                }
            }
        }
        self
    }
}

/// A tally as a reference keeps it of a segment: what a slice's smallest and largest values are, no statistic asks.
pub fn without_extremes(mut tally: Tally) -> Tally {
    for column in &mut tally.columns {
        if let ColumnCounts::Numeric { extremes, .. } = column {
            *extremes = Extremes::NONE;
        }
    }
    tally
}
