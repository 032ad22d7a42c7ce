//! From the outbox to the world: receivers, and the delivery of messages to them.
//!
//! A claimed message becomes what its receiver takes ([`Receiver::dispatch`], pure: golden files test it), is sent
//! ([`Sender`]), and what came of it is marked ([`Courier`]). Alertmanager, which keeps nothing, is told again and again
//! what is firing ([`Repeater`]).
//!
//! Invariants: at least once, under one id; no address is connected to that [`Egress`] did not check, for redirects and
//! proxies neither; a receiver that fails or hangs holds no other one up; no address with its path, no secret stands in
//! an error or a log.

mod egress;

mod target;

mod text;

mod words;

mod message;

mod signature;

mod request;

mod receiver;

mod outcome;

mod send;

mod directory;

mod outbox;

mod retry;

mod standing;

mod deliver;

mod resend;

pub use deliver::{Courier, CourierParts};
pub use directory::Directory;
pub use egress::{Egress, EgressOptions, Forbidden, Lookup, ResolveError};
pub use message::{Installation, InstallationError, Message};
pub use outbox::Outbox;
pub use outcome::Failure;
pub use receiver::{
    Alertmanager, Channel, Email, EmailOptions, Mail, PagerDuty, Receiver, Receivers, Slack, SmtpLogin,
    SmtpSecurity, SmtpServer, Teams, Template, TemplateError, TemplateOptions, Webhook,
};
pub use request::{Accepted, Dispatch, Header, HeaderError, Need, Request};
pub use resend::{CurrentNews, Repeater};
pub use retry::delivery_of;
pub use send::{Reply, Sender};
pub use signature::{SigningKey, SigningKeyError, sign};
pub use standing::ReceiverWatch;
pub use target::{TargetUrl, TargetUrlError};
