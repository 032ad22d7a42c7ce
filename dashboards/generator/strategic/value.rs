//! What it brings, who uses it, what it costs.

use super::super::dashboard::{Row, row};
use super::super::panel::Panel;
use super::super::table::Look;
use super::super::values::{GAIN, Unit, Words};
use super::super::words::{Text, USE_CASE, both, t};
use super::{TO_USE_CASE, of_case, of_case_where};

const CASE: Text = both("{{use_case}}");

pub fn portfolio() -> Row {
    let number = |title, description, unit, metric: &str| {
        Panel::numbers(title, description, unit)
            .query(title, format!("max(driftd_portfolio_{metric}{{@daemon}})"))
    };
    row(
        t("Portfolio", "Portefeuille"),
        [
            number(
                t("Gain", "Gain"),
                t(
                    "So far, run cost taken off, over all use cases.",
                    "Jusqu’ici, coût d’exploitation déduit, sur tous les cas d’usage.",
                ),
                Unit::Plain,
                "gain",
            )
            .steps(GAIN),
            Panel::numbers(
                t("Gain by hypothesis", "Gain sur hypothèse"),
                t(
                    "1 where the gain is what was expected over the same months.",
                    "100 % si le gain est celui attendu sur les mêmes mois.",
                ),
                Unit::Ratio,
            )
            .query(
                t("of expected", "de l’attendu"),
                "max(driftd_portfolio_gain{@daemon}) / (max(driftd_portfolio_gain_expected{@daemon}) > 0)",
            ),
            number(
                t("ROI", "ROI"),
                t("Gain less cost, by cost.", "Gain moins coût, rapporté au coût."),
                Unit::Ratio,
                "roi_ratio",
            )
            .steps(GAIN),
            number(
                t("Usage", "Usage"),
                t("Active by targeted users.", "Utilisateurs actifs sur utilisateurs visés."),
                Unit::Ratio,
                "usage_ratio",
            ),
            number(
                t("Satisfaction", "Satisfaction"),
                t("Share of answers that are satisfied.", "Part des réponses satisfaites."),
                Unit::Ratio,
                "satisfaction_ratio",
            ),
            number(
                t("Register up to date", "Registre à jour"),
                t(
                    "Share of use cases whose register and audit are.",
                    "Part des cas d’usage dont registre et audit le sont.",
                ),
                Unit::Ratio,
                "register_current_ratio",
            ),
            number(
                t("Models in range", "Modèles dans les limites"),
                t(
                    "Share of models with no drift or performance status beyond ok.",
                    "Part des modèles sans état de dérive ou de performance au-delà de normal.",
                ),
                Unit::Ratio,
                "models_in_range_ratio",
            ),
            number(
                t("SLA met", "SLA tenus"),
                t(
                    "Share of critical incidents that were resolved in time.",
                    "Part des incidents critiques résolus à temps.",
                ),
                Unit::Ratio,
                "sla_met_ratio",
            ),
            Panel::bars(
                t("Proposals", "Propositions"),
                t("Use cases by what is proposed of them.", "Cas d’usage selon ce qui est proposé."),
                Unit::Plain,
            )
            .size(8, 4)
            .query(both("{{proposal}}"), "max by (proposal) (driftd_portfolio_use_cases{@daemon})"),
            Panel::table(
                t("Currency", "Monnaie"),
                t("Of all amounts on this page.", "De tous les montants de cette page."),
            )
            .size(4, 4)
            .label("currency", t("Currency", "Monnaie"), Look::Text)
            .value(
                t("Given", "Donnée"),
                Look::Hidden,
                "max by (currency) (driftd_portfolio_info{@daemon})",
            ),
            Panel::numbers(
                t("Cost of what was planned", "Coût par rapport au prévu"),
                t(
                    "Spent so far, by what was planned over 12 months.",
                    "Dépensé jusqu’ici, sur ce qui était prévu sur 12 mois.",
                ),
                Unit::Ratio,
            )
            .query(
                t("of planned", "du prévu"),
                "max(driftd_portfolio_cost{@daemon}) / (max(driftd_portfolio_cost_planned{@daemon}) > 0)",
            ),
        ],
    )
}

