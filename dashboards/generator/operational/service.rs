//! Service, traffic and freshness of the models.

use super::super::dashboard::{Row, row};
use super::super::panel::Panel;
use super::super::query::model_kpi;
use super::super::table::Look;
use super::super::values::{Unit, Words};
use super::super::words::{LIMIT, MODEL, STATUS, USE_CASE, both, t};
use super::TO_MODEL;

pub fn service() -> Row {
    let limits = |name: &str| format!("max by (model, severity) ({})", model_kpi("threshold", name));
    row(
        t("Service of the models", "Service des modèles"),
        [
            Panel::lines(
                t("Availability", "Disponibilité"),
                t(
                    "Share of the period's slots with traffic and healthy answers, with its bounds.",
                    "Part des créneaux de la période avec du trafic et des réponses saines, avec ses limites.",
                ),
                Unit::Ratio,
            )
            .link(TO_MODEL)
            .query(both("{{model}}"), format!("min by (model) ({})", model_kpi("value", "availability")))
            .query(LIMIT, limits("availability")),
            Panel::lines(
                t("Latency", "Latence"),
                t(
                    "Quantiles of latency_ms, as the rows give it, by model.",
                    "Quantiles de latency_ms, tel que donné par les lignes, par modèle.",
                ),
                Unit::Milliseconds,
            )
            .link(TO_MODEL)
            .query(both("{{model}} p50"), format!("max by (model) ({})", model_kpi("value", "latency_p50")))
            .query(both("{{model}} p95"), format!("max by (model) ({})", model_kpi("value", "latency_p95")))
            .query(both("{{model}} p99"), format!("max by (model) ({})", model_kpi("value", "latency_p99"))),
            Panel::lines(
                t("Error rate", "Taux d’erreur"),
                t(
                    "Share of answers that failed, with its bounds.",
                    "Part des réponses en échec, avec ses limites.",
                ),
                Unit::Ratio,
            )
            .link(TO_MODEL)
            .query(both("{{model}}"), format!("max by (model) ({})", model_kpi("value", "error_rate")))
            .query(LIMIT, limits("error_rate")),
        ],
    )
}

pub fn ingest() -> Row {
    let commit = |quantile: &str| {
        let buckets =
            "sum by (le) (rate(driftd_ingest_commit_duration_seconds_bucket{@daemon}[$__rate_interval]))";
        format!("histogram_quantile({quantile}, {buckets})")
    };
    row(
        t("Traffic and ingest", "Trafic et ingestion"),
        [
            Panel::lines(
                t("Rows by outcome", "Lignes par issue"),
                t(
                    "accepted, late (counted after its pane closed), rejected, duplicate.",
                    "accepted : acceptée, late : comptée après la fermeture de son pas, rejected : rejetée, \
                        duplicate : doublon.",
                ),
                Unit::RowsPerSecond,
            )
            .stacked()
            .query(
                both("{{outcome}}"),
                "sum by (outcome) (rate(driftd_ingest_rows_total{@model}[$__rate_interval]))",
            ),
            Panel::lines(
                t("Rows by model", "Lignes par modèle"),
                t("Rows received.", "Lignes reçues."),
                Unit::RowsPerSecond,
            )
            .stacked()
            .link(TO_MODEL)
            .query(
                both("{{model}}"),
                "sum by (model) (rate(driftd_ingest_rows_total{@model}[$__rate_interval]))",
            ),
            Panel::lines(
                t("Rejected rows", "Lignes rejetées"),
                t(
                    "By reason; GET /v1/models/{model}/rejections has the rows without their values.",
                    "Par motif ; GET /v1/models/{model}/rejections donne les lignes sans leurs valeurs.",
                ),
                Unit::RowsPerSecond,
            )
            .query(
                both("{{model}} {{reason}}"),
                "sum by (model, reason) (rate(driftd_rows_rejected_total{@model}[$__rate_interval]))",
            ),
            Panel::lines(
                t("Commit duration", "Durée d’une transaction"),
                t(
                    "Of an ingest transaction, sync to disk included: senders wait for it.",
                    "D’une transaction d’ingestion, synchronisation du disque comprise : les émetteurs \
                        l’attendent.",
                ),
                Unit::Seconds,
            )
            .query(both("p50"), commit("0.5"))
            .query(both("p95"), commit("0.95"))
            .query(both("p99"), commit("0.99")),
            Panel::lines(
                t("Queue", "File d’attente"),
                t("Rows decoded that wait for their commit.", "Lignes décodées en attente de transaction."),
                Unit::Plain,
            )
            .query(both("{{instance}}"), "sum by (instance) (driftd_ingest_queue_rows{@daemon})"),
            Panel::lines(
                t("Refused requests", "Requêtes refusées"),
                t(
                    "Refused as a whole, by reason; queue_full and unavailable are to be sent again.",
                    "Refusées en bloc, par motif ; queue_full et unavailable sont à renvoyer.",
                ),
                Unit::PerSecond,
            )
            .query(
                both("{{reason}}"),
                "sum by (reason) (rate(driftd_requests_rejected_total{@daemon}[$__rate_interval]))",
            ),
        ],
    )
}

