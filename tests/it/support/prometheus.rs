//! The real Prometheus and Alertmanager with what `deploy/` has for them, on free ports; they end with their test.
//!
//! Of the files only this is changed: addresses are the test's, Prometheus scrapes and evaluates each second, and the
//! rules wait for nothing (`for` and `keep_firing_for` are 0 s): promtool's tests of the rules prove the waits.

use std::fs;
use std::net::{TcpListener, TcpStream};
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use serde_json::Value;
use tempfile::TempDir;

use super::process::{DEADLINE, poll};
use super::promtool::promtool;
use super::sink::{Reply, Sink};

/// Whoever takes a port that was free a moment ago takes it seldom so often.
const PORTS_TRIED_MAX: usize = 5;

/// Where Alertmanager's receiver `dead-man` is.
const DEAD_MAN: &str = "/dead-man/driftd";

/// A server of its own process, killed where it is dropped.
struct Server {
    child: Child,
    port: u16,
}

pub struct Stack {
    prometheus: Server,
    alertmanager: Server,
    client: reqwest::Client,
    /// What Alertmanager sends to: the path is the receiver's.
    hooks: Sink,
    _folder: TempDir,
}

impl Server {
    /// Starts the program with these arguments and an address.
    fn start(program: &str, arguments: &[String], log: &Path) -> Self {
        for _ in 0..PORTS_TRIED_MAX {
            let port = TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().port();
            let mut command = Command::new(program);
            command.args(arguments).arg(format!("--web.listen-address=127.0.0.1:{port}"));
            command.stdin(Stdio::null()).stdout(Stdio::null()).stderr(fs::File::create(log).unwrap());
            let mut child = command.spawn().unwrap_or_else(|e| {
                let package = if program == "prometheus" { program } else { "prometheus-alertmanager" };
                panic!("{program}: {e}; install it: apt-get install {package}")
            });
            let listens = poll(|| match child.try_wait().unwrap() {
                Some(_) => Some(false),
                None => TcpStream::connect(("127.0.0.1", port)).is_ok().then_some(true),
            });
            let server = Self { child, port };
            match listens {
                Some(true) => return server,
                Some(false) => {}
                None => panic!("{program} does not listen: {}", fs::read_to_string(log).unwrap()),
            }
        }
        panic!("{program} does not start: {}", fs::read_to_string(log).unwrap());
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        // It may have ended already.
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// Between two looks at what is to come.
pub async fn look_again() {
    tokio::time::sleep(Duration::from_millis(100)).await;
}

/// Puts something in the place of what is there once.
fn replaced(text: &str, from: &str, to: &str) -> String {
    assert_eq!(text.matches(from).count(), 1, "`{from}` in:\n{text}");
    text.replace(from, to)
}

/// As part of an address.
fn escaped(expression: &str) -> String {
    expression.bytes().map(|byte| format!("%{byte:02X}")).collect()
}

/// A file of `deploy/`.
pub fn deployed(name: &str) -> String {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("deploy").join(name);
    fs::read_to_string(&path).unwrap_or_else(|error| panic!("{}: {error}", path.display()))
}

/// The rules as they are shipped, without their waits.
fn rules_without_waits() -> String {
    let without_wait = |line: &str| {
        let wait = ["for: ", "keep_firing_for: "].into_iter().find(|key| line.trim_start().starts_with(key));
        match wait {
            Some(key) => format!("{}{key}0s\n", &line[..line.len() - line.trim_start().len()]),
            None => format!("{line}\n"),
        }
    };
    deployed("prometheus/rules/driftd.yaml").lines().map(without_wait).collect()
}

impl Stack {
    /// Scrapes these addresses as the job `driftd`, after a history: an exposition in OpenMetrics whose samples have
    /// times and the labels of their target.
    pub async fn start(targets: &[String], history: Option<&str>) -> Self {
        let folder = tempfile::tempdir().unwrap();
        let path = |name: &str| folder.path().join(name);
        let write = |name: &str, text: &str| fs::write(path(name), text).unwrap();
        let hooks = Sink::start(vec![Reply::status(200)]).await;

        let config = deployed("alertmanager/alertmanager.yaml");
        let config = ["dead-man", "on-call", "chat"].into_iter().fold(config, |config, host| {
            let url = format!("https://{host}.example.com");
            assert!(config.contains(&url), "{url}");
            config.replace(&url, &format!("http://{}/{host}", hooks.address))
        });
        assert!(!config.contains("\"https://"), "{config}");
        write("alertmanager.yaml", &config);
        let arguments = [
            format!("--config.file={}", path("alertmanager.yaml").display()),
            format!("--storage.path={}", path("alerts").display()),
            "--cluster.listen-address=".to_owned(),
        ];
        let alertmanager = Server::start("prometheus-alertmanager", &arguments, &path("alertmanager.log"));

        let config = deployed("prometheus/prometheus.yaml");
        let config = replaced(&config, "scrape_interval: 15s", "scrape_interval: 1s");
        let config = replaced(&config, "evaluation_interval: 30s", "evaluation_interval: 1s");
        let config = replaced(&config, "alertmanager:9093", &format!("127.0.0.1:{}", alertmanager.port));
        write("prometheus.yaml", &replaced(&config, "driftd:8440", &targets.join(", ")));
        fs::create_dir(path("rules")).unwrap();
        write("rules/driftd.yaml", &rules_without_waits());
        if let Some(history) = history {
            write("history.om", history);
            let words = [path("history.om"), path("series")].map(|path| path.to_str().unwrap().to_owned());
            promtool(&["tsdb", "create-blocks-from", "openmetrics", &words[0], &words[1]]);
        }
        let arguments = [
            format!("--config.file={}", path("prometheus.yaml").display()),
            format!("--storage.tsdb.path={}", path("series").display()),
            "--log.level=warn".to_owned(),
            // It fires before it knows its Alertmanager, which it finds within five seconds.
            "--rules.alert.resend-delay=1s".to_owned(),
        ];
        let prometheus = Server::start("prometheus", &arguments, &path("prometheus.log"));
        let client = reqwest::Client::builder().no_proxy().timeout(DEADLINE).build().unwrap();
        Self { prometheus, alertmanager, client, hooks, _folder: folder }
    }

    /// `None` while it has no answer.
    async fn get(&self, server: &Server, path: &str) -> Option<Value> {
        let url = format!("http://127.0.0.1:{}{path}", server.port);
        let answer = self.client.get(url).send().await.ok()?;
        if !answer.status().is_success() {
            return None;
        }
        serde_json::from_str(&answer.text().await.ok()?).ok()
    }

    /// The alerts that fire in Prometheus.
    pub async fn firing(&self) -> Option<Vec<Value>> {
        let mut answer = self.get(&self.prometheus, "/api/v1/alerts").await?;
        let alerts = answer["data"]["alerts"].as_array_mut()?;
        Some(alerts.drain(..).filter(|alert| alert["state"] == "firing").collect())
    }

    /// The alerts that Alertmanager has.
    pub async fn taken(&self) -> Option<Vec<Value>> {
        serde_json::from_value(self.get(&self.alertmanager, "/api/v2/alerts").await?).ok()
    }

    /// When the group of rules that was evaluated longest ago was; `None` where one never was.
    pub async fn evaluated_to(&self) -> Option<jiff::Timestamp> {
        let answer = self.get(&self.prometheus, "/api/v1/rules").await?;
        let groups = answer["data"]["groups"].as_array()?;
        let last = |group: &Value| group["lastEvaluation"].as_str()?.parse::<jiff::Timestamp>().ok();
        let last: Option<Vec<_>> = groups.iter().map(last).collect();
        last?.into_iter().min()
    }

    /// Until every group of rules has been evaluated later than that.
    pub async fn evaluated_after(&self, at: jiff::Timestamp) {
        let started = Instant::now();
        while self.evaluated_to().await.is_none_or(|to| to <= at) {
            assert!(started.elapsed() < DEADLINE, "rules are not evaluated");
            look_again().await;
        }
    }

    /// The first value that an expression has now.
    pub async fn value(&self, expression: &str) -> Option<f64> {
        let answer =
            self.get(&self.prometheus, &format!("/api/v1/query?query={}", escaped(expression))).await?;
        answer["data"]["result"][0]["value"][1].as_str()?.parse().ok()
    }

    /// The series that an expression had at some second since then.
    pub async fn series_since(&self, expression: &str, since: jiff::Timestamp) -> Vec<Value> {
        let (from, to) = (since.as_second(), jiff::Timestamp::now().as_second());
        let query = escaped(expression);
        let path = format!("/api/v1/query_range?query={query}&start={from}&end={to}&step=1");
        let answer =
            self.get(&self.prometheus, &path).await.unwrap_or_else(|| panic!("no answer to {expression}"));
        answer["data"]["result"].as_array().unwrap().clone()
    }

    /// Until an expression has a value that is right.
    pub async fn until(&self, expression: &str, is_right: impl Fn(f64) -> bool) {
        let started = Instant::now();
        loop {
            let value = self.value(expression).await;
            if value.is_some_and(&is_right) {
                return;
            }
            assert!(started.elapsed() < DEADLINE, "{expression} stays {value:?}");
            look_again().await;
        }
    }

    /// The first that the dead man is sent, who waits for no group.
    pub async fn told_dead_man(&self) -> Value {
        let taken =
            super::sink::until(|| self.hooks.taken().into_iter().find(|taken| taken.path == DEAD_MAN));
        serde_json::from_slice(&taken.await.body).unwrap()
    }
}
