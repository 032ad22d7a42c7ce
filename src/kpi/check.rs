//! What is checked of KPIs taken together: each check tells all that it finds.

use std::collections::{BTreeMap, BTreeSet};

use super::calendar::{PaneUnit, Period};
use super::catalogue::{Catalogue, Input, Stream};
use super::catalogue_error::CatalogueError;
use super::definition::{Definition, Kind, Reading, Satisfied};
use super::formula::FormulaName;
use super::id::KpiId;
use super::unit::Unit;
use crate::domain::nearest;

type Errors = Vec<CatalogueError>;

/// Bounds in order, readings of numbers that make sense.
pub(super) fn bounds(catalogue: &Catalogue, errors: &mut Errors) {
    for definition in catalogue.definitions() {
        if let Err(error) = definition.bounds.check() {
            errors.push(CatalogueError::Bounds { kpi: definition.id.clone(), error });
        }
        let Kind::Counted { reading, .. } = &definition.kind else { continue };
        let share = 0.0..=1.0;
        let what = match reading {
            Reading::Quantile(q) if !share.contains(q) => "a quantile lies between 0 and 1",
            Reading::Uptime { errors_max } if !share.contains(errors_max) => {
                "`errors_max` lies between 0 and 1"
            }
            Reading::Rate { per, .. } if per.is_zero() => "a rate is per some time",
            Reading::Satisfaction(Satisfied { lowest, highest, from })
                if !(lowest < highest && (lowest..=highest).contains(&from)) =>
            {
                "answers go from `lowest` to `highest`, the satisfied one among them"
            }
            _ => continue,
        };
        errors.push(CatalogueError::Reading { kpi: definition.id.clone(), what });
    }
}

/// Every stream, counted as the first KPI that reads it wants.
pub(super) fn streams(catalogue: &Catalogue, errors: &mut Errors) -> BTreeMap<KpiId, Stream> {
    let mut known: BTreeMap<KpiId, (&KpiId, Stream)> = BTreeMap::new();
    for definition in catalogue.definitions() {
        let Kind::Counted { stream, reading } = &definition.kind else { continue };
        let wanted = Stream::of(definition, reading);
        match known.get(stream) {
            Some((other, counted)) if *counted != wanted => errors.push(CatalogueError::Stream {
                kpi: definition.id.clone(),
                stream: stream.clone(),
                other: (*other).clone(),
                wanted: Box::new(wanted),
                counted: Box::new(counted.clone()),
            }),
            Some(_) => {}
            None => {
                known.insert(stream.clone(), (&definition.id, wanted));
            }
        }
    }
    known.into_iter().map(|(id, (_, stream))| (id, stream)).collect()
}

/// Every name in a formula stands for something.
pub(super) fn names(catalogue: &Catalogue, errors: &mut Errors) {
    for definition in catalogue.definitions() {
        let Kind::Formula(formula) = &definition.kind else { continue };
        for name in formula.names() {
            if catalogue.input(&definition.id, name).is_none() {
                let nearest = nearest_name(catalogue, &definition.id, name);
                let (kpi, name) = (definition.id.clone(), name.clone());
                errors.push(CatalogueError::UnknownName { kpi, name, nearest });
            }
        }
    }
}

fn nearest_name(catalogue: &Catalogue, of: &KpiId, name: &FormulaName) -> Option<Box<str>> {
    match name {
        FormulaName::Own(name) => {
            let own = catalogue
                .definitions()
                .filter(|known| known.id.use_case == of.use_case && known.id.model == of.model)
                .map(|known| known.id.name.as_str());
            let constants = catalogue.constants().keys();
            let constants = constants
                .filter(|(use_case, _)| use_case.is_none() || *use_case == of.use_case)
                .map(|(_, name)| name.as_str());
            nearest(name.as_str(), own.chain(constants)).map(Into::into)
        }
        FormulaName::Other(id) => {
            let known: Vec<String> = catalogue.definitions().map(|known| known.id.to_string()).collect();
            nearest(&id.to_string(), known.iter().map(String::as_str)).map(|id| format!("{{{id}}}").into())
        }
    }
}

