//! What the stores of one machine have in common: a place that processes share under the locks of files,
//! and that is used off the executor.

use std::fs::File;
use std::sync::Arc;
use std::time::Duration;

use super::blocking::{Unwanted, aside, wanted};
use super::disk::Outside;
use super::fingerprint::Seen;
use super::record::Record;
use crate::ports::store::{StoreError, StoreLock, Stored, Version};

/// Where the tokens of one identity are. All that is done there blocks.
pub(super) trait Place: Send + Sync + 'static {
    /// How the file looks that is replaced with each write.
    fn outside(&self) -> Option<Outside>;

    /// What is kept. What cannot be read is set aside.
    fn read(&self) -> Result<Option<Record>, StoreError>;

    /// Replaces what is kept, with nobody else in between, and says how the file looks then.
    fn change(
        &self,
        next: impl FnOnce(Option<&Record>) -> Result<Record, StoreError>,
    ) -> Result<Option<Outside>, StoreError>;

    /// Takes the lock of those who refresh.
    fn lock(&self, patience: Duration, unwanted: &Unwanted) -> Result<File, StoreError>;

    /// Why there is nothing where there were tokens before.
    fn loss(&self) -> StoreError;
}

/// A store at such a place, and what it has seen there.
#[derive(Debug)]
pub(super) struct Local<P> {
    pub(super) place: Arc<P>,
    seen: Arc<Seen>,
}

impl<P> Clone for Local<P> {
    fn clone(&self) -> Self {
        Self { place: Arc::clone(&self.place), seen: Arc::clone(&self.seen) }
    }
}

impl<P: Place> Local<P> {
    pub(super) fn at(place: P) -> Self {
        Self { place: Arc::new(place), seen: Arc::default() }
    }

    async fn work<T: Send + 'static>(
        &self,
        work: impl FnOnce(&P, &Seen) -> Result<T, StoreError> + Send + 'static,
    ) -> Result<T, StoreError> {
        let Self { place, seen } = self.clone();
        aside(move || work(&place, &seen)).await
    }

    pub(super) async fn load(&self) -> Result<Option<Stored>, StoreError> {
        let (outside, loaded) = self.work(|place, _| Ok((place.outside(), place.read()))).await?;
        // Whoever did not wait for the response has not seen it.
        self.seen.read(outside);
        match loaded? {
            Some(Record::Tokens(stored)) => {
                self.seen.tokens();
                Ok(Some(stored))
            }
            Some(Record::SignedOut) => Ok(None),
            None if self.seen.is_loss() => Err(self.place.loss()),
            None => Ok(None),
        }
    }

    pub(super) async fn save(&self, next: Stored, over: Option<Version>) -> Result<(), StoreError> {
        self.work(move |place, seen| {
            let outside = place.change(|there| match there {
                Some(there) if there.version() != over => Err(StoreError::Conflict),
                _ => Ok(Record::Tokens(next)),
            })?;
            seen.read(outside);
            seen.tokens();
            Ok(())
        })
        .await
    }

    pub(super) async fn clear(&self, over: Version) -> Result<(), StoreError> {
        self.work(move |place, seen| {
            let outside = place.change(|there| match there {
                Some(Record::Tokens(there)) if there.version != over => Err(StoreError::Conflict),
                _ => Ok(Record::SignedOut),
            })?;
            seen.read(outside);
            Ok(())
        })
        .await
    }

    pub(super) async fn lock(&self, patience: Duration) -> Result<StoreLock, StoreError> {
        let (_wanted, unwanted) = wanted();
        let lock = self.work(move |place, _| place.lock(patience, &unwanted));
        Ok(StoreLock::new(lock.await?))
    }

    pub(super) fn may_have_changed(&self) -> bool {
        self.seen.differs(self.place.outside())
    }
}
