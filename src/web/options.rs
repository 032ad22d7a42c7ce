//! The limits of the face, and who may come in.

use std::time::Duration;

use super::tokens::Auth;

/// How [`serve`](super::serve) behaves. Every limit is answered, never silent.
#[derive(Debug, Clone)]
pub struct WebOptions {
    pub auth: Auth,
    /// Names, with or without a port, by which the daemon is reached besides loopback names and the address it
    /// listens on: what `Host` and `Origin` may say.
    pub hosts: Vec<String>,
    /// Connections open at once; more get 503.
    pub connections_max: usize,
    /// Time from the start of waiting for a request to the end of its headers: so also how long a connection may
    /// stay idle between two requests.
    pub header_timeout: Duration,
    /// Time to send a whole body; more: 408.
    pub body_timeout: Duration,
    /// Time that the daemon has for an answer once it has the body; more: 503.
    pub answer_timeout: Duration,
    /// Time that requests in flight have to end once the daemon stops.
    pub drain_timeout: Duration,
    /// Bytes of a body as sent; more: 413.
    pub body_bytes_max: usize,
    /// Bytes of a body once decompressed; more: 413.
    pub unpacked_bytes_max: usize,
    /// Bytes of all bodies in memory at once, as sent and decompressed together; more: 429. At least the sum of the
    /// two limits above.
    pub in_flight_bytes_max: usize,
}

impl Default for WebOptions {
    fn default() -> Self {
        const MIB: usize = 1 << 20;
        Self {
            auth: Auth::Loopback,
            hosts: Vec::new(),
            connections_max: 1_024,
            header_timeout: Duration::from_secs(75),
            body_timeout: Duration::from_secs(60),
            answer_timeout: Duration::from_secs(30),
            drain_timeout: Duration::from_secs(20),
            body_bytes_max: 32 * MIB,
            unpacked_bytes_max: 64 * MIB,
            in_flight_bytes_max: 256 * MIB,
        }
    }
}
