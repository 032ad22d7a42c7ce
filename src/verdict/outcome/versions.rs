//! Two versions over the same window: champion and challenger.

use super::verdict::MetricVerdict;
use crate::performance::normal_tail;

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
