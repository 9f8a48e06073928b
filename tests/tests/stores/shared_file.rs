//! Sessions that share one file, in one process and in several.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::{Duration, Instant, SystemTime};

use crate::fleet::Scratch;
use crate::support::{ShopClient, as_in};
use crate::watched::{Elsewhere, Events, calls, client, sign_in};
use perennial::store::{FileStore, MemoryStore, StoreError, Stored, TokenStore, Version};
use perennial::{BoxFuture, ErrorKind, Tokens};
use perennial_tests::{Protocol, Reply, Server};

#[tokio::test]
async fn two_clients_on_one_file_are_one_session() {
    let scratch = Scratch::new("one-session");
    let server = Server::start(Protocol::article());
    let (one, told) = client(&server, FileStore::at(scratch.file()));
    let (other, nothing) = client(&server, FileStore::at(scratch.path().join("./tokens.json")));
    sign_in(&server, &one).await;
    assert!(other.session().is_signed_in());
    server.expire_all();
    let hold = server.hold_refresh();
    let both = async { futures::join!(calls(&one, 20), calls(&other, 20)) };
    futures::join!(both, async {
        hold.arrived(1).await;
        tokio::time::sleep(Duration::from_millis(100)).await;
        hold.release();
    });
    assert_eq!((server.refreshes(), server.reuses()), (1, 0));
    assert_eq!((told.count("RefreshStarted"), nothing.count("RefreshStarted")), (1, 0));
    let sibling = one.session().sibling_in(FileStore::at(scratch.file()));
    assert!(sibling.is_signed_in());
    let of_bob = one.session().sibling_in(FileStore::at(scratch.file()).named("bob"));
    of_bob.load().await;
    assert!(!of_bob.is_signed_in(), "another identity is another session");
}

#[tokio::test]
async fn a_session_whose_handles_are_gone_is_read_from_its_file_again() {
    let scratch = Scratch::new("reopened");
    let server = Server::start(Protocol::article());
    let (shop, _) = client(&server, FileStore::at(scratch.file()));
    sign_in(&server, &shop).await;
    drop(shop);
    let (shop, told) = client(&server, FileStore::at(scratch.file()));
    server.expire_all();
    calls(&shop, 2).await;
    assert_eq!(told.count("RefreshStarted"), 1, "the events are those of the new client");
}

#[tokio::test]
async fn no_process_renews_a_token_that_had_expired_by_the_clock_of_the_one_that_received_it() {
    let scratch = Scratch::new("fast-clock");
    let server = Server::start(Protocol::article());
    let file = || Elsewhere(FileStore::at(scratch.file()));
    let (one, _) = client(&server, file());
    let past = SystemTime::now() - Duration::from_secs(3_600);
    let tokens = Tokens::new(server.issue("ann").access).expires_at(past);
    one.session().login(tokens).await.unwrap();
    let (other, _) = client(&server, file());
    for _ in 0..3 {
        futures::join!(calls(&one, 2), calls(&other, 2));
    }
    assert_eq!((server.refreshes(), server.expiries()), (0, 0));
}

/// A file that cannot be read for a while.
struct Unreadable {
    file: Elsewhere,
    failures: Arc<AtomicUsize>,
}

impl TokenStore for Unreadable {
    as_in! { file: save, clear, lock }

    fn load(&self) -> BoxFuture<'_, Result<Option<Stored>, StoreError>> {
        let fails = self
            .failures
            .fetch_update(Ordering::SeqCst, Ordering::SeqCst, |left| left.checked_sub(1));
        match fails {
            Ok(_) => Box::pin(async { Err(StoreError::failed("too many open files")) }),
            Err(_) => self.file.load(),
        }
    }
}

