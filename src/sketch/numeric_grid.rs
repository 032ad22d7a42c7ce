//! The ruler of a numeric column: right-closed bins whose edges are values of the reference.
//!
//! Cumulative counts are then the empirical distribution function exactly at every edge. Construction, from the R
//! sorted finite values of the reference and B = 240:
//!
//! - edges `x_(⌈kR/B⌉)` for k = 1 … B−1 (type-1 quantiles), an edge at the maximum and one just below the minimum, so
//!   that the two open outer bins hold nothing of the reference;
//! - a value of at least R/B rows (an atom) gets an edge just below it too and sits alone in its bin; with at most B
//!   distinct values every one does, and everything is exact;
//! - the tails go on halving the mass while at least 8 rows are left;
//! - edges at the 0.1 % and 99.9 % quantiles, beyond which a value is out of range.

use std::sync::{Arc, OnceLock};

use serde::{Deserialize, Serialize};

use super::fixed_point::{EXPONENT_MAX, FixedPoint};
use super::locate::Locator;

/// Equi-mass bins asked for. A multiple of 10, so that deciles are edges.
const BINS: usize = 240;
/// The tails are halved while a half holds at least this many rows of the reference.
const TAIL_ROWS_MIN: usize = 8;
/// Most edges a grid may have: two a distinct value or bin, the tails and the out-of-range edges.
const EDGES_MAX: usize = 2 * BINS + 160;

/// A numeric column's bins, frozen. Bin `i` is `(edges[i-1], edges[i]]`; the first and last are open.
/// Clones share what they are made of.
#[derive(Debug, Clone)]
pub struct NumericGrid {
    parts: Arc<NumericGridParts>,
    /// Larger than all the rest: made when the first value is located.
    locator: Arc<OnceLock<Locator>>,
    /// Which bins can hold one value only; told from the edges once, since statistics ask in every bin.
    atoms: Arc<[bool]>,
}

/// What a grid is made of and stored as.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct NumericGridParts {
    /// Strictly increasing, finite.
    pub edges: Vec<f64>,
    /// Which edges are the distinct deciles that part the groups of PSI and its kin; increasing.
    pub group_cuts: Vec<u32>,
    /// Values at or below this edge lie below the reference's 0.1 % quantile.
    pub low_edge: u32,
    /// Values above this edge lie above the reference's 99.9 % quantile.
    pub high_edge: u32,
    /// Smallest and largest finite value of the reference.
    pub min: f64,
    pub max: f64,
    pub scale: FixedPoint,
}

/// Why stored parts are no grid.
#[derive(Debug, Clone, thiserror::Error, PartialEq, Eq)]
pub enum GridError {
    #[error("has {found} edges; 1 to {EDGES_MAX} are possible")]
    EdgeCount { found: usize },
    #[error("edge {index} is not finite or not above the edge before it")]
    EdgeOrder { index: usize },
    #[error("names an edge that does not exist, or edges out of order")]
    EdgeIndex,
    #[error("has a minimum, maximum or scale that is not finite, or a minimum above the maximum")]
    Range,
    #[error("names a category twice: `{0}`")]
    DuplicateCategory(String),
}

impl NumericGrid {
    /// Freezes a grid from the finite values of a reference, sorted ascending.
    ///
    /// `None` for no values. Runs in O(R) with no copy of the values.
    ///
    /// ```
    /// use driftd::sketch::NumericGrid;
    /// let grid = NumericGrid::from_sorted(&[1.0, 2.0, 2.0, 3.0]).unwrap();
    /// assert_eq!(grid.edges(), [1f64.next_down(), 1.0, 2f64.next_down(), 2.0, 3f64.next_down(), 3.0]);
    /// assert_eq!(grid.bin_of(2.0), 3); // (2.next_down(), 2]
    /// ```
    pub fn from_sorted(values: &[f64]) -> Option<Self> {
        let (&min, &max) = (values.first()?, values.last()?);
        debug_assert!(values.is_sorted() && min.is_finite() && max.is_finite());
        let rank = |numerator: usize, denominator: usize| {
            let position = (numerator as u128 * values.len() as u128).div_ceil(denominator as u128);
            positive_zero(values[(position as usize).clamp(1, values.len()) - 1])
        };

        let mut edges = match few_distinct(values) {
            Some(distinct) => distinct.iter().flat_map(|&v| [v.next_down(), v]).collect(),
            None => equi_mass_edges(values, rank),
        };
        let deciles: Vec<f64> = (1..10).map(|k| rank(k, 10)).collect();
        let below_low = rank(1, 1000).next_down();
        let high = rank(999, 1000);
        edges.extend(&deciles);
        edges.extend([positive_zero(min).next_down(), positive_zero(max), below_low, high]);
        edges.retain(|edge| edge.is_finite());
        edges.sort_by(f64::total_cmp);
        edges.dedup();

        let index_of = |value: f64| edges.partition_point(|&edge| edge < value) as u32;
        let mut group_cuts: Vec<u32> = deciles.iter().map(|&decile| index_of(decile)).collect();
        group_cuts.dedup();
        let (low_edge, high_edge) = (index_of(below_low), index_of(high));
        let (mean, std) = mean_and_std(values);
        let scale = FixedPoint::for_reference(mean, std);
        let parts = NumericGridParts {
            edges,
            group_cuts,
            low_edge,
            high_edge,
            min: positive_zero(min),
            max: positive_zero(max),
            scale,
        };
        Some(Self::of(parts))
    }

