//! What rows say of how they were served.

/// How each row's request was served. Every vector has an entry a row; numbers are finite, [`crate::sketch::MISSING`]
/// where a row has none.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Operations {
    /// Milliseconds from the request to its answer.
    pub latency_ms: Vec<f64>,
    /// In the currency of whoever sends it.
    pub cost: Vec<f64>,
    pub cpu_seconds: Vec<f64>,
    pub gpu_seconds: Vec<f64>,
    /// Whether the request was not answered well; a row that does not say so was.
    pub failed: Vec<bool>,
    /// The bits of each user's hash ([`crate::domain::IdHasher::of_users`]).
    pub users: Vec<Option<u64>>,
}

impl Operations {
    pub fn rows(&self) -> usize {
        self.failed.len()
    }
}
