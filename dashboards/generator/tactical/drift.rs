//! The three drifts, and the features that moved.

use super::super::dashboard::{Row, row};
use super::super::panel::Panel;
use super::super::table::Look;
use super::super::values::{Unit, Words};
use super::super::words::{STATUS, both, t};

/// What tells a feature's series from another.
const BY: &str = "feature, segment, window, reference";

/// Selector of a feature's series.
const CHOSEN: &str = r#"{@version, segment=~"$segment", window=~"$window"}"#;

pub fn drifts() -> Row {
    row(
        t("Drift", "Dérive"),
        [
            Panel::timeline(
                t("Three drifts", "Trois dérives"),
                t(
                    "Data: inputs moved. Concept: the relation of inputs to target changed. Model: it does \
                        worse than its baseline.",
                    "Data : les entrées ont bougé. Concept : la relation entre entrées et cible a changé. \
                        Model : il fait moins bien que sa référence.",
                ),
                Words::Status,
            )
            .query(both("{{kind}}"), "max by (kind) (driftd_drift_status{@model})"),
            Panel::timeline(
                t("Traffic, silence, schema, groups", "Trafic, silence, schéma, groupes"),
                t(
                    "Volume against habit, whether rows come in, whether they keep to the schema, whether \
                        groups are treated alike.",
                    "Volume par rapport à l’habitude, arrivée des lignes, respect du schéma, égalité de \
                        traitement des groupes.",
                ),
                Words::Status,
            )
            .query(t("traffic", "trafic"), "max(driftd_traffic_status{@model})")
            .query(t("silence", "silence"), "max(driftd_silence_status{@model})")
            .query(t("schema", "schéma"), "max(driftd_schema_status{@model})")
            .query(t("groups", "groupes"), "max(driftd_bias_status{@model})"),
            Panel::lines(
                t("Features that drifted", "Variables en dérive"),
                t("At warning or critical, by reference.", "En avertissement ou critique, par référence."),
                Unit::Plain,
            )
            .query(
                both("{{version}} {{window}} {{reference}}"),
                r#"max by (version, window, reference) (driftd_drifted_features{@version, window=~"$window"})"#,
            ),
            Panel::timeline(
                t("Segments", "Segments"),
                t("Each segment in its worst feature.", "Chaque segment dans sa pire variable."),
                Words::Status,
            )
            .size(8, 8)
            .query(both("{{segment}}"), format!("max by (segment) (driftd_segment_status{CHOSEN})")),
            Panel::lines(
                t("Rows of a window", "Lignes d’une fenêtre"),
                t(
                    "In the window last evaluated, and so far in the one that is still open.",
                    "Dans la dernière fenêtre évaluée, et jusqu’ici dans celle encore ouverte.",
                ),
                Unit::Plain,
            )
            .query(
                both("{{version}} {{window}}"),
                r#"max by (version, window) (driftd_window_samples{@version, window=~"$window"})"#,
            )
            .query(
                t("{{version}} {{window}} open", "{{version}} {{window}} ouverte"),
                r#"max by (version, window) (driftd_provisional_window_samples{@version, window=~"$window"})"#,
            ),
        ],
    )
}

pub fn features() -> Row {
    let top = format!("topk(15, max by ({BY}) (driftd_feature_psi{CHOSEN}))");
    let of_top = |expr: String| format!("{expr} and on ({BY}) {top}");
    let threshold = |severity: &str| {
        let chosen = CHOSEN.replace('}', &format!(r#", severity="{severity}"}}"#));
        of_top(format!("max by ({BY}) (driftd_feature_psi_threshold{chosen})"))
    };
    row(
        t("Features", "Variables"),
        [
            Panel::table(
                t("What moved most", "Ce qui a le plus bougé"),
                t(
                    "The largest PSI. A feature alarms when the effect reaches its threshold and p is below \
                        what the budget leaves.",
                    "Les plus grands PSI. Une variable alerte quand l’effet atteint son seuil et que p est \
                        sous ce que laisse le budget.",
                ),
            )
            .size(24, 10)
            .label("feature", t("Feature", "Variable"), Look::Text)
            .label("segment", both("Segment"), Look::Text)
            .label("window", t("Window", "Fenêtre"), Look::Text)
            .label("reference", t("Reference", "Référence"), Look::Text)
            .value(both("PSI"), Look::Number(Unit::Plain), format!("sort_desc({top})"))
            .value(t("Warning from", "Avertissement dès"), Look::Number(Unit::Plain), threshold("warning"))
            .value(t("Critical from", "Critique dès"), Look::Number(Unit::Plain), threshold("critical"))
            .value(
                both("p"),
                Look::Number(Unit::Plain),
                of_top(format!("min by ({BY}) (driftd_feature_psi_p_value{CHOSEN})")),
            )
            .value(
                STATUS,
                Look::Words(Words::Status),
                of_top(format!("max by ({BY}) (driftd_feature_status{CHOSEN})")),
            ),
            Panel::lines(
                t("PSI over time", "PSI dans le temps"),
                t("Of the features where it is largest.", "Des variables où il est le plus grand."),
                Unit::Plain,
            )
            .size(12, 8)
            .query(
                both("{{feature}} {{window}} {{reference}}"),
                format!("topk(10, max by (feature, window, reference) (driftd_feature_psi{CHOSEN}))"),
            ),
            Panel::timeline(
                t("Features at warning or critical", "Variables en avertissement ou critiques"),
                t("By status, over time.", "Par état, dans le temps."),
                Words::Status,
            )
            .query(both("{{feature}}"), format!("max by (feature) (driftd_feature_status{CHOSEN}) > 0")),
        ],
    )
}
