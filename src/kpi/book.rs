//! All counts in memory, and what they come to.

use std::collections::{BTreeMap, BTreeSet};

use super::calendar::CalendarPane;
use super::catalogue::{Catalogue, Input};
use super::definition::{Definition, Kind};
use super::formula::{Formula, FormulaName};
use super::id::KpiId;
use super::state::{State, StateError};
use super::value::{NotComputable, Value, read};
use crate::domain::{Segment, TimeRange, Timestamp};

/// Where counts belong.
#[derive(Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct StreamKey {
    pub stream: KpiId,
    pub segment: Segment,
    pub pane: CalendarPane,
}

/// The counts of every stream, segment and pane.
///
/// A pane takes about 100 bytes, and what its kind needs: 16 bytes for each bucket, answer or slot used, up to 16 KiB for
/// users. What bounds it are the KPIs, their segments, and how long panes are kept ([`Book::drop_before`]).
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Book {
    streams: BTreeMap<KpiId, Entry>,
}

#[derive(Debug, Clone, PartialEq, Default)]
struct Entry {
    segments: BTreeMap<Segment, BTreeMap<Timestamp, State>>,
    /// The largest time of a sample.
    last_sample: Option<Timestamp>,
}

/// What formulas came to already, while one is read.
type Known<'a> = BTreeMap<&'a KpiId, Result<Value, NotComputable>>;

impl Book {
    /// Adds counts of the pane that starts at an instant. After an error nothing has changed.
    pub fn add(
        &mut self,
        stream: KpiId,
        segment: Segment,
        start: Timestamp,
        state: &State,
    ) -> Result<(), StateError> {
        let panes = self.streams.entry(stream).or_default().segments.entry(segment).or_default();
        match panes.get_mut(&start) {
            Some(held) => held.merge(state),
            None => {
                panes.insert(start, state.clone());
                Ok(())
            }
        }
    }

    /// Notes the time of a sample.
    pub fn note(&mut self, stream: &KpiId, at: Timestamp) {
        match self.streams.get_mut(stream) {
            Some(entry) => entry.last_sample = entry.last_sample.max(Some(at)),
            None => {
                let entry = Entry { last_sample: Some(at), ..Entry::default() };
                self.streams.insert(stream.clone(), entry);
            }
        }
    }

    /// The largest time of a sample of a stream.
    pub fn last_sample(&self, stream: &KpiId) -> Option<Timestamp> {
        self.streams.get(stream)?.last_sample
    }

    /// The largest time of a sample that a KPI is read from; of a formula the smallest of its inputs, none where one
    /// has none.
    pub fn last_sample_of(&self, catalogue: &Catalogue, id: &KpiId) -> Option<Timestamp> {
        let mut known: BTreeMap<&KpiId, Option<Timestamp>> = BTreeMap::new();
        self.last_known(catalogue, id, &mut known)
    }

