//! Tokens in a browser, shared by its tabs.

mod area;
mod locks;
mod wake;

use std::fmt;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use futures_util::future::select;
use send_wrapper::SendWrapper;

use super::record::{Codec, Record, Unreadable};
use crate::ports::BoxFuture;
use crate::ports::browser::clock::SystemClock;
use crate::ports::clock::Clock as _;
use crate::ports::store::{StoreError, StoreLock, Stored, TokenStore, Version};
use crate::session::Session;
use area::{Area, Item};
use wake::Wake;

/// How long a tab waits for another tab's write to become visible here.
const SETTLE: Duration = Duration::from_millis(250);

/// How long a tab announces its latest write to the others.
const MARKED: Duration = Duration::from_secs(2);

/// How soon the store retries a change that it could not adopt.
const AGAIN: Duration = Duration::from_millis(500);

/// How long a write waits for the write of another tab.
const WRITE: Duration = Duration::from_secs(2);

/// Tokens in the browser's `localStorage` or `sessionStorage`.
///
/// With [`local`](BrowserStore::local) all tabs of an origin share one login, and one of them refreshes for all, under
/// a Web Lock. A tab detects a login, a refresh, a sign-out or a change of user in another tab before its next call,
/// and at once with [`follow`](BrowserStore::follow). The browser releases the lock of a tab that closes or crashes.
///
/// Web Locks need a secure page (`https`, or `localhost`). Without them each tab refreshes on its own, and an
/// [`EventKind::StoreFailed`](crate::EventKind::StoreFailed) reports this with each refresh. Storage that is full,
/// blocked or cleared is reported in the same way, and calls continue with the tokens in memory.
///
/// Any script on the page can read both storages. To avoid that risk, let the server keep the refresh token in an
/// `HttpOnly` cookie, and keep the access token in [`memory`](BrowserStore::memory).
#[derive(Clone)]
pub struct BrowserStore {
    inner: Arc<Inner>,
}

struct Inner {
    area: Area,
    key: String,
    /// The item, if it is not in a storage.
    memory: Mutex<Option<String>>,
    seen: Mutex<Seen>,
    wake: Wake,
}

/// The item as it was when this store last read or wrote it.
#[derive(Default)]
struct Seen {
    raw: Option<String>,
    number: u64,
    /// Whether there were tokens: if the item is missing then, it was lost, and the user did not sign out.
    tokens: bool,
}

impl BrowserStore {
    /// Stores tokens in `localStorage`, under this key. They outlive the browser, and all tabs share them.
    #[must_use]
    pub fn local(key: impl Into<String>) -> Self {
        Self::at(Area::Local, key.into())
    }

    /// Stores tokens in `sessionStorage`, under this key: they belong to one tab, and survive its reloads.
    ///
    /// A browser copies them when the user duplicates the tab. The two tabs then hold the same refresh
    /// token and do not coordinate, so a server that rotates strictly ends both sessions.
    #[must_use]
    pub fn session(key: impl Into<String>) -> Self {
        Self::at(Area::Session, key.into())
    }

    /// Stores tokens in the memory of the page, not in a storage that scripts can read. They are lost with the page.
    /// All tabs that pass the same key refresh one after another.
    ///
    /// It is for a server that keeps the refresh token in an `HttpOnly` cookie and accepts each refresh token once: the
    /// tabs share the cookie, and if two sent it at the same time, the session would end. Each tab refreshes its own
    /// access token. After a sign-out in one tab, the others detect it when their access token expires.
    #[must_use]
    pub fn memory(key: impl Into<String>) -> Self {
        Self::at(Area::Memory, key.into())
    }

    /// Stores the tokens of one of several users, under a separate key.
    #[must_use]
    pub fn named(self, name: &str) -> Self {
        Self::at(self.inner.area, format!("{}.{name}", self.inner.key))
    }

    /// The key in the storage.
    #[must_use]
    pub fn key(&self) -> &str {
        &self.inner.key
    }

