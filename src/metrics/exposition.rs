//! The two text formats that scrapers ask for.
//!
//! OpenMetrics 1.0 comes from prometheus-client; 0.0.4 is the same text with its few differences turned round, so both
//! carry the same samples. No sample has a timestamp and none an exemplar: what driftd stops serving is stale at once.

/// A text format of `/metrics`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Format {
    /// Prometheus text 0.0.4, what everything reads.
    Text,
    OpenMetrics,
}

impl Format {
    /// The format that an `Accept` header prefers; 0.0.4 where it is absent, undecided, or wants neither.
    pub fn from_accept(accept: Option<&str>) -> Self {
        let (mut text, mut open_metrics) = (0.0f64, 0.0f64);
        for range in accept.unwrap_or("*/*").split(',') {
            let mut parts = range.split(';').map(str::trim);
            let media = parts.next().unwrap_or_default().to_ascii_lowercase();
            let (mut quality, mut version) = (1.0, None);
            for (key, value) in parts.filter_map(|parameter| parameter.split_once('=')) {
                match key.trim().to_ascii_lowercase().as_str() {
                    "q" => quality = value.trim().parse().unwrap_or(0.0),
                    "version" => version = Some(value.trim().trim_matches('"')),
                    _ => {}
                }
            }
            match (media.as_str(), version) {
                ("application/openmetrics-text", None | Some("1.0.0")) => {
                    open_metrics = open_metrics.max(quality);
                }
                ("text/plain", None | Some("0.0.4")) | ("text/*" | "*/*", _) => text = text.max(quality),
                _ => {}
            }
        }
        if open_metrics > text { Self::OpenMetrics } else { Self::Text }
    }

    /// What the answer's `Content-Type` says.
    pub const fn content_type(self) -> &'static str {
        match self {
            Self::Text => "text/plain; version=0.0.4; charset=utf-8",
            Self::OpenMetrics => "application/openmetrics-text; version=1.0.0; charset=utf-8",
        }
    }
}

/// OpenMetrics as 0.0.4: a counter's HELP and TYPE name it with `_total` as its samples do; no `# EOF`, no `# UNIT`.
pub(super) fn text_from_open_metrics(open_metrics: &str) -> String {
    let mut text = String::with_capacity(open_metrics.len() + 1024);
    // OpenMetrics writes HELP before TYPE, and only TYPE says whether the name changes.
    let mut help = None;
    for line in open_metrics.split_inclusive('\n') {
        if !line.starts_with('#') {
            text.push_str(line);
        } else if let Some(rest) = line.strip_prefix("# HELP ") {
            help = rest.split_once(' ');
        } else if let Some((name, kind)) =
            line.strip_prefix("# TYPE ").and_then(|rest| rest.trim_end().split_once(' '))
        {
            let suffix = if kind == "counter" { "_total" } else { "" };
            if let Some((_, sentence)) = help.take() {
                text.extend(["# HELP ", name, suffix, " ", sentence]);
            }
            text.extend(["# TYPE ", name, suffix, " ", kind, "\n"]);
        }
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn accept_headers() {
        let prometheus_3 = "application/openmetrics-text;version=1.0.0;escaping=allow-utf-8;q=0.5,\
            application/openmetrics-text;version=0.0.1;q=0.4,text/plain;version=1.0.0;escaping=allow-utf-8;q=0.3,\
            text/plain;version=0.0.4;q=0.2,*/*;q=0.1";
        for (accept, format) in [
            (Some(prometheus_3), Format::OpenMetrics),
            (Some("application/openmetrics-text; version=\"1.0.0\""), Format::OpenMetrics),
            (Some("Application/OpenMetrics-Text;Q=0.8, text/plain;q=0.5"), Format::OpenMetrics),
            (Some("application/openmetrics-text;version=2.0.0"), Format::Text),
            (Some("application/openmetrics-text;q=0"), Format::Text),
            (Some("application/openmetrics-text;q=0.2,text/plain;version=0.0.4;q=0.9"), Format::Text),
            (Some("text/html,*/*;q=0.8"), Format::Text),
            (Some(";;,q==,"), Format::Text),
            (Some(""), Format::Text),
            (None, Format::Text),
        ] {
            assert_eq!(Format::from_accept(accept), format, "{accept:?}");
        }
    }

    #[test]
    fn turns_round_what_differs() {
        let open_metrics = "# HELP a_rows Rows # HELP.\n# TYPE a_rows counter\na_rows_total{x=\"# EOF\\n\"} 1\n\
            # HELP b_bytes B.\n# TYPE b_bytes gauge\n# UNIT b_bytes bytes\nb_bytes 2.0\n# EOF\n";
        let text = "# HELP a_rows_total Rows # HELP.\n# TYPE a_rows_total counter\na_rows_total{x=\"# EOF\\n\"} 1\n\
            # HELP b_bytes B.\n# TYPE b_bytes gauge\nb_bytes 2.0\n";
        assert_eq!(text_from_open_metrics(open_metrics), text);
    }
}
