//! Commits, claims, marks and restarts in any order, against a plain model of the outbox: nothing is lost, an incident
//! is told in order, a message stays the same.

use std::collections::{BTreeMap, BTreeSet};

use driftd::notification::NotificationId;
use driftd::store::{
    ClaimedMessage, Delivery, NotificationQuery, NotificationState, Retried, Store, Unreadable,
};
use driftd::verdict::Severity;
use proptest::prelude::*;

use super::support::*;
use super::told::*;

const RECEIVERS: [&str; 2] = ["a", "b"];
const GROUPS: [&str; 2] = ["g", "h"];
/// When everything is due and no lease lasts.
const THE_END: i64 = 1 << 30;

#[derive(Debug, Clone)]
enum Step {
    Enter { receiver: usize, incident: u64, group: usize, due_in: i64, critical: bool },
    Claim { both: bool, messages_max: usize },
    Mark { which: usize, outcome: Outcome },
    Again { which: usize },
    Wait { seconds: i64 },
    Die,
}

#[derive(Debug, Clone, Copy)]
enum Outcome {
    Delivered,
    Retry {
        delay: i64,
    },
    Dead,
    /// One of the message cannot be read.
    Unreadable {
        which: usize,
    },
}

fn step() -> impl Strategy<Value = Step> {
    let outcome = prop_oneof![
        2 => Just(Outcome::Delivered),
        2 => (0..40i64).prop_map(|delay| Outcome::Retry { delay }),
        2 => Just(Outcome::Dead),
        1 => any::<usize>().prop_map(|which| Outcome::Unreadable { which }),
    ];
    prop_oneof![
        6 => (0..2usize, 1..4u64, 0..2usize, 0..20i64, any::<bool>()).prop_map(
            |(receiver, incident, group, due_in, critical)| Step::Enter { receiver, incident, group, due_in, critical }
        ),
        4 => (any::<bool>(), 0..4usize).prop_map(|(both, messages_max)| Step::Claim { both, messages_max }),
        4 => (any::<usize>(), outcome).prop_map(|(which, outcome)| Step::Mark { which, outcome }),
        2 => any::<usize>().prop_map(|which| Step::Again { which }),
        3 => (1..80i64).prop_map(|seconds| Step::Wait { seconds }),
        1 => Just(Step::Die),
    ]
}

#[derive(Debug, Clone)]
struct Told {
    receiver: usize,
    incident: u64,
    group: usize,
    due: i64,
    /// When it may be claimed; `None` once it is settled.
    ready: Option<i64>,
    state: NotificationState,
    message: Option<u64>,
}

#[derive(Default)]
struct Model {
    told: BTreeMap<u64, Told>,
    now: i64,
}

impl Model {
    fn message(&self, id: u64) -> Vec<u64> {
        self.told.iter().filter(|(_, told)| told.message == Some(id)).map(|(id, _)| *id).collect()
    }

    /// Whether a notification waits for none but those of `message`. Of messages that would wait for each other, which
    /// can be where dead ones are asked for again, the one with the smaller id goes first.
    fn is_free(&self, id: u64, message: &BTreeSet<u64>) -> bool {
        let of = &self.told[&id];
        self.told.range(..id).all(|(earlier, told)| {
            (told.receiver, told.incident) != (of.receiver, of.incident)
                || told.ready.is_none()
                || message.contains(earlier)
                || told.message.unwrap_or(*earlier) >= of.message.unwrap_or(id)
        })
    }

    fn is_ready(&self, id: u64) -> bool {
        self.told[&id].ready.is_some_and(|ready| ready <= self.now)
    }

    /// The notifications that the message of a group would have now.
    fn joinable(&self, receiver: usize, group: usize) -> BTreeSet<u64> {
        let mut joined = BTreeSet::new();
        for (id, told) in &self.told {
            let fits = (told.receiver, told.group, told.message) == (receiver, group, None);
            if fits && self.is_ready(*id) && self.is_free(*id, &joined) {
                joined.insert(*id);
            }
        }
        joined
    }

