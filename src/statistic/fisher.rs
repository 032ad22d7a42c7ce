//! Fisher's exact test of a 2×2 table, two-sided, for totals from 0 to 1e9.

use super::Test;
use super::tails::stirling_error;

/// Tables at most this much more probable than the one seen count as no more probable (as in scipy and R).
const SLACK: f64 = 1.0 + 1e-7;
/// Up to this standard deviation of a cell every term is summed; above, terms are sampled.
const SUMMED_STD_MAX: f64 = 400.0;
/// Terms walked from the mode at most; past them terms have long left the range of floats.
const TERMS_MAX: u64 = 20_000;
/// A smaller term, relative to the mode's, counts as 0: the smallest floats would not even fall any more.
const TERM_MIN: f64 = 1e-300;
/// Samples per length of decay where terms are sampled.
const SAMPLES: f64 = 16.0;

/// The two-sided p-value of the table `[[a, b], [c, d]]`: the probability, given its margins, of all tables that are no
/// more probable than it.
///
/// 1 where a margin is 0. Relative error below 1e-9 where p ≥ 1e-290, then 0. While the cell's standard deviation is
/// at most 400, terms are summed one by one (at most 2·20,000); above that they are sampled and summed by
/// Euler-Maclaurin, some hundred evaluations whatever the total.
///
/// ```
/// // scipy.stats.fisher_exact([[8, 2], [1, 5]])
/// let p = driftd::statistic::fisher::two_sided([[8, 2], [1, 5]]);
/// assert!((p - 0.03496503496503495).abs() < 1e-15);
/// ```
pub fn two_sided([[a, b], [c, d]]: [[u64; 2]; 2]) -> f64 {
    let table = Margins { row: a + b, other_row: c + d, column: a + c };
    if a + b == 0 || c + d == 0 || a + c == 0 || b + d == 0 {
        return 1.0;
    }
    let p = if table.std() <= SUMMED_STD_MAX { table.walk(a) } else { table.sample(a) };
    p.clamp(0.0, 1.0)
}

/// The test of one share against another, each `part` of a `whole`, as one of `sides`.
pub(super) fn of_shares(part: i64, whole: i64, reference_part: i64, reference_whole: i64) -> Test {
    let cells = |part: i64, whole: i64| {
        let part = part.clamp(0, whole.max(0));
        [part as u64, (whole.max(0) - part) as u64]
    };
    let table = [cells(part, whole), cells(reference_part, reference_whole)];
    let [[a, b], [c, d]] = table;
    if a + c == 0 || b + d == 0 {
        return Test::Degenerate;
    }
    Test::Fisher { p: two_sided(table), x2: chi_square_of(table), sides: 1 }
}

/// Pearson's X² of the table (no Yates); 0 where a margin is 0.
fn chi_square_of(table: [[u64; 2]; 2]) -> f64 {
    let [[a, b], [c, d]] = table.map(|row| row.map(|cell| cell as f64));
    let margins = (a + b) * (c + d) * (a + c) * (b + d);
    if margins > 0.0 { (a * d - b * c).powi(2) / margins * (a + b + c + d) } else { 0.0 }
}

/// A table's margins. The cell `k` (first row, first column) decides the rest: it is hypergeometric.
struct Margins {
    row: u64,
    other_row: u64,
    column: u64,
}

impl Margins {
    fn low(&self) -> u64 {
        self.column.saturating_sub(self.other_row)
    }

    fn high(&self) -> u64 {
        self.row.min(self.column)
    }

    fn total(&self) -> f64 {
        (self.row + self.other_row) as f64
    }

    fn std(&self) -> f64 {
        let (total, row, column) = (self.total(), self.row as f64, self.column as f64);
        let other_column = total - column;
        (row / total * column * (self.other_row as f64 / total) * (other_column / (total - 1.0))).sqrt()
    }

    fn mode(&self) -> u64 {
        let mode = (u128::from(self.row) + 1) * (u128::from(self.column) + 1)
            / (u128::from(self.row) + u128::from(self.other_row) + 2);
        (mode as u64).clamp(self.low(), self.high())
    }

    /// How many times as probable cell `k + 1` is as cell `k`.
    fn rise(&self, k: f64) -> f64 {
        let (row, other_row, column) = (self.row as f64, self.other_row as f64, self.column as f64);
        (row - k) * (column - k) / ((k + 1.0) * (other_row - column + k + 1.0))
    }

