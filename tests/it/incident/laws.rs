//! Laws that hold for any sequence of events, times, restarts and failed transactions.

use std::collections::{BTreeMap, BTreeSet};
use std::time::Duration;

use driftd::incident::{Happening, IncidentId, IncidentKind, IncidentPolicy, Input, Observation, SlaTarget};
use driftd::notification::{Grouping, Matcher, Route, Routing};
use driftd::verdict::Severity;
use proptest::collection::vec;
use proptest::prelude::*;

use super::world::{World, key, raise};

const KINDS: [IncidentKind; 3] = [IncidentKind::DataDrift, IncidentKind::Silence, IncidentKind::Security];
const DAY: Duration = Duration::from_secs(86_400);

#[derive(Debug, Clone)]
enum Event {
    Raise(usize, bool),
    Persist(usize),
    Clear(usize),
    Ack(u64),
    Resolve(u64),
    False(u64),
    Restart,
    /// Down for so many minutes.
    Down(u64),
    Fails(usize),
    Silence(u64),
}

fn event() -> impl Strategy<Value = Event> {
    let kind = 0..KINDS.len();
    prop_oneof![
        4 => (kind.clone(), any::<bool>()).prop_map(|(kind, critical)| Event::Raise(kind, critical)),
        2 => kind.clone().prop_map(Event::Persist),
        3 => kind.clone().prop_map(Event::Clear),
        1 => (1..6u64).prop_map(Event::Ack),
        2 => (1..6u64).prop_map(Event::Resolve),
        1 => (1..6u64).prop_map(Event::False),
        1 => Just(Event::Restart),
        1 => (1..4_000u64).prop_map(Event::Down),
        1 => kind.prop_map(Event::Fails),
        1 => (1..3_000u64).prop_map(Event::Silence),
    ]
}

fn world() -> World {
    let policy = IncidentPolicy::default();
    let mut policy = IncidentPolicy { quiet_period: Duration::from_secs(600), ..policy };
    policy.sla.acknowledge_within = Some(Duration::from_secs(3_600));
    let pager: driftd::notification::ReceiverName = "pager".parse().expect("a name");
    let route = Route {
        matcher: Matcher::default(),
        receivers: vec![pager.clone()],
        go_on: false,
        grouping: Grouping::default(),
        quiet_hours: None,
    };
    World::new(policy, Routing { routes: vec![route], receivers: BTreeSet::from([pager]) })
}

fn play(world: &mut World, event: &Event) {
    let about = |kind: usize| key("loans", KINDS[kind], "");
    let by = || "anna".to_owned();
    let severity = |critical: bool| if critical { Severity::Critical } else { Severity::Warning };
    // What an incident does not take is refused, and nothing changes.
    let mut ask = |id: u64, input: Input| {
        let _refused = world.ask(IncidentId(id), input);
    };
    match *event {
        Event::Ack(id) => ask(id, Input::Acknowledge { by: by(), note: None }),
        Event::Resolve(id) => ask(id, Input::Resolve { by: by(), note: None }),
        Event::False(id) => ask(id, Input::MarkFalse { by: by(), note: None }),
        Event::Raise(kind, critical) => world.input(about(kind), raise(severity(critical), BTreeMap::new())),
        Event::Persist(kind) => {
            world.input(about(kind), Input::Persist { seen: Observation::words("still") });
        }
        Event::Clear(kind) => world.input(about(kind), Input::Clear),
        Event::Restart => world.restart(),
        Event::Down(minutes) => {
            world.down_until(world.now.saturating_add(Duration::from_secs(60 * minutes)));
        }
        Event::Fails(kind) => {
            world.input_that_fails(about(kind), raise(Severity::Critical, BTreeMap::new()));
        }
        Event::Silence(minutes) => world.silence(Matcher::default(), Duration::from_secs(60 * minutes)),
    }
}

fn check(world: &World) {
    let mut unresolved = BTreeSet::new();
    for (id, incident) in &world.incidents {
        if !incident.is_resolved() {
            assert!(unresolved.insert(&incident.key), "two open incidents of {:?}", incident.key);
        }
        let timeline = &world.timelines[id];
        let numbers: Vec<u32> = timeline.iter().map(|entry| entry.number).collect();
        assert_eq!(numbers, (1..=incident.entries).collect::<Vec<_>>(), "{id} has gaps");
        assert!(timeline.is_sorted_by_key(|entry| entry.at), "{id} goes back in time");
        let breaches = |wanted: SlaTarget| {
            let of = |e: &&driftd::incident::Entry| matches!(e.happening, Happening::SlaBreached { target, .. } if target == wanted);
            timeline.iter().filter(of).count()
        };
        assert!(breaches(SlaTarget::Resolution) <= 1 && breaches(SlaTarget::Acknowledgement) <= 1);
        if let Some(sla) = incident.sla
            && !incident.is_resolved()
            && sla.resolve_by <= world.now
        {
            assert_eq!(breaches(SlaTarget::Resolution), 1, "{id} missed its breach");
        }
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 300, ..ProptestConfig::default() })]

    /// Never two open incidents of a key, never a missed or second breach, never a gap in a timeline.
    #[test]
    fn no_sequence_breaks_the_invariants(events in vec((0..600u64, event()), 1..60)) {
        let mut world = world();
        let mut clocks = BTreeMap::new();
        for (minutes, event) in &events {
            world.run_until(world.now.saturating_add(Duration::from_secs(60 * minutes)));
            check(&world);
            play(&mut world, event);
            world.look();
            check(&world);
            for (id, incident) in &world.incidents {
                if let Some(sla) = incident.sla {
                    let started = *clocks.entry(*id).or_insert(sla.started_at);
                    prop_assert_eq!(started, sla.started_at, "the clock of {} moved", id);
                }
            }
        }
        world.run_until(world.now.saturating_add(30 * DAY));
        check(&world);
    }

    /// Restarts at any moment change nothing of what is sent, nor when.
    #[test]
    fn restarts_are_not_seen(events in vec((0..600u64, event()), 1..40)) {
        let (mut steady, mut restarted) = (world(), world());
        for (minutes, event) in &events {
            for world in [&mut steady, &mut restarted] {
                world.run_until(world.now.saturating_add(Duration::from_secs(60 * minutes)));
                play(world, event);
                world.look();
            }
            restarted.restart();
        }
        for world in [&mut steady, &mut restarted] {
            world.run_until(world.now.saturating_add(30 * DAY));
        }
        prop_assert_eq!(&steady.sent, &restarted.sent);
        prop_assert_eq!(&steady.incidents, &restarted.incidents);
    }
}
