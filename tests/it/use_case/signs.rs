//! The six signs of a badly run portfolio: each raised, each not.

use driftd::use_case::{
    Assessment, Documentation, MonthFigures, PortfolioFacts, Priority, Register, Sign, SignId, SignState,
    UseCase, portfolio,
};

use super::{after, assessed, claims, month, revenue_only, revenues};

fn with_priorities(assessments: &[Assessment], id: SignId, priorities: Vec<Priority>) -> Sign {
    let facts = PortfolioFacts { priorities, ..PortfolioFacts::on(after(6)) };
    portfolio(assessments, &facts).signs.into_iter().find(|sign| sign.id == id).unwrap()
}

fn sign(id: SignId, use_cases: &[(UseCase, Vec<MonthFigures>)]) -> Sign {
    let of = |(use_case, months): &(UseCase, Vec<MonthFigures>)| assessed(use_case, months.clone(), after(6));
    with_priorities(&use_cases.iter().map(of).collect::<Vec<_>>(), id, Vec::new())
}

fn named(id: &str) -> UseCase {
    UseCase { id: id.parse().unwrap(), ..claims() }
}

/// Raised by the second of two use cases, clear of the first alone.
fn raised_by(id: SignId, well: (UseCase, Vec<MonthFigures>), ill: (UseCase, Vec<MonthFigures>), words: &str) {
    let clear = sign(id, std::slice::from_ref(&well));
    assert_eq!((clear.state, clear.n, clear.evidence.len()), (SignState::Clear, 1, 0));
    let ill_id = ill.0.id.clone();
    let raised = sign(id, &[well, ill]);
    assert_eq!((raised.state, raised.n, raised.evidence.len()), (SignState::Raised, 2, 1));
    assert_eq!(
        (raised.evidence[0].use_case.as_ref(), raised.evidence[0].words.as_str()),
        (Some(&ill_id), words)
    );
}

#[test]
fn no_kpi_is_named() {
    let ill = UseCase { north_star: None, ..named("chat") };
    raised_by(SignId::NoKpi, (claims(), vec![]), (ill, vec![]), "names no north-star KPI");
}

#[test]
fn nobody_owns_it() {
    let ill = UseCase { owner: None, ..named("chat") };
    raised_by(SignId::NoOwner, (claims(), vec![]), (ill, vec![]), "has no owner");
}

#[test]
fn compliance_is_late() {
    // Today is 1 July 2024.
    let overdue = Register { audit_due: Some(month(6).last_day()), ..claims().register };
    let words = "register complete, audit overdue since 2024-06-30, for 1 day";
    let ill = UseCase { register: overdue, ..named("chat") };
    raised_by(SignId::ComplianceLate, (claims(), vec![]), (ill, vec![]), words);
    let register = Register { documented: Documentation::Incomplete, ..claims().register };
    let words = "register incomplete, audited on 2024-02-01, again due by 2025-03-01";
    let ill = UseCase { register, ..named("chat") };
    raised_by(SignId::ComplianceLate, (claims(), vec![]), (ill, vec![]), words);
}

fn usage(of_months: [f64; 6]) -> Vec<MonthFigures> {
    let months = (1..).zip(of_months);
    months
        .map(|(number, usage)| MonthFigures { usage: Some(usage), ..MonthFigures::unknown(month(number)) })
        .collect()
}

/// Every pair of the falling curve falls; the slopes between months are 5 points, but for small steps, in the
/// median.
#[test]
fn adoption_falls_after_the_start() {
    let steady = (claims(), usage([0.5, 0.6, 0.5, 0.6, 0.5, 0.6]));
    let falling = (named("chat"), usage([0.75, 0.70, 0.65, 0.60, 0.55, 0.50]));
    let words = "usage falls over 6 months, by 5.0 points a month";
    raised_by(SignId::AdoptionFalling, steady, falling, words);
    let unmeasured = sign(SignId::AdoptionFalling, &[(claims(), vec![])]);
    assert_eq!((unmeasured.state, unmeasured.n), (SignState::Unknown, 0));
}

