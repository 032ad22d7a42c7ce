//! Reads one table of a document key by key: every error is kept, reading goes on with the default.
//!
//! Each key that is asked for is thereby known: what is left over when a table is done is an error, and what was
//! read is noted in order, so that the effective config can be printed without a second list of keys.

mod file;

use std::cell::{Cell, RefCell};
use std::collections::{BTreeMap, BTreeSet};
use std::ops::RangeInclusive;

use figment::value::{Dict, Value};

use super::document::{Document, join, quote_key};
use super::error::{ConfigError, Origin};
use super::nearest;
use super::setting::{Setting, shown};

static NOTHING: Dict = Dict::new();

/// The reading of one document: what was wrong and what was found.
pub(in crate::config) struct Reading<'a> {
    document: &'a Document,
    errors: RefCell<Vec<ConfigError>>,
    lines: RefCell<Vec<String>>,
    keys: RefCell<BTreeSet<String>>,
    values: RefCell<BTreeMap<String, String>>,
}

/// One table of the document. Leaves are read before tables below, as TOML wants them printed.
pub(in crate::config) struct Table<'a> {
    reading: &'a Reading<'a>,
    path: String,
    /// The path without places in lists, as headers of tables are written.
    header: String,
    entries: &'a Dict,
    known: RefCell<Vec<String>>,
    sound: Cell<bool>,
}

/// What a reading came to.
pub(in crate::config) struct Outcome {
    pub errors: Vec<ConfigError>,
    /// The effective config as TOML; secrets stand in comments, redacted.
    pub printed: String,
    /// Every key that was asked for, by path.
    pub keys: BTreeSet<String>,
    /// The value of each key that has one, by path, as TOML; without secrets.
    pub values: BTreeMap<String, String>,
}

impl<'a> Reading<'a> {
    pub(in crate::config) fn of(document: &'a Document) -> Self {
        Self {
            document,
            errors: RefCell::default(),
            lines: RefCell::default(),
            keys: RefCell::default(),
            values: RefCell::default(),
        }
    }

    /// Reads the whole document.
    pub(in crate::config) fn root<R>(&'a self, read: impl FnOnce(&Table<'a>) -> R) -> R {
        self.table(String::new(), String::new(), self.document.root(), read)
    }

    pub(in crate::config) fn finish(self) -> Outcome {
        let mut errors = self.errors.into_inner();
        errors.sort_by_key(|error| match &error.origin {
            Origin::Variable(_) => None,
            Origin::File { line, .. } => Some(line.unwrap_or(0)),
        });
        let mut printed = self.lines.into_inner().join("\n");
        printed.push('\n');
        Outcome { errors, printed, keys: self.keys.into_inner(), values: self.values.into_inner() }
    }

    fn table<R>(
        &'a self,
        path: String,
        header: String,
        entries: &'a Dict,
        read: impl FnOnce(&Table<'a>) -> R,
    ) -> R {
        let table =
            Table { reading: self, path, header, entries, known: RefCell::default(), sound: Cell::new(true) };
        let result = read(&table);
        table.refuse_unknown_keys();
        result
    }

    fn print(&self, line: String) {
        self.lines.borrow_mut().push(line);
    }
}

impl<'a> Table<'a> {
    /// The key's value, or `default` where it is missing or wrong.
    pub(in crate::config) fn read<T: Setting>(&self, key: &str, default: T) -> T {
        self.read_if(key, default, |_| Ok(()))
    }

    /// As [`Table::read`]; outside `range` is wrong.
    pub(in crate::config) fn read_within<T: Setting + PartialOrd>(
        &self,
        key: &str,
        default: T,
        range: RangeInclusive<T>,
    ) -> T {
        self.read_if(key, default, |value| within(value, &range))
    }

    /// As [`Table::read`]; wrong where `accept` says so.
    pub(in crate::config) fn read_if<T: Setting>(
        &self,
        key: &str,
        default: T,
        accept: impl Fn(&T) -> Result<(), String>,
    ) -> T {
        let value = self.lookup(key, |value| T::read(value).and_then(|v| accept(&v).map(|()| v)));
        let value = value.unwrap_or(default);
        self.print_key(key, &value.to_toml());
        value
    }

    /// The key's value, if there is one.
    pub(in crate::config) fn optional<T: Setting>(&self, key: &str) -> Option<T> {
        self.optional_if(key, |_| Ok(()))
    }

