//! The daemon put together: config, store, pipeline, HTTP; started in this order, stopped in reverse.

mod assemble;

mod profiles;

mod reread;

mod fit;

mod loss;

mod id_key;

pub use assemble::{Findings, examined};
pub use loss::losses;
pub use profiles::ProfileError;

use std::net::SocketAddr;
use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

use anyhow::{Context, bail};
use arc_swap::ArcSwap;
use tokio::net::TcpListener;
use tokio::sync::watch;
use tokio::task::JoinHandle;

use crate::clock::Clock;
use crate::config::Settings;
use crate::metrics::{Metrics, SeriesOptions};
use crate::pipeline::{self, Parts, Pipeline, Running};
use crate::store::sqlite::SqliteStore;
use crate::web::{self, Actor, Service};
use reread::{Started, TakenUp};

/// How long the pipeline has for what was taken when the daemon stops.
const STOP_TIMEOUT: Duration = Duration::from_secs(30);

/// A daemon that runs.
pub struct App {
    /// Where it listens; the port that was chosen, where the config says 0.
    pub address: SocketAddr,
    running: Running<SqliteStore>,
    store: Arc<SqliteStore>,
    http: JoinHandle<Result<(), web::ServeError>>,
    stop_http: watch::Sender<bool>,
}

/// What a daemon is started with.
pub struct Start {
    pub settings: Settings,
    /// Where the settings came from: read again on reload. `None`: the default place.
    pub config: Option<PathBuf>,
    pub clock: Arc<dyn Clock>,
}

impl App {
    /// Opens the store, takes the models up, listens. Everything that was started is stopped again on an error.
    pub async fn start(start: Start) -> anyhow::Result<Self> {
        let Start { settings, config, clock } = start;
        let models = assemble::models(&settings)?;
        let web_options = assemble::web_options(&settings)?;
        let listen = settings.server.listen;
        let listener =
            TcpListener::bind(listen).await.with_context(|| format!("cannot listen on {listen}"))?;
        let address = listener.local_addr()?;
        let options = SeriesOptions {
            series_max: usize::try_from(settings.limits.series_max).unwrap_or(usize::MAX),
            p_values: settings.telemetry.feature_p_values,
            thresholds: settings.telemetry.feature_thresholds,
            ..SeriesOptions::default()
        };
        let metrics = Arc::new(Metrics::new(env!("CARGO_PKG_VERSION"), options));
        let store_options = assemble::store_options(&settings, &metrics);
        let (store, recovered) = SqliteStore::open(&settings.storage.path, store_options)
            .with_context(|| format!("cannot open {}", settings.storage.path.display()))?;
        let store = Arc::new(store);
        let id_key = id_key::of(&settings.storage.path)?;
        metrics.daemon().config_read(clock.now(), true);
        metrics.daemon().config_keys_pending.set(0.0);
        let started = Started {
            config,
            effective: settings.effective.clone(),
            last: Arc::new(ArcSwap::from_pointee(TakenUp::of(&settings))),
            auth: web_options.auth.clone(),
            address,
        };
        let running = pipeline::start(Parts {
            store: store.clone(),
            recovered,
            clock,
            metrics,
            options: assemble::pipeline_options(&settings, id_key),
            models,
            desk_rules: assemble::desk_rules(&settings, address),
            directory: assemble::directory(&settings)?,
            targets: settings.targets.clone(),
            kpis: assemble::kpi_options(&settings),
            read_config: Box::new(move || started.read_again()),
        })
        .await?;
        let (stop_http, stopped) = watch::channel(false);
        let http = tokio::spawn(web::serve(listener, running.pipeline.clone(), web_options, until(stopped)));
        tracing::info!(%address, "listening");
        Ok(Self { address, running, store, http, stop_http })
    }

    pub fn pipeline(&self) -> &Arc<Pipeline<SqliteStore>> {
        &self.running.pipeline
    }

    /// Reads the config again, as SIGHUP asks; a config with errors changes nothing.
    pub async fn reload(pipeline: &Pipeline<SqliteStore>) {
        if let Err(error) = pipeline.reload(&Actor::named("SIGHUP")).await {
            tracing::error!(%error, "the config was not taken up; the old one stays");
        }
    }

    /// Runs until `shutdown`, or until something is broken that only a restart mends.
    pub async fn run(self, shutdown: impl Future<Output = ()>) -> anyhow::Result<()> {
        let broken = tokio::select! {
            () = shutdown => None,
            why = self.running.fatal() => Some(why),
        };
        tracing::info!("stopping: what was taken in is committed first");
        self.stop().await?;
        match broken {
            Some(why) => bail!("{why}"),
            None => Ok(()),
        }
    }

    /// Stops in reverse: no more requests, then what was taken is committed, then the store is closed.
    pub async fn stop(self) -> anyhow::Result<()> {
        self.stop_http.send_replace(true);
        self.http.await.context("the HTTP face ended badly")??;
        if tokio::time::timeout(STOP_TIMEOUT, self.running.stop()).await.is_err() {
            tracing::error!("the pipeline did not end in time; what was not acknowledged may not be counted");
        }
        self.store.close().await.context("the store could not be closed")
    }
}

async fn until(mut stopped: watch::Receiver<bool>) {
    // An error is a sender that is gone: that is a stop too.
    let _ = stopped.wait_for(|stopped| *stopped).await;
}