    fn last_known<'a>(
        &self,
        catalogue: &'a Catalogue,
        id: &KpiId,
        known: &mut BTreeMap<&'a KpiId, Option<Timestamp>>,
    ) -> Option<Timestamp> {
        if let Some(last) = known.get(id) {
            return *last;
        }
        let definition = catalogue.get(id)?;
        let last = match &definition.kind {
            Kind::Counted { stream, .. } => self.last_sample(stream),
            Kind::Formula(_) => {
                let inputs = catalogue.inputs(definition);
                // `None` is the smallest.
                inputs.map(|input| self.last_known(catalogue, input, known)).min().flatten()
            }
        };
        known.insert(&definition.id, last);
        last
    }

    /// What a KPI comes to over a period, from the panes that start within it. Formulas read their inputs over the same
    /// period and of the same segment.
    pub fn value(
        &self,
        catalogue: &Catalogue,
        id: &KpiId,
        segment: &Segment,
        over: TimeRange,
    ) -> Result<Value, NotComputable> {
        let definition =
            catalogue.get(id).ok_or_else(|| NotComputable::UnknownInput { name: id.to_string().into() })?;
        self.value_known(catalogue, definition, segment, over, &mut Known::new())
    }

    fn value_known<'a>(
        &self,
        catalogue: &'a Catalogue,
        definition: &'a Definition,
        segment: &Segment,
        over: TimeRange,
        known: &mut Known<'a>,
    ) -> Result<Value, NotComputable> {
        if let Some(value) = known.get(&definition.id) {
            return value.clone();
        }
        let value = match &definition.kind {
            Kind::Counted { stream, reading } => self
                .state(stream, segment, over)
                .map_err(|_| NotComputable::OtherKind)
                .and_then(|state| read(reading, state.as_ref(), over)),
            Kind::Formula(formula) => {
                self.formula_value(catalogue, definition, formula, (segment, over), known)
            }
        };
        known.insert(&definition.id, value.clone());
        value
    }

    fn formula_value<'a>(
        &self,
        catalogue: &'a Catalogue,
        definition: &'a Definition,
        formula: &'a Formula,
        (segment, over): (&Segment, TimeRange),
        known: &mut Known<'a>,
    ) -> Result<Value, NotComputable> {
        let mut values: BTreeMap<&FormulaName, Result<Value, NotComputable>> = BTreeMap::new();
        for name in formula.names() {
            let value = match catalogue.input(&definition.id, name) {
                Some(Input::Constant(constant)) => Ok(Value { value: constant.value, n: i64::MAX }),
                Some(Input::Kpi(id)) => match catalogue.get(id) {
                    Some(input) => self.value_known(catalogue, input, segment, over, known),
                    None => Err(NotComputable::NoData),
                },
                None => Err(NotComputable::UnknownInput { name: name.to_string().into() }),
            };
            values.insert(name, value);
        }
        let of_name = |name: &FormulaName| match values.get(name) {
            Some(value) => value.clone().map(|value| value.value),
            None => Err(NotComputable::UnknownInput { name: name.to_string().into() }),
        };
        let value = formula.value(of_name)?;
        let fewest = values.values().flatten().map(|value| value.n).min();
        Ok(Value { value, n: fewest.filter(|n| *n < i64::MAX).unwrap_or(0) })
    }

    /// The panes of a stream that start within a range, merged.
    pub fn state(
        &self,
        stream: &KpiId,
        segment: &Segment,
        over: TimeRange,
    ) -> Result<Option<State>, StateError> {
        let Some(panes) = self.streams.get(stream).and_then(|entry| entry.segments.get(segment)) else {
            return Ok(None);
        };
        let mut sum: Option<State> = None;
        // A range that ends before it starts holds nothing.
        for (_, state) in panes.range(over.start..over.end.max(over.start)) {
            match &mut sum {
                Some(sum) => sum.merge(state)?,
                None => sum = Some(state.clone()),
            }
        }
        Ok(sum)
    }

    /// The segments of a stream that have counts.
    pub fn segments(&self, stream: &KpiId) -> impl Iterator<Item = &Segment> {
        self.streams.get(stream).into_iter().flat_map(|entry| entry.segments.keys())
    }

    /// The start of a stream's first pane.
    pub fn first_pane(&self, stream: &KpiId) -> Option<Timestamp> {
        let segments = self.streams.get(stream)?.segments.values();
        segments.filter_map(|panes| panes.first_key_value()).map(|(pane, _)| *pane).min()
    }

    /// The start of the first pane of any stream that a KPI is read from.
    pub fn first_pane_of(&self, catalogue: &Catalogue, id: &KpiId) -> Option<Timestamp> {
        let (mut first, mut seen, mut open) = (None, BTreeSet::new(), vec![id]);
        while let Some(definition) = open.pop().and_then(|id| catalogue.get(id)) {
            if !seen.insert(&definition.id) {
                continue;
            }
            if let Kind::Counted { stream, .. } = &definition.kind {
                let pane = self.first_pane(stream);
                first = pane.into_iter().chain(first).min();
            }
            open.extend(catalogue.inputs(definition));
        }
        first
    }

    /// Forgets the panes that start before.
    pub fn drop_before(&mut self, start: Timestamp) {
        for entry in self.streams.values_mut() {
            for panes in entry.segments.values_mut() {
                *panes = panes.split_off(&start);
            }
            entry.segments.retain(|_, panes| !panes.is_empty());
        }
    }

    /// Memory, about, in bytes.
    pub fn bytes(&self) -> usize {
        let panes = self.streams.values().flat_map(|entry| entry.segments.values());
        panes.flat_map(|panes| panes.values()).map(|state| state.bytes() + size_of::<Timestamp>()).sum()
    }
}
