//! Finding the bins of values: a table that leaves a fixed few compares, chosen per grid when it is made.
//!
//! `cell` is a monotone function of the value, computed by the same arithmetic for edges and values; so an edge in
//! an earlier cell lies below the value and one in a later cell above it, and only the edges of the value's own cell
//! are compared. That is exact, whatever the rounding. Compares are of integers in the floats' order: an atom at 0 has
//! the subnormal edge just below it, and arithmetic on subnormals is slow. Three ways, by what the edges look like: cells uniform in the
//! value; cells uniform in the float's bits (heavy tails); a branchless binary search where neither spreads them.
//! What can be computed for values side by side is, before the table is asked for one after the other.

/// Values on their way at once: what is computed of them stays in the cache's first level.
const BLOCK: usize = 256;
/// Entries of a table: a power of two.
const CELLS: usize = 4096;
/// Most edges of one cell for which a table is taken.
const COMPARES_MAX: usize = 4;
/// Room for edges, a power of two: more than a grid may have.
const EDGES: usize = 1024;
/// Values searched for side by side, so that their loads overlap.
const INTERLEAVED: usize = 16;

#[derive(Debug, Clone)]
pub(super) struct Locator {
    way: Way,
    /// The edges' [`ordered_bits`], then what no value is above.
    edges: Box<[u64; EDGES + COMPARES_MAX]>,
    edge_count: usize,
}

#[derive(Debug, Clone)]
enum Way {
    Linear { low: f64, per_unit: f64, table: Table },
    Bits { low: u64, shift: u32, table: Table },
    Search,
}

#[derive(Debug, Clone)]
struct Table {
    /// How many edges lie in earlier cells.
    base: Box<[u16; CELLS]>,
    /// The most edges of one cell.
    compares: usize,
}

impl Locator {
    /// Of strictly increasing, finite edges: 1 to [`EDGES`].
    pub(super) fn over(edges: &[f64]) -> Self {
        let mut padded: Vec<u64> = edges.iter().map(|&edge| ordered_bits(edge + 0.0)).collect();
        padded.resize(EDGES + COMPARES_MAX, u64::MAX);
        let way = linear(edges).or_else(|| bits(edges)).unwrap_or(Way::Search);
        let edges_padded = padded.into_boxed_slice().try_into().expect("a grid has at most EDGES edges");
        Self { way, edges: edges_padded, edge_count: edges.len() }
    }

    /// Writes the bin of every value; NaN is given bin 0.
    pub(super) fn locate(&self, values: &[f64], bins: &mut [u16]) {
        let (mut cells, mut keys) = ([0; BLOCK], [0; BLOCK]);
        for (values, bins) in values.chunks(BLOCK).zip(bins.chunks_mut(BLOCK)) {
            let keys = &mut keys[..values.len()];
            match &self.way {
                Way::Linear { low, per_unit, table } => {
                    let cells = &mut cells[..values.len()];
                    prepare(values, *low, *per_unit, cells, keys);
                    self.by_table(table, keys, cells.iter().copied(), bins);
                }
                Way::Bits { low, shift, table } => {
                    order(values, keys);
                    let cells = keys.iter().map(|&key| bits_cell(key, *low, *shift));
                    self.by_table(table, keys, cells, bins);
                }
                Way::Search => {
                    order(values, keys);
                    self.search(keys, bins);
                }
            }
        }
    }

    #[inline(always)]
    fn by_table(&self, table: &Table, keys: &[u64], cells: impl Iterator<Item = u64>, bins: &mut [u16]) {
        let Table { base, compares } = table;
        match compares {
            0 | 1 => with_compares::<1>(&self.edges, base, keys, cells, bins),
            2 => with_compares::<2>(&self.edges, base, keys, cells, bins),
            3 => with_compares::<3>(&self.edges, base, keys, cells, bins),
            _ => with_compares::<COMPARES_MAX>(&self.edges, base, keys, cells, bins),
        }
    }

    fn search(&self, keys: &[u64], bins: &mut [u16]) {
        let edges = &self.edges[..self.edge_count];
        for (keys, bins) in keys.chunks(INTERLEAVED).zip(bins.chunks_mut(INTERLEAVED)) {
            let mut lanes = [0; INTERLEAVED];
            lanes[..keys.len()].copy_from_slice(keys);
            let found = branchless_partition_points(edges, &lanes);
            bins.iter_mut().zip(found).for_each(|(bin, found)| *bin = found as u16);
        }
    }
}

