//! What HTTP asks of KPIs, use cases and the portfolio, answered.

use std::time::Duration;

use super::use_cases::Assessed;
use crate::kpi::UseCaseId;
use crate::kpi::link::NoLink;
use crate::pipeline::answer::{busy, unavailable_ingest};
use crate::pipeline::commit::Refusal;
use crate::pipeline::{Pipeline, meter};
use crate::store::Store;
use crate::use_case::UseCase;
use crate::web::answer::{
    Explanation, IngestAnswer, KpiAnswer, KpiLink, KpisAnswer, LinkAnswer, PortfolioAnswer, UseCaseAnswer,
    UseCasesAnswer,
};
use crate::web::{IngestError, KpiQuery, KpiService, KpisQuery, SamplesRequest, ServiceError};

impl<S: Store> KpiService for Pipeline<S> {
    async fn samples(&self, request: SamplesRequest) -> Result<IngestAnswer, IngestError> {
        let answered = self.admit_samples(request).await;
        if let Some(reason) = answered.as_ref().err().and_then(meter::refusal) {
            self.metrics.daemon().requests_rejected.add(reason, 1);
        }
        answered
    }

    async fn kpis(&self, query: &KpisQuery) -> Result<KpisAnswer, ServiceError> {
        Ok(self.kpis.kpis(query).await)
    }

    async fn kpi(&self, query: &KpiQuery) -> Result<KpiAnswer, ServiceError> {
        self.kpis.kpi(query).await
    }

    async fn use_cases(&self) -> Result<UseCasesAnswer, ServiceError> {
        let options = self.kpis.options();
        let assessed = self.kpis.assessed(&options).await;
        let use_cases = assessed.into_iter().map(answer).collect();
        Ok(UseCasesAnswer { currency: options.currency.clone(), use_cases })
    }

    async fn use_case(&self, id: &UseCaseId) -> Result<UseCaseAnswer, ServiceError> {
        let options = self.kpis.options();
        let use_case = find(&options.use_cases, id)?;
        Ok(answer(self.kpis.assessed_one(&options, use_case).await))
    }

    async fn link(&self, id: &UseCaseId) -> Result<LinkAnswer, ServiceError> {
        let options = self.kpis.options();
        let use_case = find(&options.use_cases, id)?;
        let links = self.kpis.links(&options, use_case).into_iter().map(|(technical, link)| KpiLink {
            technical,
            not_computable: link.as_ref().err().map(why),
            link: link.ok(),
        });
        Ok(LinkAnswer {
            use_case: id.clone(),
            north_star: use_case.north_star.clone(),
            links: links.collect(),
        })
    }

    async fn portfolio(&self) -> Result<PortfolioAnswer, ServiceError> {
        let options = self.kpis.options();
        let assessed = self.kpis.assessed(&options).await;
        let portfolio = self.kpis.in_sum(&options, &assessed).await?;
        Ok(PortfolioAnswer { currency: options.currency.clone(), portfolio })
    }
}

impl<S: Store> Pipeline<S> {
    async fn admit_samples(&self, request: SamplesRequest) -> Result<IngestAnswer, IngestError> {
        let admitted = self.intake.queue.admit(request.body.len()).map_err(|refusal| match refusal {
            Refusal::Full { .. } => busy(),
            Refusal::Stopping => unavailable_ingest(&refusal.to_string(), Duration::from_secs(5)),
        })?;
        let (intake, sampling) = (self.intake.clone(), self.sampling.clone());
        // To its end even if the sender hangs up: a commit is never left half known.
        let taken_in = tokio::spawn(async move { intake.take_samples(&sampling, request, admitted).await });
        taken_in.await.unwrap_or_else(|error| {
            tracing::error!(%error, "counting a body of samples ended badly");
            let why = "counting the body ended badly; nothing of it was counted";
            Err(unavailable_ingest(why, Duration::from_secs(1)))
        })
    }

    /// Judges the periods of KPIs that are due and shows them, as the loop does each second.
    pub async fn look_at_kpis(&self) {
        self.kpis.look().await;
    }
}

fn find<'u>(use_cases: &'u [UseCase], id: &UseCaseId) -> Result<&'u UseCase, ServiceError> {
    use_cases.iter().find(|use_case| use_case.id == *id).ok_or_else(|| {
        let known: Vec<&str> = use_cases.iter().take(20).map(|use_case| use_case.id.as_str()).collect();
        let hint = match known.is_empty() {
            true => "none is configured; add a file to config/use_cases".to_owned(),
            false => format!("configured are {}", known.join(", ")),
        };
        ServiceError::UnknownUseCase { hint }
    })
}

fn answer(of: Assessed) -> UseCaseAnswer {
    UseCaseAnswer { assessment: of.assessment, time_to_value: of.time_to_value }
}

fn why(reason: &NoLink) -> Explanation {
    let code = match reason {
        NoLink::NotEnoughWindows { .. } => "not_enough_windows",
        NoLink::Constant { .. } => "constant",
        NoLink::Unpaired { .. } => "unpaired",
    };
    Explanation::new(code, reason.to_string())
}
