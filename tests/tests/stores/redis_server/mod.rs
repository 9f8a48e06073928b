//! A Redis of the test's own, and a way to it that can be cut.

// Each test binary uses a part of it.
#![allow(dead_code, unreachable_pub)]

use std::net::TcpListener;
use std::process::Stdio;
use std::time::{Duration, Instant};

use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;
use tokio::process::{Child, Command};
use tokio::sync::watch;

use crate::fleet::signal;

/// A Redis that ends with the test.
pub struct Redis {
    port: u16,
    server: Child,
}

/// Whether there is no Redis to be had. CI has one.
pub fn is_missing() -> bool {
    let is_missing = std::env::var_os("REDIS").is_none();
    if is_missing {
        assert!(std::env::var("CI").as_deref() != Ok("true"), "there is no Redis in CI");
        eprintln!("skipped: REDIS is not set; `eval \"$(ci/redis.sh start)\"` sets it");
    }
    is_missing
}

/// A Redis, where there is one.
pub async fn or_skip() -> Option<Redis> {
    if is_missing() { None } else { Some(Redis::start(free_port()).await) }
}

impl Redis {
    async fn start(port: u16) -> Self {
        let server = Command::new("redis-server")
            .args(["--bind", "127.0.0.1", "--save", "", "--appendonly", "no"])
            .args(["--port", &port.to_string()])
            .current_dir(std::env::temp_dir())
            .stdout(Stdio::null())
            .kill_on_drop(true)
            .spawn()
            .unwrap();
        let redis = Self { port, server };
        let until = Instant::now() + Duration::from_secs(20);
        while redis.ask(&["ping"]).await.trim() != "PONG" {
            assert!(Instant::now() < until, "redis-server does not answer");
            tokio::time::sleep(Duration::from_millis(20)).await;
        }
        redis
    }

    /// Kills it and starts it again on its port. Nothing was kept.
    pub async fn restart(&mut self) {
        self.server.kill().await.unwrap();
        *self = Self::start(self.port).await;
    }

    pub fn url(&self) -> String {
        format!("redis://127.0.0.1:{}/", self.port)
    }

    /// A command for a worker.
    pub fn store(&self, lease: u64) -> String {
        self.store_at(self.port, lease)
    }

    /// The same under another key.
    pub fn store_of(&self, key: &str, lease: u64) -> String {
        format!("redis {} {key} {lease}", self.url())
    }

    pub fn store_at(&self, port: u16, lease: u64) -> String {
        format!("redis redis://127.0.0.1:{port}/ shop {lease}")
    }

    /// The output of `redis-cli`.
    pub async fn ask(&self, words: &[&str]) -> String {
        let asking = Command::new("redis-cli")
            .args(["-h", "127.0.0.1", "-p", &self.port.to_string()])
            .args(words)
            .output();
        String::from_utf8(asking.await.unwrap().stdout).unwrap()
    }

    /// The generation of the tokens that are kept.
    pub async fn generation(&self) -> u64 {
        self.ask(&["hget", "shop", "generation"]).await.trim().parse().unwrap_or(0)
    }

    /// Waits until so many listen to what happens under this key.
    pub async fn listeners(&self, key: &str, count: u64) {
        let channel = format!("{{{key}}}:changes");
        let until = Instant::now() + Duration::from_secs(20);
        loop {
            let told = self.ask(&["pubsub", "numsub", &channel]).await;
            if told.lines().last().and_then(|line| line.trim().parse().ok()) == Some(count) {
                return;
            }
            assert!(Instant::now() < until, "there are not {count} who listen: {told}");
            tokio::time::sleep(Duration::from_millis(10)).await;
        }
    }

    /// How many commands it has run, scripts as one and what they do as others.
    pub async fn commands(&self) -> u64 {
        let told = self.ask(&["info", "stats"]).await;
        let (_, rest) = told.split_once("total_commands_processed:").unwrap();
        rest.lines().next().unwrap().trim().parse().unwrap()
    }

    pub async fn signal(&self, name: &str) {
        signal(self.server.id().unwrap(), name).await;
    }
}

/// A way to a Redis. When it is held, connections stay open and nothing comes through.
pub struct Proxy {
    port: u16,
    held: watch::Sender<bool>,
    /// Counts how often all connections were closed.
    cuts: watch::Sender<u32>,
}

impl Proxy {
    pub async fn to(redis: &Redis) -> Self {
        let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
        let (port, target) = (listener.local_addr().unwrap().port(), redis.port);
        let held = watch::Sender::new(false);
        let cuts = watch::Sender::new(0);
        let (holding, cutting) = (held.subscribe(), cuts.subscribe());
        tokio::spawn(async move {
            while let Ok((client, _)) = listener.accept().await {
                let (holding, mut cutting) = (holding.clone(), cutting.clone());
                cutting.mark_unchanged();
                tokio::spawn(async move {
                    let server = TcpStream::connect(("127.0.0.1", target)).await.unwrap();
                    let (from_client, to_client) = client.into_split();
                    let (from_server, to_server) = server.into_split();
                    tokio::select! {
                        () = pass(from_client, to_server, holding.clone()) => {}
                        () = pass(from_server, to_client, holding) => {}
                        _ = cutting.changed() => {}
                    }
                });
            }
        });
        Self { port, held, cuts }
    }

    pub const fn port(&self) -> u16 {
        self.port
    }

    pub fn hold(&self) {
        self.held.send_replace(true);
    }

    /// Closes all connections; new ones come through.
    pub fn cut(&self) {
        self.cuts.send_modify(|cuts| *cuts += 1);
    }

    pub fn let_go(&self) {
        self.held.send_replace(false);
    }
}

async fn pass(
    mut from: impl AsyncReadExt + Unpin,
    mut to: impl AsyncWriteExt + Unpin,
    mut held: watch::Receiver<bool>,
) {
    let mut buffer = [0; 4096];
    while let Ok(read) = from.read(&mut buffer).await {
        if held.wait_for(|held| !held).await.is_err()
            || read == 0
            || to.write_all(&buffer[..read]).await.is_err()
        {
            return;
        }
    }
}

pub fn free_port() -> u16 {
    TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().port()
}
