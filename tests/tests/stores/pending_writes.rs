//! Writes that are pending: for longer than a runtime or a client lives, and while another process changes the store.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::time::{Duration, Instant};

use crate::fleet::Scratch;
use crate::support::{ShopClient, Turned, as_in};
use crate::watched::{Elsewhere, calls, client, sign_in};
use perennial::store::{FileStore, MemoryStore, StoreError, Stored, TokenStore, Version};
use perennial::{BoxFuture, ErrorKind, Result, Tokens, api_client};
use perennial_tests::{Protocol, Reply, Server};
use serde_json::{Value, json};

/// The same store, as another process has it.
#[derive(Clone)]
struct Shared(MemoryStore);

impl TokenStore for Shared {
    as_in! { 0: load, save, clear }
}

/// A store that fails to write, or is slow to, until it is good again. Of its own location.
#[derive(Clone)]
struct Passing {
    memory: MemoryStore,
    is_free: Arc<AtomicBool>,
    is_slow: bool,
    waiting: Arc<AtomicUsize>,
}

impl Passing {
    fn new(is_slow: bool) -> Self {
        let is_free = Arc::new(AtomicBool::new(true));
        Self { memory: MemoryStore::new(), is_free, is_slow, waiting: Arc::default() }
    }

    /// Whether a write waits for the store.
    fn is_saving(&self) -> bool {
        self.waiting.load(Ordering::Relaxed) > 0
    }

    /// Waits forever where it is slow, so that nothing depends on how fast the test is.
    async fn write(&self, write: BoxFuture<'_, Result<(), StoreError>>) -> Result<(), StoreError> {
        match self.is_free.load(Ordering::Relaxed) {
            true => write.await,
            false if self.is_slow => {
                self.waiting.fetch_add(1, Ordering::Relaxed);
                std::future::pending().await
            }
            false => Err(StoreError::failed("the disk is full")),
        }
    }
}

impl TokenStore for Passing {
    fn load(&self) -> BoxFuture<'_, Result<Option<Stored>, StoreError>> {
        self.memory.load()
    }
    fn save<'a>(
        &'a self,
        next: &'a Stored,
        expected: Option<Version>,
    ) -> BoxFuture<'a, Result<(), StoreError>> {
        Box::pin(self.write(self.memory.save(next, expected)))
    }
    fn clear(&self, expected: Version) -> BoxFuture<'_, Result<(), StoreError>> {
        Box::pin(self.write(self.memory.clear(expected)))
    }
    fn location(&self) -> Option<String> {
        Some(format!("passing:{:p}", Arc::as_ptr(&self.is_free)))
    }
}

fn on_one_thread() -> tokio::runtime::Runtime {
    tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap()
}

/// A server on a runtime that outlives those of the clients.
fn lasting_server() -> (tokio::runtime::Runtime, Server) {
    let mut builder = tokio::runtime::Builder::new_multi_thread();
    let runtime = builder.worker_threads(1).enable_all().build().unwrap();
    let server = runtime.block_on(async { Server::start(Protocol::article()) });
    (runtime, server)
}

