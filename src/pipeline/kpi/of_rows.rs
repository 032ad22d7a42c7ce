//! What the rows of a batch say of KPIs: how a model is served, and who uses it.
//!
//! In time by the rows and streams: nothing is allocated for a row, and the calendar is asked once a pane. Decisions:
//! counts are made stream by stream, so that each runs over the two or three columns it needs.

use std::collections::BTreeMap;

use hashbrown::HashMap;

use crate::batch::{Batch, Codes, Operations, Schema};
use crate::domain::{ModelId, Segment, TimeRange, Timestamp};
use crate::kpi::families::TechnicalStream;
use crate::kpi::{
    Calendar, CalendarPane, Catalogue, KpiId, Outcome, PaneUnit, Sample, SampleValue, Sign, State, Stream,
    StreamKey,
};
use crate::store::KpiDelta;

/// The streams that a model's rows are counted in, of those that the catalogue has.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct RowFeed {
    /// The model whose technical streams are counted.
    pub technical: Option<ModelId>,
    pub users: Vec<UserStream>,
}

/// A stream of the users of a model.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct UserStream {
    pub stream: KpiId,
    /// The segment attribute that users are also counted by, if rows are sliced by it.
    pub by: Option<Box<str>>,
}

/// What rows feed of a model's technical streams; verdicts feed the others.
const OF_ROWS: [TechnicalStream; 7] = [
    TechnicalStream::Errors,
    TechnicalStream::Latency,
    TechnicalStream::Traffic,
    TechnicalStream::Cost,
    TechnicalStream::CpuSeconds,
    TechnicalStream::GpuSeconds,
    TechnicalStream::Predictions,
];

/// Values of an attribute that a batch counts apart; the rows of further ones are `other`.
pub const SLICES_MAX: usize = 1_000;

/// Counts a batch in every stream of the feed that the catalogue has; at most one delta a stream, segment and pane, none
/// without a sample. Empty where the batch has no [`Operations`]. What a stream cannot count, its rows lack.
pub fn kpis_of(batch: &Batch, schema: &Schema, feed: &RowFeed, catalogue: &Catalogue) -> Vec<KpiDelta> {
    let Some(operations) = &batch.operations else { return Vec::new() };
    let mut panes = BTreeMap::new();
    let mut deltas = Vec::new();
    let technical =
        feed.technical.iter().flat_map(|model| OF_ROWS.map(|technical| (technical, technical.of(model))));
    for (technical, id) in technical {
        let Some(stream) = catalogue.streams().get(&id) else { continue };
        let cells = panes_of(&mut panes, batch, catalogue, stream.pane);
        count(&id, stream, &batch.ts, cells, |row| value_of(technical, operations, row), &mut deltas);
    }
    for UserStream { stream: id, by } in &feed.users {
        let Some(stream) = catalogue.streams().get(id) else { continue };
        let cells = panes_of(&mut panes, batch, catalogue, stream.pane);
        let user = |row: usize| operations.users[row].map(SampleValue::User);
        count(id, stream, &batch.ts, cells, user, &mut deltas);
        let place = by.as_ref().and_then(|by| schema.segments.iter().position(|attribute| attribute == by));
        if let Some((attribute, codes)) =
            place.and_then(|at| schema.segments.get(at).zip(batch.segments.get(at)))
        {
            let cells = cells.sliced(attribute, codes);
            count(id, stream, &batch.ts, &cells, user, &mut deltas);
        }
    }
    deltas
}

/// What a row says of a technical stream, if anything.
#[inline]
fn value_of(stream: TechnicalStream, operations: &Operations, row: usize) -> Option<SampleValue> {
    let number = |column: &[f64]| Some(column[row]).filter(|x| x.is_finite()).map(SampleValue::Number);
    let failed = operations.failed[row];
    match stream {
        TechnicalStream::Errors => {
            Some(SampleValue::Parts { numerator: f64::from(u8::from(failed)), denominator: 1.0 })
        }
        TechnicalStream::Latency => number(&operations.latency_ms),
        TechnicalStream::Traffic => {
            Some(SampleValue::Outcome(if failed { Outcome::Failed } else { Outcome::Succeeded }))
        }
        TechnicalStream::Cost => number(&operations.cost),
        TechnicalStream::CpuSeconds => number(&operations.cpu_seconds),
        TechnicalStream::GpuSeconds => number(&operations.gpu_seconds),
        TechnicalStream::Predictions => Some(SampleValue::Number(1.0)),
        TechnicalStream::Performance | TechnicalStream::DriftShare | TechnicalStream::Fairness => None,
    }
}

