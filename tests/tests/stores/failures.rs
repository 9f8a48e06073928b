//! Sessions whose store is slow, full or broken; for files on a disk, see `failing_files`.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU64, AtomicUsize, Ordering};
use std::time::{Duration, Instant};

use crate::fleet::Scratch;
use crate::support::{ShopClient, as_in};
use crate::watched::{calls, client, sign_in};
use perennial::store::{
    FileStore, MemoryStore, StoreError, StoreLock, Stored, TokenStore, Version,
};
use perennial::{BoxFuture, Tokens};
use perennial_tests::{Protocol, Reply, Server};
use serde_json::json;

/// The ways in which a store is broken.
#[derive(Clone, Copy, PartialEq)]
enum Fault {
    Slow(Duration),
    Hangs,
    Panics,
    FailsAtFirst,
}

/// A store in memory with a fault. Logins are written as they should be.
struct Broken {
    store: MemoryStore,
    fault: Fault,
    uses: AtomicUsize,
}

impl Broken {
    fn new(fault: Fault) -> Self {
        Self { store: MemoryStore::new(), fault, uses: AtomicUsize::new(0) }
    }

    async fn act(&self) -> Result<(), StoreError> {
        let before = self.uses.fetch_add(1, Ordering::Relaxed);
        match self.fault {
            Fault::Slow(pause) => tokio::time::sleep(pause).await,
            Fault::Hangs => std::future::pending().await,
            Fault::Panics => panic!("the store is broken"),
            Fault::FailsAtFirst if before == 0 => return Err(StoreError::failed("not yet")),
            Fault::FailsAtFirst => {}
        }
        Ok(())
    }
}

impl TokenStore for Broken {
    as_in! { store: clear }

    fn load(&self) -> BoxFuture<'_, Result<Option<Stored>, StoreError>> {
        Box::pin(async {
            if self.fault == Fault::FailsAtFirst {
                self.act().await?;
            }
            self.store.load().await
        })
    }
    fn save<'a>(
        &'a self,
        next: &'a Stored,
        expected: Option<Version>,
    ) -> BoxFuture<'a, Result<(), StoreError>> {
        Box::pin(async move {
            if expected.is_some() {
                self.act().await?;
            }
            self.store.save(next, expected).await
        })
    }
    fn location(&self) -> Option<String> {
        Some(format!("broken:{self:p}"))
    }
}

#[tokio::test]
async fn calls_do_not_wait_for_a_slow_store_and_events_report_it() {
    let slow = [Fault::Slow(Duration::from_secs(1)), Fault::Slow(Duration::from_secs(3))];
    for fault in slow.into_iter().chain([Fault::Hangs, Fault::Panics]) {
        let server = Server::start(Protocol::article());
        let (shop, told) = client(&server, Broken::new(fault));
        sign_in(&server, &shop).await;
        server.expire_all();
        let began = Instant::now();
        calls(&shop, 5).await;
        // The store that hangs would keep them for ever; how long they take depends on the load of the machine.
        assert!(began.elapsed() < Duration::from_secs(60), "{:?}", began.elapsed());
        assert_eq!(told.count("StoreFailed"), 1, "{:?}", told.0);
        assert_eq!(told.count("broken:0x"), 1, "the store is not named: {:?}", told.0);
        assert_eq!((server.refreshes(), server.reuses()), (1, 0));
    }
}

/// Another process signs in there before each write.
#[derive(Clone, Default)]
struct Contested {
    store: MemoryStore,
    logins: Arc<AtomicU64>,
}

impl Contested {
    async fn sign_in_elsewhere(&self) {
        let before = self.store.stored().map(|kept| kept.version);
        let login = self.logins.fetch_add(1, Ordering::Relaxed) + 1;
        let version = Version { login, generation: 1 };
        let other = Stored::new(version, Tokens::new("other"), std::time::SystemTime::now());
        self.store.save(&other, before).await.unwrap();
    }
}

impl TokenStore for Contested {
    as_in! { store: load, clear }

    fn save<'a>(
        &'a self,
        next: &'a Stored,
        expected: Option<Version>,
    ) -> BoxFuture<'a, Result<(), StoreError>> {
        Box::pin(async move {
            // Nobody else is left after a while.
            if self.logins.load(Ordering::Relaxed) < 4 {
                self.sign_in_elsewhere().await;
            }
            self.store.save(next, expected).await
        })
    }
}

