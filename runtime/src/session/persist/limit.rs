//! Time limits for stores.

use std::convert::Infallible;
use std::fmt;
use std::panic::AssertUnwindSafe;
use std::sync::Arc;
use std::time::Duration;

use futures_util::FutureExt;
use tokio::sync::{MutexGuard, oneshot};

use super::external_changes::Change;
use super::unwritten::Unwritten;
use super::{Known, SlotStore};
use crate::ports::BoxFuture;
use crate::ports::store::{StoreError, StoreLock, Stored};
use crate::session::Session;
use crate::types::span::Span;

/// An operation of a store is abandoned after this time.
pub(in crate::session) const LIMIT: Duration = Duration::from_secs(10);

/// Calls wait this long for a store, and then continue while it is still working.
pub(in crate::session) const PROMPT: Duration = Duration::from_millis(500);

impl Session {
    /// Runs an operation of the store with a limit. A panic becomes an error.
    ///
    /// It is boxed on both sides, so that the wait is compiled once for each type of value, and not into each
    /// caller.
    pub(super) fn within<'a, T: Send + 'a>(
        &'a self,
        limit: Duration,
        act: impl FnOnce() -> BoxFuture<'a, Result<T, StoreError>> + Send + 'a,
    ) -> BoxFuture<'a, Result<T, StoreError>> {
        let act: Box<dyn FnOnce() -> _ + Send + 'a> = Box::new(act);
        self.wait_for(limit, Box::pin(catch_panic(act)))
    }

    fn wait_for<'a, T: Send + 'a>(
        &'a self,
        limit: Duration,
        mut acting: BoxFuture<'a, Result<T, StoreError>>,
    ) -> BoxFuture<'a, Result<T, StoreError>> {
        Box::pin(async move {
            // A store in memory is ready at once and needs no timer.
            if let Some(done) = (&mut acting).now_or_never() {
                return done;
            }
            let done = self.policy().clock.timeout(limit, acting).await;
            done.unwrap_or_else(|| Err(too_slow(limit)))
        })
    }

    /// Does some work on a separate task, and waits for it, but not longer than `limit`. A call that is no longer
    /// polled, in a `select!` or behind a slow consumer, must not hold what the work has locked. Returns whether it
    /// was done in time.
    pub(super) async fn apart(&self, limit: Duration, work: BoxFuture<'static, ()>) -> bool {
        let waiting = self.on_a_task(self.marked(work));
        self.policy().clock.timeout(limit, waiting).await.is_some()
    }

    /// Does some work on a separate task, whether or not its caller waits for it. If no task can be started, the
    /// caller does the work.
    pub(in crate::session) fn on_a_task(
        &self,
        work: impl Future<Output = ()> + Send + 'static,
    ) -> BoxFuture<'static, ()> {
        let (done, ended) = oneshot::channel::<Infallible>();
        let task = async move {
            work.await;
            drop(done);
        };
        match self.policy().spawner.spawn(Box::pin(task)) {
            // It ends with the work, or with the runtime of its task.
            Ok(()) => Box::pin(async move { drop(ended.await) }),
            Err(task) => task,
        }
    }
}

