//! What is asked of KPIs.

use axum::body::Bytes;

use super::BodyFormat;
use crate::domain::{ModelId, Segment, TimeRange};
use crate::kpi::{Family, KpiId, UseCaseId};

/// Samples of one request.
#[derive(Debug, Clone, PartialEq)]
pub struct SamplesRequest {
    /// Decompressed, at most `WebOptions::unpacked_bytes_max`; never empty.
    pub body: Bytes,
    pub format: BodyFormat,
    /// `Idempotency-Key`: 1 to 255 visible ASCII characters.
    pub key: Option<String>,
}

/// Which KPIs are wanted; what is `None` leaves none out.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct KpisQuery {
    pub use_case: Option<UseCaseId>,
    pub model: Option<ModelId>,
    pub family: Option<Family>,
}

/// One KPI over its periods.
#[derive(Debug, Clone, PartialEq)]
pub struct KpiQuery {
    pub id: KpiId,
    pub segment: Segment,
    /// Start before end; the newest [`KpiQuery::PERIODS`] where there is none.
    pub range: Option<TimeRange>,
}

impl KpiQuery {
    /// Periods answered where no range is asked for.
    pub const PERIODS: usize = 13;
    /// Most periods of an answer; a range with more is refused.
    pub const PERIODS_MAX: usize = 1_000;
}
