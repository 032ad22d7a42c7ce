//! What a path and a query say, with errors in our own words.

mod incident;

mod kpi;

mod retraining;

pub(super) use incident::{IncidentsAsked, Named, NotificationsAsked, OfKind, WithId};
pub(super) use kpi::{KpiAsked, KpisAsked};
pub(super) use retraining::{CalendarAsked, DecisionsAsked};

use std::time::Duration;

use axum::extract::{FromRequestParts, Query, RawPathParams};
use axum::http::request::Parts;
use serde::Deserialize;

use crate::domain::{ColumnId, ModelId, TimeRange};
use crate::web::ask::{DriftQuery, ReferenceChoice};
use crate::web::failure::Failure;

/// `{model}` of the path.
pub(super) struct InModel(pub ModelId);

/// `{feature}` of the path: a feature's name, or a derived column.
pub(super) struct OfColumn(pub ColumnId);

/// The query of a drift read.
pub(super) struct Asked(pub DriftQuery);

/// The query of the audit trail.
pub(super) struct AuditQuery {
    pub model: Option<ModelId>,
    pub limit: usize,
}

impl AuditQuery {
    pub const LIMIT_MAX: usize = 1_000;
    const LIMIT: usize = 100;
}

impl<S: Send + Sync> FromRequestParts<S> for InModel {
    type Rejection = Failure;

    async fn from_request_parts(parts: &mut Parts, state: &S) -> Result<Self, Failure> {
        let text = path_parameter(parts, state, "model").await?;
        text.parse().map(Self).map_err(|error| {
            Failure::bad_request("bad_model_id", format!("the model's id in the path {error}"))
        })
    }
}

impl<S: Send + Sync> FromRequestParts<S> for OfColumn {
    type Rejection = Failure;

    async fn from_request_parts(parts: &mut Parts, state: &S) -> Result<Self, Failure> {
        let text = path_parameter(parts, state, "feature").await?;
        text.parse().map(Self).map_err(|_| {
            Failure::bad_request(
                "bad_column",
                "the path names no column: a feature's name, @prediction, @score, @score:CLASS, @latency_ms or @cost",
            )
        })
    }
}

