//! KPIs: what is sent or counted (streams), how it is read over calendar periods (definitions), and what follows.
//!
//! Like columns on grids, samples become states that add up: any period is a sum of panes, in any order, on any replica.

mod id;

mod unit;

mod calendar;

mod definition;

mod sample;

mod sparse;

mod newest;

mod sums;

mod histogram;

mod distinct;

mod answers;

mod slots;

mod state;

mod value;

mod quantity;

mod tokens;

mod formula;

mod catalogue;

mod catalogue_error;

mod check;

mod book;

mod judge;

pub mod families;

pub mod link;

pub use answers::Answers;
pub use book::{Book, StreamKey};
pub use calendar::{Calendar, CalendarPane, PaneUnit, Period, UnknownPeriod};
pub use catalogue::{Catalogue, Constant, Constants, Input, Stream};
pub use catalogue_error::CatalogueError;
pub use definition::{Bounds, Definition, Direction, Empty, Kind, Reading, Satisfied};
pub use distinct::Distinct;
pub use formula::{Formula, FormulaError, FormulaName};
pub use histogram::Histogram;
pub use id::{Family, KpiId, KpiName, UseCaseId};
pub use judge::{BoundsError, Status};
pub use newest::Newest;
pub use quantity::UnitClash;
pub use sample::{Outcome, Sample, SampleError, SampleValue, Sign};
pub use slots::Slots;
pub use state::{State, StateDecodeError, StateError, StateKind};
pub use sums::Sums;
pub use unit::{Unit, UnitError};
pub use value::{NotComputable, Value, read};
