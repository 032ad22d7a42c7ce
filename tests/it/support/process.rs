//! The built daemon as a process of its own.

use std::io::{BufRead, BufReader};
use std::net::SocketAddr;
use std::path::Path;
use std::process::{Child, Command, ExitStatus, Stdio};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant};

/// What takes longer than this will not come.
pub const DEADLINE: Duration = Duration::from_secs(60);

/// A started daemon; killed where it is dropped.
pub struct Daemon {
    child: Child,
    log: Arc<Mutex<String>>,
}

impl Daemon {
    /// The command that runs the daemon on a config.
    pub fn command(config: &Path) -> Command {
        let mut command = Command::new(env!("CARGO_BIN_EXE_driftd"));
        command.args(["run", "--config"]).arg(config);
        command
    }

    /// Starts it; it may not listen yet.
    pub fn spawn(command: &mut Command) -> Self {
        let mut child =
            command.stdin(Stdio::null()).stderr(Stdio::piped()).spawn().expect("the command starts");
        let log = Arc::new(Mutex::new(String::new()));
        let (written, errors) = (log.clone(), child.stderr.take().expect("stderr is piped"));
        // Ends with the process: its end of the pipe is closed then.
        std::thread::spawn(move || {
            for line in BufReader::new(errors).lines().map_while(Result::ok) {
                let mut log = written.lock().unwrap_or_else(PoisonError::into_inner);
                log.push_str(&line);
                log.push('\n');
            }
        });
        Self { child, log }
    }

    /// Starts it and waits until it listens.
    pub fn start(config: &Path) -> (Self, SocketAddr) {
        let daemon = Self::spawn(&mut Self::command(config));
        let address = daemon.address();
        (daemon, address)
    }

    pub fn pid(&self) -> u32 {
        self.child.id()
    }

    /// What it logged so far.
    pub fn log(&self) -> String {
        self.log.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }

    /// Where it listens, once it does.
    pub fn address(&self) -> SocketAddr {
        poll(|| listening(&self.log()))
            .unwrap_or_else(|| panic!("the daemon does not listen:\n{}", self.log()))
    }

    /// SIGKILL: it has no time for anything.
    pub fn kill(&mut self) {
        let ended = self.child.try_wait().expect("its state is known");
        assert!(ended.is_none(), "it ended of itself ({ended:?}):\n{}", self.log());
        self.child.kill().expect("a started process can be killed");
        self.child.wait().expect("a killed process ends");
    }

    /// Sends a signal by its name, as `TERM`.
    pub fn signal(&self, name: &str) {
        let sent = Command::new("sh").arg("-c").arg(format!("kill -{name} {}", self.pid())).status();
        assert!(sent.expect("there is a shell").success(), "signal {name} was sent");
    }

    /// How it ended, once it did.
    pub fn ended(&mut self) -> ExitStatus {
        poll(|| self.child.try_wait().expect("its state is known"))
            .unwrap_or_else(|| panic!("the daemon does not end:\n{}", self.log()))
    }

    /// SIGTERM, and a good end.
    pub fn stop(mut self) {
        self.signal("TERM");
        let status = self.ended();
        assert!(status.success(), "{status}:\n{}", self.log());
    }

    /// Resident memory, bytes.
    pub fn memory(&self) -> u64 {
        let path = format!("/proc/{}/status", self.pid());
        let status = std::fs::read_to_string(path).expect("the process lives");
        let line = status.lines().find_map(|line| line.strip_prefix("VmRSS:")).expect("memory is told");
        line.trim().trim_end_matches("kB").trim().parse::<u64>().expect("a number") * 1024
    }
}

impl Drop for Daemon {
    fn drop(&mut self) {
        // It may have ended already.
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// The address in a log, where it says one.
pub fn listening(log: &str) -> Option<SocketAddr> {
    let line = log.lines().find(|line| line.contains("listening"))?;
    line.split("address=").nth(1)?.split_whitespace().next()?.parse().ok()
}

/// Looks until there is something; `None` once [`DEADLINE`] has passed.
pub fn poll<T>(mut look: impl FnMut() -> Option<T>) -> Option<T> {
    let start = Instant::now();
    loop {
        let found = look();
        if found.is_some() || start.elapsed() > DEADLINE {
            return found;
        }
        pause(Duration::from_millis(2));
    }
}

/// Lets others go on for a moment: for what is to happen at any moment, never to wait for something.
pub fn pause(duration: Duration) {
    std::thread::sleep(duration);
}
