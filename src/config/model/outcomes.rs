//! `[labels]`, `[performance]` and `[[fairness]]`: how outcomes come and how they are judged.

use std::time::Duration;

use crate::config::table::Table;

const DAY: Duration = Duration::from_secs(86_400);

pub(super) fn read_ttl(table: &Table<'_>) -> Duration {
    table.read_within("ttl", 30 * DAY, Duration::from_secs(60)..=400 * DAY)
}
