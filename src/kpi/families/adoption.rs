//! Is the use case used?

use super::{Line, Of, Ready, kpi_name, unit};
use crate::kpi::calendar::Period;
use crate::kpi::catalogue::Constant;
use crate::kpi::definition::{Definition, Direction, Empty, Reading, Satisfied};
use crate::kpi::id::{Family, UseCaseId};

/// The stream of uses, each by a user.
const ACTIVE_USERS: &str = "active_users";

/// How a use case's adoption is read.
#[derive(Debug, Clone, PartialEq)]
pub struct AdoptionOptions {
    pub period: Period,
    /// Who it is for; without it there is no `usage_rate`.
    pub targeted_users: Option<u64>,
    pub satisfied: Satisfied,
    /// The attribute that uses and answers are also counted by (`team`), if any.
    pub by: Option<Box<str>>,
}

impl AdoptionOptions {
    /// Answers from 1 to 5, of which 4 and 5 are satisfied.
    pub const SATISFIED: Satisfied = Satisfied { lowest: 1, highest: 5, from: 4 };
}

/// The KPIs of a use case's adoption.
///
/// | KPI | value |
/// |---|---|
/// | `active_users` | different users; a period without a use is not known |
/// | `usage_rate` | active users / targeted users |
/// | `frequency` | uses for each active user |
/// | `satisfaction` | satisfied answers / answers |
pub fn adoption(use_case: &UseCaseId, options: &AdoptionOptions) -> Ready {
    let of = Of { use_case: Some(use_case), model: None, family: Family::Adoption, period: options.period };
    let line =
        |name, unit, description| Line { name, unit, direction: Direction::HigherIsBetter, description };
    let counted = |line, stream, reading| -> Definition {
        Definition { by: options.by.clone(), ..of.counted(line, stream, reading) }
    };
    let mut definitions = vec![
        counted(
            line(ACTIVE_USERS, unit("user"), "Different users"),
            ACTIVE_USERS,
            Reading::Distinct { empty: Empty::Unknown },
        ),
        counted(
            line("frequency", unit("use/user"), "Uses for each active user"),
            ACTIVE_USERS,
            Reading::Frequency,
        ),
        counted(
            line("satisfaction", unit("ratio"), "Share of the answers that are satisfied"),
            "satisfaction",
            Reading::Satisfaction(options.satisfied),
        ),
    ];
    let mut constants = Vec::new();
    if let Some(targeted) = options.targeted_users {
        let constant = Constant { value: targeted as f64, unit: unit("user") };
        constants.push((kpi_name("targeted_users"), constant));
        let line = line("usage_rate", unit("ratio"), "Share of the targeted users who use it");
        // Not by the attribute: how many users of a team are targeted is not known.
        definitions.push(of.computed(line, "active_users / targeted_users"));
    }
    Ready { definitions, constants }
}
