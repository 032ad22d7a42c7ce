//! A model that wears out: losses that last, trends over weeks, age.

use driftd::domain::Version;
use driftd::performance::Metric;
use driftd::verdict::{Explanation, Kind, ModelReason, OutcomePlan, Severity, Transition};

use super::stream::{QUIET, ROWS, Stream, Truth, WORLD};
use super::world::{DAILY, DAY, Scene, at};

#[test]
fn a_loss_must_last_to_be_model_drift() {
    let (mut scene, mut stream) = (Scene::new(&WORLD), Stream::new(11));
    // More was promised than the reference had, so that nothing moved and still too little is reached.
    scene.plan.outcomes.baselines.insert(Metric::Accuracy, 0.925);
    for n in 0..8 * DAILY {
        scene.live(n, &stream.binary(QUIET, ROWS));
    }
    assert_eq!(scene.news(Kind::Concept), []);
    let [(n, Transition::Opened { severity: Severity::Warning }), ..] = scene.news(Kind::Model)[..] else {
        panic!("{:?}", scene.news(Kind::Model))
    };
    // Two windows of a day, none over the other.
    assert!((DAILY..3 * DAILY).contains(&n), "{n}");
    let first = scene.outcome(0);
    assert_eq!(first.model.reasons, [], "one window is no lasting loss");
    let last = &scene.told.last().unwrap().verdicts[0];
    assert_eq!(last.model.reasons, [ModelReason::SustainedLoss]);
    assert_eq!(last.explanation, Explanation::WearingOut);
    let accuracy = last.metric(Metric::Accuracy).unwrap();
    assert_eq!(accuracy.thresholds.unwrap().warning, 0.02);
    assert!(accuracy.loss_p_value.unwrap() <= last.model.alpha, "{accuracy:?}");
}

#[test]
fn a_loss_of_any_metric_that_has_limits_counts() {
    let (mut scene, mut stream) = (Scene::new(&WORLD), Stream::new(12));
    let recall = driftd::verdict::LossThresholds::of(Metric::Recall);
    scene.plan.outcomes.losses.insert(Metric::Recall, recall);
    scene.plan.outcomes.baselines.insert(Metric::Recall, 0.99);
    for n in 0..5 * DAILY {
        scene.live(n, &stream.binary(QUIET, ROWS));
    }
    let last = &scene.told.last().unwrap().verdicts[0];
    assert_eq!(last.model.reasons, [ModelReason::SustainedLoss]);
    assert_eq!(last.foremost().unwrap().metric, Metric::Recall);
    assert_eq!(last.primary, Metric::Accuracy);
}

#[test]
fn weeks_that_get_worse_day_by_day_are_a_trend() {
    let (mut scene, mut stream) = (Scene::new(&WORLD), Stream::new(13));
    let days = 45;
    for n in 0..days * DAILY {
        let noise = 0.004 * (n / DAILY) as f64;
        scene.live(n, &stream.binary(Truth { noise, ..QUIET }, ROWS));
    }
    let last = &scene.told.last().unwrap().verdicts[0];
    assert!(last.model.reasons.contains(&ModelReason::Trend), "{:?}", last.model);
    let trend = last.model.trend.unwrap();
    // A share of 0.004 more falls by a coin every day, of which 0.385 are lost that were won: 0.0431 in 28 days.
    assert!((-0.06..-0.03).contains(&trend.per_28_days) && trend.p_value <= 0.001, "{trend:?}");
    assert_eq!(trend.days, days as usize - 1, "the labels of the last day are still waited for");
    let early = scene.outcome(9 * DAILY);
    assert_eq!(early.model.trend, None, "ten days are needed");
}

#[test]
fn a_model_grows_old() {
    let (mut scene, mut stream) = (Scene::new(&WORLD), Stream::new(14));
    scene.plan.outcomes = OutcomePlan { max_age: Some(3 * DAY), ..scene.plan.outcomes };
    scene.trained_at.insert(Version::unnamed(), at(0));
    for n in 0..6 * DAILY {
        scene.live(n, &stream.binary(QUIET, ROWS));
    }
    assert_eq!(scene.news(Kind::Model), [(3 * DAILY, Transition::Opened { severity: Severity::Warning })]);
    let last = &scene.told.last().unwrap().verdicts[0];
    assert_eq!(last.model.reasons, [ModelReason::TooOld]);
    assert_eq!(last.explanation, Explanation::WearingOut);
}
