//! Paths and queries of incidents, silences and notifications.

use std::collections::BTreeSet;
use std::fmt::Display;
use std::str::FromStr;

use axum::extract::FromRequestParts;
use axum::http::request::Parts;
use serde::Deserialize;

use super::{bad_query, path_parameter, query};
use crate::incident::IncidentKind;
use crate::store::{IncidentQuery, IncidentState, NotificationQuery, NotificationState};
use crate::verdict::Severity;
use crate::web::failure::Failure;

/// `{id}` of the path.
pub(in crate::web) struct WithId<T>(pub T);

/// `{name}` of the path.
pub(in crate::web) struct Named<T>(pub T);

/// `{kind}` of the path.
pub(in crate::web) struct OfKind(pub IncidentKind);

/// The query of a page of incidents.
pub(in crate::web) struct IncidentsAsked(pub IncidentQuery);

/// The query of a page of notifications.
pub(in crate::web) struct NotificationsAsked(pub NotificationQuery);

/// Rows of a page, at most and where nothing is said.
const LIMIT_MAX: usize = 1_000;
const LIMIT: usize = 100;

impl<S: Send + Sync, T: FromStr<Err: Display>> FromRequestParts<S> for WithId<T> {
    type Rejection = Failure;

    async fn from_request_parts(parts: &mut Parts, state: &S) -> Result<Self, Failure> {
        let text = path_parameter(parts, state, "id").await?;
        text.parse()
            .map(Self)
            .map_err(|error| Failure::bad_request("bad_id", format!("the id in the path {error}")))
    }
}

impl<S: Send + Sync, T: FromStr<Err: Display>> FromRequestParts<S> for Named<T> {
    type Rejection = Failure;

    async fn from_request_parts(parts: &mut Parts, state: &S) -> Result<Self, Failure> {
        let text = path_parameter(parts, state, "name").await?;
        text.parse()
            .map(Self)
            .map_err(|error| Failure::bad_request("bad_name", format!("the name in the path {error}")))
    }
}

impl<S: Send + Sync> FromRequestParts<S> for OfKind {
    type Rejection = Failure;

    async fn from_request_parts(parts: &mut Parts, state: &S) -> Result<Self, Failure> {
        let text = path_parameter(parts, state, "kind").await?;
        text.parse()
            .map(Self)
            .map_err(|error| Failure::bad_request("bad_kind", format!("the kind in the path {error}")))
    }
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct IncidentsText {
    state: Option<String>,
    model: Option<String>,
    kind: Option<String>,
    severity: Option<String>,
    before: Option<String>,
    limit: Option<String>,
}

impl<S: Send + Sync> FromRequestParts<S> for IncidentsAsked {
    type Rejection = Failure;

    async fn from_request_parts(parts: &mut Parts, state: &S) -> Result<Self, Failure> {
        let text: IncidentsText =
            query(parts, state, "state, model, kind, severity, before and limit").await?;
        Ok(Self(IncidentQuery {
            states: text.state.map(|text| states(&text)).transpose()?.unwrap_or_default(),
            model: parsed(text.model, "model")?,
            kind: parsed(text.kind, "kind")?,
            severity: text.severity.map(|text| severity(&text)).transpose()?,
            before: parsed(text.before, "before")?,
            limit: limit(text.limit)?,
        }))
    }
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct NotificationsText {
    state: Option<String>,
    receiver: Option<String>,
    incident: Option<String>,
    before: Option<String>,
    limit: Option<String>,
}

impl<S: Send + Sync> FromRequestParts<S> for NotificationsAsked {
    type Rejection = Failure;

    async fn from_request_parts(parts: &mut Parts, state: &S) -> Result<Self, Failure> {
        let text: NotificationsText =
            query(parts, state, "state, receiver, incident, before and limit").await?;
        let state = |text: String| {
            NotificationState::ALL
                .into_iter()
                .find(|state| state.as_str() == text)
                .ok_or_else(|| bad_query("`state` is none of pending, claimed, delivered and dead"))
        };
        Ok(Self(NotificationQuery {
            state: text.state.map(state).transpose()?,
            receiver: parsed(text.receiver, "receiver")?,
            incident: parsed(text.incident, "incident")?,
            before: parsed(text.before, "before")?,
            limit: limit(text.limit)?,
        }))
    }
}

pub(super) fn parsed<T: FromStr<Err: Display>>(
    text: Option<String>,
    name: &str,
) -> Result<Option<T>, Failure> {
    let parsed = text.map(|text| text.parse()).transpose();
    parsed.map_err(|error: T::Err| bad_query(format!("`{name}` {error}")))
}

/// `open,acknowledged`.
fn states(text: &str) -> Result<BTreeSet<IncidentState>, Failure> {
    let state = |word: &str| IncidentState::ALL.into_iter().find(|state| state.as_str() == word);
    let states: Option<BTreeSet<_>> = text.split(',').map(state).collect();
    states.ok_or_else(|| {
        bad_query("`state` is no list of open, acknowledged and resolved, as open,acknowledged")
    })
}

fn severity(text: &str) -> Result<Severity, Failure> {
    match text {
        "warning" => Ok(Severity::Warning),
        "critical" => Ok(Severity::Critical),
        _ => Err(bad_query("`severity` is neither warning nor critical")),
    }
}

pub(super) fn limit(text: Option<String>) -> Result<usize, Failure> {
    let limit = match text {
        None => Some(LIMIT),
        Some(text) => text.parse().ok().filter(|limit| (1..=LIMIT_MAX).contains(limit)),
    };
    limit.ok_or_else(|| bad_query("`limit` is no whole number from 1 to 1000"))
}
