//! The routes: method, path, role, words, and who answers.

use std::sync::Arc;

use axum::handler::Handler;
use axum::http::Method;
use axum::routing::{MethodRouter, get, post};

use super::openapi::{Answers, Shape};
use super::queries::{
    AUDIT_QUERY, CALENDAR_QUERY, DECISIONS_QUERY, DRIFT_QUERY, INCIDENTS_QUERY, KPI_QUERY, KPIS_QUERY,
    NOTIFICATIONS_QUERY, PERFORMANCE_QUERY, Query,
};
use super::{Face, control, daemon, incidents, kpis, notifications, predictions, reads, retraining};
use crate::web::answer::{
    AuditAnswer, BackupAnswer, ControlAnswer, DecisionsAnswer, DriftAnswer, FeatureAnswer, IncidentAnswer,
    IncidentSummary, IncidentsAnswer, IngestAnswer, KpiAnswer, KpisAnswer, LinkAnswer, MaintenanceAnswer,
    MaintenanceItemAnswer, ModelAnswer, ModelsAnswer, NotificationAnswer, NotificationsAnswer,
    PerformanceAnswer, PortfolioAnswer, ReceiverAnswer, ReceiversAnswer, RejectionsAnswer, ReloadAnswer,
    ReportAnswer, RetrainAnswer, SilenceAnswer, SilencesAnswer, StatusAnswer, UseCaseAnswer, UseCasesAnswer,
    VersionAnswer, VersionsAnswer,
};
use crate::web::ask::{
    AcknowledgeRequest, BackupRequest, BaselineRequest, DeadlineRequest, EndSilenceRequest, ExcludeRequest,
    LearnRequest, MaintenanceRequest, PauseRequest, ReportRequest, ResolveRequest, RetrainRequest,
    RowContent, SilenceRequest, VersionRequest,
};
use crate::web::role::{Access, Role};
use crate::web::service::Service;

/// One route. There is no way to make one without saying who may use it.
pub(super) struct Route<S> {
    pub method: Method,
    pub path: &'static str,
    pub access: Access,
    pub summary: &'static str,
    pub answers: Answers,
    /// Parameters of the query: name, and what it means.
    pub query: &'static [(&'static str, &'static str)],
    /// The JSON that a POST takes.
    pub asks: Option<Shape>,
    pub handler: MethodRouter<Arc<Face<S>>>,
}

const fn needs(role: Role) -> Access {
    Access::Needs(role)
}

/// Every route of the daemon.
pub(super) fn table<S: Service>() -> Vec<Route<S>> {
    [of_models(), of_retraining(), of_kpis(), of_incidents(), of_notifications(), of_the_daemon()]
        .into_iter()
        .flatten()
        .collect()
}

fn of_models<S: Service>() -> Vec<Route<S>> {
    use Role::{Ingest, Operate, Read};
    vec![
        Route::post(
            "/v1/models/{model}/predictions",
            needs(Ingest),
            "Send predictions",
            |face, actor, model, headers, body| {
                predictions::ingest(RowContent::Predictions, face, actor, model, headers, body)
            },
        )
        .json::<IngestAnswer>(),
        Route::post(
            "/v1/models/{model}/labels",
            needs(Ingest),
            "Send what happened",
            |face, actor, model, headers, body| {
                predictions::ingest(RowContent::Labels, face, actor, model, headers, body)
            },
        )
        .json::<IngestAnswer>(),
        Route::get("/v1/models", needs(Read), "Every model in sum", reads::models).json::<ModelsAnswer>(),
        Route::get("/v1/models/{model}", needs(Read), "One model in sum", reads::model).json::<ModelAnswer>(),
        Route::get("/v1/models/{model}/drift", needs(Read), "What drifted, column by column", reads::drift)
            .query(DRIFT_QUERY)
            .json::<DriftAnswer>(),
        Route::get(
            "/v1/models/{model}/performance",
            needs(Read),
            "How right it is, and what was to be expected",
            reads::performance,
        )
        .query(PERFORMANCE_QUERY)
        .json::<PerformanceAnswer>(),
        Route::get(
            "/v1/models/{model}/features/{feature}",
            needs(Read),
            "One column in full",
            reads::feature,
        )
        .query(DRIFT_QUERY)
        .json::<FeatureAnswer>(),
        Route::get("/v1/models/{model}/rejections", needs(Read), "Rows rejected lately", reads::rejections)
            .json::<RejectionsAnswer>(),
        Route::get("/v1/status", needs(Read), "What each model waits for", reads::status)
            .json::<StatusAnswer>(),
        Route::get("/v1/audit", needs(Read), "What people did", reads::audit)
            .query(AUDIT_QUERY)
            .json::<AuditAnswer>(),
        Route::post("/v1/models/{model}/baseline", needs(Operate), "Set the reference", control::baseline)
            .asks::<BaselineRequest>()
            .json::<ControlAnswer>(),
        Route::post(
            "/v1/models/{model}/pause",
            needs(Operate),
            "Give no verdicts for a while",
            control::pause,
        )
        .asks::<PauseRequest>()
        .json::<ControlAnswer>(),
        Route::post("/v1/models/{model}/exclude", needs(Operate), "Leave out a range", control::exclude)
            .asks::<ExcludeRequest>()
            .json::<ControlAnswer>(),
        Route::post("/v1/models/{model}/learn", needs(Operate), "Learn the reference anew", control::learn)
            .asks::<LearnRequest>()
            .json::<ControlAnswer>(),
    ]
}

