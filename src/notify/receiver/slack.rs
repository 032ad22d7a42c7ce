//! Slack's incoming webhooks. Texts go out as `plain_text`, in which nothing is markup; only links that driftd makes
//! itself are `mrkdwn`.

use serde_json::{Value, json};

use crate::notification::Announcement;
use crate::notify::message::Message;
use crate::notify::request::{Accepted, Dispatch, Need, Request};
use crate::notify::target::TargetUrl;
use crate::notify::text::{line, slack};
use crate::notify::words::{Mood, facts, headline, mood};

/// Slack takes 50 blocks; each incident has three.
const NEWS_MAX: usize = 15;
const HEADER_CHARACTERS_MAX: usize = 150;
const SECTION_CHARACTERS_MAX: usize = 3_000;

/// It answers 200 with another body than `ok` where it took nothing.
#[derive(Debug)]
pub struct Slack {
    /// A secret as a whole.
    pub url: TargetUrl,
}

impl Slack {
    pub(super) fn dispatch(&self, message: &Message) -> Dispatch {
        let mut blocks: Vec<Value> = message.news.iter().take(NEWS_MAX).flat_map(blocks).collect();
        let left_out = message.news.len().saturating_sub(NEWS_MAX);
        if left_out > 0 {
            blocks.push(json!({ "type": "section", "text": plain(&format!("And {left_out} more.")) }));
        }
        let headlines: Vec<String> = message.news.iter().take(NEWS_MAX).map(headline).collect();
        let fallback = line(&headlines.join("; "), SECTION_CHARACTERS_MAX);
        let body = json!({ "text": slack(&fallback), "mrkdwn": false, "blocks": blocks });
        let requests = vec![Request::json(self.url.url().clone(), &body)];
        Dispatch::Http { requests, need: Need::All, accepted: Accepted::SaysOk }
    }
}

fn blocks(news: &Announcement) -> [Value; 3] {
    let sign = match mood(news) {
        Mood::Critical => "🔴",
        Mood::Warning => "🟠",
        Mood::Good => "🟢",
    };
    let facts: Vec<String> = facts(news).iter().map(|(name, value)| format!("{name}: {value}")).collect();
    let mut text = facts.join("\n");
    text.truncate(text.floor_char_boundary(SECTION_CHARACTERS_MAX));
    let links = format!("<{}|{}> · <{}|Runbook>", slack(&news.url), news.incident, slack(&news.runbook_url));
    [
        json!({ "type": "header", "text": plain(&line(&format!("{sign} {}", headline(news)), HEADER_CHARACTERS_MAX)) }),
        json!({ "type": "section", "text": plain(&text) }),
        json!({ "type": "context", "elements": [{ "type": "mrkdwn", "text": links }] }),
    ]
}

fn plain(text: &str) -> Value {
    json!({ "type": "plain_text", "text": text, "emoji": false })
}
