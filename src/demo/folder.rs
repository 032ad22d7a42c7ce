//! Where a demo keeps its data and config.

use std::fs;
use std::path::{Path, PathBuf};

use anyhow::Context;

/// A folder, of the demo's own where none was given.
pub struct Folder {
    pub path: PathBuf,
    /// Made for this run, so removed after it.
    temporary: bool,
}

impl Folder {
    pub fn make(path: Option<PathBuf>) -> anyhow::Result<Self> {
        let temporary = path.is_none();
        let path =
            path.unwrap_or_else(|| std::env::temp_dir().join(format!("driftd-demo-{}", std::process::id())));
        fs::create_dir_all(&path).with_context(|| format!("cannot make {}", path.display()))?;
        Ok(Self { path, temporary })
    }

    /// Writes a file below it, with the folders on its way.
    pub fn write(&self, name: impl AsRef<Path>, bytes: &[u8]) -> anyhow::Result<()> {
        let path = self.path.join(name);
        if let Some(above) = path.parent() {
            fs::create_dir_all(above).with_context(|| format!("cannot make {}", above.display()))?;
        }
        fs::write(&path, bytes).with_context(|| format!("cannot write {}", path.display()))
    }

    /// Removes what was made for this run.
    pub fn leave(&self) {
        if self.temporary
            && let Err(error) = fs::remove_dir_all(&self.path)
        {
            tracing::warn!(%error, folder = %self.path.display(), "the demo's folder stays");
        }
    }
}