#[tokio::test]
async fn a_refresh_reads_a_store_again_that_cannot_be_read_for_a_moment() {
    for failing in [1, 3] {
        let scratch = Scratch::new("unreadable");
        let server = Server::start(Protocol::article());
        let store = || Elsewhere(FileStore::at(scratch.file()));
        let failures = Arc::<AtomicUsize>::default();
        let file = Unreadable { file: store(), failures: Arc::clone(&failures) };
        let ((one, _), (other, told)) = (client(&server, store()), client(&server, file));
        sign_in(&server, &one).await;
        calls(&other, 1).await;
        server.expire_all();
        calls(&one, 1).await;
        failures.store(failing, Ordering::SeqCst);
        calls(&other, 1).await;
        assert_eq!((server.refreshes(), server.reuses()), (1, 0));
        assert_eq!(failures.load(Ordering::SeqCst), 0);
        assert_eq!(told.count("SessionLost") + told.count("StoreFailed"), 0, "{:?}", told.0);
    }
}

/// The clients of two processes that share a store, signed in with a token that has expired since. The first one has
/// signed in, and the other one has adopted that.
async fn two_processes<S: TokenStore>(
    store: impl Fn() -> S,
) -> (Server, ShopClient, (ShopClient, Events)) {
    let server = Server::start(Protocol::article());
    let ((one, _), other) = (client(&server, store()), client(&server, store()));
    sign_in(&server, &one).await;
    calls(&other.0, 1).await;
    server.expire_all();
    (server, one, other)
}

#[tokio::test]
async fn a_login_does_not_end_while_its_store_cannot_be_read() {
    let scratch = Scratch::new("unreadable-end");
    let server = Server::start(Protocol::article());
    let failures = Arc::<AtomicUsize>::default();
    let file = Elsewhere(FileStore::at(scratch.file()));
    let (shop, told) = client(&server, Unreadable { file, failures: Arc::clone(&failures) });
    sign_in(&server, &shop).await;
    server.expire_all();
    failures.store(usize::MAX, Ordering::SeqCst);
    let gone = Reply::json(&serde_json::json!({"code": 1001, "message": "unknown token"}));
    server.on_refresh().first(1).response(gone.clone());
    let error = shop.order(1).await.unwrap_err();
    assert!(error.kind() == ErrorKind::RefreshFailed, "{error}");
    assert!(shop.session().is_signed_in());
    assert_eq!(told.count("SessionLost"), 0, "{:?}", told.0);
    // The store can be read again, and has nothing newer: a second rejection is final.
    failures.store(0, Ordering::SeqCst);
    server.on_refresh().response(gone);
    let until = Instant::now() + Duration::from_secs(20);
    while !shop.order(1).await.unwrap_err().is_signed_out() {
        assert!(Instant::now() < until, "the session never ends: {:?}", told.0);
        tokio::time::sleep(Duration::from_millis(50)).await;
    }
    assert_eq!((told.count("SessionLost"), server.refreshes()), (1, 2), "{:?}", told.0);
}

#[tokio::test]
async fn an_expired_token_of_another_process_is_renewed() {
    let scratch = Scratch::new("both-over");
    let store = || Elsewhere(FileStore::at(scratch.file()));
    let (server, one, (other, told)) = two_processes(store).await;
    calls(&one, 1).await;
    server.expire_all();
    // It has the first token, finds the second, and both have expired.
    calls(&other, 5).await;
    assert_eq!((server.refreshes(), server.reuses()), (2, 0));
    assert_eq!(told.count("Adopted"), 1, "{:?}", told.0);
}

#[tokio::test]
async fn the_login_of_another_process_is_adopted_and_not_overwritten() {
    let scratch = Scratch::new("other-login");
    let store = || Elsewhere(FileStore::at(scratch.file()));
    let (server, one, (other, told)) = two_processes(store).await;
    let bob = server.issue("bob").access;
    one.session().login(Tokens::new(bob.clone())).await.unwrap();
    let error = other.order(1).await.err().unwrap();
    assert!(
        error.kind() == ErrorKind::SessionChanged,
        "a call of one user ran as the other: {error:?}"
    );
    assert_eq!(told.count("Adopted"), 1, "{:?}", told.0);
    calls(&other, 1).await;
    assert_eq!(server.refreshes(), 0);
    assert_eq!(store().load().await.unwrap().unwrap().tokens.access(), bob);
}

