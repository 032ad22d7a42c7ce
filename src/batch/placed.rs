//! A column of names of a batch, each name looked up once for all parts that its rows are counted in.

use super::Codes;
use super::partition::Rows;
use crate::sketch::{CategoricalCounts, CategoricalGrid, ColumnCounts, Newcomers, Place, cut_name};

/// Names with their places on a grid.
pub(super) struct PlacedNames<'a> {
    codes: &'a [u32],
    grid: &'a CategoricalGrid,
    /// By code: the name as it is counted, and where.
    places: Vec<(&'a str, Place)>,
    /// By code; all zero between two parts.
    rows_of: Vec<i64>,
    /// The codes of the part, once each.
    met: Vec<u32>,
}

impl<'a> PlacedNames<'a> {
    pub(super) fn of(codes: &'a Codes, grid: &'a CategoricalGrid) -> Self {
        let names = codes.names.iter().map(|name| cut_name(name));
        Self {
            codes: &codes.codes,
            grid,
            places: names.map(|name| (name, grid.place(name))).collect(),
            rows_of: vec![0; codes.names.len()],
            met: Vec::new(),
        }
    }

    pub(super) fn count(&mut self, rows: &Rows) -> ColumnCounts {
        let codes = self.codes;
        match rows {
            Rows::All => self.count_codes(codes.iter().copied()),
            Rows::Some(rows) => self.count_codes(rows.iter().map(|&row| codes[row as usize])),
        }
    }

    /// In time by the rows of the part, however many names the batch has.
    fn count_codes(&mut self, codes: impl Iterator<Item = u32>) -> ColumnCounts {
        let (mut missing, mut wrong_type) = (0, 0);
        for code in codes {
            match self.rows_of.get_mut(code as usize) {
                Some(rows) => {
                    if *rows == 0 {
                        self.met.push(code);
                    }
                    *rows += 1;
                }
                None if code == Codes::MISSING => missing += 1,
                None => wrong_type += 1,
            }
        }
        let mut counts = CategoricalCounts { missing, wrong_type, ..CategoricalCounts::empty(self.grid) };
        let mut newcomers = Newcomers::default();
        for code in self.met.drain(..) {
            let rows = std::mem::take(&mut self.rows_of[code as usize]);
            let (name, place) = self.places[code as usize];
            counts.count(place, rows);
            if place == Place::Unseen {
                newcomers.add(name, rows);
            }
        }
        ColumnCounts::Categorical { counts, newcomers }
    }
}