/// Nothing can be saved until it is free.
#[derive(Clone, Default)]
struct Full {
    store: MemoryStore,
    is_free: Arc<AtomicBool>,
}

impl TokenStore for Full {
    as_in! { store: load, clear }

    fn save<'a>(
        &'a self,
        next: &'a Stored,
        expected: Option<Version>,
    ) -> BoxFuture<'a, Result<(), StoreError>> {
        if self.is_free.load(Ordering::Relaxed) {
            return self.store.save(next, expected);
        }
        Box::pin(async { Err(StoreError::failed("the disk is full")) })
    }
    fn location(&self) -> Option<String> {
        Some(format!("full:{:p}", Arc::as_ptr(&self.is_free)))
    }
}

#[tokio::test]
async fn a_client_that_opens_a_store_whose_last_write_failed_sends_no_used_token() {
    let server = Server::start(Protocol::article());
    let store = Full::default();
    store.is_free.store(true, Ordering::Relaxed);
    let (shop, _) = client(&server, store.clone());
    sign_in(&server, &shop).await;
    let before = store.store.stored().unwrap().version;
    store.is_free.store(false, Ordering::Relaxed);
    server.expire_all();
    calls(&shop, 1).await;
    let id = shop.session().id();
    drop(shop);

    let (next, _) = client(&server, store.clone());
    assert_eq!(next.session().id(), id, "the session was forgotten with its last handle");
    calls(&next, 1).await;
    drop(next);
    store.is_free.store(true, Ordering::Relaxed);
    let until = Instant::now() + Duration::from_secs(20);
    while store.store.stored().unwrap().version == before {
        assert!(Instant::now() < until, "the write was forgotten with the last handle");
        tokio::time::sleep(Duration::from_millis(50)).await;
    }
    let (later, _) = client(&server, store);
    calls(&later, 1).await;
    assert_eq!((server.refreshes(), server.reuses()), (1, 0));
}

/// A store of one's own that several processes share, and that is not notified of changes. It may fail to be read.
#[derive(Clone, Default)]
struct Shared {
    store: MemoryStore,
    failures: Arc<AtomicUsize>,
}

impl TokenStore for Shared {
    as_in! { store: save, clear }

    fn load(&self) -> BoxFuture<'_, Result<Option<Stored>, StoreError>> {
        let left = self.failures.load(Ordering::SeqCst);
        if left == 0 {
            return self.store.load();
        }
        self.failures.store(left - 1, Ordering::SeqCst);
        Box::pin(async { Err(StoreError::failed("too many open files")) })
    }
}

#[tokio::test]
async fn a_store_that_fails_for_a_moment_is_asked_again_before_a_response_ends_the_session() {
    let server = Server::start(Protocol::article());
    let store = Shared::default();
    let ((one, told), (other, _)) =
        (client(&server, store.clone()), client(&server, store.clone()));
    sign_in(&server, &one).await;
    calls(&other, 1).await;
    server.expire_all();
    calls(&other, 1).await;
    let over = Reply::json(&json!({"code": 1001, "message": "unknown token"}));
    server.on("/orders/1").first(1).response(over);
    store.failures.store(2, Ordering::SeqCst);
    one.order(1).await.unwrap();
    assert_eq!((told.count("SessionLost"), server.refreshes()), (0, 1), "{:?}", told.0);
}

#[tokio::test]
async fn the_store_is_checked_before_a_response_ends_the_session() {
    let server = Server::start(Protocol::article());
    let store = Shared::default();
    let ((one, told), (other, _)) = (client(&server, store.clone()), client(&server, store));
    sign_in(&server, &one).await;
    calls(&other, 1).await;
    server.expire_all();
    calls(&other, 1).await;
    // The token of this process is the one before.
    let over = Reply::json(&json!({"code": 1001, "message": "unknown token"}));
    server.on("/orders/1").first(1).response(over.clone());
    one.order(1).await.unwrap();
    assert_eq!((told.count("SessionLost"), server.refreshes()), (0, 1), "{:?}", told.0);
    // The present one is not known either: that is the end.
    server.on("/orders/1").response(over);
    let error = one.order(1).await.unwrap_err();
    assert!(error.is_signed_out(), "{error}");
    assert_eq!(told.count("SessionLost"), 1, "{:?}", told.0);
}

