//! Which of many p-values stand out, with the false discovery rate held.

/// The largest p-value that Benjamini-Hochberg rejects at level `alpha`; `None` where it rejects none.
///
/// With p₍₁₎ ≤ … ≤ p₍ₘ₎ that is p₍ₖ₎ for the largest k with p₍ₖ₎ ≤ k·alpha/m (Benjamini & Hochberg, J. R. Stat. Soc. B
/// 57, 1995, procedure (1)). While nothing drifts at all, some p-value is rejected with probability at most `alpha`
/// (also under positive dependence: Benjamini & Yekutieli 2001).
///
/// ```
/// use driftd::verdict::largest_rejected;
/// // k·alpha/m = .0125, .025, .0375, .05: .03 is within the third though .026 is not within the second
/// assert_eq!(largest_rejected(&[0.9, 0.03, 0.001, 0.026], 0.05), Some(0.03));
/// assert_eq!(largest_rejected(&[0.2, 0.9], 0.05), None);
/// ```
pub fn largest_rejected(p_values: &[f64], alpha: f64) -> Option<f64> {
    let mut sorted: Vec<f64> = p_values.to_vec();
    sorted.sort_unstable_by(f64::total_cmp);
    let m = sorted.len() as f64;
    let within = |(k, p): (usize, &f64)| (*p <= (k + 1) as f64 * alpha / m).then_some(*p);
    sorted.iter().enumerate().rev().find_map(within)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_example_of_the_paper() {
        // Benjamini & Hochberg 1995, section 3.2: 15 p-values, four are rejected at 0.05.
        let p = [
            0.0001, 0.0004, 0.0019, 0.0095, 0.0201, 0.0278, 0.0298, 0.0344, 0.0459, 0.3240, 0.4262, 0.5719,
            0.6528, 0.7590, 1.0,
        ];
        assert_eq!(largest_rejected(&p, 0.05), Some(0.0095));
    }

    #[test]
    fn one_p_value_is_compared_with_alpha_itself() {
        assert_eq!(largest_rejected(&[0.05], 0.05), Some(0.05));
        assert_eq!(largest_rejected(&[0.051], 0.05), None);
        assert_eq!(largest_rejected(&[], 0.05), None);
    }
}
