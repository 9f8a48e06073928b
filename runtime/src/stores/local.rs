//! The common part of the stores on one machine: processes share a location under file locks, and the blocking work
//! is done off the executor.

use std::fs::File;
use std::sync::Arc;
use std::time::Duration;

use super::blocking::{Canceled, cancellation, run_blocking};
use super::disk::FileStatus;
use super::fingerprint::Fingerprint;
use super::record::Record;
use crate::ports::store::{StoreError, StoreLock, Stored, Version};

/// The methods of `TokenStore` that a store delegates to its field `local`.
macro_rules! local_methods {
    () => {
        fn load(&self) -> BoxFuture<'_, Result<Option<Stored>, StoreError>> {
            Box::pin(self.local.load())
        }

        fn save<'a>(
            &'a self,
            next: &'a Stored,
            expected: Option<Version>,
        ) -> BoxFuture<'a, Result<(), StoreError>> {
            Box::pin(self.local.save(next.clone(), expected))
        }

        fn clear(&self, expected: Version) -> BoxFuture<'_, Result<(), StoreError>> {
            Box::pin(self.local.clear(expected))
        }

        fn lock(&self, timeout: Duration) -> BoxFuture<'_, Result<Option<StoreLock>, StoreError>> {
            Box::pin(async move { self.local.lock(timeout).await.map(Some) })
        }
    };
}

pub(super) use local_methods;

/// The location of the tokens of one identity. All methods block.
pub(super) trait Location: Send + Sync + 'static {
    /// The status of the file that each write replaces.
    fn status(&self) -> Option<FileStatus>;

    /// Reads the record. An unreadable record is moved out of the way.
    fn read(&self) -> Result<Option<Record>, StoreError>;

    /// Replaces the record under a lock, and returns the status of the file afterwards.
    fn change(
        &self,
        next: impl FnOnce(Option<&Record>) -> Result<Record, StoreError>,
    ) -> Result<Option<FileStatus>, StoreError>;

    /// Acquires the lock for refreshing.
    fn lock(&self, timeout: Duration, canceled: &Canceled) -> Result<File, StoreError>;

    /// The error for a record that is missing although there were tokens.
    fn missing(&self) -> StoreError;
}

/// A store at a location, and the state in which it last found the location.
#[derive(Debug)]
pub(super) struct Local<L> {
    pub(super) location: Arc<L>,
    fingerprint: Arc<Fingerprint>,
}

impl<L> Clone for Local<L> {
    fn clone(&self) -> Self {
        Self { location: Arc::clone(&self.location), fingerprint: Arc::clone(&self.fingerprint) }
    }
}

impl<L: Location> Local<L> {
    pub(super) fn at(location: L) -> Self {
        Self { location: Arc::new(location), fingerprint: Arc::default() }
    }

    async fn run<T: Send + 'static>(
        &self,
        work: impl FnOnce(&L, &Fingerprint) -> Result<T, StoreError> + Send + 'static,
    ) -> Result<T, StoreError> {
        let Self { location, fingerprint } = self.clone();
        run_blocking(move || work(&location, &fingerprint)).await
    }

    pub(super) async fn load(&self) -> Result<Option<Stored>, StoreError> {
        let (status, loaded) =
            self.run(|location, _| Ok((location.status(), location.read()))).await?;
        // A caller that stopped waiting has not seen the record, so this comes after the wait.
        self.fingerprint.set(status);
        match loaded? {
            Some(Record::Tokens(stored)) => {
                self.fingerprint.set_had_tokens();
                Ok(Some(stored))
            }
            Some(Record::SignedOut) => Ok(None),
            None if self.fingerprint.had_tokens() => Err(self.location.missing()),
            None => Ok(None),
        }
    }

    pub(super) async fn save(
        &self,
        next: Stored,
        expected: Option<Version>,
    ) -> Result<(), StoreError> {
        self.run(move |location, fingerprint| {
            let status = location.change(|found| match found {
                Some(found) if found.version() != expected => Err(StoreError::Conflict),
                _ => Ok(Record::Tokens(next)),
            })?;
            fingerprint.set(status);
            fingerprint.set_had_tokens();
            Ok(())
        })
        .await
    }

    pub(super) async fn clear(&self, expected: Version) -> Result<(), StoreError> {
        self.run(move |location, fingerprint| {
            let status = location.change(|found| match found {
                Some(Record::Tokens(found)) if found.version != expected => {
                    Err(StoreError::Conflict)
                }
                _ => Ok(Record::SignedOut),
            })?;
            fingerprint.set(status);
            Ok(())
        })
        .await
    }

    pub(super) async fn lock(&self, timeout: Duration) -> Result<StoreLock, StoreError> {
        let (_cancel_on_drop, canceled) = cancellation();
        let lock = self.run(move |location, _| location.lock(timeout, &canceled));
        Ok(StoreLock::new(lock.await?))
    }

    pub(super) fn may_have_changed(&self) -> bool {
        self.fingerprint.differs_from(self.location.status())
    }
}
