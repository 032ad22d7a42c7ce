//! A record as integers, in a fixed order.

use super::{Record, Sides, State};
use crate::performance::group::Group;

impl<E: Group, O: Group> Group for Sides<E, O> {
    fn counts(&self) -> impl Iterator<Item = i64> {
        self.predicted.counts().chain(self.realised.counts()).chain(self.expected.counts())
    }

    fn counts_mut(&mut self) -> impl Iterator<Item = &mut i64> {
        let Self { predicted, realised, expected } = self;
        predicted.counts_mut().chain(realised.counts_mut()).chain(expected.counts_mut())
    }

    fn sums(&self) -> impl Iterator<Item = i128> {
        self.predicted.sums().chain(self.realised.sums()).chain(self.expected.sums())
    }

    fn sums_mut(&mut self) -> impl Iterator<Item = &mut i128> {
        let Self { predicted, realised, expected } = self;
        predicted.sums_mut().chain(realised.sums_mut()).chain(expected.sums_mut())
    }
}

impl Group for Record {
    fn counts(&self) -> impl Iterator<Item = i64> {
        let of_task: Box<dyn Iterator<Item = i64>> = match &self.state {
            State::Binary(sides) => Box::new(sides.counts()),
            State::Multiclass(sides) => Box::new(sides.counts()),
            State::Regression { sides, errors, actuals } => {
                Box::new(sides.counts().chain(errors.counts()).chain(actuals.iter().copied()))
            }
        };
        std::iter::once(self.predicted_rows).chain(self.lags.counts()).chain(of_task)
    }

    fn counts_mut(&mut self) -> impl Iterator<Item = &mut i64> {
        let of_task: Box<dyn Iterator<Item = &mut i64>> = match &mut self.state {
            State::Binary(sides) => Box::new(sides.counts_mut()),
            State::Multiclass(sides) => Box::new(sides.counts_mut()),
            State::Regression { sides, errors, actuals } => {
                Box::new(sides.counts_mut().chain(errors.counts_mut()).chain(actuals))
            }
        };
        std::iter::once(&mut self.predicted_rows).chain(self.lags.counts_mut()).chain(of_task)
    }

    fn sums(&self) -> impl Iterator<Item = i128> {
        let of_task: Box<dyn Iterator<Item = i128>> = match &self.state {
            State::Binary(sides) => Box::new(sides.sums()),
            State::Multiclass(sides) => Box::new(sides.sums()),
            State::Regression { sides, errors, .. } => Box::new(sides.sums().chain(errors.sums())),
        };
        of_task
    }

    fn sums_mut(&mut self) -> impl Iterator<Item = &mut i128> {
        let of_task: Box<dyn Iterator<Item = &mut i128>> = match &mut self.state {
            State::Binary(sides) => Box::new(sides.sums_mut()),
            State::Multiclass(sides) => Box::new(sides.sums_mut()),
            State::Regression { sides, errors, .. } => Box::new(sides.sums_mut().chain(errors.sums_mut())),
        };
        of_task
    }
}
