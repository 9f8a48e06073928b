//! The lock of a store, held for a flight or for a write that is repeated.

use std::sync::PoisonError;

use super::Persistence;
use crate::ports::store::StoreLock;

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

    /// The lock, for any holder: an earlier flight that was abandoned, or a write that the next flight makes as well.
    pub(super) fn take_over_lock(&self) -> Option<StoreLock> {
        let mut held = self.lock.lock().unwrap_or_else(PoisonError::into_inner);
        held.take().map(|(_, lock)| lock)
    }
}
