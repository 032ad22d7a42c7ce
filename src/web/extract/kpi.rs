//! Paths and queries of KPIs and use cases.

use axum::extract::FromRequestParts;
use axum::http::request::Parts;
use serde::Deserialize;

use super::incident::parsed;
use super::{bad_query, path_parameter, query, range};
use crate::domain::Segment;
use crate::kpi::{Family, KpiId};
use crate::web::ask::{KpiQuery, KpisQuery};
use crate::web::failure::Failure;

/// The query of a list of KPIs.
pub(in crate::web) struct KpisAsked(pub KpisQuery);

/// `{kpi}` of the path and the query that says whose it is.
pub(in crate::web) struct KpiAsked(pub KpiQuery);

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct KpisText {
    use_case: Option<String>,
    model: Option<String>,
    family: Option<String>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct KpiText {
    use_case: Option<String>,
    model: Option<String>,
    segment: Option<String>,
    range: Option<String>,
}

impl<S: Send + Sync> FromRequestParts<S> for KpisAsked {
    type Rejection = Failure;

    async fn from_request_parts(parts: &mut Parts, state: &S) -> Result<Self, Failure> {
        let text: KpisText = query(parts, state, "use_case, model and family").await?;
        Ok(Self(KpisQuery {
            use_case: parsed(text.use_case, "use_case")?,
            model: parsed(text.model, "model")?,
            family: text.family.map(|text| family(&text)).transpose()?,
        }))
    }
}

fn family(text: &str) -> Result<Family, Failure> {
    let family = Family::ALL.into_iter().find(|family| family.as_str() == text);
    family.ok_or_else(|| bad_query("`family` is none of technical, strategic and adoption"))
}

impl<S: Send + Sync> FromRequestParts<S> for KpiAsked {
    type Rejection = Failure;

    async fn from_request_parts(parts: &mut Parts, state: &S) -> Result<Self, Failure> {
        let name = path_parameter(parts, state, "kpi").await?;
        let name = name.parse().map_err(|error| {
            Failure::bad_request("bad_kpi", format!("the KPI's name in the path {error}"))
        })?;
        let text: KpiText = query(parts, state, "use_case, model, segment and range").await?;
        let id =
            KpiId { use_case: parsed(text.use_case, "use_case")?, model: parsed(text.model, "model")?, name };
        Ok(Self(KpiQuery {
            id,
            segment: parsed(text.segment, "segment")?.unwrap_or(Segment::All),
            range: text.range.map(|text| range(&text, "range")).transpose()?,
        }))
    }
}
