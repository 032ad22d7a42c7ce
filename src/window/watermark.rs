//! How far event time has come: what ended this long ago will not change any more.

use std::collections::BTreeMap;
use std::time::Duration;

use crate::domain::{PaneLength, Timestamp};

/// What the present is for a model's panes.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, serde::Serialize, serde::Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum ClockMode {
    /// Events happen now: with every source idle, panes close by the clock.
    #[default]
    Live,
    /// Events happened once: with every source idle, time stands at the end of the last pane that has data.
    Replay,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct WatermarkOptions {
    pub mode: ClockMode,
    /// A source that has sent nothing for this long, by the clock, no longer holds the others back.
    pub idle_timeout: Duration,
    /// The shortest pane of the model.
    pub pane: PaneLength,
}

/// The progress of one model's event time over all sources that send for it.
///
/// Progress = min over live sources of min(newest event time, now); the watermark of a window plan lies its allowed
/// lateness before that. It never goes back: a source that joins late, or comes back from idleness with old rows,
/// brings late rows.
#[derive(Debug, Clone)]
pub struct Watermark {
    options: WatermarkOptions,
    /// At most [`Watermark::SOURCES_MAX`].
    sources: BTreeMap<Box<str>, Source>,
    /// The newest event time of any source, also of those that were dropped.
    newest: Option<Timestamp>,
    reached: Option<Reached>,
}

#[derive(Debug, Clone, Copy)]
struct Source {
    newest: Timestamp,
    /// When it last sent, by the clock.
    seen: Timestamp,
}

/// The furthest progress so far, and whether panes close at it without waiting for late rows.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct Reached {
    progress: Timestamp,
    /// In a replay that ended: the end of the last pane with data, where lateness is no longer waited for.
    complete_to: Option<Timestamp>,
}

impl Watermark {
    /// Sources kept apart; further ones share the one that was quiet longest.
    pub const SOURCES_MAX: usize = 1_000;

    pub fn new(options: WatermarkOptions) -> Self {
        Self { options, sources: BTreeMap::new(), newest: None, reached: None }
    }

    /// Begins where the store left off: the newest event time of each source. Their idleness counts from `now`.
    pub fn restored<S: Into<Box<str>>>(
        options: WatermarkOptions,
        newest: impl IntoIterator<Item = (S, Timestamp)>,
        now: Timestamp,
    ) -> Self {
        let mut watermark = Self::new(options);
        for (source, at) in newest {
            watermark.observe(source, at, now);
        }
        watermark
    }

    /// A source committed rows, the newest of them from `newest`, at `now`.
    pub fn observe(&mut self, source: impl Into<Box<str>>, newest: Timestamp, now: Timestamp) {
        self.newest = self.newest.max(Some(newest));
        let source = source.into();
        if !self.sources.contains_key(&source) && self.sources.len() >= Self::SOURCES_MAX {
            let quietest = self.sources.iter().min_by_key(|(_, s)| s.seen).map(|(name, _)| name.clone());
            quietest.and_then(|name| self.sources.remove(&name));
        }
        let known = self.sources.entry(source).or_insert(Source { newest, seen: now });
        known.newest = known.newest.max(newest);
        known.seen = known.seen.max(now);
    }

    /// Moves with the clock, then tells. Call it before [`Watermark::at`], after each commit and on a timer.
    pub fn advance(&mut self, now: Timestamp) {
        let Some(newest) = self.newest else { return };
        let live = self.sources.values().filter(|source| now.since(source.seen) < self.options.idle_timeout);
        let held_at = live.map(|source| source.newest.min(now)).min();
        let (progress, complete_to) = match (held_at, self.options.mode) {
            (Some(held_at), _) => (held_at, None),
            (None, ClockMode::Live) => (now, None),
            (None, ClockMode::Replay) => {
                let newest = newest.min(now);
                (newest, Some(self.options.pane.pane_of(newest).end()))
            }
        };
        let before = self.reached.unwrap_or(Reached { progress, complete_to });
        self.reached = Some(Reached {
            progress: before.progress.max(progress),
            complete_to: before.complete_to.max(complete_to),
        });
    }

    /// The watermark of a window plan with this allowed lateness: panes that end at or before it are closed.
    /// `None` before anything was seen.
    pub fn at(&self, lateness: Duration) -> Option<Timestamp> {
        let reached = self.reached?;
        Some(reached.progress.saturating_sub(lateness)).max(reached.complete_to)
    }

    /// How far event time has come; in a replay that ended, its newest event.
    pub fn progress(&self) -> Option<Timestamp> {
        self.reached.map(|reached| reached.progress)
    }

    /// The sources with the newest event time of each.
    pub fn sources(&self) -> impl Iterator<Item = (&str, Timestamp)> {
        self.sources.iter().map(|(name, source)| (&**name, source.newest))
    }

