//! A column's counts as people look at them: few enough bins to see, cut where the statistics cut.

use super::words;
use crate::sketch::{
    CategoricalCounts, CategoricalGrid, ColumnCounts, Grid, Newcomers, NumericCounts, NumericGrid,
};
use crate::web::answer::{CategoryBin, CategoryRole, Counted, Explanation, Histogram, NumericBin, Uncounted};

/// Numeric bins shown, about.
const BINS_MAX: usize = 60;

/// Both sides on the grid; `reference` is empty where there is none.
pub fn histogram(
    grid: &Grid,
    reference: &ColumnCounts,
    current: &ColumnCounts,
    sensitive: bool,
) -> Histogram {
    match (grid, reference, current) {
        (Grid::Numeric(_), ..) if sensitive => {
            let message = "the column is sensitive: where its values lie is not shown";
            Histogram::Unavailable { reason: Explanation::new("sensitive", message) }
        }
        (
            Grid::Numeric(grid),
            ColumnCounts::Numeric { counts: reference, .. },
            ColumnCounts::Numeric { counts: current, .. },
        ) => numeric(grid, reference, current),
        (
            Grid::Categorical(grid),
            ColumnCounts::Categorical { counts: reference, .. },
            ColumnCounts::Categorical { counts: current, newcomers },
        ) => categorical(grid, reference, current, newcomers, sensitive),
        _ => Histogram::Unavailable { reason: words::reason(crate::statistic::Reason::WrongKind) },
    }
}

/// What no bin holds: with the bins it makes up all rows.
pub fn uncounted(
    reference: &ColumnCounts,
    reference_rows: i64,
    current: &ColumnCounts,
    current_rows: i64,
) -> Vec<Uncounted> {
    let nan = |counts: &ColumnCounts| match counts {
        ColumnCounts::Numeric { counts, .. } => counts.nan,
        ColumnCounts::Categorical { .. } => 0,
    };
    let missing = |counts: &ColumnCounts| counts.absent() - nan(counts);
    let mut found = Vec::new();
    let mut add = |what: &str, reference: i64, current: i64| {
        found.push(Uncounted {
            what: what.to_owned(),
            reference: counted(reference, reference_rows),
            current: counted(current, current_rows),
        });
    };
    add("missing", missing(reference), missing(current));
    if let ColumnCounts::Numeric { .. } = current {
        add("nan", nan(reference), nan(current));
    }
    add("wrong_type", reference.wrong_type(), current.wrong_type());
    found
}

fn counted(rows: i64, whole: i64) -> Counted {
    Counted { rows: words::rows(rows), share: (whole > 0).then(|| rows.max(0) as f64 / whole as f64) }
}

fn numeric(grid: &NumericGrid, reference: &NumericCounts, current: &NumericCounts) -> Histogram {
    let edges = grid.edges();
    let shown = shown_edges(grid);
    let starts = std::iter::once(0).chain(shown.iter().map(|&edge| edge + 1));
    let ends = shown.iter().map(|&edge| edge + 1).chain([grid.bins()]);
    let (of_reference, of_current) = (reference.present(), current.present());
    let bins = starts.zip(ends).map(|(start, end)| NumericBin {
        lower: start.checked_sub(1).map(|edge| edges[edge]),
        upper: edges.get(end - 1).copied(),
        reference: counted(reference.bins[start..end].iter().sum(), of_reference),
        current: counted(current.bins[start..end].iter().sum(), of_current),
    });
    Histogram::Numeric {
        bins: bins.collect(),
        reference_mean: reference.mean_and_std(grid).map(|(mean, _)| mean),
        current_mean: current.mean_and_std(grid).map(|(mean, _)| mean),
    }
}

/// The edges between the bins that are shown, ascending: those that part groups and what is out of range always; of
/// the others every so many. The edge just below a lone value is left out: nothing lies between it and the one before.
fn shown_edges(grid: &NumericGrid) -> Vec<usize> {
    let parts = grid.parts();
    let fixed = |edge: usize| {
        parts.group_cuts.contains(&(edge as u32))
            || [parts.low_edge, parts.high_edge].contains(&(edge as u32))
    };
    let all = 0..grid.edges().len();
    let others: Vec<usize> =
        all.clone().filter(|&edge| !(fixed(edge) || grid.is_atom(edge + 1) && edge > 0)).collect();
    let room = BINS_MAX.saturating_sub(1 + all.clone().filter(|&edge| fixed(edge)).count()).max(1);
    let step = others.len().div_ceil(room).max(1);
    let mut shown: Vec<usize> =
        others.into_iter().step_by(step).chain(all.filter(|&edge| fixed(edge))).collect();
    shown.sort_unstable();
    shown
}

fn categorical(
    grid: &CategoricalGrid,
    reference: &CategoricalCounts,
    current: &CategoricalCounts,
    newcomers: &Newcomers,
    sensitive: bool,
) -> Histogram {
    let (of_reference, of_current) = (reference.present(), current.present());
    let bin = |name: Option<&str>, role, r: i64, c: i64| CategoryBin {
        name: name.filter(|_| !sensitive).map(str::to_owned),
        role,
        reference: counted(r, of_reference),
        current: counted(c, of_current),
    };
    let counts = reference.named.iter().zip(&current.named);
    let mut bins: Vec<CategoryBin> = grid
        .categories()
        .iter()
        .zip(counts)
        .map(|(name, (r, c))| bin(Some(name), CategoryRole::Category, *r, *c))
        .collect();
    // Stable: among equals the names' order stays.
    bins.sort_by_key(|bin| std::cmp::Reverse(bin.reference.rows));
    bins.push(bin(None, CategoryRole::Other, reference.other, current.other));
    bins.push(bin(None, CategoryRole::Unseen, reference.unseen, current.unseen));
    let names = newcomers.by_count().into_iter().filter(|_| !sensitive);
    Histogram::Categorical {
        bins,
        newcomers: names.map(|(name, _)| name.to_owned()).collect(),
        newcomers_truncated: newcomers.is_truncated(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn shown(values: &[f64]) -> Vec<NumericBin> {
        let grid = NumericGrid::from_sorted(values).expect("values");
        let mut counts = NumericCounts::empty(&grid);
        counts.count(&grid, values);
        match numeric(&grid, &counts, &counts) {
            Histogram::Numeric { bins, .. } => bins,
            other => panic!("{other:?}"),
        }
    }

    #[test]
    fn many_bins_become_few_without_losing_a_row_or_a_group() {
        let values: Vec<f64> = (0..5_000).map(|i| f64::from(i) / 7.0).collect();
        let grid = NumericGrid::from_sorted(&values).expect("values");
        let bins = shown(&values);
        assert!((30..=BINS_MAX).contains(&bins.len()), "{} bins", bins.len());
        assert_eq!(bins.iter().map(|bin| bin.current.rows).sum::<u64>(), 5_000);
        for &cut in &grid.parts().group_cuts {
            let edge = grid.edges()[cut as usize];
            assert!(bins.iter().any(|bin| bin.upper == Some(edge)), "{edge} parts groups");
        }
        assert!(bins.windows(2).all(|pair| pair[0].upper == pair[1].lower));
        assert_eq!((bins[0].lower, bins[bins.len() - 1].upper), (None, None));
    }

    #[test]
    fn few_values_have_a_bin_each() {
        let bins = shown(&[1.0, 2.0, 2.0, 3.0]);
        let held: Vec<u64> = bins.iter().map(|bin| bin.current.rows).filter(|rows| *rows > 0).collect();
        assert_eq!(held, [1, 2, 1]);
    }
}
