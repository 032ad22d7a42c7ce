//! Use cases on the day: what their KPIs and models say, put together.

use jiff::civil::Date;

use super::Kpis;
use super::options::KpiOptions;
use crate::domain::{ModelId, Segment, TimeRange};
use crate::incident::{Incident, IncidentKind};
use crate::kpi::link::{Link, NoLink, Options, link};
use crate::kpi::{Definition, Family, KpiId, Period, Status};
use crate::pipeline::model::Model;
use crate::store::{IncidentQuery, Store, StoreError};
use crate::use_case::{
    Assessment, Facts, Month, MonthFigures, Portfolio, PortfolioFacts, SlaKept, TimeToValue, UseCase,
    Watched, WatchedStatus, assess, portfolio, time_to_value,
};
use crate::verdict::Severity;

/// Days, or whatever the north star's period is, that a target must be held for.
const HELD: u32 = 7;
/// Periods of a north star looked at.
const PERIODS_MAX: usize = 1_000;
/// Windows by which a technical KPI may lead.
const LAG_MAX: usize = 6;
/// Incidents that the share dealt with in time is of, the newest.
const INCIDENTS: usize = 1_000;

/// Incidents of these kinds say that a model is not in range.
const WATCHED: [IncidentKind; 9] = [
    IncidentKind::DataDrift,
    IncidentKind::ConceptDrift,
    IncidentKind::ModelDrift,
    IncidentKind::DataQuality,
    IncidentKind::Silence,
    IncidentKind::Performance,
    IncidentKind::Bias,
    IncidentKind::Availability,
    IncidentKind::Hallucination,
];

/// A use case with what is computed of it.
pub struct Assessed {
    pub assessment: Assessment,
    /// None where its north star has no target.
    pub time_to_value: Option<TimeToValue>,
}

impl<S: Store> Kpis<S> {
    /// Every use case of the config, in order of id.
    pub async fn assessed(&self, options: &KpiOptions) -> Vec<Assessed> {
        let mut assessed = Vec::with_capacity(options.use_cases.len());
        for use_case in &options.use_cases {
            assessed.push(self.assessed_one(options, use_case).await);
        }
        assessed
    }

    pub async fn assessed_one(&self, options: &KpiOptions, use_case: &UseCase) -> Assessed {
        let facts = self.facts(options, use_case).await;
        Assessed {
            assessment: assess(use_case, &facts, &options.portfolio.rules),
            time_to_value: self.time_to_value(options, use_case),
        }
    }

    /// All of them in sum.
    pub async fn in_sum(&self, options: &KpiOptions, assessed: &[Assessed]) -> Result<Portfolio, StoreError> {
        let newest = IncidentQuery {
            states: Default::default(),
            model: None,
            kind: None,
            severity: Some(Severity::Critical),
            before: None,
            limit: INCIDENTS,
        };
        let incidents = self.parts.store.read_incidents(newest).await?;
        let open = incidents.iter().filter(|incident| !incident.is_resolved()).count();
        let now = self.parts.clock.now();
        let due = incidents.iter().filter_map(|incident| incident.sla.zip(Some(incident)));
        let due: Vec<bool> = due
            .filter(|(sla, incident)| incident.is_resolved() || now >= sla.resolve_by)
            .map(|(sla, _)| sla.breached_at.is_none())
            .collect();
        let kept = due.iter().filter(|in_time| **in_time).count() as u64;
        let facts = PortfolioFacts {
            today: self.today(options),
            priorities: options.portfolio.priorities.clone(),
            critical_incidents_open: Some(open as u64),
            sla: Some(SlaKept { kept, due: due.len() as u64 }),
            remind_before_days: options.portfolio.remind_before_days,
        };
        let assessments: Vec<Assessment> = assessed.iter().map(|of| of.assessment.clone()).collect();
        Ok(portfolio(&assessments, &facts))
    }

    pub(super) fn today(&self, options: &KpiOptions) -> Date {
        let present = self.present().unwrap_or_else(|| self.parts.clock.now());
        options.catalogue.calendar().date_of(present)
    }

    async fn facts(&self, options: &KpiOptions, use_case: &UseCase) -> Facts {
        let mut watched = Vec::new();
        for definition in technical_of(options, use_case) {
            watched.extend(self.watched(options, definition));
        }
        for id in &use_case.models {
            watched.extend(self.watched_model(id).await);
        }
        let today = self.today(options);
        Facts { today, months: self.months(options, use_case, today), watched }
    }

    /// The figures of each month since the start.
    fn months(&self, options: &KpiOptions, use_case: &UseCase, today: Date) -> Vec<MonthFigures> {
        let Some(started_on) = use_case.started_on else { return Vec::new() };
        let first = Month::of(started_on);
        let calendar = options.catalogue.calendar();
        let count = Month::of(today).number_from(first).max(0).cast_unsigned();
        let months = (1..=count.min(crate::use_case::MONTHS_MAX)).map(|number| first.numbered(number));
        months
            .map(|month| {
                let over = calendar.period_of(Period::Month, calendar.start_of(month.first_day()));
                let of = |name: &str| self.figure(options, use_case, name, over);
                MonthFigures {
                    month,
                    time_saved_hours: of("time_saved"),
                    errors_avoided: of("errors_avoided"),
                    added_revenue: of("added_revenue"),
                    run_cost: of("run_cost"),
                    usage: of("usage_rate"),
                    satisfaction: of("satisfaction"),
                }
            })
            .collect()
    }

