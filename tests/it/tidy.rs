//! The shape of the code, kept by a test: layers, purity, sizes, no file left behind.

use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};

/// Modules of `src/`, lowest first; a module may use its own tier and those below it.
const TIERS: [&[&str]; 6] = [
    &["domain", "clock"],
    &[
        "sketch",
        "batch",
        "statistic",
        "detector",
        "trend",
        "performance",
        "join",
        "fairness",
        "reference",
        "window",
        "verdict",
        "incident",
        "notification",
        "retraining",
        "kpi",
        "use_case",
    ],
    &["store", "metrics"],
    &["ingest", "notify", "trigger", "web"],
    &["pipeline"],
    &["config", "telemetry", "demo", "app", "cli", "main", "lib"],
];

/// What tiers 0 and 1 must not do: reach out, wait, ask the time, log.
const IMPURE: [&str; 12] = [
    "std::fs",
    "std::net",
    "std::env",
    "std::thread",
    "std::process",
    "tokio::",
    "async fn",
    "tracing::",
    "println!",
    "eprintln!",
    "Instant::now",
    "rand::",
];

const WALL_CLOCK: [&str; 4] = ["SystemTime::now", "Timestamp::now", "Zoned::now", "Utc::now"];

/// Longest file; most are under 300 lines.
const LINES_MAX: usize = 420;

struct Source {
    path: PathBuf,
    module: String,
    /// Without comment lines and without the tests at its end.
    code: Vec<String>,
    lines: usize,
}

fn root() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR"))
}

fn rust_files(folder: &Path, found: &mut Vec<PathBuf>) {
    for entry in fs::read_dir(folder).unwrap_or_else(|e| panic!("{}: {e}", folder.display())) {
        let path = entry.expect("a folder entry").path();
        if path.is_dir() {
            rust_files(&path, found);
        } else if path.extension().is_some_and(|extension| extension == "rs") {
            found.push(path);
        }
    }
}

fn sources() -> Vec<Source> {
    let mut paths = Vec::new();
    rust_files(&root().join("src"), &mut paths);
    assert!(paths.len() > 20, "the sources were found");
    paths
        .into_iter()
        .map(|path| {
            let text = fs::read_to_string(&path).expect("a source file");
            let inside = path.strip_prefix(root().join("src")).expect("sources lie in src");
            let first = inside
                .components()
                .next()
                .expect("a file has a name")
                .as_os_str()
                .to_string_lossy()
                .into_owned();
            let code = text
                .lines()
                .take_while(|line| !line.starts_with("#[cfg(test)]"))
                .filter(|line| !line.trim_start().starts_with("//"))
                .map(str::to_owned)
                .collect();
            Source {
                module: first.trim_end_matches(".rs").to_owned(),
                code,
                lines: text.lines().count(),
                path,
            }
        })
        .collect()
}

fn tier(module: &str) -> usize {
    TIERS
        .iter()
        .position(|tier| tier.contains(&module))
        .unwrap_or_else(|| panic!("src/{module} stands in no tier: add it to TIERS, and think where"))
}

fn complain(faults: Vec<String>) {
    assert!(faults.is_empty(), "\n{}\n", faults.join("\n"));
}

#[test]
fn imports_point_down() {
    let mut faults = Vec::new();
    for source in sources() {
        let own = tier(&source.module);
        for line in &source.code {
            for used in line.split("crate::").skip(1) {
                let module: String = used.chars().take_while(|c| c.is_alphanumeric() || *c == '_').collect();
                if !module.is_empty() && tier(&module) > own {
                    faults.push(format!("{}: tier {own} uses crate::{module}", source.path.display()));
                }
            }
        }
    }
    complain(faults);
}

#[test]
fn the_core_is_pure() {
    let mut faults = Vec::new();
    for source in sources() {
        let words: Vec<&str> = match tier(&source.module) {
            0 | 1 if source.module != "clock" => IMPURE.into_iter().chain(WALL_CLOCK).collect(),
            _ if source.module != "clock" => WALL_CLOCK.to_vec(),
            _ => continue,
        };
        for line in &source.code {
            for word in words.iter().filter(|word| line.contains(**word)) {
                faults.push(format!("{}: `{word}` in: {}", source.path.display(), line.trim()));
            }
        }
    }
    complain(faults);
}

#[test]
fn nothing_panics_on_purpose() {
    let banned = ["panic!(", ".unwrap()", "todo!(", "unimplemented!(", "println!("];
    let mut faults = Vec::new();
    for source in sources() {
        for line in &source.code {
            for word in banned.iter().filter(|word| line.contains(**word)) {
                faults.push(format!("{}: `{word}` in: {}", source.path.display(), line.trim()));
            }
        }
    }
    complain(faults);
}

#[test]
fn files_stay_small() {
    let mut faults: Vec<String> = sources()
        .iter()
        .filter(|source| source.lines > LINES_MAX)
        .map(|source| format!("{}: {} lines, at most {LINES_MAX}", source.path.display(), source.lines))
        .collect();
    let main = fs::read_to_string(root().join("src/main.rs")).unwrap();
    if main.lines().count() >= 60 {
        faults.push(format!("src/main.rs: {} lines, fewer than 60 wanted", main.lines().count()));
    }
    complain(faults);
}

#[test]
fn no_file_is_left_behind() {
    let mut paths = Vec::new();
    rust_files(&root().join("src"), &mut paths);
    rust_files(&root().join("tests/it"), &mut paths);
    let mut declared = BTreeSet::new();
    for path in &paths {
        for line in fs::read_to_string(path).unwrap().lines() {
            let line = line.trim_start().trim_start_matches("pub(crate) ").trim_start_matches("pub ");
            if let Some(name) = line.strip_prefix("mod ").and_then(|rest| rest.strip_suffix(';')) {
                declared.insert(name.to_owned());
            }
        }
    }
    let mut faults = Vec::new();
    for path in &paths {
        let stem = path.file_stem().unwrap().to_string_lossy().into_owned();
        let name = match stem.as_str() {
            "main" | "lib" => continue,
            "mod" => path.parent().unwrap().file_name().unwrap().to_string_lossy().into_owned(),
            _ => stem,
        };
        if !declared.contains(&name) {
            faults.push(format!("{}: no `mod {name};` declares it", path.display()));
        }
    }
    complain(faults);
}

#[test]
fn tests_do_not_sleep() {
    let mut paths = Vec::new();
    rust_files(&root().join("tests/it"), &mut paths);
    let mut faults = Vec::new();
    for path in paths.iter().filter(|path| !path.starts_with(root().join("tests/it/support"))) {
        let text = fs::read_to_string(path).unwrap();
        for line in text.lines().filter(|line| !line.contains("line.contains")) {
            if ["thread::sle", "time::sle"].iter().any(|call| line.contains(&format!("{call}ep("))) {
                faults.push(format!("{}: {}", path.display(), line.trim()));
            }
        }
    }
    complain(faults);
}