    /// Checks stored parts and makes them a grid again.
    pub fn from_parts(parts: NumericGridParts) -> Result<Self, GridError> {
        let edges = &parts.edges;
        if edges.is_empty() || edges.len() > EDGES_MAX {
            return Err(GridError::EdgeCount { found: edges.len() });
        }
        let misplaced = |i: &usize| !edges[*i].is_finite() || (*i > 0 && edges[*i] <= edges[*i - 1]);
        if let Some(index) = (0..edges.len()).find(misplaced) {
            return Err(GridError::EdgeOrder { index });
        }
        let cuts = &parts.group_cuts;
        let cuts_fit =
            cuts.is_sorted_by(|a, b| a < b) && cuts.last().is_none_or(|&cut| (cut as usize) < edges.len());
        let range_edges_fit = parts.low_edge <= parts.high_edge && (parts.high_edge as usize) < edges.len();
        if !cuts_fit || !range_edges_fit {
            return Err(GridError::EdgeIndex);
        }
        let FixedPoint { pivot, unit_exponent } = parts.scale;
        let finite = parts.min.is_finite() && parts.max.is_finite() && pivot.is_finite();
        if !finite || parts.min > parts.max || unit_exponent.abs() > EXPONENT_MAX {
            return Err(GridError::Range);
        }
        Ok(Self::of(parts))
    }

    fn of(parts: NumericGridParts) -> Self {
        let atom = |edges: &[f64]| edges[0].next_up() == edges[1];
        let within = parts.edges.windows(2).map(atom);
        let atoms = std::iter::once(false).chain(within).chain([false]).collect();
        Self { parts: Arc::new(parts), locator: Arc::default(), atoms }
    }

    pub fn parts(&self) -> &NumericGridParts {
        &self.parts
    }

    pub fn edges(&self) -> &[f64] {
        &self.parts.edges
    }

    pub fn scale(&self) -> FixedPoint {
        self.parts.scale
    }

    /// How many bins there are: one more than edges.
    pub fn bins(&self) -> usize {
        self.parts.edges.len() + 1
    }

    /// Smallest and largest finite value of the reference.
    pub fn range(&self) -> (f64, f64) {
        (self.parts.min, self.parts.max)
    }

    /// Whether the reference had one single value.
    pub fn is_constant(&self) -> bool {
        self.parts.min == self.parts.max
    }

    /// Whether bin `i` can hold one value only: its edges are neighbouring floats.
    pub fn is_atom(&self, bin: usize) -> bool {
        self.atoms.get(bin).is_some_and(|&atom| atom)
    }

