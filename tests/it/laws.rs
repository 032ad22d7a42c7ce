//! Laws that hold for any rows: counts form a group, grids find every value, bounds enclose the raw samples.

use driftd::domain::ColumnId;
use driftd::sketch::{
    CategoricalGrid, ColumnCounts, Extremes, Grid, MISSING, NumericCounts, NumericGrid, Place, Ruler, Tally,
    WRONG_TYPE,
};
use driftd::statistic::{Outcome, Pair, Statistic, Test, compute};
use proptest::collection::vec;
use proptest::prelude::*;
use proptest::sample::Index;

/// One row: a number and a name, either of which may be absent.
type Row = (f64, Option<u8>);

/// Values that break careless arithmetic.
const ODD: [f64; 16] = [
    0.0,
    -0.0,
    5e-324,
    -5e-324,
    f64::MIN_POSITIVE,
    1e-300,
    -1e-300,
    1e300,
    -1e300,
    f64::MAX,
    f64::MIN,
    1.0,
    1.0 + f64::EPSILON,
    -1.0,
    9_007_199_254_740_992.0,
    3.5,
];

/// Samples of many shapes: smooth, tied, heavy-tailed, with atoms, of far apart values.
fn sample(rows: std::ops::Range<usize>) -> impl Strategy<Value = Vec<f64>> {
    let value = |shape: u8| match shape {
        0 => (-3.0..3.0f64).boxed(),
        1 => (0..40i32).prop_map(f64::from).boxed(),
        2 => (-6.0..6.0f64).prop_map(|power| 10f64.powf(power)).boxed(),
        3 => prop_oneof![3 => Just(0.0), 2 => 0.0..1.0f64, 1 => Just(0.25)].boxed(),
        _ => prop_oneof![5 => (-1e-3..1e-3f64).prop_map(|x| 1.0 + x), 1 => -1e9..1e9f64].boxed(),
    };
    (0..5u8).prop_flat_map(move |shape| vec(value(shape), rows.clone()))
}

fn odd_sample() -> impl Strategy<Value = Vec<f64>> {
    vec(prop_oneof![4 => proptest::sample::select(ODD.to_vec()), 1 => any::<f64>()], 1..400)
        .prop_map(|values| values.into_iter().filter(|v| v.is_finite()).chain([1.0]).collect())
}

fn rows() -> impl Strategy<Value = Vec<Row>> {
    let number = prop_oneof![
        8 => -5.0..5.0f64,
        1 => proptest::sample::select(ODD.to_vec()),
        1 => proptest::sample::select(vec![f64::INFINITY, f64::NEG_INFINITY, f64::NAN, MISSING, WRONG_TYPE]),
    ];
    vec((number, proptest::option::weighted(0.9, any::<u8>())), 0..200)
}

fn grid_of(values: &[f64]) -> NumericGrid {
    let mut sorted = values.to_vec();
    sorted.sort_by(f64::total_cmp);
    NumericGrid::from_sorted(&sorted).expect("samples are not empty")
}

fn counted(grid: &NumericGrid, values: &[f64]) -> NumericCounts {
    let mut counts = NumericCounts::empty(grid);
    counts.count(grid, values);
    counts
}

fn ruler() -> Ruler {
    let numbers: Vec<f64> = (0..900).map(|i| f64::from(i % 301) / 60.0 - 2.5).collect();
    let names: Vec<String> = (0..100).map(|i| i.to_string()).collect();
    let categories = CategoricalGrid::from_counts(names.iter().map(|name| (name.as_str(), 5)));
    Ruler::new([
        (ColumnId::feature("number"), Grid::Numeric(grid_of(&numbers))),
        (ColumnId::feature("name"), Grid::Categorical(categories)),
    ])
}

