//! Finding the bins of values: a table that leaves a fixed few compares, chosen per grid when it is made.
//!
//! `cell` is a monotone function of the value, computed by the same arithmetic for edges and values; so an edge in
//! an earlier cell lies below the value and one in a later cell above it, and only the edges of the value's own cell
//! are compared. That is exact, whatever the rounding. Compares are of integers in the floats' order: an atom at 0 has
//! the subnormal edge just below it, and arithmetic on subnormals is slow. Three ways, by what the edges look like: cells uniform in the
//! value; cells uniform in the float's bits (heavy tails); a branchless binary search where neither spreads them.

/// Most values located at once: their bins stay in the cache's first level until they are counted.
pub(super) const BLOCK: usize = 256;
/// Entries of a table: a power of two.
const CELLS: usize = 4096;
/// Most edges of one cell for which a table is taken.
const COMPARES_MAX: usize = 4;
/// Values searched for side by side, so that their loads overlap.
const INTERLEAVED: usize = 16;

#[derive(Debug, Clone)]
pub(super) struct Locator {
    way: Way,
    /// The edges' [`ordered_bits`], padded so that the compares of the last cell stay inside.
    edges: Vec<u64>,
    edge_count: usize,
}

#[derive(Debug, Clone)]
enum Way {
    Linear { low: f64, per_unit: f64, base: Box<[u16; CELLS]>, compares: usize },
    Bits { low: u64, shift: u32, base: Box<[u16; CELLS]>, compares: usize },
    Search,
}

impl Locator {
    pub(super) fn over(edges: &[f64]) -> Self {
        let mut padded: Vec<u64> = edges.iter().copied().map(ordered_bits).collect();
        padded.extend([u64::MAX; COMPARES_MAX]);
        let way = linear(edges).or_else(|| bits(edges)).unwrap_or(Way::Search);
        Self { way, edges: padded, edge_count: edges.len() }
    }

    /// Writes the bin of every value, of at most [`BLOCK`]; NaN is given bin 0.
    pub(super) fn locate(&self, values: &[f64], bins: &mut [u16; BLOCK]) {
        match &self.way {
            Way::Linear { low, per_unit, base, compares } => {
                self.by_table(values, base, *compares, |v, _| linear_cell(v, *low, *per_unit), bins);
            }
            Way::Bits { low, shift, base, compares } => {
                self.by_table(values, base, *compares, |_, v| bits_cell(v, *low, *shift), bins);
            }
            Way::Search => self.search(values, bins),
        }
    }

    #[inline(always)]
    fn by_table(
        &self,
        values: &[f64],
        base: &[u16; CELLS],
        compares: usize,
        cell: impl Fn(f64, u64) -> usize + Copy,
        bins: &mut [u16; BLOCK],
    ) {
        match compares {
            0 | 1 => self.with_compares::<1>(values, base, cell, bins),
            2 => self.with_compares::<2>(values, base, cell, bins),
            _ => self.with_compares::<COMPARES_MAX>(values, base, cell, bins),
        }
    }

    #[inline(always)]
    fn with_compares<const K: usize>(
        &self,
        values: &[f64],
        base: &[u16; CELLS],
        cell: impl Fn(f64, u64) -> usize,
        bins: &mut [u16; BLOCK],
    ) {
        for (&v, bin) in values.iter().zip(bins) {
            let ordered = ordered_bits(v);
            let start = base[cell(v, ordered) % CELLS];
            let at = usize::from(start);
            let window: &[u64; K] =
                self.edges[at..at + K].try_into().expect("a table's bases leave K edges after them");
            *bin = start + window.iter().map(|&edge| u16::from(edge < ordered)).sum::<u16>();
        }
    }

    fn search(&self, values: &[f64], bins: &mut [u16; BLOCK]) {
        let edges = &self.edges[..self.edge_count];
        for (values, bins) in values.chunks(INTERLEAVED).zip(bins.chunks_mut(INTERLEAVED)) {
            let mut lanes = [0; INTERLEAVED];
            lanes.iter_mut().zip(values).for_each(|(lane, &value)| *lane = ordered_bits(value));
            let found = branchless_partition_points(edges, &lanes);
            bins.iter_mut().zip(found).for_each(|(bin, found)| *bin = found as u16);
        }
    }
}

fn linear(edges: &[f64]) -> Option<Way> {
    let (low, high) = (*edges.first()?, *edges.last()?);
    let per_unit = (CELLS - 1) as f64 / (high - low);
    if !per_unit.is_finite() || per_unit <= 0.0 {
        return None;
    }
    // Any origin is right: the same for edges and values.
    let low = if low.is_subnormal() { 0.0 } else { low };
    let (base, compares) = table(edges, |v| linear_cell(v, low, per_unit))?;
    Some(Way::Linear { low, per_unit, base, compares })
}

fn bits(edges: &[f64]) -> Option<Way> {
    let (low, high) = (ordered_bits(*edges.first()?), ordered_bits(*edges.last()?));
    let span = high - low;
    let shift = (64 - span.leading_zeros()).saturating_sub(CELLS.trailing_zeros());
    let (base, compares) = table(edges, |v| bits_cell(ordered_bits(v), low, shift))?;
    Some(Way::Bits { low, shift, base, compares })
}

