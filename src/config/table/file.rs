//! Keys that name files, and secrets, which come from a file or a variable.

use std::path::PathBuf;

use figment::value::Value;
use secrecy::SecretString;

use super::Table;
use crate::config::document::{join, variable_name};
use crate::config::setting::Setting;

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
        self.secret_as(key, |secret| match secret.chars().count() < chars_min {
            true => Err(format!("is too short a secret; at least {chars_min} characters")),
            false => Ok(secret.into()),
        })
    }

    /// As [`Table::secret`], read as what it must be; the words of `read` must not hold it.
    pub(in crate::config) fn secret_as<T>(
        &self,
        key: &str,
        read: impl FnOnce(&str) -> Result<T, String>,
    ) -> Option<T> {
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
        match read(&secret) {
            Ok(secret) => Some(secret),
            Err(message) => {
                let path = join(&self.path, at);
                let origin = self.reading.document.origin(&path, self.entries.get(at));
                self.push(origin, path, None, message);
                None
            }
        }
    }

    /// An error at a secret, wherever it came from. Its value is not shown.
    pub(in crate::config) fn secret_error(&self, key: &str, message: impl Into<String>) {
        let file_key = format!("{key}_file");
        let at = if self.has(key) { key } else { &file_key };
        let path = join(&self.path, at);
        let origin = self.reading.document.origin(&path, self.entries.get(at));
        self.push(origin, path, None, message.into());
    }

    /// As [`Table::secret_as`] for what may be secret: it may stand in the config too. No error shows it.
    pub(in crate::config) fn perhaps_secret_as<T>(
        &self,
        key: &str,
        read: impl Fn(&str) -> Result<T, String>,
    ) -> Option<T> {
        let given = self.entries.get(key).filter(|value| !self.reading.document.is_variable(value));
        let Some(value) = given else { return self.secret_as(key, read) };
        self.know(key);
        let file_key = format!("{key}_file");
        if self.file(&file_key).is_some() {
            self.error(&file_key, format!("is given twice; drop it or {key}"));
            return None;
        }
        match String::read(value).and_then(|text| Ok((read(&text)?, text))) {
            Ok((read, text)) => {
                self.print_key(key, &text.to_toml());
                Some(read)
            }
            Err(message) => {
                let path = join(&self.path, key);
                self.push(self.reading.document.origin(&path, Some(value)), path, None, message);
                None
            }
        }
    }

    /// A text from the key itself or from the file that `<key>_file` names.
    pub(in crate::config) fn text_or_file(&self, key: &str) -> Option<String> {
        let file_key = format!("{key}_file");
        let (text, file) = (self.optional::<String>(key), self.file(&file_key));
        if text.is_some() && file.is_some() {
            self.error(&file_key, format!("is given twice; drop it or {key}"));
            return None;
        }
        let Some(file) = file else { return text };
        match std::fs::read_to_string(&file) {
            Ok(text) => Some(text),
            Err(error) => {
                self.error(&file_key, format!("cannot be read: {error}"));
                None
            }
        }
    }
}
