//! Tokens in Redis.

mod connection;
mod keys;
mod lease;
mod scripts;
mod server;
mod subscription;

use std::fmt;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant};

use futures_util::future::select;
use redis::{FromRedisValue, ScriptInvocation};

use super::errors::{encrypted, failed};
use super::record::{Codec, Record, Unreadable};
#[cfg(feature = "encryption")]
use super::seal::StoreKey;
use crate::ports::BoxFuture;
use crate::ports::random::random;
use crate::ports::store::{StoreError, StoreLock, Stored, TokenStore, Version};
use connection::Connection;
use keys::Keys;
use lease::{Attempt, Attempts, HeldLock};
use server::Server;
use subscription::{Changes, Subscriptions};

/// The default lease: the lock expires this long after its holder last extended it.
const LEASE: Duration = Duration::from_secs(10);

/// The longest lease, and the longest wait for a lock: neither the local clocks nor that of Redis can represent an
/// unlimited time.
const LONGEST: Duration = Duration::from_secs(365 * 24 * 60 * 60);

/// Stores tokens in Redis, which processes on many machines share.
///
/// One process of the fleet refreshes at a time. It holds a lock that it extends while the refresh runs, and that
/// expires if the process dies. Redis notifies the waiting processes of the new tokens, and they adopt them without
/// polling. A process that was suspended for longer than its lease neither refreshes nor overwrites newer tokens:
/// each lock has a fencing token, a number that only grows, and a write with an older one is rejected.
///
/// While Redis is down, calls continue with the tokens in each process, and an
/// [`EventKind::StoreFailed`](crate::EventKind::StoreFailed) reports it. Refreshes are then not coordinated: of the
/// processes that use the same single-use refresh token, only one succeeds.
///
/// While a session lives, its store subscribes to a channel, on one connection for all stores that
/// [`named`](RedisStore::named) derives from one [`open`](RedisStore::open). A login, a refresh, or a sign-out in
/// another process is detected before the first call that starts after the notification.
///
/// The store uses three Redis keys and a channel: the key itself, which is a hash; its lock, `{key}:lock`; its last
/// fencing token, `{key}:fence`; and the channel `{key}:changes`. They hash to one slot of a cluster. The names of a
/// further credential are `{key}:tokens:<credential>`, `{key}:lock:<credential>`, and so on. Tokens are not encrypted
/// unless a key is given. The URL selects the transport: `rediss://` requires one of the TLS features of the crate
/// `redis`.
///
/// ```no_run
/// use perennial::store::RedisStore;
///
/// # fn main() -> Result<(), perennial::store::StoreError> {
/// let store = RedisStore::open("redis://127.0.0.1:6379/", "crm:tokens")?;
/// let of_ann = store.named("ann"); // crm:tokens:ann
/// # Ok(())
/// # }
/// ```
#[derive(Clone)]
pub struct RedisStore {
    shared: Arc<Shared>,
}

struct Shared {
    connection: Arc<Connection>,
    subscriptions: Arc<Subscriptions>,
    changes: Arc<Changes>,
    keys: Keys,
    name: String,
    lease: Duration,
    codec: Codec,
    /// Whether this store has seen tokens: if the key is missing then, it was lost, and the user did not sign out.
    had_tokens: AtomicBool,
    /// The lock that this store holds.
    held: Mutex<Option<Arc<HeldLock>>>,
}

#[cfg(not(feature = "encryption"))]
crate::types::never! {
    impl[] RedisStore where super::EncryptedStore { encrypted with_key }
}

impl RedisStore {
    /// Stores tokens under `key` in the Redis at `url`, such as `redis://127.0.0.1:6379/`. It connects
    /// when it is first used.
    ///
    /// # Errors
    ///
    /// [`StoreError::Failed`] if the URL is not a Redis URL.
    pub fn open(url: &str, key: &str) -> Result<Self, StoreError> {
        Self::of(Server::single(url), key)
    }

    /// Stores tokens in the Redis that Sentinel has made the master. The host in `url` is the name of the
    /// master, such as `redis://mymaster/`, with the user, the password, and the database of the servers;
    /// `sentinels` are the URLs of the sentinels.
    ///
    /// The lock and the tokens reach a replica before a refresh is sent or a save counts, and operations
    /// wait for a failover, for eight seconds at most.
    ///
    /// # Errors
    ///
    /// [`StoreError::Failed`] if a URL is not a Redis URL.
    pub fn open_sentinel(url: &str, sentinels: &[&str], key: &str) -> Result<Self, StoreError> {
        Self::of(Server::sentinel(url, sentinels), key)
    }

    /// Stores tokens in a Redis Cluster; `urls` name some of its nodes. The store follows slots that move.
    ///
    /// # Errors
    ///
    /// [`StoreError::Failed`] if a URL is not a Redis URL.
    pub fn open_cluster(urls: &[&str], key: &str) -> Result<Self, StoreError> {
        Self::of(Server::cluster(urls), key)
    }

