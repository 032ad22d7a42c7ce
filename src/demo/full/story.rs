//! What is told, by month of 2025: every figure that the year is made to come to. All of it is invented.
//!
//! - **claims**, a quick win: more time is saved and more errors are avoided each month; with 36,000 EUR spent at the
//!   start, ROI turns positive in month 5. Usage grows from 25 % to 77 %, satisfaction to 82 %; the register is up to
//!   date. Proposal: scale.
//! - **retention**, a differentiator, from April on: in August a tariff spreads that its model does not know
//!   ([`spread_of_tariff`]). Recall falls, and from two weeks later on fewer of the customers that are called stay. Gains
//!   stay below what was hoped for, ROI is on its way, usage stagnates below 50 %. The tariff is one for the young: it is
//!   they whom the model fails. The run cost of December has not been reported. Proposal: iterate.
//! - **contracts**, risk and compliance, from February on: used less each month, dearer to run, saving no more time. It
//!   has no owner, its audit is overdue, a decision date has passed; from the middle of November on its rows name
//!   reviewers, whom nobody announced. ROI stays negative. Proposal: stop.
//!
//! What is done and what goes wrong besides, day by day, stands in `asides.rs`.

use super::calendar::Day;

/// One figure a month, January first.
pub type Months<T> = [T; 12];

/// A use case of the demo.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum UseCase {
    Claims,
    Retention,
    Contracts,
}

/// What a use case comes to. Months before its start are 0.
#[derive(Debug)]
pub struct Figures {
    /// Its first month: 0 is January.
    pub from_month: usize,
    /// Different users.
    pub active_users: Months<u64>,
    /// Who uses it, with each team's tenths of the users.
    pub teams: &'static [(&'static str, u64)],
    /// Satisfied answers of a hundred.
    pub satisfied: Months<u64>,
    /// Promoters and detractors of a hundred answers.
    pub nps: Months<(u64, u64)>,
    /// Cases handled each day.
    pub cases_a_day: u64,
    /// Complaints of all of them.
    pub complaints: Months<u64>,
    /// Sums of a month.
    pub sums: &'static [(&'static str, Months<u64>)],
    /// EUR, reported on the last day of the month; none: it was not.
    pub run_cost: Months<Option<u64>>,
    /// None: it is no matter of cases.
    pub handling: Option<Handling>,
}

/// How cases are handled.
#[derive(Debug)]
pub struct Handling {
    /// Without a person, of a hundred.
    pub automated: Months<u64>,
    /// Mean minutes that a case takes.
    pub minutes: Months<u64>,
}

const CLAIMS: Figures = Figures {
    from_month: 0,
    active_users: [30, 38, 46, 54, 60, 66, 70, 72, 78, 84, 88, 92],
    teams: &[("north", 5), ("south", 3), ("online", 2)],
    satisfied: [64, 66, 68, 70, 72, 73, 75, 76, 78, 80, 81, 82],
    nps: [
        (30, 30),
        (32, 28),
        (35, 26),
        (37, 25),
        (40, 24),
        (42, 22),
        (44, 20),
        (45, 20),
        (47, 18),
        (50, 16),
        (51, 15),
        (52, 14),
    ],
    cases_a_day: 200,
    complaints: [180, 160, 150, 140, 130, 120, 115, 110, 105, 100, 95, 90],
    sums: &[
        ("time_saved", [60, 110, 160, 210, 250, 280, 300, 310, 340, 360, 380, 390]),
        ("errors_avoided", [5, 10, 15, 20, 24, 27, 30, 31, 33, 35, 36, 38]),
    ],
    run_cost: [Some(1_200); 12],
    handling: Some(Handling {
        automated: [10, 15, 20, 26, 31, 35, 38, 40, 43, 46, 48, 50],
        minutes: [40, 38, 36, 34, 32, 30, 29, 28, 27, 26, 25, 24],
    }),
};

const RETENTION: Figures = Figures {
    from_month: 3,
    active_users: [0, 0, 0, 34, 38, 36, 37, 36, 38, 35, 37, 36],
    teams: &[("inbound", 7), ("shops", 3)],
    satisfied: [0, 0, 0, 66, 67, 66, 68, 64, 60, 61, 62, 61],
    nps: [
        (0, 0),
        (0, 0),
        (0, 0),
        (38, 26),
        (40, 25),
        (39, 25),
        (40, 24),
        (34, 30),
        (29, 35),
        (30, 34),
        (31, 33),
        (30, 34),
    ],
    cases_a_day: 40,
    complaints: [0, 0, 0, 30, 30, 28, 29, 38, 47, 46, 44, 45],
    sums: &[("added_revenue", [0, 0, 0, 5_000, 9_000, 12_000, 13_000, 10_500, 8_000, 9_500, 10_000, 10_500])],
    run_cost: [
        None,
        None,
        None,
        Some(2_500),
        Some(2_500),
        Some(2_500),
        Some(2_500),
        Some(2_500),
        Some(2_500),
        Some(2_500),
        Some(2_500),
        None,
    ],
    handling: None,
};

