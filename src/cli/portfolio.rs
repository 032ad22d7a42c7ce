//! `driftd portfolio`: what the use cases are worth, how they are used, and what is proposed.

use std::io::{self, Write};
use std::process::ExitCode;

use serde::{Deserialize, Serialize};
use serde_json::Value;

use super::client::Daemon;
use super::run::runtime;
use super::table::{Table, print_json};
use crate::kpi::UseCaseId;

/// Show the portfolio: indicators, signs and decisions, and each use case with its closing grid and what is proposed
#[derive(Debug, clap::Args)]
pub struct Portfolio {
    /// One use case in full
    #[arg(long, value_name = "ID")]
    use_case: Option<UseCaseId>,
    #[command(flatten)]
    daemon: Daemon,
    /// The answers as JSON
    #[arg(long)]
    json: bool,
}

/// What is printed of the portfolio's answer.
#[derive(Debug, Deserialize)]
struct InSum {
    currency: String,
    today: String,
    use_cases: u64,
    indicators: Vec<Indicator>,
    signs: Vec<Sign>,
    decisions: Vec<Decision>,
}

#[derive(Debug, Deserialize)]
struct Indicator {
    id: String,
    group: String,
    value: Option<f64>,
    reason: Option<Why>,
    unit: String,
    n: u64,
}

#[derive(Debug, Deserialize)]
struct Why {
    text: String,
}

#[derive(Debug, Deserialize)]
struct Sign {
    id: String,
    state: String,
    evidence: Vec<Evidence>,
}

#[derive(Debug, Deserialize)]
struct Evidence {
    use_case: Option<String>,
    words: String,
}

impl Evidence {
    fn in_words(&self) -> String {
        let whose = self.use_case.as_ref().map_or_else(String::new, |id| format!("{id} "));
        format!("{whose}{}", self.words)
    }
}

#[derive(Debug, Deserialize)]
struct Decision {
    use_case: String,
    date: String,
    in_days: Option<u32>,
    days_ago: Option<u32>,
}

/// What is printed of a use case's answer.
#[derive(Debug, Deserialize)]
struct UseCase {
    use_case: Entry,
    history: Answer<History>,
    roi: Answer<Roi>,
    hypothesis: Answer<Hypothesis>,
    closing: Grid,
    proposal: String,
    reasons: Vec<Because>,
}

#[derive(Debug, Deserialize)]
struct Entry {
    id: String,
    name: String,
    owner: Option<String>,
    category: String,
    risk: String,
    next_step: Option<String>,
    decision_date: Option<String>,
}

#[derive(Debug, Deserialize)]
struct Answer<T> {
    value: Option<T>,
}

#[derive(Debug, Deserialize)]
struct History {
    months: Vec<MonthLine>,
}

/// A month that something is missing of has no gain.
#[derive(Debug, Deserialize)]
struct MonthLine {
    gain: Option<f64>,
}

#[derive(Debug, Deserialize)]
struct Roi {
    newest: Answer<RoiPoint>,
}

#[derive(Debug, Deserialize)]
struct RoiPoint {
    roi: Option<f64>,
}

#[derive(Debug, Deserialize)]
struct Hypothesis {
    ratio: f64,
}

#[derive(Debug, Deserialize)]
struct Grid {
    technique: Finding,
    roi: Finding,
    adoption: Finding,
    register: Finding,
}

#[derive(Debug, Deserialize)]
struct Finding {
    standing: String,
    words: String,
}

#[derive(Debug, Deserialize)]
struct Because {
    words: String,
}

#[derive(Debug, Deserialize)]
struct UseCases {
    use_cases: Vec<UseCase>,
}

/// Both answers.
#[derive(Debug, Serialize)]
struct Whole {
    portfolio: Value,
    use_cases: Value,
}

impl Portfolio {
    pub fn run(self) -> anyhow::Result<ExitCode> {
        let runtime = runtime()?;
        if let Some(id) = &self.use_case {
            let answer: Value = runtime.block_on(self.daemon.get(&format!("/v1/use_cases/{id}")))?;
            match self.json {
                true => print_json(&answer)?,
                false => show_one(&mut io::stdout().lock(), &serde_json::from_value(answer)?)?,
            }
            return Ok(ExitCode::SUCCESS);
        }
        let (portfolio, use_cases) = runtime.block_on(answers(&self.daemon))?;
        if self.json {
            print_json(&Whole { portfolio, use_cases })?;
            return Ok(ExitCode::SUCCESS);
        }
        show_answers(&mut io::stdout().lock(), portfolio, use_cases)?;
        Ok(ExitCode::SUCCESS)
    }
}

/// What the command prints.
pub(crate) async fn in_words(daemon: &Daemon) -> anyhow::Result<String> {
    let (portfolio, use_cases) = answers(daemon).await?;
    let mut out = Vec::new();
    show_answers(&mut out, portfolio, use_cases)?;
    Ok(String::from_utf8(out)?)
}

