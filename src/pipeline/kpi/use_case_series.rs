//! Use cases and the portfolio as samples for `/metrics`.

use jiff::civil::Date;

use super::Kpis;
use super::options::KpiOptions;
use super::use_cases::Assessed;
use crate::metrics::{Labelled, UseCaseMetric};
use crate::store::Store;
use crate::use_case::{
    Answer, Criterion, Portfolio, Proposal, RoiAtSix, SignId, SignState, Standing, TimeToValue, Trend,
    UseCase,
};

const DAY_SECONDS: f64 = 86_400.0;

/// Samples that grow one by one.
#[derive(Default)]
struct Samples(Vec<(UseCaseMetric, Labelled)>);

impl Samples {
    fn put<const N: usize>(
        &mut self,
        metric: UseCaseMetric,
        labels: [&str; N],
        value: impl Into<Option<f64>>,
    ) {
        if let Some(value) = value.into() {
            self.0.push((metric, (labels.map(Box::from).into(), value)));
        }
    }
}

impl<S: Store> Kpis<S> {
    pub(super) fn use_case_series(
        &self,
        options: &KpiOptions,
        assessed: &[Assessed],
        sum: Option<&Portfolio>,
    ) -> Vec<(UseCaseMetric, Labelled)> {
        let mut samples = Samples::default();
        for of in assessed {
            self.put_use_case(options, of, &mut samples);
        }
        if !assessed.is_empty() {
            samples.put(UseCaseMetric::PortfolioInfo, [&options.currency], 1.0);
            put_proposals(assessed, &mut samples);
            put_money(assessed, &mut samples);
            if let Some(sum) = sum {
                put_portfolio(sum, &mut samples);
            }
        }
        samples.0
    }

    fn put_use_case(&self, options: &KpiOptions, of: &Assessed, samples: &mut Samples) {
        use UseCaseMetric as M;
        let assessment = &of.assessment;
        let use_case = &assessment.use_case;
        let id = use_case.id.as_str();
        let owner = use_case.owner.as_ref().map_or("", |owner| owner.as_str());
        let (category, risk) = (use_case.category.as_str(), use_case.risk.as_str());
        samples.put(M::Info, [id, use_case.name.as_str(), category, risk, owner], 1.0);
        if let Some(hypothesis) = assessment.hypothesis.value() {
            samples.put(M::GainExpected, [id], hypothesis.expected);
        }
        samples.put(M::Gain, [id], gain(of));
        put_costs(use_case, samples);
        if let Some(roi) = assessment.roi.value() {
            let newest = roi.newest.value();
            samples.put(M::Cost, [id], newest.map(|newest| newest.costs));
            samples.put(M::Roi, [id], newest.and_then(|newest| newest.roi));
            match roi.at_month_six {
                RoiAtSix::Reached(roi) => samples.put(M::RoiMonthSix, [id, "reached"], roi),
                RoiAtSix::Projected(roi) => samples.put(M::RoiMonthSix, [id, "projected"], roi),
                RoiAtSix::NotComputable(_) => {}
            }
        }
        if let Answer::Computed(usage) = &assessment.usage {
            samples.put(M::Usage, [id], usage.newest());
            let trend = match usage.trend {
                Trend::Grows => Some(1.0),
                Trend::Stagnates => Some(0.0),
                Trend::Falls => Some(-1.0),
                Trend::NotEnough => None,
            };
            samples.put(M::AdoptionTrend, [id], trend);
        }
        samples.put(M::Satisfaction, [id], assessment.satisfaction.value().and_then(|of| of.newest()));
        put_grid(of, samples);
        for proposal in Proposal::ALL {
            let is = f64::from(u8::from(assessment.proposed.proposal == proposal));
            samples.put(M::Proposal, [id, proposal.as_str()], is);
        }
        let seconds = |date: Date| options.catalogue.calendar().start_of(date).as_seconds_f64();
        samples.put(M::Decision, [id], use_case.decision_date.map(seconds));
        if let Some(TimeToValue::Reached { days, .. }) = of.time_to_value {
            samples.put(M::TimeToValue, [id], f64::from(days) * DAY_SECONDS);
        }
    }
}

/// What a use case gained over its complete months, less its run cost.
fn gain(of: &Assessed) -> Option<f64> {
    let history = of.assessment.history.value()?;
    let mut months = history.computed().map(|(_, benefits, run_cost)| benefits - run_cost).peekable();
    months.peek()?;
    Some(months.sum())
}

