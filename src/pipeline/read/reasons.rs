//! Why a model stands at warning or critical: every alarm that is open, and what the last windows say without one.

use std::collections::BTreeSet;

use super::{checks, outcomes, words};
use crate::domain::{Segment, Timestamp, Version};
use crate::pipeline::model::{Live, Model};
use crate::verdict::{Alarm, Cause, ColumnVerdict, Kind, Severity, StatisticVerdict, Verdict, number};
use crate::web::answer::{Concern, StatusReason};

/// Worst first. Empty where all is well, or nothing is judged.
pub fn reasons(model: &Model, live: &Live, now: Timestamp) -> Vec<StatusReason> {
    let mut reasons: Vec<StatusReason> = live
        .state
        .alarms()
        .map(|(version, kind, alarm)| of_alarm(model, live, version, kind, alarm, now))
        .collect();
    let open = |version: &Version, kind: Kind| {
        live.state.alarms().any(|(of, open, _)| of == Some(version) && open == kind)
    };
    let mut told = BTreeSet::new();
    for verdict in live.latest.values().flat_map(|evaluation| &evaluation.verdicts) {
        let version = &verdict.version;
        if let Some(severity) = verdict.status.severity()
            && !open(version, Kind::Data)
            && told.insert((version, Kind::Data))
        {
            reasons.push(drifts(verdict, severity));
        }
        if let Some(severity) = verdict.schema.severity()
            && !open(version, Kind::Schema)
            && told.insert((version, Kind::Schema))
        {
            reasons.push(breaks_schema(model, verdict, severity));
        }
    }
    reasons.sort_by(|a, b| (b.status, &a.version).cmp(&(a.status, &b.version)));
    reasons
}

fn of_alarm(
    model: &Model,
    live: &Live,
    version: Option<&Version>,
    kind: Kind,
    alarm: &Alarm,
    now: Timestamp,
) -> StatusReason {
    let verdicts = || {
        let all = live.latest.values().flat_map(|evaluation| &evaluation.verdicts);
        all.filter(|verdict| Some(&verdict.version) == version)
    };
    let reason = match kind {
        Kind::Data => {
            let caused = |column: &&ColumnVerdict| alarm.causes.contains(&cause(column));
            let columns = verdicts().flat_map(|verdict| &verdict.columns).filter(caused);
            foremost(columns).map(|column| of_column(column, alarm.severity))
        }
        Kind::Schema => {
            let worst = verdicts().max_by(|a, b| a.schema.worst_share.total_cmp(&b.schema.worst_share));
            worst.map(|verdict| breaks_schema(model, verdict, alarm.severity))
        }
        Kind::Volume => {
            let judged = live.latest.values().filter_map(|evaluation| evaluation.volume.as_ref());
            let last = judged.max_by_key(|volume| volume.pane.end);
            last.map(|volume| plain(Concern::Traffic, alarm.severity, checks::traffic_said(volume).message))
        }
        Kind::Concept | Kind::Model | Kind::Bias => {
            outcomes::said(live, version, kind).map(|message| plain(concern(kind), alarm.severity, message))
        }
        Kind::Silence => live.silence.as_ref().map(|silence| {
            plain(Concern::Silence, alarm.severity, checks::silence_said(silence, now).message)
        }),
    };
    let unknown = || {
        let message = "it closes once what opened it is over for a full window".to_owned();
        plain(concern(kind), alarm.severity, message)
    };
    StatusReason { version: version.cloned(), since: Some(alarm.opened_at), ..reason.unwrap_or_else(unknown) }
}

/// A window that drifts without an alarm: paused, history, or not in enough windows in a row yet.
fn drifts(verdict: &Verdict, severity: Severity) -> StatusReason {
    let reason = match foremost(verdict.alarming()) {
        Some(column) => of_column(column, severity),
        None => plain(Concern::Data, severity, verdict.moved_most.clone().unwrap_or_default()),
    };
    StatusReason { version: Some(verdict.version.clone()), ..reason }
}

fn breaks_schema(model: &Model, verdict: &Verdict, severity: Severity) -> StatusReason {
    let limits = model.options.plan.schema_violations;
    let threshold = if severity == Severity::Critical { limits.critical } else { limits.warning };
    StatusReason {
        version: Some(verdict.version.clone()),
        value: Some(verdict.schema.worst_share),
        threshold: Some(threshold),
        ..plain(
            Concern::Schema,
            severity,
            checks::schema_said(&verdict.schema, verdict.n_current, limits).message,
        )
    }
}

/// The column of a window that stands out most.
fn foremost<'a>(columns: impl Iterator<Item = &'a ColumnVerdict>) -> Option<&'a ColumnVerdict> {
    columns.max_by(|a, b| a.pull().total_cmp(&b.pull()))
}

fn of_column(column: &ColumnVerdict, severity: Severity) -> StatusReason {
    let statistic = column.foremost();
    let measured = statistic.and_then(measured);
    let figures = measured.map(|(value, threshold, limit)| {
        let name = statistic.map_or("", |of| of.statistic.as_str());
        format!(" ({name} {}, {limit} from {})", number(value, 3), number(threshold, 3))
    });
    let slice = match &column.segment {
        Segment::All => String::new(),
        slice => format!(" where {slice}"),
    };
    let what = match &column.moved {
        Some(moved) => format!("{moved}{slice}"),
        None => {
            format!("`{}`{slice} no longer alarms, and has yet to be quiet for a full window", column.column)
        }
    };
    StatusReason {
        column: Some(column.column.clone()),
        statistic: statistic.map(|of| of.statistic),
        value: measured.map(|(value, ..)| value),
        threshold: measured.map(|(_, threshold, _)| threshold),
        ..plain(Concern::Data, severity, what + &figures.unwrap_or_default())
    }
}

/// A statistic's value, the threshold that it has reached or would reach first, and which one that is.
fn measured(of: &StatisticVerdict) -> Option<(f64, f64, Severity)> {
    let (value, thresholds) = of.value.zip(of.thresholds)?;
    Some(match of.effect {
        Some(Severity::Critical) => (value, thresholds.critical, Severity::Critical),
        _ => (value, thresholds.warning, Severity::Warning),
    })
}

fn plain(concern: Concern, severity: Severity, message: String) -> StatusReason {
    StatusReason {
        concern,
        status: words::status(Some(severity).into()),
        version: None,
        since: None,
        message,
        column: None,
        statistic: None,
        value: None,
        threshold: None,
    }
}

fn cause(column: &ColumnVerdict) -> Cause {
    Cause { column: column.column.clone(), segment: column.segment.clone(), reference: column.reference }
}

fn concern(kind: Kind) -> Concern {
    match kind {
        Kind::Data => Concern::Data,
        Kind::Volume => Concern::Traffic,
        Kind::Silence => Concern::Silence,
        Kind::Schema => Concern::Schema,
        Kind::Concept => Concern::Concept,
        Kind::Model => Concern::Model,
        Kind::Bias => Concern::Bias,
    }
}
