//! The halves of one model in memory, made again from the log at a start.

use std::num::NonZeroUsize;
use std::sync::Arc;
use std::time::Duration;

use super::counting::{ChangedOutcomes, Dropped};
use crate::domain::{ModelId, PaneLength, Timestamp};
use crate::join::{Change, Halves, JoinCounts, JoinIndex, JoinOptions, Sample, log_kept};
use crate::pipeline::frozen::Frozen;
use crate::sketch::{EncodedTally, GridId};
use crate::store::{DeltaKey, HalvesRow, JoinState, PartialJoin, Store, StoreError};

/// Bytes of the log that are read at once: of some 60,000 labels.
pub const READ_BYTES: usize = 1 << 20;

/// What the index holds, and up to where.
pub struct Joined {
    pub index: JoinIndex,
    pub label_ttl: Duration,
    /// Of the last row that is in the index.
    pub position: i64,
    /// The newest prediction up to there.
    newest: Option<Timestamp>,
    /// Joined in memory and not committed whole.
    pub batch: Option<Batch>,
}

/// What came of some rows of the log.
pub struct Batch {
    /// What is still to be committed, in order of the keys.
    pub deltas: std::vec::IntoIter<(DeltaKey, EncodedTally)>,
    /// What they lie on; none where the model had no reference.
    pub ruler: Option<GridId>,
    /// The state once all is committed.
    pub after: JoinState,
    pub counts: JoinCounts,
    pub dropped: Dropped,
    /// Rows that could not be read.
    pub unreadable: u64,
}

/// What outcomes are counted on.
pub struct CountedOn {
    pub model: ModelId,
    pub frozen: Option<Arc<Frozen>>,
    pub pane: PaneLength,
}

impl Joined {
    /// Reads the log up to the stored position again; what came of it was committed.
    pub async fn recover(
        model: &ModelId,
        store: &impl Store,
        options: JoinOptions,
        state: &JoinState,
    ) -> Result<Self, StoreError> {
        let unlimited = JoinOptions { slots_max: NonZeroUsize::MAX, ..options };
        let index = JoinIndex::new(unlimited, Sample::from_threshold(state.sample_threshold));
        // What the log no longer holds was older than this.
        let newest = state.newest.map(|at| at.saturating_sub(log_kept(options.label_ttl)));
        let mut joined = Self { index, label_ttl: options.label_ttl, position: 0, newest, batch: None };
        let mut rows = read(store, model, 0, state.position).await?;
        while let Some(last) = rows.last().map(|row| row.position) {
            let applied = off_the_loop(move || {
                joined.apply(rows, |_| {});
                joined
            });
            // The next rows are read and decoded meanwhile.
            let (applied, next) = tokio::join!(applied, read(store, model, last, state.position));
            (joined, rows) = (applied?, next?);
        }
        joined.index.limit(options.slots_max);
        (joined.position, joined.newest) = (state.position, state.newest);
        Ok(joined)
    }

    /// Joins rows of the log in memory, and counts what came of it; less what `partial` says is committed.
    pub fn join(&mut self, rows: Vec<HalvesRow>, on: CountedOn, partial: Option<&PartialJoin>) {
        let mut changed = ChangedOutcomes::new(on.frozen.clone(), on.pane);
        let rows = rows.into_iter().map(Decoded::of).collect();
        let (counts, unreadable) = self.apply(rows, |change| changed.take(change));
        let (deltas, dropped) = changed.counted(&on.model);
        let mut deltas = deltas.into_iter();
        if let Some(partial) = partial {
            let committed = deltas.as_slice().partition_point(|(key, _)| *key <= partial.last);
            deltas.by_ref().take(committed).for_each(drop);
        }
        let after = JoinState {
            position: self.position,
            sample_threshold: self.index.sample().threshold(),
            newest: self.newest,
            partial: None,
        };
        let ruler = on.frozen.map(|frozen| frozen.ruler.id());
        self.batch = Some(Batch { deltas, ruler, after, counts, dropped, unreadable });
    }

    /// Each row at the watermark that the rows before it give.
    fn apply(&mut self, rows: Vec<Decoded>, mut emit: impl FnMut(Change)) -> (JoinCounts, u64) {
        let (mut counts, mut unreadable) = (JoinCounts::default(), 0);
        for Decoded { position, halves } in rows {
            unreadable += u64::from(halves.is_none());
            let halves = halves.unwrap_or_default();
            let watermark = self.newest.unwrap_or(Timestamp::MIN);
            counts += self.index.apply(&halves, watermark, &mut emit);
            let newest = halves.predictions.iter().map(|half| half.at.timestamp()).max();
            self.newest = self.newest.max(newest);
            self.position = position;
        }
        (counts, unreadable)
    }
}

/// A row of the log; none where it cannot be read.
struct Decoded {
    position: i64,
    halves: Option<Halves>,
}

impl Decoded {
    fn of(HalvesRow { position, body }: HalvesRow) -> Self {
        let halves = Halves::decode(&body).inspect_err(|error| {
            tracing::error!(position, %error, "halves in the log cannot be read; they are left out");
        });
        Self { position, halves: halves.ok() }
    }
}

/// The next rows after a position, up to another one.
async fn read(
    store: &impl Store,
    model: &ModelId,
    after: i64,
    through: i64,
) -> Result<Vec<Decoded>, StoreError> {
    let mut rows = store.read_halves(model, after, READ_BYTES).await?;
    rows.retain(|row| row.position <= through);
    off_the_loop(move || rows.into_iter().map(Decoded::of).collect()).await
}

/// Runs what takes long where it holds no other task up.
pub async fn off_the_loop<T: Send + 'static>(
    work: impl FnOnce() -> T + Send + 'static,
) -> Result<T, StoreError> {
    let done = tokio::task::spawn_blocking(work).await;
    done.map_err(|error| StoreError::Unavailable(format!("joining ended badly: {error}")))
}
