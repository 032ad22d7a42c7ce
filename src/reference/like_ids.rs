//! Columns that look like ids: next to every row has a name of its own, so that nothing can be compared.

use super::profile::Profile;
use crate::domain::ColumnId;
use crate::sketch::{ColumnCounts, Grid};

/// With fewer values a column of many names may be chance.
const VALUES_MIN: i64 = 100;

/// Categorical columns whose values are names that came once or twice, for the most part: half as many names as values
/// at least, or most values beyond the names that are told apart.
pub fn like_ids(profile: &Profile) -> impl Iterator<Item = &ColumnId> {
    profile.iter().filter_map(|(id, grid, counts, _)| {
        let (Grid::Categorical(grid), ColumnCounts::Categorical { counts, .. }) = (grid, counts) else {
            return None;
        };
        let values = counts.present();
        let names = grid.categories().len() + grid.tail().len();
        let many = 2 * names as i64 >= values || (grid.is_open() && 2 * counts.other >= values);
        (values >= VALUES_MIN && many).then_some(id)
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::batch::{CodesBuilder, ColumnValues};
    use crate::domain::ColumnKind;
    use crate::reference::{BuildOptions, ReferenceColumn, build};

    fn columns(rows: usize, names: impl Fn(usize) -> String) -> Vec<String> {
        let mut codes = CodesBuilder::default();
        (0..rows).for_each(|row| codes.push(&names(row)));
        let column = ReferenceColumn {
            id: ColumnId::feature("x"),
            kind: ColumnKind::Categorical,
            values: ColumnValues::Categorical(codes.take()),
        };
        let options = BuildOptions { model: "m".parse().unwrap(), task: None, windows: Vec::new() };
        let profile = build(options, rows, None, [column]).unwrap();
        like_ids(&profile).map(ToString::to_string).collect()
    }

    #[test]
    fn ids_are_told_from_categories_however_many_there_are() {
        let unique = |row: usize| format!("id-{row}");
        assert_eq!(columns(800, unique), ["x"]);
        assert_eq!(columns(150_000, unique), ["x"], "more than the grid remembers");
        assert_eq!(columns(3_000, |row| format!("twice-{}", row / 2)), ["x"]);
        assert!(columns(3_000, |row| format!("city-{}", row % 1_200)).is_empty());
        assert!(columns(50, unique).is_empty(), "too few to tell");
    }
}
