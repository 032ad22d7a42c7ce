//! A model with a grid: what its rows are decoded by, counted on and compared with.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use serde::{Deserialize, Serialize};

use super::options::ModelOptions;
use crate::batch::{Schema, SchemaColumn};
use crate::domain::{ColumnId, Segment};
use crate::reference::{Profile, SegmentGrid};
use crate::sketch::{Ruler, Tally};

/// A reference in use.
#[derive(Debug)]
pub struct Frozen {
    pub profile: Profile,
    pub origin: Origin,
    pub ruler: Arc<Ruler>,
    /// What segments are counted on: the groups only, unless the model wants the full grid.
    pub segment_ruler: Arc<Ruler>,
    /// The profile's counts of segments on that ruler; empty where it has none, or the groups alone and all bins are
    /// wanted.
    pub segments: BTreeMap<Segment, Arc<Tally>>,
    pub schema: Arc<Schema>,
}

/// Where a reference came from.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Origin {
    /// A profile or a data file that the config names.
    Configured,
    /// Learnt from traffic.
    Learnt,
}

impl Frozen {
    pub fn new(options: &ModelOptions, profile: Profile, origin: Origin) -> Self {
        let ruler = Arc::new(profile.ruler.clone());
        let segment_ruler = if options.full_grid { ruler.clone() } else { Arc::new(ruler.coarse()) };
        let segments = profile.segments.on(SegmentGrid::of(options.full_grid), &ruler);
        let columns = profile.schema_columns();
        let schema = Arc::new(schema(options, columns));
        Self { profile, origin, ruler, segment_ruler, segments, schema }
    }

    /// The ruler that rows of a segment are counted on.
    pub fn ruler_of(&self, segment: &Segment) -> &Arc<Ruler> {
        match segment {
            Segment::All => &self.ruler,
            Segment::Slice { .. } => &self.segment_ruler,
        }
    }
}

/// The schema of these columns with what the config declares and ignores.
pub fn schema(options: &ModelOptions, columns: Vec<SchemaColumn>) -> Schema {
    let mut columns: Vec<SchemaColumn> =
        columns.into_iter().filter(|column| !options.ignored.contains(&column.id)).collect();
    let known: BTreeSet<ColumnId> = columns.iter().map(|column| column.id.clone()).collect();
    columns.extend(
        options
            .declared
            .iter()
            .filter(|column| !known.contains(&column.id) && !options.ignored.contains(&column.id))
            .cloned(),
    );
    columns.sort_by(|a, b| a.id.cmp(&b.id));
    let ignored = options.ignored.iter().filter_map(|column| match column {
        ColumnId::Feature(name) => Some(name.clone()),
        _ => None,
    });
    Schema { task: options.task, columns, segments: options.segments.clone(), ignored: ignored.collect() }
}
