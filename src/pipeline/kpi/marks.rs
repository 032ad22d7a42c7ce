//! How far KPIs are judged, as the store keeps it.

use std::collections::BTreeMap;

use jiff::civil::Date;
use serde::{Deserialize, Serialize};

use crate::domain::Timestamp;
use crate::kpi::{KpiId, UseCaseId};
use crate::store::StoreError;
use crate::verdict::Severity;

/// The marks of all KPIs, and the number of the state that the store holds.
#[derive(Debug, Clone, Default)]
pub struct Marks {
    pub revision: i64,
    pub of: BTreeMap<KpiId, Mark>,
    /// What was last told of the decision on each use case.
    pub reminded: BTreeMap<UseCaseId, Reminded>,
}

/// A decision that its owner was told of.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Reminded {
    pub date: Date,
    pub has_passed: bool,
}

/// As it is stored.
#[derive(Serialize, Deserialize)]
struct Stored {
    kpis: Vec<(KpiId, Mark)>,
    reminded: Vec<(UseCaseId, Reminded)>,
}

/// How far one KPI is judged.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct Mark {
    /// When it was first looked at, or its use case starts: from then on samples are waited for.
    pub since: Timestamp,
    /// Periods that end at or before this are judged.
    pub to: Timestamp,
    /// What the last judged period that could be computed was.
    pub alarm: Option<Severity>,
    pub stale: bool,
}

impl Marks {
    pub fn read(stored: Option<(i64, Vec<u8>)>) -> Result<Self, StoreError> {
        let Some((revision, body)) = stored else { return Ok(Self::default()) };
        let corrupt = |error| StoreError::Corrupt(format!("how far KPIs are judged: {error}"));
        let Stored { kpis, reminded } = serde_json::from_slice(&body).map_err(corrupt)?;
        Ok(Self { revision, of: kpis.into_iter().collect(), reminded: reminded.into_iter().collect() })
    }

    pub fn encode(&self) -> Vec<u8> {
        let stored = Stored {
            kpis: self.of.iter().map(|(id, mark)| (id.clone(), *mark)).collect(),
            reminded: self.reminded.iter().map(|(id, told)| (id.clone(), told.clone())).collect(),
        };
        serde_json::to_vec(&stored).expect("marks are plain JSON")
    }
}
