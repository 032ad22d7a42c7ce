//! Many delta rows become few: rows of one pane are added up, old panes become days. Pure.

use std::collections::BTreeMap;

use crate::domain::{ModelId, PaneLength, Timestamp};
use crate::sketch::{GridId, Ruler, Tally};
use crate::store::{DeltaBody, DeltaKey, DeltaRow, Fold};

/// Adds up the rows that share a key (after `coarsened`), on the rulers that are known: in steps that delete about
/// `bytes_max` of rows each, since a step is one transaction and ingest waits for it. A key with more rows than that
/// becomes several rows.
///
/// Rows on a ruler that `ruler` does not know stay as they are, and so do learnt values: nothing is lost by a fold.
pub fn fold<'r>(
    rows: Vec<DeltaRow>,
    bytes_max: usize,
    ruler: impl Fn(&ModelId, GridId) -> Option<&'r Ruler>,
    coarsened: impl Fn(&DeltaKey) -> DeltaKey,
) -> Vec<Fold> {
    let mut groups: BTreeMap<(DeltaKey, GridId), Vec<DeltaRow>> = BTreeMap::new();
    for row in rows {
        let DeltaBody::Counts(bytes) = &row.body else { continue };
        let Ok(ruler_id) = Tally::ruler_id_of(bytes) else { continue };
        groups.entry((coarsened(&row.key), ruler_id)).or_default().push(row);
    }
    let mut steps = Steps { bytes_max, done: Vec::new(), step: empty(), bytes: 0 };
    for ((key, ruler_id), rows) in groups {
        let Some(ruler) = ruler(&key.model, ruler_id) else { continue };
        let mut group = Group::default();
        for row in rows {
            let Ok(tally) = Tally::decode(row.body.bytes(), ruler) else { continue };
            group.add(row.row, tally, row.key != key);
            steps.bytes += row.body.bytes().len();
            if steps.bytes >= bytes_max {
                steps.close(&key, std::mem::take(&mut group));
            }
        }
        steps.close(&key, group);
    }
    steps.finish()
}

/// Rows of one key, added up.
#[derive(Default)]
struct Group {
    rows: Vec<i64>,
    sum: Option<Tally>,
    moved: bool,
}

impl Group {
    fn add(&mut self, row: i64, tally: Tally, moved: bool) {
        match &mut self.sum {
            // Equal ruler ids were grouped, so adding cannot fail.
            Some(sum) => drop(sum.add(&tally)),
            None => self.sum = Some(tally),
        }
        self.rows.push(row);
        self.moved |= moved;
    }
}

struct Steps {
    bytes_max: usize,
    done: Vec<Fold>,
    step: Fold,
    bytes: usize,
}

impl Steps {
    fn close(&mut self, key: &DeltaKey, group: Group) {
        if let Some(sum) = group.sum.filter(|_| group.rows.len() > 1 || group.moved) {
            self.step.deleted.extend(group.rows);
            self.step.inserted.push((key.clone(), DeltaBody::Counts(sum.encode())));
        }
        if self.bytes >= self.bytes_max {
            self.bytes = 0;
            self.done.push(std::mem::replace(&mut self.step, empty()));
        }
    }

    fn finish(mut self) -> Vec<Fold> {
        self.done.push(self.step);
        self.done.retain(|step| !step.deleted.is_empty());
        self.done
    }
}

fn empty() -> Fold {
    Fold { deleted: Vec::new(), inserted: Vec::new() }
}

