//! Who uses it, and what was decided about it.

use super::super::dashboard::{Row, row};
use super::super::panel::Panel;
use super::super::query::events;
use super::super::table::Look;
use super::super::values::{NONE_IS_GOOD, Unit, Words};
use super::super::words::{STATUS, both, t};

pub fn adoption() -> Row {
    let of = |segment: &str| {
        format!(
            r#"max by (kpi, use_case, segment) (driftd_kpi_value{{@case, family="adoption", {segment}}})"#
        )
    };
    row(
        t("Adoption", "Adoption"),
        [
            Panel::lines(
                t("By team", "Par équipe"),
                t(
                    "Adoption KPIs by the attribute that they are counted by, each in its own unit.",
                    "KPI d’adoption selon l’attribut par lequel ils sont comptés, chacun dans son unité.",
                ),
                Unit::Plain,
            )
            .size(12, 8)
            .query(both("{{use_case}} {{kpi}} {{segment}}"), of(r#"segment!="all""#)),
            Panel::lines(
                t("As a whole", "Dans l’ensemble"),
                t("The same over everybody.", "Les mêmes sur tout le monde."),
                Unit::Plain,
            )
            .size(12, 8)
            .query(both("{{use_case}} {{kpi}}"), of(r#"segment="all""#)),
        ],
    )
}

pub fn retraining() -> Row {
    let triggered = events("driftd_retraining_triggers_total{@model}", "$__range");
    let withheld = events("driftd_retraining_withheld_total{@model}", "$__range");
    row(
        t("Retraining and maintenance", "Réentraînement et maintenance"),
        [
            Panel::bars(
                t("Runs decided", "Lancements décidés"),
                t(
                    "Within the time shown, by what brought them about.",
                    "Pendant la période affichée, par ce qui les a causés.",
                ),
                Unit::Plain,
            )
            .size(6, 8)
            .query(both("{{reason}}"), format!("sum by (reason) ({triggered})")),
            Panel::bars(
                t("Runs withheld", "Lancements retenus"),
                t(
                    "Decisions against a run within the time shown, under each of their reasons; driftd \
                        decisions has all.",
                    "Décisions contre un lancement pendant la période affichée, sous chacun de leurs motifs \
                        ; driftd decisions les donne toutes.",
                ),
                Unit::Plain,
            )
            .size(6, 8)
            .query(both("{{reason}}"), format!("sum by (reason) ({withheld})")),
            Panel::bars(
                t("Open runs", "Lancements en cours"),
                t("Runs that have not ended, by state.", "Lancements non terminés, par état."),
                Unit::Plain,
            )
            .size(4, 8)
            .query(both("{{state}}"), "sum by (state) (driftd_retraining_runs{@model})"),
            Panel::numbers(
                t("In trouble", "En difficulté"),
                t(
                    "Refused, failed, or without a report in time.",
                    "Refusés, échoués, ou sans compte rendu à temps.",
                ),
                Unit::Plain,
            )
            .size(4, 4)
            .steps(NONE_IS_GOOD)
            .query(t("runs", "lancements"), "sum(driftd_retraining_runs_in_trouble{@model})"),
            Panel::numbers(
                t("Next planned run", "Prochain lancement prévu"),
                t("By the schedule.", "Selon le calendrier."),
                Unit::Seconds,
            )
            .size(4, 4)
            .query(
                both("{{reason}}"),
                "min by (reason) (driftd_retraining_next_run_timestamp_seconds{@model}) - time()",
            ),
            Panel::table(
                t("Calendar", "Calendrier"),
                t(
                    "Tasks of maintenance and what is left until they are due.",
                    "Tâches de maintenance et délai avant leur échéance.",
                ),
            )
            .size(16, 8)
            .label("task", t("Task", "Tâche"), Look::Text)
            .label("period", t("Period", "Période"), Look::Text)
            .value(
                STATUS,
                Look::Words(Words::Maintenance),
                "max by (task, period) \
                (driftd_maintenance_status{@model})",
            )
            .value(
                t("Due in", "À faire dans"),
                Look::Number(Unit::Seconds),
                "min by (task, period) (driftd_maintenance_due_timestamp_seconds{@model}) - time()",
            ),
            Panel::table(
                t("Versions", "Versions"),
                t("When they were trained.", "Quand elles ont été entraînées."),
            )
            .size(8, 8)
            .label("version", both("Version"), Look::Text)
            .value(
                t("Trained on", "Entraînée le"),
                Look::Number(Unit::Instant),
                "max by (version) (driftd_model_trained_timestamp_seconds{@version}) * 1000",
            )
            .value(
                t("Age", "Âge"),
                Look::Number(Unit::Seconds),
                "scalar(max(driftd_model_present_timestamp_seconds{@model})) - max by (version) \
                    (driftd_model_trained_timestamp_seconds{@version})",
            ),
        ],
    )
}
