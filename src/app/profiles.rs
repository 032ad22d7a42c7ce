//! References that the config names: a profile, or data that is profiled at the start.

use std::fs;
use std::path::{Path, PathBuf};

use crate::config::ModelSettings;
use crate::domain::{ColumnKind, ModelId, Task};
use crate::ingest::files::{Absent, DataFile, FileError, Mapping};
use crate::reference::{
    BuildError, BuildOptions, Builder, NullWindow, Profile, ProfileTextError, ReferenceColumn, SegmentGrid,
};

/// How a config names the positive class.
pub const POSITIVE_CLASS: &str = "positive_class = \"…\"";

/// Why a model has no reference.
#[derive(Debug, thiserror::Error)]
pub enum ProfileError {
    #[error("{path}: cannot be read: {error}")]
    Unreadable { path: PathBuf, error: std::io::Error },
    #[error("{path}: {error}")]
    Text { path: PathBuf, error: ProfileTextError },
    #[error("{path}: is the profile of model {found}, not of {wanted}")]
    OtherModel { path: PathBuf, found: ModelId, wanted: ModelId },
    #[error("{path} {error}")]
    Data { path: PathBuf, error: FileError },
    #[error("{path}: gives no reference: {error}{}", right_of(.error))]
    Build { path: PathBuf, error: BuildError },
}

fn right_of(error: &BuildError) -> String {
    error.remedy(POSITIVE_CLASS).map(|right| format!("; {right}")).unwrap_or_default()
}

/// Reads a profile that `driftd profile` wrote. Past `segment_values_max` values of a segment attribute those with the
/// fewest rows become `other`, as in live traffic.
pub fn read(path: &Path, model: &ModelId, segment_values_max: usize) -> Result<Profile, ProfileError> {
    let path_buf = || path.to_owned();
    let text =
        fs::read_to_string(path).map_err(|error| ProfileError::Unreadable { path: path_buf(), error })?;
    let profile =
        Profile::from_text(&text).map_err(|error| ProfileError::Text { path: path_buf(), error })?;
    match profile.facts.model == *model {
        true => {
            let segments = profile.segments.at_most(segment_values_max);
            let outcomes = profile.outcomes.map(|outcomes| outcomes.by_segments_of(&segments));
            Ok(Profile { segments, outcomes, ..profile })
        }
        false => Err(ProfileError::OtherModel {
            path: path_buf(),
            found: profile.facts.model,
            wanted: model.clone(),
        }),
    }
}

/// Profiles the data that a model's config points at, by its column names, kinds and segments; at most
/// `segment_values_max` values of each attribute.
pub fn of_data(
    path: &Path,
    settings: &ModelSettings,
    segment_values_max: usize,
) -> Result<Profile, ProfileError> {
    let data = |error| ProfileError::Data { path: path.to_owned(), error };
    let build = |error| ProfileError::Build { path: path.to_owned(), error };
    let mut file = DataFile::open(path, &mapping(settings)).map_err(data)?;
    let timestamps = file.timestamps().map_err(data)?;
    let windows = settings.plan.windows.iter();
    let windows = windows.filter_map(|window| NullWindow::new(window.length, window.pane).ok()).collect();
    let options = BuildOptions { model: settings.id.clone(), task: Some(settings.task), windows };
    let mut builder = Builder::new(options, file.rows(), timestamps.as_deref()).map_err(build)?;
    let grid = SegmentGrid::of(settings.segments.full_grid);
    builder.slice_by(grid, segment_values_max, file.segments().map_err(data)?).map_err(build)?;
    if let Some(labels) = file.labels(settings.task).map_err(data)? {
        let positive_class = settings.positive_class.as_deref().map(Box::from);
        builder.learn_outcomes(settings.task, positive_class, labels).map_err(build)?;
    }
    while let Some(column) = file.next_column() {
        let column = column.map_err(data)?;
        let column = ReferenceColumn { id: column.id, kind: column.kind, values: column.values };
        builder.add(column).map_err(build)?;
    }
    for note in file.notes() {
        tracing::warn!(model = %settings.id, file = %path.display(), "{note}");
    }
    builder.finish().map_err(build)
}

fn mapping(settings: &ModelSettings) -> Mapping {
    let columns = &settings.columns;
    let kinds = settings.features.iter();
    let kinds: Vec<(String, ColumnKind)> =
        kinds.filter_map(|(name, feature)| Some((name.clone(), feature.kind?))).collect();
    let scores = columns.score.iter().filter(|_| settings.task == Task::Binary).cloned();
    Mapping {
        task: Some(settings.task),
        prediction: columns.prediction.clone(),
        scores: scores.collect(),
        timestamp: columns.timestamp.clone(),
        id: columns.id.clone(),
        label: columns.actual.clone(),
        latency_ms: columns.latency_ms.clone(),
        cost: columns.cost.clone(),
        ignore: columns.version.iter().cloned().collect(),
        segments: settings.segments.attributes.clone(),
        kinds,
        absent: Absent::PassedOver,
    }
}
