//! Where tokens are kept beyond the life of a session.

use std::collections::HashMap;
use std::fmt;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, SystemTime};

use super::BoxFuture;
use crate::types::tokens::Tokens;

/// Where tokens are kept: in memory, in a file, in a shared database.
///
/// A session loads from its store once, before its first call, and saves each token set that it gets.
/// A store that several processes share says so with [`lock`](TokenStore::lock): under the lock the
/// session loads again, and adopts a newer token set instead of making another refresh.
///
/// All methods may take their time and may fail; a session goes on with what it has in memory.
pub trait TokenStore: Send + Sync + 'static {
    /// The token set that is kept now.
    ///
    /// # Errors
    ///
    /// A [`StoreError`] if the store could not be read. What is kept but unreadable is set aside.
    fn load(&self) -> BoxFuture<'_, Result<Option<Stored>, StoreError>>;

    /// Keeps `next`, if what is kept now bears the version `over` (`None`: if nothing is kept).
    ///
    /// # Errors
    ///
    /// [`StoreError::Conflict`] if something else is kept meanwhile, and nothing was written.
    fn save<'a>(
        &'a self,
        next: &'a Stored,
        over: Option<Version>,
    ) -> BoxFuture<'a, Result<(), StoreError>>;

    /// Forgets what is kept, if it bears the version `over`.
    ///
    /// # Errors
    ///
    /// [`StoreError::Conflict`] if something else is kept meanwhile.
    fn clear(&self, over: Version) -> BoxFuture<'_, Result<(), StoreError>>;

    /// Keeps other processes from refreshing, until the lock is dropped. `None` means that nobody
    /// else uses this store.
    ///
    /// With a `patience` of zero it is tried once.
    ///
    /// # Errors
    ///
    /// [`StoreError::Locked`] if the lock was not to be had within `patience`, and any other if there
    /// is none to be had; the session then refreshes without it.
    fn lock(&self, patience: Duration) -> BoxFuture<'_, Result<Option<StoreLock>, StoreError>> {
        let _ = patience;
        Box::pin(std::future::ready(Ok(None)))
    }

    /// Ends when somebody else may have changed what is kept. A store that cannot tell never ends.
    ///
    /// A session that waits for the lock listens to it, so that it need not have the lock at all once
    /// the holder has saved what both want.
    fn changed(&self) -> BoxFuture<'_, ()> {
        Box::pin(std::future::pending())
    }

    /// Whether somebody else may have changed what is kept since this value last read or wrote it.
    ///
    /// It is asked before each call of a session that has this store, on the thread of the call, and
    /// has to be quick: a flag that a subscription sets, a look at the date of a file. If it says yes,
    /// the store is loaded, and the call waits half a second for it at most: what another process has
    /// renewed is taken over, and who was signed out there is signed out here. By default nothing is
    /// known, and changes are met with the next refresh.
    fn may_have_changed(&self) -> bool {
        false
    }

    /// Where the tokens of a further credential are kept: an API may have several, and the store is
    /// that of the first. The same name has to give the same place each time. By default there is
    /// none, and the tokens of further credentials end with the session.
    fn for_credential(&self, name: &str) -> Option<Arc<dyn TokenStore>> {
        let _ = name;
        None
    }

    /// Names the place where the tokens are kept: two sessions of one process on the same place
    /// would refresh against each other, so they are one session. `None` if the place belongs to this
    /// value alone.
    fn place(&self) -> Option<String> {
        None
    }
}

/// A token set as a store keeps it.
#[derive(Debug, Clone, PartialEq)]
pub struct Stored {
    /// Which token set this is.
    pub version: Version,
    /// The tokens. A lifetime is always a point in time here.
    pub tokens: Tokens,
    /// When the tokens were issued.
    pub issued: SystemTime,
}

/// Tells token sets apart, over processes and restarts.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct Version {
    /// Chosen at random with each login: another identity, or the same that signed in again.
    pub login: u64,
    /// One more with each token set of that login.
    pub generation: u64,
}

/// A lock on a store, held until it is dropped.
#[must_use = "a lock that is dropped is free again at once"]
pub struct StoreLock(Box<dyn Lease>);

/// A lock that runs out by itself when its holder is no longer heard of.
///
/// Dropping it gives it back as well, but nobody waits for that.
pub trait Lease: Send + Sync + 'static {
    /// Makes sure that the lock is still held, and that nobody else gets it for `span`, even if this
    /// process is not heard of meanwhile. `false` if the lock is lost.
    ///
    /// A session asks it right before it sends a refresh: a process that was stopped for longer than
    /// its lease must not spend a refresh token that somebody else has spent since.
    fn extend(&self, span: Duration) -> BoxFuture<'_, bool>;

    /// Gives the lock back, and ends when others can have it.
    fn release(self: Box<Self>) -> BoxFuture<'static, ()>;
}

