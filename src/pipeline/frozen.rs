//! A model with a grid: what its rows are decoded by, counted on and compared with.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use serde::{Deserialize, Serialize};

use super::options::ModelOptions;
use crate::batch::{Schema, SchemaColumn};
use crate::domain::{ColumnId, Segment};
use crate::performance::Yardstick;
use crate::reference::{Baseline, NamedClasses, NoYardstick, Profile, SegmentGrid, yardstick};
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
    pub outcomes: Result<Outcomes, NoYardstick>,
}

/// What outcomes are counted on; their shape is part of the rulers.
#[derive(Debug)]
pub struct Outcomes {
    pub yardstick: Yardstick,
    pub segment_yardstick: Yardstick,
    /// Where the reference held labels.
    pub baseline: Option<Baseline>,
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
        let Rulers { outcomes, ruler, segment_ruler } = Rulers::of(options, &profile);
        let segments = profile.segments.on(SegmentGrid::of(options.full_grid), &profile.ruler);
        let segments = segments.into_iter().map(|(segment, tally)| {
            (segment, Arc::new(Arc::unwrap_or_clone(tally).lying_on(&segment_ruler)))
        });
        let segments = segments.collect();
        let tally = profile.tally.lying_on(&ruler);
        let profile = Profile { tally, ruler: ruler.clone(), ..profile };
        let columns = profile.schema_columns();
        let schema = Arc::new(schema(options, columns));
        let (ruler, segment_ruler) = (Arc::new(ruler), Arc::new(segment_ruler));
        Self { profile, origin, ruler, segment_ruler, segments, schema, outcomes }
    }

    /// The ruler that rows of a segment are counted on.
    pub fn ruler_of(&self, segment: &Segment) -> &Arc<Ruler> {
        match segment {
            Segment::All => &self.ruler,
            Segment::Slice { .. } => &self.segment_ruler,
        }
    }
}

/// What a model counts on, given its config and reference.
pub struct Rulers {
    pub outcomes: Result<Outcomes, NoYardstick>,
    pub ruler: Ruler,
    /// What segments are counted on: the groups only, unless the full grid is wanted.
    pub segment_ruler: Ruler,
}

impl Rulers {
    pub fn of(options: &ModelOptions, profile: &Profile) -> Self {
        let ModelOptions { task, full_grid, .. } = *options;
        let named = NamedClasses { positive: options.positive_class.as_deref(), all: &options.classes };
        let segment_ruler = SegmentGrid::of(full_grid).ruler(&profile.ruler);
        let yardstick = yardstick(task, named, &profile.ruler, profile.outcomes.as_ref());
        let yardstick = match yardstick {
            Ok(yardstick) => yardstick,
            Err(why) => return Self { outcomes: Err(why), ruler: profile.ruler.clone(), segment_ruler },
        };
        let segment_yardstick = if full_grid { yardstick.clone() } else { yardstick.coarse() };
        let ruler = profile.ruler.clone().with_outcomes(yardstick.on_ruler());
        let segment_ruler = segment_ruler.with_outcomes(segment_yardstick.on_ruler());
        let baseline = profile.outcomes.as_ref().and_then(|outcomes| outcomes.baseline(task, &profile.ruler));
        let baseline = baseline.filter(|of| is_measure_of(&of.yardstick, &yardstick));
        let outcomes = Ok(Outcomes { yardstick, segment_yardstick, baseline });
        Self { outcomes, ruler, segment_ruler }
    }
}

/// Whether what the reference's outcomes come to can be compared with the model's: metrics of another positive class are no
/// measure of this one's, nor are those of classes that the model does not have. The order of classes is no matter.
fn is_measure_of(reference: &Yardstick, model: &Yardstick) -> bool {
    let (known, own) = (reference.classes(), model.classes());
    match model {
        Yardstick::Multiclass(_) => known.iter().all(|class| own.contains(class)),
        Yardstick::Binary(_) | Yardstick::Regression(_) => known.first() == own.first(),
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