    /// Whether anything of a receiver could be claimed.
    fn has_claimable(&self, receiver: usize) -> bool {
        let groups = (0..GROUPS.len()).any(|group| !self.joinable(receiver, group).is_empty());
        let sealed: BTreeSet<u64> = self.told.values().filter_map(|told| told.message).collect();
        let of_receiver = |ids: &Vec<u64>| self.told[&ids[0]].receiver == receiver;
        let mut messages = sealed.into_iter().map(|id| self.message(id)).filter(of_receiver);
        groups
            || messages.any(|ids| {
                let all = ids.iter().copied().collect();
                self.is_ready(ids[0]) && ids.iter().all(|id| self.is_free(*id, &all))
            })
    }

    /// Checks a claimed message, and notes that it is.
    fn take(&mut self, message: &ClaimedMessage) {
        let found: BTreeSet<u64> = ids(message).into_iter().collect();
        let first = message.id.0;
        let Told { receiver, group, message: sealed, .. } = self.told[&first];
        assert_eq!(message.receiver.as_str(), RECEIVERS[receiver]);
        match sealed {
            Some(id) => {
                assert!(found.iter().copied().eq(self.message(id)), "{found:?} was {:?}", self.message(id))
            }
            None => assert_eq!(found, self.joinable(receiver, group)),
        }
        for id in &found {
            assert!(self.is_ready(*id), "{id} is claimed before its time");
            assert!(self.is_free(*id, &found), "{id} is claimed before an earlier one");
        }
        let lease = self.now + LEASE;
        for id in found {
            let told = self.told.get_mut(&id).unwrap();
            (told.state, told.ready, told.message) = (NotificationState::Claimed, Some(lease), Some(first));
        }
    }

    /// The notification that a message is given up for, if it still is one.
    fn unreadable(&self, message: u64, which: usize) -> Option<u64> {
        let members = self.message(message);
        members.get(which % members.len().max(1)).copied()
    }

    fn mark(&mut self, message: u64, outcome: Outcome) {
        let mut members = self.message(message);
        if self.told[&message].message.is_none() {
            // Taken apart by someone else, while its first one was delivered all the same.
            members.push(message);
        }
        let given_up = match outcome {
            Outcome::Unreadable { which } => self.unreadable(message, which),
            _ => None,
        };
        for id in members {
            let now = self.now;
            let told = self.told.get_mut(&id).unwrap();
            let claimed = told.state == NotificationState::Claimed;
            (told.state, told.ready) = match outcome {
                Outcome::Delivered if told.ready.is_some() => (NotificationState::Delivered, None),
                Outcome::Retry { delay } if claimed => (NotificationState::Pending, Some(now + delay)),
                Outcome::Dead if claimed => (NotificationState::Dead, None),
                Outcome::Unreadable { .. } if claimed && given_up == Some(id) => {
                    told.message = Some(id);
                    (NotificationState::Dead, None)
                }
                Outcome::Unreadable { .. } if claimed => {
                    told.message = None;
                    (NotificationState::Pending, Some(told.due))
                }
                _ => (told.state, told.ready),
            };
        }
    }

    /// Asks for a notification to be sent again.
    fn again(&mut self, id: u64) -> Retried {
        let Some(message) = self.told.get(&id).map(|told| told.message) else { return Retried::Unknown };
        if self.told[&id].state != NotificationState::Dead {
            return Retried::NotDead;
        }
        for id in self.message(message.unwrap()) {
            let told = self.told.get_mut(&id).unwrap();
            (told.state, told.ready) = (NotificationState::Pending, Some(self.now));
        }
        Retried::Queued
    }

    fn release(&mut self) {
        for told in self.told.values_mut().filter(|told| told.state == NotificationState::Claimed) {
            (told.state, told.ready) = (NotificationState::Pending, Some(told.due));
        }
    }
}

