//! Many delta rows become few: rows of one pane are added up, old panes become days. Pure.

use std::collections::BTreeMap;

use crate::domain::{ModelId, PaneLength, Timestamp};
use crate::sketch::{GridId, Ruler, Tally};
use crate::store::{DeltaBody, DeltaKey, DeltaRow, Fold};

/// Adds up the rows that share a key (after `coarsened`), on the rulers that are known.
///
/// Rows on a ruler that `ruler` does not know stay as they are, and so do learnt values: nothing is lost by a fold.
pub fn fold<'r>(
    rows: Vec<DeltaRow>,
    ruler: impl Fn(&ModelId, GridId) -> Option<&'r Ruler>,
    coarsened: impl Fn(&DeltaKey) -> DeltaKey,
) -> Fold {
    let mut sums: BTreeMap<(DeltaKey, GridId), Group> = BTreeMap::new();
    for row in rows {
        let DeltaBody::Counts(bytes) = &row.body else { continue };
        let Ok(ruler_id) = Tally::ruler_id_of(bytes) else { continue };
        let Some(ruler) = ruler(&row.key.model, ruler_id) else { continue };
        let Ok(tally) = Tally::decode(bytes, ruler) else { continue };
        let target = coarsened(&row.key);
        let moved = target != row.key;
        let group = sums.entry((target, ruler_id)).or_default();
        match &mut group.sum {
            // Equal ruler ids were grouped, so adding cannot fail.
            Some(sum) => drop(sum.add(&tally)),
            None => group.sum = Some(tally),
        }
        group.rows.push(row.row);
        group.moved |= moved;
    }
    let mut fold = Fold { deleted: Vec::new(), inserted: Vec::new() };
    for ((key, _), group) in sums {
        if let Some(sum) = group.sum.filter(|_| group.rows.len() > 1 || group.moved) {
            fold.deleted.extend(group.rows);
            fold.inserted.push((key, DeltaBody::Counts(sum.encode())));
        }
    }
    fold
}

#[derive(Default)]
struct Group {
    rows: Vec<i64>,
    sum: Option<Tally>,
    moved: bool,
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

    fn folded(rows: Vec<DeltaRow>, coarsened: impl Fn(&DeltaKey) -> DeltaKey) -> Fold {
        let ruler = ruler();
        fold(rows, |_, id| (id == ruler.id()).then_some(&ruler), coarsened)
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
        let fold = fold(vec![row(1, 0, &[1.0]), row(2, 0, &[1.0])], |_, _| None, Clone::clone);
        assert!(fold.deleted.is_empty() && fold.inserted.is_empty());
    }
}
