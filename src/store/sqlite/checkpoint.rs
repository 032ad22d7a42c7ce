//! The log is copied into the database off the writer, and begins anew before it grows.
//!
//! A thread with a connection of its own copies what was committed (a passive checkpoint blocks nobody). Under
//! constant load it never catches the last frames, and only a log that was copied wholly begins anew; so, once little
//! is left, the writer copies the remainder between two commits, when nobody appends.

use std::sync::Arc;
use std::sync::mpsc::{self, Receiver, RecvTimeoutError, SyncSender};
use std::time::Duration;

use rusqlite::Connection;

use super::queue::{Job, Queue};
use super::writer::{Ledger, Writer};
use crate::store::{JobKind, StoreError};

/// Frames (pages of 4 KiB) of a log that is worth beginning anew.
const LOG_FRAMES_MIN: i64 = 1_024;
/// Frames that the writer may copy: about 2 ms and a sync.
const REMAINDER_FRAMES_MAX: i64 = 256;
/// Past this the writer copies whatever is left: the log is bounded, even where a commit has to wait for it.
const LOG_FRAMES_MAX: i64 = 65_536;
/// Passes over a log that grows while it is copied; each finds less than the one before.
const PASSES_MAX: usize = 4;

/// Free pages that the database may keep for later rows.
const FREE_PAGES_MIN: i64 = 1_024;
/// Free pages given back to the disk in one step, and steps a round.
const TRIM_PAGES: i64 = 64;
const TRIM_STEPS_MAX: usize = 64;

/// How long the writer waits for readers when it erases the log; it tries again each round.
const ERASE_PATIENCE: Duration = Duration::from_millis(100);
const BUSY_TIMEOUT: Duration = Duration::from_secs(5);

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Signal {
    Wrote,
    Stop,
}

/// The writer's way to wake the thread once much was written.
pub(super) struct Nudge {
    signals: SyncSender<Signal>,
    bytes: u64,
    bytes_max: u64,
}

impl Nudge {
    /// Wakes the thread each `bytes_max` bytes; the receiver is the thread's.
    pub(super) fn new(bytes_max: u64) -> (Self, SyncSender<Signal>, Receiver<Signal>) {
        let (signals, received) = mpsc::sync_channel(1);
        (Self { signals: signals.clone(), bytes: 0, bytes_max }, signals, received)
    }

    pub(super) fn wrote(&mut self, bytes: u64) {
        self.bytes += bytes;
        if self.bytes >= self.bytes_max {
            self.bytes = 0;
            // Full means that it is awake already.
            let _ = self.signals.try_send(Signal::Wrote);
        }
    }
}

/// What a checkpoint left.
#[derive(Debug, Clone, Copy)]
struct Copied {
    /// Whether readers or another checkpoint kept it from doing all of it.
    busy: bool,
    log_frames: i64,
    copied_frames: i64,
}

impl Copied {
    fn remaining(self) -> i64 {
        self.log_frames - self.copied_frames
    }
}

fn checkpoint(connection: &Connection, mode: &str) -> Result<Copied, StoreError> {
    Ok(connection.query_row(&format!("PRAGMA wal_checkpoint({mode})"), [], |row| {
        Ok(Copied { busy: row.get(0)?, log_frames: row.get(1)?, copied_frames: row.get(2)? })
    })?)
}

/// The thread: a round each `interval` and whenever it is woken, until it is stopped or the writer is gone.
pub(super) fn run(connection: Connection, queue: Arc<Queue>, signals: Receiver<Signal>, interval: Duration) {
    loop {
        match signals.recv_timeout(interval) {
            Ok(Signal::Wrote) | Err(RecvTimeoutError::Timeout) => {}
            Ok(Signal::Stop) | Err(RecvTimeoutError::Disconnected) => return,
        }
        if round(&connection, &queue).is_err() {
            return;
        }
    }
}

/// The writer is gone.
struct Gone;

