//! Profiles: from files of every format, to text and back, and what is refused.

mod broken_files;

mod files;

mod outcomes;

mod segments;

mod text;

use driftd::domain::ColumnKind;
use driftd::ingest::files::{DataFile, FileError, Mapping};
use driftd::reference::{BuildOptions, Builder, Profile, ReferenceColumn, SegmentGrid};
use std::path::{Path, PathBuf};

fn fixture(path: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join(path)
}

/// What `driftd profile` does, without the command line.
fn profile_of_file(path: &Path, mapping: &Mapping) -> Result<(Profile, Vec<String>), FileError> {
    let mut file = DataFile::open(path, mapping)?;
    let timestamps = file.timestamps()?;
    let windows = vec!["24h/1h".parse().unwrap(), "7d/6h".parse().unwrap()];
    let options = BuildOptions { model: "car_loan".parse().unwrap(), task: mapping.task, windows };
    let mut builder = Builder::new(options, file.rows(), timestamps.as_deref()).unwrap();
    builder.slice_by(SegmentGrid::Groups, 3, file.segments()?).unwrap();
    while let Some(column) = file.next_column() {
        let column = column?;
        builder.add(ReferenceColumn { id: column.id, kind: column.kind, values: column.values }).unwrap();
    }
    let notes = file.notes().iter().map(ToString::to_string).collect();
    Ok((builder.finish().unwrap(), notes))
}

fn kind_of(profile: &Profile, column: &str) -> Option<ColumnKind> {
    profile.iter().find(|(id, ..)| id.to_string() == column).map(|(_, _, _, column)| column.kind)
}
