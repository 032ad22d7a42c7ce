//! What happened is told at least once, in order and under one id, however often the daemon is killed.

use std::collections::{BTreeMap, BTreeSet};
use std::net::SocketAddr;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, RwLock};
use std::time::Duration;

use driftd::store::sqlite::{SqliteOptions, SqliteStore};
use driftd::store::{NotificationQuery, NotificationState, Store};
use rand::rngs::StdRng;
use rand::{RngExt, SeedableRng};
use serde_json::Value;

use crate::support::http::{Connection, request};
use crate::support::loan::Place;
use crate::support::process::{Daemon, pause, poll};
use crate::support::sink::{Reply, Seen, Sink, Taken};

/// A multiple of the moments.
const KILLS: usize = 60;
const RECEIVERS: [&str; 2] = ["first", "second"];
/// What happens to every incident.
const LIFE: [&str; 3] = ["opened", "acknowledged", "resolved"];
/// So much may have happened that is not told yet.
const UNTOLD_MAX: usize = 6;

/// When the daemon is killed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Moment {
    /// Something was reported and acknowledged: it is about to be claimed.
    Reported,
    /// It has claimed, and sent nothing yet.
    Connected,
    /// It has sent, and has no answer.
    Received,
    /// It has an answer, and has marked nothing yet, or just so.
    Answered,
    /// It takes up what its last life left.
    Starting,
}

const MOMENTS: [Moment; 5] =
    [Moment::Reported, Moment::Connected, Moment::Received, Moment::Answered, Moment::Starting];

struct Target {
    moment: Moment,
    /// So often the moment passes before.
    passes: u32,
    delay: Duration,
}

/// An incident, and what happened to it.
type Event = (String, String);

/// A request that a receiver got.
struct Arrival {
    receiver: String,
    id: String,
    body: Vec<u8>,
    events: Vec<Event>,
}

/// What the killer, the reporter and the receivers share.
struct Stage {
    address: RwLock<SocketAddr>,
    running: Mutex<Option<Daemon>>,
    target: Mutex<Option<Target>>,
    arrivals: Mutex<Vec<Arrival>>,
    /// What came in the end, by receiver.
    told: Mutex<BTreeSet<(String, Event)>>,
    /// How much was reported and acknowledged.
    happened: AtomicUsize,
    over: AtomicBool,
}

impl Stage {
    fn new() -> Self {
        Self {
            address: RwLock::new(SocketAddr::from(([127, 0, 0, 1], 1))),
            running: Mutex::default(),
            target: Mutex::default(),
            arrivals: Mutex::default(),
            told: Mutex::default(),
            happened: AtomicUsize::new(0),
            over: AtomicBool::new(false),
        }
    }

    /// Kills the daemon if its time has come.
    fn reach(&self, moment: Moment) {
        let delay = {
            let mut target = self.target.lock().unwrap();
            match &mut *target {
                Some(next) if next.moment == moment && next.passes == 0 => target.take().unwrap().delay,
                Some(next) if next.moment == moment => return next.passes -= 1,
                _ => return,
            }
        };
        pause(delay);
        // Held until it has ended: the next one is started once there is none.
        let mut running = self.running.lock().unwrap();
        running.as_mut().expect("the killer waits").kill();
        *running = None;
    }

    /// What a receiver sees.
    fn see(&self, seen: Seen<'_>) {
        match seen {
            Seen::Connected => self.reach(Moment::Connected),
            Seen::Received(taken) => {
                self.note(taken);
                self.reach(Moment::Received);
            }
            Seen::Answered => self.reach(Moment::Answered),
        }
    }

    fn note(&self, taken: &Taken) {
        let receiver = taken.path.trim_start_matches('/').to_owned();
        let body: Value = serde_json::from_slice(&taken.body).unwrap();
        let several = body.pointer("/data/events").and_then(Value::as_array);
        let events = several.map_or(std::slice::from_ref(&body), Vec::as_slice).iter().map(|event| {
            let text = |name: &str| event["data"][name].as_str().expect("it is said").to_owned();
            (text("incident"), text("happened"))
        });
        let events: Vec<Event> = events.collect();
        self.told.lock().unwrap().extend(events.iter().map(|event| (receiver.clone(), event.clone())));
        let id = taken.headers["webhook-id"].clone();
        self.arrivals.lock().unwrap().push(Arrival { receiver, id, body: taken.body.clone(), events });
    }

