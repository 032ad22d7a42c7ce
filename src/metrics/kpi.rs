//! Metrics of KPIs, use cases and the portfolio: a whole picture at a time.

use std::fmt;

use arc_swap::ArcSwap;
use prometheus_client::encoding::DescriptorEncoder;

use super::cells::Counter;
use super::kpi_names as names;
use super::names::Family;

/// A KPI of one segment as it stands.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct KpiSeries {
    /// KPI, family, use case, model, segment.
    pub labels: [Box<str>; 5],
    pub value: Option<f64>,
    /// 0 ok, 1 warning, 2 critical, -1 not computable.
    pub status: f64,
    pub samples: Option<u64>,
    pub window_end_seconds: f64,
    /// Of the KPI over all samples only.
    pub whole: Option<WholeKpi>,
}

impl KpiSeries {
    /// Series that it is in `/metrics`.
    pub fn samples_shown(&self) -> usize {
        let of_segment = [self.value.is_some(), true, self.samples.is_some(), true];
        let of_whole = self.whole.map_or([false; 5], |whole| {
            [
                true,
                whole.last_sample_seconds.is_some(),
                whole.target.is_some(),
                whole.warning.is_some(),
                whole.critical.is_some(),
            ]
        });
        of_segment.into_iter().chain(of_whole).filter(|shown| *shown).count()
    }
}

/// What a KPI has once, whatever its segments.
#[derive(Debug, Clone, Copy, PartialEq, Default)]
pub struct WholeKpi {
    pub is_stale: bool,
    pub last_sample_seconds: Option<f64>,
    pub target: Option<f64>,
    pub warning: Option<f64>,
    pub critical: Option<f64>,
}

/// A number under a metric's own labels.
pub type Labelled = (Vec<Box<str>>, f64);

/// KPIs, use cases and the portfolio as they stand.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct KpiPicture {
    /// At most as many as the config allows.
    pub kpis: Vec<KpiSeries>,
    pub left_out: u64,
    pub use_cases: Vec<(UseCaseMetric, Labelled)>,
}

/// Which metric of use cases or the portfolio a number is of.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum UseCaseMetric {
    Info,
    Gain,
    GainExpected,
    Cost,
    CostPlanned,
    Roi,
    RoiMonthSix,
    Usage,
    Satisfaction,
    AdoptionTrend,
    Score,
    Criterion,
    Horizon,
    Proposal,
    Decision,
    TimeToValue,
    Sign,
    PortfolioInfo,
    PortfolioGain,
    PortfolioGainExpected,
    PortfolioCost,
    PortfolioCostPlanned,
    PortfolioRoi,
    PortfolioUsage,
    PortfolioSatisfaction,
    PortfolioRegister,
    PortfolioModels,
    PortfolioSla,
    PortfolioUseCases,
    PortfolioSign,
}

/// Numbers of KPIs.
#[derive(Debug, Default)]
pub struct KpiMetrics {
    pub accepted: Counter,
    pub rejected: Counter,
    pub duplicate: Counter,
    picture: ArcSwap<KpiPicture>,
}

impl KpiMetrics {
    /// Takes the present picture whole.
    pub fn set(&self, picture: KpiPicture) {
        self.picture.store(picture.into());
    }

    pub(super) fn write(&self, encoder: &mut DescriptorEncoder) -> fmt::Result {
        let counted =
            [("accepted", &self.accepted), ("duplicate", &self.duplicate), ("rejected", &self.rejected)];
        names::KPI_SAMPLES.write(encoder, counted.map(|(outcome, counter)| ([outcome], counter.get())))?;
        let picture = self.picture.load();
        write_kpis(&picture.kpis, encoder)?;
        names::KPI_LEFT_OUT.write_one(encoder, Some(picture.left_out))?;
        for metric in UseCaseMetric::ALL {
            let samples = picture.use_cases.iter().filter(|(of, _)| *of == metric).map(|(_, sample)| sample);
            write_labelled(&metric.family(), encoder, samples)?;
        }
        Ok(())
    }
}

