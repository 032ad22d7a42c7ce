//! Survival functions of the null distributions, accurate to the far end of the tail: relative 1e-9 wherever the
//! value is at least 1e-290, then 0; never NaN (an argument that is none counts as "nothing seen": 1).

use std::f64::consts::{FRAC_2_SQRT_PI, LN_2, PI, SQRT_2};

use statrs::function::erf::erfc;
use statrs::function::gamma::{gamma_ur, ln_gamma};

/// Most degrees of freedom that are computed exactly.
const DF_MAX: f64 = 1e6;
/// Up to so many whole degrees of freedom the χ² is a sum of half as many terms.
const DF_SUMMED_MAX: f64 = 100.0;
/// Up to here exp(−x/2) is a normal float, and so is all that it is multiplied with.
const HALF_SUMMED_MAX: f64 = 700.0;
/// Terms of a continued fraction at most: enough for shapes of 1e7.
const TERMS_MAX: u32 = 20_000;

/// `P(χ² ≥ x)` with `df` degrees of freedom: the upper incomplete gamma function `Q(df/2, x/2)`.
///
/// 1 for x ≤ 0 or df ≤ 0. For whole df up to 100 a sum of positive terms (Abramowitz and Stegun 26.4.4 and 26.4.5);
/// above a million degrees of freedom, Wilson and Hilferty's approximation.
///
/// ```
/// // scipy.stats.chi2.sf(30, 9)
/// let p = driftd::statistic::tails::chi_square(30.0, 9.0);
/// assert!((p - 0.00043872177097947936).abs() < 1e-15);
/// ```
pub fn chi_square(x: f64, df: f64) -> f64 {
    let (shape, half) = (df / 2.0, x / 2.0);
    if shape.is_nan() || half.is_nan() || shape <= 0.0 || half <= 0.0 {
        return 1.0;
    }
    if half == f64::INFINITY {
        return 0.0;
    }
    if df > DF_MAX {
        // Wilson and Hilferty: the cube root is nearly normal
        let variance = 2.0 / (9.0 * df);
        let z = ((x / df).cbrt() - 1.0 + variance) / variance.sqrt();
        return (0.5 * erfc(z / SQRT_2)).clamp(0.0, 1.0);
    }
    if df <= DF_SUMMED_MAX && df.fract() == 0.0 && half <= HALF_SUMMED_MAX {
        return summed_chi_square(half, df as u32);
    }
    gamma_ur(shape, half).clamp(0.0, 1.0)
}

/// `e^(−h) Σ h^j/Γ(j+1)` over j = 0, 1, … < df/2, or for odd df `erfc √h + e^(−h) Σ h^j/Γ(j+1)` over j = ½, 3/2, ….
fn summed_chi_square(half: f64, df: u32) -> f64 {
    let odd = df % 2 == 1;
    let start = if odd { 0.5 } else { 0.0 };
    // h^½ / Γ(3/2), h^0 / Γ(1)
    let mut term = if odd { half.sqrt() * FRAC_2_SQRT_PI } else { 1.0 };
    let mut sum = 0.0;
    for j in 0..df / 2 {
        sum += term;
        term *= half / (f64::from(j + 1) + start);
    }
    let beyond = if odd { erfc(half.sqrt()) } else { 0.0 };
    (beyond + (-half).exp() * sum).min(1.0)
}

/// `P(√n·D ≥ λ)` for large samples, Kolmogorov's limit: `2 Σ (−1)^(k−1) exp(−2k²λ²)`; below λ = 1 its theta
/// transform `1 − √(2π)/λ Σ exp(−(2k−1)²π²/8λ²)`, which converges there.
///
/// ```
/// // scipy.special.kolmogorov(2)
/// let p = driftd::statistic::tails::kolmogorov(2.0);
/// assert!((p - 0.0006709252557796953).abs() < 1e-16);
/// ```
pub fn kolmogorov(lambda: f64) -> f64 {
    // Below 0.04 it is 1 to 300 digits.
    if lambda.is_nan() || lambda < 0.04 {
        return 1.0;
    }
    let square = lambda * lambda;
    if lambda < 1.0 {
        let term = |odd: f64| (-(odd * odd) * PI * PI / (8.0 * square)).exp();
        let below = (2.0 * PI).sqrt() / lambda * (term(1.0) + term(3.0) + term(5.0) + term(7.0));
        return (1.0 - below).clamp(0.0, 1.0);
    }
    let term = |k: f64| (-2.0 * k * k * square).exp();
    (2.0 * (term(1.0) - term(2.0) + term(3.0) - term(4.0) + term(5.0))).clamp(0.0, 1.0)
}