    fn figure(&self, options: &KpiOptions, use_case: &UseCase, name: &str, over: TimeRange) -> Option<f64> {
        let name = name.parse().expect("a name of a KPI");
        let id = KpiId { use_case: Some(use_case.id.clone()), model: None, name };
        let value = self.parts.book.value(&options.catalogue, &id, &Segment::All, over);
        value.ok().map(|value| value.value)
    }

    /// A technical KPI that has bounds, as it stands.
    fn watched(&self, options: &KpiOptions, definition: &Definition) -> Option<Watched> {
        let bounds = definition.bounds;
        if bounds.warning.is_none() && bounds.critical.is_none() {
            return None;
        }
        let over = self.newest_closed(options, definition);
        let status = match self.stand(options, definition, &Segment::All, over).status(definition) {
            Status::Ok => WatchedStatus::InRange,
            Status::Warning => WatchedStatus::Warning,
            Status::Critical => WatchedStatus::Critical,
            Status::NotComputable(_) => WatchedStatus::Unknown,
        };
        Some(Watched { what: definition.id.to_string(), model: definition.id.model.clone(), status })
    }

    /// A model by its open incidents; unknown before its first verdict.
    async fn watched_model(&self, id: &ModelId) -> Vec<Watched> {
        let models = self.parts.models.load_full();
        let is_judged = models.get(id).is_some_and(|model| has_verdict(model));
        let open = self.parts.desk.open_of(id).await;
        let of_model = |what: String, status| Watched { what, model: Some(id.clone()), status };
        let is_out =
            |incident: &&Incident| WATCHED.contains(&incident.key.kind) && incident.quiet_since.is_none();
        let mut watched: Vec<Watched> = open
            .iter()
            .filter(is_out)
            .map(|incident| {
                let status = match incident.severity {
                    Severity::Warning => WatchedStatus::Warning,
                    Severity::Critical => WatchedStatus::Critical,
                };
                of_model(format!("{id}: {}", incident.key.kind.title()), status)
            })
            .collect();
        if watched.is_empty() {
            let status = if is_judged { WatchedStatus::InRange } else { WatchedStatus::Unknown };
            watched.push(of_model(format!("{id}: drift, performance and data"), status));
        }
        watched
    }

    fn time_to_value(&self, options: &KpiOptions, use_case: &UseCase) -> Option<TimeToValue> {
        let definition = options.catalogue.get(use_case.north_star.as_ref()?)?;
        let target = definition.bounds.target?;
        let start = options.catalogue.calendar().start_of(use_case.started_on?);
        let history: Vec<_> = self
            .history(options, definition, |period| options.catalogue.over(definition, period))
            .into_iter()
            .filter(|(over, _)| over.end > start)
            .collect();
        let held = match definition.period {
            Period::Hour | Period::Day => HELD,
            Period::Week | Period::Month | Period::Quarter | Period::Year => 1,
        };
        Some(time_to_value(start, &history, target, definition.bounds.direction, held))
    }

    /// Each period that is over since a KPI's first counts, oldest first, with the KPI over what a period stands for.
    fn history(
        &self,
        options: &KpiOptions,
        definition: &Definition,
        stands_for: impl Fn(TimeRange) -> TimeRange,
    ) -> Vec<(TimeRange, Option<f64>)> {
        let (catalogue, period) = (&options.catalogue, definition.period);
        let calendar = catalogue.calendar();
        let Some(first) = self.parts.book.first_pane(catalogue, &definition.id) else { return Vec::new() };
        let closed_to = self.closed_to(options, definition);
        let mut over = calendar.previous(period, calendar.period_of(period, closed_to));
        let mut history = Vec::new();
        while over.end > first && history.len() < PERIODS_MAX {
            let value = self.parts.book.value(catalogue, &definition.id, &Segment::All, stands_for(over));
            history.push((over, value.ok().map(|value| value.value)));
            over = calendar.previous(period, over);
        }
        history.reverse();
        history
    }

    /// How each technical KPI of a use case went with its north star, over the north star's periods.
    pub fn links(&self, options: &KpiOptions, use_case: &UseCase) -> Vec<(KpiId, Result<Link, NoLink>)> {
        let north_star = use_case.north_star.as_ref().and_then(|id| options.catalogue.get(id));
        let Some(north_star) = north_star else { return Vec::new() };
        // Windows that share days are no samples of their own: here periods are compared.
        let business = self.history(options, north_star, |period| period);
        let links = technical_of(options, use_case).map(|definition| {
            let technical = |over: &TimeRange| {
                let value = self.parts.book.value(&options.catalogue, &definition.id, &Segment::All, *over);
                value.ok().map(|value| value.value)
            };
            let technical: Vec<Option<f64>> = business.iter().map(|(over, _)| technical(over)).collect();
            let business: Vec<Option<f64>> = business.iter().map(|(_, value)| *value).collect();
            let options = Options { lag_max: LAG_MAX, ..Options::default() };
            (definition.id.clone(), link(&technical, &business, options))
        });
        links.collect()
    }
}

/// The technical KPIs of a use case's models, and its own.
fn technical_of<'o>(options: &'o KpiOptions, use_case: &'o UseCase) -> impl Iterator<Item = &'o Definition> {
    options.catalogue.definitions().filter(|definition| {
        let of_its_models = definition.id.model.as_ref().is_some_and(|model| use_case.models.contains(model));
        let own = definition.id.use_case.as_ref() == Some(&use_case.id);
        definition.family == Family::Technical && (of_its_models || own)
    })
}

fn has_verdict(model: &Model) -> bool {
    let live = model.live();
    let mut verdicts = live.latest.values().flat_map(|evaluation| &evaluation.verdicts);
    verdicts.any(|verdict| verdict.status != crate::verdict::Status::InsufficientData)
}
