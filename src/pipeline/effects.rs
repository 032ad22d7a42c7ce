//! Where judgements have effects.

use super::desk::IncidentDesk;
use super::kpi::Sampling;

/// Where judgements have effects.
pub struct Effects<'a, S> {
    pub desk: &'a IncidentDesk<S>,
    pub sampling: &'a Sampling,
}

impl<S> Clone for Effects<'_, S> {
    fn clone(&self) -> Self {
        *self
    }
}

impl<S> Copy for Effects<'_, S> {}
