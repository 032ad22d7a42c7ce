//! The body of a row of the commit log.
//!
//! ```text
//! 1 byte   format version (1)
//! unsigned keys, each: 16 bytes hash of (model, endpoint, key); 16 bytes hash of the request's body;
//!          answer (length, bytes)
//! unsigned sources, each: model (length, bytes); source (length, bytes); signed newest event time (µs)
//! ```
//! Numbers are varints. A key is kept as a hash only: senders put ids of people into keys.

use std::collections::BTreeMap;

use sha2::{Digest, Sha256};

use crate::domain::{ModelId, Timestamp};
use crate::sketch::varint::{read_signed, read_unsigned, write_signed, write_unsigned};
use crate::store::StoreError;

const VERSION: u8 = 1;

/// SHA-256 over model, endpoint and idempotency key, cut to 16 bytes.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub(super) struct KeyHash([u8; 16]);

#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(super) struct CommitRow {
    pub(super) keys: Vec<KeyEntry>,
    pub(super) newest: BTreeMap<(ModelId, String), Timestamp>,
}

/// A key that was used, and what its sender was told.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct KeyEntry {
    pub(super) key: KeyHash,
    pub(super) body_hash: [u8; 16],
    pub(super) answer: Vec<u8>,
}

impl KeyHash {
    pub(super) fn of(model: Option<&ModelId>, endpoint: &str, key: &str) -> Self {
        let mut hash = Sha256::new();
        for part in [model.map_or("", ModelId::as_str), endpoint, key] {
            hash.update((part.len() as u64).to_le_bytes());
            hash.update(part.as_bytes());
        }
        let mut cut = [0; 16];
        cut.copy_from_slice(&hash.finalize()[..16]);
        Self(cut)
    }
}

impl CommitRow {
    pub(super) fn encode(&self) -> Vec<u8> {
        let mut out = vec![VERSION];
        write_unsigned(&mut out, self.keys.len() as u128);
        for entry in &self.keys {
            out.extend(entry.key.0);
            out.extend(entry.body_hash);
            write_bytes(&mut out, &entry.answer);
        }
        write_unsigned(&mut out, self.newest.len() as u128);
        for ((model, source), at) in &self.newest {
            write_bytes(&mut out, model.as_str().as_bytes());
            write_bytes(&mut out, source.as_bytes());
            write_signed(&mut out, at.micros().into());
        }
        out
    }

    pub(super) fn decode(mut bytes: &[u8]) -> Result<Self, StoreError> {
        let bytes = &mut bytes;
        read(bytes).filter(|_| bytes.is_empty()).ok_or_else(|| {
            StoreError::Corrupt("a row of the commit log is of another format or ends early".to_owned())
        })
    }
}

fn read(bytes: &mut &[u8]) -> Option<CommitRow> {
    if take(bytes, 1)? != [VERSION] {
        return None;
    }
    let mut row = CommitRow::default();
    for _ in 0..read_unsigned(bytes).ok()? {
        row.keys.push(KeyEntry {
            key: KeyHash(take(bytes, 16)?.try_into().ok()?),
            body_hash: take(bytes, 16)?.try_into().ok()?,
            answer: read_bytes(bytes)?.to_vec(),
        });
    }
    for _ in 0..read_unsigned(bytes).ok()? {
        let model = read_text(bytes)?.parse().ok()?;
        let source = read_text(bytes)?.to_owned();
        let at = i64::try_from(read_signed(bytes).ok()?).ok()?;
        row.newest.insert((model, source), Timestamp::from_micros(at));
    }
    Some(row)
}

fn write_bytes(out: &mut Vec<u8>, bytes: &[u8]) {
    write_unsigned(out, bytes.len() as u128);
    out.extend(bytes);
}

fn read_bytes<'a>(bytes: &mut &'a [u8]) -> Option<&'a [u8]> {
    let length = usize::try_from(read_unsigned(bytes).ok()?).ok()?;
    take(bytes, length)
}

fn read_text<'a>(bytes: &mut &'a [u8]) -> Option<&'a str> {
    std::str::from_utf8(read_bytes(bytes)?).ok()
}

fn take<'a>(bytes: &mut &'a [u8], length: usize) -> Option<&'a [u8]> {
    let (taken, rest) = bytes.split_at_checked(length)?;
    *bytes = rest;
    Some(taken)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_row_comes_back_and_a_cut_one_is_refused() {
        let model: ModelId = "credit".parse().unwrap();
        let key = KeyHash::of(Some(&model), "predictions", "k-1");
        let row = CommitRow {
            keys: vec![KeyEntry { key, body_hash: [7; 16], answer: b"{}".to_vec() }],
            newest: BTreeMap::from([((model, "http".to_owned()), Timestamp::from_micros(-5))]),
        };
        let bytes = row.encode();
        assert_eq!(CommitRow::decode(&bytes).unwrap(), row);
        (0..bytes.len()).for_each(|cut| assert!(CommitRow::decode(&bytes[..cut]).is_err()));
    }

    #[test]
    fn the_parts_of_a_key_do_not_run_together() {
        let [a, ab]: [ModelId; 2] = ["a", "ab"].map(|id| id.parse().unwrap());
        assert_ne!(KeyHash::of(Some(&a), "bc", "d"), KeyHash::of(Some(&ab), "c", "d"));
    }
}
