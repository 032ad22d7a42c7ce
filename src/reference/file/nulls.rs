//! The nulls of a column in a profile's file.

use serde::{Deserialize, Serialize};

use super::column::ColumnError;
use super::entries::Entries;
use crate::domain::ColumnKind;
use crate::reference::null::{IidReason, Null, NullKind, WINDOWS_MIN};
use crate::reference::null_window::NullWindow;
use crate::reference::profile::StoredNull;
use crate::statistic::Statistic;

/// A [`Null`], or only how many windows there were where they were too few.
#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct NullText {
    windows: u32,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    mean: Option<f64>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    variance: Option<f64>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    textbook_mean: Option<f64>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    df: Option<f64>,
}

impl NullText {
    fn of(null: NullKind) -> Option<Self> {
        match null {
            NullKind::Measured(Null { windows, mean, variance, textbook_mean, df }) => Some(Self {
                windows,
                mean: Some(mean),
                variance: Some(variance),
                textbook_mean: Some(textbook_mean),
                df: Some(df),
            }),
            NullKind::Iid { reason: IidReason::TooFewWindows { windows } } => {
                Some(Self { windows, mean: None, variance: None, textbook_mean: None, df: None })
            }
            NullKind::Iid { .. } => None,
        }
    }

    fn read(&self) -> Option<NullKind> {
        let windows = self.windows;
        match (self.mean, self.variance, self.textbook_mean, self.df) {
            (Some(mean), Some(variance), Some(textbook_mean), Some(df)) => {
                let fits = windows >= WINDOWS_MIN && mean >= 0.0 && variance >= 0.0 && df >= 1.0;
                let null = Null { windows, mean, variance, textbook_mean, df };
                (fits && textbook_mean > 0.0).then_some(NullKind::Measured(null))
            }
            (None, None, None, None) => {
                let reason = IidReason::TooFewWindows { windows };
                (windows < WINDOWS_MIN).then_some(NullKind::Iid { reason })
            }
            _ => None,
        }
    }
}

pub fn nulls_text(nulls: &[StoredNull]) -> Entries<Entries<NullText>> {
    let mut by_window: Vec<(String, Entries<NullText>)> = Vec::new();
    for stored in nulls {
        let Some(text) = NullText::of(stored.null) else { continue };
        let window = stored.window.to_string();
        if by_window.last().is_none_or(|(last, _)| *last != window) {
            by_window.push((window, Entries::default()));
        }
        if let Some((_, statistics)) = by_window.last_mut() {
            statistics.0.push((stored.statistic.to_string(), text));
        }
    }
    Entries(by_window)
}

pub fn read_nulls(
    text: Entries<Entries<NullText>>,
    kind: ColumnKind,
) -> Result<Vec<StoredNull>, ColumnError> {
    let mut nulls = Vec::new();
    for (window, statistics) in text.0 {
        let window: NullWindow = window.parse()?;
        for (name, text) in statistics.0 {
            let known = Statistic::ALL.into_iter().find(|known| known.as_str() == name);
            let applies = known.filter(|known| known.applies_to(kind));
            let Some(statistic) = applies else { return Err(ColumnError::Statistic(name)) };
            let null = text.read().ok_or(ColumnError::Null(statistic))?;
            nulls.push(StoredNull { window, statistic, null });
        }
    }
    nulls.sort_by_key(|stored| (stored.window, stored.statistic));
    Ok(nulls)
}