const CONTRACTS: Figures = Figures {
    from_month: 1,
    active_users: [0, 40, 36, 31, 27, 24, 21, 19, 17, 15, 14, 13],
    teams: &[("legal", 6), ("purchasing", 4)],
    satisfied: [0, 56, 54, 52, 50, 48, 47, 46, 44, 43, 42, 40],
    nps: [
        (0, 0),
        (24, 34),
        (23, 36),
        (22, 38),
        (20, 40),
        (19, 41),
        (18, 42),
        (18, 44),
        (17, 45),
        (16, 46),
        (15, 48),
        (14, 50),
    ],
    cases_a_day: 20,
    complaints: [0, 22, 25, 26, 28, 29, 31, 33, 34, 36, 37, 39],
    sums: &[("time_saved", [0, 80, 75, 66, 60, 55, 52, 50, 50, 49, 50, 49])],
    run_cost: [
        None,
        Some(1_800),
        Some(1_900),
        Some(2_000),
        Some(2_150),
        Some(2_300),
        Some(2_500),
        Some(2_750),
        Some(3_000),
        Some(3_300),
        Some(3_600),
        Some(3_900),
    ],
    handling: Some(Handling {
        automated: [0, 6, 7, 7, 8, 8, 7, 7, 8, 7, 7, 7],
        minutes: [0, 150, 152, 155, 158, 160, 163, 165, 168, 170, 172, 175],
    }),
};

impl UseCase {
    pub const ALL: [Self; 3] = [Self::Claims, Self::Retention, Self::Contracts];

    pub const fn id(self) -> &'static str {
        match self {
            Self::Claims => "claims",
            Self::Retention => "retention",
            Self::Contracts => "contracts",
        }
    }

    pub const fn figures(self) -> &'static Figures {
        match self {
            Self::Claims => &CLAIMS,
            Self::Retention => &RETENTION,
            Self::Contracts => &CONTRACTS,
        }
    }

    /// The month of a day, where it is one of 2025 and the use case has started.
    pub fn month(self, day: Day) -> Option<usize> {
        day.month().filter(|month| *month >= self.figures().from_month)
    }
}

/// The first day of the new tariff: 2025-08-04, a Monday.
const TARIFF_FROM: i32 = 215;
/// Days until it is as common as it gets.
const TARIFF_DAYS: f64 = 28.0;

/// How far the tariff has spread that the churn model does not know: 0 before August, 1 from September on.
pub fn spread_of_tariff(day: Day) -> f64 {
    (f64::from(day.number() - TARIFF_FROM) / TARIFF_DAYS).clamp(0.0, 1.0)
}

/// Customers who stay, of a hundred that are called: 72 before the drift; 18 fewer, two weeks behind the tariff.
pub fn customers_kept(day: Day) -> f64 {
    const BEHIND: i32 = 14;
    72.0 - 18.0 * spread_of_tariff(day.before(BEHIND))
}

/// Whether the service that reads contracts is down: 2025-05-14, from 08:00 for six hours.
pub fn contracts_are_down(day: Day, second: u64) -> bool {
    const DAY: i32 = 133;
    day.number() == DAY && (8 * 3_600..14 * 3_600).contains(&second)
}

/// Whether some rows name a reviewer: from 2025-11-17 on.
pub fn contracts_name_reviewers(day: Day) -> bool {
    const FROM: i32 = 320;
    day.number() >= FROM
}

/// What reading a contract costs, in EUR: 0.14 in January, twice that at the end of the year.
pub fn price_of_contract(day: Day) -> f64 {
    0.14 * (1.0 + f64::from(day.number().max(0)) / 365.0)
}

/// The part of a month's total that falls on each of its parts, so that they add to it exactly and differ by 1 at most.
pub const fn share(total: u64, part: u64, parts: u64) -> u64 {
    (part + 1) * total / parts - part * total / parts
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn shares_add_to_their_total() {
        for (total, parts) in [(0, 30), (7, 30), (390, 31), (13_000, 28)] {
            let shares: Vec<u64> = (0..parts).map(|part| share(total, part, parts)).collect();
            assert_eq!(shares.iter().sum::<u64>(), total);
            assert!(shares.iter().max().unwrap() - shares.iter().min().unwrap() <= 1, "{shares:?}");
        }
    }

    #[test]
    fn days_of_the_story_are_the_dates_that_it_names() {
        let of = |date: &str| Day::sent().find(|day| day.date().to_string() == date).unwrap();
        assert_eq!(spread_of_tariff(of("2025-08-04")), 0.0);
        assert!(spread_of_tariff(of("2025-08-05")) > 0.0);
        assert_eq!(spread_of_tariff(of("2025-09-01")), 1.0);
        assert_eq!(customers_kept(of("2025-08-18")), 72.0);
        assert_eq!(customers_kept(of("2025-09-15")), 54.0);
        assert!(contracts_are_down(of("2025-05-14"), 8 * 3_600));
        assert!(!contracts_name_reviewers(of("2025-11-16")) && contracts_name_reviewers(of("2025-11-17")));
    }
}
