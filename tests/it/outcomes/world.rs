//! A model and its days on a clock moved by hand: predictions come, their labels later, and what is due is judged.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;
use std::time::Duration;

use driftd::batch::{Codes, ColumnValues, count_column};
use driftd::domain::{ColumnId, ColumnKind, PaneLength, Segment, Task, TimeRange, Timestamp, Version};
use driftd::performance::{Group, OutcomeColumns, Record, Yardstick, actuals};
use driftd::reference::{
    Baseline, BuildOptions, Builder, NamedClasses, Profile, ReferenceColumn, SegmentGrid, yardstick,
};
use driftd::sketch::{EncodedTally, Ruler, Tally};
use driftd::verdict::{
    Controls, Counts, Decision, Due, Evaluation, Kind, Model, ModelState, MonitoringPlan, OutcomeEvaluation,
    OutcomePlan, OutcomeVerdict, Outcomes, Present, Transition, WindowPlan, due, evaluate_closed,
    evaluate_outcomes, outcomes_due, revise_outcomes,
};
use driftd::window::{ClockMode, PaneBook};

use crate::support::traffic::day_plan;

pub const DAY: Duration = Duration::from_secs(86_400);
pub const PANE: PaneLength = PaneLength::SixHours;
/// Panes of a day, which is the length of a window too.
pub const DAILY: i64 = 4;

/// Rows as columns, their labels, and what they are sliced by.
#[derive(Debug, Clone, Default)]
pub struct Rows {
    pub columns: Vec<(ColumnId, ColumnValues)>,
    pub labels: Option<ColumnValues>,
    pub region: Option<Codes>,
    pub count: usize,
}

pub struct World {
    pub task: Task,
    pub profile: Profile,
    pub ruler: Arc<Ruler>,
    coarse: Arc<Ruler>,
    yardstick: Yardstick,
    coarse_yardstick: Yardstick,
    baseline: Option<Baseline>,
    segments: BTreeMap<Segment, Arc<Tally>>,
}

impl World {
    /// With a reference of these rows.
    pub fn new(task: Task, rows: Rows) -> Self {
        let options = BuildOptions { model: "m".parse().unwrap(), task: Some(task), windows: Vec::new() };
        let mut builder = Builder::new(options, rows.count, None).unwrap();
        if let Some(region) = rows.region {
            builder.slice_by(SegmentGrid::Groups, 10, vec![("region".into(), region)]).unwrap();
        }
        if let Some(labels) = rows.labels {
            builder.learn_outcomes(task, None, labels).unwrap();
        }
        for (id, values) in rows.columns {
            let kind = match values {
                ColumnValues::Numeric(_) => ColumnKind::Numeric,
                ColumnValues::Categorical(_) => ColumnKind::Categorical,
            };
            builder.add(ReferenceColumn { id, kind, values }).unwrap();
        }
        let profile = builder.finish().unwrap();
        let outcomes = profile.outcomes.as_ref();
        let yardstick = yardstick(task, NamedClasses::default(), &profile.ruler, outcomes).unwrap();
        let coarse_yardstick = yardstick.coarse();
        let coarse = profile.ruler.coarse().with_outcomes(coarse_yardstick.on_ruler());
        let segments = profile.segments.on(SegmentGrid::Groups, &profile.ruler).into_iter();
        let segments = segments
            .map(|(segment, tally)| (segment, Arc::new(Arc::unwrap_or_clone(tally).lying_on(&coarse))));
        let segments = segments.collect();
        let baseline = outcomes.and_then(|outcomes| outcomes.baseline(task, &profile.ruler));
        let ruler = profile.ruler.clone().with_outcomes(yardstick.on_ruler());
        let profile = Profile { tally: profile.tally.lying_on(&ruler), ruler: ruler.clone(), ..profile };
        let (ruler, coarse) = (Arc::new(ruler), Arc::new(coarse));
        Self { task, profile, ruler, coarse, yardstick, coarse_yardstick, baseline, segments }
    }

    /// The segments of rows, and the places of each one's rows.
    fn parts(rows: &Rows) -> BTreeMap<Segment, Vec<usize>> {
        let mut parts = BTreeMap::from([(Segment::All, (0..rows.count).collect::<Vec<_>>())]);
        for (row, &code) in rows.region.iter().flat_map(|codes| codes.codes.iter().enumerate()) {
            let value = rows.region.as_ref().unwrap().names[code as usize].clone();
            parts.entry(Segment::Slice { attribute: "region".into(), value }).or_default().push(row);
        }
        parts
    }

