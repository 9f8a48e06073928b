//! The lock of a store, held for a flight or for a write that is repeated.

use std::sync::PoisonError;
use std::time::Duration;

use super::Persistence;
use crate::ports::clock::Clock;
use crate::ports::store::StoreLock;

/// For how long the lock of the store is held until its write succeeds. Others would find used tokens there.
pub(super) const LONGEST_HELD: Duration = Duration::from_secs(7);

/// For whom the lock is held.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(in crate::session) enum Holder {
    /// The flight of this number.
    Flight(u32),
    /// A write that failed, and is repeated.
    Repeated,
}

/// A lock, and its holder.
pub(super) type HeldLock = Option<(Holder, StoreLock)>;

impl Persistence {
    pub(in crate::session) fn hold_lock(&self, holder: Holder, lock: Option<StoreLock>) {
        let Some(lock) = lock else { return };
        let earlier =
            self.lock.lock().unwrap_or_else(PoisonError::into_inner).replace((holder, lock));
        drop(earlier);
    }

    /// The lock, if it is still held for this holder.
    pub(in crate::session) fn take_lock(&self, holder: Holder) -> Option<StoreLock> {
        let mut held = self.lock.lock().unwrap_or_else(PoisonError::into_inner);
        held.take_if(|(own, _)| *own == holder).map(|(_, lock)| lock)
    }

    /// Notes that a write fails, and is repeated.
    pub(super) fn note_failing(&self, clock: &dyn Clock) {
        let mut failing = self.failing.lock().unwrap_or_else(PoisonError::into_inner);
        failing.get_or_insert_with(|| clock.now());
    }

    /// The write is not repeated any more.
    pub(super) fn end_failing(&self) {
        *self.failing.lock().unwrap_or_else(PoisonError::into_inner) = None;
        drop(self.take_lock(Holder::Repeated));
    }

    /// Keeps the lock for a write that is repeated: others would find used tokens in the store. Returns it if there is no
    /// such write, or if it has failed for too long.
    pub(in crate::session) fn keep_lock(
        &self,
        clock: &dyn Clock,
        lock: StoreLock,
    ) -> Option<StoreLock> {
        let is_failing = || {
            let failing = *self.failing.lock().unwrap_or_else(PoisonError::into_inner);
            failing.is_some_and(|since| clock.now().saturating_sub(since) < LONGEST_HELD)
        };
        if !is_failing() {
            return Some(lock);
        }
        self.hold_lock(Holder::Repeated, Some(lock));
        // The write may have succeeded meanwhile.
        if is_failing() { None } else { self.take_lock(Holder::Repeated) }
    }

    /// The lock, for any holder: an earlier flight that was abandoned, or a write that the next flight makes as well.
    pub(super) fn take_over_lock(&self) -> Option<StoreLock> {
        let mut held = self.lock.lock().unwrap_or_else(PoisonError::into_inner);
        held.take().map(|(_, lock)| lock)
    }
}
