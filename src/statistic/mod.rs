//! How far two counts on one grid lie apart: one statistic a file, each a pure function.
//!
//! Every answer is [`Computed`] or [`NotComputable`](Outcome::NotComputable) with its [`Reason`]; a value that
//! cannot be had is never 0 or NaN. Shares are over the values present; missing ones are judged apart.

pub mod tails;

pub mod fisher;

mod groups;

mod pearson;

mod psi;

mod ks;

mod wasserstein;

mod jensen_shannon;

mod hellinger;

mod total_variation;

mod l_infinity;

mod cramers_v;

mod missing_rate;

mod unseen_rate;

mod out_of_range_rate;

mod moments;

mod catalogue;

mod compute;

pub use catalogue::{Effect, Statistic, Thresholds};
pub use compute::{Pair, compute};
pub use cramers_v::cramers_v;
pub use groups::Groups;
pub use hellinger::hellinger;
pub use jensen_shannon::jensen_shannon;
pub use l_infinity::l_infinity;
pub use pearson::pearson;
pub use psi::psi;
pub use total_variation::total_variation;

use serde::{Deserialize, Serialize};

/// What a statistic says of two counts.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum Outcome {
    Computed(Computed),
    NotComputable(Reason),
}

/// A value, and what is known of its error and chance.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Computed {
    pub value: f64,
    /// The test behind the statistic, where it has one; others lend from their column.
    pub test: Option<Test>,
    /// The exact value on the raw data lies in `[value, value + error_bound]`, where the grid loses anything.
    pub error_bound: Option<f64>,
    /// Rows behind each side, those that the statistic's shares are over.
    pub n_reference: u64,
    pub n_current: u64,
    pub caution: Option<Caution>,
}

/// A test statistic and its distribution under "nothing changed, rows independent".
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum Test {
    /// Pearson's two-sample X² with `df` degrees of freedom (at least 1).
    ChiSquare { x2: f64, df: u32 },
    /// Kolmogorov's n·D², n = NR/(N+R).
    Kolmogorov { n_d2: f64 },
    /// Fisher's exact p-value of a 2×2 table (Bonferroni over `sides`), and the table's X² (df 1) for nulls that
    /// are not i.i.d.; of two sides the larger.
    Fisher { p: f64, x2: f64, sides: u32 },
    /// Two samples that cannot differ (one group, or one row of a 2×2 table, holds everything): p = 1.
    Degenerate,
}

/// What a reader should know before trusting a value.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Caution {
    /// The reference's standard deviation is many times its robust scale: a real shift of the bulk looks small.
    Insensitive,
    /// Values lie so far out that they entered the sums as 2^15 or more standard deviations of the reference, not as
    /// they are: the true value is larger.
    Clamped,
}

/// Why there is no value.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Reason {
    /// No reference at all: none configured, or it is still being learnt.
    NoReference,
    /// The reference has no value in this column.
    EmptyReference,
    /// The window has no value in this column.
    EmptyCurrent,
    /// The reference has one single value: nothing to divide by.
    ConstantReference,
    /// Fewer rows than `min_samples` on one side.
    InsufficientData,
    /// The statistic does not exist for this kind of column.
    WrongKind,
    /// The reference had more categories than can be told apart.
    HighCardinality,
    /// The column's grid changed between the two windows.
    GridChanged,
    /// The windows do not fall on the panes that are kept.
    PaneMismatch,
    /// The window reaches back before anything was counted.
    NoHistory,
}

impl Test {
    /// The p-value under independent rows.
    pub fn p_value(self) -> f64 {
        match self {
            Self::ChiSquare { x2, df } => tails::chi_square(x2, f64::from(df)),
            Self::Kolmogorov { n_d2 } => tails::kolmogorov(n_d2.sqrt()),
            Self::Fisher { p, .. } => p,
            Self::Degenerate => 1.0,
        }
    }
}

impl Computed {
    /// A value with nothing more to say about it.
    fn plain(value: f64, n_reference: i64, n_current: i64) -> Self {
        Self {
            value,
            test: None,
            error_bound: None,
            n_reference: n_reference.max(0) as u64,
            n_current: n_current.max(0) as u64,
            caution: None,
        }
    }
}

impl Outcome {
    pub fn computed(&self) -> Option<&Computed> {
        match self {
            Self::Computed(computed) => Some(computed),
            Self::NotComputable(_) => None,
        }
    }
}
