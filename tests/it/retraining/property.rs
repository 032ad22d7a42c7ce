//! Whatever comes, in whatever order, with whatever crash: a key is run once, and nothing is asked for that is not in
//! the log.

use std::collections::{BTreeMap, BTreeSet};
use std::time::Duration;

use driftd::clock::Clock;
use driftd::domain::Timestamp;
use driftd::retraining::{MaintenancePlan, Sending};
use proptest::prelude::*;
use serde_json::{Value, json};

use super::stand::{MODEL, Stand, model, plan};
use crate::support::sink::Reply;

#[derive(Debug, Clone)]
enum Step {
    Wait { hours: u64 },
    Says(Says),
    Drifts(bool),
    Ask { reason: usize },
    Report { succeeded: bool },
    Crash { after: usize },
    Restart,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Says {
    Taken,
    Busy,
    No,
    Broken,
    Cut,
}

impl Says {
    fn reply(self) -> Reply {
        match self {
            Self::Taken => Reply::status(200),
            Self::Busy => Reply::status(429),
            Self::No => Reply::status(422),
            Self::Broken => Reply::status(500),
            Self::Cut => Reply::Cut,
        }
    }

    /// Whether a target that says so may have started a run.
    fn may_have_run(self) -> bool {
        matches!(self, Self::Taken | Self::Broken | Self::Cut)
    }
}

fn step() -> impl Strategy<Value = Step> {
    let says = [Says::Taken, Says::Busy, Says::No, Says::Broken, Says::Cut];
    prop_oneof![
        6 => (1..120u64).prop_map(|hours| Step::Wait { hours }),
        3 => prop::sample::select(says.to_vec()).prop_map(Step::Says),
        2 => any::<bool>().prop_map(Step::Drifts),
        2 => (0..2usize).prop_map(|reason| Step::Ask { reason }),
        2 => any::<bool>().prop_map(|succeeded| Step::Report { succeeded }),
        2 => (0..3usize).prop_map(|after| Step::Crash { after }),
        2 => Just(Step::Restart),
    ]
}

fn start() -> Timestamp {
    "2026-12-20T00:00:00Z".parse().unwrap()
}

async fn run(steps: Vec<Step>, sending: Sending) {
    let mut plan = plan();
    plan.weekly = Some("0 6 * * *".parse().unwrap());
    plan.monthly = Some("0 6 1 * *".parse().unwrap());
    plan.cooldown = Duration::from_secs(3_600);
    let mut stand = Stand::start(start(), model(plan, MaintenancePlan::default()), sending).await;
    let mut says = Says::Taken;
    // What the target said to each request that came.
    let mut said: Vec<Says> = Vec::new();
    for step in steps {
        match step {
            Step::Wait { hours } => {
                let now = stand.daemon().clock.now().saturating_add(Duration::from_secs(hours * 3_600));
                stand.at(now).await;
            }
            Step::Says(next) => {
                says = next;
                stand.sink.reply(vec![says.reply()]);
            }
            Step::Drifts(true) => stand.incident("data_drift", Some("critical")).await,
            Step::Drifts(false) => stand.incident("data_drift", None).await,
            Step::Ask { reason } => {
                let reason = ["a new feature", "a better loss"][reason];
                let body = json!({"reason": reason});
                // Refused where the store would not have it.
                let _ = stand.daemon().post(&format!("/v1/models/{MODEL}/retrain"), &body).await;
                stand.look().await;
            }
            Step::Report { succeeded } => {
                let decisions = stand.decisions().await;
                let last = decisions.iter().rev().find_map(|decision| decision["run"]["run_key"].as_str());
                let body = match succeeded {
                    true => json!({"version": format!("v{}", decisions.len()), "run_key": last}),
                    false => json!({"status": "failed", "why": "a test", "run_key": last}),
                };
                let _ = stand.daemon().post(&format!("/v1/models/{MODEL}/versions"), &body).await;
                stand.look().await;
            }
            Step::Crash { after } => stand.break_off_after(after),
            Step::Restart => {
                stand.restart().await;
                stand.look().await;
            }
        }
        said.resize(stand.asked().len(), says);
    }
    stand.restart().await;
    stand.look().await;
    said.resize(stand.asked().len(), says);

    let decisions = stand.decisions().await;
    let ids: Vec<String> = decisions.iter().map(|of| of["id"].as_str().unwrap().to_owned()).collect();
    let expected: Vec<String> = (1..=decisions.len()).map(|number| format!("dec-{number}")).collect();
    assert_eq!(ids, expected, "nothing is missing from the log");
    let key = |decision: &Value| decision["order"]["run_key"].as_str().map(str::to_owned);
    let decided: Vec<String> = decisions.iter().filter_map(key).collect();
    let distinct: BTreeSet<&String> = decided.iter().collect();
    assert_eq!(distinct.len(), decided.len(), "a key is decided for once: {decided:?}");
    let mut runs: BTreeMap<String, usize> = BTreeMap::new();
    for (key, said) in stand.asked().into_iter().zip(said) {
        assert!(distinct.contains(&key), "{key} was asked for and is not in the log");
        *runs.entry(key).or_default() += usize::from(said.may_have_run());
    }
    if sending == Sending::Once {
        assert!(runs.values().all(|count| *count <= 1), "{runs:?}");
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 12, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn a_key_is_run_once_and_what_is_asked_for_is_in_the_log(
        steps in prop::collection::vec(step(), 1..16),
        once in any::<bool>(),
    ) {
        let sending = if once { Sending::Once } else { Sending::Idempotent };
        tokio::runtime::Runtime::new().unwrap().block_on(run(steps, sending));
    }
}
