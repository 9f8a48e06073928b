//! What a store knows of its file without opening it.

use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Mutex, MutexGuard, PoisonError};

use super::disk::Outside;

/// What was there when a store last read or wrote.
#[derive(Debug, Default)]
pub(super) struct Seen {
    /// Whether there were tokens: then it is a loss if nothing is there, and no sign-out.
    tokens: AtomicBool,
    /// How the file looked from outside; `None` if nobody has looked yet.
    outside: Mutex<Option<Option<Outside>>>,
}

impl Seen {
    pub(super) fn tokens(&self) {
        self.tokens.store(true, Ordering::Relaxed);
    }

    pub(super) fn is_loss(&self) -> bool {
        self.tokens.load(Ordering::Relaxed)
    }

    pub(super) fn read(&self, outside: Option<Outside>) {
        *self.outside() = Some(outside);
    }

    pub(super) fn differs(&self, outside: Option<Outside>) -> bool {
        *self.outside() != Some(outside)
    }

    fn outside(&self) -> MutexGuard<'_, Option<Option<Outside>>> {
        // A plain value cannot be left half-written.
        self.outside.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
