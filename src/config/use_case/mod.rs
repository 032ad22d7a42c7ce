//! A file of `config/use_cases`: one use case as the register has it, and its KPIs.

mod files;

mod worth;

mod families;

mod words;

pub(super) use files::{check_models, check_north_stars, read_all};

use std::collections::BTreeSet;
use std::path::PathBuf;

use jiff::civil::Date;

use super::kpi::{Gathered, Placed, Scope, adjust, read_constants, read_own};
use super::place::Places;
use super::setting::Setting;
use super::table::Table;
use crate::domain::ModelId;
use crate::kpi::{Definition, KpiId, Unit, UseCaseId};
use crate::use_case::{Category, LIST_MAX, Person, Risk, Text, UseCase};
use families::Families;

/// One use case.
#[derive(Debug, Clone, PartialEq)]
pub struct UseCaseSettings {
    /// The file that it comes from, and where its keys stand.
    pub file: PathBuf,
    pub places: Places,
    pub use_case: UseCase,
    /// Models whose rows say who used it: they feed its active users.
    pub users_of: BTreeSet<ModelId>,
}

impl UseCaseSettings {
    /// The stream that its users are counted by.
    pub fn users_stream(&self) -> KpiId {
        let name = "active_users".parse().expect("a name of a KPI");
        KpiId { use_case: Some(self.use_case.id.clone()), model: None, name }
    }

    /// `None` where what it cannot be without is missing or wrong; the table holds the error.
    pub(super) fn read(
        table: &Table<'_>,
        places: &Places,
        currency: &Unit,
        gathered: &mut Gathered,
    ) -> Option<Self> {
        let id = table.optional::<UseCaseId>("id");
        let name = table.optional::<Text>("name");
        let process = table.optional::<Text>("process");
        for key in ["id", "name", "process", "category", "risk"].into_iter().filter(|key| !table.has(key)) {
            table.error(key, "is missing; a use case needs id, name, process, category and risk");
        }
        let categories = Category::ALL.map(|category| (category.as_str(), category));
        let category = table.optional_choice("category", "category", &categories);
        let risks = Risk::ALL.map(|risk| (risk.as_str(), risk));
        let risk = table.optional_choice("risk", "risk", &risks);
        let owner = table.optional::<Person>("owner");
        let north_star = table.optional::<KpiId>("north_star");
        let data = list::<Text>(table, "data");
        let systems = list::<Text>(table, "systems");
        let models = list::<ModelId>(table, "models");
        let next_step = table.optional::<Text>("next_step");
        let decision_date = table.optional::<Date>("decision_date");
        let started_on = table.optional::<Date>("started_on");
        let baseline = table.optional::<f64>("baseline");
        let expected = table.optional_section("expected", worth::read_expected).flatten();
        let costs = table.section("costs", worth::read_costs);
        let rates = table.section("rates", worth::read_rates);
        let scores = table.optional_section("scores", worth::read_scores).flatten();
        let register = table.section("register", worth::read_register);
        // What is wrong below is told even where the id is not known.
        let known_id = id.clone().unwrap_or_else(|| "none".parse().expect("an id"));
        let families = Families::read(table, &known_id, currency, &rates);
        let mut constants = read_constants(table, &families.constants);
        let Families { ready, tracked, targeted_users, users_of, are_torn, .. } = families;
        constants.extend(families.constants);
        let scope =
            Scope { use_case: Some(known_id.clone()), owner: owner.as_ref().map(ToString::to_string) };
        let kpis = read_kpis(table, &scope, ready, are_torn);
        let north_star = north_star.map(|north_star| within(north_star, &kpis, &known_id));
        if id.is_some() {
            let file = gathered.file(places);
            gathered.add(file, kpis);
            gathered.add_constants(id.as_ref(), constants);
        }
        let use_case = UseCase {
            id: id?,
            name: name?,
            process: process?,
            owner,
            north_star,
            category: category?,
            risk: risk?,
            data,
            systems,
            models,
            next_step,
            decision_date,
            started_on,
            baseline,
            expected,
            costs,
            tracked,
            rates,
            scores,
            register,
            targeted_users,
        };
        Some(Self { file: places.path().to_owned(), places: places.clone(), use_case, users_of })
    }
}

/// At most [`LIST_MAX`].
fn list<T: Setting + PartialEq>(table: &Table<'_>, key: &str) -> Vec<T> {
    let list = table.optional_if::<Vec<T>>(key, |list| match list.len() {
        0..=LIST_MAX => Ok(()),
        many => Err(format!("has {many}; at most {LIST_MAX}")),
    });
    list.unwrap_or_default()
}

/// The ready-made KPIs as they are adjusted, and those of the use case's own. Where the ready-made ones `are_torn`, what has
/// no kind may adjust one of those that are missing.
fn read_kpis(table: &Table<'_>, scope: &Scope, ready: Vec<Placed>, are_torn: bool) -> Vec<Placed> {
    let names: Vec<String> = ready.iter().map(|ready| ready.definition.id.name.to_string()).collect();
    let names: Vec<&str> = names.iter().map(String::as_str).collect();
    let owned = |placed: Placed| Placed {
        definition: Definition { owner: scope.owner.clone(), ..placed.definition },
        ..placed
    };
    let mut kpis: Vec<Option<Placed>> = ready.into_iter().map(owned).map(Some).collect();
    let own = table.named("kpis", |entry, name| match names.iter().position(|known| *known == name) {
        Some(at) => {
            let adjusted = kpis[at].as_ref().and_then(|ready| adjust(entry, &ready.definition));
            kpis[at] = adjusted.map(|definition| Placed::below("kpis", definition));
            None
        }
        None if are_torn && !entry.has("kind") => {
            entry.pass_over();
            None
        }
        None => read_own(entry, name, scope, &names).map(|definition| Placed::below("kpis", definition)),
    });
    kpis.into_iter().chain(own).flatten().collect()
}

/// A bare name is that of a KPI of the use case, where it has one; else of one of no use case.
fn within(north_star: KpiId, kpis: &[Placed], id: &UseCaseId) -> KpiId {
    let own = KpiId { use_case: Some(id.clone()), ..north_star.clone() };
    match kpis.iter().any(|placed| placed.definition.id == own) {
        true => own,
        false => north_star,
    }
}