fn tally(ruler: &Ruler, rows: &[Row]) -> Tally {
    let mut tally = Tally::empty(ruler);
    tally.rows = rows.len() as i64;
    let numbers: Vec<f64> = rows.iter().map(|row| row.0).collect();
    for (column, (_, grid)) in tally.columns.iter_mut().zip(ruler.columns()) {
        match (column, grid) {
            (ColumnCounts::Numeric { counts, extremes }, Grid::Numeric(grid)) => {
                counts.count(grid, &numbers);
                *extremes = Extremes::of(&numbers);
            }
            (ColumnCounts::Categorical { counts, newcomers }, Grid::Categorical(grid)) => {
                for (_, name) in rows {
                    let Some(name) = name.map(|name| name.to_string()) else {
                        counts.missing += 1;
                        continue;
                    };
                    let place = grid.place(&name);
                    counts.count(place, 1);
                    if place == Place::Unseen {
                        newcomers.add(&name, 1);
                    }
                }
            }
            _ => unreachable!("a tally follows its ruler"),
        }
    }
    for name in rows.iter().filter_map(|(_, name)| name.filter(|name| *name > 200)) {
        tally.unknown_features.rows += 1;
        tally.unknown_features.names.add(&format!("feature {name}"), 1);
    }
    tally
}

/// The group part of a tally: what subtracts.
fn group_state(tally: &Tally) -> Vec<String> {
    let of = |column: &ColumnCounts| match column {
        ColumnCounts::Numeric { counts, .. } => format!("{counts:?}"),
        ColumnCounts::Categorical { counts, .. } => format!("{counts:?}"),
    };
    let rows = [tally.rows, tally.unknown_features.rows].map(|rows| rows.to_string());
    tally.columns.iter().map(of).chain(rows).collect()
}

fn assert_sound(outcomes: &[Outcome]) -> Result<(), TestCaseError> {
    for (statistic, outcome) in Statistic::ALL.iter().zip(outcomes) {
        let Outcome::Computed(computed) = outcome else { continue };
        let bound = computed.error_bound.unwrap_or(0.0);
        prop_assert!(computed.value.is_finite() && bound >= 0.0, "{} {:?}", statistic, computed);
        let p = computed.test.map_or(0.5, Test::p_value);
        prop_assert!((0.0..=1.0).contains(&p), "{} p {}", statistic, p);
        let share = matches!(
            statistic,
            Statistic::Ks
                | Statistic::JensenShannon
                | Statistic::Hellinger
                | Statistic::TotalVariation
                | Statistic::LInfinity
                | Statistic::CramersV
        );
        prop_assert!(!share || (0.0..=1.0).contains(&computed.value), "{} {}", statistic, computed.value);
    }
    Ok(())
}

