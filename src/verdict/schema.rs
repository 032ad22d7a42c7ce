//! Rows that break the schema: values of the wrong type, features that nobody announced.

use serde::{Deserialize, Serialize};

use super::status::{Severity, Status};
use crate::domain::ColumnId;
use crate::sketch::{Ruler, Tally};
use crate::statistic::Thresholds;

/// How the rows of one window keep to the schema.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct SchemaVerdict {
    pub status: Status,
    /// The largest share of rows with a wrong type in one column, or the share with unknown features. 0 to 1.
    pub worst_share: f64,
    /// Columns with values of the wrong type and the share of rows that have them, worst first.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub wrong_type: Vec<(ColumnId, f64)>,
    /// The share of rows that carry features outside the schema. 0 to 1.
    #[serde(default)]
    pub unknown_share: f64,
    /// Some of these features and the share of rows that carry each, worst first.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub unknown_features: Vec<(String, f64)>,
}

/// Judges the shares of a window's rows that break the schema.
///
/// No test stands behind it: a clean schema has no wrong types at all, so the effect alone says enough. Fewer rows than
/// `min_samples` are not judged.
pub fn judge_schema(ruler: &Ruler, tally: &Tally, thresholds: Thresholds, min_samples: u64) -> SchemaVerdict {
    let share = |rows: i64| if tally.rows > 0 { rows as f64 / tally.rows as f64 } else { 0.0 };
    let columns = ruler.columns().iter().zip(&tally.columns);
    let mut wrong_type: Vec<(ColumnId, f64)> = columns
        .filter(|(_, counts)| counts.wrong_type() > 0)
        .map(|((id, _), counts)| (id.clone(), share(counts.wrong_type())))
        .collect();
    wrong_type.sort_by(|a, b| b.1.total_cmp(&a.1).then_with(|| a.0.cmp(&b.0)));
    let unknown_share = share(tally.unknown_features.rows);
    let named = tally.unknown_features.names.by_count().into_iter();
    let unknown_features = named.map(|(name, rows)| (name.to_owned(), share(rows))).collect();
    let worst_share = wrong_type.first().map_or(0.0, |worst| worst.1).max(unknown_share);
    let status = match worst_share {
        _ if (tally.rows.max(0) as u64) < min_samples.max(1) => Status::InsufficientData,
        share if share >= thresholds.critical => Status::Critical,
        share if share >= thresholds.warning => Status::Warning,
        _ => Status::Ok,
    };
    SchemaVerdict { status, worst_share, wrong_type, unknown_share, unknown_features }
}

impl SchemaVerdict {
    pub fn severity(&self) -> Option<Severity> {
        self.status.severity()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::ColumnId;
    use crate::sketch::{ColumnCounts, Grid, NumericGrid};

    #[test]
    fn the_worst_column_or_feature_decides_once_there_are_rows_enough() {
        let grid = NumericGrid::from_sorted(&[1.0, 2.0]).expect("a grid");
        let ruler = Ruler::new([(ColumnId::feature("age"), Grid::Numeric(grid))]);
        let mut tally = Tally { rows: 1_000, ..Tally::empty(&ruler) };
        let thresholds = Thresholds { warning: 0.01, critical: 0.05 };
        let judge = |tally: &Tally, min_samples| judge_schema(&ruler, tally, thresholds, min_samples).status;
        assert_eq!(judge(&tally, 500), Status::Ok);
        let ColumnCounts::Numeric { counts, .. } = &mut tally.columns[0] else { panic!("numeric") };
        counts.wrong_type = 10;
        assert_eq!(judge(&tally, 500), Status::Warning);
        tally.unknown_features.rows = 50;
        tally.unknown_features.names.add("shoe_size", 50);
        let verdict = judge_schema(&ruler, &tally, thresholds, 500);
        assert_eq!((verdict.status, verdict.unknown_share), (Status::Critical, 0.05));
        assert_eq!(verdict.unknown_features, [("shoe_size".to_owned(), 0.05)]);
        assert_eq!(judge(&tally, 1_001), Status::InsufficientData);
    }
}
