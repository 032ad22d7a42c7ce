//! SIGHUP: a good config is taken up whole, a broken one changes nothing.

use serde_json::{Value, json};

use super::{get, metrics, post, sample, taken};
use crate::support::http::{Connection, request};
use crate::support::loan::{Body, MODEL, Place, profile_of_ages};
use crate::support::process::{Daemon, poll};

const SECOND: &str = "models/second.toml";

fn reloaded(address: std::net::SocketAddr) -> Option<f64> {
    sample(&metrics(address), "driftd_config_last_reload_successful")
}

#[test]
fn a_broken_config_changes_nothing_and_a_good_one_adds_a_model() {
    let place = Place::new();
    let (daemon, address) = Daemon::start(&place.config());
    let body = Body::of(0, 0).ndjson();
    assert_eq!(reloaded(address), Some(1.0));
    assert_eq!(post(address, "second", &[], body.as_bytes()).status, 404);

    place.write(SECOND, "id = \"second\"\ntask = \"binary\"\nreference = { lern = {} }\n");
    daemon.signal("HUP");
    poll(|| (reloaded(address) == Some(0.0)).then_some(())).expect("the metric tells");
    let said = poll(|| Some(daemon.log()).filter(|log| log.contains("the old one stays")));
    assert!(said.is_some_and(|log| log.contains("second.toml")), "the log names the file:\n{}", daemon.log());
    taken(address, MODEL, &[], body.as_bytes());
    assert_eq!(post(address, "second", &[], body.as_bytes()).status, 404);

    place.write(SECOND, "id = \"second\"\ntask = \"binary\"\nreference = { learn = { for = \"7d\" } }\n");
    daemon.signal("HUP");
    poll(|| (reloaded(address) == Some(1.0)).then_some(())).expect("the metric tells");
    taken(address, "second", &[], body.as_bytes());
    taken(address, MODEL, &[], body.as_bytes());

    std::fs::remove_file(place.path().join(SECOND)).unwrap();
    daemon.signal("HUP");
    poll(|| (post(address, "second", &[], body.as_bytes()).status == 404).then_some(())).expect("it is gone");
    assert!(!metrics(address).contains("model=\"second\""), "and its series are");
    daemon.stop();
}

const TOKENS: &str = "admin root 10a4c7c9fc5206d6f36dc6944a81bb6f4a3cb0e25014ae3b12e6c3e52712292a\n";
/// The SHA-256 of `read-token`.
const READER: &str = "read grafana 0328587016f9e316b9c31c94f944a2c453e1494a564062b5eab68039c75b58bf\n";

fn as_admin(address: std::net::SocketAddr, method: &str, path: &str) -> serde_json::Value {
    let headers = [("Authorization", "Bearer admin-token"), ("Content-Type", "application/json")];
    let answer =
        Connection::open(address).unwrap().send(&request(method, path, address, &headers, b"{}")).unwrap();
    assert_eq!(answer.status, 200, "{}", String::from_utf8_lossy(&answer.body));
    serde_json::from_slice(&answer.body).unwrap_or(serde_json::Value::Null)
}

