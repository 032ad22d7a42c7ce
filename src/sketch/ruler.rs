//! All the grids of a model: the ruler that one pane's counts lie on.

use std::fmt;

use sha2::{Digest, Sha256};

use super::categorical_grid::CategoricalGrid;
use super::integers::Shape;
use super::numeric_grid::NumericGrid;
use super::varint;
use crate::domain::ColumnId;

/// The bins of one column.
#[derive(Debug, Clone, PartialEq)]
pub enum Grid {
    Numeric(NumericGrid),
    /// Categorical and boolean columns.
    Categorical(CategoricalGrid),
}

/// The content hash of a grid or ruler: SHA-256, cut to 16 bytes. Counts with equal ids may be added.
#[derive(Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct GridId(pub [u8; 16]);

/// The frozen grids of a model's columns, in order of their ids.
#[derive(Debug, Clone)]
pub struct Ruler {
    columns: Vec<(ColumnId, Grid)>,
    grid_ids: Vec<GridId>,
    outcomes: Option<OutcomesOnRuler>,
    id: GridId,
}

/// How outcomes are counted beside the columns: how many integers, and a hash of all that decides what they mean.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct OutcomesOnRuler {
    pub shape: Shape,
    pub id: GridId,
}

impl Ruler {
    /// A ruler of these columns; given twice, the later grid of a column counts.
    pub fn new(columns: impl IntoIterator<Item = (ColumnId, Grid)>) -> Self {
        let columns: std::collections::BTreeMap<_, _> = columns.into_iter().collect();
        let columns: Vec<_> = columns.into_iter().collect();
        let grid_ids: Vec<_> = columns.iter().map(|(_, grid)| grid.id()).collect();
        Self { id: id_of(&columns, &grid_ids, None), columns, grid_ids, outcomes: None }
    }

    /// The same columns with outcomes beside them, in place of those it had: another ruler.
    pub fn with_outcomes(self, outcomes: OutcomesOnRuler) -> Self {
        let Self { columns, grid_ids, .. } = self;
        Self { id: id_of(&columns, &grid_ids, Some(&outcomes)), columns, grid_ids, outcomes: Some(outcomes) }
    }

    pub fn id(&self) -> GridId {
        self.id
    }

    /// None where no outcomes are counted.
    pub fn outcomes(&self) -> Option<&OutcomesOnRuler> {
        self.outcomes.as_ref()
    }

    pub fn outcomes_shape(&self) -> Shape {
        self.outcomes.map_or(Shape::default(), |outcomes| outcomes.shape)
    }

    /// Columns and grids, in order of the columns' ids: the order of a [`super::Tally`].
    pub fn columns(&self) -> &[(ColumnId, Grid)] {
        &self.columns
    }

    pub fn grid_ids(&self) -> &[GridId] {
        &self.grid_ids
    }

    /// Where a column stands, if it is on the ruler.
    pub fn position(&self, column: &ColumnId) -> Option<usize> {
        self.columns.binary_search_by(|(id, _)| id.cmp(column)).ok()
    }

    pub fn grid(&self, column: &ColumnId) -> Option<&Grid> {
        self.position(column).map(|i| &self.columns[i].1)
    }

    /// The ruler that segments are counted on: numeric columns by their groups only, and no outcomes yet.
    pub fn coarse(&self) -> Self {
        Self::new(self.columns.iter().map(|(id, grid)| (id.clone(), grid.coarse())))
    }
}

fn id_of(columns: &[(ColumnId, Grid)], grid_ids: &[GridId], outcomes: Option<&OutcomesOnRuler>) -> GridId {
    let mut hash = Sha256::new();
    for ((column, _), grid_id) in columns.iter().zip(grid_ids) {
        hash.update(column.to_string().as_bytes());
        hash.update([0]);
        hash.update(grid_id.0);
    }
    if let Some(OutcomesOnRuler { shape, id }) = outcomes {
        // No column's name is empty.
        hash.update([0]);
        hash.update(id.0);
        hash.update((shape.counts as u64).to_le_bytes());
        hash.update((shape.sums as u64).to_le_bytes());
    }
    GridId::cut(&hash.finalize())
}

impl Grid {
    /// Content hash over everything that decides where a value is counted and in what unit.
    pub fn id(&self) -> GridId {
        let mut bytes = Vec::new();
        match self {
            Self::Numeric(grid) => {
                let parts = grid.parts();
                bytes.push(1);
                varint::write_unsigned(&mut bytes, parts.edges.len() as u128);
                for edge in parts.edges.iter().chain([&parts.min, &parts.max, &parts.scale.pivot]) {
                    bytes.extend(edge.to_bits().to_le_bytes());
                }
                varint::write_signed(&mut bytes, i128::from(parts.scale.unit_exponent));
                for &index in parts.group_cuts.iter().chain([&parts.low_edge, &parts.high_edge]) {
                    varint::write_unsigned(&mut bytes, u128::from(index));
                }
            }
            Self::Categorical(grid) => {
                bytes.extend([2, u8::from(grid.is_open())]);
                varint::write_unsigned(&mut bytes, grid.categories().len() as u128);
                for name in grid.categories() {
                    varint::write_unsigned(&mut bytes, name.len() as u128);
                    bytes.extend(name.as_bytes());
                }
                grid.tail().iter().for_each(|hash| bytes.extend(hash.to_le_bytes()));
            }
        }
        GridId::of_content(&bytes)
    }

    /// The column's grid on [`Ruler::coarse`].
    pub fn coarse(&self) -> Self {
        match self {
            Self::Numeric(grid) => Self::Numeric(grid.coarse()),
            Self::Categorical(grid) => Self::Categorical(grid.clone()),
        }
    }
}

impl GridId {
    /// Of whatever decides what is counted where.
    pub fn of_content(bytes: &[u8]) -> Self {
        Self::cut(&Sha256::digest(bytes))
    }

    fn cut(hash: &[u8]) -> Self {
        let mut id = [0; 16];
        id.copy_from_slice(&hash[..16]);
        Self(id)
    }

    /// Reads the hex digits that `Display` writes.
    pub fn from_hex(text: &str) -> Option<Self> {
        let mut id = [0; 16];
        if text.len() != 32 || !text.is_ascii() {
            return None;
        }
        for (byte, at) in id.iter_mut().zip((0..32).step_by(2)) {
            *byte = u8::from_str_radix(&text[at..at + 2], 16).ok()?;
        }
        Some(Self(id))
    }
}

impl fmt::Display for GridId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.iter().try_for_each(|byte| write!(f, "{byte:02x}"))
    }
}

impl fmt::Debug for GridId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "GridId({self})")
    }
}
