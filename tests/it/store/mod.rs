//! The store: a contract that every dialect keeps, then what is SQLite's own.

mod support;

mod contract;

mod contract_state;

mod sqlite;

mod recovery;

mod limits;

mod migrations;

mod erasure;

mod interleavings;
