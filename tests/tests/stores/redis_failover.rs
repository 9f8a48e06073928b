//! Redis as fleets run it: a master that fails over under Sentinel, and a slot of a cluster that moves, while a
//! refresh is in flight.

#![cfg(feature = "redis")]

use std::process::Stdio;
use std::time::{Duration, Instant};

use perennial_tests::{Protocol, Server};
use tokio::process::{Child, Command};

use super::fleet::{Scratch, Worker, good};
use super::redis_server::{free_port, is_missing};

/// A process of Redis, ended with the test.
struct Node {
    port: u16,
    process: Child,
}

impl Node {
    async fn start(program: &str, scratch: &Scratch, options: &[&str]) -> Self {
        let port = free_port();
        let directory = scratch.path().join(port.to_string());
        std::fs::create_dir(&directory).unwrap();
        let process = Command::new(program)
            .args(options)
            .args(["--bind", "127.0.0.1", "--port", &port.to_string()])
            .current_dir(directory)
            .stdout(Stdio::null())
            .kill_on_drop(true)
            .spawn()
            .unwrap();
        let node = Self { port, process };
        until("it responds", async || node.ask(&["ping"]).await.trim() == "PONG").await;
        node
    }

    async fn ask(&self, words: &[&str]) -> String {
        ask(self.port, words).await
    }
}

async fn ask(port: u16, words: &[&str]) -> String {
    let port = port.to_string();
    let asking =
        Command::new("redis-cli").args(["-h", "127.0.0.1", "-p", &port]).args(words).output();
    String::from_utf8(asking.await.unwrap().stdout).unwrap()
}

