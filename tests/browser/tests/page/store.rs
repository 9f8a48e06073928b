//! The store in one page: its storage, its locks, and how it notices changes.

use std::time::{Duration, SystemTime};

use futures_util::FutureExt as _;
use futures_util::future::{Either, select};
use perennial::Tokens;
use perennial::store::{BrowserStore, StoreError, Stored, TokenStore as _, Version};
use perennial::system::{Clock as _, SystemClock};
use wasm_bindgen_test::wasm_bindgen_test;
use web_sys::Storage;

fn local() -> Storage {
    web_sys::window().unwrap().local_storage().unwrap().unwrap()
}

fn stored(login: u64, generation: u64) -> Stored {
    let tokens = Tokens::new(format!("access-{generation}")).with_refresh("refresh");
    Stored::new(Version { login, generation }, tokens, SystemTime::UNIX_EPOCH)
}

#[wasm_bindgen_test]
async fn saved_tokens_are_loaded_in_either_storage() {
    for store in [BrowserStore::local("saved"), BrowserStore::session("saved")] {
        assert_eq!(store.load().await.unwrap(), None);
        store.save(&stored(1, 1), None).await.unwrap();
        assert_eq!(store.load().await.unwrap(), Some(stored(1, 1)));
        let next = stored(1, 2);
        store.save(&next, Some(stored(1, 1).version)).await.unwrap();
        assert_eq!(store.load().await.unwrap(), Some(next.clone()));
        store.clear(next.version).await.unwrap();
        assert_eq!(store.load().await.unwrap(), None);
    }
}

#[wasm_bindgen_test]
async fn a_token_set_replaces_no_other_than_the_expected_one() {
    let store = BrowserStore::local("conflict");
    store.save(&stored(1, 5), None).await.unwrap();
    let refused = store.save(&stored(1, 5), Some(stored(1, 4).version)).await;
    assert!(matches!(refused, Err(StoreError::Conflict)), "{refused:?}");
    let refused = store.clear(stored(2, 5).version).await;
    assert!(matches!(refused, Err(StoreError::Conflict)), "{refused:?}");
    assert_eq!(store.load().await.unwrap(), Some(stored(1, 5)));
}

#[wasm_bindgen_test]
async fn names_and_credentials_have_items_of_their_own() {
    let store = BrowserStore::local("named");
    store.save(&stored(1, 1), None).await.unwrap();
    assert_eq!(store.clone().named("ann").load().await.unwrap(), None);
    let other = store.for_credential("admin").unwrap();
    assert_eq!(other.load().await.unwrap(), None);
    other.save(&stored(2, 1), None).await.unwrap();
    assert_eq!(store.load().await.unwrap(), Some(stored(1, 1)));
    assert_eq!(store.location().unwrap(), "localStorage `named`");
}

#[wasm_bindgen_test]
async fn an_item_that_cannot_be_read_is_moved_aside_and_quoted_nowhere() {
    let store = BrowserStore::local("damaged");
    for item in
        ["hunter2", "7 {\"version\":1,\"tokens\":\"hunter2\"}", "8 hunter2", "9 {\"version\":2}"]
    {
        local().set_item("damaged", item).unwrap();
        let error = store.load().await.unwrap_err();
        assert!(matches!(error, StoreError::Corrupt(_)), "{error:?}");
        assert!(!format!("{error:?} {error}").contains("hunter2"), "{error:?}");
        assert_eq!(local().get_item("damaged.corrupt").unwrap().as_deref(), Some(item));
        assert_eq!(store.load().await.unwrap(), None);
    }
}

#[wasm_bindgen_test]
async fn an_item_that_is_gone_is_a_loss_and_no_sign_out() {
    let store = BrowserStore::local("lost");
    store.save(&stored(1, 1), None).await.unwrap();
    local().remove_item("lost").unwrap();
    assert!(store.may_have_changed());
    let lost = store.load().await.unwrap_err().to_string();
    assert!(lost.contains("was cleared"), "{lost}");
    // The session saves what it has in memory.
    store.save(&stored(1, 1), None).await.unwrap();
    assert_eq!(store.load().await.unwrap(), Some(stored(1, 1)));
    // Another tab that signs out leaves a mark.
    BrowserStore::local("lost").clear(stored(1, 1).version).await.unwrap();
    assert_eq!(store.load().await.unwrap(), None);
}

#[wasm_bindgen_test]
async fn a_lock_has_one_holder_and_is_released_when_it_is_dropped() {
    let (one, other) = (BrowserStore::local("locked"), BrowserStore::local("locked"));
    let lock = one.lock(Duration::ZERO).await.unwrap().unwrap();
    for patience in [Duration::ZERO, Duration::from_millis(20)] {
        let refused = other.lock(patience).await;
        assert!(matches!(refused, Err(StoreError::Locked)), "{refused:?}");
    }
    let patience = Duration::from_secs(60);
    let mut waiting = other.lock(patience);
    assert!(waiting.as_mut().now_or_never().is_none());
    drop(lock);
    let lock = waiting.await.unwrap().unwrap();
    // A task that no longer waits for a lock does not get it.
    let mut given_up = one.lock(patience);
    assert!(given_up.as_mut().now_or_never().is_none());
    drop(given_up);
    drop(lock);
    assert!(one.lock(patience).await.unwrap().is_some());
    // A tab shares its `sessionStorage` with nobody.
    assert!(BrowserStore::session("locked").lock(Duration::ZERO).await.unwrap().is_none());
}

#[wasm_bindgen_test]
async fn a_change_by_another_tab_wakes_the_store() {
    let store = BrowserStore::local("changed");
    store.save(&stored(1, 1), None).await.unwrap();
    assert!(!store.may_have_changed());
    let mut changed = store.changed();
    assert!(changed.as_mut().now_or_never().is_none());
    // The browser tells this page nothing of its own writes, so the test tells it.
    local().set_item("changed", "99 {}").unwrap();
    assert!(store.may_have_changed());
    for (key, wakes) in [("another", false), ("changed", true)] {
        let about = web_sys::StorageEventInit::new();
        about.set_key(Some(key));
        let event = web_sys::StorageEvent::new_with_event_init_dict("storage", &about).unwrap();
        web_sys::window().unwrap().dispatch_event(&event).unwrap();
        let timer =
            SystemClock::default().sleep(Duration::from_millis(if wakes { 60_000 } else { 20 }));
        match select(changed, timer).await {
            Either::Left(_) => {
                assert!(wakes, "{key}");
                return;
            }
            Either::Right((_, waiting)) => changed = waiting,
        }
        assert!(!wakes, "{key}");
    }
}
