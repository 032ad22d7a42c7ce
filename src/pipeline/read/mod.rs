//! What is known, told: answers to reads. Nothing is changed by one, but what a read needs may be fetched.
//!
//! Limits: a range outside the counts in memory is read from the store for this answer alone and kept nowhere.

mod words;

mod outcomes;

mod performance_answer;

mod performance;

mod models;

mod asked;

mod counted;

mod compare;

mod drift;

mod histogram;

mod feature;

mod waits;

mod checks;

mod reasons;

mod status;

mod rejections;

pub use drift::drift;
pub use feature::feature;
pub use models::{model, models};
pub use performance::performance;
pub use rejections::rejections;
pub use status::status;
