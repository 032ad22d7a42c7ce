//! A model that sends nothing for longer than it should.

use std::time::Duration;

use serde::{Deserialize, Serialize};

use super::plan::SilenceAfter;
use super::status::Status;
use crate::domain::Timestamp;

/// Silence this many times too long is critical.
const CRITICAL_TIMES: u32 = 4;
/// `auto` allows this many times the longest pause of the last week.
const AUTO_TIMES: u32 = 3;

/// How long a model has been silent, and how long it may be.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
pub struct SilenceVerdict {
    pub status: Status,
    /// The newest row.
    pub last_row: Timestamp,
    pub allowed_seconds: u64,
}

impl SilenceVerdict {
    /// Silence of this length is a warning, and of the second critical.
    pub fn limits(&self) -> [Duration; 2] {
        let allowed = Duration::from_secs(self.allowed_seconds);
        [allowed, allowed.saturating_mul(CRITICAL_TIMES)]
    }
}

/// Judges how long ago the newest row is. `longest_pause` is that between rows of the last 7 days, `None` where
/// fewer than 7 days are known: then `auto` stays silent itself. `None` where nothing is watched.
pub fn judge_silence(
    after: SilenceAfter,
    longest_pause: Option<Duration>,
    pane: Duration,
    last_row: Timestamp,
    now: Timestamp,
) -> Option<SilenceVerdict> {
    let allowed = match after {
        SilenceAfter::Off => return None,
        SilenceAfter::After(allowed) => allowed,
        SilenceAfter::Auto => (longest_pause? * AUTO_TIMES).max(pane),
    };
    let status = match now.since(last_row) {
        silent if silent >= allowed.saturating_mul(CRITICAL_TIMES) => Status::Critical,
        silent if silent >= allowed => Status::Warning,
        _ => Status::Ok,
    };
    Some(SilenceVerdict { status, last_row, allowed_seconds: allowed.as_secs() })
}

#[cfg(test)]
mod tests {
    use super::*;

    const HOUR: Duration = Duration::from_secs(3_600);

    #[test]
    fn silence_is_measured_from_the_newest_row() {
        let last = Timestamp::from_seconds(0);
        let status = |after, pause, hours: i64| {
            judge_silence(after, pause, HOUR, last, Timestamp::from_seconds(hours * 3_600)).map(|s| s.status)
        };
        let six = SilenceAfter::After(6 * HOUR);
        assert_eq!(status(six, None, 5), Some(Status::Ok));
        assert_eq!(status(six, None, 6), Some(Status::Warning));
        assert_eq!(status(six, None, 24), Some(Status::Critical));
        assert_eq!(status(SilenceAfter::Auto, None, 1_000), None);
        assert_eq!(status(SilenceAfter::Auto, Some(2 * HOUR), 5), Some(Status::Ok));
        assert_eq!(status(SilenceAfter::Auto, Some(2 * HOUR), 6), Some(Status::Warning));
        assert_eq!(status(SilenceAfter::Off, Some(HOUR), 1_000), None);
    }
}
