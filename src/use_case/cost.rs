//! The total cost of ownership, as planned.

use serde::{Deserialize, Serialize};

use super::scalar::Amount;

/// What a use case is planned to cost over its first 12 months, by component; those that are not named cost
/// nothing.
#[derive(Debug, Clone, Copy, PartialEq, Default, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Costs {
    pub integration: Amount,
    pub data: Amount,
    pub evaluation: Amount,
    pub security: Amount,
    pub training: Amount,
    /// Of 12 months of running it; the others are spent once, at the start.
    pub run: Amount,
}

impl Costs {
    /// Months that a plan is over.
    pub const MONTHS: u32 = 12;

    /// What is spent at the start: integration + data + evaluation + security + training.
    pub fn one_off(&self) -> f64 {
        [self.integration, self.data, self.evaluation, self.security, self.training]
            .iter()
            .map(|amount| amount.get())
            .sum()
    }

    /// The planned cost of running it for a month: run / 12.
    pub fn run_per_month(&self) -> f64 {
        self.run.get() / f64::from(Self::MONTHS)
    }

    /// The whole of the 12 months: one-off + run.
    pub fn total(&self) -> f64 {
        self.one_off() + self.run.get()
    }
}