/// A lock that the system releases when its holder dies.
struct Owned<G>(G);

impl StoreLock {
    /// Holds `guard`, whose drop releases the lock.
    pub fn new(guard: impl Send + Sync + 'static) -> Self {
        Self(Box::new(Owned(guard)))
    }

    /// Holds a lock that can run out.
    pub fn leased(lease: impl Lease) -> Self {
        Self(Box::new(lease))
    }

    pub(crate) async fn extend(&self, span: Duration) -> bool {
        self.0.extend(span).await
    }

    pub(crate) async fn release(self) {
        self.0.release().await;
    }
}

impl<G: Send + Sync + 'static> Lease for Owned<G> {
    fn extend(&self, _: Duration) -> BoxFuture<'_, bool> {
        Box::pin(std::future::ready(true))
    }

    fn release(self: Box<Self>) -> BoxFuture<'static, ()> {
        drop(self.0);
        Box::pin(std::future::ready(()))
    }
}

impl fmt::Debug for StoreLock {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("StoreLock")
    }
}

/// Why a store could not do what it was asked.
#[derive(Debug)]
#[non_exhaustive]
pub enum StoreError {
    /// Something else is kept than was expected; nothing was written.
    Conflict,
    /// The lock was not to be had in time.
    Locked,
    /// What is kept cannot be read; it was set aside.
    Corrupt(String),
    /// The store failed.
    Failed(Box<dyn std::error::Error + Send + Sync>),
}

impl StoreError {
    /// The store failed for this reason.
    pub fn failed(error: impl Into<Box<dyn std::error::Error + Send + Sync>>) -> Self {
        Self::Failed(error.into())
    }
}

impl fmt::Display for StoreError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Conflict => f.write_str("another token set is kept there meanwhile"),
            Self::Locked => f.write_str("the lock was not to be had in time"),
            Self::Corrupt(what) => write!(f, "what is kept cannot be read: {what}"),
            Self::Failed(error) => write!(f, "{error}"),
        }
    }
}

impl std::error::Error for StoreError {
    fn source(&self) -> Option<&(dyn std::error::Error + 'static)> {
        match self {
            // Its words are those of the error already.
            Self::Failed(error) => error.source(),
            _ => None,
        }
    }
}

/// Keeps tokens in memory. Its clones share what they keep.
///
/// A session without a store keeps its tokens in memory anyway; this one lets the tokens outlive the
/// session, and stands in for a real store in tests.
#[derive(Debug, Clone, Default)]
pub struct MemoryStore {
    /// By the name of the credential; the first one has none.
    kept: Arc<Mutex<HashMap<Option<String>, Stored>>>,
    credential: Option<String>,
}

impl MemoryStore {
    /// Keeps nothing yet.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// What is kept now, of the first credential.
    #[must_use]
    pub fn kept(&self) -> Option<Stored> {
        self.with(|kept| kept.get(&self.credential).cloned())
    }

    /// What is kept now of a further credential.
    #[must_use]
    pub fn kept_of(&self, credential: &str) -> Option<Stored> {
        self.with(|kept| kept.get(&Some(credential.to_owned())).cloned())
    }

    fn with<T>(&self, act: impl FnOnce(&mut HashMap<Option<String>, Stored>) -> T) -> T {
        // Nothing that runs under this lock can panic, and a plain value cannot be left half-written.
        act(&mut self.kept.lock().unwrap_or_else(PoisonError::into_inner))
    }

    fn change(&self, over: Option<Version>, next: Option<Stored>) -> Result<(), StoreError> {
        self.with(|kept| {
            if kept.get(&self.credential).map(|kept| kept.version) != over {
                return Err(StoreError::Conflict);
            }
            match next {
                Some(next) => kept.insert(self.credential.clone(), next),
                None => kept.remove(&self.credential),
            };
            Ok(())
        })
    }
}

impl TokenStore for MemoryStore {
    fn load(&self) -> BoxFuture<'_, Result<Option<Stored>, StoreError>> {
        Box::pin(std::future::ready(Ok(self.kept())))
    }

    fn save<'a>(
        &'a self,
        next: &'a Stored,
        over: Option<Version>,
    ) -> BoxFuture<'a, Result<(), StoreError>> {
        Box::pin(std::future::ready(self.change(over, Some(next.clone()))))
    }

    fn clear(&self, over: Version) -> BoxFuture<'_, Result<(), StoreError>> {
        Box::pin(std::future::ready(self.change(Some(over), None)))
    }

    fn for_credential(&self, name: &str) -> Option<Arc<dyn TokenStore>> {
        let (kept, credential) = (Arc::clone(&self.kept), Some(name.to_owned()));
        Some(Arc::new(Self { kept, credential }))
    }

    fn place(&self) -> Option<String> {
        Some(format!("memory:{:p}:{:?}", Arc::as_ptr(&self.kept), self.credential))
    }
}
