//! Which source column is what.

use crate::domain::{ColumnId, ColumnKind, Task};

use super::error::FileError;
use super::ndjson::CLASS_SCORE;

/// The roles of a file's columns, by name. A column without a role is a feature.
#[derive(Debug, Clone, Default)]
pub struct Mapping {
    pub task: Option<Task>,
    pub prediction: Option<String>,
    /// Score columns; for multiclass `CLASS=COLUMN`.
    pub scores: Vec<String>,
    pub timestamp: Option<String>,
    pub id: Option<String>,
    pub label: Option<String>,
    pub latency_ms: Option<String>,
    pub cost: Option<String>,
    pub ignore: Vec<String>,
    /// Attributes of segments. Their columns are what they are besides: a feature, unless ignored.
    pub segments: Vec<String>,
    /// Kinds that are not to be guessed.
    pub kinds: Vec<(String, ColumnKind)>,
    pub absent: Absent,
}

/// What a role means whose column the file does not have.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Absent {
    /// Somebody named the column: an error.
    #[default]
    Refused,
    /// The name is a default: nothing of the file has this role.
    PassedOver,
}

/// How a column's kind is found.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Wanted {
    Kind(ColumnKind),
    /// A class: boolean where its values are, else categorical.
    Class,
    Infer,
}

/// A column to hand out.
#[derive(Debug, Clone)]
pub(super) struct Planned {
    pub name: String,
    pub id: ColumnId,
    pub wanted: Wanted,
}

/// What a source column is taken for.
#[derive(Clone)]
enum Role {
    Counted(ColumnId),
    Apart,
}

impl Mapping {
    /// The columns to hand out of those that a file has; errors on roles that do not fit the file.
    pub(super) fn plan(&self, columns: &[String]) -> Result<Vec<Planned>, FileError> {
        let roles = self.roles()?;
        for (i, (role, column, _)) in roles.iter().enumerate() {
            if !columns.contains(column) && self.absent == Absent::PassedOver {
                continue;
            }
            if !columns.contains(column) {
                return Err(no_column(role, column, columns));
            }
            if let Some((first, ..)) = roles[..i].iter().find(|(_, earlier, _)| earlier == column) {
                return Err(FileError::TwoRoles { column: column.clone(), first, second: role });
            }
        }
        if let Some((column, _)) = self.kinds.iter().find(|(column, _)| !columns.contains(column)) {
            return Err(no_column("column with a kind", column, columns));
        }
        let mut planned = Vec::new();
        for name in columns {
            let id = match roles.iter().find(|(_, column, _)| column == name) {
                Some((.., Role::Apart)) => continue,
                Some((.., Role::Counted(id))) => id.clone(),
                None if name.starts_with(CLASS_SCORE) => match self.class_score(name, &roles) {
                    Some(id) => id,
                    None => continue,
                },
                None if name.starts_with('@') => return Err(FileError::FeatureName(name.clone())),
                None => ColumnId::feature(name.as_str()),
            };
            let wanted = self.wanted(name, &id);
            planned.push(Planned { name: name.clone(), id, wanted });
        }
        match planned.is_empty() {
            true => Err(FileError::NoColumns),
            false => Ok(planned),
        }
    }

    /// The score of a class, of a model that has several; one whose column is named has it from there.
    fn class_score(&self, name: &str, roles: &[(&'static str, String, Role)]) -> Option<ColumnId> {
        let class = name.strip_prefix(CLASS_SCORE).filter(|_| self.task == Some(Task::Multiclass))?;
        let is_its = |role: &Role| matches!(role, Role::Counted(ColumnId::ClassScore(of)) if **of == *class);
        (!roles.iter().any(|(.., role)| is_its(role))).then(|| ColumnId::ClassScore(class.into()))
    }

    fn roles(&self) -> Result<Vec<(&'static str, String, Role)>, FileError> {
        let mut roles = Vec::new();
        let single = [
            ("prediction", &self.prediction, Role::Counted(ColumnId::Prediction)),
            ("latency", &self.latency_ms, Role::Counted(ColumnId::LatencyMs)),
            ("cost", &self.cost, Role::Counted(ColumnId::Cost)),
            ("timestamp", &self.timestamp, Role::Apart),
            ("id", &self.id, Role::Apart),
            ("label", &self.label, Role::Apart),
        ];
        for (role, column, taken) in single {
            roles.extend(column.iter().map(|column| (role, column.clone(), taken.clone())));
        }
        for score in &self.scores {
            let (id, column) = match (self.task, score.split_once('=')) {
                (Some(Task::Multiclass), Some((class, column))) => {
                    (ColumnId::ClassScore(class.into()), column)
                }
                (Some(Task::Multiclass), None) => return Err(FileError::ScoreClass(score.clone())),
                _ => (ColumnId::Score, score.as_str()),
            };
            roles.push(("score", column.to_owned(), Role::Counted(id)));
        }
        roles.extend(self.ignore.iter().map(|column| ("ignored column", column.clone(), Role::Apart)));
        Ok(roles)
    }

    fn wanted(&self, name: &str, id: &ColumnId) -> Wanted {
        if let Some((_, kind)) = self.kinds.iter().find(|(column, _)| column == name) {
            return Wanted::Kind(*kind);
        }
        match (id, self.task) {
            (ColumnId::Feature(_), _) => Wanted::Infer,
            (ColumnId::Prediction, Some(Task::Regression)) => Wanted::Kind(ColumnKind::Numeric),
            (ColumnId::Prediction, Some(Task::Binary | Task::Multiclass)) => Wanted::Class,
            (ColumnId::Prediction, None) if !self.scores.is_empty() => Wanted::Class,
            (ColumnId::Prediction, None) => Wanted::Infer,
            _ => Wanted::Kind(ColumnKind::Numeric),
        }
    }
}

pub(super) fn no_column(role: &'static str, column: &str, columns: &[String]) -> FileError {
    let known = columns.iter().map(|name| format!("`{name}`")).collect::<Vec<_>>().join(", ");
    FileError::NoColumn { role, column: column.to_owned(), known }
}
