//! Redis restarted, paused, cut off and out of memory while calls run.

#![cfg(feature = "redis")]
use std::time::{Duration, Instant};

use crate::fleet::{Worker, good, lost};
use crate::redis_server::{Proxy, Redis, or_skip};
use perennial_tests::{Protocol, Server};

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn when_redis_loses_everything_the_session_continues_and_is_saved_again() {
    let Some(mut redis) = or_skip().await else { return };
    let server = Server::start(Protocol::article());
    let store = redis.store(2_000);
    let mut one = Worker::start(&server, &store).await;
    one.login(&server.issue("ann").access).await;
    let mut other = Worker::start(&server, &store).await;
    assert_eq!((one.call(1).await, other.call(1).await), (good(1), good(1)));
    for restart in 1..=3 {
        redis.restart().await;
        assert_eq!(one.call(5).await, good(5), "a call that needs no refresh needs no Redis");
        server.expire_all();
        one.say("call 5").await;
        other.say("call 5").await;
        assert_eq!(one.called().await, good(5), "{:?}", one.told);
        assert_eq!(other.called().await, good(5), "{:?}", other.told);
        assert_eq!((server.refreshes(), server.reuses()), (restart, 0));
        let told = one.heard("event store-failed") + other.heard("event store-failed");
        assert!(told >= restart, "{:?} {:?}", one.told, other.told);
    }
    let mut late = Worker::start(&server, &store).await;
    assert_eq!(late.call(1).await, good(1), "{:?}", late.told);
}

/// Redis does not respond as it should: the calls go on, an event says so, and what could not be saved
/// is saved as soon as that is possible again.
async fn goes_on_without(
    redis: &Redis,
    store: &str,
    broken: impl AsyncFnOnce(),
    mended: impl AsyncFnOnce(),
) {
    let server = Server::start(Protocol::article());
    let mut worker = Worker::start(&server, store).await;
    worker.login(&server.issue("ann").access).await;
    assert_eq!(worker.call(1).await, good(1));
    let before = redis.generation().await;
    broken().await;
    assert_eq!(worker.call(5).await, good(5));
    server.expire_all();
    let began = Instant::now();
    assert_eq!(worker.call(5).await, good(5), "{:?}", worker.told);
    assert!(began.elapsed() < Duration::from_secs(10), "it took {:?}", began.elapsed());
    assert!(worker.heard("event store-failed") > 0, "{:?}", worker.told);
    assert_eq!((server.refreshes(), server.reuses()), (1, 0));
    mended().await;
    let until = Instant::now() + Duration::from_secs(20);
    while redis.generation().await <= before {
        assert!(Instant::now() < until, "it was not saved later: {:?}", worker.told);
        tokio::time::sleep(Duration::from_millis(50)).await;
    }
    let mut late = Worker::start(&server, store).await;
    assert_eq!(late.call(1).await, good(1), "{:?}", late.told);
    assert_eq!((server.refreshes(), server.reuses()), (1, 0));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn calls_continue_while_redis_is_paused() {
    let Some(redis) = or_skip().await else { return };
    let store = redis.store(10_000);
    goes_on_without(
        &redis,
        &store,
        async || redis.signal("STOP").await,
        async || redis.signal("CONT").await,
    )
    .await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn calls_continue_while_the_connection_to_redis_is_cut() {
    let Some(redis) = or_skip().await else { return };
    let proxy = Proxy::to(&redis).await;
    let store = redis.store_at(proxy.port(), 10_000);
    goes_on_without(&redis, &store, async || proxy.hold(), async || proxy.let_go()).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn calls_continue_while_redis_is_out_of_memory() {
    let Some(redis) = or_skip().await else { return };
    let store = redis.store(10_000);
    goes_on_without(
        &redis,
        &store,
        async || drop(redis.ask(&["config", "set", "maxmemory", "1"]).await),
        async || drop(redis.ask(&["config", "set", "maxmemory", "0"]).await),
    )
    .await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_change_of_another_process_during_an_outage_of_redis_is_adopted_afterwards() {
    let Some(redis) = or_skip().await else { return };
    let server = Server::start(Protocol::article());
    let proxy = Proxy::to(&redis).await;
    let mut one = Worker::start(&server, &redis.store(10_000)).await;
    one.login(&server.issue("ann").access).await;
    redis.listeners("shop", 1).await;
    let mut other = Worker::start(&server, &redis.store_at(proxy.port(), 10_000)).await;
    redis.listeners("shop", 2).await;
    assert_eq!(other.call(1).await, good(1));
    proxy.cut();
    redis.listeners("shop", 1).await;
    one.logout().await;
    redis.listeners("shop", 2).await;
    // A missed change counts as reported as soon as it listens again.
    other.notice().await;
    assert_eq!(other.call(1).await, lost(1), "{:?}", other.told);
    assert_eq!(other.heard("event lost"), 1, "{:?}", other.told);
    assert_eq!(server.refreshes(), 0);
}
