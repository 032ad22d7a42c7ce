//! The policy: from what is known to a ruling.

use std::collections::BTreeSet;
use std::time::Duration;

use jiff::tz::TimeZone;

use super::cause::{Category, Cause};
use super::decision::{Inputs, Order, Ruling, Update, Withheld};
use super::due::Occasion;
use super::run::TargetName;
use super::run_key::RunKey;
use super::schedule::Schedule;
use crate::domain::{ModelId, Timestamp};
use crate::incident::{IncidentKind, Role};
use crate::verdict::Severity;

const DAY_SECONDS: f64 = 86_400.0;

/// When a model is retrained, and what must hold then.
#[derive(Debug, Clone, PartialEq)]
pub struct RetrainingPlan {
    pub target: TargetName,
    /// Of schedules and of the weeks that runs are named by.
    pub zone: TimeZone,
    pub weekly: Option<Schedule>,
    pub monthly: Option<Schedule>,
    pub quarterly: Option<Schedule>,
    /// Incidents that bring a run about, from this severity on.
    pub on: BTreeSet<IncidentKind>,
    pub on_severity: Severity,
    /// From one run to the next.
    pub cooldown: Duration,
    /// New labels that are needed.
    pub min_new_labels: u64,
    /// Labelled share of the training window's predictions that is needed, in [0, 1].
    pub min_label_coverage: f64,
    /// Below this age a scheduled run needs drift.
    pub young: Duration,
    /// Event time to train on.
    pub window: Duration,
    /// From the target's yes to the report of a version.
    pub report_within: Duration,
}

/// The wish for a run, with what a person says of it.
#[derive(Debug, Clone, Copy)]
pub struct Wish<'a> {
    pub occasion: &'a Occasion,
    pub category: Category,
    pub reason: &'a str,
    /// Whether a run of this key was asked for before.
    pub is_known: bool,
}

impl RetrainingPlan {
    pub fn schedule(&self, cause: Cause) -> Option<&Schedule> {
        match cause {
            Cause::Scheduled => self.weekly.as_ref(),
            Cause::Monthly => self.monthly.as_ref(),
            Cause::Quarterly => self.quarterly.as_ref(),
            Cause::Drift | Cause::Manual => None,
        }
    }

    /// The key of the run that an occasion would bring about.
    pub fn run_key(&self, model: &ModelId, occasion: &Occasion, reason: &str) -> RunKey {
        let at = jiff::Timestamp::from_microsecond(occasion.at.micros()).unwrap_or_default();
        RunKey::new(model, at.to_zoned(self.zone.clone()).date(), occasion.cause, reason)
    }

    /// When the next planned runs come round, each with its cause.
    pub fn upcoming(&self, now: Timestamp) -> Vec<(Cause, Timestamp)> {
        let next = |cause| Some((cause, self.schedule(cause)?.next(now, &self.zone)?));
        Cause::PLANNED.into_iter().filter_map(next).collect()
    }
}

/// What sort of maintenance a run would be, where nobody says.
pub fn category_of(cause: Cause, inputs: &Inputs) -> Category {
    match (cause, update_of(inputs)) {
        (Cause::Scheduled | Cause::Monthly | Cause::Quarterly, _) => Category::Preventive,
        (Cause::Drift, Update::Minor) => Category::Adaptive,
        (Cause::Drift | Cause::Manual, _) => Category::Corrective,
    }
}

/// Triggers where nothing stands against it. Every reason is found, not the first alone. What a calendar plans and
/// what a person asks for needs no drift; all the rest holds for everybody.
pub fn decide(plan: &RetrainingPlan, model: &ModelId, wish: Wish<'_>, inputs: &Inputs) -> Ruling {
    let (cause, at) = (wish.occasion.cause, wish.occasion.at);
    let run_key = plan.run_key(model, wish.occasion, wish.reason);
    let mut reasons = Vec::new();
    if wish.is_known {
        reasons.push(Withheld::AlreadyRun { run: run_key.clone() });
    } else if let Some(run) = &inputs.open_run {
        reasons.push(Withheld::RunOpen { run: run.clone() });
    }
    if let Some(last) = &inputs.last_run {
        let until = last.at.saturating_add(plan.cooldown);
        if at < until {
            reasons.push(Withheld::Cooldown { last: last.at, until });
        }
    }
    if let Some(labels) = inputs.labels {
        if labels.new < plan.min_new_labels {
            reasons.push(Withheld::TooFewNewLabels { labels: labels.new, needed: plan.min_new_labels });
        }
        let coverage = match labels.predicted {
            0 => 0.0,
            predicted => labels.labelled as f64 / predicted as f64,
        };
        if coverage < plan.min_label_coverage {
            reasons.push(Withheld::LowLabelCoverage { coverage, needed: plan.min_label_coverage });
        }
    }
    if !inputs.data_quality.is_empty() {
        reasons.push(Withheld::DataQualityIncident { incidents: inputs.data_quality.clone() });
    }
    if cause == Cause::Scheduled
        && inputs.drifted.is_empty()
        && let Some(age) = age(inputs, at)
        && age < plan.young
    {
        let days = |duration: Duration| duration.as_secs_f64() / DAY_SECONDS;
        reasons.push(Withheld::NothingDrifted { age_days: days(age), young_days: days(plan.young) });
    }
    if !reasons.is_empty() {
        return Ruling::Withhold { reasons };
    }
    let update = update_of(inputs);
    let order = Order {
        run_key,
        model: model.clone(),
        version: inputs.version.clone(),
        cause,
        category: wish.category,
        reason: wish.reason.to_owned(),
        update,
        window: inputs.window,
        labels: inputs.labels,
        drifted: inputs.drifted.clone(),
        validators: validators(update, inputs),
    };
    Ruling::Trigger { order: Box::new(order) }
}

/// Since the model was trained or a run was asked for; `None` where neither is known.
fn age(inputs: &Inputs, at: Timestamp) -> Option<Duration> {
    let run = inputs.last_run.as_ref().map(|last| last.at);
    run.max(inputs.trained_at).map(|since| at.since(since))
}

/// Recent data answer data drift; another relation or wear does not go away with them alone.
fn update_of(inputs: &Inputs) -> Update {
    let is_major =
        |kind| matches!(kind, IncidentKind::ConceptDrift | IncidentKind::ModelDrift | IncidentKind::Bias);
    match inputs.drifted.iter().any(|drifted| is_major(drifted.kind)) {
        true => Update::Major,
        false => Update::Minor,
    }
}

fn validators(update: Update, inputs: &Inputs) -> Vec<Role> {
    let mut validators = vec![Role::ModelOwner];
    if update == Update::Major {
        validators.push(Role::BusinessOwner);
    }
    if inputs.drifted.iter().any(|drifted| drifted.kind == IncidentKind::Bias) {
        validators.push(Role::SecurityOfficer);
    }
    validators
}
