//! Scenes of a model's life on a clock moved by hand: rows come, panes close, alarms open and close.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;
use std::time::Duration;

use driftd::batch::ColumnValues;
use driftd::clock::{Clock, ManualClock};
use driftd::domain::{ColumnId, ColumnKind, PaneLength, Segment, TimeRange, Timestamp, Version};
use driftd::reference::{BuildOptions, Profile, ReferenceColumn, build};
use driftd::sketch::{ColumnCounts, EncodedTally, Grid, Ruler, Tally};
use driftd::statistic::Reason;
use driftd::verdict::{
    Against, Baseline, Controls, Evaluation, Kind, Model, ModelState, MonitoringPlan, Pause, Present,
    Severity, SilenceAfter, Status, Suppression, Transition, WindowPlan, due, evaluate_closed,
    evaluate_silence, revise,
};
use driftd::window::{ClockMode, PaneBook, Watermark, WatermarkOptions};
use proptest::prelude::*;

use super::support::traffic::day_plan;

const HOUR: Duration = Duration::from_secs(3_600);
const LATENESS: Duration = HOUR;
/// Rows of one hour; a window of four hours holds enough to judge by.
const ROWS: u64 = 300;

fn hour(n: i64) -> Timestamp {
    Timestamp::from_seconds(n * 3_600)
}

