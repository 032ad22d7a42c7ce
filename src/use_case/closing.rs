//! The closing grid: four criteria, three horizons.

use serde::Serialize;

use super::reason::Reason;

/// How a criterion stands.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(tag = "standing", content = "reason", rename_all = "snake_case")]
pub enum Standing {
    Met,
    OnItsWay,
    Unknown(Reason),
    Missed,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Criterion {
    Technique,
    Roi,
    Adoption,
    Register,
}

/// A criterion's standing, and the figures that say so.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Finding {
    #[serde(flatten)]
    pub standing: Standing,
    pub words: String,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Grid {
    /// What is technical is in range.
    pub technique: Finding,
    /// ROI is at least 0, or on its way to it.
    pub roi: Finding,
    /// It is used, and its users are satisfied.
    pub adoption: Finding,
    /// The register and the audit are up to date.
    pub register: Finding,
}

/// The grid as three kinds of reader ask for it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Horizons {
    pub technical: Standing,
    pub business: Standing,
    /// The worse of adoption and register.
    pub organisational: Standing,
}

impl Standing {
    /// The worse of two: missed, then unknown, then on its way, then met; of two unknown ones the first.
    pub fn worse(self, other: Self) -> Self {
        if other.rank() > self.rank() { other } else { self }
    }

    pub const fn as_str(&self) -> &'static str {
        match self {
            Self::Met => "met",
            Self::OnItsWay => "on_its_way",
            Self::Unknown(_) => "unknown",
            Self::Missed => "missed",
        }
    }

    const fn rank(&self) -> u8 {
        match self {
            Self::Met => 0,
            Self::OnItsWay => 1,
            Self::Unknown(_) => 2,
            Self::Missed => 3,
        }
    }
}

impl Criterion {
    pub const ALL: [Self; 4] = [Self::Technique, Self::Roi, Self::Adoption, Self::Register];

    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Technique => "technique",
            Self::Roi => "roi",
            Self::Adoption => "adoption",
            Self::Register => "register",
        }
    }
}

impl Finding {
    pub(super) fn unknown(reason: Reason) -> Self {
        Self { words: reason.to_string(), standing: Standing::Unknown(reason) }
    }
}

impl Grid {
    pub fn of(&self, criterion: Criterion) -> &Finding {
        match criterion {
            Criterion::Technique => &self.technique,
            Criterion::Roi => &self.roi,
            Criterion::Adoption => &self.adoption,
            Criterion::Register => &self.register,
        }
    }

    pub fn horizons(&self) -> Horizons {
        Horizons {
            technical: self.technique.standing.clone(),
            business: self.roi.standing.clone(),
            organisational: self.adoption.standing.clone().worse(self.register.standing.clone()),
        }
    }
}
