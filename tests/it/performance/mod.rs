//! Realised and estimated performance, concept drift and fairness: against scikit-learn, NannyML and fairlearn, by laws, and
//! at the edges.

mod car_loan;

mod concept;

mod estimates;

mod fairness;

mod golden;

mod laws;

mod metrics;
