//! The bytes of all bodies that are in memory at once, within one limit.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

/// Counts what is held, up to its limit.
#[derive(Debug)]
pub(in crate::web) struct InFlight {
    bytes: AtomicUsize,
    bytes_max: usize,
}

/// A part of the limit, given back when dropped.
#[derive(Debug)]
pub(in crate::web) struct Held {
    of: Arc<InFlight>,
    bytes: usize,
}

/// The limit is reached: try again later.
#[derive(Debug, PartialEq, Eq)]
pub(in crate::web) struct Full;

impl InFlight {
    pub fn up_to(bytes_max: usize) -> Arc<Self> {
        Arc::new(Self { bytes: AtomicUsize::new(0), bytes_max })
    }

    /// Holds nothing yet.
    pub fn hold(self: &Arc<Self>) -> Held {
        Held { of: self.clone(), bytes: 0 }
    }
}

impl Held {
    /// Holds `bytes` more.
    pub fn grow(&mut self, bytes: usize) -> Result<(), Full> {
        let fits = |held: usize| held.checked_add(bytes).filter(|sum| *sum <= self.of.bytes_max);
        self.of.bytes.fetch_update(Ordering::Relaxed, Ordering::Relaxed, fits).map_err(|_| Full)?;
        self.bytes += bytes;
        Ok(())
    }

    /// Gives back what is held beyond `bytes`.
    pub fn shrink_to(&mut self, bytes: usize) {
        let freed = self.bytes.saturating_sub(bytes);
        self.of.bytes.fetch_sub(freed, Ordering::Relaxed);
        self.bytes -= freed;
    }
}

impl Drop for Held {
    fn drop(&mut self) {
        self.shrink_to(0);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_held_never_passes_the_limit_and_comes_back() {
        let in_flight = InFlight::up_to(100);
        let (mut one, mut two) = (in_flight.hold(), in_flight.hold());
        assert_eq!(one.grow(60), Ok(()));
        assert_eq!(two.grow(41), Err(Full));
        assert_eq!(two.grow(usize::MAX), Err(Full));
        assert_eq!(two.grow(40), Ok(()));
        one.shrink_to(10);
        assert_eq!(two.grow(50), Ok(()));
        drop((one, two));
        assert_eq!(in_flight.hold().grow(100), Ok(()));
    }
}
