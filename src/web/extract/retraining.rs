//! Queries of decisions and of the calendar of maintenance.

use axum::extract::FromRequestParts;
use axum::http::request::Parts;
use serde::Deserialize;

use super::incident::{limit, parsed};
use super::{bad_query, query};
use crate::domain::ModelId;
use crate::retraining::Cause;
use crate::store::DecisionQuery;
use crate::web::failure::Failure;

/// The query of a page of decisions.
pub(in crate::web) struct DecisionsAsked(pub DecisionQuery);

/// The query of the calendar: one model's, or all.
pub(in crate::web) struct CalendarAsked(pub Option<ModelId>);

const OUTCOMES: [&str; 2] = ["trigger", "withhold"];

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct DecisionsText {
    model: Option<String>,
    cause: Option<String>,
    outcome: Option<String>,
    before: Option<String>,
    limit: Option<String>,
}

impl<S: Send + Sync> FromRequestParts<S> for DecisionsAsked {
    type Rejection = Failure;

    async fn from_request_parts(parts: &mut Parts, state: &S) -> Result<Self, Failure> {
        let text: DecisionsText = query(parts, state, "model, cause, outcome, before and limit").await?;
        Ok(Self(DecisionQuery {
            model: parsed(text.model, "model")?,
            cause: text.cause.map(|text| cause(&text)).transpose()?,
            outcome: text.outcome.map(|text| outcome(&text)).transpose()?,
            before: parsed(text.before, "before")?,
            limit: limit(text.limit)?,
        }))
    }
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct CalendarText {
    model: Option<String>,
}

impl<S: Send + Sync> FromRequestParts<S> for CalendarAsked {
    type Rejection = Failure;

    async fn from_request_parts(parts: &mut Parts, state: &S) -> Result<Self, Failure> {
        let text: CalendarText = query(parts, state, "model").await?;
        parsed(text.model, "model").map(Self)
    }
}

fn cause(text: &str) -> Result<Cause, Failure> {
    let cause = Cause::ALL.into_iter().find(|cause| cause.as_str() == text);
    cause.ok_or_else(|| bad_query("`cause` is none of scheduled, drift, monthly, quarterly and manual"))
}

fn outcome(text: &str) -> Result<&'static str, Failure> {
    let outcome = OUTCOMES.into_iter().find(|outcome| *outcome == text);
    outcome.ok_or_else(|| bad_query("`outcome` is neither trigger nor withhold"))
}
