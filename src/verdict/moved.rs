//! What moved, in words that tell a person where to look first.

use super::column::ColumnVerdict;
use super::figures::{number, pair_of_numbers, percent};
use crate::sketch::{ColumnCounts, Grid, NumericCounts, NumericGrid};
use crate::statistic::Statistic;

/// Says how a column moved, by the statistic that stands out most: "median of `car_value` 29,300 → 41,000".
/// With `sensitive` no value and no category is named. `None` where nothing can be said.
pub fn in_words(
    verdict: &ColumnVerdict,
    grid: &Grid,
    reference: &ColumnCounts,
    current: &ColumnCounts,
    sensitive: bool,
) -> Option<String> {
    let column = &verdict.column;
    let of = |counts: &ColumnCounts, rows: i64| rows as f64 / (counts.present() + counts.absent()) as f64;
    match verdict.foremost()?.statistic {
        Statistic::MissingRate => {
            let (p, q) = (of(reference, reference.absent()), of(current, current.absent()));
            Some(format!("missing values of `{column}` {} → {}", percent(p), percent(q)))
        }
        Statistic::UnseenRate => {
            let unseen = |counts: &ColumnCounts| match counts {
                ColumnCounts::Categorical { counts, .. } => share(counts.unseen, counts.present()),
                ColumnCounts::Numeric { .. } => 0.0,
            };
            let (p, q) = (unseen(reference), unseen(current));
            Some(format!("unseen categories of `{column}` {} → {}", percent(p), percent(q)))
        }
        Statistic::OutOfRangeRate => match (grid, reference, current) {
            (
                Grid::Numeric(grid),
                ColumnCounts::Numeric { counts: r, .. },
                ColumnCounts::Numeric { counts: c, .. },
            ) => {
                let outside = |counts: &NumericCounts| {
                    let low: i64 = counts.bins[grid.low_bins()].iter().sum();
                    let high: i64 = counts.bins[grid.high_bins()].iter().sum();
                    share(low + high, counts.present())
                };
                let (p, q) = (outside(r), outside(c));
                Some(format!("values of `{column}` out of range {} → {}", percent(p), percent(q)))
            }
            _ => None,
        },
        _ => distribution(verdict, grid, reference, current, sensitive),
    }
}

fn distribution(
    verdict: &ColumnVerdict,
    grid: &Grid,
    reference: &ColumnCounts,
    current: &ColumnCounts,
    sensitive: bool,
) -> Option<String> {
    let column = &verdict.column;
    match (grid, reference, current) {
        (
            Grid::Numeric(grid),
            ColumnCounts::Numeric { counts: r, .. },
            ColumnCounts::Numeric { counts: c, .. },
        ) => {
            let medians = grid.quantile(&r.bins, 1, 2).zip(grid.quantile(&c.bins, 1, 2));
            match medians {
                Some((from, to)) if from != to && !sensitive => {
                    let (from, to) = pair_of_numbers(from, to);
                    Some(format!("median of `{column}` {from} → {to}"))
                }
                Some(_) => group_of_numbers(verdict, grid, r, c, sensitive),
                None => None,
            }
        }
        (
            Grid::Categorical(grid),
            ColumnCounts::Categorical { counts: r, .. },
            ColumnCounts::Categorical { counts: c, .. },
        ) => {
            let names = grid.categories().iter().map(|name| format!("={name}"));
            let names = names.chain([" (rare)".to_owned(), " (unseen)".to_owned()]);
            let counts = r.named.iter().chain([&r.other, &r.unseen]);
            let counts = counts.zip(c.named.iter().chain([&c.other, &c.unseen]));
            let shares = counts.map(|(r, c)| (share(*r, reference.present()), share(*c, current.present())));
            let (name, (p, q)) = names.zip(shares).max_by(|a, b| gap(a.1).total_cmp(&gap(b.1)))?;
            let what = if sensitive {
                format!("share of one category of `{column}`")
            } else {
                format!("share of `{column}{name}`")
            };
            Some(format!("{what} {} → {}", percent(p), percent(q)))
        }
        _ => None,
    }
}

/// The group (decile of the reference) whose share moved most.
fn group_of_numbers(
    verdict: &ColumnVerdict,
    grid: &NumericGrid,
    reference: &NumericCounts,
    current: &NumericCounts,
    sensitive: bool,
) -> Option<String> {
    let cuts: Vec<usize> = grid.parts().group_cuts.iter().map(|&cut| cut as usize).collect();
    let edges = grid.edges();
    let mut groups = Vec::with_capacity(cuts.len() + 1);
    let mut from = 0;
    for k in 0..=cuts.len() {
        let to = cuts.get(k).map_or(grid.bins(), |&cut| cut + 1);
        let of = |counts: &NumericCounts| share(counts.bins[from..to].iter().sum(), counts.present());
        let (below, above) = (k.checked_sub(1).map(|k| edges[cuts[k]]), cuts.get(k).map(|&cut| edges[cut]));
        groups.push(((below, above), (of(reference), of(current))));
        from = to;
    }
    let ((below, above), (p, q)) = groups.into_iter().max_by(|a, b| gap(a.1).total_cmp(&gap(b.1)))?;
    let column = &verdict.column;
    let place = match (below, above) {
        _ if sensitive => format!("share of one tenth of `{column}`"),
        (None, Some(above)) => format!("share of `{column}` ≤ {}", number(above, 4)),
        (Some(below), None) => format!("share of `{column}` > {}", number(below, 4)),
        (Some(below), Some(above)) => {
            format!("share of {} < `{column}` ≤ {}", number(below, 4), number(above, 4))
        }
        (None, None) => return None,
    };
    Some(format!("{place} {} → {}", percent(p), percent(q)))
}

fn share(part: i64, whole: i64) -> f64 {
    if whole > 0 { part as f64 / whole as f64 } else { 0.0 }
}

fn gap((p, q): (f64, f64)) -> f64 {
    (q - p).abs()
}