impl<'a> SlotStore<'a> {
    pub(super) fn load(&self) -> BoxFuture<'a, Result<Option<Stored>, StoreError>> {
        let store = &self.persistence.store;
        self.session.within(LIMIT, || store.load())
    }

    /// Acquires the lock of the writes, unless another write holds it for too long: its runtime may not be driven.
    pub(in crate::session) async fn lock_writes(
        &self,
        limit: Duration,
    ) -> Option<MutexGuard<'a, Known>> {
        let known = &self.persistence.known;
        if let Ok(known) = known.try_lock() {
            return Some(known);
        }
        self.clock().timeout(limit, std::pin::pin!(known.lock())).await
    }

    /// Acquires the lock of the writes, and writes. If another runtime holds the lock and stands still, the write fails
    /// and is retried. Once that runtime continues, it writes the tokens that are then current.
    pub(super) async fn lock_and_write(
        &self,
        unwritten: &mut Unwritten,
    ) -> (Option<MutexGuard<'a, Known>>, Result<Change, StoreError>) {
        let Some(mut known) = self.lock_writes(LIMIT).await else {
            return (None, Err(too_slow(LIMIT)));
        };
        let written = self.write(&mut known).await;
        if written.is_ok() {
            unwritten.note_written(&known);
        }
        (Some(known), written)
    }

    /// Releases the lock of a store, unless a write is retried. If the store cannot, the lock expires.
    pub(in crate::session) async fn release_lock(&self, lock: Option<StoreLock>) {
        let released = self.release(lock.and_then(|lock| self.keep_lock(lock))).await;
        if let Err(error) = released {
            self.emit_failed(error);
        }
    }

    /// As [`release_lock`](Self::release_lock), for callers that emit the event later. A slow release
    /// continues in the background.
    pub(in crate::session) async fn release(
        &self,
        lock: Option<StoreLock>,
    ) -> Result<(), StoreError> {
        let Some(lock) = lock else { return Ok(()) };
        let releasing = || -> BoxFuture<'static, _> {
            Box::pin(async move {
                lock.release().await;
                Ok(())
            })
        };
        let mut releasing = Box::pin(catch_panic(releasing));
        if let Some(released) = (&mut releasing).now_or_never() {
            return released;
        }
        let policy = self.session.policy();
        let clock = Arc::clone(&policy.clock);
        let (sender, released) = oneshot::channel();
        let task = async move {
            if let Some(result) = clock.timeout(LIMIT, releasing).await {
                // The caller may have continued.
                let _ = sender.send(result);
            }
        };
        // If no task can be started, the lock is dropped, which releases it as well.
        let _ = policy.spawner.spawn(Box::pin(self.session.marked(task)));
        match policy.clock.timeout(PROMPT, released).await {
            Some(Ok(result)) => result,
            _ => Err(too_slow(PROMPT)),
        }
    }

    /// Emits the event of a failure while the lock of the writes is held, on a separate task, so that a hook that
    /// waits for that lock blocks only itself. Calls continue after the event, but they do not wait long.
    pub(in crate::session) async fn report_in_background(&self, error: StoreError) {
        let (session, index) = (self.session.clone(), self.index);
        let emitting = async move { session.emit_store_failed(index, error) };
        self.session.apart(PROMPT, Box::pin(emitting)).await;
    }
}

pub(in crate::session) async fn catch_panic<'a, T>(
    act: impl FnOnce() -> BoxFuture<'a, Result<T, StoreError>> + Send,
) -> Result<T, StoreError> {
    let acting = AssertUnwindSafe(async move { act().await }).catch_unwind();
    acting.await.unwrap_or_else(|_| Err(StoreError::failed(NoResponse::Panicked)))
}

pub(in crate::session) fn too_slow(limit: Duration) -> StoreError {
    StoreError::failed(NoResponse::Late(limit))
}

/// The error for a store that returned none.
enum NoResponse {
    Panicked,
    Late(Duration),
}

impl fmt::Display for NoResponse {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Panicked => f.write_str("the store panicked"),
            Self::Late(limit) => write!(f, "the store did not respond within {}", Span(*limit)),
        }
    }
}

impl fmt::Debug for NoResponse {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

impl std::error::Error for NoResponse {}

/// Whether the message of an error may name the store: the store's own messages do.
pub(super) fn names_its_store(error: &StoreError) -> bool {
    match error {
        StoreError::Conflict
        | StoreError::Locked
        | StoreError::OtherRealm { .. }
        | StoreError::OtherCredential { .. } => false,
        StoreError::Failed(reason) => !reason.is::<NoResponse>(),
        StoreError::Corrupt(_) => true,
    }
}
