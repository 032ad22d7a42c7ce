//! What labels say of a model, in words and numbers: for its answer in sum, and in full.

use crate::domain::Version;
use crate::incident::calibration_moved;
use crate::pipeline::model::Live;
use crate::verdict::{Kind, OutcomeVerdict, Status, number};

/// What the last window that was judged by its labels says of one kind of drift; none where there is no such window.
pub fn said(live: &Live, version: Option<&Version>, kind: Kind) -> Option<String> {
    let verdicts = live.latest_outcomes.values().flat_map(|evaluation| &evaluation.verdicts);
    let verdict =
        verdicts.filter(|verdict| Some(&verdict.version) == version).max_by_key(|v| v.window.end)?;
    Some(in_words(verdict, kind))
}

/// "accuracy 0.916 (baseline 0.944, 0.912 expected): inputs moved and it shows; calibration moved with the inputs".
pub fn in_words(verdict: &OutcomeVerdict, kind: Kind) -> String {
    if kind == Kind::Bias {
        let breaches = verdict.bias.iter().filter(|finding| finding.status.severity().is_some());
        let words: Vec<String> = breaches
            .filter_map(|finding| {
                let found = finding.found.as_ref()?;
                let (measure, limit) = (finding.measure, number(finding.limit, 3));
                Some(format!(
                    "{measure} by {} {} (limit {limit}, {} lowest, {} highest)",
                    finding.attribute,
                    number(found.value, 3),
                    found.lowest,
                    found.highest
                ))
            })
            .collect();
        return match (words.is_empty(), verdict.bias.is_empty(), verdict.bias_status) {
            (false, ..) => words.join("; "),
            (true, true, _) => "no groups are watched".to_owned(),
            (true, false, Status::InsufficientData) if verdict.predicted == 0 => {
                verdict.explained().to_owned()
            }
            (true, false, Status::InsufficientData) => {
                "too few labelled rows of the groups to say".to_owned()
            }
            (true, false, _) => "no breach that is more than chance".to_owned(),
        };
    }
    let metric = verdict.metric(verdict.primary);
    let figures = metric.and_then(|metric| {
        let realised = number(metric.realised()?.value, 3);
        let baseline = metric.baseline.map(|baseline| format!("baseline {}", number(baseline, 3)));
        let expected = metric.gap.map(|gap| format!("{} expected", number(gap.estimated, 3)));
        let beside: Vec<String> = baseline.into_iter().chain(expected).collect();
        let beside = if beside.is_empty() { String::new() } else { format!(" ({})", beside.join(", ")) };
        Some(format!("{} {realised}{beside}: ", metric.metric))
    });
    let rider = verdict.concept.calibration.map(|moved| format!("; {}", calibration_moved(moved)));
    format!("{}{}{}", figures.unwrap_or_default(), verdict.explained(), rider.unwrap_or_default())
}