/// Of the portfolio and of its use cases.
async fn answers(daemon: &Daemon) -> anyhow::Result<(Value, Value)> {
    Ok((daemon.get("/v1/portfolio").await?, daemon.get("/v1/use_cases").await?))
}

fn show_answers(out: &mut impl Write, portfolio: Value, use_cases: Value) -> anyhow::Result<()> {
    let (sum, each): (InSum, UseCases) =
        (serde_json::from_value(portfolio)?, serde_json::from_value(use_cases)?);
    Ok(show(out, &sum, &each.use_cases)?)
}

fn show(out: &mut impl Write, sum: &InSum, use_cases: &[UseCase]) -> io::Result<()> {
    let cases = if sum.use_cases == 1 { "use case" } else { "use cases" };
    writeln!(out, "portfolio of {} {cases} on {}, in {}\n", sum.use_cases, sum.today, sum.currency)?;
    let mut table = Table::of(["GROUP", "INDICATOR", "VALUE", "OF"]);
    for indicator in &sum.indicators {
        table.row([
            indicator.group.replace('_', " "),
            indicator.id.replace('_', " "),
            value(indicator),
            indicator.n.to_string(),
        ]);
    }
    table.print(out, "no indicator")?;
    writeln!(out)?;
    let mut table = Table::of([
        "USE CASE",
        "GAIN",
        "OF HYPOTHESIS",
        "ROI",
        "TECHNIQUE",
        "ROI STANDS",
        "ADOPTION",
        "REGISTER",
        "PROPOSAL",
    ]);
    for of in use_cases {
        table.row([
            of.use_case.id.clone(),
            or_dash(gain(of).map(|gain| format!("{gain:.0}"))),
            or_dash(of.hypothesis.value.as_ref().map(|of| percent(of.ratio))),
            or_dash(roi(of).map(percent)),
            standing(&of.closing.technique),
            standing(&of.closing.roi),
            standing(&of.closing.adoption),
            standing(&of.closing.register),
            of.proposal.clone(),
        ]);
    }
    table.print(out, "no use case: add a file to config/use_cases")?;
    writeln!(out)?;
    for sign in sum.signs.iter().filter(|sign| sign.state == "raised") {
        let evidence: Vec<String> = sign.evidence.iter().map(Evidence::in_words).collect();
        writeln!(out, "sign: {}: {}", sign.id.replace('_', " "), evidence.join("; "))?;
    }
    for decision in &sum.decisions {
        let when = match (decision.in_days, decision.days_ago) {
            (Some(days), _) => format!("in {days} days"),
            (None, Some(days)) => format!("{days} days ago"),
            (None, None) => String::new(),
        };
        writeln!(out, "decision: {} on {} ({when})", decision.use_case, decision.date)?;
    }
    Ok(())
}

fn show_one(out: &mut impl Write, of: &UseCase) -> io::Result<()> {
    let entry = &of.use_case;
    writeln!(out, "{} ({})", entry.name, entry.id)?;
    let owner = entry.owner.as_deref().unwrap_or("nobody");
    writeln!(out, "{}, risk {}, owned by {owner}", entry.category.replace('_', " "), entry.risk)?;
    if let Some(next) = &entry.next_step {
        writeln!(out, "next step: {next}")?;
    }
    if let Some(date) = &entry.decision_date {
        writeln!(out, "decision on {date}")?;
    }
    writeln!(out)?;
    let mut table = Table::of(["CRITERION", "STANDS", "FIGURES"]);
    for (criterion, finding) in [
        ("technique", &of.closing.technique),
        ("roi", &of.closing.roi),
        ("adoption", &of.closing.adoption),
        ("register", &of.closing.register),
    ] {
        table.row([criterion.to_owned(), standing(finding), finding.words.clone()]);
    }
    table.print(out, "no criterion")?;
    if let Some(gain) = gain(of) {
        writeln!(out, "\ngain so far, less the run cost: {gain:.0}")?;
    }
    writeln!(out, "\nproposal: {}", of.proposal)?;
    of.reasons.iter().try_for_each(|because| writeln!(out, "- {}", because.words))
}

/// Over the complete months whose figures are there.
fn gain(of: &UseCase) -> Option<f64> {
    let months = &of.history.value.as_ref()?.months;
    let mut gains = months.iter().filter_map(|month| month.gain).peekable();
    gains.peek()?;
    Some(gains.sum())
}

fn roi(of: &UseCase) -> Option<f64> {
    of.roi.value.as_ref()?.newest.value.as_ref()?.roi
}

fn value(indicator: &Indicator) -> String {
    match (indicator.value, &indicator.reason) {
        (Some(value), _) if indicator.unit == "ratio" => percent(value),
        (Some(value), _) => format!("{value:.0}"),
        (None, Some(why)) => why.text.clone(),
        (None, None) => "-".to_owned(),
    }
}

fn standing(finding: &Finding) -> String {
    finding.standing.replace('_', " ")
}

fn percent(share: f64) -> String {
    format!("{:.0} %", share * 100.0)
}

fn or_dash(text: Option<String>) -> String {
    text.unwrap_or_else(|| "-".to_owned())
}
