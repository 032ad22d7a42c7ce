//! `driftd demo --full`: a synthetic year of a small portfolio through the daemon's real HTTP endpoint.
//!
//! Three use cases, four models, 2025 from its first day to its last, made by one generator of a seed ([`Year`]); what
//! happens stands in `story.rs`. Nothing of it is real, and everything that shows says so: names, owners, tags, ids.

mod random;

mod calendar;

mod story;

mod cases;

mod rows;

mod samples;

mod generate;

mod portfolio;

mod asides;

mod feed;

mod ending;

pub use generate::{Day, Model, Sent, UseCase, Year};

use std::process::ExitCode;
use std::time::Instant;

use super::Options;
use super::sink::Sink;
use feed::Feed;
use portfolio::Place;

/// Days that are made before they can be sent.
const DAYS_AHEAD: usize = 2;

/// Runs the year until `shutdown`, or until everything was judged where `once` is set.
pub async fn run(
    options: Options,
    year: Year,
    shutdown: impl Future<Output = ()>,
    say: impl Fn(&str),
) -> anyhow::Result<ExitCode> {
    let started = Instant::now();
    let mut sink = Sink::start().await?;
    let place = Place::make(options.folder, &options.listen, sink.address, year)?;
    say(&format!(
        "driftd demo --full: a synthetic year of three use cases and four models, seed {} ({})",
        year.seed,
        place.folder.path.display()
    ));
    let app = super::start(place.config()).await?;
    let base = format!("http://{}", app.address);
    say(&format!("listening on {base}\n"));
    let told = async {
        tell(year, &base, &mut sink, &say).await?;
        say(&format!("\nall of 2025 judged after {:.0} s.", started.elapsed().as_secs_f64()));
        Ok(())
    };
    super::to_the_end(told, options.once, shutdown, &say).await?;
    app.stop().await?;
    place.folder.leave();
    Ok(ExitCode::SUCCESS)
}

/// Sends the year and says what it came to.
async fn tell(year: Year, base: &str, sink: &mut Sink, say: &impl Fn(&str)) -> anyhow::Result<()> {
    let feed = Feed::new(base)?;
    let (made, mut days) = tokio::sync::mpsc::channel(DAYS_AHEAD);
    tokio::task::spawn_blocking(move || {
        // Whoever stops the demo takes no more days.
        let _ = year.days().try_for_each(|day| made.blocking_send(day).map_err(drop));
    });
    while let Some(sent) = days.recv().await {
        let day = sent.day;
        feed.send(sent).await?;
        feed.follow(day).await?;
        while let Some(webhook) = sink.try_next() {
            if webhook.body["type"].as_str().is_some_and(|kind| kind.ends_with(".opened")) {
                say(&super::told(&webhook));
            }
        }
        if let Some(month) = day.ends() {
            say(&format!("{month} is sent"));
        }
    }
    feed.finish().await?;
    say(&format!("\n{}", ending::in_words(base).await?));
    Ok(())
}