fn put_costs(use_case: &UseCase, samples: &mut Samples) {
    let costs = &use_case.costs;
    let components = [
        ("integration", costs.integration),
        ("data", costs.data),
        ("evaluation", costs.evaluation),
        ("security", costs.security),
        ("training", costs.training),
        ("run", costs.run),
    ];
    for (component, amount) in components {
        samples.put(UseCaseMetric::CostPlanned, [use_case.id.as_str(), component], amount.get());
    }
}

fn put_grid(of: &Assessed, samples: &mut Samples) {
    let assessment = &of.assessment;
    let id = assessment.use_case.id.as_str();
    if let Some(score) = &assessment.score {
        let grades = &score.grades;
        let grades = [
            ("value", grades.value),
            ("time_to_impact", grades.time_to_impact),
            ("feasibility", grades.feasibility),
            ("risk", grades.risk),
            ("adoption", grades.adoption),
        ];
        for (criterion, grade) in grades {
            samples.put(UseCaseMetric::Score, [id, criterion], f64::from(grade.get()));
        }
        samples.put(UseCaseMetric::Score, [id, "weighted"], score.weighted);
    }
    for criterion in Criterion::ALL {
        let standing = number(&assessment.closing.of(criterion).standing);
        samples.put(UseCaseMetric::Criterion, [id, criterion.as_str()], standing);
    }
    let horizons = &assessment.horizons;
    for (horizon, standing) in [
        ("technical", &horizons.technical),
        ("business", &horizons.business),
        ("organisational", &horizons.organisational),
    ] {
        samples.put(UseCaseMetric::Horizon, [id, horizon], number(standing));
    }
}

const fn number(standing: &Standing) -> f64 {
    match standing {
        Standing::Met => 0.0,
        Standing::OnItsWay => 1.0,
        Standing::Missed => 2.0,
        Standing::Unknown(_) => -1.0,
    }
}

fn put_proposals(assessed: &[Assessed], samples: &mut Samples) {
    for proposal in Proposal::ALL {
        let proposed = assessed.iter().filter(|of| of.assessment.proposed.proposal == proposal).count();
        samples.put(UseCaseMetric::PortfolioUseCases, [proposal.as_str()], proposed as f64);
    }
}

fn put_money(assessed: &[Assessed], samples: &mut Samples) {
    let planned: f64 = assessed.iter().map(|of| of.assessment.use_case.costs.total()).sum();
    samples.put(UseCaseMetric::PortfolioCostPlanned, [], planned);
    let costs = assessed.iter().filter_map(|of| Some(of.assessment.roi.value()?.newest.value()?.costs));
    let costs: Vec<f64> = costs.collect();
    samples.put(UseCaseMetric::PortfolioCost, [], (!costs.is_empty()).then(|| costs.iter().sum()));
    let expected = assessed.iter().filter_map(|of| Some(of.assessment.hypothesis.value()?.expected));
    let expected: Vec<f64> = expected.collect();
    let expected = (!expected.is_empty()).then(|| expected.iter().sum());
    samples.put(UseCaseMetric::PortfolioGainExpected, [], expected);
}

fn put_portfolio(sum: &Portfolio, samples: &mut Samples) {
    use UseCaseMetric as M;
    for (id, metric) in [
        ("total_gain", M::PortfolioGain),
        ("portfolio_roi", M::PortfolioRoi),
        ("usage", M::PortfolioUsage),
        ("satisfaction", M::PortfolioSatisfaction),
        ("register_up_to_date_share", M::PortfolioRegister),
        ("models_in_range_share", M::PortfolioModels),
        ("sla_kept_ratio", M::PortfolioSla),
    ] {
        let indicator = sum.indicators.iter().find(|indicator| indicator.id == id);
        samples.put(metric, [], indicator.and_then(|indicator| indicator.value.value().copied()));
    }
    for sign in &sum.signs {
        let raised = match sign.state {
            SignState::Raised => sign.evidence.len().max(1) as f64,
            SignState::Clear | SignState::Unknown => 0.0,
        };
        samples.put(M::PortfolioSign, [sign.id.as_str()], raised);
        put_sign(sign.id, sum, samples);
    }
}

/// The use cases that a sign is seen in.
fn put_sign(sign: SignId, sum: &Portfolio, samples: &mut Samples) {
    let of_sign = sum.signs.iter().find(|of| of.id == sign);
    let named = of_sign.into_iter().flat_map(|of| &of.evidence).filter_map(|of| of.use_case.as_ref());
    let mut named: Vec<&str> = named.map(|id| id.as_str()).collect();
    named.sort_unstable();
    named.dedup();
    for id in named {
        samples.put(UseCaseMetric::Sign, [id, sign.as_str()], 1.0);
    }
}
