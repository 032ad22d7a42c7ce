//! `driftd demo`: the daemon and a published data set replayed through its real HTTP endpoint.
//!
//! The data is car_loan of NannyML 0.13.1 (Apache-2.0, see `data/NOTICE.md`): a reference of ten months, then ten months
//! of traffic in which drift sets in with the 25,000th row. [`full`] is another: a synthetic year of a small portfolio.

pub mod full;

mod feed;

mod folder;

mod performance;

mod retraining;

mod setup;

mod sink;

mod watch;

use std::path::PathBuf;
use std::process::ExitCode;
use std::sync::Arc;
use std::time::{Duration, Instant};

use anyhow::{Context, bail};

use crate::app::{App, Start};
use crate::clock::SystemClock;
use crate::domain::Timestamp;
use feed::Feed;
use setup::{KNOWN_AFTER, MODEL, Place};
use sink::{Sink, Webhook};
use watch::Watch;

/// The incident's webhook comes within seconds.
const WEBHOOK_WITHIN: Duration = Duration::from_secs(30);
/// Rows of one request: about three days of the data's time.
const ROWS_A_REQUEST: usize = 500;

/// How a demo runs.
#[derive(Debug, Clone)]
pub struct Options {
    /// Where it listens, as `ADDRESS:PORT`.
    pub listen: String,
    /// Where data and config go; a folder of its own in the system's temporary one if left out.
    pub folder: Option<PathBuf>,
    /// Whether to stop once all rows were judged, instead of staying for people to look around.
    pub once: bool,
}

/// Runs the demo until `shutdown`, or until everything was judged where `once` is set.
pub async fn run(
    options: Options,
    shutdown: impl Future<Output = ()>,
    say: impl Fn(&str),
) -> anyhow::Result<ExitCode> {
    let started = Instant::now();
    let mut sink = Sink::start().await?;
    let place = Place::make(options.folder, &options.listen, sink.address)?;
    say(&format!(
        "driftd demo: car_loan, 50,000 loans of reference, 50,000 replayed ({})",
        place.folder.path.display()
    ));
    let app = start(place.config()).await?;
    let base = format!("http://{}", app.address);
    say(&format!(
        "listening on {base}\n  {base}/metrics\n  {base}/v1/models/{MODEL}\n  {base}/v1/models/{MODEL}/drift\n  \
         {base}/v1/incidents\nwebhooks go to http://{}/hook\n",
        sink.address
    ));
    let told = async {
        let found = replay(&place, &base, &mut sink, &say).await?;
        let took = started.elapsed().as_secs_f64();
        say(&format!("\nall rows judged after {took:.0} s; alarms of data drift opened: {}.", found.len()));
        Ok(())
    };
    to_the_end(told, options.once, shutdown, &say).await?;
    app.stop().await?;
    place.folder.leave();
    Ok(ExitCode::SUCCESS)
}

/// Until the demo has told all and people have looked around, or until `shutdown`.
async fn to_the_end(
    told: impl Future<Output = anyhow::Result<()>>,
    once: bool,
    shutdown: impl Future<Output = ()>,
    say: &impl Fn(&str),
) -> anyhow::Result<()> {
    let mut shutdown = std::pin::pin!(shutdown);
    tokio::select! {
        () = &mut shutdown => return Ok(()),
        told = told => told?,
    }
    if !once {
        say("Look around; Ctrl-C ends the demo.");
        shutdown.await;
    }
    Ok(())
}

/// The daemon on a config of the demo's; variables of the process have no say.
async fn start(config: PathBuf) -> anyhow::Result<App> {
    let settings =
        crate::config::load_with(Some(&config), []).map_err(|errors| anyhow::anyhow!("{errors}"))?;
    App::start(Start { settings, config: Some(config), clock: Arc::new(SystemClock) }).await
}

/// Sends every row, says what is found on the way, and waits until the last pane was judged.
async fn replay(
    place: &Place,
    base: &str,
    sink: &mut Sink,
    say: &impl Fn(&str),
) -> anyhow::Result<Vec<String>> {
    let mut feed = Feed::open(&place.analysis(), &setup::mapping())?;
    let mut labels = feed.labels(&place.labels(), &setup::labels_mapping(), KNOWN_AFTER)?;
    let client = reqwest::Client::builder().timeout(Duration::from_secs(30)).build()?;
    let predictions = format!("{base}/v1/models/{MODEL}/predictions");
    let labels_url = format!("{base}/v1/models/{MODEL}/labels");
    let mut watch = Watch::new(client.clone(), base);
    let (rows, mut sent) = (feed.rows(), 0);
    while let Some(body) = feed.next_body(ROWS_A_REQUEST) {
        send(&client, &predictions, &format!("demo-{sent}"), body.ndjson).await?;
        if let Some(known) = labels.known_by(body.newest) {
            send(&client, &labels_url, &format!("demo-labels-{sent}"), known).await?;
        }
        sent += body.rows;
        // The replay never runs ahead of the verdicts by more than a window: what is printed is in order.
        watch.follow(body.newest, say).await?;
        while let Some(webhook) = sink.try_next() {
            say(&told(&webhook));
        }
        if sent % 10_000 == 0 {
            say(&format!("  {sent:>6} of {rows} rows, event time {}", body.newest));
        }
    }
    if let Some(known) = labels.known_by(Timestamp::MAX) {
        send(&client, &labels_url, "demo-labels-last", known).await?;
    }
    let found = watch.finish(say).await?;
    say(&format!("\n{}", performance::in_words(&client, base, feed.last()).await?));
    if !found.is_empty() {
        let webhook = tokio::time::timeout(WEBHOOK_WITHIN, sink.opened()).await;
        let webhook = webhook.context("no webhook came for the incident")?.context("the sink ended")?;
        say(&format!("\n{}\n{:#}", told(&webhook), webhook.body));
        say(&format!("\nDecisions on retraining:\n{}", retraining::in_words(&client, base, sink).await?));
    }
    Ok(found)
}

async fn send(client: &reqwest::Client, url: &str, key: &str, ndjson: Vec<u8>) -> anyhow::Result<()> {
    let request =
        client.post(url).header("content-type", "application/x-ndjson").header("idempotency-key", key);
    let answer = request.body(ndjson).send().await.context("the daemon did not answer")?;
    if !answer.status().is_success() {
        bail!("rows were refused: {} {}", answer.status(), answer.text().await.unwrap_or_default());
    }
    Ok(())
}

/// One line of what was received.
fn told(webhook: &Webhook) -> String {
    let text =
        |pointer: &str| webhook.body.pointer(pointer).and_then(|value| value.as_str()).unwrap_or_default();
    format!(
        "  webhook {} ({}): {} {}",
        text("/type"),
        webhook.id,
        text("/data/incident"),
        text("/data/title")
    )
}
