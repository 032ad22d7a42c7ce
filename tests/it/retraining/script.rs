//! The language of the scenarios in `texts`, a line a step:
//!
//! ```text
//! plan KEY = VALUE                 before the start; the keys of [retraining] and, as maintenance.KEY, of [maintenance]
//! target idempotent|once           before the start; idempotent if left out
//! start TIME
//! at TIME                          the clock moves on
//! predict DAY N labelled M         predictions of a day, the first M with labels
//! label DAY FROM TO                labels of the predictions FROM..TO of a day
//! incident KIND SEVERITY           somebody reports it
//! incident KIND ends
//! target says STATUS [retry-after S] | hangs | cuts | is gone
//! ask REASON                       driftd retrain
//! try REASON                       driftd retrain --dry-run
//! report VERSION [KEY]             a pipeline reports
//! fail KEY WHY                     a pipeline reports that it failed
//! done TASK PERIOD                 driftd maintenance done
//! crash after N                    the (N+1)th change of a run from now on is not stored
//! restart
//! > triggers CAUSE KEY CATEGORY UPDATE        the next decision of the log; keys without `retrain-price-`
//! > withholds CAUSE WHY[, WHY]
//! > nothing                        no further decision
//! > asked KEY …                    every request so far, in order
//! > run KEY STATE
//! > incident KIND SEVERITY | > no incident KIND
//! > task TASK/PERIOD STANDING DUE_BY
//! > next CAUSE TIME
//! > metric NAME VALUE
//! ```

use std::time::Duration;

use driftd::domain::Timestamp;
use driftd::retraining::{MaintenancePlan, RetrainingPlan, Sending};
use jiff::tz::TimeZone;
use serde_json::{Value, json};

use super::stand::{MODEL, Stand, model, plan};
use crate::support::sink::Reply;

const PREFIX: &str = "retrain-price-";

struct Playing {
    plan: RetrainingPlan,
    maintenance: MaintenancePlan,
    sending: Sending,
    stand: Option<Stand>,
    /// Decisions that were looked at.
    seen: usize,
}

/// Plays a scenario; fails with the line that is not so.
pub async fn play(text: &str) {
    let mut playing = Playing {
        plan: plan(),
        maintenance: MaintenancePlan::default(),
        sending: Sending::Idempotent,
        stand: None,
        seen: 0,
    };
    for (at, line) in text.lines().enumerate() {
        let line = line.split('#').next().unwrap_or_default().trim();
        if line.is_empty() {
            continue;
        }
        match line.strip_prefix("> ") {
            Some(expected) => {
                if let Err(found) = playing.expect(expected).await {
                    panic!("line {}: `{line}`, but {found}", at + 1);
                }
            }
            None => playing.step(line).await,
        }
    }
}

impl Playing {
    fn stand(&self) -> &Stand {
        self.stand.as_ref().expect("the scenario has a start")
    }

