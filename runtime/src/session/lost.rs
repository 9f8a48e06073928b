//! The end of a session: hooks run before the waiting calls fail.

use std::convert::Infallible;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use tokio::sync::oneshot;

use super::Session;
use super::waiter::Waiter;
use crate::logic::gate::Released;
use crate::types::error::Error;

/// Hooks that take longer than this are no longer waited for.
const PATIENCE: Duration = Duration::from_secs(1);

impl Session {
    /// Calls the hooks for the end of the session, then wakes the waiting calls.
    ///
    /// The hooks run first, since a program shows the user a failed call, and the hook prepares the next page; in
    /// the reverse order the two would race. But a hook is the user's code: its panic is caught, and if it blocks,
    /// another task wakes the calls.
    pub(in crate::session) fn report_lost(
        &self,
        slot: usize,
        released: Released<Waiter, Arc<Error>>,
        reason: &Arc<Error>,
    ) {
        let policy = self.policy();
        let credential = self.policy_of(slot).name;
        if released.waiters.is_empty() || !policy.has_hooks() {
            self.wake(slot, released, None);
            return self.run_hooks(|| policy.lost(self.id(), credential, reason));
        }
        let waiting = Arc::new(Mutex::new(Some(released)));
        let (done, notified) = oneshot::channel::<Infallible>();
        let (session, patient) = (self.clone(), Arc::clone(&waiting));
        let watch = async move {
            if session.policy().clock.timeout(PATIENCE, notified).await.is_none() {
                session.wake_once(slot, &patient);
            }
        };
        if policy.spawner.spawn(Box::pin(watch)).is_err() {
            // If no task can be started, the waiting calls must not depend on the hooks.
            self.wake_once(slot, &waiting);
        }
        // A tokio worker keeps the task that was spawned last to itself. That must not be the watching task, or no
        // worker could run it while a hook blocks this one.
        let _ = policy.spawner.spawn(Box::pin(std::future::ready(())));
        self.run_hooks(|| policy.lost(self.id(), credential, reason));
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
