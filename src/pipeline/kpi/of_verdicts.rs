//! What verdicts say of technical KPIs: the share of columns that drifted, performance, fairness. Each is a sample of the
//! last instant of its window, under the verdict's revision, so that a later judgement of the window takes its place.

use super::options::KpiOptions;
use crate::domain::{ModelId, Segment, TimeRange, Timestamp};
use crate::fairness::FairnessMeasure;
use crate::kpi::families::TechnicalStream;
use crate::kpi::{Sample, SampleValue, Sign, State, StreamKey};
use crate::pipeline::options::ModelOptions;
use crate::store::KpiDelta;
use crate::verdict::{BiasFinding, Evaluation, MetricVerdict, OutcomeEvaluation, Status};

/// The share of judged columns that drifted, of the version with most rows.
pub fn of_evaluation(model: &ModelOptions, evaluation: &Evaluation, options: &KpiOptions) -> Vec<KpiDelta> {
    if !is_fed(model, evaluation.window, options) {
        return Vec::new();
    }
    let Some(verdict) = evaluation.verdicts.iter().max_by_key(|verdict| verdict.n_current) else {
        return Vec::new();
    };
    let judged = verdict.columns.iter().filter(|column| column.status != Status::InsufficientData).count();
    let share = (judged > 0).then(|| verdict.drifted.len() as f64 / judged as f64);
    let at = (evaluation.window, evaluation.revision);
    sample(options, &model.id, TechnicalStream::DriftShare, at, share).into_iter().collect()
}

/// The primary metric, and how equally groups are treated, of the version with most labels.
pub fn of_outcomes(
    model: &ModelOptions,
    evaluation: &OutcomeEvaluation,
    options: &KpiOptions,
) -> Vec<KpiDelta> {
    if !is_fed(model, evaluation.window, options) {
        return Vec::new();
    }
    let Some(verdict) = evaluation.verdicts.iter().max_by_key(|verdict| verdict.labelled) else {
        return Vec::new();
    };
    let at = (evaluation.window, evaluation.revision);
    let realised = verdict.foremost().and_then(MetricVerdict::realised).map(|value| value.value);
    let equality = verdict.bias.iter().filter_map(equality).min_by(f64::total_cmp);
    let performance = sample(options, &model.id, TechnicalStream::Performance, at, realised);
    performance
        .into_iter()
        .chain(sample(options, &model.id, TechnicalStream::Fairness, at, equality))
        .collect()
}

/// 1 where all groups are treated alike: the ratio, or one less the difference.
fn equality(finding: &BiasFinding) -> Option<f64> {
    let value = finding.found.as_ref()?.value;
    Some(match finding.measure {
        FairnessMeasure::DemographicParityRatio => value,
        FairnessMeasure::DemographicParityDifference
        | FairnessMeasure::EqualOpportunityDifference
        | FairnessMeasure::EqualisedOddsDifference
        | FairnessMeasure::AccuracyDifference => 1.0 - value,
    })
}

/// Windows of one length only: the shortest.
fn is_fed(model: &ModelOptions, window: TimeRange, options: &KpiOptions) -> bool {
    let shortest = model.plan.windows.iter().map(|window| window.length).min();
    let is_technical = options.feeds.get(&model.id).is_some_and(|feed| feed.technical.is_some());
    is_technical && shortest == Some(window.end.since(window.start))
}

fn sample(
    options: &KpiOptions,
    model: &ModelId,
    technical: TechnicalStream,
    (window, revision): (TimeRange, u32),
    value: Option<f64>,
) -> Option<KpiDelta> {
    let id = technical.of(model);
    let stream = options.catalogue.streams().get(&id)?;
    let at = Timestamp::from_micros(window.end.micros() - 1);
    let sample = Sample { at, value: SampleValue::Number(value?), revision, sign: Sign::Counts };
    let state = State::of(stream.kind, &sample).ok()?;
    let calendar = options.catalogue.calendar();
    let pane = calendar.pane(stream.pane, calendar.pane_of(stream.pane, at));
    Some(KpiDelta { key: StreamKey { stream: id, segment: Segment::All, pane }, newest: at, state })
}
