//! A store that hangs delays a call by half a second at most. Time is virtual here, and no server is asked.

use std::future::{pending, ready};
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};
use std::time::{Duration, SystemTime};

use futures::FutureExt;
use perennial::store::{Lease, MemoryStore, StoreError, StoreLock, Stored, TokenStore, Version};
use perennial::{BoxFuture, EventKind, Tokens};
use tokio::time::Instant;

use crate::support::{ShopClient, as_in};

const HALF_A_SECOND: Duration = Duration::from_millis(500);

#[derive(Clone, Copy, PartialEq)]
enum Hangs {
    Load,
    Save,
    Extend,
    Release,
}

/// A store in memory, of which one operation never completes.
#[derive(Clone)]
struct Hanging {
    store: MemoryStore,
    hangs: Hangs,
    loads: Arc<AtomicUsize>,
}

struct HangingLease(Hangs);

impl Lease for HangingLease {
    fn extend(&self, _: Duration) -> BoxFuture<'_, bool> {
        if self.0 == Hangs::Extend { Box::pin(pending()) } else { Box::pin(ready(true)) }
    }

    fn release(self: Box<Self>) -> BoxFuture<'static, ()> {
        if self.0 == Hangs::Release { Box::pin(pending()) } else { Box::pin(ready(())) }
    }
}

impl TokenStore for Hanging {
    as_in! { store: clear }

    fn load(&self) -> BoxFuture<'_, Result<Option<Stored>, StoreError>> {
        self.loads.fetch_add(1, Ordering::Relaxed);
        if self.hangs == Hangs::Load { Box::pin(pending()) } else { self.store.load() }
    }

    fn save<'a>(
        &'a self,
        next: &'a Stored,
        expected: Option<Version>,
    ) -> BoxFuture<'a, Result<(), StoreError>> {
        if self.hangs == Hangs::Save && expected.is_some() {
            return Box::pin(pending());
        }
        self.store.save(next, expected)
    }

    fn lock(&self, _: Duration) -> BoxFuture<'_, Result<Option<StoreLock>, StoreError>> {
        Box::pin(ready(Ok(Some(StoreLock::leased(HangingLease(self.hangs))))))
    }
}

/// A client, which renews its tokens without a server if `renews`.
fn client(hangs: Hangs, renews: bool) -> (ShopClient, Hanging, Arc<Mutex<Vec<String>>>) {
    let failures: Arc<Mutex<Vec<String>>> = Arc::default();
    let log = Arc::clone(&failures);
    let store = Hanging { store: MemoryStore::new(), hangs, loads: Arc::default() };
    let builder =
        ShopClient::builder("http://127.0.0.1:1").store(store.clone()).on_event(move |event| {
            if let EventKind::StoreFailed { reason, .. } = &event.kind {
                log.lock().unwrap().push(reason.to_string());
            }
        });
    let renew = |_old: Option<Tokens>| ready(Ok(Tokens::new("renewed")));
    let builder = if renews { builder.refresh(renew) } else { builder };
    (builder.build().unwrap(), store, failures)
}

#[tokio::test(start_paused = true)]
async fn a_refresh_does_not_wait_for_a_lease_or_a_save_or_a_release_that_hangs() {
    for hangs in [Hangs::Extend, Hangs::Release, Hangs::Save] {
        let (shop, store, failures) = client(hangs, true);
        shop.session().login(Tokens::new("first")).await.unwrap();
        let began = Instant::now();
        shop.session().refresh().await.unwrap();
        assert_eq!(began.elapsed().as_millis(), HALF_A_SECOND.as_millis());
        assert_eq!(shop.session().tokens().unwrap().access(), "renewed");
        let late = |failure: &String| failure.contains("500ms");
        // The event of a release comes after the refresh.
        while !failures.lock().unwrap().iter().any(late) {
            tokio::task::yield_now().await;
        }
        if hangs != Hangs::Save {
            assert_eq!(store.store.stored().unwrap().tokens.access(), "renewed");
        }
    }
}

#[tokio::test(start_paused = true)]
async fn calls_do_not_wait_for_a_first_load_that_hangs_and_the_next_ones_not_at_all() {
    let (shop, store, failures) = client(Hangs::Load, false);
    let began = Instant::now();
    let calls = (0..20).map(|id| shop.order(id));
    for called in futures::future::join_all(calls).await {
        assert!(called.is_err_and(|error| error.is_signed_out()));
    }
    assert_eq!(began.elapsed().as_millis(), HALF_A_SECOND.as_millis());
    assert!(shop.order(1).await.is_err_and(|error| error.is_signed_out()));
    assert_eq!(began.elapsed().as_millis(), HALF_A_SECOND.as_millis());
    assert_eq!(failures.lock().unwrap().len(), 1, "{failures:?}");
    assert_eq!(store.loads.load(Ordering::Relaxed), 1);
}

/// A store whose first load takes longer than a call waits for it.
#[derive(Clone)]
struct Slow(MemoryStore);

impl TokenStore for Slow {
    as_in! { 0: save, clear }

    fn load(&self) -> BoxFuture<'_, Result<Option<Stored>, StoreError>> {
        Box::pin(async {
            tokio::time::sleep(Duration::from_secs(3)).await;
            self.0.load().await
        })
    }
}

#[tokio::test(start_paused = true)]
async fn a_slow_first_load_continues_in_the_background_and_load_waits_for_it() {
    for by_hand in [true, false] {
        let store = Slow(MemoryStore::new());
        let version = Version { login: 1, generation: 1 };
        let stored = Stored::new(version, Tokens::new("first"), SystemTime::now());
        store.0.save(&stored, None).await.unwrap();
        let shop = ShopClient::builder("http://127.0.0.1:1").store(store).build().unwrap();
        if by_hand {
            shop.session().load().await;
        } else {
            assert!(shop.order(1).await.is_err_and(|error| error.is_signed_out()));
            tokio::time::sleep(Duration::from_secs(3)).await;
        }
        assert!(shop.session().is_signed_in());
    }
}

#[tokio::test(start_paused = true)]
async fn a_logout_during_a_slow_first_load_clears_the_store_whether_or_not_it_is_awaited() {
    for is_dropped in [false, true] {
        let store = Slow(MemoryStore::new());
        let version = Version { login: 1, generation: 1 };
        let stored = Stored::new(version, Tokens::new("first"), SystemTime::now());
        store.0.save(&stored, None).await.unwrap();
        let shop = ShopClient::builder("http://127.0.0.1:1").store(store.clone()).build().unwrap();
        if is_dropped {
            assert!(shop.session().logout().now_or_never().is_none());
        } else {
            shop.session().logout().await.unwrap();
            assert!(!shop.session().is_signed_in());
            assert_eq!(store.0.stored(), None);
        }
        tokio::time::sleep(Duration::from_secs(10)).await;
        assert!(!shop.session().is_signed_in(), "a late load brought the login back");
        assert_eq!(store.0.stored(), None);
    }
}
