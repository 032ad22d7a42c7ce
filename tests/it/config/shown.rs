//! What is shown: no secret, every default, a config that says the same again.

use std::collections::BTreeSet;
use std::fs;
use std::path::Path;

use driftd::config::{Settings, load_with};
use secrecy::ExposeSecret;

use super::{USE_CASE, directory, errors_of, fixtures, read, use_case};

#[test]
fn secrets_come_from_variables_or_files_and_are_never_shown() {
    let secret = "correct horse battery staple";
    let by_variable = directory("", &[]);
    let by_file = directory("[server]\nadmin_token_file = \"token\"\n", &[]);
    fs::write(by_file.path().join("token"), format!("{secret}\n")).unwrap();
    let pair = ("DRIFTD_SERVER__ADMIN_TOKEN", secret);
    for settings in [read(by_variable.path(), &[pair]).unwrap(), read(by_file.path(), &[]).unwrap()] {
        assert_eq!(settings.server.admin_token.as_ref().unwrap().expose_secret(), secret);
        let shown = format!("{settings:?}{}", settings.effective.files[0].1);
        assert!(shown.contains("# admin_token = [redacted]"), "{shown}");
        assert!(!shown.contains("horse"), "{shown}");
    }

    let given_twice = errors_of(by_file.path(), &[pair]);
    assert_eq!(
        given_twice,
        [
            "driftd.toml:2: server.admin_token_file = \"token\": is given twice; drop it or DRIFTD_SERVER__ADMIN_TOKEN"
        ]
    );
    let short = errors_of(by_variable.path(), &[("DRIFTD_SERVER__ADMIN_TOKEN", "horse")]);
    assert_eq!(
        short,
        ["DRIFTD_SERVER__ADMIN_TOKEN: server.admin_token: is too short a secret; at least 20 characters"]
    );
    let in_other_shapes = [
        "[server]\nadmin_tokn = \"correct horse battery staple\"\n",
        "[server]\nadmin_token = [\"correct horse battery staple\"]\n",
        "[[server]]\nadmin_token = \"correct horse battery staple\"\n",
        "server = { admin_token = \"correct horse battery staple\" }\n",
        "[server]\nadmin_token = \"correct horse battery staple\n",
    ];
    for text in in_other_shapes {
        let errors = errors_of(directory(text, &[]).path(), &[]).join("\n");
        assert!(!errors.contains("horse"), "{errors}");
    }
}

#[test]
fn the_shipped_file_has_every_key_with_its_default() {
    let shipped = Path::new(env!("CARGO_MANIFEST_DIR")).join("config/driftd.toml");
    let of_shipped = load_with(Some(&shipped), []).unwrap().effective;
    let by_default = read(directory("", &[]).path(), &[]).unwrap().effective;
    assert_eq!(of_shipped.files[0].1, by_default.files[0].1);

    let text = fs::read_to_string(shipped).unwrap();
    let mut section = "";
    let mut written = BTreeSet::new();
    for line in text.lines() {
        if let Some(name) = line.strip_prefix('[') {
            section = name.trim_end_matches(']');
            written.insert(section.to_owned());
            continue;
        }
        // A key without a default stands in a comment.
        let key = line.trim_start_matches("# ").split(" = ").next().unwrap_or_default();
        if !key.is_empty() && key.bytes().all(|b| b.is_ascii_lowercase() || b == b'_') {
            written.insert(format!("{section}.{key}"));
        }
    }
    // What there is none of by default stands in the examples.
    let examples =
        ["receivers", "routes", "targets", "kpis.constants", "kpis.define", "portfolio.priorities"];
    written.extend(examples.map(str::to_owned));
    assert_eq!(written, by_default.keys);
}

/// The lines of a commented example, without their marks.
fn examples(text: &str) -> String {
    text.lines().filter_map(|line| line.strip_prefix("#   ")).map(|line| format!("{line}\n")).collect()
}