    fn on(&self, segment: &Segment) -> (&Arc<Ruler>, &Yardstick) {
        match segment {
            Segment::All => (&self.ruler, &self.yardstick),
            Segment::Slice { .. } => (&self.coarse, &self.coarse_yardstick),
        }
    }

    /// What some rows are counted as when they come.
    fn predictions(&self, rows: &Rows, segment: &Segment, places: &[usize]) -> EncodedTally {
        let (ruler, yardstick) = self.on(segment);
        let mut tally = Tally { rows: places.len() as i64, ..Tally::empty(ruler) };
        for ((id, grid), counts) in ruler.columns().iter().zip(&mut tally.columns) {
            let (_, values) = rows.columns.iter().find(|(known, _)| known == id).unwrap();
            *counts = count_column(&picked(values, places), grid);
        }
        let mut record = Record::empty(yardstick);
        let columns = OutcomeColumns::of(rows.columns.iter().map(|(id, values)| (id, values)));
        let predicted = columns.predictions(yardstick);
        for predicted in places.iter().filter_map(|&row| predicted[row].as_ref()) {
            record.count_prediction(yardstick, predicted, 1);
        }
        tally.outcomes = record.integers();
        EncodedTally::of(ruler, &tally)
    }

    /// What some rows' labels are counted as when they come.
    fn outcomes(&self, rows: &Rows, segment: &Segment, places: &[usize], lag: Duration) -> EncodedTally {
        let (ruler, yardstick) = self.on(segment);
        let mut record = Record::empty(yardstick);
        let columns = OutcomeColumns::of(rows.columns.iter().map(|(id, values)| (id, values)));
        let predicted = columns.predictions(yardstick);
        let actual = actuals(yardstick, rows.labels.as_ref().unwrap());
        for &row in places {
            if let (Some(predicted), Some(actual)) = (&predicted[row], actual[row]) {
                record.count_outcome(yardstick, predicted, actual, lag, 1);
            }
        }
        EncodedTally::of_outcomes(ruler, &record.integers())
    }
}

fn picked(values: &ColumnValues, places: &[usize]) -> ColumnValues {
    match values {
        ColumnValues::Numeric(numbers) => {
            ColumnValues::Numeric(places.iter().map(|&row| numbers[row]).collect())
        }
        ColumnValues::Categorical(Codes { codes, names }) => ColumnValues::Categorical(Codes {
            codes: places.iter().map(|&row| codes[row]).collect(),
            names: names.clone(),
        }),
    }
}

/// Everything that the daemon would keep of a model.
pub struct Scene<'w> {
    world: &'w World,
    pub plan: MonitoringPlan,
    pub trained_at: BTreeMap<Version, Timestamp>,
    pub book: PaneBook,
    pub state: ModelState,
    pub now: Timestamp,
    pub said: Vec<Evaluation>,
    pub told: Vec<OutcomeEvaluation>,
}

/// The start of the `n`-th pane.
pub fn at(n: i64) -> Timestamp {
    Timestamp::from_seconds(n * PANE.seconds())
}

impl<'w> Scene<'w> {
    /// Windows of a day, whose labels are waited for a day.
    pub fn new(world: &'w World) -> Self {
        let window = WindowPlan { pane: PANE, lateness: Duration::ZERO, ..WindowPlan::default() };
        let outcomes = OutcomePlan { label_wait: DAY, ..OutcomePlan::of(world.task) };
        let rulers = vec![world.ruler.clone(), world.coarse.clone()];
        Self {
            world,
            plan: MonitoringPlan { windows: vec![window], outcomes, ..day_plan() },
            trained_at: BTreeMap::new(),
            book: PaneBook::new(PANE, rulers, usize::MAX, Timestamp::MIN),
            state: ModelState::default(),
            now: at(0),
            said: Vec::new(),
            told: Vec::new(),
        }
    }

    pub fn predict(&mut self, version: &Version, n: i64, rows: &Rows) {
        for (segment, places) in World::parts(rows) {
            let counts = self.world.predictions(rows, &segment, &places);
            self.book.apply(version, &segment, PANE.pane_of(at(n)), counts).unwrap();
        }
    }

    /// Labels of the rows whose place `is_labelled`.
    pub fn label(
        &mut self,
        version: &Version,
        n: i64,
        rows: &Rows,
        lag: Duration,
        is_labelled: impl Fn(usize) -> bool,
    ) {
        for (segment, mut places) in World::parts(rows) {
            places.retain(|&row| is_labelled(row));
            let counts = self.world.outcomes(rows, &segment, &places, lag);
            self.book.apply(version, &segment, PANE.pane_of(at(n)), counts).unwrap();
        }
    }