    async fn step(&mut self, line: &str) {
        let (verb, rest) = line.split_once(' ').unwrap_or((line, ""));
        let words: Vec<&str> = rest.split(' ').collect();
        match (verb, words.as_slice()) {
            ("plan", _) => self.set(rest),
            ("target", ["idempotent"]) => self.sending = Sending::Idempotent,
            ("target", ["once"]) => self.sending = Sending::Once,
            ("target", ["is", "gone"]) => self.stand.as_mut().expect("a start").lose_target(),
            ("target", says) => self.stand().sink.reply(vec![reply(says)]),
            ("start", [time]) => {
                let model = model(self.plan.clone(), self.maintenance.clone());
                let stand = Stand::start(instant(time), model, self.sending).await;
                stand.look().await;
                self.stand = Some(stand);
            }
            ("at", [time]) => self.stand().at(instant(time)).await,
            ("predict", [day, predictions, "labelled", labelled]) => {
                let (predictions, labelled) = (predictions.parse().unwrap(), labelled.parse().unwrap());
                self.stand().predict(instant(day), predictions, labelled).await;
            }
            ("label", [day, from, to]) => {
                let rows = from.parse().unwrap()..to.parse().unwrap();
                self.stand().label(instant(day), rows).await;
            }
            ("incident", [kind, "ends"]) => self.stand().incident(kind, None).await,
            ("incident", [kind, severity]) => self.stand().incident(kind, Some(severity)).await,
            ("ask", _) => drop(self.post("retrain", json!({"reason": rest})).await),
            ("try", _) => {
                let answer = self.post("retrain", json!({"reason": rest, "dry_run": true})).await;
                assert!(answer["request"].as_str().is_none_or(|text| text.contains("POST ")), "{answer:#}");
            }
            ("report", [version]) => drop(self.post("versions", json!({"version": version})).await),
            ("report", [version, key]) => {
                let body = json!({"version": version, "run_key": format!("{PREFIX}{key}")});
                self.post("versions", body).await;
            }
            ("fail", [key, why @ ..]) => {
                let key = format!("{PREFIX}{key}");
                let body = json!({"run_key": key, "status": "failed", "why": why.join(" ")});
                self.post("versions", body).await;
            }
            ("done", [task, period]) => {
                let body = json!({"model": MODEL, "task": task, "period": period});
                let answer = self.stand().daemon().post("/v1/maintenance", &body).await;
                assert_eq!(answer.status, 200, "{}", answer.text());
                self.stand().look().await;
            }
            ("crash", ["after", spared]) => self.stand().break_off_after(spared.parse().unwrap()),
            ("restart", _) => {
                let stand = self.stand.as_mut().expect("a start");
                stand.restart().await;
                stand.look().await;
            }
            _ => panic!("`{line}` is no step"),
        }
    }

    async fn post(&self, path: &str, body: Value) -> Value {
        let answer = self.stand().daemon().post(&format!("/v1/models/{MODEL}/{path}"), &body).await;
        assert_eq!(answer.status, 200, "{path}: {}", answer.text());
        self.stand().look().await;
        answer.json()
    }

    fn set(&mut self, line: &str) {
        let (key, value) = line.split_once(" = ").expect("KEY = VALUE");
        let days =
            || Duration::from_secs(86_400 * value.strip_suffix('d').expect("days").parse::<u64>().unwrap());
        let plan = &mut self.plan;
        match key {
            "zone" => plan.zone = TimeZone::get(value).unwrap(),
            "schedule" => plan.weekly = Some(value.parse().unwrap()),
            "monthly" => plan.monthly = Some(value.parse().unwrap()),
            "quarterly" => plan.quarterly = Some(value.parse().unwrap()),
            "cooldown" => plan.cooldown = days(),
            "young" => plan.young = days(),
            "window" => plan.window = days(),
            "report_within" => plan.report_within = days(),
            "min_new_labels" => plan.min_new_labels = value.parse().unwrap(),
            "min_label_coverage" => plan.min_label_coverage = value.parse().unwrap(),
            "maintenance.zone" => self.maintenance.zone = TimeZone::get(value).unwrap(),
            "maintenance.max_age" => self.maintenance.max_age = Some(days()),
            _ => {
                let task = key.strip_prefix("maintenance.").unwrap_or_else(|| panic!("`{key}` is no key"));
                let task = task.parse().unwrap();
                let periods = value.split(", ").map(|period| (task, period.parse().unwrap()));
                self.maintenance.tasks.extend(periods);
            }
        }
    }

    /// What time alone resolves is so at the desk's next look.
    async fn until_open(&self, kind: &str, severity: &str) -> Result<(), String> {
        let is_so = |answer: &Value| open(answer, kind).join(" ") == severity;
        self.stand().daemon().until("/v1/incidents?state=open", is_so).await;
        Ok(())
    }

