//! The data directory: private to its owner, held by one process, with some of its disk kept in reserve.

use std::fs::{DirBuilder, File, OpenOptions, Permissions, TryLockError};
use std::io;
use std::os::unix::fs::{DirBuilderExt, OpenOptionsExt, PermissionsExt};
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

use crate::store::{StoreError, StoreSize};

/// How long a look at the free space holds.
const SPACE_CHECK_INTERVAL: Duration = Duration::from_secs(1);

/// Why a data directory cannot be used.
#[derive(Debug, thiserror::Error)]
pub enum OpenError {
    #[error("the data directory {path} cannot be used")]
    Directory { path: PathBuf, source: io::Error },
    #[error("the data directory {path} is in use by another driftd")]
    Locked { path: PathBuf },
    #[error(
        "the data directory was written by a newer driftd (schema {found}, this one knows {known}): start that one, or restore a backup"
    )]
    NewerSchema { found: i64, known: i64 },
    #[error("commit {expected} is missing from the log, {found} stands in its place")]
    Gap { expected: i64, found: i64 },
    #[error(transparent)]
    Store(#[from] StoreError),
}

impl From<rusqlite::Error> for OpenError {
    fn from(error: rusqlite::Error) -> Self {
        Self::Store(error.into())
    }
}

/// A data directory that this process holds; letting go of it unlocks it.
#[derive(Debug)]
pub(super) struct Directory {
    path: PathBuf,
    _lock: File,
}

impl Directory {
    /// Creates the directory (mode 0700) where it is missing, makes it private where it is not, and locks it.
    pub(super) fn hold(path: &Path) -> Result<Self, OpenError> {
        let lock =
            private_lock(path).map_err(|source| OpenError::Directory { path: path.to_owned(), source })?;
        match lock.try_lock() {
            Ok(()) => Ok(Self { path: path.to_owned(), _lock: lock }),
            Err(TryLockError::WouldBlock) => Err(OpenError::Locked { path: path.to_owned() }),
            Err(TryLockError::Error(source)) => Err(OpenError::Directory { path: path.to_owned(), source }),
        }
    }

    pub(super) fn database(&self) -> PathBuf {
        self.path.join("driftd.db")
    }

    /// Makes the names of new files durable.
    pub(super) fn sync(&self) -> Result<(), OpenError> {
        sync_directory(&self.path).map_err(|source| OpenError::Directory { path: self.path.clone(), source })
    }
}

fn private_lock(path: &Path) -> io::Result<File> {
    DirBuilder::new().recursive(true).mode(0o700).create(path)?;
    if path.metadata()?.permissions().mode() & 0o077 != 0 {
        std::fs::set_permissions(path, Permissions::from_mode(0o700))?;
    }
    // SQLite gives its log the mode of the database, so that is made first.
    private_file(&path.join("driftd.db"))?;
    private_file(&path.join("driftd.lock"))
}

/// Opens a file for writing, readable by its owner only where it is new.
fn private_file(path: &Path) -> io::Result<File> {
    OpenOptions::new().create(true).truncate(false).write(true).mode(0o600).open(path)
}

pub(super) fn sync_directory(path: &Path) -> io::Result<()> {
    File::open(path)?.sync_all()
}

/// Bytes of the database and its log, and what is left on their disk.
pub(super) fn size(database: &Path, keys_dropped: u64) -> Result<StoreSize, StoreError> {
    let bytes = |path: &Path| path.metadata().map_or(0, |metadata| metadata.len());
    Ok(StoreSize {
        database_bytes: bytes(database),
        log_bytes: bytes(&log_of(database)),
        free_bytes: free_bytes(database)?,
        keys_dropped,
    })
}

/// The write-ahead log that lies beside a database.
fn log_of(database: &Path) -> PathBuf {
    let mut name = database.as_os_str().to_owned();
    name.push("-wal");
    name.into()
}

fn free_bytes(path: &Path) -> Result<u64, StoreError> {
    let disk = rustix::fs::statvfs(path)
        .map_err(|error| StoreError::Unavailable(format!("free space is not known: {error}")))?;
    Ok(disk.f_bavail.saturating_mul(disk.f_frsize))
}

/// Refuses ingest while less than the reserve is left, so that folding and expiry can still make room.
#[derive(Debug)]
pub(super) struct Reserve {
    database: PathBuf,
    bytes: u64,
    seen: Option<(Instant, u64)>,
}

impl Reserve {
    pub(super) fn new(database: PathBuf, bytes: u64) -> Self {
        Self { database, bytes, seen: None }
    }

    /// Errors with [`StoreError::Full`] below the reserve. Looks at the disk once a second at most.
    pub(super) fn ensure(&mut self) -> Result<(), StoreError> {
        let free = match self.seen {
            Some((at, free)) if at.elapsed() < SPACE_CHECK_INTERVAL => free,
            _ => {
                let free = free_bytes(&self.database)?;
                self.seen = Some((Instant::now(), free));
                free
            }
        };
        match free < self.bytes {
            true => {
                Err(StoreError::Full(format!("{free} bytes are free, {} are kept in reserve", self.bytes)))
            }
            false => Ok(()),
        }
    }
}
