//! What the windows that are still open hold so far, rolled up by statistic: families of their own, so that nobody takes
//! them for judged values. They are the first to go where series are short.

use std::fmt;
use std::sync::Arc;

use prometheus_client::encoding::DescriptorEncoder;

use super::names;
use crate::domain::{Timestamp, Version};
use crate::statistic::Statistic;

/// The open window of one length over one version; one of each.
#[derive(Debug, Clone, PartialEq)]
pub struct OpenWindow {
    pub version: Version,
    /// Its length as configured: `24h`.
    pub window: Arc<str>,
    pub samples: u64,
    pub end: Timestamp,
    pub references: Vec<OpenReference>,
}

/// How far the open window lies from one reference.
#[derive(Debug, Clone, PartialEq)]
pub struct OpenReference {
    /// `static`, `previous`, `last_week`.
    pub reference: Arc<str>,
    /// Features whose effect is past its threshold for a warning, but not for more; and past that for critical.
    pub beyond_warning: u64,
    pub beyond_critical: u64,
    /// Each statistic once, of the feature where it lies farthest out.
    pub largest: Vec<(Statistic, f64)>,
}

impl OpenWindow {
    pub(super) fn series(&self) -> usize {
        2 + self.references.iter().map(|each| 2 + each.largest.len()).sum::<usize>()
    }
}

/// Writes the open windows, each with its model's name.
pub(super) fn write(windows: &[(&str, &OpenWindow)], encoder: &mut DescriptorEncoder) -> fmt::Result {
    let labelled: Vec<([&str; 3], &OpenWindow)> =
        windows.iter().map(|(model, each)| ([*model, each.version.as_str(), &each.window], *each)).collect();
    names::PROVISIONAL_SAMPLES
        .write(encoder, labelled.iter().map(|(labels, each)| (*labels, each.samples)))?;
    let ends = labelled.iter().map(|(labels, each)| (*labels, each.end.as_seconds_f64()));
    names::PROVISIONAL_END.write(encoder, ends)?;

    let references: Vec<([&str; 4], &OpenReference)> = windows
        .iter()
        .flat_map(|(model, window)| window.references.iter().map(move |each| (*model, *window, each)))
        .map(|(model, window, each)| {
            ([model, window.version.as_str(), &window.window, &each.reference], each)
        })
        .collect();
    let beyond = references.iter().flat_map(|([model, version, window, reference], each)| {
        [("warning", each.beyond_warning), ("critical", each.beyond_critical)]
            .map(|(severity, features)| ([*model, *version, *window, *reference, severity], features))
    });
    names::PROVISIONAL_BEYOND.write(encoder, beyond)?;
    for statistic in Statistic::ALL {
        let largest = references.iter().filter_map(|(labels, each)| {
            let (_, value) = each.largest.iter().find(|(of, _)| *of == statistic)?;
            Some((*labels, *value))
        });
        names::of_statistic(statistic).largest.write(encoder, largest)?;
    }
    Ok(())
}
