//! Why a message was not taken, by what follows from it.

use std::time::Duration;

use super::egress::Forbidden;

/// Why a message was not taken. Texts hold neither paths of URLs nor secrets.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum Failure {
    /// A status that says so; `said`: the beginning of the answer.
    #[error("status {status}{}", with(.said))]
    Status { status: u16, said: String, retry_after: Option<Duration> },
    /// 410: it does not exist any more.
    #[error("status 410: the receiver is gone{}", with(.said))]
    Gone { said: String },
    /// Redirects are not followed: they could lead anywhere.
    #[error("status {status}: redirects are not followed{}; put the address it moved to into the config", with(.to))]
    Redirect { status: u16, to: String },
    /// A good status, and an answer that says otherwise.
    #[error("the answer is not `ok`{}", with(.said))]
    NotOk { said: String },
    #[error("no answer within {} s", .0.as_secs_f64())]
    Timeout(Duration),
    /// It was made, and broke before there was an answer.
    #[error("the connection failed: {0}")]
    Connection(String),
    /// None could be made: nothing was sent.
    #[error("the connection failed: {0}")]
    Unconnected(String),
    /// The name has no address, or DNS does not answer.
    #[error("{0}")]
    Name(String),
    #[error("{0}")]
    Forbidden(#[from] Forbidden),
    /// A mail server's answer, with its status where it gave one.
    #[error("the mail server says: {said}")]
    Mail { permanent: bool, said: String },
    /// It cannot be written in the receiver's form.
    #[error("the message cannot be made: {0}")]
    Unsendable(String),
}

fn with(said: &str) -> String {
    if said.is_empty() { String::new() } else { format!(": {said}") }
}

impl Failure {
    /// Whether trying again is of no use.
    pub fn is_permanent(&self) -> bool {
        match self {
            Self::Status { status, .. } => (400..500).contains(status) && !matches!(status, 408 | 425 | 429),
            Self::Mail { permanent, .. } => *permanent,
            Self::Gone { .. } | Self::Redirect { .. } | Self::Forbidden(_) | Self::Unsendable(_) => true,
            Self::NotOk { .. } | Self::Timeout(_) => false,
            Self::Connection(_) | Self::Unconnected(_) | Self::Name(_) => false,
        }
    }

    /// Whether nothing of it reached the other side, for certain.
    pub fn is_unsent(&self) -> bool {
        matches!(self, Self::Unconnected(_) | Self::Name(_) | Self::Forbidden(_) | Self::Unsendable(_))
    }

    /// How long the receiver asks to be left alone.
    pub fn retry_after(&self) -> Option<Duration> {
        match self {
            Self::Status { retry_after, .. } => *retry_after,
            _ => None,
        }
    }

    /// Whether nothing is to be sent there any more.
    pub fn disables(&self) -> bool {
        matches!(self, Self::Gone { .. })
    }
}
