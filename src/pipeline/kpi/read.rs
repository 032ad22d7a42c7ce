//! What is asked of KPIs, answered.

use super::Kpis;
use super::marks::Marks;
use super::options::KpiOptions;
use super::stand::Stand;
use super::words;
use crate::domain::{Segment, TimeRange};
use crate::kpi::{Catalogue, Definition, Direction, Kind, KpiId, Status};
use crate::pipeline::series::length_text;
use crate::store::Store;
use crate::verdict::Severity;
use crate::web::answer::{
    Explanation, KpiAnswer, KpiConcern, KpiPoint, KpiSegment, KpiSummary, KpiTrouble, KpisAnswer, Range,
};
use crate::web::{KpiQuery, KpisQuery, ServiceError};

/// KPIs that an error names.
const NAMED_MAX: usize = 20;

impl<S: Store> Kpis<S> {
    pub async fn kpis(&self, query: &KpisQuery) -> KpisAnswer {
        let options = self.parts.options.load_full();
        let marks = self.marks.lock().await.clone();
        let wanted = |definition: &&Definition| {
            let id = &definition.id;
            query.use_case.as_ref().is_none_or(|of| id.use_case.as_ref() == Some(of))
                && query.model.as_ref().is_none_or(|of| id.model.as_ref() == Some(of))
                && query.family.is_none_or(|of| definition.family == of)
        };
        let kpis = options.catalogue.definitions().filter(wanted);
        KpisAnswer { kpis: kpis.map(|definition| self.summary(&options, definition, &marks)).collect() }
    }

    pub async fn kpi(&self, query: &KpiQuery) -> Result<KpiAnswer, ServiceError> {
        let options = self.parts.options.load_full();
        let marks = self.marks.lock().await.clone();
        let definition =
            options.catalogue.get(&query.id).ok_or_else(|| unknown(&options.catalogue, &query.id))?;
        let periods = self.periods(&options, definition, query.range);
        if periods.len() > KpiQuery::PERIODS_MAX {
            let most = KpiQuery::PERIODS_MAX;
            let why =
                format!("`range` holds more than {most} {}s; ask for less at a time", definition.period);
            return Err(ServiceError::Invalid { why });
        }
        let history = periods.into_iter().map(|over| {
            let stand = self.stand(&options, definition, &query.segment, over);
            point(definition, &stand)
        });
        Ok(KpiAnswer {
            segment: query.segment.clone(),
            history: history.collect(),
            kpi: self.summary(&options, definition, &marks),
        })
    }

    /// What is out of its bounds or has stopped coming, critical ones first.
    pub async fn concerns(&self) -> Vec<KpiConcern> {
        let options = self.parts.options.load_full();
        let marks = self.marks.lock().await.clone();
        let definitions = options.catalogue.definitions();
        let mut found: Vec<KpiConcern> =
            definitions.filter_map(|definition| self.concern(&options, definition, &marks)).collect();
        found.sort_by_key(|concern| concern.status);
        found
    }

    fn concern(&self, options: &KpiOptions, definition: &Definition, marks: &Marks) -> Option<KpiConcern> {
        let over = self.newest_closed(options, definition);
        let stand = self.stand(options, definition, &Segment::All, over);
        let last = self.parts.book.last_sample(&options.catalogue, &definition.id);
        let crossed = match stand.status(definition) {
            Status::Critical => Some((KpiTrouble::Critical, Severity::Critical)),
            Status::Warning => Some((KpiTrouble::Warning, Severity::Warning)),
            Status::Ok | Status::NotComputable(_) => None,
        };
        let (status, message) = match (crossed, stand.value) {
            (Some((status, severity)), Ok(value)) => {
                let over = stand.over;
                let seen = words::observation(&options.catalogue, definition, over, value, Some(severity));
                (status, seen.summary)
            }
            _ if self.is_stale(definition, last, marks) => {
                (KpiTrouble::Stale, words::stale(definition, last))
            }
            _ => return None,
        };
        let KpiId { use_case, model, name: kpi } = definition.id.clone();
        Some(KpiConcern { use_case, model, kpi, status, message })
    }

