//! The common part of the stores on one machine: processes share a location under file locks, and the blocking work
//! is done off the executor.

use std::fs::File;
use std::path::Path;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError, Weak};
use std::time::Duration;

use super::blocking::run_blocking;
use super::disk::{self, FileStatus};
use super::errors::encrypted;
use super::record::{Codec, Record, Unreadable};
use crate::ports::store::{StoreError, StoreLock, Stored, Version};

/// Writing takes milliseconds; a process that holds the lock for longer is stuck.
const WRITE_TIMEOUT: Duration = Duration::from_secs(2);

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
    /// The locks are files beside this path.
    fn path(&self) -> &Path;

    /// Whether the directory belongs to this store alone.
    fn owns_directory(&self) -> bool;

    /// How the record is encoded, and the name to which it is bound.
    fn codec(&self) -> (&Codec, &str);

    /// The location, for messages.
    fn described(&self) -> String;

    /// The error for a record that is missing although there were tokens.
    fn missing(&self) -> StoreError;

    /// The status of the file that each write replaces.
    fn status(&self) -> Option<FileStatus>;

    fn read(&self) -> Result<Option<Vec<u8>>, StoreError>;

    fn write(&self, record: &[u8]) -> Result<(), StoreError>;

    /// Moves an unreadable record out of the way, and returns where it is then.
    fn set_aside(&self, record: &[u8]) -> Result<String, StoreError>;

    /// Locks the file with this ending.
    fn lock(
        &self,
        ending: &str,
        timeout: Duration,
        wanted: Option<&Weak<()>>,
    ) -> Result<File, StoreError> {
        disk::make_directory(self.path())?;
        if self.owns_directory() {
            disk::tighten_directory(self.path())?;
        }
        disk::lock(&disk::beside(self.path(), ending), timeout, wanted)
    }
}

/// A record that is damaged, and why.
struct Damaged {
    bytes: Vec<u8>,
    reason: String,
}

fn inspect(location: &impl Location) -> Result<Result<Option<Record>, Damaged>, StoreError> {
    let Some(bytes) = location.read()? else { return Ok(Ok(None)) };
    let (codec, name) = location.codec();
    match codec.decode(&bytes, name) {
        Ok(record) => Ok(Ok(Some(record))),
        Err(Unreadable::Encrypted(reason)) => Err(encrypted(&location.described(), reason)),
        Err(Unreadable::Corrupt(reason)) => Ok(Err(Damaged { bytes, reason })),
    }
}

/// Reads the record. A damaged record is moved out of the way.
fn load(location: &impl Location) -> Result<Option<Record>, StoreError> {
    if let Ok(record) = inspect(location)? {
        return Ok(record);
    }
    // It is read again under the lock, since it may have been replaced in the meantime.
    let _lock = location.lock("lock", WRITE_TIMEOUT, None)?;
    inspect(location)?.map_err(|Damaged { bytes, reason }| {
        StoreError::Corrupt(match location.set_aside(&bytes) {
            Ok(aside) => format!("{reason}; it was moved to {aside}"),
            Err(error) => format!("{reason}; {error}"),
        })
    })
}

/// A store at a location.
#[derive(Debug)]
pub(super) struct Local<L> {
    pub(super) location: Arc<L>,
    seen: Arc<Mutex<Seen>>,
}

/// The location as it was when a store last loaded or saved.
#[derive(Debug, Default)]
struct Seen {
    /// Whether there were tokens: if the record is missing then, it was lost, and the user did not sign out.
    had_tokens: bool,
    /// The outer `None` means that the file was never checked, the inner one that there was no file.
    status: Option<Option<FileStatus>>,
}

impl<L> Clone for Local<L> {
    fn clone(&self) -> Self {
        Self { location: Arc::clone(&self.location), seen: Arc::clone(&self.seen) }
    }
}

impl<L: Location> Local<L> {
    pub(super) fn at(location: L) -> Self {
        Self { location: Arc::new(location), seen: Arc::default() }
    }

    fn seen(&self) -> MutexGuard<'_, Seen> {
        // Plain values cannot be left half-written.
        self.seen.lock().unwrap_or_else(PoisonError::into_inner)
    }

    async fn run<T: Send + 'static>(
        &self,
        work: impl FnOnce(&Self) -> Result<T, StoreError> + Send + 'static,
    ) -> Result<T, StoreError> {
        let local = self.clone();
        run_blocking(move || work(&local)).await
    }

    pub(super) async fn load(&self) -> Result<Option<Stored>, StoreError> {
        let (status, loaded) =
            self.run(|local| Ok((local.location.status(), load(&*local.location)))).await?;
        // A caller that stopped waiting has not seen the record, so this comes after the wait.
        let mut seen = self.seen();
        seen.status = Some(status);
        match loaded? {
            Some(Record::Tokens(stored)) => {
                seen.had_tokens = true;
                Ok(Some(stored))
            }
            None if seen.had_tokens => Err(self.location.missing()),
            Some(Record::SignedOut) | None => Ok(None),
        }
    }

    pub(super) async fn save(
        &self,
        next: Stored,
        expected: Option<Version>,
    ) -> Result<(), StoreError> {
        self.change(Record::Tokens(next), move |found| Record::may_save(found, expected)).await
    }

    pub(super) async fn clear(&self, expected: Version) -> Result<(), StoreError> {
        self.change(Record::SignedOut, move |found| Record::may_clear(found, expected)).await
    }

    /// Replaces the record under a lock, if `may` allows it.
    async fn change(
        &self,
        next: Record,
        may: impl FnOnce(Option<&Record>) -> bool + Send + 'static,
    ) -> Result<(), StoreError> {
        self.run(move |local| {
            let location = &*local.location;
            let _lock = location.lock("lock", WRITE_TIMEOUT, None)?;
            let found = match inspect(location)? {
                Ok(found) => found,
                Err(Damaged { bytes, .. }) => location.set_aside(&bytes).map(|_| None)?,
            };
            if !may(found.as_ref()) {
                return Err(StoreError::Conflict);
            }
            let (codec, name) = location.codec();
            location.write(&codec.encode(&next, name)?)?;
            let mut seen = local.seen();
            seen.status = Some(location.status());
            seen.had_tokens |= matches!(next, Record::Tokens(_));
            Ok(())
        })
        .await
    }

    pub(super) async fn lock(&self, timeout: Duration) -> Result<StoreLock, StoreError> {
        // A caller that stops waiting drops it.
        let wanted = Arc::new(());
        let weak = Arc::downgrade(&wanted);
        let lock = self.run(move |local| local.location.lock("flight", timeout, Some(&weak)));
        Ok(StoreLock::new(lock.await?))
    }

    pub(super) fn may_have_changed(&self) -> bool {
        self.seen().status != Some(self.location.status())
    }
}