#[test]
fn the_examples_of_the_shipped_file_are_a_config_with_every_key() {
    let shipped = Path::new(env!("CARGO_MANIFEST_DIR")).join("config/driftd.toml");
    let whole = fs::read_to_string(shipped).unwrap();
    let text = examples(&whole);
    let directory = use_case(&text, &USE_CASE.replace("\"u\"", "\"car_loan\""));
    fs::create_dir(directory.path().join("secrets")).unwrap();
    for (name, secret) in [
        ("webhook", "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw\nwhsec_AAECAwQFBgcICQoLDA0ODxAREhMUFRYX\n"),
        ("webhook-headers", "Authorization: Bearer one\n"),
        ("alertmanager-headers", "Authorization: Bearer two\n"),
        ("chat-headers", "Authorization: Bearer three\n"),
        ("slack", "https://hooks.slack.com/services/T0/B0/x\n"),
        ("teams", "https://example.logic.azure.com/workflows/x\n"),
        ("pagerduty", "R0123456789ABCDEF0123456789ABCDE\n"),
        ("smtp", "correct horse\n"),
        ("training-webhook", "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw\n"),
        ("training-headers", "Authorization: Bearer four\n"),
        ("airflow", "eyJhbGciOi.t0ken\n"),
        ("airflow-headers", "Authorization: Basic YWRtaW46aG9yc2U=\n"),
        ("argo", "t0ken\n"),
        ("github", "github_pat_t0ken\n"),
        ("kubeflow", "t0ken\n"),
        ("prefect", "pnu_t0ken\n"),
        ("databricks", "dapit0ken\n"),
    ] {
        fs::write(directory.path().join("secrets").join(name), secret).unwrap();
    }
    let settings = read(directory.path(), &[]).unwrap_or_else(|errors| panic!("{errors}"));
    assert_eq!((settings.receivers.len(), settings.unrouted().len()), (7, 0));
    assert_eq!((settings.routing.routes.len(), settings.targets.len()), (6, 11));
    assert_eq!((settings.kpis.catalogue.order().len(), settings.portfolio.priorities.len()), (2, 1));
    let shown = format!("{settings:?}");
    for secret in
        ["MfKQ9r8", "Bearer", "/services/T0", "workflows/x", "R0123456789", "horse", "t0ken", "YWRt"]
    {
        assert!(!shown.contains(secret), "{secret} is shown");
    }

    let written: toml::Table = text.parse().unwrap();
    let says = |path: &str| {
        let mut parts = path.split('.');
        let (section, name) = (parts.next().unwrap(), parts.next().unwrap());
        let key = parts.next().unwrap_or_default();
        let entry = written[section][name].as_table().unwrap();
        let other = key.strip_suffix("_file").map_or_else(|| format!("{key}_file"), str::to_owned);
        // The credentials of targets are all the same, and stand in some examples.
        let is_common =
            section == "targets" && ["token", "headers"].iter().any(|common| key.starts_with(common));
        key.is_empty() || is_common || entry.contains_key(key) || entry.contains_key(&other)
    };
    let is_entry = |key: &&String| key.starts_with("receivers.") || key.starts_with("targets.");
    let asked = settings.effective.keys.iter().filter(is_entry);
    let missing: Vec<&String> = asked.filter(|path| !says(path)).collect();
    assert_eq!(missing, Vec::<&String>::new());
    for key in settings.effective.keys.iter().filter_map(|key| key.strip_prefix("routes[0].")) {
        assert!(whole.contains(&format!("{} = ", key.rsplit('.').next().unwrap())), "{key}");
    }
}

#[test]
fn what_is_printed_is_a_config_that_says_the_same() {
    let shipped = Path::new(env!("CARGO_MANIFEST_DIR")).join("config");
    for source in [fixtures().join("good/full"), fixtures().join("good/minimal"), shipped] {
        let first = read(&source, &[]).unwrap();
        let again = directory(&first.effective.files[0].1, &[("prices.csv", "size\n1\n")]);
        fs::write(again.path().join("tokens"), "").unwrap();
        fs::create_dir(again.path().join("use_cases")).unwrap();
        for (path, text) in &first.effective.files[1..] {
            let folder = path.parent().unwrap().file_name().unwrap();
            fs::write(again.path().join(folder).join(path.file_name().unwrap()), text).unwrap();
        }
        let second = read(again.path(), &[]).unwrap_or_else(|errors| panic!("{errors}"));
        let texts = |settings: &Settings| -> Vec<String> {
            settings.effective.files.iter().map(|(_, text)| text.clone()).collect()
        };
        assert_eq!(texts(&first), texts(&second));
        assert_eq!((&first.kpis, &first.portfolio), (&second.kpis, &second.portfolio));
        for (one, other) in first.use_cases.iter().zip(&second.use_cases) {
            assert_eq!((&one.use_case, &one.users_of), (&other.use_case, &other.users_of));
        }
        for (one, other) in first.models.iter().zip(&second.models) {
            assert_eq!(
                (&one.plan, &one.features, &one.ignored),
                (&other.plan, &other.features, &other.ignored)
            );
        }
    }
}

#[test]
fn check_says_what_is_wrong_or_what_the_config_comes_to_by_exit_code() {
    let check = |directory: &Path, more: &[&str]| {
        let output = std::process::Command::new(env!("CARGO_BIN_EXE_driftd"))
            .env_clear()
            .args(["check", "--config"])
            .arg(directory.join("driftd.toml"))
            .args(more)
            .output()
            .unwrap();
        let text = |bytes: Vec<u8>| String::from_utf8(bytes).unwrap();
        (output.status.code(), text(output.stdout), text(output.stderr))
    };
    let (code, out, err) = check(&fixtures().join("good/minimal"), &[]);
    assert_eq!((code, err.as_str()), (Some(0), ""));
    assert!(out.starts_with("config is good: 1 model, 1 window\n  churn: about 20 MB ("), "{out}");

    let (code, out, _) = check(&fixtures().join("good/minimal"), &["--print"]);
    assert_eq!(code, Some(0));
    assert!(out.contains("listen = \"127.0.0.1:8440\"\n") && out.contains("id = \"churn\"\n"), "{out}");

    let shipped = Path::new(env!("CARGO_MANIFEST_DIR")).join("config");
    let (code, out, err) = check(&shipped, &[]);
    assert_eq!(code, Some(0), "{err}");
    let of_kpis: Vec<&str> = out.lines().skip_while(|line| !line.starts_with("  use case ")).collect();
    assert_eq!(
        of_kpis,
        [
            "  use case car_loan: 16 KPIs, 1 model, north star processing_time, Head of consumer credit",
            "28 KPIs from 21 streams: 12 technical, 12 strategic, 4 adoption",
        ]
    );

    let bad = directory("[server]\nlisten = 1\nauth = 2\n", &[]);
    let (code, out, err) = check(bad.path(), &[]);
    assert_eq!((code, out.as_str()), (Some(1), ""));
    assert!(err.lines().count() == 3 && err.ends_with("\n2 errors\n"), "{err}");
}
