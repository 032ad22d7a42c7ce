//! Does it run? For those on call.

mod daemon;

mod duty;

mod service;

use super::dashboard::{Dashboard, Level};
use super::panel::Link;
use super::variable::MODELS;
use super::words::t;

const TO_MODEL: Link =
    Link { to: Level::Tactical, title: t("Look into this model", "Examiner ce modèle"), label: "model" };

pub fn dashboard() -> Dashboard {
    Dashboard {
        level: Level::Operational,
        description: t(
            "Availability, latency, traffic, ingest, freshness, incidents and notifications, and driftd \
                itself.",
            "Disponibilité, latence, trafic, ingestion, fraîcheur, incidents et notifications, et driftd \
                lui-même.",
        ),
        from: "now-24h",
        variables: vec![MODELS],
        rows: vec![
            duty::now(),
            service::service(),
            service::ingest(),
            service::freshness(),
            duty::incidents(),
            duty::notifications(),
            daemon::daemon(),
        ],
    }
}
