//! Sends what a receiver made of a message, and says what came of it.

mod answer;

mod smtp;

use std::error::Error;
use std::time::Duration;

use reqwest::Response;
use reqwest::redirect::Policy;
use tokio::task::{JoinError, JoinSet};
use tokio::time::{Instant, timeout, timeout_at};

use super::egress::{Egress, ResolveError};
use super::outcome::Failure;
use super::request::{Accepted, Dispatch, Need, Request};
use super::text::excerpt;

pub use answer::Reply;

/// Requests of one message that are on their way together.
const AT_ONCE_MAX: usize = 8;
/// Of the time for a message, how much may pass until there is a connection: less than the whole, so that an address
/// that does not answer is told from a server that does not.
const CONNECT_PART: f64 = 0.9;

/// Sends through the guard: no proxy, no redirect, no address that it did not check. Cloning shares the connections.
#[derive(Debug, Clone)]
pub struct Sender {
    client: reqwest::Client,
    egress: Egress,
    timeout: Duration,
}

impl Sender {
    /// `timeout`: for a message as a whole, from the look-up of the name to the end of the answer.
    pub fn new(egress: Egress, timeout: Duration) -> Result<Self, reqwest::Error> {
        let client = reqwest::Client::builder()
            .user_agent(concat!("driftd/", env!("CARGO_PKG_VERSION")))
            .dns_resolver(egress.clone())
            .redirect(Policy::none())
            .no_proxy()
            .connect_timeout(timeout.mul_f64(CONNECT_PART))
            .build()?;
        Ok(Self { client, egress, timeout })
    }

    pub fn timeout(&self) -> Duration {
        self.timeout
    }

    pub async fn send(&self, dispatch: Dispatch) -> Result<(), Failure> {
        match dispatch {
            Dispatch::Http { requests, need: Need::All, accepted } => {
                self.within_time(self.every(requests, accepted)).await
            }
            Dispatch::Http { requests, need: Need::Any, accepted } => self.any(requests, accepted).await,
            Dispatch::Mail(mail) => self.within_time(smtp::send(*mail, &self.egress)).await,
        }
    }

    /// Asks once, for what is said as for the status; a failure only where there is no answer at all.
    pub async fn ask(&self, request: Request) -> Result<Reply, Failure> {
        let until = Instant::now() + self.timeout;
        let asked = timeout_at(until, self.answer(&request)).await;
        let response = asked.unwrap_or(Err(Failure::Timeout(self.timeout)))?;
        Ok(answer::reply(response, &request, until).await)
    }

    async fn within_time(&self, sent: impl Future<Output = Result<(), Failure>>) -> Result<(), Failure> {
        timeout(self.timeout, sent).await.unwrap_or(Err(Failure::Timeout(self.timeout)))
    }

    /// A few at once; the first failure ends it.
    async fn every(&self, requests: Vec<Request>, accepted: Accepted) -> Result<(), Failure> {
        let mut requests = requests.into_iter().peekable();
        while requests.peek().is_some() {
            let mut asked = JoinSet::new();
            for request in requests.by_ref().take(AT_ONCE_MAX) {
                let sender = self.clone();
                asked.spawn(async move { sender.one(request, accepted).await });
            }
            while let Some(answer) = asked.join_next().await {
                answer.unwrap_or_else(|error| Err(broke_off(&error)))?;
            }
        }
        Ok(())
    }

    /// All at once: one that hangs does not keep the others waiting. Where all fail, one that may yet take it decides.
    async fn any(&self, requests: Vec<Request>, accepted: Accepted) -> Result<(), Failure> {
        let mut asked = JoinSet::new();
        for request in requests {
            let sender = self.clone();
            asked.spawn(async move {
                let shown = format!("{request:?}");
                (shown, sender.within_time(sender.one(request, accepted)).await)
            });
        }
        let mut worst = Failure::Unsendable("there is no replica to send to".to_owned());
        let (mut taken, mut failed) = (false, Vec::new());
        while let Some(answer) = asked.join_next().await {
            let (shown, answer) = answer.unwrap_or_else(|error| (String::new(), Err(broke_off(&error))));
            let Err(failure) = answer else {
                taken = true;
                continue;
            };
            failed.push(format!("{shown}: {failure}"));
            if worst.is_permanent() {
                worst = failure;
            }
        }
        match taken {
            false => Err(worst),
            true => {
                if !failed.is_empty() {
                    tracing::warn!(replicas = failed.join("; "), "replicas did not take what others took");
                }
                Ok(())
            }
        }
    }

    async fn one(&self, request: Request, accepted: Accepted) -> Result<(), Failure> {
        answer::judge(self.answer(&request).await?, accepted, &request).await
    }

    async fn answer(&self, request: &Request) -> Result<Response, Failure> {
        self.egress.check_literal(request.url.host_str().unwrap_or_default())?;
        let asked = self.client.request(request.method.clone(), request.url.clone());
        let asked = asked.headers(request.headers.clone()).body(request.body.clone());
        asked.send().await.map_err(|error| broken(error, request))
    }
}

fn broke_off(error: &JoinError) -> Failure {
    Failure::Connection(format!("sending broke off: {error}"))
}

/// Why there is no answer.
fn broken(error: reqwest::Error, request: &Request) -> Failure {
    let error = error.without_url();
    let failure = if error.is_connect() { Failure::Unconnected } else { Failure::Connection };
    let mut causes = Vec::new();
    let mut cause: Option<&(dyn Error + 'static)> = Some(&error);
    while let Some(each) = cause {
        if let Some(refused) = each.downcast_ref::<ResolveError>() {
            return of_name(refused);
        }
        causes.push(each.to_string());
        cause = each.source();
    }
    // The last cause is the one that the system named.
    let told = causes.pop().unwrap_or_default();
    failure(excerpt(&request.redact(told)))
}

fn of_name(error: &ResolveError) -> Failure {
    match error {
        ResolveError::Forbidden(forbidden) => Failure::Forbidden(*forbidden),
        ResolveError::Unknown { .. } => Failure::Name(error.to_string()),
    }
}
