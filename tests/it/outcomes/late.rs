//! Labels that come after they were waited for, rows that come all at once, states that older daemons left.

use std::time::Duration;

use driftd::domain::{Segment, TimeRange, Version};
use driftd::performance::Metric;
use driftd::verdict::{Due, ModelState, OutcomeEvaluation, Unjudged, outcomes_to_revise};

use super::stream::{FLIPPED, HARDER, QUIET, ROWS, Stream, WORLD};
use super::world::{DAILY, PANE, Scene, at};

const HOUR: Duration = Duration::from_secs(3_600);

/// Twenty days; of the third the second half of the labels is still to come.
fn waiting() -> (Scene<'static>, super::world::Rows) {
    let (mut scene, mut stream) = (Scene::new(&WORLD), Stream::new(41));
    let (unnamed, mut late) = (Version::unnamed(), None);
    for n in 0..20 * DAILY {
        let rows = stream.binary(QUIET, ROWS);
        scene.predict(&unnamed, n, &rows);
        let known = if n == 2 * DAILY { ROWS / 2 } else { ROWS };
        scene.label(&unnamed, n, &rows, HOUR, |row| row < known);
        scene.close(n);
        if n == 2 * DAILY {
            late = Some(rows);
        }
    }
    (scene, late.unwrap())
}

fn pane(n: i64) -> TimeRange {
    TimeRange { start: at(n), end: at(n + 1) }
}

#[test]
fn late_labels_move_values_and_the_revision_and_no_alarm() {
    let (mut scene, late) = waiting();
    let before = scene.outcome(3 * DAILY - 1).clone();
    scene.label(&Version::unnamed(), 2 * DAILY, &late, 17 * 24 * HOUR, |row| row >= ROWS / 2);
    assert_eq!(
        scene.book.take_late_outcomes().iter().map(|pane| pane.start).collect::<Vec<_>>(),
        [at(2 * DAILY)]
    );

    // Weeks later the one window that holds the pane and follows its like without overlap is judged again.
    let due = outcomes_to_revise(&scene.plan, &scene.state, pane(2 * DAILY));
    assert_eq!(due.iter().map(|due| due.end).collect::<Vec<_>>(), [at(3 * DAILY)]);
    let alarms = |scene: &Scene| scene.state.alarms().count();
    let open = alarms(&scene);
    for revision in 1..=2 {
        let revised = scene.revise(due[0]).unwrap();
        assert_eq!((revised.revision, revised.decisions.len()), (revision, 0));
        let verdict = &revised.verdicts[0];
        assert_eq!(verdict.labelled, before.labelled + ROWS as i64 / 2);
        assert_ne!(verdict.metric(Metric::Accuracy), before.metric(Metric::Accuracy));
        assert_eq!(verdict.stepped, None, "detectors do not step twice");
    }
    assert_eq!(alarms(&scene), open);
    assert_eq!(before.stepped.unwrap().rows, ROWS as u64);
}

#[test]
fn of_recent_windows_all_are_revised() {
    let (scene, _) = waiting();
    // Labels are waited for a day: the last window judged ends a day ago.
    let last = 19 * DAILY;
    let ends = |n| {
        let due = outcomes_to_revise(&scene.plan, &scene.state, pane(n));
        due.into_iter().map(|Due { end, .. }| end).collect::<Vec<_>>()
    };
    assert_eq!(ends(last - 2), [at(last - 1), at(last)]);
    assert_eq!(ends(last), []);
    let week: Vec<_> = outcomes_to_revise(
        &scene.plan,
        &scene.state,
        TimeRange { start: at(5 * DAILY), end: at(12 * DAILY) },
    );
    assert_eq!(week.len(), 7, "a window a day");
}

/// What was said, but for when.
fn sayings(scene: &Scene) -> Vec<OutcomeEvaluation> {
    let told = scene.told.iter().cloned();
    told.map(|told| OutcomeEvaluation { judged_at: at(0), ..told }).collect()
}

#[test]
fn rows_that_come_all_at_once_are_judged_as_they_would_have_been() {
    let rows: Vec<_> = {
        let mut stream = Stream::new(42);
        let truth = |n: i64| match n / DAILY {
            0..6 => QUIET,
            6..9 => HARDER,
            9..12 => QUIET,
            _ => FLIPPED,
        };
        (0..16 * DAILY).map(|n| stream.binary(truth(n), ROWS)).collect()
    };
    let mut live = Scene::new(&WORLD);
    (0..).zip(&rows).for_each(|(n, rows)| live.live(n, rows));
    let mut at_once = Scene::new(&WORLD);
    for (n, rows) in (0..).zip(&rows) {
        at_once.predict(&Version::unnamed(), n, rows);
        at_once.label(&Version::unnamed(), n, rows, HOUR, |_| true);
    }
    at_once.close(16 * DAILY - 1);
    assert_eq!(sayings(&live), sayings(&at_once));
    assert_eq!(live.state, at_once.state);
}

#[test]
fn verdicts_and_states_come_back_as_they_were_stored() {
    let (mut scene, mut stream) = (Scene::new(&WORLD), Stream::new(43));
    for n in 0..4 * DAILY {
        scene.live(n, &stream.binary(FLIPPED, ROWS));
    }
    let told = scene.told.last().unwrap();
    assert_eq!(OutcomeEvaluation::from_bytes(&told.to_bytes()).unwrap(), *told);
    assert_eq!(ModelState::from_bytes(&scene.state.to_bytes()).unwrap(), scene.state);
    // Of a daemon that knew no outcomes.
    let mut older = serde_json::to_value(ModelState::default()).unwrap();
    let fields = older.as_object_mut().unwrap();
    assert!(fields.remove("outcomes").is_some() && fields.remove("streams").is_some());
    assert_eq!(serde_json::from_value::<ModelState>(older).unwrap(), ModelState::default());
}

#[test]
fn a_window_on_other_grids_says_so_and_not_that_labels_lack() {
    let (mut scene, mut stream) = (Scene::new(&WORLD), Stream::new(43));
    for n in 0..4 * DAILY {
        if n == DAILY {
            scene.book.note_foreign(Version::unnamed(), Segment::All, PANE.pane_of(at(n)));
        }
        scene.live(n, &stream.binary(QUIET, ROWS));
    }
    for (last, why) in [(DAILY - 1, None), (DAILY, Some(Unjudged::GridChanged)), (2 * DAILY, None)] {
        let verdict = scene.outcome(last);
        assert_eq!((verdict.concept.unjudged, verdict.model.unjudged), (why, why), "pane {last}");
    }
    let words = scene.outcome(DAILY).explained();
    assert_eq!(words, "not to be said: rows of the window were counted on other grids");
}