async fn claim(store: &impl Store, model: &mut Model, receivers: &[&str], messages_max: usize) -> Vec<u64> {
    let messages = store.claim_notifications(claim_for(receivers, model.now, messages_max)).await.unwrap();
    assert!(messages.len() <= messages_max);
    for message in &messages {
        model.take(message);
    }
    // What is left is left for want of room: a claim of 8 of a receiver has none.
    if messages.len() < messages_max {
        for (of, name) in RECEIVERS.iter().enumerate().filter(|(_, name)| receivers.contains(name)) {
            let taken = messages.iter().filter(|message| message.receiver.as_str() == *name).count();
            assert!(taken == 8 || !model.has_claimable(of), "{name} could have had more");
        }
    }
    messages.iter().map(|message| message.id.0).collect()
}

async fn mark_all(store: &impl Store, model: &mut Model, message: u64, outcome: Outcome) {
    let delivery = match outcome {
        Outcome::Delivered => Delivery::Delivered,
        Outcome::Retry { delay } => retry_at(model.now + delay),
        Outcome::Dead => dead(),
        Outcome::Unreadable { which } => {
            let id = NotificationId(model.unreadable(message, which).unwrap_or(message));
            Delivery::Unreadable { notifications: vec![Unreadable { id, why: "a test".into() }] }
        }
    };
    let by = RECEIVERS[model.told[&message].receiver];
    model.mark(message, outcome);
    // Twice, as one who does not know whether the first was heard.
    for _ in 0..2 {
        store.mark_deliveries(vec![marked(message, by, model.now, delivery.clone())]).await.unwrap();
    }
}

async fn run(steps: Vec<Step>) {
    let place = SqlitePlace::new();
    let (mut store, _) = place.open().await;
    let (mut model, mut on_their_way) = (Model::default(), Vec::new());
    for step in steps {
        match step {
            Step::Enter { receiver, incident, group, due_in, critical } => {
                let (id, due) = (model.told.len() as u64 + 1, model.now + due_in);
                let (ready, state) = (Some(due), NotificationState::Pending);
                let told = Told { receiver, incident, group, due, ready, state, message: None };
                model.told.insert(id, told);
                let severity = if critical { Severity::Critical } else { Severity::Warning };
                enter_as(&store, severity, (id, RECEIVERS[receiver], incident, GROUPS[group], due)).await;
            }
            Step::Claim { both, messages_max } => {
                let receivers = if both { &RECEIVERS[..] } else { &RECEIVERS[..1] };
                on_their_way.extend(claim(&store, &mut model, receivers, messages_max).await);
            }
            // Some come late: their lease is over, or another has marked them.
            Step::Mark { which, outcome } if !on_their_way.is_empty() => {
                let message = on_their_way.remove(which % on_their_way.len());
                mark_all(&store, &mut model, message, outcome).await;
            }
            Step::Mark { .. } => {}
            Step::Again { which } => {
                let id = (which % (model.told.len() + 1)) as u64 + 1;
                let retried =
                    store.retry_notification(NotificationId(id), at(model.now), asked("retry")).await;
                assert_eq!(retried.unwrap(), model.again(id));
            }
            Step::Wait { seconds } => model.now += seconds,
            Step::Die => {
                drop(store);
                store = place.open().await.0;
                on_their_way.clear();
                store.release_claims().await.unwrap();
                model.release();
            }
        }
    }
    model.now = THE_END;
    loop {
        let claimed = claim(&store, &mut model, &RECEIVERS, 100).await;
        if claimed.is_empty() {
            break;
        }
        for message in claimed {
            mark_all(&store, &mut model, message, Outcome::Delivered).await;
        }
    }
    let all = NotificationQuery { limit: usize::MAX, ..NotificationQuery::default() };
    let rows = store.read_notifications(all).await.unwrap();
    let found = rows.iter().rev().map(|row| (row.id.0, row.state, row.message.map(|id| id.0)));
    let expected = model.told.iter().map(|(id, told)| (*id, told.state, told.message));
    assert!(found.eq(expected), "{rows:?}\n{:?}", model.told);
    let settled = [NotificationState::Delivered, NotificationState::Dead];
    assert!(rows.iter().all(|row| settled.contains(&row.state)), "all are told or dead");
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 48, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn an_outbox_loses_nothing_and_keeps_order(steps in prop::collection::vec(step(), 1..60)) {
        tokio::runtime::Runtime::new().unwrap().block_on(run(steps));
    }
}
