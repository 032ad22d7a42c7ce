//! From the end of an attempt to what is marked of it.

use super::outcome::Failure;
use crate::domain::Timestamp;
use crate::notification::{NotificationId, retry_delay};
use crate::store::{ClaimedMessage, Delivery};

/// What is marked of an attempt that ended at `now`.
pub fn delivery_of(result: Result<(), &Failure>, message: &ClaimedMessage, now: Timestamp) -> Delivery {
    let Err(failure) = result else { return Delivery::Delivered };
    let error = failure.to_string();
    if failure.is_permanent() {
        return Delivery::Dead { error };
    }
    let attempt = message.attempts.saturating_add(1);
    match retry_delay(message.severity, attempt, failure.retry_after(), jitter(message.id, attempt)) {
        Some(delay) => Delivery::Retry { due_at: now.saturating_add(delay), error },
        None => Delivery::Dead { error: format!("given up after {attempt} attempts; the last: {error}") },
    }
}

/// In [0, 1), the same for the same attempt: a run can be told again. SplitMix64 (Steele, Lea, Flood 2014).
fn jitter(message: NotificationId, attempt: u32) -> f64 {
    let mut hash = (message.0 ^ u64::from(attempt) << 48).wrapping_add(0x9e37_79b9_7f4a_7c15);
    hash = (hash ^ hash >> 30).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    hash = (hash ^ hash >> 27).wrapping_mul(0x94d0_49bb_1331_11eb);
    ((hash ^ hash >> 31) >> 11) as f64 / (1_u64 << 53) as f64
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn jitter_is_spread_evenly_and_told_again() {
        let all: Vec<f64> = (0..10_000).map(|id| jitter(NotificationId(id), 1 + (id % 7) as u32)).collect();
        assert!(all.iter().all(|jitter| (0.0..1.0).contains(jitter)));
        let mean = all.iter().sum::<f64>() / all.len() as f64;
        assert!((mean - 0.5).abs() < 0.02, "{mean}");
        assert_eq!(jitter(NotificationId(7), 3), jitter(NotificationId(7), 3));
        assert_ne!(jitter(NotificationId(7), 3), jitter(NotificationId(7), 4));
    }
}
