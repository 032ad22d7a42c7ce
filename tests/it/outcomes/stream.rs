//! Rows of a model that knows its own chances: drawn by seed, with whatever change a test wants.

use std::sync::LazyLock;

use driftd::batch::{CodesBuilder, ColumnValues};
use driftd::domain::{ColumnId, Task};
use rand::rngs::StdRng;
use rand::{RngExt, SeedableRng};

use super::world::{Rows, World};

/// Rows of a pane.
pub const ROWS: usize = 500;
const REFERENCE_ROWS: usize = 20_000;

/// What rows are drawn from. As in the reference unless said otherwise.
#[derive(Debug, Clone, Copy)]
pub struct Truth {
    /// The spread of `x` about the middle, where the model is unsure: 1 is the reference's.
    pub spread: f64,
    /// The spread of `z`, which the model does not look at.
    pub spread_of_z: f64,
    /// The relation is flipped where `z` lies above this; 1 is nowhere.
    pub flipped_above: f64,
    /// The share of labels that fall by a coin.
    pub noise: f64,
    /// From which score on the region `b` is predicted positive.
    pub threshold_of_b: f64,
}

pub const QUIET: Truth =
    Truth { spread: 1.0, spread_of_z: 1.0, flipped_above: 1.0, noise: 0.0, threshold_of_b: 0.5 };
/// The same inputs, the relation flipped in half of the space.
pub const FLIPPED: Truth = Truth { flipped_above: 0.5, ..QUIET };
/// Inputs nearer to where the model is unsure, the relation as it was.
pub const HARDER: Truth = Truth { spread: 0.6, ..QUIET };

pub struct Stream(StdRng);

impl Stream {
    pub fn new(seed: u64) -> Self {
        Self(StdRng::seed_from_u64(seed))
    }

    /// Of a binary model: `x` is uniform, the chance of a positive is the logistic of 12 (x − ½), and that is the score.
    pub fn binary(&mut self, truth: Truth, count: usize) -> Rows {
        let [mut x, mut z, mut score] = [(); 3].map(|()| Vec::with_capacity(count));
        let [mut predicted, mut actual, mut region] = [(); 3].map(|()| CodesBuilder::default());
        let name = |positive: bool| if positive { "1" } else { "0" };
        for _ in 0..count {
            let at = 0.5 + (self.0.random::<f64>() - 0.5) * truth.spread;
            let beside = self.0.random::<f64>() * truth.spread_of_z;
            let in_b = self.0.random::<f64>() < 0.5;
            let chance = 1.0 / (1.0 + (-12.0 * (at - 0.5)).exp());
            let coin = self.0.random::<f64>() < truth.noise;
            let is_positive = self.0.random::<f64>() < if coin { 0.5 } else { chance };
            let threshold = if in_b { truth.threshold_of_b } else { 0.5 };
            x.push(at);
            z.push(beside);
            score.push(chance);
            predicted.push(name(chance >= threshold));
            actual.push(name(is_positive != (beside > truth.flipped_above)));
            region.push(if in_b { "b" } else { "a" });
        }
        Rows {
            columns: vec![
                (ColumnId::feature("x"), ColumnValues::Numeric(x)),
                (ColumnId::feature("z"), ColumnValues::Numeric(z)),
                (ColumnId::Score, ColumnValues::Numeric(score)),
                (ColumnId::Prediction, ColumnValues::Categorical(predicted.take())),
            ],
            labels: Some(ColumnValues::Categorical(actual.take())),
            region: Some(region.take()),
            count,
        }
    }

    /// Of a regression: the actual value lies about the predicted one by a uniform error, of at most `reach`.
    pub fn regression(&mut self, reach: f64, count: usize) -> Rows {
        let x: Vec<f64> = (0..count).map(|_| self.0.random()).collect();
        let predicted: Vec<f64> = x.iter().map(|x| 10_000.0 + 20_000.0 * x).collect();
        let actual = predicted.iter().map(|value| value + reach * (2.0 * self.0.random::<f64>() - 1.0));
        let labels = Some(ColumnValues::Numeric(actual.collect()));
        Rows {
            columns: vec![
                (ColumnId::feature("x"), ColumnValues::Numeric(x)),
                (ColumnId::Prediction, ColumnValues::Numeric(predicted)),
            ],
            labels,
            region: None,
            count,
        }
    }
}

/// With a quiet reference.
pub static WORLD: LazyLock<World> = LazyLock::new(|| biased(QUIET));

/// With a reference of this truth.
pub fn biased(truth: Truth) -> World {
    World::new(Task::Binary, Stream::new(1).binary(truth, REFERENCE_ROWS))
}

pub fn regression(reach: f64) -> World {
    World::new(Task::Regression, Stream::new(1).regression(reach, REFERENCE_ROWS))
}