/// Waits until the store has what it should, for twenty seconds at most.
pub async fn until(is_so: impl Fn() -> bool) {
    let until = Instant::now() + Duration::from_secs(20);
    while !is_so() {
        assert!(Instant::now() < until, "the write was forgotten");
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
}

#[test]
fn a_write_is_not_forgotten_when_its_runtime_ends_and_no_client_is_left() {
    let (_runs, server) = lasting_server();
    for (is_slow, ends_first) in [(false, false), (false, true), (true, false), (true, true)] {
        let before = server.refreshes();
        let store = Passing::new(is_slow);
        let first = on_one_thread();
        let (shop, _) = client(&server, store.clone());
        first.block_on(sign_in(&server, &shop));
        let version = store.memory.stored().unwrap().version;
        store.is_free.store(false, Ordering::Relaxed);
        server.expire_all();
        first.block_on(calls(&shop, 1));
        let id = shop.session().id();
        match ends_first {
            true => {
                drop(first);
                drop(shop);
            }
            false => {
                drop(shop);
                drop(first);
            }
        }
        store.is_free.store(true, Ordering::Relaxed);
        on_one_thread().block_on(async {
            let (next, _) = client(&server, store.clone());
            assert_eq!(next.session().id(), id, "the session was forgotten");
            calls(&next, 1).await;
            until(|| store.memory.stored().unwrap().version != version).await;
        });
        // What is stored is good for a process that starts now.
        let (later, _) = client(&server, Shared(store.memory));
        on_one_thread().block_on(calls(&later, 1));
        assert_eq!((server.refreshes() - before, server.reuses()), (1, 0));
    }
}

#[test]
fn a_logout_is_not_undone_when_its_runtime_ends_and_no_client_is_left() {
    let (_runs, server) = lasting_server();
    for is_slow in [false, true] {
        let store = Passing::new(is_slow);
        let first = on_one_thread();
        let (shop, _) = client(&server, store.clone());
        first.block_on(sign_in(&server, &shop));
        store.is_free.store(false, Ordering::Relaxed);
        let limited = async {
            let logout = shop.session().logout();
            tokio::time::timeout(Duration::from_millis(200), logout).await
        };
        assert_eq!(first.block_on(limited).is_err(), is_slow);
        drop(shop);
        drop(first);
        store.is_free.store(true, Ordering::Relaxed);
        on_one_thread().block_on(async {
            let (next, _) = client(&server, store.clone());
            let error = next.order(1).await.err().unwrap();
            assert_eq!(error.kind(), ErrorKind::SignedOut, "{error}");
            until(|| store.memory.stored().is_none()).await;
        });
    }
}

#[test]
fn tokens_whose_save_ended_with_its_runtime_are_not_lost() {
    let (_runs, server) = lasting_server();
    let store = Passing::new(true);
    let (shop, _) = client(&server, store.clone());
    let first = on_one_thread();
    first.block_on(sign_in(&server, &shop));
    store.is_free.store(false, Ordering::Relaxed);
    server.expire_all();
    // The runtime ends as soon as the server has rotated, before a call has gone on with the tokens.
    first.block_on(async {
        let call = shop.order(1);
        let renewed = async {
            while !store.is_saving() {
                tokio::task::yield_now().await;
            }
        };
        futures::future::select(Box::pin(async { drop(call.await) }), Box::pin(renewed)).await;
    });
    drop(first);
    store.is_free.store(true, Ordering::Relaxed);
    on_one_thread().block_on(calls(&shop, 1));
    assert_eq!((server.refreshes(), server.reuses()), (1, 0));
}

#[test]
fn a_session_that_nobody_joins_is_forgotten_in_the_end() {
    let store = Passing::new(false);
    store.is_free.store(false, Ordering::Relaxed);
    let clock = Turned::ahead(0);
    let first = on_one_thread();
    let shop = ShopClient::builder("http://127.0.0.1:1").store(store.clone()).clock(clock.clone());
    let shop = shop.build().unwrap();
    first.block_on(shop.session().login(Tokens::new("first"))).unwrap();
    drop(first);
    drop(shop);
    let opens_another = || {
        let other = ShopClient::builder("http://127.0.0.1:1").store(MemoryStore::new());
        drop(other.build().unwrap());
        Arc::strong_count(&store.is_free)
    };
    assert!(opens_another() > 1, "the write was forgotten");
    clock.pass(Duration::from_secs(660));
    assert_eq!(opens_another(), 1, "the session is still there");
}

/// A renewal of ann's token is not saved. Meanwhile another process does something, and then the write is repeated.
async fn while_a_renewal_is_pending<F: Future<Output = ()>>(
    meanwhile: impl FnOnce(Server, ShopClient) -> F,
) -> (ShopClient, MemoryStore) {
    let server = Server::start(Protocol::article());
    let store = Passing::new(false);
    let (shop, _) = client(&server, store.clone());
    sign_in(&server, &shop).await;
    let (other, _) = client(&server, Shared(store.memory.clone()));
    calls(&other, 1).await;
    store.is_free.store(false, Ordering::Relaxed);
    server.expire_all();
    calls(&shop, 1).await;
    meanwhile(server, other).await;
    store.is_free.store(true, Ordering::Relaxed);
    (shop, store.memory)
}

#[tokio::test]
async fn a_pending_renewal_yields_to_the_login_of_another_process() {
    let ben = Tokens::new("of-ben").with_refresh("next-of-ben");
    let signed_in = ben.clone();
    let (shop, memory) = while_a_renewal_is_pending(async |_, other| {
        other.session().login(signed_in).await.unwrap();
    })
    .await;
    // Made by ann.
    let late = shop.order(1);
    let version = memory.stored().unwrap().version;
    until(|| shop.session().tokens().is_some_and(|tokens| tokens.access() == "of-ben")).await;
    assert_eq!(late.await.err().unwrap().kind(), ErrorKind::SessionChanged);
    let stored = memory.stored().unwrap();
    assert_eq!((stored.version, stored.tokens.access()), (version, "of-ben"));
}

#[tokio::test]
async fn a_pending_renewal_yields_to_the_logout_of_another_process() {
    let (shop, memory) = while_a_renewal_is_pending(async |_, other| {
        other.session().logout().await.unwrap();
    })
    .await;
    until(|| !shop.session().is_signed_in()).await;
    assert_eq!(memory.stored(), None);
    let error = shop.order(1).await.err().unwrap();
    assert_eq!(error.kind(), ErrorKind::SessionLost, "{error}");
    assert_eq!(memory.stored(), None);
}

#[api_client(
    base = "/api",
    envelope(code = "code", message = "message", data = "data", ok = 0),
    auth(header = "X-Token", expired(code = 1234), renewed(header = "New-Token")),
    allow(expiry_without_refresh)
)]
pub trait Pushing {
    #[get("/slow")]
    async fn slow(&self) -> Result<Value>;
}

