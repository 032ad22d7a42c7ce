//! KPIs, use cases and the portfolio.

use std::sync::Arc;

use axum::Json;
use axum::body::Body;
use axum::extract::State;
use axum::http::HeaderMap;

use super::Face;
use super::predictions::{SentRows, receive_rows};
use crate::kpi::UseCaseId;
use crate::web::answer::{
    IngestAnswer, KpiAnswer, KpisAnswer, LinkAnswer, PortfolioAnswer, UseCaseAnswer, UseCasesAnswer,
};
use crate::web::ask::SamplesRequest;
use crate::web::extract::{KpiAsked, KpisAsked, NoQuery, WithId};
use crate::web::failure::Failure;
use crate::web::service::Service;

type Answer<T> = Result<Json<T>, Failure>;

pub(super) async fn ingest<S: Service>(
    State(face): State<Arc<Face<S>>>,
    _: NoQuery,
    headers: HeaderMap,
    body: Body,
) -> Answer<IngestAnswer> {
    let SentRows { bytes, format, key, held } = receive_rows(&face, &headers, body).await?;
    let answer = face.in_time(face.service.samples(SamplesRequest { body: bytes, format, key })).await?;
    drop(held);
    Ok(Json(answer))
}

pub(super) async fn kpis<S: Service>(
    State(face): State<Arc<Face<S>>>,
    KpisAsked(query): KpisAsked,
) -> Answer<KpisAnswer> {
    face.in_time(face.service.kpis(&query)).await.map(Json)
}

pub(super) async fn kpi<S: Service>(
    State(face): State<Arc<Face<S>>>,
    KpiAsked(query): KpiAsked,
) -> Answer<KpiAnswer> {
    face.in_time(face.service.kpi(&query)).await.map(Json)
}

pub(super) async fn use_cases<S: Service>(
    State(face): State<Arc<Face<S>>>,
    _: NoQuery,
) -> Answer<UseCasesAnswer> {
    face.in_time(face.service.use_cases()).await.map(Json)
}

pub(super) async fn use_case<S: Service>(
    State(face): State<Arc<Face<S>>>,
    WithId(id): WithId<UseCaseId>,
    _: NoQuery,
) -> Answer<UseCaseAnswer> {
    face.in_time(face.service.use_case(&id)).await.map(Json)
}

pub(super) async fn link<S: Service>(
    State(face): State<Arc<Face<S>>>,
    WithId(id): WithId<UseCaseId>,
    _: NoQuery,
) -> Answer<LinkAnswer> {
    face.in_time(face.service.link(&id)).await.map(Json)
}

pub(super) async fn portfolio<S: Service>(
    State(face): State<Arc<Face<S>>>,
    _: NoQuery,
) -> Answer<PortfolioAnswer> {
    face.in_time(face.service.portfolio()).await.map(Json)
}
