//! What a target's answer means for the run.

use serde_json::Value;

use super::kind::TargetKind;
use crate::notify::{Failure, Reply};
use crate::retraining::{Answer, RunKey, Sending};

/// What is kept of a target's own name of a run, in characters.
const REMOTE_CHARS_MAX: usize = 200;

/// What became of the request for a run.
pub(super) fn create(kind: &TargetKind, answered: Result<Reply, Failure>, key: &RunKey) -> Answer {
    let reply = match answered {
        Ok(reply) => reply,
        Err(failure) => return unanswered(&failure),
    };
    match reply.status {
        // What stands before an API, as for signing in, says "200" too.
        200..300 if kind.speaks_json() && is_page(&reply) => Answer::Refused {
            why: format!(
                "{}: a page for people, not the API's answer; see to url and credentials",
                reply.said
            ),
        },
        200..300 => taken(kind, &reply),
        409 => kind.conflict(&reply, key).unwrap_or_else(|| by_status(&reply)),
        // They come from what stands before a target too, which may have passed the request on.
        408 | 503 if kind.sending() == Sending::Once => Answer::Unclear { why: reply.said },
        _ => kind.rate_limited(&reply).unwrap_or_else(|| by_status(&reply)),
    }
}

/// A success; of a target that always says what it calls the run, and knows a key again, one that does not is none.
fn taken(kind: &TargetKind, reply: &Reply) -> Answer {
    match kind.remote(reply) {
        None if kind.names_runs() => {
            Answer::Unclear { why: format!("{}: it does not say which run it is", reply.said) }
        }
        remote => Answer::Taken { remote },
    }
}

/// What the search for a run of a name says: `None` where there is none, so that one is to be created.
pub(super) fn search(answered: Result<Reply, Failure>, name: &str) -> Option<Answer> {
    let reply = match answered {
        Ok(reply) => reply,
        Err(failure) => return Some(not_created(unanswered(&failure))),
    };
    if !(200..300).contains(&reply.status) {
        return Some(not_created(by_status(&reply)));
    }
    let Ok(found) = serde_json::from_slice::<Value>(&reply.body) else {
        // One that was read in part only.
        let text = String::from_utf8_lossy(&reply.body);
        let why = format!("{}: no list of runs; see to url", reply.said);
        return Some(match text.contains(&format!("\"{name}\"")) {
            true => Answer::Taken { remote: None },
            // It broke off.
            false if text.trim_start().starts_with('{') => Answer::NotYet { why, retry_after: None },
            false => Answer::Refused { why },
        });
    };
    let mut runs = found["runs"].as_array().into_iter().flatten();
    let run = runs.find(|run| run["display_name"] == name)?;
    Some(Answer::Taken { remote: name_of(&run["run_id"]) })
}

/// A target's own name of a run: text or a number.
pub(super) fn name_of(value: &Value) -> Option<String> {
    let name = match value {
        Value::String(name) => name.clone(),
        Value::Number(number) => number.to_string(),
        _ => return None,
    };
    // No more than names have: a target may say anything, and what it calls a run is shown.
    let is_name = !name.is_empty() && name.chars().all(|c| c.is_ascii_graphic());
    is_name.then(|| name.chars().take(REMOTE_CHARS_MAX).collect())
}

/// By the status alone, of one that is no success.
fn by_status(reply: &Reply) -> Answer {
    let why = reply.said.clone();
    match reply.status {
        408 | 425 | 429 | 503 => Answer::NotYet { why, retry_after: reply.retry_after },
        500.. => Answer::Unclear { why },
        _ => Answer::Refused { why },
    }
}

fn unanswered(failure: &Failure) -> Answer {
    let why = failure.to_string();
    match failure {
        failure if failure.is_permanent() => Answer::Refused { why },
        failure if failure.is_unsent() => Answer::NotYet { why, retry_after: None },
        _ => Answer::Unclear { why },
    }
}

/// Looking creates nothing.
fn not_created(answer: Answer) -> Answer {
    match answer {
        Answer::Unclear { why } => Answer::NotYet { why, retry_after: None },
        other => other,
    }
}

fn is_page(reply: &Reply) -> bool {
    let kind = reply.headers.get("content-type").and_then(|kind| kind.to_str().ok());
    kind.is_some_and(|kind| kind.trim_start().to_ascii_lowercase().starts_with("text/html"))
}
