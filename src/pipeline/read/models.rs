//! Models in sum: how they stand, what was counted of them, what they are compared with.

use std::collections::BTreeMap;

use super::reasons::reasons;
use super::waits::waits;
use super::{checks, drift, outcomes, words};
use crate::domain::{ModelId, Segment, Timestamp, Version};
use crate::pipeline::frozen::Origin;
use crate::pipeline::model::{Live, Model};
use crate::pipeline::options::ReferenceOptions;
use crate::pipeline::series::length_text;
use crate::pipeline::{Pipeline, learn};
use crate::reference::NullKind;
use crate::sketch::Ruler;
use crate::store::Store;
use crate::verdict::{Evaluation, Kind, OutcomeVerdict, WindowPlan};
use crate::web::ServiceError;
use crate::web::answer::{
    Counting, DriftByKind, Explanation, KindStatus, LabelSummary, ModelAnswer, ModelsAnswer, Null,
    ReferenceState, ReferenceSummary, Status, VersionSummary, WindowSummary,
};
use crate::window::ClockMode;

pub async fn models<S: Store>(pipeline: &Pipeline<S>) -> Result<ModelsAnswer, ServiceError> {
    let (models, now) = (pipeline.models.load_full(), pipeline.clock.now());
    Ok(ModelsAnswer { models: models.values().map(|model| answer(model, now)).collect() })
}

pub async fn model<S: Store>(pipeline: &Pipeline<S>, id: &ModelId) -> Result<ModelAnswer, ServiceError> {
    Ok(answer(&*pipeline.model(id)?, pipeline.clock.now()))
}

fn answer(model: &Model, now: Timestamp) -> ModelAnswer {
    let reference = reference(model);
    let drift = drift_by_kind(model);
    let waits_for = waits(model, now);
    let live = model.live();
    let windows = model.options.plan.windows.iter().enumerate();
    let mut windows: Vec<(&WindowPlan, WindowSummary)> =
        windows.map(|(place, plan)| (plan, window(&live, plan, live.latest.get(&place)))).collect();
    windows.sort_by_key(|(plan, _)| plan.length);
    let versions = versions(&live);
    ModelAnswer {
        model: model.options.id.clone(),
        task: model.options.task,
        status: status(&drift, model, &live, now),
        reasons: reasons(model, &live, now),
        waits_for,
        drift,
        labels: labels(&live),
        traffic: checks::traffic(&live),
        silence: checks::silence(model, &live, now),
        schema: checks::schema(model, &live),
        windows: windows.into_iter().map(|(_, summary)| summary).collect(),
        last_verdict_at: live.latest.values().map(|evaluation| evaluation.judged_at).max(),
        watermark: live.watermark.at(model.lateness()),
        newest_row: live.watermark.newest(),
        rows: versions.iter().map(|version| version.rows).sum(),
        versions,
        reference,
        counting: counting(model),
        paused_until: paused_until(model, &live, now),
    }
}

fn labels(live: &Live) -> Option<LabelSummary> {
    let last = live.latest_outcomes.values().max_by_key(|of| of.window.end)?;
    let sum = |rows: fn(&OutcomeVerdict) -> i64| last.verdicts.iter().map(rows).sum();
    let (predicted, labelled): (i64, i64) = (sum(|of| of.predicted), sum(|of| of.labelled));
    let coverage = (predicted > 0).then(|| (labelled as f64 / predicted as f64).clamp(0.0, 1.0));
    let (predicted, labelled) = (words::rows(predicted), words::rows(labelled));
    Some(LabelSummary { window: last.window, predicted, labelled, coverage })
}

/// The worst of a model's drifts and of what is watched beside them, which is no verdict where it is well.
pub fn status(drift: &DriftByKind, model: &Model, live: &Live, now: Timestamp) -> Status {
    let beside = [checks::traffic(live), checks::silence(model, live, now), checks::schema(model, live)];
    let drifts = [&drift.data, &drift.concept, &drift.model].map(|kind| kind.status);
    let alarming = beside.into_iter().map(|check| check.status).filter(|status| *status > Status::Ok);
    drifts.into_iter().chain(alarming).max().unwrap_or(Status::InsufficientData)
}

/// How each kind of drift stands. An alarm that is open outlasts the last window.
pub fn drift_by_kind(model: &Model) -> DriftByKind {
    DriftByKind {
        data: data_drift(model),
        concept: of_outcomes(model, Kind::Concept),
        model: of_outcomes(model, Kind::Model),
    }
}