/// `P(F ≥ x)` of the F distribution with `d1` and `d2` degrees of freedom, which need not be whole:
/// the regularised incomplete beta function `I_(d2/(d2 + d1·x))(d2/2, d1/2)`.
///
/// 1 for x ≤ 0 or degrees ≤ 0. For d2 = ∞ it is χ²'s at d1·x.
///
/// ```
/// // scipy.stats.f.sf(3.5, 4, 120)
/// let p = driftd::statistic::tails::f_survival(3.5, 4.0, 120.0);
/// assert!((p - 0.00968369315246651).abs() < 1e-14);
/// ```
pub fn f_survival(x: f64, d1: f64, d2: f64) -> f64 {
    if x.is_nan() || d1.is_nan() || d2.is_nan() || x <= 0.0 || d1 <= 0.0 || d2 <= 0.0 || d1 == f64::INFINITY {
        return 1.0;
    }
    if d2 == f64::INFINITY {
        return chi_square(d1 * x, d1);
    }
    let (a, b, odds) = (d2 / 2.0, d1 / 2.0, d1 * x / d2);
    if odds == f64::INFINITY {
        return 0.0;
    }
    let (share, rest) = (1.0 / (1.0 + odds), odds / (1.0 + odds));
    // share^a · rest^b / B(a, b), by way of the odds so that nothing cancels near share = 1
    let front = (-a * odds.ln_1p() + b * rest.ln() - ln_beta(a, b)).exp();
    let p = if share < (a + 1.0) / (a + b + 2.0) {
        front * beta_fraction(a, b, share) / a
    } else {
        1.0 - front * beta_fraction(b, a, rest) / b
    };
    // Only degrees next to 0 or past the range of floats end up as none.
    if p.is_nan() { 1.0 } else { p.clamp(0.0, 1.0) }
}

/// The continued fraction of the incomplete beta function (Numerical Recipes 6.4, by Lentz's method).
fn beta_fraction(a: f64, b: f64, x: f64) -> f64 {
    let away_from_zero = |v: f64| if v.abs() < 1e-300 { 1e-300 } else { v };
    let mut c = 1.0;
    let mut d = 1.0 / away_from_zero(1.0 - (a + b) * x / (a + 1.0));
    let mut fraction = d;
    for m in 1..=TERMS_MAX {
        let m = f64::from(m);
        let even = m * (b - m) * x / ((a + 2.0 * m - 1.0) * (a + 2.0 * m));
        let odd = -(a + m) * (a + b + m) * x / ((a + 2.0 * m) * (a + 2.0 * m + 1.0));
        let mut change = 1.0;
        for coefficient in [even, odd] {
            d = 1.0 / away_from_zero(1.0 + coefficient * d);
            c = away_from_zero(1.0 + coefficient / c);
            change = c * d;
            fraction *= change;
        }
        if (change - 1.0).abs() < 1e-15 {
            break;
        }
    }
    fraction
}

/// `ln B(a, b)`; for a large shape by Stirling's series, since differences of log-gammas would lose its digits.
fn ln_beta(a: f64, b: f64) -> f64 {
    let (small, large) = if a < b { (a, b) } else { (b, a) };
    if large < 20.0 {
        return ln_gamma(a) + ln_gamma(b) - ln_gamma(a + b);
    }
    // ln Γ(large + small) − ln Γ(large)
    let rise = small * large.ln() + (large + small - 0.5) * (small / large).ln_1p() - small
        + stirling_error(large + small)
        - stirling_error(large);
    let ln_gamma_small = if small < 20.0 {
        ln_gamma(small)
    } else {
        (small - 0.5) * small.ln() - small + 0.5 * (LN_2 + PI.ln()) + stirling_error(small)
    };
    ln_gamma_small - rise
}

/// `ln Γ(x+1) − ½ ln(2πx) − x ln x + x`, what Stirling's formula lacks, for x ≥ 15: to 1e-16.
pub(super) fn stirling_error(x: f64) -> f64 {
    let y = 1.0 / (x * x);
    (1.0 / 12.0 - y * (1.0 / 360.0 - y * (1.0 / 1260.0 - y * (1.0 / 1680.0 - y / 1188.0)))) / x
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn no_argument_gives_nan_or_leaves_the_range() {
        let odd =
            [f64::NAN, f64::INFINITY, f64::NEG_INFINITY, -1.0, 0.0, 5e-324, 1e-9, 1.0, 700.0, 1e9, 1e300];
        for x in odd {
            assert!((0.0..=1.0).contains(&kolmogorov(x)), "kolmogorov({x})");
            for d1 in odd {
                let p = chi_square(x, d1);
                assert!((0.0..=1.0).contains(&p), "chi_square({x}, {d1}) = {p}");
                for d2 in odd {
                    let p = f_survival(x, d1, d2);
                    assert!((0.0..=1.0).contains(&p), "f_survival({x}, {d1}, {d2}) = {p}");
                }
            }
        }
    }

    #[test]
    fn many_degrees_come_near_the_chi_square() {
        for (x, d1) in [(2.0, 9.0), (5.0, 4.0), (1.0, 30.0)] {
            let (f, limit) = (f_survival(x, d1, 1e9), chi_square(x * d1, d1));
            assert!((f / limit - 1.0).abs() < 1e-6, "{f} against {limit}");
        }
    }
}
