//! What `driftd check` says of a config and the reference that it names, and of a daemon that would take it up.

use std::fmt::Write;
use std::fs;
use std::path::Path;
use std::process::Command;

use crate::support::loan::Place;
use crate::support::process::Daemon;

use super::directory;

fn driftd(args: &[&str], paths: &[&Path]) -> (Option<i32>, String, String) {
    let mut command = Command::new(env!("CARGO_BIN_EXE_driftd"));
    let output = command.env_clear().args(args).args(paths).output().unwrap();
    let text = |bytes: Vec<u8>| String::from_utf8(bytes).unwrap();
    (output.status.code(), text(output.stdout), text(output.stderr))
}

/// What `check` says on stderr, without the directory's name, and its exit code.
fn check(directory: &Path) -> (Option<i32>, Vec<String>) {
    let (code, _, err) = driftd(&["check", "--config"], &[&directory.join("driftd.toml")]);
    let prefix = format!("{}/models/", directory.display());
    (code, err.lines().map(|line| line.replace(&prefix, "")).collect())
}

/// Two days of rows, one an hour.
fn csv() -> String {
    let mut text = "at,age,town,plan,empty\n".to_owned();
    for row in 0..48 {
        let (day, hour) = (1 + row / 24, row % 24);
        let town = ["Lyon", "Nice"][row % 2];
        writeln!(text, "2026-11-{day:02} {hour:02}:00:00,{},{town},a,", 20 + row).unwrap();
    }
    text
}

/// A config of one model, and the profile of [`csv`] for the model `m`.
fn profiled(model: &str, more: &[&str]) -> tempfile::TempDir {
    profiled_of(&csv(), model, &[&["--task", "binary", "--ignore", "plan"], more].concat())
}

fn profiled_of(rows: &str, model: &str, more: &[&str]) -> tempfile::TempDir {
    let directory = directory("", &[("m.toml", model), ("rows.csv", rows)]);
    let models = directory.path().join("models");
    let args = [&["profile", "--model", "m"], more, &["-o"]].concat();
    let (code, _, err) = driftd(&args, &[&models.join("m.profile"), &models.join("rows.csv")]);
    assert_eq!(code, Some(0), "{err}");
    directory
}

#[test]
fn what_the_reference_does_not_have_is_an_error_with_its_line() {
    let model = "id = \"m\"\ntask = \"regression\"\nreference = { profile = \"m.profile\" }\n\
        [features.agee]\n[features.town]\nkind = \"numeric\"\n[features.gone]\nignore = true\n\
        [features.\"floor area\"]\n[features.empty]\n[derived.score]\nstatistics = { psi = \"off\" }\n";
    let directory = profiled(model, &["--ignore", "at"]);
    let (code, said) = check(directory.path());
    assert_eq!(code, Some(1));
    let expected = [
        "m.toml:2: task: is regression, and the reference was made for binary; profile it with --task regression, or write \"binary\"",
        "m.toml:4: features.agee: is not in the reference: did you mean `age`? Correct it, drop it, or profile data that has it",
        "m.toml:9: features.\"floor area\": is not in the reference: it has age, town. Correct it, drop it, or profile data that has it",
        "m.toml:6: features.town.kind: is numeric, and the reference counts it as categorical; profile it with --kind town=numeric, or write \"categorical\"",
        "m.toml:11: derived.score: is not in the reference: it has none of the kind. Correct it, drop it, or profile data that has it",
        "misfits with the reference: 5; `driftd run` would start all the same, and warn",
        "hint: m.toml:10: features.empty: has no number in the reference, so it has no grid and is not watched; profile data that has some, or ignore it",
        "hint: m.toml:3: reference.profile: the reference has no timestamps: rows are taken for independent and no budget is promised; profile data that has some with --timestamp COLUMN",
    ];
    assert_eq!(said, expected);
}

#[test]
fn what_can_be_meant_is_a_hint_and_the_config_good() {
    let model = "id = \"m\"\ntask = \"binary\"\n[reference]\nprofile = \"m.profile\"\n[segments]\n\
        by = [\"town\", \"plan\"]\nfull_grid = true\n[[windows]]\nlength = \"24h\"\n[[windows]]\n\
        length = \"7d\"\npane = \"6h\"\n[[windows]]\nlength = \"90m\"\npane = \"15m\"\n";
    let directory = profiled(
        model,
        &["--timestamp", "at", "--segment", "town", "--window", "24h/1h", "--window", "7d/6h"],
    );
    let few = "rows are taken for independent and no budget is promised; take a longer reference, or a shorter window";
    let expected = [
        format!("hint: m.toml:9: windows[0].length: the reference gives 0 whole windows of this length; 20 are needed: {few}"),
        format!("hint: m.toml:11: windows[1].length: the reference gives 0 whole windows of this length; 20 are needed: {few}"),
        "hint: m.toml:14: windows[2].length: the reference was not profiled for windows of this length: rows are taken for independent and no budget is promised; profile it with --window 90m/15m".to_owned(),
        "hint: m.toml:6: segments.by: `plan` is not in the reference: its segments are not compared with it; profile it with --segment plan".to_owned(),
        "hint: m.toml:7: segments.full_grid: is true, and the reference counts segments by their groups only: they are not compared with it; profile it with --full-grid".to_owned(),
        "hint: m.toml:4: reference.profile: outcomes are not counted: the reference has no predictions; profile data that has some with --prediction COLUMN".to_owned(),
    ];
    assert_eq!(check(directory.path()), (Some(0), expected.into()));

    // Compared with other windows of its own, a segment needs none in the reference.
    let moving = model.replace("[segments]", "against = [\"previous\"]\n[segments]");
    fs::write(directory.path().join("models/m.toml"), moving).unwrap();
    assert_eq!(check(directory.path()).1.len(), 4);
}

