//! `[server]`: where driftd listens and who may speak to it.

use std::net::{Ipv4Addr, SocketAddr};
use std::path::PathBuf;
use std::time::Duration;

use figment::value::Value;
use secrecy::SecretString;

use super::setting::Setting;
use super::table::Table;
use crate::notify::{Installation, InstallationError, TargetUrl};

#[derive(Debug, Clone)]
pub struct ServerSettings {
    pub listen: SocketAddr,
    /// How links in notifications begin; `None`: with the address it listens on. Without a slash at its end.
    pub external_url: Option<String>,
    /// This driftd among others that tell the same receivers.
    pub name: Installation,
    pub auth: Auth,
    /// One token a line: `ROLE NAME SHA256`.
    pub tokens_file: Option<PathBuf>,
    /// A token with the role admin, in clear, beside those of the file.
    pub admin_token: Option<SecretString>,
    /// Names allowed in `Host` besides the address itself, in lower case.
    pub allowed_hosts: Vec<String>,
    /// From the first byte of a request to the last of its answer.
    pub request_timeout: Duration,
    /// How long a connection may stay without a request.
    pub idle_timeout: Duration,
    pub connections_max: u64,
}

/// How callers are known.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Auth {
    /// By a token with a role.
    Tokens,
    /// Not at all: who reaches the port may do everything.
    None,
}

/// The shortest admin token, in characters.
const ADMIN_TOKEN_CHARS_MIN: usize = 20;

impl ServerSettings {
    pub(super) fn read(table: &Table<'_>) -> Self {
        let listen = table.read("listen", SocketAddr::from((Ipv4Addr::LOCALHOST, 8440)));
        let external_url = table.optional_if("external_url", |url: &String| is_base_url(url));
        let name = table.read("name", InstallationName::default()).0;
        let auth =
            table.optional_choice("auth", "kind of auth", &[("tokens", Auth::Tokens), ("none", Auth::None)]);
        let tokens_file = table.file("tokens_file");
        let admin_token = table.secret("admin_token", ADMIN_TOKEN_CHARS_MIN);
        let allowed_hosts = table.read_if("allowed_hosts", Vec::new(), |hosts| are_hosts(hosts));
        let has_tokens = tokens_file.is_some() || admin_token.is_some();
        if table.is_sound() {
            refuse_open_doors(table, listen, auth, has_tokens);
        }
        Self {
            listen,
            external_url: external_url.map(|url| url.trim_end_matches('/').to_owned()),
            name,
            auth: auth.unwrap_or(if has_tokens { Auth::Tokens } else { Auth::None }),
            tokens_file,
            admin_token,
            allowed_hosts: allowed_hosts.iter().map(|host| host.to_ascii_lowercase()).collect(),
            request_timeout: table.read_within("request_timeout", secs(30), secs(1)..=secs(3_600)),
            idle_timeout: table.read_within("idle_timeout", secs(60), secs(1)..=secs(3_600)),
            connections_max: table.read_within("connections_max", 1_024, 1..=65_536),
        }
    }
}

fn refuse_open_doors(table: &Table<'_>, listen: SocketAddr, auth: Option<Auth>, has_tokens: bool) {
    match auth {
        Some(Auth::Tokens) if !has_tokens => {
            table.error(
                "auth",
                "has no tokens; set tokens_file, admin_token_file or DRIFTD_SERVER__ADMIN_TOKEN",
            );
        }
        Some(Auth::None) if has_tokens => {
            table.error("auth", "contradicts the tokens that are given; drop them, or set \"tokens\"");
        }
        None if !has_tokens && !listen.ip().is_loopback() => table.error(
            "listen",
            "is open to other machines without tokens; set tokens_file, or auth = \"none\" if that is meant",
        ),
        _ => {}
    }
}

fn is_base_url(text: &str) -> Result<(), String> {
    let url: TargetUrl = text.parse().map_err(|error| format!("{error}"))?;
    match url.url().query() {
        Some(_) => Err("holds a query (`?…`); links are its path and what follows".to_owned()),
        None => Ok(()),
    }
}

#[derive(Debug, Clone, PartialEq, Eq)]
struct InstallationName(Installation);

impl Default for InstallationName {
    fn default() -> Self {
        Self("driftd".parse().expect("a name"))
    }
}

impl Setting for InstallationName {
    fn read(value: &Value) -> Result<Self, String> {
        String::read(value)?.parse().map(Self).map_err(|error: InstallationError| error.to_string())
    }

    fn to_toml(&self) -> String {
        self.0.to_string().to_toml()
    }
}

fn are_hosts(hosts: &[String]) -> Result<(), String> {
    let fits = |host: &str| host.bytes().all(|b| b.is_ascii_alphanumeric() || b".-:[]".contains(&b));
    match hosts.iter().find(|host| !fits(host)) {
        Some(host) => {
            Err(format!("has `{host}`, which is no host; write name or name:port, without scheme or path"))
        }
        None => Ok(()),
    }
}

const fn secs(seconds: u64) -> Duration {
    Duration::from_secs(seconds)
}
