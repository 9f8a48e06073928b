//! Runtimes that stand still while a session reads or writes its store.

use std::future::ready;
use std::sync::{Arc, Mutex, mpsc};
use std::thread::{self, JoinHandle};
use std::time::{Duration, SystemTime};

use crate::runtimes::{ambiguities, runtime};
use crate::support::{ShopClient, Told, secs};
use perennial::store::{MemoryStore, StoreError, StoreLock, Stored, TokenStore, Version};
use perennial::{BoxFuture, ClientBuilder, EventKind, Result, Session, Tokens};
use tokio::runtime::{Builder, Runtime};
use tokio::time::{sleep, timeout};

#[derive(Debug, Clone, Copy, PartialEq)]
enum Operation {
    Load,
    Save,
    Clear,
}

/// Where a thread stands still: before or after an operation, the next one of its kind.
struct Stall {
    operation: Operation,
    is_after: bool,
    begun: mpsc::Sender<()>,
    going_on: mpsc::Receiver<()>,
}

/// A store in memory, which can let a thread stand still.
#[derive(Clone, Default)]
struct Stalling {
    store: MemoryStore,
    next: Arc<Mutex<Option<Stall>>>,
    /// The access tokens that were saved, in order.
    saved: Arc<Mutex<Vec<String>>>,
}

impl Stalling {
    /// The thread that comes to the place first sends a message, and waits until the other channel is dropped.
    fn stall(
        &self,
        operation: Operation,
        is_after: bool,
    ) -> (mpsc::Receiver<()>, mpsc::Sender<()>) {
        let (begun, has_begun) = mpsc::channel();
        let (go_on, going_on) = mpsc::channel();
        *self.next.lock().unwrap() = Some(Stall { operation, is_after, begun, going_on });
        (has_begun, go_on)
    }

    fn pass(&self, operation: Operation, is_after: bool) {
        let here = |stall: &mut Stall| (stall.operation, stall.is_after) == (operation, is_after);
        let stall = self.next.lock().unwrap().take_if(here);
        if let Some(stall) = stall {
            stall.begun.send(()).unwrap();
            let _ = stall.going_on.recv();
        }
    }

    /// The access token in the store.
    fn access(&self) -> Option<String> {
        self.store.stored().map(|stored| stored.tokens.access().to_owned())
    }

    fn client(&self, told: &Told) -> ClientBuilder<ShopClient> {
        told.watch(ShopClient::builder("http://127.0.0.1:1")).store(self.clone())
    }

    /// A client that renews its tokens without a server: each is made of the one before.
    fn renewing_client(&self, told: &Told) -> ClientBuilder<ShopClient> {
        self.client(told).refresh(|old: Option<Tokens>| {
            ready(Ok(Tokens::new(format!("{}+", old.unwrap().access()))))
        })
    }
}

impl TokenStore for Stalling {
    fn load(&self) -> BoxFuture<'_, std::result::Result<Option<Stored>, StoreError>> {
        Box::pin(async move {
            self.pass(Operation::Load, false);
            let found = self.store.load().await;
            self.pass(Operation::Load, true);
            found
        })
    }

    fn save<'a>(
        &'a self,
        next: &'a Stored,
        expected: Option<Version>,
    ) -> BoxFuture<'a, std::result::Result<(), StoreError>> {
        Box::pin(async move {
            self.pass(Operation::Save, false);
            self.store.save(next, expected).await?;
            self.saved.lock().unwrap().push(next.tokens.access().to_owned());
            self.pass(Operation::Save, true);
            Ok(())
        })
    }

    fn clear(&self, expected: Version) -> BoxFuture<'_, std::result::Result<(), StoreError>> {
        Box::pin(async move {
            self.pass(Operation::Clear, false);
            self.store.clear(expected).await?;
            self.pass(Operation::Clear, true);
            Ok(())
        })
    }

    fn lock(
        &self,
        _: Duration,
    ) -> BoxFuture<'_, std::result::Result<Option<StoreLock>, StoreError>> {
        Box::pin(ready(Ok(Some(StoreLock::new(())))))
    }
}

