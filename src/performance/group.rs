//! What every state of counts and sums has in common: it adds and subtracts exactly, and becomes plain integers.

use crate::sketch::{Integers, Shape};

/// A state of integers that form a commutative group under addition, entry by entry.
///
/// States of one shape only: who adds two compares their rulers first.
pub trait Group: Clone {
    fn counts(&self) -> impl Iterator<Item = i64>;
    /// The same in the same order.
    fn counts_mut(&mut self) -> impl Iterator<Item = &mut i64>;
    fn sums(&self) -> impl Iterator<Item = i128>;
    /// The same in the same order.
    fn sums_mut(&mut self) -> impl Iterator<Item = &mut i128>;

    /// Adds what other rows of the same ruler gave.
    fn add(&mut self, other: &Self) {
        self.combine(other, i64::wrapping_add, i128::wrapping_add);
    }

    /// Takes out what was added: the exact inverse of [`Group::add`].
    fn subtract(&mut self, other: &Self) {
        self.combine(other, i64::wrapping_sub, i128::wrapping_sub);
    }

    fn combine(&mut self, other: &Self, narrow: fn(i64, i64) -> i64, wide: fn(i128, i128) -> i128) {
        let shapes = [self, other].map(|state| (state.counts().count(), state.sums().count()));
        assert_eq!(shapes[0], shapes[1], "states of one ruler have one shape");
        self.counts_mut().zip(other.counts()).for_each(|(a, b)| *a = narrow(*a, b));
        self.sums_mut().zip(other.sums()).for_each(|(a, b)| *a = wide(*a, b));
    }

    fn is_empty(&self) -> bool {
        self.counts().all(|count| count == 0) && self.sums().all(|sum| sum == 0)
    }

    /// As a tally holds them.
    fn integers(&self) -> Integers {
        Integers::of(self.counts().collect(), self.sums().collect())
    }

    /// The state that [`Group::integers`] was taken of, into an empty one of the same ruler; none where they are of another
    /// shape.
    fn of_integers(mut empty: Self, integers: &Integers) -> Option<Self> {
        let shape = Shape { counts: empty.counts().count(), sums: empty.sums().count() };
        if shape != integers.shape() {
            return None;
        }
        empty.counts_mut().zip(integers.counts()).for_each(|(mine, count)| *mine = count);
        empty.sums_mut().zip(integers.sums()).for_each(|(mine, sum)| *mine = sum);
        Some(empty)
    }
}
