//! Detects changes to a file without opening it.

use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Mutex, MutexGuard, PoisonError};

use super::disk::FileStatus;

/// The file as it was when a store last loaded or saved.
#[derive(Debug, Default)]
pub(super) struct Fingerprint {
    /// Whether it held tokens: if the file is missing then, it was lost, and the user did not sign out.
    had_tokens: AtomicBool,
    /// The outer `None` means that the file was never checked, the inner one that there was no file.
    status: Mutex<Option<Option<FileStatus>>>,
}

impl Fingerprint {
    pub(super) fn set_had_tokens(&self) {
        self.had_tokens.store(true, Ordering::Relaxed);
    }

    pub(super) fn had_tokens(&self) -> bool {
        self.had_tokens.load(Ordering::Relaxed)
    }

    pub(super) fn set(&self, status: Option<FileStatus>) {
        *self.status() = Some(status);
    }

    pub(super) fn differs_from(&self, status: Option<FileStatus>) -> bool {
        *self.status() != Some(status)
    }

    fn status(&self) -> MutexGuard<'_, Option<Option<FileStatus>>> {
        // Each change is a single assignment.
        self.status.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