    /// Keeps `session` up to date with other tabs without waiting for its next call: a sign-out in one tab calls
    /// `on_logout` in this one at once. It also checks when the page wakes up. The future never completes; dropping it
    /// stops the checks.
    pub async fn follow(&self, session: &Session) {
        loop {
            self.changed().await;
            session.load().await;
            // If a session is refreshing at the moment, or could not read the store, it adopts the change later.
            if self.may_have_changed() {
                SystemClock::default().sleep(AGAIN).await;
            }
        }
    }

    fn at(area: Area, key: String) -> Self {
        let wake = Wake::new(area, &key);
        let inner = Inner { area, key, memory: Mutex::default(), seen: Mutex::default(), wake };
        Self { inner: Arc::new(inner) }
    }

    fn for_name(&self, credential: &str) -> Self {
        Self::at(self.inner.area, format!("{}+{credential}", self.inner.key))
    }
}

impl Inner {
    fn seen(&self) -> MutexGuard<'_, Seen> {
        // A plain value cannot be left half-written.
        self.seen.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn memory(&self) -> MutexGuard<'_, Option<String>> {
        self.memory.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn item(&self) -> Result<Option<Item>, StoreError> {
        match self.area {
            Area::Memory => Ok(self.memory().clone().map(Item::parse)),
            area => area.read(&self.key),
        }
    }

    fn put(&self, item: &Item) -> Result<(), StoreError> {
        match self.area {
            Area::Memory => *self.memory() = Some(item.raw.clone()),
            area => area.write(&self.key, item)?,
        }
        Ok(())
    }

    fn lock_name(&self, purpose: &str) -> String {
        format!("perennial:{}:{purpose}", self.key)
    }

    /// Reads the item, once the latest write of any tab is visible here.
    ///
    /// The tabs run in separate processes. A lock may pass from one to the other before the data that was written
    /// under it becomes visible there, so each tab holds a lock that is named after its latest write.
    async fn read(&self) -> Result<Option<Item>, StoreError> {
        let item = self.item()?;
        if self.area != Area::Local {
            return Ok(item);
        }
        let latest = locks::latest(&self.lock_name("write-")).await.unwrap_or_default();
        let here = item.as_ref().map_or(0, |item| item.number).max(self.seen().number);
        if here >= latest {
            return Ok(item);
        }
        let settled = Box::pin(async {
            loop {
                let woken = self.wake.next();
                match self.area.read(&self.key)? {
                    Some(item) if item.number >= latest => return Ok::<_, StoreError>(()),
                    _ => woken.await,
                }
            }
        });
        drop(select(settled, SystemClock::default().sleep(SETTLE)).await);
        self.area.read(&self.key)
    }

    async fn load(&self) -> Result<Option<Stored>, StoreError> {
        let item = self.read().await?;
        let raw = item.as_ref().map(|item| item.raw.clone());
        let number = item.as_ref().map_or(0, |item| item.number);
        let record = self.decode(item)?;
        let mut seen = self.seen();
        let was_lost = record.is_none() && seen.tokens;
        seen.raw = raw;
        seen.number = seen.number.max(number);
        match record {
            Some(Record::Tokens(stored)) => {
                seen.tokens = true;
                Ok(Some(stored))
            }
            None if was_lost => Err(StoreError::failed(format!(
                "{} held tokens under `{}`, and was cleared",
                self.area, self.key
            ))),
            Some(Record::SignedOut) | None => Ok(None),
        }
    }

    /// The record in an item. An item that cannot be read is set aside.
    fn decode(&self, item: Option<Item>) -> Result<Option<Record>, StoreError> {
        let Some(item) = item else { return Ok(None) };
        let decoded = Codec::default().decode(item.record().as_bytes(), &self.key);
        decoded.map(Some).map_err(|why| {
            let why = match why {
                Unreadable::Corrupt(why) => why,
                Unreadable::Encrypted(why) => why.to_owned(),
            };
            let aside = self.area.set_aside(&self.key, &item);
            let mut seen = self.seen();
            *seen = Seen { number: seen.number, ..Seen::default() };
            drop(seen);
            match aside {
                Ok(()) => StoreError::Corrupt(format!("{} under `{}`: {why}", self.area, self.key)),
                Err(error) => error,
            }
        })
    }

