//! The keys of a sample of a KPI, each by its own rule, and the pane that it falls into.

use std::borrow::Cow;
use std::collections::BTreeMap;

use super::fields::{hash_of, is_id};
use super::json::Value;
use super::reject::RejectReason;
use super::rows::Faults;
use crate::domain::{IdHasher, Timestamp};
use crate::kpi::{Calendar, PaneUnit};

/// The panes that came up lately: finding one by the calendar costs more than all the rest of a row.
pub(super) struct Panes<'c> {
    calendar: &'c Calendar,
    /// By start, with the end.
    known: BTreeMap<(PaneUnit, Timestamp), Timestamp>,
}

/// Panes remembered: two years of days.
const PANES_KNOWN_MAX: usize = 1_024;

impl<'c> Panes<'c> {
    pub fn of(calendar: &'c Calendar) -> Self {
        Self { calendar, known: BTreeMap::new() }
    }

    pub fn pane_of(&mut self, unit: PaneUnit, at: Timestamp) -> Timestamp {
        let before = self.known.range(..=(unit, at)).next_back();
        if let Some(((of, start), end)) = before
            && *of == unit
            && at < *end
        {
            return *start;
        }
        let pane = self.calendar.period_of(unit.period(), at);
        if self.known.len() == PANES_KNOWN_MAX {
            self.known.clear();
        }
        self.known.insert((unit, pane.start), pane.end);
        pane.start
    }
}

pub(super) fn bad(why: impl Into<Box<str>>) -> RejectReason {
    RejectReason::BadSample { why: why.into() }
}

pub(super) fn text<'a>(value: Value<'a>, key: &str) -> Result<Option<Cow<'a, str>>, RejectReason> {
    match value {
        Value::Text(text) => Ok(Some(text)),
        Value::Null => Ok(None),
        _ => Err(bad(format!("key `{key}` is no text"))),
    }
}

pub(super) fn number(value: &Value<'_>, key: &str) -> Result<Option<f64>, RejectReason> {
    match value {
        Value::Null => Ok(None),
        Value::Number(number) if number.to_f64().is_finite() => Ok(Some(number.to_f64())),
        _ => Err(bad(format!("key `{key}` is no finite number"))),
    }
}

pub(super) fn truth(value: &Value<'_>, key: &str) -> Result<Option<bool>, RejectReason> {
    match value {
        Value::Null => Ok(None),
        Value::Boolean(truth) => Ok(Some(*truth)),
        _ => Err(bad(format!("key `{key}` is neither true nor false"))),
    }
}

pub(super) fn user(users: &IdHasher, value: &Value<'_>) -> Result<Option<u64>, RejectReason> {
    if !is_id(value) {
        let why =
            format!("key `user` is neither an integer nor a text of 1 to {} bytes", Faults::ID_BYTES_MAX);
        return Err(bad(why));
    }
    Ok(hash_of(users, value).map(|hash| hash.bits()))
}

pub(super) fn revision(value: &Value<'_>) -> Result<u32, RejectReason> {
    let number = match value {
        Value::Null => return Ok(0),
        Value::Number(number) if number.is_integer => number.to_f64(),
        _ => f64::NAN,
    };
    match number {
        number if (0.0..=f64::from(u32::MAX)).contains(&number) => Ok(number as u32),
        _ => Err(bad("key `revision` is no whole number from 0 to 4294967295")),
    }
}
