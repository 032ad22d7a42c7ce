//! Scenarios as texts.
//!
//! ```text
//! # What it shows.
//! set quiet 15m                              the policy: sla, ack, quiet, reopen, flap COUNT within LONG quiet LONG
//! route severity=critical -> pager | continue | group model wait 30s interval 5m | night 20:00-08:00 Europe/Paris
//! 1h  raise loans data_drift critical team=risk
//! 1h  => pager: inc-1 opened
//! 2h  ack inc-1      resolve inc-1      false inc-1      clear loans data_drift      persist …
//! 2h  silence 3h kind=data_drift        unsilence sil-1
//! 3h  restart        3h down 9h         deadline inc-1 death        met inc-1 death
//! 9h  is inc-1 open critical            also: breached, flapping, resolved, acknowledged, warning
//! ```
//! Times count from a Monday, midnight UTC. Everything that is sent must stand there, in order, at its time; the clock
//! runs on for 40 days after the last line.

use std::collections::BTreeMap;
use std::time::Duration;

use driftd::incident::{
    Basis, IncidentId, IncidentKey, IncidentKind, IncidentPolicy, Input, Observation, SlaTargets,
};
use driftd::notification::{GroupLabel, Grouping, Matcher, QuietHours, Route, Routing};
use driftd::verdict::Severity;
use jiff::civil::Weekday;

use super::world::{Sent, World, key, raise, start};

const AFTERWARDS: Duration = Duration::from_secs(40 * 86_400);

/// Plays a scenario. Errors with the line and what was wrong, or with what was sent instead.
pub fn play(text: &str) -> Result<(), String> {
    let lines = text.lines().enumerate().map(|(number, line)| (number + 1, line.trim()));
    let lines: Vec<(usize, &str)> =
        lines.filter(|(_, line)| !line.is_empty() && !line.starts_with('#')).collect();
    let (setting, events): (Vec<_>, Vec<_>) =
        lines.into_iter().partition(|(_, line)| line.starts_with("set ") || line.starts_with("route "));
    let mut policy = IncidentPolicy::default();
    let mut routing = Routing::default();
    for (number, line) in setting {
        let read = match line.split_once(' ') {
            Some(("set", rest)) => set(&mut policy, rest),
            Some((_, rest)) => route(&mut routing, rest),
            None => None,
        };
        read.ok_or_else(|| format!("line {number} cannot be read: {line}"))?;
    }
    let mut world = World::new(policy, routing);
    let mut expected: Vec<Sent> = Vec::new();
    for (number, line) in events {
        let fault = |why: &str| format!("line {number}: {why}: {line}");
        let (time, event) = line.split_once(' ').ok_or_else(|| fault("has no event"))?;
        let at = start().saturating_add(duration(time).ok_or_else(|| fault("has no time"))?);
        let event = event.trim();
        match event.strip_prefix("=> ") {
            Some(sent) => expected.push(expectation(at, sent).ok_or_else(|| fault("cannot be read"))?),
            None => {
                world.run_until(at);
                happen(&mut world, event).map_err(|why| fault(&why))?;
            }
        }
    }
    world.run_until(world.now.saturating_add(AFTERWARDS));
    if world.sent == expected {
        return Ok(());
    }
    let told = |all: &[Sent]| {
        let line = |sent: &Sent| {
            let since = sent.at.since(start()).as_secs();
            let (hours, minutes, seconds) = (since / 3_600, since / 60 % 60, since % 60);
            format!("    {hours}h{minutes}m{seconds}s => {}: {}", sent.receiver, sent.news.join(", "))
        };
        all.iter().map(line).collect::<Vec<_>>().join("\n")
    };
    Err(format!("  was sent:\n{}\n  expected:\n{}", told(&world.sent), told(&expected)))
}

