//! What is watched beside drift, with its numbers in words: traffic, silence, the schema.

use super::words;
use crate::domain::Timestamp;
use crate::pipeline::model::{Live, Model};
use crate::sketch::{Ruler, Tally};
use crate::statistic::{Reason, Thresholds};
use crate::verdict::{
    Alarm, Evaluation, Kind, SchemaVerdict, SilenceAfter, SilenceVerdict, VOLUME_FACTORS, Verdict,
    VolumeVerdict, judge_schema, number, percent,
};
use crate::web::answer::{Explanation, KindStatus, SchemaAnswer, ShareOfRows, Status};
use crate::window::ClockMode;

/// The rows of the last pane beside their habit.
pub fn traffic(live: &Live) -> KindStatus {
    let judged = live.latest.values().filter_map(|evaluation| evaluation.volume.as_ref());
    let Some(volume) = judged.max_by_key(|volume| volume.pane.end) else {
        return unjudged("no_window", "no pane of traffic has closed yet");
    };
    stand(live, Kind::Volume, words::status(volume.status), traffic_said(volume))
}

pub fn traffic_said(volume: &VolumeVerdict) -> Explanation {
    let (rows, pane) = (words::count(words::rows(volume.rows)), volume.pane);
    let Some((habit, factor)) = volume.habit.zip(volume.factor) else {
        let message = format!(
            "{rows} rows from {} to {}; what is usual is known once the same pane of three days of the last week was counted",
            pane.start, pane.end
        );
        return Explanation::new("no_history", message);
    };
    let far = match volume.rows as f64 >= habit {
        _ if factor < 1.05 => "as usual".to_owned(),
        true => format!("{factor:.1} times more"),
        false => format!("{factor:.1} times fewer"),
    };
    let Thresholds { warning, critical } = VOLUME_FACTORS;
    let message = format!(
        "{rows} rows from {} to {} where {} are usual: {far} (warning from {warning} times, critical from {critical})",
        pane.start,
        pane.end,
        number(habit, 4)
    );
    Explanation::new("habit", message)
}

/// How long ago the newest row is.
pub fn silence(model: &Model, live: &Live, now: Timestamp) -> KindStatus {
    let Some(silence) = live.silence else {
        let newest = live.watermark.newest();
        return match (model.options.plan.silence_after, model.options.clock, newest) {
            (SilenceAfter::Off, ..) => unjudged("not_watched", "silence_after is \"off\""),
            (_, ClockMode::Replay, _) => unjudged("not_watched", "a replay has no clock to be silent by"),
            (.., None) => unjudged("no_rows", "no row came yet"),
            _ if model.frozen().is_none() => {
                unjudged("no_reference", "nothing is judged before there is a reference")
            }
            (SilenceAfter::Auto, ..) => {
                unjudged("no_history", "how long pauses usually are is known after seven days of rows")
            }
            (SilenceAfter::After(_), ..) => unjudged("no_window", "it is judged within a second"),
        };
    };
    stand(live, Kind::Silence, words::status(silence.status), silence_said(&silence, now))
}

pub fn silence_said(silence: &SilenceVerdict, now: Timestamp) -> Explanation {
    let [warning, critical] = silence.limits().map(words::length);
    let message = format!(
        "the newest row is of {}, {} ago (warning from {warning}, critical from {critical})",
        silence.last_row,
        words::length(now.since(silence.last_row))
    );
    Explanation::new("newest_row", message)
}

/// Values of the wrong type and features outside the schema, in the worst of the last windows.
pub fn schema(model: &Model, live: &Live) -> KindStatus {
    let verdicts = live.latest.values().flat_map(each_verdict);
    let worst = verdicts.max_by_key(|(of, verdict)| (words::status(verdict.schema.status), of.window.end));
    let Some((_, verdict)) = worst else {
        return unjudged("no_window", "no window with rows was judged yet; status says what it waits for");
    };
    let said = schema_said(&verdict.schema, verdict.n_current, model.options.plan.schema_violations);
    stand(live, Kind::Schema, words::status(verdict.schema.status), said)
}

/// How the counts of a window keep to the schema.
pub fn schema_of(model: &Model, ruler: &Ruler, current: &Tally, min_samples: u64) -> SchemaAnswer {
    let limits = model.options.plan.schema_violations;
    let schema = judge_schema(ruler, current, limits, min_samples);
    let share = |(name, share): (String, f64)| ShareOfRows { name, share };
    SchemaAnswer {
        status: words::status(schema.status),
        reason: schema_said(&schema, current.rows, limits),
        unknown_share: schema.unknown_share,
        wrong_type: schema.wrong_type.into_iter().map(|(id, of)| share((id.to_string(), of))).collect(),
        unknown_features: schema.unknown_features.into_iter().map(share).collect(),
    }
}

/// Rows that are not counted yet.
pub fn no_schema(reason: Explanation) -> SchemaAnswer {
    SchemaAnswer {
        status: Status::InsufficientData,
        reason,
        wrong_type: Vec::new(),
        unknown_share: 0.0,
        unknown_features: Vec::new(),
    }
}

fn each_verdict(evaluation: &std::sync::Arc<Evaluation>) -> impl Iterator<Item = (&Evaluation, &Verdict)> {
    evaluation.verdicts.iter().map(move |verdict| (&**evaluation, verdict))
}

pub fn schema_said(schema: &SchemaVerdict, rows: i64, limits: Thresholds) -> Explanation {
    let SchemaVerdict { status, wrong_type, unknown_share, unknown_features, .. } = schema;
    let rows = words::count(words::rows(rows));
    if words::status(*status) == Status::InsufficientData {
        return words::reason(Reason::InsufficientData);
    }
    let mut broken: Vec<String> = wrong_type
        .iter()
        .take(3)
        .map(|(column, share)| format!("`{column}` is of the wrong type in {} of the rows", percent(*share)))
        .collect();
    if *unknown_share > 0.0 {
        let names: Vec<String> =
            unknown_features.iter().take(3).map(|(name, _)| format!("`{name}`")).collect();
        let names = if names.is_empty() { String::new() } else { format!(" ({})", names.join(", ")) };
        broken
            .push(format!("{} carry features that the model does not have{names}", percent(*unknown_share)));
    }
    if broken.is_empty() {
        return Explanation::new("kept", format!("all {rows} rows of the window keep to the schema"));
    }
    let Thresholds { warning, critical } = limits;
    let message = format!(
        "{}; of {rows} rows (warning from {}, critical from {})",
        broken.join(", "),
        percent(warning),
        percent(critical)
    );
    Explanation::new("violations", message)
}

/// The worse of what was judged last and an alarm that is still open.
fn stand(live: &Live, kind: Kind, judged: Status, said: Explanation) -> KindStatus {
    let alarms = live.state.alarms().filter(|(_, of, _)| *of == kind).map(|(_, _, alarm)| alarm);
    let worst: Option<&Alarm> = alarms.max_by_key(|alarm| alarm.severity);
    let open = worst.map_or(judged, |alarm| words::status(Some(alarm.severity).into()));
    KindStatus { status: judged.max(open), since: worst.map(|alarm| alarm.opened_at), reason: Some(said) }
}

fn unjudged(code: &str, message: &str) -> KindStatus {
    let reason = Some(Explanation::new(code, message));
    KindStatus { status: Status::InsufficientData, since: None, reason }
}