fn of_retraining<S: Service>() -> Vec<Route<S>> {
    use Role::{Ingest, Operate, Read};
    vec![
        Route::get("/v1/decisions", needs(Read), "What was decided of retraining", retraining::decisions)
            .query(DECISIONS_QUERY)
            .json::<DecisionsAnswer>(),
        Route::post("/v1/models/{model}/retrain", needs(Operate), "Ask for a run", retraining::retrain)
            .asks::<RetrainRequest>()
            .json::<RetrainAnswer>(),
        Route::get("/v1/models/{model}/versions", needs(Read), "Versions reported", retraining::versions)
            .json::<VersionsAnswer>(),
        // A pipeline has a token that sends rows; a person who makes up for a report that was lost, one that operates.
        Route::post(
            "/v1/models/{model}/versions",
            Access::NeedsEither(Ingest, Operate),
            "Report a version that was trained",
            retraining::report_version,
        )
        .asks::<VersionRequest>()
        .json::<VersionAnswer>(),
        Route::get("/v1/maintenance", needs(Read), "The calendar of maintenance", retraining::maintenance)
            .query(CALENDAR_QUERY)
            .json::<MaintenanceAnswer>(),
        Route::post("/v1/maintenance", needs(Operate), "Say that a task was done", retraining::maintain)
            .asks::<MaintenanceRequest>()
            .json::<MaintenanceItemAnswer>(),
    ]
}

fn of_kpis<S: Service>() -> Vec<Route<S>> {
    use Role::{Ingest, Read};
    vec![
        Route::post("/v1/kpis", needs(Ingest), "Send samples of KPIs", kpis::ingest).json::<IngestAnswer>(),
        Route::get("/v1/kpis", needs(Read), "Every KPI as it stands", kpis::kpis)
            .query(KPIS_QUERY)
            .json::<KpisAnswer>(),
        Route::get("/v1/kpis/{kpi}", needs(Read), "One KPI, period by period", kpis::kpi)
            .query(KPI_QUERY)
            .json::<KpiAnswer>(),
        Route::get("/v1/use_cases", needs(Read), "Every use case, and what it is worth", kpis::use_cases)
            .json::<UseCasesAnswer>(),
        Route::get("/v1/use_cases/{id}", needs(Read), "One use case in full", kpis::use_case)
            .json::<UseCaseAnswer>(),
        Route::get(
            "/v1/use_cases/{id}/link",
            needs(Read),
            "How its technical KPIs went with its north star",
            kpis::link,
        )
        .json::<LinkAnswer>(),
        Route::get("/v1/portfolio", needs(Read), "All use cases in sum", kpis::portfolio)
            .json::<PortfolioAnswer>(),
    ]
}

fn of_incidents<S: Service>() -> Vec<Route<S>> {
    use Role::{Operate, Read};
    vec![
        Route::get("/v1/incidents", needs(Read), "Incidents, newest first", incidents::list)
            .query(INCIDENTS_QUERY)
            .json::<IncidentsAnswer>(),
        Route::post("/v1/incidents", needs(Operate), "Report what driftd cannot see", incidents::report)
            .asks::<ReportRequest>()
            .json::<ReportAnswer>(),
        Route::get("/v1/incidents/{id}", needs(Read), "One incident in full", incidents::show)
            .json::<IncidentAnswer>(),
        Route::post("/v1/incidents/{id}/ack", needs(Operate), "Take an incident on", incidents::acknowledge)
            .asks::<AcknowledgeRequest>()
            .json::<IncidentSummary>(),
        Route::post("/v1/incidents/{id}/resolve", needs(Operate), "Say that it is over", incidents::resolve)
            .asks::<ResolveRequest>()
            .json::<IncidentSummary>(),
        Route::post(
            "/v1/incidents/{id}/deadline",
            needs(Operate),
            "Set or meet a regulatory deadline",
            incidents::deadline,
        )
        .asks::<DeadlineRequest>()
        .json::<IncidentSummary>(),
        Route::get("/runbooks/{kind}", Access::Public, "What to do about a kind", notifications::runbook)
            .text(&["text/markdown"]),
    ]
}

