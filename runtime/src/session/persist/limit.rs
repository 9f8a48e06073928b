//! What a store does, with an end: no store can hold a session up.

use std::panic::AssertUnwindSafe;
use std::time::Duration;

use futures_util::FutureExt;
use futures_util::future::{Either, select};

use crate::ports::BoxFuture;
use crate::ports::store::{StoreError, StoreLock};
use crate::session::Session;

/// What a store does is given up after so long.
pub(in crate::session) const LIMIT: Duration = Duration::from_secs(10);

/// Calls wait so long for the store; then they go on while it still works.
pub(super) const PROMPT: Duration = Duration::from_millis(500);

impl Session {
    /// What a store does, with an end. Its panic is a failure of its own.
    pub(super) async fn within_limit<'a, T>(
        &self,
        act: impl FnOnce() -> BoxFuture<'a, Result<T, StoreError>> + Send,
    ) -> Result<T, StoreError> {
        self.within(LIMIT, act).await
    }

    pub(super) async fn within<'a, T>(
        &self,
        limit: Duration,
        act: impl FnOnce() -> BoxFuture<'a, Result<T, StoreError>> + Send,
    ) -> Result<T, StoreError> {
        let mut acting = Box::pin(guarded(act));
        // A store in memory is ready at once, and needs no timer.
        if let Some(done) = (&mut acting).now_or_never() {
            return done;
        }
        match select(acting, self.policy().clock.sleep(limit)).await {
            Either::Left((done, _)) => done,
            Either::Right(_) => Err(too_slow(limit)),
        }
    }

    /// Gives the lock of a store back. A store that cannot do so in time, or panics, lets it run out.
    pub(in crate::session) async fn give_back(&self, index: usize, lock: StoreLock) {
        let releasing = async move {
            lock.release().await;
            Ok(())
        };
        if let Err(error) = self.within_limit(|| Box::pin(releasing)).await {
            self.store_failed(index, error);
        }
    }
}

pub(super) async fn guarded<'a, T>(
    act: impl FnOnce() -> BoxFuture<'a, Result<T, StoreError>> + Send,
) -> Result<T, StoreError> {
    let acting = AssertUnwindSafe(async move { act().await }).catch_unwind();
    acting.await.unwrap_or_else(|_| Err(StoreError::failed("the store panicked")))
}

pub(super) fn too_slow(limit: Duration) -> StoreError {
    StoreError::failed(format!("the store has not answered within {limit:?}"))
}
