//! Owners are told of decisions that come or have passed.

use std::collections::BTreeMap;

use super::Kpis;
use super::marks::Reminded;
use crate::domain::Segment;
use crate::incident::{IncidentKey, IncidentKind, Input, Observation, Origin, Subject};
use crate::kpi::UseCaseId;
use crate::store::{Store, StoreError};
use crate::use_case::{Decision, Due, Portfolio};
use crate::verdict::Severity;

impl<S: Store> Kpis<S> {
    /// Once when a date comes near and once when it has passed, whoever resolved what was told; each is over when the
    /// config has another date, and the first when the second is told.
    pub(super) async fn remind(&self, sum: &Portfolio) -> Result<(), StoreError> {
        // A replay that has not begun has no day.
        if self.present().is_none() {
            return Ok(());
        }
        let mut marks = self.marks.lock().await;
        let mut next = marks.clone();
        next.reminded.clear();
        let mut inputs = Vec::new();
        for decision in &sum.decisions {
            let has_passed = matches!(decision.due, Due::Passed { .. });
            let now = Reminded { date: decision.date, has_passed };
            let before = marks.reminded.get(&decision.use_case);
            if before != Some(&now) {
                inputs
                    .extend(before.map(|before| (key(&decision.use_case, before.has_passed), Input::Clear)));
                let input = Input::Raise {
                    severity: Severity::Warning,
                    seen: Observation::words(words(decision)),
                    origin: Origin::Driftd,
                    tags: tags(decision),
                };
                inputs.push((key(&decision.use_case, has_passed), input));
            }
            next.reminded.insert(decision.use_case.clone(), now);
        }
        let over = marks.reminded.iter().filter(|(use_case, _)| !next.reminded.contains_key(*use_case));
        inputs.extend(over.map(|(use_case, told)| (key(use_case, told.has_passed), Input::Clear)));
        match inputs.is_empty() {
            true => Ok(()),
            false => self.commit(&mut marks, next, inputs).await,
        }
    }
}

fn words(decision: &Decision) -> String {
    let owner = decision.owner.as_ref().map(|owner| format!("; {} owns it", owner.as_str()));
    let owner = owner.unwrap_or_default();
    match decision.due {
        Due::Coming { .. } => {
            format!("a decision on {} is due by {}{owner}", decision.use_case, decision.date)
        }
        Due::Passed { .. } => {
            format!("a decision on {} was due by {} and has passed{owner}", decision.use_case, decision.date)
        }
    }
}

fn tags(decision: &Decision) -> BTreeMap<String, String> {
    let owner = decision.owner.as_ref().map(|owner| ("owner".to_owned(), owner.as_str().to_owned()));
    [("use_case".to_owned(), decision.use_case.to_string())].into_iter().chain(owner).collect()
}

fn key(use_case: &UseCaseId, has_passed: bool) -> IncidentKey {
    let what = if has_passed { "decision passed" } else { "decision" };
    IncidentKey {
        model: None,
        version: None,
        segment: Segment::All,
        kind: IncidentKind::Kpi,
        subject: Subject::cut(&format!("{use_case} {what}")),
    }
}