fn of_notifications<S: Service>() -> Vec<Route<S>> {
    use Role::{Operate, Read};
    vec![
        Route::get("/v1/silences", needs(Read), "Silences that are not over", notifications::silences)
            .json::<SilencesAnswer>(),
        Route::post("/v1/silences", needs(Operate), "Hold news back for a while", notifications::silence)
            .asks::<SilenceRequest>()
            .json::<SilenceAnswer>(),
        Route::post(
            "/v1/silences/{id}/end",
            needs(Operate),
            "End a silence early",
            notifications::end_silence,
        )
        .asks::<EndSilenceRequest>()
        .json::<SilenceAnswer>(),
        Route::get("/v1/notifications", needs(Read), "Who was told what", notifications::list)
            .query(NOTIFICATIONS_QUERY)
            .json::<NotificationsAnswer>(),
        Route::post(
            "/v1/notifications/{id}/retry",
            needs(Operate),
            "Send a dead notification again",
            notifications::retry,
        )
        .json::<NotificationAnswer>(),
        Route::get("/v1/receivers", needs(Read), "Who is told of incidents", notifications::receivers)
            .json::<ReceiversAnswer>(),
        Route::post(
            "/v1/receivers/{name}/enable",
            needs(Operate),
            "Tell a receiver again that was gone",
            notifications::enable,
        )
        .json::<ReceiverAnswer>(),
    ]
}

fn of_the_daemon<S: Service>() -> Vec<Route<S>> {
    use Role::{Admin, Read};
    vec![
        Route::get("/openapi.json", needs(Read), "This list, as OpenAPI", daemon::openapi),
        Route::get("/metrics", needs(Read), "Metrics for Prometheus", daemon::metrics)
            .text(&["text/plain", "application/openmetrics-text"]),
        Route::get("/-/healthy", Access::Public, "Whether the process works", daemon::healthy)
            .text(&["text/plain"]),
        Route::get("/-/ready", Access::Public, "Whether rows are taken in", daemon::ready)
            .text(&["text/plain"]),
        Route::post("/-/reload", needs(Admin), "Read the config again", daemon::reload)
            .json::<ReloadAnswer>(),
        Route::post("/-/backup", needs(Admin), "Copy the store to a new file", daemon::backup)
            .asks::<BackupRequest>()
            .json::<BackupAnswer>(),
    ]
}

/// Method, path and access of every route.
pub fn routes<S: Service>() -> Vec<(Method, &'static str, Access)> {
    table::<S>().into_iter().map(|route| (route.method, route.path, route.access)).collect()
}

impl<S: Service> Route<S> {
    fn get<H, T>(path: &'static str, access: Access, summary: &'static str, handler: H) -> Self
    where
        H: Handler<T, Arc<Face<S>>>,
        T: 'static,
    {
        Self::new(Method::GET, path, access, summary, get(handler))
    }

    fn post<H, T>(path: &'static str, access: Access, summary: &'static str, handler: H) -> Self
    where
        H: Handler<T, Arc<Face<S>>>,
        T: 'static,
    {
        Self::new(Method::POST, path, access, summary, post(handler))
    }

    fn new(
        method: Method,
        path: &'static str,
        access: Access,
        summary: &'static str,
        handler: MethodRouter<Arc<Face<S>>>,
    ) -> Self {
        Self { method, path, access, summary, answers: Answers::AnyJson, query: &[], asks: None, handler }
    }

    fn query(self, query: Query) -> Self {
        Self { query, ..self }
    }

    fn asks<T: utoipa::ToSchema>(self) -> Self {
        Self { asks: Some(Shape::of::<T>()), ..self }
    }

    fn json<T: utoipa::ToSchema>(self) -> Self {
        Self { answers: Answers::Json(Shape::of::<T>()), ..self }
    }

    fn text(self, types: &'static [&'static str]) -> Self {
        Self { answers: Answers::Text(types), ..self }
    }
}
