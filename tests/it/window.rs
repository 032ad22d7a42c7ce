//! Windows as sums of panes: sliding, eviction, late rows and exclusions change nothing but what they should.

use std::sync::Arc;

use driftd::domain::{ColumnId, Pane, PaneLength, Segment, TimeRange, Timestamp, Version};
use driftd::sketch::{
    CategoricalGrid, ColumnCounts, EncodedTally, Extremes, Grid, NumericGrid, Ruler, Tally,
};
use driftd::statistic::Reason;
use driftd::window::{Applied, BookError, PaneBook, Unavailable};
use proptest::prelude::*;

const HOUR: i64 = 3_600;

fn ruler() -> Arc<Ruler> {
    let numbers: Vec<f64> = (0..500).map(f64::from).collect();
    let numeric = Grid::Numeric(NumericGrid::from_sorted(&numbers).expect("values"));
    let categorical = Grid::Categorical(CategoricalGrid::from_counts([("a", 3), ("b", 2)]));
    Arc::new(Ruler::new([(ColumnId::feature("x"), numeric), (ColumnId::feature("c"), categorical)]))
}

/// One row: a number and a name, newcomers among them.
fn row(ruler: &Ruler, seed: u64) -> Tally {
    let mut tally = Tally { rows: 1, ..Tally::empty(ruler) };
    let value = (seed % 1_013) as f64 / 2.0;
    for ((_, grid), counts) in ruler.columns().iter().zip(&mut tally.columns) {
        match (grid, counts) {
            (Grid::Numeric(grid), ColumnCounts::Numeric { counts, extremes }) => {
                counts.count(grid, &[value]);
                *extremes = Extremes::of(&[value]);
            }
            (Grid::Categorical(grid), ColumnCounts::Categorical { counts, newcomers }) => {
                let name = ["a", "b", "new", "newer"][(seed % 4) as usize];
                counts.count(grid.place(name), 1);
                if seed % 4 > 1 {
                    newcomers.add(name, 1);
                }
            }
            _ => unreachable!("counts lie on their grid"),
        }
    }
    if seed.is_multiple_of(3) {
        tally.unknown_features.rows = 1;
        tally.unknown_features.names.add(&format!("f{}", seed % 25), 1);
    }
    tally
}

fn encoded(ruler: &Arc<Ruler>, seed: u64) -> EncodedTally {
    EncodedTally::of(ruler, &row(ruler, seed))
}

fn pane(hour: i64) -> Pane {
    PaneLength::Hour.pane_of(Timestamp::from_seconds(hour * HOUR))
}

fn hours(from: i64, to: i64) -> TimeRange {
    TimeRange { start: pane(from).start, end: pane(to).start }
}

fn book(ruler: &Arc<Ruler>, bytes_max: usize) -> PaneBook {
    PaneBook::new(PaneLength::Hour, vec![ruler.clone()], bytes_max, Timestamp::MIN)
}

fn sum_of(ruler: &Ruler, rows: &[(i64, u64)], from: i64, to: i64, excluded: Option<i64>) -> Tally {
    let mut sum = Tally::empty(ruler);
    for (hour, seed) in rows.iter().filter(|(hour, _)| (from..to).contains(hour) && Some(*hour) != excluded) {
        let _ = hour;
        sum.add(&row(ruler, *seed)).expect("one ruler");
    }
    sum
}

#[derive(Debug, Clone)]
enum Step {
    Rows(i64, u64),
    Window(i64, i64),
    Settle(i64),
}

