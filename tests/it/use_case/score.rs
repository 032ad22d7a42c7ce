//! Scores and what the register lets in.

use driftd::use_case::{Amount, Grade, Person, ScalarError, Scores, Share, Text, Weights};

fn scores(value: i64, time_to_impact: i64, feasibility: i64, risk: i64, adoption: i64) -> Scores {
    let grade = |number| Grade::try_from(number).unwrap();
    Scores {
        value: grade(value),
        time_to_impact: grade(time_to_impact),
        feasibility: grade(feasibility),
        risk: grade(risk),
        adoption: grade(adoption),
    }
}

/// 5 × .30 + 3 × .20 + 2 × .20 + 4 × .15 + 1 × .15 = 1.50 + 0.60 + 0.40 + 0.60 + 0.15 = 3.25.
#[test]
fn the_weighted_score() {
    let found = scores(5, 3, 2, 4, 1).weighted(Weights::default());
    assert!((found.weighted - 3.25).abs() < 1e-12, "{found:?}");
    let all_five = scores(5, 5, 5, 5, 5).weighted(Weights::default());
    assert!((all_five.weighted - 5.0).abs() < 1e-12);
}

/// 1 × .30 + 4 × .20 + 5 × .20 + 4 × .15 + 3 × .15 = 3.15 and 5 × .30 + 4 × .20 + 1 × .20 + 3 × .15 + 1 × .15 =
/// 3.10: two sums that are near, of use cases that are not alike.
#[test]
fn value_and_feasibility_stand_beside_the_sum() {
    let easy = scores(1, 4, 5, 4, 3).weighted(Weights::default());
    let hard = scores(5, 4, 1, 3, 1).weighted(Weights::default());
    assert!((easy.weighted - 3.15).abs() < 1e-12 && (hard.weighted - 3.10).abs() < 1e-12);
    let json = serde_json::to_value(easy).unwrap();
    assert_eq!((&json["value"], &json["feasibility"]), (&1.into(), &5.into()));
    assert_eq!((hard.grades.value.get(), hard.grades.feasibility.get()), (5, 1));
}

#[test]
fn weights_add_to_one() {
    let value_only = Weights::new(1.0, 0.0, 0.0, 0.0, 0.0).unwrap();
    assert_eq!(scores(4, 1, 1, 1, 1).weighted(value_only).weighted, 4.0);
    assert!(Weights::new(0.3, 0.2, 0.2, 0.15, 0.15 + 9e-10).is_ok());
    assert!(Weights::new(0.3, 0.2, 0.2, 0.15, 0.15 + 2e-9).is_err());
    assert!(Weights::new(1.2, -0.2, 0.0, 0.0, 0.0).is_err());
    assert!(Weights::new(f64::NAN, 0.2, 0.2, 0.3, 0.3).is_err());
    assert!(matches!(Weights::new(0.5, 0.5, 0.5, 0.0, 0.0), Err(ScalarError::Weights(1.5))));
}

#[test]
fn values_out_of_range_are_refused() {
    assert_eq!(Grade::try_from(0), Err(ScalarError::Grade(0)));
    assert_eq!(Grade::try_from(6), Err(ScalarError::Grade(6)));
    assert_eq!(Amount::try_from(-0.01), Err(ScalarError::Amount(-0.01)));
    assert!(Amount::try_from(f64::NAN).is_err() && Amount::try_from(1.1e15).is_err());
    assert!(
        Share::try_from(1.01).is_err() && Share::try_from(-0.01).is_err() && Share::try_from(1.0).is_ok()
    );
    assert_eq!("  ".parse::<Person>(), Err(ScalarError::Empty));
    assert!("x".repeat(200).parse::<Person>().is_ok());
    let long = ScalarError::TooLong { bytes: 201, bytes_max: 200 };
    assert_eq!("x".repeat(201).parse::<Person>(), Err(long));
    assert_eq!("a\nb".parse::<Text>(), Err(ScalarError::ControlCharacter));
    assert_eq!(" A. Martin ".parse::<Person>().unwrap().as_str(), "A. Martin");
    assert!(serde_json::from_str::<Grade>("6").is_err());
    assert!(serde_json::from_str::<Amount>("-1").is_err());
}
