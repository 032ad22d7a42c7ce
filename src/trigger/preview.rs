//! Requests as people read them.

use serde_json::Value;

use super::Requests;
use crate::notify::{Request, TargetUrl};

/// Every request: method and address, headers, an empty line, the body. `base` is shown without its path.
pub(super) fn preview(requests: &Requests, base: &TargetUrl) -> String {
    let create = shown(&requests.create, base);
    match &requests.search {
        Some(search) => {
            format!("{}\nOnly where that finds no run of this name:\n\n{create}", shown(search, base))
        }
        None => create,
    }
}

fn shown(request: &Request, base: &TargetUrl) -> String {
    let path = request.url.path().strip_prefix(base.url().path().trim_end_matches('/'));
    let mut text = format!("{} {base}{}", request.method, path.unwrap_or_default().trim_end_matches('/'));
    if let Some(query) = request.url.query().filter(|_| base.url().query().is_none()) {
        text += &format!("?{query}");
    }
    text.push('\n');
    for (name, value) in &request.headers {
        let value = if value.is_sensitive() { "…" } else { value.to_str().unwrap_or("…") };
        text += &format!("{name}: {value}\n");
    }
    match serde_json::from_slice::<Value>(&request.body) {
        Ok(body) => text + &format!("\n{body:#}\n"),
        Err(_) => text,
    }
}
