//! What is watched beside drift, and how a model that stands at warning or critical says why: over HTTP and in words.

use std::process::Command;
use std::time::Duration;

use driftd::pipeline::{ModelOptions, ReferenceOptions};
use driftd::verdict::SilenceAfter;
use driftd::window::ClockMode;
use serde_json::{Value, json};

use crate::api::{at, model, profile, quiet_day, rows};
use crate::support::daemon::Daemon;

const HOUR: Duration = Duration::from_secs(3_600);

fn price() -> ModelOptions {
    model("price", ReferenceOptions::Profile(Box::new(profile())))
}

/// What `driftd status` prints of this daemon.
async fn status_printed(daemon: &Daemon, more: &[&str]) -> String {
    let mut command = Command::new(env!("CARGO_BIN_EXE_driftd"));
    command.args(["status", "--url", &daemon.url()]).args(more);
    let output = tokio::task::spawn_blocking(move || command.output()).await.unwrap().unwrap();
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    String::from_utf8(output.stdout).unwrap()
}

/// A day of rows of which each tenth carries a feature that nobody announced, and each twentieth another one too.
fn with_strangers() -> Vec<Value> {
    let mut sent = rows("21T00:00", 288, "1", 0.0);
    for (i, row) in sent.iter_mut().enumerate() {
        if i % 10 == 0 {
            row["features"]["shoe_size"] = json!(43);
            row["segments"] = json!({"shop": "north"});
        }
        if i % 20 == 0 {
            row["features"]["hat"] = json!("fedora");
            row["weather"] = json!("fair");
        }
    }
    sent
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn unknown_features_are_counted_judged_and_outlive_a_restart() {
    let daemon = Daemon::start(at("22T00:00"), vec![price()]).await;
    // In two parts: they merge.
    let sent = with_strangers();
    daemon.predict("price", &sent[..100]).await;
    daemon.predict("price", &sent[100..]).await;
    daemon.clock.set(at("22T01:05"));
    let judged = |model: &Value| model["windows"][0]["last"]["end"] == "2026-11-22T00:00:00Z";
    let summary = daemon.until("/v1/models/price", judged).await;
    let message = "10 % carry features that the model does not have (`shoe_size`, `hat`); of 288 rows (warning from 1.0 %, critical from 5.0 %)";
    assert_eq!(summary["schema"]["status"], "critical", "{summary:#}");
    assert_eq!(summary["schema"]["reason"]["message"], message);
    assert_eq!((&summary["status"], &summary["drift"]["data"]["status"]), (&json!("critical"), &json!("ok")));
    let reason = &summary["reasons"][0];
    assert_eq!((&reason["concern"], &reason["since"]), (&json!("schema"), &json!("2026-11-21T21:00:00Z")));
    assert_eq!((&reason["threshold"], &reason["message"]), (&json!(0.05), &json!(message)));

    let drift = daemon.read("/v1/models/price/drift").await;
    let share = |rows: u32| json!(f64::from(rows) / 288.0);
    let schema = json!({
        "status": "critical",
        "reason": {"code": "violations", "message": message},
        "wrong_type": [],
        "unknown_share": share(29),
        "unknown_features": [{"name": "shoe_size", "share": share(29)}, {"name": "hat", "share": share(15)}],
    });
    assert_eq!(drift["schema"], schema);

    let metrics = daemon.get("/metrics").await;
    for (name, kind, rows) in [
        ("shoe_size", "unknown_feature", 29),
        ("hat", "unknown_feature", 15),
        ("weather", "unknown_key", 15),
        ("shop", "unknown_segment", 29),
    ] {
        let line = format!(
            "driftd_schema_violations_total{{model=\"price\",feature=\"{name}\",kind=\"{kind}\"}} {rows}\n"
        );
        assert!(metrics.text().contains(&line), "{line}{}", metrics.text());
    }

    let daemon = daemon.restart(vec![price()]).await;
    assert_eq!(daemon.read("/v1/models/price/drift").await["schema"], schema);
    let again = daemon.read("/v1/models/price").await;
    assert_eq!((&again["schema"], &again["reasons"]), (&summary["schema"], &summary["reasons"]));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn an_ignored_feature_is_no_unknown_one() {
    let mut options = price();
    options.ignored = ["shoe_size", "hat"].map(driftd::domain::ColumnId::feature).into();
    let daemon = Daemon::start(at("22T00:00"), vec![options]).await;
    daemon.predict("price", &with_strangers()).await;
    daemon.clock.set(at("22T01:05"));
    let judged = |model: &Value| model["windows"][0]["last"]["end"] == "2026-11-22T00:00:00Z";
    let summary = daemon.until("/v1/models/price", judged).await;
    assert_eq!(summary["schema"]["status"], "ok", "{summary:#}");
    assert_eq!(summary["schema"]["reason"]["message"], "all 288 rows of the window keep to the schema");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_quiet_model_says_so_and_a_drifting_one_says_what_moved() {
    let daemon = quiet_day().await;
    let summary = daemon.read("/v1/models/price").await;
    assert_eq!((&summary["status"], &summary["reasons"]), (&json!("ok"), &json!([])));
    let codes = ["traffic", "silence", "schema"].map(|check| summary[check]["reason"]["code"].as_str());
    assert_eq!(codes, [Some("no_history"), Some("not_watched"), Some("kept")], "{summary:#}");
    assert!(status_printed(&daemon, &[]).await.contains("price                    ok   complete to"));

    daemon.clock.set(at("23T00:00"));
    daemon.predict("price", &rows("22T00:00", 288, "1", 45.0)).await;
    daemon.clock.set(at("23T01:05"));
    let ended = |model: &Value| model["windows"][0]["last"]["end"] == "2026-11-23T00:00:00Z";
    let summary = daemon.until("/v1/models/price", ended).await;
    let reason = &summary["reasons"][0];
    assert_eq!((&reason["concern"], &reason["column"]), (&json!("data"), &json!("x")), "{summary:#}");
    assert_eq!((&reason["version"], &reason["status"]), (&json!("1"), &json!("critical")));
    let (value, threshold) = (reason["value"].as_f64().unwrap(), reason["threshold"].as_f64().unwrap());
    assert!(value >= threshold, "{reason:#}");
    let message = reason["message"].as_str().unwrap();
    assert!(
        message.starts_with("median of `x` 49 → 94 (") && message.contains(", critical from "),
        "{message}"
    );
    let status = daemon.read("/v1/status").await;
    assert_eq!(status["models"][0]["reasons"], summary["reasons"]);

    let since = reason["since"].as_str().unwrap();
    let line = format!("    critical (data, version 1, alarm since {since}): {message}\n");
    let printed = status_printed(&daemon, &[]).await;
    assert!(printed.contains(&line), "{printed}");
    let printed = status_printed(&daemon, &["price"]).await;
    assert!(
        printed.contains(&line) && printed.contains("window 24h     critical: 288 rows from"),
        "{printed}"
    );
    let printed: Value = serde_json::from_str(&status_printed(&daemon, &["price", "--json"]).await).unwrap();
    assert_eq!(printed["reasons"], summary["reasons"]);

    let until = json!({"until": "2026-12-24T00:00:00Z", "reason": "a sale"});
    assert_eq!(daemon.post("/v1/models/price/pause", &until).await.status, 200);
    assert_eq!(
        daemon.read("/v1/models/price").await["reasons"],
        summary["reasons"],
        "what is open stays open"
    );
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn traffic_far_from_its_habit_and_silence_have_their_numbers() {
    let mut options = price();
    options.plan.silence_after = SilenceAfter::After(6 * HOUR);
    let daemon = Daemon::start(at("21T00:00"), vec![options]).await;
    for day in 21..25 {
        daemon.clock.set(at(&format!("{}T00:00", day + 1)));
        daemon.predict("price", &rows(&format!("{day}T00:00"), 288, "1", 0.0)).await;
    }
    daemon.clock.set(at("25T00:59"));
    let flood: Vec<Value> = rows("25T00:00", 12, "1", 0.0).into_iter().cycle().take(300).collect();
    daemon.predict("price", &flood).await;
    daemon.clock.set(at("25T02:05"));
    let critical = |model: &Value| model["traffic"]["status"] == "critical";
    let summary = daemon.until("/v1/models/price", critical).await;
    let message = "300 rows from 2026-11-25T00:00:00Z to 2026-11-25T01:00:00Z where 12 are usual: 25.0 times more (warning from 3 times, critical from 10)";
    assert_eq!(summary["traffic"]["reason"]["message"], message, "{summary:#}");
    assert_eq!(summary["traffic"]["since"], "2026-11-25T01:00:00Z");
    let reason = &summary["reasons"][0];
    assert_eq!((&reason["concern"], &reason["message"]), (&json!("traffic"), &json!(message)));
    assert_eq!(summary["silence"]["status"], "ok");

    daemon.clock.set(at("25T07:30"));
    let concerns = |reason: &Value| reason["concern"] == "silence";
    let silent = |model: &Value| {
        // The alarm is stored a moment after the silence is known.
        let told = model["reasons"].as_array().is_some_and(|reasons| reasons.iter().any(concerns));
        model["silence"]["status"] == "warning" && told
    };
    let summary = daemon.until("/v1/models/price", silent).await;
    let message =
        "the newest row is of 2026-11-25T00:55:00Z, 6 h 35 min ago (warning from 6 h, critical from 24 h)";
    assert_eq!(summary["silence"]["reason"]["message"], message, "{summary:#}");
    let reasons = summary["reasons"].as_array().unwrap();
    let of_silence = reasons.iter().find(|reason| concerns(reason)).unwrap();
    assert_eq!((&of_silence["message"], &of_silence["version"]), (&json!(message), &json!(null)));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_model_tells_its_present_its_panes_and_how_old_a_window_may_be() {
    let replay = ModelOptions { clock: ClockMode::Replay, id: "replayed".parse().unwrap(), ..price() };
    let daemon = Daemon::start(at("22T00:00"), vec![price(), replay]).await;
    let present = |model: &str| format!("driftd_model_present_timestamp_seconds{{model=\"{model}\"}}");
    daemon.until_sample(&present("price"), at("22T00:00").as_seconds_f64()).await;
    assert_eq!(daemon.sample(&present("replayed")).await, None, "before its first row it has none");
    for model in ["price", "replayed"] {
        daemon.predict(model, &rows("20T00:00", 13, "1", 0.0)).await;
    }
    // The clock goes on; the newest of 13 rows, five minutes apart, stays where it is.
    daemon.clock.set(at("25T00:00"));
    daemon.until_sample(&present("price"), at("25T00:00").as_seconds_f64()).await;
    daemon.until_sample(&present("replayed"), at("20T01:00").as_seconds_f64()).await;
    for model in ["price", "replayed"] {
        let pane = format!("driftd_model_pane_seconds{{model=\"{model}\"}}");
        assert_eq!(daemon.sample(&pane).await, Some(3_600.0));
        // Two panes of an hour, an hour of lateness, ten minutes for sources that fell silent.
        let limit = format!("driftd_window_age_limit_seconds{{model=\"{model}\",window=\"24h\"}}");
        assert_eq!(daemon.sample(&limit).await, Some(11_400.0));
    }
}
