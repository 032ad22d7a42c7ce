//! The HTTP face: who may ask what, how bodies come in, how errors read. What is asked is the [`Service`]'s to answer.
//!
//! Invariants: every route declares who may use it; a request is checked (host, origin, token, headers) before a byte
//! of its body is read; every body is held to limits of size, of time and of memory; every error is
//! `{"error":{"code","message"}}`, and neither errors nor logs hold values or tokens. Only what is no HTTP at all is
//! answered without JSON, by the protocol layer.

mod ask;

pub mod answer;

mod service;

mod failure;

mod role;

mod tokens;

mod options;

mod gate;

mod body;

mod headers;

mod json;

mod extract;

mod exposition;

mod routes;

mod linger;

mod serve;

pub use ask::{
    Actor, BackupRequest, BaselineRequest, BodyFormat, DriftQuery, ExcludeRequest, Exposition, IngestRequest,
    LearnRequest, PauseRequest, ReferenceChoice,
};
pub use failure::ErrorAnswer;
pub use options::WebOptions;
pub use role::{Access, Role, UnknownRole};
pub use routes::routes;
pub use serve::{ServeError, serve};
pub use service::{IngestError, Service, ServiceError};
pub use tokens::{Auth, TokenLineError, Tokens, TokensError};
