//! `driftd profile`: a file of reference data becomes a profile.

use std::fs;
use std::io::Write;
use std::path::{Path, PathBuf};

use anyhow::{Context, bail};
use clap::ValueEnum;
use indicatif::{ProgressBar, ProgressStyle};

use crate::domain::{ColumnKind, ModelId, Task};
use crate::ingest::files::{Absent, DataFile, Mapping, Note};
use crate::performance::{Metric, ScoreMap};
use crate::reference::{
    Baseline, BuildOptions, Builder, NullKind, NullWindow, Profile, ProfileColumn, ReferenceColumn,
    SegmentGrid,
};

/// Windows that nulls are measured over by default: those that models are judged over by default.
const WINDOWS_DEFAULT: [&str; 1] = ["24h/1h"];

/// Make a profile, what a model's traffic is compared with, from reference data.
#[derive(Debug, Clone, clap::Args)]
pub struct Args {
    /// Reference data: .parquet, .csv, .ndjson or .jsonl (the last three also as .gz)
    data: PathBuf,
    /// The model's id
    #[arg(long)]
    model: ModelId,
    /// Where the profile goes
    #[arg(short, long, value_name = "FILE")]
    output: PathBuf,
    /// What the model predicts
    #[arg(long, value_enum)]
    task: Option<TaskArg>,
    /// The column of predictions
    #[arg(long, value_name = "COLUMN")]
    prediction: Option<String>,
    /// The column of the positive class's scores; for multiclass CLASS=COLUMN, once a class
    #[arg(long, value_name = "COLUMN")]
    score: Vec<String>,
    /// The column of times: with it, the traffic's own unrest is measured and allowed for
    #[arg(long, value_name = "COLUMN")]
    timestamp: Option<String>,
    /// The column of ids: not counted
    #[arg(long, value_name = "COLUMN")]
    id: Option<String>,
    /// The column of labels: with predictions, what scores and errors mean is learnt from it
    #[arg(long, value_name = "COLUMN")]
    label: Option<String>,
    /// The positive class of a binary model, where it is not `1` of 0 and 1, or `true`
    #[arg(long, value_name = "CLASS", requires = "label")]
    positive_class: Option<String>,
    /// The column of latencies in milliseconds
    #[arg(long, value_name = "COLUMN")]
    latency_ms: Option<String>,
    /// The column of costs
    #[arg(long, value_name = "COLUMN")]
    cost: Option<String>,
    /// A column to leave out
    #[arg(long, value_name = "COLUMN")]
    ignore: Vec<String>,
    /// How a column is counted where the guess is wrong: numeric, categorical or boolean
    #[arg(long, value_name = "COLUMN=KIND", value_parser = kind_of_column)]
    kind: Vec<(String, ColumnKind)>,
    /// An attribute whose values are counted one by one, as the model's `segments.by`: a column, or a member of
    /// `segments` in NDJSON. The column is a feature too unless it is ignored
    #[arg(long, value_name = "ATTRIBUTE")]
    segment: Vec<String>,
    /// Values of each attribute counted by name, those with most rows; the rest as `other`
    #[arg(long, value_name = "NUMBER", default_value_t = 50, value_parser = clap::value_parser!(u16).range(1..=1_000))]
    segment_values_max: u16,
    /// Count segments on all bins, for models with `segments.full_grid`: about ten times the file
    #[arg(long)]
    full_grid: bool,
    /// The windows that the model will be judged over
    #[arg(long, value_name = "LENGTH/PANE", default_values = WINDOWS_DEFAULT)]
    window: Vec<NullWindow>,
}

#[derive(Debug, Clone, Copy, ValueEnum)]
enum TaskArg {
    Binary,
    Multiclass,
    Regression,
}

/// Reads the data, writes the profile, says what was found.
pub fn run(args: Args) -> anyhow::Result<()> {
    let (profile, notes) = profile_of(&args)?;
    write_whole(&args.output, &profile.to_text())
        .with_context(|| format!("cannot write {}", args.output.display()))?;
    let mut out = std::io::stdout().lock();
    summarise(&mut out, &args, &profile, &notes).context("cannot write the summary")
}