/// A runtime whose time passes as soon as all its tasks wait.
fn virtual_runtime() -> Runtime {
    Builder::new_current_thread().enable_all().start_paused(true).build().unwrap()
}

/// Signs a user in, or out.
async fn change_user(session: &Session, user: Option<&str>) -> Result<()> {
    match user {
        Some(user) => session.login(Tokens::new(user)).await,
        None => session.logout().await,
    }
}

/// The same on a thread and a runtime of its own.
fn changing_user(session: &Session, user: Option<&'static str>) -> JoinHandle<Result<()>> {
    let session = session.clone();
    thread::spawn(move || runtime().block_on(change_user(&session, user)))
}

fn access(session: &Session) -> Option<String> {
    session.tokens().map(|tokens| tokens.access().to_owned())
}

/// How often the program heard that the store has failed.
fn failures(told: &Told) -> usize {
    told.count(|event| matches!(event, EventKind::StoreFailed { .. }))
}

#[test]
fn tokens_whose_thread_stands_still_while_they_are_saved_are_used_and_not_renewed_again() {
    for is_after in [false, true] {
        let (told, store) = (Told::default(), Stalling::default());
        let shop = store.renewing_client(&told).build().unwrap();
        let session = shop.session();
        let other = virtual_runtime();
        other.block_on(change_user(session, Some("ann"))).unwrap();
        let (is_saving, go_on) = store.stall(Operation::Save, is_after);
        let stalled = {
            let session = session.clone();
            thread::spawn(move || runtime().block_on(async move { session.refresh().await }))
        };
        is_saving.recv().unwrap();
        other.block_on(session.refresh()).unwrap();
        assert_eq!(access(session).unwrap(), "ann+", "{is_after}");
        drop(go_on);
        stalled.join().unwrap().unwrap();
        other.block_on(session.refresh()).unwrap();
        other.block_on(async { sleep(secs(60)).await });
        for access in [access(session), store.access()] {
            assert_eq!(access.unwrap(), "ann++", "{is_after}");
        }
        let counts = told.counts();
        assert_eq!((counts.started, counts.lost, ambiguities(&told)), (2, 0, 0), "{is_after}");
    }
}

#[test]
fn a_login_or_logout_does_not_wait_for_a_write_whose_thread_stands_still() {
    let places = [Operation::Save, Operation::Clear].map(|it| [(it, false), (it, true)]);
    for (operation, is_after) in places.concat() {
        for user in [Some("ben"), None] {
            let case = format!("{operation:?}, {is_after}, {user:?}");
            let (told, store) = (Told::default(), Stalling::default());
            let shop = store.client(&told).build().unwrap();
            let session = shop.session();
            let other = virtual_runtime();
            other.block_on(change_user(session, Some("ann"))).unwrap();
            let (has_begun, go_on) = store.stall(operation, is_after);
            let stalled = changing_user(session, (operation == Operation::Save).then_some("eve"));
            has_begun.recv().unwrap();
            let changed =
                other.block_on(async { timeout(secs(60), change_user(session, user)).await });
            changed.expect(&case).unwrap();
            assert_eq!((access(session).as_deref(), failures(&told)), (user, 1), "{case}");
            drop(go_on);
            stalled.join().unwrap().unwrap();
            // The write that was put off is made by then.
            other.block_on(async { sleep(secs(60)).await });
            assert_eq!(access(session).as_deref(), user, "{case}");
            assert_eq!(store.access().as_deref(), user, "{case}");
            let last = user.or((operation == Operation::Save).then_some("eve")).unwrap_or("ann");
            assert_eq!(store.saved.lock().unwrap().last().unwrap(), last, "{case}");
        }
    }
}