/// Cost 100, 110 … 150 a month; benefits 900 and 905 in turn, or 900, 950 … 1,150.
#[test]
fn cost_rises_without_impact() {
    let costs = [100.0, 110.0, 120.0, 130.0, 140.0, 150.0];
    let months = |benefits: [f64; 6]| revenues(&std::array::from_fn::<_, 6, _>(|i| (benefits[i], costs[i])));
    let flat = months([900.0, 905.0, 900.0, 905.0, 900.0, 905.0]);
    let grows = months([900.0, 950.0, 1_000.0, 1_050.0, 1_100.0, 1_150.0]);
    let ill = UseCase { id: "chat".parse().unwrap(), ..revenue_only(10.0) };
    let words = "over the last 6 months the run cost grows by 10 a month, the benefits by 0";
    raised_by(SignId::CostWithoutImpact, (revenue_only(10.0), grows), (ill, flat.clone()), words);
    // No steady growth, but by far more than the cost: 300 a month in the median.
    let leaps = months([900.0, 2_500.0, 1_500.0, 2_600.0, 2_400.0, 2_450.0]);
    assert_eq!(sign(SignId::CostWithoutImpact, &[(revenue_only(10.0), leaps)]).state, SignState::Clear);
    // Five complete months are too few; a steady cost is none that rises.
    let five = sign(
        SignId::CostWithoutImpact,
        &[(UseCase { started_on: Some(month(2).first_day()), ..revenue_only(10.0) }, flat)],
    );
    assert_eq!(five.state, SignState::Unknown);
    let steady = (revenue_only(10.0), revenues(&[(900.0, 100.0); 6]));
    assert_eq!(sign(SignId::CostWithoutImpact, &[steady]).state, SignState::Clear);
}

#[test]
fn planned_cost_tells_nothing_of_cost() {
    let mut use_case = revenue_only(10.0);
    use_case.tracked.remove(&driftd::use_case::Component::RunCost);
    let found = sign(SignId::CostWithoutImpact, &[(use_case, revenues(&[(900.0, 0.0); 6]))]);
    assert_eq!(found.state, SignState::Unknown);
}

fn priority(use_case: &str, reason: &str) -> Priority {
    Priority { use_case: use_case.parse().unwrap(), reason: reason.parse().ok() }
}

#[test]
fn there_are_no_three_priorities_with_reasons() {
    let four: Vec<Assessment> = ["a", "b", "c", "d"].map(|id| assessed(&named(id), vec![], after(6))).into();
    let of = |assessments: &[Assessment], priorities| {
        with_priorities(assessments, SignId::NoPriorities, priorities)
    };
    let full = vec![priority("a", "pays most"), priority("c", "law"), priority("d", "asked for")];
    assert_eq!(of(&four, full.clone()).state, SignState::Clear);
    let found = of(&four, Vec::new());
    assert_eq!((found.state, found.evidence.len()), (SignState::Raised, 1));
    assert_eq!(found.evidence[0].words, "0 of 3 priorities are named with a reason");
    // One twice, one without a reason, one that nobody registered: two are left.
    let poor =
        vec![full[0].clone(), full[0].clone(), full[1].clone(), priority("d", " "), priority("z", "hope")];
    let found = of(&four, poor);
    let words: Vec<&str> = found.evidence.iter().map(|evidence| evidence.words.as_str()).collect();
    let expected = [
        "2 of 3 priorities are named with a reason",
        "is a priority without a reason",
        "is a priority but not in the register",
    ];
    assert_eq!(words, expected);
    // A portfolio of two can name two.
    assert_eq!(of(&four[..2], vec![full[0].clone(), priority("b", "quick")]).state, SignState::Clear);
    assert_eq!(of(&[], full).state, SignState::Unknown);
}