fn profile_of(args: &Args) -> anyhow::Result<(Profile, Vec<Note>)> {
    let data = args.data.display();
    let progress = ProgressBar::new_spinner();
    progress.set_message(format!("reading {data}"));
    progress.enable_steady_tick(std::time::Duration::from_millis(100));
    let mapping = args.mapping();
    let mut file = DataFile::open(&args.data, &mapping).map_err(|error| anyhow::anyhow!("{data} {error}"))?;
    let timestamps = file.timestamps().map_err(|error| anyhow::anyhow!("{data} {error}"))?;
    let options =
        BuildOptions { model: args.model.clone(), task: mapping.task, windows: args.window.clone() };
    let mut builder = Builder::new(options, file.rows(), timestamps.as_deref())?;
    let segments = file.segments().map_err(|error| anyhow::anyhow!("{data} {error}"))?;
    builder.slice_by(SegmentGrid::of(args.full_grid), args.segment_values_max.into(), segments)?;
    if let Some(task) = mapping.task
        && let Some(labels) = file.labels(task).map_err(|error| anyhow::anyhow!("{data} {error}"))?
    {
        builder.learn_outcomes(task, args.positive_class.as_deref().map(Box::from), labels)?;
    }
    progress.set_length(file.columns_left() as u64);
    progress.set_style(ProgressStyle::with_template("{bar:30} {pos}/{len} columns, {msg}")?);
    while let Some(column) = file.next_column() {
        let column = column.map_err(|error| anyhow::anyhow!("{data} {error}"))?;
        progress.set_message(column.id.to_string());
        builder.add(ReferenceColumn { id: column.id, kind: column.kind, values: column.values })?;
        progress.inc(1);
    }
    progress.finish_and_clear();
    let profile = builder.finish().map_err(|error| {
        let right = error.remedy("--positive-class CLASS").map(|right| format!("; {right}"));
        anyhow::anyhow!("{error}{}", right.unwrap_or_default()).context(format!("{data} gives no profile"))
    })?;
    Ok((profile, file.notes().to_vec()))
}

impl Args {
    fn mapping(&self) -> Mapping {
        Mapping {
            task: self.task.map(|task| match task {
                TaskArg::Binary => Task::Binary,
                TaskArg::Multiclass => Task::Multiclass,
                TaskArg::Regression => Task::Regression,
            }),
            prediction: self.prediction.clone(),
            scores: self.score.clone(),
            timestamp: self.timestamp.clone(),
            id: self.id.clone(),
            label: self.label.clone(),
            latency_ms: self.latency_ms.clone(),
            cost: self.cost.clone(),
            ignore: self.ignore.clone(),
            segments: self.segment.clone(),
            kinds: self.kind.clone(),
            absent: Absent::Refused,
        }
    }
}

fn kind_of_column(text: &str) -> Result<(String, ColumnKind), String> {
    let parsed = text.rsplit_once('=').and_then(|(column, kind)| {
        let kinds = [ColumnKind::Numeric, ColumnKind::Categorical, ColumnKind::Boolean];
        let kind = kinds.into_iter().find(|known| known.to_string() == kind)?;
        Some((column.to_owned(), kind))
    });
    parsed.ok_or_else(|| "COLUMN=KIND is wanted, KIND being numeric, categorical or boolean".to_owned())
}

/// Writes beside the target and renames, so that a profile is never half there.
fn write_whole(path: &Path, text: &str) -> anyhow::Result<()> {
    let Some(name) = path.file_name() else { bail!("it names no file") };
    let beside = path.with_file_name(format!(".{}.new", name.to_string_lossy()));
    fs::write(&beside, text)?;
    fs::rename(&beside, path)?;
    Ok(())
}

