//! Versions and segment values as they register: up to their limits by name, then as `other`.

use std::collections::{BTreeMap, BTreeSet};

use crate::batch::Naming;
use crate::domain::{Segment, Version};

/// The versions and segment values that a model has seen. Which ones come first depends on arrival; those past the
/// limits share `other`, in which all of them are counted.
#[derive(Debug, Clone, Default)]
pub struct Registered {
    versions: BTreeSet<Version>,
    values: BTreeMap<Box<str>, BTreeSet<Box<str>>>,
    /// Attributes whose names are all taken.
    closed: BTreeSet<Box<str>>,
}

/// How many names a model may have.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct NameLimits {
    pub versions_max: usize,
    pub segment_values_max: usize,
}

impl Registered {
    /// Takes in names that were counted before a restart.
    pub fn restore(&mut self, version: &Version, segment: &Segment) {
        self.versions.insert(version.clone());
        self.name(segment);
    }

    /// Takes in a segment of the reference before any row brings it. Where the reference counts values as `other`, values
    /// that it has no name for are counted so too: else they would have nothing to be compared with.
    pub fn know(&mut self, segment: &Segment) {
        match segment {
            Segment::Slice { attribute, value } if **value == *Segment::OTHER => {
                self.closed.insert(attribute.clone());
            }
            segment => self.name(segment),
        }
    }

    fn name(&mut self, segment: &Segment) {
        if let Segment::Slice { attribute, value } = segment
            && **value != *Segment::OTHER
        {
            self.values.entry(attribute.clone()).or_default().insert(value.clone());
        }
    }

    pub fn versions(&self) -> impl Iterator<Item = &Version> {
        self.versions.iter()
    }

    /// Every segment that rows were counted in or that the reference knows, beside all rows.
    pub fn segments(&self) -> impl Iterator<Item = Segment> + '_ {
        self.values.iter().flat_map(|(attribute, values)| {
            values.iter().map(|value| Segment::Slice { attribute: attribute.clone(), value: value.clone() })
        })
    }

    /// The naming of one batch under these limits.
    pub fn under(&mut self, limits: NameLimits) -> impl Naming + '_ {
        Limited { registered: self, limits }
    }
}

struct Limited<'a> {
    registered: &'a mut Registered,
    limits: NameLimits,
}

impl Naming for Limited<'_> {
    fn version(&mut self, name: Option<&str>) -> Version {
        let version = match name {
            // The decoder let only names through that are versions.
            Some(name) => name.parse().unwrap_or_else(|_| Version::other()),
            // Asked for every batch, whether or not a row of it lacks a version: takes no name.
            None => return Version::unnamed(),
        };
        let versions = &mut self.registered.versions;
        let known = versions.contains(&version);
        match known || versions.len() < self.limits.versions_max {
            true => {
                if !known {
                    versions.insert(version.clone());
                }
                version
            }
            false => Version::other(),
        }
    }

    fn segment_value(&mut self, attribute: &str, value: Option<&str>) -> Option<Box<str>> {
        let value = value.filter(|value| !value.is_empty())?;
        if !self.registered.values.contains_key(attribute) {
            self.registered.values.insert(attribute.into(), BTreeSet::new());
        }
        let values = self.registered.values.get_mut(attribute)?;
        if values.contains(value) {
            return Some(value.into());
        }
        let open = !self.registered.closed.contains(attribute);
        if open && values.len() < self.limits.segment_values_max {
            values.insert(value.into());
            return Some(value.into());
        }
        Some(Segment::OTHER.into())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_the_reference_knows_keeps_its_name_and_its_rest_stays_together() {
        let segment = |text: &str| text.parse::<Segment>().expect("a segment");
        let limits = NameLimits { versions_max: 1, segment_values_max: 2 };
        let value = |registered: &mut Registered, attribute: &str, value: &str| {
            registered.under(limits).segment_value(attribute, Some(value)).map(String::from)
        };
        let mut registered = Registered::default();
        for known in ["town=Lyon", "plan=a", "plan=other"] {
            registered.know(&segment(known));
        }
        let names = ["Oslo", "Nice", "Lyon"].map(|town| value(&mut registered, "town", town));
        assert_eq!(names, ["Oslo", "other", "Lyon"].map(|name| Some(name.to_owned())));
        let names = ["b", "a"].map(|plan| value(&mut registered, "plan", plan));
        assert_eq!(names, ["other", "a"].map(|name| Some(name.to_owned())), "there was room for b");

        let mut restarted = Registered::default();
        restarted.restore(&Version::unnamed(), &segment("plan=other"));
        assert_eq!(value(&mut restarted, "plan", "b").as_deref(), Some("b"), "rows close nothing");
    }
}