    /// A pane of rows with all their labels; then what is due.
    pub fn live(&mut self, n: i64, rows: &Rows) {
        self.predict(&Version::unnamed(), n, rows);
        self.label(&Version::unnamed(), n, rows, Duration::from_secs(3_600), |_| true);
        self.close(n);
    }

    /// The watermark passes the end of a pane: what is due is judged, in the order in which it was complete.
    pub fn close(&mut self, n: i64) {
        self.now = self.now.max(at(n + 1));
        self.book.settle(self.now);
        while let Some((due, is_of_outcomes)) = self.next() {
            let (world, present) = (self.world, self.present());
            match is_of_outcomes {
                false => {
                    let judged = self
                        .with_model(|model, state, book| evaluate_closed(model, state, due, present, book));
                    let judged = judged.unwrap();
                    self.state = judged.state;
                    self.said.push(judged.evaluation);
                }
                true => {
                    let judged = self.with_model(|model, state, book| {
                        evaluate_outcomes(model, &outcomes(world), state, due, present, book)
                    });
                    let (evaluation, state) = judged.unwrap();
                    self.state = state;
                    self.told.push(evaluation);
                }
            }
        }
    }

    fn next(&self) -> Option<(Due, bool)> {
        let watermark = |wait| Some(self.now.saturating_sub(wait));
        let first = self.book.first_pane();
        let columns = due(&self.plan, &self.state, first, watermark, Duration::MAX, 1);
        let outcomes = outcomes_due(&self.plan, &self.state, first, watermark, Duration::MAX, 1);
        let both =
            columns.into_iter().map(|due| (due, false)).chain(outcomes.into_iter().map(|due| (due, true)));
        both.min_by_key(|(due, is_of_outcomes)| (due.closed_at, *is_of_outcomes))
    }

    /// Judges a window of outcomes again.
    pub fn revise(&mut self, due: Due) -> Option<OutcomeEvaluation> {
        let (world, present) = (self.world, self.present());
        let revised = self.with_model(|model, state, book| {
            revise_outcomes(model, &outcomes(world), state, due, present, book)
        });
        let (evaluation, state) = revised.unwrap()?;
        self.state = state;
        Some(evaluation)
    }

    fn present(&self) -> Present {
        Present { now: self.now, mode: ClockMode::Replay, idle_timeout: Duration::ZERO }
    }

    fn with_model<T>(&mut self, ask: impl FnOnce(&Model, &ModelState, &mut PaneBook) -> T) -> T {
        let nothing = BTreeSet::new();
        let model = Model {
            plan: &self.plan,
            profile: &self.world.profile,
            ruler: &self.world.ruler,
            segment_ruler: &self.world.coarse,
            segments: &self.world.segments,
            controls: &Controls::default(),
            baseline: &BTreeMap::new(),
            ignored: &nothing,
            sensitive: &nothing,
            trained_at: &self.trained_at,
            outcomes: Some(outcomes(self.world)),
        };
        ask(&model, &self.state, &mut self.book)
    }

    /// The counts of a version's window that ends with a pane.
    pub fn tally(&mut self, version: &Version, n: i64) -> Arc<Tally> {
        let range = TimeRange { start: at(n + 1 - DAILY), end: at(n + 1) };
        Counts::window(&mut self.book, version, &Segment::All, range, &[]).unwrap()
    }

    /// What became of the alarms of a kind: the pane with which the deciding window ended, and how.
    pub fn news(&self, kind: Kind) -> Vec<(i64, Transition)> {
        let of_columns = self.said.iter().flat_map(|said| &said.decisions);
        let decisions = of_columns.chain(self.told.iter().flat_map(|told| &told.decisions));
        let news = |decision: &&Decision| decision.kind == kind && decision.transition.is_news();
        let end = |decision: &Decision| decision.at.micros() / 1_000_000 / PANE.seconds() - 1;
        decisions.filter(news).map(|decision| (end(decision), decision.transition)).collect()
    }

    /// What labels said of the window that ends with a pane.
    pub fn outcome(&self, n: i64) -> &OutcomeVerdict {
        let told = self.told.iter().find(|told| told.window.end == at(n + 1));
        &told.unwrap_or_else(|| panic!("pane {n} was not judged")).verdicts[0]
    }
}

fn outcomes(world: &World) -> Outcomes<'_> {
    Outcomes {
        task: world.task,
        yardstick: &world.yardstick,
        segment_yardstick: &world.coarse_yardstick,
        baseline: world.baseline.as_ref(),
    }
}
