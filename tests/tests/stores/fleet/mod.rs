//! Processes that share a store, and what can be done to them.

// Each test binary uses a part of it.
#![allow(dead_code, unreachable_pub)]

pub mod kills;
pub mod together;

use std::path::{Path, PathBuf};
use std::process::Stdio;
use std::time::Duration;

use perennial_tests::Server;
use tokio::io::{AsyncBufReadExt, AsyncWriteExt, BufReader, Lines};
use tokio::process::{Child, ChildStdin, ChildStdout, Command};
use tokio::time::timeout;

/// Nothing that a worker does takes so long.
const LIMIT: Duration = Duration::from_secs(60);

const PROGRAM: &str = env!("CARGO_BIN_EXE_store_worker");

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
    /// Its reports.
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
        let mut command = Command::new(PROGRAM);
        command.envs(pause.map(|pause| ("WORKER_PAUSE", pause)));
        Self::begin(command, server, store).await
    }

    /// A worker whose refresh may take so long, and that waits at a stage.
    pub async fn limited(server: &Server, store: &str, millis: u64, stage: &str) -> Self {
        let mut command = Command::new(PROGRAM);
        command.env("WORKER_LIMIT", millis.to_string()).env("WORKER_PAUSE", stage);
        Self::begin(command, server, store).await
    }

    /// A worker that a shell starts once it has done this.
    pub async fn after(server: &Server, store: &str, words: &str) -> Self {
        let mut command = Command::new("sh");
        command.args(["-c", &format!("{words}; exec \"$0\""), PROGRAM]);
        Self::begin(command, server, store).await
    }

    async fn begin(mut command: Command, server: &Server, store: &str) -> Self {
        if let ["keyring", _, data] = store.split(' ').collect::<Vec<_>>()[..] {
            // Where the locks are.
            command.env("XDG_DATA_HOME", data);
        }
        let mut child = command
            .env("WORKER_BASE", server.origin())
            .env("WORKER_STORE", store)
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

    /// Signs in with a further credential.
    pub async fn login_as(&mut self, credential: &str, token: &str) {
        self.login(&format!("{credential} {token}")).await;
    }

    /// Waits until it knows of a change.
    pub async fn notice(&mut self) {
        self.say("notice").await;
        self.hear("noticed").await;
    }

    pub async fn logout(&mut self) {
        self.say("logout").await;
        self.hear("signed out").await;
    }

    pub async fn call(&mut self, count: u64) -> Called {
        self.say(&format!("call {count}")).await;
        self.called().await
    }

    /// Waits until the calls that it was commanded to make have ended.
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
        signal(self.process(), name).await;
    }

    pub fn process(&self) -> u32 {
        self.child.id().unwrap()
    }
}

/// Sends a signal to a process.
pub async fn signal(process: u32, name: &str) {
    let sent = Command::new("kill").arg(format!("-{name}")).arg(process.to_string()).status().await;
    assert!(sent.unwrap().success(), "the process {process} is gone");
}

/// All of them failed because no user is signed in.
pub const fn lost(count: u64) -> Called {
    Called { good: 0, lost: count, bad: 0 }
}

/// All of them worked.
pub const fn good(count: u64) -> Called {
    Called { good: count, lost: 0, bad: 0 }
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
