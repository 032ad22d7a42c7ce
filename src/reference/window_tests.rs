//! The reference against itself: each of its windows is tested against the rest of it.
//!
//! The rest is reference minus window, so that the two samples are independent; counts subtract exactly.

use super::null::{IidReason, Null, NullKind, WINDOWS_MIN};
use super::profile::StoredNull;
use super::timeline::Timeline;
use crate::batch::{Codes, count_numbers};
use crate::domain::ColumnKind;
use crate::sketch::{
    CategoricalCounts, CategoricalGrid, ColumnCounts, Grid, Newcomers, NumericGrid, Place, cut_name,
};
use crate::statistic::{Computed, Outcome, Pair, Statistic, Test, compute};

/// The statistics that have a test of their own.
const TESTED: [Statistic; 6] = [
    Statistic::Psi,
    Statistic::Ks,
    Statistic::CramersV,
    Statistic::MissingRate,
    Statistic::UnseenRate,
    Statistic::OutOfRangeRate,
];

/// The nulls of a numeric column; `values` in order of time.
pub fn of_numbers(
    timeline: &Timeline,
    values: Vec<f64>,
    grid: &Grid,
    whole: &ColumnCounts,
) -> Vec<StoredNull> {
    let Grid::Numeric(numeric) = grid else { return Vec::new() };
    let one_sided = has_one_tail(numeric, whole);
    measure(timeline, ColumnKind::Numeric, |rows, statistics| {
        let window = count_numbers(&values[rows], numeric);
        let mut rest = whole.clone();
        rest.subtract(&window);
        let pair = Pair::of(grid, &rest, &window);
        let mut outcomes = pair.map_or(Vec::new(), |pair| compute(&pair, statistics));
        if one_sided {
            outcomes.iter_mut().for_each(of_one_side);
        }
        outcomes
    })
}

/// Whether the reference lies beyond one of its out-of-range edges only (counts from 0 on, say).
fn has_one_tail(grid: &NumericGrid, whole: &ColumnCounts) -> bool {
    let ColumnCounts::Numeric { counts, .. } = whole else { return false };
    let tails =
        [grid.low_bins(), grid.high_bins()].map(|bins| counts.bins[bins].iter().any(|&rows| rows > 0));
    tails[0] != tails[1]
}

/// The larger of two X² is then the X² of the one side that has any.
fn of_one_side(outcome: &mut Outcome) {
    if let Outcome::Computed(Computed { test: Some(Test::Fisher { sides, .. }), .. }) = outcome {
        *sides = 1;
    }
}

/// The nulls of a categorical or boolean column; `codes` in order of time.
pub fn of_names(
    timeline: &Timeline,
    codes: Vec<u32>,
    names: &[Box<str>],
    grid: &CategoricalGrid,
    kind: ColumnKind,
    whole: &ColumnCounts,
) -> Vec<StoredNull> {
    let places: Vec<Place> = names.iter().map(|name| grid.place(cut_name(name))).collect();
    let frozen = Grid::Categorical(grid.clone());
    measure(timeline, kind, |rows, statistics| {
        let mut window = CategoricalCounts::empty(grid);
        for &code in &codes[rows] {
            match places.get(code as usize) {
                Some(&place) => window.count(place, 1),
                None if code == Codes::MISSING => window.missing += 1,
                None => window.wrong_type += 1,
            }
        }
        let mut window = ColumnCounts::Categorical { counts: window, newcomers: Newcomers::default() };
        let mut rest = whole.clone();
        rest.subtract(&window);
        as_unseen(&mut window, &rest);
        Pair::of(&frozen, &rest, &window).map_or(Vec::new(), |pair| compute(&pair, statistics))
    })
}

/// Named categories that only the window holds are unseen to the rest.
fn as_unseen(window: &mut ColumnCounts, rest: &ColumnCounts) {
    let (ColumnCounts::Categorical { counts, .. }, ColumnCounts::Categorical { counts: rest, .. }) =
        (window, rest)
    else {
        return;
    };
    for (here, _) in counts.named.iter_mut().zip(&rest.named).filter(|(_, rest)| **rest == 0) {
        counts.unseen += std::mem::take(here);
    }
}

/// Tests every window of every length and keeps the spread of each statistic's test.
fn measure(
    timeline: &Timeline,
    kind: ColumnKind,
    outcomes: impl Fn(std::ops::Range<usize>, &[Statistic]) -> Vec<Outcome>,
) -> Vec<StoredNull> {
    let statistics: Vec<Statistic> = TESTED.into_iter().filter(|tested| tested.applies_to(kind)).collect();
    let mut stored = Vec::new();
    for (window, ranges) in timeline.windows() {
        let mut tests: Vec<Vec<Test>> = vec![Vec::new(); statistics.len()];
        for rows in ranges {
            for (tests, outcome) in tests.iter_mut().zip(outcomes(rows.clone(), &statistics)) {
                tests.extend(outcome.computed().and_then(|computed| computed.test));
            }
        }
        for (&statistic, tests) in statistics.iter().zip(&tests) {
            let windows = tests.len() as u32;
            let null = match Null::of(tests) {
                Some(null) if windows >= WINDOWS_MIN => NullKind::Measured(null),
                _ => NullKind::Iid { reason: IidReason::TooFewWindows { windows } },
            };
            stored.push(StoredNull { window: *window, statistic, null });
        }
    }
    stored
}