fn summarise(out: &mut impl Write, args: &Args, profile: &Profile, notes: &[Note]) -> anyhow::Result<()> {
    let (columns, rows) = (profile.columns.len(), profile.rows());
    writeln!(out, "{}: {rows} rows, {columns} columns of {}", args.output.display(), profile.facts.model)?;
    match &profile.facts.period {
        Some(period) => writeln!(out, "from {} to {}", period.start, period.end)?,
        None => writeln!(out, "without timestamps: rows are taken for independent, no budget is promised")?,
    }
    writeln!(out)?;
    let width = profile.iter().map(|(id, ..)| id.to_string().chars().count()).max().unwrap_or(0).max(6);
    writeln!(out, "{:width$}  {:11}  {:>9}  {:>10}  nulls", "column", "kind", "missing", "wrong type")?;
    for (id, _, counts, column) in profile.iter() {
        let name = id.to_string();
        let missing = share(counts.absent(), rows);
        let wrong = counts.wrong_type();
        let kind = column.kind.to_string();
        writeln!(out, "{name:width$}  {kind:11}  {missing:>9}  {wrong:>10}  {}", unrest(column))?;
    }
    writeln!(out, "{}", outcomes_in_short(args, profile))?;
    for attribute in &profile.segments.attributes {
        writeln!(out, "segments by {attribute}: {}", in_short(&profile.segments.values_of(attribute)))?;
    }
    for column in &profile.without_values {
        writeln!(out, "note: `{column}` holds no number: it has no grid and is left out")?;
    }
    notes.iter().try_for_each(|note| writeln!(out, "note: {note}"))?;
    Ok(())
}

/// What labels said.
fn outcomes_in_short(args: &Args, profile: &Profile) -> String {
    let baseline = profile.outcomes.as_ref().zip(profile.facts.task);
    let baseline = baseline.and_then(|(outcomes, task)| outcomes.baseline(task, &profile.ruler));
    let Some(Baseline { yardstick, record, .. }) = baseline else {
        let why = match (&args.label, args.task) {
            (None, _) => "no --label",
            (Some(_), None) => "no --task",
            (Some(_), Some(_)) => "no row has a prediction and a label, or there are too many classes",
        };
        return format!("no outcomes ({why}): performance has no baseline and no estimate");
    };
    let metrics = profile.facts.task.map_or(&[][..], |task| Metric::of(task)).iter().filter_map(|metric| {
        let measured = record.realised(&yardstick, *metric).ok()?;
        Some(format!("{metric} {:.4}", measured.value))
    });
    let metrics = metrics.take(3).collect::<Vec<_>>().join(", ");
    let maps = profile.outcomes.iter().flat_map(|outcomes| &outcomes.calibrations).map(|of| &of.map);
    let (fitted, plain): (Vec<_>, Vec<_>) = maps.partition(|map| matches!(map, ScoreMap::Isotonic(_)));
    let calibrated = match (fitted.len(), plain.len()) {
        (0, 0) => String::new(),
        (0, _) => "; scores are taken for probabilities as they are".to_owned(),
        (_, 0) => "; scores are calibrated".to_owned(),
        (fitted, plain) => format!("; {fitted} of {} scores are calibrated", fitted + plain),
    };
    format!("outcomes of {} labelled rows: {metrics}{calibrated}", record.labelled_rows())
}

/// The values with their rows, those with most first.
fn in_short(values: &[(&str, i64)]) -> String {
    const SHOWN: usize = 5;
    let shown: Vec<String> =
        values.iter().take(SHOWN).map(|(value, rows)| format!("{value} ({rows})")).collect();
    match (shown.is_empty(), values.len().saturating_sub(SHOWN)) {
        (true, _) => "no row has a value".to_owned(),
        (false, 0) => shown.join(", "),
        (false, more) => format!("{}, and {more} more", shown.join(", ")),
    }
}

fn share(part: i64, whole: i64) -> String {
    if part == 0 { "0".to_owned() } else { format!("{:.2} %", part as f64 * 100.0 / whole as f64) }
}

/// How far the column's own windows lie apart, in a few words.
fn unrest(column: &ProfileColumn) -> String {
    let mut measured = Vec::new();
    for stored in &column.nulls {
        match stored.null {
            NullKind::Measured(null) => measured.push((stored, null)),
            NullKind::Iid { reason } => return format!("iid: {reason}"),
        }
    }
    let restless = measured.iter().filter(|(_, null)| !null.is_textbook());
    let worst = restless.max_by(|a, b| a.1.inflation().total_cmp(&b.1.inflation()));
    match (worst, measured.first()) {
        (Some((stored, null)), _) => format!(
            "measured: {} spreads {:.1} times as far as with independent rows",
            stored.statistic,
            null.inflation()
        ),
        (None, Some((_, null))) => format!("measured over {} windows: rows are independent", null.windows),
        (None, None) => "iid".to_owned(),
    }
}
