//! Which text format of metrics a scraper wants, and whether compressed.

use axum::http::{HeaderMap, HeaderName, header};

use super::ask::Exposition;

/// The format that `Accept` likes best; 0.0.4 where it likes both alike, neither, or says nothing.
pub(super) fn accepted(headers: &HeaderMap) -> Exposition {
    let open_metrics = quality(headers, |range, version| match range {
        "application/openmetrics-text" => matches!(version, None | Some("1.0.0")).then_some(2),
        "application/*" => Some(1),
        "*/*" => Some(0),
        _ => None,
    });
    let text = quality(headers, |range, version| match range {
        "text/plain" => matches!(version, None | Some("0.0.4")).then_some(2),
        "text/*" => Some(1),
        "*/*" => Some(0),
        _ => None,
    });
    if open_metrics > text { Exposition::OpenMetrics1 } else { Exposition::Text004 }
}

/// Whether `Accept-Encoding` takes gzip.
pub(super) fn takes_gzip(headers: &HeaderMap) -> bool {
    let mut wildcard = false;
    for element in elements(headers, header::ACCEPT_ENCODING) {
        let q = parameter(element, "q").and_then(|q| q.parse::<f32>().ok()).unwrap_or(1.0);
        match element.split(';').next().unwrap_or_default().trim() {
            coding if coding.eq_ignore_ascii_case("gzip") => return q > 0.0,
            "*" => wildcard = q > 0.0,
            _ => {}
        }
    }
    wildcard
}

/// The quality (0 to 1) of the most specific range that `fits`, the greatest where several are as specific.
fn quality(headers: &HeaderMap, fits: impl Fn(&str, Option<&str>) -> Option<u8>) -> f32 {
    let mut best = (0, 0.0);
    for element in elements(headers, header::ACCEPT) {
        let range = element.split(';').next().unwrap_or_default().trim().to_ascii_lowercase();
        let Some(specific) = fits(&range, parameter(element, "version")) else { continue };
        let q = parameter(element, "q").and_then(|q| q.parse().ok()).unwrap_or(1.0f32);
        if specific > best.0 || (specific == best.0 && q > best.1) {
            best = (specific, q);
        }
    }
    best.1
}

fn elements(headers: &HeaderMap, name: HeaderName) -> impl Iterator<Item = &str> {
    headers.get_all(name).into_iter().filter_map(|value| value.to_str().ok()).flat_map(|text| text.split(','))
}

fn parameter<'a>(element: &'a str, name: &str) -> Option<&'a str> {
    element.split(';').skip(1).find_map(|pair| {
        let (key, value) = pair.split_once('=')?;
        key.trim().eq_ignore_ascii_case(name).then(|| value.trim().trim_matches('"'))
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn headers(name: HeaderName, value: &str) -> HeaderMap {
        HeaderMap::from_iter([(name, value.parse().unwrap())])
    }

    #[test]
    fn the_format_is_the_one_that_the_scraper_prefers() {
        use Exposition::{OpenMetrics1, Text004};
        let prometheus_3 = "application/openmetrics-text;version=1.0.0;escaping=allow-utf-8;q=0.5,\
             application/openmetrics-text;version=0.0.1;q=0.4,text/plain;version=1.0.0;escaping=allow-utf-8;q=0.3,\
             text/plain;version=0.0.4;q=0.2,*/*;q=0.1";
        for (accept, format) in [
            (prometheus_3, OpenMetrics1),
            ("*/*", Text004),
            ("text/html", Text004),
            ("", Text004),
            ("application/openmetrics-text", OpenMetrics1),
            ("application/openmetrics-text;version=0.0.1", Text004),
            ("application/openmetrics-text;q=0.3, text/plain;version=0.0.4;q=0.7", Text004),
            ("application/openmetrics-text;q=0.3, text/*;q=0.2", OpenMetrics1),
            ("application/openmetrics-text;q=0.3, */*;q=0.9", Text004),
            ("application/openmetrics-text;q=0, */*", Text004),
            ("application/openmetrics-text; version=\"1.0.0\"; charset=utf-8", OpenMetrics1),
        ] {
            assert_eq!(accepted(&headers(header::ACCEPT, accept)), format, "{accept}");
        }
        assert_eq!(accepted(&HeaderMap::new()), Text004);
    }

    #[test]
    fn gzip_only_for_those_who_take_it() {
        for (accept, takes) in [
            ("gzip", true),
            ("br, GZIP;q=0.5", true),
            ("gzip;q=0", false),
            ("*;q=0.1", true),
            ("gzip;q=0, *", false),
            ("identity", false),
            ("", false),
        ] {
            assert_eq!(takes_gzip(&headers(header::ACCEPT_ENCODING, accept)), takes, "{accept}");
        }
    }
}
