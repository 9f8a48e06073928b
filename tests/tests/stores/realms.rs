//! Stored tokens belong to the server that issued them.

use std::sync::{Arc, Mutex};

use perennial::store::{FileStore, MemoryStore, Stored, TokenStore, Version};
use perennial::{EventKind, Tokens};
use perennial_tests::{Protocol, Server};

use super::fleet::Scratch;
use crate::support::{ShopClient, secs};

/// A client, and the failures of its store.
fn client(
    server: &Server,
    store: impl TokenStore,
    realm: Option<&str>,
) -> (ShopClient, Arc<Mutex<Vec<String>>>) {
    let failures: Arc<Mutex<Vec<String>>> = Arc::default();
    let log = Arc::clone(&failures);
    let builder = ShopClient::builder(server.origin()).store(store).on_event(move |event| {
        if let EventKind::StoreFailed { reason, .. } = &event.kind {
            log.lock().unwrap().push(reason.to_string());
        }
    });
    let builder = match realm {
        Some(realm) => builder.realm(realm),
        None => builder,
    };
    (builder.build().unwrap(), failures)
}

async fn sign_in(server: &Server, client: &ShopClient) {
    let issued = server.issue("ann");
    client.session().login(Tokens::new(issued.access)).await.unwrap();
}

#[tokio::test]
async fn another_base_url_on_the_same_store_neither_sends_nor_overwrites_the_tokens() {
    let scratch = Scratch::new("realms");
    let (first, second) = (Server::start(Protocol::article()), Server::start(Protocol::article()));
    let store = || FileStore::at(scratch.file());
    let (shop, _) = client(&first, store(), None);
    sign_in(&first, &shop).await;
    let saved = store().load().await.unwrap().unwrap();
    // One of them while the first client lives, and one after it.
    for other_lives in [true, false] {
        let (other, failures) = client(&second, store(), None);
        assert!(!other.session().is_signed_in());
        let before = second.requests();
        assert!(other.order(1).await.is_err_and(|error| error.is_signed_out()));
        assert_eq!(second.requests(), before, "a token went to another server");
        {
            let failures = failures.lock().unwrap();
            assert_eq!(failures.len(), 1, "{failures:?}");
            for part in
                [first.origin(), second.origin(), "tokens.json".to_owned(), "realm".to_owned()]
            {
                assert!(failures[0].contains(&part), "{part}: {failures:?}");
            }
        }
        sign_in(&second, &other).await;
        second.expire_all();
        assert_eq!(other.order(1).await.unwrap().id, 1, "a login works in memory");
        other.session().logout().await.unwrap();
        assert_eq!(store().load().await.unwrap().as_ref(), Some(&saved), "it was overwritten");
        if other_lives {
            assert_eq!(shop.order(1).await.unwrap().id, 1);
        }
    }
    drop(shop);
    let (shop, failures) = client(&first, store(), None);
    assert_eq!(shop.order(1).await.unwrap().id, 1);
    assert!(failures.lock().unwrap().is_empty());
}

#[tokio::test]
async fn after_a_sign_out_a_client_of_another_base_url_can_sign_in() {
    let scratch = Scratch::new("realms-out");
    let (first, second) = (Server::start(Protocol::article()), Server::start(Protocol::article()));
    let store = || FileStore::at(scratch.file());
    let (shop, _) = client(&first, store(), None);
    sign_in(&first, &shop).await;
    shop.session().logout().await.unwrap();
    let (other, failures) = client(&second, store(), None);
    sign_in(&second, &other).await;
    assert_eq!(other.order(1).await.unwrap().id, 1);
    let stored = store().load().await.unwrap().unwrap();
    assert_eq!(stored.realm, Some(second.origin()));
    assert!(failures.lock().unwrap().is_empty());
}

#[tokio::test]
async fn base_urls_with_one_realm_share_their_tokens() {
    let scratch = Scratch::new("realms-named");
    let (first, second) = (Server::start(Protocol::article()), Server::start(Protocol::article()));
    let store = || FileStore::at(scratch.file());
    let (shop, _) = client(&first, store(), Some("shop"));
    sign_in(&first, &shop).await;
    drop(shop);
    let (other, failures) = client(&second, store(), Some("shop"));
    other.session().load().await;
    assert!(other.session().is_signed_in());
    assert!(failures.lock().unwrap().is_empty());
}

#[tokio::test]
async fn a_record_without_a_realm_is_adopted_and_bound_by_the_next_save() {
    let server = Server::start(Protocol::article());
    let store = MemoryStore::new();
    let issued = server.issue("ann");
    let tokens = Tokens::new(issued.access).with_refresh(issued.refresh.unwrap_or_default());
    let version = Version { login: 1, generation: 1 };
    let old = Stored::new(version, tokens, std::time::SystemTime::now() - secs(5));
    store.save(&old, None).await.unwrap();
    let (shop, failures) = client(&server, store.clone(), None);
    assert_eq!(shop.order(1).await.unwrap().id, 1);
    assert_eq!(store.stored().unwrap().realm, None);
    server.expire_all();
    assert_eq!(shop.order(1).await.unwrap().id, 1);
    assert_eq!(store.stored().unwrap().realm, Some(server.origin()));
    assert!(failures.lock().unwrap().is_empty());
}
