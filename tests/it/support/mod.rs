//! What several subjects need: fixtures read, golden files parsed, a daemon in the test or the built one.

pub mod daemon;

pub mod distributions;

pub mod faulty;

pub mod golden;

pub mod http;
pub mod traffic;

pub mod loan;

pub mod process;

pub mod prometheus;

pub mod promtool;
pub mod sink;

pub mod smtp;
