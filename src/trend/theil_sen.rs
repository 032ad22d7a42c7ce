//! Theil and Sen's slope: the median of the slopes between every two days.

use super::Series;

/// Units a day: the median of `(y_j − y_i)/(t_j − t_i)` over i < j, the mean of the two middle ones where they are
/// even in number. A third of the days may be anything without moving it far. Sen, *JASA* 63 (1968) 1379.
///
/// ```
/// use driftd::trend::{Daily, Series, slope};
/// // scipy.stats.theilslopes([1, 2, 4, 3, 5, 6, 8, 7, 9, 30]).slope
/// let values = [1.0, 2.0, 4.0, 3.0, 5.0, 6.0, 8.0, 7.0, 9.0, 30.0];
/// let days = (0..).zip(values).map(|(day, value)| Daily { day, value }).collect();
/// assert_eq!(slope(&Series::new(days).unwrap()), 1.0);
/// ```
pub fn slope(series: &Series) -> f64 {
    let slopes = series.pairs().map(|(earlier, later)| {
        (later.value - earlier.value) / (f64::from(later.day) - f64::from(earlier.day))
    });
    median(slopes.collect()).unwrap_or(0.0)
}

/// The slopes between every two points of different x, in no order; empty where all x are equal.
pub fn slopes(points: &[(f64, f64)]) -> Vec<f64> {
    let pairs = points.iter().enumerate().flat_map(|(i, first)| {
        points[i + 1..].iter().filter(move |second| second.0 != first.0).map(move |second| (first, second))
    });
    pairs.map(|(first, second)| (second.1 - first.1) / (second.0 - first.0)).collect()
}

/// The middle value, the mean of the two middle ones where they are even in number; none of no value.
pub fn median(mut values: Vec<f64>) -> Option<f64> {
    if values.is_empty() {
        return None;
    }
    let middle = values.len() / 2;
    let odd = values.len() % 2 == 1;
    let (below, &mut upper, _) = values.select_nth_unstable_by(middle, f64::total_cmp);
    if odd {
        return Some(upper);
    }
    let lower = below.iter().copied().max_by(f64::total_cmp).unwrap_or(upper);
    Some(f64::midpoint(lower, upper))
}
