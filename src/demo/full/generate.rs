//! The year, day by day: a pure function of the seed.

pub use super::calendar::Day;
pub use super::cases::Model;
pub use super::story::UseCase;
use super::{rows, samples};

/// What a seed makes.
#[derive(Debug, Clone, Copy)]
pub struct Year {
    pub seed: u64,
}

/// What is sent on a day, each body as NDJSON.
#[derive(Debug, Clone)]
pub struct Sent {
    pub day: Day,
    /// Every model's rows.
    pub predictions: [(Model, String); Model::ALL.len()],
    /// What is known by now; none in the first days.
    pub labels: Vec<(Model, String)>,
    /// Of all use cases; empty where there is none.
    pub samples: String,
}

impl Year {
    /// The seed that is used where none is given. It was picked, for the clearest year of six (1 to 5 and 2025): all six
    /// end with the same proposals, but three of them have a false alarm of concept drift or two, and the link between
    /// recall and customers kept is strongest at lags from 0 to 3 weeks, here at the 2 that it is made with.
    pub const SEED: u64 = 5;

    /// The days in order, 2025-01-01 to 2026-01-01.
    pub fn days(self) -> impl Iterator<Item = Sent> {
        Day::sent().map(move |day| self.day(day))
    }

    pub fn day(self, day: Day) -> Sent {
        let known = |model: Model| {
            let made = day.before(model.known_after());
            (made >= Day::FIRST).then(|| (model, rows::labels(self.seed, model, made)))
        };
        Sent {
            day,
            predictions: Model::ALL.map(|model| (model, rows::predictions(self.seed, model, day))),
            labels: Model::ALL.into_iter().filter_map(known).collect(),
            samples: UseCase::ALL.map(|of| samples::samples(self.seed, of, day)).concat(),
        }
    }

    /// The rows that a model was trained on, with what turned out.
    pub fn reference(self, model: Model) -> String {
        Day::of_the_reference().map(|day| rows::reference(self.seed, model, day)).collect()
    }
}
