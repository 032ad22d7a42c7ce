//! What labels say: drift of concept and model, bias, and which of it explains what is seen.

mod bias;

mod car_loan;

mod drifts;

mod late;

mod stream;

mod versions;

mod wear;

mod world;
