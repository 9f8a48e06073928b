//! The store in Redis alone: comparison, locks, quarantine, encryption and subscriptions.

#![cfg(feature = "redis")]
use std::time::{Duration, Instant};

use crate::redis_server::or_skip;
use perennial::Tokens;
use perennial::store::{RedisStore, StoreError, Stored, TokenStore, Version};

fn stored(login: u64, generation: u64) -> Stored {
    let tokens = Tokens::new(format!("access-{login}-{generation}")).with_refresh("refresh");
    Stored::new(Version { login, generation }, tokens, std::time::UNIX_EPOCH)
}

#[tokio::test]
async fn nothing_unexpected_is_overwritten() {
    let Some(redis) = or_skip().await else { return };
    let store = RedisStore::open(&redis.url(), "conflicts").unwrap();
    assert_eq!(store.load().await.unwrap(), None);
    // A number that is larger than the largest of Lua's.
    let login = u64::MAX - 1;
    store.save(&stored(login, 2), None).await.unwrap();
    for over in [None, Some(stored(login, 1).version), Some(stored(u64::MAX, 2).version)] {
        let saved = store.save(&stored(3, 3), over).await;
        assert!(matches!(saved, Err(StoreError::Conflict)), "{saved:?}");
    }
    store.save(&stored(login, 2), None).await.expect("the same write again does not conflict");
    assert!(matches!(store.clear(stored(login, 1).version).await, Err(StoreError::Conflict)));
    assert_eq!(store.load().await.unwrap(), Some(stored(login, 2)));
    store.clear(stored(login, 2).version).await.unwrap();
    assert_eq!(store.load().await.unwrap(), None);
    let late = store.save(&stored(login, 3), Some(stored(login, 2).version)).await;
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
    newer.save(&stored(1, 2), Some(stored(1, 1).version)).await.unwrap();
    for over in [1, 2] {
        let saved = late.save(&stored(1, 3), Some(stored(1, over).version)).await;
        assert!(matches!(saved, Err(StoreError::Conflict)), "over {over}: {saved:?}");
    }
    assert_eq!(newer.load().await.unwrap(), Some(stored(1, 2)));
    drop(lock);
}

