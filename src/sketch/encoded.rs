//! Counts in their stored form, held in memory.

use std::sync::Arc;

use super::decode::DecodeError;
use super::ruler::{GridId, Ruler};
use super::tally::Tally;

/// The counts of a batch or pane, encoded: as large as what they hold, however many bins their grids have. That is how
/// counts travel from a body to the store, so that a body of few rows in each of many panes takes memory by its rows.
#[derive(Debug, Clone)]
pub struct EncodedTally {
    ruler: Arc<Ruler>,
    rows: i64,
    bytes: Box<[u8]>,
}

impl PartialEq for EncodedTally {
    fn eq(&self, other: &Self) -> bool {
        self.bytes == other.bytes
    }
}

impl EncodedTally {
    /// Encodes counts that lie on this ruler, and on no other.
    pub fn of(ruler: &Arc<Ruler>, tally: &Tally) -> Self {
        assert_eq!(ruler.id(), tally.ruler_id, "counts are encoded with the ruler they lie on");
        Self::written(ruler, tally.rows, tally.encode())
    }

    pub(super) fn written(ruler: &Arc<Ruler>, rows: i64, bytes: Vec<u8>) -> Self {
        Self { ruler: Arc::clone(ruler), rows, bytes: bytes.into() }
    }

    /// The sum of what [`Tally::encode`] wrote. Errors where a part lies on another ruler or cannot be read.
    pub fn sum<'a>(
        ruler: &Arc<Ruler>,
        parts: impl IntoIterator<Item = &'a [u8]>,
    ) -> Result<Self, DecodeError> {
        let mut sum = Tally::empty(ruler);
        parts.into_iter().try_for_each(|part| sum.add_encoded(part))?;
        Ok(Self::of(ruler, &sum))
    }

    /// What they lie on.
    pub fn ruler(&self) -> &Arc<Ruler> {
        &self.ruler
    }

    /// Its content hash, as the bytes begin with it.
    pub fn ruler_id(&self) -> GridId {
        self.ruler.id()
    }

    /// Rows counted; negative where more were taken out than added.
    pub fn rows(&self) -> i64 {
        self.rows
    }

    /// As [`Tally::encode`] writes them.
    pub fn bytes(&self) -> &[u8] {
        &self.bytes
    }

    /// The counts bin by bin: some 24 bytes for each bin of the ruler.
    pub fn tally(&self) -> Tally {
        Tally::decode(&self.bytes, &self.ruler).expect("they were encoded on their ruler")
    }
}
