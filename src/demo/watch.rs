//! What a person who polls the API would see: the model's verdicts as they change.

use std::time::{Duration, Instant};

use anyhow::{Context, bail};

use super::setup::MODEL;
use crate::domain::Timestamp;
use crate::web::answer::{DriftAnswer, ModelAnswer, Status};

/// How far verdicts may lie behind the rows before the replay waits for them.
const BEHIND_MAX: Duration = Duration::from_secs(5 * 86_400);
/// A verdict that does not come is a fault to report, not to wait for.
const PATIENCE: Duration = Duration::from_secs(60);
const POLL: Duration = Duration::from_millis(20);

/// Follows the model's status through the API.
pub struct Watch {
    client: reqwest::Client,
    model: String,
    drift: String,
    status: Status,
    judged_to: Option<Timestamp>,
    found: Vec<String>,
}

impl Watch {
    pub fn new(client: reqwest::Client, base: &str) -> Self {
        Self {
            client,
            model: format!("{base}/v1/models/{MODEL}"),
            drift: format!("{base}/v1/models/{MODEL}/drift"),
            status: Status::InsufficientData,
            judged_to: None,
            found: Vec::new(),
        }
    }

    /// Looks until verdicts have come near `newest`.
    pub async fn follow(&mut self, newest: Timestamp, say: &impl Fn(&str)) -> anyhow::Result<()> {
        let deadline = Instant::now() + PATIENCE;
        loop {
            self.look(say).await?;
            // Before the first window there is nothing to wait for.
            if self.judged_to.is_none_or(|to| newest.since(to) <= BEHIND_MAX) {
                return Ok(());
            }
            if Instant::now() > deadline {
                bail!("no verdict came for {} s; see {}/status", PATIENCE.as_secs(), self.model);
            }
            tokio::time::sleep(POLL).await;
        }
    }

    /// Looks until the last day was judged; gives what was found.
    pub async fn finish(mut self, say: &impl Fn(&str)) -> anyhow::Result<Vec<String>> {
        let deadline = Instant::now() + PATIENCE;
        let newest = self.ask::<ModelAnswer>(&self.model).await?.newest_row;
        while self.judged_to.zip(newest).is_none_or(|(to, newest)| to < newest) {
            if Instant::now() > deadline {
                bail!("the last day was not judged within {} s", PATIENCE.as_secs());
            }
            self.look(say).await?;
            tokio::time::sleep(POLL).await;
        }
        Ok(self.found)
    }

    async fn look(&mut self, say: &impl Fn(&str)) -> anyhow::Result<()> {
        let model: ModelAnswer = self.ask(&self.model).await?;
        self.judged_to = model.windows.iter().filter_map(|window| window.last).map(|last| last.end).max();
        let status = model.drift.data.status;
        if status == self.status {
            return Ok(());
        }
        let (Some(judged_to), from) = (self.judged_to, std::mem::replace(&mut self.status, status)) else {
            return Ok(());
        };
        say(&format!("  {judged_to}  data drift: {} -> {}", word(from), word(status)));
        if from <= Status::Ok && status > Status::Ok {
            self.found.push(format!("{judged_to} {}", word(status)));
        }
        if status > from && status > Status::Ok {
            let drift: DriftAnswer = self.ask(&self.drift).await?;
            let moved = drift.columns.iter().filter(|column| column.status > Status::Ok).take(3);
            for column in moved {
                let words = column.moved.as_deref().unwrap_or("moved");
                say(&format!("      {:<24} {words}", column.column.to_string()));
            }
        }
        Ok(())
    }

    async fn ask<T: serde::de::DeserializeOwned>(&self, url: &str) -> anyhow::Result<T> {
        let answer = self.client.get(url).send().await.context("the daemon did not answer")?;
        Ok(answer.error_for_status()?.json().await?)
    }
}

fn word(status: Status) -> &'static str {
    match status {
        Status::InsufficientData => "no verdict yet",
        Status::Ok => "ok",
        Status::Warning => "WARNING",
        Status::Critical => "CRITICAL",
    }
}
