//! The pairs of groups that a measure compares, rate by rate.

use super::measure::{GroupRate, Share};

/// Two groups by their place, the one of the lower rate first.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) struct Pair {
    pub rate: GroupRate,
    pub low: usize,
    pub high: usize,
    pub low_share: Share,
    pub high_share: Share,
}

/// All pairs of groups in one rate; of equal rates the earlier group counts as the lower.
pub(super) fn pairs(rate: GroupRate, shares: &[(usize, Share)]) -> Vec<Pair> {
    let mut pairs = Vec::with_capacity(shares.len() * shares.len().saturating_sub(1) / 2);
    for (i, &first) in shares.iter().enumerate() {
        for &second in &shares[i + 1..] {
            let rises = first.1.value() <= second.1.value();
            let (low, high) = if rises { (first, second) } else { (second, first) };
            pairs.push(Pair { rate, low: low.0, high: high.0, low_share: low.1, high_share: high.1 });
        }
    }
    pairs
}
