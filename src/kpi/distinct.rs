//! How many different users: a HyperLogLog of 2^15 registers.
//!
//! Flajolet et al. 2007 with the estimate of Apache DataSketches: up to 3,072 users by the 26 + 6 bits of hash that are
//! kept of each (exact but for their collisions), past that from the registers alone ("composite"). Standard error
//! 1.04/√2^15 = 0.57 %; measured at 10^6 users over 20 seeds: 0.54 % on average, 1.71 % at most. Both depend on *which*
//! users came, not on their order or split; the library's better estimate for one ordered stream does, and is not used.
//!
//! Stored are the number of samples and either the sorted hashes or the registers, four bits each above the least,
//! 15 standing for one that follows in full: 16 KiB. The same users give the same bytes.

use datasketches::hll::{HllSketch, HllType, HllUnion};

use super::sparse::read_count;
use crate::sketch::varint::{VarintError, read_unsigned, write_signed, write_unsigned};

const LG_REGISTERS: u8 = 15;
const REGISTERS: usize = 1 << LG_REGISTERS;
/// Hashes are kept up to three quarters of 2^12; one more, and there are registers.
const HASHES_MAX: usize = 3072;
/// So many hashes are kept as a list, more as a table.
const LIST_MAX: usize = 7;
/// A hash is a register's number in the low 26 bits, and its value, 1 to 63, in the high six.
const VALUE_SHIFT: u32 = 26;
const VALUE_MAX: u8 = 63;

const HASHES: u8 = 0;
/// 1 stood for 2^14 of them.
const REGISTERS_OF_FOUR_BITS: u8 = 2;
/// The nibble of a register that follows in full.
const FAR: u8 = 15;

/// Users seen, and samples that named them. Only grows.
#[derive(Debug, Clone)]
pub struct Distinct {
    n: i64,
    users: HllUnion,
}

impl Default for Distinct {
    fn default() -> Self {
        Self { n: 0, users: HllUnion::new(LG_REGISTERS).expect("2^15 registers are allowed") }
    }
}

impl Distinct {
    /// Samples.
    pub fn n(&self) -> i64 {
        self.n
    }

    /// Different users, a whole number.
    pub fn users(&self) -> f64 {
        self.users.composite_estimate().round()
    }

    #[inline]
    pub(super) fn add(&mut self, user: u64) {
        self.n = self.n.saturating_add(1);
        self.users.update_value(user);
    }

    pub(super) fn merge(&mut self, other: &Self) {
        self.n = self.n.saturating_add(other.n);
        self.users.update(&other.users.to_sketch(HllType::Hll8));
    }

    pub(super) fn bytes(&self) -> usize {
        self.users.estimated_size()
    }

    pub(super) fn write(&self, out: &mut Vec<u8>) {
        write_signed(out, self.n.into());
        match Content::of(&self.users) {
            Content::Hashes(hashes) => {
                out.push(HASHES);
                write_unsigned(out, hashes.len() as u128);
                let mut last = 0;
                for hash in hashes {
                    write_unsigned(out, (hash - last).into());
                    last = hash;
                }
            }
            Content::Registers(registers) => {
                out.push(REGISTERS_OF_FOUR_BITS);
                let least = registers.iter().copied().min().unwrap_or(0);
                out.push(least);
                let nibble = |value: u8| (value - least).min(FAR);
                out.extend(
                    registers.as_chunks().0.iter().map(|[low, high]| nibble(*low) | nibble(*high) << 4),
                );
                out.extend(registers.iter().filter(|value| nibble(**value) == FAR));
            }
        }
    }

    pub(super) fn read(bytes: &mut &[u8]) -> Result<Self, VarintError> {
        let n = read_count(bytes)?;
        let content = match next_byte(bytes)? {
            HASHES => Content::Hashes(read_hashes(bytes)?),
            REGISTERS_OF_FOUR_BITS => Content::Registers(read_registers(bytes)?),
            _ => return Err(VarintError),
        };
        let mut users = Self::default().users;
        users.update(&content.sketch().ok_or(VarintError)?);
        Ok(Self { n, users })
    }
}

/// Same users, same number of samples.
impl PartialEq for Distinct {
    fn eq(&self, other: &Self) -> bool {
        self.n == other.n && Content::of(&self.users) == Content::of(&other.users)
    }
}

/// What a sketch holds, whatever its order.
#[derive(PartialEq)]
enum Content {
    /// Sorted.
    Hashes(Vec<u32>),
    Registers(Box<[u8]>),
}