#[tokio::test]
async fn a_login_elsewhere_during_a_refresh_stays() {
    let scratch = Scratch::new("login-during");
    let store = || Elsewhere(FileStore::at(scratch.file()));
    let (server, one, (other, _)) = two_processes(store).await;
    let hold = server.hold_refresh();
    let bob = server.issue("bob").access;
    let (error, ()) = futures::join!(other.order(1), async {
        hold.arrived(1).await;
        one.session().login(Tokens::new(bob.clone())).await.unwrap();
        hold.release();
    });
    assert!(error.err().unwrap().kind() == ErrorKind::SessionChanged);
    assert_eq!(store().load().await.unwrap().unwrap().tokens.access(), bob);
    calls(&other, 1).await;
}

/// Another process saves newer tokens right before a sign-out clears the store.
#[derive(Clone, Default)]
struct Overtaken(MemoryStore);

impl TokenStore for Overtaken {
    as_in! { 0: load, save }

    fn clear(&self, expected: Version) -> BoxFuture<'_, Result<(), StoreError>> {
        Box::pin(async move {
            let kept = self.0.stored().unwrap();
            let version = Version { generation: expected.generation + 1, ..expected };
            let newer = Stored::new(version, kept.tokens.clone(), kept.issued);
            self.0.save(&newer, Some(expected)).await?;
            self.0.clear(expected).await
        })
    }
}

#[tokio::test]
async fn a_lost_session_keeps_the_tokens_that_another_process_has_saved() {
    let server = Server::start(Protocol::article());
    let store = Overtaken::default();
    let (one, _) = client(&server, store.clone());
    sign_in(&server, &one).await;
    let kept = store.0.stored().unwrap().version;
    server.revoke_all();
    let lost = one.order(1).await.unwrap_err();
    assert_eq!(lost.kind(), ErrorKind::SessionLost, "{lost}");
    assert_eq!(store.0.stored().unwrap().version.generation, kept.generation + 1);
}

#[tokio::test]
async fn a_refresh_that_fails_finds_the_token_that_another_process_has_saved_meanwhile() {
    let rejections = [
        Reply::status(403),
        Reply::html(),
        Reply::json(&serde_json::json!({})),
        Reply::broken("{", 99),
    ];
    for (at, rejection) in rejections.into_iter().enumerate() {
        let scratch = Scratch::new(&format!("second-look-{at}"));
        let server = Server::start(Protocol::article());
        let store = || Elsewhere(FileStore::at(scratch.file()));
        let (one, told) = client(&server, store());
        sign_in(&server, &one).await;
        let kept = store().load().await.unwrap().unwrap();
        server.expire_all();
        let version = Version { generation: kept.version.generation + 1, ..kept.version };
        let newer = Stored::new(version, Tokens::new(server.issue("ann").access), kept.issued);
        let hold = server.on_refresh().hold_back();
        server.on_refresh().response(rejection);
        let (order, ()) = futures::join!(one.order(1), async {
            hold.arrived(1).await;
            store().save(&newer, Some(kept.version)).await.unwrap();
            hold.release();
        });
        order.unwrap();
        assert_eq!((server.refreshes(), server.reuses()), (1, 0));
        assert_eq!(told.count("Adopted"), 1, "{:?}", told.0);
    }
}

#[tokio::test]
async fn stored_tokens_are_renewed_whatever_their_version_is() {
    for generation in [0, u64::MAX - 1, u64::MAX] {
        let scratch = Scratch::new(&format!("version-{generation}"));
        let server = Server::start(Protocol::article());
        let store = || FileStore::at(scratch.file());
        let version = Version { login: u64::MAX, generation };
        let tokens = Tokens::new(server.issue("ann").access);
        store().save(&Stored::new(version, tokens, SystemTime::now()), None).await.unwrap();
        let (shop, _) = client(&server, store());
        for _ in 0..3 {
            server.expire_all();
            calls(&shop, 2).await;
        }
        sign_in(&server, &shop).await;
        drop(shop);
        let (again, _) = client(&server, store());
        calls(&again, 2).await;
        assert_eq!((server.refreshes(), server.reuses()), (3, 0));
    }
}
