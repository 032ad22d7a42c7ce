//! `[performance]`: the metric that counts, what loss of it matters, for how long.

use std::time::Duration;

use figment::value::Value;

use crate::config::nearest;
use crate::config::setting::Setting;
use crate::config::table::Table;
use crate::domain::Task;
use crate::performance::{Harm, Metric};
use crate::verdict::{Loss, LossThresholds, OutcomePlan};

const DAY: Duration = Duration::from_secs(86_400);

/// What is left out of the task's metrics is as it is by default, and said nowhere.
pub(super) fn read(table: &Table<'_>, task: Task) -> OutcomePlan {
    let default = OutcomePlan::of(task);
    let metrics = Metric::of(task);
    let words: Vec<(&str, Metric)> = metrics.iter().map(|metric| (metric.as_str(), *metric)).collect();
    let primary = table.choice("primary", "metric of this task", default.primary, &words);
    let sustained = table.read_within("sustained", u64::from(default.sustained_windows), 1..=100);
    let mut plan = OutcomePlan {
        primary,
        min_samples: table.read_within("min_samples", default.min_samples, 1..=1_000_000_000),
        sustained_windows: u32::try_from(sustained).unwrap_or(u32::MAX),
        max_age: table.optional_if("max_age", |age| match (DAY..=3_650 * DAY).contains(age) {
            true => Ok(()),
            false => Err("is out of range; from 24h to 3650d".to_owned()),
        }),
        losses: [(primary, LossThresholds::of(primary))].into(),
        ..default
    };
    for &metric in metrics {
        let said = match metric == primary {
            true => Some(table.section(metric.as_str(), |table| read_metric(table, metric, true))),
            false => table.optional_section(metric.as_str(), |table| read_metric(table, metric, false)),
        };
        let Some(Said { losses, baseline }) = said else { continue };
        plan.losses.extend(losses.map(|losses| (metric, losses)));
        plan.baselines.extend(baseline.map(|baseline| (metric, baseline)));
    }
    table.others(|entry, name| {
        entry.pass_over();
        entry.error("", no_metric(name, metrics));
    });
    plan
}

fn no_metric(name: &str, metrics: &[Metric]) -> String {
    let names: Vec<&str> = metrics.iter().map(|metric| metric.as_str()).collect();
    match nearest(name, names.iter().copied()) {
        Some(near) => format!("is no metric of this task; did you mean `{near}`?"),
        None => format!("is no metric of this task; those are {}", names.join(", ")),
    }
}

/// What is said of one metric.
struct Said {
    losses: Option<LossThresholds>,
    baseline: Option<f64>,
}

/// A metric that counts, or of which one threshold is given, has both.
fn read_metric(table: &Table<'_>, metric: Metric, counts: bool) -> Said {
    let default = LossThresholds::of(metric);
    let given = ["warning", "critical"].map(|key| table.has(key));
    let loss = |key: &str, default: Loss| match counts || given.contains(&true) {
        true => Some(table.read_if(key, default, |loss| is_possible(metric, *loss))),
        false => table.optional(key),
    };
    let losses = loss("warning", default.warning).zip(loss("critical", default.critical));
    let losses = losses.map(|(warning, critical)| LossThresholds { warning, critical });
    let baseline = table.optional_if("baseline", |baseline| match metric.range().contains(baseline) {
        true => Ok(()),
        false => Err(format!("is out of range; {metric} is {}", range_text(metric))),
    });
    if table.is_sound()
        && let Some(losses) = losses
        && let Err((key, message)) = go_together(losses, given, baseline)
    {
        table.error(key, message);
    }
    Said { losses, baseline }
}

fn is_possible(metric: Metric, loss: Loss) -> Result<(), String> {
    let range = metric.range();
    let most = match loss {
        Loss::Absolute(_) => range.end() - range.start(),
        Loss::Relative(_) if metric.harm() == Harm::Falling && *range.start() >= 0.0 => 1.0,
        Loss::Relative(_) => f64::INFINITY,
    };
    match loss {
        Loss::Absolute(loss) | Loss::Relative(loss) if loss > most => {
            Err(format!("is more than can be lost; {metric} is {}", range_text(metric)))
        }
        _ => Ok(()),
    }
}

fn range_text(metric: Metric) -> String {
    let range = metric.range();
    match (range.start().is_finite(), range.end().is_finite()) {
        (true, true) => format!("from {} to {}", range.start(), range.end()),
        (true, false) => format!("from {} up", range.start()),
        (false, true) => format!("at most {}", range.end()),
        (false, false) => "any number".to_owned(),
    }
}

/// `given`: whether warning, and critical, are written. Errors with their key.
fn go_together(
    losses: LossThresholds,
    given: [bool; 2],
    baseline: Option<f64>,
) -> Result<(), (&'static str, String)> {
    let LossThresholds { warning, critical } = losses;
    let [first, then] = [warning, critical].map(|loss| loss.to_toml().trim_matches('"').to_owned());
    let wrong = match (warning, critical) {
        (Loss::Absolute(a), Loss::Absolute(b)) | (Loss::Relative(a), Loss::Relative(b)) => (a > b)
            .then(|| format!("has warning {first} above critical {then}; warning comes first")),
        _ => (given != [true, true]).then(|| {
            format!(
                "has warning {first} and critical {then}, one of them by default: a share of the baseline beside a number in the metric's unit; give both"
            )
        }),
    };
    if let Some(message) = wrong {
        return Err(("", message));
    }
    let a_share = [warning, critical].iter().any(|loss| matches!(loss, Loss::Relative(_)));
    match baseline {
        Some(0.0) if a_share => {
            let message = "is 0, and no loss is a share of that; give warning and critical as numbers";
            Err(("baseline", message.to_owned()))
        }
        _ => Ok(()),
    }
}

/// A number in the metric's unit, or a text with the share of the baseline: `0.02`, `"5%"`.
impl Setting for Loss {
    fn read(value: &Value) -> Result<Self, String> {
        let loss = match value.as_str() {
            Some(text) => {
                let percent = text.strip_suffix('%').and_then(|number| number.trim_end().parse::<f64>().ok());
                percent.map(|percent| (Self::Relative(percent / 100.0), percent))
            }
            None => f64::read(value).ok().map(|loss| (Self::Absolute(loss), loss)),
        };
        match loss {
            Some((loss, number)) if number.is_finite() && number > 0.0 => Ok(loss),
            _ => Err("is no loss; write a number above 0 in the metric's unit, as 0.02, or a share of the baseline, as \"5%\"".to_owned()),
        }
    }

    fn to_toml(&self) -> String {
        match self {
            Self::Absolute(loss) => loss.to_toml(),
            // Rounded, so that 7 % is not 7.000000000000001 %.
            Self::Relative(share) => format!("{}%", (share * 1e11).round() / 1e9).to_toml(),
        }
    }
}
