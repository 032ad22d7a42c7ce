//! A champion beside its challenger.

use driftd::domain::{ColumnId, Version};
use driftd::performance::Metric;
use driftd::verdict::{OutcomeVerdict, differences, prediction_shifts};

use super::stream::{HARDER, QUIET, ROWS, Stream, Truth, WORLD};
use super::world::{DAILY, Scene};

fn both(challenger: Truth) -> Scene<'static> {
    let (mut scene, mut stream) = (Scene::new(&WORLD), Stream::new(31));
    let hour = std::time::Duration::from_secs(3_600);
    for n in 0..4 * DAILY {
        for (version, truth) in [("1", QUIET), ("2", challenger)] {
            let (version, rows) = (version.parse().unwrap(), stream.binary(truth, ROWS));
            scene.predict(&version, n, &rows);
            scene.label(&version, n, &rows, hour, |_| true);
        }
        scene.close(n);
    }
    scene
}

fn of<'a>(scene: &'a Scene, version: &str) -> &'a OutcomeVerdict {
    let verdicts = &scene.told.last().unwrap().verdicts;
    verdicts.iter().find(|verdict| verdict.version.as_str() == version).unwrap()
}

#[test]
fn a_worse_challenger_is_told_apart_by_every_metric_that_it_loses() {
    let scene = both(Truth { noise: 0.2, ..QUIET });
    let found = differences(of(&scene, "1"), of(&scene, "2"));
    let accuracy = found.iter().find(|of| of.metric == Metric::Accuracy).unwrap();
    let difference = accuracy.difference;
    assert!((difference.value - (accuracy.challenger.value - accuracy.champion.value)).abs() < 1e-12);
    assert!((-0.11..-0.04).contains(&difference.value) && difference.p_value < 1e-4, "{difference:?}");
    // Two-sample z of independent shares: √(p₁q₁/n + p₂q₂/n).
    let n = (DAILY * ROWS as i64) as f64;
    let variance = |p: f64| p * (1.0 - p) / n;
    let std_error = (variance(accuracy.champion.value) + variance(accuracy.challenger.value)).sqrt();
    assert!((difference.std_error - std_error).abs() < 1e-12);
    assert!(found.len() >= 9, "{found:?}");
}

#[test]
fn like_versions_are_not_told_apart_and_predictions_that_are_spread_otherwise_are() {
    let mut scene = both(QUIET);
    for difference in differences(of(&scene, "1"), of(&scene, "2")) {
        assert!(difference.difference.p_value > 1e-3, "{difference:?}");
    }
    let ruler = WORLD.ruler.clone();
    let shifts = |scene: &mut Scene| {
        let [champion, challenger] =
            ["1", "2"].map(|version| scene.tally(&version.parse::<Version>().unwrap(), 3 * DAILY));
        prediction_shifts(&ruler, &champion, &challenger)
    };
    let like = shifts(&mut scene);
    let columns: Vec<&ColumnId> = like.iter().map(|shift| &shift.column).collect();
    assert_eq!(columns, [&ColumnId::Prediction, &ColumnId::Score]);
    assert!(like.iter().all(|shift| shift.p_value.unwrap() > 1e-3), "{like:?}");
    let other = shifts(&mut both(HARDER));
    let score = other.iter().find(|shift| shift.column == ColumnId::Score).unwrap();
    assert!(score.value > 0.1 && score.p_value.unwrap() < 1e-6, "{other:?}");
}
