//! A copy of the whole store in one new file, as of one commit, while the store goes on.

use std::fs::OpenOptions;
use std::io;
use std::os::unix::fs::OpenOptionsExt;
use std::path::Path;

use rusqlite::Connection;

use super::directory::sync_directory;
use crate::store::StoreError;

/// Writes the copy (mode 0600) and syncs it. Refuses to overwrite; a copy that failed is removed.
pub(super) fn write(connection: &Connection, to: &Path) -> Result<(), StoreError> {
    let failed = |error: io::Error| match error.kind() {
        io::ErrorKind::StorageFull | io::ErrorKind::QuotaExceeded => StoreError::Full(error.to_string()),
        _ => StoreError::Unavailable(format!("the backup {} cannot be written: {error}", to.display())),
    };
    let text = to.to_str().ok_or_else(|| failed(io::Error::other("its path is not UTF-8")))?;
    let file = OpenOptions::new().write(true).create_new(true).mode(0o600).open(to).map_err(failed)?;
    let written = connection
        .execute("VACUUM INTO ?1", [text])
        .map_err(StoreError::from)
        .and_then(|_| file.sync_all().map_err(failed))
        .and_then(|()| sync_directory(parent(to)).map_err(failed));
    if written.is_err() {
        // The error that is told is the first one.
        let _ = std::fs::remove_file(to);
    }
    written
}

fn parent(path: &Path) -> &Path {
    match path.parent() {
        Some(parent) if parent != Path::new("") => parent,
        _ => Path::new("."),
    }
}
