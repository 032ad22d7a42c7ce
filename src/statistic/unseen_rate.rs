//! Categories that the reference does not know.

use super::{Computed, Outcome, Reason, fisher};
use crate::sketch::{CategoricalCounts, CategoricalGrid};

/// The share of values whose category the reference never held (its own share is 0 by construction).
///
/// 0 … 1; 0 when every category is known. Fisher's exact test of unseen/N against the reference's 0/R, exact from one
/// row on (one row in 1,000 against 50,000 gives p = 0.02; z and X² would say 1e-9 and less).
/// [`Reason::HighCardinality`] where the grid cannot tell a new name from a rare one. A boolean grid names both values
/// whatever the reference held: one that it never held is unseen too. Both sides hold values (`compute` sees to it).
pub(super) fn unseen_rate(
    grid: &CategoricalGrid,
    reference: &CategoricalCounts,
    current: &CategoricalCounts,
    [present_r, present_c]: [i64; 2],
) -> Outcome {
    if grid.is_open() {
        return Outcome::NotComputable(Reason::HighCardinality);
    }
    let never_held = |(&r, &c): (&i64, &i64)| if r <= 0 { c.max(0) } else { 0 };
    let boolean: i64 = match grid.is_boolean() {
        true => reference.named.iter().zip(&current.named).map(never_held).sum(),
        false => 0,
    };
    let unseen = current.unseen.max(0) + boolean;
    // A reference other than the grid's own may hold unseen categories itself.
    let unseen_r = reference.unseen.max(0);
    let value = unseen as f64 / present_c as f64 - unseen_r as f64 / present_r as f64;
    Outcome::Computed(Computed {
        test: Some(fisher::of_shares(unseen, present_c, unseen_r, present_r)),
        ..Computed::plain(value, present_r, present_c)
    })
}
