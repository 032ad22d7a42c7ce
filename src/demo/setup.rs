//! What the demo runs on: the bundled data and a config, in a folder.

use std::net::SocketAddr;
use std::path::PathBuf;
use std::time::Duration;

use super::folder::Folder;
use crate::domain::Task;
use crate::ingest::files::{Absent, Mapping};

/// The demo's model.
pub const MODEL: &str = "car_loan";

const REFERENCE: &[u8] = include_bytes!("data/car_loan_reference.parquet");
const LABELS: &[u8] = include_bytes!("data/car_loan_labels.parquet");
const ANALYSIS: &[u8] = include_bytes!("data/car_loan_analysis.parquet");

const MODEL_CONFIG: &str = r#"# Will the loan be repaid? 165 rows a day; windows of 7 days, judged every day.
id = "car_loan"
task = "binary"
clock = "replay"        # the data's own time: 2018 and 2019
idle_timeout = "3s"     # the last day closes soon after the last row
segments = { by = ["salary_range"] }

[reference]
data = "../reference.parquet"

[columns]
timestamp = "timestamp"
prediction = "y_pred"
score = "y_pred_proba"
actual = "repaid"

[labels]
wait = "30d"            # whether a loan is repaid is known a month later
ttl = "60d"

[retraining]
target = "training"
schedule = "off"        # drift decides here; "0 6 * * 1" would add Mondays at 6
window = "90d"
min_new_labels = 1000

[[windows]]
length = "7d"
pane = "1d"
lateness = "1h"
"#;

/// When it is known what became of a loan.
pub const KNOWN_AFTER: Duration = Duration::from_secs(30 * 86_400);

/// The demo's folder.
pub struct Place {
    pub folder: Folder,
}

impl Place {
    /// Writes data and config into `folder`, or into a new temporary one.
    pub fn make(folder: Option<PathBuf>, listen: &str, sink: SocketAddr) -> anyhow::Result<Self> {
        let place = Self { folder: Folder::make(folder)? };
        let folder = &place.folder;
        folder.write("reference.parquet", REFERENCE)?;
        folder.write("analysis.parquet", ANALYSIS)?;
        folder.write("labels.parquet", LABELS)?;
        folder.write("models/car_loan.toml", MODEL_CONFIG.as_bytes())?;
        let data = folder.path.join("data");
        let config = format!(
            "[server]\nlisten = {listen:?}\n\n[storage]\npath = {:?}\nreserve_bytes = \"16 MiB\"\n\n\
             [receivers.demo]\ntype = \"webhook\"\nurl = \"http://{sink}/hook\"\n\n\
             [[routes]]\nreceivers = [\"demo\"]\n\n\
             [targets.training]\ntype = \"webhook\"\nurl = \"http://{sink}/train\"\n",
            data.display().to_string()
        );
        folder.write("driftd.toml", config.as_bytes())?;
        Ok(place)
    }

    pub fn config(&self) -> PathBuf {
        self.folder.path.join("driftd.toml")
    }

    pub fn analysis(&self) -> PathBuf {
        self.folder.path.join("analysis.parquet")
    }

    pub fn labels(&self) -> PathBuf {
        self.folder.path.join("labels.parquet")
    }
}

/// The roles of the analysis file's columns.
pub fn mapping() -> Mapping {
    Mapping {
        task: Some(Task::Binary),
        prediction: Some("y_pred".to_owned()),
        scores: vec!["y_pred_proba".to_owned()],
        timestamp: Some("timestamp".to_owned()),
        id: Some("id".to_owned()),
        absent: Absent::PassedOver,
        ..Mapping::default()
    }
}

/// The roles of the labels' columns: what happened is read as predictions are.
pub fn labels_mapping() -> Mapping {
    Mapping {
        task: Some(Task::Binary),
        prediction: Some("repaid".to_owned()),
        id: Some("id".to_owned()),
        absent: Absent::PassedOver,
        ..Mapping::default()
    }
}
