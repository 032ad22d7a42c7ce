//! Sends the year day by day, and never runs far ahead of the verdicts: what is found is found in order.

use std::time::{Duration, Instant};

use anyhow::{Context, bail};
use tokio::task::JoinSet;

use super::asides::{ASIDES, Aside};
use super::calendar::Day;
use super::generate::{Model, Sent};
use crate::demo::send;
use crate::domain::Timestamp;
use crate::web::answer::ModelAnswer;

/// A verdict that does not come is a fault to report, not to wait for.
const PATIENCE: Duration = Duration::from_secs(120);
const POLL: Duration = Duration::from_millis(20);
/// Days that are sent before verdicts are waited for.
const STRIDE: i32 = 7;
/// In which whatever is due of KPIs is looked at twice.
const LOOKS: Duration = Duration::from_secs(3);
/// Ends with December of the use case whose figures are all there.
const DECEMBER: &str =
    "driftd_kpi_window_end_timestamp_seconds{kpi=\"gains\",family=\"strategic\",use_case=\"claims\"";

/// Whoever sends.
pub struct Feed {
    client: reqwest::Client,
    base: String,
}

impl Feed {
    pub fn new(base: &str) -> anyhow::Result<Self> {
        let client = reqwest::Client::builder().timeout(Duration::from_secs(60)).build()?;
        Ok(Self { client, base: base.to_owned() })
    }

    /// Everything of a day: models and KPIs at once, and the day before all of it.
    pub async fn send(&self, sent: Sent) -> anyhow::Result<()> {
        let (date, number) = (sent.day.date(), sent.day.number());
        let bodies = sent.predictions.into_iter().map(|(model, rows)| {
            (format!("models/{}/predictions", model.id()), format!("predictions-{date}"), rows)
        });
        let labels = sent.labels.into_iter().map(|(model, labels)| {
            (format!("models/{}/labels", model.id()), format!("labels-{date}"), labels)
        });
        let samples = ("kpis".to_owned(), format!("kpis-{date}"), sent.samples);
        let mut sending = JoinSet::new();
        for (path, key, body) in bodies.chain(labels).chain([samples]).filter(|(.., body)| !body.is_empty()) {
            let (client, url) = (self.client.clone(), format!("{}/v1/{path}", self.base));
            sending.spawn(async move { send(&client, &url, &key, body.into()).await });
        }
        while let Some(sent) = sending.join_next().await {
            sent??;
        }
        for aside in ASIDES.iter().filter(|aside| aside.day == number) {
            self.send_aside(aside).await?;
        }
        Ok(())
    }

    async fn send_aside(&self, Aside { path, body, status, .. }: &Aside) -> anyhow::Result<()> {
        let request = self.client.post(format!("{}/v1/{path}", self.base));
        let request = request.header("content-type", "application/json").body(*body);
        let answer = request.send().await.context("the daemon did not answer")?;
        let answered = answer.status();
        if answered.as_u16() != *status {
            bail!(
                "{path} was to be answered {status}: {answered} {}",
                answer.text().await.unwrap_or_default()
            );
        }
        Ok(())
    }

    /// Once in so many days: waits until every model is judged up to the day before.
    pub async fn follow(&self, day: Day) -> anyhow::Result<()> {
        if (day.number() + 1) % STRIDE == 0 {
            self.judged(day.before(1)).await?;
        }
        Ok(())
    }

    /// Waits until the last day is judged, and what KPIs came to is out.
    pub async fn finish(&self) -> anyhow::Result<()> {
        self.judged(Day::LAST).await?;
        let books_closed = Day::LAST.start();
        let deadline = Instant::now() + PATIENCE;
        while self.december_ends().await?.is_none_or(|end| end < books_closed.as_seconds_f64()) {
            if Instant::now() > deadline {
                bail!("December was not closed within {} s", PATIENCE.as_secs());
            }
            tokio::time::sleep(POLL).await;
        }
        // What was shown may be of a look that had begun before the last row came.
        tokio::time::sleep(LOOKS).await;
        Ok(())
    }

    /// Waits until the window that ends with `day` is judged, of every model.
    async fn judged(&self, day: Day) -> anyhow::Result<()> {
        let deadline = Instant::now() + PATIENCE;
        let end = day.before(-1).start();
        for model in Model::ALL {
            while self.judged_to(model).await?.is_none_or(|to| to < end) {
                if Instant::now() > deadline {
                    bail!("{} was not judged up to {} within {} s", model.id(), end, PATIENCE.as_secs());
                }
                tokio::time::sleep(POLL).await;
            }
        }
        Ok(())
    }

    async fn judged_to(&self, model: Model) -> anyhow::Result<Option<Timestamp>> {
        let url = format!("{}/v1/models/{}", self.base, model.id());
        let answer = self.client.get(url).send().await.context("the daemon did not answer")?;
        let answer: ModelAnswer = answer.error_for_status()?.json().await?;
        Ok(answer.windows.iter().filter_map(|window| window.last).map(|last| last.end).max())
    }

    async fn december_ends(&self) -> anyhow::Result<Option<f64>> {
        let answer = self.client.get(format!("{}/metrics", self.base)).send().await;
        let text = answer.context("the daemon did not answer")?.error_for_status()?.text().await?;
        let line = text.lines().find(|line| line.starts_with(DECEMBER));
        Ok(line.and_then(|line| line.rsplit(' ').next()?.parse().ok()))
    }
}
