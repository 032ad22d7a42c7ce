//! ADWIN: a window that is cut wherever two halves of it have different means.

use std::collections::VecDeque;

use super::Signal;
use super::encode::{self, DecodeError};
use super::pane::PaneErrors;

/// Level of each check.
const DELTA: f64 = 0.002;
/// Buckets of one size that are kept; one more, and the two oldest become one of the next size.
const BUCKETS_MAX: usize = 5;
/// Fewest rows on either side of a cut.
const SIDE_ROWS_MIN: f64 = 5.0;
/// Up to so many rows nothing is checked.
const GRACE_ROWS: f64 = 10.0;
/// Cuts are looked for whenever the rows counted cross a multiple of this.
const CLOCK_ROWS: u64 = 32;
/// More sizes than that would take 2^60 panes.
const SIZES_MAX: usize = 60;

const DETECTOR: u8 = 1;

/// Adaptive windowing (δ 0.002, 5 buckets of a size, 5 rows a side, 10 of grace, a clock of 32 rows).
///
/// A pane enters as one bucket. Buckets merge pairwise, so that n panes take at most 6 log₂ n of them. A cut with n₀
/// older and n₁ newer rows (m = 1/(n₀ − 4) + 1/(n₁ − 4)) is a change where the means differ by more than
/// `√(2 m σ² ln(2 ln n / δ)) + ⅔ m ln(2 ln n / δ)`; then the oldest bucket goes, and the search begins again. Means
/// and variances are Welford's, in River's order of operations. Bifet and Gavaldà, SDM 2007, 443.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Adwin {
    /// By size: those of size i hold 2^i panes; the oldest first.
    sizes: Vec<VecDeque<Bucket>>,
    whole: Bucket,
    /// Rows since the clock last struck.
    since_check: u64,
    fired: bool,
}

/// Rows, the sum of their values, and of their squared deviations from their mean.
#[derive(Debug, Clone, Copy, PartialEq, Default)]
struct Bucket {
    rows: f64,
    sum: f64,
    deviations: f64,
}

impl Bucket {
    fn mean(self) -> f64 {
        self.sum / self.rows
    }

    fn merge(self, newer: Self) -> Self {
        let apart = self.mean() - newer.mean();
        // The rows' product over their sum; exactly n/2 for two of n = 2^i rows, as River has it.
        let between = self.rows * newer.rows / (self.rows + newer.rows) * apart * apart;
        Self {
            rows: self.rows + newer.rows,
            sum: self.sum + newer.sum,
            deviations: self.deviations + newer.deviations + between,
        }
    }
}

impl Adwin {
    /// Steps over a closed pane. `before` and `after` of a change are the means of the rows that were dropped from
    /// the window and of those that stay.
    pub fn step(&mut self, pane: &PaneErrors) -> Signal {
        if self.fired {
            *self = Self::default();
        }
        self.push(Bucket { rows: pane.count(), sum: pane.sum(), deviations: pane.deviations() });
        let rows = self.since_check + pane.rows();
        self.since_check = rows % CLOCK_ROWS;
        if rows < CLOCK_ROWS || self.whole.rows <= GRACE_ROWS {
            return Signal::Quiet;
        }
        let window = self.whole;
        while self.has_a_cut() {
            self.drop_oldest();
            self.fired = true;
        }
        match self.fired {
            true => Signal::Change {
                before: (window.sum - self.whole.sum) / (window.rows - self.whole.rows),
                after: self.whole.mean(),
            },
            false => Signal::Quiet,
        }
    }

    /// Rows in the window.
    pub fn window_rows(&self) -> u64 {
        self.whole.rows as u64
    }

    /// The mean of the window; none before the first pane.
    pub fn mean(&self) -> Option<f64> {
        (self.whole.rows > 0.0).then(|| self.whole.mean())
    }

    fn push(&mut self, pane: Bucket) {
        let Bucket { rows, sum, deviations } = self.whole;
        self.whole.rows += pane.rows;
        let mut between = 0.0;
        if rows > 0.0 {
            let apart = pane.mean() - sum / rows;
            between = rows * pane.rows * apart * apart / self.whole.rows;
        }
        self.whole.deviations = deviations + (pane.deviations + between);
        self.whole.sum += pane.sum;

        let mut carried = Some(pane);
        for size in 0.. {
            let Some(bucket) = carried.take() else { break };
            if size == self.sizes.len() {
                self.sizes.push(VecDeque::with_capacity(BUCKETS_MAX + 1));
            }
            let buckets = &mut self.sizes[size];
            buckets.push_back(bucket);
            if buckets.len() > BUCKETS_MAX {
                carried =
                    buckets.pop_front().zip(buckets.pop_front()).map(|(older, newer)| older.merge(newer));
            }
        }
    }

