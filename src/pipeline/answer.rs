//! From the fate of a body to what its sender is told.

use std::time::Duration;

use super::commit::CommitFailed;
use crate::ingest::decode::{BodyError, Rejections};
use crate::store::UnitOutcome;
use crate::web::IngestError;
use crate::web::answer::{IngestAnswer, RowError};

/// When to come back after a passing fault, and after a lasting one.
const RETRY_SOON: Duration = Duration::from_secs(1);
const RETRY_LATER: Duration = Duration::from_secs(30);

/// The answer to a body of which `accepted` rows will count.
pub fn answer(accepted: u64, late: u64, rejections: &Rejections) -> IngestAnswer {
    let errors = rejections.first().iter().take(IngestAnswer::ERRORS_MAX);
    let errors: Vec<_> = errors.map(|r| RowError { line: r.line, reason: r.reason.to_string() }).collect();
    IngestAnswer {
        accepted,
        rejected: rejections.total(),
        duplicate: false,
        late,
        errors_truncated: rejections.total() > errors.len() as u64,
        errors,
    }
}

/// What a sender is told once the commit of its unit is through.
pub fn settle(
    outcome: Result<UnitOutcome, CommitFailed>,
    committed: IngestAnswer,
) -> Result<IngestAnswer, IngestError> {
    match outcome {
        Ok(UnitOutcome::Committed) => Ok(committed),
        Ok(UnitOutcome::Duplicate { answer }) => {
            let earlier: IngestAnswer = serde_json::from_slice(&answer).map_err(|_| {
                unavailable_ingest("the answer kept with this key cannot be read", RETRY_LATER)
            })?;
            Ok(IngestAnswer { duplicate: true, ..earlier })
        }
        Ok(UnitOutcome::KeyReused) => Err(IngestError::KeyReused),
        Ok(UnitOutcome::PositionMoved { .. }) => {
            Err(unavailable_ingest("the source stands elsewhere than the sender thought", RETRY_SOON))
        }
        Err(failed) => {
            let retry_after = if failed.lasting { RETRY_LATER } else { RETRY_SOON };
            Err(unavailable_ingest(&failed.why, retry_after))
        }
    }
}

/// A body that could not be read as a whole.
pub fn of_body(error: BodyError) -> IngestError {
    let why = format!("the body {error}");
    match error {
        BodyError::TooManyRows { .. } => IngestError::TooLarge { why },
        _ => IngestError::Malformed { why },
    }
}

/// A queue without room.
pub fn busy() -> IngestError {
    IngestError::Busy { retry_after: RETRY_SOON }
}

/// Nothing was counted; the same body may be sent again.
pub fn unavailable_ingest(why: &str, retry_after: Duration) -> IngestError {
    IngestError::Unavailable { why: why.to_owned(), retry_after }
}