/// How a drift stands that labels decide on.
fn of_outcomes(model: &Model, kind: Kind) -> KindStatus {
    let live = model.live();
    let verdicts =
        live.latest_outcomes.values().flat_map(|of| of.verdicts.iter().map(move |verdict| (of, verdict)));
    let status = |verdict: &OutcomeVerdict| match kind {
        Kind::Concept => words::status(verdict.concept.status),
        Kind::Bias => words::status(verdict.bias_status),
        _ => words::status(verdict.model.status),
    };
    let judged = verdicts.max_by_key(|(of, verdict)| (status(verdict), of.window.end));
    let Some((of, verdict)) = judged else {
        let frozen = model.frozen();
        let reason = match frozen.as_ref().and_then(|frozen| frozen.outcomes.as_ref().err()) {
            Some(why) => words::no_outcomes(why),
            None => Explanation::new(
                "no_labels",
                "no window was judged by its labels yet; they are sent to POST /v1/models/{model}/labels",
            ),
        };
        return KindStatus { status: Status::InsufficientData, since: None, reason: Some(reason) };
    };
    let alarms = live.state.alarms().filter(|(_, open, _)| *open == kind).map(|(_, _, alarm)| alarm);
    let worst = alarms.max_by_key(|alarm| (alarm.severity, std::cmp::Reverse(alarm.opened_at)));
    let open = worst.map(|alarm| words::status(Some(alarm.severity).into()));
    let said = status(verdict);
    let since = worst.map(|alarm| alarm.opened_at).or((said > Status::Ok).then_some(of.window.end));
    KindStatus {
        status: open.map_or(said, |open| open.max(said)),
        since,
        reason: Some(Explanation::new("outcomes", outcomes::in_words(verdict, kind))),
    }
}

fn data_drift(model: &Model) -> KindStatus {
    let no_reference = model.frozen().is_none().then(|| drift::no_reference(model));
    let live = model.live();
    let alarms = live.state.alarms().filter(|(_, kind, _)| *kind == Kind::Data);
    let worst = alarms
        .map(|(_, _, alarm)| alarm)
        .max_by_key(|alarm| (alarm.severity, std::cmp::Reverse(alarm.opened_at)));
    let verdicts =
        || live.latest.values().flat_map(|of| of.verdicts.iter().map(move |verdict| (of, verdict)));
    let judged = verdicts().max_by_key(|(of, verdict)| (words::status(verdict.status), of.window.end));
    let moved = verdicts().filter_map(|(_, verdict)| verdict.moved_most.clone()).next();
    let moved = moved.map(|moved| Explanation::new("moved", moved));
    let said = judged.map_or(Status::InsufficientData, |(_, verdict)| words::status(verdict.status));
    if let Some(alarm) = worst {
        let status = said.max(words::status(Some(alarm.severity).into()));
        let lasting = || {
            let causes: Vec<String> =
                alarm.causes.iter().map(|cause| cause.column.to_string()).take(5).collect();
            let message = format!(
                "an incident is open that {} caused; it closes after a quiet window",
                causes.join(", ")
            );
            Explanation::new("incident_open", message)
        };
        return KindStatus {
            status,
            since: Some(alarm.opened_at),
            reason: moved.or_else(|| Some(lasting())),
        };
    }
    let reason = match (said, judged) {
        (Status::InsufficientData, None) => no_reference.or_else(|| {
            Some(Explanation::new(
                "no_window",
                "no window with rows was judged yet; status says what it waits for",
            ))
        }),
        (Status::InsufficientData, Some((_, verdict))) => verdict.reason.map(words::reason),
        _ => moved,
    };
    // An alarm has a beginning; a window that is fine, or drifts without alarm yet, speaks for itself alone.
    let since = judged.filter(|_| said > Status::Ok).map(|(of, _)| of.window.end);
    KindStatus { status: said, since, reason }
}

fn window(live: &Live, plan: &WindowPlan, latest: Option<&std::sync::Arc<Evaluation>>) -> WindowSummary {
    let verdicts = latest.map_or(&[][..], |evaluation| &evaluation.verdicts);
    let status = verdicts.iter().map(|verdict| words::status(verdict.status)).max();
    WindowSummary {
        length: length_text(plan.length),
        pane: plan.pane,
        last: latest.map(|evaluation| evaluation.window),
        rows: latest.map(|_| verdicts.iter().map(|verdict| words::rows(verdict.n_current)).sum()),
        status: status.unwrap_or(Status::InsufficientData),
        judged_at: latest.map(|evaluation| evaluation.judged_at),
        next_at: next_end(live, plan).map(|end| end.saturating_add(plan.lateness)),
    }
}

/// Where the next window ends; `None` before anything was counted.
pub fn next_end(live: &Live, plan: &WindowPlan) -> Option<Timestamp> {
    let first = || [live.book.first_pane(), live.first_stored].into_iter().flatten().min();
    live.state.evaluated_to(plan).or_else(first).map(|after| plan.pane.pane_of(after).end())
}

