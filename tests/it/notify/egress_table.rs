//! Which addresses are connected to.

use std::future::Future;
use std::io;
use std::net::IpAddr;
use std::pin::Pin;
use std::sync::Mutex;
use std::time::Duration;

use driftd::notify::*;

use super::{send, webhook};
use crate::support::sink::{Reply, Sink};

fn egress(allow: &[&str]) -> Egress {
    Egress::new(EgressOptions { allow: allow.iter().map(|net| net.parse().unwrap()).collect() })
}

fn check(egress: &Egress, address: &str) -> Result<(), Forbidden> {
    egress.check(address.parse::<IpAddr>().unwrap())
}

const PUBLIC: [&str; 10] = [
    "1.1.1.1",
    "8.8.8.8",
    "172.15.255.255",
    "172.32.0.1",
    "192.167.255.255",
    "223.255.255.255",
    "2606:4700:4700::1111",
    "2a00:1450:4001:800::200e",
    "::ffff:8.8.8.8",
    "64:ff9b::808:808",
];

const NEVER: [&str; 40] = [
    "0.0.0.0",
    "0.1.2.3",
    "169.254.0.1",
    "169.254.169.254",
    "169.254.170.2",
    "169.254.255.255",
    "100.100.100.200",
    "168.63.129.16",
    "192.0.0.192",
    "192.0.0.8",
    "192.0.2.1",
    "198.51.100.7",
    "203.0.113.9",
    "192.88.99.1",
    "224.0.0.1",
    "239.255.255.255",
    "240.0.0.1",
    "255.255.255.255",
    "::",
    "fe80::1",
    "febf::1",
    "fe80::a9fe:a9fe",
    "fd00:ec2::254",
    "fd00:ec2::23",
    "fd20:ce::254",
    "ff02::1",
    "ff0e::1",
    "2001:db8::1",
    "3fff::1",
    "100::1",
    "2001::1",
    "2001:10::1",
    "5f00::1",
    "64:ff9b:1::a9fe:a9fe",
    "::ffff:169.254.169.254",
    "::169.254.169.254",
    "::ffff:0:169.254.169.254",
    "64:ff9b::a9fe:a9fe",
    "2002:a9fe:a9fe::1",
    "::ffff:0.0.0.0",
];

const PRIVATE: [&str; 18] = [
    "127.0.0.1",
    "127.255.255.255",
    "10.0.0.1",
    "172.16.0.1",
    "172.31.255.255",
    "192.168.1.1",
    "100.64.0.1",
    "100.127.255.255",
    "198.18.0.1",
    "::1",
    "fc00::1",
    "fd12:3456::1",
    "fec0::1",
    "::ffff:127.0.0.1",
    "::127.0.0.1",
    "64:ff9b::7f00:1",
    "2002:7f00:1::1",
    "2002:0a00:1::1",
];

#[test]
fn addresses_are_public_private_or_never() {
    let (everything, nothing) = (egress(&["0.0.0.0/0", "::/0"]), egress(&[]));
    for address in PUBLIC {
        assert_eq!(check(&nothing, address), Ok(()), "{address}");
    }
    for address in NEVER {
        for egress in [&everything, &nothing] {
            assert!(matches!(check(egress, address), Err(Forbidden::Never { .. })), "{address}");
        }
    }
    for address in PRIVATE {
        assert!(matches!(check(&nothing, address), Err(Forbidden::Private { .. })), "{address}");
        assert_eq!(check(&everything, address), Ok(()), "{address}");
    }
}

#[test]
fn by_default_this_machine_and_private_networks_are_allowed_and_the_list_narrows_it() {
    let default = Egress::new(EgressOptions::default());
    for address in ["127.0.0.1", "::1", "10.1.2.3", "192.168.0.1", "fd12::1", "::ffff:10.1.2.3"] {
        assert_eq!(check(&default, address), Ok(()), "{address}");
    }
    for address in ["100.64.0.1", "198.18.0.1", "fec0::1"] {
        assert!(check(&default, address).is_err(), "{address}");
    }
    let narrow = egress(&["10.1.0.0/16"]);
    assert_eq!(check(&narrow, "10.1.255.1"), Ok(()));
    let refused = check(&narrow, "10.2.0.1").unwrap_err();
    assert_eq!(refused.to_string(), "10.2.0.1 is a private address that `egress.allow` does not name");
}

/// A name server that answers otherwise each time, as one that attacks would.
struct Rebinding(Mutex<Vec<Vec<&'static str>>>);

impl Lookup for Rebinding {
    fn lookup(&self, _host: String) -> Pin<Box<dyn Future<Output = io::Result<Vec<IpAddr>>> + Send>> {
        let mut answers = self.0.lock().unwrap();
        let answer = if answers.is_empty() { vec!["169.254.169.254"] } else { answers.remove(0) };
        let answer = answer.iter().map(|address| address.parse().unwrap()).collect();
        Box::pin(async move { Ok(answer) })
    }
}

fn rebinding(answers: &[&[&'static str]]) -> Sender {
    let answers = answers.iter().map(|answer| answer.to_vec()).collect();
    let egress = Egress::with_lookup(EgressOptions::default(), Rebinding(Mutex::new(answers)));
    Sender::new(egress, Duration::from_secs(10)).unwrap()
}

#[tokio::test]
async fn the_address_that_was_checked_is_the_one_connected_to() {
    let sink = Sink::start(vec![Reply::status(200)]).await;
    let to = format!("http://rebound.example:{}/hook", sink.address.port());
    // A second look-up would get the metadata service.
    send(&rebinding(&[&["127.0.0.1"]]), webhook(&to)).await.unwrap();
    assert_eq!(sink.taken()[0].path, "/hook");
}

#[tokio::test]
async fn one_forbidden_address_forbids_the_name() {
    let sink = Sink::start(vec![Reply::status(200)]).await;
    let to = format!("http://mixed.example:{}/hook", sink.address.port());
    let refused = send(&rebinding(&[&["127.0.0.1", "169.254.169.254"]]), webhook(&to)).await.unwrap_err();
    assert!(matches!(refused, Failure::Forbidden(Forbidden::Never { .. })), "{refused:?}");
    assert!(refused.is_permanent());
    assert!(sink.taken().is_empty());
}

#[tokio::test]
async fn addresses_in_urls_are_checked_in_every_spelling() {
    let sender = super::sender(Duration::from_secs(10));
    for host in [
        "169.254.169.254",
        "0xa9fea9fe",
        "2852039166",
        "0251.0376.0251.0376",
        "[::ffff:a9fe:a9fe]",
        "[fe80::1]",
    ] {
        let refused = send(&sender, webhook(&format!("http://{host}/latest/meta-data"))).await.unwrap_err();
        assert!(matches!(refused, Failure::Forbidden(Forbidden::Never { .. })), "{host}: {refused:?}");
    }
}

#[tokio::test]
async fn a_name_without_address_is_tried_again() {
    let nothing = rebinding(&[&[]]);
    let failure = send(&nothing, webhook("http://nowhere.example/")).await.unwrap_err();
    assert!(matches!(failure, Failure::Name(_)) && !failure.is_permanent(), "{failure:?}");
}
