//! Writes that the store has made, but whose response was lost.

use std::sync::Arc;
use std::sync::atomic::{AtomicU8, Ordering};
use std::time::Duration;

use tokio::sync::Mutex;

use crate::pending_writes::until;
use crate::support::{ShopClient, as_in};
use crate::watched::{calls, client, sign_in};
use perennial::store::{MemoryStore, StoreError, StoreLock, Stored, TokenStore, Version};
use perennial::{BoxFuture, ErrorKind};
use perennial_tests::{Protocol, Server};

pub const GOOD: u8 = 0;
/// It writes, and fails.
pub const LOSES: u8 = 1;
/// It fails.
pub const FAILS: u8 = 2;

/// The store of one process.
#[derive(Clone)]
pub struct Line {
    memory: MemoryStore,
    state: Arc<AtomicU8>,
    /// If it has one, a flight compares the store with the session before it sends the refresh.
    lock: Option<Arc<Mutex<()>>>,
}

impl Line {
    pub fn new(has_lock: bool) -> Self {
        let lock = has_lock.then(Arc::default);
        Self { memory: MemoryStore::new(), state: Arc::default(), lock }
    }

    pub fn set(&self, state: u8) {
        self.state.store(state, Ordering::SeqCst);
    }

    /// The same store over the line of another process, which does not wait for the lock.
    pub fn of_another(&self) -> Self {
        Self { memory: self.memory.clone(), state: Arc::default(), lock: None }
    }

    /// The memory is written as soon as its future is made.
    async fn write<'a>(
        &'a self,
        write: impl FnOnce() -> BoxFuture<'a, Result<(), StoreError>>,
    ) -> Result<(), StoreError> {
        let state = self.state.load(Ordering::SeqCst);
        let failure = || Err(StoreError::failed("the connection was lost"));
        match state {
            FAILS => failure(),
            LOSES => write().await.and_then(|()| failure()),
            _ => write().await,
        }
    }

    pub fn stored(&self) -> Option<Stored> {
        self.memory.stored()
    }
}

impl TokenStore for Line {
    as_in! { memory: load }

    fn save<'a>(
        &'a self,
        next: &'a Stored,
        expected: Option<Version>,
    ) -> BoxFuture<'a, Result<(), StoreError>> {
        Box::pin(self.write(move || self.memory.save(next, expected)))
    }
    fn clear(&self, expected: Version) -> BoxFuture<'_, Result<(), StoreError>> {
        Box::pin(self.write(move || self.memory.clear(expected)))
    }
    fn lock(&self, _: Duration) -> BoxFuture<'_, Result<Option<StoreLock>, StoreError>> {
        let lock = self.lock.clone();
        Box::pin(async move {
            let Some(lock) = lock else { return Ok(None) };
            Ok(Some(StoreLock::new(lock.lock_owned().await)))
        })
    }
}

async fn signed_in(has_lock: bool) -> (Server, Line, ShopClient) {
    let server = Server::start(Protocol::article());
    let line = Line::new(has_lock);
    let (shop, _) = client(&server, line.clone());
    sign_in(&server, &shop).await;
    (server, line, shop)
}

/// Makes a call whose token has expired.
pub async fn renew(server: &Server, shop: &ShopClient) {
    let before = server.refreshes();
    server.expire_all();
    calls(shop, 1).await;
    assert_eq!((server.refreshes(), server.reuses()), (before + 1, 0));
}

/// The store comes to have the tokens of the session, which are good for a process that starts then.
pub async fn assert_stored(server: &Server, line: &Line, shop: &ShopClient) {
    let access = shop.session().tokens().unwrap().access().to_owned();
    until(|| line.stored().is_some_and(|stored| stored.tokens.access() == access)).await;
    let before = server.refreshes();
    let (later, _) = client(server, line.of_another());
    calls(&later, 1).await;
    assert_eq!((server.refreshes(), server.reuses()), (before, 0));
}

#[tokio::test]
async fn a_renewal_after_a_save_whose_response_was_lost_is_saved() {
    for has_lock in [false, true] {
        let (server, line, shop) = signed_in(has_lock).await;
        line.set(LOSES);
        for _ in 0..3 {
            renew(&server, &shop).await;
        }
        line.set(GOOD);
        assert_stored(&server, &line, &shop).await;
    }
}

#[tokio::test]
async fn a_token_whose_save_failed_is_not_replaced_by_an_older_one_whose_response_was_lost() {
    for has_lock in [false, true] {
        let (server, line, shop) = signed_in(has_lock).await;
        line.set(LOSES);
        renew(&server, &shop).await;
        line.set(FAILS);
        renew(&server, &shop).await;
        renew(&server, &shop).await;
        line.set(GOOD);
        renew(&server, &shop).await;
        assert_stored(&server, &line, &shop).await;
    }
}

#[tokio::test]
async fn a_renewal_of_another_process_after_a_save_whose_response_was_lost_is_adopted() {
    let (server, line, shop) = signed_in(true).await;
    line.set(LOSES);
    renew(&server, &shop).await;
    line.set(FAILS);
    let (other, _) = client(&server, line.of_another());
    renew(&server, &other).await;
    let renewed = other.session().tokens().unwrap();
    calls(&shop, 1).await;
    assert_eq!(shop.session().tokens().unwrap().access(), renewed.access());
    line.set(GOOD);
    renew(&server, &shop).await;
    assert_stored(&server, &line, &shop).await;
}

#[tokio::test]
async fn a_login_whose_save_lost_its_response_is_renewed_as_the_same_login() {
    let server = Server::start(Protocol::article());
    let line = Line::new(true);
    let (shop, events) = client(&server, line.clone());
    line.set(LOSES);
    sign_in(&server, &shop).await;
    let login = line.stored().unwrap().version.login;
    renew(&server, &shop).await;
    line.set(GOOD);
    renew(&server, &shop).await;
    assert_stored(&server, &line, &shop).await;
    assert_eq!(line.stored().unwrap().version.login, login);
    assert_eq!(events.count("Adopted"), 0, "{:?}", events.0);
}

#[tokio::test]
async fn a_logout_clears_what_a_save_stored_whose_response_was_lost() {
    for is_signed_in in [false, true] {
        let server = Server::start(Protocol::article());
        let line = Line::new(true);
        let (shop, _) = client(&server, line.clone());
        if is_signed_in {
            sign_in(&server, &shop).await;
        }
        line.set(LOSES);
        sign_in(&server, &shop).await;
        line.set(GOOD);
        shop.session().logout().await.unwrap();
        assert_eq!(line.stored(), None);
        let error = shop.order(1).await.err().unwrap();
        assert_eq!(error.kind(), ErrorKind::SignedOut, "{error}");
    }
}