    /// The next term from cell `k` in a direction.
    fn step(&self, k: u64, up: bool) -> f64 {
        if up { self.rise(k as f64) } else { 1.0 / self.rise(k as f64 - 1.0) }
    }

    /// All terms, relative to the mode's: those no more probable than cell `seen`, over the sum of all.
    fn walk(&self, seen: u64) -> f64 {
        let (mode, up) = (self.mode(), seen >= self.mode());
        let end = |up: bool| if up { self.high() } else { self.low() };

        let (mut all, mut term, mut k) = (1.0, 1.0, mode);
        while k != seen {
            term *= self.step(k, up);
            k = if up { k + 1 } else { k - 1 };
            all += term;
            if term < TERM_MIN {
                return 0.0;
            }
        }
        let limit = term * SLACK;
        let mut extreme = if 1.0 <= limit { 1.0 } else { 0.0 };
        // Back towards the mode: only ties stand there.
        let (mut tied, mut at) = (term, seen);
        while at != mode && tied <= limit {
            extreme += tied;
            tied *= self.step(at, !up);
            at = if up { at - 1 } else { at + 1 };
        }
        let beyond = self.run(seen, term, up, end(up), |_| true);
        let opposite = self.run(mode, 1.0, !up, end(!up), |term| term <= limit);
        (extreme + beyond.1 + opposite.1) / (all + beyond.0 + opposite.0)
    }

    /// Sums the terms after cell `k`, whose own is `term`, up to `end`: all of them, and those that are `counted`.
    fn run(
        &self,
        mut k: u64,
        mut term: f64,
        up: bool,
        end: u64,
        counted: impl Fn(f64) -> bool,
    ) -> (f64, f64) {
        let (mut all, mut extreme, first) = (0.0, 0.0, term);
        for _ in 0..TERMS_MAX {
            if k == end {
                break;
            }
            term *= self.step(k, up);
            k = if up { k + 1 } else { k - 1 };
            all += term;
            if counted(term) {
                extreme += term;
                if term <= extreme * 1e-17 {
                    break;
                }
            } else if term <= first * 1e-300 {
                break;
            }
        }
        (all, extreme)
    }

    /// Both tails by sampling; for a cell whose distribution is wide, hence smooth.
    fn sample(&self, seen: u64) -> f64 {
        let mode = self.mode();
        let limit = self.ln_probability(seen as f64) + SLACK.ln();
        if self.ln_probability(mode as f64) <= limit {
            return 1.0;
        }
        let up = seen > mode;
        // The first cell on the other side that is no more probable; past the end where there is none.
        let side = if up { mode - self.low() } else { self.high() - mode };
        let cell = |distance: u64| if up { mode - distance } else { mode + distance };
        let (mut near, mut far) = (0, side + 1);
        while far - near > 1 {
            let middle = near + (far - near) / 2;
            match self.ln_probability(cell(middle) as f64) <= limit {
                true => far = middle,
                false => near = middle,
            }
        }
        let opposite = if far > side { 0.0 } else { self.sampled_tail(cell(far), !up) };
        self.sampled_tail(seen, up) + opposite
    }

    /// `Σ f` from a cell on outwards, by Euler-Maclaurin from samples `h` apart:
    /// `h Σ f(jh) + (1−h) f/2 − (1−h²) f'/12 + (1−h⁴) f'''/720 − (1−h⁶) f⁽⁵⁾/30240`.
    fn sampled_tail(&self, from: u64, up: bool) -> f64 {
        let (low, high, start) = (self.low() as f64, self.high() as f64, from as f64);
        let direction = if up { 1.0 } else { -1.0 };
        let first = self.ln_probability(start).exp();
        if first == 0.0 {
            return 0.0;
        }
        // f near the cell is f·exp(−slope·t − curve·t²/2)
        let curve = self.std().powi(-2);
        let middle = if up { start } else { start - 1.0 };
        let slope = -direction * self.rise(middle).ln() - curve / 2.0;
        let h = 1.0 / (SAMPLES * (slope.abs() + curve.sqrt()));
        let mut sum = 0.0;
        for j in 0..TERMS_MAX {
            let k = start + direction * h * j as f64;
            if k < low || k > high {
                break;
            }
            let sample = self.ln_probability(k).exp();
            sum += sample;
            if sample <= sum * 1e-17 {
                break;
            }
        }
        let first_derivative = -slope;
        let third = -slope.powi(3) + 3.0 * slope * curve;
        let fifth = -slope.powi(5) + 10.0 * slope.powi(3) * curve - 15.0 * slope * curve * curve;
        h * sum
            + first
                * ((1.0 - h) / 2.0 - (1.0 - h.powi(2)) / 12.0 * first_derivative
                    + (1.0 - h.powi(4)) / 720.0 * third
                    - (1.0 - h.powi(6)) / 30240.0 * fifth)
    }

