//! The one integration test crate: every module is a subject.
#![cfg(test)]

mod api;

mod config;

mod decode;

mod demo;

mod exposition;

mod http;

mod laws;

mod null;

mod nulls;

mod oracle;

mod profile;

mod store;

mod support;

mod verdict;

mod window;
