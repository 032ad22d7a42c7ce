//! Which rows of a batch are counted together: those of one version, segment and pane.

use hashbrown::HashMap;

use super::{Batch, Codes, Schema};
use crate::domain::{Pane, PaneLength, Segment, Version};

/// Rows of a batch that are counted together.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Part {
    pub version: Version,
    pub segment: Segment,
    pub pane: Pane,
    pub rows: Rows,
}

/// Some rows of a batch.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Rows {
    All,
    /// Ascending.
    Some(Vec<u32>),
}

impl Rows {
    /// How many there are, of a batch of `rows`.
    pub fn count(&self, rows: usize) -> usize {
        match self {
            Self::All => rows,
            Self::Some(some) => some.len(),
        }
    }
}

/// How the names that rows carry become the versions and segment values they are counted under: past a model's limits
/// both become `other`.
pub trait Naming {
    fn version(&mut self, name: Option<&str>) -> Version;

    /// The value of a segment attribute; `None` leaves the rows out of that attribute's slices.
    fn segment_value(&mut self, attribute: &str, value: Option<&str>) -> Option<Box<str>>;
}

/// Parts a batch: all rows by version and pane, then each segment attribute by its values too. Segments are not
/// crossed, so a row is in 1 + (segment attributes) parts at most.
pub fn partition(batch: &Batch, schema: &Schema, pane: PaneLength, naming: &mut impl Naming) -> Vec<Part> {
    let versions = Names::of(&batch.versions, |name| naming.version(name));
    let panes: Vec<Pane> = batch.ts.iter().map(|&ts| pane.pane_of(ts)).collect();
    let mut parts = group(batch.rows(), |row| Some((versions.of_row(row), panes[row], 0)))
        .into_iter()
        .map(|((version, pane, _), rows)| Part {
            version: versions.named[version].clone(),
            segment: Segment::All,
            pane,
            rows,
        })
        .collect::<Vec<_>>();
    for (attribute, codes) in schema.segments.iter().zip(&batch.segments) {
        let values = Names::of(codes, |value| naming.segment_value(attribute, value));
        let slices = group(batch.rows(), |row| {
            let value = values.of_row(row);
            values.named[value].as_ref().map(|_| (versions.of_row(row), panes[row], value))
        });
        parts.extend(slices.into_iter().filter_map(|((version, pane, value), rows)| {
            let value = values.named[value].clone()?;
            Some(Part {
                version: versions.named[version].clone(),
                segment: Segment::Slice { attribute: attribute.clone(), value },
                pane,
                rows,
            })
        }));
    }
    parts
}

/// The distinct names of a column after naming; several codes may become one name.
struct Names<T> {
    /// By code; the last entry is that of rows without a name.
    of_code: Vec<usize>,
    named: Vec<T>,
    codes: Vec<u32>,
}

impl<T: Clone + Eq + std::hash::Hash> Names<T> {
    fn of(codes: &Codes, mut name: impl FnMut(Option<&str>) -> T) -> Self {
        let mut index: HashMap<T, usize> = HashMap::new();
        let mut named = Vec::new();
        let all = codes.names.iter().map(|n| Some(&**n)).chain([None]);
        let of_code = all
            .map(|raw| {
                let mapped = name(raw);
                *index.entry(mapped.clone()).or_insert_with(|| {
                    named.push(mapped);
                    named.len() - 1
                })
            })
            .collect();
        Self { of_code, named, codes: codes.codes.clone() }
    }

    fn of_row(&self, row: usize) -> usize {
        let nameless = self.of_code.len() - 1;
        self.of_code[(self.codes[row] as usize).min(nameless)]
    }
}

type Key = (usize, Pane, usize);

/// Groups rows by key, in order of first sight; one group of all rows is told so, for it needs no gathering.
fn group(rows: usize, key: impl Fn(usize) -> Option<Key>) -> Vec<(Key, Rows)> {
    let Some(first) = (rows > 0).then(|| key(0)) else { return Vec::new() };
    if let Some(first) = first
        && (1..rows).all(|row| key(row) == Some(first))
    {
        return vec![(first, Rows::All)];
    }
    let mut index: HashMap<Key, usize> = HashMap::new();
    let mut groups: Vec<(Key, Vec<u32>)> = Vec::new();
    let mut last = None;
    for row in 0..rows {
        let Some(key) = key(row) else { continue };
        let at = match last {
            Some((last_key, at)) if last_key == key => at,
            _ => *index.entry(key).or_insert_with(|| {
                groups.push((key, Vec::new()));
                groups.len() - 1
            }),
        };
        last = Some((key, at));
        groups[at].1.push(row as u32);
    }
    groups.into_iter().map(|(key, rows)| (key, Rows::Some(rows))).collect()
}
