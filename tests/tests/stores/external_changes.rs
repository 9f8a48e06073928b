//! Sessions whose store reports that another process may have changed it.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::time::{Duration, SystemTime};

use crate::support::{ShopClient, as_in};
use futures::poll;
use perennial::store::{MemoryStore, StoreError, StoreLock, Stored, TokenStore, Version};
use perennial::{BoxFuture, ErrorKind, Event, EventKind, Result, Tokens};
use perennial_tests::{Protocol, Server};

/// A store that always says that it may have changed, and how it behaves now.
#[derive(Clone, Default)]
struct Restless {
    store: MemoryStore,
    hangs: Arc<AtomicBool>,
    slow: Arc<AtomicBool>,
    locks: Arc<AtomicBool>,
    panics: Arc<AtomicBool>,
    full: Arc<AtomicBool>,
}

impl TokenStore for Restless {
    as_in! { store: clear }

    fn load(&self) -> BoxFuture<'_, Result<Option<Stored>, StoreError>> {
        Box::pin(async {
            if self.hangs.load(Ordering::Relaxed) {
                std::future::pending::<()>().await;
            }
            if self.slow.load(Ordering::Relaxed) {
                tokio::time::sleep(Duration::from_millis(100)).await;
            }
            self.store.load().await
        })
    }
    fn save<'a>(
        &'a self,
        next: &'a Stored,
        expected: Option<Version>,
    ) -> BoxFuture<'a, Result<(), StoreError>> {
        if self.full.load(Ordering::Relaxed) {
            return Box::pin(async { Err(StoreError::failed("the disk is full")) });
        }
        self.store.save(next, expected)
    }
    fn lock(&self, _: Duration) -> BoxFuture<'_, Result<Option<StoreLock>, StoreError>> {
        let locks = self.locks.load(Ordering::Relaxed);
        Box::pin(async move { Ok(locks.then(|| StoreLock::new(()))) })
    }
    fn may_have_changed(&self) -> bool {
        assert!(!self.panics.load(Ordering::Relaxed), "the store is broken");
        true
    }
}

/// How often each was reported.
#[derive(Clone, Default)]
struct Told {
    failed: Arc<AtomicUsize>,
    lost: Arc<AtomicUsize>,
}

impl Told {
    fn note(&self, event: &Event) {
        match event.kind {
            EventKind::StoreFailed { .. } => self.failed.fetch_add(1, Ordering::Relaxed),
            EventKind::SessionLost { .. } => self.lost.fetch_add(1, Ordering::Relaxed),
            _ => 0,
        };
    }
}

struct Scenario {
    server: Server,
    shop: ShopClient,
    store: Restless,
    told: Told,
}

impl Scenario {
    async fn new() -> Self {
        let server = Server::start(Protocol::article());
        let (store, told) = (Restless::default(), Told::default());
        let events = told.clone();
        let shop = ShopClient::builder(server.origin())
            .store(store.clone())
            .on_event(move |event| events.note(event))
            .build()
            .unwrap();
        shop.session().login(Tokens::new(server.issue("ann").access)).await.unwrap();
        assert_eq!(shop.order(1).await.unwrap().id, 1);
        Self { server, shop, store, told }
    }

    fn failures(&self) -> usize {
        self.told.failed.load(Ordering::Relaxed)
    }

    /// Another process saves these tokens.
    async fn save_elsewhere(&self, login: Option<u64>, access: &str) {
        let kept = self.store.store.stored().unwrap();
        let login = login.unwrap_or(kept.version.login);
        let version = Version { login, generation: kept.version.generation + 1 };
        let next = Stored::new(version, Tokens::new(access), SystemTime::now());
        self.store.store.save(&next, Some(kept.version)).await.unwrap();
    }
}

/// Time is paused, so a minute passes at once if nothing else can happen.
async fn soon<T>(work: impl Future<Output = T>) -> T {
    tokio::time::timeout(Duration::from_secs(60), work).await.expect("it hangs")
}

#[tokio::test(start_paused = true)]
async fn a_call_that_is_not_polled_while_it_reads_the_store_blocks_no_other() {
    let scenario = Scenario::new().await;
    scenario.store.slow.store(true, Ordering::Relaxed);
    // A refresh reads the store under its lock.
    scenario.store.locks.store(true, Ordering::Relaxed);
    let mut idle = Box::pin(scenario.shop.order(2));
    assert!(poll!(&mut idle).is_pending());
    scenario.server.expire_all();
    for id in 3..6 {
        assert_eq!(soon(scenario.shop.order(id)).await.unwrap().id, id);
    }
    assert_eq!((scenario.server.refreshes(), scenario.failures()), (1, 0));
    assert_eq!(soon(idle).await.unwrap().id, 2);
}

#[tokio::test(start_paused = true)]
async fn a_call_that_is_not_polled_while_it_reads_the_store_for_the_first_time_blocks_no_other() {
    let scenario = Scenario::new().await;
    let told = Told::default();
    let events = told.clone();
    let shop = ShopClient::builder(scenario.server.origin())
        .store(scenario.store.clone())
        .on_event(move |event| events.note(event))
        .build()
        .unwrap();
    scenario.store.slow.store(true, Ordering::Relaxed);
    let mut idle = Box::pin(shop.order(2));
    assert!(poll!(&mut idle).is_pending());
    assert_eq!(soon(shop.order(3)).await.unwrap().id, 3);
    assert_eq!(told.failed.load(Ordering::Relaxed), 0);
    assert_eq!(soon(idle).await.unwrap().id, 2);
}

