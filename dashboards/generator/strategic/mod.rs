//! Is it worth it? For those who decide on the portfolio.

mod decisions;

mod value;

use super::dashboard::{Dashboard, Level};
use super::panel::Link;
use super::variable::USE_CASES;
use super::words::t;

const TO_USE_CASE: Link = Link {
    to: Level::Tactical,
    title: t("Look into this use case", "Examiner ce cas d’usage"),
    label: "use_case",
};

pub fn dashboard() -> Dashboard {
    Dashboard {
        level: Level::Strategic,
        description: t(
            "The portfolio: return, value against hypothesis, adoption, maturity and closing grid, risks \
                and compliance, cost.",
            "Le portefeuille : rendement, valeur face à l’hypothèse, adoption, maturité et grille de \
                clôture, risques et conformité, coûts.",
        ),
        from: "now-1y",
        variables: vec![USE_CASES],
        rows: vec![
            value::portfolio(),
            value::value(),
            value::adoption(),
            decisions::maturity(),
            decisions::closing_grid(),
            decisions::risks(),
            value::cost(),
            decisions::decisions(),
        ],
    }
}

/// A metric of the use cases chosen, one series each.
fn of_case(metric: &str) -> String {
    format!("max by (use_case) (driftd_use_case_{metric}{{@case}})")
}

/// The same, of the values of a label that are named.
fn of_case_where(metric: &str, label: &str, value: &str) -> String {
    format!(r#"max by (use_case) (driftd_use_case_{metric}{{@case, {label}="{value}"}})"#)
}
