//! What the README promises by name is there.

use std::fs;
use std::path::Path;

fn file(name: &str) -> String {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join(name);
    fs::read_to_string(&path).unwrap_or_else(|error| panic!("{}: {error}", path.display()))
}

#[test]
fn its_metrics_exist() {
    let readme = file("README.md");
    let golden = file("tests/golden/metrics.txt");
    let section = readme.split("## Metrics").nth(1).unwrap().split("\n## ").next().unwrap();
    let rows = section.lines().filter(|line| line.starts_with("| `"));
    let mut checked = 0;
    for name in rows.flat_map(|row| row.split('`').skip(1).step_by(2)) {
        let plain = format!("driftd_{}", name.split('{').next().unwrap());
        let known = golden.lines().any(|line| line.split_whitespace().next() == Some(plain.as_str()));
        assert!(known, "{plain} stands in the README, not in tests/golden/metrics.txt");
        checked += 1;
    }
    assert!(checked >= 20, "the table was found");
}

#[test]
fn its_routes_exist() {
    let readme = file("README.md");
    for (_, path, _) in
        driftd::web::routes::<driftd::pipeline::Pipeline<driftd::store::sqlite::SqliteStore>>()
    {
        let last = path.rsplit('/').find(|part| !part.starts_with('{')).unwrap();
        assert!(readme.contains(last), "{path} is not in the README");
    }
}
