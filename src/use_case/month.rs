//! Calendar months, and their numbers in the life of a use case.

use std::fmt;

use jiff::civil::Date;
use serde::{Serialize, Serializer};

/// A month of the civil calendar, such as February 2024; written `2024-02`.
///
/// ```
/// use driftd::use_case::Month;
/// use jiff::civil::date;
/// let february = Month::of(date(2024, 2, 29));
/// assert_eq!(february.to_string(), "2024-02");
/// assert_eq!(february.last_day(), date(2024, 2, 29));
/// // Month 1 is the one that holds the start; a year on it is month 13.
/// assert_eq!(Month::of(date(2025, 2, 1)).number_from(february), 13);
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Month(Date);

impl Month {
    /// The month that holds `day`.
    pub fn of(day: Date) -> Self {
        Self(day.first_of_month())
    }

    pub fn first_day(self) -> Date {
        self.0
    }

    pub fn last_day(self) -> Date {
        self.0.last_of_month()
    }

    /// 1 in the month `first` itself, 2 in the one after it; 0 and below before it.
    pub fn number_from(self, first: Self) -> i32 {
        self.index() - first.index() + 1
    }

    /// The month with that number, counted from `self` as 1; the calendar's last one where it ends before.
    pub fn numbered(self, number: u32) -> Self {
        let index = i64::from(self.index()) + i64::from(number) - 1;
        let year = i16::try_from(index.div_euclid(12)).unwrap_or(i16::MAX);
        let month = i8::try_from(index.rem_euclid(12) + 1).unwrap_or(12);
        Self(Date::new(year, month, 1).unwrap_or_else(|_| Date::MAX.first_of_month()))
    }

    /// Months since the year 0.
    fn index(self) -> i32 {
        i32::from(self.0.year()) * 12 + i32::from(self.0.month()) - 1
    }
}

impl fmt::Display for Month {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:04}-{:02}", self.0.year(), self.0.month())
    }
}

impl Serialize for Month {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}
