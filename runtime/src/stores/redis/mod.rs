//! Tokens in Redis.

mod connection;
mod keys;
mod lease;
mod script;
mod subscription;

use std::fmt;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant};

use futures_util::future::{Either, select};
use redis::{FromRedisValue, Value};

use super::errors::{sealed, trouble};
use super::record::{Codec, Record, Unreadable};
#[cfg(feature = "encryption")]
use super::seal::StoreKey;
use crate::ports::BoxFuture;
use crate::ports::random::random;
use crate::ports::store::{StoreError, StoreLock, Stored, TokenStore, Version};
use connection::{Line, Reading};
use keys::Keys;
use lease::{Attempt, Held};
use script::Script;
use subscription::{News, Watch};

/// The lock lives so long after its holder was last heard of, unless told otherwise.
const LEASE: Duration = Duration::from_secs(10);

/// No lock is kept longer without a word of its holder, nor waited for: neither the clocks here nor that of
/// Redis know a time without end.
const LONGEST: Duration = Duration::from_secs(365 * 24 * 60 * 60);

/// What is told on the channel when the tokens change, and when the lock is free. After the first word
/// comes the version of what is kept; after a sign-out there is none.
const KEPT: &str = "kept";
const FREE: &str = "free";

/// Tokens in Redis, which the processes of many machines share.
///
/// One process of the fleet refreshes at a time. It holds a lock that it renews while the refresh runs,
/// and that runs out by itself when it dies. Whoever waits is told of the new tokens by Redis, and takes
/// them over without asking again and again. A process that was stopped for longer than its lock lived
/// neither refreshes nor overwrites what others have saved meanwhile: each lock has a number that only
/// grows, and a write with an older one is refused.
///
/// While Redis is down, calls go on with the tokens that each process has, and an
/// [`EventKind::StoreFailed`](crate::EventKind::StoreFailed) says so. A refresh then is not coordinated: with
/// refresh tokens that can be used once, it is good for one process only.
///
/// While a session lives, its store listens to a channel on a connection that all stores share that come
/// from one [`open`](RedisStore::open) by [`named`](RedisStore::named). So a login, a renewal or a
/// sign-out of another process is met before the first call that starts after Redis has told of it.
///
/// Four names are used: the key itself, which is a hash; its lock, `{key}:lock`; the number of the last
/// lock, `{key}:fence`; and the channel `{key}:news`. They fall into one slot of a cluster. For a further
/// credential of the API they are `{key}:tokens:<credential>`, `{key}:lock:<credential>` and so on. Tokens are
/// not encrypted unless a key is given, and travel as the URL says: `rediss://` needs one of the TLS
/// features of the crate `redis`.
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
    line: Arc<Line>,
    /// Notice of what others change.
    news: Arc<News>,
    watch: Arc<Watch>,
    keys: Keys,
    name: String,
    lease: Duration,
    codec: Codec,
    /// Whether tokens were here before: then a missing key is a loss, and no sign-out.
    seen: AtomicBool,
    /// The lock that this store holds now.
    held: Mutex<Option<Arc<Held>>>,
}

impl RedisStore {
    /// Keeps tokens under `key` in the Redis at `url`, such as `redis://127.0.0.1:6379/`. It connects
    /// when it is first used.
    ///
    /// # Errors
    ///
    /// [`StoreError::Failed`] if the URL is not one of a Redis.
    pub fn open(url: &str, key: &str) -> Result<Self, StoreError> {
        // The URL may hold a password, so the error does not quote it.
        let client = redis::Client::open(url).map_err(|_| {
            StoreError::failed(
                "this is no URL of a Redis, or it needs a TLS feature of the crate `redis`",
            )
        })?;
        let shared = Shared {
            news: News::new(client.clone()),
            watch: Arc::default(),
            line: Arc::new(Line::new(client)),
            keys: Keys::of(key),
            name: String::new(),
            lease: LEASE,
            codec: Codec::default(),
            seen: AtomicBool::new(false),
            held: Mutex::default(),
        };
        Ok(Self { shared: Arc::new(shared) })
    }