/// The key under which a pane that ended before `keep_panes_from` is kept: its day.
pub fn by_day(key: &DeltaKey, keep_panes_from: Timestamp) -> DeltaKey {
    let day = PaneLength::Day.pane_of(key.pane.start);
    match key.pane.length < PaneLength::Day && day.end() <= keep_panes_from {
        true => DeltaKey { pane: day, ..key.clone() },
        false => key.clone(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::{ColumnId, Segment, Version};
    use crate::sketch::{ColumnCounts, Grid, NumericGrid};

    fn ruler() -> Ruler {
        let grid = NumericGrid::from_sorted(&[1.0, 2.0, 3.0]).unwrap();
        Ruler::new([(ColumnId::Score, Grid::Numeric(grid))])
    }

    fn tally(ruler: &Ruler, values: &[f64]) -> Tally {
        let mut tally = Tally::empty(ruler);
        let (_, Grid::Numeric(grid)) = &ruler.columns()[0] else { unreachable!() };
        let ColumnCounts::Numeric { counts, .. } = &mut tally.columns[0] else { unreachable!() };
        counts.count(grid, values);
        tally.rows = values.len() as i64;
        tally
    }

    fn row(row: i64, hour: i64, values: &[f64]) -> DeltaRow {
        let start = Timestamp::from_seconds(hour * 3_600);
        let key = DeltaKey {
            model: "m".parse().unwrap(),
            version: Version::unnamed(),
            segment: Segment::All,
            pane: PaneLength::Hour.pane_of(start),
        };
        DeltaRow { row, key, body: DeltaBody::Counts(tally(&ruler(), values).encode()) }
    }

    fn in_steps(
        rows: Vec<DeltaRow>,
        bytes_max: usize,
        coarsened: impl Fn(&DeltaKey) -> DeltaKey,
    ) -> Vec<Fold> {
        let ruler = ruler();
        fold(rows, bytes_max, |_, id| (id == ruler.id()).then_some(&ruler), coarsened)
    }

    fn folded(rows: Vec<DeltaRow>, coarsened: impl Fn(&DeltaKey) -> DeltaKey) -> Fold {
        let mut steps = in_steps(rows, usize::MAX, coarsened);
        assert_eq!(steps.len(), 1);
        steps.remove(0)
    }

    #[test]
    fn rows_of_one_pane_become_one_and_single_ones_stay() {
        let fold = folded(vec![row(1, 0, &[1.0]), row(2, 1, &[2.0]), row(3, 0, &[3.0, 9.0])], Clone::clone);
        assert_eq!(fold.deleted, [1, 3]);
        let [(key, DeltaBody::Counts(bytes))] = &fold.inserted[..] else { panic!("{fold:?}") };
        assert_eq!(key.pane.start, Timestamp::from_seconds(0));
        assert_eq!(*bytes, tally(&ruler(), &[9.0, 1.0, 3.0]).encode());
    }

    #[test]
    fn old_panes_become_days_and_younger_ones_stay() {
        let keep_from = Timestamp::from_seconds(30 * 3_600);
        let rows = vec![row(1, 0, &[1.0]), row(2, 23, &[2.0]), row(3, 24, &[3.0]), row(4, 29, &[3.0])];
        let fold = folded(rows, |key| by_day(key, keep_from));
        assert_eq!(fold.deleted, [1, 2], "the day that has not passed whole stays in hours");
        assert_eq!(fold.inserted[0].0.pane, PaneLength::Day.pane_of(Timestamp::from_seconds(0)));
    }

    #[test]
    fn what_lies_on_an_unknown_ruler_stays() {
        let rows = vec![row(1, 0, &[1.0]), row(2, 0, &[1.0])];
        assert!(fold(rows, usize::MAX, |_, _| None, Clone::clone).is_empty());
    }

    #[test]
    fn much_is_folded_in_steps_and_nothing_is_lost_or_taken_twice() {
        let rows: Vec<_> = (0..48).map(|i| row(i, i / 2, &[1.0, 2.0])).collect();
        let bytes = rows[0].body.bytes().len();
        let day = |key: &DeltaKey| by_day(key, Timestamp::from_seconds(24 * 3_600));
        let steps = in_steps(rows, 10 * bytes, day);
        assert_eq!(steps.iter().map(|step| step.deleted.len()).collect::<Vec<_>>(), [10, 10, 10, 10, 8]);
        let deleted: Vec<i64> = steps.iter().flat_map(|step| step.deleted.clone()).collect();
        assert_eq!(deleted, (0..48).collect::<Vec<_>>());
        let mut sum = Tally::empty(&ruler());
        for (_, body) in steps.iter().flat_map(|step| &step.inserted) {
            sum.add(&Tally::decode(body.bytes(), &ruler()).unwrap()).unwrap();
        }
        assert_eq!(sum, tally(&ruler(), &[1.0, 2.0].repeat(48)));
    }

    #[test]
    fn a_row_left_alone_by_a_step_stays() {
        let rows: Vec<_> = (0..3).map(|i| row(i, 0, &[1.0])).collect();
        let bytes = rows[0].body.bytes().len();
        let steps = in_steps(rows, 2 * bytes, Clone::clone);
        assert_eq!(steps.iter().map(|step| &step.deleted[..]).collect::<Vec<_>>(), [[0, 1]]);
    }
}
