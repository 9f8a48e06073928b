//! The lock of a store, held for a flight or for a write that is retried.

use std::sync::{MutexGuard, PoisonError};
use std::time::Duration;

use super::{Persistence, SlotStore};
use crate::ports::store::StoreLock;

/// For how long the lock of the store is held until its write succeeds. Others would find used tokens there.
pub(super) const LONGEST_HELD: Duration = Duration::from_secs(7);

/// For whom the lock is held.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(in crate::session) enum Holder {
    /// The flight of this number.
    Flight(u32),
    /// A write that failed, and is retried.
    Repeated,
}

/// A lock, and its holder.
pub(super) type HeldLock = Option<(Holder, StoreLock)>;

impl Persistence {
    pub(in crate::session) fn hold_lock(&self, holder: Holder, lock: StoreLock) {
        let earlier = self.held().replace((holder, lock));
        drop(earlier);
    }

    /// The lock, if it is still held for this holder.
    pub(in crate::session) fn take_lock(&self, holder: Holder) -> Option<StoreLock> {
        self.held().take_if(|(own, _)| *own == holder).map(|(_, lock)| lock)
    }

    /// The lock, for any holder: an earlier flight that was abandoned, or a write that the next flight makes as well.
    pub(super) fn take_over_lock(&self) -> Option<StoreLock> {
        self.held().take().map(|(_, lock)| lock)
    }

    /// The write is no longer retried.
    pub(super) fn end_failing(&self) {
        *self.failing() = None;
        drop(self.take_lock(Holder::Repeated));
    }

    fn held(&self) -> MutexGuard<'_, HeldLock> {
        self.lock.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn failing(&self) -> MutexGuard<'_, Option<Duration>> {
        self.failing.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl SlotStore<'_> {
    /// Notes that a write fails, and is retried.
    pub(in crate::session) fn note_failing(&self) {
        self.persistence.failing().get_or_insert_with(|| self.clock().now());
    }

    /// Keeps the lock for a write that is retried: others would find used tokens in the store. Returns it if there is no
    /// such write, or if it has failed for too long.
    pub(in crate::session) fn keep_lock(&self, lock: StoreLock) -> Option<StoreLock> {
        let is_failing = || {
            let failing = *self.persistence.failing();
            failing.is_some_and(|since| self.clock().now().saturating_sub(since) < LONGEST_HELD)
        };
        if !is_failing() {
            return Some(lock);
        }
        self.persistence.hold_lock(Holder::Repeated, lock);
        // The write may have succeeded meanwhile.
        if is_failing() { None } else { self.persistence.take_lock(Holder::Repeated) }
    }
}
