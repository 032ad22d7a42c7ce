//! `[strategic]` and `[adoption]`: the ready-made KPIs of a use case, each family switched on by its table.

use std::collections::BTreeSet;

use crate::config::kpi::{Placed, read_by, read_satisfied};
use crate::config::table::Table;
use crate::domain::ModelId;
use crate::kpi::families::{AdoptionOptions, Ready, StrategicOptions, Tracked, adoption, strategic};
use crate::kpi::{Constant, KpiName, Period, Unit, UseCaseId};
use crate::use_case::{Component, Rates};

/// Most users that one use case is for.
const USERS_MAX: u64 = 10_000_000_000;

/// What both families come to.
#[derive(Default)]
pub(super) struct Families {
    pub ready: Vec<Placed>,
    pub constants: Vec<(KpiName, Constant)>,
    /// What of the tracked makes its worth.
    pub tracked: BTreeSet<Component>,
    pub targeted_users: Option<u64>,
    pub users_of: BTreeSet<ModelId>,
    /// Some ready-made KPIs are not known, since what switches them on is wrong.
    pub are_torn: bool,
}

impl Families {
    pub fn read(table: &Table<'_>, use_case: &UseCaseId, currency: &Unit, rates: &Rates) -> Self {
        let mut families = Self::default();
        let of_worth = table.optional_section("strategic", |table| {
            let options = read_strategic(table, currency, rates);
            families.are_torn |= !table.is_sound();
            options
        });
        if let Some(options) = of_worth.flatten() {
            families.tracked = options.tracks.iter().copied().filter_map(component).collect();
            match strategic(use_case, &options) {
                Ok(ready) => families.add("strategic", ready),
                Err(error) => {
                    families.are_torn = true;
                    table.error("strategic", error.to_string());
                }
            }
        }
        let of_adoption = table.optional_section("adoption", |table| {
            let read = read_adoption(table);
            families.are_torn |= !table.is_sound();
            read
        });
        if let Some(read) = of_adoption.flatten() {
            families.targeted_users = read.options.targeted_users;
            families.users_of = read.users_of;
            families.add("adoption", adoption(use_case, &read.options));
        }
        families
    }

    fn add(&mut self, key: &str, ready: Ready) {
        let placed = ready.definitions.into_iter();
        self.ready.extend(placed.map(|definition| Placed { definition, key: key.to_owned() }));
        self.constants.extend(ready.constants);
    }
}

/// `None` where it is switched off.
fn read_strategic(table: &Table<'_>, currency: &Unit, rates: &Rates) -> Option<StrategicOptions> {
    let enabled = table.read("enabled", true);
    let tracks = table.optional_if::<Vec<Tracked>>("tracks", |tracks| match tracks.is_empty() {
        true => Err("is empty; name what is recorded, or drop [strategic]".to_owned()),
        false => tracks.iter().try_for_each(|tracked| has_price(*tracked, rates)),
    });
    if !table.has("tracks") {
        let words = Tracked::ALL.map(Tracked::as_str).join(", ");
        table.error("tracks", format!("is missing; what is recorded, of {words}"));
    }
    let period = table.read("period", Period::Month);
    let minutes = "min".parse().expect("a unit");
    let options = StrategicOptions {
        period,
        tracks: tracks.unwrap_or_default().into_iter().collect(),
        currency: currency.clone(),
        hourly_cost: rates.hourly_cost.map(|amount| amount.get()),
        error_cost: rates.error_cost.map(|amount| amount.get()),
        processing_time_unit: table.read("processing_time_unit", minutes),
        processing_time_baseline: table.optional_if("processing_time_baseline", |time: &f64| {
            match *time > 0.0 {
                true => Ok(()),
                false => Err("is no time that anything could take; write a number above 0".to_owned()),
            }
        }),
    };
    enabled.then_some(options)
}

/// Gains are in money.
fn has_price(tracked: Tracked, rates: &Rates) -> Result<(), String> {
    let (price, key) = match tracked {
        Tracked::TimeSaved => (rates.hourly_cost, "hourly_cost"),
        Tracked::ErrorsAvoided => (rates.error_cost, "error_cost"),
        _ => return Ok(()),
    };
    match price {
        Some(_) => Ok(()),
        None => Err(format!("has {}, whose price is not known; give rates.{key}", tracked.as_str())),
    }
}

const fn component(tracked: Tracked) -> Option<Component> {
    match tracked {
        Tracked::TimeSaved => Some(Component::TimeSaved),
        Tracked::ErrorsAvoided => Some(Component::ErrorsAvoided),
        Tracked::AddedRevenue => Some(Component::AddedRevenue),
        Tracked::RunCost => Some(Component::RunCost),
        Tracked::AutomationRate | Tracked::ProcessingTime | Tracked::ComplaintRate | Tracked::Nps => None,
    }
}

struct ReadAdoption {
    options: AdoptionOptions,
    users_of: BTreeSet<ModelId>,
}

/// `None` where it is switched off.
fn read_adoption(table: &Table<'_>) -> Option<ReadAdoption> {
    let enabled = table.read("enabled", true);
    let targeted_users = table.optional_if("targeted_users", |users| match (1..=USERS_MAX).contains(users) {
        true => Ok(()),
        false => Err(format!("is out of range; from 1 to {USERS_MAX}")),
    });
    let users_of: Vec<ModelId> = super::list(table, "users_of");
    let options = AdoptionOptions {
        period: table.read("period", Period::Month),
        targeted_users,
        by: read_by(table),
        satisfied: read_satisfied(table, AdoptionOptions::SATISFIED),
    };
    enabled.then(|| ReadAdoption { options, users_of: users_of.into_iter().collect() })
}
