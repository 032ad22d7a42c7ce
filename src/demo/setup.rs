//! What the demo runs on: the bundled data and a config, in a folder.

use std::fs;
use std::net::SocketAddr;
use std::path::{Path, PathBuf};
use std::time::Duration;

use anyhow::Context;

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
    pub folder: PathBuf,
    /// Made for this run, so removed after it.
    temporary: bool,
}

impl Place {
    /// Writes data and config into `folder`, or into a new temporary one.
    pub fn make(folder: Option<PathBuf>, listen: &str, sink: SocketAddr) -> anyhow::Result<Self> {
        let temporary = folder.is_none();
        let folder = folder
            .unwrap_or_else(|| std::env::temp_dir().join(format!("driftd-demo-{}", std::process::id())));
        let place = Self { folder, temporary };
        let models = place.folder.join("models");
        fs::create_dir_all(&models).with_context(|| format!("cannot make {}", models.display()))?;
        write(&place.folder.join("reference.parquet"), REFERENCE)?;
        write(&place.analysis(), ANALYSIS)?;
        write(&place.labels(), LABELS)?;
        write(&models.join("car_loan.toml"), MODEL_CONFIG.as_bytes())?;
        let data = place.folder.join("data");
        let config = format!(
            "[server]\nlisten = {listen:?}\n\n[storage]\npath = {:?}\nreserve_bytes = \"16 MiB\"\n\n\
             [receivers.demo]\ntype = \"webhook\"\nurl = \"http://{sink}/hook\"\n\n\
             [[routes]]\nreceivers = [\"demo\"]\n\n\
             [targets.training]\ntype = \"webhook\"\nurl = \"http://{sink}/train\"\n",
            data.display().to_string()
        );
        write(&place.config(), config.as_bytes())?;
        Ok(place)
    }

    pub fn config(&self) -> PathBuf {
        self.folder.join("driftd.toml")
    }

    pub fn analysis(&self) -> PathBuf {
        self.folder.join("analysis.parquet")
    }

    pub fn labels(&self) -> PathBuf {
        self.folder.join("labels.parquet")
    }

    /// Removes what was made for this run.
    pub fn leave(&self) {
        if self.temporary
            && let Err(error) = fs::remove_dir_all(&self.folder)
        {
            tracing::warn!(%error, folder = %self.folder.display(), "the demo's folder stays");
        }
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

fn write(path: &Path, bytes: &[u8]) -> anyhow::Result<()> {
    fs::write(path, bytes).with_context(|| format!("cannot write {}", path.display()))
}