fn round(connection: &Connection, queue: &Queue) -> Result<(), Gone> {
    let copied = match copy(connection) {
        Ok(copied) => copied,
        Err(error) => {
            tracing::warn!(%error, "the log could not be copied into the database");
            // Where the database did not sync, what the log holds may not be thrown away: nothing is written any more.
            return ask(queue, move |writer| writer.ledger.distrust(&error));
        }
    };
    let finish = copied.log_frames >= LOG_FRAMES_MIN
        && (copied.remaining() <= REMAINDER_FRAMES_MAX || copied.log_frames >= LOG_FRAMES_MAX);
    let finished = ask(queue, move |writer| match writer.log_to_erase {
        true => writer.erase_log(),
        false if finish => writer.ledger.copy_log(),
        false => Ok(()),
    })?;
    if let Err(error) = finished {
        tracing::warn!(%error, "the log could not begin anew");
    }
    for _ in 0..TRIM_STEPS_MAX {
        match ask(queue, |writer| writer.ledger.trim())? {
            Ok(true) => {}
            Ok(false) => break,
            Err(error) => {
                tracing::warn!(%error, "free pages could not be given back to the disk");
                break;
            }
        }
    }
    Ok(())
}

fn copy(connection: &Connection) -> Result<Copied, StoreError> {
    let mut copied = checkpoint(connection, "PASSIVE")?;
    for _ in 1..PASSES_MAX {
        if copied.remaining() <= REMAINDER_FRAMES_MAX {
            break;
        }
        copied = checkpoint(connection, "PASSIVE")?;
    }
    Ok(copied)
}

/// Has the writer do something between two commits.
fn ask<T: Send + 'static>(
    queue: &Queue,
    work: impl FnOnce(&mut Writer) -> T + Send + 'static,
) -> Result<T, Gone> {
    let (answer, answered) = mpsc::sync_channel(1);
    let work = Box::new(move |writer: &mut Writer| {
        let _ = answer.send(work(writer));
    });
    queue.push(Job { kind: JobKind::Checkpoint, work }).map_err(|_| Gone)?;
    answered.recv().map_err(|_| Gone)
}

impl Writer {
    /// Erases the log now or, where readers hold on to it, in one of the next rounds. What was committed stands
    /// either way.
    pub(super) fn erase_log_soon(&mut self) {
        self.log_to_erase = true;
        if let Err(error) = self.erase_log() {
            tracing::warn!(%error, "the log holds what was deleted for a while longer");
        }
    }

    /// Copies the whole log and cuts it to nothing, so that what was deleted securely is in no file. Where readers
    /// hold on to the log, that is left to the next round.
    pub(super) fn erase_log(&mut self) -> Result<(), StoreError> {
        self.log_to_erase = !self.ledger.truncate_log()?;
        Ok(())
    }
}

impl Ledger {
    fn copy_log(&mut self) -> Result<(), StoreError> {
        let copied = checkpoint(self.connection()?, "PASSIVE");
        self.watch(copied).map(|_| ())
    }

    /// Whether the log is empty now.
    fn truncate_log(&mut self) -> Result<bool, StoreError> {
        let connection = self.connection()?;
        connection.busy_timeout(ERASE_PATIENCE)?;
        let copied = checkpoint(connection, "TRUNCATE");
        connection.busy_timeout(BUSY_TIMEOUT)?;
        self.watch(copied).map(|copied| !copied.busy)
    }

    /// Gives a few free pages back to the disk, where more than a quarter is free; whether there are more.
    fn trim(&mut self) -> Result<bool, StoreError> {
        let connection = self.connection()?;
        let count = |pragma| connection.pragma_query_value(None, pragma, |row| row.get::<_, i64>(0));
        let (free, pages) = (count("freelist_count")?, count("page_count")?);
        if free < FREE_PAGES_MIN || free < pages / 4 {
            return Ok(false);
        }
        let trimmed = connection.execute_batch(&format!("PRAGMA incremental_vacuum({TRIM_PAGES})"));
        self.watch(trimmed.map_err(super::error::of_commit)).map(|()| true)
    }
}