pub fn freshness() -> Row {
    let age = |of: &str| format!("max by (model) (driftd_model_present_timestamp_seconds{{@model}}) - {of}");
    let kpis = |metric: &str| {
        format!(r#"max by (kpi, use_case, model) (driftd_kpi_{metric}{{@model, segment="all"}})"#)
    };
    let wrong = format!("({} > 0 or {} == 1)", kpis("status"), kpis("stale"));
    let seconds = Look::Number(Unit::Seconds);
    row(
        t("Freshness", "Fraîcheur"),
        [
            Panel::table(
                t("Models", "Modèles"),
                t(
                    "Ages go by the model's own present: the clock, or the newest event of a replay.",
                    "Les âges se comptent depuis le présent du modèle : l’horloge, ou le dernier événement \
                        d’une relecture.",
                ),
            )
            .label("model", MODEL, Look::Link(TO_MODEL))
            .value(
                t("Age of the window's end", "Âge de la fin de fenêtre"),
                seconds,
                age("max by (model) (driftd_window_end_timestamp_seconds{@model})"),
            )
            .value(
                t("Age of the watermark", "Âge du filigrane"),
                seconds,
                age("max by (model) (driftd_watermark_timestamp_seconds{@model})"),
            )
            .value(
                t("Since the last evaluation", "Depuis la dernière évaluation"),
                seconds,
                "time() - max by (model) (driftd_evaluation_last_success_timestamp_seconds{@model})",
            )
            .value(
                t("Traffic comes in", "Le trafic arrive"),
                Look::Words(Words::Status),
                "max by (model) (driftd_silence_status{@model})",
            )
            .value(
                t("Volume", "Volume"),
                Look::Words(Words::Status),
                "max by (model) (driftd_traffic_status{@model})",
            )
            .value(
                t("Waiting for labels", "En attente d’étiquettes"),
                Look::Number(Unit::Plain),
                "max by (model) (driftd_waiting_predictions{@model})",
            )
            .value(
                t("Label coverage", "Couverture des étiquettes"),
                Look::Number(Unit::Ratio),
                "min by (model) (driftd_label_coverage_ratio{@model})",
            )
            .value(
                t("Reference learnt", "Référence apprise"),
                Look::Number(Unit::Ratio),
                "min by (model) (driftd_reference_learning_ratio{@model})",
            ),
            Panel::table(
                t("KPIs that are stale or out of bounds", "KPI périmés ou hors limites"),
                t(
                    "Stale: no sample for longer than its definition allows.",
                    "Périmé : aucune mesure depuis plus longtemps que sa définition ne le permet.",
                ),
            )
            .size(16, 8)
            .label("kpi", both("KPI"), Look::Text)
            .label("use_case", USE_CASE, Look::Text)
            .label("model", MODEL, Look::Text)
            .value(STATUS, Look::Words(Words::Status), format!("{} and {wrong}", kpis("status")))
            .value(
                t("Since the last sample", "Depuis la dernière mesure"),
                seconds,
                format!("time() - {} and {wrong}", kpis("last_sample_timestamp_seconds")),
            ),
            Panel::lines(
                t("KPI samples", "Mesures de KPI"),
                t("Received, by outcome.", "Reçues, par issue."),
                Unit::PerSecond,
            )
            .query(
                both("{{outcome}}"),
                "sum by (outcome) (rate(driftd_kpi_samples_total{@daemon}[$__rate_interval]))",
            ),
        ],
    )
}
