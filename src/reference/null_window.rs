//! The windows that a null is measured over: how long, cut at which panes.

use std::fmt;
use std::str::FromStr;
use std::time::Duration;

use crate::domain::PaneLength;

/// A window's length and the panes it is made of, `LENGTH/PANE` in text: `24h/1h`, `7d/6h`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct NullWindow {
    seconds: i64,
    pane: PaneLength,
}

/// Why a window cannot be.
#[derive(Debug, Clone, thiserror::Error, PartialEq, Eq)]
pub enum NullWindowError {
    #[error("`{0}` is no window: LENGTH/PANE is, as in 24h/1h, with a pane of 1m, 5m, 15m, 1h, 6h or 1d")]
    Text(String),
    #[error(
        "a window of {seconds} s is no whole number of panes of {pane}, one to {LENGTH_DAYS_MAX} days long"
    )]
    Length { seconds: u64, pane: PaneLength },
}

/// Longest window, in days.
const LENGTH_DAYS_MAX: u64 = 400;

impl NullWindow {
    /// Errors where `length` is not a positive multiple of the pane, or longer than 400 days.
    pub fn new(length: Duration, pane: PaneLength) -> Result<Self, NullWindowError> {
        let seconds = length.as_secs();
        let fits = seconds > 0
            && length.subsec_nanos() == 0
            && seconds.is_multiple_of(pane.seconds() as u64)
            && seconds <= LENGTH_DAYS_MAX * 86_400;
        match fits {
            true => Ok(Self { seconds: seconds as i64, pane }),
            false => Err(NullWindowError::Length { seconds, pane }),
        }
    }

    pub fn length(self) -> Duration {
        Duration::from_secs(self.seconds as u64)
    }

    pub fn pane(self) -> PaneLength {
        self.pane
    }
}

impl fmt::Display for NullWindow {
    /// The length in hours or, from two whole days on, in days; else in minutes.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (number, unit) = match self.seconds {
            s if s % 86_400 == 0 && s > 86_400 => (s / 86_400, "d"),
            s if s % 3_600 == 0 => (s / 3_600, "h"),
            s => (s / 60, "m"),
        };
        write!(f, "{number}{unit}/{}", self.pane)
    }
}

impl FromStr for NullWindow {
    type Err = NullWindowError;

    fn from_str(text: &str) -> Result<Self, NullWindowError> {
        let parsed = || {
            let (length, pane) = text.split_once('/')?;
            let unit = length.chars().last()?;
            let number: u64 = length[..length.len() - unit.len_utf8()].parse().ok()?;
            let unit_seconds = match unit {
                'm' => 60,
                'h' => 3_600,
                'd' => 86_400,
                _ => return None,
            };
            let pane = PaneLength::ALL.into_iter().find(|known| known.as_str() == pane)?;
            Some((Duration::from_secs(number.saturating_mul(unit_seconds)), pane))
        };
        let (length, pane) = parsed().ok_or_else(|| NullWindowError::Text(text.to_owned()))?;
        Self::new(length, pane)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn text_goes_round() {
        for text in ["24h/1h", "7d/6h", "30m/5m", "36h/1h", "90m/15m", "1h/1m"] {
            assert_eq!(text.parse::<NullWindow>().expect(text).to_string(), text);
        }
        assert_eq!("1d/1h".parse::<NullWindow>().expect("a day").to_string(), "24h/1h");
    }

    #[test]
    fn what_is_no_window_is_refused() {
        for text in ["", "24h", "24h/2h", "/1h", "h/1h", "-1h/1h", "24é/1h", "24h/1h/1h"] {
            assert_eq!(text.parse::<NullWindow>(), Err(NullWindowError::Text(text.to_owned())));
        }
        for text in ["0h/1h", "90m/1h", "401d/1d", "99999999999999999d/1d"] {
            assert!(matches!(text.parse::<NullWindow>(), Err(NullWindowError::Length { .. })), "{text}");
        }
    }
}
