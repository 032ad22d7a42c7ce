//! A service in memory: what it does depends on the model's name.

use std::sync::Mutex;
use std::time::Duration;

use axum::body::Bytes;
use driftd::domain::{ColumnId, ColumnKind, ModelId, PaneLength, Segment, Task, Timestamp};
use driftd::statistic::Statistic;
use driftd::web::answer::*;
use driftd::web::*;
use tokio::sync::Notify;

#[derive(Default)]
pub struct Fake {
    pub ingested: Mutex<Vec<IngestRequest>>,
    pub asked: Mutex<Vec<DriftQuery>>,
    /// What was operated, as `actor action`.
    pub done: Mutex<Vec<String>>,
    /// Which pages were asked for.
    pub pages: Mutex<Vec<String>>,
    pub not_ready: Mutex<Option<String>>,
    /// Rows of the model `slow` wait until they may go on.
    pub entered: Notify,
    pub go_on: Notify,
}

const HINT: &str = "the models are fraud and slow";

impl Fake {
    pub fn ingested(&self) -> Vec<IngestRequest> {
        self.ingested.lock().unwrap().clone()
    }

    fn known(&self, model: &ModelId) -> Result<(), ServiceError> {
        match model.as_str() {
            "absent" => Err(ServiceError::UnknownModel { hint: HINT.into() }),
            "broken" => Err(ServiceError::Internal { why: "a secret of the inside".into() }),
            "panics" => panic!("a secret of the inside"),
            _ => Ok(()),
        }
    }

    fn control(&self, model: &ModelId, action: &str, actor: &Actor) -> Result<ControlAnswer, ServiceError> {
        self.known(model)?;
        self.done.lock().unwrap().push(format!("{actor} {action}"));
        Ok(ControlAnswer { model: model.clone(), action: action.into(), range: None, message: "done".into() })
    }
}

fn wait() -> Duration {
    Duration::from_millis(1_500)
}

fn kind_status() -> KindStatus {
    let reason = Explanation::new("no_reference", "the reference is being learnt");
    KindStatus { status: Status::InsufficientData, since: None, reason: Some(reason) }
}

fn reference() -> ReferenceUsed {
    ReferenceUsed { kind: ReferenceName::Static, range: None, asked: None, rows: 0, null: Null::Iid }
}

fn current() -> CurrentUsed {
    CurrentUsed { range: None, asked: None, rows: 0, closed: false }
}

fn column(column: ColumnId) -> ColumnDrift {
    let statistic = StatisticAnswer {
        statistic: Statistic::Psi,
        status: Status::Critical,
        value: Some(0.31),
        effect: Some(0.31),
        thresholds: Statistic::Psi.default_thresholds().map(Limits::from),
        p_value: Some(1e-9),
        p_value_note: None,
        error_bound: None,
        n_reference: Some(5_000),
        n_current: Some(1_000),
        caution: None,
        not_computable: None,
    };
    ColumnDrift {
        column,
        kind: ColumnKind::Numeric,
        status: Status::Critical,
        p_value: Some(1e-9),
        moved: Some("up".into()),
        statistics: vec![statistic],
    }
}

impl Service for Fake {
    async fn ingest(&self, request: IngestRequest) -> Result<IngestAnswer, IngestError> {
        let error = RowError { line: 1, reason: "`age` is no number".into() };
        let retry_after = wait();
        match request.model.as_str() {
            "absent" => return Err(IngestError::UnknownModel { hint: HINT.into() }),
            "panics" => panic!("a secret of the inside"),
            "never" => std::future::pending().await,
            "reused" => return Err(IngestError::KeyReused),
            "busy" => return Err(IngestError::Busy { retry_after }),
            "full" => return Err(IngestError::Unavailable { why: "the disk is full".into(), retry_after }),
            "long" => return Err(IngestError::TooLarge { why: "line 3 is too long".into() }),
            "bad" => return Err(IngestError::Malformed { why: "the array never ends".into() }),
            "rejected" => {
                return Err(IngestError::AllRejected(IngestAnswer {
                    rejected: 1,
                    errors: vec![error],
                    ..IngestAnswer::default()
                }));
            }
            "slow" => {
                self.entered.notify_one();
                self.go_on.notified().await;
            }
            _ => {}
        }
        let accepted =
            request.body.split(|byte| *byte == b'\n').filter(|line| !line.is_empty()).count() as u64;
        self.ingested.lock().unwrap().push(request);
        Ok(IngestAnswer { accepted, ..IngestAnswer::default() })
    }

    async fn models(&self) -> Result<ModelsAnswer, ServiceError> {
        Ok(ModelsAnswer { models: vec![self.model(&"fraud".parse().unwrap()).await?] })
    }

    async fn model(&self, model: &ModelId) -> Result<ModelAnswer, ServiceError> {
        self.known(model)?;
        Ok(ModelAnswer {
            model: model.clone(),
            task: Task::Binary,
            status: Status::InsufficientData,
            reasons: vec![],
            waits_for: vec![],
            labels: None,
            traffic: kind_status(),
            silence: kind_status(),
            schema: kind_status(),
            drift: DriftByKind { data: kind_status(), concept: kind_status(), model: kind_status() },
            windows: vec![],
            last_verdict_at: None,
            watermark: Some(Timestamp::from_seconds(1_763_805_600)),
            newest_row: None,
            rows: 12,
            versions: vec![],
            reference: ReferenceSummary {
                state: ReferenceState::Learning,
                progress: Some(0.5),
                ready_at: None,
                range: None,
                rows: None,
                null: Null::Iid,
            },
            counting: Counting { pane: PaneLength::Hour, grid: None, segment_grid: None, segments: vec![] },
            paused_until: None,
        })
    }

