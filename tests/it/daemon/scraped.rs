//! What Prometheus sees of a daemon whose model drifts, in the format that each of its versions asks for.

use super::{sample, taken};
use crate::support::http::{Answer, Connection, request};
use crate::support::loan::{Body, MODEL, Place};
use crate::support::process::{Daemon, poll};
use crate::support::promtool;

/// What Prometheus 3 sends by default, and Prometheus 2 before it.
const PROMETHEUS_3: &str = "application/openmetrics-text;version=1.0.0;escaping=allow-utf-8;q=0.5,application/openmetrics-text;version=0.0.1;q=0.4,text/plain;version=1.0.0;escaping=allow-utf-8;q=0.3,text/plain;version=0.0.4;q=0.2,*/*;q=0.1";
const PROMETHEUS_2: &str = "application/openmetrics-text;version=1.0.0,application/openmetrics-text;version=0.0.1;q=0.75,text/plain;version=0.0.4;q=0.5,*/*;q=0.1";
const TEXT: &str = "text/plain; version=0.0.4; charset=utf-8";
const OPEN_METRICS: &str = "application/openmetrics-text; version=1.0.0; charset=utf-8";

const CRITICAL: &str = "driftd_drift_status{model=\"loan\",kind=\"data\"}";

#[test]
fn a_drifting_model_is_scraped_in_both_formats() {
    let place = Place::new();
    let (daemon, address) = Daemon::start(&place.config());
    // Twelve hours, of ages and towns that are not the profile's, with features that it has not.
    for number in 0..12 * 8 {
        let body = Body::of(0, number * 8)
            .ndjson()
            .replace("\"features\":{", "\"features\":{\"new\\n\\\"one\\\"\":1,");
        taken(address, MODEL, &[], body.as_bytes());
    }
    let scrape = |headers: &[(&str, &str)]| -> Answer {
        Connection::open(address).unwrap().send(&request("GET", "/metrics", address, headers, b"")).unwrap()
    };
    let text = |headers: &[(&str, &str)], kind: &str| {
        let answer = scrape(headers);
        assert_eq!((answer.status, answer.header("content-type")), (200, Some(kind)), "{headers:?}");
        String::from_utf8(answer.body).unwrap()
    };
    let critical = || (sample(&text(&[], TEXT), CRITICAL) == Some(2.0)).then_some(());
    poll(critical).unwrap_or_else(|| panic!("{}", text(&[], TEXT)));

    for accept in [PROMETHEUS_3, PROMETHEUS_2] {
        let open = text(&[("Accept", accept)], OPEN_METRICS);
        assert_eq!(sample(&open, CRITICAL), Some(2.0));
        assert!(open.ends_with("\n# EOF\n"), "{open}");
        assert!(open.contains("# TYPE driftd_ingest_rows counter\n"), "{open}");
        promtool::reads_open_metrics(&open, place.path());
    }
    for headers in [&[][..], &[("Accept", "*/*")], &[("Accept", "text/html")]] {
        let plain = text(headers, TEXT);
        assert!(
            plain.contains("# TYPE driftd_ingest_rows_total counter\n") && !plain.contains("# EOF"),
            "{plain}"
        );
        promtool::has_nothing_to_say(&plain);
    }
    daemon.stop();
}
