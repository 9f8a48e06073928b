//! The state that a waiting call shares with the gate.
//!
//! A one-shot channel would do the same. This is half as large as tokio's, and an expiry under load creates very many
//! of them.

use std::pin::Pin;
use std::sync::{Arc, PoisonError};
#[cfg(not(shuttle))]
use std::sync::{Mutex, MutexGuard};
use std::task::{Context, Poll, Waker};

#[cfg(shuttle)]
use shuttle::sync::{Mutex, MutexGuard};

use super::waiter::Wakeup;

struct Shared(Mutex<Progress>);

enum Progress {
    Waits(Option<Waker>),
    /// `None` for a plain wakeup, which is the usual case.
    Woken(Option<Box<Wakeup>>),
    Over,
}

/// The gate's end of a waiting call. If it is dropped, the call asks again.
pub(crate) struct Waiter(Arc<Shared>);

/// The call's end.
pub(super) struct Woken(Arc<Shared>);

/// Both ends of a wait.
pub(super) fn ends() -> (Waiter, Woken) {
    let shared = Arc::new(Shared(Mutex::new(Progress::Waits(None))));
    (Waiter(Arc::clone(&shared)), Woken(shared))
}

impl Shared {
    fn lock(&self) -> MutexGuard<'_, Progress> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn wake(&self, wakeup: Option<Box<Wakeup>>) {
        let mut progress = self.lock();
        // A call that is gone receives nothing. What it would have received is dropped outside of the lock.
        if let Progress::Waits(waker) = &mut *progress {
            let waker = waker.take();
            *progress = Progress::Woken(wakeup);
            drop(progress);
            if let Some(waker) = waker {
                waker.wake();
            }
        }
    }
}

impl Waiter {
    /// Wakes the call. A call that is gone receives nothing, and its permit ends here.
    pub(super) fn wake(self, wakeup: Wakeup) {
        self.0.wake((!wakeup.is_plain()).then(|| Box::new(wakeup)));
    }
}

impl Drop for Waiter {
    fn drop(&mut self) {
        self.0.wake(None);
    }
}

impl Woken {
    /// Stops waiting. Anything that has arrived is dropped, together with its permit.
    pub(super) fn close(&self) {
        let last = std::mem::replace(&mut *self.0.lock(), Progress::Over);
        drop(last);
    }
}

impl Future for Woken {
    type Output = Wakeup;

    fn poll(self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Wakeup> {
        let mut progress = self.0.lock();
        match &mut *progress {
            Progress::Waits(Some(waker)) => waker.clone_from(context.waker()),
            Progress::Waits(none) => *none = Some(context.waker().clone()),
            Progress::Woken(wakeup) => {
                let wakeup = wakeup.take().map_or_else(Wakeup::plain, |wakeup| *wakeup);
                *progress = Progress::Over;
                return Poll::Ready(wakeup);
            }
            Progress::Over => panic!("a wait was polled after it had ended"),
        }
        Poll::Pending
    }
}

impl Drop for Woken {
    fn drop(&mut self) {
        self.close();
    }
}
