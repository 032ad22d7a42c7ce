//! `[incidents]`: when incidents end, reopen and flap, and how long people have.

use std::collections::BTreeMap;
use std::time::Duration;

use super::table::Table;
use super::units::duration_text;
use crate::incident::{Flapping, IncidentKind, IncidentPolicy, SlaTargets};

const MINUTE: Duration = Duration::from_secs(60);
const DAY: Duration = Duration::from_secs(86_400);

/// Most reminders of one clock.
const REMINDERS_MAX: usize = 10;

pub(super) fn read(table: &Table<'_>) -> IncidentPolicy {
    let default = IncidentPolicy::default();
    let quiet_period = table.read_within("quiet_period", default.quiet_period, Duration::ZERO..=7 * DAY);
    let reopen_window = table.read_within("reopen_window", default.reopen_window, Duration::ZERO..=30 * DAY);
    let reminders = table.read_if("reminders", default.reminders, |shares| are_reminders(shares));
    let flapping = table.section("flapping", |table| Flapping {
        reopenings: whole(table.read_within("reopenings", default.flapping.reopenings.into(), 1..=100)),
        within: table.read_within("within", default.flapping.within, MINUTE..=30 * DAY),
        quiet_period: table.read_within("quiet_period", default.flapping.quiet_period, MINUTE..=30 * DAY),
    });
    let (sla, sla_of_kind) = table.section("sla", |table| {
        let sla = read_targets(table, default.sla);
        (sla, read_kinds(table, sla))
    });
    IncidentPolicy { sla, sla_of_kind, reminders, quiet_period, reopen_window, flapping }
}

/// What is left out is as `default` has it.
fn read_targets(table: &Table<'_>, default: SlaTargets) -> SlaTargets {
    let allowed = MINUTE..=90 * DAY;
    let resolve_within = table.read_within("resolve_within", default.resolve_within, allowed.clone());
    let acknowledge_within =
        table.optional_if("acknowledge_within", |within| match allowed.contains(within) {
            true => Ok(()),
            false => Err("is out of range; from 1m to 90d".to_owned()),
        });
    let acknowledge_within = acknowledge_within.or(default.acknowledge_within);
    if let Some(within) = acknowledge_within
        && table.is_sound()
        && within > resolve_within
    {
        let (within, resolve) = (duration_text(within), duration_text(resolve_within));
        let key = if table.has("acknowledge_within") { "acknowledge_within" } else { "resolve_within" };
        table.error(
            key,
            format!(
                "acknowledging within {within} is longer than resolving within {resolve}; it comes first"
            ),
        );
    }
    SlaTargets { resolve_within, acknowledge_within }
}

fn read_kinds(table: &Table<'_>, default: SlaTargets) -> BTreeMap<IncidentKind, SlaTargets> {
    let kinds = table.others(|table, name| match name.parse::<IncidentKind>() {
        Ok(IncidentKind::SlaBreach) => {
            table.pass_over();
            table.error("", "has no clock of its own: the incident that was breached has it; drop it");
            None
        }
        Ok(kind) => Some((kind, read_targets(table, default))),
        Err(error) => {
            table.pass_over();
            table.error("", error.to_string());
            None
        }
    });
    kinds.into_iter().flatten().collect()
}

fn are_reminders(shares: &[f64]) -> Result<(), String> {
    let inside = shares.iter().all(|share| *share > 0.0 && *share < 1.0);
    if shares.len() <= REMINDERS_MAX && inside && shares.is_sorted() {
        return Ok(());
    }
    Err(format!(
        "are no reminders; at most {REMINDERS_MAX} shares of the time to resolution, increasing, between 0 and 1"
    ))
}

fn whole(number: u64) -> u32 {
    u32::try_from(number).unwrap_or(u32::MAX)
}
