//! Anything else that speaks HTTP, by templates.

use reqwest::Method;

use super::http;
use crate::config::setting::Texts;
use crate::config::table::Table;
use crate::notify::{Template, TemplateOptions};

const METHODS: [(&str, Verb); 3] = [("POST", Verb::Post), ("PUT", Verb::Put), ("PATCH", Verb::Patch)];

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Verb {
    Post,
    Put,
    Patch,
}

pub(super) fn read(table: &Table<'_>) -> Option<Template> {
    let url = http::url(table);
    let method = match table.choice("method", "method", Verb::Post, &METHODS) {
        Verb::Post => Method::POST,
        Verb::Put => Method::PUT,
        Verb::Patch => Method::PATCH,
    };
    let path = table.optional::<String>("path");
    let content_type = table.read("content_type", "application/json".to_owned());
    let headers = table.optional::<Texts>("header_templates").unwrap_or_default();
    let secret_headers = http::headers(table);
    let body = table.text_or_file("body");
    if !table.has("body") && !table.has("body_file") {
        table.error("body", "is missing; give body or body_file");
    }
    let options = TemplateOptions {
        url: url?,
        method,
        path,
        content_type,
        headers: headers.0.into_iter().collect(),
        secret_headers,
        body: body?,
    };
    if !table.is_sound() {
        return None;
    }
    Template::new(options).map_err(|error| table.error("", error.to_string())).ok()
}