/// Bytes before the registers in the library's form; before the hashes of a table, and of a list.
const REGISTERS_AT: usize = 40;
const TABLE_AT: usize = 12;
const LIST_AT: usize = 8;
/// The header's first four bytes but for its length in words: version, family (7, HLL), registers.
const HEADER: [u8; 3] = [1, 7, LG_REGISTERS];
const COMPACT: u8 = 8;
const EMPTY: u8 = 4;
const OUT_OF_ORDER: u8 = 16;
/// Of registers of eight bits: what they are kept in, in the low two bits.
const MODE_LIST: u8 = 8;
const MODE_TABLE: u8 = 9;
const MODE_REGISTERS: u8 = 10;

impl Content {
    fn of(users: &HllUnion) -> Self {
        let bytes = users.to_sketch(HllType::Hll8).serialize();
        let hashes_at = match bytes[0] {
            10 => return Self::Registers(bytes[REGISTERS_AT..].into()),
            3 => TABLE_AT,
            _ => LIST_AT,
        };
        let mut hashes: Vec<u32> =
            bytes[hashes_at..].as_chunks().0.iter().map(|hash| u32::from_le_bytes(*hash)).collect();
        hashes.sort_unstable();
        Self::Hashes(hashes)
    }

    /// A sketch that holds it, by the library's form (datasketches.apache.org, "HLL serialized form").
    fn sketch(&self) -> Option<HllSketch> {
        let mut bytes = Vec::new();
        let mut header = |words, lg_table, flags, state, mode| {
            bytes.push(words);
            bytes.extend_from_slice(&HEADER);
            bytes.extend_from_slice(&[lg_table, flags, state, mode]);
        };
        match self {
            Self::Hashes(hashes) => {
                if hashes.len() <= LIST_MAX {
                    let empty = if hashes.is_empty() { EMPTY } else { 0 };
                    header(2, 3, COMPACT | empty, hashes.len() as u8, MODE_LIST);
                } else {
                    // The smallest table that they fill to three quarters at most.
                    let lg_table = (5..12).find(|lg| 4 * hashes.len() <= 3 << lg).unwrap_or(12);
                    header(3, lg_table, COMPACT, 0, MODE_TABLE);
                    bytes.extend_from_slice(&(hashes.len() as u32).to_le_bytes());
                }
                bytes.extend(hashes.iter().flat_map(|hash| hash.to_le_bytes()));
            }
            Self::Registers(registers) => {
                header(10, 0, OUT_OF_ORDER, 0, MODE_REGISTERS);
                let mut of_value = [0u32; VALUE_MAX as usize + 1];
                registers.iter().for_each(|value| of_value[usize::from(*value)] += 1);
                // Σ 2^-value, of values below 32 and from there on apart: exact.
                let inverse = |values: std::ops::Range<usize>| -> f64 {
                    values.map(|value| f64::from(of_value[value]) * 0.5f64.powi(value as i32)).sum()
                };
                for sum in [0.0, inverse(0..32), inverse(32..of_value.len())] {
                    bytes.extend_from_slice(&sum.to_le_bytes());
                }
                bytes.extend_from_slice(&of_value[0].to_le_bytes());
                bytes.extend_from_slice(&[0; 4]);
                bytes.extend_from_slice(registers);
            }
        }
        HllSketch::deserialize(&bytes).ok()
    }
}

fn next_byte(bytes: &mut &[u8]) -> Result<u8, VarintError> {
    let (&byte, rest) = bytes.split_first().ok_or(VarintError)?;
    *bytes = rest;
    Ok(byte)
}

fn read_hashes(bytes: &mut &[u8]) -> Result<Vec<u32>, VarintError> {
    let len = read_unsigned(bytes)?;
    if len > HASHES_MAX as u128 {
        return Err(VarintError);
    }
    let (mut hashes, mut last) = (Vec::with_capacity(len as usize), 0u32);
    for _ in 0..len {
        let step = u32::try_from(read_unsigned(bytes)?).map_err(|_| VarintError)?;
        last = last.checked_add(step).filter(|_| step > 0).ok_or(VarintError)?;
        if last >> VALUE_SHIFT == 0 {
            return Err(VarintError);
        }
        hashes.push(last);
    }
    Ok(hashes)
}

fn read_registers(bytes: &mut &[u8]) -> Result<Box<[u8]>, VarintError> {
    let least = next_byte(bytes)?;
    let (nibbles, rest) = bytes.split_at_checked(REGISTERS / 2).ok_or(VarintError)?;
    *bytes = rest;
    let mut registers = Vec::with_capacity(REGISTERS);
    registers.extend(nibbles.iter().flat_map(|both| [both & 15, both >> 4]));
    for register in &mut registers {
        *register = match *register {
            FAR => next_byte(bytes)?,
            nibble => nibble.checked_add(least).ok_or(VarintError)?,
        };
        if *register > VALUE_MAX {
            return Err(VarintError);
        }
    }
    Ok(registers.into_boxed_slice())
}