fn write_kpis(kpis: &[KpiSeries], encoder: &mut DescriptorEncoder) -> fmt::Result {
    let gauge = |of: fn(&KpiSeries) -> Option<f64>| {
        kpis.iter().filter_map(move |kpi| Some((kpi.labels.each_ref().map(|label| &**label), of(kpi)?)))
    };
    names::KPI_VALUE.write(encoder, gauge(|kpi| kpi.value))?;
    names::KPI_STATUS.write(encoder, gauge(|kpi| Some(kpi.status)))?;
    names::KPI_WINDOW_SAMPLES.write(encoder, gauge(|kpi| Some(kpi.samples? as f64)))?;
    names::KPI_WINDOW_END.write(encoder, gauge(|kpi| Some(kpi.window_end_seconds)))?;
    names::KPI_STALE.write(encoder, gauge(|kpi| Some(f64::from(u8::from(kpi.whole?.is_stale)))))?;
    names::KPI_LAST_SAMPLE.write(encoder, gauge(|kpi| kpi.whole?.last_sample_seconds))?;
    names::KPI_TARGET.write(encoder, gauge(|kpi| kpi.whole?.target))?;
    let thresholds = kpis.iter().flat_map(|kpi| {
        let [name, family, use_case, model, segment] = kpi.labels.each_ref().map(|label| &**label);
        let bounds = kpi.whole.map_or([None; 2], |whole| [whole.warning, whole.critical]);
        let bounds = ["warning", "critical"].into_iter().zip(bounds);
        bounds.filter_map(move |(severity, bound)| {
            Some(([name, family, use_case, model, segment, severity], bound?))
        })
    });
    names::KPI_THRESHOLD.write(encoder, thresholds)
}

fn write_labelled<'a>(
    family: &Family,
    encoder: &mut DescriptorEncoder,
    samples: impl Iterator<Item = &'a Labelled>,
) -> fmt::Result {
    fn of<const N: usize>((labels, value): &Labelled) -> Option<([&str; N], f64)> {
        let labels: Vec<&str> = labels.iter().map(|label| &**label).collect();
        Some((labels.try_into().ok()?, *value))
    }
    match family.labels.len() {
        0 => family.write(encoder, samples.filter_map(of::<0>)),
        1 => family.write(encoder, samples.filter_map(of::<1>)),
        2 => family.write(encoder, samples.filter_map(of::<2>)),
        _ => family.write(encoder, samples.filter_map(of::<5>)),
    }
}

impl UseCaseMetric {
    pub const ALL: [Self; 30] = [
        Self::Info,
        Self::Gain,
        Self::GainExpected,
        Self::Cost,
        Self::CostPlanned,
        Self::Roi,
        Self::RoiMonthSix,
        Self::Usage,
        Self::Satisfaction,
        Self::AdoptionTrend,
        Self::Score,
        Self::Criterion,
        Self::Horizon,
        Self::Proposal,
        Self::Decision,
        Self::TimeToValue,
        Self::Sign,
        Self::PortfolioInfo,
        Self::PortfolioGain,
        Self::PortfolioGainExpected,
        Self::PortfolioCost,
        Self::PortfolioCostPlanned,
        Self::PortfolioRoi,
        Self::PortfolioUsage,
        Self::PortfolioSatisfaction,
        Self::PortfolioRegister,
        Self::PortfolioModels,
        Self::PortfolioSla,
        Self::PortfolioUseCases,
        Self::PortfolioSign,
    ];

    /// Its name and labels; a sample has a value for each label, in their order.
    pub fn family(self) -> Family {
        match self {
            Self::Info => names::USE_CASE_INFO,
            Self::Gain => names::USE_CASE_GAIN,
            Self::GainExpected => names::USE_CASE_GAIN_EXPECTED,
            Self::Cost => names::USE_CASE_COST,
            Self::CostPlanned => names::USE_CASE_COST_PLANNED,
            Self::Roi => names::USE_CASE_ROI,
            Self::RoiMonthSix => names::USE_CASE_ROI_MONTH6,
            Self::Usage => names::USE_CASE_USAGE,
            Self::Satisfaction => names::USE_CASE_SATISFACTION,
            Self::AdoptionTrend => names::USE_CASE_ADOPTION_TREND,
            Self::Score => names::USE_CASE_SCORE,
            Self::Criterion => names::USE_CASE_CRITERION,
            Self::Horizon => names::USE_CASE_HORIZON,
            Self::Proposal => names::USE_CASE_PROPOSAL,
            Self::Decision => names::USE_CASE_DECISION,
            Self::TimeToValue => names::USE_CASE_TIME_TO_VALUE,
            Self::Sign => names::USE_CASE_SIGN,
            Self::PortfolioInfo => names::PORTFOLIO_INFO,
            Self::PortfolioGain => names::PORTFOLIO_GAIN,
            Self::PortfolioGainExpected => names::PORTFOLIO_GAIN_EXPECTED,
            Self::PortfolioCost => names::PORTFOLIO_COST,
            Self::PortfolioCostPlanned => names::PORTFOLIO_COST_PLANNED,
            Self::PortfolioRoi => names::PORTFOLIO_ROI,
            Self::PortfolioUsage => names::PORTFOLIO_USAGE,
            Self::PortfolioSatisfaction => names::PORTFOLIO_SATISFACTION,
            Self::PortfolioRegister => names::PORTFOLIO_REGISTER,
            Self::PortfolioModels => names::PORTFOLIO_MODELS,
            Self::PortfolioSla => names::PORTFOLIO_SLA,
            Self::PortfolioUseCases => names::PORTFOLIO_USE_CASES,
            Self::PortfolioSign => names::PORTFOLIO_SIGN,
        }
    }
}