/// Rows with what was predicted and what happened, each class in turn.
fn decided(classes: &[&str]) -> String {
    let mut text = "age,town,said,score,was\n".to_owned();
    for row in 0..48 {
        let (said, was) = (classes[row % classes.len()], classes[row / 2 % classes.len()]);
        writeln!(text, "{},Lyon,{said},0.{row:02},{was}", 20 + row).unwrap();
    }
    text
}

/// What `check` says of outcomes where a model says `more` and its reference was made of `rows` with these arguments.
fn said_of_outcomes(task: &str, more: &str, rows: &str, args: &[&str]) -> Vec<String> {
    let model = format!("id = \"m\"\ntask = \"{task}\"\nreference = {{ profile = \"m.profile\" }}\n{more}");
    let directory = profiled_of(rows, &model, &[&["--task", task, "--prediction", "said"], args].concat());
    let said = check(directory.path()).1.into_iter();
    said.filter(|line| !line.contains("rows are taken for independent")).collect()
}

#[test]
fn classes_that_the_reference_does_not_have_are_named() {
    let said = |more: &str, rows: &str, args: &[&str]| said_of_outcomes("binary", more, rows, args);
    let rows = decided(&["deny", "approve"]);
    let unlabelled = "hint: m.toml:3: reference.profile: the reference has no labels: performance has no baseline and no estimates; profile it with --label COLUMN";
    assert_eq!(
        said("", &rows, &[]),
        [
            "hint: m.toml: positive_class: outcomes are not counted: it is not known which of its classes (approve, deny) is the positive one; name it: positive_class = \"…\""
        ]
    );
    assert_eq!(said("positive_class = \"approve\"\n", &rows, &[]), [unlabelled]);
    let strange =
        "m.toml:4: positive_class: is `yes`, and the reference's classes are approve, deny. Name one of them";
    let one = "misfits with the reference: 1; `driftd run` would start all the same, and warn";
    assert_eq!(said("positive_class = \"yes\"\n", &rows, &[]), [strange, one, unlabelled]);
    let labelled = ["--label", "was", "--positive-class"];
    let with = |class: &'static str| [&labelled[..], &[class]].concat();
    assert_eq!(said("", &rows, &with("approve")), Vec::<String>::new());
    assert_eq!(
        said("positive_class = \"deny\"\n", &rows, &with("approve")),
        [
            "hint: m.toml:4: positive_class: is `deny`, and the reference was made for `approve`: performance has no baseline and no estimates; profile it with --positive-class deny, or write \"approve\""
        ]
    );
    assert_eq!(
        said("positive_class = \"deny\"\n", &decided(&["deny"]), &[]),
        [
            "hint: m.toml:4: positive_class: is `deny`, and all of the reference is of it: labels of any other class are rejected; profile data that has both",
            unlabelled
        ]
    );
    assert_eq!(
        said("positive_class = 1\n", &decided(&["0"]), &with("1")),
        ["hint: m.toml:4: positive_class: is `1`, and all of the reference is `0`; check the name"]
    );

    let said = |more: &str| {
        said_of_outcomes("multiclass", more, &decided(&["cat", "dog", "owl"]), &["--label", "was"])
    };
    assert_eq!(said("classes = [\"owl\", \"dog\", \"cat\"]\n"), Vec::<String>::new());
    assert_eq!(
        said("classes = [\"owl\", \"dog\", \"ant\"]\n"),
        [
            "m.toml:4: classes: lack `cat`, which the reference has: its outcomes are not counted; add it",
            "misfits with the reference: 1; `driftd run` would start all the same, and warn",
            "hint: m.toml:4: classes: name `ant`, which no row of the reference has; check the name",
        ]
    );
}

