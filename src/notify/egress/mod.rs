//! Which addresses are connected to. Names are resolved here, every address is checked, and those very addresses are
//! connected to: there is no second look-up that could answer otherwise.

mod special;

use std::fmt;
use std::future::Future;
use std::io;
use std::net::{IpAddr, SocketAddr};
use std::pin::Pin;
use std::sync::Arc;

use ipnet::IpNet;
use reqwest::dns::{Addrs, Name, Resolve, Resolving};

use special::{Reach, canonical, reach};

/// What may be connected to beside the public internet.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct EgressOptions {
    /// Private networks that may be connected to. Link-local, metadata, multicast and documentation addresses never
    /// are, whatever stands here.
    pub allow: Vec<IpNet>,
}

impl Default for EgressOptions {
    /// This machine and private networks: receivers are in the cluster as a rule.
    fn default() -> Self {
        Self { allow: special::allowed_by_default() }
    }
}

/// Why an address is not connected to.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum Forbidden {
    #[error("{address} is never connected to: {why}")]
    Never { address: IpAddr, why: &'static str },
    #[error("{address} is a private address that `egress.allow` does not name")]
    Private { address: IpAddr },
}

/// Why a host has no address to connect to.
#[derive(Debug, thiserror::Error)]
pub enum ResolveError {
    #[error(transparent)]
    Forbidden(#[from] Forbidden),
    #[error("{host} has no address: {why}")]
    Unknown { host: String, why: String },
}

/// Asks for the addresses of a name.
pub trait Lookup: Send + Sync + 'static {
    fn lookup(&self, host: String) -> Pin<Box<dyn Future<Output = io::Result<Vec<IpAddr>>> + Send>>;
}

/// The machine's own resolver.
struct SystemLookup;

impl Lookup for SystemLookup {
    fn lookup(&self, host: String) -> Pin<Box<dyn Future<Output = io::Result<Vec<IpAddr>>> + Send>> {
        Box::pin(async move {
            let found = tokio::net::lookup_host((host, 0)).await?;
            Ok(found.map(|address| address.ip()).collect())
        })
    }
}

/// The guard. Cloning shares it.
#[derive(Clone)]
pub struct Egress {
    allow: Arc<[IpNet]>,
    lookup: Arc<dyn Lookup>,
}

impl Egress {
    pub fn new(options: EgressOptions) -> Self {
        Self::with_lookup(options, SystemLookup)
    }

    pub fn with_lookup(options: EgressOptions, lookup: impl Lookup) -> Self {
        Self { allow: options.allow.into(), lookup: Arc::new(lookup) }
    }

    /// Whether an address may be connected to. An IPv4 address within an IPv6 one is judged as what it is.
    pub fn check(&self, address: IpAddr) -> Result<(), Forbidden> {
        match reach(address) {
            Reach::Public => Ok(()),
            Reach::Never(why) => Err(Forbidden::Never { address, why }),
            Reach::Private if self.allow.iter().any(|net| net.contains(&canonical(address))) => Ok(()),
            Reach::Private => Err(Forbidden::Private { address }),
        }
    }

    /// The addresses of a host (a name, or an address as it stands in a URL), all of them checked: one that is forbidden
    /// forbids the host.
    pub async fn resolve(&self, host: &str) -> Result<Vec<IpAddr>, ResolveError> {
        let addresses = match literal(host) {
            Some(address) => vec![address],
            None => self.lookup.lookup(host.to_owned()).await.map_err(|error| unknown(host, error))?,
        };
        if addresses.is_empty() {
            return Err(unknown(host, "the name is known, but has none"));
        }
        addresses.iter().try_for_each(|address| self.check(*address))?;
        Ok(addresses)
    }

    /// Checks a host that is an address: it comes past no resolver.
    pub(super) fn check_literal(&self, host: &str) -> Result<(), Forbidden> {
        literal(host).map_or(Ok(()), |address| self.check(address))
    }
}

fn literal(host: &str) -> Option<IpAddr> {
    host.trim_start_matches('[').trim_end_matches(']').parse().ok()
}

fn unknown(host: &str, why: impl fmt::Display) -> ResolveError {
    ResolveError::Unknown { host: host.to_owned(), why: why.to_string() }
}

impl Resolve for Egress {
    fn resolve(&self, name: Name) -> Resolving {
        let egress = self.clone();
        Box::pin(async move {
            let addresses = Egress::resolve(&egress, name.as_str()).await?;
            // The client puts the port of the URL in.
            let addresses = addresses.into_iter().map(|address| SocketAddr::new(address, 0));
            Ok::<Addrs, Box<dyn std::error::Error + Send + Sync>>(Box::new(addresses))
        })
    }
}

impl fmt::Debug for Egress {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Egress").field("allow", &self.allow).finish_non_exhaustive()
    }
}
