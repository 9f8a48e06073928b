//! The request of a flight, which other threads can end.

use std::pin::Pin;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, PoisonError, TryLockError};
use std::task::{Context, Poll};

use crate::ports::BoxFuture;
use crate::session::renew::{RefreshFailure, Renewed};

/// A future that is dropped as soon as another thread says so. If only its own task could drop it, a runtime that
/// stalled and continues could poll it first, and send a refresh token that another flight has used meanwhile.
pub(super) struct Revocable(Arc<Request>);

/// The request.
pub(crate) struct Request {
    is_revoked: AtomicBool,
    future: Mutex<Option<BoxFuture<'static, Outcome>>>,
}

/// The outcome of a request, or its panic.
pub(super) type Outcome = std::thread::Result<Result<Renewed, RefreshFailure>>;

impl Revocable {
    pub(super) fn new(future: BoxFuture<'static, Outcome>) -> Self {
        let (is_revoked, future) = (AtomicBool::new(false), Mutex::new(Some(future)));
        Self(Arc::new(Request { is_revoked, future }))
    }

    pub(super) fn handle(&self) -> Arc<Request> {
        Arc::clone(&self.0)
    }
}

impl Request {
    /// Ends it at once, from any thread.
    pub(super) fn revoke(&self) {
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

impl Drop for Revocable {
    fn drop(&mut self) {
        self.0.revoke();
    }
}

impl Future for Revocable {
    /// `None` if it was revoked.
    type Output = Option<Outcome>;

    fn poll(self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Option<Outcome>> {
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