pub fn value() -> Row {
    row(
        t("Value against hypothesis", "Valeur face à l’hypothèse"),
        [
            Panel::lines(
                t("Cumulative gain", "Gain cumulé"),
                t(
                    "Time saved, errors avoided and added revenue, run cost taken off, beside what was \
                        expected.",
                    "Temps gagné, erreurs évitées et revenu ajouté, coût d’exploitation déduit, à côté de \
                        l’attendu.",
                ),
                Unit::Plain,
            )
            .size(12, 9)
            .link(TO_USE_CASE)
            .query(CASE, of_case("gain"))
            .query(t("{{use_case}} expected", "{{use_case}} attendu"), of_case("gain_expected")),
            Panel::lines(
                t("ROI", "ROI"),
                t(
                    "Gain less cost, by cost, of each use case so far.",
                    "Gain moins coût, rapporté au coût, de chaque cas d’usage jusqu’ici.",
                ),
                Unit::Ratio,
            )
            .size(12, 9)
            .link(TO_USE_CASE)
            .query(CASE, of_case("roi_ratio")),
            Panel::table(
                t("Use cases", "Cas d’usage"),
                t(
                    "ROI at month 6 is projected from the last three complete months until it is reached.",
                    "Le ROI au mois 6 est projeté depuis les trois derniers mois complets jusqu’à ce qu’il \
                        soit atteint.",
                ),
            )
            .label("use_case", USE_CASE, Look::Link(TO_USE_CASE))
            .value(t("Gain", "Gain"), Look::Judged(Unit::Plain, GAIN), of_case("gain"))
            .value(t("Expected", "Attendu"), Look::Number(Unit::Plain), of_case("gain_expected"))
            .value(
                t("Of expected", "De l’attendu"),
                Look::Number(Unit::Ratio),
                format!("{} / ({} > 0)", of_case("gain"), of_case("gain_expected")),
            )
            .value(t("Cost", "Coût"), Look::Number(Unit::Plain), of_case("cost"))
            .value(t("ROI", "ROI"), Look::Judged(Unit::Ratio, GAIN), of_case("roi_ratio"))
            .value(
                t("ROI at month 6, reached", "ROI au mois 6, atteint"),
                Look::Judged(Unit::Ratio, GAIN),
                of_case_where("roi_month6_ratio", "basis", "reached"),
            )
            .value(
                t("ROI at month 6, projected", "ROI au mois 6, projeté"),
                Look::Judged(Unit::Ratio, GAIN),
                of_case_where("roi_month6_ratio", "basis", "projected"),
            )
            .value(
                t("Time to value", "Délai de valeur"),
                Look::Number(Unit::Seconds),
                of_case("time_to_value_seconds"),
            ),
        ],
    )
}

pub fn adoption() -> Row {
    let lines = |title, description, metric: &str| {
        Panel::lines(title, description, Unit::Ratio).link(TO_USE_CASE).query(CASE, of_case(metric))
    };
    row(
        t("Adoption and satisfaction", "Adoption et satisfaction"),
        [
            lines(
                t("Usage", "Usage"),
                t(
                    "Active by targeted users; above 60 % is what the closing grid asks for.",
                    "Utilisateurs actifs sur visés ; la grille de clôture demande plus de 60 %.",
                ),
                "usage_ratio",
            ),
            lines(
                t("Satisfaction", "Satisfaction"),
                t(
                    "Share of answers that are satisfied; above 70 % is asked for.",
                    "Part des réponses satisfaites ; plus de 70 % demandés.",
                ),
                "satisfaction_ratio",
            ),
            Panel::timeline(
                t("Adoption curve", "Courbe d’adoption"),
                t("Whether usage grows, stagnates or falls.", "Si l’usage progresse, stagne ou recule."),
                Words::Trend,
            )
            .size(8, 8)
            .query(CASE, of_case("adoption_trend")),
        ],
    )
}

pub fn cost() -> Row {
    row(
        t("Cost over 12 months", "Coût sur 12 mois"),
        [
            Panel::lines(
                t("Cost so far", "Coût jusqu’ici"),
                t("One-off costs and what was run.", "Coûts uniques et exploitation."),
                Unit::Plain,
            )
            .size(12, 8)
            .link(TO_USE_CASE)
            .query(CASE, of_case("cost")),
            Panel::bars(
                t("Planned, by component", "Prévu, par composante"),
                t(
                    "Integration, data, evaluation, security, training, run, over the use cases chosen.",
                    "Intégration, données, évaluation, sécurité, formation, exploitation, sur les cas \
                        d’usage choisis.",
                ),
                Unit::Plain,
            )
            .size(6, 8)
            .query(
                both("{{component}}"),
                "sort_desc(sum by (component) (max by (use_case, component) \
                    (driftd_use_case_cost_planned{@case})))",
            ),
            Panel::bars(
                t("Planned, by use case", "Prévu, par cas d’usage"),
                t("All components.", "Toutes composantes."),
                Unit::Plain,
            )
            .size(6, 8)
            .query(
                CASE,
                "sort_desc(sum by (use_case) (max by (use_case, component) \
                    (driftd_use_case_cost_planned{@case})))",
            ),
        ],
    )
}
