//! `driftd demo --full`: its generator against the story, and the built binary to the end of the year.

mod generator;

mod run;

mod queries;
