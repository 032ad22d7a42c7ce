//! Joint fourth moments of error and actual value: what the errors of RMSE and R² are told from.
//!
//! They enter standard errors only, so they are coarser than the sums that values come from, and fit 128 bits:
//! q = e² in units of 2^-32 of the scale's variance (its standard deviation being 2^32 to 2^33 units), at most 2^48
//! (|e| of 2^8 deviations); v = y − pivot in units of 2^-12 deviations, at most ±2^20. Past that they count as that.

/// Of units² of the error, those that a unit of q drops.
const SQUARE_SHIFT: u32 = 32;
const SQUARE_MAX: i128 = 1 << 48;
/// Of units of the actual, those that a unit of v drops.
const ACTUAL_SHIFT: u32 = 20;
const ACTUAL_MAX: i128 = 1 << 20;
/// Units of q in one v².
const SQUARES_PER_ACTUAL: f64 = 256.0;

/// Σ of q, q², qv, qv², v, v², v³, v⁴; a group.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(super) struct JointMoments(pub [i128; 8]);

impl JointMoments {
    pub fn count(&mut self, error: i64, actual: i64, rows: i64) {
        let q = rounded(i128::from(error).pow(2), SQUARE_SHIFT).min(SQUARE_MAX);
        let v = rounded(i128::from(actual), ACTUAL_SHIFT).clamp(-ACTUAL_MAX, ACTUAL_MAX);
        let row = [q, q * q, q * v, q * v * v, v, v * v, v.pow(3), v.pow(4)];
        for (sum, term) in self.0.iter_mut().zip(row) {
            *sum = sum.wrapping_add(term.wrapping_mul(rows.into()));
        }
    }

    /// Standard deviation (ddof 0) of the squared error over `rows` ≥ 1 rows, in units².
    pub fn squared_error_deviation(&self, rows: i64) -> f64 {
        let [q, q2, ..] = self.means(rows);
        (q2 - q * q).max(0.0).sqrt() * 2f64.powi(SQUARE_SHIFT as i32)
    }

    /// Standard deviation (ddof 0) of `e² − c(y − ȳ)²`, in units²; ȳ in units less the pivot.
    pub fn unexplained_deviation(&self, rows: i64, mean: f64, c: f64) -> f64 {
        let [q, q2, qv, qv2, v, v2, v3, v4] = self.means(rows);
        let m = mean / 2f64.powi(ACTUAL_SHIFT as i32);
        let c = c * SQUARES_PER_ACTUAL;
        // Of (v − m)², its square, and its product with q.
        let squared = v2 - 2.0 * m * v + m * m;
        let fourth = v4 - 4.0 * m * v3 + 6.0 * m * m * v2 - 4.0 * m.powi(3) * v + m.powi(4);
        let joint = qv2 - 2.0 * m * qv + m * m * q;
        let mean = q - c * squared;
        (q2 - 2.0 * c * joint + c * c * fourth - mean * mean).max(0.0).sqrt() * 2f64.powi(SQUARE_SHIFT as i32)
    }

    fn means(&self, rows: i64) -> [f64; 8] {
        self.0.map(|sum| sum as f64 / rows as f64)
    }
}

/// `value / 2^shift`, halves away from 0: the same for −value, negated.
fn rounded(value: i128, shift: u32) -> i128 {
    let magnitude = (value.unsigned_abs() + (1 << (shift - 1))) >> shift;
    if value < 0 { -(magnitude as i128) } else { magnitude as i128 }
}
