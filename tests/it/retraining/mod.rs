//! Retraining, decided and followed up on a clock that is moved by hand, by a daemon with a real store and a target that
//! speaks HTTP.

mod script;

mod scenarios;

mod property;

mod reports;

pub mod stand;
