#![allow(clippy::unwrap_used)]

use super::*;
use crate::Tokens;

/// A store for one test, with its locks in a separate directory.
fn store(name: &str) -> KeyringStore {
    let locks = std::env::temp_dir().join(format!("perennial-keyring-{}", std::process::id()));
    let app = format!("perennial-test-{}", std::process::id());
    KeyringStore::of(app, "tokens".to_owned(), locks.join("keyring")).named(name)
}

fn stored(login: u64, generation: u64) -> Stored {
    let tokens = Tokens::new(format!("access-{login}-{generation}")).with_refresh("refresh");
    Stored::new(Version { login, generation }, tokens, std::time::UNIX_EPOCH)
}

/// Whether there is a keychain that a test may use. The user's own keychain must not get entries from tests.
fn there_is_none() -> bool {
    let none = std::env::var_os("KEYRING").is_none();
    if none {
        assert!(std::env::var("CI").as_deref() != Ok("true"), "there is no keychain in CI");
        eprintln!("skipped: KEYRING is not set; `eval \"$(ci/keyring.sh start)\"` sets it");
    }
    none
}

#[tokio::test]
async fn another_handle_loads_saved_tokens_and_overwrites_nothing_unexpected() {
    if there_is_none() {
        return;
    }
    let (one, other) = (store("shared"), store("shared"));
    assert_eq!(other.load().await.unwrap(), None);
    one.save(&stored(1, 2), None).await.unwrap();
    assert_eq!(other.load().await.unwrap(), Some(stored(1, 2)));
    for over in [None, Some(stored(1, 1).version), Some(stored(2, 2).version)] {
        let saved = other.save(&stored(3, 3), over).await;
        assert!(matches!(saved, Err(StoreError::Conflict)), "{saved:?}");
    }
    assert!(matches!(other.clear(stored(1, 1).version).await, Err(StoreError::Conflict)));
    assert!(!one.may_have_changed() && !other.may_have_changed());
    other.save(&stored(1, 3), Some(stored(1, 2).version)).await.unwrap();
    assert!(one.may_have_changed() && !other.may_have_changed());
    one.clear(stored(1, 3).version).await.unwrap();
    assert_eq!(other.load().await.unwrap(), None);
    let late = other.save(&stored(1, 4), Some(stored(1, 3).version)).await;
    assert!(matches!(late, Err(StoreError::Conflict)), "a refresh brought a sign-out back");
}

#[tokio::test]
async fn identities_and_credentials_have_their_own_entries() {
    if there_is_none() {
        return;
    }
    let device = || store("many").for_credential("device").unwrap();
    store("many").save(&stored(1, 1), None).await.unwrap();
    store("Many").save(&stored(2, 1), None).await.unwrap();
    device().save(&stored(3, 1), None).await.unwrap();
    assert_eq!(store("many").load().await.unwrap(), Some(stored(1, 1)));
    assert_eq!(store("Many").load().await.unwrap(), Some(stored(2, 1)));
    assert_eq!(device().load().await.unwrap(), Some(stored(3, 1)));
}

#[tokio::test]
async fn an_unreadable_record_is_set_aside_and_reported_once() {
    if there_is_none() {
        return;
    }
    let store = store("corrupt");
    let user = store.local.location.user.clone();
    let entry = |user: &str| store.local.location.entry(user).unwrap();
    for garbage in ["", "{\"version\":1,\"tok", "{\"version\":99}"] {
        entry(&user).set_secret(garbage.as_bytes()).unwrap();
        let told = store.load().await;
        assert!(matches!(told, Err(StoreError::Corrupt(_))), "{garbage:?}: {told:?}");
        assert_eq!(store.load().await.unwrap(), None);
        let aside = entry(&format!("{user} (corrupt)")).get_secret().unwrap();
        assert_eq!(aside, garbage.as_bytes());
    }
    store.save(&stored(1, 1), None).await.unwrap();
    entry(&user).delete_credential().unwrap();
    let gone = store.load().await;
    assert!(
        matches!(gone, Err(StoreError::Failed(_))),
        "a loss was taken for a sign-out: {gone:?}"
    );
}

#[tokio::test]
async fn one_process_at_a_time_has_the_lock() {
    let open = || store("lock");
    let held = open().lock(Duration::ZERO).await.unwrap().unwrap();
    assert!(matches!(open().lock(Duration::ZERO).await, Err(StoreError::Locked)));
    drop(held);
    assert!(open().lock(Duration::ZERO).await.unwrap().is_some());
}

#[test]
fn each_identity_is_a_separate_location() {
    let device = |name| store(name).for_credential("device").unwrap().location();
    assert_eq!(store("ann").location(), store("ann").location());
    assert_eq!(device("ann"), device("ann"));
    let mut places =
        [store("ann").location(), store("bob").location(), device("ann"), device("bob")];
    places.sort();
    assert!(places.windows(2).all(|two| two[0] != two[1]), "{places:?}");
}
