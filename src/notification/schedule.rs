//! When a notification that failed is sent again.
//!
//! The usual delays are those of Standard Webhooks 1.0.0: the last attempt is about 75 hours after the first. A critical
//! one is sent hourly at the latest for three days, so that a receiver that comes back hears of it within the hour,
//! whatever the incident's own deadline.

use std::time::Duration;

use crate::verdict::Severity;

const SECOND: Duration = Duration::from_secs(1);
const HOUR: Duration = Duration::from_secs(3_600);

/// Delays after the 1st, 2nd … attempt of a warning.
const USUAL: [Duration; 9] = [
    Duration::from_secs(5),
    Duration::from_secs(5 * 60),
    Duration::from_secs(30 * 60),
    Duration::from_secs(2 * 3_600),
    Duration::from_secs(5 * 3_600),
    Duration::from_secs(10 * 3_600),
    Duration::from_secs(14 * 3_600),
    Duration::from_secs(20 * 3_600),
    Duration::from_secs(24 * 3_600),
];

/// Delays after the first attempts of a critical one; then an hour each.
const TIGHT: [Duration; 7] = [
    Duration::from_secs(5),
    Duration::from_secs(30),
    Duration::from_secs(2 * 60),
    Duration::from_secs(5 * 60),
    Duration::from_secs(10 * 60),
    Duration::from_secs(15 * 60),
    Duration::from_secs(30 * 60),
];
const TIGHT_HOURLY: u32 = 72;

/// Most attempts of any notification.
pub const ATTEMPTS_MAX: u32 = TIGHT.len() as u32 + TIGHT_HOURLY + 1;

/// A receiver may ask for more time than the schedule gives, up to this.
const RETRY_AFTER_MAX: Duration = Duration::from_secs(24 * 3_600);
const RETRY_AFTER_MAX_CRITICAL: Duration = HOUR;

/// Delays vary by this share, both ways, so that what failed together does not come back together.
const JITTER: f64 = 0.2;

/// How long to wait after `attempts` failed ones (at least 1); `None`: it is dead. `jitter` lies in [0, 1);
/// `retry_after`: what the receiver asked for.
pub fn retry_delay(
    severity: Severity,
    attempts: u32,
    retry_after: Option<Duration>,
    jitter: f64,
) -> Option<Duration> {
    let done = attempts.max(1) - 1;
    let (delay, longest) = match severity {
        Severity::Warning => (*USUAL.get(done as usize)?, RETRY_AFTER_MAX),
        Severity::Critical if done < TIGHT.len() as u32 + TIGHT_HOURLY => {
            (TIGHT.get(done as usize).copied().unwrap_or(HOUR), RETRY_AFTER_MAX_CRITICAL)
        }
        Severity::Critical => return None,
    };
    let varied = delay.mul_f64(1.0 + JITTER * (2.0 * jitter - 1.0));
    Some(varied.max(retry_after.unwrap_or_default().min(longest)).max(SECOND))
}

#[cfg(test)]
mod tests {
    use super::*;

    const MINUTE: Duration = Duration::from_secs(60);

    fn total(severity: Severity, jitter: f64) -> (u32, Duration) {
        let delays = (1..).map_while(|attempts| retry_delay(severity, attempts, None, jitter));
        delays.fold((1, Duration::ZERO), |(count, sum), delay| (count + 1, sum + delay))
    }

    #[test]
    fn usual_ones_are_tried_for_75_hours_and_critical_ones_hourly_for_three_days() {
        assert_eq!(total(Severity::Warning, 0.5), (10, 75 * HOUR + 35 * MINUTE + 5 * SECOND));
        let (attempts, lasts) = total(Severity::Critical, 0.5);
        assert_eq!(attempts, ATTEMPTS_MAX);
        assert!(lasts > 72 * HOUR && lasts < 74 * HOUR, "{lasts:?}");
        let longest = (1..ATTEMPTS_MAX).filter_map(|n| retry_delay(Severity::Critical, n, None, 0.999)).max();
        assert!(longest < Some(HOUR + 13 * MINUTE), "{longest:?}");
    }

    #[test]
    fn a_receiver_may_ask_for_more_time_within_reason() {
        let delay = |severity, asked| retry_delay(severity, 1, Some(asked), 0.0);
        assert_eq!(delay(Severity::Warning, 2 * HOUR), Some(2 * HOUR));
        assert_eq!(delay(Severity::Warning, SECOND), Some(4 * SECOND));
        assert_eq!(delay(Severity::Critical, 10 * HOUR), Some(HOUR));
        assert_eq!(delay(Severity::Warning, 100 * HOUR), Some(24 * HOUR));
    }
}
