//! The rule of concept drift: three conditions, each of which alone is not enough.

use driftd::performance::{Concept, ConceptReason, ConceptRule, Gap, Harm, Inputs, Primary};

fn accuracy(baseline: f64, estimated: f64, realised: f64, std_error: f64) -> Primary {
    let gap = Gap { realised, estimated, std_error, rows: 1000 };
    Primary { gap, baseline, baseline_std_error: 0.001, harm: Harm::Falling }
}

fn judged(primary: Primary, secondary: &[f64], inputs: Inputs) -> (Concept, Vec<ConceptReason>) {
    let verdict = ConceptRule::for_shares(0.001).judge(&primary, secondary, inputs);
    (verdict.concept, verdict.reasons)
}

#[test]
fn all_three_conditions_make_a_drift() {
    use ConceptReason::{BelowBaseline, BeyondChance, ExplainsLoss, Matters};
    let still = |primary| judged(primary, &[], Inputs::Still);
    let all = vec![BeyondChance, Matters, ExplainsLoss, BelowBaseline];
    assert_eq!(still(accuracy(0.9, 0.89, 0.80, 0.01)), (Concept::Drifted, all));
    let by_chance = still(accuracy(0.9, 0.89, 0.80, 0.05));
    assert_eq!(by_chance, (Concept::Holds, vec![Matters, ExplainsLoss]));
    let small = still(accuracy(0.9, 0.9, 0.885, 0.001));
    assert_eq!(small, (Concept::Holds, vec![BeyondChance, ExplainsLoss, BelowBaseline]));
    let expected_loss = still(accuracy(0.9, 0.80, 0.75, 0.001));
    assert_eq!(expected_loss, (Concept::Holds, vec![BeyondChance, Matters, BelowBaseline]));
    assert_eq!(still(accuracy(0.9, 0.8, 0.9, 0.001)), (Concept::Holds, vec![]), "better than expected");
}

#[test]
fn calibration_alone_is_a_warning_in_the_right_words() {
    let fine = accuracy(0.9, 0.9, 0.9, 0.01);
    let moved = vec![ConceptReason::SecondaryBeyondChance];
    assert_eq!(judged(fine, &[1e-9], Inputs::Still), (Concept::CalibrationMoved, moved.clone()));
    assert_eq!(judged(fine, &[0.4, 1e-9], Inputs::Moved), (Concept::CalibrationMovedWithInputs, moved));
    assert_eq!(judged(fine, &[0.0008, 0.5], Inputs::Still), (Concept::Holds, vec![]), "one of two");
    assert_eq!(judged(accuracy(0.9, 0.89, 0.8, 0.01), &[1e-9], Inputs::Moved).0, Concept::Drifted);
}

#[test]
fn an_error_harms_when_it_rises() {
    let gap = Gap { realised: 1.5, estimated: 1.1, std_error: 0.05, rows: 1000 };
    let primary = Primary { gap, baseline: 1.0, baseline_std_error: 0.0, harm: Harm::Rising };
    let verdict = ConceptRule::for_errors(0.001, 1.0).judge(&primary, &[], Inputs::Still);
    assert_eq!(verdict.concept, Concept::Drifted);
    assert!((verdict.worse - 0.4).abs() < 1e-12 && (verdict.loss - 0.5).abs() < 1e-12);
    let fallen = Primary { gap: Gap { realised: 0.5, ..gap }, ..primary };
    assert_eq!(
        ConceptRule::for_errors(0.001, 1.0).judge(&fallen, &[], Inputs::Still).concept,
        Concept::Holds
    );
    // Nothing left to chance: the least harm is beyond it.
    let certain = Gap { std_error: 0.0, ..gap };
    assert_eq!([certain.p_value(0.1), certain.p_value(0.0), certain.p_value(-0.1)], [0.0, 1.0, 1.0]);
    // scipy.stats.norm.sf(2)
    assert!((gap.p_value(0.1) - 0.02275013194817921).abs() < 1e-10);
}
