//! Months of traffic that never was, through the shipped counting, judging and alarm code.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;
use std::time::Duration;

use driftd::batch::{Codes, ColumnValues};
use driftd::domain::{ColumnId, ColumnKind, Pane, PaneLength, Segment, Task, Timestamp, Version};
use driftd::reference::{BuildOptions, NullWindow, Profile, ReferenceColumn, build};
use driftd::sketch::{ColumnCounts, EncodedTally, Grid, Place, Ruler, Tally};
use driftd::statistic::Thresholds;
use driftd::verdict::{
    Against, Budget, Controls, Due, Evaluation, Kind, Model, ModelState, MonitoringPlan, OutcomePlan,
    Present, SilenceAfter, StatisticsPlan, Transition, WindowPlan, evaluate_closed,
};
use driftd::window::{ClockMode, PaneBook};
use rand::rngs::StdRng;
use rand::{RngExt, SeedableRng};
use rand_distr::StandardNormal;

pub const NUMERIC: usize = 15;
pub const CATEGORICAL: usize = 5;
const COLUMNS: usize = NUMERIC + CATEGORICAL;
const CATEGORIES: usize = 8;
/// Rows of a reference without timestamps.
const REFERENCE_ROWS: usize = 50_000;
/// Days of a reference with timestamps.
const REFERENCE_DAYS: usize = 60;
pub const HOUR: i64 = 3_600;

/// How rows hang together.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Kin {
    Independent,
    /// Each value remembers the one before: AR(1) with φ = 0.9.
    Wandering,
    /// Rows come in tens with the same values.
    Clustered,
}

/// Standard normal columns, row after row.
pub struct Stream {
    rng: StdRng,
    kin: Kin,
    now: [f64; COLUMNS],
    rows: usize,
}

impl Stream {
    pub fn new(kin: Kin, seed: u64) -> Self {
        let mut rng = StdRng::seed_from_u64(seed);
        let now = std::array::from_fn(|_| rng.sample(StandardNormal));
        Self { rng, kin, now, rows: 0 }
    }

    fn next_row(&mut self) -> &[f64; COLUMNS] {
        let redraw = self.kin != Kin::Clustered || self.rows.is_multiple_of(10);
        self.rows += 1;
        if redraw {
            for value in &mut self.now {
                let fresh: f64 = self.rng.sample(StandardNormal);
                *value = match self.kin {
                    Kin::Wandering => 0.9 * *value + 0.19f64.sqrt() * fresh,
                    _ => fresh,
                };
            }
        }
        &self.now
    }

    /// Columns of so many rows, the first moved by `shift`.
    fn columns(&mut self, rows: usize, shift: f64) -> Vec<Vec<f64>> {
        let mut columns: Vec<_> = (0..COLUMNS).map(|_| Vec::with_capacity(rows)).collect();
        for _ in 0..rows {
            let row = *self.next_row();
            columns.iter_mut().zip(row).for_each(|(column, value)| column.push(value));
        }
        columns[0].iter_mut().for_each(|value| *value += shift);
        columns
    }
}

fn category(value: f64) -> u32 {
    ((value + 2.0) * 2.0).floor().clamp(0.0, CATEGORIES as f64 - 1.0) as u32
}

fn id_of(column: usize) -> ColumnId {
    ColumnId::feature(format!("f{column:02}"))
}

/// A model with its reference, and the plan it is judged by.
pub struct World {
    pub plan: MonitoringPlan,
    pub profile: Profile,
    ruler: Arc<Ruler>,
    coarse: Arc<Ruler>,
    /// Where a category of a column is counted.
    places: Vec<[Place; CATEGORIES]>,
    pub rows_a_day: usize,
}

pub fn day_plan() -> MonitoringPlan {
    MonitoringPlan {
        windows: vec![WindowPlan::default()],
        references: vec![Against::Static],
        statistics: StatisticsPlan::default(),
        budget: Budget::default(),
        schema_violations: Thresholds { warning: 0.01, critical: 0.05 },
        silence_after: SilenceAfter::Off,
        outcomes: OutcomePlan::of(Task::Regression),
    }
}

impl World {
    /// Independent rows get a reference without timestamps; the others one with, and so a null of their own.
    pub fn new(kin: Kin, rows_a_day: usize, seed: u64) -> Self {
        let rows = if kin == Kin::Independent { REFERENCE_ROWS } else { REFERENCE_DAYS * rows_a_day };
        let mut stream = Stream::new(kin, seed);
        let step = 86_400_000_000 / rows_a_day as i64;
        let times: Vec<Timestamp> = (0..rows as i64).map(|i| Timestamp::from_micros(i * step)).collect();
        let names: Vec<Box<str>> = (0..CATEGORIES).map(|name| format!("c{name}").into()).collect();
        let columns = stream.columns(rows, 0.0).into_iter().enumerate().map(|(i, values)| match i {
            i if i < NUMERIC => ReferenceColumn {
                id: id_of(i),
                kind: ColumnKind::Numeric,
                values: ColumnValues::Numeric(values),
            },
            i => {
                let codes = values.into_iter().map(category).collect();
                let values = ColumnValues::Categorical(Codes { codes, names: names.clone() });
                ReferenceColumn { id: id_of(i), kind: ColumnKind::Categorical, values }
            }
        });
        let day = NullWindow::new(Duration::from_secs(86_400), PaneLength::Hour).expect("a window");
        let options = BuildOptions { model: "quiet".parse().expect("an id"), task: None, windows: vec![day] };
        let times = (kin != Kin::Independent).then_some(times.as_slice());
        let profile = build(options, rows, times, columns).expect("a reference");
        let (ruler, coarse) = (Arc::new(profile.ruler.clone()), Arc::new(profile.ruler.coarse()));
        let places = ruler.columns().iter().map(|(_, grid)| match grid {
            Grid::Categorical(grid) => std::array::from_fn(|name| grid.place(&names[name])),
            Grid::Numeric(_) => [Place::Unseen; CATEGORIES],
        });
        let places = places.collect();
        Self { plan: day_plan(), profile, ruler, coarse, places, rows_a_day }
    }

