//! The lock of a store that processes share.

use std::fmt;
use std::time::Duration;

use crate::ports::BoxFuture;

/// A lock on a store, held until it is dropped.
#[must_use = "dropping the lock releases it at once"]
pub struct StoreLock(Box<dyn Lease>);

/// A lock that expires unless its holder extends it.
///
/// Dropping the lease releases the lock as well, without waiting for the release.
///
/// ```
/// use std::time::Duration;
///
/// use perennial::BoxFuture;
/// use perennial::store::{Lease, StoreLock};
///
/// /// A row `(name, until)` in a table of a database.
/// struct Row;
///
/// impl Lease for Row {
///     fn extend(&self, span: Duration) -> BoxFuture<'_, bool> {
///         Box::pin(async move { update("until", span).await })
///     }
///
///     fn release(self: Box<Self>) -> BoxFuture<'static, ()> {
///         Box::pin(async { delete().await })
///     }
/// }
///
/// let lock = StoreLock::leased(Row);
/// # drop(lock);
/// # async fn update(_: &str, _: Duration) -> bool { true }
/// # async fn delete() {}
/// ```
pub trait Lease: Send + Sync + 'static {
    /// Confirms that the lock is still held, and extends it by `span`, even if this process has no further contact with
    /// the store in that time. Returns `false` if the lock is lost.
    ///
    /// A session calls this right before it sends a refresh: a process that was suspended for longer than its lease
    /// must not send a refresh token that another process has used since.
    fn extend(&self, span: Duration) -> BoxFuture<'_, bool>;

    /// Releases the lock. Completes when others can acquire it.
    fn release(self: Box<Self>) -> BoxFuture<'static, ()>;
}

/// A lock that the system releases when its holder dies.
struct Owned<G>(G);

impl StoreLock {
    /// Creates a lock that is released by dropping `guard`.
    pub fn new(guard: impl Send + Sync + 'static) -> Self {
        Self(Box::new(Owned(guard)))
    }

    /// Creates a lock that expires unless it is extended.
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
