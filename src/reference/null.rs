//! How test statistics spread while nothing drifts, measured on the reference's own windows.
//!
//! Rows of real traffic are not independent: users come in bursts, values wander. Against the textbook null every
//! window then looks significant. So a time-stamped reference is cut into windows, each is tested against the rest
//! of the reference, and where the test statistic T lies above its textbook mean, its p-value comes from an F whose
//! scale and shape are those measured.

use std::f64::consts::PI;

use serde::{Deserialize, Serialize};

use crate::statistic::{Test, tails};

/// Fewest windows that a null is measured from.
pub const WINDOWS_MIN: u32 = 20;
/// From this multiple of the textbook mean on, rows are held to be dependent.
const INFLATION_MIN: f64 = 1.15;
/// Mean of the squared Kolmogorov distribution, π²/12.
const KOLMOGOROV_MEAN: f64 = PI * PI / 12.0;
/// Mean of the larger of two independent χ² of 1 degree of freedom.
const LARGER_OF_TWO_MEAN: f64 = 1.0 + 2.0 / PI;
/// Most degrees of freedom that a Kolmogorov statistic is given.
const KOLMOGOROV_DF: f64 = 4.0;

/// Fewest degrees of freedom that the X² of a rare share is given: it is next to 0 in most windows, huge in a few.
const RARE_SHAPE_MIN: f64 = 0.05;

/// The spread of one test statistic T over windows of a reference that holds no drift.
///
/// T is X² (of PSI's groups or categories, of the 2×2 table of a Fisher test) or Kolmogorov's n·D².
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Null {
    /// Disjoint windows that T was measured over (b).
    pub windows: u32,
    /// Mean of T (m).
    pub mean: f64,
    /// Variance of T (v, ddof 1).
    pub variance: f64,
    /// What the mean would be were rows independent: df for X², 1 + 2/π for the larger X² of two sides, π²/12 for n·D².
    pub textbook_mean: f64,
    /// Mean degrees of freedom of T: they vary between windows where sparse categories merge. 4 for Kolmogorov.
    pub df: f64,
}

/// Where p-values of a statistic come from.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum NullKind {
    Measured(Null),
    /// Rows are taken for independent, and no false-alarm budget is promised.
    Iid {
        reason: IidReason,
    },
}

/// Why a null was not measured.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum IidReason {
    #[error("the reference has no timestamps")]
    NoTimestamps,
    #[error("the reference was not profiled for windows of this length")]
    WindowNotProfiled,
    #[error("the reference gives {windows} whole windows of this length; {WINDOWS_MIN} are needed")]
    TooFewWindows { windows: u32 },
    #[error("the statistic has no test of its own")]
    Untested,
}

impl Null {
    /// The spread of the windows' tests; `None` for fewer than two.
    ///
    /// A [`Test::Degenerate`] window counts as T = 0: its two samples could not differ.
    pub(super) fn of(tests: &[Test]) -> Option<Self> {
        let windows = u32::try_from(tests.len()).ok().filter(|&windows| windows >= 2)?;
        let known: Vec<Drawn> = tests.iter().map(|&test| Drawn::of(test)).collect();
        let mean_of = |value: fn(&Drawn) -> f64, of: &[&Drawn]| {
            of.iter().map(|drawn| value(drawn)).sum::<f64>() / of.len().max(1) as f64
        };
        let all: Vec<&Drawn> = known.iter().collect();
        let proper: Vec<&Drawn> = all.iter().copied().filter(|drawn| drawn.df > 0.0).collect();
        let mean = mean_of(|drawn| drawn.t, &all);
        let squares: f64 = all.iter().map(|drawn| (drawn.t - mean).powi(2)).sum();
        let (df, textbook_mean) = match proper.is_empty() {
            true => (1.0, 1.0),
            false => (mean_of(|drawn| drawn.df, &proper), mean_of(|drawn| drawn.textbook_mean, &proper)),
        };
        Some(Self { windows, mean, variance: squares / f64::from(windows - 1), textbook_mean, df })
    }

    /// How many times larger T is on quiet windows than with independent rows.
    pub fn inflation(&self) -> f64 {
        self.mean / self.textbook_mean
    }

    /// Whether rows are held to be independent: [`Null::inflation`] ≤ 1.15.
    pub fn is_textbook(&self) -> bool {
        self.inflation() <= INFLATION_MIN
    }

    /// The p-value of a window's test: the textbook one where [`Null::is_textbook`], else the survival of F(ν, ν·b) at
    /// T/m with ν = clamp(m²/v, 1, df), never below the textbook one.
    ///
    /// The X² of a Fisher test may have ν down to 0.05: where a rare value comes in bursts, it is next to 0 in most
    /// windows and huge in a few. (With ν ≥ 1 quiet months of AR(1) rows or rows in tens opened 4 incidents each, all
    /// by `out_of_range_rate`: `benches/null_months.rs`.)
    ///
    /// X² of other degrees of freedom than the mean ones is first scaled to these. Of a Fisher test of two sides T
    /// is the larger X²: T is then compared with m over its textbook mean, and p doubled (Bonferroni) as in the test.
    pub fn p_value(&self, test: Test) -> f64 {
        let independent = test.p_value();
        if self.is_textbook() {
            return independent;
        }
        let (ratio, sides, shape_min) = match test {
            Test::ChiSquare { x2, df } => (x2 / f64::from(df) * self.df / self.mean, 1, 1.0),
            Test::Kolmogorov { n_d2 } => (n_d2 / self.mean, 1, 1.0),
            Test::Fisher { x2, sides, .. } => (x2 / self.inflation(), sides, RARE_SHAPE_MIN),
            Test::Degenerate => return independent,
        };
        let spread = self.mean * self.mean / self.variance;
        let shape = if spread.is_nan() { 1.0 } else { spread.clamp(shape_min, self.df.max(1.0)) };
        let dependent = tails::f_survival(ratio, shape, shape * f64::from(self.windows));
        (dependent * f64::from(sides)).min(1.0).max(independent)
    }
}