fn steps() -> impl Strategy<Value = Vec<Step>> {
    let step = prop_oneof![
        4 => (0i64..40, any::<u64>()).prop_map(|(hour, seed)| Step::Rows(hour, seed)),
        3 => (0i64..36, prop_oneof![Just(4i64), Just(12)]).prop_map(|(from, length)| Step::Window(from, length)),
        1 => (0i64..40).prop_map(Step::Settle),
    ];
    prop::collection::vec(step, 1..80)
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 64, ..ProptestConfig::default() })]

    /// However rows, windows, encoding and eviction are mixed, a window is the plain sum of its rows.
    #[test]
    fn a_sliding_sum_is_the_plain_sum(steps in steps(), excluded in prop::option::of(0i64..40), tight in any::<bool>()) {
        let (ruler, version) = (ruler(), Version::unnamed());
        let mut book = book(&ruler, if tight { 20_000 } else { usize::MAX });
        let mut rows: Vec<(i64, u64)> = Vec::new();
        let ranges: Vec<TimeRange> = excluded.map(|hour| pane(hour).range()).into_iter().collect();
        for step in steps {
            match step {
                Step::Rows(hour, seed) => {
                    book.apply(&version, &Segment::All, pane(hour), encoded(&ruler, seed)).expect("on the ruler");
                    rows.push((hour, seed));
                }
                Step::Settle(hour) => book.settle(pane(hour).start),
                Step::Window(from, length) => {
                    let range = hours(from, from + length);
                    let mut found = book.window(&version, &Segment::All, range, &ranges);
                    while let Err(Unavailable::Missing(missing)) = found {
                        let (first, last) = (missing.range.start, missing.range.end);
                        let stored = (0..60).filter(|&hour| pane(hour).start >= first && pane(hour).end() <= last);
                        let stored = stored.filter(|hour| rows.iter().any(|(of, _)| of == hour)).map(|hour| {
                            let tally = sum_of(&ruler, &rows, hour, hour + 1, None);
                            (version.clone(), Segment::All, pane(hour), EncodedTally::of(&ruler, &tally))
                        });
                        book.restore(&missing, stored.collect::<Vec<_>>()).expect("nothing came between");
                        found = book.window(&version, &Segment::All, range, &ranges);
                    }
                    let plain = sum_of(&ruler, &rows, from, from + length, excluded);
                    prop_assert_eq!(&*found.expect("counts"), &plain);
                }
            }
        }
    }
}

#[test]
fn rows_for_a_closed_pane_make_a_revision_and_move_the_window() {
    let (ruler, version) = (ruler(), Version::unnamed());
    let mut book = book(&ruler, usize::MAX);
    let apply = |book: &mut PaneBook, hour, seed| {
        book.apply(&version, &Segment::All, pane(hour), encoded(&ruler, seed)).expect("on the ruler")
    };
    assert_eq!(apply(&mut book, 1, 1), Applied::OnTime);
    book.settle(pane(2).start);
    book.settle(pane(2).start);
    let window = |book: &mut PaneBook| {
        book.window(&Version::unnamed(), &Segment::All, hours(0, 4), &[]).expect("counts").rows
    };
    assert_eq!(window(&mut book), 1);
    assert!(matches!(apply(&mut book, 1, 2), Applied::Late(late) if late.revision == 1));
    assert_eq!(window(&mut book), 2);
    assert!(book.has_late());
    assert_eq!(book.take_late(), [pane(1)]);
    assert!(!book.has_late());
    apply(&mut book, 0, 3);
    book.put_back_late(&[pane(1)]);
    assert_eq!(book.take_late(), [pane(0), pane(1)], "what came meanwhile, and what could not be revised");
}

#[test]
fn counts_that_came_while_the_store_was_read_make_the_reading_stale() {
    let (ruler, version) = (ruler(), Version::unnamed());
    let mut book = PaneBook::new(PaneLength::Hour, vec![ruler.clone()], usize::MAX, Timestamp::MAX);
    let missing = |book: &mut PaneBook| match book.window(&version, &Segment::All, hours(0, 4), &[]) {
        Err(Unavailable::Missing(missing)) => missing,
        other => panic!("{other:?}"),
    };
    let first = missing(&mut book);
    book.apply(&version, &Segment::All, pane(2), encoded(&ruler, 1)).expect("on the ruler");
    let stored = || [(version.clone(), Segment::All, pane(2), encoded(&ruler, 1))];
    assert!(book.restore(&first, []).is_err());
    let second = missing(&mut book);
    book.restore(&second, stored()).expect("nothing came between");
    let window = book.window(&version, &Segment::All, hours(0, 4), &[]).expect("counts");
    assert_eq!(window.rows, 1);
}

