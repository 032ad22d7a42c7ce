//! A mail server that takes or refuses mail, without encryption.

use std::net::SocketAddr;
use std::sync::{Arc, Mutex};

use tokio::io::{AsyncBufReadExt, AsyncWriteExt, BufReader};
use tokio::net::{TcpListener, TcpStream};

#[derive(Clone)]
pub struct MailServer {
    pub address: SocketAddr,
    taken: Arc<Mutex<Vec<TakenMail>>>,
    /// Its answer to the recipient.
    recipient: Arc<str>,
}

#[derive(Debug, Clone, Default)]
pub struct TakenMail {
    pub from: String,
    pub to: Vec<String>,
    pub text: String,
    /// `AUTH` lines.
    pub login: Vec<String>,
}

impl MailServer {
    /// `recipient`: what it answers to each `RCPT`, as `250 ok`.
    pub async fn start(recipient: &str) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = listener.local_addr().unwrap();
        let server = Self { address, taken: Arc::default(), recipient: recipient.into() };
        let serving = server.clone();
        tokio::spawn(async move {
            while let Ok((stream, _)) = listener.accept().await {
                let server = serving.clone();
                tokio::spawn(async move { server.serve(stream).await });
            }
        });
        server
    }

    pub fn taken(&self) -> Vec<TakenMail> {
        self.taken.lock().unwrap().clone()
    }

    async fn serve(self, stream: TcpStream) -> Option<()> {
        let mut stream = BufReader::new(stream);
        let mut mail = TakenMail::default();
        say(&mut stream, "220 sink").await?;
        loop {
            let line = hear(&mut stream).await?;
            let verb = line.split([' ', ':']).next().unwrap_or_default().to_ascii_uppercase();
            match verb.as_str() {
                "EHLO" => say(&mut stream, "250-sink\r\n250 AUTH PLAIN LOGIN").await?,
                "AUTH" => {
                    mail.login.push(line);
                    say(&mut stream, "235 ok").await?;
                }
                "MAIL" => {
                    mail.from = line;
                    say(&mut stream, "250 ok").await?;
                }
                "RCPT" => {
                    mail.to.push(line);
                    say(&mut stream, &self.recipient).await?;
                }
                "DATA" => {
                    say(&mut stream, "354 go on").await?;
                    loop {
                        match hear(&mut stream).await?.as_str() {
                            "." => break,
                            line => mail.text += &format!("{}\n", line.strip_prefix('.').unwrap_or(line)),
                        }
                    }
                    self.taken.lock().unwrap().push(std::mem::take(&mut mail));
                    say(&mut stream, "250 taken").await?;
                }
                "QUIT" => {
                    say(&mut stream, "221 bye").await?;
                    return None;
                }
                _ => say(&mut stream, "250 ok").await?,
            }
        }
    }
}

async fn say(stream: &mut BufReader<TcpStream>, line: &str) -> Option<()> {
    stream.write_all(format!("{line}\r\n").as_bytes()).await.ok()
}

/// A line; nothing where the other side is gone.
async fn hear(stream: &mut BufReader<TcpStream>) -> Option<String> {
    let mut line = String::new();
    match stream.read_line(&mut line).await {
        Ok(1..) => Some(line.trim_end_matches(['\r', '\n']).to_owned()),
        _ => None,
    }
}
