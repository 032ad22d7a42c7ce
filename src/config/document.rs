//! One file of the config as figment values that know where they come from: a line of the file or a variable.

use std::collections::BTreeMap;
use std::path::Path;

use figment::value::{Dict, Map, Num, Tag, Value};
use figment::{Figment, Metadata, Profile, Provider};
use toml::de::{DeTable, DeValue};

use super::error::{ConfigError, Origin};
use super::place::Places;

/// Variables of this prefix with a `__` in them override the main file.
///
/// Those without `__` are left alone: they are for the command line, and a Kubernetes service called `driftd`
/// sets `DRIFTD_SERVICE_HOST`, `DRIFTD_PORT` and more of the kind.
const PREFIX: &str = "DRIFTD_";

/// A file, parsed, with the variables laid over it.
/// What is said of a key that is there before.
const DUPLICATE: &str = "is no TOML: duplicate key";

pub(super) struct Document {
    places: Places,
    figment: Figment,
    root: Dict,
}

impl Document {
    /// The file's text without variables; else every syntax error in it.
    pub(super) fn parse(path: &Path, text: &str) -> Result<Self, Vec<ConfigError>> {
        Self::with_variables(path, text, &[])
    }

    /// The file's text with variables (name, value) over it; else every syntax error in both.
    pub(super) fn with_variables(
        path: &Path,
        text: &str,
        variables: &[(String, String)],
    ) -> Result<Self, Vec<ConfigError>> {
        let (table, syntax) = DeTable::parse_recoverable(text);
        let mut errors: Vec<_> = syntax
            .iter()
            .map(|error| ConfigError {
                origin: Origin::File {
                    path: path.to_owned(),
                    line: error.span().map(|span| line_of(text, span.start)),
                },
                key: String::new(),
                value: None,
                message: format!("is no TOML: {}", error.message()),
            })
            .collect();
        // Of a table that is there twice every key is.
        errors.dedup_by(|next, error| error.message == DUPLICATE && next.message == DUPLICATE);
        let overrides = nest(variables).unwrap_or_else(|error| {
            errors.push(error);
            Dict::new()
        });
        if !errors.is_empty() {
            return Err(errors);
        }
        let mut lines = BTreeMap::new();
        let dict = to_dict(table.get_ref(), "", text, &mut lines);
        let figment =
            Figment::from(Layer { name: "file", dict }).merge(Layer { name: "variables", dict: overrides });
        let root =
            figment.data().ok().and_then(|mut data| data.remove(&Profile::Default)).unwrap_or_default();
        Ok(Self { places: Places::new(path.to_owned(), lines), figment, root })
    }

    pub(super) fn path(&self) -> &Path {
        self.places.path()
    }

    /// Where its keys stand.
    pub(super) fn places(&self) -> &Places {
        &self.places
    }

    pub(super) fn root(&self) -> &Dict {
        &self.root
    }

    /// Whether a variable gave the value.
    pub(super) fn is_variable(&self, value: &Value) -> bool {
        self.figment.get_metadata(value.tag()).is_some_and(|metadata| metadata.name == "variables")
    }

    /// Where the key comes from; without a value, the nearest line above it.
    pub(super) fn origin(&self, key: &str, value: Option<&Value>) -> Origin {
        if let Some(mut value) = value.filter(|value| self.is_variable(value)) {
            let mut name = variable_name(key);
            // A section that only a variable names: the variable goes on to a key below.
            while let Some((below, next)) = value.as_dict().and_then(|dict| dict.first_key_value()) {
                name = format!("{name}__{}", below.to_ascii_uppercase());
                value = next;
            }
            return Origin::Variable(name);
        }
        self.places.of(key)
    }
}

/// Whether a variable of this name overrides a key.
pub(super) fn is_override(name: &str) -> bool {
    name.strip_prefix(PREFIX).is_some_and(|path| path.contains("__"))
}

