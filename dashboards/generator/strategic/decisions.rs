//! How mature it is, what is risky, what is to be decided.

use super::super::dashboard::{Row, row};
use super::super::panel::Panel;
use super::super::query::events;
use super::super::table::Look;
use super::super::values::{NONE_IS_GOOD, TIME_LEFT, Unit, Words};
use super::super::words::{MODEL, STATUS, USE_CASE, both, t};
use super::{TO_USE_CASE, of_case, of_case_where};

pub fn maturity() -> Row {
    let score = |criterion: &str| of_case_where("score", "criterion", criterion);
    let plain = Look::Number(Unit::Plain);
    row(
        t("Maturity", "Maturité"),
        [
            Panel::table(
                t("Scores", "Notes"),
                t(
                    "1 to 5; for risk, 5 is little risk. Value and feasibility stand apart: a sum alone \
                        hides that one is missing.",
                    "De 1 à 5 ; pour le risque, 5 est un faible risque. Valeur et faisabilité à part : une \
                        somme seule cache que l’une manque.",
                ),
            )
            .size(14, 8)
            .label("use_case", USE_CASE, Look::Link(TO_USE_CASE))
            .value(t("Value", "Valeur"), plain, score("value"))
            .value(t("Feasibility", "Faisabilité"), plain, score("feasibility"))
            .value(t("Time to impact", "Délai d’impact"), plain, score("time_to_impact"))
            .value(t("Risk", "Risque"), plain, score("risk"))
            .value(t("Adoption", "Adoption"), plain, score("adoption"))
            .value(t("Weighted", "Pondérée"), plain, score("weighted")),
            Panel::bars(
                t("Value", "Valeur"),
                t("Score of value, 1 to 5.", "Note de valeur, de 1 à 5."),
                Unit::Plain,
            )
            .size(5, 8)
            .between(0.0, 5.0)
            .query(both("{{use_case}}"), format!("sort_desc({})", score("value"))),
            Panel::bars(
                t("Feasibility", "Faisabilité"),
                t("Score of feasibility, 1 to 5.", "Note de faisabilité, de 1 à 5."),
                Unit::Plain,
            )
            .size(5, 8)
            .between(0.0, 5.0)
            .query(both("{{use_case}}"), format!("sort_desc({})", score("feasibility"))),
        ],
    )
}

pub fn closing_grid() -> Row {
    let criterion = |name: &str| of_case_where("criterion_status", "criterion", name);
    let horizon = |name: &str| of_case_where("horizon_status", "horizon", name);
    let reached = Look::Words(Words::Reached);
    row(
        t("Closing grid", "Grille de clôture"),
        [
            Panel::table(
                t("Criteria and horizons", "Critères et horizons"),
                t(
                    "Technique in range; ROI positive or on its way at month 6; usage and satisfaction; \
                        register and audit up to date. GET /v1/use_cases gives the reasons.",
                    "Technique dans les limites ; ROI positif ou en bonne voie au mois 6 ; usage et \
                        satisfaction ; registre et audit à jour. GET /v1/use_cases donne les raisons.",
                ),
            )
            .label("use_case", USE_CASE, Look::Link(TO_USE_CASE))
            .value(t("Technique", "Technique"), reached, criterion("technique"))
            .value(t("ROI", "ROI"), reached, criterion("roi"))
            .value(t("Adoption", "Adoption"), reached, criterion("adoption"))
            .value(t("Register", "Registre"), reached, criterion("register"))
            .value(t("Technical horizon", "Horizon technique"), reached, horizon("technical"))
            .value(t("Business horizon", "Horizon métier"), reached, horizon("business"))
            .value(
                t("Organisational horizon", "Horizon organisationnel"),
                reached,
                horizon("organisational"),
            ),
            Panel::table(
                t("Proposals", "Propositions"),
                t(
                    "What follows from the grid; people decide.",
                    "Ce qui découle de la grille ; la décision revient aux personnes.",
                ),
            )
            .size(12, 8)
            .label("use_case", USE_CASE, Look::Link(TO_USE_CASE))
            .label("proposal", t("Proposal", "Proposition"), Look::Words(Words::Proposal))
            .value(
                t("Present", "Actuelle"),
                Look::Hidden,
                "max by (use_case, proposal) (driftd_use_case_proposal{@case}) == 1",
            ),
            Panel::timeline(
                t("Criteria over time", "Critères dans le temps"),
                t(
                    "Standing of each criterion of each use case.",
                    "Situation de chaque critère de chaque cas d’usage.",
                ),
                Words::Reached,
            )
            .query(
                both("{{use_case}} {{criterion}}"),
                "max by (use_case, criterion) (driftd_use_case_criterion_status{@case})",
            ),
        ],
    )
}

