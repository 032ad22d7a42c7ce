//! Realised performance: against scikit-learn, and at the edges.

mod golden;

mod metrics;
