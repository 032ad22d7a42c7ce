//! How commands print: columns for people, JSON for programs.

use std::io::{self, Write};

use serde::Serialize;

/// Rows of texts, each column as wide as its widest; the last one is open.
pub(super) struct Table<const N: usize> {
    rows: Vec<[String; N]>,
}

impl<const N: usize> Table<N> {
    pub(super) fn of(head: [&str; N]) -> Self {
        Self { rows: vec![head.map(str::to_owned)] }
    }

    pub(super) fn row(&mut self, row: [String; N]) {
        self.rows.push(row);
    }

    /// Prints it, or `nothing` where there is no row.
    pub(super) fn print(&self, out: &mut impl Write, nothing: &str) -> io::Result<()> {
        if self.rows.len() == 1 {
            return writeln!(out, "{nothing}");
        }
        let width = |at: usize| self.rows.iter().map(|row| row[at].chars().count()).max().unwrap_or(0);
        let widths: Vec<usize> = (0..N).map(width).collect();
        for row in &self.rows {
            let padded = row.iter().zip(&widths).map(|(text, width)| format!("{text:<width$}"));
            writeln!(out, "{}", padded.collect::<Vec<_>>().join("  ").trim_end())?;
        }
        Ok(())
    }
}

pub(super) fn print_json(answer: &impl Serialize) -> anyhow::Result<()> {
    writeln!(io::stdout(), "{}", serde_json::to_string_pretty(answer)?)?;
    Ok(())
}

/// Time that is left, in its two largest units: `23h 59m`.
pub(super) fn left(seconds: u64) -> String {
    let (days, hours, minutes) = (seconds / 86_400, seconds / 3_600 % 24, seconds / 60 % 60);
    match (days, hours) {
        (0, 0) => format!("{minutes}m {}s", seconds % 60),
        (0, _) => format!("{hours}h {minutes}m"),
        _ => format!("{days}d {hours}h"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn columns_are_as_wide_as_their_widest() {
        let mut table = Table::of(["ID", "WHAT"]);
        let mut out = Vec::new();
        table.print(&mut out, "nothing").unwrap();
        table.row(["inc-12".into(), "é".into()]);
        table.print(&mut out, "nothing").unwrap();
        assert_eq!(String::from_utf8(out).unwrap(), "nothing\nID      WHAT\ninc-12  é\n");
    }

    #[test]
    fn two_units_are_enough() {
        assert_eq!([59, 3_599, 86_399, 90_000].map(left), ["0m 59s", "59m 59s", "23h 59m", "1d 1h"]);
    }
}
