//! Processes that share a store, and what can be done to them.

// Each test binary uses a part of it.
#![allow(dead_code, unreachable_pub)]

use std::path::{Path, PathBuf};
use std::process::Stdio;
use std::time::Duration;

use perennial_tests::Server;
use tokio::io::{AsyncBufReadExt, AsyncWriteExt, BufReader, Lines};
use tokio::process::{Child, ChildStdin, ChildStdout, Command};
use tokio::time::timeout;

/// Nothing that a worker does takes so long.
const LIMIT: Duration = Duration::from_secs(60);

/// How the calls of a worker ended.
#[derive(Debug, Default, PartialEq, Eq, Clone, Copy)]
pub struct Called {
    pub good: u64,
    pub lost: u64,
    pub bad: u64,
}

/// A process that uses a store.
pub struct Worker {
    child: Child,
    stdin: ChildStdin,
    lines: Lines<BufReader<ChildStdout>>,
    /// What it has told.
    pub told: Vec<String>,
}

impl Worker {
    pub async fn start(server: &Server, store: &str) -> Self {
        Self::start_with(server, store, None).await
    }

    /// A worker that waits at a stage, for its end or for what happens meanwhile.
    pub async fn pausing(server: &Server, store: &str, stage: &str, millis: u64) -> Self {
        Self::start_with(server, store, Some(format!("{stage} {millis}"))).await
    }

    async fn start_with(server: &Server, store: &str, pause: Option<String>) -> Self {
        let mut command = Command::new(env!("CARGO_BIN_EXE_store_worker"));
        command.env("WORKER_BASE", server.origin()).env("WORKER_STORE", store);
        if let Some(pause) = pause {
            command.env("WORKER_PAUSE", pause);
        }
        let mut child = command
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .kill_on_drop(true)
            .spawn()
            .unwrap();
        let stdin = child.stdin.take().unwrap();
        let lines = BufReader::new(child.stdout.take().unwrap()).lines();
        let mut worker = Self { child, stdin, lines, told: Vec::new() };
        worker.hear("ready").await;
        worker
    }

    pub async fn say(&mut self, line: &str) {
        self.stdin.write_all(format!("{line}\n").as_bytes()).await.unwrap();
    }

    /// Waits for a line that begins so.
    pub async fn hear(&mut self, beginning: &str) -> String {
        loop {
            let line = timeout(LIMIT, self.lines.next_line()).await;
            let line = line.unwrap_or_else(|_| panic!("no {beginning:?} after {:?}", self.told));
            let Some(line) = line.unwrap() else { panic!("it ended after {:?}", self.told) };
            self.told.push(line.clone());
            if line.starts_with(beginning) {
                return line;
            }
        }
    }

    pub fn heard(&self, beginning: &str) -> usize {
        self.told.iter().filter(|line| line.starts_with(beginning)).count()
    }

    pub async fn login(&mut self, token: &str) {
        self.say(&format!("login {token}")).await;
        self.hear("signed in").await;
    }

    pub async fn logout(&mut self) {
        self.say("logout").await;
        self.hear("signed out").await;
    }

    pub async fn call(&mut self, count: u64) -> Called {
        self.say(&format!("call {count}")).await;
        self.called().await
    }

    /// Waits until the calls have ended that it was told to make.
    pub async fn called(&mut self) -> Called {
        let line = self.hear("called ").await;
        let number = |name: &str| {
            let (_, rest) = line.split_once(name).unwrap();
            rest.split(' ').next().unwrap().parse().unwrap()
        };
        Called { good: number("good="), lost: number("lost="), bad: number("bad=") }
    }

    /// `kill -9`.
    pub async fn kill(&mut self) {
        self.child.kill().await.unwrap();
    }

    pub async fn signal(&self, name: &str) {
        signal(self.child.id().unwrap(), name).await;
    }
}

/// Sends a signal to a process.
pub async fn signal(process: u32, name: &str) {
    let sent = Command::new("kill").arg(format!("-{name}")).arg(process.to_string()).status().await;
    assert!(sent.unwrap().success(), "the process {process} is gone");
}

/// All of them worked.
pub const fn good(count: u64) -> Called {
    Called { good: count, lost: 0, bad: 0 }
}

/// As many processes with as many calls each, through as many expiries.
pub async fn one_refresh_for_each_expiry(store: &str, rounds: usize) {
    let server = Server::start(perennial_tests::Protocol::article());
    let mut workers = Vec::new();
    for _ in 0..8 {
        workers.push(Worker::start(&server, store).await);
    }
    workers[0].login(&server.issue("ann").access).await;
    for round in 1..=rounds {
        server.expire_all();
        for worker in &mut workers {
            worker.say("call 25").await;
        }
        for worker in &mut workers {
            assert_eq!(worker.called().await, good(25), "{:?}", worker.told);
        }
        assert_eq!(server.refreshes(), round, "after {round} expiries");
    }
    assert_eq!((server.rotations(), server.reuses()), (rounds, 0));
    for worker in &workers {
        assert_eq!(worker.heard("event store-failed"), 0, "{:?}", worker.told);
    }
}

/// A directory of the test's own, gone with it.
pub struct Scratch(PathBuf);

impl Scratch {
    pub fn new(name: &str) -> Self {
        let path = std::env::temp_dir().join(format!("perennial-{name}-{}", std::process::id()));
        let _ = std::fs::remove_dir_all(&path);
        std::fs::create_dir(&path).unwrap();
        Self(path)
    }

    pub fn path(&self) -> &Path {
        &self.0
    }

    pub fn file(&self) -> PathBuf {
        self.0.join("tokens.json")
    }
}

impl Drop for Scratch {
    fn drop(&mut self) {
        let _ = std::fs::remove_dir_all(&self.0);
    }
}

/// A number from the environment, for the long form of a test.
pub fn times(name: &str, otherwise: usize) -> usize {
    std::env::var(name).ok().and_then(|times| times.parse().ok()).unwrap_or(otherwise)
}
