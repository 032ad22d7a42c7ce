//! One case of each model: what it is told, what it says, what turns out. Relations are of sums and products only.

use super::calendar::Day;
use super::random::Chance;
use super::story::{UseCase, spread_of_tariff};

/// A model of the demo.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Model {
    ClaimsTriage,
    ClaimsAmount,
    Churn,
    ContractRisk,
}

/// One prediction, as members of a row.
#[derive(Debug, Clone)]
pub struct Case {
    /// Those of `features`.
    pub features: String,
    /// A class in quotes, or a number.
    pub prediction: String,
    pub score: Option<f64>,
    /// As the prediction.
    pub actual: String,
    /// Of a person, where the model is watched for how it treats groups.
    pub age_group: Option<&'static str>,
}

impl Model {
    pub const ALL: [Self; 4] = [Self::ClaimsTriage, Self::ClaimsAmount, Self::Churn, Self::ContractRisk];

    pub const fn id(self) -> &'static str {
        match self {
            Self::ClaimsTriage => "claims_triage",
            Self::ClaimsAmount => "claims_amount",
            Self::Churn => "churn",
            Self::ContractRisk => "contract_risk",
        }
    }

    pub const fn use_case(self) -> UseCase {
        match self {
            Self::ClaimsTriage | Self::ClaimsAmount => UseCase::Claims,
            Self::Churn => UseCase::Retention,
            Self::ContractRisk => UseCase::Contracts,
        }
    }

    /// Days until it is known what was right.
    pub const fn known_after(self) -> i32 {
        match self {
            Self::ClaimsTriage => 7,
            Self::ClaimsAmount => 21,
            Self::Churn => 14,
            Self::ContractRisk => 10,
        }
    }

    /// `of_person` is what the age is drawn from.
    pub fn case(self, day: Day, chance: &mut Chance, of_person: &mut Chance) -> Case {
        match self {
            Self::ClaimsTriage => claims_triage(chance),
            Self::ClaimsAmount => claims_amount(chance),
            Self::Churn => churn(day, chance, of_person),
            Self::ContractRisk => contract_risk(chance),
        }
    }
}

/// From 0 to 1, ½ at 0: `½ + ½ x / (1 + |x|)`. The logistic function would need an exponential, which machines round
/// differently.
fn squashed(x: f64) -> f64 {
    0.5 + 0.5 * x / (1.0 + x.abs())
}

/// A class with its chance, and what turned out by that chance: scores are calibrated.
fn binary(features: String, score: f64, happens: f64, classes: [&str; 2], chance: &mut Chance) -> Case {
    let class = |is: bool| format!("\"{}\"", classes[usize::from(!is)]);
    Case {
        features,
        prediction: class(score >= 0.5),
        score: Some(score),
        actual: class(chance.is(happens)),
        age_group: None,
    }
}

fn claims_triage(chance: &mut Chance) -> Case {
    let kind = chance.one_of(&[("glass", 0.35), ("water", 0.3), ("storm", 0.2)], "theft");
    let documents = chance.below(7);
    let amount = (1_500.0 + 450.0 * chance.normal()).max(50.0);
    let policy_months = chance.below(240);
    let of_kind = match kind {
        "glass" => 4.0,
        "theft" => -4.0,
        _ => 0.0,
    };
    let x = 6.0 * (documents as f64 - 3.0) - (amount - 1_500.0) / 60.0 + of_kind;
    let features = format!(
        r#""amount":{amount:.2},"documents":{documents},"kind":"{kind}","policy_months":{policy_months}"#
    );
    let score = squashed(x);
    binary(features, score, score, ["fast_track", "manual"], chance)
}

fn claims_amount(chance: &mut Chance) -> Case {
    let claimed = (1_500.0 + 400.0 * chance.normal()).max(50.0);
    let repair_hours = 2.0 + 10.0 * chance.uniform();
    let kind = chance.one_of(&[("glass", 0.35), ("water", 0.3), ("storm", 0.2)], "theft");
    let estimate = 0.7 * claimed + 45.0 * repair_hours;
    let turned_out = (estimate + 120.0 * chance.normal()).max(0.0);
    Case {
        features: format!(r#""claimed":{claimed:.2},"kind":"{kind}","repair_hours":{repair_hours:.1}"#),
        prediction: format!("{estimate:.2}"),
        score: None,
        actual: format!("{turned_out:.2}"),
        age_group: None,
    }
}

/// With the new tariff 55 % of the customers are on `flex` instead of 15 %. The new ones pay more and call less, and of
/// those who would have stayed by what the model knows, nearly half leave. Most of them are young, so that it is the young
/// whom the model fails from then on.
fn churn(day: Day, chance: &mut Chance, of_person: &mut Chance) -> Case {
    let spread = spread_of_tariff(day);
    let flex = 0.15 + 0.40 * spread;
    let tariff = chance.one_of(&[("flex", flex), ("family", 0.35 * (1.0 - flex))], "classic");
    let is_new = tariff == "flex" && chance.is(spread);
    let fee = 35.0 + 8.0 * chance.normal() + if is_new { 9.0 } else { 0.0 };
    let calls = chance.below(if is_new { 5 } else { 9 });
    let tenure_months = 1 + chance.below(120);
    let x = 3.0 * (calls as f64 - 4.5) - (tenure_months as f64 - 60.0) / 6.0 + (fee - 35.0) / 4.0 - 3.0;
    let score = squashed(x);
    let leaves = if is_new { score + 0.45 * (1.0 - score) } else { score };
    let features =
        format!(r#""calls":{calls},"fee":{fee:.2},"tariff":"{tariff}","tenure_months":{tenure_months}"#);
    let young = if is_new { 0.8 } else { 0.25 };
    let age_group = of_person.one_of(&[("under_30", young), ("30_to_59", 0.6 * (1.0 - young))], "from_60");
    let case = binary(features, score, leaves, ["leaves", "stays"], chance);
    Case { age_group: Some(age_group), ..case }
}

fn contract_risk(chance: &mut Chance) -> Case {
    const CLASSES: [&str; 3] = ["low", "medium", "high"];
    let clauses = 5 + chance.below(56);
    let value = (80.0 + 20.0 * chance.normal()).max(1.0);
    let partner = chance.one_of(&[("known", 0.6), ("new", 0.25)], "public");
    let of_partner = if partner == "new" { 25.0 } else { 0.0 };
    let points = clauses as f64 + of_partner + (value - 80.0) / 2.0;
    let at = match points {
        ..30.0 => 0,
        ..55.0 => 1,
        _ => 2,
    };
    // One in ten is taken for its neighbour.
    let turned_out = match (chance.is(0.1), at) {
        (false, at) => at,
        (true, 1) => 2 * chance.below(2) as usize,
        (true, _) => 1,
    };
    Case {
        features: format!(r#""clauses":{clauses},"partner":"{partner}","value_keur":{value:.1}"#),
        prediction: format!("\"{}\"", CLASSES[at]),
        score: None,
        actual: format!("\"{}\"", CLASSES[turned_out]),
        age_group: None,
    }
}
