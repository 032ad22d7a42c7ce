//! Every alert from end to end: driftd in some state, what it really exposes, the real Prometheus with the shipped
//! rules, the real Alertmanager with the shipped routes. Each scenario says all that fires in it: the rest is silent.
//!
//! Waits of minutes to days (`for`) are left out here; `deploy/prometheus/tests` proves them on Prometheus' own clock.
#![cfg(test)]

pub mod built;

mod drawn;

pub mod lived;

mod moved;

mod rule_file;

pub mod scene;

use std::collections::BTreeSet;

use tokio::task::JoinSet;

use rule_file::alerting_rules;

/// Scenarios that run at a time: most of their time they wait for Prometheus to look.
const AT_A_TIME: usize = 8;

/// Scenarios under way; one that fails says which it is, and lets the others end.
#[derive(Default)]
struct Running {
    scenarios: JoinSet<()>,
    failed: usize,
}

impl Running {
    async fn add(&mut self, scenario: impl Future<Output = ()> + Send + 'static) {
        if self.scenarios.len() == AT_A_TIME {
            self.one_ends().await;
        }
        self.scenarios.spawn(scenario);
    }

    async fn one_ends(&mut self) {
        let ended = self.scenarios.join_next().await;
        self.failed += usize::from(ended.is_some_and(|ended| ended.is_err()));
    }

    async fn all_end(mut self) {
        while !self.scenarios.is_empty() {
            self.one_ends().await;
        }
        assert_eq!(self.failed, 0, "scenarios failed, as they say above");
    }
}

/// Scenarios by how they are made, and what fires in each besides the watchdog: `alert severity`, and of which model or
/// receiver.
macro_rules! scenarios {
    ($($kind:ident { $($name:ident: [$($alert:literal),* $(,)?];)* })*) => {
        $(
            #[tokio::test(flavor = "multi_thread", worker_threads = 4)]
            async fn $kind() {
                let mut running = Running::default();
                $(
                    let scenario = async {
                        $kind::$name().await.fires(stringify!($name), &[$($alert),*]).await;
                    };
                    running.add(scenario).await;
                )*
                running.all_end().await;
            }
        )*

        const FIRES: &[&[&str]] = &[$($(&[$($alert),*]),*),*];
    };
}

scenarios! {
    built {
        idle: [];
        down: ["DriftdDown critical"];
        absent: ["DriftdAbsent critical"];
        restarting: ["DriftdRestarting warning"];
        refused_config: ["DriftdConfigRejected warning"];
        drifting_replay: [
            "DriftdDataDrift critical loan",
            "DriftdNoQualityVerdict warning loan",
            "DriftdSchema critical loan",
        ];
        failing_receivers: [
            "DriftdNotificationsDead warning",
            "DriftdNotificationsFailing critical broken",
            "DriftdNotificationsFailing critical gone",
            "DriftdNotificationsFailing critical refuses",
            "DriftdReceiverDisabled critical gone",
        ];
    }
    moved {
        quiet: [];
        begins: ["DriftdNoQualityVerdict warning price"];
        drifts: ["DriftdDataDrift critical bad", "DriftdDataDrift warning worse"];
        breaks_schema: ["DriftdSchema critical often", "DriftdSchema warning seldom"];
        falls_silent: [
            "DriftdNoVerdict warning gone",
            "DriftdSilence critical gone",
            "DriftdSilence warning paused",
            "DriftdTraffic critical gone",
            "DriftdTraffic critical paused",
        ];
        floods: ["DriftdTraffic critical flooded", "DriftdTraffic warning busy"];
        on_call: [
            "DriftdIncidentReported critical price",
            "DriftdIncidentReported warning price",
            "DriftdSlaBreach critical price",
            "DriftdSlaDeadlineNear warning price",
        ];
        store_fails: [
            "DriftdNotEvaluated critical price",
            "DriftdRequestsRefused critical",
            "DriftdWindowStale warning price",
        ];
        rejects_rows: ["DriftdRowsRejected critical broken", "DriftdRowsRejected warning sloppy"];
        neglected: [
            "DriftdMaintenanceOverdue warning price",
            "DriftdNoVerdict warning price",
            "DriftdRetrainingTrouble warning price",
        ];
        feeds_stop: [
            "DriftdLabelCoverageLow warning price",
            "DriftdLabelsStopped warning price",
            "DriftdLearningStalled warning fresh",
            "DriftdNoBiasVerdict warning price",
            "DriftdNoOutcomeVerdict warning price",
        ];
    }
    drawn {
        holds_up: [];
        wears: [
            "DriftdAccuracyBelowBaseline warning loans",
            "DriftdBias warning loans",
            "DriftdConceptDrift warning loans",
            "DriftdErrorAboveBaseline warning price",
            "DriftdModelDrift warning loans",
        ];
        worn_out: [
            "DriftdAccuracyBelowBaseline critical loans",
            "DriftdBias critical loans",
            "DriftdConceptDrift critical loans",
            "DriftdErrorAboveBaseline critical price",
            "DriftdModelDrift critical loans",
        ];
        crowded: [
            "DriftdCommitsSlow warning",
            "DriftdOutboxStuck warning",
            "DriftdStoreNearlyFull warning",
        ];
        too_many_series: ["DriftdKpiSeriesLeftOut info", "DriftdSeriesLeftOut info wide"];
        kpis_fail: [
            "DriftdKpiCritical critical",
            "DriftdKpiStale warning",
            "DriftdKpiWarning warning",
            "DriftdUseCaseDecisionPassed warning",
        ];
        full: ["DriftdOutboxStuck critical", "DriftdStoreNearlyFull critical"];
    }
}

/// All alerts of the rule file, with each severity that a rule gives them, and nothing that is not there.
#[test]
fn every_alert_fires_in_some_scenario() {
    let words = |alert: &&str| alert.split(' ').take(2).map(str::to_owned).collect::<Vec<_>>();
    let mut fired: BTreeSet<Vec<String>> = FIRES.iter().flat_map(|alerts| alerts.iter().map(words)).collect();
    fired.insert(vec!["DriftdWatchdog".to_owned(), "info".to_owned()]);
    let rules = alerting_rules();
    let severities = |severity: Option<&str>| match severity {
        Some(severity) => vec![severity.to_owned()],
        // As it was reported.
        None => ["warning", "critical"].map(str::to_owned).to_vec(),
    };
    let written = rules.iter().flat_map(|rule| {
        severities(rule.fixed("severity")).into_iter().map(|severity| vec![rule.alert.clone(), severity])
    });
    assert_eq!(fired, written.collect());
    assert!(rules.len() > 40, "{}", rules.len());
}