    /// The bins of each group of PSI and its kin, in order: ranges that together cover all bins.
    pub fn groups(&self) -> impl Iterator<Item = std::ops::Range<usize>> + '_ {
        let ends = self.parts.group_cuts.iter().map(|&cut| cut as usize + 1).chain([self.bins()]);
        ends.scan(0, |start, end| Some(std::mem::replace(start, end)..end))
    }

    /// The bins below the reference's 0.1 % quantile.
    pub fn low_bins(&self) -> std::ops::Range<usize> {
        0..self.parts.low_edge as usize + 1
    }

    /// The bins above the reference's 99.9 % quantile.
    pub fn high_bins(&self) -> std::ops::Range<usize> {
        self.parts.high_edge as usize + 1..self.bins()
    }

    /// The bin of one value; infinities fall in the outer bins, NaN in none (debug builds assert).
    pub fn bin_of(&self, value: f64) -> usize {
        debug_assert!(!value.is_nan());
        self.parts.edges.partition_point(|&edge| edge < value)
    }

    /// Writes the bin of every value, as many as there are `bins`; NaN is given bin 0.
    pub fn locate(&self, values: &[f64], bins: &mut [u16]) {
        self.locator.get_or_init(|| Locator::over(&self.parts.edges)).locate(values, bins);
    }

    /// The same ruler with only the groups' cuts, the out-of-range edges and the ends: what segments are counted on.
    pub fn coarse(&self) -> Self {
        let parts = &self.parts;
        let last = parts.edges.len() as u32 - 1;
        let mut kept: Vec<u32> = parts.group_cuts.clone();
        kept.extend([0, last, parts.low_edge, parts.high_edge]);
        kept.sort_unstable();
        kept.dedup();
        let index_of = |edge: u32| kept.partition_point(|&k| k < edge) as u32;
        Self::of(NumericGridParts {
            edges: kept.iter().map(|&edge| parts.edges[edge as usize]).collect(),
            group_cuts: parts.group_cuts.iter().map(|&cut| index_of(cut)).collect(),
            low_edge: index_of(parts.low_edge),
            high_edge: index_of(parts.high_edge),
            ..NumericGridParts::clone(parts)
        })
    }

    /// For each bin the one of `other` that it lies in; `None` where `other` cuts a bin of this grid, or counts in
    /// other units.
    pub fn bins_on(&self, other: &Self) -> Option<Vec<u16>> {
        let mut cuts = other.edges().iter().peekable();
        let mut bin = 0;
        let mut bins = vec![bin];
        for edge in self.edges() {
            bin += u16::from(cuts.next_if_eq(&edge).is_some());
            bins.push(bin);
        }
        (cuts.peek().is_none() && self.scale() == other.scale()).then_some(bins)
    }

    /// The reference's value at the share `numerator / denominator` (type-1 quantile, to the next edge above),
    /// given the reference's own counts. `None` where they are empty.
    pub fn quantile(&self, counts: &[i64], numerator: i64, denominator: i64) -> Option<f64> {
        let total: i64 = counts.iter().sum();
        if total <= 0 {
            return None;
        }
        let wanted = (total as i128 * numerator as i128 + denominator as i128 - 1) / denominator as i128;
        let wanted = i64::try_from(wanted).ok()?;
        let mut below = 0;
        let bin = counts.iter().position(|&count| {
            below += count;
            below >= wanted
        })?;
        Some(self.parts.edges.get(bin).copied().unwrap_or(self.parts.max))
    }
}

impl PartialEq for NumericGrid {
    fn eq(&self, other: &Self) -> bool {
        self.parts == other.parts
    }
}

/// The distinct values, where there are at most `BINS`.
fn few_distinct(sorted: &[f64]) -> Option<Vec<f64>> {
    let mut distinct = Vec::new();
    let mut at = 0;
    while at < sorted.len() {
        if distinct.len() == BINS {
            return None;
        }
        let value = sorted[at];
        distinct.push(positive_zero(value));
        at += sorted[at..].partition_point(|&v| v <= value);
    }
    Some(distinct)
}

fn equi_mass_edges(sorted: &[f64], rank: impl Fn(usize, usize) -> f64) -> Vec<f64> {
    let rows = sorted.len();
    let mut edges = Vec::with_capacity(EDGES_MAX);
    for k in 1..=BINS {
        let value = rank(k, BINS);
        let count = sorted.partition_point(|&v| v <= value) - sorted.partition_point(|&v| v < value);
        edges.push(value);
        if count * BINS >= rows {
            edges.push(value.next_down());
        }
    }
    let mut parts = 2 * BINS;
    while rows / parts >= TAIL_ROWS_MIN {
        edges.extend([rank(1, parts), rank(parts - 1, parts)]);
        parts *= 2;
    }
    edges
}

/// Mean and standard deviation (ddof 0) of sorted values. Centred on their median and scaled by their spread, so that
/// neither values close together nor squares of huge ones lose digits.
fn mean_and_std(values: &[f64]) -> (f64, f64) {
    let (min, median, max) = (values[0], values[values.len() / 2], values[values.len() - 1]);
    if min == max {
        return (positive_zero(min), 0.0);
    }
    // A quarter keeps differences of the hugest floats finite; the smallest ones have no quarter.
    let scale = if max.abs().max(min.abs()) > 1e300 { 0.25 } else { 1.0 };
    let centred = |v: f64| v * scale - median * scale;
    let spread = centred(max).max(-centred(min));
    let n = values.len() as f64;
    let mean = values.iter().map(|&v| centred(v) / spread).sum::<f64>() / n;
    let variance = values.iter().map(|&v| (centred(v) / spread - mean).powi(2)).sum::<f64>() / n;
    ((median * scale + mean * spread) / scale, variance.sqrt() * spread / scale)
}

/// −0 becomes 0; every other value stays.
fn positive_zero(value: f64) -> f64 {
    value + 0.0
}
