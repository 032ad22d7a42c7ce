//! The closing grid: each criterion at its limits, and the three horizons.

use driftd::use_case::{
    Assessment, Documentation, Facts, Finding, Limits, MonthFigures, Reason, Register, Rules, Share,
    Standing, UseCase, Watched, WatchedStatus, assess,
};
use jiff::civil::{Date, date};

use super::{after, assessed, claims, month, revenue_only, revenues, watched};

fn technique(watched: Vec<Watched>) -> Finding {
    let facts = Facts { today: after(0), months: Vec::new(), watched };
    assess(&claims(), &facts, &Rules::default()).closing.technique
}

#[test]
fn technique_is_met_when_all_that_is_watched_is_in_range() {
    use WatchedStatus::{Critical, InRange, Unknown, Warning};
    let of = |statuses: &[WatchedStatus]| {
        let named = ["accuracy", "latency_p95", "drift"].into_iter().zip(statuses);
        technique(named.map(|(what, status)| watched(what, "triage", *status)).collect())
    };
    let found = of(&[InRange, InRange]);
    assert_eq!((found.standing, found.words.as_str()), (Standing::Met, "2 of 2 in range"));
    let found = of(&[InRange, Warning, InRange]);
    assert_eq!(
        (found.standing, found.words.as_str()),
        (Standing::OnItsWay, "1 of 3 in warning: latency_p95")
    );
    let found = of(&[Critical, Warning, Unknown]);
    assert_eq!(found.standing, Standing::Missed);
    assert_eq!(found.words, "1 of 3 critical: accuracy; not known: drift");
    let found = of(&[InRange, Warning, Unknown]);
    assert_eq!(found.standing, Standing::Unknown(Reason::StatusUnknown { unknown: 1, of: 3 }));
    assert_eq!(of(&[]).standing, Standing::Unknown(Reason::NothingWatched));
}

#[test]
fn long_lists_are_cut() {
    let many = (1..=9).map(|n| watched(&format!("m{n}"), "triage", WatchedStatus::Critical)).collect();
    assert_eq!(technique(many).words, "9 of 9 critical: m1, m2, m3, m4, m5 and 4 more");
}

fn roi(one_off: f64, of_months: &[(f64, f64)]) -> Finding {
    let today = after(of_months.len() as u32);
    assessed(&revenue_only(one_off), revenues(of_months), today).closing.roi
}

/// Months bring 250 and cost 50: 200 net each.
///
/// | start | after month | net | ROI | by month 12 | standing |
/// |---|---|---|---|---|---|
/// | 1,200 | 6 | 0 | 0 of 1,500 | – | met |
/// | 1,500 | 6 | −300 | −300/1,800 | −300 + 6 × 200 = 900 | on its way |
/// | 2,400 | 6 | −1,200 | −1,200/2,700 | 0 | on its way |
/// | 2,500 | 6 | −1,300 | −1,300/2,800 | −100 | missed |
/// | 2,500 | 12 | −100 | −100/3,100 | over | missed |
#[test]
fn roi_is_met_on_its_way_or_missed() {
    let months = [(250.0, 50.0); 12];
    assert_eq!(roi(1_200.0, &months[..6]).standing, Standing::Met);
    let found = roi(1_500.0, &months[..6]);
    assert_eq!(found.standing, Standing::OnItsWay);
    let words = "ROI −16.7 % after month 6: 1500 came of 1800 spent; the mean of the last 3 months, going on, \
                 makes 900 net by month 12";
    assert_eq!(found.words, words);
    assert_eq!(roi(2_400.0, &months[..6]).standing, Standing::OnItsWay);
    assert_eq!(roi(2_500.0, &months[..6]).standing, Standing::Missed);
    let over = roi(2_500.0, &months);
    assert_eq!(over.standing, Standing::Missed);
    assert_eq!(over.words, "ROI −3.2 % after month 12: 3000 came of 3100 spent");
}

#[test]
fn roi_is_unknown_for_a_reason() {
    let unknown = |finding: Finding| match finding.standing {
        Standing::Unknown(reason) => reason,
        other => panic!("{other:?}"),
    };
    assert_eq!(unknown(roi(600.0, &[(250.0, 50.0); 2])), Reason::TooFewMonths { have: 2, need: 3 });
    assert_eq!(unknown(roi(0.0, &[(250.0, 0.0); 4])), Reason::NoCosts);
    let planned = UseCase { started_on: None, ..claims() };
    assert_eq!(unknown(assessed(&planned, Vec::new(), after(1)).closing.roi), Reason::NotStarted);
    let silent = assessed(&claims(), Vec::new(), after(2));
    assert_eq!(unknown(silent.closing.roi), Reason::MissingMonths(vec![month(1), month(2)]));
}

/// Usage and satisfaction by month, from month 1 on.
fn used(of_months: &[(f64, f64)]) -> Assessment {
    let months = (1..).zip(of_months).map(|(number, (usage, satisfaction))| MonthFigures {
        usage: Some(*usage),
        satisfaction: Some(*satisfaction),
        ..MonthFigures::unknown(month(number))
    });
    assessed(&claims(), months.collect(), after(of_months.len() as u32))
}