async fn until(what: &str, holds: impl AsyncFn() -> bool) {
    let deadline = Instant::now() + Duration::from_secs(30);
    while !holds().await {
        assert!(Instant::now() < deadline, "not within 30 seconds: {what}");
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
}

const MEMORY: [&str; 4] = ["--save", "", "--appendonly", "no"];

/// Two processes share a store. While the refresh of one is in flight, something happens to Redis, and the
/// other needs the new token as well.
async fn one_refresh_whatever_happens(
    store: &str,
    happens: impl AsyncFnOnce(),
) -> (Server, [Worker; 2]) {
    let server = Server::start(Protocol::article());
    let mut one = Worker::start(&server, store).await;
    one.login(&server.issue("ann").access).await;
    let mut other = Worker::start(&server, store).await;
    assert_eq!((one.call(1).await, other.call(1).await), (good(1), good(1)));
    server.expire_all();
    let hold = server.hold_refresh();
    one.say("call 5").await;
    hold.arrived(1).await;
    happens().await;
    other.say("call 5").await;
    // The call of the other comes back expired before the refresh completes.
    until("the other waits", async || server.expiries() >= 2).await;
    hold.release();
    assert_eq!(one.called().await, good(5), "{:?}", one.told);
    assert_eq!(other.called().await, good(5), "{:?}", other.told);
    assert_eq!((server.refreshes(), server.reuses()), (1, 0), "{:?} {:?}", one.told, other.told);
    (server, [one, other])
}

/// The new token has arrived, and the next refresh is one again.
async fn and_the_next_one(server: &Server, workers: &mut [Worker; 2], store: &str) {
    let mut late = Worker::start(server, store).await;
    assert_eq!(late.call(1).await, good(1), "{:?}", late.told);
    assert_eq!(server.refreshes(), 1, "the token was lost");
    server.expire_all();
    for worker in &mut *workers {
        worker.say("call 5").await;
    }
    for worker in workers {
        assert_eq!(worker.called().await, good(5), "{:?}", worker.told);
    }
    assert_eq!((server.refreshes(), server.reuses()), (2, 0));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_failover_under_sentinel_causes_no_second_refresh_and_loses_no_token() {
    if is_missing() {
        return;
    }
    let scratch = Scratch::new("sentinel");
    let mut master = Node::start("redis-server", &scratch, &MEMORY).await;
    let master_port = master.port.to_string();
    let replica = [&MEMORY[..], &["--replicaof", "127.0.0.1", &master_port]].concat();
    let replica = Node::start("redis-server", &scratch, &replica).await;
    until("the replica is in step", async || {
        replica.ask(&["info", "replication"]).await.contains("master_link_status:up")
    })
    .await;
    let config = scratch.path().join("sentinel.conf");
    std::fs::write(
        &config,
        format!(
            "sentinel monitor shop 127.0.0.1 {master_port} 1\n\
             sentinel down-after-milliseconds shop 500\n\
             sentinel failover-timeout shop 3000\n"
        ),
    )
    .unwrap();
    let sentinel = Node::start("redis-sentinel", &scratch, &[config.to_str().unwrap()]).await;
    until("the sentinel knows the replica", async || {
        sentinel.ask(&["sentinel", "replicas", "shop"]).await.contains(&replica.port.to_string())
    })
    .await;
    let store = format!("sentinel redis://shop/ redis://127.0.0.1:{}/ tokens", sentinel.port);
    let (server, mut workers) = one_refresh_whatever_happens(&store, async || {
        master.process.kill().await.unwrap();
    })
    .await;
    until("the replica is the master", async || replica.ask(&["role"]).await.starts_with("master"))
        .await;
    and_the_next_one(&server, &mut workers, &store).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_slot_of_a_cluster_that_moves_causes_no_second_refresh_and_loses_no_token() {
    if is_missing() {
        return;
    }
    let scratch = Scratch::new("cluster");
    let options = [&MEMORY[..], &["--cluster-enabled", "yes"]].concat();
    let mut nodes = Vec::new();
    for _ in 0..3 {
        nodes.push(Node::start("redis-server", &scratch, &options).await);
    }
    let addresses: Vec<_> = nodes.iter().map(|node| format!("127.0.0.1:{}", node.port)).collect();
    let mut create = vec!["--cluster", "create"];
    create.extend(addresses.iter().map(String::as_str));
    create.extend(["--cluster-replicas", "0", "--cluster-yes"]);
    ask(nodes[0].port, &create).await;
    until("the cluster is ready", async || {
        let mut all = true;
        for node in &nodes {
            all &= node.ask(&["cluster", "info"]).await.contains("cluster_state:ok");
        }
        all
    })
    .await;
    let slot = nodes[0].ask(&["cluster", "keyslot", "tokens"]).await.trim().to_owned();
    let first = slot.parse::<u32>().unwrap() / 5462;
    let (from, to) = (&nodes[first as usize], &nodes[(first as usize + 1) % 3]);
    let ids = (from.ask(&["cluster", "myid"]).await, to.ask(&["cluster", "myid"]).await);
    let (from_id, to_id) = (ids.0.trim(), ids.1.trim());
    let store = format!("cluster redis://127.0.0.1:{}/ tokens", nodes[0].port);
    let (server, mut workers) = one_refresh_whatever_happens(&store, async || {
        to.ask(&["cluster", "setslot", &slot, "importing", from_id]).await;
        from.ask(&["cluster", "setslot", &slot, "migrating", to_id]).await;
        let keys = from.ask(&["cluster", "getkeysinslot", &slot, "100"]).await;
        let port = to.port.to_string();
        let mut migrate = vec!["migrate", "127.0.0.1", &port, "", "0", "5000", "keys"];
        assert!(keys.lines().count() >= 2, "there are no tokens in the slot: {keys}");
        migrate.extend(keys.lines());
        assert_eq!(from.ask(&migrate).await.trim(), "OK");
        for node in &nodes {
            node.ask(&["cluster", "setslot", &slot, "node", to_id]).await;
        }
    })
    .await;
    assert!(to.ask(&["exists", "tokens"]).await.trim() == "1");
    and_the_next_one(&server, &mut workers, &store).await;
}
