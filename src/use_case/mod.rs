//! The register of use cases, what each is worth, and the portfolio that they make.
//!
//! Values only: the register, the figures of its months and the states of its models come in as arguments, together
//! with the day on which they are looked at. Money is in one currency throughout.
//!
//! The way: [`UseCase`] and [`Facts`] → [`history`] (month by month) → [`Roi`], [`Hypothesis`], [`Curve`] →
//! [`Grid`] → [`Proposal`]: together an [`Assessment`]; all of them → [`Portfolio`].

mod scalar;

mod month;

mod reason;

mod cost;

mod score;

mod register;

mod figures;

mod roi;

mod hypothesis;

mod adoption;

mod time_to_value;

mod closing;

mod criteria;

mod proposal;

mod assess;

mod signs;

mod decisions;

mod indicators;

mod portfolio;

pub use adoption::{Curve, PERIODS_MAX, PERIODS_MIN, Trend, curve};
pub use assess::{Assessment, Facts, Rules, assess};
pub use closing::{Criterion, Finding, Grid, Horizons, Standing};
pub use cost::Costs;
pub use criteria::{Limits, Watched, WatchedStatus};
pub use decisions::{Decision, Due};
pub use figures::{
    Component, History, Line, MONTHS_MAX, MonthFigures, Outcome, RunCost, complete_months, history,
    since_start,
};
pub use hypothesis::{Expected, Hypothesis};
pub use indicators::{Group, Indicator};
pub use month::Month;
pub use portfolio::{Portfolio, PortfolioFacts, PortfolioPlan, SlaKept, portfolio};
pub use proposal::{Because, Phase, Proposal, Proposed, propose};
pub use reason::{Answer, Reason};
pub use register::{
    Audit, Category, Documentation, LIST_MAX, Rates, Register, RegisterStanding, Risk, UseCase,
};
pub use roi::{MONTHS_OF_MEAN, Roi, RoiAtSix, RoiPoint, TARGET_MONTH, WAY_MONTH};
pub use scalar::{Amount, Grade, Person, ScalarError, Share, Text};
pub use score::{Score, Scores, Weights};
pub use signs::{Evidence, Priority, Sign, SignId, SignState};
pub use time_to_value::{TimeToValue, time_to_value};
