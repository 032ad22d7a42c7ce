//! Broken data, and groups that are not treated alike.

use super::super::dashboard::{Row, row};
use super::super::panel::Panel;
use super::super::values::Unit;
use super::super::words::{both, t};

const CHOSEN: &str = r#"{@version, segment=~"$segment", window=~"$window"}"#;

pub fn anomalies() -> Row {
    let changes = |statistic: &str| {
        format!("topk(10, max by (feature, window, reference) (driftd_feature_{statistic}_change{CHOSEN}))")
    };
    let rate_of = |title, description, statistic: &str| {
        Panel::lines(title, description, Unit::Ratio)
            .query(both("{{feature}} {{window}} {{reference}}"), changes(statistic))
    };
    row(
        t("Anomalies", "Anomalies"),
        [
            Panel::lines(
                t("Schema violations", "Violations du schéma"),
                t(
                    "Values and keys that break the schema, by feature and kind.",
                    "Valeurs et clés qui enfreignent le schéma, par variable et type.",
                ),
                Unit::PerSecond,
            )
            .size(12, 8)
            .query(
                both("{{feature}} {{kind}}"),
                "topk(10, sum by (feature, kind) \
                    (rate(driftd_schema_violations_total{@model}[$__rate_interval])))",
            ),
            Panel::lines(
                t("Rejected and late rows", "Lignes rejetées et tardives"),
                t(
                    "By reason; late: counted after their pane had closed.",
                    "Par motif ; tardives : comptées après la fermeture de leur pas.",
                ),
                Unit::RowsPerSecond,
            )
            .size(12, 8)
            .query(
                t("rejected: {{reason}}", "rejetées : {{reason}}"),
                "sum by (reason) (rate(driftd_rows_rejected_total{@model}[$__rate_interval]))",
            )
            .query(t("late", "tardives"), "sum(rate(driftd_late_rows_total{@model}[$__rate_interval]))"),
            rate_of(
                t("Missing values", "Valeurs manquantes"),
                t(
                    "Change of their share against the reference.",
                    "Variation de leur part par rapport à la référence.",
                ),
                "missing_rate",
            ),
            rate_of(
                t("Unseen categories", "Catégories inédites"),
                t(
                    "Change of the share of categories that the reference lacks.",
                    "Variation de la part des catégories absentes de la référence.",
                ),
                "unseen_rate",
            ),
            rate_of(
                t("Out of range", "Hors plage"),
                t(
                    "Change of the share outside the reference's range.",
                    "Variation de la part hors de la plage de la référence.",
                ),
                "out_of_range_rate",
            ),
        ],
    )
}

pub fn fairness() -> Row {
    let of = |measure: &str| {
        format!(r#"max by (attribute, window) (driftd_fairness_{measure}{{@version, window=~"$window"}})"#)
    };
    row(
        t("Fairness", "Équité"),
        [
            Panel::lines(
                t("Differences between groups", "Différences entre groupes"),
                t(
                    "In the window last judged by labels; 0 where groups are treated alike.",
                    "Dans la dernière fenêtre jugée par ses étiquettes ; 0 si les groupes sont traités de \
                        même.",
                ),
                Unit::Ratio,
            )
            .size(16, 8)
            .query(
                t("{{attribute}} {{window}} predicted positive", "{{attribute}} {{window}} prédits positifs"),
                of("demographic_parity_difference"),
            )
            .query(
                t("{{attribute}} {{window}} recall", "{{attribute}} {{window}} rappel"),
                of("equal_opportunity_difference"),
            )
            .query(
                t("{{attribute}} {{window}} equalised odds", "{{attribute}} {{window}} chances égalisées"),
                of("equalised_odds_difference"),
            )
            .query(
                t("{{attribute}} {{window}} accuracy", "{{attribute}} {{window}} exactitude"),
                of("accuracy_difference"),
            ),
            Panel::lines(
                t("Ratio of predicted positives", "Rapport des prédits positifs"),
                t(
                    "Smallest by largest share among the groups; 1 where they are alike.",
                    "Plus petite part sur la plus grande parmi les groupes ; 1 s’ils sont égaux.",
                ),
                Unit::Plain,
            )
            .query(both("{{attribute}} {{window}}"), of("demographic_parity_ratio")),
        ],
    )
}