#[test]
fn a_window_over_a_pane_of_other_grids_or_another_length_says_so() {
    let (ruler, version, slice) =
        (ruler(), Version::unnamed(), "town=Lyon".parse::<Segment>().expect("a segment"));
    let mut book = PaneBook::new(PaneLength::Hour, vec![ruler.clone()], usize::MAX, Timestamp::MAX);
    let Err(Unavailable::Missing(missing)) = book.window(&version, &Segment::All, hours(0, 24), &[]) else {
        panic!("nothing was read yet")
    };
    book.note_foreign(version.clone(), Segment::All, pane(8));
    let quarter = PaneLength::QuarterHour.pane_of(pane(4).start);
    let stored = [(3, quarter), (9, pane(9))]
        .map(|(seed, pane)| (version.clone(), Segment::All, pane, encoded(&ruler, seed)));
    book.restore(&missing, stored).expect("nothing came between");
    let mut window = |segment: &Segment, from, to, excluded: &[TimeRange]| {
        book.window(&version, segment, hours(from, to), excluded).map(|tally| tally.rows)
    };
    assert_eq!(window(&Segment::All, 3, 6, &[]), Err(Unavailable::Not(Reason::PaneMismatch)));
    assert_eq!(window(&Segment::All, 5, 9, &[]), Err(Unavailable::Not(Reason::GridChanged)));
    assert_eq!(window(&slice, 5, 9, &[]), Ok(0), "the segment's own panes lie on today's grids");
    assert_eq!(window(&Segment::All, 9, 12, &[]), Ok(1));
    assert_eq!(window(&Segment::All, 5, 12, &[hours(8, 9)]), Ok(1), "what is left out does no harm");
}

#[test]
fn over_the_limit_closed_panes_go_and_open_ones_stay() {
    let (ruler, version) = (ruler(), Version::unnamed());
    let mut book = book(&ruler, 30_000);
    for hour in 0..50 {
        let rows: Vec<(i64, u64)> = (0..300).map(|row| (hour, hour as u64 * 977 + row * 3)).collect();
        let counts = EncodedTally::of(&ruler, &sum_of(&ruler, &rows, hour, hour + 1, None));
        book.apply(&version, &Segment::All, pane(hour), counts).expect("on the ruler");
    }
    let before = book.bytes();
    book.settle(pane(0).start);
    assert_eq!(book.bytes(), before, "all are open");
    book.settle(pane(49).start);
    assert!(book.bytes() < before / 2, "{} of {before}", book.bytes());
    assert!(book.window(&version, &Segment::All, hours(49, 50), &[]).is_ok());
    let lost = book.window(&version, &Segment::All, hours(0, 50), &[]);
    assert!(matches!(lost, Err(Unavailable::Missing(_))), "{lost:?}");
}

#[test]
fn counts_that_do_not_belong_are_refused() {
    let (ruler, version) = (ruler(), Version::unnamed());
    let mut book = book(&ruler, usize::MAX);
    let day = PaneLength::Day.pane_of(Timestamp::from_seconds(0));
    let refused = book.apply(&version, &Segment::All, day, encoded(&ruler, 1));
    assert!(matches!(refused, Err(BookError::PaneLength { .. })));
    let other = Arc::new(ruler.coarse());
    let refused =
        book.apply(&version, &Segment::All, pane(0), EncodedTally::of(&other, &Tally::empty(&other)));
    assert!(matches!(refused, Err(BookError::UnknownRuler(_))));
    let off = TimeRange { start: Timestamp::from_seconds(1), end: Timestamp::from_seconds(HOUR) };
    let mismatch = book.window(&version, &Segment::All, off, &[]);
    assert_eq!(mismatch, Err(Unavailable::Not(Reason::PaneMismatch)));
}
