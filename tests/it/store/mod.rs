//! The store: a contract that every dialect keeps, then what is SQLite's own.

mod support;

mod told;

mod contract;

mod contract_retraining;

mod contract_state;

mod contract_kpis;

mod contract_join;

mod contract_incidents;

mod contract_outbox;

mod sqlite;

mod unreadable;

mod recovery;

mod limits;

mod migrations;

mod erasure;

mod interleavings;

mod outbox_interleavings;
