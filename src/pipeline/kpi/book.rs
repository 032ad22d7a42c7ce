//! All counts of KPIs, shared by those who add and those who read.

use std::collections::BTreeSet;
use std::sync::{Mutex, MutexGuard, PoisonError};

use super::options::KpiOptions;
use crate::domain::{Segment, TimeRange, Timestamp};
use crate::kpi::{Book, Catalogue, KpiId, NotComputable, StreamKey, Value};
use crate::store::{KpiDelta, Store, StoreError};

/// Rows read at once.
const ROWS: usize = 4_096;

/// Counts in memory: as the store has them, of the streams that the config knows.
#[derive(Debug, Default)]
pub struct SharedBook {
    inner: Mutex<Inner>,
}

#[derive(Debug, Default)]
struct Inner {
    book: Book,
    /// The largest time of a sample.
    newest: Option<Timestamp>,
    /// Goes up with every change.
    edition: u64,
}

/// Everything that the store has.
pub struct Stored(Inner);

impl Stored {
    pub async fn read(store: &impl Store, options: &KpiOptions) -> Result<Self, StoreError> {
        let mut stored = Inner::default();
        let mut after = 0;
        loop {
            let rows = store.read_kpis(after, ROWS).await?;
            let Some((last, _)) = rows.last() else { return Ok(Self(stored)) };
            after = *last;
            rows.iter().for_each(|(_, delta)| stored.add(&options.catalogue, delta));
        }
    }
}

impl SharedBook {
    /// Puts what the store has in place of what was there.
    pub fn replace(&self, Stored(mut stored): Stored) {
        let mut inner = self.lock();
        stored.edition = inner.edition + 1;
        *inner = stored;
    }

    /// Adds what is durable.
    pub fn add(&self, catalogue: &Catalogue, deltas: &[KpiDelta]) {
        if deltas.is_empty() {
            return;
        }
        let mut inner = self.lock();
        deltas.iter().for_each(|delta| inner.add(catalogue, delta));
        inner.edition += 1;
    }

    pub fn newest(&self) -> Option<Timestamp> {
        self.lock().newest
    }

    /// Goes up whenever something that is read may have changed.
    pub fn edition(&self) -> u64 {
        self.lock().edition
    }

    pub fn value(
        &self,
        catalogue: &Catalogue,
        id: &KpiId,
        segment: &Segment,
        over: TimeRange,
    ) -> Result<Value, NotComputable> {
        self.lock().book.value(catalogue, id, segment, over)
    }

    /// When the newest sample of a KPI was taken; of a formula the oldest of its inputs' newest.
    pub fn last_sample(&self, catalogue: &Catalogue, id: &KpiId) -> Option<Timestamp> {
        self.lock().book.last_sample_of(catalogue, id)
    }

    /// The first pane that a KPI has counts in.
    pub fn first_pane(&self, catalogue: &Catalogue, id: &KpiId) -> Option<Timestamp> {
        self.lock().book.first_pane_of(catalogue, id)
    }

    /// The segments that a KPI's stream is counted in, beside all.
    pub fn segments(&self, stream: &KpiId) -> BTreeSet<Segment> {
        self.lock().book.segments(stream).filter(|segment| **segment != Segment::All).cloned().collect()
    }

    pub fn drop_before(&self, before: Timestamp) {
        let mut inner = self.lock();
        inner.book.drop_before(before);
        inner.edition += 1;
    }

    fn lock(&self) -> MutexGuard<'_, Inner> {
        self.inner.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Inner {
    /// Counts of streams that the config does not know, or knows otherwise, stay in the store.
    fn add(&mut self, catalogue: &Catalogue, delta: &KpiDelta) {
        let Some(stream) = catalogue.streams().get(&delta.key.stream) else { return };
        if stream.kind != delta.state.kind() {
            return;
        }
        let StreamKey { stream: id, segment, pane } = delta.key.clone();
        let start = catalogue.calendar().start_of_pane(stream.pane, pane);
        if let Err(error) = self.book.add(id, segment, start, &delta.state) {
            tracing::warn!(stream = %delta.key.stream, %error, "counts of a KPI cannot be booked in memory");
            return;
        }
        self.book.note(&delta.key.stream, delta.newest);
        self.newest = self.newest.max(Some(delta.newest));
    }
}
