//! The files of a directory of the config: each is a model, or a use case.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use super::document::Document;
use super::error::{ConfigError, Origin};
use super::table::Table;

/// How many files of what there may be, and the key that says so.
#[derive(Debug, Clone, Copy)]
pub(super) struct FilesMax {
    pub most: u64,
    pub of: &'static str,
    pub key: &'static str,
}

/// Which file has an id.
#[derive(Debug)]
pub(super) struct Owners<Id>(BTreeMap<Id, PathBuf>);

/// Reads the directory's `*.toml` in the order of their names; there are none where there is no directory. `read` takes a
/// file that is TOML, and says whether it could be read whole. Whether all of them could.
pub(super) fn read_each(
    directory: &Path,
    max: FilesMax,
    errors: &mut Vec<ConfigError>,
    mut read: impl FnMut(PathBuf, &Document, &mut Vec<ConfigError>) -> bool,
) -> bool {
    let paths = match toml_files(directory) {
        Ok(paths) => paths,
        Err(error) => {
            errors.push(unreadable(directory, &error));
            return false;
        }
    };
    let FilesMax { most, of, key } = max;
    if paths.len() as u64 > most {
        let message = format!("has {} {of}; at most {most} ({key})", paths.len());
        errors.push(of_file(directory, message));
    }
    let mut whole = true;
    for path in paths {
        let document = match std::fs::read_to_string(&path) {
            Ok(text) => Document::parse(&path, &text),
            Err(error) => Err(vec![unreadable(&path, &error)]),
        };
        whole &= match document {
            Ok(document) => read(path, &document, errors),
            Err(wrong) => {
                errors.extend(wrong);
                false
            }
        };
    }
    whole
}

impl<Id: Ord + Clone> Owners<Id> {
    pub const fn new() -> Self {
        Self(BTreeMap::new())
    }

    /// Whether the id is the file's; else the error says whose it is.
    pub fn claim(&mut self, id: &Id, path: &Path, table: &Table<'_>) -> bool {
        if let Some(owner) = self.0.get(id) {
            table.error("id", format!("is the id of {} too; ids differ", owner.display()));
            return false;
        }
        self.0.insert(id.clone(), path.to_owned());
        true
    }
}

fn toml_files(directory: &Path) -> std::io::Result<Vec<PathBuf>> {
    let entries = match std::fs::read_dir(directory) {
        Ok(entries) => entries,
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => return Ok(Vec::new()),
        Err(error) => return Err(error),
    };
    let mut paths = entries.map(|entry| Ok(entry?.path())).collect::<std::io::Result<Vec<_>>>()?;
    // A hidden file is an editor's, or Kubernetes' own link to the mounted volume.
    paths.retain(|path| {
        let hidden = path.file_name().is_some_and(|name| name.as_encoded_bytes().starts_with(b"."));
        !hidden && path.extension().is_some_and(|extension| extension == "toml")
    });
    paths.sort();
    Ok(paths)
}

pub(super) fn unreadable(path: &Path, error: &std::io::Error) -> ConfigError {
    of_file(path, format!("cannot be read: {error}"))
}

fn of_file(path: &Path, message: String) -> ConfigError {
    ConfigError {
        origin: Origin::File { path: path.to_owned(), line: None },
        key: String::new(),
        value: None,
        message,
    }
}