async fn path_parameter<S: Send + Sync>(parts: &mut Parts, state: &S, name: &str) -> Result<String, Failure> {
    let bad = || Failure::bad_request("bad_path", "the path is no percent-encoded UTF-8");
    let parameters = RawPathParams::from_request_parts(parts, state).await.map_err(|_| bad())?;
    parameters.iter().find(|(key, _)| *key == name).map(|(_, value)| value.to_owned()).ok_or_else(bad)
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct DriftText {
    version: Option<String>,
    segment: Option<String>,
    current: Option<String>,
    reference: Option<String>,
    window: Option<String>,
}

impl<S: Send + Sync> FromRequestParts<S> for Asked {
    type Rejection = Failure;

    async fn from_request_parts(parts: &mut Parts, state: &S) -> Result<Self, Failure> {
        let text: DriftText = query(parts, state, "version, segment, current, reference and window").await?;
        if text.current.is_some() && text.window.is_some() {
            return Err(bad_query("`current` and `window` exclude each other: a range has its own length"));
        }
        let word = |name: &'static str| move |error| bad_query(format!("`{name}` {error}"));
        Ok(Self(DriftQuery {
            version: text.version.map(|text| text.parse().map_err(word("version"))).transpose()?,
            segment: text.segment.map(|text| text.parse().map_err(word("segment"))).transpose()?,
            current: text.current.map(|text| range(&text, "current")).transpose()?,
            reference: text.reference.map(|text| reference(&text)).transpose()?,
            window: text.window.map(|text| length(&text).ok_or_else(no_window)).transpose()?,
        }))
    }
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct AuditText {
    model: Option<String>,
    limit: Option<String>,
}

impl<S: Send + Sync> FromRequestParts<S> for AuditQuery {
    type Rejection = Failure;

    async fn from_request_parts(parts: &mut Parts, state: &S) -> Result<Self, Failure> {
        let text: AuditText = query(parts, state, "model and limit").await?;
        let model = text.model.map(|text| text.parse::<ModelId>()).transpose();
        let limit = match text.limit {
            None => Some(Self::LIMIT),
            Some(text) => text.parse().ok().filter(|limit| (1..=Self::LIMIT_MAX).contains(limit)),
        };
        Ok(Self {
            model: model.map_err(|error| bad_query(format!("`model` {error}")))?,
            limit: limit.ok_or_else(|| bad_query("`limit` is no whole number from 1 to 1000"))?,
        })
    }
}

/// Of a request that has no parameters: one that says `?dry_run=true` must not be taken for one that does not.
pub(in crate::web) struct NoQuery;

impl<S: Send + Sync> FromRequestParts<S> for NoQuery {
    type Rejection = Failure;

    async fn from_request_parts(parts: &mut Parts, _: &S) -> Result<Self, Failure> {
        match parts.uri.query() {
            None | Some("") => Ok(Self),
            Some(_) => Err(bad_query("there is no query here: what is asked stands in the body")),
        }
    }
}

async fn query<T, S>(parts: &mut Parts, state: &S, known: &'static str) -> Result<T, Failure>
where
    T: for<'de> Deserialize<'de>,
    S: Send + Sync,
{
    match Query::<T>::from_request_parts(parts, state).await {
        Ok(Query(query)) => Ok(query),
        Err(_) => Err(bad_query(format!("the query may have {known}, each once"))),
    }
}

fn bad_query(message: impl Into<String>) -> Failure {
    Failure::bad_request("bad_query", message.into())
}

/// `START/END`, RFC 3339, as ISO 8601 writes an interval.
fn range(text: &str, name: &'static str) -> Result<TimeRange, Failure> {
    let bad = || {
        bad_query(format!(
            "`{name}` is no range START/END of two RFC 3339 instants with a zone, the start before the end"
        ))
    };
    let (start, end) = text.split_once('/').ok_or_else(bad)?;
    match (start.parse(), end.parse()) {
        (Ok(start), Ok(end)) if start < end => Ok(TimeRange { start, end }),
        _ => Err(bad()),
    }
}

fn reference(text: &str) -> Result<ReferenceChoice, Failure> {
    match text {
        "static" => Ok(ReferenceChoice::Static),
        "previous" => Ok(ReferenceChoice::Previous),
        "last_week" => Ok(ReferenceChoice::LastWeek),
        _ if text.contains('/') => range(text, "reference").map(ReferenceChoice::Range),
        _ => Err(bad_query("`reference` is none of static, previous, last_week and a range START/END")),
    }
}

/// A length such as `90m`, `24h` or `7d`.
pub(super) fn length(text: &str) -> Option<Duration> {
    let seconds = |count: &str, each: u64| count.parse::<u64>().ok()?.checked_mul(each);
    let seconds = match text.split_at_checked(text.len().saturating_sub(1)) {
        Some((count, "m")) => seconds(count, 60),
        Some((count, "h")) => seconds(count, 3_600),
        Some((count, "d")) => seconds(count, 86_400),
        _ => None,
    };
    seconds.filter(|seconds| *seconds > 0).map(Duration::from_secs)
}

fn no_window() -> Failure {
    bad_query("`window` is no length such as 90m, 24h or 7d")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lengths_have_a_unit() {
        assert_eq!(length("90m"), Some(Duration::from_secs(5_400)));
        assert_eq!(length("7d"), Some(Duration::from_secs(604_800)));
        for bad in
            ["", "h", "24", "0h", "-1h", "1.5h", "24 h", "é", "99999999999999999999d", "213503982334602d"]
        {
            assert_eq!(length(bad), None, "{bad}");
        }
    }
}
