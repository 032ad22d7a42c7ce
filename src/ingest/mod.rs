//! The ways in: bytes from the world become batches. Senders are strangers, so every input has a limit and no input a
//! panic.

pub mod decode;

pub mod discover;

pub mod files;
