//! The year under the real Prometheus and Alertmanager: every query of every panel and every recording rule has something
//! to show, and what the year comes to fires.

use std::collections::BTreeMap;
use std::net::SocketAddr;
use std::time::Duration;

use driftd::clock::{Clock, SystemClock};

use crate::dashboards::{expressions, substituted};
use crate::prometheus::built::{broken_receiver, report};
use crate::prometheus::lived::{A_DAY, lived, usual};
use crate::prometheus::scene::Scene;
use crate::support::prometheus::{Stack, deployed};

/// Whatever is scraped within it is seen by rules, and by rules that build on them.
const SCRAPED_WITHIN: Duration = Duration::from_secs(3);

/// What the demo cannot show, since nothing fails in it: an outbox that waits.
const OF_THE_BROKEN: [&str; 1] = ["driftd_outbox_oldest_due_timestamp_seconds"];
/// And since it is a replay that is over: nobody can say that a history is silent, no window of it is open.
const OF_THE_PRESENT: [&str; 2] = ["driftd_silence_status", "driftd_provisional_window_samples"];

/// What fires when the year is over, with the two daemons beside it.
const FIRES: [&str; 15] = [
    "DriftdAccuracyBelowBaseline critical churn",
    "DriftdBias critical churn",
    "DriftdConceptDrift critical churn",
    "DriftdDataDrift critical churn",
    "DriftdIncidentReported warning contract_risk",
    "DriftdKpiCritical critical",
    "DriftdKpiCritical critical churn",
    "DriftdKpiWarning warning",
    "DriftdKpiWarning warning contract_risk",
    "DriftdMaintenanceOverdue warning churn",
    "DriftdModelDrift critical churn",
    "DriftdNoQualityVerdict warning price",
    "DriftdNotificationsFailing critical broken",
    "DriftdSchema warning contract_risk",
    "DriftdUseCaseDecisionPassed warning",
];

pub struct Watched {
    scene: Scene,
    since: jiff::Timestamp,
    demo: SocketAddr,
    /// Instances: one with a model by the wall clock, one whose receiver is broken.
    live: String,
    broken: SocketAddr,
}

impl Watched {
    pub async fn start(demo: SocketAddr) -> Self {
        let live = lived(&[("price", usual)], A_DAY, SystemClock.now()).await;
        let (broken, kept) = broken_receiver().await;
        let since = jiff::Timestamp::now();
        let instance = live.url().trim_start_matches("http://").to_owned();
        let stack = Stack::start(&[demo.to_string(), instance.clone(), broken.to_string()], None).await;
        // What comes after a scrape is seen to have come.
        stack.until(&format!("up{{instance=\"{broken}\"}}"), |up| up == 1.0).await;
        report(broken);
        Self { scene: Scene::new(stack, (live, kept)), since, demo, live: instance, broken }
    }

    /// Over the time since the year began: much of it happens in a moment.
    pub async fn every_query_shows_something(&self) {
        let stack = &self.scene.stack;
        stack.until(OF_THE_BROKEN[0], |_| true).await;
        stack.evaluated_after(jiff::Timestamp::now() + SCRAPED_WITHIN).await;
        // Of both languages one: the queries are the same.
        let places = expressions().into_iter().map(|(place, expr)| (expr, place));
        let rules = recorded();
        assert!(rules.len() > 5, "{rules:?}");
        let rules = rules.into_iter().map(|rule| (format!("{rule}{{instance=\"$instance\"}}"), rule));
        let queries: BTreeMap<String, String> = places.chain(rules).collect();
        assert!(queries.len() > 150, "{}", queries.len());
        let mut empty = Vec::new();
        for (query, place) in &queries {
            let names = |metrics: &[&str]| metrics.iter().any(|metric| query.contains(metric));
            let target = match query {
                _ if names(&OF_THE_PRESENT) => self.live.clone(),
                _ if names(&OF_THE_BROKEN) => self.broken.to_string(),
                _ => self.demo.to_string(),
            };
            let query = substituted(&query.replace("$instance", &target));
            if stack.series_since(&query, self.since).await.is_empty() {
                empty.push(format!("{place}: {query}"));
            }
        }
        assert!(empty.is_empty(), "{} of {} show nothing:\n{}", empty.len(), queries.len(), empty.join("\n"));
    }

    pub async fn what_the_year_comes_to_fires(&self) {
        self.scene.fires("the year", &FIRES).await;
    }
}

/// The names of the recording rules.
fn recorded() -> Vec<String> {
    let rules = deployed("prometheus/rules/driftd.yaml");
    rules.lines().filter_map(|line| line.trim().strip_prefix("- record: ")).map(str::to_owned).collect()
}
