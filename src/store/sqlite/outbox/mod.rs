//! Notifications on their way, claimed and marked.
//!
//! **Columns.** `ready_at`: from when a notification may be claimed (when it is due; while it is claimed, when the lease
//! ends), NULL once it is settled, that is delivered or dead. `message`: the smallest id of those that go out together;
//! until the first claim a notification is a message of its own, then the message is `sealed`. `turn`: 1 on the first
//! row of a message that waits for no other. `urgent`: 1 where the message goes before others that are due: something
//! critical is in it, or comes after it for the same receiver and incident.
//!
//! **Invariants.** A message waits while an earlier notification of the same receiver and incident, of a message with a
//! smaller id, is not settled. At sealing that is every earlier one outside of it; it tells only where dead ones are
//! asked for again after others went ahead of them: as every message waits for smaller ids, they never wait for each
//! other in a ring. Who waits for whom changes only when a row comes in, is settled, is asked for again or comes into
//! another message, and `turn` is kept then: a claim finds what may go in the index alone, however many others wait
//! behind it.

mod turns;

mod enter;

mod claim;

mod mark;

mod read;

pub(super) use claim::{StoredMessage, claim};
pub(super) use enter::{enter, flushes};
pub(super) use mark::{mark, release, retry};
pub(super) use read::{page, size};

#[cfg(test)]
mod tests {
    use rusqlite::Connection;

    use super::{claim, enter, mark, read, turns};
    use crate::store::sqlite::schema;

    /// How SQLite goes about a statement, a line a table.
    fn plan(connection: &Connection, sql: &str) -> String {
        let mut statement = connection.prepare(&format!("EXPLAIN QUERY PLAN {sql}")).expect("a statement");
        let nothing = vec![rusqlite::types::Null; statement.parameter_count()];
        let mut rows = statement.query(rusqlite::params_from_iter(nothing)).expect("a plan");
        let mut plan = String::new();
        while let Some(row) = rows.next().expect("a row") {
            plan += &row.get::<_, String>(3).expect("a line");
            plan.push('\n');
        }
        plan
    }

    #[test]
    fn every_statement_finds_its_rows_in_an_index() {
        let dir = tempfile::tempdir().expect("a directory");
        let database = dir.path().join("driftd.db");
        std::fs::File::create(&database).expect("a file");
        let connection = schema::open_writer(&database, None).expect("a database");
        let by_index = [
            (claim::FIRST_READY, "outbox_claimable (receiver=? AND urgent=? AND ready_at<?)"),
            (claim::JOINABLE, "outbox_joinable (receiver=? AND grouping=? AND urgent=? AND ready_at<?)"),
            (claim::FOLLOWING, "outbox_order (receiver=? AND incident=? AND id>?)"),
            (claim::SEAL, "INTEGER PRIMARY KEY (rowid=?)"),
            (claim::TAKE, "outbox_message (message=?)"),
            (mark::SETTLE, "outbox_message (message=?)"),
            (mark::PUT_OFF, "outbox_message (message=?)"),
            (mark::SET_ASIDE, "INTEGER PRIMARY KEY (rowid=?)"),
            (mark::DISSOLVE, "outbox_message (message=?)"),
            (mark::REVIVE, "outbox_message (message=?)"),
            (mark::RELEASE, "outbox_state (state=?)"),
            (turns::REVIEW, "outbox_order (receiver=? AND incident=? AND id<?)"),
            (turns::AFTER, "outbox_order (receiver=? AND incident=? AND id>?)"),
            (enter::ENTER, "outbox_order (receiver=? AND incident=?)"),
            (enter::HURRY, "outbox_order (receiver=? AND incident=?)"),
            (enter::FLUSHES, "outbox_due (due_at>?)"),
            (read::OLDEST_DUE, "outbox_due"),
            (read::COUNTS, "COVERING INDEX outbox_state"),
        ];
        for (sql, index) in by_index {
            let plan = plan(&connection, sql);
            assert!(plan.contains(index), "{sql}\n{plan}");
            assert!(!plan.contains("SCAN outbox\n"), "{sql}\n{plan}");
            let sorts = plan.contains("TEMP B-TREE");
            assert_eq!(sorts, sql == enter::FLUSHES, "{sql}\n{plan}");
        }
    }
}
