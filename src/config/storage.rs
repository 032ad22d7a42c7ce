//! `[storage]`: where counts lie, how they are folded and how long they are kept.

use std::path::PathBuf;
use std::time::Duration;

use super::setting::Size;
use super::table::Table;
use super::units::duration_text;

const MIB: u64 = 1 << 20;
const DAY: Duration = Duration::from_secs(86_400);

#[derive(Debug, Clone, PartialEq)]
pub struct StorageSettings {
    /// The data directory, relative to the working directory.
    pub path: PathBuf,
    /// Headroom in bytes: with less free, ingest answers 503.
    pub reserve_bytes: u64,
    /// Deltas are folded into panes this often, or sooner at `fold_bytes`.
    pub fold_every: Duration,
    pub fold_bytes: u64,
    pub retention: Retention,
}

/// How long panes are kept; whole days.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Retention {
    /// Panes shorter than a day; then they fold to days.
    pub hourly: Duration,
    /// Panes of a day; not below `hourly`.
    pub daily: Duration,
}

impl StorageSettings {
    pub(super) fn read(table: &Table<'_>) -> Self {
        Self {
            path: table.read("path", "driftd-data".to_owned()).into(),
            reserve_bytes: table
                .read_within("reserve_bytes", Size(256 * MIB), Size(16 * MIB)..=Size(MIB << 20))
                .0,
            fold_every: table.read_within(
                "fold_every",
                Duration::from_secs(60),
                Duration::from_secs(1)..=Duration::from_secs(3_600),
            ),
            fold_bytes: table.read_within("fold_bytes", Size(64 * MIB), Size(MIB)..=Size(4_096 * MIB)).0,
            retention: table.section("retention", Retention::read),
        }
    }
}

impl Retention {
    fn read(table: &Table<'_>) -> Self {
        let days = |duration: &Duration| {
            if duration.is_zero()
                || !duration.as_secs().is_multiple_of(DAY.as_secs())
                || *duration > 4_000 * DAY
            {
                return Err("is no whole number of days; from 1d to 4000d".to_owned());
            }
            Ok(())
        };
        let hourly = table.read_if("hourly", 35 * DAY, days);
        let daily = table.read_if("daily", 400 * DAY, days);
        if table.is_sound() && daily < hourly {
            let (daily, hourly) = (duration_text(daily), duration_text(hourly));
            table.error(
                "daily",
                format!("{daily} is shorter than hourly, {hourly}; days are folded from what is hourly"),
            );
        }
        Self { hourly, daily }
    }
}
