//! How right it is, how far its labels are, its technical KPIs.

use super::super::dashboard::{Row, row};
use super::super::panel::Panel;
use super::super::table::Look;
use super::super::values::{Unit, Words};
use super::super::words::{STATUS, TARGET, USE_CASE, both, t};

/// Selector of what has no segments.
const WHOLE: &str = r#"{@version, window=~"$window"}"#;

pub fn performance() -> Row {
    let by_version = |name: &str| format!("max by (version, window) (driftd_performance_{name}{WHOLE})");
    let all = r#"{@version, window=~"$window", segment="all"}"#;
    let sliced = r#"{@version, window=~"$window", segment=~"$segment", segment!="all"}"#;
    row(
        t("Performance: $metric", "Performance : $metric"),
        [
            Panel::lines(
                t("Realised, estimated, baseline", "Réalisée, estimée, référence"),
                t(
                    "What labels show, what scores led to expect (assuming no concept drift), what the \
                        reference had.",
                    "Ce que montrent les étiquettes, ce que les scores laissaient attendre (sans dérive de \
                        concept), ce qu’avait la référence.",
                ),
                Unit::Plain,
            )
            .size(12, 9)
            .query(
                t("realised {{version}} {{window}}", "réalisée {{version}} {{window}}"),
                format!("max by (version, window) (driftd_performance_${{metric}}{all})"),
            )
            .query(
                t("estimated {{version}} {{window}}", "estimée {{version}} {{window}}"),
                by_version("estimated_${metric}"),
            )
            .query(
                t("baseline {{version}} {{window}}", "référence {{version}} {{window}}"),
                by_version("baseline_${metric}"),
            ),
            Panel::lines(
                t("Gap", "Écart"),
                t(
                    "Realised less estimated over the same labelled rows, with two standard errors to \
                        either side: without 0 between them, it is the concept.",
                    "Réalisée moins estimée sur les mêmes lignes étiquetées, avec deux erreurs types de \
                        part et d’autre : si 0 n’est pas entre elles, c’est le concept.",
                ),
                Unit::Plain,
            )
            .size(12, 9)
            .query(
                t("gap {{version}} {{window}}", "écart {{version}} {{window}}"),
                by_version("gap_${metric}"),
            )
            .query(
                t("{{version}} {{window}} + 2 errors", "{{version}} {{window}} + 2 erreurs"),
                format!("{} + 2 * {}", by_version("gap_${metric}"), by_version("gap_error_${metric}")),
            )
            .query(
                t("{{version}} {{window}} − 2 errors", "{{version}} {{window}} − 2 erreurs"),
                format!("{} - 2 * {}", by_version("gap_${metric}"), by_version("gap_error_${metric}")),
            ),
            Panel::lines(
                t("By segment", "Par segment"),
                t("Realised, in the segments chosen.", "Réalisée, dans les segments choisis."),
                Unit::Plain,
            )
            .size(12, 8)
            .query(
                both("{{segment}} {{window}}"),
                format!("max by (segment, window) (driftd_performance_${{metric}}{sliced})"),
            ),
            Panel::table(
                t("All metrics", "Toutes les métriques"),
                t(
                    "In the window last judged by its labels.",
                    "Dans la dernière fenêtre jugée par ses étiquettes.",
                ),
            )
            .size(12, 8)
            .label("metric", t("Metric", "Métrique"), Look::Text)
            .label("version", both("Version"), Look::Text)
            .label("window", t("Window", "Fenêtre"), Look::Text)
            .value(t("Realised", "Réalisée"), Look::Number(Unit::Plain), named("", r#", segment="all""#))
            .value(t("Estimated", "Estimée"), Look::Number(Unit::Plain), named("estimated_", ""))
            .value(t("Baseline", "Référence"), Look::Number(Unit::Plain), named("baseline_", "")),
        ],
    )
}

/// Metrics of one kind, their names as a label.
fn named(kind: &str, matcher: &str) -> String {
    let series =
        format!(r#"{{__name__=~"driftd_performance_{kind}.+", @version, window=~"$window"{matcher}}}"#);
    let labelled =
        format!(r#"label_replace({series}, "metric", "$1", "__name__", "driftd_performance_{kind}(.+)")"#);
    format!("max by (metric, version, window) ({labelled})")
}

pub fn labels() -> Row {
    let by_window = |name: &str| format!("max by (version, window) (driftd_{name}{WHOLE})");
    row(
        t("Labels", "Étiquettes"),
        [
            Panel::lines(
                t("Coverage", "Couverture"),
                t(
                    "Labelled by predicted rows of the window last judged by its labels.",
                    "Lignes étiquetées sur lignes prédites de la dernière fenêtre jugée par ses étiquettes.",
                ),
                Unit::Ratio,
            )
            .between(0.0, 1.0)
            .query(both("{{version}} {{window}}"), by_window("label_coverage_ratio")),
            Panel::lines(
                t("Lag", "Délai"),
                t("From prediction to label.", "De la prédiction à l’étiquette."),
                Unit::Seconds,
            )
            .query(
                t("median {{version}} {{window}}", "médiane {{version}} {{window}}"),
                by_window("label_lag_median_seconds"),
            )
            .query(both("p90 {{version}} {{window}}"), by_window("label_lag_p90_seconds")),
            Panel::lines(
                t("What became of labels", "Sort des étiquettes"),
                t(
                    "matched, correction, duplicate, orphan, expired, late, sampled_out, or why they count \
                        nowhere.",
                    "Rapprochées (matched), corrections, doublons, orphelines, expirées, tardives, hors \
                        échantillon, ou pourquoi elles ne comptent pas.",
                ),
                Unit::RowsPerSecond,
            )
            .query(
                both("{{outcome}}"),
                "sum by (outcome) \
                (rate(driftd_labels_total{@model}[$__rate_interval]))",
            ),
        ],
    )
}

pub fn technical() -> Row {
    let chosen = |name: &str| {
        format!(r#"max by (kpi, use_case) (driftd_kpi_{name}{{@model, family="technical", segment="all"}})"#)
    };
    row(
        t("Technical KPIs", "KPI techniques"),
        [
            Panel::table(
                t("Technical KPIs", "KPI techniques"),
                t(
                    "Over their last period; each in its own unit.",
                    "Sur leur dernière période ; chacun dans son unité.",
                ),
            )
            .size(16, 9)
            .label("kpi", both("KPI"), Look::Text)
            .label("use_case", USE_CASE, Look::Text)
            .value(t("Value", "Valeur"), Look::Number(Unit::Plain), chosen("value"))
            .value(TARGET, Look::Number(Unit::Plain), chosen("target"))
            .value(STATUS, Look::Words(Words::Status), chosen("status"))
            .value(t("Samples", "Mesures"), Look::Number(Unit::Plain), chosen("window_samples"))
            .value(
                t("Age of the period's end", "Âge de la fin de période"),
                Look::Number(Unit::Seconds),
                format!(
                    "scalar(max(driftd_model_present_timestamp_seconds{{@model}})) - {}",
                    chosen("window_end_timestamp_seconds")
                ),
            ),
            Panel::timeline(
                t("Status", "État"),
                t("Against their bounds.", "Par rapport à leurs limites."),
                Words::Status,
            )
            .size(8, 9)
            .query(both("{{kpi}}"), chosen("status")),
        ],
    )
}
