//! Judging 1,000 models of 50 features on two threads, with all counts in memory: by the default statistics and by
//! all of them, and a thread alone. An element is a feature.

use std::collections::BTreeSet;
use std::hint::black_box;
use std::thread;
use std::time::Duration;

use criterion::{Criterion, Throughput, criterion_group, criterion_main};
use driftd::batch::{CodesBuilder, ColumnValues, count_column};
use driftd::domain::{ColumnId, ColumnKind, Segment, TimeRange, Timestamp, Version};
use driftd::reference::{BuildOptions, Profile, ReferenceColumn, build};
use driftd::sketch::Tally;
use driftd::statistic::{Statistic, Thresholds};
use driftd::verdict::{
    Against, Budget, MonitoringPlan, Side, SilenceAfter, StatisticChoice, StatisticsPlan, Verdict,
    WindowAsked, WindowPlan, judge,
};
use rand::rngs::StdRng;
use rand::{RngExt, SeedableRng};
use rand_distr::StandardNormal;

const MODELS: usize = 1_000;
const THREADS: usize = 2;
const NUMERIC: usize = 40;
const CATEGORICAL: usize = 10;
const FEATURES: usize = NUMERIC + CATEGORICAL;
const NAMES: u32 = 50;
/// References that the models share; the counts of their windows are their own.
const PROFILES: usize = 20;
const REFERENCE_ROWS: usize = 10_000;
const WINDOW_ROWS: usize = 1_000;

fn numbers(rng: &mut StdRng, rows: usize, shift: f64) -> ColumnValues {
    ColumnValues::Numeric((0..rows).map(|_| rng.sample::<f64, _>(StandardNormal) + shift).collect())
}

fn names(rng: &mut StdRng, rows: usize) -> ColumnValues {
    let mut codes = CodesBuilder::default();
    (0..rows).for_each(|_| codes.push(&format!("n{:03}", rng.random_range(0..NAMES))));
    ColumnValues::Categorical(codes.take())
}

fn profile(rng: &mut StdRng) -> Profile {
    let options = BuildOptions { model: "model".parse().expect("an id"), task: None, windows: Vec::new() };
    let columns = (0..FEATURES).map(|i| {
        let (kind, values) = match i < NUMERIC {
            true => (ColumnKind::Numeric, numbers(rng, REFERENCE_ROWS, 0.0)),
            false => (ColumnKind::Categorical, names(rng, REFERENCE_ROWS)),
        };
        ReferenceColumn { id: ColumnId::feature(format!("f_{i:02}")), kind, values }
    });
    build(options, REFERENCE_ROWS, None, columns).expect("a profile")
}

/// A quiet window, but for one feature in fifty that moved.
fn window(rng: &mut StdRng, profile: &Profile) -> Tally {
    let columns = profile.ruler.columns().iter().enumerate().map(|(i, (_, grid))| {
        let values = match i < NUMERIC {
            true => numbers(rng, WINDOW_ROWS, if i == 7 { 0.5 } else { 0.0 }),
            false => names(rng, WINDOW_ROWS),
        };
        count_column(&values, grid)
    });
    Tally { rows: WINDOW_ROWS as i64, columns: columns.collect(), ..Tally::empty(&profile.ruler) }
}

fn plan(every_statistic: bool) -> MonitoringPlan {
    let mut statistics = StatisticsPlan::default();
    for statistic in Statistic::ALL.into_iter().filter(|_| every_statistic) {
        let choice = statistic.default_thresholds().map_or(StatisticChoice::Inform, StatisticChoice::Judge);
        statistics.every.insert(statistic, choice);
    }
    MonitoringPlan {
        windows: vec![WindowPlan::default()],
        references: vec![Against::Static],
        statistics,
        budget: Budget::default(),
        schema_violations: Thresholds { warning: 0.01, critical: 0.05 },
        silence_after: SilenceAfter::Off,
    }
}

fn judged(plan: &MonitoringPlan, profile: &Profile, current: &Tally) -> Verdict {
    let start = Timestamp::from_seconds(1_763_805_600);
    let sides = [Side {
        segment: &Segment::All,
        reference: Against::Static,
        range: None,
        ruler: &profile.ruler,
        current,
        counts: Ok(&profile.tally),
    }];
    judge(&WindowAsked {
        version: &Version::unnamed(),
        window: TimeRange { start, end: start.saturating_add(plan.windows[0].length) },
        plan,
        window_plan: &plan.windows[0],
        profile,
        alpha: 1e-3,
        ignored: &BTreeSet::new(),
        sensitive: &BTreeSet::new(),
        sides: &sides,
    })
}

fn evaluate(criterion: &mut Criterion) {
    let mut rng = StdRng::seed_from_u64(11);
    let profiles: Vec<Profile> = (0..PROFILES).map(|_| profile(&mut rng)).collect();
    let models: Vec<(&Profile, Tally)> =
        (0..MODELS).map(|i| (&profiles[i % PROFILES], window(&mut rng, &profiles[i % PROFILES]))).collect();

    let mut group = criterion.benchmark_group(format!("{MODELS} models of {FEATURES} features"));
    group.throughput(Throughput::Elements((MODELS * FEATURES) as u64));
    group.warm_up_time(Duration::from_millis(500)).measurement_time(Duration::from_secs(5)).sample_size(10);
    for (name, every_statistic) in [("default statistics", false), ("all statistics", true)] {
        let plan = plan(every_statistic);
        for threads in [THREADS, 1] {
            group.bench_function(format!("{name}, {threads} threads"), |bench| {
                bench.iter(|| {
                    thread::scope(|scope| {
                        for models in models.chunks(MODELS.div_ceil(threads)) {
                            let plan = &plan;
                            scope.spawn(move || {
                                for (profile, current) in models {
                                    black_box(judged(plan, profile, current));
                                }
                            });
                        }
                    });
                });
            });
        }
    }
    group.finish();
}

criterion_group!(benches, evaluate);
criterion_main!(benches);
