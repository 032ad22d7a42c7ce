//! Keys that name files, and secrets, which come from a file or a variable.

use std::path::PathBuf;

use figment::value::Value;
use secrecy::SecretString;

use super::Table;
use crate::config::document::{join, variable_name};

impl Table<'_> {
    /// A file that must exist; a relative path starts at the config file's directory, one from a variable at the
    /// working directory.
    pub(in crate::config) fn file(&self, key: &str) -> Option<PathBuf> {
        let from_file = self.entries.get(key).is_some_and(|value| !self.reading.document.is_variable(value));
        let directory = self.reading.document.path().parent().filter(|_| from_file);
        let resolve = |path: &str| directory.map_or_else(|| PathBuf::from(path), |at| at.join(path));
        let path = self.optional_if::<String>(key, |path| {
            if resolve(path).is_file() {
                return Ok(());
            }
            let base = if from_file { "this file's directory" } else { "the working directory" };
            Err(format!("is no file; a relative path starts at {base}"))
        })?;
        Some(resolve(&path))
    }

    /// A secret from the variable of this key or from the file that `<key>_file` names; never from the config.
    pub(in crate::config) fn secret(&self, key: &str, chars_min: usize) -> Option<SecretString> {
        let file_key = format!("{key}_file");
        self.know(key);
        let given = self.entries.get(key);
        let file = self.file(&file_key);
        let path = join(&self.path, key);
        if let Some(value) = given.filter(|value| !self.reading.document.is_variable(value)) {
            let variable = variable_name(&path);
            let message = format!("is a secret and may not stand here; give {file_key} or set {variable}");
            self.push(self.reading.document.origin(&path, Some(value)), path, None, message);
            return None;
        }
        let (at, secret) = match (given.and_then(Value::as_str), file) {
            (Some(_), Some(_)) => {
                self.error(&file_key, format!("is given twice; drop it or {}", variable_name(&path)));
                return None;
            }
            (Some(secret), None) => (key, secret.to_owned()),
            (None, Some(file)) => match std::fs::read_to_string(&file) {
                Ok(text) => (file_key.as_str(), text.trim_end().to_owned()),
                Err(error) => {
                    self.error(&file_key, format!("cannot be read: {error}"));
                    return None;
                }
            },
            (None, None) => return None,
        };
        self.reading.print(format!("# {key} = [redacted]"));
        if secret.chars().count() < chars_min {
            let path = join(&self.path, at);
            let origin = self.reading.document.origin(&path, self.entries.get(at));
            self.push(origin, path, None, format!("is too short a secret; at least {chars_min} characters"));
            return None;
        }
        Some(secret.into())
    }
}