    /// As [`Table::optional`]; wrong where `accept` says so.
    pub(in crate::config) fn optional_if<T: Setting>(
        &self,
        key: &str,
        accept: impl Fn(&T) -> Result<(), String>,
    ) -> Option<T> {
        let value = self.lookup(key, |value| T::read(value).and_then(|v| accept(&v).map(|()| v)))?;
        self.print_key(key, &value.to_toml());
        Some(value)
    }

    /// One of `words`, or `default`; `what` names them in errors.
    pub(in crate::config) fn choice<T: Copy + PartialEq>(
        &self,
        key: &str,
        what: &str,
        default: T,
        words: &[(&str, T)],
    ) -> T {
        match self.optional_choice(key, what, words) {
            Some(chosen) => chosen,
            None => {
                if let Some((word, _)) = words.iter().find(|(_, value)| *value == default) {
                    self.print_key(key, &(*word).to_owned().to_toml());
                }
                default
            }
        }
    }

    /// One of `words`, if any is given.
    pub(in crate::config) fn optional_choice<T: Copy>(
        &self,
        key: &str,
        what: &str,
        words: &[(&str, T)],
    ) -> Option<T> {
        let (word, chosen) = self.lookup(key, |value| {
            words.iter().find(|(word, _)| value.as_str() == Some(word)).copied().ok_or_else(|| {
                let all: Vec<_> = words.iter().map(|(word, _)| *word).collect();
                format!("is no {what}; one of {}", all.join(", "))
            })
        })?;
        self.print_key(key, &word.to_owned().to_toml());
        Some(chosen)
    }