pub fn risks() -> Row {
    let watched = r#"{@daemon, kind=~"bias|security|hallucination|data_quality"}"#;
    row(
        t("Risks and compliance", "Risques et conformité"),
        [
            Panel::table(
                t("Register", "Registre"),
                t(
                    "What each use case is, its risk and who answers for it.",
                    "Ce qu’est chaque cas d’usage, son risque et qui en répond.",
                ),
            )
            .size(14, 8)
            .label("use_case", USE_CASE, Look::Link(TO_USE_CASE))
            .label("name", t("Name", "Nom"), Look::Text)
            .label("category", t("Category", "Catégorie"), Look::Words(Words::Category))
            .label("risk", t("Risk", "Risque"), Look::Words(Words::Level))
            .label("owner", t("Owner", "Responsable"), Look::Text)
            .value(
                t("Registered", "Inscrit"),
                Look::Hidden,
                "max by (use_case, name, category, risk, owner) (driftd_use_case_info{@case})",
            ),
            Panel::bars(
                t("Open incidents of guard-rails", "Incidents de garde-fous ouverts"),
                t(
                    "Bias, security, hallucination, data quality.",
                    "Biais, sécurité, hallucination, qualité des données.",
                ),
                Unit::Plain,
            )
            .size(5, 8)
            .steps(NONE_IS_GOOD)
            .query(both("{{kind}}"), format!("sum by (kind) (driftd_incidents_open{watched})")),
            Panel::table(
                t("Audits", "Audits"),
                t("Compliance audits of the models.", "Audits de conformité des modèles."),
            )
            .size(5, 8)
            .label("model", MODEL, Look::Text)
            .value(
                STATUS,
                Look::Words(Words::Maintenance),
                r#"max by (model) (driftd_maintenance_status{@daemon, task="compliance_audit"})"#,
            ),
            Panel::bars(
                t("Signs of a badly run portfolio", "Signes d’un portefeuille mal conduit"),
                t(
                    "Use cases that show each of the six signs.",
                    "Cas d’usage qui montrent chacun des six signes.",
                ),
                Unit::Plain,
            )
            .size(8, 8)
            .steps(NONE_IS_GOOD)
            .query(both("{{sign}}"), "max by (sign) (driftd_portfolio_sign{@daemon})"),
            Panel::timeline(
                t("Signs by use case", "Signes par cas d’usage"),
                t("Whether a use case shows a sign.", "Si un cas d’usage montre un signe."),
                Words::Sign,
            )
            .size(16, 8)
            .query(both("{{use_case}} {{sign}}"), "max by (use_case, sign) (driftd_use_case_sign{@case})"),
        ],
    )
}

pub fn decisions() -> Row {
    let missed = events("driftd_incident_sla_breaches_total{@daemon}", "$__rate_interval");
    row(
        t("Decisions and SLA", "Décisions et SLA"),
        [
            Panel::table(
                t("Decision dates", "Dates de décision"),
                t(
                    "The next to come first; negative once passed.",
                    "La prochaine d’abord ; négatif une fois passée.",
                ),
            )
            .size(12, 8)
            .label("use_case", USE_CASE, Look::Link(TO_USE_CASE))
            .value(
                t("Time left", "Temps restant"),
                Look::Judged(Unit::Seconds, TIME_LEFT),
                format!("sort({} - time())", of_case("decision_timestamp_seconds")),
            )
            .value(
                t("Date", "Date"),
                Look::Number(Unit::Instant),
                format!("{} * 1000", of_case("decision_timestamp_seconds")),
            ),
            Panel::lines(
                t("SLA met", "SLA tenus"),
                t(
                    "Share of critical incidents that were resolved in time.",
                    "Part des incidents critiques résolus à temps.",
                ),
                Unit::Ratio,
            )
            .size(6, 8)
            .between(0.0, 1.0)
            .query(t("met", "tenus"), "max(driftd_portfolio_sla_met_ratio{@daemon})"),
            Panel::lines(
                t("SLA missed", "SLA manqués"),
                t(
                    "Targets of critical incidents that were missed, by kind.",
                    "Objectifs d’incidents critiques manqués, par type.",
                ),
                Unit::Plain,
            )
            .size(6, 8)
            .query(both("{{kind}}"), format!("sum by (kind) ({missed})")),
        ],
    )
}
