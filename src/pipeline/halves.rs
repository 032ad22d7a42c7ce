//! What a body's rows leave behind to be joined: predictions that wait for their label, and labels.

use std::sync::Arc;

use hashbrown::HashMap;

use super::frozen::Frozen;
use super::outcomes::OutcomeRows;
use crate::batch::{Batch, ColumnValues, Part, Rows};
use crate::domain::{IdHash, ModelId, PaneLength, Segment, Timestamp, Version};
use crate::ingest::decode::{ActualValue, LabelRow};
use crate::join::{Facts, Halves, Label, LabelHalf, LabelValue, Millis, Origin, PredictionHalf};
use crate::sketch::GridId;
use crate::store::UnitHalves;

/// The halves of a batch that was counted in these parts; none where no row has an id.
pub fn of_batch(
    frozen: &Frozen,
    pane: PaneLength,
    batch: &Batch,
    rows: &OutcomeRows<'_>,
    parts: &[Part],
) -> Halves {
    let mut halves = Halves::default();
    if batch.ids.iter().all(Option::is_none) {
        return halves;
    }
    let origins = Origins::of(parts, batch.rows(), frozen.ruler.id(), pane);
    for (row, id) in batch.ids.iter().enumerate() {
        let Some(id) = *id else { continue };
        if let Some(predicted) = rows.prediction(row) {
            let (tag, facts) = predicted.to_facts();
            let facts = Facts::new(tag, &facts).expect("the scores of as many classes as there may be fit");
            let (at, origin) = (Millis::of(batch.ts[row]), origins.of_row(row));
            halves.predictions.push(PredictionHalf { id, at, origin, facts });
        }
        if let Some(value) = actual_of(batch.actuals.as_ref(), row)
            && !rows.has_strange_actual(batch, row)
        {
            halves.labels.push(label(id, batch.ts[row], value));
        }
    }
    halves
}

/// The halves of a body of labels.
pub fn of_labels(rows: &[LabelRow]) -> Halves {
    let value = |row: &LabelRow| match &row.value {
        ActualValue::Class(name) => Some(LabelValue::class_name(name)),
        ActualValue::Number(number) => LabelValue::number(*number),
    };
    let labels = rows.iter().filter_map(|row| Some(label(row.id, row.at, value(row)?)));
    Halves { predictions: Vec::new(), labels: labels.collect() }
}

/// As the log takes them; none where there are none.
pub fn unit(model: &ModelId, halves: &Halves) -> Vec<UnitHalves> {
    let predictions = halves.predictions.iter().map(|half| half.at);
    let until = predictions.chain(halves.labels.iter().map(|half| half.label.at)).max();
    let unit =
        |until: Millis| UnitHalves { model: model.clone(), until: until.timestamp(), body: halves.encode() };
    until.map(unit).into_iter().collect()
}

fn label(id: IdHash, at: Timestamp, value: LabelValue) -> LabelHalf {
    LabelHalf { id, label: Label { at: Millis::of(at), value } }
}

fn actual_of(actuals: Option<&ColumnValues>, row: usize) -> Option<LabelValue> {
    match actuals? {
        ColumnValues::Numeric(numbers) => LabelValue::number(numbers[row]),
        ColumnValues::Categorical(codes) => codes.name(row).map(LabelValue::class_name),
    }
}

/// Which origin each row has: rows of the same version and segments share one.
struct Origins {
    of_row: Vec<u32>,
    origins: Vec<Arc<Origin>>,
}

impl Origins {
    fn of(parts: &[Part], rows: usize, ruler: GridId, pane_length: PaneLength) -> Self {
        let mut sets = Sets::default();
        let mut of_row = vec![Sets::EMPTY; rows];
        for part in parts {
            let lane = sets.lane(&part.version, &part.segment);
            match &part.rows {
                Rows::All => of_row.iter_mut().for_each(|set| *set = sets.with(*set, lane)),
                Rows::Some(rows) => {
                    rows.iter().for_each(|&row| {
                        let set = &mut of_row[row as usize];
                        *set = sets.with(*set, lane);
                    });
                }
            }
        }
        let origins = sets.lanes_of.iter().map(|lanes| Arc::new(sets.origin(lanes, ruler, pane_length)));
        Self { origins: origins.collect(), of_row }
    }

    fn of_row(&self, row: usize) -> Arc<Origin> {
        self.origins[self.of_row[row] as usize].clone()
    }
}

/// Sets of lanes (version and segment), numbered; each is another one with one lane more.
struct Sets<'a> {
    lanes: Vec<(&'a Version, &'a Segment)>,
    lanes_of: Vec<Vec<u32>>,
    with: HashMap<(u32, u32), u32>,
    /// What was asked last: mostly it is asked again.
    last: Option<((u32, u32), u32)>,
}

impl Default for Sets<'_> {
    fn default() -> Self {
        Self { lanes: Vec::new(), lanes_of: vec![Vec::new()], with: HashMap::new(), last: None }
    }
}

impl<'a> Sets<'a> {
    const EMPTY: u32 = 0;

    fn lane(&mut self, version: &'a Version, segment: &'a Segment) -> u32 {
        let known = self.lanes.iter().position(|lane| *lane == (version, segment));
        known.unwrap_or_else(|| {
            self.lanes.push((version, segment));
            self.lanes.len() - 1
        }) as u32
    }

    fn with(&mut self, set: u32, lane: u32) -> u32 {
        let key = (set, lane);
        if let Some((_, with)) = self.last.filter(|(last, _)| *last == key) {
            return with;
        }
        let Self { lanes_of, with, .. } = self;
        let with = *with.entry(key).or_insert_with(|| {
            let lanes = lanes_of[set as usize].iter().copied().chain([lane]).collect();
            lanes_of.push(lanes);
            (lanes_of.len() - 1) as u32
        });
        self.last = Some((key, with));
        with
    }

    fn origin(&self, lanes: &[u32], ruler: GridId, pane_length: PaneLength) -> Origin {
        let lanes = || lanes.iter().map(|&lane| self.lanes[lane as usize]);
        let version = lanes().next().map_or_else(Version::other, |(version, _)| version.clone());
        Origin {
            version,
            ruler,
            pane_length,
            segments: lanes().map(|(_, segment)| segment.clone()).collect(),
        }
    }
}
