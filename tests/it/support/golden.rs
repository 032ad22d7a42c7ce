//! Golden files, and requests as they show them.

use std::collections::BTreeMap;
use std::path::Path;

use driftd::notify::Request;
use serde_json::{Value, json};

/// Compares with a file below `tests/golden`. `UPDATE_GOLDEN=1` writes the files anew: read the difference before
/// committing it.
pub fn compare(file: &str, actual: &str) {
    compare_file(&format!("tests/golden/{file}"), actual);
}

/// The same of a file anywhere in the repository.
pub fn compare_file(file: &str, actual: &str) {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join(file);
    if std::env::var_os("UPDATE_GOLDEN").is_some() {
        std::fs::write(&path, actual).unwrap();
    }
    let golden = std::fs::read_to_string(&path).unwrap_or_default();
    assert!(golden == actual, "{file} should read:\n{actual}");
}

/// A request, its body as JSON; `null` where it has none.
pub fn shown(request: &Request) -> Value {
    let headers: BTreeMap<&str, &str> =
        request.headers.iter().map(|(name, value)| (name.as_str(), value.to_str().unwrap())).collect();
    json!({
        "method": request.method.as_str(),
        "url": request.url.as_str(),
        "headers": headers,
        "body": serde_json::from_slice::<Value>(&request.body).ok(),
    })
}