/// Inputs before what reads them. What lies on a cycle, or reads what does, is left out; each cycle is told once.
pub(super) fn order(catalogue: &Catalogue, errors: &mut Errors) -> Vec<KpiId> {
    let inputs = |id: &KpiId| -> BTreeSet<&KpiId> {
        catalogue.get(id).into_iter().flat_map(|definition| catalogue.inputs(definition)).collect()
    };
    let mut readers: BTreeMap<&KpiId, Vec<&KpiId>> = BTreeMap::new();
    let mut missing: BTreeMap<&KpiId, usize> = BTreeMap::new();
    for definition in catalogue.definitions() {
        let inputs = inputs(&definition.id);
        missing.insert(&definition.id, inputs.len());
        for input in inputs {
            readers.entry(input).or_default().push(&definition.id);
        }
    }
    let mut ready: Vec<&KpiId> = missing.iter().filter(|(_, n)| **n == 0).map(|(id, _)| *id).collect();
    let (mut order, mut depths) = (Vec::new(), BTreeMap::<&KpiId, usize>::new());
    while let Some(id) = ready.pop() {
        missing.remove(id);
        order.push(id.clone());
        let deepest = inputs(id).iter().filter_map(|input| depths.get(input)).max().copied();
        let depth = deepest.map_or(0, |depth| depth + 1);
        // Those that read it are too deep as well, and are not told.
        if depth == Catalogue::FORMULA_DEPTH_MAX + 1 {
            errors.push(CatalogueError::TooDeep { kpi: id.clone() });
        }
        depths.insert(id, depth);
        for reader in readers.get(id).into_iter().flatten() {
            if let Some(n) = missing.get_mut(reader) {
                *n -= 1;
                if *n == 0 {
                    ready.push(reader);
                }
            }
        }
    }
    cycles(missing.into_keys().collect(), inputs, errors);
    order
}

/// Each of those left reads another of them: whoever follows their inputs comes back to where he was.
fn cycles<'a>(
    mut left: BTreeSet<&'a KpiId>,
    inputs: impl Fn(&KpiId) -> BTreeSet<&'a KpiId>,
    errors: &mut Errors,
) {
    while let Some(first) = left.first() {
        let (mut path, mut next) = (Vec::new(), Some(*first));
        let cycle = loop {
            // A way that ends only reads a cycle that was told.
            let Some(id) = next else { break None };
            if let Some(from) = path.iter().position(|known| *known == id) {
                break Some(from);
            }
            path.push(id);
            next = inputs(id).into_iter().find(|input| left.contains(input));
        };
        if let Some(from) = cycle {
            let path: Vec<KpiId> = path[from..].iter().map(|id| (*id).clone()).collect();
            errors.push(CatalogueError::Cycle { kpi: path[0].clone(), path });
        }
        for id in path {
            left.remove(id);
        }
    }
}

/// Formulas come to the unit that is declared. Of those on a cycle or with unknown names nothing is said.
pub(super) fn units(catalogue: &Catalogue, errors: &mut Errors) {
    let unit_of = |definition: &Definition, name: &FormulaName| -> Option<Unit> {
        match catalogue.input(&definition.id, name)? {
            Input::Kpi(id) => catalogue.get(id).map(|input| input.unit.clone()),
            Input::Constant(constant) => Some(constant.unit.clone()),
        }
    };
    // What is on a cycle, or reads one, has no unit to be held against.
    let ordered: BTreeSet<&KpiId> = catalogue.order().iter().collect();
    for definition in catalogue.definitions().filter(|definition| ordered.contains(&definition.id)) {
        let Kind::Formula(formula) = &definition.kind else { continue };
        if formula.names().iter().any(|name| catalogue.input(&definition.id, name).is_none()) {
            continue;
        }
        let kpi = definition.id.clone();
        match formula.unit(|name| unit_of(definition, name)) {
            Ok(computed) if computed.is_same(&definition.unit) => {}
            Ok(computed) => {
                errors.push(CatalogueError::Unit { kpi, declared: definition.unit.clone(), computed });
            }
            Err(error) => errors.push(CatalogueError::Formula { kpi, error }),
        }
    }
}

/// A formula of hours reads only what is counted by the hour, through other formulas too.
pub(super) fn periods(catalogue: &Catalogue, errors: &mut Errors) {
    // Whether the KPI can be read over an hour.
    let mut hourly: BTreeMap<&KpiId, bool> = BTreeMap::new();
    for id in catalogue.order() {
        let Some(definition) = catalogue.get(id) else { continue };
        let counted_by_hour = match &definition.kind {
            Kind::Counted { .. } => definition.period.pane_unit() == PaneUnit::Hour,
            Kind::Formula(_) => {
                let by_day = catalogue.inputs(definition).find(|input| hourly.get(input) == Some(&false));
                if let (Some(input), Period::Hour) = (by_day, definition.period) {
                    let (kpi, input) = (id.clone(), input.clone());
                    errors.push(CatalogueError::Period { kpi, period: Period::Hour, input });
                }
                by_day.is_none()
            }
        };
        hourly.insert(id, counted_by_hour);
    }
}