    fn untold(&self) -> usize {
        let happened = self.happened.load(Ordering::Relaxed) * RECEIVERS.len();
        // What is being acknowledged may be told already.
        happened.saturating_sub(self.told.lock().unwrap().len())
    }

    /// Posts until the daemon has done it, or says that it has before.
    fn ask(&self, path: &str, body: &str) -> Value {
        let mut lost = false;
        let posted = poll(|| match (self.post(path, body), lost) {
            (Ok((200, answer)), _) | (Ok((409, answer)), true) => {
                Some(serde_json::from_slice(&answer).unwrap())
            }
            (Ok((500.., _)) | Err(_), _) => {
                lost = true;
                None
            }
            (Ok((status, answer)), _) => panic!("{path}: {status} {}", String::from_utf8_lossy(&answer)),
        });
        posted.unwrap_or_else(|| panic!("{path} is not taken"))
    }

    fn post(&self, path: &str, body: &str) -> std::io::Result<(u16, Vec<u8>)> {
        let address = *self.address.read().unwrap();
        let headers = [("Content-Type", "application/json")];
        let request = request("POST", path, address, &headers, body.as_bytes());
        let answer = Connection::open(address)?.send(&request)?;
        Ok((answer.status, answer.body))
    }

    /// Something has happened to an incident; waits until little is left to be told.
    fn happened(&self) {
        self.happened.fetch_add(1, Ordering::Relaxed);
        self.reach(Moment::Reported);
        poll(|| (self.untold() <= UNTOLD_MAX).then_some(())).expect("receivers are told");
    }
}

/// Reports one incident after the other until all is over; gives their ids.
fn report_all(stage: &Stage) -> Vec<String> {
    let mut incidents = Vec::new();
    while !stage.over.load(Ordering::Relaxed) {
        let report = format!(
            r#"{{"kind":"security","severity":"critical","model":"loan","subject":"{}","summary":"prompts leak"}}"#,
            incidents.len()
        );
        let opened = stage.ask("/v1/incidents", &report);
        let id = opened["incident"]["id"].as_str().expect("it has an id").to_owned();
        stage.happened();
        for step in ["ack", "resolve"] {
            stage.ask(&format!("/v1/incidents/{id}/{step}"), "{}");
            stage.happened();
        }
        incidents.push(id);
    }
    incidents
}

/// Starts the daemon again and again; it is killed at each moment in turn.
fn kill_often(place: &Place, stage: &Stage, random: &mut StdRng) {
    for round in 0..KILLS {
        let moment = MOMENTS[round % MOMENTS.len()];
        let mut daemon = Daemon::spawn(&mut Daemon::command(&place.config()));
        if moment == Moment::Starting {
            pause(Duration::from_micros(random.random_range(0..100_000)));
            daemon.kill();
            continue;
        }
        let delay = match moment {
            Moment::Reported | Moment::Answered => Duration::from_micros(random.random_range(0..4_000)),
            _ => Duration::ZERO,
        };
        let address = daemon.address();
        *stage.running.lock().unwrap() = Some(daemon);
        *stage.target.lock().unwrap() = Some(Target { moment, passes: random.random_range(0..5), delay });
        *stage.address.write().unwrap() = address;
        let killed = || stage.running.lock().unwrap().is_none().then_some(());
        poll(killed).unwrap_or_else(|| panic!("{moment:?} does not come"));
    }
}

/// Tells the reporter to end, also where the killer panics: it would go on for ever.
struct End<'a>(&'a Stage);

impl Drop for End<'_> {
    fn drop(&mut self) {
        self.0.over.store(true, Ordering::Relaxed);
    }
}

