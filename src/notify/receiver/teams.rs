//! Microsoft Teams, by a workflow that takes an adaptive card. Texts are `TextRun`s, in which nothing is markup.

use serde_json::{Value, json};

use crate::notification::Announcement;
use crate::notify::message::Message;
use crate::notify::request::{Accepted, Dispatch, Need, Request};
use crate::notify::target::TargetUrl;
use crate::notify::words::{Mood, facts, headline, mood};

/// A card may have about 28 kB; an announcement takes up to 4.
const CARD_BYTES_MAX: usize = 24_000;

#[derive(Debug)]
pub struct Teams {
    /// A secret as a whole.
    pub url: TargetUrl,
}

impl Teams {
    pub(super) fn dispatch(&self, message: &Message) -> Dispatch {
        let (mut body, mut bytes, mut told) = (Vec::new(), 0, 0);
        for news in &message.news {
            let blocks = blocks(news);
            bytes += blocks.iter().map(|block| block.to_string().len()).sum::<usize>();
            if told > 0 && bytes > CARD_BYTES_MAX {
                break;
            }
            body.extend(blocks);
            told += 1;
        }
        if told < message.news.len() {
            body.push(text(&[run(&format!("And {} more.", message.news.len() - told))]));
        }
        let links = message.newest().into_iter().take(told.min(ACTIONS_MAX)).map(link);
        let card = json!({
            "type": "message",
            "attachments": [{
                "contentType": "application/vnd.microsoft.card.adaptive",
                "contentUrl": null,
                "content": {
                    "$schema": "http://adaptivecards.io/schemas/adaptive-card.json",
                    "type": "AdaptiveCard",
                    "version": "1.2",
                    "body": body,
                    "actions": links.collect::<Vec<Value>>(),
                    "msteams": { "width": "full" },
                },
            }],
        });
        let requests = vec![Request::json(self.url.url().clone(), &card)];
        Dispatch::Http { requests, need: Need::All, accepted: Accepted::Success }
    }
}

/// Teams shows six buttons.
const ACTIONS_MAX: usize = 6;

fn link(news: &Announcement) -> Value {
    json!({ "type": "Action.OpenUrl", "title": news.incident.to_string(), "url": news.url })
}

fn blocks(news: &Announcement) -> Vec<Value> {
    let color = match mood(news) {
        Mood::Critical => "Attention",
        Mood::Warning => "Warning",
        Mood::Good => "Good",
    };
    let title = json!({
        "type": "TextRun", "text": headline(news), "weight": "Bolder", "size": "Medium", "color": color,
    });
    let fact = |(name, value): (&str, String)| {
        let name = json!({ "type": "TextRun", "text": format!("{name}: "), "weight": "Bolder" });
        text(&[name, run(&value)])
    };
    std::iter::once(text(&[title])).chain(facts(news).into_iter().map(fact)).collect()
}

fn run(text: &str) -> Value {
    json!({ "type": "TextRun", "text": text })
}

fn text(runs: &[Value]) -> Value {
    json!({ "type": "RichTextBlock", "inlines": runs })
}