    /// The log of the probability of cell `k`, which need not be whole. Loader's saddle-point form: no difference of
    /// large log-gammas, so about 1e-13 whatever the total (C. Loader, Fast and accurate computation of binomial
    /// probabilities, 2000).
    fn ln_probability(&self, k: f64) -> f64 {
        let (total, row, column) = (self.total(), self.row as f64, self.column as f64);
        let share = column / total;
        let rest = (total - column) / total;
        ln_binomial(k, row, share, rest) + ln_binomial(column - k, total - row, share, rest)
            - ln_binomial(column, total, share, rest)
    }
}

/// The log of the binomial probability of `x` out of `n` at `share`; `rest` is 1 − share.
fn ln_binomial(x: f64, n: f64, share: f64, rest: f64) -> f64 {
    if x <= 0.0 {
        return n * (-share).ln_1p();
    }
    if x >= n {
        return n * (-rest).ln_1p();
    }
    let errors = error_of(n) - error_of(x) - error_of(n - x);
    let deviances = deviance(x, n * share) + deviance(n - x, n * rest);
    errors - deviances - 0.5 * (std::f64::consts::TAU.ln() + x.ln() + (-x / n).ln_1p())
}

fn error_of(x: f64) -> f64 {
    if x >= 15.0 {
        return stirling_error(x);
    }
    statrs::function::gamma::ln_gamma(x + 1.0) - 0.5 * (std::f64::consts::TAU * x).ln() - x * x.ln() + x
}

/// `x ln(x/m) + m − x`, without cancelling where x is near m.
fn deviance(x: f64, m: f64) -> f64 {
    let difference = x - m;
    if difference.abs() >= 0.1 * (x + m) {
        return x * (x / m).ln() - difference;
    }
    // with v = (x−m)/(x+m): ln(x/m) = 2 artanh(v)
    let v = difference / (x + m);
    let (square, mut power, mut sum) = (v * v, 2.0 * x * v, difference * v);
    for k in 1..200u32 {
        power *= square;
        let next = sum + power / f64::from(2 * k + 1);
        if next == sum {
            break;
        }
        sum = next;
    }
    sum
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn summed_and_sampled_terms_agree() {
        for table in [
            [[400_000, 600_000], [2_000_000, 3_000_000]],
            [[401_000, 599_000], [2_000_000, 3_000_000]],
            [[395_000, 605_000], [2_000_000, 3_000_000]],
            [[386_000, 614_000], [2_000_000, 3_000_000]],
            [[600_000, 400_000], [3_000_000, 3_000_000]],
            [[70_000, 930_000], [600_000, 9_400_000]],
        ] {
            let [[a, b], [c, d]] = table;
            let margins = Margins { row: a + b, other_row: c + d, column: a + c };
            let (summed, sampled) = (margins.walk(a), margins.sample(a));
            let close = (sampled - summed).abs() <= 1e-8 * summed;
            assert!(close, "{table:?}: summed {summed}, sampled {sampled}");
        }
    }

    #[test]
    fn symmetric_in_rows_and_columns_and_bounded_for_huge_totals() {
        for [[a, b], [c, d]] in [
            [[3, 7], [5, 1]],
            [[250_010_000, 249_990_000], [250_000_000, 250_000_000]],
            [[0, 1_000_000_000], [7, 999_999_993]],
            [[500_000_000, 0], [0, 500_000_000]],
            [[1, 999_999_999], [0, 1]],
        ] {
            let p = two_sided([[a, b], [c, d]]);
            assert!((0.0..=1.0).contains(&p));
            for other in [[[c, d], [a, b]], [[b, a], [d, c]], [[a, c], [b, d]]] {
                let q = two_sided(other);
                assert!((p - q).abs() <= 1e-8 * p, "{p} and {q}");
            }
        }
    }
}
