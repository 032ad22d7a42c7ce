//! How a body comes in: held to its limits while it is read, checked against its digest, decompressed.
//!
//! Limits: bytes as sent, bytes decompressed, bytes of all bodies at once, time. A body that breaks one, that is cut
//! short or does not match its digest is answered with an error before anything of it is handed on.

mod in_flight;

mod receive;

mod coding;

mod digest;

mod unpack;

pub(super) use coding::Coding;
pub(super) use digest::ContentDigest;
pub(super) use in_flight::{Held, InFlight};
pub(super) use receive::{Received, busy, receive};
pub(super) use unpack::{STEP as UNPACK_STEP, UnpackError, unpack};
