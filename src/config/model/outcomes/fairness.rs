//! `[[fairness]]`: groups that are to be treated alike, and how far apart they may be.

use std::collections::BTreeMap;

use figment::value::Value;

use crate::config::setting::Setting;
use crate::config::table::Table;
use crate::domain::Task;
use crate::fairness::FairnessMeasure;
use crate::verdict::FairnessPlan;

/// Most attributes: each more thins the level of all.
const FAIRNESS_MAX: usize = 8;

/// `attributes`: those that the model is sliced by.
pub(super) fn read(table: &Table<'_>, task: Task, attributes: &[String]) -> Vec<FairnessPlan> {
    if task != Task::Binary {
        table.tables("fairness", Table::pass_over);
        if table.has("fairness") {
            table.error("fairness", "is for task = \"binary\" only; drop it");
        }
        return Vec::new();
    }
    let mut plans: Vec<FairnessPlan> = Vec::new();
    let read = |table: &Table<'_>| {
        let plan = read_attribute(table, attributes)?;
        if plans.iter().any(|earlier| earlier.attribute == plan.attribute) {
            table.error("attribute", "is another [[fairness]]'s too; one of them has all measures");
        }
        plans.push(plan);
        Some(())
    };
    let count = table.tables("fairness", read).len();
    if count > FAIRNESS_MAX {
        table.error("fairness", format!("are {count}; at most {FAIRNESS_MAX}"));
    }
    plans
}

fn read_attribute(table: &Table<'_>, attributes: &[String]) -> Option<FairnessPlan> {
    let known = || match attributes {
        [] => "which has none".to_owned(),
        names => format!("which has {}", names.join(", ")),
    };
    let attribute = table.optional_if::<String>("attribute", |name| match attributes.contains(name) {
        true => Ok(()),
        false => Err(format!("is not in segments.by, {}; add it there", known())),
    });
    if !table.has("attribute") {
        table.error("attribute", format!("is missing; name one of segments.by, {}", known()));
    }
    let min_samples = table.read_within("min_samples", FairnessPlan::MIN_SAMPLES, 1..=1_000_000_000);
    let by_default = FairnessPlan::MEASURES.to_vec();
    let watched = table.read_if("measures", by_default, |measures| match measures.is_empty() {
        true => Err(format!("is empty; name some of {}", all_measures())),
        false => Ok(()),
    });
    let measures = table.section("limits", |table| read_limits(table, &watched));
    Some(FairnessPlan { attribute: attribute?.into(), measures, min_samples })
}

fn read_limits(table: &Table<'_>, watched: &[FairnessMeasure]) -> BTreeMap<FairnessMeasure, f64> {
    let mut limits = BTreeMap::new();
    for measure in FairnessMeasure::ALL {
        let name = measure.as_str();
        if !watched.contains(&measure) {
            let message = "is the limit of a measure that is not watched; add it to measures, or drop it";
            table.optional_if::<f64>(name, |_| Err(message.to_owned()));
            continue;
        }
        let limit = table.read_if(name, measure.default_limit(), |limit| in_range(measure, *limit));
        limits.insert(measure, limit);
    }
    limits
}

/// A ratio of 0 and a difference of 1 are never past.
fn in_range(measure: FairnessMeasure, limit: f64) -> Result<(), String> {
    let (fits, right) = match measure {
        FairnessMeasure::DemographicParityRatio => (limit > 0.0 && limit <= 1.0, "above 0, at most 1"),
        _ => ((0.0..1.0).contains(&limit), "from 0, below 1"),
    };
    if fits { Ok(()) } else { Err(format!("is out of range; {right}")) }
}

fn all_measures() -> String {
    FairnessMeasure::ALL.map(FairnessMeasure::as_str).join(", ")
}

impl Setting for FairnessMeasure {
    fn read(value: &Value) -> Result<Self, String> {
        Self::ALL
            .into_iter()
            .find(|measure| value.as_str() == Some(measure.as_str()))
            .ok_or_else(|| format!("is no measure; one of {}", all_measures()))
    }

    fn to_toml(&self) -> String {
        self.as_str().to_owned().to_toml()
    }
}