fn configure(place: &Place, sink: &Sink) {
    let receivers = RECEIVERS.map(|name| {
        format!("[receivers.{name}]\ntype = \"webhook\"\nurl = \"http://{}/{name}\"\n", sink.address)
    });
    let route = format!("[[routes]]\nreceivers = {RECEIVERS:?}\nmatch = {{}}\n");
    place.write("driftd.toml", &format!("{}{}{route}", place.main(""), receivers.concat()));
}

#[test]
fn killed_between_claim_send_and_mark_it_tells_all_at_least_once_under_one_id() {
    let seed: u64 = rand::random();
    eprintln!("seed {seed}");
    let mut random = StdRng::seed_from_u64(seed);
    let (place, stage) = (Place::new(), Arc::new(Stage::new()));
    let runtime = tokio::runtime::Runtime::new().unwrap();
    let watcher = stage.clone();
    let sink = Sink::watched(vec![Reply::status(200)], move |seen| watcher.see(seen));
    configure(&place, &runtime.block_on(sink));

    let (incidents, daemon) = std::thread::scope(|scope| {
        let reporter = scope.spawn(|| report_all(&stage));
        let end = End(&stage);
        kill_often(&place, &stage, &mut random);
        let (daemon, address) = Daemon::start(&place.config());
        *stage.address.write().unwrap() = address;
        drop(end);
        (reporter.join().unwrap(), daemon)
    });
    let all_told = poll(|| (stage.untold() == 0).then_some(()));
    assert!(all_told.is_some(), "{} are not told in the end:\n{}", stage.untold(), daemon.log());
    daemon.stop();

    let arrivals = stage.arrivals.lock().unwrap();
    let repeated = same_ids(&arrivals);
    eprintln!("{} incidents, {} messages, {repeated} of them again", incidents.len(), arrivals.len());
    assert!(repeated >= KILLS / MOMENTS.len(), "what was not answered comes again");
    in_order(&arrivals, &incidents);
    all_settled(&place, incidents.len() * LIFE.len() * RECEIVERS.len(), &runtime);
}

/// An id has one body, and an event one id of a receiver; gives how many messages came again.
fn same_ids(arrivals: &[Arrival]) -> usize {
    let mut bodies: BTreeMap<&str, &[u8]> = BTreeMap::new();
    let mut ids: BTreeMap<(&str, &Event), &str> = BTreeMap::new();
    for Arrival { receiver, id, body, events } in arrivals {
        assert_eq!(*bodies.entry(id).or_insert(body), body, "{id} was something else before");
        for event in events {
            let first = *ids.entry((receiver, event)).or_insert(id);
            assert_eq!(first, id, "two ids for {event:?} at {receiver}");
        }
    }
    arrivals.len() - bodies.len()
}

/// Whatever came again: each receiver hears first of each incident what happened first.
fn in_order(arrivals: &[Arrival], incidents: &[String]) {
    let mut lives: BTreeMap<(&str, &str), Vec<&str>> = BTreeMap::new();
    for Arrival { receiver, events, .. } in arrivals {
        for (incident, happened) in events {
            let life = lives.entry((receiver, incident)).or_default();
            if !life.contains(&happened.as_str()) {
                life.push(happened);
            }
        }
    }
    assert_eq!(lives.len(), incidents.len() * RECEIVERS.len());
    for incident in incidents {
        for receiver in RECEIVERS {
            let life = lives.get(&(receiver, incident.as_str()));
            assert_eq!(life.map(Vec::as_slice), Some(&LIFE[..]), "{incident} at {receiver}");
        }
    }
}

/// The outbox holds so many notifications, each delivered.
fn all_settled(place: &Place, expected: usize, runtime: &tokio::runtime::Runtime) {
    let (store, _) = SqliteStore::open(&place.data(), SqliteOptions::default()).unwrap();
    let all = NotificationQuery { limit: usize::MAX, ..NotificationQuery::default() };
    let rows = runtime.block_on(store.read_notifications(all)).unwrap();
    runtime.block_on(store.close()).unwrap();
    let undelivered: Vec<_> = rows.iter().filter(|row| row.state != NotificationState::Delivered).collect();
    assert!(undelivered.is_empty(), "{undelivered:?}");
    assert_eq!(rows.len(), expected);
}
