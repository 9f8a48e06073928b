//! Processes that share a store, and what can be done to them.

// Each test binary uses a part of it.
#![allow(dead_code, unreachable_pub)]

use std::path::{Path, PathBuf};
use std::process::Stdio;
use std::time::Duration;

use axum::extract::Path as Segment;
use perennial_tests::{Payload, Placement, Protocol, Reply, Server};
use serde_json::json;
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

    /// Waits until it knows that somebody has changed something.
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

/// All of them were told that nobody is signed in.
pub const fn lost(count: u64) -> Called {
    Called { good: 0, lost: count, bad: 0 }
}

/// All of them worked.
pub const fn good(count: u64) -> Called {
    Called { good: count, lost: 0, bad: 0 }
}

/// As many processes with as many calls each, through as many expiries. In each round one of the
/// processes ends, and another begins with what it finds.
pub async fn one_refresh_for_each_expiry(store: &str, rounds: usize) {
    let server = Server::start(Protocol::article());
    let mut workers = Vec::new();
    for _ in 0..8 {
        workers.push(Worker::start(&server, store).await);
    }
    workers[0].login(&server.issue("ann").access).await;
    for round in 1..=rounds {
        server.expire_all();
        workers[round % 8] = Worker::start(&server, store).await;
        for worker in &mut workers {
            worker.say("call 25").await;
        }
        for worker in &mut workers {
            assert_eq!(worker.called().await, good(25), "{:?}", worker.told);
            assert_eq!(worker.heard("event store-failed"), 0, "{:?}", worker.told);
        }
        assert_eq!(server.refreshes(), round, "after {round} expiries");
    }
    assert_eq!((server.rotations(), server.reuses()), (rounds, 0));
}

/// Processes whose calls carry two tokens, each of which is renewed for itself.
pub async fn one_refresh_for_each_credential(store: &str) {
    let device = Protocol {
        placement: Placement::Header("x-device"),
        refresh: "POST /device/refresh",
        login: "POST /device/login",
        logout: "",
        expired: Reply::json(&json!({"code": 5678, "message": "device token expired"})),
        unknown: Reply::json(&json!({"code": 5001, "message": "unknown device"})),
        refresh_refused: Reply::json(&json!({"code": 5001, "message": "unknown device"})),
        ..Protocol::article()
    };
    let server = Server::with_credentials([Protocol::article(), device]);
    let both = async |Segment(id): Segment<u64>| Payload(json!({"id": id, "title": "both"}));
    server.route("/both/{id}", axum::routing::any(both));
    server.ask("/both/{id}", &[0, 1]);
    let mut workers = Vec::new();
    for _ in 0..2 {
        workers.push(Worker::start(&server, store).await);
    }
    workers[0].login(&server.issue("ann").access).await;
    workers[0].login_as("device", &server.credential(1).issue("phone").access).await;
    for round in 1..=5 {
        server.expire_all();
        server.credential(1).expire_all();
        workers[round % 2] = Worker::start(&server, store).await;
        for worker in &mut workers {
            worker.say("both 10").await;
        }
        for worker in &mut workers {
            assert_eq!(worker.called().await, good(10), "{:?}", worker.told);
            assert_eq!(worker.heard("event store-failed"), 0, "{:?}", worker.told);
        }
        let refreshes = (server.tokens().refreshes(), server.credential(1).refreshes());
        assert_eq!(refreshes, (round, round), "after {round} expiries of each");
    }
    assert_eq!(server.reuses(), 0);
    workers[0].logout().await;
    let mut late = Worker::start(&server, store).await;
    late.say("both 1").await;
    assert_eq!(late.called().await, lost(1), "{:?}", late.told);
}

/// What one process does is met by the next call of another, before it goes out.
pub async fn what_others_do_is_met_before_the_next_call(store: &str) {
    let server = Server::start(Protocol::article());
    let mut one = Worker::start(&server, store).await;
    let mut other = Worker::start(&server, store).await;
    assert_eq!(other.call(1).await, lost(1), "nobody is signed in yet");
    one.login(&server.issue("ann").access).await;
    other.notice().await;
    assert_eq!(other.call(5).await, good(5), "a login was not met: {:?}", other.told);
    server.expire_all();
    assert_eq!(one.call(1).await, good(1));
    other.notice().await;
    let before = server.expiries();
    assert_eq!(other.call(5).await, good(5));
    assert_eq!(server.expiries(), before, "a call went out with a token that was renewed");
    let bob = server.issue("bob").access;
    one.login(&bob).await;
    other.notice().await;
    let changed = Called { bad: 1, ..Called::default() };
    assert_eq!(other.call(1).await, changed, "a call of one user ran as the other");
    let is_told = |line: &String| line.contains("SessionChanged");
    assert_eq!(other.told.iter().filter(|line| is_told(line)).count(), 1, "{:?}", other.told);
    assert_eq!(other.call(5).await, good(5));
    assert_eq!(server.carrying(&bob), 5);
    one.logout().await;
    other.notice().await;
    let before = server.requests();
    assert_eq!(other.call(5).await, lost(5), "{:?}", other.told);
    assert_eq!(server.requests(), before, "a call went out for a user who had signed out");
    assert_eq!(other.heard("event lost"), 1, "{:?}", other.told);
    one.login(&server.issue("ann").access).await;
    other.notice().await;
    assert_eq!(other.call(1).await, changed, "what was started as one went out as the next");
    assert_eq!(other.call(5).await, good(5), "{:?}", other.told);
    assert_eq!((server.refreshes(), server.reuses()), (1, 0));
}

