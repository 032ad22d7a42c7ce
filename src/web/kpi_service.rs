//! What the HTTP face asks of KPIs, use cases and the portfolio.

use std::future::Future;

use super::answer::{
    IngestAnswer, KpiAnswer, KpisAnswer, LinkAnswer, PortfolioAnswer, UseCaseAnswer, UseCasesAnswer,
};
use super::ask::{KpiQuery, KpisQuery, SamplesRequest};
use super::service::{IngestError, ServiceError};
use crate::kpi::UseCaseId;

/// The part of [`Service`](super::Service) that owners of use cases ask of.
pub trait KpiService: Send + Sync + 'static {
    /// Counts a body of samples. `Ok` only once it is durable.
    fn samples(
        &self,
        request: SamplesRequest,
    ) -> impl Future<Output = Result<IngestAnswer, IngestError>> + Send;

    /// Every KPI of the config that the query does not leave out, in order, as of its newest period that is over.
    fn kpis(&self, query: &KpisQuery) -> impl Future<Output = Result<KpisAnswer, ServiceError>> + Send;

    /// One KPI, period by period.
    fn kpi(&self, query: &KpiQuery) -> impl Future<Output = Result<KpiAnswer, ServiceError>> + Send;

    /// Every use case, in order of id.
    fn use_cases(&self) -> impl Future<Output = Result<UseCasesAnswer, ServiceError>> + Send;

    fn use_case(&self, id: &UseCaseId) -> impl Future<Output = Result<UseCaseAnswer, ServiceError>> + Send;

    /// How the technical KPIs of a use case went with its north star.
    fn link(&self, id: &UseCaseId) -> impl Future<Output = Result<LinkAnswer, ServiceError>> + Send;

    /// All use cases in sum.
    fn portfolio(&self) -> impl Future<Output = Result<PortfolioAnswer, ServiceError>> + Send;
}