    /// Keeps the tokens of one of several identities, under `<key>:<name>`.
    #[must_use]
    pub fn named(&self, name: &str) -> Self {
        let key = format!("{}:{name}", self.shared.keys.record);
        self.with(|shared| Shared { keys: Keys::of(&key), name: name.to_owned(), ..shared })
    }

    /// How long the lock of a holder that is no longer heard of keeps others away before it goes about
    /// a refresh; 10 seconds by default, 50 milliseconds at least and a year at most. Once it does, others
    /// are kept away for as long as a refresh may take.
    #[must_use]
    pub fn lease(&self, lease: Duration) -> Self {
        let lease = lease.clamp(Duration::from_millis(50), LONGEST);
        self.with(|shared| Shared { lease, ..shared })
    }

    /// Encrypts what is kept. Tokens that are not encrypted yet are read, and encrypted when they are
    /// next saved; those that are encrypted with another key are neither read nor overwritten.
    #[cfg(feature = "encryption")]
    #[must_use]
    pub fn encrypted(&self, key: StoreKey) -> Self {
        self.with(|shared| Shared { codec: Codec { key: Some(key) }, ..shared })
    }

    fn with(&self, change: impl FnOnce(Shared) -> Shared) -> Self {
        let shared = &self.shared;
        let copy = Shared {
            line: Arc::clone(&shared.line),
            news: Arc::clone(&shared.news),
            watch: Arc::default(),
            keys: shared.keys.clone(),
            name: shared.name.clone(),
            lease: shared.lease,
            codec: shared.codec.clone(),
            seen: AtomicBool::new(false),
            held: Mutex::default(),
        };
        Self { shared: Arc::new(change(copy)) }
    }
}

impl Shared {
    async fn run<T: FromRedisValue>(&self, script: &Script) -> Result<T, StoreError> {
        let asked = self.line.run(&script.command()).await;
        asked.map_err(|error| trouble(format!("{} cannot be used", self.named()), error))
    }

    /// Where the tokens are, in words.
    fn named(&self) -> String {
        format!("the key {} of the Redis at {}", self.keys.record, self.line.address())
    }

    fn script(&self, text: &'static str) -> Script {
        let Keys { record, lock, fence, news, .. } = &self.keys;
        Script::new(text).key(record).key(lock).key(fence).key(news)
    }

    fn hold(&self, held: Option<Arc<Held>>) {
        *self.held.lock().unwrap_or_else(PoisonError::into_inner) = held;
    }

    fn held(&self) -> Option<Arc<Held>> {
        self.held.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }

    async fn load(&self) -> Result<Option<Stored>, StoreError> {
        self.news.listen(&self.keys.news, &self.watch);
        let told = self.watch.told();
        let kept: Vec<Value> = self.run(&self.script(script::LOAD)).await?;
        let loaded = self.judge(&kept).await;
        let version = loaded.as_ref().ok().and_then(Option::as_ref).map(|stored| stored.version);
        self.watch.saw(told, version);
        loaded
    }

    async fn judge(&self, kept: &[Value]) -> Result<Option<Stored>, StoreError> {
        match kept {
            [Value::BulkString(record), ..] => match self.codec.decode(record, &self.name) {
                Ok(Record::Tokens(stored)) => {
                    self.seen.store(true, Ordering::Relaxed);
                    Ok(Some(stored))
                }
                Ok(Record::SignedOut) => Ok(None),
                Err(Unreadable::Foreign(what)) => Err(sealed(&self.named(), what)),
                Err(Unreadable::Corrupt(what)) => Err(self.set_aside(record, what).await),
            },
            [_, Value::BulkString(_)] => Ok(None),
            _ if self.seen.load(Ordering::Relaxed) => {
                Err(StoreError::failed(format!("the tokens are gone from {}", self.named())))
            }
            _ => Ok(None),
        }
    }

    async fn set_aside(&self, record: &[u8], what: String) -> StoreError {
        let aside = format!("{}-{:016x}", self.keys.corrupt, random());
        let script = self.script(script::SET_ASIDE).arg(record).arg(&aside);
        match self.run::<bool>(&script).await {
            Ok(true) => StoreError::Corrupt(format!("{what}; it was set aside as {aside}")),
            Ok(false) => {
                StoreError::failed(format!("{} was replaced while it was read", self.named()))
            }
            Err(error) => error,
        }
    }

