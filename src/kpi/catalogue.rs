//! All KPIs together, checked against one another.

use std::collections::BTreeMap;
use std::collections::btree_map::Entry;
use std::time::Duration;

use super::calendar::{Calendar, PaneUnit};
use super::catalogue_error::CatalogueError;
use super::check;
use super::definition::{Definition, Kind, Reading};
use super::formula::FormulaName;
use super::id::{KpiId, KpiName, UseCaseId};
use super::sample::{Sample, SampleError, SampleValue};
use super::state::StateKind;
use super::unit::Unit;
use crate::domain::TimeRange;

/// A number that formulas read: an hourly cost, a head count.
#[derive(Debug, Clone, PartialEq)]
pub struct Constant {
    pub value: f64,
    pub unit: Unit,
}

/// Constants, of a use case or of all.
pub type Constants = BTreeMap<(Option<UseCaseId>, KpiName), Constant>;

/// How a stream is counted.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Stream {
    pub kind: StateKind,
    pub pane: PaneUnit,
    /// The attribute that it is also counted by.
    pub by: Option<Box<str>>,
    /// The lowest and highest answer of a survey.
    pub scale: Option<(i16, i16)>,
}

/// What a name in a formula stands for.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum Input<'a> {
    Kpi(&'a KpiId),
    Constant(&'a Constant),
}

/// The KPIs of a daemon: each id once, formulas without cycles and in one unit, streams counted in one way.
#[derive(Debug, Clone, PartialEq)]
pub struct Catalogue {
    definitions: BTreeMap<KpiId, Definition>,
    constants: Constants,
    streams: BTreeMap<KpiId, Stream>,
    /// Inputs before the formulas that read them.
    order: Vec<KpiId>,
    calendar: Calendar,
    lateness: Duration,
    /// Of formulas that wait for inputs which are waited for for longer than others.
    late: BTreeMap<KpiId, Duration>,
}

impl Catalogue {
    /// Most KPIs.
    pub const DEFINITIONS_MAX: usize = 10_000;
    /// Most formulas that read one another in a row.
    pub const FORMULA_DEPTH_MAX: usize = 16;

    /// Errors: all that is wrong. `lateness`: how long after a period's end its samples are waited for.
    pub fn new(
        definitions: Vec<Definition>,
        constants: Constants,
        calendar: Calendar,
        lateness: Duration,
    ) -> Result<Self, Vec<CatalogueError>> {
        let mut errors = Vec::new();
        if definitions.len() > Self::DEFINITIONS_MAX {
            return Err(vec![CatalogueError::TooMany { found: definitions.len() }]);
        }
        let mut by_id = BTreeMap::new();
        for definition in definitions {
            match by_id.entry(definition.id.clone()) {
                Entry::Occupied(_) => errors.push(CatalogueError::Duplicate { kpi: definition.id }),
                Entry::Vacant(place) => {
                    place.insert(definition);
                }
            }
        }
        let mut catalogue = Self {
            definitions: by_id,
            constants,
            streams: BTreeMap::new(),
            order: Vec::new(),
            calendar,
            lateness,
            late: BTreeMap::new(),
        };
        check::bounds(&catalogue, &mut errors);
        catalogue.streams = check::streams(&catalogue, &mut errors);
        check::names(&catalogue, &mut errors);
        catalogue.order = check::order(&catalogue, &mut errors);
        check::units(&catalogue, &mut errors);
        check::periods(&catalogue, &mut errors);
        catalogue.late = catalogue.late_formulas();
        if errors.is_empty() { Ok(catalogue) } else { Err(errors) }
    }

    /// By id.
    pub fn definitions(&self) -> impl Iterator<Item = &Definition> {
        self.definitions.values()
    }

    pub fn get(&self, id: &KpiId) -> Option<&Definition> {
        self.definitions.get(id)
    }

    /// What is counted, by the name that samples come under.
    pub fn streams(&self) -> &BTreeMap<KpiId, Stream> {
        &self.streams
    }

    pub fn constants(&self) -> &Constants {
        &self.constants
    }

    pub fn calendar(&self) -> &Calendar {
        &self.calendar
    }

    pub fn lateness(&self) -> Duration {
        self.lateness
    }

    /// What a KPI's value of a period is of: the period, or its window up to the period's end.
    pub fn over(&self, definition: &Definition, period: TimeRange) -> TimeRange {
        match definition.window {
            Some(window) => self.calendar.up_to(period.end, definition.period.pane_unit(), window),
            None => period,
        }
    }

    /// How long after the end of a KPI's period its samples are waited for; of a formula that does not say, those of the
    /// input that is waited for longest.
    pub fn lateness_of(&self, definition: &Definition) -> Duration {
        let late = || self.late.get(&definition.id).copied().unwrap_or(self.lateness);
        definition.lateness.unwrap_or_else(late)
    }

    fn late_formulas(&self) -> BTreeMap<KpiId, Duration> {
        let mut late: BTreeMap<KpiId, Duration> = BTreeMap::new();
        for definition in self.order.iter().filter_map(|id| self.get(id)) {
            let of_input = |input: &KpiId| {
                let own = self.get(input).and_then(|input| input.lateness);
                own.or_else(|| late.get(input).copied())
            };
            let longest = self.inputs(definition).filter_map(of_input).max();
            if let Some(longest) = longest.filter(|longest| *longest > self.lateness) {
                late.insert(definition.id.clone(), longest);
            }
        }
        late
    }

    /// All ids, inputs before the formulas that read them.
    pub fn order(&self) -> &[KpiId] {
        &self.order
    }

    /// What a name in the formula of `of` stands for: a KPI of the same use case and model, else a constant of the use
    /// case, else one of all; in braces, the KPI of that id.
    pub fn input<'a>(&'a self, of: &KpiId, name: &FormulaName) -> Option<Input<'a>> {
        let kpi = |id: &KpiId| self.definitions.get_key_value(id).map(|(id, _)| Input::Kpi(id));
        match name {
            FormulaName::Other(id) => kpi(id),
            FormulaName::Own(name) => {
                let constant = |of: Option<&UseCaseId>| {
                    self.constants.get(&(of.cloned(), name.clone())).map(Input::Constant)
                };
                kpi(&KpiId { name: name.clone(), ..of.clone() })
                    .or_else(|| constant(of.use_case.as_ref()))
                    .or_else(|| constant(None))
            }
        }
    }

    /// The KPIs that a formula reads; none of what is counted.
    pub fn inputs<'a>(&'a self, definition: &'a Definition) -> impl Iterator<Item = &'a KpiId> {
        let names = match &definition.kind {
            Kind::Counted { .. } => &[],
            Kind::Formula(formula) => formula.names(),
        };
        names.iter().filter_map(|name| match self.input(&definition.id, name) {
            Some(Input::Kpi(id)) => Some(id),
            Some(Input::Constant(_)) | None => None,
        })
    }
}

impl Stream {
    /// How a KPI wants its stream counted.
    pub(super) fn of(definition: &Definition, reading: &Reading) -> Self {
        Self {
            kind: reading.counts(),
            pane: definition.period.pane_unit(),
            by: definition.by.clone(),
            scale: reading.scale(),
        }
    }

    /// Whether an answer is one of the survey's; the rest is checked as it is counted.
    pub fn check(&self, sample: &Sample) -> Result<(), SampleError> {
        match (self.scale, sample.value) {
            (Some((lowest, highest)), SampleValue::Number(answer)) => {
                super::answers::Answers::on_scale(answer, lowest, highest).map(|_| ())
            }
            _ => Ok(()),
        }
    }
}