    async fn expect(&mut self, line: &str) -> Result<(), String> {
        let words: Vec<&str> = line.split(' ').collect();
        let is = |found: String, expected: &str| {
            if found == expected { Ok(()) } else { Err(format!("it is {found}")) }
        };
        let daemon = self.stand().daemon();
        match words.as_slice() {
            ["triggers" | "withholds", ..] => {
                let decisions = self.stand().decisions().await;
                let Some(decision) = decisions.get(self.seen) else {
                    return Err("nothing was decided".to_owned());
                };
                let found = told(decision);
                self.seen += 1;
                is(found, line)
            }
            ["nothing"] => match self.stand().decisions().await.get(self.seen) {
                None => Ok(()),
                Some(decision) => Err(told(decision)),
            },
            ["asked", keys @ ..] => {
                let asked = self.stand().asked();
                is(
                    asked.iter().map(|key| &key[PREFIX.len()..]).collect::<Vec<_>>().join(" "),
                    &keys.join(" "),
                )
            }
            ["run", key, state] => {
                let key = format!("{PREFIX}{key}");
                let decisions = self.stand().decisions().await;
                let run =
                    decisions.iter().map(|decision| &decision["run"]).find(|run| run["run_key"] == *key);
                is(run.map_or("unknown", |run| run["state"].as_str().unwrap()).to_owned(), state)
            }
            ["incident", kind, severity] => self.until_open(kind, severity).await,
            ["no", "incident", kind] => self.until_open(kind, "").await,
            ["task", name, expected @ ..] => {
                let answer = daemon.read("/v1/maintenance").await;
                let found = answer["items"].as_array().unwrap();
                let named = |item: &&Value| {
                    let period = item["period"].as_str().map_or(String::new(), |period| format!("/{period}"));
                    format!("{}{period}", item["task"].as_str().unwrap()) == *name
                };
                let item = found.iter().find(named).ok_or("there is no such task")?;
                let found =
                    format!("{} {}", item["standing"].as_str().unwrap(), item["due_by"].as_str().unwrap());
                is(found, &expected.join(" "))
            }
            ["next", cause, time] => {
                let answer = daemon.read("/v1/maintenance").await;
                let runs = answer["next_runs"].as_array().unwrap();
                let run = runs.iter().find(|run| run["cause"] == *cause).ok_or("there is none")?;
                is(run["at"].as_str().unwrap().to_owned(), time)
            }
            ["metric", name, value] => {
                is(daemon.sample(name).await.map_or("none".to_owned(), |value| value.to_string()), value)
            }
            _ => panic!("`> {line}` is nothing that can be expected"),
        }
    }
}

/// A decision in a line, as scenarios write it.
fn told(decision: &Value) -> String {
    let text = |value: &Value| value.as_str().unwrap_or_default().to_owned();
    match decision["outcome"].as_str() {
        Some("trigger") => {
            let order = &decision["order"];
            let key = text(&order["run_key"]);
            let words =
                [text(&decision["cause"]), key[PREFIX.len()..].to_owned(), text(&decision["category"])];
            format!("triggers {} {}", words.join(" "), text(&order["update"]))
        }
        _ => {
            let reasons = decision["withheld"].as_array().unwrap();
            let reasons: Vec<String> = reasons.iter().map(|reason| text(&reason["why"])).collect();
            format!("withholds {} {}", text(&decision["cause"]), reasons.join(", "))
        }
    }
}

fn open(answer: &Value, kind: &str) -> Vec<String> {
    let of_kind = answer["incidents"].as_array().unwrap().iter().filter(|incident| incident["kind"] == kind);
    of_kind.map(|incident| incident["severity"].as_str().unwrap().to_owned()).collect()
}

fn reply(says: &[&str]) -> Reply {
    match says {
        ["hangs"] => Reply::Hang,
        ["cuts"] => Reply::Cut,
        ["says", status] => Reply::status(status.parse().unwrap()),
        ["says", status, "retry-after", seconds] => Reply::Answer {
            status: status.parse().unwrap(),
            headers: vec![("Retry-After", (*seconds).to_owned())],
            body: "later".to_owned(),
        },
        _ => panic!("`{}` is nothing that a target does", says.join(" ")),
    }
}

fn instant(text: &str) -> Timestamp {
    let text = if text.contains('T') { text.to_owned() } else { format!("{text}T00:00:00Z") };
    text.parse().unwrap_or_else(|_| panic!("`{text}` is no time"))
}
