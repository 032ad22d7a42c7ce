//! Event time cut into panes, and windows as sums of them.
//!
//! Invariants: a window's counts depend only on the rows that were counted, not on their order, on eviction or on
//! how the sum was come by; the watermark never goes back; a pane, once closed, stays closed: what still arrives
//! for it makes a new revision.

mod watermark;

mod ranges;

mod lane;

mod dense;

mod foreign;

mod panes;

mod sliding;

mod totals;

pub use panes::{Applied, BookError, Late, Missing, PaneBook, Stale, Unavailable};
pub use ranges::{Back, aligned_ends, fall_on_panes, reference_range};
pub use totals::{CountedRows, Totals};
pub use watermark::{ClockMode, Watermark, WatermarkOptions};
