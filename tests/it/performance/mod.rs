//! Realised and estimated performance and concept drift: against scikit-learn and NannyML, by laws, and at the edges.

mod car_loan;

mod concept;

mod estimates;

mod golden;

mod laws;

mod metrics;
