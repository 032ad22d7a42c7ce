//! Who is let in, before a byte of the body is read.
//!
//! `Host` must be a name of this daemon's own: a page whose name was rebound to this address sends its own name.
//! A browser that changes something (`POST`) must come from a page of this daemon's own (`Origin`,
//! `Sec-Fetch-Site`): others would borrow the rights of whoever looks at them. Programs send neither header.

use std::net::{IpAddr, SocketAddr};

use axum::http::request::Parts;
use axum::http::uri::Authority;
use axum::http::{HeaderMap, HeaderName, Method, StatusCode, header};
use base64::Engine;
use base64::engine::general_purpose::STANDARD;

use super::ask::Actor;
use super::failure::Failure;
use super::role::Access;
use super::tokens::Auth;

const SEC_FETCH_SITE: HeaderName = HeaderName::from_static("sec-fetch-site");

/// The checks on every request.
#[derive(Debug)]
pub(super) struct Gate {
    auth: Auth,
    /// In lower case.
    hosts: Vec<String>,
    listen: IpAddr,
}

impl Gate {
    pub fn new(auth: Auth, hosts: &[String], listen: SocketAddr) -> Self {
        let hosts = hosts.iter().map(|host| host.to_ascii_lowercase()).collect();
        Self { auth, hosts, listen: listen.ip().to_canonical() }
    }

    /// 400 or 403 where the request was not meant for this daemon, or not by its own pages.
    pub fn check_aim(&self, parts: &Parts) -> Result<(), Failure> {
        let mut hosts = parts.headers.get_all(header::HOST).iter();
        let (Some(host), None) = (hosts.next(), hosts.next()) else {
            return Err(Failure::bad_request("bad_host", "a request has exactly one Host header"));
        };
        let host: Authority = host
            .to_str()
            .ok()
            .and_then(|text| text.parse().ok())
            .ok_or_else(|| Failure::bad_request("bad_host", "the Host header is no host with a port"))?;
        let asked = parts.uri.authority().unwrap_or(&host);
        if !self.is_ours(&host) || !self.is_ours(asked) {
            return Err(Failure::forbidden(
                "host_not_allowed",
                "the Host header names another host than this daemon's own; if it is right, add it to the hosts \
                 that the config allows",
            ));
        }
        if parts.method == Method::POST { self.check_origin(&parts.headers, &host) } else { Ok(()) }
    }

    fn check_origin(&self, headers: &HeaderMap, host: &Authority) -> Result<(), Failure> {
        let same_origin = headers.get_all(header::ORIGIN).iter().all(|origin| {
            let authority = origin.to_str().ok().and_then(|text| text.split_once("://"));
            authority.and_then(|(_, rest)| rest.parse::<Authority>().ok()).is_some_and(|origin| {
                origin.as_str().eq_ignore_ascii_case(host.as_str()) || self.is_configured(&origin)
            })
        });
        let same_site = headers.get_all(SEC_FETCH_SITE).iter().all(|site| {
            matches!(site.as_bytes(), b"same-origin" | b"none") || headers.contains_key(header::ORIGIN)
        });
        if same_origin && same_site {
            return Ok(());
        }
        Err(Failure::forbidden(
            "origin_not_allowed",
            "the Origin header names a page of another site; only this daemon's own pages may change things",
        ))
    }

    fn is_ours(&self, host: &Authority) -> bool {
        let name = host.host().trim_start_matches('[').trim_end_matches(']');
        let by_address = || {
            let address: IpAddr = name.parse().ok()?;
            let address = address.to_canonical();
            // On an unspecified address every address is the daemon's own, and an address cannot be rebound.
            Some(address.is_loopback() || address == self.listen || self.listen.is_unspecified())
        };
        let by_name = || name.eq_ignore_ascii_case("localhost") || self.is_configured(host);
        by_address() == Some(true) || by_name()
    }

    fn is_configured(&self, host: &Authority) -> bool {
        self.hosts
            .iter()
            .any(|ours| ours.eq_ignore_ascii_case(host.host()) || ours.eq_ignore_ascii_case(host.as_str()))
    }

    /// Who asks, if they may: 401 without a token that is known, 403 with one whose role is not enough.
    pub fn admit(&self, headers: &HeaderMap, access: Access) -> Result<Actor, Failure> {
        let anonymous = Ok(Actor::named(Actor::ANONYMOUS));
        if access == Access::Public {
            return anonymous;
        }
        let Auth::Tokens(tokens) = &self.auth else { return anonymous };
        let token = presented(headers)?;
        let tokens = tokens.load();
        let (role, name) = tokens
            .find(&token)
            .ok_or_else(|| unauthorized("unknown_token", "the token is not one that this daemon knows"))?;
        if !access.takes(role) {
            return Err(Failure::forbidden(
                "role_missing",
                format!("this needs {access}; the token `{name}` has the role {role}"),
            ));
        }
        Ok(Actor::named(name.clone()))
    }
}

/// The token of `Authorization: Bearer TOKEN`, or the password of `Basic`.
fn presented(headers: &HeaderMap) -> Result<Vec<u8>, Failure> {
    let mut values = headers.get_all(header::AUTHORIZATION).iter();
    let missing = || unauthorized("no_token", "this needs a token: send `Authorization: Bearer TOKEN`");
    let (value, None) = (values.next().ok_or_else(missing)?, values.next()) else {
        return Err(Failure::bad_request(
            "bad_authorization",
            "a request has at most one Authorization header",
        ));
    };
    let bad = || {
        unauthorized(
            "bad_authorization",
            "the Authorization header is neither `Bearer TOKEN` nor `Basic` with the token as password",
        )
    };
    let (scheme, credentials) = value.to_str().ok().and_then(|text| text.split_once(' ')).ok_or_else(bad)?;
    let credentials = credentials.trim();
    if scheme.eq_ignore_ascii_case("bearer") && !credentials.is_empty() {
        return Ok(credentials.as_bytes().to_vec());
    }
    if !scheme.eq_ignore_ascii_case("basic") {
        return Err(bad());
    }
    let pair = STANDARD.decode(credentials).map_err(|_| bad())?;
    let colon = pair.iter().position(|byte| *byte == b':').ok_or_else(bad)?;
    Ok(pair[colon + 1..].to_vec())
}

fn unauthorized(code: &'static str, message: &'static str) -> Failure {
    Failure::new(StatusCode::UNAUTHORIZED, code, message)
        .with(header::WWW_AUTHENTICATE, "Bearer realm=\"driftd\"")
        .with(header::WWW_AUTHENTICATE, "Basic realm=\"driftd\"")
}
