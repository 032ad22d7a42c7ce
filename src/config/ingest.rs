//! `[ingest]`: how much is taken in at once, when it is committed, how long a retry is recognised.

use std::time::Duration;

use super::setting::Size;
use super::table::Table;
use super::units::size_text;

const KIB: u64 = 1 << 10;
const MIB: u64 = 1 << 20;
const HOUR: Duration = Duration::from_secs(3_600);

#[derive(Debug, Clone, PartialEq)]
pub struct IngestSettings {
    /// A body as sent.
    pub body_bytes_max: u64,
    /// A body after decompression.
    pub decompressed_bytes_max: u64,
    pub row_bytes_max: u64,
    /// Rows of one body.
    pub rows_max: u64,
    /// Bodies that wait or are being counted; at the limit the answer is 429.
    pub queue_bytes_max: u64,
    /// A commit takes what came in while the last one ran, this many bytes of bodies at most.
    pub commit_bytes: u64,
    pub idempotency_ttl: Duration,
    /// Keys remembered; at the limit the oldest leave before their time, and are counted.
    pub idempotency_keys_max: u64,
    /// Rows later than the clock by more than this are rejected.
    pub too_far_ahead: Duration,
}

impl IngestSettings {
    pub(super) fn read(table: &Table<'_>) -> Self {
        let size =
            |key, default, least, most| table.read_within(key, Size(default), Size(least)..=Size(most)).0;
        let settings = Self {
            body_bytes_max: size("body_bytes_max", 16 * MIB, KIB, 1_024 * MIB),
            decompressed_bytes_max: size("decompressed_bytes_max", 64 * MIB, KIB, 4_096 * MIB),
            row_bytes_max: size("row_bytes_max", MIB, KIB, 64 * MIB),
            rows_max: table.read_within("rows_max", 100_000, 1..=10_000_000),
            queue_bytes_max: size("queue_bytes_max", 256 * MIB, MIB, 65_536 * MIB),
            commit_bytes: size("commit_bytes", 4 * MIB, 64 * KIB, 256 * MIB),
            idempotency_ttl: table.read_within("idempotency_ttl", 24 * HOUR, HOUR..=30 * 24 * HOUR),
            idempotency_keys_max: table.read_within("idempotency_keys_max", 1_000_000, 1_000..=100_000_000),
            too_far_ahead: table.read_within("too_far_ahead", HOUR, Duration::ZERO..=30 * 24 * HOUR),
        };
        if table.is_sound() {
            settings.refuse_contradictions(table);
        }
        settings
    }

    fn refuse_contradictions(&self, table: &Table<'_>) {
        let (body, decompressed) = (size_text(self.body_bytes_max), size_text(self.decompressed_bytes_max));
        if self.decompressed_bytes_max < self.body_bytes_max {
            table.error(
                "decompressed_bytes_max",
                format!("{decompressed} is below body_bytes_max, {body}; raise it"),
            );
        }
        if self.row_bytes_max > self.decompressed_bytes_max {
            let row = size_text(self.row_bytes_max);
            let message =
                format!("{row} is above decompressed_bytes_max, {decompressed}; a row is part of a body");
            table.error("row_bytes_max", message);
        }
        if self.queue_bytes_max < self.decompressed_bytes_max {
            let queue = size_text(self.queue_bytes_max);
            let message =
                format!("{queue} is below decompressed_bytes_max, {decompressed}; one body must fit");
            table.error("queue_bytes_max", message);
        }
    }
}
