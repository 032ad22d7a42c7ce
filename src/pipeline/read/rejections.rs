//! Rows that were turned away lately.

use crate::domain::ModelId;
use crate::pipeline::Pipeline;
use crate::store::Store;
use crate::web::ServiceError;
use crate::web::answer::{Rejection, RejectionsAnswer, RejectionsByReason};

pub async fn rejections<S: Store>(
    pipeline: &Pipeline<S>,
    id: &ModelId,
) -> Result<RejectionsAnswer, ServiceError> {
    let model = pipeline.model(id)?;
    let rejections = model.live().rejections.clone();
    let by_reason = rejections.by_reason.iter();
    let mut by_reason: Vec<_> = by_reason
        .map(|(reason, rows)| RejectionsByReason { reason: (*reason).to_owned(), rows: *rows })
        .collect();
    // Stable: among equals the reasons' order stays.
    by_reason.sort_by_key(|of_reason| std::cmp::Reverse(of_reason.rows));
    let recent = rejections.recent.into_iter().rev().map(|row| Rejection {
        at: row.at,
        source: row.source.into(),
        line: row.line,
        reason: row.reason,
    });
    Ok(RejectionsAnswer {
        model: id.clone(),
        rejected: rejections.total,
        by_reason,
        recent: recent.collect(),
    })
}