    fn of(server: redis::RedisResult<Server>, key: &str) -> Result<Self, StoreError> {
        // The URL may contain a password, so the error does not quote it.
        let server = Arc::new(server.map_err(|_| {
            StoreError::failed(
                "this is not the URL of a Redis, or it needs a TLS feature of the crate `redis`",
            )
        })?);
        let shared = Shared {
            subscriptions: Subscriptions::new(Arc::clone(&server)),
            changes: Arc::default(),
            connection: Arc::new(Connection::new(server)),
            keys: Keys::of(key),
            name: String::new(),
            lease: LEASE,
            codec: Codec::default(),
            had_tokens: AtomicBool::new(false),
            held: Mutex::default(),
        };
        Ok(Self { shared: Arc::new(shared) })
    }

    /// Stores the tokens of one of several users, under `<key>:<name>`.
    #[must_use]
    pub fn named(&self, name: &str) -> Self {
        let key = format!("{}:{name}", self.shared.keys.record);
        self.with(|shared| Shared { keys: Keys::of(&key), name: name.to_owned(), ..shared })
    }

    /// Sets how long the lock outlives its holder's last contact: 10 seconds by default, at least 50 milliseconds, at
    /// most a year. Right before the holder sends a refresh, it extends the lock to the time that the refresh may take.
    #[must_use]
    pub fn lease(&self, lease: Duration) -> Self {
        let lease = lease.clamp(Duration::from_millis(50), LONGEST);
        self.with(|shared| Shared { lease, ..shared })
    }

    /// Encrypts the tokens. Tokens in plain text are still read, and are encrypted by the next save; tokens that
    /// are encrypted with another key are neither read nor overwritten.
    #[cfg(feature = "encryption")]
    #[must_use]
    pub fn encrypted(&self, key: StoreKey) -> Self {
        self.with(|shared| Shared { codec: Codec { key: Some(key) }, ..shared })
    }

    fn with(&self, change: impl FnOnce(Shared) -> Shared) -> Self {
        let shared = &self.shared;
        let copy = Shared {
            connection: Arc::clone(&shared.connection),
            subscriptions: Arc::clone(&shared.subscriptions),
            changes: Arc::default(),
            keys: shared.keys.clone(),
            name: shared.name.clone(),
            lease: shared.lease,
            codec: shared.codec.clone(),
            had_tokens: AtomicBool::new(false),
            held: Mutex::default(),
        };
        Self { shared: Arc::new(change(copy)) }
    }
}

impl Shared {
    async fn run<T: FromRedisValue>(&self, script: &ScriptInvocation<'_>) -> Result<T, StoreError> {
        self.described_error(self.connection.run(script, false).await)
    }

    /// Like `run`, but for a write that must survive a failover.
    async fn run_replicated<T: FromRedisValue>(
        &self,
        script: &ScriptInvocation<'_>,
    ) -> Result<T, StoreError> {
        self.described_error(self.connection.run(script, true).await)
    }

    fn described_error<T>(&self, result: redis::RedisResult<T>) -> Result<T, StoreError> {
        result.map_err(|error| failed(format!("{} cannot be used", self.described()), error))
    }

    /// The location of the tokens, for messages.
    fn described(&self) -> String {
        format!("the key {} of the Redis at {}", self.keys.record, self.connection.address())
    }

    fn set_held(&self, held: Option<Arc<HeldLock>>) {
        *self.held.lock().unwrap_or_else(PoisonError::into_inner) = held;
    }

    fn held(&self) -> Option<Arc<HeldLock>> {
        self.held.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }

    fn subscribe(&self) {
        self.subscriptions.subscribe(&self.keys.channel, &self.changes);
    }

    async fn load(&self) -> Result<Option<Stored>, StoreError> {
        self.subscribe();
        let notified = self.changes.notified();
        let (record, signed_out) = self.run(&self.keys.invoke(&scripts::LOAD)).await?;
        let loaded = self.decode(record, signed_out).await;
        let version = loaded.as_ref().ok().and_then(Option::as_ref).map(|stored| stored.version);
        self.changes.set_loaded(notified, version);
        loaded
    }

    async fn decode(
        &self,
        record: Option<Vec<u8>>,
        signed_out: Option<u8>,
    ) -> Result<Option<Stored>, StoreError> {
        let Some(record) = record else {
            return match signed_out {
                None if self.had_tokens.load(Ordering::Relaxed) => Err(StoreError::failed(
                    format!("the tokens are missing from {}", self.described()),
                )),
                _ => Ok(None),
            };
        };
        match self.codec.decode(&record, &self.name) {
            Ok(Record::Tokens(stored)) => {
                self.had_tokens.store(true, Ordering::Relaxed);
                Ok(Some(stored))
            }
            Ok(Record::SignedOut) => Ok(None),
            Err(Unreadable::Encrypted(reason)) => Err(encrypted(&self.described(), reason)),
            Err(Unreadable::Corrupt(reason)) => Err(self.set_aside(&record, reason).await),
        }
    }

