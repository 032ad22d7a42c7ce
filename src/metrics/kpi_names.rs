//! The metrics of KPIs, use cases and the portfolio by name.

use super::names::{Family, Kind};

macro_rules! families {
    ($($id:ident: $kind:ident $name:literal [$($label:literal)*] $help:literal;)*) => {
        $(pub(super) const $id: Family =
            Family { name: $name, kind: Kind::$kind, labels: &[$($label),*], help: $help };)*
        /// All of them.
        pub(super) const FAMILIES: &[Family] = &[$($id),*];
    };
}

families! {
    KPI_SAMPLES: Counter "driftd_kpi_samples_total" ["outcome"]
        "Samples of KPIs received, each under one outcome: accepted, rejected, duplicate.";
    KPI_VALUE: Gauge "driftd_kpi_value" ["kpi" "family" "use_case" "model" "segment"]
        "The KPI of its newest period that is over, in its own unit; absent where it cannot be computed.";
    KPI_STATUS: Gauge "driftd_kpi_status" ["kpi" "family" "use_case" "model" "segment"]
        "How the KPI stands: 0 ok, 1 warning, 2 critical, -1 not computable.";
    KPI_WINDOW_SAMPLES: Gauge "driftd_kpi_window_samples" ["kpi" "family" "use_case" "model" "segment"]
        "Samples that the KPI's value is of.";
    KPI_WINDOW_END: Gauge "driftd_kpi_window_end_timestamp_seconds" ["kpi" "family" "use_case" "model" "segment"]
        "End of the period that the KPI's value is of.";
    KPI_STALE: Gauge "driftd_kpi_stale" ["kpi" "family" "use_case" "model" "segment"]
        "Whether samples of the KPI stopped coming (1).";
    KPI_LAST_SAMPLE: Gauge "driftd_kpi_last_sample_timestamp_seconds" ["kpi" "family" "use_case" "model" "segment"]
        "When the newest sample of the KPI was taken.";
    KPI_TARGET: Gauge "driftd_kpi_target" ["kpi" "family" "use_case" "model" "segment"]
        "What the KPI is to reach.";
    KPI_THRESHOLD: Gauge "driftd_kpi_threshold" ["kpi" "family" "use_case" "model" "segment" "severity"]
        "From where on the KPI is out of its bounds.";
    KPI_LEFT_OUT: Gauge "driftd_kpi_series_left_out" []
        "Series of KPIs that are left out because there are too many; those out of their bounds never are.";

    USE_CASE_INFO: Gauge "driftd_use_case_info" ["use_case" "name" "category" "risk" "owner"]
        "Always 1; the use cases of the register.";
    USE_CASE_GAIN: Gauge "driftd_use_case_gain" ["use_case"]
        "What the use case gained so far over its complete months, less its run cost, in the portfolio's currency.";
    USE_CASE_GAIN_EXPECTED: Gauge "driftd_use_case_gain_expected" ["use_case"]
        "What was expected over the same months.";
    USE_CASE_COST: Gauge "driftd_use_case_cost" ["use_case"]
        "What the use case cost so far: one-off costs and running it.";
    USE_CASE_COST_PLANNED: Gauge "driftd_use_case_cost_planned" ["use_case" "component"]
        "What the use case is planned to cost over 12 months, by component.";
    USE_CASE_ROI: Gauge "driftd_use_case_roi_ratio" ["use_case"]
        "Return on investment so far: benefits less costs, as a share of costs.";
    USE_CASE_ROI_MONTH6: Gauge "driftd_use_case_roi_month6_ratio" ["use_case" "basis"]
        "Return on investment at month 6: reached, or projected from the last complete months.";
    USE_CASE_USAGE: Gauge "driftd_use_case_usage_ratio" ["use_case"]
        "Active users as a share of those targeted.";
    USE_CASE_SATISFACTION: Gauge "driftd_use_case_satisfaction_ratio" ["use_case"]
        "Share of answers of users that are satisfied.";
    USE_CASE_ADOPTION_TREND: Gauge "driftd_use_case_adoption_trend" ["use_case"]
        "Whether usage grows (1), stagnates (0) or falls (-1).";
    USE_CASE_SCORE: Gauge "driftd_use_case_score" ["use_case" "criterion"]
        "Score from 1 to 5 by criterion, and their weighted mean.";
    USE_CASE_CRITERION: Gauge "driftd_use_case_criterion_status" ["use_case" "criterion"]
        "The closing grid: 0 met, 1 on its way, 2 missed, -1 unknown.";
    USE_CASE_HORIZON: Gauge "driftd_use_case_horizon_status" ["use_case" "horizon"]
        "The closing grid by horizon: 0 met, 1 on its way, 2 missed, -1 unknown.";
    USE_CASE_PROPOSAL: Gauge "driftd_use_case_proposal" ["use_case" "proposal"]
        "Whether this is what is proposed (1).";
    USE_CASE_DECISION: Gauge "driftd_use_case_decision_timestamp_seconds" ["use_case"]
        "When it is to be decided on the use case.";
    USE_CASE_TIME_TO_VALUE: Gauge "driftd_use_case_time_to_value_seconds" ["use_case"]
        "From the start of the use case to the first day from which its north star held its target.";
    USE_CASE_SIGN: Gauge "driftd_use_case_sign" ["use_case" "sign"]
        "Whether the use case shows this sign of a badly run portfolio (1).";

    PORTFOLIO_INFO: Gauge "driftd_portfolio_info" ["currency"]
        "Always 1; the currency of gains and costs.";
    PORTFOLIO_GAIN: Gauge "driftd_portfolio_gain" []
        "What all use cases gained so far over their complete months, less their run cost.";
    PORTFOLIO_GAIN_EXPECTED: Gauge "driftd_portfolio_gain_expected" []
        "What was expected over the same months.";
    PORTFOLIO_COST: Gauge "driftd_portfolio_cost" []
        "What the use cases whose return is known cost so far.";
    PORTFOLIO_COST_PLANNED: Gauge "driftd_portfolio_cost_planned" []
        "What all use cases are planned to cost over 12 months.";
    PORTFOLIO_ROI: Gauge "driftd_portfolio_roi_ratio" []
        "Return on investment so far of the use cases whose return is known.";
    PORTFOLIO_USAGE: Gauge "driftd_portfolio_usage_ratio" []
        "Active users as a share of those targeted, over all use cases.";
    PORTFOLIO_SATISFACTION: Gauge "driftd_portfolio_satisfaction_ratio" []
        "Share of answers that are satisfied, mean over use cases.";
    PORTFOLIO_REGISTER: Gauge "driftd_portfolio_register_current_ratio" []
        "Share of use cases whose register and audit are up to date.";
    PORTFOLIO_MODELS: Gauge "driftd_portfolio_models_in_range_ratio" []
        "Share of models whose technical measures are in range.";
    PORTFOLIO_SLA: Gauge "driftd_portfolio_sla_met_ratio" []
        "Share of critical incidents that were dealt with in time.";
    PORTFOLIO_USE_CASES: Gauge "driftd_portfolio_use_cases" ["proposal"]
        "Use cases by what is proposed of them.";
    PORTFOLIO_SIGN: Gauge "driftd_portfolio_sign" ["sign"]
        "Findings of each sign of a badly run portfolio.";
}
