//! What moved, in words that tell a person where to look first.

use super::column::ColumnVerdict;
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

fn percent(share: f64) -> String {
    let percent = share * 100.0;
    match percent {
        p if p >= 9.95 || p == 0.0 => format!("{p:.0} %"),
        p if p >= 0.095 => format!("{p:.1} %"),
        p => format!("{p:.2} %"),
    }
}

/// Two numbers with as many digits as it takes to tell them apart, at least three.
fn pair_of_numbers(from: f64, to: f64) -> (String, String) {
    let shown = (3..=17).map(|digits| (number(from, digits), number(to, digits)));
    shown.into_iter().find(|(from, to)| from != to).unwrap_or((number(from, 17), number(to, 17)))
}

/// A number to so many significant digits, its thousands parted by commas.
fn number(value: f64, digits: usize) -> String {
    if value == 0.0 || !value.is_finite() {
        return format!("{value}");
    }
    let magnitude = value.abs().log10().floor() as i32;
    if !(-5..15).contains(&magnitude) {
        return format!("{value:.*e}", digits - 1);
    }
    let decimals = (digits as i32 - 1 - magnitude).clamp(-15, 20);
    let rounded = match decimals {
        0.. => format!("{value:.*}", decimals as usize),
        _ => {
            let unit = 10f64.powi(-decimals);
            format!("{:.0}", (value / unit).round() * unit)
        }
    };
    let (whole, fraction) = rounded.split_once('.').unwrap_or((&rounded, ""));
    let (sign, whole) = whole.strip_prefix('-').map_or(("", whole), |whole| ("-", whole));
    let mut parted = String::new();
    for (i, digit) in whole.chars().enumerate() {
        if i > 0 && (whole.len() - i).is_multiple_of(3) {
            parted.push(',');
        }
        parted.push(digit);
    }
    let fraction = fraction.trim_end_matches('0');
    if fraction.is_empty() { format!("{sign}{parted}") } else { format!("{sign}{parted}.{fraction}") }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_have_a_few_digits_and_commas() {
        assert_eq!(number(29_312.4, 3), "29,300");
        assert_eq!(number(1_234_567.0, 3), "1,230,000");
        assert_eq!(number(-41_000.0, 3), "-41,000");
        assert_eq!(number(0.012_345, 3), "0.0123");
        assert_eq!(number(3.0, 3), "3");
        assert_eq!(number(1e-9, 3), "1.00e-9");
        assert_eq!(pair_of_numbers(29_312.0, 29_318.0), ("29,310".to_owned(), "29,320".to_owned()));
    }

    #[test]
    fn percentages_keep_small_shares_apart_from_none() {
        assert_eq!([0.31, 0.051, 0.0004, 0.0].map(percent), ["31 %", "5.1 %", "0.04 %", "0 %"]);
    }
}
