//! An HTTP receiver that does as it is told, and keeps what it got.

use std::collections::{BTreeMap, VecDeque};
use std::net::SocketAddr;
use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};

use tokio::io::{AsyncBufReadExt, AsyncReadExt, AsyncWriteExt, BufReader};
use tokio::net::{TcpListener, TcpStream};

use super::process::DEADLINE;

/// What it does with a request.
#[derive(Debug, Clone)]
pub enum Reply {
    Answer {
        status: u16,
        headers: Vec<(&'static str, String)>,
        body: String,
    },
    /// Takes the request and says nothing.
    Hang,
    /// Takes the request and closes the connection.
    Cut,
}

/// A request that came.
#[derive(Debug, Clone)]
pub struct Taken {
    pub method: String,
    /// With its query.
    pub path: String,
    /// Names in lower case.
    pub headers: BTreeMap<String, String>,
    pub body: Vec<u8>,
}

/// What a sink sees of a request, in this order.
pub enum Seen<'a> {
    /// A connection was opened; nothing of it was read.
    Connected,
    /// A whole request was read; the reply comes after the watcher returns.
    Received(&'a Taken),
    /// The reply was sent.
    Answered,
}

/// Makes the reply from the request.
type Answers = Arc<dyn Fn(&Taken) -> Reply + Send + Sync>;

#[derive(Clone)]
pub struct Sink {
    pub address: SocketAddr,
    taken: Arc<Mutex<Vec<Taken>>>,
    replies: Arc<Mutex<VecDeque<Reply>>>,
    /// Says what to reply, instead of `replies`.
    answer: Option<Answers>,
    watcher: Arc<dyn Fn(Seen<'_>) + Send + Sync>,
}

impl Reply {
    pub fn status(status: u16) -> Self {
        Self::Answer { status, headers: Vec::new(), body: "ok".to_owned() }
    }
}

impl Sink {
    /// Gives these replies in turn; the last one for ever.
    pub async fn start(replies: Vec<Reply>) -> Self {
        Self::watched(replies, |_| {}).await
    }

    /// The same; the watcher is called as things happen, and may take its time.
    pub async fn watched(replies: Vec<Reply>, watcher: impl Fn(Seen<'_>) + Send + Sync + 'static) -> Self {
        Self::serving(replies, None, Arc::new(watcher)).await
    }

    /// Replies as `answer` says to each request, one at a time.
    pub async fn answering(answer: impl Fn(&Taken) -> Reply + Send + Sync + 'static) -> Self {
        Self::serving(Vec::new(), Some(Arc::new(answer)), Arc::new(|_: Seen<'_>| {})).await
    }

    async fn serving(
        replies: Vec<Reply>,
        answer: Option<Answers>,
        watcher: Arc<dyn Fn(Seen<'_>) + Send + Sync>,
    ) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = listener.local_addr().unwrap();
        let replies = Arc::new(Mutex::new(replies.into()));
        let sink = Self { address, taken: Arc::default(), replies, answer, watcher };
        let serving = sink.clone();
        tokio::spawn(async move {
            while let Ok((stream, _)) = listener.accept().await {
                let sink = serving.clone();
                tokio::spawn(async move { sink.serve(stream).await });
            }
        });
        sink
    }

    pub fn url(&self) -> String {
        format!("http://{}/hook", self.address)
    }

    pub fn taken(&self) -> Vec<Taken> {
        self.taken.lock().unwrap().clone()
    }

    /// From now on it replies so.
    pub fn reply(&self, replies: Vec<Reply>) {
        *self.replies.lock().unwrap() = replies.into();
    }

    /// Waits until so many requests have come.
    pub async fn took(&self, count: usize) -> Vec<Taken> {
        until(|| Some(self.taken()).filter(|taken| taken.len() >= count)).await
    }

    async fn serve(self, stream: TcpStream) {
        (self.watcher)(Seen::Connected);
        let mut stream = BufReader::new(stream);
        let Some(taken) = read(&mut stream).await else { return };
        (self.watcher)(Seen::Received(&taken));
        let answered = self.answer.as_ref().map(|answer| answer(&taken));
        self.taken.lock().unwrap().push(taken);
        let reply = if answered.is_some() {
            answered
        } else {
            let mut replies = self.replies.lock().unwrap();
            if replies.len() > 1 { replies.pop_front() } else { replies.front().cloned() }
        };
        match reply.unwrap_or(Reply::Cut) {
            Reply::Cut => {}
            Reply::Hang => tokio::time::sleep(DEADLINE).await,
            Reply::Answer { status, headers, body } => {
                let mut answer = format!(
                    "HTTP/1.1 {status} said\r\nConnection: close\r\nContent-Length: {}\r\n",
                    body.len()
                );
                for (name, value) in headers {
                    answer += &format!("{name}: {value}\r\n");
                }
                answer += &format!("\r\n{body}");
                // The other side may have gone.
                let _ = stream.write_all(answer.as_bytes()).await;
                let _ = stream.shutdown().await;
                (self.watcher)(Seen::Answered);
            }
        }
    }
}

async fn read(stream: &mut BufReader<TcpStream>) -> Option<Taken> {
    let mut line = String::new();
    stream.read_line(&mut line).await.ok()?;
    let mut words = line.split(' ').map(str::to_owned);
    let (method, path) = (words.next()?, words.next()?);
    let mut headers = BTreeMap::new();
    loop {
        let mut line = String::new();
        stream.read_line(&mut line).await.ok()?;
        let Some((name, value)) = line.trim_end().split_once(": ") else { break };
        headers.insert(name.to_ascii_lowercase(), value.to_owned());
    }
    let length = headers.get("content-length").map_or(0, |length| length.parse().unwrap());
    let mut body = vec![0; length];
    stream.read_exact(&mut body).await.ok()?;
    Some(Taken { method, path, headers, body })
}

/// Looks until there is something; fails once [`DEADLINE`] has passed.
pub async fn until<T>(mut look: impl FnMut() -> Option<T>) -> T {
    let started = Instant::now();
    loop {
        if let Some(found) = look() {
            return found;
        }
        assert!(started.elapsed() < DEADLINE, "it did not come");
        tokio::time::sleep(Duration::from_millis(5)).await;
    }
}
