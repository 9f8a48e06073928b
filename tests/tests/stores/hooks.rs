//! Hooks run outside of all locks when the store reports something: they may sign in and out themselves.

use std::sync::{Arc, OnceLock};
use std::time::{Duration, SystemTime};

use crate::support::{ShopClient, as_in};
use perennial::store::{MemoryStore, StoreError, StoreLock, Stored, TokenStore, Version};
use perennial::{BoxFuture, ErrorKind, Event, EventKind, Result, Session, Tokens};
use perennial_tests::{Protocol, Server};
use tokio::sync::mpsc::{UnboundedReceiver, unbounded_channel};

/// The ways in which a store misbehaves.
#[derive(Clone, Copy, PartialEq)]
enum Fault {
    /// Nothing can be saved.
    Full,
    /// Nothing can be read.
    Unreadable,
    /// Reading never ends, and there may always be something new to read.
    Hangs,
    /// A token set that is saved over another one takes longer than a call waits for it.
    Slow,
}

#[derive(Clone)]
struct Broken {
    store: MemoryStore,
    fault: Fault,
}

impl TokenStore for Broken {
    as_in! { store: clear }

    fn load(&self) -> BoxFuture<'_, Result<Option<Stored>, StoreError>> {
        match self.fault {
            Fault::Unreadable => Box::pin(async { Err(StoreError::failed("it is not there")) }),
            Fault::Hangs => Box::pin(async {
                if self.store.stored().is_some() {
                    std::future::pending::<()>().await;
                }
                Ok(None)
            }),
            _ => self.store.load(),
        }
    }
    fn save<'a>(
        &'a self,
        next: &'a Stored,
        expected: Option<Version>,
    ) -> BoxFuture<'a, Result<(), StoreError>> {
        match self.fault {
            Fault::Full => Box::pin(async { Err(StoreError::failed("the disk is full")) }),
            Fault::Slow if expected.is_some() => Box::pin(async move {
                tokio::time::sleep(Duration::from_secs(2)).await;
                self.store.save(next, expected).await
            }),
            _ => self.store.save(next, expected),
        }
    }
    fn lock(&self, _: Duration) -> BoxFuture<'_, Result<Option<StoreLock>, StoreError>> {
        Box::pin(async { Ok(Some(StoreLock::new(()))) })
    }
    fn may_have_changed(&self) -> bool {
        self.fault == Fault::Hangs
    }
}

/// A client whose hook signs out as soon as the store reports something, and whether it could.
fn client(server: &Server, store: impl TokenStore) -> (ShopClient, UnboundedReceiver<bool>) {
    let session: Arc<OnceLock<Session>> = Arc::default();
    let (told, ended) = unbounded_channel();
    let of_hook = Arc::clone(&session);
    let hook = move |event: &Event| {
        if let EventKind::StoreFailed { .. } | EventKind::Adopted { .. } = event.kind {
            let signing_out = of_hook.get().unwrap().logout();
            let ends = tokio::task::block_in_place(|| {
                // So long nobody waits for a lock that is to be free.
                let limited = tokio::time::timeout(Duration::from_secs(20), signing_out);
                tokio::runtime::Handle::current().block_on(limited).is_ok()
            });
            let _ = told.send(ends);
        }
    };
    let client = ShopClient::builder(server.origin()).store(store).on_event(hook).build().unwrap();
    session.set(client.session().clone()).unwrap();
    (client, ended)
}

async fn sign_in(server: &Server, client: &ShopClient) {
    client.session().login(Tokens::new(server.issue("ann").access)).await.unwrap();
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn a_hook_can_sign_out_after_a_failed_write() {
    let server = Server::start(Protocol::article());
    let store = Broken { store: MemoryStore::new(), fault: Fault::Full };
    let (shop, mut ended) = client(&server, store);
    sign_in(&server, &shop).await;
    assert_eq!(ended.recv().await, Some(true));
    assert!(!shop.session().is_signed_in());
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn a_hook_can_sign_out_after_a_failed_read() {
    let server = Server::start(Protocol::article());
    let store = Broken { store: MemoryStore::new(), fault: Fault::Unreadable };
    let (shop, mut ended) = client(&server, store);
    shop.session().load().await;
    assert_eq!(ended.recv().await, Some(true));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn a_hook_can_sign_out_after_a_late_load() {
    let server = Server::start(Protocol::article());
    let store = Broken { store: MemoryStore::new(), fault: Fault::Hangs };
    let (shop, mut ended) = client(&server, store);
    sign_in(&server, &shop).await;
    // It was signed out before it was sent.
    assert!(shop.order(1).await.is_err());
    assert_eq!(ended.recv().await, Some(true));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn a_hook_can_sign_out_during_a_slow_write() {
    let server = Server::start(Protocol::article());
    let store = Broken { store: MemoryStore::new(), fault: Fault::Slow };
    let (shop, mut ended) = client(&server, store);
    sign_in(&server, &shop).await;
    server.expire_all();
    // The hook waits for the end of the write; the call does not wait for the hook.
    let _ = shop.order(1).await;
    shop.session().logout().await.unwrap();
    assert_eq!(ended.recv().await, Some(true));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn a_hook_can_sign_out_after_another_login() {
    let server = Server::start(Protocol::article());
    let store = MemoryStore::new();
    // Without a place it is a session of its own.
    let other = Broken { store: store.clone(), fault: Fault::Slow };
    let (shop, mut ended) = client(&server, other);
    sign_in(&server, &shop).await;
    let known = store.stored().unwrap().version;
    let version = Version { login: known.login.wrapping_add(1), generation: 1 };
    let bob = Stored::new(version, Tokens::new(server.issue("bob").access), SystemTime::now());
    store.save(&bob, Some(known)).await.unwrap();
    server.expire_all();
    assert!(shop.order(1).await.err().unwrap().kind() == ErrorKind::SessionChanged);
    assert_eq!(ended.recv().await, Some(true));
}
