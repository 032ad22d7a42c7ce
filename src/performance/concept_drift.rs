//! Whether the relation of inputs to target has changed: the rule from a gap to a verdict.

use serde::{Deserialize, Serialize};

use super::gap::{Gap, chance_of};
use super::metric::Harm;

/// What the rule asks of a gap beside significance.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ConceptRule {
    /// Significance of one judgement, one-sided, as the false-alarm budget leaves it.
    pub alpha: f64,
    /// Smallest gap that matters, in the metric's unit.
    pub gap_min: f64,
    /// The gap's smallest part of the loss against the baseline: else what was to be expected explains most of it.
    pub loss_share_min: f64,
}

/// The metric that concept drift is judged on, over the same labelled rows.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Primary {
    pub gap: Gap,
    /// On the reference, or set; and its standard error, 0 where it was set.
    pub baseline: f64,
    pub baseline_std_error: f64,
    pub harm: Harm,
}

/// Whether the inputs moved in the same window.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Inputs {
    Still,
    Moved,
}

/// A condition of the rule that holds.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum ConceptReason {
    /// Worse than expected by more than chance.
    BeyondChance,
    /// Worse than expected by enough to matter.
    Matters,
    /// The gap is most of the loss against the baseline.
    ExplainsLoss,
    /// Worse than the baseline by more than chance: known, and no condition of concept drift.
    BelowBaseline,
    /// Calibration or another metric is worse than expected by more than chance.
    SecondaryBeyondChance,
    /// A detector saw the errors rise too: it confirms, and is no condition.
    ErrorsRose,
}

/// What the rule says.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Concept {
    /// As expected from the scores.
    Holds,
    /// Calibration or secondary metrics alone are off, inputs being as they were: a warning.
    CalibrationMoved,
    /// The same with inputs that moved: "calibration moved with the inputs", a warning.
    CalibrationMovedWithInputs,
    /// The relation of inputs to target changed.
    Drifted,
}

/// A verdict and all conditions that hold.
#[derive(Debug, Clone, PartialEq)]
pub struct ConceptVerdict {
    pub concept: Concept,
    pub reasons: Vec<ConceptReason>,
    /// How much worse than expected, in the metric's unit; not positive when no worse.
    pub worse: f64,
    /// How much worse than the baseline, likewise.
    pub loss: f64,
    pub p_value: f64,
}

impl ConceptRule {
    /// For metrics that are shares (accuracy, areas): a gap of 0.02, and half of the loss.
    pub fn for_shares(alpha: f64) -> Self {
        Self { alpha, gap_min: 0.02, loss_share_min: 0.5 }
    }

    /// For errors: the same parts of the baseline's error.
    pub fn for_errors(alpha: f64, baseline: f64) -> Self {
        Self { gap_min: 0.02 * baseline.abs(), ..Self::for_shares(alpha) }
    }

    /// Judges a window: drift if the gap is worse than chance, matters and explains the loss, all three.
    ///
    /// `secondary` holds p-values of calibration and of other metrics' gaps; the least is judged, for their number.
    pub fn judge(&self, primary: &Primary, secondary: &[f64], inputs: Inputs) -> ConceptVerdict {
        let Primary { gap, baseline, baseline_std_error, harm } = *primary;
        let worse = harm.worsening(gap.estimated, gap.realised);
        let loss = harm.worsening(baseline, gap.realised);
        let p_value = gap.p_value(worse);
        let of_loss = chance_of(loss, gap.std_error.hypot(baseline_std_error));
        let level = self.alpha / secondary.len().max(1) as f64;
        let of_secondary = secondary.iter().any(|&p| p <= level);
        let harmful = worse > 0.0;
        let conditions = [
            (ConceptReason::BeyondChance, harmful && p_value <= self.alpha),
            (ConceptReason::Matters, harmful && worse >= self.gap_min),
            (ConceptReason::ExplainsLoss, harmful && worse >= self.loss_share_min * loss),
            (ConceptReason::BelowBaseline, of_loss <= self.alpha),
            (ConceptReason::SecondaryBeyondChance, of_secondary),
        ];
        let drifted = conditions[..3].iter().all(|(_, holds)| *holds);
        let concept = match (drifted, of_secondary, inputs) {
            (true, _, _) => Concept::Drifted,
            (false, true, Inputs::Still) => Concept::CalibrationMoved,
            (false, true, Inputs::Moved) => Concept::CalibrationMovedWithInputs,
            (false, false, _) => Concept::Holds,
        };
        let reasons = conditions.into_iter().filter_map(|(reason, holds)| holds.then_some(reason)).collect();
        ConceptVerdict { concept, reasons, worse, loss, p_value }
    }
}