/// The keys of values, and their cells in a linear table.
#[inline(never)]
fn prepare(values: &[f64], low: f64, per_unit: f64, cells: &mut [u64], keys: &mut [u64]) {
    for ((&value, cell), key) in values.iter().zip(cells).zip(keys) {
        *cell = linear_cell(value, low, per_unit);
        *key = ordered_bits(value);
    }
}

fn order(values: &[f64], keys: &mut [u64]) {
    values.iter().zip(keys).for_each(|(&value, key)| *key = ordered_bits(value));
}

/// From keys and their cells to bins. A function of its own for each K: together they run out of registers.
#[inline(never)]
fn with_compares<const K: usize>(
    edges: &[u64; EDGES + COMPARES_MAX],
    base: &[u16; CELLS],
    keys: &[u64],
    cells: impl Iterator<Item = u64>,
    bins: &mut [u16],
) {
    for ((&key, cell), bin) in keys.iter().zip(cells).zip(bins) {
        // No index is ever cut by `%`; it tells the compiler so.
        let before = u32::from(base[cell as usize % CELLS]);
        let own = &edges[before as usize % EDGES..][..K];
        *bin = (before + own.iter().map(|&edge| u32::from(edge < key)).sum::<u32>()) as u16;
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
    let table = table(edges, |v| linear_cell(v, low, per_unit) as usize % CELLS)?;
    Some(Way::Linear { low, per_unit, table })
}

fn bits(edges: &[f64]) -> Option<Way> {
    let (low, high) = (ordered_bits(edges.first()? + 0.0), ordered_bits(edges.last()? + 0.0));
    let span = high - low;
    let shift = (64 - span.leading_zeros()).saturating_sub(CELLS.trailing_zeros());
    let table = table(edges, |v| bits_cell(ordered_bits(v + 0.0), low, shift) as usize)?;
    Some(Way::Bits { low, shift, table })
}

/// `None` if a cell has too many edges.
fn table(edges: &[f64], cell: impl Fn(f64) -> usize) -> Option<Table> {
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
    Some(Table { base: base.into_boxed_slice().try_into().ok()?, compares })
}

/// Cells uniform in the value: the cell is the low bits, and so is all but a constant. NaN falls in the first.
#[inline(always)]
fn linear_cell(value: f64, low: f64, per_unit: f64) -> u64 {
    /// Above it floats are whole, so the sum rounds and its low bits are the integer: no checked conversion.
    const WHOLE: f64 = (1u64 << 52) as f64;
    let cell = (value - low) * per_unit;
    let cell = if cell > 0.0 { cell } else { 0.0 };
    let cell = if cell < (CELLS - 1) as f64 { cell } else { (CELLS - 1) as f64 };
    (cell + WHOLE).to_bits()
}

/// Cells uniform in the float's bits.
#[inline(always)]
fn bits_cell(key: u64, low: u64, shift: u32) -> u64 {
    (key.saturating_sub(low) >> shift).min(CELLS as u64 - 1)
}

/// A float's bits as an integer of the same order. NaN and −∞ are taken for the lowest float, which is above no edge
/// either; −0 comes just before 0, and as edges are not −0 (who makes keys of them adds 0), none parts the two.
#[inline(always)]
fn ordered_bits(value: f64) -> u64 {
    let value = if value > f64::MIN { value } else { f64::MIN };
    let bits = value.to_bits() as i64;
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
        let nested = |cells: usize| -> Vec<f64> {
            (0..40).flat_map(|i| (0..cells).map(move |j| f64::from(i) + j as f64 * 1e-6)).collect()
        };
        let (triples, fours) = (nested(3), nested(4));
        let zero = vec![-1.0, 0f64.next_down(), 0.0, 1.0];
        for edges in [uniform, heavy, crowded, atoms, triples, fours, zero, vec![5.0], vec![-0.0]] {
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
            let mut bins = vec![0; values.len()];
            locator.locate(&values, &mut bins);
            for (&value, &bin) in values.iter().zip(&bins) {
                // NaN is above no edge.
                let expected = edges.iter().filter(|&&edge| edge < value).count();
                assert_eq!(usize::from(bin), expected, "value {value:?} among {} edges", edges.len());
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
