//! The request of a flight, which other threads can end.

use std::pin::Pin;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, PoisonError, TryLockError};
use std::task::{Context, Poll};

use crate::ports::BoxFuture;

/// A future that is dropped as soon as another thread says so. If only its own task could drop it, a runtime that
/// stalled and continues could poll it first, and send a refresh token that another flight has used meanwhile.
pub(super) struct Revocable<T>(Arc<Shared<T>>);

struct Shared<T> {
    is_revoked: AtomicBool,
    future: Mutex<Option<BoxFuture<'static, T>>>,
}

/// Ends a request at once, from any thread.
pub(crate) trait Revoke: Send + Sync {
    fn revoke(&self);
}

impl<T: 'static> Revocable<T> {
    pub(super) fn new(future: BoxFuture<'static, T>) -> Self {
        Self(Arc::new(Shared {
            is_revoked: AtomicBool::new(false),
            future: Mutex::new(Some(future)),
        }))
    }

    pub(super) fn handle(&self) -> Arc<dyn Revoke> {
        Arc::clone(&self.0) as _
    }
}

impl<T> Revoke for Shared<T> {
    fn revoke(&self) {
        self.is_revoked.store(true, Ordering::Release);
        // The thread that is polling it drops it afterwards.
        let future = match self.future.try_lock() {
            Ok(mut future) => future.take(),
            Err(TryLockError::Poisoned(future)) => future.into_inner().take(),
            Err(TryLockError::WouldBlock) => None,
        };
        drop(future);
    }
}

impl<T> Drop for Revocable<T> {
    fn drop(&mut self) {
        self.0.revoke();
    }
}

impl<T> Future for Revocable<T> {
    /// `None` if it was revoked.
    type Output = Option<T>;

    fn poll(self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Option<T>> {
        let is_revoked = || self.0.is_revoked.load(Ordering::Acquire);
        let mut future = self.0.future.lock().unwrap_or_else(PoisonError::into_inner);
        if is_revoked() {
            *future = None;
        }
        let Some(running) = future.as_mut() else { return Poll::Ready(None) };
        match running.as_mut().poll(context) {
            Poll::Ready(output) => {
                *future = None;
                Poll::Ready(Some(output))
            }
            Poll::Pending if is_revoked() => {
                *future = None;
                Poll::Ready(None)
            }
            Poll::Pending => Poll::Pending,
        }
    }
}