    /// The sources with the newest event time of each, and whether it is idle: then nobody waits for it.
    pub fn sources_at(&self, now: Timestamp) -> impl Iterator<Item = (&str, Timestamp, bool)> {
        let idle_timeout = self.options.idle_timeout;
        let idle = move |source: &Source| now.since(source.seen) >= idle_timeout;
        self.sources.iter().map(move |(name, source)| (&**name, source.newest, idle(source)))
    }

    /// The source that all others wait for: the slowest that is not idle.
    pub fn held_by(&self, now: Timestamp) -> Option<&str> {
        let live = self.sources_at(now).filter(|(_, _, idle)| !idle);
        live.min_by_key(|(_, newest, _)| *newest).map(|(name, _, _)| name)
    }

    /// The newest event time seen.
    pub fn newest(&self) -> Option<Timestamp> {
        self.newest
    }

    /// When a source last sent anything, by the clock.
    pub fn last_seen(&self) -> Option<Timestamp> {
        self.sources.values().map(|source| source.seen).max()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::clock::{Clock, ManualClock};

    const LATENESS: Duration = Duration::from_secs(3_600);
    const IDLE: Duration = Duration::from_secs(600);

    fn at(text: &str) -> Timestamp {
        format!("2026-11-22T{text}:00Z").parse().expect("an instant")
    }

    fn watermark(mode: ClockMode) -> Watermark {
        Watermark::new(WatermarkOptions { mode, idle_timeout: IDLE, pane: PaneLength::Hour })
    }

    #[test]
    fn the_slowest_live_source_holds_it_back_until_it_is_idle() {
        let clock = ManualClock::at(at("12:00"));
        let mut watermark = watermark(ClockMode::Live);
        watermark.observe("a", at("11:50"), clock.now());
        watermark.observe("b", at("09:00"), clock.now());
        watermark.advance(clock.now());
        assert_eq!(watermark.at(LATENESS), Some(at("08:00")));

        clock.advance(IDLE - Duration::from_secs(1));
        watermark.observe("a", at("12:05"), clock.now());
        watermark.advance(clock.now());
        assert_eq!(watermark.at(LATENESS), Some(at("08:00")));
        assert_eq!(watermark.held_by(clock.now()), Some("b"));

        clock.advance(Duration::from_secs(1));
        watermark.advance(clock.now());
        assert_eq!(watermark.at(LATENESS), Some(at("11:05")));
        assert_eq!(watermark.held_by(clock.now()), Some("a"));
        let idle: Vec<_> = watermark.sources_at(clock.now()).map(|(name, _, idle)| (name, idle)).collect();
        assert_eq!(idle, [("a", false), ("b", true)]);
    }

    #[test]
    fn an_event_from_the_future_moves_it_to_the_clock_only() {
        let mut watermark = watermark(ClockMode::Live);
        watermark.observe("a", at("23:00"), at("12:00"));
        watermark.advance(at("12:00"));
        assert_eq!(watermark.at(LATENESS), Some(at("11:00")));
    }

    #[test]
    fn it_never_goes_back() {
        let mut watermark = watermark(ClockMode::Live);
        watermark.observe("a", at("12:00"), at("12:00"));
        watermark.advance(at("12:00"));
        watermark.observe("b", at("03:00"), at("12:01"));
        watermark.advance(at("12:01"));
        assert_eq!(watermark.at(LATENESS), Some(at("11:00")));
    }

    #[test]
    fn with_all_idle_live_panes_close_by_the_clock_and_a_replay_stops_after_its_data() {
        for (mode, expected) in [(ClockMode::Live, at("17:00")), (ClockMode::Replay, at("10:00"))] {
            let mut watermark = watermark(mode);
            watermark.observe("a", at("09:30"), at("12:00"));
            watermark.advance(at("12:00"));
            assert_eq!(watermark.at(LATENESS), Some(at("08:30")), "{mode:?}");
            watermark.advance(at("18:00"));
            assert_eq!(watermark.at(LATENESS), Some(expected), "{mode:?}");
        }
    }

    #[test]
    fn a_restart_goes_on_from_the_stored_newest_times() {
        let options = WatermarkOptions { mode: ClockMode::Live, idle_timeout: IDLE, pane: PaneLength::Hour };
        let stored = [("a", at("11:00")), ("b", at("10:00"))];
        let mut watermark = Watermark::restored(options, stored, at("12:00"));
        watermark.advance(at("12:00"));
        assert_eq!(watermark.at(LATENESS), Some(at("09:00")));
    }

    #[test]
    fn nothing_seen_is_no_watermark() {
        let mut watermark = watermark(ClockMode::Live);
        watermark.advance(at("12:00"));
        assert_eq!(watermark.at(LATENESS), None);
    }
}