/// Where the holder of the lock is killed.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum Stage {
    /// Nothing was sent yet.
    Looked,
    /// The server has spent the old token, and its answer is on the way.
    UnderWay,
    /// The new token is there, and not saved.
    Saving,
    /// Somewhere in the write, or before, or after.
    Writing,
}

impl Stage {
    pub const ALL: [Self; 4] = [Self::Looked, Self::UnderWay, Self::Saving, Self::Writing];
}

/// Kills the holder of the lock at one stage after the other. `refresh` is how many milliseconds one may
/// take, and `kept` looks whether there are tokens in the store. Says how many of those who were killed
/// in the write had saved.
///
/// A server with `grace` gives the answer again that died with the holder; a strict one ends the login,
/// which is told.
pub async fn whenever_the_holder_is_killed(
    grace: Option<Duration>,
    store: &str,
    refresh: u64,
    kills: usize,
    kept: impl AsyncFn() -> bool,
) -> usize {
    let server = Server::start(Protocol { grace, ..Protocol::article() });
    if grace.is_none() {
        // A token that was spent and died with its process is presented again by the next.
        server.expect_reuse();
    }
    let mut survivor = Worker::limited(&server, store, refresh, "").await;
    let mut saved = 0;
    for kill in 0..kills {
        let stage = Stage::ALL[kill % 4];
        survivor.login(&server.issue("ann").access).await;
        let delay = Duration::from_micros((kill as u64 * 137) % 3000);
        kill_at(stage, delay, &server, store, refresh).await;
        assert!(kept().await, "killed at {stage:?}, after {delay:?}");
        let rotations = server.rotations();
        let called = survivor.call(3).await;
        let told = &survivor.told;
        match stage {
            _ if grace.is_some() => assert_eq!(called, good(3), "{stage:?}: {told:?}"),
            Stage::Looked => assert_eq!(called, good(3), "{told:?}"),
            // The only valid token died with the process: that is told, and nobody hangs.
            Stage::UnderWay | Stage::Saving => assert_eq!(called, lost(3), "{stage:?}: {told:?}"),
            Stage::Writing if called == good(3) => {}
            Stage::Writing => assert_eq!(called, lost(3), "{told:?}"),
        }
        if stage == Stage::Writing && called == good(3) && server.rotations() == rotations {
            saved += usize::from(survivor.heard("event adopted") > 0);
        }
        // It would be told if the lock had outlived its holder.
        assert_eq!(survivor.heard("event store-failed"), 0, "{stage:?}: {:?}", survivor.told);
        survivor.told.clear();
    }
    saved
}

/// Starts a process, lets it go about a refresh, and kills it.
async fn kill_at(stage: Stage, delay: Duration, server: &Server, store: &str, refresh: u64) {
    let pause = match stage {
        Stage::Looked => "looked 60000",
        Stage::Saving => "saving 60000",
        Stage::Writing => "saving 0",
        Stage::UnderWay => "",
    };
    let mut victim = Worker::limited(server, store, refresh, pause).await;
    assert_eq!(victim.call(1).await, good(1), "{stage:?}: {:?}", victim.told);
    server.expire_all();
    let hold = matches!(stage, Stage::UnderWay).then(|| server.hold_refresh());
    victim.say("call 3").await;
    match (stage, &hold) {
        (Stage::Looked, _) => drop(victim.hear("stage looked").await),
        (_, Some(hold)) => hold.arrived(1).await,
        _ => drop(victim.hear("stage saving").await),
    }
    if matches!(stage, Stage::Writing) {
        // Finer than a timer of tokio.
        std::thread::sleep(delay);
    }
    victim.kill().await;
    drop(hold);
    server.behave();
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
