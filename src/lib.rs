//! driftd watches machine-learning models in production.
//!
//! Every monitored column has a *grid*, frozen from reference data; rows become integer *counts* on it and are
//! forgotten. Modules stand in the order of the data's way; imports point up this list only (`tests/it/tidy.rs`).

// Tier 0: words and time.
pub mod domain;

pub mod clock;

// Tier 1: pure. No I/O, no async, no clock, no logging.
pub mod sketch;

pub mod batch;

pub mod statistic;

pub mod detector;

pub mod trend;

pub mod performance;

pub mod join;

pub mod fairness;

pub mod reference;

pub mod window;

pub mod verdict;

pub mod incident;

pub mod notification;

pub mod retraining;

pub mod kpi;

pub mod use_case;

// Tier 2: effects on disk and in metrics.
pub mod store;

pub mod metrics;

// Tier 3: the ways in and out.
pub mod ingest;

pub mod notify;

pub mod trigger;

pub mod web;

// Tier 4: the whole way.
pub mod pipeline;

// Tier 5: the rim.
pub mod config;

pub mod telemetry;

pub mod demo;

pub mod app;

pub mod cli;
