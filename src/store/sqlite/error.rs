//! What an error of SQLite means to the caller.

use rusqlite::ErrorCode;
use rusqlite::ffi::{SQLITE_IOERR_DIR_FSYNC, SQLITE_IOERR_FSYNC, SQLITE_IOERR_SHMSIZE};

use crate::store::StoreError;

impl From<rusqlite::Error> for StoreError {
    /// An error before COMMIT: the transaction rolls back and nothing has changed, unless a sync failed.
    fn from(error: rusqlite::Error) -> Self {
        let text = error.to_string();
        let rusqlite::Error::SqliteFailure(failure, _) = error else {
            return match error {
                rusqlite::Error::FromSqlConversionFailure(..)
                | rusqlite::Error::IntegralValueOutOfRange(..)
                | rusqlite::Error::InvalidColumnType(..)
                | rusqlite::Error::Utf8Error(..) => Self::Corrupt(text),
                _ => Self::Unavailable(text),
            };
        };
        match (failure.code, failure.extended_code) {
            (_, SQLITE_IOERR_FSYNC | SQLITE_IOERR_DIR_FSYNC) => Self::SyncFailed(text),
            // The log's index could not grow: the disk is full.
            (ErrorCode::DiskFull, _) | (_, SQLITE_IOERR_SHMSIZE) => Self::Full(text),
            // What must be there once is there: whoever wrote it was first.
            (ErrorCode::ConstraintViolation, _) => Self::Conflict(text),
            (ErrorCode::DatabaseCorrupt | ErrorCode::NotADatabase, _) => Self::Corrupt(text),
            _ => Self::Unavailable(text),
        }
    }
}

/// An error of COMMIT itself: where the disk failed, it is not known whether the frames will be found again.
pub(super) fn of_commit(error: rusqlite::Error) -> StoreError {
    let io = error.sqlite_error_code() == Some(ErrorCode::SystemIoFailure);
    match StoreError::from(error) {
        StoreError::Unavailable(text) if io => StoreError::SyncFailed(text),
        other => other,
    }
}

#[cfg(test)]
mod tests {
    use rusqlite::ffi;

    use super::*;

    fn failure(extended: i32) -> rusqlite::Error {
        rusqlite::Error::SqliteFailure(ffi::Error::new(extended), None)
    }

    #[test]
    fn a_failed_sync_is_told_apart_from_a_full_disk() {
        assert!(matches!(StoreError::from(failure(ffi::SQLITE_FULL)), StoreError::Full(_)));
        assert!(matches!(StoreError::from(failure(ffi::SQLITE_IOERR_FSYNC)), StoreError::SyncFailed(_)));
        assert!(matches!(StoreError::from(failure(ffi::SQLITE_IOERR_READ)), StoreError::Unavailable(_)));
        assert!(matches!(of_commit(failure(ffi::SQLITE_IOERR_WRITE)), StoreError::SyncFailed(_)));
        assert!(matches!(of_commit(failure(ffi::SQLITE_FULL)), StoreError::Full(_)));
        assert!(matches!(StoreError::from(failure(ffi::SQLITE_NOTADB)), StoreError::Corrupt(_)));
        assert!(matches!(StoreError::from(failure(ffi::SQLITE_BUSY)), StoreError::Unavailable(_)));
        assert!(matches!(StoreError::from(failure(ffi::SQLITE_CONSTRAINT_UNIQUE)), StoreError::Conflict(_)));
    }
}