    async fn performance(
        &self,
        model: &ModelId,
        query: &DriftQuery,
    ) -> Result<PerformanceAnswer, ServiceError> {
        self.known(model)?;
        self.asked.lock().unwrap().push(query.clone());
        Ok(PerformanceAnswer {
            model: model.clone(),
            task: driftd::domain::Task::Binary,
            primary: "accuracy".to_owned(),
            window: query.current,
            judged_at: None,
            reason: None,
            versions: Vec::new(),
            comparisons: Vec::new(),
        })
    }

    async fn drift(&self, model: &ModelId, query: &DriftQuery) -> Result<DriftAnswer, ServiceError> {
        self.known(model)?;
        self.asked.lock().unwrap().push(query.clone());
        Ok(DriftAnswer {
            model: model.clone(),
            version: query.version.clone(),
            segment: query.segment.clone().unwrap_or(Segment::All),
            current: current(),
            reference: reference(),
            verdict: Verdict {
                status: Status::Critical,
                provisional: false,
                revision: 0,
                judged_at: None,
                alpha: Some(0.001),
                columns_drifted: 1,
                columns_watched: 1,
                reason: None,
                moved: vec!["age up".into()],
            },
            schema: SchemaAnswer {
                status: Status::Ok,
                reason: Explanation::new("kept", "all 1,000 rows of the window keep to the schema"),
                wrong_type: vec![],
                unknown_share: 0.0,
                unknown_features: vec![],
            },
            columns: vec![column(ColumnId::feature("age"))],
        })
    }

    async fn feature(
        &self,
        model: &ModelId,
        name: &ColumnId,
        _: &DriftQuery,
    ) -> Result<FeatureAnswer, ServiceError> {
        self.known(model)?;
        if name.to_string() == "absent" {
            return Err(ServiceError::UnknownColumn { hint: "age is one".into() });
        }
        let reason = Explanation::new("no_reference", "the reference is being learnt");
        Ok(FeatureAnswer {
            model: model.clone(),
            version: None,
            segment: Segment::All,
            current: current(),
            reference: reference(),
            drift: column(name.clone()),
            histogram: Histogram::Unavailable { reason },
            uncounted: vec![],
        })
    }

    async fn status(&self) -> Result<StatusAnswer, ServiceError> {
        let at = Timestamp::from_seconds(1_763_805_600);
        Ok(StatusAnswer {
            at,
            driftd_version: "0".into(),
            ready: true,
            problems: vec![],
            incidents: OpenIncidents::default(),
            models: vec![],
            kpis: vec![],
            runs: vec![],
        })
    }

    async fn rejections(&self, model: &ModelId) -> Result<RejectionsAnswer, ServiceError> {
        self.known(model)?;
        Ok(RejectionsAnswer { model: model.clone(), rejected: 0, by_reason: vec![], recent: vec![] })
    }

    async fn audit(&self, model: Option<&ModelId>, limit: usize) -> Result<AuditAnswer, ServiceError> {
        let at = Timestamp::from_seconds(1_763_805_600);
        let detail = format!("limit {limit}");
        let (actor, action) = ("root".into(), "pause".into());
        Ok(AuditAnswer { entries: vec![AuditEntry { at, actor, action, model: model.cloned(), detail }] })
    }

    async fn baseline(
        &self,
        model: &ModelId,
        _: BaselineRequest,
        actor: &Actor,
    ) -> Result<ControlAnswer, ServiceError> {
        self.control(model, "baseline", actor)
    }

    async fn pause(
        &self,
        model: &ModelId,
        _: PauseRequest,
        actor: &Actor,
    ) -> Result<ControlAnswer, ServiceError> {
        self.control(model, "pause", actor)
    }

    async fn exclude(
        &self,
        model: &ModelId,
        _: ExcludeRequest,
        actor: &Actor,
    ) -> Result<ControlAnswer, ServiceError> {
        self.control(model, "exclude", actor)
    }

    async fn learn(
        &self,
        model: &ModelId,
        _: LearnRequest,
        actor: &Actor,
    ) -> Result<ControlAnswer, ServiceError> {
        if model.as_str() == "learning" {
            return Err(ServiceError::Conflict { why: "it is being learnt already".into() });
        }
        self.control(model, "learn", actor)
    }

    async fn reload(&self, actor: &Actor) -> Result<ReloadAnswer, ServiceError> {
        self.done.lock().unwrap().push(format!("{actor} reload"));
        Ok(ReloadAnswer { changes: vec![], needs_restart: vec![] })
    }

    async fn backup(&self, request: BackupRequest, actor: &Actor) -> Result<BackupAnswer, ServiceError> {
        self.done.lock().unwrap().push(format!("{actor} backup"));
        Ok(BackupAnswer { path: request.path, bytes: 1 })
    }

    async fn metrics(&self, exposition: Exposition) -> Result<Bytes, ServiceError> {
        Ok(match exposition {
            Exposition::Text004 => Bytes::from_static(b"driftd_up 1\n"),
            Exposition::OpenMetrics1 => Bytes::from_static(b"driftd_up 1\n# EOF\n"),
        })
    }

    fn healthy(&self) -> bool {
        true
    }

    fn ready(&self) -> Result<(), String> {
        self.not_ready.lock().unwrap().clone().map_or(Ok(()), Err)
    }
}