    fn tally(&self, columns: &[Vec<f64>]) -> Tally {
        let mut tally = Tally::empty(&self.ruler);
        tally.rows = columns[0].len() as i64;
        let columns = self.ruler.columns().iter().zip(&self.places).zip(columns);
        for ((((_, grid), places), values), counts) in columns.zip(&mut tally.columns) {
            match (grid, counts) {
                (Grid::Numeric(grid), ColumnCounts::Numeric { counts, .. }) => counts.count(grid, values),
                (Grid::Categorical(_), ColumnCounts::Categorical { counts, .. }) => {
                    values.iter().for_each(|value| counts.count(places[category(*value) as usize], 1));
                }
                _ => unreachable!("counts lie on their grid"),
            }
        }
        tally
    }

    /// Runs so many hours, the first day without judging; a shift of the first column begins where it says.
    pub fn run(&self, kin: Kin, seed: u64, hours: i64, shift: Option<Shift>) -> Told {
        let (version, mut stream) = (Version::unnamed(), Stream::new(kin, seed));
        let (controls, nothing, no_baseline) = (Controls::default(), BTreeSet::new(), BTreeMap::new());
        let no_segments = BTreeMap::new();
        let model = Model {
            trained_at: &Default::default(),
            outcomes: None,
            plan: &self.plan,
            profile: &self.profile,
            ruler: &self.ruler,
            segment_ruler: &self.coarse,
            segments: &no_segments,
            controls: &controls,
            baseline: &no_baseline,
            ignored: &nothing,
            sensitive: &nothing,
        };
        let rulers = vec![self.ruler.clone(), self.coarse.clone()];
        let mut book = PaneBook::new(PaneLength::Hour, rulers, usize::MAX, Timestamp::MIN);
        let mut state = ModelState::default();
        let mut told = Told::default();
        for hour in 0..hours {
            let rows = (hour + 1) as usize * self.rows_a_day / 24 - hour as usize * self.rows_a_day / 24;
            let sigma = shift.filter(|shift| hour >= shift.from_hour).map_or(0.0, |shift| shift.sigma);
            let tally = EncodedTally::of(&self.ruler, &self.tally(&stream.columns(rows, sigma)));
            let pane = PaneLength::Hour.pane_of(Timestamp::from_seconds(hour * HOUR));
            book.apply(&version, &Segment::All, pane, tally).expect("counts on the ruler");
            book.settle(pane.end());
            let present = Present { now: pane.end(), mode: ClockMode::Replay, idle_timeout: Duration::ZERO };
            for due in self.due(pane) {
                let evaluated = evaluate_closed(&model, &state, due, present, &mut book);
                let evaluated = evaluated.expect("everything is in memory");
                state = evaluated.state;
                told.hear(&evaluated.evaluation, due.window == 0);
            }
            if let Some(shift) = shift.filter(|shift| hour >= shift.from_hour && told.opened > 0) {
                told.delay_hours = Some(hour + 1 - shift.from_hour);
                break;
            }
        }
        told
    }
}

impl World {
    /// The windows that end with a pane and were full.
    fn due(&self, pane: Pane) -> impl Iterator<Item = Due> {
        let full = move |plan: &WindowPlan| pane.end().micros() >= plan.length.as_micros() as i64;
        let ends = move |plan: &WindowPlan| plan.pane.pane_of(pane.end()).start == pane.end();
        let windows = self.plan.windows.iter().enumerate();
        windows.filter(move |(_, plan)| full(plan) && ends(plan)).map(move |(window, _)| Due {
            window,
            end: pane.end(),
            closed_at: pane.end(),
        })
    }
}

#[derive(Debug, Clone, Copy)]
pub struct Shift {
    pub from_hour: i64,
    pub sigma: f64,
}

/// What the alarms of one run said.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Told {
    pub panes: u32,
    /// Panes at which some column was significant, whatever its effect.
    pub significant: u32,
    /// Changes of the verdict between drifting and not.
    pub flaps: u32,
    pub opened: u32,
    pub closed: u32,
    /// From the shift to the incident, once it was found.
    pub delay_hours: Option<i64>,
    /// Whether the last verdict said drift.
    drifting: bool,
}

impl Told {
    /// Takes in what one evaluation said; panes and verdicts are those of the `first` window.
    fn hear(&mut self, evaluation: &Evaluation, first: bool) {
        let verdict = &evaluation.verdicts[0];
        if first {
            let drifts = verdict.status.severity().is_some();
            self.panes += 1;
            self.significant += u32::from(verdict.columns.iter().any(|column| column.significant));
            self.flaps += u32::from(drifts != self.drifting);
            self.drifting = drifts;
        }
        for decision in evaluation.decisions.iter().filter(|decision| decision.kind == Kind::Data) {
            self.opened += u32::from(matches!(decision.transition, Transition::Opened { .. }));
            self.closed += u32::from(matches!(decision.transition, Transition::Closed { .. }));
        }
    }
}
