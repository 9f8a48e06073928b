//! Processes that share a Redis, and what can happen to it.

#![cfg(feature = "redis")]
#![allow(missing_docs, clippy::unwrap_used)]

mod fleet;
mod redis_server;

use std::time::{Duration, Instant};

use fleet::{
    Worker, good, lost, one_refresh_for_each_credential, one_refresh_for_each_expiry, times,
    what_others_do_is_met_before_the_next_call, whenever_the_holder_is_killed,
};
use perennial::{RedisStore, Stamp, StoreError, Stored, TokenStore, Tokens};
use perennial_tests::{Protocol, Server};
use redis_server::{Proxy, Redis, or_skip};

/// A lease that runs out while a test waits for it.
const SHORT: u64 = 400;

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn eight_processes_with_25_calls_each_make_one_refresh_for_each_expiry() {
    let Some(redis) = or_skip().await else { return };
    one_refresh_for_each_expiry(&redis.store(10_000), times("PERENNIAL_ROUNDS", 20)).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn those_who_wait_are_told_of_the_new_token_and_do_not_ask_again_and_again() {
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
async fn a_holder_that_was_stopped_for_longer_than_its_lease_refreshes_no_more() {
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
async fn a_holder_that_was_stopped_while_its_refresh_was_under_way_brings_it_home() {
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
    assert_eq!(server.refreshes(), 1, "the token that the holder had spent was presented again");
    holder.signal("CONT").await;
    assert_eq!(holder.called().await, good(5), "{:?}", holder.told);
    assert_eq!(other.called().await, good(5), "{:?}", other.told);
    assert_eq!((server.refreshes(), server.reuses()), (1, 0));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_holder_that_was_stopped_before_it_saved_does_not_overwrite_what_is_newer() {
    let Some(redis) = or_skip().await else { return };
    // Whoever presents the token that the holder has spent is forgiven, or there would be nothing newer.
    let grace = Some(Duration::from_secs(600));
    let server = Server::start(Protocol { grace, ..Protocol::article() });
    let store = redis.store(SHORT);
    // A lock lives as long as a refresh may take, and five seconds.
    let limit = 100;
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
    // Its calls may go out with what it had brought, and be told once more that it is over.
    holder.called().await;
    assert_eq!(holder.call(5).await, good(5), "{:?}", holder.told);
    assert_eq!(other.call(5).await, good(5), "{:?}", other.told);
    assert_eq!(redis.ask(&["hgetall", "shop"]).await, kept, "the newer token was overwritten");
    assert_eq!((server.refreshes(), server.reuses()), (3, 0), "{:?}", holder.told);
}

/// Fleets under keys of their own, since after a kill a lock lives as long as a refresh may take. Half of
/// them where a strict server ends the login of whoever presents a spent token, and half where nothing
/// has to be lost.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn whenever_the_holder_is_killed_its_lock_runs_out_and_the_others_go_on() {
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
        let grace = (number % 2 == 0).then(|| Duration::from_secs(600));
        whenever_the_holder_is_killed(grace, &store, 100, kills, kept).await
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
async fn what_another_process_does_is_met_before_the_next_call_goes_out() {
    let Some(redis) = or_skip().await else { return };
    what_others_do_is_met_before_the_next_call(&redis.store(10_000)).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_another_process_did_while_redis_was_away_is_met_when_it_is_back() {
    let Some(redis) = or_skip().await else { return };
    let server = Server::start(Protocol::article());
    let proxy = Proxy::to(&redis).await;
    let mut one = Worker::start(&server, &redis.store(10_000)).await;
    let mut other = Worker::start(&server, &redis.store_at(proxy.port(), 10_000)).await;
    one.login(&server.issue("ann").access).await;
    redis.listeners("shop", 1).await;
    assert_eq!(other.call(1).await, good(1));
    redis.listeners("shop", 2).await;
    proxy.cut();
    redis.listeners("shop", 1).await;
    one.logout().await;
    redis.listeners("shop", 2).await;
    // What was missed counts as told as soon as it listens again.
    other.notice().await;
    assert_eq!(other.call(1).await, lost(1), "{:?}", other.told);
    assert_eq!(other.heard("event lost"), 1, "{:?}", other.told);
    assert_eq!(server.refreshes(), 0);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn when_redis_loses_everything_the_session_goes_on_and_is_there_again() {
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

/// Redis does not answer as it should: the calls go on, an event says so, and what could not be saved
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
async fn calls_go_on_while_redis_is_paused() {
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
async fn calls_go_on_while_the_way_to_redis_is_cut() {
    let Some(redis) = or_skip().await else { return };
    let proxy = Proxy::to(&redis).await;
    let store = redis.store_at(proxy.port(), 10_000);
    goes_on_without(&redis, &store, async || proxy.hold(), async || proxy.let_go()).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn calls_go_on_while_redis_is_out_of_memory() {
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

fn stored(login: u64, generation: u64) -> Stored {
    Stored {
        stamp: Stamp { login, generation },
        tokens: Tokens::new(format!("access-{login}-{generation}")).with_refresh("refresh"),
        issued: std::time::UNIX_EPOCH,
    }
}

#[tokio::test]
async fn nothing_is_overwritten_that_was_not_expected_there() {
    let Some(redis) = or_skip().await else { return };
    let store = RedisStore::open(&redis.url(), "conflicts").unwrap();
    assert_eq!(store.load().await.unwrap(), None);
    // A number that is larger than the largest of Lua's.
    let login = u64::MAX - 1;
    store.save(&stored(login, 2), None).await.unwrap();
    for over in [None, Some(stored(login, 1).stamp), Some(stored(u64::MAX, 2).stamp)] {
        let saved = store.save(&stored(3, 3), over).await;
        assert!(matches!(saved, Err(StoreError::Conflict)), "{saved:?}");
    }
    store.save(&stored(login, 2), None).await.expect("the same write again is no conflict");
    assert!(matches!(store.clear(stored(login, 1).stamp).await, Err(StoreError::Conflict)));
    assert_eq!(store.load().await.unwrap(), Some(stored(login, 2)));
    store.clear(stored(login, 2).stamp).await.unwrap();
    assert_eq!(store.load().await.unwrap(), None);
    let late = store.save(&stored(login, 3), Some(stored(login, 2).stamp)).await;
    assert!(matches!(late, Err(StoreError::Conflict)), "a refresh brought a sign-out back");
    let named = store.named("ann");
    named.save(&stored(5, 1), None).await.unwrap();
    assert_eq!(
        (store.load().await.unwrap(), named.load().await.unwrap()),
        (None, Some(stored(5, 1)))
    );
}

#[tokio::test]
async fn a_holder_with_an_older_number_cannot_write() {
    let Some(redis) = or_skip().await else { return };
    let lease = Duration::from_millis(100);
    let open = || RedisStore::open(&redis.url(), "fence").unwrap().lease(lease);
    let late = open();
    late.save(&stored(1, 1), None).await.unwrap();
    let _lost = late.lock(Duration::ZERO).await.unwrap().unwrap();
    // As when its lease ran out while it was stopped.
    redis.ask(&["del", "{fence}:lock"]).await;
    let newer = open();
    let lock = newer.lock(Duration::ZERO).await.unwrap().unwrap();
    assert!(matches!(late.lock(Duration::ZERO).await, Err(StoreError::Locked)));
    newer.save(&stored(1, 2), Some(stored(1, 1).stamp)).await.unwrap();
    for over in [1, 2] {
        let saved = late.save(&stored(1, 3), Some(stored(1, over).stamp)).await;
        assert!(matches!(saved, Err(StoreError::Conflict)), "over {over}: {saved:?}");
    }
    assert_eq!(newer.load().await.unwrap(), Some(stored(1, 2)));
    drop(lock);
}

#[tokio::test]
async fn a_lock_is_kept_while_it_is_held_and_free_at_once_when_it_is_not() {
    let Some(redis) = or_skip().await else { return };
    let lease = Duration::from_millis(100);
    let open = || RedisStore::open(&redis.url(), "lock").unwrap().lease(lease);
    let (one, other) = (open(), open());
    let held = one.lock(Duration::ZERO).await.unwrap().unwrap();
    tokio::time::sleep(lease * 5).await;
    assert!(matches!(other.lock(Duration::ZERO).await, Err(StoreError::Locked)));
    let waiting = tokio::spawn(async move { other.lock(Duration::from_secs(20)).await });
    tokio::time::sleep(lease).await;
    let began = Instant::now();
    drop(held);
    assert!(waiting.await.unwrap().unwrap().is_some());
    assert!(began.elapsed() < Duration::from_secs(2));
}

#[tokio::test]
async fn what_cannot_be_read_is_set_aside() {
    let Some(redis) = or_skip().await else { return };
    let store = RedisStore::open(&redis.url(), "corrupt").unwrap();
    redis.ask(&["hset", "corrupt", "login", "1", "generation", "1", "record", "{\"ver"]).await;
    let told = store.load().await;
    assert!(matches!(told, Err(StoreError::Corrupt(_))), "{told:?}");
    assert_eq!(store.load().await.unwrap(), None);
    assert!(redis.ask(&["keys", "{corrupt}:corrupt-*"]).await.contains("corrupt-"));
}

#[cfg(feature = "encryption")]
#[tokio::test]
async fn sealed_tokens_are_left_alone_by_whoever_has_not_the_key() {
    let Some(redis) = or_skip().await else { return };
    let plain = RedisStore::open(&redis.url(), "sealed").unwrap();
    plain.save(&stored(1, 1), None).await.unwrap();
    let sealed = plain.encrypted(perennial::StoreKey::new([1; 32]));
    assert_eq!(sealed.load().await.unwrap(), Some(stored(1, 1)), "plain ones are taken over");
    sealed.save(&stored(1, 2), Some(stored(1, 1).stamp)).await.unwrap();
    let device = sealed.for_credential("device").unwrap();
    device.save(&stored(2, 1), None).await.unwrap();
    for key in ["sealed", "{sealed}:tokens:device"] {
        let kept = redis.ask(&["hget", key, "record"]).await;
        assert!(kept.contains("sealed") && !kept.contains("access-"), "{kept}");
    }
    for stranger in [plain.clone(), plain.encrypted(perennial::StoreKey::new([2; 32]))] {
        assert!(matches!(stranger.load().await, Err(StoreError::Failed(_))));
    }
    assert_eq!(sealed.load().await.unwrap(), Some(stored(1, 2)));
    assert_eq!(device.load().await.unwrap(), Some(stored(2, 1)));
}

#[test]
fn neither_a_password_nor_a_token_is_shown() {
    let store = RedisStore::open("redis://ann:hunter2@127.0.0.1:1/", "key").unwrap();
    let place = store.place().unwrap();
    assert!(!format!("{store:?}{place}").contains("hunter2"), "{store:?} {place}");
    let error = RedisStore::open("http://ann:hunter2@127.0.0.1:1/", "key").unwrap_err();
    assert!(!format!("{error:?} {error}").contains("hunter2"), "{error:?}");
}