/// `server.listen` → `DRIFTD_SERVER__LISTEN`.
pub(super) fn variable_name(key: &str) -> String {
    format!("{PREFIX}{}", key.replace('.', "__").to_ascii_uppercase())
}

/// The path of `key` within the table at `parent`, quoted where TOML wants it.
pub(super) fn join(parent: &str, key: &str) -> String {
    let key = quote_key(key);
    if parent.is_empty() { key } else { format!("{parent}.{key}") }
}

/// A key as TOML writes it.
pub(super) fn quote_key(key: &str) -> String {
    let bare = !key.is_empty() && key.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'_' || b == b'-');
    if bare { key.to_owned() } else { quote(key) }
}

/// A text as TOML writes it.
pub(super) fn quote(text: &str) -> String {
    toml::Value::from(text).to_string()
}

struct Layer {
    name: &'static str,
    dict: Dict,
}

impl Provider for Layer {
    fn metadata(&self) -> Metadata {
        Metadata::named(self.name)
    }

    fn data(&self) -> Result<Map<Profile, Dict>, figment::Error> {
        Ok(Map::from([(Profile::Default, self.dict.clone())]))
    }
}

/// Values stay text: what they must be is known only where they are read.
fn nest(variables: &[(String, String)]) -> Result<Dict, ConfigError> {
    let mut root = Dict::new();
    for (name, text) in variables {
        let Some(path) = name.strip_prefix(PREFIX).filter(|_| is_override(name)) else { continue };
        let path = path.to_ascii_lowercase();
        let keys: Vec<&str> = path.split("__").collect();
        let (last, sections) = keys.split_last().expect("split gives at least one part");
        let mut dict = &mut root;
        for section in sections {
            let below = dict.entry((*section).to_owned()).or_insert_with(|| Dict::new().into());
            let Value::Dict(_, below) = below else {
                return Err(ConfigError {
                    origin: Origin::Variable(name.clone()),
                    key: String::new(),
                    value: None,
                    message: format!(
                        "goes into `{section}`, which another variable gives a value; set one of them"
                    ),
                });
            };
            dict = below;
        }
        dict.insert((*last).to_owned(), text.as_str().into());
    }
    Ok(root)
}

fn to_dict(table: &DeTable<'_>, at: &str, text: &str, lines: &mut BTreeMap<String, usize>) -> Dict {
    table
        .iter()
        .map(|(key, value)| {
            let path = join(at, key.get_ref());
            lines.insert(path.clone(), line_of(text, key.span().start));
            (key.get_ref().to_string(), to_value(value.get_ref(), &path, text, lines))
        })
        .collect()
}

fn to_value(value: &DeValue<'_>, at: &str, text: &str, lines: &mut BTreeMap<String, usize>) -> Value {
    match value {
        DeValue::String(string) => string.as_ref().into(),
        DeValue::Integer(integer) => match i128::from_str_radix(integer.as_str(), integer.radix()) {
            Ok(number) => Value::Num(Tag::Default, Num::I128(number)),
            Err(_) => integer.to_string().as_str().into(),
        },
        DeValue::Float(float) => match float.as_str().parse::<f64>() {
            Ok(number) => number.into(),
            Err(_) => float.as_str().into(),
        },
        DeValue::Boolean(truth) => (*truth).into(),
        DeValue::Datetime(instant) => instant.to_string().as_str().into(),
        DeValue::Array(items) => {
            let mut values = Vec::with_capacity(items.len());
            for (index, item) in items.iter().enumerate() {
                let path = format!("{at}[{index}]");
                lines.insert(path.clone(), line_of(text, item.span().start));
                values.push(to_value(item.get_ref(), &path, text, lines));
            }
            Value::Array(Tag::Default, values)
        }
        DeValue::Table(table) => Value::Dict(Tag::Default, to_dict(table, at, text, lines)),
    }
}

fn line_of(text: &str, offset: usize) -> usize {
    text.bytes().take(offset).filter(|byte| *byte == b'\n').count() + 1
}
