//! The normal distribution's tail.

use std::f64::consts::SQRT_2;

use statrs::function::erf::{erfc, erfc_inv};

/// The two-sided 95 % point.
pub const Z_95: f64 = 1.959963984540054;

/// `P(Z ≥ z)`, to a relative 1e-9 down to 1e-290.
///
/// ```
/// // scipy.stats.norm.sf(3)
/// assert!((driftd::performance::normal_tail(3.0) - 0.0013498980316300933).abs() < 1e-12);
/// ```
pub fn normal_tail(z: f64) -> f64 {
    0.5 * erfc(z / SQRT_2)
}

/// The z of which `P(Z ≥ z) = share`, for shares in (0, 1).
///
/// ```
/// // scipy.stats.norm.isf(0.001)
/// assert!((driftd::performance::normal_point(0.001) - 3.090232306167813).abs() < 1e-9);
/// ```
pub fn normal_point(share: f64) -> f64 {
    SQRT_2 * erfc_inv(2.0 * share)
}
