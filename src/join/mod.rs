//! Predictions and labels, joined by their id in whatever order they come.
//!
//! A batch's rows leave *halves* behind: of a prediction what its outcome needs ([`PredictionHalf`]), of a label its
//! value ([`LabelHalf`]), both under a keyed hash of the id. Halves are appended to the log with the commit that they
//! came in ([`Halves::encode`]); one reader of the log gives them to a [`JoinIndex`], which answers with [`Change`]s:
//! outcomes that come into the pane of their prediction or are taken back out of it.
//!
//! Invariants:
//! - Whatever the order and grouping in which halves come within their lives, the changes add up to the same: each
//!   prediction with the largest label of its id (unless it was made after that label's life).
//! - What is removed was added, with the same values: a removal subtracts exactly.
//! - The index is a function of the commits given, in order, with their watermarks; a replay makes the same one and
//!   emits the same. So does one without the commits that are older than [`log_kept`], from then on; only
//!   the counts of what ended may come with other commits ([`ending`]).
//! - A commit's work is bounded by its halves and one shard of the slots, whatever ended or fell out.
//! - Memory is bounded by `slots_max`. Past it ids above a falling threshold are left out, predictions and labels
//!   alike; those of panes that still live are taken out too.
//!
//! Decisions: predictions and labels lie in tables of their own, so that what waits takes one slot of 24 bytes and
//! only a pair takes two. Predictions of one id by several versions (a challenger beside the champion) each have
//! their outcome. Instants are kept in milliseconds.

mod facts;

mod half;

mod encode;

mod change;

mod sample;

mod table;

mod contexts;

mod slot;

mod index;

mod ending;

pub use change::{Change, JoinCounts, Sign};
pub use encode::HalvesDecodeError;
pub use facts::Facts;
pub use half::{Halves, Label, LabelHalf, LabelValue, Millis, Origin, PredictionHalf};
pub use index::{JoinIndex, JoinOptions, log_kept};
pub use sample::Sample;