#[tokio::test]
async fn a_lock_is_extended_while_it_is_held_and_free_at_once_when_released() {
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
async fn an_unreadable_record_is_set_aside() {
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
async fn encrypted_tokens_are_not_touched_without_the_key() {
    let Some(redis) = or_skip().await else { return };
    let plain = RedisStore::open(&redis.url(), "sealed").unwrap();
    plain.save(&stored(1, 1), None).await.unwrap();
    let sealed = plain.encrypted(perennial::store::StoreKey::new([1; 32]));
    assert_eq!(sealed.load().await.unwrap(), Some(stored(1, 1)), "plain ones are taken over");
    sealed.save(&stored(1, 2), Some(stored(1, 1).version)).await.unwrap();
    let device = sealed.for_credential("device").unwrap();
    device.save(&stored(2, 1), None).await.unwrap();
    for key in ["sealed", "{sealed}:tokens:device"] {
        let kept = redis.ask(&["hget", key, "record"]).await;
        assert!(kept.contains("sealed") && !kept.contains("access-"), "{kept}");
    }
    for stranger in [plain.clone(), plain.encrypted(perennial::store::StoreKey::new([2; 32]))] {
        assert!(matches!(stranger.load().await, Err(StoreError::Failed(_))));
    }
    assert_eq!(sealed.load().await.unwrap(), Some(stored(1, 2)));
    assert_eq!(device.load().await.unwrap(), Some(stored(2, 1)));
}

#[tokio::test]
async fn an_error_says_which_key_of_which_redis_and_no_password() {
    let store = RedisStore::open("redis://ann:hunter2@127.0.0.1:1/", "crm:tokens").unwrap();
    let told = store.load().await.unwrap_err().to_string();
    let named = "the key crm:tokens of the Redis at 127.0.0.1:1/0 cannot be used: ";
    assert!(told.starts_with(named) && !told.contains("hunter2"), "{told}");
}

#[test]
fn neither_a_password_nor_a_token_is_shown() {
    let store = RedisStore::open("redis://ann:hunter2@127.0.0.1:1/", "key").unwrap();
    let place = store.location().unwrap();
    assert!(!format!("{store:?}{place}").contains("hunter2"), "{store:?} {place}");
    let error = RedisStore::open("http://ann:hunter2@127.0.0.1:1/", "key").unwrap_err();
    assert!(!format!("{error:?} {error}").contains("hunter2"), "{error:?}");
}

#[tokio::test]
async fn the_stores_of_many_identities_share_their_connections() {
    let Some(redis) = or_skip().await else { return };
    let store = RedisStore::open(&redis.url(), "many").unwrap();
    let users: Vec<_> = (0..50).map(|user| store.named(&format!("user{user}"))).collect();
    for user in &users {
        assert_eq!(user.load().await.unwrap(), None);
    }
    redis.listeners("many:user49", 1).await;
    let told = redis.ask(&["info", "clients"]).await;
    // One for commands, one to listen, and the one that asks.
    assert!(told.contains("connected_clients:3"), "{told}");
}

#[test]
fn a_store_subscribes_again_after_the_runtime_of_its_subscription_has_ended() {
    let runtime = || tokio::runtime::Runtime::new().unwrap();
    let lasting = runtime();
    let Some(redis) = lasting.block_on(or_skip()) else { return };
    let open = || RedisStore::open(&redis.url(), "moved").unwrap();
    let (one, other) = (open(), open());
    let first = runtime();
    first.block_on(async {
        one.load().await.unwrap();
        redis.listeners("moved", 1).await;
    });
    drop(first);
    assert!(one.may_have_changed(), "what was missed meanwhile counts as told");
    lasting.block_on(async {
        assert_eq!(one.load().await.unwrap(), None);
        redis.listeners("moved", 1).await;
        one.load().await.unwrap();
        other.save(&stored(1, 1), None).await.unwrap();
        while !one.may_have_changed() {
            tokio::time::sleep(Duration::from_millis(1)).await;
        }
        assert_eq!(one.load().await.unwrap(), Some(stored(1, 1)));
    });
}

#[tokio::test]
async fn a_lock_is_held_without_a_limit() {
    let Some(redis) = or_skip().await else { return };
    let open = || RedisStore::open(&redis.url(), "no-limit").unwrap();
    let (holder, other) = (open().lease(Duration::MAX), open());
    let lock = holder.lock(Duration::MAX).await.unwrap().unwrap();
    assert!(matches!(other.lock(Duration::ZERO).await, Err(StoreError::Locked)));
    let waiting = tokio::spawn(async move { other.lock(Duration::MAX).await.is_ok() });
    redis.listeners("no-limit", 1).await;
    drop(lock);
    assert!(waiting.await.unwrap());
}

#[tokio::test]
async fn another_channel_notifies_no_store_of_the_first_and_ends_with_its_last_store() {
    let Some(redis) = or_skip().await else { return };
    let ann = RedisStore::open(&redis.url(), "shared:ann").unwrap();
    let bob = ann.named("bob");
    ann.load().await.unwrap();
    may_have_changed(&ann).await;
    ann.load().await.unwrap();
    bob.load().await.unwrap();
    // It is listened to now, and what came before may have been missed.
    may_have_changed(&bob).await;
    assert!(!ann.may_have_changed());
    drop(bob);
    redis.listeners("shared:ann:bob", 0).await;
    redis.listeners("shared:ann", 1).await;
}

async fn may_have_changed(store: &RedisStore) {
    let until = Instant::now() + Duration::from_secs(20);
    while !store.may_have_changed() {
        assert!(Instant::now() < until, "it hears nothing");
        tokio::time::sleep(Duration::from_millis(5)).await;
    }
}
