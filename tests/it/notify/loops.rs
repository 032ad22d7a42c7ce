//! The loop of delivery, on an outbox in memory and a clock that is moved by hand.

use std::sync::{Arc, Mutex};
use std::time::Duration;

use arc_swap::ArcSwap;
use driftd::clock::{Clock, ManualClock};
use driftd::metrics::{Format, Metrics, SeriesOptions};
use driftd::notification::{NotificationId, ReceiverName};
use driftd::notify::*;
use driftd::store::{ClaimedMessage, Delivery, StoreError, Unreadable};
use driftd::verdict::Severity;
use tokio::sync::{Notify, oneshot};
use tokio::task::JoinHandle;

use super::outbox::MemoryOutbox;
use super::{HOUR, claimed, installation, name, opened, reminder, resolved, sender, start, webhook};
use crate::support::sink::{Reply, Sink, until};

/// Writes down what it hears.
#[derive(Default)]
struct Heard(Mutex<Vec<String>>);

impl Heard {
    fn all(&self) -> Vec<String> {
        self.0.lock().unwrap().clone()
    }
}

impl ReceiverWatch for Heard {
    async fn failing(&self, receiver: &ReceiverName, why: &str) {
        self.0.lock().unwrap().push(format!("{receiver} fails: {why}"));
    }

    async fn works_again(&self, receiver: &ReceiverName) {
        self.0.lock().unwrap().push(format!("{receiver} works"));
    }
}

pub struct Post<O = MemoryOutbox> {
    outbox: Arc<O>,
    clock: Arc<ManualClock>,
    directory: Arc<ArcSwap<Directory>>,
    heard: Arc<Heard>,
    metrics: Metrics,
    courier: Arc<Courier<O, Heard>>,
    news: Arc<Notify>,
    stop: Option<oneshot::Sender<()>>,
    running: JoinHandle<Result<(), StoreError>>,
}

fn directory(receivers: &[(&str, &Sink)], timeout: Duration) -> Directory {
    let receivers = receivers
        .iter()
        .map(|(receiver, sink)| (name(receiver), super::receiver(receiver, webhook(&sink.url()))));
    Directory { receivers: receivers.collect(), sender: sender(timeout), installation: installation() }
}

impl<O: Outbox> Post<O> {
    pub fn open(outbox: Arc<O>, receivers: &[(&str, &Sink)]) -> Self {
        Self::with_timeout(outbox, receivers, Duration::from_secs(15))
    }

    fn with_timeout(outbox: Arc<O>, receivers: &[(&str, &Sink)], timeout: Duration) -> Self {
        let clock = Arc::new(ManualClock::at(start()));
        let directory = Arc::new(ArcSwap::from_pointee(directory(receivers, timeout)));
        let (heard, metrics) = (Arc::new(Heard::default()), Metrics::new("1", SeriesOptions::default()));
        let news = Arc::new(Notify::new());
        let courier = Arc::new(Courier::new(CourierParts {
            outbox: outbox.clone(),
            clock: clock.clone(),
            directory: directory.clone(),
            watch: heard.clone(),
            metrics: metrics.delivery().clone(),
            news: news.clone(),
        }));
        let (stop, stopped) = oneshot::channel();
        let stopping = async {
            let _ = stopped.await;
        };
        let running = tokio::spawn(courier.clone().run(stopping));
        Self { outbox, clock, directory, heard, metrics, courier, news, stop: Some(stop), running }
    }

    /// Time passes, and is noticed.
    fn pass(&self, by: Duration) {
        self.clock.advance(by);
        self.news.notify_one();
    }

    /// Ends it in the midst of whatever it does.
    pub async fn cut(self) {
        self.running.abort();
        // What it asked of the store was asked before this returns.
        let _ = self.running.await;
    }

    pub async fn close(mut self) -> Result<(), StoreError> {
        let _ = self.stop.take().map(|stop| stop.send(()));
        self.running.await.unwrap()
    }
}

impl Post {
    fn add(&self, id: u64, receiver: &str, news: driftd::notification::Announcement) {
        self.outbox.add(claimed(id, receiver, vec![news]), self.clock.now());
        self.news.notify_one();
    }

    async fn settled(&self) {
        until(|| (self.outbox.pending() == 0).then_some(())).await;
    }

    async fn attempts(&self, id: usize, count: u32) {
        until(|| (self.outbox.entries()[id].message.attempts >= count).then_some(())).await;
    }
}

