//! What the register is written in, as settings.

use figment::value::Value;
use jiff::civil::Date;

use crate::config::kpi::parsed;
use crate::config::setting::Setting;
use crate::kpi::families::Tracked;
use crate::use_case::{Amount, Grade, Person, Text};

impl Setting for Amount {
    fn read(value: &Value) -> Result<Self, String> {
        Self::try_from(f64::read(value)?).map_err(|error| error.to_string())
    }

    fn to_toml(&self) -> String {
        self.get().to_toml()
    }
}

impl Setting for Grade {
    fn read(value: &Value) -> Result<Self, String> {
        let whole = value.to_i128().and_then(|number| i64::try_from(number).ok());
        let whole = whole.ok_or_else(|| "is no grade; 1, 2, 3, 4 or 5".to_owned())?;
        Self::try_from(whole).map_err(|error| error.to_string())
    }

    fn to_toml(&self) -> String {
        self.get().to_string()
    }
}

impl Setting for Person {
    fn read(value: &Value) -> Result<Self, String> {
        parsed(value)
    }

    fn to_toml(&self) -> String {
        self.as_str().to_owned().to_toml()
    }
}

impl Setting for Text {
    fn read(value: &Value) -> Result<Self, String> {
        parsed(value)
    }

    fn to_toml(&self) -> String {
        self.as_str().to_owned().to_toml()
    }
}

impl Setting for Date {
    fn read(value: &Value) -> Result<Self, String> {
        // Strictly a day: jiff takes the day of an instant too.
        let day = value.as_str().filter(|text| text.len() == "2026-11-22".len());
        day.and_then(|text| text.parse().ok()).ok_or_else(|| "is no day; write it as 2026-11-22".to_owned())
    }

    fn to_toml(&self) -> String {
        self.to_string()
    }
}

impl Setting for Tracked {
    fn read(value: &Value) -> Result<Self, String> {
        let text = String::read(value)?;
        let known = Self::ALL.into_iter().find(|tracked| tracked.as_str() == text);
        known.ok_or_else(|| {
            let words = Self::ALL.map(Self::as_str);
            format!("is nothing that is tracked; one of {}", words.join(", "))
        })
    }

    fn to_toml(&self) -> String {
        self.as_str().to_owned().to_toml()
    }
}
