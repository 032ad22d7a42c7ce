//! A store of the first schema is taken up with all that it holds.

use std::time::Duration;

use driftd::domain::Version;
use driftd::store::Store;
use rusqlite::Connection;

use super::support::*;

const FIRST: &str = include_str!("../../../src/store/sqlite/migrations/0001_first.sql");

#[tokio::test]
async fn counts_of_the_first_schema_get_their_rows_and_verdicts_their_last_revision() {
    let dir = tempfile::tempdir().unwrap();
    let old = Connection::open(dir.path().join("driftd.db")).unwrap();
    old.execute_batch(FIRST).unwrap();
    old.pragma_update(None, "user_version", 1).unwrap();
    let ruler = ruler(0.0);
    for (hour, values) in [(0, &[1.0, 2.0][..]), (0, &[3.0]), (5, &[4.0; 300])] {
        let sql = "INSERT INTO delta (model, version, segment, pane_length, pane_start, ruler, seq, body)
                   VALUES ('m', ?1, 'all', 3600, ?2, ?3, NULL, ?4)";
        let (version, start) = (Version::unnamed(), at(hour * 3600).micros());
        let body = tally(&ruler, values).encode();
        old.execute(sql, (version.as_str(), start, ruler.id().0, body)).unwrap();
    }
    for revision in 0..4 {
        let sql = "INSERT INTO verdict (model, window_start, window_end, revision, at, body)
                   VALUES ('m', 0, 3600000000, ?1, 0, ?2)";
        old.execute(sql, (revision, vec![revision])).unwrap();
    }
    old.close().unwrap();

    let (store, _) = open(dir.path(), quiet());
    assert_eq!(store.counted(&model("m")).await.unwrap(), [(key("m", 0), 3), (key("m", 5), 300)]);
    assert_eq!(rows_counted(&store, "m").await, 303);
    let verdicts = store
        .read_verdicts(&model("m"), driftd::store::VerdictSubject::Data, Duration::from_secs(3600), 9)
        .await
        .unwrap();
    assert_eq!(verdicts.iter().map(|row| row.revision).collect::<Vec<_>>(), [3, 0]);
}
