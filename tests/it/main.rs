//! The one integration test crate: every module is a subject.
#![cfg(test)]

mod alarm;

mod api;

mod batch;

mod config;

mod crash;

mod daemon;

mod dashboards;

mod decode;

mod demo;

mod demo_full;

mod detector;

mod exposition;

mod http;

mod incident;

mod join;

mod kpi;

mod kpi_flow;

mod laws;

mod link;

mod malformed;

mod notify;

mod null;

mod nulls;

mod on_call;

mod outcomes;

mod oracle;

mod performance;

mod pipeline;
mod retraining;

mod profile;

mod prometheus;

mod readme;

mod rules;

mod runbooks;

mod store;

mod support;

mod tidy;

mod trend;

mod trigger;

mod use_case;

mod verdict;

mod watched;

mod window;
