//! The days of the demo: 2025, two months before it that models were trained on, one day after it that closes the books.

use jiff::ToSpan;
use jiff::civil::{Date, date};

use crate::domain::Timestamp;

/// A day, counted from 2025-01-01; days before have negative numbers.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct Day(i32);

/// Seconds that a day has: the calendar is that of UTC.
pub const SECONDS: u64 = 86_400;
/// A day before 2025 that models were trained on is at most so far back.
const REFERENCE_DAYS: i32 = 61;
/// Days of 2025.
const YEAR_DAYS: i32 = 365;

impl Day {
    pub const FIRST: Self = Self(0);
    /// 2026-01-01: with it December is over.
    pub const LAST: Self = Self(YEAR_DAYS);

    /// The days that are sent, in order.
    pub fn sent() -> impl Iterator<Item = Self> {
        (Self::FIRST.0..=Self::LAST.0).map(Self)
    }

    /// November and December 2024.
    pub fn of_the_reference() -> impl Iterator<Item = Self> {
        (-REFERENCE_DAYS..0).map(Self)
    }

    pub const fn number(self) -> i32 {
        self.0
    }

    /// So many days earlier.
    pub const fn before(self, days: i32) -> Self {
        Self(self.0 - days)
    }

    pub fn date(self) -> Date {
        date(2025, 1, 1).saturating_add(self.0.days())
    }

    /// 0 for January of 2025, 11 for its December; none in other years.
    pub fn month(self) -> Option<usize> {
        let date = self.date();
        let month = usize::from(date.month().unsigned_abs());
        (date.year() == 2025).then(|| month - 1)
    }

    /// From 0 on, and how many its month has.
    pub fn in_month(self) -> (u64, u64) {
        let date = self.date();
        (u64::from(date.day().unsigned_abs()) - 1, u64::from(date.days_in_month().unsigned_abs()))
    }

    /// Its midnight.
    pub const fn start(self) -> Timestamp {
        /// 2025-01-01.
        const FIRST: i64 = 1_735_689_600;
        Timestamp::from_seconds(FIRST + self.0 as i64 * SECONDS as i64)
    }

    /// Its month, as `2025-03`, where it is the last day of it.
    pub fn ends(self) -> Option<String> {
        let (at, days) = self.in_month();
        (at + 1 == days).then(|| self.date().strftime("%Y-%m").to_string())
    }

    /// An instant of it, as RFC 3339.
    pub fn at(self, second: u64) -> String {
        let second = second.min(SECONDS - 1);
        format!("{}T{:02}:{:02}:{:02}Z", self.date(), second / 3_600, second / 60 % 60, second % 60)
    }
}
