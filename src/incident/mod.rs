//! Incidents: what is wrong, since when, who must act, by when.
//!
//! One pure function moves them: [`transition`] takes the incident of a key (or none), what came in (a verdict's alarm,
//! a report, a person, time) and the time, and gives the incident as it is then, what happened (its timeline) and what
//! follows for other incidents. No clock, no disk: the caller makes all of it durable in one transaction.
//!
//! Invariants: one incident that is not resolved for each [`IncidentKey`]; a severity never falls while it is open; the
//! SLA clock starts once, when the incident became critical, and neither a restart nor a reopening moves it; a breach
//! happens once; every change leaves an [`Entry`] with the next number.

mod kind;

mod key;

mod observation;

mod tags;

mod policy;

mod sla;

mod regulatory;

mod state;

mod entry;

mod input;

mod transition;

mod pass;

mod from_outcomes;

mod from_verdict;

pub use entry::{Entry, Happening};
pub use from_outcomes::calibration_moved;
pub use from_verdict::{inputs_of, inputs_of_outcomes, kind_of};
pub use input::{Input, Refused};
pub use key::{IncidentId, IncidentIdError, IncidentKey, SUBJECT_BYTES_MAX, Subject, SubjectError};
pub use kind::{IncidentKind, Role};
pub use observation::{MOVED_MAX, Observation, SUMMARY_BYTES_MAX};
pub use pass::next_due;
pub use policy::{Flapping, IncidentPolicy, SlaTargets};
pub use regulatory::{Basis, RegulatoryDeadline};
pub use sla::{SlaClock, SlaTarget};
pub use state::{Incident, Origin, Resolution, State};
pub use tags::{TAG_BYTES_MAX, TAGS_MAX, TagsError, check_tags};
pub use transition::{Follow, Outcome, transition};
