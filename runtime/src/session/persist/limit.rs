//! What a store does, with an end: no store can hold a session up.

use std::convert::Infallible;
use std::fmt;
use std::panic::AssertUnwindSafe;
use std::time::Duration;

use futures_util::FutureExt;
use futures_util::future::{Either, select};
use tokio::sync::oneshot;

use crate::ports::BoxFuture;
use crate::ports::store::{StoreError, StoreLock};
use crate::session::Session;

/// What a store does is given up after so long.
pub(in crate::session) const LIMIT: Duration = Duration::from_secs(10);

/// Calls wait so long for the store; then they go on while it still works.
pub(super) const PROMPT: Duration = Duration::from_millis(500);

impl Session {
    /// What a store does, with an end. Its panic is a failure of its own.
    ///
    /// It is boxed on both sides, so that the wait is compiled once for each kind of value, and not into
    /// each place that asks a store.
    pub(super) fn within_limit<'a, T: Send + 'a>(
        &'a self,
        act: impl FnOnce() -> BoxFuture<'a, Result<T, StoreError>> + Send + 'a,
    ) -> BoxFuture<'a, Result<T, StoreError>> {
        self.within(LIMIT, act)
    }

    pub(super) fn within<'a, T: Send + 'a>(
        &'a self,
        limit: Duration,
        act: impl FnOnce() -> BoxFuture<'a, Result<T, StoreError>> + Send + 'a,
    ) -> BoxFuture<'a, Result<T, StoreError>> {
        let act: Box<dyn FnOnce() -> _ + Send + 'a> = Box::new(act);
        self.wait_for(limit, Box::pin(guarded(act)))
    }

    fn wait_for<'a, T: Send + 'a>(
        &'a self,
        limit: Duration,
        mut acting: BoxFuture<'a, Result<T, StoreError>>,
    ) -> BoxFuture<'a, Result<T, StoreError>> {
        Box::pin(async move {
            // A store in memory is ready at once, and needs no timer.
            if let Some(done) = (&mut acting).now_or_never() {
                return done;
            }
            match select(acting, self.policy().clock.sleep(limit)).await {
                Either::Left((done, _)) => done,
                Either::Right(_) => Err(too_slow(limit)),
            }
        })
    }

    /// Gives the lock of a store back. A store that cannot do so in time, or panics, lets it run out.
    pub(in crate::session) async fn give_back(&self, index: usize, lock: StoreLock) {
        if let Err(error) = self.release(lock).await {
            self.store_failed(index, error);
        }
    }

    /// As [`give_back`](Session::give_back), for whoever has to tell of it later.
    pub(super) async fn release(&self, lock: StoreLock) -> Result<(), StoreError> {
        let releasing = async move {
            lock.release().await;
            Ok(())
        };
        self.within_limit(|| Box::pin(releasing)).await
    }

    /// Tells of a failure while the lock of the writes is held, on a task of its own: a hook that waits for
    /// that lock keeps nobody else up. It is waited for, so that calls go on once it was told, but not long.
    pub(super) async fn tell_aside(&self, index: usize, error: StoreError) {
        let (done, told) = oneshot::channel::<Infallible>();
        let session = self.clone();
        let telling = async move {
            session.store_failed(index, error);
            drop(done);
        };
        // Where no task can be had, it is not told: nothing else could run the flight that asks for it.
        if self.policy().spawner.spawn(Box::pin(self.marked(telling))).is_ok() {
            let _ = select(told, self.policy().clock.sleep(PROMPT)).await;
        }
    }
}

pub(super) async fn guarded<'a, T>(
    act: impl FnOnce() -> BoxFuture<'a, Result<T, StoreError>> + Send,
) -> Result<T, StoreError> {
    let acting = AssertUnwindSafe(async move { act().await }).catch_unwind();
    acting.await.unwrap_or_else(|_| Err(StoreError::failed(Unanswered::Panicked)))
}

pub(super) fn too_slow(limit: Duration) -> StoreError {
    StoreError::failed(Unanswered::Late(limit))
}

/// What a session says of a store that has said nothing itself.
#[derive(Debug)]
enum Unanswered {
    Panicked,
    Late(Duration),
}

impl fmt::Display for Unanswered {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Panicked => f.write_str("the store panicked"),
            Self::Late(limit) => write!(f, "the store has not answered within {limit:?}"),
        }
    }
}

impl std::error::Error for Unanswered {}

/// Whether an error says which store it is of: one that the store has put into words may.
pub(super) fn may_name_its_store(error: &StoreError) -> bool {
    match error {
        StoreError::Conflict | StoreError::Locked => false,
        StoreError::Failed(reason) => !reason.is::<Unanswered>(),
        StoreError::Corrupt(_) => true,
    }
}
