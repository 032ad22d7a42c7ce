//! Two versions over the same window: champion and challenger.

use super::verdict::{MetricVerdict, OutcomeVerdict, Value};
use crate::domain::ColumnId;
use crate::performance::{Metric, normal_tail};
use crate::sketch::{Ruler, Tally};
use crate::statistic::{Outcome, Pair, Statistic, compute};

/// How a metric of one version differs from that of another, as a test of independent rows.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct VersionDifference {
    /// Challenger less champion, in the metric's unit.
    pub value: f64,
    pub std_error: f64,
    /// Two-sided; rows of the two are taken for independent, which makes it cautious where both saw the same ones.
    pub p_value: f64,
}

/// Of what labels show of both; none where one has no value.
pub fn difference(champion: &MetricVerdict, challenger: &MetricVerdict) -> Option<VersionDifference> {
    let (champion, challenger) = (champion.realised()?, challenger.realised()?);
    let value = challenger.value - champion.value;
    let std_error = champion.std_error.hypot(challenger.std_error);
    let p_value = match std_error {
        error if error > 0.0 => (2.0 * normal_tail((value / error).abs())).min(1.0),
        _ if value == 0.0 => 1.0,
        _ => 0.0,
    };
    Some(VersionDifference { value, std_error, p_value })
}

/// One metric of two versions.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct MetricDifference {
    pub metric: Metric,
    pub champion: Value,
    pub challenger: Value,
    pub difference: VersionDifference,
}

/// All metrics that labels show of both versions.
pub fn differences(champion: &OutcomeVerdict, challenger: &OutcomeVerdict) -> Vec<MetricDifference> {
    let of_metric = |of: &MetricVerdict| {
        let other = challenger.metric(of.metric)?;
        let difference = difference(of, other)?;
        let (champion, challenger) = (*of.realised()?, *other.realised()?);
        Some(MetricDifference { metric: of.metric, champion, challenger, difference })
    };
    champion.metrics.iter().filter_map(of_metric).collect()
}

/// How far a prediction or score of one version is spread otherwise than that of another.
#[derive(Debug, Clone, PartialEq)]
pub struct PredictionShift {
    pub column: ColumnId,
    /// Of numbers [`Statistic::Ks`], of classes [`Statistic::CramersV`]; with its p-value for independent rows.
    pub statistic: Statistic,
    pub value: f64,
    pub p_value: Option<f64>,
}

/// Predictions and scores of two versions over the same window, both counted on `ruler`; those that both have.
pub fn prediction_shifts(ruler: &Ruler, champion: &Tally, challenger: &Tally) -> Vec<PredictionShift> {
    if champion.ruler_id != ruler.id() || challenger.ruler_id != ruler.id() {
        return Vec::new();
    }
    let columns = ruler.columns().iter().zip(champion.columns.iter().zip(&challenger.columns));
    let shift = |(id, pair): (&ColumnId, Pair<'_>)| {
        let statistic = match pair {
            Pair::Numeric { .. } => Statistic::Ks,
            Pair::Categorical { .. } => Statistic::CramersV,
        };
        match compute(&pair, &[statistic]).first()? {
            Outcome::Computed(computed) => Some(PredictionShift {
                column: id.clone(),
                statistic,
                value: computed.value,
                p_value: computed.test.map(|test| test.p_value()),
            }),
            Outcome::NotComputable(_) => None,
        }
    };
    let predicted =
        |id: &ColumnId| matches!(id, ColumnId::Prediction | ColumnId::Score | ColumnId::ClassScore(_));
    columns
        .filter(|((id, _), _)| predicted(id))
        .filter_map(|((id, grid), (champion, challenger))| Some((id, Pair::of(grid, champion, challenger)?)))
        .filter_map(shift)
        .collect()
}
