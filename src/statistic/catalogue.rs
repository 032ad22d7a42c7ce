//! The statistics by name: where each applies, what counts as its effect, the thresholds users get by default.

use std::fmt;

use serde::{Deserialize, Serialize};

use crate::domain::ColumnKind;

/// A measure of how far a window lies from its reference.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Statistic {
    Psi,
    Ks,
    WassersteinNormed,
    JensenShannon,
    Hellinger,
    TotalVariation,
    LInfinity,
    CramersV,
    MissingRate,
    UnseenRate,
    OutOfRangeRate,
    MeanShift,
    StdRatio,
}

/// From where on an effect is a warning and from where on critical; both positive, warning ≤ critical.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Thresholds {
    pub warning: f64,
    pub critical: f64,
}

/// How a value becomes the effect that thresholds are compared with.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Effect {
    /// The value itself.
    Value,
    /// Its magnitude: it can move both ways.
    Magnitude,
    /// `max(v, 1/v) − 1`: how many times larger or smaller, less one.
    Ratio,
}

impl Statistic {
    pub const ALL: [Self; 13] = [
        Self::Psi,
        Self::Ks,
        Self::WassersteinNormed,
        Self::JensenShannon,
        Self::Hellinger,
        Self::TotalVariation,
        Self::LInfinity,
        Self::CramersV,
        Self::MissingRate,
        Self::UnseenRate,
        Self::OutOfRangeRate,
        Self::MeanShift,
        Self::StdRatio,
    ];

    /// The name in configs, answers and metrics (`driftd_feature_<name>`).
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Psi => "psi",
            Self::Ks => "ks",
            Self::WassersteinNormed => "wasserstein_normed",
            Self::JensenShannon => "jensen_shannon",
            Self::Hellinger => "hellinger",
            Self::TotalVariation => "total_variation",
            Self::LInfinity => "l_infinity",
            Self::CramersV => "cramers_v",
            Self::MissingRate => "missing_rate",
            Self::UnseenRate => "unseen_rate",
            Self::OutOfRangeRate => "out_of_range_rate",
            Self::MeanShift => "mean_shift",
            Self::StdRatio => "std_ratio",
        }
    }

    /// Whether the statistic exists for columns of this kind.
    pub const fn applies_to(self, kind: ColumnKind) -> bool {
        let numeric = matches!(kind, ColumnKind::Numeric);
        match self {
            Self::Ks | Self::WassersteinNormed | Self::OutOfRangeRate | Self::MeanShift | Self::StdRatio => {
                numeric
            }
            Self::CramersV | Self::UnseenRate => !numeric,
            Self::Psi | Self::JensenShannon | Self::Hellinger | Self::TotalVariation | Self::LInfinity => {
                true
            }
            Self::MissingRate => true,
        }
    }

    /// Thresholds by default; `None` for the two that only inform.
    pub const fn default_thresholds(self) -> Option<Thresholds> {
        let (warning, critical) = match self {
            Self::Psi | Self::WassersteinNormed => (0.1, 0.25),
            Self::Ks | Self::JensenShannon | Self::Hellinger | Self::TotalVariation => (0.1, 0.2),
            Self::LInfinity | Self::CramersV => (0.1, 0.2),
            Self::MissingRate => (0.02, 0.1),
            Self::UnseenRate | Self::OutOfRangeRate => (0.01, 0.05),
            Self::MeanShift | Self::StdRatio => return None,
        };
        Some(Thresholds { warning, critical })
    }

    /// The statistics of a column that the config says nothing about.
    pub fn defaults_for(kind: ColumnKind) -> &'static [Self] {
        match kind {
            ColumnKind::Numeric => &[
                Self::Psi,
                Self::Ks,
                Self::WassersteinNormed,
                Self::JensenShannon,
                Self::MissingRate,
                Self::OutOfRangeRate,
            ],
            ColumnKind::Categorical | ColumnKind::Boolean => {
                &[Self::Psi, Self::JensenShannon, Self::CramersV, Self::MissingRate, Self::UnseenRate]
            }
        }
    }

    pub const fn effect_kind(self) -> Effect {
        match self {
            Self::MissingRate | Self::UnseenRate | Self::OutOfRangeRate | Self::MeanShift => {
                Effect::Magnitude
            }
            Self::StdRatio => Effect::Ratio,
            _ => Effect::Value,
        }
    }

    /// What thresholds are compared with: 0 for no change, larger for more.
    pub fn effect(self, value: f64) -> f64 {
        match self.effect_kind() {
            Effect::Value => value,
            Effect::Magnitude => value.abs(),
            Effect::Ratio if value > 0.0 => value.max(1.0 / value) - 1.0,
            Effect::Ratio => f64::INFINITY,
        }
    }
}

impl fmt::Display for Statistic {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}
