//! How commands speak to a running daemon: over its HTTP, as everyone does.

use std::path::PathBuf;

use anyhow::{Context, bail};
use serde::de::DeserializeOwned;

/// Which daemon, and as whom.
#[derive(Debug, Clone, clap::Args)]
pub struct Daemon {
    /// The daemon's address
    #[arg(
        long,
        global = true,
        value_name = "URL",
        env = "DRIFTD_URL",
        default_value = "http://127.0.0.1:8440"
    )]
    url: String,
    /// A file with the token to send
    #[arg(long, global = true, value_name = "FILE", env = "DRIFTD_TOKEN_FILE")]
    token_file: Option<PathBuf>,
}

impl Daemon {
    pub fn at(url: String, token_file: Option<PathBuf>) -> Self {
        Self { url, token_file }
    }

    pub async fn get<T: DeserializeOwned>(&self, path: &str) -> anyhow::Result<T> {
        self.send(reqwest::Method::GET, path, None).await
    }

    /// As [`Daemon::get`] with a query.
    pub async fn get_with<T: DeserializeOwned>(
        &self,
        path: &str,
        query: &[(&'static str, String)],
    ) -> anyhow::Result<T> {
        let pairs = query.iter().map(|(name, value)| (*name, value.as_str()));
        let base = reqwest::Url::parse_with_params("http://driftd.invalid", pairs);
        let query = base.context("the query cannot be written")?.query().unwrap_or_default().to_owned();
        self.get(&format!("{path}?{query}")).await
    }

    pub async fn post<T: DeserializeOwned>(&self, path: &str, body: serde_json::Value) -> anyhow::Result<T> {
        self.send(reqwest::Method::POST, path, Some(body)).await
    }

    async fn send<T: DeserializeOwned>(
        &self,
        method: reqwest::Method,
        path: &str,
        body: Option<serde_json::Value>,
    ) -> anyhow::Result<T> {
        let url = format!("{}{path}", self.url.trim_end_matches('/'));
        let mut request = reqwest::Client::new().request(method, &url);
        if let Some(body) = body {
            request = request.json(&body);
        }
        if let Some(file) = &self.token_file {
            let token = std::fs::read_to_string(file)
                .with_context(|| format!("cannot read the token in {}", file.display()))?;
            request = request.bearer_auth(token.trim());
        }
        let answer = request.send().await.with_context(|| format!("no daemon answers at {}", self.url))?;
        let status = answer.status();
        let bytes = answer.bytes().await.context("the answer broke off")?;
        if !status.is_success() {
            bail!("{status}: {}", said(&bytes));
        }
        serde_json::from_slice(&bytes).with_context(|| format!("{url} answered what is no driftd answer"))
    }
}

/// The message of an error answer, or the answer as it is.
fn said(bytes: &[u8]) -> String {
    let message = serde_json::from_slice::<serde_json::Value>(bytes)
        .ok()
        .and_then(|answer| answer["error"]["message"].as_str().map(str::to_owned));
    message.unwrap_or_else(|| String::from_utf8_lossy(bytes).trim().to_owned())
}
