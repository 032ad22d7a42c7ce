//! What a KPI is made of, as settings.

use std::fmt::Display;
use std::str::FromStr;

use figment::value::Value;

use crate::config::setting::Setting;
use crate::kpi::{Formula, KpiId, Period, Satisfied, Unit, UseCaseId};

/// Reads a text as what it must be.
pub(in crate::config) fn parsed<T: FromStr<Err: Display>>(value: &Value) -> Result<T, String> {
    String::read(value)?.parse().map_err(|error: T::Err| error.to_string())
}

impl Setting for Unit {
    fn read(value: &Value) -> Result<Self, String> {
        parsed(value)
    }

    fn to_toml(&self) -> String {
        self.to_string().to_toml()
    }
}

impl Setting for Period {
    fn read(value: &Value) -> Result<Self, String> {
        parsed(value)
    }

    fn to_toml(&self) -> String {
        self.as_str().to_owned().to_toml()
    }
}

impl Setting for KpiId {
    fn read(value: &Value) -> Result<Self, String> {
        parsed(value)
    }

    fn to_toml(&self) -> String {
        self.to_string().to_toml()
    }
}

impl Setting for UseCaseId {
    fn read(value: &Value) -> Result<Self, String> {
        parsed(value)
    }

    fn to_toml(&self) -> String {
        self.as_str().to_owned().to_toml()
    }
}

impl Setting for Formula {
    fn read(value: &Value) -> Result<Self, String> {
        Self::parse(&String::read(value)?).map_err(|error| error.to_string())
    }

    fn to_toml(&self) -> String {
        self.as_str().to_owned().to_toml()
    }
}

/// The lowest and the highest answer of a survey: `[1, 5]`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(in crate::config) struct Scale(pub i16, pub i16);

impl Setting for Scale {
    fn read(value: &Value) -> Result<Self, String> {
        let answer = |value: &Value| {
            let whole = value.to_i128().and_then(|number| i16::try_from(number).ok());
            whole.filter(|answer| (-100..=100).contains(answer))
        };
        match value.as_array() {
            Some([lowest, highest]) => match (answer(lowest), answer(highest)) {
                (Some(lowest), Some(highest)) if lowest < highest => Some(Self(lowest, highest)),
                _ => None,
            },
            _ => None,
        }
        .ok_or_else(|| {
            "is no scale; write its lowest and highest answer, whole numbers from -100 to 100, as [1, 5]"
                .to_owned()
        })
    }

    fn to_toml(&self) -> String {
        format!("[{}, {}]", self.0, self.1)
    }
}

/// An answer of a survey.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd)]
pub(in crate::config) struct Answer(pub i16);

impl Setting for Answer {
    fn read(value: &Value) -> Result<Self, String> {
        let whole = value.to_i128().and_then(|number| i16::try_from(number).ok());
        whole.map(Self).ok_or_else(|| "is no answer; write a whole number of the scale".to_owned())
    }

    fn to_toml(&self) -> String {
        self.0.to_string()
    }
}

/// Reads `scale` and `satisfied_from`.
pub(in crate::config) fn read_satisfied(
    table: &crate::config::table::Table<'_>,
    default: Satisfied,
) -> Satisfied {
    let scale = table.read("scale", Scale(default.lowest, default.highest));
    let from = match scale == Scale(default.lowest, default.highest) {
        true => default.from,
        // The upper half, without the middle.
        false => scale.1 - (scale.1 - scale.0) / 2,
    };
    let from = table.read_within("satisfied_from", Answer(from), Answer(scale.0)..=Answer(scale.1));
    Satisfied { lowest: scale.0, highest: scale.1, from: from.0 }
}
