//! A trend over days: how steep ([`slope`], Theil and Sen) and whether it is one ([`mann_kendall`], with the variance
//! of Hamed and Rao, which serial correlation widens).
//!
//! One value for each non-overlapping day; days without one are left out. At .05, sliding, 40–74 % of quiet months
//! show a trend: judge at .001, and by the slope too.

mod theil_sen;

mod mann_kendall;

mod short;

pub use mann_kendall::{MannKendall, mann_kendall, ranks};
pub use short::{Way, one_sided};
pub use theil_sen::{median, slope, slopes};

/// The value of one day.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Daily {
    /// Days since 1970-01-01, UTC.
    pub day: i32,
    pub value: f64,
}

/// Days in order, each once, with finite values: a series that a trend can be asked of.
#[derive(Debug, Clone, PartialEq)]
pub struct Series(Vec<Daily>);

/// Fewest days of a trend: below them the normal approximation of Mann and Kendall is off.
pub const DAYS_MIN: usize = 10;
/// Most days of a trend: all pairs of them are looked at.
pub const DAYS_MAX: usize = 1_000;

/// Why there is no trend to be told.
#[derive(Debug, Clone, Copy, thiserror::Error, PartialEq, Eq)]
pub enum NoTrend {
    #[error("has {days} days; at least {DAYS_MIN} are needed")]
    TooFewDays { days: usize },
    #[error("has {days} days; at most {DAYS_MAX} are looked at")]
    TooManyDays { days: usize },
    #[error("has a value that is not finite")]
    NotFinite,
    #[error("has its days out of order or one of them twice")]
    OutOfOrder,
    #[error("has one value only")]
    Constant,
    #[error("turns so regularly that its variance cannot be corrected for serial correlation")]
    SerialCorrelation,
}

impl Series {
    /// Errors where the days are too few or too many, out of order, or hold a value that is not finite.
    pub fn new(days: Vec<Daily>) -> Result<Self, NoTrend> {
        if days.len() < DAYS_MIN {
            return Err(NoTrend::TooFewDays { days: days.len() });
        }
        if days.len() > DAYS_MAX {
            return Err(NoTrend::TooManyDays { days: days.len() });
        }
        if !days.iter().all(|daily| daily.value.is_finite()) {
            return Err(NoTrend::NotFinite);
        }
        match days.is_sorted_by(|earlier, later| earlier.day < later.day) {
            true => Ok(Self(days)),
            false => Err(NoTrend::OutOfOrder),
        }
    }

    /// Every two days, the earlier first.
    fn pairs(&self) -> impl Iterator<Item = (&Daily, &Daily)> {
        self.0
            .iter()
            .enumerate()
            .flat_map(|(i, earlier)| self.0[i + 1..].iter().map(move |later| (earlier, later)))
    }
}
