//! Whether groups are treated alike.

use crate::domain::Segment;
use crate::fairness::{Assessment, Breach, Emergence, FairnessRule, Skipped, assess};
use crate::performance::{Confusion, Record};
use crate::reference::Baseline;
use crate::verdict::status::{Severity, Status};

use super::plan::{FairnessPlan, OutcomePlan};
use super::verdict::{BiasFinding, BiasValue};

/// Assesses every measure of every attribute; `alpha` is shared among them. `segments`: the records of the window's slices.
pub(super) fn judge(
    plan: &OutcomePlan,
    segments: &[(Segment, Record)],
    baseline: Option<&Baseline>,
    alpha: f64,
) -> Vec<BiasFinding> {
    let measures: usize = plan.fairness.iter().map(|fairness| fairness.measures.len()).sum();
    let alpha = alpha / measures.max(1) as f64;
    let reference = baseline.into_iter().flat_map(|baseline| &baseline.segments);
    let reference: Vec<(&Segment, &Record)> = reference.collect();
    let each = plan.fairness.iter().flat_map(|fairness| {
        let groups = groups(&fairness.attribute, segments.iter().map(|(segment, record)| (segment, record)));
        let reference = groups_of(&fairness.attribute, &reference);
        one_attribute(fairness, groups, reference, alpha)
    });
    each.collect()
}

/// The worst of all findings; insufficient data only where nothing could be assessed.
pub(super) fn status(findings: &[BiasFinding]) -> Status {
    let worst = findings.iter().filter_map(|finding| finding.status.severity()).max();
    match worst {
        None if findings.iter().all(|finding| finding.status == Status::InsufficientData) => {
            Status::InsufficientData
        }
        worst => worst.into(),
    }
}

type Groups = Vec<(String, Confusion)>;

fn one_attribute(plan: &FairnessPlan, groups: Groups, reference: Groups, alpha: f64) -> Vec<BiasFinding> {
    let min_samples = i64::try_from(plan.min_samples).unwrap_or(i64::MAX);
    let of_measure = |(&measure, &limit): (&crate::fairness::FairnessMeasure, &f64)| {
        let rule = FairnessRule { limit, alpha, min_samples };
        let finding = |status, found, left_out| BiasFinding {
            attribute: plan.attribute.clone(),
            measure,
            limit,
            status,
            found,
            left_out,
        };
        match assess(measure, &rule, &groups, &reference) {
            Ok(assessment) => {
                let left_out = assessment.left_out.clone();
                finding(severity(&assessment.breach).into(), Some(BiasValue::from(assessment)), left_out)
            }
            Err(Skipped::TooFewGroups { left_out } | Skipped::NothingSelected { left_out }) => {
                finding(Status::InsufficientData, None, left_out)
            }
        }
    };
    plan.measures.iter().map(of_measure).collect()
}

/// A breach is critical unless the reference had it too.
fn severity(breach: &Breach) -> Option<Severity> {
    match breach {
        Breach::None => None,
        Breach::Found { emergence: Emergence::AsInReference, .. } => Some(Severity::Warning),
        Breach::Found { emergence: Emergence::Emerged | Emergence::Unknown, .. } => Some(Severity::Critical),
    }
}

fn groups<'a>(attribute: &str, records: impl Iterator<Item = (&'a Segment, &'a Record)>) -> Groups {
    let of_attribute = records.filter_map(|(segment, record)| match segment {
        Segment::Slice { attribute: of, value } if **of == *attribute => {
            Some((value.to_string(), record.confusion()?))
        }
        _ => None,
    });
    of_attribute.collect()
}

fn groups_of(attribute: &str, records: &[(&Segment, &Record)]) -> Groups {
    groups(attribute, records.iter().copied())
}

impl From<Assessment> for BiasValue {
    fn from(assessment: Assessment) -> Self {
        let Assessment { value, interval, lowest, highest, rate, breach, .. } = assessment;
        match breach {
            Breach::None => Self { value, interval, rate, lowest, highest, emergence: None },
            Breach::Found { lowest, highest, rate, emergence, .. } => {
                Self { value, interval, rate, lowest, highest, emergence: Some(emergence) }
            }
        }
    }
}