    async fn save(&self, next: &Stored, over: Option<Version>) -> Result<(), StoreError> {
        let record = self.codec.encode(&Record::Tokens(next.clone()), &self.name)?;
        let held = self.held();
        let script = self
            .script(script::SAVE)
            .version(over)
            .version(Some(next.version))
            .arg(&record)
            .arg(&held.as_ref().map(|held| held.fence().to_string()).unwrap_or_default())
            .arg(held.as_ref().map_or("", |held| held.name()));
        if !self.run::<bool>(&script).await? {
            return Err(StoreError::Conflict);
        }
        self.seen.store(true, Ordering::Relaxed);
        self.watch.knows(next.version);
        if let Some(held) = held {
            // The script has given the lock back as well.
            held.given_back();
            self.hold(None);
        }
        Ok(())
    }

    async fn clear(&self, over: Version) -> Result<(), StoreError> {
        let script = self.script(script::CLEAR).version(Some(over));
        if self.run::<bool>(&script).await? { Ok(()) } else { Err(StoreError::Conflict) }
    }

    /// Waits for the lock, woken by the news that it is free or by the end of its time.
    async fn lock(self: &Arc<Self>, patience: Duration) -> Result<StoreLock, StoreError> {
        let attempt = Attempt::new(self);
        if let Some(lock) = attempt.try_once().await?.into_lock() {
            return Ok(lock);
        }
        if patience.is_zero() {
            return Err(StoreError::Locked);
        }
        // A lock that nobody renews runs out by itself, and is worth waiting for.
        let patience = patience.min(LONGEST).max(self.lease + Duration::from_secs(1));
        let until = Instant::now() + patience;
        let mut news = Reading::new(&self.line, &self.keys.news);
        loop {
            news.listen().await;
            let busy = match attempt.try_once().await? {
                lease::Try::Locked(lock) => return Ok(lock),
                lease::Try::Busy(left) => left,
            };
            let left = until.saturating_duration_since(Instant::now());
            if left.is_zero() {
                return Err(StoreError::Locked);
            }
            let timer = tokio::time::sleep(busy.min(left));
            if let Either::Left(_) =
                select(std::pin::pin!(news.wait_for(FREE)), std::pin::pin!(timer)).await
            {
                continue;
            }
        }
    }
}

impl TokenStore for RedisStore {
    fn load(&self) -> BoxFuture<'_, Result<Option<Stored>, StoreError>> {
        Box::pin(self.shared.load())
    }

    fn save<'a>(
        &'a self,
        next: &'a Stored,
        over: Option<Version>,
    ) -> BoxFuture<'a, Result<(), StoreError>> {
        Box::pin(self.shared.save(next, over))
    }

    fn clear(&self, over: Version) -> BoxFuture<'_, Result<(), StoreError>> {
        Box::pin(self.shared.clear(over))
    }

    fn lock(&self, patience: Duration) -> BoxFuture<'_, Result<Option<StoreLock>, StoreError>> {
        Box::pin(async move { self.shared.lock(patience).await.map(Some) })
    }

    fn changed(&self) -> BoxFuture<'_, ()> {
        Box::pin(async move {
            let mut news = Reading::new(&self.shared.line, &self.shared.keys.news);
            news.listen().await;
            news.wait_for(KEPT).await;
        })
    }

    fn may_have_changed(&self) -> bool {
        self.shared.watch.may_have_changed()
    }

    fn for_credential(&self, name: &str) -> Option<Arc<dyn TokenStore>> {
        let shared = &self.shared;
        let keys = Keys::of_credential(&shared.keys.record, name);
        let name = format!("{}\0{name}", shared.name);
        Some(Arc::new(self.with(|shared| Shared { keys, name, ..shared })))
    }

    fn place(&self) -> Option<String> {
        Some(format!("redis:{}/{}", self.shared.line.address(), self.shared.keys.record))
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