#[test]
fn keys_that_need_a_restart_are_named_until_they_are_taken_back_and_tokens_change_at_once() {
    let place = Place::new();
    let config = std::fs::read_to_string(place.config()).unwrap();
    let config = config.replace("[server]\n", "[server]\ntokens_file = \"tokens\"\n");
    place.write("tokens", TOKENS);
    place.write("driftd.toml", &config);
    let (daemon, address) = Daemon::start(&place.config());
    let reload = || as_admin(address, "POST", "/-/reload");
    assert_eq!(reload(), json!({"changes": [], "needs_restart": []}));

    let more = "[ingest]\nrows_max = 77\n[limits]\nversions_max = 3\nmodels_max = 9\n[telemetry]\nlog_filter = \"warn\"\n";
    place.write("driftd.toml", &format!("{config}{more}"));
    place.write("tokens", &format!("{TOKENS}{READER}"));
    let reader = || {
        let headers = [("Authorization", "Bearer read-token")];
        Connection::open(address)
            .unwrap()
            .send(&request("GET", "/v1/status", address, &headers, b""))
            .unwrap()
    };
    assert_eq!(reader().status, 401);
    let keys = ["ingest.rows_max", "limits.versions_max", "telemetry.log_filter"];
    assert_eq!(reload(), json!({"changes": ["changed tokens"], "needs_restart": keys}));
    assert_eq!(reader().status, 200);
    let problem = "changed in the config, and in effect at the next start only: ingest.rows_max, limits.versions_max, telemetry.log_filter";
    let problems = || as_admin(address, "GET", "/v1/status")["problems"].clone();
    assert_eq!(problems(), json!([{"code": "needs_restart", "message": problem}]));
    // The log is read beside the answer, which may be there first.
    poll(|| {
        daemon
            .log()
            .contains("keys=\"ingest.rows_max, limits.versions_max, telemetry.log_filter\"")
            .then_some(())
    })
    .unwrap_or_else(|| panic!("{}", daemon.log()));

    // A broken tokens file changes nothing.
    place.write("tokens", "nobody\n");
    daemon.signal("HUP");
    poll(|| daemon.log().contains("the old one stays").then_some(())).expect("the log tells");
    assert_eq!((reader().status, problems()[0]["code"].as_str()), (200, Some("needs_restart")));

    // Who is told is in effect at once, and said once.
    let receiver = "[receivers.chat]\ntype = \"webhook\"\nurl = \"http://127.0.0.1:9/\"\n[incidents]\nquiet_period = \"9h\"\n";
    place.write("driftd.toml", &format!("{config}{more}{receiver}"));
    place.write("tokens", &format!("{TOKENS}{READER}"));
    let answer = reload();
    let changes = ["incidents.quiet_period", "receivers.chat.type", "receivers.chat.url"];
    let named = |key: &&str| answer["changes"].as_array().unwrap().contains(&json!(format!("changed {key}")));
    assert!(changes.iter().all(named), "{answer:#}");
    assert_eq!(reload(), json!({"changes": [], "needs_restart": keys}));

    // And what the model and its use case are measured by.
    let use_case = "id = \"credit\"\nname = \"Credit\"\nprocess = \"Credit\"\ncategory = \"quick_win\"\nrisk = \"low\"\n";
    let model = std::fs::read_to_string(place.path().join("models/loan.toml")).unwrap();
    place.write("use_cases/credit.toml", use_case);
    place.write("models/loan.toml", &format!("{model}[kpis]\ntechnical = true\n"));
    let changes_of_kpis = json!(["added use_cases/credit.toml", "changed KPIs of model loan"]);
    assert_eq!(reload(), json!({"changes": changes_of_kpis, "needs_restart": keys}));
    assert_eq!(reload(), json!({"changes": [], "needs_restart": keys}));

    place.write("driftd.toml", &config);
    place.write("tokens", TOKENS);
    let answer = reload();
    assert!(
        changes
            .iter()
            .chain(&["tokens"])
            .all(|key| answer["changes"].as_array().unwrap().contains(&json!(format!("changed {key}")))),
        "{answer:#}"
    );
    assert_eq!(answer["needs_restart"], json!([]));
    assert_eq!((reader().status, problems()), (401, json!([])));
    daemon.stop();
}

#[test]
fn windows_across_a_change_of_grids_say_so_until_they_lie_behind_it() {
    let place = Place::new();
    let (daemon, address) = Daemon::start(&place.config());
    let send = |hours: std::ops::RangeInclusive<u64>| {
        for number in hours.flat_map(|hour| (0..6).map(move |body| hour * 64 + body)) {
            taken(address, MODEL, &[], Body::of(0, number).ndjson().as_bytes());
        }
    };
    let verdict_at = |end: &str| {
        let found = poll(|| {
            let drift: Value =
                serde_json::from_slice(&get(address, "/v1/models/loan/drift?version=1").body).unwrap();
            (drift["current"]["range"]["end"] == format!("2026-11-01T{end}:00:00Z")).then_some(drift)
        });
        found.unwrap_or_else(|| panic!("no window ends at {end}:\n{}", daemon.log()))["verdict"].clone()
    };
    // Rows lie up to three hours behind their number: these end before eight.
    send(0..=5);
    assert_eq!(verdict_at("06")["reason"], Value::Null);
    place.write("models/loan.profile", &profile_of_ages(19).to_text());
    daemon.signal("HUP");
    poll(|| daemon.log().contains("the config was read again").then_some(())).expect("it is read");
    send(8..=10);
    let across = verdict_at("11");
    assert_eq!(
        (&across["status"], &across["reason"]["code"]),
        (&json!("insufficient_data"), &json!("grid_changed"))
    );
    send(11..=16);
    assert_eq!(verdict_at("17")["reason"], Value::Null);
    daemon.stop();
}