    /// The table at `key`, empty where it is missing.
    pub(in crate::config) fn section<R>(&self, key: &str, read: impl FnOnce(&Table<'a>) -> R) -> R {
        self.know(key);
        let path = join(&self.path, key);
        let entries = match self.entries.get(key) {
            Some(Value::Dict(_, entries)) => entries,
            Some(_) => {
                // Without its value, which may hold a secret.
                let origin = self.reading.document.origin(&path, self.entries.get(key));
                let message = format!("is no table; write its keys below [{path}]");
                self.push(origin, path.clone(), None, message);
                &NOTHING
            }
            None => &NOTHING,
        };
        let header = join(&self.header, key);
        self.reading.print(format!("\n[{header}]"));
        self.reading.table(path, header, entries, read)
    }

    /// The table at `key`, if there is one.
    pub(in crate::config) fn optional_section<R>(
        &self,
        key: &str,
        read: impl FnOnce(&Table<'a>) -> R,
    ) -> Option<R> {
        self.know(key);
        self.has(key).then(|| self.section(key, read))
    }

    /// Every table of the list at `key`; where it is missing or wrong, one empty table.
    pub(in crate::config) fn list<R>(&self, key: &str, read: impl FnMut(&Table<'a>) -> R) -> Vec<R> {
        let dicts = self.tables_of(key, "nothing for the default");
        self.read_each(key, dicts.unwrap_or_else(|| vec![&NOTHING]), read)
    }

    /// Every table of the list at `key`; none where it is missing or wrong.
    pub(in crate::config) fn tables<R>(&self, key: &str, read: impl FnMut(&Table<'a>) -> R) -> Vec<R> {
        let dicts = self.tables_of(key, "nothing for none");
        self.read_each(key, dicts.unwrap_or_default(), read)
    }

    fn tables_of(&self, key: &str, otherwise: &str) -> Option<Vec<&'a Dict>> {
        self.know(key);
        let path = join(&self.header, key);
        let dicts = self.entries.get(key).and_then(|value| {
            let dicts: Option<Vec<_>> = value.as_array()?.iter().map(Value::as_dict).collect();
            dicts.filter(|dicts| !dicts.is_empty())
        });
        if self.has(key) && dicts.is_none() {
            self.error(key, format!("is no list of tables; write [[{path}]] above each, or {otherwise}"));
        }
        dicts
    }

    fn read_each<R>(&self, key: &str, dicts: Vec<&'a Dict>, mut read: impl FnMut(&Table<'a>) -> R) -> Vec<R> {
        let (path, header) = (join(&self.path, key), join(&self.header, key));
        let mut results = Vec::new();
        for (index, entries) in dicts.into_iter().enumerate() {
            self.reading.print(format!("\n[[{header}]]"));
            let path = format!("{path}[{index}]");
            results.push(self.reading.table(path, header.clone(), entries, &mut read));
        }
        results
    }

    /// The table at `key`, whose keys are names of the user's choice with a table each.
    pub(in crate::config) fn named<R>(
        &self,
        key: &str,
        mut read: impl FnMut(&Table<'a>, &str) -> R,
    ) -> Vec<R> {
        let tables = self.optional_section(key, |table| {
            table.entries.keys().map(|name| table.section(name, |entry| read(entry, name))).collect()
        });
        tables.unwrap_or_default()
    }

    /// Every table that no key asked for so far names: names of the user's choice beside keys of the table's own.
    pub(in crate::config) fn others<R>(&self, mut read: impl FnMut(&Table<'a>, &str) -> R) -> Vec<R> {
        let known = self.known.borrow().clone();
        let tables =
            self.entries.iter().filter(|(key, value)| value.as_dict().is_some() && !known.contains(key));
        let names: Vec<&String> = tables.map(|(key, _)| key).collect();
        names.into_iter().map(|name| self.section(name, |entry| read(entry, name))).collect()
    }

    /// Takes all that is left in the table for known: an error says already why it means nothing.
    pub(in crate::config) fn pass_over(&self) {
        self.known.borrow_mut().extend(self.entries.keys().cloned());
    }

    /// Whether the key is given, right or wrong.
    pub(in crate::config) fn has(&self, key: &str) -> bool {
        self.entries.contains_key(key)
    }

    /// Whether no error was found in this table so far: contradictions are looked for only then.
    pub(in crate::config) fn is_sound(&self) -> bool {
        self.sound.get()
    }

    /// Whether no error was found below a key.
    pub(in crate::config) fn is_sound_below(&self, key: &str) -> bool {
        let path = join(&self.path, key);
        let is_below = |error: &ConfigError| {
            error.key.strip_prefix(&path).is_some_and(|rest| rest.starts_with(['.', '[']))
        };
        !self.reading.errors.borrow().iter().any(is_below)
    }

    /// An error at `key`, or at the table itself where `key` is empty.
    pub(in crate::config) fn error(&self, key: &str, message: impl Into<String>) {
        let path = if key.is_empty() { self.path.clone() } else { join(&self.path, key) };
        let value = self.entries.get(key);
        let origin = self.reading.document.origin(&path, value);
        self.push(origin, path, value.map(shown), message.into());
    }

    fn push(&self, origin: Origin, key: String, value: Option<String>, message: String) {
        self.sound.set(false);
        self.reading.errors.borrow_mut().push(ConfigError { origin, key, value, message });
    }

    fn lookup<T>(&self, key: &str, read: impl Fn(&Value) -> Result<T, String>) -> Option<T> {
        self.know(key);
        let value = self.entries.get(key)?;
        let result = match (read(value), value) {
            // A variable is text: where text is wrong, it may be a number, a truth value or a list in text.
            (Err(_), Value::String(_, text)) if self.reading.document.is_variable(value) => {
                read(&text.parse().unwrap_or_else(|never: std::convert::Infallible| match never {}))
            }
            (result, _) => result,
        };
        result.map_err(|message| self.error(key, message)).ok()
    }

    fn know(&self, key: &str) {
        self.known.borrow_mut().push(key.to_owned());
        self.reading.keys.borrow_mut().insert(join(&self.path, key));
    }

    fn print_key(&self, key: &str, toml: &str) {
        self.reading.print(format!("{} = {toml}", quote_key(key)));
        self.reading.values.borrow_mut().insert(join(&self.path, key), toml.to_owned());
    }

    fn refuse_unknown_keys(&self) {
        let known = self.known.borrow();
        for (key, value) in self.entries {
            if known.contains(key) {
                continue;
            }
            let message = match nearest(key, known.iter().map(String::as_str)) {
                Some(near) => {
                    self.forgive_absence(near);
                    format!("is no key here; did you mean `{near}`?")
                }
                None => format!("is no key here; the keys are {}", known.join(", ")),
            };
            // The value is left out: it may be a secret under a misspelt name.
            let path = join(&self.path, key);
            self.push(self.reading.document.origin(&path, Some(value)), path, None, message);
        }
    }
}

impl Table<'_> {
    /// Forgets what was said of a key that is not there: it is misspelt, and that is one mistake.
    fn forgive_absence(&self, key: &str) {
        if !self.entries.contains_key(key) {
            let path = join(&self.path, key);
            self.reading.errors.borrow_mut().retain(|error| error.key != path);
        }
    }
}

fn within<T: Setting + PartialOrd>(value: &T, range: &RangeInclusive<T>) -> Result<(), String> {
    if range.contains(value) {
        return Ok(());
    }
    let text = |bound: &T| bound.to_toml().trim_matches('"').to_owned();
    Err(format!("is out of range; from {} to {}", text(range.start()), text(range.end())))
}
