//! The key that ids are hashed under: a file of the data directory, made at the first start.

use std::fs::{File, OpenOptions};
use std::io::{ErrorKind, Read, Write};
use std::os::unix::fs::OpenOptionsExt;
use std::path::Path;

use anyhow::{Context, bail};

use crate::domain::IdKey;

const NAME: &str = "id.key";

/// Reads the key of a data directory that this process holds, or makes one. A backup does not have it: whoever restores
/// one puts the file beside it, or labels no longer find the predictions that wait.
pub fn of(directory: &Path) -> anyhow::Result<IdKey> {
    let path = directory.join(NAME);
    match std::fs::read(&path) {
        Ok(bytes) => match bytes.try_into() {
            Ok(key) => Ok(IdKey(key)),
            Err(bytes) => bail!(
                "{}: has {} bytes, a key has 32; put the right file back, or remove it: then no label finds a prediction \
                 that waits",
                path.display(),
                bytes.len()
            ),
        },
        Err(error) if error.kind() == ErrorKind::NotFound => {
            make(directory, &path).with_context(|| format!("cannot make {}", path.display()))
        }
        Err(error) => Err(error).with_context(|| format!("cannot read {}", path.display())),
    }
}

/// Written beside and renamed, so that it is never half there.
fn make(directory: &Path, path: &Path) -> anyhow::Result<IdKey> {
    let mut key = [0; 32];
    File::open("/dev/urandom")?.read_exact(&mut key)?;
    let beside = directory.join(".id.key.new");
    let mut file = OpenOptions::new().create(true).truncate(true).write(true).mode(0o600).open(&beside)?;
    file.write_all(&key)?;
    file.sync_all()?;
    std::fs::rename(&beside, path)?;
    File::open(directory)?.sync_all()?;
    Ok(IdKey(key))
}

#[cfg(test)]
mod tests {
    use std::os::unix::fs::PermissionsExt;

    use super::*;

    #[test]
    fn it_is_made_once_and_private() {
        let directory = tempfile::tempdir().unwrap();
        let key = of(directory.path()).unwrap();
        assert!(of(directory.path()).unwrap() == key && key.0 != [0; 32]);
        let file = directory.path().join(NAME);
        assert_eq!(file.metadata().unwrap().permissions().mode() & 0o777, 0o600);
        std::fs::write(&file, b"short").unwrap();
        let error = of(directory.path()).unwrap_err().to_string();
        assert!(error.contains("has 5 bytes, a key has 32"), "{error}");
    }
}
