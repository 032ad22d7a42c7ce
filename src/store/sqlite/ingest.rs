//! The commit of ingest: guards are claimed in order, what holds is summed by key and written as one transaction.

use std::collections::{BTreeMap, HashMap};
use std::sync::atomic::Ordering;

use rusqlite::{Connection, OptionalExtension};

use super::commit_row::{CommitRow, KeyEntry, KeyHash};
use super::guards::Guards;
use super::join;
use super::kpi;
use super::row_counts;
use super::rows::{NewRows, insert_counts, insert_learning};
use super::writer::Writer;
use crate::domain::{ModelId, Timestamp};
use crate::sketch::EncodedTally;
use crate::store::{
    Delta, DeltaKey, Guard, IngestCommit, IngestCommitted, KpiDelta, StoreError, Unit, UnitHalves,
    UnitOutcome,
};

/// Commits between two writings of the table `newest`: so many rows of the log are read for it at a start, at most.
pub(super) const NEWEST_INTERVAL: i64 = 1024;

/// Writes the units whose guards hold, as commit `last_sequence + 1`.
pub(super) fn commit(writer: &mut Writer, commit: IngestCommit) -> Result<IngestCommitted, StoreError> {
    writer.reserve.ensure()?;
    let IngestCommit { at, units } = commit;
    let sequence = writer.last_sequence + 1;
    let Writer { ledger, guards, newest, row_counts, .. } = writer;
    let mut new_rows = NewRows::after(writer.last_row);
    let id = &writer.id;

    let written = ledger.transact(|transaction| {
        let claims = claim(transaction, guards, at, &units)?;
        if !claims.outcomes.contains(&UnitOutcome::Committed) {
            return Ok((claims.outcomes, None));
        }
        let Summed { row, applied, halves, kpis } = sum(units, &claims)?;
        insert_row(transaction, sequence, id, at, &row)?;
        for (source, position) in &claims.positions {
            set_position(transaction, source, *position)?;
        }
        for (key, delta) in &applied {
            match delta {
                Delta::Counts(tally) => insert_counts(
                    transaction,
                    &mut new_rows,
                    key,
                    tally.ruler_id(),
                    Some(sequence),
                    tally.bytes(),
                )?,
                Delta::Learning(body) => insert_learning(transaction, &mut new_rows, key, sequence, body)?,
            }
        }
        let halves_bytes = join::append(transaction, halves)?;
        kpi::append(transaction, &kpis)?;
        let counted = new_rows.count(transaction, &row_counts::lock(row_counts))?;
        if sequence % NEWEST_INTERVAL == 0 {
            let with_row = newest.iter().chain(&row.newest);
            write_newest(transaction, sequence, with_row)?;
        }
        Ok((claims.outcomes, Some((row, applied, kpis, counted, halves_bytes))))
    });

    let (outcomes, written) = written?;
    let Some((row, applied, kpis, counted, halves_bytes)) = written else {
        return Ok(IngestCommitted { sequence: None, outcomes, applied: Vec::new(), kpis: Vec::new() });
    };
    writer.last_sequence = sequence;
    writer.last_row = new_rows.last();
    let dropped = writer.guards.enter(sequence, at, row.keys.iter().map(|entry| entry.key));
    writer.keys_dropped.fetch_add(dropped, Ordering::Relaxed);
    for (source, at) in row.newest {
        let newest = writer.newest.entry(source).or_insert(at);
        *newest = at.max(*newest);
    }
    row_counts::lock(&writer.row_counts).enter(counted);
    writer.nudge.wrote(new_rows.bytes() + halves_bytes);
    Ok(IngestCommitted { sequence: Some(sequence.cast_unsigned()), outcomes, applied, kpis })
}

/// What became of each unit's guard.
struct Claims {
    outcomes: Vec<UnitOutcome>,
    /// Units in the order that their keys have in the row.
    keys: Vec<(usize, KeyHash)>,
    /// Sources that moved on, and where to.
    positions: BTreeMap<String, i64>,
}

