//! The alarm's transitions, step by step.

use std::collections::BTreeSet;
use std::time::Duration;

use driftd::domain::Timestamp;
use driftd::verdict::Severity::{Critical, Warning};
use driftd::verdict::{Alarm, Evidence, Severity, Suppression, Transition, step};

const HOUR: Duration = Duration::from_secs(3_600);
const DAY: Duration = Duration::from_secs(86_400);
const WEEK: Duration = Duration::from_secs(7 * 86_400);

fn hour(n: i64) -> Timestamp {
    Timestamp::from_seconds(n * 3_600)
}

fn quiet(at: Timestamp) -> Evidence {
    Evidence {
        at,
        window: DAY,
        judged: true,
        alarming: None,
        windows_alarming: 0,
        windows_needed: 1,
        lingering: false,
        causes: BTreeSet::new(),
    }
}

fn drifting(at: Timestamp, severity: Severity) -> Evidence {
    Evidence { alarming: Some(severity), windows_alarming: 1, lingering: true, ..quiet(at) }
}

fn lingering(at: Timestamp) -> Evidence {
    Evidence { lingering: true, ..quiet(at) }
}

#[test]
fn it_opens_rises_lingers_and_closes_a_full_window_after_the_last_trace() {
    let mut alarm = None;
    let mut next = |evidence: Evidence| step(&mut alarm, &evidence, None);
    assert_eq!(next(quiet(hour(0))), Transition::Quiet);
    assert_eq!(next(drifting(hour(1), Warning)), Transition::Opened { severity: Warning });
    assert_eq!(next(drifting(hour(2), Warning)), Transition::Continues { severity: Warning });
    assert_eq!(next(drifting(hour(3), Critical)), Transition::Escalated { from: Warning, to: Critical });
    assert_eq!(next(drifting(hour(4), Warning)), Transition::Continues { severity: Critical });
    assert_eq!(next(lingering(hour(10))), Transition::Continues { severity: Critical });
    for at in 11..34 {
        assert_eq!(next(quiet(hour(at))), Transition::Closing { closes_at: hour(34) });
    }
    assert_eq!(next(quiet(hour(34))), Transition::Closed { severity: Critical });
    assert_eq!(next(quiet(hour(35))), Transition::Quiet);
}

#[test]
fn a_trace_while_closing_starts_the_window_anew() {
    let mut alarm = None;
    step(&mut alarm, &drifting(hour(0), Warning), None);
    step(&mut alarm, &quiet(hour(23)), None);
    step(&mut alarm, &lingering(hour(23)), None);
    assert_eq!(step(&mut alarm, &quiet(hour(24)), None), Transition::Closing { closes_at: hour(47) });
}

#[test]
fn windows_without_enough_rows_neither_open_nor_close() {
    let unjudged = |at| Evidence { judged: false, ..quiet(at) };
    let mut alarm = None;
    assert_eq!(step(&mut alarm, &unjudged(hour(0)), None), Transition::Unjudged);
    step(&mut alarm, &drifting(hour(1), Warning), None);
    assert_eq!(step(&mut alarm, &unjudged(hour(30)), None), Transition::Unjudged);
    assert!(matches!(step(&mut alarm, &quiet(hour(31)), None), Transition::Closed { .. }));
}

#[test]
fn every_length_that_held_it_must_be_quiet_for_its_own_window() {
    let week = |evidence: Evidence| Evidence { window: WEEK, ..evidence };
    let mut alarm = None;
    step(&mut alarm, &drifting(hour(0), Warning), None);
    step(&mut alarm, &week(lingering(hour(6))), None);
    let closes_at = hour(6).saturating_add(WEEK);
    assert_eq!(step(&mut alarm, &quiet(hour(48)), None), Transition::Closing { closes_at });
    assert_eq!(step(&mut alarm, &quiet(closes_at), None), Transition::Closing { closes_at });
    assert!(matches!(step(&mut alarm, &week(quiet(closes_at)), None), Transition::Closed { .. }));
}

#[test]
fn with_for_it_waits_until_enough_windows_alarmed() {
    let waiting = Evidence { windows_alarming: 1, windows_needed: 2, lingering: true, ..quiet(hour(24)) };
    let mut alarm = None;
    let expected = Transition::Waiting { windows_alarming: 1, windows_needed: 2 };
    assert_eq!(step(&mut alarm, &waiting, None), expected);
    assert_eq!(alarm, None);
}

#[test]
fn paused_and_historical_windows_open_and_raise_nothing() {
    for by in [Suppression::Paused, Suppression::Historical] {
        let mut alarm = None;
        let suppressed = Transition::Suppressed { severity: Critical, by };
        assert_eq!(step(&mut alarm, &drifting(hour(0), Critical), Some(by)), suppressed);
        assert_eq!(alarm, None);
        step(&mut alarm, &drifting(hour(1), Warning), None);
        assert_eq!(step(&mut alarm, &drifting(hour(2), Critical), Some(by)), suppressed);
        assert_eq!(alarm.as_ref().map(|alarm| alarm.severity), Some(Warning));
    }
}

#[test]
fn it_resumes_after_a_restart() {
    let mut alarm = None;
    step(&mut alarm, &drifting(hour(0), Warning), None);
    step(&mut alarm, &quiet(hour(20)), None);
    let stored = serde_json::to_vec(&alarm).expect("an alarm is JSON");
    let mut resumed: Option<Alarm> = serde_json::from_slice(&stored).expect("what was written");
    assert_eq!(resumed, alarm);
    let end = hour(0).saturating_add(24 * HOUR);
    assert!(matches!(step(&mut resumed, &quiet(end), None), Transition::Closed { .. }));
}
