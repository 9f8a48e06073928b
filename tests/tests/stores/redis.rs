//! Processes that share a Redis, and what can happen to it.

#![cfg(feature = "redis")]
use std::time::{Duration, Instant};

use crate::fleet::kills::whenever_the_holder_is_killed;
use crate::fleet::together::{
    one_refresh_for_each_credential, one_refresh_for_each_expiry,
    what_others_do_is_met_before_the_next_call,
};
use crate::fleet::{Worker, good, lost, times};
use crate::redis_server::or_skip;
use perennial::store::{RedisStore, TokenStore};
use perennial_tests::{Protocol, Server};

/// A lease that runs out while a test waits for it.
const SHORT: u64 = 400;

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn eight_processes_with_25_calls_each_make_one_refresh_for_each_expiry() {
    let Some(redis) = or_skip().await else { return };
    one_refresh_for_each_expiry(&redis.store(10_000), times("PERENNIAL_ROUNDS", 20)).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn waiters_are_woken_with_the_new_token_and_do_not_poll() {
    let Some(redis) = or_skip().await else { return };
    let server = Server::start(Protocol::article());
    let mut workers = Vec::new();
    for _ in 0..4 {
        workers.push(Worker::start(&server, &redis.store(30_000)).await);
    }
    workers[0].login(&server.issue("ann").access).await;
    for worker in &mut workers {
        assert_eq!(worker.call(1).await, good(1));
    }
    server.expire_all();
    let hold = server.hold_refresh();
    for worker in &mut workers {
        worker.say("call 5").await;
    }
    hold.arrived(1).await;
    tokio::time::sleep(Duration::from_millis(500)).await;
    let before = redis.commands().await;
    tokio::time::sleep(Duration::from_secs(1)).await;
    // The two looks at the statistics are commands themselves.
    let asked = redis.commands().await - before;
    assert!(asked <= 4, "{asked} commands in a second in which nothing happened");
    let began = Instant::now();
    hold.release();
    for worker in &mut workers {
        assert_eq!(worker.called().await, good(5), "{:?}", worker.told);
    }
    assert!(began.elapsed() < Duration::from_secs(5));
    assert_eq!((server.refreshes(), server.reuses()), (1, 0));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_holder_that_was_stopped_for_longer_than_its_lease_does_not_refresh() {
    let Some(redis) = or_skip().await else { return };
    let server = Server::start(Protocol::article());
    let store = redis.store(SHORT);
    let mut holder = Worker::pausing(&server, &store, "looked", 300).await;
    holder.login(&server.issue("ann").access).await;
    let mut other = Worker::start(&server, &store).await;
    assert_eq!((holder.call(1).await, other.call(1).await), (good(1), good(1)));
    server.expire_all();
    holder.say("call 5").await;
    holder.hear("stage looked").await;
    holder.signal("STOP").await;
    assert_eq!(other.call(5).await, good(5), "{:?}", other.told);
    assert_eq!(server.refreshes(), 1);
    let kept = redis.generation().await;
    holder.signal("CONT").await;
    assert_eq!(holder.called().await, good(5), "{:?}", holder.told);
    assert_eq!((server.refreshes(), server.reuses()), (1, 0), "{:?}", holder.told);
    assert_eq!(redis.generation().await, kept, "the newer token was overwritten");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_holder_that_was_stopped_during_its_refresh_completes_it() {
    let Some(redis) = or_skip().await else { return };
    let server = Server::start(Protocol::article());
    let store = redis.store(SHORT);
    let mut holder = Worker::start(&server, &store).await;
    holder.login(&server.issue("ann").access).await;
    let mut other = Worker::start(&server, &store).await;
    assert_eq!((holder.call(1).await, other.call(1).await), (good(1), good(1)));
    server.expire_all();
    let hold = server.hold_refresh();
    holder.say("call 5").await;
    hold.arrived(1).await;
    holder.signal("STOP").await;
    other.say("call 5").await;
    hold.release();
    tokio::time::sleep(Duration::from_millis(4 * SHORT)).await;
    assert_eq!(server.refreshes(), 1, "the token that the holder had used was presented again");
    holder.signal("CONT").await;
    assert_eq!(holder.called().await, good(5), "{:?}", holder.told);
    assert_eq!(other.called().await, good(5), "{:?}", other.told);
    assert_eq!((server.refreshes(), server.reuses()), (1, 0));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_holder_that_was_stopped_before_it_saved_does_not_overwrite_newer_tokens() {
    let Some(redis) = or_skip().await else { return };
    // Reuse of the token of the killed holder is forgiven, or there would be nothing newer.
    let grace = Some(Duration::from_secs(600));
    let server = Server::start(Protocol { grace, ..Protocol::article() });
    let store = redis.store(SHORT);
    // A lock lives as long as a refresh may take, and five seconds.
    let limit = 1_000;
    let mut holder = Worker::limited(&server, &store, limit, "saving 300").await;
    holder.login(&server.issue("ann").access).await;
    let mut other = Worker::limited(&server, &store, limit, "").await;
    assert_eq!((holder.call(1).await, other.call(1).await), (good(1), good(1)));
    server.expire_all();
    holder.say("call 5").await;
    holder.hear("stage saving").await;
    holder.signal("STOP").await;
    assert_eq!(other.call(5).await, good(5), "{:?}", other.told);
    server.expire_all();
    assert_eq!(other.call(5).await, good(5), "{:?}", other.told);
    assert_eq!((server.refreshes(), server.rotations()), (3, 2));
    let kept = redis.ask(&["hgetall", "shop"]).await;
    holder.signal("CONT").await;
    // Its calls may go out with what it had brought, and come back expired once more. So may later ones, until
    // it has found the newer token.
    holder.called().await;
    if holder.heard("event finished") == 0 {
        holder.hear("event finished").await;
    }
    assert_eq!(holder.call(5).await, good(5), "{:?}", holder.told);
    assert_eq!(other.call(5).await, good(5), "{:?}", other.told);
    assert_eq!(redis.ask(&["hgetall", "shop"]).await, kept, "the newer token was overwritten");
    assert_eq!((server.refreshes(), server.reuses()), (3, 0), "{:?}", holder.told);
}

/// Fleets under keys of their own, since after a kill a lock lives as long as a refresh may take. Half of
/// them where a strict server revokes the login when a token is reused, and half where nothing
/// has to be lost.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn whenever_the_holder_is_killed_its_lock_expires_and_the_others_continue() {
    let Some(redis) = or_skip().await else { return };
    let redis = &redis;
    let fleets = 10;
    let kills = times("PERENNIAL_KILLS", 80) / fleets;
    let fleet = async |number: usize| {
        let key = format!("fleet{number}");
        let store = redis.store_of(&key, SHORT);
        let kept = async || {
            let store = RedisStore::open(&redis.url(), &key).unwrap();
            matches!(store.load().await, Ok(Some(_)))
        };
        let grace = number.is_multiple_of(2).then(|| Duration::from_secs(600));
        whenever_the_holder_is_killed(grace, &store, 1_000, kills, kept).await
    };
    let saved: usize = futures::future::join_all((0..fleets).map(fleet)).await.iter().sum();
    println!(
        "of {kills} kills in each of {fleets} fleets, a fourth in the write, {saved} after it"
    );
    assert!(!redis.ask(&["keys", "*"]).await.contains("corrupt"));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn two_credentials_of_many_processes_are_renewed_once_each() {
    let Some(redis) = or_skip().await else { return };
    one_refresh_for_each_credential(&redis.store(10_000)).await;
    assert_eq!(redis.ask(&["keys", "{shop}:tokens:*"]).await.trim(), "{shop}:tokens:device");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_change_of_another_process_is_adopted_before_the_next_call_is_sent() {
    let Some(redis) = or_skip().await else { return };
    what_others_do_is_met_before_the_next_call(&redis.store(10_000)).await;
}

#[tokio::test]
async fn a_sign_out_in_one_process_ends_the_session_of_the_other() {
    let Some(redis) = or_skip().await else { return };
    let server = Server::start(Protocol::article());
    let store = redis.store(10_000);
    let mut one = Worker::start(&server, &store).await;
    one.login(&server.issue("ann").access).await;
    let mut other = Worker::start(&server, &store).await;
    assert_eq!(other.call(1).await, good(1));
    one.logout().await;
    server.expire_all();
    assert_eq!(other.call(2).await, lost(2));
    assert_eq!(server.refreshes(), 0, "a token was renewed that nobody wants");
}