/// Which rows are counted together.
struct Cells {
    places: Vec<(Segment, CalendarPane)>,
    of_row: Vec<u32>,
}

/// The cell of rows that are left out.
const NONE: u32 = u32::MAX;

/// The panes of a unit, found when the first stream asks.
fn panes_of<'a>(
    found: &'a mut BTreeMap<&'static str, Cells>,
    batch: &Batch,
    catalogue: &Catalogue,
    unit: PaneUnit,
) -> &'a Cells {
    found.entry(unit.as_str()).or_insert_with(|| Cells::panes(&batch.ts, catalogue.calendar(), unit))
}

impl Cells {
    /// All rows by pane.
    fn panes(ts: &[Timestamp], calendar: &Calendar, unit: PaneUnit) -> Self {
        let mut known: BTreeMap<Timestamp, (Timestamp, u32)> = BTreeMap::new();
        let mut places = Vec::new();
        let mut last = (TimeRange { start: Timestamp::MAX, end: Timestamp::MIN }, NONE);
        let of_row = ts.iter().map(|&at| {
            if last.0.contains(at) {
                return last.1;
            }
            let before = known.range(..=at).next_back();
            last = match before {
                Some((&start, &(end, cell))) if at < end => (TimeRange { start, end }, cell),
                _ => {
                    let pane = calendar.period_of(unit.period(), at);
                    let (_, cell) = *known.entry(pane.start).or_insert_with(|| {
                        places.push((Segment::All, calendar.pane(unit, pane.start)));
                        (pane.end, places.len() as u32 - 1)
                    });
                    (pane, cell)
                }
            };
            last.1
        });
        let of_row = of_row.collect();
        Self { places, of_row }
    }

    /// The same panes by the values of an attribute. Rows without a value are left out.
    fn sliced(&self, attribute: &str, codes: &Codes) -> Self {
        let own = codes.names.len().min(SLICES_MAX);
        let other = codes.names[..own].iter().position(|name| **name == *Segment::OTHER).unwrap_or(own);
        let mut index: HashMap<(usize, u32), u32> = HashMap::new();
        let mut places = Vec::new();
        let of_row = self.of_row.iter().zip(&codes.codes).map(|(&pane, &code)| {
            let Some(name) = codes.names.get(code as usize) else { return NONE };
            let (slice, name) = match code as usize {
                code if code < own => (code, &**name),
                _ => (other, Segment::OTHER),
            };
            *index.entry((slice, pane)).or_insert_with(|| {
                let segment = Segment::Slice { attribute: attribute.into(), value: name.into() };
                places.push((segment, self.places[pane as usize].1));
                places.len() as u32 - 1
            })
        });
        let of_row = of_row.collect();
        Self { places, of_row }
    }
}

/// Counts the rows of each cell. What the stream refuses leaves nothing.
fn count(
    id: &KpiId,
    stream: &Stream,
    ts: &[Timestamp],
    cells: &Cells,
    value: impl Fn(usize) -> Option<SampleValue>,
    deltas: &mut Vec<KpiDelta>,
) {
    let mut states: Vec<Option<(State, Option<Timestamp>)>> = cells.places.iter().map(|_| None).collect();
    for (row, (&at, &cell)) in ts.iter().zip(&cells.of_row).enumerate() {
        let (Some(state), Some(value)) = (states.get_mut(cell as usize), value(row)) else { continue };
        let sample = Sample { at, value, revision: 0, sign: Sign::Counts };
        let (state, newest) = state.get_or_insert_with(|| (State::empty(stream.kind), None));
        if stream.check(&sample).is_ok() && state.add(&sample).is_ok() {
            *newest = (*newest).max(Some(at));
        }
    }
    for ((segment, pane), state) in cells.places.iter().zip(states) {
        if let Some((state, Some(newest))) = state {
            let key = StreamKey { stream: id.clone(), segment: segment.clone(), pane: *pane };
            deltas.push(KpiDelta { key, newest, state });
        }
    }
}
