//! A pipeline at work, until it is stopped.

use std::sync::Arc;

use tokio::sync::watch;
use tokio::task::JoinHandle;

use super::Pipeline;
use crate::store::Store;

/// A running pipeline and how to stop it.
pub struct Running<S> {
    pub pipeline: Arc<Pipeline<S>>,
    pub(super) stop: watch::Sender<bool>,
    pub(super) tasks: Vec<JoinHandle<()>>,
}

impl<S: Store> Running<S> {
    /// Resolves with the reason once the process has to stop: what is durable is no longer known.
    pub async fn fatal(&self) -> String {
        let mut fatal = self.pipeline.fatal.clone();
        match fatal.wait_for(Option::is_some).await {
            Ok(why) => why.clone().unwrap_or_default(),
            Err(_) => std::future::pending().await,
        }
    }

    /// Commits what was taken, ends the loops. The HTTP face has stopped before.
    pub async fn stop(self) {
        self.stop.send_replace(true);
        for task in self.tasks {
            if let Err(error) = task.await {
                tracing::error!(%error, "a loop ended badly");
            }
        }
    }
}
