//! Commits, folds, expiries and restarts in any order keep every key's sum.

use std::collections::BTreeMap;
use std::time::Duration;

use driftd::sketch::Tally;
use driftd::store::sqlite::SqliteOptions;
use driftd::store::{DeltaKey, Guard, Store};
use proptest::prelude::*;

use super::contract::expiry;
use super::support::*;

const MODELS: [&str; 2] = ["a", "b"];

#[derive(Debug, Clone)]
enum Step {
    /// Values for hours of models; twice with the same key.
    Commit(Vec<(usize, i64, f64)>),
    Fold {
        bytes_max: usize,
    },
    Expire {
        model: usize,
        hour: i64,
        keys: bool,
    },
    Reopen,
}

fn step() -> impl Strategy<Value = Step> {
    let values = prop::collection::vec((0..MODELS.len(), 0..6i64, -1.0..25.0f64), 0..8);
    prop_oneof![
        6 => values.prop_map(Step::Commit),
        2 => (1usize..400).prop_map(|bytes_max| Step::Fold { bytes_max }),
        1 => (0..MODELS.len(), 0..7i64, any::<bool>())
            .prop_map(|(model, hour, keys)| Step::Expire { model, hour, keys }),
        1 => Just(Step::Reopen),
    ]
}

async fn run(steps: Vec<Step>) {
    let dir = tempfile::tempdir().unwrap();
    let busy = || SqliteOptions { checkpoint_interval: Duration::from_millis(1), ..quiet() };
    let ruler = ruler(0.0);
    let (mut store, _) = open(dir.path(), busy());
    let mut expected: BTreeMap<DeltaKey, Tally> = BTreeMap::new();
    let mut commits = 0;
    for (now, step) in (0i64..).zip(steps) {
        match step {
            Step::Commit(values) => {
                commits += 1;
                let deltas: Vec<_> = values
                    .iter()
                    .map(|&(of, hour, value)| (key(MODELS[of], hour), tally(&ruler, &[value])))
                    .collect();
                for _retry in 0..2 {
                    let deltas = deltas.iter().map(|(key, tally)| (key.clone(), encoded(tally)));
                    let unit = unit(keyed(&now.to_string(), 0), deltas);
                    store.commit_ingest(commit(now, [unit])).await.unwrap();
                }
                for (key, tally) in deltas {
                    expected.entry(key).or_insert_with(|| Tally::empty(&ruler)).add(&tally).unwrap();
                }
            }
            Step::Fold { bytes_max } => {
                let rows = store.fold_candidates(bytes_max, None).await.unwrap();
                store.fold(folded(&rows, &ruler)).await.unwrap();
            }
            Step::Expire { model: of, hour, keys } => {
                let keys_before = if keys { now } else { 0 };
                store.expire(expiry(&[(MODELS[of], hour * 3600)], 0, keys_before)).await.unwrap();
                expected.retain(|key, _| key.model != model(MODELS[of]) || key.pane.end() > at(hour * 3600));
            }
            Step::Reopen => {
                drop(store);
                let (reopened, recovered) = open(dir.path(), busy());
                assert_eq!(recovered.last_sequence, commits);
                store = reopened;
            }
        }
    }
    let mut found = BTreeMap::new();
    for id in MODELS {
        found.extend(sums(&store.read_deltas(&model(id), always()).await.unwrap(), &ruler));
    }
    assert_eq!(found, expected);
    // All that can be folded is known: folding to the end leaves a row a key.
    loop {
        let rows = store.fold_candidates(1000, None).await.unwrap();
        if rows.is_empty() {
            break;
        }
        store.fold(folded(&rows, &ruler)).await.unwrap();
    }
    let mut rows = 0;
    for id in MODELS {
        rows += store.read_deltas(&model(id), always()).await.unwrap().len();
    }
    assert_eq!(rows, expected.len());
    store.commit_ingest(commit(0, [request(Guard::None, 1.0, "")])).await.unwrap();
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 24, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn sums_survive_any_interleaving(steps in prop::collection::vec(step(), 1..40)) {
        tokio::runtime::Runtime::new().unwrap().block_on(run(steps));
    }
}
