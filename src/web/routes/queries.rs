//! The parameters that queries may have, as the OpenAPI document lists them.

/// Name and meaning of each parameter.
pub(super) type Query = &'static [(&'static str, &'static str)];

pub(super) const DRIFT_QUERY: Query = &[
    ("version", "the version; all together if left out"),
    ("segment", "`all` or `attribute=value`; all rows if left out"),
    ("current", "the window as START/END; the newest closed one if left out"),
    ("reference", "`static`, `previous`, `last_week` or START/END; the model's first if left out"),
    ("window", "the length of the window (`90m`, `24h`, `7d`), where the model has several"),
];

pub(super) const PERFORMANCE_QUERY: Query = &[
    ("version", "the version; all, and how they differ, if left out"),
    ("current", "the window as START/END; the last one that was judged by its labels if left out"),
    ("window", "the length of the window (`90m`, `24h`, `7d`), where the model has several"),
];

pub(super) const AUDIT_QUERY: Query = &[
    ("model", "the model; all if left out"),
    ("limit", "the most entries to answer, 1 to 1000; 100 if left out"),
];

pub(super) const INCIDENTS_QUERY: Query = &[
    ("state", "`open`, `acknowledged`, `resolved`, or several parted by commas; all if left out"),
    ("model", "the model; all if left out"),
    ("kind", "the kind of incident; all if left out"),
    ("severity", "`warning` or `critical`; both if left out"),
    ("before", "only those before this id: `next` of the page before"),
    ("limit", "the most incidents to answer, 1 to 1000; 100 if left out"),
];

pub(super) const NOTIFICATIONS_QUERY: Query = &[
    ("state", "`pending`, `claimed`, `delivered` or `dead`; all if left out"),
    ("receiver", "the receiver; all if left out"),
    ("incident", "the incident; all if left out"),
    ("before", "only those before this id: `next` of the page before"),
    ("limit", "the most notifications to answer, 1 to 1000; 100 if left out"),
];

pub(super) const DECISIONS_QUERY: Query = &[
    ("model", "the model; all if left out"),
    ("cause", "`scheduled`, `drift`, `monthly`, `quarterly` or `manual`; all if left out"),
    ("outcome", "`trigger` or `withhold`; both if left out"),
    ("before", "only those before this id: `next` of the page before"),
    ("limit", "the most decisions to answer, 1 to 1000; 100 if left out"),
];

pub(super) const KPIS_QUERY: Query = &[
    ("use_case", "the use case; all if left out"),
    ("model", "the model; all if left out"),
    ("family", "`technical`, `strategic` or `adoption`; all if left out"),
];

pub(super) const KPI_QUERY: Query = &[
    ("use_case", "whose it is, where it is a use case's"),
    ("model", "whose it is, where it is a model's"),
    ("segment", "`all` or `attribute=value`; all samples if left out"),
    ("range", "the periods within START/END; the newest 13 if left out"),
];

pub(super) const CALENDAR_QUERY: Query = &[("model", "the model; all if left out")];