impl NullKind {
    /// The p-value of a window's test under this null.
    pub fn p_value(&self, test: Test) -> f64 {
        match self {
            Self::Measured(null) => null.p_value(test),
            Self::Iid { .. } => test.p_value(),
        }
    }

    /// Whether p-values are the textbook ones: nothing was measured, or rows proved independent.
    pub fn is_textbook(&self) -> bool {
        match self {
            Self::Measured(null) => null.is_textbook(),
            Self::Iid { .. } => true,
        }
    }
}

/// T of one window, and what is known of T beforehand; df 0 where T could be nothing but 0.
struct Drawn {
    t: f64,
    df: f64,
    textbook_mean: f64,
}

impl Drawn {
    fn of(test: Test) -> Self {
        match test {
            Test::ChiSquare { x2, df } => Self { t: x2, df: df.into(), textbook_mean: df.into() },
            Test::Kolmogorov { n_d2 } => Self { t: n_d2, df: KOLMOGOROV_DF, textbook_mean: KOLMOGOROV_MEAN },
            Test::Fisher { x2, sides, .. } => {
                let textbook_mean = if sides >= 2 { LARGER_OF_TWO_MEAN } else { 1.0 };
                Self { t: x2, df: 1.0, textbook_mean }
            }
            Test::Degenerate => Self { t: 0.0, df: 0.0, textbook_mean: 0.0 },
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const GROUPS: Null = Null { windows: 30, mean: 18.0, variance: 60.0, textbook_mean: 9.0, df: 9.0 };

    fn close(found: f64, expected: f64) {
        assert!((found - expected).abs() <= 1e-9 * expected, "{found} is not {expected}");
    }

    /// Expected: scipy 1.x, `f.sf(T / m, nu, nu * b)` with `nu = min(max(m * m / v, 1), df)`; 0.05 in place of 1
    /// for a Fisher test.
    #[test]
    fn p_values_of_dependent_rows_come_from_f() {
        close(GROUPS.p_value(Test::ChiSquare { x2: 40.0, df: 9 }), 0.04978518621080782);
        let ks = Null { windows: 40, mean: 1.6, variance: 1.1, textbook_mean: KOLMOGOROV_MEAN, df: 4.0 };
        close(ks.p_value(Test::Kolmogorov { n_d2: 2.5 }), 0.21181887882644737);
        let one = Null { windows: 25, mean: 3.0, variance: 12.0, textbook_mean: 1.0, df: 1.0 };
        close(one.p_value(Test::Fisher { p: 1e-5, x2: 20.0, sides: 1 }), 0.02509622685962072);
        let two = Null { windows: 50, mean: 3.2, textbook_mean: LARGER_OF_TWO_MEAN, ..one };
        close(two.p_value(Test::Fisher { p: 1e-3, x2: 12.0, sides: 2 }), 0.04269890003163599);
        let rare = Null { windows: 59, mean: 6.0, variance: 250.0, ..two };
        close(rare.p_value(Test::Fisher { p: 1e-9, x2: 100.0, sides: 2 }), 0.0170432304179352);
    }

    #[test]
    fn independent_rows_keep_the_textbook_p_value() {
        let null = Null { mean: 9.0 * 1.15, ..GROUPS };
        assert!(null.is_textbook());
        close(null.p_value(Test::ChiSquare { x2: 20.0, df: 9 }), 0.017912404529843298);
        assert!(!Null { mean: 9.0 * 1.16, ..GROUPS }.is_textbook());
        let iid = NullKind::Iid { reason: IidReason::NoTimestamps };
        close(iid.p_value(Test::ChiSquare { x2: 20.0, df: 9 }), 0.017912404529843298);
    }

    #[test]
    fn x2_of_fewer_groups_is_scaled_to_the_mean_ones() {
        let five = GROUPS.p_value(Test::ChiSquare { x2: 40.0 * 5.0 / 9.0, df: 5 });
        close(five, GROUPS.p_value(Test::ChiSquare { x2: 40.0, df: 9 }));
    }

    #[test]
    fn a_null_without_variance_takes_all_degrees_and_never_helps() {
        let null = Null { variance: 0.0, ..GROUPS };
        close(null.p_value(Test::ChiSquare { x2: 40.0, df: 9 }), tails::f_survival(40.0 / 18.0, 9.0, 270.0));
        let exact = Test::Fisher { p: 0.9, x2: 1e9, sides: 1 };
        close(Null { df: 1.0, textbook_mean: 1.0, ..GROUPS }.p_value(exact), 0.9);
        assert_eq!(GROUPS.p_value(Test::Degenerate), 1.0);
    }

    #[test]
    fn mean_and_variance_are_over_all_windows_df_over_those_that_could_differ() {
        let tests =
            [Test::ChiSquare { x2: 6.0, df: 3 }, Test::ChiSquare { x2: 3.0, df: 2 }, Test::Degenerate];
        let null = Null::of(&tests).expect("three windows");
        assert_eq!((null.windows, null.mean, null.variance), (3, 3.0, 9.0));
        assert_eq!((null.df, null.textbook_mean), (2.5, 2.5));
        assert!(Null::of(&tests[..1]).is_none());
    }
}
