//! Is the model still right? For its owner.

mod anomalies;

mod drift;

mod performance;

mod use_made;

use super::dashboard::{Dashboard, Level};
use super::variable::{METRIC, ONE_MODEL, SEGMENT, USE_CASES, VERSION, WINDOW};
use super::words::t;

pub fn dashboard() -> Dashboard {
    Dashboard {
        level: Level::Tactical,
        description: t(
            "One model: three drifts, what moved, realised beside estimated performance, adoption, \
                retraining, anomalies.",
            "Un modèle : trois dérives, ce qui a bougé, performance réalisée à côté de l’estimée, adoption, \
                réentraînement, anomalies.",
        ),
        from: "now-30d",
        variables: vec![ONE_MODEL, VERSION, WINDOW, SEGMENT, METRIC, USE_CASES],
        rows: vec![
            drift::drifts(),
            drift::features(),
            performance::performance(),
            performance::labels(),
            use_made::adoption(),
            use_made::retraining(),
            anomalies::anomalies(),
            anomalies::fairness(),
            performance::technical(),
        ],
    }
}
