//! Prometheus' own promtool as the judge of what `/metrics` says and of rules; Alertmanager's amtool of routes.

use std::io::Write;
use std::path::Path;
use std::process::{Command, Output, Stdio};

fn run(command: &mut Command, input: &str) -> Output {
    command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped());
    let mut child = command.spawn().unwrap_or_else(|e| {
        let program = command.get_program().to_string_lossy();
        let package = if program == "amtool" { "prometheus-alertmanager" } else { "prometheus" };
        panic!("{program}: {e}; install it: apt-get install {package}")
    });
    child.stdin.take().unwrap().write_all(input.as_bytes()).unwrap();
    child.wait_with_output().unwrap()
}

fn said(output: &Output) -> String {
    String::from_utf8_lossy(&[&output.stdout[..], &output.stderr].concat()).into_owned()
}

/// `promtool check metrics` has nothing to say of this text of format 0.0.4, nor of its names.
pub fn has_nothing_to_say(text: &str) {
    let output = run(Command::new("promtool").args(["check", "metrics"]), text);
    assert!(output.status.success() && said(&output).is_empty(), "{}", said(&output));
}

/// Prometheus' own parser of OpenMetrics reads this text: as samples of a moment, since promtool reads no others.
pub fn reads_open_metrics(text: &str, folder: &Path) {
    let (file, blocks) = (folder.join("scrape.om"), folder.join("blocks"));
    let stamped = text.lines().map(|line| match line.starts_with('#') {
        true => format!("{line}\n"),
        false => format!("{line} 1795348800\n"),
    });
    std::fs::write(&file, stamped.collect::<String>()).unwrap();
    let mut command = Command::new("promtool");
    command.args(["tsdb", "create-blocks-from", "openmetrics"]).args([&file, &blocks]);
    let output = run(&mut command, "");
    assert!(output.status.success(), "{}\n{text}", said(&output));
}

/// promtool ends well with these arguments.
pub fn promtool(arguments: &[&str]) {
    ends_well("promtool", arguments);
}

/// amtool ends well with these arguments.
pub fn amtool(arguments: &[&str]) {
    ends_well("amtool", arguments);
}

fn ends_well(program: &str, arguments: &[&str]) {
    let output = run(Command::new(program).args(arguments), "");
    assert!(output.status.success(), "{program} {}:\n{}", arguments.join(" "), said(&output));
}