/// For each cell how many edges lie in earlier cells, and the most edges of one cell; `None` if these are too many.
fn table(edges: &[f64], cell: impl Fn(f64) -> usize) -> Option<(Box<[u16; CELLS]>, usize)> {
    let mut in_cell = vec![0u16; CELLS];
    for &edge in edges {
        in_cell[cell(edge)] += 1;
    }
    let compares = usize::from(*in_cell.iter().max()?);
    if compares > COMPARES_MAX {
        return None;
    }
    let before = in_cell.iter().scan(0, |edges, &here| {
        *edges += here;
        Some(*edges - here)
    });
    let base: Vec<u16> = before.collect();
    Some((base.into_boxed_slice().try_into().ok()?, compares))
}

/// Cells uniform in the value. NaN falls in the first: neither compare holds for it.
#[inline(always)]
fn linear_cell(value: f64, low: f64, per_unit: f64) -> usize {
    /// Above it floats are whole, so the sum rounds and its low bits are the integer: no checked conversion.
    const WHOLE: f64 = (1u64 << 52) as f64;
    let cell = (value - low) * per_unit;
    let cell = if cell > 0.0 { cell } else { 0.0 };
    let cell = if cell < (CELLS - 1) as f64 { cell } else { (CELLS - 1) as f64 };
    (cell + WHOLE).to_bits() as usize % CELLS
}

/// Cells uniform in the float's bits.
#[inline(always)]
fn bits_cell(ordered: u64, low: u64, shift: u32) -> usize {
    (ordered.saturating_sub(low) >> shift).min(CELLS as u64 - 1) as usize
}

/// A float's bits as an integer of the same order; −0 and 0 are one, NaN is taken for −∞.
#[inline(always)]
fn ordered_bits(value: f64) -> u64 {
    let value = if value > f64::NEG_INFINITY { value } else { f64::NEG_INFINITY };
    let bits = (value + 0.0).to_bits() as i64;
    (bits ^ ((bits >> 63) | i64::MIN)) as u64
}

/// How many edges lie below each value; no branch depends on a value.
#[inline(always)]
fn branchless_partition_points(edges: &[u64], values: &[u64; INTERLEAVED]) -> [usize; INTERLEAVED] {
    let mut starts = [0; INTERLEAVED];
    let mut size = edges.len();
    while size > 1 {
        let half = size / 2;
        for (start, &value) in starts.iter_mut().zip(values) {
            let below = edges[*start + half - 1] < value;
            *start = std::hint::select_unpredictable(below, *start + half, *start);
        }
        size -= half;
    }
    for (start, &value) in starts.iter_mut().zip(values) {
        *start += usize::from(size == 1 && edges[*start] < value);
    }
    starts
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Every way must agree with the plain definition, above all at the edges and their neighbours.
    #[test]
    fn every_way_finds_the_bin_of_the_definition() {
        let uniform: Vec<f64> = (0..240).map(|i| f64::from(i) / 7.0).collect();
        let heavy: Vec<f64> = (0..240).map(|i| (f64::from(i) / 10.0).exp()).collect();
        let crowded: Vec<f64> =
            (0..100).map(|i| f64::from(i) * 1e-13 + 1.0).chain([1e9, 2e9, 1e300]).collect();
        let atoms: Vec<f64> = (-60..60).flat_map(|i| [f64::from(i).next_down(), f64::from(i)]).collect();
        for edges in [uniform, heavy, crowded, atoms, vec![5.0]] {
            let locator = Locator::over(&edges);
            let mut values: Vec<f64> =
                edges.iter().flat_map(|&e| [e.next_down(), e, e.next_up(), e * 1.01, -e]).collect();
            values.extend([
                f64::INFINITY,
                f64::NEG_INFINITY,
                f64::MAX,
                f64::MIN,
                0.0,
                -0.0,
                f64::NAN,
                -f64::NAN,
            ]);
            let mut bins = [0; BLOCK];
            for values in values.chunks(BLOCK) {
                locator.locate(values, &mut bins);
                for (&value, &bin) in values.iter().zip(&bins) {
                    // NaN is above no edge.
                    let expected = edges.iter().filter(|&&edge| edge < value).count();
                    assert_eq!(usize::from(bin), expected, "value {value:?} among {} edges", edges.len());
                }
            }
        }
    }

    #[test]
    fn the_way_suits_the_edges() {
        let uniform: Vec<f64> = (0..240).map(f64::from).collect();
        let heavy: Vec<f64> = (0..240).map(|i| (f64::from(i) / 10.0).exp()).collect();
        let crowded: Vec<f64> = (0..100).map(|i| f64::from(i) * 1e-13 + 1.0).chain([1e300]).collect();
        assert!(matches!(Locator::over(&uniform).way, Way::Linear { .. }));
        assert!(matches!(Locator::over(&heavy).way, Way::Bits { .. }));
        assert!(matches!(Locator::over(&crowded).way, Way::Search));
    }
}