pub fn ids(sink: &Sink) -> Vec<String> {
    sink.taken().iter().map(|taken| taken.headers["webhook-id"].clone()).collect()
}

#[tokio::test]
async fn a_receiver_that_hangs_or_fails_holds_no_other_up() {
    let (hangs, fails, works) = (
        Sink::start(vec![Reply::Hang]).await,
        Sink::start(vec![Reply::status(500)]).await,
        Sink::start(vec![Reply::status(200)]).await,
    );
    let post = Post::open(Arc::default(), &[("hangs", &hangs), ("fails", &fails), ("works", &works)]);
    for id in 0..10 {
        post.add(3 * id + 1, "hangs", opened(id));
        post.add(3 * id + 2, "fails", opened(id));
        post.add(3 * id + 3, "works", opened(id));
    }
    assert_eq!(works.took(10).await.len(), 10);
    assert_eq!(hangs.taken().len(), 1, "the first one still waits");
    post.cut().await;
}

#[tokio::test]
async fn a_receiver_that_is_down_for_a_day_gets_everything_in_order_under_one_id() {
    let sink = Sink::start(vec![Reply::status(503)]).await;
    let post = Post::open(Arc::default(), &[("pager", &sink)]);
    for (id, news) in [opened(7), reminder(7), resolved(7), opened(8)].into_iter().enumerate() {
        post.add(id as u64 + 1, "pager", news);
    }
    // A critical message is tried hourly, with up to 20 % of jitter: 25 hours.
    for attempts in 1..22 {
        if attempts > 1 {
            post.pass(HOUR + HOUR / 4);
        }
        post.attempts(0, attempts).await;
        post.attempts(3, attempts).await;
    }
    assert!(ids(&sink).iter().all(|id| id == "prod-1-ntf-1" || id == "prod-1-ntf-4"));
    until(|| post.heard.all().first().cloned()).await;
    let heard = post.heard.all();
    assert_eq!(heard, ["pager fails: status 503: ok"], "told once");

    let failed = sink.taken().len();
    sink.reply(vec![Reply::status(200)]);
    until(|| {
        post.pass(2 * HOUR);
        (post.outbox.pending() == 0).then_some(())
    })
    .await;
    let delivered = &ids(&sink)[failed..];
    let of_seven: Vec<&str> =
        delivered.iter().map(String::as_str).filter(|id| *id != "prod-1-ntf-4").collect();
    assert!(of_seven.ends_with(&["prod-1-ntf-1", "prod-1-ntf-2", "prod-1-ntf-3"]), "{delivered:?}");
    assert!(delivered.contains(&"prod-1-ntf-4".to_owned()));
    assert_eq!(post.heard.all()[1..], ["pager works"]);
    post.close().await.unwrap();
}

#[tokio::test]
async fn a_receiver_that_is_gone_is_left_alone_until_it_is_enabled_or_moves() {
    let gone = Sink::start(vec![Reply::status(410)]).await;
    let post = Post::open(Arc::default(), &[("hook", &gone)]);
    post.add(1, "hook", opened(7));
    until(|| post.heard.all().first().cloned()).await;
    assert!(matches!(post.outbox.entries()[0].settled, Some(Delivery::Dead { .. })));
    post.add(2, "hook", opened(8));
    post.pass(HOUR);

    // After a restart it is still left alone.
    let outbox = post.outbox.clone();
    post.close().await.unwrap();
    let post = Post::open(outbox, &[("hook", &gone)]);
    until(|| scraped(&post).contains("driftd_receiver_enabled{receiver=\"hook\"} 0").then_some(())).await;
    assert_eq!(gone.taken().len(), 1);

    // At another address it is another receiver.
    let moved = Sink::start(vec![Reply::status(200)]).await;
    post.directory.store(Arc::new(directory(&[("hook", &moved)], HOUR)));
    post.news.notify_one();
    post.settled().await;
    assert_eq!(ids(&moved), ["prod-1-ntf-2"]);

    // And at the old one again it gets nothing until someone enables it.
    post.directory.store(Arc::new(directory(&[("hook", &gone)], HOUR)));
    gone.reply(vec![Reply::status(200)]);
    post.add(3, "hook", opened(9));
    until(|| scraped(&post).contains("driftd_receiver_enabled{receiver=\"hook\"} 0").then_some(())).await;
    assert_eq!(gone.taken().len(), 1);
    post.outbox.enable_all();
    post.courier.read_disabled().await.unwrap();
    post.settled().await;
    assert_eq!(gone.taken().len(), 2);
    post.close().await.unwrap();
}