/// Claims guards in sorted order, which every store and replica shares; among equal ones the first given is first.
fn claim(
    transaction: &Connection,
    guards: &Guards,
    now: Timestamp,
    units: &[Unit],
) -> Result<Claims, StoreError> {
    let mut claims = Claims {
        outcomes: vec![UnitOutcome::Committed; units.len()],
        keys: Vec::new(),
        positions: BTreeMap::new(),
    };
    let mut claimed: HashMap<KeyHash, usize> = HashMap::new();
    let mut order: Vec<usize> = (0..units.len()).collect();
    order.sort_by_key(|&unit| place_of(&units[unit].guard));
    for unit in order {
        claims.outcomes[unit] = match &units[unit].guard {
            Guard::None => UnitOutcome::Committed,
            Guard::Key { model, endpoint, key, body_hash } => {
                let hash = KeyHash::of(model.as_ref(), endpoint, key);
                if let Some(&first) = claimed.get(&hash) {
                    duplicate_or_reused(body_hash_of(&units[first]), *body_hash, &units[first].answer)
                } else if let Some(entry) = committed_before(transaction, guards, &hash, now)? {
                    duplicate_or_reused(Some(entry.body_hash), *body_hash, &entry.answer)
                } else {
                    claimed.insert(hash, unit);
                    claims.keys.push((unit, hash));
                    UnitOutcome::Committed
                }
            }
            Guard::Position { source, expected, next } => {
                let current = match claims.positions.get(source) {
                    Some(&moved) => Some(moved),
                    None => position(transaction, source)?,
                };
                if current == *expected {
                    claims.positions.insert(source.clone(), *next);
                    UnitOutcome::Committed
                } else {
                    UnitOutcome::PositionMoved { current }
                }
            }
        };
    }
    Ok(claims)
}

/// A guard's place in the order of claims. The body's hash has no say: of two bodies under one key the first counts.
fn place_of(guard: &Guard) -> (u8, &str, &str, &str, Option<i64>) {
    match guard {
        Guard::None => (0, "", "", "", None),
        Guard::Key { model, endpoint, key, .. } => {
            (1, model.as_ref().map_or("", ModelId::as_str), endpoint, key, None)
        }
        Guard::Position { source, expected, .. } => (2, source, "", "", *expected),
    }
}

fn body_hash_of(unit: &Unit) -> Option<[u8; 16]> {
    match unit.guard {
        Guard::Key { body_hash, .. } => Some(body_hash),
        Guard::None | Guard::Position { .. } => None,
    }
}

fn duplicate_or_reused(before: Option<[u8; 16]>, now: [u8; 16], answer: &[u8]) -> UnitOutcome {
    match before == Some(now) {
        true => UnitOutcome::Duplicate { answer: answer.to_vec() },
        false => UnitOutcome::KeyReused,
    }
}

fn committed_before(
    transaction: &Connection,
    guards: &Guards,
    key: &KeyHash,
    now: Timestamp,
) -> Result<Option<KeyEntry>, StoreError> {
    let Some(place) = guards.find(key, now) else { return Ok(None) };
    let body: Vec<u8> = transaction
        .prepare_cached("SELECT body FROM commit_log WHERE seq = ?1")?
        .query_row([place.sequence], |row| row.get(0))?;
    let mut row = CommitRow::decode(&body)?;
    let position = place.position as usize;
    match row.keys.get(position).is_some_and(|entry| entry.key == *key) {
        true => Ok(Some(row.keys.swap_remove(position))),
        false => Err(StoreError::Corrupt(format!("commit {} does not hold its keys", place.sequence))),
    }
}

fn position(transaction: &Connection, source: &str) -> Result<Option<i64>, StoreError> {
    Ok(transaction
        .prepare_cached("SELECT position FROM source_position WHERE source = ?1")?
        .query_row([source], |row| row.get(0))
        .optional()?)
}

fn set_position(transaction: &Connection, source: &str, position: i64) -> Result<(), StoreError> {
    let sql = "INSERT INTO source_position VALUES (?1, ?2)
               ON CONFLICT (source) DO UPDATE SET position = excluded.position";
    transaction.prepare_cached(sql)?.execute((source, position))?;
    Ok(())
}