fn set(policy: &mut IncidentPolicy, text: &str) -> Option<()> {
    let words: Vec<&str> = text.split_whitespace().collect();
    match words[..] {
        ["sla", within] => policy.sla.resolve_within = duration(within)?,
        ["ack", within] => policy.sla.acknowledge_within = Some(duration(within)?),
        ["sla", kind, within] => {
            let targets = SlaTargets { resolve_within: duration(within)?, acknowledge_within: None };
            policy.sla_of_kind.insert(kind.parse().ok()?, targets);
        }
        ["quiet", period] => policy.quiet_period = duration(period)?,
        ["reopen", window] => policy.reopen_window = duration(window)?,
        ["flap", count, "within", within, "quiet", quiet] => {
            policy.flapping.reopenings = count.parse().ok()?;
            policy.flapping.within = duration(within)?;
            policy.flapping.quiet_period = duration(quiet)?;
        }
        _ => return None,
    }
    Some(())
}

fn route(routing: &mut Routing, text: &str) -> Option<()> {
    let (conditions, rest) = text.split_once("->")?;
    let mut parts = rest.split('|').map(str::trim);
    let receivers = parts.next()?.split_whitespace().map(str::parse).collect::<Result<Vec<_>, _>>().ok()?;
    routing.receivers.extend(receivers.iter().cloned());
    let mut route = Route {
        matcher: matcher(conditions)?,
        receivers,
        go_on: false,
        grouping: Grouping::default(),
        quiet_hours: None,
    };
    for part in parts {
        let words: Vec<&str> = part.split_whitespace().collect();
        match words[..] {
            ["continue"] => route.go_on = true,
            ["group", by, "wait", wait, "interval", interval] => {
                let label = match by {
                    "model" => GroupLabel::Model,
                    "kind" => GroupLabel::Kind,
                    tag => GroupLabel::Tag(tag.to_owned()),
                };
                let (wait, interval) = (duration(wait)?, duration(interval)?);
                route.grouping = Grouping { by: vec![label], wait, interval };
            }
            ["night", hours, zone] => {
                let (from, to) = hours.split_once('-')?;
                route.quiet_hours = Some(QuietHours {
                    days: Weekday::Monday.cycle_forward().take(7).map(Into::into).collect(),
                    from: from.parse().ok()?,
                    to: to.parse().ok()?,
                    zone: jiff::tz::TimeZone::get(zone).ok()?,
                });
            }
            _ => return None,
        }
    }
    routing.routes.push(route);
    Some(())
}

fn matcher(text: &str) -> Option<Matcher> {
    let mut matcher = Matcher::default();
    for condition in text.split_whitespace().filter(|word| *word != "all") {
        let (name, value) = condition.split_once('=')?;
        match name {
            "severity" => drop(matcher.severity.insert(severity(value)?)),
            "kind" => matcher
                .kind
                .extend(value.split(',').map(str::parse).collect::<Result<Vec<IncidentKind>, _>>().ok()?),
            "role" => drop(matcher.role.insert(value.parse().ok()?)),
            "model" => drop(matcher.model.insert(value.parse().ok()?)),
            tag => drop(matcher.tags.insert(tag.to_owned(), value.to_owned())),
        }
    }
    Some(matcher)
}