#[test]
fn a_login_that_could_not_be_saved_is_saved_by_the_write_that_stood_still() {
    let places = [Operation::Save, Operation::Clear].map(|it| [(it, false), (it, true)]);
    for (operation, is_after) in places.concat() {
        let (told, store) = (Told::default(), Stalling::default());
        let shop = store.client(&told).build().unwrap();
        let session = shop.session();
        runtime().block_on(change_user(session, Some("ann"))).unwrap();
        let (has_begun, go_on) = store.stall(operation, is_after);
        let stalled = changing_user(session, (operation == Operation::Save).then_some("eve"));
        has_begun.recv().unwrap();
        // This runtime ends, and with it the task that would repeat the write.
        let login = async { timeout(secs(60), change_user(session, Some("ben"))).await };
        virtual_runtime().block_on(login).unwrap().unwrap();
        drop(go_on);
        stalled.join().unwrap().unwrap();
        assert_eq!(store.access().as_deref(), Some("ben"), "{operation:?}, {is_after}");
    }
}

#[test]
fn a_refresh_does_not_wait_for_a_write_whose_thread_stands_still() {
    for is_after in [false, true] {
        let (told, store) = (Told::default(), Stalling::default());
        let limit = secs(2);
        let shop = store.renewing_client(&told).refresh_timeout(limit).build().unwrap();
        let session = shop.session();
        let other = virtual_runtime();
        other.block_on(change_user(session, Some("ann"))).unwrap();
        let (has_begun, go_on) = store.stall(Operation::Save, is_after);
        let stalled = changing_user(session, Some("eve"));
        has_begun.recv().unwrap();
        // It waits twice: for what the store has, and until it can save.
        let refreshed = other.block_on(async { timeout(limit * 2, session.refresh()).await });
        refreshed.expect("the refresh waits for the other thread").unwrap();
        assert_eq!(access(session).unwrap(), "eve+", "{is_after}");
        drop(go_on);
        stalled.join().unwrap().unwrap();
        other.block_on(async { sleep(secs(60)).await });
        assert_eq!(store.access(), access(session), "{is_after}");
        assert_eq!((told.counts().started, told.counts().lost), (1, 0), "{is_after}");
    }
}

#[test]
fn a_call_does_not_wait_for_a_first_load_whose_thread_stands_still() {
    for is_after in [false, true] {
        for next in [None, Some(Some("ben")), Some(None)] {
            let case = format!("{is_after}, {next:?}");
            let (told, store) = (Told::default(), Stalling::default());
            let version = Version { login: 1, generation: 1 };
            let stored = Stored::new(version, Tokens::new("ann"), SystemTime::now());
            runtime().block_on(store.store.save(&stored, None)).unwrap();
            let shop = store.client(&told).build().unwrap();
            let session = shop.session();
            let (has_begun, go_on) = store.stall(Operation::Load, is_after);
            let stalled = {
                let session = session.clone();
                thread::spawn(move || runtime().block_on(async move { session.load().await }))
            };
            has_begun.recv().unwrap();
            let other = virtual_runtime();
            // A user is signed in, without a server.
            let error = other.block_on(shop.order(1)).unwrap_err();
            assert!(!error.is_signed_out(), "{case}: {error}");
            assert_eq!((access(session).as_deref(), failures(&told)), (Some("ann"), 0), "{case}");
            if let Some(user) = next {
                other.block_on(change_user(session, user)).unwrap();
            }
            drop(go_on);
            stalled.join().unwrap();
            let expected = next.unwrap_or(Some("ann"));
            assert_eq!(
                access(session).as_deref(),
                expected,
                "{case}: a late load changed the user"
            );
            assert_eq!(store.access().as_deref(), expected, "{case}");
        }
    }
}

#[test]
fn a_load_that_ends_late_does_not_bring_back_what_another_process_has_cleared_since() {
    let (told, store) = (Told::default(), Stalling::default());
    let version = Version { login: 1, generation: 1 };
    let stored = Stored::new(version, Tokens::new("ann"), SystemTime::now());
    runtime().block_on(store.store.save(&stored, None)).unwrap();
    let shop = store.client(&told).build().unwrap();
    let session = shop.session();
    let (has_begun, go_on) = store.stall(Operation::Load, true);
    let stalled = {
        let session = session.clone();
        thread::spawn(move || runtime().block_on(async move { session.load().await }))
    };
    has_begun.recv().unwrap();
    runtime().block_on(store.store.clear(version)).unwrap();
    virtual_runtime().block_on(async { session.load().await });
    drop(go_on);
    stalled.join().unwrap();
    assert_eq!(access(session), None);
}