#[test]
fn adoption_wants_more_than_60_and_more_than_70_percent() {
    let standing = |usage, satisfaction| used(&[(usage, satisfaction)]).closing.adoption.standing;
    assert_eq!(standing(0.61, 0.71), Standing::Met);
    assert_eq!(standing(0.60, 0.71), Standing::Missed, "60 % is not above 60 %");
    assert_eq!(standing(0.61, 0.70), Standing::Missed);
    assert_eq!(
        used(&[(0.6, 0.715)]).closing.adoption.words,
        "usage 60 %, to be above 60 %; satisfaction 71.5 %, to be above 70 %"
    );
}

#[test]
fn adoption_is_on_its_way_while_its_curve_grows() {
    let growing = [(0.2, 0.8), (0.3, 0.8), (0.4, 0.8), (0.5, 0.8)];
    let found = used(&growing).closing.adoption;
    assert_eq!(found.standing, Standing::OnItsWay);
    assert!(found.words.starts_with("usage 50 %, to be above 60 % (it grows)"), "{}", found.words);
    assert_eq!(used(&growing[..3]).closing.adoption.standing, Standing::Missed, "3 months tell no trend");
    let mut falling = growing;
    falling.reverse();
    assert!(used(&falling).closing.adoption.words.contains("(it falls)"));
    // Usage grows, but nobody is satisfied: the worse of the two.
    let unloved = growing.map(|(usage, _)| (usage, 0.5));
    assert_eq!(used(&unloved).closing.adoption.standing, Standing::Missed);
}

#[test]
fn adoption_that_nobody_measured_is_unknown() {
    let mut months = vec![MonthFigures { usage: Some(0.9), ..MonthFigures::unknown(month(1)) }];
    let found = assessed(&claims(), months.clone(), after(1)).closing.adoption;
    assert_eq!(found.standing, Standing::Unknown(Reason::NoSatisfaction));
    months[0].usage = None;
    assert_eq!(
        assessed(&claims(), months, after(1)).closing.adoption.standing,
        Standing::Unknown(Reason::NoUsage)
    );
}

#[test]
fn the_limits_are_configurable() {
    let share = |number| Share::try_from(number).unwrap();
    let limits = Limits { usage_above: share(0.3), satisfaction_above: share(0.5) };
    let rules = Rules { limits, ..Rules::default() };
    let months =
        vec![MonthFigures { usage: Some(0.35), satisfaction: Some(0.55), ..MonthFigures::unknown(month(1)) }];
    let facts = Facts { today: after(1), months, watched: Vec::new() };
    assert_eq!(assess(&claims(), &facts, &rules).closing.adoption.standing, Standing::Met);
    assert_eq!(assess(&claims(), &facts, &Rules::default()).closing.adoption.standing, Standing::Missed);
}

/// On 1 June 2024.
fn register(documented: Documentation, last_audit: Option<Date>, audit_due: Option<Date>) -> Finding {
    let register = Register { audit_due, last_audit, documented };
    assessed(&UseCase { register, ..claims() }, Vec::new(), date(2024, 6, 1)).closing.register
}

#[test]
fn register_and_audit_are_up_to_date_or_not() {
    use Documentation::{Complete, Incomplete};
    let (past, today, coming) = (date(2024, 5, 20), date(2024, 6, 1), date(2025, 5, 20));
    assert_eq!(register(Complete, Some(past), Some(coming)).standing, Standing::Met);
    assert_eq!(
        register(Complete, Some(past), Some(today)).standing,
        Standing::Met,
        "due today is not overdue"
    );
    assert_eq!(register(Complete, None, Some(coming)).standing, Standing::OnItsWay);
    assert_eq!(register(Complete, Some(coming), Some(coming)).standing, Standing::OnItsWay, "not held yet");
    assert_eq!(register(Incomplete, Some(past), Some(coming)).standing, Standing::Missed);
    let unplanned = Standing::Unknown(Reason::NoAuditPlanned);
    assert_eq!(register(Complete, Some(past), None).standing, unplanned);
    // Due on 20 May, last held in January: 12 days ago. One held on that day or after it is in time.
    let overdue = register(Complete, Some(date(2024, 1, 9)), Some(past));
    assert_eq!(overdue.standing, Standing::Missed);
    assert_eq!(overdue.words, "register complete, audit overdue since 2024-05-20, for 12 days");
    assert_eq!(register(Complete, Some(past), Some(past)).standing, Standing::Met);
}

#[test]
fn the_organisation_is_as_well_as_the_worse_of_adoption_and_register() {
    // Adoption 90 % and 90 %; the first audit is still to come.
    let register = Register { last_audit: None, ..claims().register };
    let months =
        vec![MonthFigures { usage: Some(0.9), satisfaction: Some(0.9), ..MonthFigures::unknown(month(1)) }];
    let horizons = assessed(&UseCase { register, ..claims() }, months, after(1)).horizons;
    assert_eq!(horizons.technical, Standing::Met);
    assert_eq!(horizons.business, Standing::Unknown(Reason::MissingMonths(vec![month(1)])));
    assert_eq!(horizons.organisational, Standing::OnItsWay);
    // From good to bad: met, on its way, unknown, missed.
    let order = [Standing::Met, Standing::OnItsWay, Standing::Unknown(Reason::NoUsage), Standing::Missed];
    for (i, better) in order.iter().enumerate() {
        for worse in &order[i..] {
            assert_eq!(better.clone().worse(worse.clone()), *worse);
            assert_eq!(worse.clone().worse(better.clone()), *worse);
        }
    }
}
