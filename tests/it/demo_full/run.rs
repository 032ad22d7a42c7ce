//! The built binary runs the year; then it is asked as people and Prometheus would.

use std::io::{BufRead, BufReader};
use std::net::SocketAddr;
use std::process::{Child, Command, Stdio};
use std::sync::mpsc;
use std::time::{Duration, Instant};

use serde_json::Value;

use super::queries::Watched;
use crate::support::http::{Connection, request};

/// About 40 s on a quiet machine.
const DEADLINE: Duration = Duration::from_secs(400);

/// The demo; killed where it is dropped.
struct Demo {
    child: Child,
    said: Vec<String>,
    lines: mpsc::Receiver<String>,
    deadline: Instant,
}

impl Demo {
    /// Runs it until it listens.
    fn start(folder: &std::path::Path) -> Self {
        let mut child = Command::new(env!("CARGO_BIN_EXE_driftd"))
            .args(["demo", "--full", "--listen", "127.0.0.1:0", "--folder"])
            .arg(folder)
            .stdin(Stdio::null())
            .stdout(Stdio::piped())
            .spawn()
            .unwrap();
        let (sender, lines) = mpsc::channel();
        let out = BufReader::new(child.stdout.take().unwrap());
        // Ends with the process: its end of the pipe is closed then.
        std::thread::spawn(move || out.lines().map_while(Result::ok).try_for_each(|line| sender.send(line)));
        let mut demo = Self { child, said: Vec::new(), lines, deadline: Instant::now() + DEADLINE };
        demo.until("listening on");
        demo
    }

    /// Until it says so.
    fn until(&mut self, said: &str) {
        while !self.said.last().is_some_and(|line| line.starts_with(said)) {
            match self.lines.recv_timeout(self.deadline.saturating_duration_since(Instant::now())) {
                Ok(line) => self.said.push(line),
                Err(why) => panic!("it does not come to `{said}` ({why}): {}", self.said.join("\n")),
            }
        }
    }

    fn address(&self) -> SocketAddr {
        let line = self.said.iter().find_map(|line| line.strip_prefix("listening on http://"));
        line.unwrap().parse().unwrap()
    }

    fn text(&self, path: &str) -> String {
        let address = self.address();
        let request = request("GET", path, address, &[], b"");
        let answer = Connection::open(address).unwrap().send(&request).unwrap();
        assert_eq!(answer.status, 200, "{path}");
        String::from_utf8(answer.body).unwrap()
    }

    fn read(&self, path: &str) -> Value {
        serde_json::from_str(&self.text(path)).unwrap()
    }
}

