//! Where keys stand in their file, for what is found wrong with them later.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use super::document::join;
use super::error::{ConfigError, Origin};

/// The lines of a file's keys, by their path.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Places {
    path: PathBuf,
    lines: BTreeMap<String, usize>,
}

impl Places {
    pub(super) fn new(path: PathBuf, lines: BTreeMap<String, usize>) -> Self {
        Self { path, lines }
    }

    pub(super) fn path(&self) -> &Path {
        &self.path
    }

    /// Where the key stands; one that is left out: the nearest key above it.
    pub(super) fn of(&self, key: &str) -> Origin {
        let mut above = Some(key);
        while let Some(key) = above {
            if let Some(line) = self.lines.get(key) {
                return Origin::File { path: self.path.clone(), line: Some(*line) };
            }
            above = key.rfind(['.', '[']).map(|end| &key[..end]);
        }
        Origin::File { path: self.path.clone(), line: None }
    }

    /// What is wrong with a key, given by its path as [`key_of`] writes it, and what would be right.
    pub fn error(&self, key: &str, message: String) -> ConfigError {
        ConfigError { origin: self.of(key), key: key.to_owned(), value: None, message }
    }
}

/// The path of a key below tables of these names, quoted where TOML wants it.
///
/// ```
/// use driftd::config::key_of;
/// assert_eq!(key_of(&["features", "floor area", "kind"]), "features.\"floor area\".kind");
/// ```
pub fn key_of(names: &[&str]) -> String {
    names.iter().fold(String::new(), |parent, name| join(&parent, name))
}
