//! The pipeline on a store that may fail, with a clock that is moved by hand.
#![cfg(test)]

mod classes;

mod ended_replay;

mod faults;

pub mod join;

mod late;

mod learning;

mod provisional;

mod row_kpis;

mod rows;