/// The units of a commit whose guards held.
struct Summed {
    row: CommitRow,
    /// Counts of one key and ruler as one, what is learnt apart.
    applied: Vec<(DeltaKey, Delta)>,
    halves: Vec<UnitHalves>,
    kpis: Vec<KpiDelta>,
}

fn sum(mut units: Vec<Unit>, claims: &Claims) -> Result<Summed, StoreError> {
    let (mut row, mut halves) = (CommitRow::default(), Vec::new());
    for &(unit, key) in &claims.keys {
        let body_hash = body_hash_of(&units[unit]).expect("only units with a key are among the keys");
        row.keys.push(KeyEntry { key, body_hash, answer: std::mem::take(&mut units[unit].answer) });
    }
    let mut of_key: BTreeMap<DeltaKey, Deltas> = BTreeMap::new();
    let mut kpis = Vec::new();
    for (unit, outcome) in units.into_iter().zip(&claims.outcomes) {
        if *outcome != UnitOutcome::Committed {
            continue;
        }
        for (source, at) in unit.newest {
            let newest = row.newest.entry(source).or_insert(at);
            *newest = at.max(*newest);
        }
        halves.extend(unit.halves);
        kpis.extend(unit.kpis);
        for (key, delta) in unit.deltas {
            of_key.entry(key).or_default().take(delta);
        }
    }
    let summed = |(key, deltas): (DeltaKey, Deltas)| deltas.summed().map(move |delta| (key.clone(), delta));
    let applied = of_key.into_iter().flat_map(summed).collect();
    Ok(Summed { row, applied, halves, kpis: kpi::summed(kpis)? })
}

/// What the units of a commit hold for one key.
#[derive(Default)]
struct Deltas {
    /// Those of one ruler together.
    counts: Vec<Vec<EncodedTally>>,
    learning: Vec<Vec<u8>>,
}

impl Deltas {
    fn take(&mut self, delta: Delta) {
        match delta {
            Delta::Counts(counts) => {
                let ruler_id = counts.ruler_id();
                match self.counts.iter_mut().find(|parts| parts[0].ruler_id() == ruler_id) {
                    Some(parts) => parts.push(counts),
                    None => self.counts.push(vec![counts]),
                }
            }
            Delta::Learning(values) => self.learning.push(values),
        }
    }

    fn summed(self) -> impl Iterator<Item = Delta> {
        let counts = self.counts.into_iter().flat_map(|parts| match &parts[..] {
            [first, _, ..] => match EncodedTally::sum(first.ruler(), parts.iter().map(EncodedTally::bytes)) {
                Ok(sum) => vec![sum],
                // Each by itself is as good.
                Err(_) => parts,
            },
            _ => parts,
        });
        counts.map(Delta::Counts).chain(self.learning.into_iter().map(Delta::Learning))
    }
}

fn insert_row(
    transaction: &Connection,
    sequence: i64,
    writer: &str,
    at: Timestamp,
    row: &CommitRow,
) -> Result<(), StoreError> {
    let sql = "INSERT INTO commit_log (seq, writer, at, body) VALUES (?1, ?2, ?3, ?4)";
    transaction.prepare_cached(sql)?.execute((sequence, writer, at.micros(), row.encode()))?;
    Ok(())
}

/// Writes the largest event times as of commit `sequence`; a source given twice gets the larger one.
pub(super) fn write_newest<'a>(
    transaction: &Connection,
    sequence: i64,
    newest: impl Iterator<Item = (&'a (ModelId, String), &'a Timestamp)>,
) -> Result<(), StoreError> {
    let sql = "INSERT INTO newest VALUES (?1, ?2, ?3)
               ON CONFLICT (model, source) DO UPDATE SET at = max(at, excluded.at)";
    for ((model, source), at) in newest {
        transaction.prepare_cached(sql)?.execute((model.as_str(), source, at.micros()))?;
    }
    transaction
        .execute("UPDATE meta SET value = ?1 WHERE name = 'newest_through'", [sequence.to_string()])?;
    Ok(())
}
