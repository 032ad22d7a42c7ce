//! What may be asked of silences.

use std::time::Duration;

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use crate::domain::{TimeRange, Timestamp};
use crate::notification::Matcher;

/// The longest silence: what is quiet for longer is forgotten.
pub const SILENCE_LASTS_MAX: Duration = Duration::from_secs(90 * 86_400);
/// Values of one condition.
const VALUES_MAX: usize = 50;

/// News of incidents that match are held back for a while.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct SilenceRequest {
    /// `severity`, `kind`, `role`, `model` (an id, or the beginning of one and `*`): lists of which one must hold.
    /// `tags`: names and values, all of which must. At least one of these.
    #[schema(value_type = Object)]
    pub matcher: Matcher,
    /// From now on if left out.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Option<String>, format = DateTime)]
    pub from: Option<Timestamp>,
    /// Either `until` or `lasts`; 90 days at most.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Option<String>, format = DateTime)]
    pub until: Option<Timestamp>,
    /// How long, as `90m`, `24h` or `7d`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub lasts: Option<String>,
    /// Why, in 1 to 500 characters: kept with the silence and in the audit trail.
    pub reason: String,
}

/// A silence that is wanted.
#[derive(Debug, Clone, PartialEq)]
pub struct NewSilence {
    pub matcher: Matcher,
    pub from: Option<Timestamp>,
    pub end: SilenceEnd,
    pub reason: String,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum SilenceEnd {
    At(Timestamp),
    /// Counted from the beginning.
    After(Duration),
}

/// Ends a silence before its time.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct EndSilenceRequest {
    /// Why, in 1 to 500 characters: kept in the audit trail.
    pub reason: String,
}

impl SilenceRequest {
    /// The silence, or what is wrong with it; `reason` is not looked at.
    pub(in crate::web) fn checked(self) -> Result<NewSilence, String> {
        let matcher = self.matcher;
        if matcher.is_empty() {
            return Err(
                "`matcher` matches every incident: name severity, kind, role, model or tags".to_owned()
            );
        }
        if matcher.model.len().max(matcher.tags.len()) > VALUES_MAX {
            return Err(format!("`matcher` has more than {VALUES_MAX} values of one condition"));
        }
        let end = match (self.until, self.lasts.as_deref()) {
            (Some(until), None) => SilenceEnd::At(until),
            (None, Some(text)) => SilenceEnd::After(
                crate::web::extract::length(text).ok_or("`lasts` is no length such as 90m, 24h or 7d")?,
            ),
            _ => return Err("give either `until` or `lasts`".to_owned()),
        };
        Ok(NewSilence { matcher, from: self.from, end, reason: self.reason })
    }
}

impl NewSilence {
    /// When it holds, asked for at `now`; or what is wrong with that.
    pub fn range(&self, now: Timestamp) -> Result<TimeRange, String> {
        let start = self.from.unwrap_or(now);
        let end = match self.end {
            SilenceEnd::At(until) => until,
            SilenceEnd::After(lasts) => start.saturating_add(lasts),
        };
        if end <= start || end <= now {
            return Err("the silence is over before it begins, or by now".to_owned());
        }
        match end.since(start.max(now)) > SILENCE_LASTS_MAX {
            true => Err("a silence lasts 90 days at most".to_owned()),
            false => Ok(TimeRange { start, end }),
        }
    }
}