#[test]
fn what_outcomes_are_judged_by_has_to_be_in_the_reference() {
    let rows = decided(&["0", "1"]);
    let more = "[segments]\nby = [\"town\"]\n[performance]\nprimary = \"roc_auc\"\n\
        roc_auc = { baseline = 0.9 }\nbrier = { warning = 0.1, critical = 0.2 }\n[[fairness]]\nattribute = \"town\"\n";
    let said = |args: &[&str]| said_of_outcomes("binary", more, &rows, args);
    let of_scores =
        "is of scores, and the reference has none; profile it with --score COLUMN, or judge another";
    assert_eq!(
        said(&[]),
        [
            format!("m.toml:7: performance.primary: roc_auc {of_scores}"),
            format!("m.toml:9: performance.brier: brier {of_scores}"),
            "misfits with the reference: 2; `driftd run` would start all the same, and warn".to_owned(),
            "hint: m.toml:5: segments.by: `town` is not in the reference: its segments are not compared with it; profile it with --segment town".to_owned(),
            "hint: m.toml:3: reference.profile: the reference has no labels: performance has no estimates; profile it with --label COLUMN".to_owned(),
            "hint: m.toml:11: fairness[0].attribute: `town` is not in the reference: how far apart its groups were before is not known; profile it with --segment town".to_owned(),
        ]
    );
    assert_eq!(said(&["--label", "was", "--score", "score", "--segment", "town"]), Vec::<String>::new());

    // Data that is profiled at the start is told of by the keys that name its columns.
    let data = "id = \"m\"\ntask = \"binary\"\nreference = { data = \"rows.csv\" }\n";
    let hints = |columns: &str| {
        let model = format!("{data}[columns]\n{columns}\n");
        let said = check(directory("", &[("m.toml", &model), ("rows.csv", &rows)]).path()).1;
        said.into_iter().filter(|line| !line.contains("independent")).collect::<Vec<_>>()
    };
    let hint = "hint: m.toml:3: reference.data:";
    assert_eq!(
        hints(""),
        [format!(
            "{hint} outcomes are not counted: the reference has no predictions; name their column with columns.prediction"
        )]
    );
    assert_eq!(
        hints("prediction = \"said\""),
        [format!(
            "{hint} the reference has no labels: performance has no baseline and no estimates; name their column with columns.actual"
        )]
    );
    assert_eq!(hints("prediction = \"said\"\nactual = \"was\""), Vec::<String>::new());
}

#[test]
fn a_reference_that_cannot_be_used_is_named_with_its_key() {
    let model = "id = \"other\"\ntask = \"binary\"\n[reference]\nprofile = \"m.profile\"\n";
    let directory = profiled(model, &["--ignore", "at"]);
    let expected = "m.toml:4: reference.profile: m.profile: is the profile of model m, not of other";
    assert_eq!(check(directory.path()), (Some(1), vec![expected.to_owned()]));
}

#[test]
fn a_daemon_is_told_what_it_would_lose_by_a_reload() {
    let place = Place::new();
    let (daemon, address) = Daemon::start(&place.config());
    let compared = || {
        let url = format!("http://{address}");
        let (code, out, err) = driftd(&["check", "--against", &url, "--config"], &[&place.config()]);
        assert_eq!(code, Some(0), "{err}");
        out.lines().filter_map(|line| line.strip_prefix("# ")).map(str::to_owned).collect::<Vec<_>>()
    };
    assert_eq!(
        compared(),
        [format!(
            "by a reload the daemon at http://{address} would lose no window of a model; KPIs are not compared"
        )]
    );

    let model = |reference: &str, segments: &str, windows: &str| {
        let text = format!(
            "id = \"loan\"\ntask = \"binary\"\n[reference]\n{reference}\nagainst = [\"static\", \"last_week\"]\n\
             [segments]\n{segments}\n{windows}"
        );
        place.write("models/loan.toml", &text);
    };
    let windows =
        "[[windows]]\nlength = \"6h\"\npane = \"15m\"\n[[windows]]\nlength = \"1h\"\npane = \"1h\"\n";
    model("profile = \"loan.profile\"", "by = [\"plan\"]\nfull_grid = true", windows);
    let spans = "6h windows for 174 h, 1h windows for 169 h";
    let across = format!("what reaches back before the reload is not computable: {spans}");
    let expected = [
        format!("by a reload the daemon at http://{address} would lose:"),
        format!("  loan: pane_mismatch: rows are counted in panes of 15m instead of 1h; {across}"),
        format!("  loan: grid_changed: segments are counted on other bins (full_grid); {across}"),
        format!(
            "  loan: no_history: segments by plan are counted from the reload on; not whole until then: {spans}"
        ),
        "  loan: segments by region are no longer counted; what was counted stays until its retention"
            .to_owned(),
    ];
    assert_eq!(compared(), expected);

    let six = "[[windows]]\nlength = \"6h\"\npane = \"1h\"\n";
    place.write("models/rows.csv", &csv());
    model("data = \"rows.csv\"", "by = [\"region\"]", six);
    assert!(compared()[1].starts_with("  loan: grid_changed: the reference has other grids than rows were"));
    model("learn = { for = \"7d\" }", "by = [\"region\"]", six);
    assert!(compared()[1].starts_with("  loan: grid_changed: the reference is learnt for 7 days, unless"));

    fs::remove_file(place.path().join("models/loan.toml")).unwrap();
    assert_eq!(
        compared()[1],
        "  loan: is no longer watched; what was counted of it stays until its retention"
    );
    daemon.stop();
}
