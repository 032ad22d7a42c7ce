//! The way of a body of labels: decode, append to the log, answer. The joiner takes them from there.

use super::answer::{answer, of_body, settle, unavailable_ingest};
use super::commit::Admitted;
use super::halves;
use super::meter;
use super::model::Model;
use super::take_in::{Intake, RETRY, guard};
use crate::domain::{ModelId, Timestamp};
use crate::ingest::decode::{Admission, DecodedLabels, LabelDecoder, Wanted};
use crate::store::Unit;
use crate::web::answer::IngestAnswer;
use crate::web::{IngestError, IngestRequest};

/// What labels are counted under beside the sources of predictions.
const SOURCE: &str = "labels";

impl Intake {
    /// Takes labels in for which the queue has room. Runs to its end even if the sender hangs up: spawn it.
    pub async fn take_labels(
        &self,
        model: &Model,
        request: IngestRequest,
        admitted: Admitted,
    ) -> Result<IngestAnswer, IngestError> {
        let _same_classes_until_committed = model.gate.read().await;
        if model.is_retired() {
            return Err(unavailable_ingest("the config was read again just now; send the body again", RETRY));
        }
        let decoded = match request.body.len() {
            0..super::take_in::LONG_BODY_BYTES => self.decode_labels(model, &request),
            _ => tokio::task::block_in_place(|| self.decode_labels(model, &request)),
        }?;
        let DecodedLabels { rows, rejections, unknown_keys } = decoded;
        if rejections.total() > 0 {
            model.live().rejections.add(self.clock.now(), &request.source, &rejections);
        }
        meter::decoded_labels(&model.metrics, &rejections, &unknown_keys);
        let answered = answer(rows.len() as u64, 0, &rejections);
        if answered.accepted == 0 && answered.rejected > 0 {
            let refused = Err(IngestError::AllRejected(answered));
            meter::answered(&model.metrics, SOURCE, &refused);
            return refused;
        }
        let id: &ModelId = &model.options.id;
        let unit = Unit {
            guard: guard(model, &request),
            deltas: Vec::new(),
            halves: halves::unit(id, &halves::of_labels(&rows)),
            kpis: Vec::new(),
            newest: Default::default(),
            answer: serde_json::to_vec(&answered).unwrap_or_default(),
        };
        let settled = settle(self.queue.commit(unit, admitted).await, answered);
        meter::answered(&model.metrics, SOURCE, &settled);
        settled
    }

    fn decode_labels(&self, model: &Model, request: &IngestRequest) -> Result<DecodedLabels, IngestError> {
        let now = self.clock.now();
        let latest = now.saturating_add(self.options.too_far_ahead);
        // How old one may be is the joiner's to say: it knows what waits.
        let admission = Admission { arrival: now, latest, oldest: Timestamp::MIN };
        let wanted = match model.frozen().as_ref().map(|frozen| &frozen.outcomes) {
            None => Wanted::Any,
            Some(Ok(of)) => Wanted::Of(of.yardstick.classes().into_iter().map(Box::from).collect()),
            Some(Err(why)) => Wanted::None(why.to_string().into()),
        };
        let mut decoder = LabelDecoder::new(model.options.task, model.ids.clone(), wanted);
        let (format, limits) = self.reading(request.format);
        decoder.decode(&request.body, format, &admission, &limits).map_err(of_body)
    }
}
