//! `[labels]`, `[performance]` and `[[fairness]]`: how outcomes come, and how they are judged.

use std::collections::BTreeMap;
use std::time::Duration;

use figment::value::Value;

use super::SegmentSettings;
use crate::config::setting::Setting;
use crate::config::table::Table;
use crate::config::units::duration_text;
use crate::domain::Task;
use crate::fairness::FairnessMeasure;
use crate::performance::Metric;
use crate::verdict::{FairnessPlan, Loss, LossThresholds, OutcomePlan};

const DAY: Duration = Duration::from_secs(86_400);
/// Attributes whose groups are compared.
const FAIRNESS_MAX: usize = 8;

/// The plan, and how long halves of outcomes wait for each other.
pub(super) fn read(table: &Table<'_>, task: Task, segments: &SegmentSettings) -> (OutcomePlan, Duration) {
    let default = OutcomePlan::of(task);
    let (ttl, label_wait, min_coverage) = table.section("labels", |table| {
        let ttl = table.read_within("ttl", 30 * DAY, Duration::from_secs(60)..=400 * DAY);
        let wait = table.read_within("wait", default.label_wait, Duration::ZERO..=400 * DAY);
        if table.is_sound() && wait > ttl {
            let (ttl, wait) = (duration_text(ttl), duration_text(wait));
            table.error(
                "wait",
                format!("{wait} is longer than predictions wait for labels, ttl = {ttl}; raise ttl"),
            );
        }
        (ttl, wait, table.read_within("min_coverage", default.min_coverage, 0.0..=1.0))
    });
    let plan = table.section("performance", |table| read_performance(table, task, default));
    let fairness = read_fairness(table, task, segments);
    (OutcomePlan { label_wait, min_coverage, fairness, ..plan }, ttl)
}

fn read_performance(table: &Table<'_>, task: Task, default: OutcomePlan) -> OutcomePlan {
    let metrics: Vec<(&str, Metric)> =
        Metric::of(task).iter().map(|metric| (metric.as_str(), *metric)).collect();
    let what = match task {
        Task::Binary => "metric of a binary model",
        Task::Multiclass => "metric of a multiclass model",
        Task::Regression => "metric of a regression",
    };
    let primary = table.choice("primary", what, default.primary, &metrics);
    let min_samples = table.read_within("min_samples", default.min_samples, 1..=1_000_000_000);
    let sustained = table.read_within("sustained", u64::from(default.sustained_windows), 1..=100);
    let max_age = table.optional::<Duration>("max_age");
    let mut losses: BTreeMap<Metric, LossThresholds> = [(primary, LossThresholds::of(primary))].into();
    let written = table.section("losses", |table| of_metrics::<Losses>(table, &metrics));
    losses.extend(written.into_iter().map(|(metric, losses)| (metric, losses.0)));
    let baselines = table.section("baselines", |table| of_metrics::<f64>(table, &metrics));
    let sustained_windows = u32::try_from(sustained).unwrap_or(u32::MAX);
    let baselines = baselines.into_iter().collect();
    OutcomePlan { primary, min_samples, sustained_windows, max_age, losses, baselines, ..default }
}

fn of_metrics<T: Setting>(table: &Table<'_>, metrics: &[(&str, Metric)]) -> Vec<(Metric, T)> {
    metrics.iter().filter_map(|(name, metric)| Some((*metric, table.optional::<T>(name)?))).collect()
}

fn read_fairness(table: &Table<'_>, task: Task, segments: &SegmentSettings) -> Vec<FairnessPlan> {
    if task != Task::Binary && table.has("fairness") {
        table.error("fairness", "is for task = \"binary\" only; drop it");
    }
    let plans = table.tables("fairness", |table| {
        let attribute = table.read_if("attribute", String::new(), |attribute| {
            if segments.attributes.contains(attribute) {
                return Ok(());
            }
            Err(format!("`{attribute}` is none of segments.by ({})", segments.attributes.join(", ")))
        });
        if !table.has("attribute") {
            table.error("attribute", "is missing; name one of segments.by");
        }
        let min_samples = table.read_within("min_samples", OutcomePlan::MIN_SAMPLES, 1..=1_000_000_000);
        let usual = [FairnessMeasure::DemographicParityRatio, FairnessMeasure::EqualOpportunityDifference];
        let measures = table.section("limits", |table| {
            let limit = |measure: &FairnessMeasure| {
                let limit = table.optional_if::<f64>(measure.as_str(), |limit| match limit {
                    0.0..=1.0 => Ok(()),
                    _ => Err("is out of range; 0 to 1".to_owned()),
                });
                Some((*measure, limit?))
            };
            FairnessMeasure::ALL.iter().filter_map(limit).collect::<BTreeMap<_, _>>()
        });
        let measures = match measures.is_empty() {
            true => usual.into_iter().map(|measure| (measure, measure.default_limit())).collect(),
            false => measures,
        };
        FairnessPlan { attribute: attribute.into(), measures, min_samples }
    });
    if plans.len() > FAIRNESS_MAX {
        table.error("fairness", format!("are {}; at most {FAIRNESS_MAX}", plans.len()));
    }
    plans
}

/// `{ warning = 0.02, critical = "5%" }`: in the metric's unit, or as a share of the baseline.
struct Losses(LossThresholds);

const WANTED: &str =
    "write { warning = 0.02, critical = \"5%\" }: in the metric's unit, or as a share of the baseline";

impl Setting for Losses {
    fn read(value: &Value) -> Result<Self, String> {
        let dict = value.as_dict().ok_or_else(|| format!("is no loss; {WANTED}"))?;
        if let Some(key) = dict.keys().find(|key| !["warning", "critical"].contains(&key.as_str())) {
            return Err(format!("has the key `{key}`; {WANTED}"));
        }
        let loss = |key: &str| match dict.get(key) {
            Some(value) => loss(value).ok_or_else(|| format!("has a {key} that is no loss; {WANTED}")),
            None => Err(format!("has no {key}; {WANTED}")),
        };
        let (warning, critical) = (loss("warning")?, loss("critical")?);
        match (warning, critical) {
            (Loss::Absolute(a), Loss::Absolute(b)) | (Loss::Relative(a), Loss::Relative(b)) if a > b => {
                Err("has warning above critical; warning comes first".to_owned())
            }
            _ => Ok(Self(LossThresholds { warning, critical })),
        }
    }

    fn to_toml(&self) -> String {
        let text = |loss: Loss| match loss {
            Loss::Absolute(loss) => loss.to_toml(),
            Loss::Relative(share) => format!("\"{}%\"", share * 100.0),
        };
        format!("{{ warning = {}, critical = {} }}", text(self.0.warning), text(self.0.critical))
    }
}

fn loss(value: &Value) -> Option<Loss> {
    let positive = |number: f64| (number > 0.0).then_some(number);
    match value.as_str() {
        Some(text) => {
            let percent = text.strip_suffix('%')?.trim().parse::<f64>().ok().filter(|n| n.is_finite())?;
            positive(percent / 100.0).map(Loss::Relative)
        }
        None => positive(f64::read(value).ok()?).map(Loss::Absolute),
    }
}