fn versions(live: &Live) -> Vec<VersionSummary> {
    let mut found: BTreeMap<&Version, VersionSummary> = BTreeMap::new();
    let named = |version: &Version| VersionSummary {
        version: version.clone(),
        rows: 0,
        first_row: None,
        newest_row: None,
        trained_at: live.trained_at.get(version).copied(),
        status: Status::InsufficientData,
    };
    for version in live.registered.versions() {
        found.insert(version, named(version));
    }
    for (version, rows) in live.learning.rows_by_version() {
        found.entry(version).or_insert_with(|| named(version)).rows = rows;
    }
    for (version, totals) in live.counted.by_version() {
        let summary = found.entry(version).or_insert_with(|| named(version));
        summary.rows += words::rows(totals.rows);
        (summary.first_row, summary.newest_row) = (Some(totals.first), Some(totals.newest));
    }
    for verdict in live.latest.values().flat_map(|evaluation| &evaluation.verdicts) {
        let summary = found.entry(&verdict.version).or_insert_with(|| named(&verdict.version));
        summary.status = summary.status.max(words::status(verdict.status));
    }
    for (version, _, alarm) in live.state.alarms().filter(|(_, kind, _)| *kind == Kind::Data) {
        if let Some(summary) = version.and_then(|version| found.get_mut(version)) {
            summary.status = summary.status.max(words::status(Some(alarm.severity).into()));
        }
    }
    let mut versions: Vec<VersionSummary> = found.into_values().collect();
    versions.sort_by_key(|version| std::cmp::Reverse(version.newest_row));
    versions
}

/// Until when windows that end now open no incident; pauses that follow each other count as one.
pub fn paused_until(model: &Model, live: &Live, now: Timestamp) -> Option<Timestamp> {
    let present = match model.options.clock {
        ClockMode::Live => now,
        ClockMode::Replay => live.watermark.newest()?,
    };
    let mut until = present;
    while let Some(pause) = live.controls.paused.iter().find(|pause| {
        pause.from <= until && pause.until.is_none_or(|end| end > until) && until < Timestamp::MAX
    }) {
        until = pause.until.unwrap_or(Timestamp::MAX);
    }
    (until > present).then_some(until)
}

fn counting(model: &Model) -> Counting {
    let frozen = model.frozen();
    let grid = |ruler: &Ruler| ruler.id().to_string();
    Counting {
        pane: model.options.plan.pane(),
        grid: frozen.as_ref().map(|frozen| grid(&frozen.ruler)),
        segment_grid: frozen.as_ref().map(|frozen| grid(&frozen.segment_ruler)),
        segments: model.options.segments.iter().map(ToString::to_string).collect(),
    }
}

fn reference(model: &Model) -> ReferenceSummary {
    let none = ReferenceSummary {
        state: ReferenceState::None,
        progress: None,
        ready_at: None,
        range: None,
        rows: None,
        null: Null::Iid,
    };
    let Some(frozen) = model.frozen() else {
        let ReferenceOptions::Learn(_) = model.options.reference else { return none };
        let (progress, period) = learn::progress(model).unwrap_or_default();
        let rows = model.live().learning.rows();
        return ReferenceSummary {
            state: ReferenceState::Learning,
            progress: Some(progress),
            ready_at: period.map(|period| period.end.saturating_add(model.lateness())),
            range: period,
            rows: Some(rows),
            ..none
        };
    };
    let live = model.live();
    let newest = live.latest.values().max_by_key(|evaluation| evaluation.judged_at);
    let judged =
        newest.and_then(|evaluation| evaluation.verdicts.first()).map(|verdict| drift::null(verdict.null));
    let measured = || {
        let mut nulls = frozen.profile.columns.iter().flat_map(|column| &column.nulls);
        nulls.any(|stored| matches!(stored.null, NullKind::Measured(_)))
    };
    let null = judged.unwrap_or_else(|| if measured() { Null::Profiled } else { Null::Iid });
    let baseline = live.controls.baseline.as_ref().zip(live.baseline.get(&Segment::All));
    match baseline {
        Some((baseline, tally)) => ReferenceSummary {
            state: ReferenceState::Baseline,
            range: Some(baseline.range),
            rows: Some(words::rows(tally.rows)),
            null,
            ..none
        },
        None => ReferenceSummary {
            state: match frozen.origin {
                Origin::Configured => ReferenceState::Profile,
                Origin::Learnt => ReferenceState::Learnt,
            },
            range: frozen.profile.facts.period,
            rows: Some(words::rows(frozen.profile.rows())),
            null,
            ..none
        },
    }
}
