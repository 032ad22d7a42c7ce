//! What the year runs on: config and references, in a folder.

use std::net::SocketAddr;
use std::path::PathBuf;

use super::generate::{Model, UseCase, Year};
use crate::demo::folder::Folder;

/// The demo's folder.
pub struct Place {
    pub folder: Folder,
}

impl Place {
    /// Writes config and references into `folder`, or into a new temporary one.
    pub fn make(folder: Option<PathBuf>, listen: &str, sink: SocketAddr, year: Year) -> anyhow::Result<Self> {
        let place = Self { folder: Folder::make(folder)? };
        let folder = &place.folder;
        for model in Model::ALL {
            let id = model.id();
            folder.write(format!("reference/{id}.ndjson"), year.reference(model).as_bytes())?;
            folder.write(format!("models/{id}.toml"), model.config().as_bytes())?;
        }
        for use_case in UseCase::ALL {
            folder.write(format!("use_cases/{}.toml", use_case.id()), use_case.config().as_bytes())?;
        }
        let data = folder.path.join("data").display().to_string();
        let main = include_str!("config/driftd.toml")
            .replace("\"@listen@\"", &format!("{listen:?}"))
            .replace("\"@data@\"", &format!("{data:?}"))
            .replace("@sink@", &sink.to_string());
        folder.write("driftd.toml", main.as_bytes())?;
        Ok(place)
    }

    pub fn config(&self) -> PathBuf {
        self.folder.path.join("driftd.toml")
    }
}

impl Model {
    const fn config(self) -> &'static str {
        match self {
            Self::ClaimsTriage => include_str!("config/models/claims_triage.toml"),
            Self::ClaimsAmount => include_str!("config/models/claims_amount.toml"),
            Self::Churn => include_str!("config/models/churn.toml"),
            Self::ContractRisk => include_str!("config/models/contract_risk.toml"),
        }
    }
}

impl UseCase {
    const fn config(self) -> &'static str {
        match self {
            Self::Claims => include_str!("config/use_cases/claims.toml"),
            Self::Retention => include_str!("config/use_cases/retention.toml"),
            Self::Contracts => include_str!("config/use_cases/contracts.toml"),
        }
    }
}
