//! Days of traffic in a moment, up to the present.

use std::time::Duration;

use driftd::domain::Timestamp;
use driftd::pipeline::{ModelOptions, ReferenceOptions};
use driftd::verdict::SilenceAfter;
use serde_json::{Value, json};

use crate::api::{model, profile};
use crate::support::daemon::Daemon;

pub const HOUR: Duration = Duration::from_secs(3_600);
pub const DAY: Duration = Duration::from_secs(86_400);
/// Traffic has its habit by then.
pub const DAYS: u32 = 6;
/// And by then not yet.
pub const A_DAY: u32 = 1;
/// Between two rows.
pub const STEP: Duration = Duration::from_secs(300);
pub const CITIES: [&str; 4] = ["berlin", "berlin", "paris", "rome"];

/// What a model is sent at a time: of the number of that moment, and so long before the present.
pub type Traffic = fn(usize, Duration) -> Vec<Value>;

/// A row as in the reference, where `x` goes through 0 to 99.
pub fn row(i: usize) -> Value {
    json!({"version": "1", "features": {"x": (i * 37) % 100, "city": CITIES[i % 4]}, "prediction": 1.5})
}

pub fn usual(i: usize, _: Duration) -> Vec<Value> {
    vec![row(i)]
}

fn options(id: &str) -> ModelOptions {
    let mut model = model(id, ReferenceOptions::Profile(Box::new(profile())));
    model.plan.silence_after = SilenceAfter::After(6 * HOUR);
    model
}

/// Rows of a time between two moments, oldest first.
pub fn between(traffic: Traffic, from: Timestamp, to: Timestamp, now: Timestamp) -> Vec<Value> {
    let count = to.since(from).as_secs() / STEP.as_secs();
    let times = (0..count as usize).map(|i| (i, from.saturating_add(STEP * i as u32)));
    let rows = times.flat_map(|(i, at)| {
        traffic(i, now.since(at)).into_iter().map(move |mut row| {
            row["ts"] = json!(at.to_string());
            row
        })
    });
    rows.collect()
}

/// Models that were sent their traffic day by day; then nobody sends, for longer than sources are waited for, until `until`.
pub async fn lived(models: &[(&str, Traffic)], days: u32, until: Timestamp) -> Daemon {
    let start = until.saturating_sub(DAY * days + 3 * STEP);
    let daemon = Daemon::start(start, models.iter().map(|(id, _)| options(id)).collect()).await;
    for day in 1..=days {
        let (from, to) = (start.saturating_add(DAY * (day - 1)), start.saturating_add(DAY * day));
        daemon.clock.set(to);
        for (id, traffic) in models {
            let rows = between(*traffic, from, to, until);
            if !rows.is_empty() {
                daemon.predict(id, &rows).await;
            }
        }
    }
    daemon.clock.set(until);
    for (id, _) in models {
        daemon.evaluated(id).await;
    }
    daemon
}