#[tokio::test]
async fn a_token_that_is_pushed_late_yields_to_the_login_of_another_process() {
    let server = Server::start(Protocol::article());
    let memory = MemoryStore::new();
    let clients = [Shared(memory.clone()), Shared(memory.clone())]
        .map(|store| PushingClient::builder(server.origin()).store(store).build().unwrap());
    let [ann, other] = clients;
    ann.session().login(Tokens::new(server.issue("ann").access)).await.unwrap();
    other.slow().await.unwrap();
    let next = server.issue("ann").access;
    let pushes = Reply::json(&json!({"code": 0, "data": {}})).header("new-token", &next);
    let slow = server.on("/slow").hold();
    server.on("/slow").first(1).response_after(pushes);
    let call = tokio::spawn(ann.slow());
    slow.arrived(1).await;
    let of_ben = server.issue("ben").access;
    other.session().login(Tokens::new(of_ben.clone())).await.unwrap();
    slow.release();
    call.await.unwrap().unwrap();
    assert_eq!(memory.stored().unwrap().tokens.access(), of_ben);
    assert_eq!(ann.session().tokens().unwrap().access(), of_ben);
    other.slow().await.unwrap();
    assert!(server.recorded_on("/slow").pop().unwrap().user() == Some("ben"));
}

/// A file that other processes lock too, and that cannot be written for a while.
struct Disk {
    file: FileStore,
    is_free: Arc<AtomicBool>,
}

impl TokenStore for Disk {
    as_in! { file: load, clear, lock }

    fn save<'a>(
        &'a self,
        next: &'a Stored,
        expected: Option<Version>,
    ) -> BoxFuture<'a, Result<(), StoreError>> {
        match self.is_free.load(Ordering::Relaxed) {
            true => self.file.save(next, expected),
            false => Box::pin(async { Err(StoreError::failed("the disk is full")) }),
        }
    }
}

#[tokio::test]
async fn a_save_that_failed_for_a_moment_makes_no_other_process_send_the_used_token() {
    let server = Server::start(Protocol::article());
    let scratch = Scratch::new("failed-for-a-moment");
    let is_free = Arc::new(AtomicBool::new(true));
    let disk = Disk { file: FileStore::at(scratch.file()), is_free: Arc::clone(&is_free) };
    let ((shop, told), (other, _)) =
        (client(&server, disk), client(&server, Elsewhere(FileStore::at(scratch.file()))));
    sign_in(&server, &shop).await;
    calls(&other, 1).await;
    server.expire_all();
    is_free.store(false, Ordering::Relaxed);
    calls(&shop, 1).await;
    assert_eq!(told.count("StoreFailed"), 1, "{:?}", told.0);
    is_free.store(true, Ordering::Relaxed);
    calls(&other, 1).await;
    assert_eq!((server.refreshes(), server.reuses()), (1, 0));
}

#[tokio::test]
async fn the_lock_is_held_for_a_save_that_failed_also_after_another_refresh() {
    for fails in [false, true] {
        let server = Server::start(Protocol::article());
        let scratch = Scratch::new("failed-again");
        let is_free = Arc::new(AtomicBool::new(true));
        let disk = Disk { file: FileStore::at(scratch.file()), is_free: Arc::clone(&is_free) };
        let ((shop, _), (other, _)) =
            (client(&server, disk), client(&server, Elsewhere(FileStore::at(scratch.file()))));
        sign_in(&server, &shop).await;
        calls(&other, 1).await;
        is_free.store(false, Ordering::Relaxed);
        server.expire_all();
        calls(&shop, 1).await;
        // A refresh takes the lock over. Its own save fails as well, or the server does.
        server.expire_all();
        if fails {
            server.on_refresh().first(1).response(Reply::status(503));
            assert_eq!(shop.order(1).await.err().unwrap().kind(), ErrorKind::RefreshFailed);
        } else {
            calls(&shop, 1).await;
        }
        is_free.store(true, Ordering::Relaxed);
        if fails {
            // The token that could not be saved is adopted, and has expired.
            let error = other.order(1).await.err();
            assert!(error.is_none_or(|error| error.kind() == ErrorKind::Expired));
        }
        calls(&other, 1).await;
        assert_eq!((server.refreshes(), server.reuses()), (if fails { 3 } else { 2 }, 0));
    }
}

#[tokio::test]
async fn a_refresh_does_not_wait_for_the_lock_that_a_failed_save_of_this_process_holds() {
    let server = Server::start(Protocol::article());
    let scratch = Scratch::new("own-lock");
    let is_free = Arc::new(AtomicBool::new(true));
    let disk = Disk { file: FileStore::at(scratch.file()), is_free: Arc::clone(&is_free) };
    let (shop, told) = client(&server, disk);
    sign_in(&server, &shop).await;
    is_free.store(false, Ordering::Relaxed);
    for refreshes in 1..=3 {
        server.expire_all();
        calls(&shop, 1).await;
        assert_eq!((server.refreshes(), server.reuses()), (refreshes, 0));
    }
    // One that waits for the lock in vain says so.
    assert_eq!(told.count("Locked") + told.count("is locked"), 0, "{:?}", told.0);
}