    fn has_a_cut(&self) -> bool {
        let (mut older, mut newer) = (Bucket::default(), self.whole);
        self.sizes.iter().rev().flatten().any(|bucket| {
            older.rows += bucket.rows;
            older.sum += bucket.sum;
            newer.rows -= bucket.rows;
            newer.sum -= bucket.sum;
            older.rows >= SIDE_ROWS_MIN && newer.rows >= SIDE_ROWS_MIN && self.are_apart(older, newer)
        })
    }

    fn are_apart(&self, older: Bucket, newer: Bucket) -> bool {
        let rows = self.whole.rows;
        let level = (2.0 * rows.ln() / DELTA).ln();
        let m = 1.0 / (older.rows - SIDE_ROWS_MIN + 1.0) + 1.0 / (newer.rows - SIDE_ROWS_MIN + 1.0);
        let variance = self.whole.deviations / rows;
        // Rounding may leave a constant stream a deviation below 0.
        let bound = (2.0 * m * variance.max(0.0) * level).sqrt() + 2.0 / 3.0 * level * m;
        (older.mean() - newer.mean()).abs() > bound
    }

    /// Takes the oldest bucket out of the window; there is another, since a cut has rows on both sides.
    fn drop_oldest(&mut self) {
        let Some(oldest) = self.sizes.last_mut().and_then(VecDeque::pop_front) else { return };
        while self.sizes.last().is_some_and(VecDeque::is_empty) {
            self.sizes.pop();
        }
        self.whole.rows -= oldest.rows;
        self.whole.sum -= oldest.sum;
        let apart = oldest.mean() - self.whole.mean();
        let Bucket { rows, deviations, .. } = self.whole;
        self.whole.deviations =
            deviations - (oldest.deviations + oldest.rows * rows * apart * apart / (oldest.rows + rows));
    }

    /// Flag, rows since the last check, the window; then for each size how many buckets, and they.
    pub fn encode(&self) -> Vec<u8> {
        let numbers = |bucket: &Bucket| [bucket.rows, bucket.sum, bucket.deviations];
        let head = [f64::from(u8::from(self.fired)), self.since_check as f64];
        let sizes = self.sizes.iter().flat_map(|buckets| {
            std::iter::once(buckets.len() as f64).chain(buckets.iter().flat_map(numbers))
        });
        encode::encode(DETECTOR, head.into_iter().chain(numbers(&self.whole)).chain(sizes))
    }

    /// Reads what [`Adwin::encode`] wrote.
    pub fn decode(bytes: &[u8]) -> Result<Self, DecodeError> {
        let numbers = encode::decode(DETECTOR, bytes)?;
        let ([fired, since_check, window @ ..], mut rest) =
            numbers.split_first_chunk::<5>().ok_or(DecodeError::Corrupt)?;
        let mut sizes: Vec<VecDeque<Bucket>> = Vec::new();
        while let Some((&buckets, after)) = rest.split_first() {
            let buckets = encode::count(buckets)? as usize;
            if buckets > BUCKETS_MAX || sizes.len() == SIZES_MAX {
                return Err(DecodeError::Corrupt);
            }
            let (bodies, after) = after.split_at_checked(3 * buckets).ok_or(DecodeError::Corrupt)?;
            sizes.push(bodies.as_chunks().0.iter().map(bucket).collect::<Result<_, _>>()?);
            rest = after;
        }
        let (whole, since_check) = (bucket(window)?, encode::count(*since_check)? as u64);
        let rows: f64 = sizes.iter().flatten().map(|bucket| bucket.rows).sum();
        match rows == whole.rows && since_check < CLOCK_ROWS {
            true => Ok(Self { sizes, whole, since_check, fired: encode::flag(*fired)? }),
            false => Err(DecodeError::Corrupt),
        }
    }
}

fn bucket(&[rows, sum, deviations]: &[f64; 3]) -> Result<Bucket, DecodeError> {
    Ok(Bucket { rows: encode::count(rows)?, sum, deviations })
}
