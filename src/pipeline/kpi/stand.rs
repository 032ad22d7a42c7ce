//! How a KPI stands: the newest period that is over, or any period, with its status.

use super::Kpis;
use super::marks::Marks;
use super::options::KpiOptions;
use crate::domain::{Segment, TimeRange, Timestamp};
use crate::kpi::{Definition, Family, NotComputable, Status, Value};
use crate::store::Store;

/// A KPI of one period.
#[derive(Debug, Clone, PartialEq)]
pub struct Stand {
    /// What its value is of: the period, or the KPI's window up to the period's end.
    pub over: TimeRange,
    /// Whether the period is over and was waited for.
    pub is_closed: bool,
    pub value: Result<Value, NotComputable>,
}

impl Stand {
    pub fn status(&self, definition: &Definition) -> Status {
        definition.bounds.judge(&self.value)
    }
}

impl<S: Store> Kpis<S> {
    /// Before this every period is over and was waited for.
    pub(super) fn closed_to(&self, options: &KpiOptions, definition: &Definition) -> Timestamp {
        let present = self.present().unwrap_or_else(|| self.parts.clock.now());
        present.saturating_sub(options.catalogue.lateness_of(definition))
    }

    /// The newest period that is over.
    pub(super) fn newest_closed(&self, options: &KpiOptions, definition: &Definition) -> TimeRange {
        let calendar = options.catalogue.calendar();
        let open = calendar.period_of(definition.period, self.closed_to(options, definition));
        calendar.previous(definition.period, open)
    }

    pub(super) fn stand(
        &self,
        options: &KpiOptions,
        definition: &Definition,
        segment: &Segment,
        period: TimeRange,
    ) -> Stand {
        let over = options.catalogue.over(definition, period);
        let value = self.parts.book.value(&options.catalogue, &definition.id, segment, over);
        Stand { over, is_closed: over.end <= self.closed_to(options, definition), value }
    }

    /// Whether samples stopped coming, or never came since the KPI is known. Of a technical KPI only the first: not every
    /// model says what its answers cost.
    pub(super) fn is_stale(&self, definition: &Definition, last: Option<Timestamp>, marks: &Marks) -> bool {
        let present = self.present().unwrap_or_else(|| self.parts.clock.now());
        let known = marks.of.get(&definition.id).map(|mark| mark.since);
        let known = known.filter(|_| definition.family != Family::Technical);
        last.or(known).is_some_and(|since| present.since(since) > definition.stale_after)
    }
}
