//! What is wrong now, incidents, who was told.

use super::super::dashboard::{Row, row};
use super::super::panel::Panel;
use super::super::query::{events, model_kpi};
use super::super::table::Look;
use super::super::values::{GREEN, NONE_IS_GOOD, RED, Steps, TIME_LEFT, Unit, Words};
use super::super::words::{MODEL, STATUS, both, t};
use super::TO_MODEL;

const ALL_UP: Steps = &[(f64::NEG_INFINITY, RED), (1.0, GREEN)];

pub fn now() -> Row {
    row(
        t("Now", "Maintenant"),
        [
            Panel::numbers(
                t("driftd up", "driftd actif"),
                t("Share of scrapes' targets that answer.", "Part des cibles interrogées qui répondent."),
                Unit::Ratio,
            )
            .steps(ALL_UP)
            .query(both("up"), r#"avg(up{@daemon})"#),
            Panel::numbers(
                t("Availability", "Disponibilité"),
                t(
                    "Of the model where it is lowest, over its last period.",
                    "Du modèle où elle est la plus basse, sur sa dernière période.",
                ),
                Unit::Ratio,
            )
            .query(t("lowest", "la plus basse"), format!("min({})", model_kpi("value", "availability"))),
            Panel::numbers(
                t("Latency p95", "Latence p95"),
                t(
                    "Of the slowest model, over its last period.",
                    "Du modèle le plus lent, sur sa dernière période.",
                ),
                Unit::Milliseconds,
            )
            .query(t("slowest", "le plus lent"), format!("max({})", model_kpi("value", "latency_p95"))),
            Panel::numbers(
                t("Traffic", "Trafic"),
                t("Rows received, whatever became of them.", "Lignes reçues, quel que soit leur sort."),
                Unit::RowsPerSecond,
            )
            .query(t("rows", "lignes"), "sum(rate(driftd_ingest_rows_total{@model}[$__rate_interval]))"),
            Panel::numbers(
                t("Critical incidents", "Incidents critiques"),
                t("Open ones. 0 is good.", "Ceux qui sont ouverts. 0 est bon."),
                Unit::Plain,
            )
            .steps(NONE_IS_GOOD)
            .query(
                t("open", "ouverts"),
                r#"sum(driftd_incidents_open{@model, severity="critical"}) or vector(0)"#,
            ),
            Panel::numbers(
                t("Next SLA deadline", "Prochaine échéance SLA"),
                t(
                    "Time left until a critical incident must be resolved; negative once missed, none where \
                        none is open.",
                    "Temps restant pour résoudre un incident critique ; négatif une fois manqué, rien si \
                        aucun n’est ouvert.",
                ),
                Unit::Seconds,
            )
            .steps(TIME_LEFT)
            .query(
                t("left", "restant"),
                "min(driftd_incident_sla_deadline_timestamp_seconds{@model}) - time()",
            ),
        ],
    )
}

pub fn incidents() -> Row {
    let opened = events("driftd_incidents_total{@model}", "$__rate_interval");
    let missed = events("driftd_incident_sla_breaches_total{@model}", "$__range");
    let false_alarms = events("driftd_incident_false_alarms_total{@model}", "$__range");
    row(
        t("Incidents", "Incidents"),
        [
            Panel::lines(
                t("Open by severity", "Ouverts par gravité"),
                t("Incidents that are not resolved.", "Incidents non résolus."),
                Unit::Plain,
            )
            .stacked()
            .query(both("{{severity}}"), "sum by (severity) (driftd_incidents_open{@model})"),
            Panel::bars(
                t("Open by kind", "Ouverts par type"),
                t("GET /runbooks/{kind} says what to do.", "GET /runbooks/{kind} dit quoi faire."),
                Unit::Plain,
            )
            .query(both("{{kind}}"), "sort_desc(sum by (kind) (driftd_incidents_open{@model}))"),
            Panel::lines(
                t("Opened", "Nouveaux"),
                t("Incidents opened, by kind.", "Incidents ouverts, par type."),
                Unit::Plain,
            )
            .stacked()
            .query(both("{{kind}}"), format!("sum by (kind) ({opened})")),
            Panel::table(
                t("Time left to the SLA", "Temps restant avant l’échéance SLA"),
                t(
                    "Critical incidents that are open, the most urgent first; negative once missed. driftd \
                        incident INC shows one.",
                    "Incidents critiques ouverts, le plus urgent d’abord ; négatif une fois manqué. driftd \
                        incident INC en montre un.",
                ),
            )
            .size(16, 8)
            .label("incident", t("Incident", "Incident"), Look::Text)
            .label("model", MODEL, Look::Link(TO_MODEL))
            .label("kind", t("Kind", "Type"), Look::Text)
            .value(
                t("Time left", "Temps restant"),
                Look::Judged(Unit::Seconds, TIME_LEFT),
                "sort(min by (incident, model, kind) \
                    (driftd_incident_sla_deadline_timestamp_seconds{@model}) - time())",
            ),
            Panel::numbers(
                t("SLA missed", "SLA manqués"),
                t("Targets missed within the time shown.", "Objectifs manqués pendant la période affichée."),
                Unit::Plain,
            )
            .size(4, 8)
            .steps(NONE_IS_GOOD)
            .query(t("missed", "manqués"), format!("sum({missed}) or vector(0)")),
            Panel::numbers(
                t("False alarms", "Fausses alertes"),
                t(
                    "As people marked them within the time shown.",
                    "Marquées comme telles pendant la période affichée.",
                ),
                Unit::Plain,
            )
            .size(4, 8)
            .query(t("false alarms", "fausses alertes"), format!("sum({false_alarms}) or vector(0)")),
        ],
    )
}

pub fn notifications() -> Row {
    row(
        t("Notifications", "Notifications"),
        [
            Panel::lines(
                t("Attempts by receiver", "Tentatives par destinataire"),
                t(
                    "delivered, retried (not taken, sent again), dead (given up).",
                    "delivered : remise, retried : pas prise, renvoyée, dead : abandonnée.",
                ),
                Unit::PerSecond,
            )
            .query(
                both("{{receiver}} {{outcome}}"),
                "sum by (receiver, outcome) (rate(driftd_notifications_total{@daemon}[$__rate_interval]))",
            ),
            Panel::lines(
                t("Outbox", "Boîte d’envoi"),
                t(
                    "pending: wait to be sent; dead: given up, POST /v1/notifications/{id}/retry sends them \
                        again.",
                    "pending : en attente d’envoi ; dead : abandonnées, POST /v1/notifications/{id}/retry \
                        les renvoie.",
                ),
                Unit::Plain,
            )
            .query(both("{{state}}"), "sum by (state) (driftd_outbox_entries{@daemon})"),
            Panel::table(
                t("Receivers", "Destinataires"),
                t("Who is told, who said that they are gone.", "Qui est informé, qui a signalé être parti."),
            )
            .size(8, 8)
            .label("receiver", t("Receiver", "Destinataire"), Look::Text)
            .value(
                STATUS,
                Look::Words(Words::Enabled),
                "min by (receiver) (driftd_receiver_enabled{@daemon})",
            )
            .value(
                t("Since the last message", "Depuis le dernier message"),
                Look::Number(Unit::Seconds),
                "time() - max by (receiver) (driftd_receiver_last_success_timestamp_seconds{@daemon})",
            ),
            Panel::lines(
                t("Oldest message overdue", "Plus ancien message en retard"),
                t(
                    "For how long the oldest message that waits has been due; none where nothing waits.",
                    "Depuis combien de temps le plus ancien message en attente est dû ; rien si rien \
                        n’attend.",
                ),
                Unit::Seconds,
            )
            .size(12, 8)
            .query(
                both("{{instance}}"),
                "time() - min by (instance) (driftd_outbox_oldest_due_timestamp_seconds{@daemon})",
            ),
            Panel::lines(
                t("Duration of an attempt", "Durée d’une tentative"),
                t("To the end of the receiver's answer.", "Jusqu’à la fin de la réponse du destinataire."),
                Unit::Seconds,
            )
            .size(12, 8)
            .query(
                both("p95"),
                "histogram_quantile(0.95, sum by (le) \
                    (rate(driftd_notification_duration_seconds_bucket{@daemon}[$__rate_interval])))",
            ),
        ],
    )
}
