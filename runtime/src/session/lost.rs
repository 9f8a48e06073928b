//! The end of a session, and who hears of it first.

use std::convert::Infallible;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use futures_util::future::{Either, select};
use tokio::sync::oneshot;

use super::Session;
use super::waiter::Waiter;
use crate::logic::gate::Released;
use crate::types::error::Error;

/// Hooks that take longer than this are not waited for.
const PATIENCE: Duration = Duration::from_secs(1);

impl Session {
    /// Tells the hooks that the session is over, and then those who wait.
    ///
    /// In this order, since a call that fails is shown to the user, and what is shown next was set up by
    /// the hook: with the other order the two would race. But a hook is the user's code. Its panic is its
    /// own, and where it blocks, another task wakes those who wait.
    pub(in crate::session) fn tell_lost(
        &self,
        slot: usize,
        released: Released<Waiter, Arc<Error>>,
        reason: &Arc<Error>,
    ) {
        let policy = self.policy();
        let credential = self.credential(slot).name;
        if released.waiters.is_empty() || !policy.has_hooks() {
            self.wake(slot, released, None);
            return policy.lost(self.id(), credential, reason);
        }
        let waiting = Arc::new(Mutex::new(Some(released)));
        let (done, told) = oneshot::channel::<Infallible>();
        let (session, patient) = (self.clone(), Arc::clone(&waiting));
        let watch = async move {
            let patience = session.policy().clock.sleep(PATIENCE);
            if let Either::Left(_) = select(patience, told).await {
                session.wake_once(slot, &patient);
            }
        };
        if policy.spawner.spawn(Box::pin(watch)).is_err() {
            // Where nobody could step in, those who wait do not depend on the hooks.
            self.wake_once(slot, &waiting);
        }
        // A worker of tokio keeps the task that it was given last to itself. That must not be the watch,
        // or nobody could run it while a hook blocks the worker.
        let _ = policy.spawner.spawn(Box::pin(std::future::ready(())));
        policy.lost(self.id(), credential, reason);
        self.wake_once(slot, &waiting);
        drop(done);
    }

    fn wake_once(&self, slot: usize, waiting: &Mutex<Option<Released<Waiter, Arc<Error>>>>) {
        // Nothing panics under this lock.
        let released = waiting.lock().unwrap_or_else(PoisonError::into_inner).take();
        if let Some(released) = released {
            self.wake(slot, released, None);
        }
    }
}
