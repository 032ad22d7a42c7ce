//! Groups that are treated unequally: since when, and who must act.

use std::collections::BTreeMap;

use driftd::fairness::{Emergence, FairnessMeasure};
use driftd::incident::{IncidentKind, Input, Role, inputs_of_outcomes};
use driftd::verdict::{FairnessPlan, Kind, Severity, Status, Transition};

use super::stream::{QUIET, ROWS, Stream, Truth, WORLD, biased};
use super::world::{DAILY, Scene, World};

const UNEQUAL: Truth = Truth { threshold_of_b: 0.95, ..QUIET };

fn scene(world: &World) -> Scene<'_> {
    let mut scene = Scene::new(world);
    let measures = [FairnessMeasure::DemographicParityRatio, FairnessMeasure::EqualOpportunityDifference];
    let measures = measures.map(|measure| (measure, measure.default_limit()));
    let plan = FairnessPlan { attribute: "region".into(), measures: measures.into(), min_samples: 100 };
    scene.plan.outcomes.fairness = vec![plan];
    scene
}

#[test]
fn bias_that_was_not_in_the_reference_is_critical_and_has_its_own_role() {
    let (mut scene, mut stream) = (scene(&WORLD), Stream::new(21));
    for n in 0..7 * DAILY {
        scene.live(n, &stream.binary(if n < 3 * DAILY { QUIET } else { UNEQUAL }, ROWS));
    }
    let [(n, Transition::Opened { severity: Severity::Critical })] = scene.news(Kind::Bias)[..] else {
        panic!("{:?}", scene.news(Kind::Bias))
    };
    assert!((3 * DAILY..4 * DAILY).contains(&n), "{n}");
    assert_eq!(scene.outcome(2 * DAILY).bias_status, Status::Ok);
    let found = &scene.outcome(5 * DAILY).bias[0];
    let value = found.found.as_ref().unwrap();
    assert_eq!((&*value.lowest, &*value.highest), ("b", "a"));
    assert_eq!(value.emergence, Some(Emergence::Emerged));
    let opening = |told: &&driftd::verdict::OutcomeEvaluation| {
        let mut decisions = told.decisions.iter();
        decisions.any(|of| of.kind == Kind::Bias && of.transition.is_news())
    };
    let told = scene.told.iter().find(opening).unwrap();
    let inputs = inputs_of_outcomes(&"m".parse().unwrap(), &BTreeMap::new(), told);
    let (key, input) = inputs.iter().find(|(key, _)| key.kind == IncidentKind::Bias).unwrap();
    assert_eq!(key.kind.role(), Role::SecurityOfficer);
    let Input::Raise { seen, .. } = input else { panic!("{input:?}") };
    assert!(
        seen.summary.contains("by region is 0.") && seen.summary.contains("b lowest"),
        "{}",
        seen.summary
    );
}

#[test]
fn bias_that_the_reference_had_is_a_warning() {
    let world = biased(UNEQUAL);
    let (mut scene, mut stream) = (scene(&world), Stream::new(22));
    for n in 0..4 * DAILY {
        scene.live(n, &stream.binary(UNEQUAL, ROWS));
    }
    let Some((_, Transition::Opened { severity: Severity::Warning })) = scene.news(Kind::Bias).first() else {
        panic!("{:?}", scene.news(Kind::Bias))
    };
    let value = scene.outcome(2 * DAILY).bias[0].found.clone().unwrap();
    assert_eq!(value.emergence, Some(Emergence::AsInReference));
}

#[test]
fn equal_groups_are_no_bias_and_small_ones_are_named() {
    let (mut scene, mut stream) = (scene(&WORLD), Stream::new(23));
    for n in 0..10 * DAILY {
        scene.live(n, &stream.binary(QUIET, ROWS));
    }
    assert_eq!(scene.news(Kind::Bias), []);
    scene.plan.outcomes.fairness[0].min_samples = 100_000;
    for n in 10 * DAILY..12 * DAILY {
        scene.live(n, &stream.binary(QUIET, ROWS));
    }
    let last = &scene.told.last().unwrap().verdicts[0];
    assert_eq!(
        (last.bias_status, &last.bias[0].left_out[..]),
        (Status::InsufficientData, &["a".to_owned(), "b".to_owned()][..])
    );
}
