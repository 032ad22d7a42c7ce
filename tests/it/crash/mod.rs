//! What the built daemon took on it does, however often it is killed.
#![cfg(test)]

mod delivery;

mod ingest;

mod join;

mod sender;
