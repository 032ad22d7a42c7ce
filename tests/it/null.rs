//! Quiet traffic keeps to the false-alarm budget: a few seconds of what `benches/null_months.rs` does in full.

use super::support::traffic::{Kin, Shift, World};

const MONTH: i64 = 31 * 24;

/// Significance alone, at a budget so generous that it is often reached. Without Benjamini-Hochberg about a third of
/// the panes would have a significant column.
#[test]
fn independent_rows_are_significant_as_often_as_the_level_says() {
    let mut world = World::new(Kin::Independent, 1_000, 1);
    world.plan.budget.incidents = 30.0;
    let runs = (0..4).map(|seed| world.run(Kin::Independent, 100 + seed, MONTH, None));
    let (significant, panes) = runs.fold((0, 0), |sum, told| (sum.0 + told.significant, sum.1 + told.panes));
    // The level of one pane: 0.9 · 30 · 1 h / 30 d = 0.0375.
    let share = f64::from(significant) / f64::from(panes);
    assert!(share <= 0.0375, "{significant} of {panes} panes");
    assert!(share > 0.0005, "a level that is never reached proves nothing: {significant} of {panes} panes");
}

#[test]
fn dependent_rows_keep_to_the_budget_by_the_null_of_their_own_reference() {
    for kin in [Kin::Wandering, Kin::Clustered] {
        let mut opened = 0;
        for seed in 0..2 {
            let world = World::new(kin, 1_000, 10 + seed);
            opened += world.run(kin, 200 + seed, 15 * 24, None).opened;
        }
        assert_eq!(opened, 0, "{kin:?}");
    }
}

#[test]
fn half_a_standard_deviation_is_found_within_a_day() {
    let world = World::new(Kin::Independent, 1_000, 3);
    let told = world.run(Kin::Independent, 300, 10 * 24, Some(Shift { from_hour: 48, sigma: 0.5 }));
    let delay = told.delay_hours.expect("it is found");
    assert!((3..=24).contains(&delay), "{delay} h");
}
