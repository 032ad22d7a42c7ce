//! The part of the fake service that owners of use cases ask of.

use driftd::kpi::UseCaseId;
use driftd::use_case::{PortfolioFacts, portfolio};
use driftd::web::answer::*;
use driftd::web::*;

use super::fake::Fake;

fn point() -> KpiPoint {
    let window = Range { start: "2026-03-01T00:00:00Z".into(), end: "2026-04-01T00:00:00Z".into() };
    KpiPoint {
        window,
        closed: true,
        status: "ok".into(),
        value: Some(12.5),
        n: Some(3),
        not_computable: None,
    }
}

fn summary(query: &KpiQuery) -> KpiSummary {
    KpiSummary {
        use_case: query.id.use_case.clone(),
        model: query.id.model.clone(),
        kpi: query.id.name.clone(),
        family: driftd::kpi::Family::Strategic,
        unit: "EUR".into(),
        description: "what it gained".into(),
        owner: None,
        period: "month".into(),
        over: None,
        direction: "higher".into(),
        target: Some(10.0),
        warning: None,
        critical: None,
        last_sample: None,
        stale: false,
        newest: point(),
        segments: Vec::new(),
    }
}

impl KpiService for Fake {
    async fn samples(&self, request: SamplesRequest) -> Result<IngestAnswer, IngestError> {
        self.pages.lock().unwrap().push(format!("samples {:?} {:?}", request.format, request.key));
        Ok(IngestAnswer {
            accepted: request.body.split(|byte| *byte == b'\n').filter(|line| !line.is_empty()).count()
                as u64,
            rejected: 0,
            duplicate: false,
            late: 0,
            errors: Vec::new(),
            errors_truncated: false,
        })
    }

    async fn kpis(&self, query: &KpisQuery) -> Result<KpisAnswer, ServiceError> {
        self.pages.lock().unwrap().push(format!("{query:?}"));
        Ok(KpisAnswer { kpis: Vec::new() })
    }

    async fn kpi(&self, query: &KpiQuery) -> Result<KpiAnswer, ServiceError> {
        self.pages.lock().unwrap().push(format!("{} {} {:?}", query.id, query.segment, query.range));
        if query.id.name.as_str() == "absent" {
            return Err(ServiceError::UnknownKpi { hint: "configured are gains".into() });
        }
        Ok(KpiAnswer { kpi: summary(query), segment: query.segment.clone(), history: vec![point()] })
    }

    async fn use_cases(&self) -> Result<UseCasesAnswer, ServiceError> {
        Ok(UseCasesAnswer { currency: "EUR".into(), use_cases: Vec::new() })
    }

    async fn use_case(&self, _: &UseCaseId) -> Result<UseCaseAnswer, ServiceError> {
        Err(ServiceError::UnknownUseCase { hint: "configured are claims".into() })
    }

    async fn link(&self, id: &UseCaseId) -> Result<LinkAnswer, ServiceError> {
        Ok(LinkAnswer { use_case: id.clone(), north_star: None, links: Vec::new() })
    }

    async fn portfolio(&self) -> Result<PortfolioAnswer, ServiceError> {
        let facts = PortfolioFacts::on("2026-03-01".parse().unwrap());
        Ok(PortfolioAnswer { currency: "EUR".into(), portfolio: portfolio(&[], &facts) })
    }
}
