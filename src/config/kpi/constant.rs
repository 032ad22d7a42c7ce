//! `[constants.NAME]`: numbers that formulas read.

use crate::config::table::Table;
use crate::kpi::{Constant, KpiName, Unit};

/// Most constants of a file.
const CONSTANTS_MAX: usize = 100;

/// `taken`: names that something else sets already.
pub(in crate::config) fn read(table: &Table<'_>, taken: &[(KpiName, Constant)]) -> Vec<(KpiName, Constant)> {
    let mut count = 0;
    let constants = table.named("constants", |entry, name| {
        count += 1;
        let name = name.parse::<KpiName>().map_err(|error| entry.error("", error.to_string()));
        if name.as_ref().is_ok_and(|name| taken.iter().any(|(known, _)| known == name)) {
            entry.error("", "is set by the rates or by a family already; drop it");
        }
        let value = entry.optional::<f64>("value");
        if !entry.has("value") {
            entry.error("value", "is missing; a constant is a number");
        }
        let unit = entry.read("unit", Unit::one());
        Some((name.ok()?, Constant { value: value?, unit }))
    });
    if count > CONSTANTS_MAX {
        table.error("constants", format!("are {count}; at most {CONSTANTS_MAX}"));
    }
    constants.into_iter().flatten().collect()
}