    /// Replaces the item, if `may` allows it.
    async fn write(
        &self,
        next: Record,
        may: impl FnOnce(Option<&Record>) -> bool,
    ) -> Result<(), StoreError> {
        let writing = match self.area {
            Area::Local => locks::exclusive(&self.lock_name("write"), WRITE).await.ok(),
            Area::Session | Area::Memory => None,
        };
        let item = self.read().await?;
        let before = item.as_ref().map_or(0, |item| item.number).max(self.seen().number);
        // An unreadable item is replaced.
        let there = self.decode(item).unwrap_or_default();
        if !may(there.as_ref()) {
            return Err(StoreError::Conflict);
        }
        let bytes = Codec::default().encode(&next, &self.key)?;
        let record = String::from_utf8(bytes).map_err(StoreError::failed)?;
        let item = Item::new(before + 1, &record);
        self.put(&item)?;
        {
            let mut seen = self.seen();
            seen.tokens = matches!(next, Record::Tokens(_));
            seen.raw = Some(item.raw);
            seen.number = item.number;
        }
        if self.area == Area::Local {
            let name = self.lock_name(&format!("write-{}", before + 1));
            if let Ok(mark) = locks::exclusive(&name, WRITE).await {
                // Not longer: a browser does not put a page that holds a lock into its back/forward cache.
                wasm_bindgen_futures::spawn_local(async move {
                    SystemClock::default().sleep(MARKED).await;
                    drop(mark);
                });
            }
        }
        drop(writing);
        Ok(())
    }
}

impl TokenStore for BrowserStore {
    fn load(&self) -> BoxFuture<'_, Result<Option<Stored>, StoreError>> {
        Box::pin(SendWrapper::new(self.inner.load()))
    }

    fn save<'a>(
        &'a self,
        next: &'a Stored,
        expected: Option<Version>,
    ) -> BoxFuture<'a, Result<(), StoreError>> {
        let may = move |there: Option<&Record>| Record::may_save(there, expected);
        Box::pin(SendWrapper::new(self.inner.write(Record::Tokens(next.clone()), may)))
    }

    fn clear(&self, expected: Version) -> BoxFuture<'_, Result<(), StoreError>> {
        let may = move |there: Option<&Record>| Record::may_clear(there, expected);
        Box::pin(SendWrapper::new(self.inner.write(Record::SignedOut, may)))
    }

    fn lock(&self, patience: Duration) -> BoxFuture<'_, Result<Option<StoreLock>, StoreError>> {
        Box::pin(SendWrapper::new(async move {
            if self.inner.area == Area::Session {
                return Ok(None);
            }
            let lock = locks::exclusive(&self.inner.lock_name("refresh"), patience).await?;
            Ok(Some(StoreLock::new(lock)))
        }))
    }

    /// Completes with a `storage` event, or when the page wakes up, if the item has changed.
    fn changed(&self) -> BoxFuture<'_, ()> {
        Box::pin(SendWrapper::new(async {
            loop {
                let woken = self.inner.wake.next();
                if self.may_have_changed() {
                    return;
                }
                woken.await;
            }
        }))
    }

    /// Compares the item with what this store last read or wrote. It needs no event, so it also works after the
    /// page has slept.
    fn may_have_changed(&self) -> bool {
        let Ok(item) = self.inner.item() else { return false };
        let seen = self.inner.seen();
        item.map(|item| item.raw) != seen.raw
    }

    fn for_credential(&self, name: &str) -> Option<Arc<dyn TokenStore>> {
        Some(Arc::new(self.for_name(name)))
    }

    fn location(&self) -> Option<String> {
        Some(format!("{} `{}`", self.inner.area, self.inner.key))
    }
}

impl fmt::Debug for BrowserStore {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("BrowserStore")
            .field("area", &self.inner.area)
            .field("key", &self.inner.key)
            .finish_non_exhaustive()
    }
}
