//! driftd itself.

use super::super::dashboard::{Row, row};
use super::super::panel::Panel;
use super::super::values::{GREEN, NONE_IS_GOOD, ORANGE, RED, Steps, Unit, Words};
use super::super::words::{both, t};

const FILLS: Steps = &[(f64::NEG_INFINITY, GREEN), (0.8, ORANGE), (0.9, RED)];

pub fn daemon() -> Row {
    row(
        t("driftd itself", "driftd lui-même"),
        [
            Panel::lines(
                t("Store", "Stockage"),
                t(
                    "Database, its write-ahead log, space left on its disk.",
                    "Base, son journal, place restante sur son disque.",
                ),
                Unit::Bytes,
            )
            .query(t("database", "base"), "sum(driftd_store_bytes{@daemon})")
            .query(t("log", "journal"), "sum(driftd_store_wal_bytes{@daemon})")
            .query(t("free", "libre"), "min(driftd_store_free_bytes{@daemon})"),
            Panel::lines(
                t("Jobs of the store, p99", "Travaux du stockage, p99"),
                t(
                    "By sort: so long ingest may have to wait.",
                    "Par sorte : l’ingestion peut devoir attendre aussi longtemps.",
                ),
                Unit::Seconds,
            )
            .query(
                both("{{kind}}"),
                "histogram_quantile(0.99, sum by (kind, le) \
                    (rate(driftd_store_job_duration_seconds_bucket{@daemon}[$__rate_interval])))",
            ),
            Panel::lines(
                t("Evaluation of a model", "Évaluation d’un modèle"),
                t("Time that it takes.", "Temps qu’elle prend."),
                Unit::Seconds,
            )
            .query(
                both("p95"),
                "histogram_quantile(0.95, sum by (le) \
                    (rate(driftd_evaluation_duration_seconds_bucket{@daemon}[$__rate_interval])))",
            ),
            Panel::lines(
                t("Processor", "Processeur"),
                t("Processors in use.", "Processeurs occupés."),
                Unit::Plain,
            )
            .query(
                both("{{instance}}"),
                "sum by (instance) (rate(process_cpu_seconds_total{@daemon}[$__rate_interval]))",
            ),
            Panel::lines(t("Memory", "Mémoire"), t("Resident memory.", "Mémoire résidente."), Unit::Bytes)
                .query(both("{{instance}}"), "sum by (instance) (process_resident_memory_bytes{@daemon})"),
            Panel::bars(
                t("File descriptors", "Descripteurs de fichiers"),
                t("In use, of those allowed.", "Utilisés, parmi ceux permis."),
                Unit::Ratio,
            )
            .between(0.0, 1.0)
            .steps(FILLS)
            .query(
                both("{{instance}}"),
                "max by (instance) (process_open_fds{@daemon} / process_max_fds{@daemon})",
            ),
            Panel::numbers(
                t("Configuration read", "Configuration lue"),
                t("Whether its last reading succeeded.", "Si la dernière lecture a réussi."),
                Unit::Word,
            )
            .words(Words::YesNo)
            .query(t("read", "lue"), "min(driftd_config_last_reload_successful{@daemon})"),
            Panel::numbers(
                t("Keys that wait for a restart", "Clés en attente de redémarrage"),
                t(
                    "Changed, but in force at the next start only.",
                    "Modifiées, mais effectives au prochain démarrage.",
                ),
                Unit::Plain,
            )
            .query(t("keys", "clés"), "sum(driftd_config_keys_pending_restart{@daemon})"),
            Panel::numbers(
                t("Series left out", "Séries omises"),
                t(
                    "To stay within limits.series_max, and of KPIs.",
                    "Pour rester sous limits.series_max, et de KPI.",
                ),
                Unit::Plain,
            )
            .steps(NONE_IS_GOOD)
            .query(t("drift", "dérive"), "sum(driftd_series_left_out{@daemon})")
            .query(both("KPI"), "sum(driftd_kpi_series_left_out{@daemon})"),
            Panel::numbers(
                t("Keys forgotten early", "Clés oubliées trop tôt"),
                t(
                    "Idempotency keys that left a full index: a retry under one of them counts again.",
                    "Clés d’idempotence sorties d’un index plein : un nouvel envoi sous l’une d’elles \
                        recompte.",
                ),
                Unit::Plain,
            )
            .steps(NONE_IS_GOOD)
            .query(t("keys", "clés"), "sum(driftd_idempotency_keys_evicted{@daemon})"),
            Panel::numbers(
                t("Running since", "En marche depuis"),
                t("Start of the process, the last one's.", "Démarrage du processus, le dernier."),
                Unit::Seconds,
            )
            .query(t("since", "depuis"), "time() - max(process_start_time_seconds{@daemon})"),
            Panel::numbers(
                t("Version", "Version"),
                t("Of driftd; its instances.", "De driftd ; ses instances."),
                Unit::Plain,
            )
            .query(both("{{version}}"), "sum by (version) (driftd_build_info{@daemon})"),
        ],
    )
}