fn scraped(post: &Post) -> String {
    post.metrics.encode(Format::Text, post.clock.now())
}

#[tokio::test]
async fn what_cannot_be_read_is_given_up_and_not_sent() {
    let hook = Sink::start(vec![Reply::status(200)]).await;
    let post = Post::open(Arc::new(MemoryOutbox::default()), &[("hook", &hook)]);
    let unreadable = vec![Unreadable { id: NotificationId(1), why: "missing field `severity`".into() }];
    let message = ClaimedMessage { unreadable: unreadable.clone(), ..claimed(1, "hook", vec![opened(7)]) };
    post.outbox.add(message, post.clock.now());
    post.add(2, "hook", resolved(7));
    post.settled().await;
    assert_eq!(ids(&hook), ["prod-1-ntf-2"]);
    let settled: Vec<_> = post.outbox.entries().into_iter().map(|entry| entry.settled.unwrap()).collect();
    assert_eq!(settled, [Delivery::Unreadable { notifications: unreadable }, Delivery::Delivered]);
    assert!(scraped(&post).contains("driftd_notifications_total{receiver=\"hook\",outcome=\"dead\"} 1"));
    post.close().await.unwrap();
}

#[tokio::test]
async fn a_dead_letter_releases_the_next_and_schedules_end() {
    let sink = Sink::start(vec![Reply::status(400), Reply::status(200)]).await;
    let post = Post::open(Arc::default(), &[("hook", &sink)]);
    post.add(1, "hook", opened(7));
    post.add(2, "hook", resolved(7));
    post.settled().await;
    let settled: Vec<_> = post.outbox.entries().into_iter().map(|entry| entry.settled.unwrap()).collect();
    assert_eq!(settled[0], Delivery::Dead { error: "status 400: ok".to_owned() });
    assert_eq!(settled[1], Delivery::Delivered);
    let scrape = scraped(&post);
    for line in [
        "driftd_notifications_total{receiver=\"hook\",outcome=\"delivered\"} 1",
        "driftd_notifications_total{receiver=\"hook\",outcome=\"dead\"} 1",
        "driftd_receiver_enabled{receiver=\"hook\"} 1",
        "driftd_notification_duration_seconds_count 2",
    ] {
        assert!(scrape.contains(line), "{line}");
    }
    post.close().await.unwrap();

    let mut message = claimed(1, "hook", vec![opened(1)]);
    message.severity = Severity::Warning;
    message.attempts = 9;
    let last = delivery_of(Err(&Failure::Timeout(HOUR)), &message, start());
    assert!(matches!(&last, Delivery::Dead { error } if error.contains("after 10 attempts")), "{last:?}");
}

#[tokio::test]
async fn a_mark_that_fails_is_made_again_without_sending_again() {
    let sink = Sink::start(vec![Reply::status(200)]).await;
    let outbox = Arc::new(MemoryOutbox::default());
    *outbox.marks_fail.lock().unwrap() = 1;
    let post = Post::open(outbox, &[("hook", &sink)]);
    post.add(1, "hook", opened(7));
    post.settled().await;
    assert_eq!(sink.taken().len(), 1);
    post.close().await.unwrap();
}

#[tokio::test]
async fn what_is_being_sent_is_finished_and_the_rest_is_left_for_the_next_start() {
    let sink = Sink::start(vec![Reply::Hang]).await;
    let outbox = Arc::new(MemoryOutbox::default());
    let post = Post::with_timeout(outbox.clone(), &[("hook", &sink)], Duration::from_millis(500));
    for id in 1..4 {
        outbox.add(claimed(id, "hook", vec![opened(id)]), start());
    }
    post.news.notify_one();
    sink.took(1).await;
    post.close().await.unwrap();
    assert_eq!(sink.taken().len(), 1);
    let entries = outbox.entries();
    assert_eq!(entries[0].errors, ["no answer within 0.5 s"], "the one on its way was marked");
    assert_eq!(outbox.pending(), 3);

    sink.reply(vec![Reply::status(200)]);
    outbox.release(start());
    let post = Post::open(outbox, &[("hook", &sink)]);
    post.settled().await;
    assert_eq!(ids(&sink), ["prod-1-ntf-1", "prod-1-ntf-1", "prod-1-ntf-2", "prod-1-ntf-3"]);
    post.close().await.unwrap();
}
