//! The table of every metric: name, type, labels, help. Nothing else in driftd spells a metric's name.
//!
//! Names pass `promtool check metrics`: base units, `_total` on counters only, no abbreviated unit between underscores.

use super::{kpi_names, outcome_names};
use crate::statistic::Statistic;

/// What kind of number a metric is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Kind {
    Counter,
    Gauge,
    Histogram,
}

/// One metric: as PromQL knows it.
#[derive(Debug, Clone, Copy)]
pub struct Family {
    /// With prefix, unit and, on a counter, `_total`.
    pub name: &'static str,
    pub kind: Kind,
    /// In the order in which samples give their values.
    pub labels: &'static [&'static str],
    /// One sentence with its full stop, without `"`, `\` and line feeds (the two formats escape them differently).
    pub help: &'static str,
}

/// The metrics of one statistic.
#[derive(Debug, Clone, Copy)]
pub struct StatisticFamilies {
    pub value: Family,
    pub p_value: Family,
    pub threshold: Family,
    /// Of the feature where it lies farthest out in the window that is still open.
    pub largest: Family,
}

impl Kind {
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Counter => "counter",
            Self::Gauge => "gauge",
            Self::Histogram => "histogram",
        }
    }
}

/// Every metric driftd can serve, those of the statistics last.
pub fn families() -> Vec<Family> {
    let statistics = Statistic::ALL.into_iter().map(of_statistic);
    let statistics = statistics.flat_map(|each| [each.value, each.p_value, each.threshold, each.largest]);
    PLAIN
        .iter()
        .copied()
        .chain(statistics)
        .chain(outcome_names::families())
        .chain(kpi_names::FAMILIES.iter().copied())
        .collect()
}

macro_rules! plain_families {
    ($($id:ident: $kind:ident $name:literal [$($label:literal)*] $help:literal;)*) => {
        $(pub(super) const $id: Family =
            Family { name: $name, kind: Kind::$kind, labels: &[$($label),*], help: $help };)*
        const PLAIN: &[Family] = &[$($id),*];
    };
}

