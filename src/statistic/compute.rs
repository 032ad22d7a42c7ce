//! Statistics of a column: what they share is counted once.

use std::cell::OnceCell;

use super::groups::{Groups, sum};
use super::missing_rate::Rows;
use super::moments::Moments;
use super::{Computed, Outcome, Reason, Statistic, Test};
use super::{
    cramers_v, hellinger, jensen_shannon, ks, l_infinity, missing_rate, moments, out_of_range_rate, pearson,
    psi, total_variation, unseen_rate, wasserstein,
};
use crate::domain::ColumnKind;
use crate::sketch::{CategoricalCounts, CategoricalGrid, ColumnCounts, Grid, NumericCounts, NumericGrid};

/// Two counts of one column on one grid: a reference and what is compared with it.
#[derive(Debug, Clone, Copy)]
pub enum Pair<'a> {
    Numeric {
        grid: &'a NumericGrid,
        reference: &'a NumericCounts,
        current: &'a NumericCounts,
    },
    Categorical {
        grid: &'a CategoricalGrid,
        reference: &'a CategoricalCounts,
        current: &'a CategoricalCounts,
    },
}

impl<'a> Pair<'a> {
    /// The counts of a tally's column on its grid; `None` where they are not of the grid's kind.
    pub fn of(grid: &'a Grid, reference: &'a ColumnCounts, current: &'a ColumnCounts) -> Option<Self> {
        match (grid, reference, current) {
            (
                Grid::Numeric(grid),
                ColumnCounts::Numeric { counts: reference, .. },
                ColumnCounts::Numeric { counts: current, .. },
            ) => Some(Self::Numeric { grid, reference, current }),
            (
                Grid::Categorical(grid),
                ColumnCounts::Categorical { counts: reference, .. },
                ColumnCounts::Categorical { counts: current, .. },
            ) => Some(Self::Categorical { grid, reference, current }),
            _ => None,
        }
    }

    fn kind(&self) -> ColumnKind {
        match self {
            Self::Numeric { .. } => ColumnKind::Numeric,
            Self::Categorical { .. } => ColumnKind::Categorical,
        }
    }

    fn groups(&self) -> Groups {
        match *self {
            Self::Numeric { grid, reference, current } => Groups::of_numbers(grid, reference, current),
            Self::Categorical { grid, reference, current } => Groups::of_categories(grid, reference, current),
        }
    }

    /// Rows with and without a value on both sides.
    fn rows(&self) -> [Rows; 2] {
        match *self {
            Self::Numeric { reference, current, .. } => {
                [reference, current].map(|side| Rows { present: sum(&side.bins), absent: side.absent() })
            }
            Self::Categorical { reference, current, .. } => [reference, current].map(|side| Rows {
                present: sum(&side.named) + sum(&[side.other, side.unseen]),
                absent: side.missing,
            }),
        }
    }
}

/// The wanted statistics of a pair, in their order. Pure, O(bins), at most one grouping whatever is wanted; how many
/// rows a side needs to be judged by (`min_samples`) is for the caller to say.
///
/// ```
/// use driftd::sketch::{NumericCounts, NumericGrid};
/// use driftd::statistic::{Pair, Statistic, compute};
/// let reference: Vec<f64> = (1..=1000).map(f64::from).collect();
/// let current: Vec<f64> = (101..=1100).map(f64::from).collect();
/// let grid = NumericGrid::from_sorted(&reference).unwrap();
/// let counted = |values: &[f64]| {
///     let mut counts = NumericCounts::empty(&grid);
///     counts.count(&grid, values);
///     counts
/// };
/// let (reference, current) = (counted(&reference), counted(&current));
/// let pair = Pair::Numeric { grid: &grid, reference: &reference, current: &current };
/// let ks = *compute(&pair, &[Statistic::Ks])[0].computed().unwrap();
/// // scipy.stats.ks_2samp: 0.1, and asymptotically scipy.special.kolmogorov(sqrt(500) * 0.1)
/// assert!((ks.value - 0.1).abs() < 1e-12);
/// assert!((ks.test.unwrap().p_value() - 9.079985952496105e-5).abs() < 1e-12);
/// ```
pub fn compute(pair: &Pair, wanted: &[Statistic]) -> Vec<Outcome> {
    let [reference, current] = pair.rows();
    let shared = Shared {
        pair,
        rows: [reference, current],
        groups: OnceCell::new(),
        pearson: OnceCell::new(),
        moments: Default::default(),
    };
    wanted.iter().map(|&statistic| shared.outcome(statistic)).collect()
}

/// A pair, and what several statistics need of it.
struct Shared<'a> {
    pair: &'a Pair<'a>,
    rows: [Rows; 2],
    groups: OnceCell<Groups>,
    pearson: OnceCell<Test>,
    /// Of the reference and the current side.
    moments: [OnceCell<Moments>; 2],
}

impl Shared<'_> {
    fn outcome(&self, statistic: Statistic) -> Outcome {
        let [reference, current] = self.rows;
        let present = [reference.present, current.present];
        if statistic == Statistic::MissingRate {
            return missing_rate::missing_rate(reference, current);
        }
        let applies = statistic.applies_to(self.pair.kind());
        match present {
            _ if !applies => return Outcome::NotComputable(Reason::WrongKind),
            [0, _] => return Outcome::NotComputable(Reason::EmptyReference),
            [_, 0] => return Outcome::NotComputable(Reason::EmptyCurrent),
            _ => {}
        }
        match *self.pair {
            Pair::Numeric { grid, reference, current } => {
                let of_reference = || *self.moments[0].get_or_init(|| reference.centred_moments());
                let both = || [of_reference(), *self.moments[1].get_or_init(|| current.centred_moments())];
                match statistic {
                    Statistic::Ks => ks::ks(grid, reference, current, present),
                    Statistic::WassersteinNormed => {
                        let std = of_reference().map(|(_, std)| std);
                        wasserstein::wasserstein_normed(grid, reference, current, present, std)
                    }
                    Statistic::OutOfRangeRate => {
                        out_of_range_rate::out_of_range_rate(grid, reference, current, present)
                    }
                    Statistic::MeanShift => moments::mean_shift(grid, reference, current, both()),
                    Statistic::StdRatio => moments::std_ratio(grid, reference, current, both()),
                    _ => self.grouped(statistic, present),
                }
            }
            Pair::Categorical { grid, reference, current } => match statistic {
                Statistic::UnseenRate => unseen_rate::unseen_rate(grid, reference, current, present),
                _ => self.grouped(statistic, present),
            },
        }
    }

    /// The statistics on groups, for columns of any kind.
    fn grouped(&self, statistic: Statistic, [present_r, present_c]: [i64; 2]) -> Outcome {
        let groups = self.groups.get_or_init(|| self.pair.groups());
        let pearson = || *self.pearson.get_or_init(|| pearson::pearson(groups));
        let (value, test) = match statistic {
            Statistic::Psi => (psi::psi(groups), Some(pearson())),
            Statistic::CramersV => (cramers_v::cramers_v(groups, pearson()), Some(pearson())),
            Statistic::JensenShannon => (jensen_shannon::jensen_shannon(groups), None),
            Statistic::Hellinger => (hellinger::hellinger(groups), None),
            Statistic::TotalVariation => (total_variation::total_variation(groups), None),
            Statistic::LInfinity => (l_infinity::l_infinity(groups), None),
            _ => return Outcome::NotComputable(Reason::WrongKind),
        };
        Outcome::Computed(Computed { test, ..Computed::plain(value, present_r, present_c) })
    }
}