impl Drop for Demo {
    fn drop(&mut self) {
        // It may have ended already.
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// One run for both: it takes long.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_year_is_told_and_every_query_of_the_dashboards_shows_it() {
    let folder = tempfile::tempdir().unwrap();
    let mut demo = Demo::start(folder.path());
    let watched = Watched::start(demo.address()).await;
    demo.until("Look around");
    the_year_ends_with_one_use_case_to_scale_one_to_iterate_on_and_one_to_stop(&demo, folder.path());
    watched.every_query_shows_something().await;
    watched.what_the_year_comes_to_fires().await;
}

fn the_year_ends_with_one_use_case_to_scale_one_to_iterate_on_and_one_to_stop(
    demo: &Demo,
    folder: &std::path::Path,
) {
    let said = demo.said.join("\n");
    the_config_says_that_it_is_synthetic(folder);
    assert!(said.contains("synthetic year"), "{said}");

    proposals(&demo.read("/v1/use_cases"));
    signs_and_decisions(&demo.read("/v1/portfolio"));
    incidents(&demo.read("/v1/incidents?limit=200"));
    status(demo);
    link(&demo.read("/v1/use_cases/retention/link"));
    series(&demo.text("/metrics"));
    let decisions = demo.read("/v1/decisions?model=churn").to_string();
    assert!(decisions.contains("retrain-churn-2025-W3") && decisions.contains("-drift"), "{decisions}");
    for part in ["portfolio of 3 use cases on 2026-01-01, in EUR", "sign: adoption falling", "Where to look:"]
    {
        assert!(said.contains(part), "{part}: {said}");
    }
}

fn the_config_says_that_it_is_synthetic(folder: &std::path::Path) {
    let mut files = vec![folder.join("driftd.toml")];
    for below in ["models", "use_cases"] {
        files.extend(std::fs::read_dir(folder.join(below)).unwrap().map(|entry| entry.unwrap().path()));
    }
    assert_eq!(files.len(), 1 + 4 + 3);
    for file in files {
        let text = std::fs::read_to_string(&file).unwrap();
        assert!(text.starts_with("# Synthetic"), "{}", file.display());
    }
}

/// Gains by hand: claims 3,150 h × 45 + 304 × 180 − 12 × 1,200; retention, without December, 77,000 − 8 × 2,500; contracts
/// 636 h × 60 − 29,200.
fn proposals(answer: &Value) {
    let found: Vec<(&str, &str, f64)> = answer["use_cases"]
        .as_array()
        .unwrap()
        .iter()
        .map(|of| {
            let gain = of["hypothesis"]["value"]["real"].as_f64().unwrap();
            (of["use_case"]["id"].as_str().unwrap(), of["proposal"].as_str().unwrap(), gain.round())
        })
        .collect();
    assert_eq!(
        found,
        [("claims", "scale", 182_070.0), ("contracts", "stop", 8_960.0), ("retention", "iterate", 57_000.0)],
        "{answer:#}"
    );
    let of = |id: &str| answer["use_cases"].as_array().unwrap().iter().find(|of| of["use_case"]["id"] == id);
    let standing = |id: &str, criterion: &str| {
        of(id).unwrap()["closing"][criterion]["standing"].as_str().unwrap().to_owned()
    };
    for criterion in ["technique", "roi", "adoption", "register"] {
        assert_eq!(standing("claims", criterion), "met", "{answer:#}");
    }
    assert_eq!(standing("retention", "technique"), "missed", "{answer:#}");
    assert_eq!(standing("retention", "roi"), "on_its_way", "{answer:#}");
    assert_eq!(standing("contracts", "register"), "missed", "{answer:#}");
    let names = answer["use_cases"].as_array().unwrap().iter().map(|of| of["use_case"]["name"].to_string());
    assert!(names.clone().all(|name| name.contains("synthetic")), "{:?}", names.collect::<Vec<_>>());
}

fn signs_and_decisions(portfolio: &Value) {
    let signs: Vec<(&str, &str)> = portfolio["signs"]
        .as_array()
        .unwrap()
        .iter()
        .map(|sign| (sign["id"].as_str().unwrap(), sign["state"].as_str().unwrap()))
        .collect();
    assert_eq!(
        signs,
        [
            ("no_kpi", "clear"),
            ("no_owner", "raised"),
            ("no_priorities", "raised"),
            ("adoption_falling", "raised"),
            ("compliance_late", "raised"),
            ("cost_without_impact", "raised"),
        ],
        "{portfolio:#}"
    );
    let decisions: Vec<&str> = portfolio["decisions"]
        .as_array()
        .unwrap()
        .iter()
        .map(|of| of["use_case"].as_str().unwrap())
        .collect();
    assert_eq!(decisions, ["contracts", "retention"], "one has passed, one comes");
}

fn incidents(answer: &Value) {
    let incidents = answer["incidents"].as_array().unwrap();
    let of = |kind: &str, subject: &str| {
        incidents
            .iter()
            .find(|one| one["kind"] == kind && (one["subject"] == subject || one["model"] == subject))
    };
    let drift = of("data_drift", "churn").unwrap_or_else(|| panic!("no drift of churn: {answer:#}"));
    assert_eq!(drift["severity"], "critical", "{drift:#}");
    let moved = drift["observation"].to_string();
    assert!(["tariff", "fee", "calls"].iter().any(|feature| moved.contains(feature)), "{drift:#}");
    for subject in [
        "retention/customers_kept",
        "contracts/usage_rate",
        "model:contract_risk/availability",
        "model:churn/performance",
        "contracts decision passed",
        "retention decision",
    ] {
        assert!(of("kpi", subject).is_some(), "{subject}: {answer:#}");
    }
    assert!(of("kpi", "claims decision").is_none(), "it is not due before March: {answer:#}");
    for one in incidents {
        assert_ne!(one["model"], "claims_triage", "{one:#}");
        assert!(!one["subject"].as_str().unwrap().ends_with("stale"), "everything came: {one:#}");
    }
}

/// As `driftd status` prints it: what is wrong, whatever level it is of.
fn status(demo: &Demo) {
    let url = format!("http://{}", demo.address());
    let printed =
        Command::new(env!("CARGO_BIN_EXE_driftd")).args(["status", "--url", &url]).output().unwrap();
    let printed = String::from_utf8(printed.stdout).unwrap();
    for part in [
        "open incidents: ",
        "is to be resolved by ",
        "    critical: contracts/usage_rate is 0.2167 ratio in 2025-12: at or below 0.3 (critical); the target is 0.7\n",
        "    warning: contracts/run_cost is 3,900 EUR in 2025-12: at or above 3,000 (warning); the target is 2,000\n",
        "    churn: retrain-churn-2025-W3",
        "-drift is accepted, to be reported by ",
    ] {
        assert!(printed.contains(part), "{part}: {printed}");
    }
}

/// The tariff spreads from 2025-08-04 on, customers leave two weeks later; windows of recall are a week long.
fn link(answer: &Value) {
    let links = answer["links"].as_array().unwrap();
    let recall = links.iter().find(|link| link["technical"]["name"] == "performance").unwrap();
    let strongest = &recall["link"]["strongest"];
    assert!(strongest["correlation"]["rho"].as_f64().unwrap() > 0.6, "{recall:#}");
    assert!((1..=3).contains(&strongest["lag"].as_u64().unwrap()), "{recall:#}");
}

fn series(metrics: &str) {
    for line in [
        "driftd_use_case_proposal{use_case=\"claims\",proposal=\"scale\"} 1",
        "driftd_use_case_proposal{use_case=\"retention\",proposal=\"iterate\"} 1",
        "driftd_use_case_proposal{use_case=\"contracts\",proposal=\"stop\"} 1",
        "driftd_use_case_adoption_trend{use_case=\"contracts\"} -1",
        "driftd_portfolio_gain 248030",
    ] {
        assert!(
            metrics.lines().any(|found| found == line || found == format!("{line}.0")),
            "{line}\n{metrics}"
        );
    }
    for series in [
        "driftd_kpi_value{kpi=\"team_nps\",family=\"strategic\",use_case=\"claims\",model=\"\",segment=\"team=south\"}",
        "driftd_kpi_value{kpi=\"active_users\",family=\"adoption\",use_case=\"claims\",model=\"\",segment=\"team=north\"}",
        "driftd_kpi_value{kpi=\"latency_p95\",family=\"technical\",use_case=\"\",model=\"contract_risk\",segment=\"all\"}",
        "driftd_maintenance_status{model=\"churn\",task=\"preventive_retraining\",period=\"quarterly\"} 2",
    ] {
        assert!(metrics.contains(series), "{series}");
    }
}
