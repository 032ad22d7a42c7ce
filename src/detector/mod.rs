//! Detectors that watch a stream of errors pane by pane and say when its level has changed.
//!
//! A detector is a small state stepped once over each closed pane with what the pane's rows add up to
//! ([`PaneErrors`]); replaying the same panes gives the same signals and the same bytes. [`Adwin`] is the one that
//! alarms may rest on; [`PageHinkley`], [`Ddm`] and [`HddmA`] advise: on quiet streams they fire too often for a
//! budget of false alarms.
//!
//! With panes of one row each fires at exactly the rows of River 0.26.1 (`drift.ADWIN`, `drift.PageHinkley`,
//! `drift.binary.DDM`, `drift.binary.HDDMA`). Having fired, a detector begins anew at its next step, as they do.

mod pane;

mod encode;

mod adwin;

mod page_hinkley;

mod ddm;

mod hddm_a;

pub use adwin::Adwin;
pub use ddm::Ddm;
pub use encode::DecodeError;
pub use hddm_a::HddmA;
pub use page_hinkley::PageHinkley;
pub use pane::PaneErrors;

/// What a detector says after a pane.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum Signal {
    Quiet,
    /// Past the level of warning (DDM and HDDM_A know one).
    Warning,
    /// The mean error was `before` and is `after`.
    Change {
        before: f64,
        after: f64,
    },
}