/// Raw Kolmogorov-Smirnov distance and Wasserstein distance of values clipped to the reference's range.
fn raw_distances(reference: &[f64], current: &[f64]) -> (f64, f64) {
    let sorted = |values: &[f64]| {
        let mut values = values.to_vec();
        values.sort_by(f64::total_cmp);
        values
    };
    let (reference, current) = (sorted(reference), sorted(current));
    let gap = |x: f64| {
        let share = |values: &[f64]| values.partition_point(|&v| v <= x) as f64 / values.len() as f64;
        share(&current) - share(&reference)
    };
    let (min, max) = (reference[0], reference[reference.len() - 1]);
    let mut points: Vec<f64> = reference.iter().chain(&current).copied().collect();
    points.sort_by(f64::total_cmp);
    let distance = points.iter().map(|&x| gap(x).abs()).fold(0.0, f64::max);
    let inside: Vec<f64> = points.into_iter().map(|x| x.clamp(min, max)).collect();
    let area = inside.windows(2).map(|pair| (pair[1] - pair[0]) * gap(pair[0]).abs()).sum();
    (distance, area)
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 96, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn any_split_and_order_counts_the_same(rows in rows(), parts in vec(any::<Index>(), 200), order in any::<u64>()) {
        let ruler = ruler();
        let mut split: Vec<Vec<Row>> = vec![Vec::new(); 7];
        rows.iter().zip(&parts).for_each(|(&row, part)| split[part.index(7)].push(row));
        let whole = tally(&ruler, &rows);

        let mut merged = Tally::empty(&ruler);
        for i in 0..7u64 {
            merged.add(&tally(&ruler, &split[((i * 3 + order % 7) % 7) as usize])).unwrap();
        }
        prop_assert_eq!(merged.encode(), whole.encode());
        // Pairs of panes first, then the whole: associative.
        let mut left = tally(&ruler, &split[0]);
        let mut right = tally(&ruler, &split[1]);
        split[2..4].iter().for_each(|part| left.add(&tally(&ruler, part)).unwrap());
        split[4..].iter().for_each(|part| right.add(&tally(&ruler, part)).unwrap());
        right.add(&left).unwrap();
        prop_assert_eq!(right.encode(), whole.encode());
    }

    #[test]
    fn subtracting_undoes_adding(rows in rows(), others in rows()) {
        let ruler = ruler();
        let (before, other) = (tally(&ruler, &rows), tally(&ruler, &others));
        let mut after = before.clone();
        after.add(&other).unwrap();
        after.subtract(&other).unwrap();
        prop_assert_eq!(group_state(&after), group_state(&before));
        after.subtract(&before).unwrap();
        prop_assert_eq!(group_state(&after), group_state(&Tally::empty(&ruler)));
    }

    #[test]
    fn stored_bytes_round_trip_and_broken_ones_never_panic(
        rows in rows(),
        at in any::<Index>(),
        bits in 1..=255u8,
        wild in vec(any::<u8>(), 0..80),
    ) {
        let ruler = ruler();
        let counts = tally(&ruler, &rows);
        let bytes = counts.encode();
        let read = Tally::decode(&bytes, &ruler).unwrap();
        prop_assert_eq!(&read, &counts);
        prop_assert_eq!(read.encode(), bytes.clone());
        let cut = Tally::decode(&bytes[..at.index(bytes.len())], &ruler);
        // The section of unknown features may be absent, never halved.
        let lacks_features = |read: &Tally| read.unknown_features.is_empty() && read.columns == counts.columns;
        prop_assert!(cut.as_ref().map_or(true, lacks_features), "cut short");

        let mut flipped = bytes.clone();
        flipped[at.index(bytes.len())] ^= bits;
        let spliced = [&bytes[..17], &wild].concat();
        for broken in [flipped, spliced] {
            let Ok(mut read) = Tally::decode(&broken, &ruler) else { continue };
            for (i, (_, grid)) in ruler.columns().iter().enumerate() {
                for (reference, current) in [(&read, &counts), (&counts, &read)] {
                    let pair = Pair::of(grid, &reference.columns[i], &current.columns[i]).unwrap();
                    assert_sound(&compute(&pair, &Statistic::ALL))?;
                }
            }
            read.add(&counts).unwrap();
        }
    }

    #[test]
    fn every_value_is_counted_where_the_definition_says(reference in prop_oneof![sample(1..700), odd_sample()]) {
        let grid = grid_of(&reference);
        let edges = grid.edges();
        let mut values: Vec<f64> = edges.iter().flat_map(|e| [e.next_down(), *e, e.next_up(), -e, e * 1.5]).collect();
        values.extend(ODD);
        values.extend([f64::INFINITY, f64::NEG_INFINITY, f64::NAN, -f64::NAN, MISSING, WRONG_TYPE]);
        let mut expected = NumericCounts::empty(&grid);
        for &value in &values {
            match value.to_bits() {
                bits if bits == MISSING.to_bits() => expected.missing += 1,
                bits if bits == WRONG_TYPE.to_bits() => expected.wrong_type += 1,
                _ if value.is_nan() => expected.nan += 1,
                _ => {
                    let bin = edges.iter().filter(|&&edge| edge < value).count();
                    prop_assert_eq!(grid.bin_of(value), bin);
                    expected.bins[bin] += 1;
                    expected.positive_infinite += i64::from(value == f64::INFINITY);
                    expected.negative_infinite += i64::from(value == f64::NEG_INFINITY);
                    if value.is_finite() {
                        let (units, clamped) = grid.scale().to_units(value);
                        expected.sums[bin] += i128::from(units);
                        expected.sum_squares += i128::from(units).pow(2);
                        expected.clamped += i64::from(clamped);
                    }
                }
            }
        }
        prop_assert_eq!(counted(&grid, &values), expected);
    }

    #[test]
    fn a_grid_keeps_its_promises(reference in prop_oneof![sample(1..1500), odd_sample()]) {
        let grid = grid_of(&reference);
        prop_assert_eq!(&NumericGrid::from_parts(grid.parts().clone()).unwrap(), &grid);
        let counts = counted(&grid, &reference);
        prop_assert_eq!(counts.clamped, 0);
        // The lowest float has no edge below it.
        let lowest = reference.contains(&f64::MIN);
        prop_assert!(counts.bins[0] == 0 || lowest);
        prop_assert_eq!(counts.bins[grid.bins() - 1], 0);
        let rows = reference.len() as f64;
        for (bin, &count) in counts.bins.iter().enumerate() {
            prop_assert!(grid.is_atom(bin) || lowest || count as f64 <= 2.0 * (rows / 240.0).ceil(), "bin {}", bin);
        }
        let beyond: i64 = [grid.low_bins(), grid.high_bins()].into_iter().flatten().map(|bin| counts.bins[bin]).sum();
        prop_assert!(beyond as f64 <= 0.002 * rows || lowest);
        let groups: Vec<_> = grid.groups().collect();
        prop_assert!(groups.len() <= 10 && groups[0].start == 0 && groups[groups.len() - 1].end == grid.bins());
        prop_assert!(groups.windows(2).all(|pair| pair[0].end == pair[1].start));

        let mean = reference.iter().map(|v| v / rows).sum::<f64>();
        let (got, std) = counts.mean_and_std(&grid).unwrap();
        prop_assert!((got - mean).abs() <= 1e-8 * std + 1e-12 * mean.abs() + 1e-300, "mean {} {}", got, mean);
    }

    #[test]
    fn bounds_enclose_the_raw_distances(reference in sample(1..1500), current in sample(1..600), same in any::<bool>()) {
        // Half of the time from the same shape, where small differences decide.
        let current = if same { reference.iter().map(|v| v * 1.01 + 0.003).step_by(2).collect() } else { current };
        let grid = grid_of(&reference);
        let (r, c) = (counted(&grid, &reference), counted(&grid, &current));
        let pair = Pair::Numeric { grid: &grid, reference: &r, current: &c };
        let outcomes = compute(&pair, &Statistic::ALL);
        assert_sound(&outcomes)?;
        let (distance, area) = raw_distances(&reference, &current);

        let ks = outcomes[1].computed().unwrap();
        let upper = ks.value + ks.error_bound.unwrap();
        prop_assert!(ks.value <= distance + 1e-12 && distance <= upper + 1e-12, "{} {} {}", ks.value, distance, upper);
        let bins = r.bins.iter().enumerate().filter(|(bin, _)| !grid.is_atom(*bin));
        let heaviest = bins.map(|(_, &count)| count).max().unwrap() as f64 / reference.len() as f64;
        prop_assert!(distance - ks.value <= heaviest + 1e-12);

        if let Outcome::Computed(wasserstein) = outcomes[2] {
            let std = r.mean_and_std(&grid).unwrap().1;
            let (lower, bound) = (wasserstein.value * std, wasserstein.error_bound.unwrap() * std);
            let slack = 1e-9 * (std + area);
            prop_assert!(lower <= area + slack && area <= lower + bound + slack, "{} {} {}", lower, area, bound);
        }
    }

    #[test]
    fn no_numbers_whatsoever_give_nan(
        reference in odd_sample(),
        current in odd_sample(),
        more in vec(proptest::sample::select(vec![f64::INFINITY, f64::NEG_INFINITY, f64::NAN, MISSING]), 0..9),
    ) {
        let grid = grid_of(&reference);
        let r = counted(&grid, &[reference, more.clone()].concat());
        let c = counted(&grid, &[current, more].concat());
        let coarse = grid.coarse();
        prop_assert!(coarse.bins() <= grid.bins() && coarse.range() == grid.range());
        for (reference, current) in [(&r, &c), (&c, &r), (&r, &r)] {
            let pair = Pair::Numeric { grid: &grid, reference, current };
            assert_sound(&compute(&pair, &Statistic::ALL))?;
        }
    }

    #[test]
    fn equal_counts_are_no_drift(values in sample(1..900)) {
        let grid = grid_of(&values);
        let counts = counted(&grid, &values);
        let pair = Pair::Numeric { grid: &grid, reference: &counts, current: &counts };
        for (statistic, outcome) in Statistic::ALL.into_iter().zip(compute(&pair, &Statistic::ALL)) {
            let Outcome::Computed(computed) = outcome else { continue };
            prop_assert!(statistic.effect(computed.value) < 1e-12, "{} {}", statistic, computed.value);
            prop_assert!(computed.test.is_none_or(|test| test.p_value() > 0.999));
        }
    }
}