plain_families! {
    BUILD_INFO: Gauge "driftd_build_info" ["version"]
        "Always 1; the version of this driftd.";
    CONFIG_RELOAD_SUCCESSFUL: Gauge "driftd_config_last_reload_successful" []
        "Whether the last reading of the configuration succeeded (1) or was refused (0).";
    CONFIG_RELOAD_TIME: Gauge "driftd_config_last_reload_success_timestamp_seconds" []
        "When the configuration was last read with success.";
    CONFIG_KEYS_PENDING: Gauge "driftd_config_keys_pending_restart" []
        "Keys of the configuration that were changed and take effect at the next start only.";

    INGEST_ROWS: Counter "driftd_ingest_rows_total" ["model" "source" "outcome"]
        "Rows received, each under one outcome: accepted, late (counted after its pane closed), rejected, duplicate.";
    ROWS_REJECTED: Counter "driftd_rows_rejected_total" ["model" "reason"]
        "Rows rejected, by reason.";
    LATE_ROWS: Counter "driftd_late_rows_total" ["model"]
        "Rows counted after their pane had closed.";
    SCHEMA_VIOLATIONS: Counter "driftd_schema_violations_total" ["model" "feature" "kind"]
        "Values and keys that break the schema of their model, by name and kind; names past the limit are under other.";
    REQUESTS_REJECTED: Counter "driftd_requests_rejected_total" ["reason"]
        "Requests refused as a whole, by reason.";
    COMMITS: Counter "driftd_ingest_commits_total" []
        "Ingest transactions committed.";
    COMMIT_DURATION: Histogram "driftd_ingest_commit_duration_seconds" []
        "Time an ingest transaction took, sync to disk included.";
    QUEUE_ROWS: Gauge "driftd_ingest_queue_rows" []
        "Rows decoded and waiting for their commit.";
    QUEUE_BYTES: Gauge "driftd_ingest_queue_bytes" []
        "Bytes of request bodies waiting for their commit.";
    IDEMPOTENCY_EVICTED: Gauge "driftd_idempotency_keys_evicted" []
        "Idempotency keys forgotten before their time, because the index was full.";

    STORE_BYTES: Gauge "driftd_store_bytes" []
        "Size of the database without its write-ahead log.";
    STORE_FREE: Gauge "driftd_store_free_bytes" []
        "Space left on the disk of the store.";
    STORE_WAL: Gauge "driftd_store_wal_bytes" []
        "Size of the write-ahead log.";
    STORE_JOB_DURATION: Histogram "driftd_store_job_duration_seconds" ["kind"]
        "Time that the writer of the store took for one job, by sort: so long ingest may wait.";
    FOLDS: Counter "driftd_folds_total" []
        "Times delta rows were folded into fewer.";
    EVALUATION_DURATION: Histogram "driftd_evaluation_duration_seconds" []
        "Time the evaluation of one model took.";

    MODEL_INFO: Gauge "driftd_model_info" ["model" "task"]
        "Always 1; the models configured and their tasks.";
    MODEL_PANE: Gauge "driftd_model_pane_seconds" ["model"]
        "Length of a pane, the shortest of the model's windows: in such steps its rows are counted.";
    MODEL_PRESENT: Gauge "driftd_model_present_timestamp_seconds" ["model"]
        "The present of the model: the clock, or of a replay the newest event time; none before its first row.";
    WATERMARK: Gauge "driftd_watermark_timestamp_seconds" ["model"]
        "Event time up to which panes are closed.";
    EVALUATION_SUCCESS: Gauge "driftd_evaluation_last_success_timestamp_seconds" ["model"]
        "When the model was last evaluated with success.";
    LEARNING: Gauge "driftd_reference_learning_ratio" ["model"]
        "How much of the period in which the reference is learnt has passed; 1 once it is frozen.";
    ROWS_OUTSIDE: Counter "driftd_reference_rows_outside_total" ["model"]
        "Rows taken while the reference was learnt that lie outside of its period: neither learnt nor counted.";
    LABELS: Counter "driftd_labels_total" ["model" "outcome"]
        "Labels, and predictions that wait for one, by what became of them: matched, correction, duplicate, orphan, expired, late, sampled_out or why they count nowhere.";
    WAITING_PREDICTIONS: Gauge "driftd_waiting_predictions" ["model"]
        "Predictions that wait for their label.";
    LABEL_SAMPLE: Gauge "driftd_label_sample_ratio" ["model"]
        "Share of the ids whose labels are joined; below 1 where more predictions wait than are held.";
    NULL_PROFILED: Gauge "driftd_null_profiled" ["model"]
        "Whether significance rests on a null measured from the reference (1) or on independent rows (0: no budget is promised).";

    DRIFT_STATUS: Gauge "driftd_drift_status" ["model" "kind"]
        "Data, concept and model drift: 0 ok, 1 warning, 2 critical, -1 insufficient data.";
    BIAS_STATUS: Gauge "driftd_bias_status" ["model"]
        "Whether groups are treated alike: 0 ok, 1 warning, 2 critical, -1 insufficient data; none where no group is watched.";
    LABEL_COVERAGE: Gauge "driftd_label_coverage_ratio" ["model" "version" "window"]
        "Labelled by predicted rows of the window last judged by its labels.";
    LABEL_LAG_MEDIAN: Gauge "driftd_label_lag_median_seconds" ["model" "version" "window"]
        "Median time from prediction to label in the window last judged by its labels, at most an eighth above the true one.";
    LABEL_LAG_P90: Gauge "driftd_label_lag_p90_seconds" ["model" "version" "window"]
        "Time that nine in ten labels of that window took at most, at most an eighth above the true one.";
    OUTCOME_PREDICTED: Gauge "driftd_performance_predicted_samples" ["model" "version" "window"]
        "Predictions in the window last judged by its labels.";
    OUTCOME_LABELLED: Gauge "driftd_performance_labelled_samples" ["model" "version" "window"]
        "Predictions with a label in the window last judged by its labels.";
    OUTCOME_END: Gauge "driftd_performance_window_end_timestamp_seconds" ["model" "version" "window"]
        "End of the window last judged by its labels, in event time.";
    OUTCOME_PROVISIONAL: Gauge "driftd_performance_provisional" ["model" "version" "window"]
        "Whether too few rows of that window have their label for its values to stay (1).";
    MODEL_TRAINED: Gauge "driftd_model_trained_timestamp_seconds" ["model" "version"]
        "When the version was trained, as configured or reported.";
    TRAFFIC_STATUS: Gauge "driftd_traffic_status" ["model"]
        "Volume of traffic against what is usual: 0 ok, 1 warning, 2 critical, -1 insufficient data.";
    SILENCE_STATUS: Gauge "driftd_silence_status" ["model"]
        "Whether predictions still come in: 0 ok, 1 warning, 2 critical, -1 insufficient data.";
    SCHEMA_STATUS: Gauge "driftd_schema_status" ["model"]
        "Whether rows keep to the schema: 0 ok, 1 warning, 2 critical, -1 insufficient data.";
    DRIFTED_FEATURES: Gauge "driftd_drifted_features" ["model" "version" "window" "reference"]
        "Features at warning or critical.";
    WINDOW_SAMPLES: Gauge "driftd_window_samples" ["model" "version" "window"]
        "Rows in the window last evaluated.";
    WINDOW_END: Gauge "driftd_window_end_timestamp_seconds" ["model" "version" "window"]
        "End of the window last evaluated, in event time.";
    WINDOW_AGE_LIMIT: Gauge "driftd_window_age_limit_seconds" ["model" "window"]
        "How far the end of the window last evaluated may lie before the present: two panes, the allowed lateness, and the idle timeout.";
    PROVISIONAL_SAMPLES: Gauge "driftd_provisional_window_samples" ["model" "version" "window"]
        "Rows so far in the window that is still open; refreshed each minute, never judged.";
    PROVISIONAL_END: Gauge "driftd_provisional_window_end_timestamp_seconds" ["model" "version" "window"]
        "End of the window that is still open, in event time.";
    PROVISIONAL_BEYOND: Gauge "driftd_provisional_features_beyond_threshold" ["model" "version" "window" "reference" "severity"]
        "Features whose effect in the open window is past the threshold of this severity and of none above, significant or not; never judged.";
    FEATURE_STATUS: Gauge "driftd_feature_status" ["model" "version" "segment" "feature" "window" "reference"]
        "Drift of a feature: 0 ok, 1 warning, 2 critical, -1 insufficient data.";
    FEATURE_SEGMENTS: Gauge "driftd_feature_worst_segment_status" ["model" "version" "feature" "window" "reference"]
        "Drift of a feature in its worst segment: 0 ok, 1 warning, 2 critical, -1 insufficient data in all.";
    SEGMENT_STATUS: Gauge "driftd_segment_status" ["model" "version" "segment" "window" "reference"]
        "Drift of a segment in its worst feature: 0 ok, 1 warning, 2 critical, -1 insufficient data in all.";
    SERIES_LEFT_OUT: Gauge "driftd_series_left_out" ["model"]
        "Series of statistics that this scrape leaves out to stay within the limit.";

    INCIDENTS_OPEN: Gauge "driftd_incidents_open" ["model" "severity" "kind"]
        "Incidents that are not resolved.";
    SLA_DEADLINE: Gauge "driftd_incident_sla_deadline_timestamp_seconds" ["incident" "model" "kind"]
        "By when a critical incident must be resolved; gone once it is.";
    INCIDENTS: Counter "driftd_incidents_total" ["model" "severity" "kind"]
        "Incidents opened, under the severity they opened with.";
    SLA_BREACHES: Counter "driftd_incident_sla_breaches_total" ["model" "severity" "kind"]
        "Targets of critical incidents that were missed.";
    FALSE_ALARMS: Counter "driftd_incident_false_alarms_total" ["model" "severity" "kind"]
        "Incidents that people marked as false alarms.";
    RETRAINING_TRIGGERS: Counter "driftd_retraining_triggers_total" ["model" "reason"]
        "Runs that were decided, by what brought them about.";
    RETRAINING_WITHHELD: Counter "driftd_retraining_withheld_total" ["model" "reason"]
        "Decisions against a run, under each of their reasons.";
    RETRAINING_RUNS: Gauge "driftd_retraining_runs" ["model" "state"]
        "Runs that have not ended.";
    RETRAINING_TROUBLE: Gauge "driftd_retraining_runs_in_trouble" ["model"]
        "Runs that were refused, failed or did not report back in time, of those that are remembered.";
    RETRAINING_NEXT: Gauge "driftd_retraining_next_run_timestamp_seconds" ["model" "reason"]
        "When a planned run comes round next.";
    MAINTENANCE_STATUS: Gauge "driftd_maintenance_status" ["model" "task" "period"]
        "A task of the calendar: 0 done or not begun, 1 due, 2 overdue.";
    MAINTENANCE_DUE: Gauge "driftd_maintenance_due_timestamp_seconds" ["model" "task" "period"]
        "By when a task of the calendar has to be done next.";

    OUTBOX_ENTRIES: Gauge "driftd_outbox_entries" ["state"]
        "Notifications that wait to be sent (pending) or were given up (dead).";
    OUTBOX_OLDEST_DUE: Gauge "driftd_outbox_oldest_due_timestamp_seconds" []
        "When the oldest notification that still waits was due; none where nothing waits.";
    NOTIFICATIONS: Counter "driftd_notifications_total" ["receiver" "outcome"]
        "Attempts to deliver a message, by how they ended: delivered, retried (not taken, sent again), dead (given up).";
    NOTIFICATION_DURATION: Histogram "driftd_notification_duration_seconds" []
        "Time an attempt to deliver a message took.";
    RECEIVER_ENABLED: Gauge "driftd_receiver_enabled" ["receiver"]
        "Whether messages are sent to a receiver (1), or it said that it is gone (0).";
    RECEIVER_SUCCESS: Gauge "driftd_receiver_last_success_timestamp_seconds" ["receiver"]
        "When a receiver last took a message.";

    PROCESS_CPU: Counter "process_cpu_seconds_total" []
        "Processor time used, user and system.";
    PROCESS_MEMORY: Gauge "process_resident_memory_bytes" []
        "Resident memory.";
    PROCESS_VIRTUAL: Gauge "process_virtual_memory_bytes" []
        "Virtual memory.";
    PROCESS_FDS: Gauge "process_open_fds" []
        "Open file descriptors.";
    PROCESS_FDS_MAX: Gauge "process_max_fds" []
        "Most file descriptors that may be open.";
    PROCESS_START: Gauge "process_start_time_seconds" []
        "When the process started.";
}

