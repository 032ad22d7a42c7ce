//! The address of a receiver. Whoever knows it can often send in driftd's name, so it is shown without its path.

use std::fmt;
use std::str::FromStr;

use reqwest::Url;
use sha2::{Digest, Sha256};

/// An `http` or `https` URL with a host. `Display` and `Debug` show scheme, host and port only.
#[derive(Clone, PartialEq, Eq)]
pub struct TargetUrl(Url);

#[derive(Debug, Clone, Copy, thiserror::Error, PartialEq, Eq)]
pub enum TargetUrlError {
    #[error("is no URL, as in https://example.org/hook")]
    NoUrl,
    #[error("is neither an http nor an https URL")]
    Scheme,
    #[error("holds a user or a password: send them in a header, as a secret")]
    Credentials,
    #[error("holds a fragment (`#…`), which is never sent")]
    Fragment,
}

impl TargetUrl {
    pub fn url(&self) -> &Url {
        &self.0
    }

    /// Host and port as they stand in the URL.
    pub fn host(&self) -> &str {
        self.0.host_str().unwrap_or_default()
    }

    /// This URL with `path` (it begins with `/`) after its own.
    pub fn with_path_after(&self, path: &str) -> Url {
        let mut url = self.0.clone();
        url.set_path(&format!("{}{path}", self.0.path().trim_end_matches('/')));
        url
    }
}

impl FromStr for TargetUrl {
    type Err = TargetUrlError;

    fn from_str(text: &str) -> Result<Self, TargetUrlError> {
        let url = Url::parse(text.trim()).map_err(|_| TargetUrlError::NoUrl)?;
        if !matches!(url.scheme(), "http" | "https") {
            return Err(TargetUrlError::Scheme);
        }
        if !url.username().is_empty() || url.password().is_some() {
            return Err(TargetUrlError::Credentials);
        }
        if url.fragment().is_some() {
            return Err(TargetUrlError::Fragment);
        }
        match url.has_host() {
            true => Ok(Self(url)),
            false => Err(TargetUrlError::NoUrl),
        }
    }
}

impl fmt::Display for TargetUrl {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&shown(&self.0))
    }
}

impl fmt::Debug for TargetUrl {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

/// A URL without what may be secret in it: `https://example.org/…`.
pub(super) fn shown(url: &Url) -> String {
    let mut text = format!("{}://{}", url.scheme(), url.host_str().unwrap_or_default());
    if let Some(port) = url.port() {
        text += &format!(":{port}");
    }
    if url.path() != "/" || url.query().is_some() {
        text += "/…";
    }
    text
}

/// Tells targets apart without holding them: 128 bits of SHA-256, in hex.
pub(super) fn digest<'a>(parts: impl IntoIterator<Item = &'a str>) -> String {
    let mut hash = Sha256::new();
    for part in parts {
        hash.update((part.len() as u64).to_le_bytes());
        hash.update(part);
    }
    hash.finalize().iter().take(16).map(|byte| format!("{byte:02x}")).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_path_is_never_shown() {
        let url: TargetUrl = "https://hooks.example.org:8443/services/T0/secret?key=k".parse().unwrap();
        assert_eq!(
            format!("{url} {url:?}"),
            "https://hooks.example.org:8443/… https://hooks.example.org:8443/…"
        );
        assert_eq!("http://[::1]:80/".parse::<TargetUrl>().unwrap().to_string(), "http://[::1]");
    }

    #[test]
    fn what_is_no_target_says_why() {
        let why = |text: &str| text.parse::<TargetUrl>().unwrap_err();
        assert_eq!(why("example.org/hook"), TargetUrlError::NoUrl);
        assert_eq!(why("ftp://example.org"), TargetUrlError::Scheme);
        assert_eq!(why("https://user:pass@example.org"), TargetUrlError::Credentials);
        assert_eq!(why("https://example.org/#here"), TargetUrlError::Fragment);
    }

    #[test]
    fn a_path_goes_after_the_one_that_is_there() {
        let at =
            |base: &str| base.parse::<TargetUrl>().unwrap().with_path_after("/api/v2/alerts").to_string();
        assert_eq!(at("http://am:9093"), "http://am:9093/api/v2/alerts");
        assert_eq!(at("http://am:9093/prefix/"), "http://am:9093/prefix/api/v2/alerts");
    }
}
