//! The profile's file: JSON of a fixed order, made to be kept in version control.
//!
//! Floats are written in the shortest form that reads back to the same bits, sums as whole integers (past 2^53: a
//! reader that takes every number for a double loses digits), hashes of rare categories in hex. The same profile
//! always gives the same text. What can be worked out again (ids, extremes, order) is checked or left out; whatever
//! does not fit is refused with the column's name.

mod column;

mod nulls;

mod segments;

mod outcomes;

mod entries;

mod layout;

use serde::{Deserialize, Serialize};

use self::column::{ColumnError, ColumnText};
use self::entries::Entries;
use self::layout::Layout;
use self::outcomes::{OutcomesError, OutcomesText};
use self::segments::{SegmentError, SegmentsText};
use super::profile::{Facts, Profile};
use super::segments::SegmentReference;
use crate::domain::{ColumnId, ModelId, Task, TimeRange};
use crate::sketch::{Ruler, Tally};

const FORMAT: &str = "driftd profile";
/// The newest version. 2 added segments, 3 outcomes; a profile without them is written as the older one, which an older
/// driftd reads too.
const FORMAT_VERSION: u32 = 3;
const VERSION_WITHOUT_OUTCOMES: u32 = 2;
const VERSION_WITHOUT_SEGMENTS: u32 = 1;

/// Why a text is no profile.
#[derive(Debug, thiserror::Error)]
pub enum ProfileTextError {
    #[error("is no profile: it has no `\"format\": \"{FORMAT}\"`")]
    NotAProfile,
    #[error("is a profile of format version {found}; this driftd reads versions 1 to {FORMAT_VERSION}")]
    Version { found: u64 },
    #[error("is a damaged profile: {0}")]
    Json(#[from] serde_json::Error),
    #[error("is a damaged profile: column `{column}` {reason}")]
    Column { column: String, reason: ColumnError },
    #[error("is a damaged profile: segment `{segment}` {reason}")]
    Segment { segment: String, reason: Box<SegmentError> },
    #[error("is a damaged profile: its outcomes {0}")]
    Outcomes(Box<OutcomesError>),
    #[error("is a damaged profile: {0}")]
    Facts(&'static str),
}

/// The only fields that every version must have.
#[derive(Deserialize)]
struct Head {
    format: Option<String>,
    format_version: Option<u64>,
}

#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct ProfileText {
    format: String,
    format_version: u32,
    driftd_version: String,
    model: ModelId,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    task: Option<Task>,
    rows: i64,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    period: Option<TimeRange>,
    /// Numeric columns without a finite value.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    without_values: Vec<ColumnId>,
    columns: Entries<ColumnText>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    segments: Option<SegmentsText>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    outcomes: Option<OutcomesText>,
}

impl Profile {
    /// The profile as the text of its file; it ends with a new line.
    pub fn to_text(&self) -> String {
        let columns = self.iter().map(|(id, grid, counts, column)| {
            (id.to_string(), ColumnText::of(grid, counts, column.kind, &column.nulls))
        });
        let segments = SegmentsText::of(&self.segments, &self.ruler);
        let outcomes = self.outcomes.as_ref().map(OutcomesText::of);
        let format_version = match (&outcomes, &segments) {
            (Some(_), _) => FORMAT_VERSION,
            (None, Some(_)) => VERSION_WITHOUT_OUTCOMES,
            (None, None) => VERSION_WITHOUT_SEGMENTS,
        };
        let text = ProfileText {
            format: FORMAT.to_owned(),
            format_version,
            driftd_version: self.facts.driftd_version.clone(),
            model: self.facts.model.clone(),
            task: self.facts.task,
            rows: self.tally.rows,
            period: self.facts.period,
            without_values: self.without_values.clone(),
            columns: Entries(columns.collect()),
            segments,
            outcomes,
        };
        let mut out = Vec::new();
        text.serialize(&mut serde_json::Serializer::with_formatter(&mut out, Layout::default()))
            .expect("a profile is text, numbers and string keys, and memory takes any amount");
        out.push(b'\n');
        String::from_utf8(out).expect("serde_json writes UTF-8")
    }

    /// Reads what [`Profile::to_text`] wrote. Errors on another format version and on whatever does not fit.
    pub fn from_text(text: &str) -> Result<Self, ProfileTextError> {
        let head: Head = serde_json::from_str(text)?;
        if head.format.as_deref() != Some(FORMAT) {
            return Err(ProfileTextError::NotAProfile);
        }
        match head.format_version {
            Some(found) if (1..=u64::from(FORMAT_VERSION)).contains(&found) => {}
            found => return Err(ProfileTextError::Version { found: found.unwrap_or(0) }),
        }
        let text: ProfileText = serde_json::from_str(text)?;
        if text.rows <= 0 {
            return Err(ProfileTextError::Facts("it was made from no rows"));
        }
        if text.period.is_some_and(|period| period.end <= period.start) {
            return Err(ProfileTextError::Facts("its period ends before it starts"));
        }
        let (mut grids, mut parts) = (Vec::new(), Vec::new());
        for (name, column) in text.columns.0 {
            let failed = |reason| ProfileTextError::Column { column: name.clone(), reason };
            let id: ColumnId = name.parse().map_err(|_| failed(ColumnError::Name))?;
            let (grid, counts, column) = column.read(text.rows).map_err(failed)?;
            if text.without_values.contains(&id) {
                return Err(failed(ColumnError::WithoutValues));
            }
            grids.push((id.clone(), grid));
            parts.push((id, counts, column));
        }
        parts.sort_by(|a, b| a.0.cmp(&b.0));
        let ruler = Ruler::new(grids);
        let (counts, columns) = parts.into_iter().map(|(_, counts, column)| (counts, column)).unzip();
        let tally = Tally { rows: text.rows, columns: counts, ..Tally::empty(&ruler) };
        let segments = match text.segments {
            Some(_) if text.format_version == VERSION_WITHOUT_SEGMENTS => {
                return Err(ProfileTextError::Facts("it has segments, which format version 1 does not have"));
            }
            Some(segments) => segments
                .read(&ruler)
                .map_err(|(segment, reason)| ProfileTextError::Segment { segment, reason })?,
            None => SegmentReference::default(),
        };
        let outcomes = match text.outcomes {
            Some(_) if text.format_version < FORMAT_VERSION => {
                return Err(ProfileTextError::Facts(
                    "it has outcomes, which format versions 1 and 2 do not have",
                ));
            }
            Some(outcomes) => Some(
                outcomes
                    .read(text.task, &ruler)
                    .map_err(|reason| ProfileTextError::Outcomes(Box::new(reason)))?,
            ),
            None => None,
        };
        let facts = Facts {
            model: text.model,
            task: text.task,
            period: text.period,
            driftd_version: text.driftd_version,
        };
        let without_values = text.without_values;
        Ok(Self { facts, ruler, tally, segments, columns, without_values, outcomes })
    }
}
