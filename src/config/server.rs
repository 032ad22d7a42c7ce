//! `[server]`: where driftd listens and who may speak to it.

use std::net::{Ipv4Addr, SocketAddr};
use std::path::PathBuf;
use std::time::Duration;

use secrecy::SecretString;

use super::table::Table;

#[derive(Debug, Clone)]
pub struct ServerSettings {
    pub listen: SocketAddr,
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