#[tokio::test(start_paused = true)]
async fn a_call_continues_without_a_store_that_hangs_and_the_next_ones_do_not_wait_for_it() {
    let scenario = Scenario::new().await;
    scenario.store.hangs.store(true, Ordering::Relaxed);
    assert_eq!(scenario.shop.order(2).await.unwrap().id, 2);
    assert_eq!(scenario.shop.order(3).await.unwrap().id, 3);
    assert_eq!(scenario.failures(), 1, "the second call waited for it as well");
    scenario.store.hangs.store(false, Ordering::Relaxed);
    tokio::time::advance(Duration::from_secs(1)).await;
    scenario.save_elsewhere(Some(7), &scenario.server.issue("bob").access).await;
    assert!(
        scenario.shop.order(4).await.is_err_and(|error| error.kind() == ErrorKind::SessionChanged)
    );
    assert_eq!(scenario.shop.order(5).await.unwrap().id, 5);
    assert_eq!((scenario.failures(), scenario.server.refreshes()), (1, 0));
}

#[tokio::test]
async fn a_store_that_panics_reports_no_change() {
    let scenario = Scenario::new().await;
    scenario.store.panics.store(true, Ordering::Relaxed);
    assert_eq!(scenario.shop.order(2).await.unwrap().id, 2);
    scenario.server.expire_all();
    assert_eq!(scenario.shop.order(3).await.unwrap().id, 3);
    assert_eq!((scenario.failures(), scenario.server.refreshes()), (0, 1));
}

#[tokio::test]
async fn a_login_that_could_not_be_saved_yet_goes_before_one_of_another_process() {
    let scenario = Scenario::new().await;
    scenario.store.full.store(true, Ordering::Relaxed);
    let bob = scenario.server.issue("bob").access;
    scenario.shop.session().login(Tokens::new(bob.clone())).await.unwrap();
    scenario.save_elsewhere(Some(7), &scenario.server.issue("eve").access).await;
    assert_eq!(scenario.shop.order(2).await.unwrap().id, 2);
    assert_eq!(scenario.server.carrying(&bob), 1);
    assert_eq!(scenario.shop.session().tokens().unwrap().access(), bob);
}

#[tokio::test]
async fn a_change_during_a_refresh_is_left_to_the_refresh() {
    let scenario = Scenario::new().await;
    scenario.server.expire_all();
    let hold = scenario.server.hold_refresh();
    let first = tokio::spawn(scenario.shop.order(2));
    hold.arrived(1).await;
    let eve = scenario.server.issue("eve").access;
    scenario.save_elsewhere(Some(7), &eve).await;
    let second = tokio::spawn(scenario.shop.order(3));
    tokio::task::yield_now().await;
    hold.release();
    for call in [first, second] {
        let error = call.await.unwrap().err().unwrap();
        assert!(
            error.kind() == ErrorKind::SessionChanged,
            "a call of one user ran as the other: {error:?}"
        );
    }
    assert_eq!(scenario.shop.order(4).await.unwrap().id, 4);
    assert_eq!((scenario.server.carrying(&eve), scenario.server.refreshes()), (1, 1));
    let kept = scenario.store.store.stored().unwrap();
    assert_eq!(kept.tokens.access(), eve, "a login elsewhere was overwritten");
}

#[tokio::test]
async fn the_tokens_of_another_process_are_adopted_without_an_expired_response() {
    let scenario = Scenario::new().await;
    let newer = scenario.server.issue("ann").access;
    scenario.save_elsewhere(None, &newer).await;
    scenario.server.tokens().expire_after_uses(Some(2));
    assert_eq!(scenario.shop.order(2).await.unwrap().id, 2);
    assert_eq!(scenario.server.carrying(&newer), 1);
    // A store that was set back has nothing to offer.
    let kept = scenario.store.store.stored().unwrap();
    let old = Version { generation: 0, ..kept.version };
    let back = Stored::new(old, Tokens::new("old"), kept.issued);
    scenario.store.store.save(&back, Some(kept.version)).await.unwrap();
    assert_eq!(scenario.shop.order(3).await.unwrap().id, 3);
    assert_eq!((scenario.server.carrying(&newer), scenario.server.expiries()), (2, 0));
}

#[tokio::test]
async fn loading_the_session_manually_notices_a_sign_out_elsewhere() {
    let scenario = Scenario::new().await;
    let kept = scenario.store.store.stored().unwrap();
    scenario.store.store.clear(kept.version).await.unwrap();
    assert!(scenario.shop.session().is_signed_in(), "nobody has looked yet");
    scenario.shop.session().load().await;
    assert!(!scenario.shop.session().is_signed_in());
    assert_eq!(scenario.told.lost.load(Ordering::Relaxed), 1);
    assert_eq!(scenario.server.sends(), 1);
}