    async fn set_aside(&self, record: &[u8], reason: String) -> StoreError {
        let aside = format!("{}-{:016x}", self.keys.corrupt, random());
        let mut script = self.keys.invoke(&scripts::SET_ASIDE);
        script.arg(record).arg(&aside);
        match self.run::<bool>(&script).await {
            Ok(true) => StoreError::Corrupt(format!("{reason}; it was moved to {aside}")),
            Ok(false) => {
                StoreError::failed(format!("{} was replaced while it was read", self.described()))
            }
            Err(error) => error,
        }
    }

    async fn save(&self, next: &Stored, expected: Option<Version>) -> Result<(), StoreError> {
        let record = self.codec.encode(&Record::Tokens(next.clone()), &self.name)?;
        let held = self.held();
        let mut script = self.keys.invoke(&scripts::SAVE);
        version(&mut script, expected);
        version(&mut script, Some(next.version));
        script.arg(record);
        match &held {
            Some(held) => script.arg(held.fencing_token()).arg(held.name()),
            None => script.arg("").arg(""),
        };
        if !self.run_replicated::<bool>(&script).await? {
            return Err(StoreError::Conflict);
        }
        self.had_tokens.store(true, Ordering::Relaxed);
        self.changes.set_saved(next.version);
        if let Some(held) = held {
            // The script has also released the lock.
            held.set_released();
            self.set_held(None);
        }
        Ok(())
    }

    async fn clear(&self, expected: Version) -> Result<(), StoreError> {
        let mut script = self.keys.invoke(&scripts::CLEAR);
        version(&mut script, Some(expected));
        if self.run_replicated::<bool>(&script).await? { Ok(()) } else { Err(StoreError::Conflict) }
    }

    /// Waits for the lock. A notification that it was released, or the end of its lease, ends the wait.
    async fn lock(self: &Arc<Self>, timeout: Duration) -> Result<StoreLock, StoreError> {
        let attempts = Attempts::new(self);
        if let Attempt::Acquired(lock) = attempts.try_once().await? {
            return Ok(lock);
        }
        if timeout.is_zero() {
            return Err(StoreError::Locked);
        }
        // A lock that is no longer extended will expire, so waiting for it makes sense.
        let timeout = timeout.min(LONGEST).max(self.lease + Duration::from_secs(1));
        let until = Instant::now() + timeout;
        loop {
            self.subscribe();
            let mut released = std::pin::pin!(self.changes.next());
            released.as_mut().enable();
            let busy = match attempts.try_once().await? {
                Attempt::Acquired(lock) => return Ok(lock),
                Attempt::Busy(left) => left,
            };
            let left = until.saturating_duration_since(Instant::now());
            if left.is_zero() {
                return Err(StoreError::Locked);
            }
            let timer = tokio::time::sleep(busy.min(left));
            select(released, std::pin::pin!(timer)).await;
        }
    }

    async fn changed(&self) {
        self.subscribe();
        let before = self.changes.notified();
        loop {
            let mut next = std::pin::pin!(self.changes.next());
            next.as_mut().enable();
            if self.changes.notified() != before {
                return;
            }
            next.await;
        }
    }
}

/// Adds two arguments, both empty for `None`. Lua's numbers are too small for them, so they are compared as text.
fn version(script: &mut ScriptInvocation<'_>, version: Option<Version>) {
    let text = |number: Option<u64>| number.map(|number| number.to_string()).unwrap_or_default();
    script.arg(text(version.map(|version| version.login)));
    script.arg(text(version.map(|version| version.generation)));
}

impl TokenStore for RedisStore {
    fn load(&self) -> BoxFuture<'_, Result<Option<Stored>, StoreError>> {
        Box::pin(self.shared.load())
    }

    fn save<'a>(
        &'a self,
        next: &'a Stored,
        expected: Option<Version>,
    ) -> BoxFuture<'a, Result<(), StoreError>> {
        Box::pin(self.shared.save(next, expected))
    }

    fn clear(&self, expected: Version) -> BoxFuture<'_, Result<(), StoreError>> {
        Box::pin(self.shared.clear(expected))
    }

    fn lock(&self, timeout: Duration) -> BoxFuture<'_, Result<Option<StoreLock>, StoreError>> {
        Box::pin(async move { self.shared.lock(timeout).await.map(Some) })
    }

    fn changed(&self) -> BoxFuture<'_, ()> {
        Box::pin(self.shared.changed())
    }

    fn may_have_changed(&self) -> bool {
        self.shared.changes.may_have_changed()
    }

    fn for_credential(&self, name: &str) -> Option<Arc<dyn TokenStore>> {
        let shared = &self.shared;
        let keys = Keys::of_credential(&shared.keys.record, name);
        let name = format!("{}\0{name}", shared.name);
        Some(Arc::new(self.with(|shared| Shared { keys, name, ..shared })))
    }

    fn location(&self) -> Option<String> {
        Some(format!("redis:{}/{}", self.shared.connection.address(), self.shared.keys.record))
    }

    fn encryption(&self) -> Option<String> {
        self.shared.codec.key_name()
    }
}

impl fmt::Debug for RedisStore {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("RedisStore")
            .field("key", &self.shared.keys.record)
            .field("lease", &self.shared.lease)
            .finish_non_exhaustive()
    }
}