fn happen(world: &mut World, event: &str) -> Result<(), String> {
    let words: Vec<&str> = event.split_whitespace().collect();
    let anna = || "anna".to_owned();
    let unread = || "cannot be read".to_owned();
    let id = |text: &str| text.parse::<IncidentId>().map_err(|error| error.to_string());
    let basis = |text: &str| Basis::ALL.into_iter().find(|basis| basis.as_str() == text).ok_or_else(unread);
    match words[..] {
        ["raise", model, kind, level, ref tags @ ..] => {
            let tags = tags.iter().filter_map(|tag| tag.split_once('='));
            let tags = tags.map(|(name, value)| (name.to_owned(), value.to_owned())).collect();
            world.input(about(model, kind)?, raise(severity(level).ok_or_else(unread)?, tags));
        }
        ["persist", model, kind] => {
            world.input(about(model, kind)?, Input::Persist { seen: Observation::words("still") });
        }
        ["clear", model, kind] => world.input(about(model, kind)?, Input::Clear),
        ["fails", "raise", model, kind, level] => {
            let input = raise(severity(level).ok_or_else(unread)?, BTreeMap::new());
            world.input_that_fails(about(model, kind)?, input);
        }
        ["ack", of] => asked(world, id(of)?, Input::Acknowledge { by: anna(), note: None })?,
        ["resolve", of] => asked(world, id(of)?, Input::Resolve { by: anna(), note: None })?,
        ["false", of] => asked(world, id(of)?, Input::MarkFalse { by: anna(), note: None })?,
        ["refused", verb, of] => {
            let input = match verb {
                "ack" => Input::Acknowledge { by: anna(), note: None },
                "resolve" => Input::Resolve { by: anna(), note: None },
                _ => Input::MarkFalse { by: anna(), note: None },
            };
            if world.ask(id(of)?, input).is_ok() {
                return Err("was not refused".to_owned());
            }
        }
        ["deadline", of, on] => {
            let aware_at = world.now;
            asked(world, id(of)?, Input::SetDeadline { basis: basis(on)?, aware_at, by: anna() })?;
        }
        ["met", of, on] => asked(world, id(of)?, Input::MeetDeadline { basis: basis(on)?, by: anna() })?,
        ["silence", lasts, ref conditions @ ..] => {
            let matcher = matcher(&conditions.join(" ")).ok_or_else(unread)?;
            world.silence(matcher, duration(lasts).ok_or_else(unread)?);
        }
        ["unsilence", of] => world.end_silence(of.parse().map_err(|_| unread())?),
        ["restart"] => world.restart(),
        ["down", until] => {
            world.down_until(start().saturating_add(duration(until).ok_or_else(unread)?));
        }
        ["is", of, ref traits @ ..] => return check(world, id(of)?, traits),
        _ => return Err(unread()),
    }
    world.look();
    Ok(())
}

fn asked(world: &mut World, id: IncidentId, input: Input) -> Result<(), String> {
    world.ask(id, input).map_err(|refused| refused.to_string())
}

fn about(model: &str, kind: &str) -> Result<IncidentKey, String> {
    let (kind, subject) = kind.split_once(':').unwrap_or((kind, ""));
    Ok(key(model, kind.parse().map_err(|_| format!("{kind} is no kind"))?, subject))
}

fn check(world: &World, id: IncidentId, traits: &[&str]) -> Result<(), String> {
    let incident = world.incidents.get(&id).ok_or("does not exist")?;
    for expected in traits {
        let holds = match *expected {
            "warning" | "critical" => incident.severity.to_string() == *expected,
            "breached" => incident.sla.is_some_and(|sla| sla.breached_at.is_some()),
            "unbreached" => incident.sla.is_none_or(|sla| sla.breached_at.is_none()),
            "flapping" => incident.flapping,
            "steady" => !incident.flapping,
            state => incident.state.as_str() == state,
        };
        if !holds {
            return Err(format!("is not {expected} but {:?}", incident));
        }
    }
    Ok(())
}

fn expectation(at: driftd::domain::Timestamp, text: &str) -> Option<Sent> {
    let (receiver, news) = text.split_once(": ")?;
    let news = news.split(", ").map(str::to_owned).collect();
    Some(Sent { at, receiver: receiver.to_owned(), news })
}

fn severity(text: &str) -> Option<Severity> {
    [Severity::Warning, Severity::Critical].into_iter().find(|severity| severity.to_string() == text)
}

/// `1d2h30m5s`.
fn duration(text: &str) -> Option<Duration> {
    let mut seconds = 0;
    let mut rest = text;
    while !rest.is_empty() {
        let digits = rest.find(|c: char| !c.is_ascii_digit())?;
        let unit = match &rest[digits..digits + 1] {
            "d" => 86_400,
            "h" => 3_600,
            "m" => 60,
            "s" => 1,
            _ => return None,
        };
        seconds += rest[..digits].parse::<u64>().ok()? * unit;
        rest = &rest[digits + 1..];
    }
    Some(Duration::from_secs(seconds))
}