    /// Oldest first; the open one too where no range is asked for.
    fn periods(
        &self,
        options: &KpiOptions,
        definition: &Definition,
        range: Option<TimeRange>,
    ) -> Vec<TimeRange> {
        let calendar = options.catalogue.calendar();
        let newest = self.newest_closed(options, definition);
        let (mut over, count) = match range {
            None => (calendar.next(definition.period, newest), KpiQuery::PERIODS),
            Some(range) => {
                let last = calendar.period_of(definition.period, range.end);
                (calendar.previous(definition.period, last), KpiQuery::PERIODS_MAX + 1)
            }
        };
        let mut periods = Vec::new();
        while periods.len() < count && range.is_none_or(|range| over.start >= range.start) {
            periods.push(over);
            let before = calendar.previous(definition.period, over);
            if before.start >= over.start {
                break;
            }
            over = before;
        }
        periods.reverse();
        periods
    }

    fn summary(&self, options: &KpiOptions, definition: &Definition, marks: &Marks) -> KpiSummary {
        let over = self.newest_closed(options, definition);
        let last_sample = self.parts.book.last_sample(&options.catalogue, &definition.id);
        let newest = self.stand(options, definition, &Segment::All, over);
        let segments = match &definition.kind {
            Kind::Counted { stream, .. } => self.parts.book.segments(stream),
            Kind::Formula(_) => Default::default(),
        };
        let segment = |segment: Segment| {
            let stand = self.stand(options, definition, &segment, over);
            KpiSegment { segment: segment.to_string(), newest: point(definition, &stand) }
        };
        let bounds = definition.bounds;
        KpiSummary {
            use_case: definition.id.use_case.clone(),
            model: definition.id.model.clone(),
            kpi: definition.id.name.clone(),
            family: definition.family,
            unit: definition.unit.to_string(),
            description: definition.description.clone(),
            owner: definition.owner.clone(),
            period: definition.period.as_str().to_owned(),
            over: definition.window.map(length_text),
            direction: direction(bounds.direction).to_owned(),
            target: bounds.target,
            warning: bounds.warning,
            critical: bounds.critical,
            last_sample,
            stale: self.is_stale(definition, last_sample, marks),
            newest: point(definition, &newest),
            segments: segments.into_iter().map(segment).collect(),
        }
    }
}

/// Those of the same name, or some.
fn unknown(catalogue: &Catalogue, id: &KpiId) -> ServiceError {
    let ids = |are_meant: &dyn Fn(&KpiId) -> bool| -> Vec<String> {
        let meant = catalogue.definitions().map(|of| &of.id).filter(|id| are_meant(id));
        meant.map(ToString::to_string).collect()
    };
    let same = ids(&|known| known.name == id.name);
    let hint = match (same.is_empty(), ids(&|_| true)) {
        (false, _) => {
            format!("did you mean {}? Name its use_case or model in the query", in_short(&same))
        }
        (true, all) => format!("configured are {}", in_short(&all)),
    };
    ServiceError::UnknownKpi { hint }
}

fn in_short(ids: &[String]) -> String {
    match ids.len() {
        ..=NAMED_MAX => ids.join(", "),
        more => format!("{} and {} more", ids[..NAMED_MAX].join(", "), more - NAMED_MAX),
    }
}

const fn direction(direction: Direction) -> &'static str {
    match direction {
        Direction::HigherIsBetter => "higher",
        Direction::LowerIsBetter => "lower",
    }
}

fn point(definition: &Definition, stand: &Stand) -> KpiPoint {
    let status = match stand.status(definition) {
        Status::Ok => "ok",
        Status::Warning => "warning",
        Status::Critical => "critical",
        Status::NotComputable(_) => "not_computable",
    };
    let value = stand.value.as_ref();
    KpiPoint {
        window: Range { start: stand.over.start.to_string(), end: stand.over.end.to_string() },
        closed: stand.is_closed,
        status: status.to_owned(),
        value: value.ok().map(|value| value.value),
        n: value.ok().map(|value| value.n),
        not_computable: value.err().map(|reason| Explanation::new(reason.as_str(), reason.to_string())),
    }
}
