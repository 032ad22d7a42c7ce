//! A store of an older schema is taken up with all that it holds.

use std::time::Duration;

use driftd::domain::Version;
use driftd::kpi::{CalendarPane, Sample, SampleValue, Sign, State, StateKind};
use driftd::store::Store;
use rusqlite::Connection;

use super::support::*;

macro_rules! migrations {
    ($($name:literal),*) => { [$(include_str!(concat!("../../../src/store/sqlite/migrations/", $name, ".sql"))),*] };
}

const UNTIL_KPIS: [&str; 8] = migrations![
    "0001_first",
    "0002_revisions",
    "0003_rows",
    "0004_incidents",
    "0005_outcomes",
    "0006_subjects",
    "0007_retraining",
    "0008_kpis"
];

#[tokio::test]
async fn counts_of_the_first_schema_get_their_rows_and_verdicts_their_last_revision() {
    let dir = tempfile::tempdir().unwrap();
    let old = Connection::open(dir.path().join("driftd.db")).unwrap();
    old.execute_batch(UNTIL_KPIS[0]).unwrap();
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

/// It began at 23:00 UTC, in Paris: which day that is, its zone still says.
#[tokio::test]
async fn a_day_of_kpis_that_was_stored_by_its_instant_is_read_by_it() {
    let dir = tempfile::tempdir().unwrap();
    let old = Connection::open(dir.path().join("driftd.db")).unwrap();
    UNTIL_KPIS.iter().for_each(|sql| old.execute_batch(sql).unwrap());
    old.pragma_update(None, "user_version", 8).unwrap();
    let value = SampleValue::Number(5.0);
    let sample = Sample { at: at(82_900), value, revision: 0, sign: Sign::Counts };
    let state = State::of(StateKind::Sums, &sample).unwrap();
    let sql = "INSERT INTO kpi_delta (use_case, model, name, segment, pane_start, kind, newest, body)
               VALUES ('claims', '', 'gains', 'all', ?1, ?2, ?3, ?4)";
    let (start, kind) = (at(82_800), StateKind::Sums.as_str());
    old.execute(sql, (start.micros(), kind, sample.at.micros(), state.encode())).unwrap();
    old.close().unwrap();

    let (store, _) = open(dir.path(), quiet());
    let [(_, delta)] = &store.read_kpis(0, 9).await.unwrap()[..] else { panic!("one row") };
    assert_eq!((delta.key.pane, &delta.state), (CalendarPane::Hour(start), &state));
}