#[tokio::test(start_paused = true)]
async fn a_store_that_fails_for_ever_does_not_keep_a_session_without_handles_for_ever() {
    let store = Full::default();
    let shop = ShopClient::builder("http://127.0.0.1:1").store(store.clone()).build().unwrap();
    shop.session().login(Tokens::new("first")).await.unwrap();
    drop(shop);
    tokio::time::sleep(Duration::from_secs(300)).await;
    assert!(Arc::strong_count(&store.is_free) > 1, "the write was forgotten");
    tokio::time::sleep(Duration::from_secs(600)).await;
    assert_eq!(Arc::strong_count(&store.is_free), 1, "the session is still there");
}

#[tokio::test(start_paused = true)]
async fn a_login_that_keeps_losing_against_others_is_reported_and_saved_later() {
    let server = Server::start(Protocol::article());
    let store = Contested::default();
    let (shop, told) = client(&server, store.clone());
    let tokens = Tokens::new(server.issue("ann").access);
    shop.session().login(tokens.clone()).await.unwrap();
    assert_eq!(told.count("StoreFailed"), 1, "{:?}", told.0);
    assert_eq!(store.store.stored().unwrap().tokens.access(), "other");
    tokio::time::sleep(Duration::from_secs(5)).await;
    assert_eq!(store.store.stored().unwrap().tokens.access(), tokens.access());
    assert_eq!(told.count("StoreFailed"), 1, "{:?}", told.0);
}

#[test]
fn a_write_that_failed_is_tried_again_after_the_runtime_of_the_first_try_has_ended() {
    let runtime = || {
        let mut builder = tokio::runtime::Builder::new_current_thread();
        builder.enable_all().start_paused(true).build().unwrap()
    };
    let store = Full::default();
    let shop = ShopClient::builder("http://127.0.0.1:1").store(store.clone()).build().unwrap();
    let first = runtime();
    first.block_on(shop.session().login(Tokens::new("first"))).unwrap();
    drop(first);
    runtime().block_on(async {
        shop.session().login(Tokens::new("second")).await.unwrap();
        assert_eq!(store.store.stored(), None);
        store.is_free.store(true, Ordering::Relaxed);
        tokio::time::sleep(Duration::from_secs(60)).await;
    });
    assert_eq!(store.store.stored().unwrap().tokens.access(), "second");
}

#[tokio::test]
async fn a_store_that_could_not_be_read_at_first_is_read_again() {
    let server = Server::start(Protocol::article());
    let broken = Broken::new(Fault::FailsAtFirst);
    let tokens = Tokens::new(server.issue("ann").access);
    let version = Version { login: 1, generation: 1 };
    let stored = Stored::new(version, tokens, std::time::SystemTime::now());
    broken.store.save(&stored, None).await.unwrap();
    let (shop, told) = client(&server, broken);
    assert!(shop.order(1).await.is_err_and(|error| error.is_signed_out()));
    assert_eq!(told.count("StoreFailed"), 1);
    tokio::time::sleep(Duration::from_millis(1100)).await;
    calls(&shop, 1).await;
}

/// A file whose lock is taken when it is first asked for.
struct Taken(FileStore);

impl TokenStore for Taken {
    as_in! { 0: load, save, clear }

    fn lock(&self, timeout: Duration) -> BoxFuture<'_, Result<Option<StoreLock>, StoreError>> {
        if timeout.is_zero() {
            return Box::pin(async { Err(StoreError::Locked) });
        }
        self.0.lock(timeout)
    }
}

#[tokio::test]
async fn a_refresh_without_a_limit_waits_for_the_lock_of_another_process() {
    let scratch = Scratch::new("no-limit");
    let server = Server::start(Protocol::article());
    let shop = ShopClient::builder(server.origin())
        .store(Taken(FileStore::at(scratch.file())))
        .refresh_timeout(Duration::MAX)
        .build()
        .unwrap();
    sign_in(&server, &shop).await;
    server.expire_all();
    calls(&shop, 1).await;
    assert_eq!(server.refreshes(), 1);
}