/// Numbers without a pattern, uniform on [0, 1).
fn uniform(seed: u64) -> f64 {
    let mut x = seed.wrapping_add(1).wrapping_mul(0x9e37_79b9_7f4a_7c15);
    x = (x ^ (x >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    x = (x ^ (x >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
    ((x ^ (x >> 31)) >> 11) as f64 / (1u64 << 53) as f64
}

/// A model with two columns, and everything that the daemon would keep of it.
struct Scene {
    plan: MonitoringPlan,
    profile: Arc<Profile>,
    ruler: Arc<Ruler>,
    coarse: Arc<Ruler>,
    segments: BTreeMap<Segment, Arc<Tally>>,
    controls: Controls,
    mode: ClockMode,
    clock: ManualClock,
    watermark: Watermark,
    book: PaneBook,
    state: ModelState,
    said: Vec<Evaluation>,
}

impl Scene {
    fn new(mode: ClockMode) -> Self {
        let columns = ["age", "income"].into_iter().enumerate().map(|(i, name)| ReferenceColumn {
            id: ColumnId::feature(name),
            kind: ColumnKind::Numeric,
            values: ColumnValues::Numeric((0..4_000).map(|row| uniform(row * 2 + i as u64)).collect()),
        });
        let options = BuildOptions { model: "m".parse().expect("an id"), task: None, windows: Vec::new() };
        let profile = build(options, 4_000, None, columns).expect("a reference");
        let (ruler, coarse) = (Arc::new(profile.ruler.clone()), Arc::new(profile.ruler.coarse()));
        let mut plan = day_plan();
        plan.windows = vec![WindowPlan { length: 4 * HOUR, lateness: LATENESS, ..WindowPlan::default() }];
        let options = WatermarkOptions { mode, idle_timeout: HOUR, pane: PaneLength::Hour };
        Self {
            book: PaneBook::new(
                PaneLength::Hour,
                vec![ruler.clone(), coarse.clone()],
                usize::MAX,
                Timestamp::MIN,
            ),
            plan,
            profile: Arc::new(profile),
            ruler,
            coarse,
            segments: BTreeMap::new(),
            controls: Controls::default(),
            mode,
            clock: ManualClock::at(hour(0)),
            watermark: Watermark::new(options),
            state: ModelState::default(),
            said: Vec::new(),
        }
    }

    fn tally(&self, ruler: &Ruler, seed: u64, rows: u64, shift: f64) -> Tally {
        let mut tally = Tally { rows: rows as i64, ..Tally::empty(ruler) };
        for (i, ((_, grid), counts)) in ruler.columns().iter().zip(&mut tally.columns).enumerate() {
            let (Grid::Numeric(grid), ColumnCounts::Numeric { counts, .. }) = (grid, counts) else {
                continue;
            };
            let moved = if i == 0 { shift } else { 0.0 };
            let values = (0..rows).map(|row| uniform(1_000_000 + seed * 10_000 + row * 2 + i as u64) + moved);
            counts.count(grid, &values.collect::<Vec<_>>());
        }
        tally
    }

    /// Rows with event times in the `n`-th hour, the first column moved by `shift`, counted now.
    fn rows(&mut self, n: i64, rows: u64, shift: f64) {
        let tally = self.tally(&self.ruler, n as u64, rows, shift);
        self.apply(n, &Segment::All, &tally);
    }

    fn apply(&mut self, n: i64, segment: &Segment, tally: &Tally) {
        let ruler = if *segment == Segment::All { &self.ruler } else { &self.coarse };
        let pane = PaneLength::Hour.pane_of(hour(n));
        let counts = EncodedTally::of(ruler, tally);
        self.book.apply(&Version::unnamed(), segment, pane, counts).expect("counts on the ruler");
        let newest = pane.end().saturating_sub(Duration::from_secs(1));
        self.watermark.observe("http", newest, self.clock.now());
    }

    /// An hour of quiet or moved traffic, sent as it happens; then what is due.
    fn live_hour(&mut self, n: i64, shift: f64) {
        self.clock.set(hour(n + 1));
        self.rows(n, ROWS, shift);
        self.tick();
    }

    fn present(&self) -> Present {
        Present { now: self.clock.now(), mode: self.mode, idle_timeout: HOUR }
    }

    /// Closes and evaluates whatever the clock and the rows allow.
    fn tick(&mut self) {
        self.watermark.advance(self.clock.now());
        let Some(closed) = self.watermark.at(LATENESS) else { return };
        self.book.settle(closed);
        let watermark = self.watermark.clone();
        let found = due(
            &self.plan,
            &self.state,
            self.book.first_pane(),
            |late| watermark.at(late),
            Duration::MAX,
            usize::MAX,
        );
        for due in found {
            let present = self.present();
            let evaluated =
                self.with_model(|model, state, book| evaluate_closed(model, state, due, present, book));
            let evaluated = evaluated.expect("everything is in memory");
            self.state = evaluated.state;
            self.said.push(evaluated.evaluation);
        }
    }

    fn with_model<T>(&mut self, ask: impl FnOnce(&Model, &ModelState, &mut PaneBook) -> T) -> T {
        let coarse = self.coarse.clone();
        let (ruler, nothing) = (self.ruler.clone(), BTreeSet::new());
        let rulers = |segment: &Segment| if *segment == Segment::All { &*ruler } else { &*coarse };
        let baseline = self.controls.baseline.as_ref().map(|baseline| baseline.tallies(rulers));
        let baseline: BTreeMap<Segment, Tally> =
            baseline.transpose().expect("counts on the ruler").into_iter().flatten().collect();
        let model = Model {
            trained_at: &Default::default(),
            outcomes: None,
            plan: &self.plan,
            profile: &self.profile,
            ruler: &ruler,
            segment_ruler: &coarse,
            segments: &self.segments,
            controls: &self.controls,
            baseline: &baseline,
            ignored: &nothing,
            sensitive: &nothing,
        };
        ask(&model, &self.state, &mut self.book)
    }

    /// What became of an alarm, pane by pane, with the hour of the window's end.
    fn transitions(&self, kind: Kind) -> Vec<(i64, Transition)> {
        let decisions = self.said.iter().flat_map(|evaluation| &evaluation.decisions);
        let of_kind = decisions.filter(|decision| decision.kind == kind);
        of_kind.map(|decision| (decision.at.micros() / 3_600_000_000, decision.transition)).collect()
    }

    fn news(&self, kind: Kind) -> Vec<(i64, Transition)> {
        self.transitions(kind).into_iter().filter(|(_, transition)| transition.is_news()).collect()
    }
}

const CRITICAL: Severity = Severity::Critical;

#[test]
fn a_shift_opens_one_alarm_and_a_quiet_window_closes_it() {
    let mut scene = Scene::new(ClockMode::Live);
    for n in 0..40 {
        scene.live_hour(n, if (10..16).contains(&n) { 0.4 } else { 0.0 });
    }
    let news = scene.news(Kind::Data);
    assert_eq!(news.len(), 2, "{news:?}");
    assert_eq!(news[0], (11, Transition::Opened { severity: CRITICAL }));
    // The last moved hour leaves the window at 20 h; a full window of 4 h later it is over.
    let (closed_at, Transition::Closed { severity: CRITICAL }) = news[1] else { panic!("{news:?}") };
    let closed = scene.said.iter().flat_map(|said| &said.decisions).find(|d| d.at == hour(closed_at));
    assert_eq!(closed.and_then(|decision| decision.opened_at), Some(hour(11)));
    assert!((22..=24).contains(&closed_at), "{closed_at}");
    let opened = scene.said.iter().find(|said| said.window.end == hour(11)).expect("evaluated");
    let verdict = &opened.verdicts[0];
    assert_eq!((verdict.status, &verdict.drifted[..]), (Status::Critical, &[ColumnId::feature("age")][..]));
    let moved = verdict.moved_most.as_deref().expect("words");
    assert!(moved.starts_with("median of `age` 0.5"), "{moved}");
}

#[test]
fn a_pane_is_evaluated_once_and_only_when_the_watermark_has_passed_it() {
    let mut scene = Scene::new(ClockMode::Live);
    scene.live_hour(0, 0.0);
    assert!(scene.said.is_empty(), "the hour has ended, its lateness has not");
    scene.clock.advance(HOUR);
    scene.tick();
    scene.tick();
    assert_eq!(scene.said.len(), 1);
}

#[test]
fn late_rows_revise_the_window_and_leave_alarms_alone() {
    let mut scene = Scene::new(ClockMode::Live);
    (0..12).for_each(|n| scene.live_hour(n, 0.0));
    let judged = scene.said.last().expect("evaluated").clone();
    scene.rows(9, 2_000, 0.5);
    let late = scene.book.take_late();
    assert_eq!(late.len(), 1);
    let present = scene.present();
    let (revised, state) =
        scene.with_model(|m, s, book| revise(m, s, late[0].range(), present, book)).expect("counts");
    let again = revised.iter().find(|again| again.window == judged.window).expect("the window was revised");
    assert_eq!((judged.revision, again.revision), (0, 1));
    assert_eq!((judged.verdicts[0].status, again.verdicts[0].status), (Status::Ok, Status::Critical));
    assert!(again.decisions.is_empty());
    assert_eq!(state.alarms().count(), 0);
    scene.state = state;
    let (twice, _) =
        scene.with_model(|m, s, book| revise(m, s, late[0].range(), present, book)).expect("counts");
    assert!(twice.iter().all(|again| again.revision == 2));
    assert!(twice.iter().all(|again| again.window.overlaps(&late[0].range())));
}

#[test]
fn with_for_two_the_window_before_must_have_alarmed_too() {
    let mut scene = Scene::new(ClockMode::Live);
    scene.plan.windows[0].consecutive = 2;
    (0..24).for_each(|n| scene.live_hour(n, if n >= 10 { 0.4 } else { 0.0 }));
    let transitions = scene.transitions(Kind::Data);
    let waiting = Transition::Waiting { windows_alarming: 1, windows_needed: 2 };
    assert!(transitions.contains(&(11, waiting)), "{transitions:?}");
    assert_eq!(scene.news(Kind::Data), [(15, Transition::Opened { severity: CRITICAL })]);
}

#[test]
fn excluded_hours_are_in_no_window() {
    let mut scene = Scene::new(ClockMode::Live);
    scene.controls.excluded = vec![TimeRange { start: hour(10), end: hour(13) }];
    (0..24).for_each(|n| scene.live_hour(n, if (10..13).contains(&n) { 0.4 } else { 0.0 }));
    assert_eq!(scene.news(Kind::Data), []);
    let rows =
        scene.said.iter().find(|said| said.window.end == hour(13)).map(|said| said.verdicts[0].n_current);
    assert_eq!(rows, Some(ROWS as i64));
}

#[test]
fn a_pause_judges_and_an_alarm_opens_after_it() {
    let mut scene = Scene::new(ClockMode::Live);
    scene.controls.paused = vec![Pause { from: hour(9), until: Some(hour(14)) }];
    (0..24).for_each(|n| scene.live_hour(n, if n >= 10 { 0.4 } else { 0.0 }));
    let suppressed = Transition::Suppressed { severity: CRITICAL, by: Suppression::Paused };
    assert!(scene.transitions(Kind::Data).contains(&(11, suppressed)));
    assert_eq!(scene.news(Kind::Data), [(14, Transition::Opened { severity: CRITICAL })]);
}

#[test]
fn a_back_fill_is_judged_for_the_record() {
    let mut scene = Scene::new(ClockMode::Live);
    scene.clock.set(hour(1_000));
    (0..24).for_each(|n| scene.rows(n, ROWS, if n >= 10 { 0.4 } else { 0.0 }));
    scene.tick();
    assert!(scene.said.iter().all(|said| said.historical));
    assert_eq!(scene.news(Kind::Data), []);
    assert!(scene.said.iter().any(|said| said.verdicts[0].status == Status::Critical));
}

#[test]
fn a_baseline_stands_in_for_the_profile() {
    let mut scene = Scene::new(ClockMode::Live);
    let moved = scene.tally(&scene.ruler, 77, 4_000, 0.4);
    let range = TimeRange { start: hour(-24), end: hour(0) };
    scene.controls.baseline = Some(Baseline::new(range, hour(0), [(Segment::All, &moved)]));
    (0..12).for_each(|n| scene.live_hour(n, 0.4));
    assert_eq!(scene.news(Kind::Data), []);
    assert_eq!(scene.said.last().map(|said| said.verdicts[0].status), Some(Status::Ok));
}

#[test]
fn moving_references_say_when_there_is_no_history_and_judge_segments_once_there_is() {
    let mut scene = Scene::new(ClockMode::Live);
    scene.plan.references = vec![Against::Static, Against::Previous, Against::LastWeek];
    let segment: Segment = "region=ARA".parse().expect("a segment");
    for n in 0..24 {
        let tally = scene.tally(&scene.coarse, 500 + n as u64, ROWS, if n >= 16 { 0.4 } else { 0.0 });
        scene.apply(n, &segment, &tally);
        scene.live_hour(n, 0.0);
    }
    let first = &scene.said[3].verdicts[0];
    let reasons: Vec<_> = first.references.iter().map(|used| used.reason).collect();
    assert_eq!(reasons, [None, Some(Reason::NoHistory), Some(Reason::NoHistory)]);
    let at_20 = scene.said.iter().find(|said| said.window.end == hour(20)).expect("evaluated");
    let drifted: Vec<_> = at_20.verdicts[0].alarming().collect();
    assert_eq!(drifted.len(), 1, "{drifted:?}");
    assert_eq!((&drifted[0].segment, drifted[0].reference), (&segment, Against::Previous));
    let moved = at_20.verdicts[0].moved_most.as_deref().expect("words");
    assert!(moved.ends_with("where region=ARA"), "{moved}");
}

#[test]
fn a_segment_is_set_against_its_own_reference_and_one_that_has_none_says_so() {
    let mut scene = Scene::new(ClockMode::Live);
    let [known, unknown] =
        ["region=ARA", "region=IDF"].map(|text| text.parse::<Segment>().expect("a segment"));
    // In its own reference the segment lies 0.4 above the whole: traffic like the whole's is a shift to it.
    let reference = scene.tally(&scene.coarse, 900, 4_000, 0.4);
    scene.segments.insert(known.clone(), Arc::new(reference));
    for n in 0..24 {
        let tally = scene.tally(&scene.coarse, 500 + n as u64, ROWS, if n >= 16 { 0.0 } else { 0.4 });
        scene.apply(n, &known, &tally);
        scene.apply(n, &unknown, &tally);
        scene.live_hour(n, 0.0);
    }
    let verdict_at =
        |n| &scene.said.iter().find(|said| said.window.end == hour(n)).expect("evaluated").verdicts[0];
    let quiet = verdict_at(16);
    assert_eq!(quiet.alarming().count(), 0, "{quiet:#?}");
    let of =
        |segment: &Segment| quiet.columns.iter().find(|column| column.segment == *segment).expect("judged");
    assert_eq!(of(&known).status, Status::Ok);
    assert_eq!(
        (of(&unknown).status, of(&unknown).reason),
        (Status::InsufficientData, Some(Reason::NoReference))
    );
    let drifted: Vec<_> = verdict_at(20).alarming().map(|column| &column.segment).collect();
    assert_eq!(drifted, [&known]);

    // A baseline replaces the whole reference, its segments too.
    let all = scene.tally(&scene.ruler, 77, 4_000, 0.0);
    let range = TimeRange { start: hour(0), end: hour(8) };
    scene.controls.baseline = Some(Baseline::new(range, hour(24), [(Segment::All, &all)]));
    scene.live_hour(24, 0.0);
    let verdict = &scene.said.last().expect("evaluated").verdicts[0];
    let reasons: BTreeMap<_, _> =
        verdict.columns.iter().map(|column| (column.segment.to_string(), column.reason)).collect();
    let none = Some(Reason::NoReference);
    let expected = [("all", None), ("region=ARA", none), ("region=IDF", none)];
    assert_eq!(reasons, expected.map(|(segment, reason)| (segment.to_owned(), reason)).into());
}

#[test]
fn too_few_rows_are_insufficient_and_not_ok() {
    let mut scene = Scene::new(ClockMode::Live);
    for n in 0..4 {
        scene.clock.set(hour(n + 1));
        scene.rows(n, 50, 0.4);
        scene.tick();
    }
    let verdict = &scene.said.last().expect("evaluated").verdicts[0];
    assert_eq!((verdict.status, verdict.reason), (Status::InsufficientData, Some(Reason::InsufficientData)));
}

#[test]
fn traffic_that_collapses_is_a_volume_alarm_and_silence_one_of_its_own() {
    let mut scene = Scene::new(ClockMode::Live);
    scene.plan.silence_after = SilenceAfter::After(6 * HOUR);
    (0..100).for_each(|n| scene.live_hour(n, 0.0));
    assert_eq!(scene.news(Kind::Volume), []);
    let silence = |scene: &mut Scene| {
        let (last, present) = (scene.watermark.newest().expect("rows came"), scene.present());
        let (_, decision, state) =
            scene.with_model(|m, s, _| evaluate_silence(m, s, last, present)).expect("silence is watched");
        scene.state = state;
        decision.transition
    };
    assert_eq!(silence(&mut scene), Transition::Quiet);
    for _ in 0..7 {
        scene.clock.advance(HOUR);
        scene.tick();
    }
    assert_eq!(silence(&mut scene), Transition::Opened { severity: Severity::Warning });
    assert_eq!(scene.news(Kind::Volume)[0], (101, Transition::Opened { severity: CRITICAL }));
    (107..114).for_each(|n| scene.live_hour(n, 0.0));
    assert!(matches!(silence(&mut scene), Transition::Closed { .. }));
    assert!(matches!(scene.news(Kind::Volume)[..], [_, (_, Transition::Closed { .. })]));
}

#[test]
fn what_is_stored_is_read_again_and_goes_on_as_if_never_stopped() {
    let [mut steady, mut restarted] = [0, 1].map(|_| Scene::new(ClockMode::Live));
    for n in 0..30 {
        let shift = if (10..16).contains(&n) { 0.4 } else { 0.0 };
        steady.live_hour(n, shift);
        restarted.live_hour(n, shift);
        restarted.state = ModelState::from_bytes(&restarted.state.to_bytes()).expect("what was written");
    }
    assert_eq!(steady.said, restarted.said);
    for said in &steady.said {
        assert_eq!(Evaluation::from_bytes(&said.to_bytes()).as_ref(), Ok(said));
    }
    assert!(ModelState::from_bytes(&[9, 1, 2]).is_err());
    let whole = steady.state.to_bytes();
    assert!(ModelState::from_bytes(&whole[..whole.len() - 3]).is_err());
}

/// Hours of rows in two halves; each half arrives so many minutes after its hour ended.
fn replayed(delays: &[i64]) -> Scene {
    let mut scene = Scene::new(ClockMode::Replay);
    scene.plan.references = vec![Against::Static, Against::Previous];
    let mut arrivals: Vec<(Timestamp, usize)> = delays
        .iter()
        .enumerate()
        .map(|(i, minutes)| (hour(i as i64 / 2 + 1).saturating_add(HOUR / 60 * *minutes as u32), i))
        .collect();
    arrivals.sort_unstable();
    for (at, i) in arrivals {
        scene.clock.set(at);
        let shift = if i >= 20 { 0.3 } else { 0.0 };
        let tally = scene.tally(&scene.ruler, i as u64, ROWS / 2, shift);
        scene.apply(i as i64 / 2, &Segment::All, &tally);
        scene.tick();
    }
    scene.clock.advance(48 * HOUR);
    scene.tick();
    scene
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 16, ..ProptestConfig::default() })]

    /// Invariant 1: the same events within the lateness allowed, in any order of arrival, give the same verdicts,
    /// decisions and state.
    #[test]
    fn arrival_order_changes_nothing(delays in prop::collection::vec(0i64..59, 32)) {
        let (in_order, shuffled) = (replayed(&[0; 32]), replayed(&delays));
        prop_assert_eq!(in_order.said.len(), 16);
        let undated = |scene: &Scene| -> Vec<Evaluation> {
            scene.said.iter().map(|said| Evaluation { judged_at: hour(0), ..said.clone() }).collect()
        };
        prop_assert_eq!(undated(&in_order), undated(&shuffled));
        prop_assert_eq!(in_order.news(Kind::Data).len(), 1);
        prop_assert_eq!(in_order.state, shuffled.state);
    }
}