macro_rules! statistic_families {
    ($name:literal, $help:literal) => {
        StatisticFamilies {
            value: Family {
                name: concat!("driftd_feature_", $name),
                kind: Kind::Gauge,
                labels: FEATURE_STATUS.labels,
                help: concat!($help, ", window against reference."),
            },
            p_value: Family {
                name: concat!("driftd_feature_", $name, "_p_value"),
                kind: Kind::Gauge,
                labels: FEATURE_STATUS.labels,
                help: concat!("Chance of as large a change without drift: ", $help, "."),
            },
            threshold: Family {
                name: concat!("driftd_feature_", $name, "_threshold"),
                kind: Kind::Gauge,
                labels: &["model", "version", "segment", "feature", "window", "reference", "severity"],
                help: concat!("From where on an effect counts: ", $help, "."),
            },
            largest: Family {
                name: concat!("driftd_provisional_largest_", $name),
                kind: Kind::Gauge,
                labels: &["model", "version", "window", "reference"],
                help: concat!(
                    "Of the feature where it is largest in the open window, provisional: ",
                    $help,
                    "."
                ),
            },
        }
    };
}

/// The metrics of a statistic. A test alone would say too little: `ks` is the statistic, `jensen_shannon` the distance.
pub fn of_statistic(statistic: Statistic) -> StatisticFamilies {
    match statistic {
        Statistic::Psi => statistic_families!("psi", "Population stability index"),
        Statistic::Ks => statistic_families!("ks_statistic", "Kolmogorov-Smirnov statistic"),
        Statistic::WassersteinNormed => {
            statistic_families!(
                "wasserstein_normed",
                "Wasserstein distance in standard deviations of the reference"
            )
        }
        Statistic::JensenShannon => {
            statistic_families!("jensen_shannon_distance", "Jensen-Shannon distance to base 2")
        }
        Statistic::Hellinger => statistic_families!("hellinger_distance", "Hellinger distance"),
        Statistic::TotalVariation => {
            statistic_families!("total_variation_distance", "Total variation distance")
        }
        Statistic::LInfinity => statistic_families!("l_infinity_distance", "Largest change of a share"),
        Statistic::CramersV => statistic_families!("cramers_v", "Cramér's V"),
        Statistic::MissingRate => {
            statistic_families!("missing_rate_change", "Change of the share of missing values")
        }
        Statistic::UnseenRate => {
            statistic_families!("unseen_rate_change", "Change of the share of categories the reference lacks")
        }
        Statistic::OutOfRangeRate => {
            statistic_families!(
                "out_of_range_rate_change",
                "Change of the share outside the reference's range"
            )
        }
        Statistic::MeanShift => {
            statistic_families!("mean_shift", "Shift of the mean in standard deviations of the reference")
        }
        Statistic::StdRatio => statistic_families!("std_ratio", "Ratio of the standard deviations"),
    }
}
