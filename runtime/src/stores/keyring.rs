//! Tokens in the platform's keychain.

use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;

use keyring::{Entry, Error};

use super::disk::{self, FileStatus};
use super::file::{as_file_name, data_dir};
use super::local::{self, Local, Location as _, local_methods};
use super::record::Codec;
use crate::ports::BoxFuture;
use crate::ports::store::{StoreError, StoreLock, Stored, TokenStore, Version};

/// Stores tokens in the platform's keychain: the Keychain of macOS, the Credential Manager of Windows,
/// the Secret Service of a Linux desktop.
///
/// The processes of one user share the keychain. The store's two locks are files in the program's data directory, like
/// those of [`FileStore`](crate::store::FileStore), and contain no secret. A third file is replaced with each write,
/// and a session checks its modification time before each call: it detects a login, a refresh, or a sign-out in another
/// process before its next call is sent. Changes that other programs make in the keychain are detected at the next
/// refresh.
///
/// Without a keychain, or with a locked one, each operation fails and is reported as an
/// [`EventKind::StoreFailed`](crate::EventKind::StoreFailed); the session continues in memory. Some keychains limit
/// the size of a secret: Windows allows 2,560 bytes.
///
/// ```no_run
/// use perennial::store::KeyringStore;
///
/// # fn main() -> Result<(), perennial::store::StoreError> {
/// let store = KeyringStore::open("shop")?;
/// let of_ann = KeyringStore::open("shop")?.named("ann");
/// # Ok(())
/// # }
/// ```
#[derive(Debug, Clone)]
pub struct KeyringStore {
    local: Local<Location>,
}

#[derive(Debug)]
struct Location {
    app: String,
    user: String,
    /// The lock files are beside this path; there is no file at the path itself.
    locks: PathBuf,
    codec: Codec,
}

impl KeyringStore {
    /// Stores the tokens of the program `app`. The keychain is not accessed until the store is first used.
    ///
    /// # Errors
    ///
    /// [`StoreError::Failed`] if the user has no home directory, or if `app` is not a valid directory name.
    pub fn open(app: &str) -> Result<Self, StoreError> {
        let locks = data_dir(app)?.join("keyring");
        Ok(Self::of(app.to_owned(), "tokens".to_owned(), locks))
    }

    /// Stores the tokens of one of several users. Any name works.
    #[must_use]
    pub fn named(self, name: &str) -> Self {
        let file = format!("keyring.{}", as_file_name(name));
        let Location { app, locks, .. } = &*self.local.location;
        Self::of(app.clone(), format!("tokens of {name}"), locks.with_file_name(file))
    }

    fn of(app: String, user: String, locks: PathBuf) -> Self {
        Self { local: Local::at(Location { app, user, locks, codec: Codec::default() }) }
    }
}

impl TokenStore for KeyringStore {
    local_methods!();

    /// Checks the modification time of a file that each write replaces; asking the keychain would take a thousand
    /// times as long.
    fn may_have_changed(&self) -> bool {
        self.local.may_have_changed()
    }

    fn for_credential(&self, name: &str) -> Option<Arc<dyn TokenStore>> {
        let Location { app, user, locks, .. } = &*self.local.location;
        let mut file = locks.file_name().unwrap_or_default().to_owned();
        // The escaped name of a user contains no plus sign.
        file.push(format!("+{}", as_file_name(name)));
        let user = format!("{name}: {user}");
        Some(Arc::new(Self::of(app.clone(), user, locks.with_file_name(file))))
    }

    fn location(&self) -> Option<String> {
        let Location { app, user, .. } = &*self.local.location;
        Some(format!("keyring:{app}:{user}"))
    }
}

impl Location {
    fn entry(&self, user: &str) -> Result<Entry, StoreError> {
        if let Err(error) = Entry::store_status() {
            return Err(StoreError::failed(format!(
                "there is no keychain for the tokens of {}: {error}; use a `FileStore` on machines without one",
                self.app
            )));
        }
        Entry::new(&self.app, user).map_err(|error| self.failed("found", &error))
    }

    /// Some of the keychain's errors contain the secret, and only their `Display` leaves it out.
    fn failed(&self, done: &str, error: &Error) -> StoreError {
        StoreError::failed(format!("{} cannot be {done}: {error}", self.described()))
    }

    /// The path of an empty file, which each write replaces.
    fn changed(&self) -> PathBuf {
        disk::beside(&self.locks, "changed")
    }
}

impl local::Location for Location {
    fn path(&self) -> &Path {
        &self.locks
    }

    fn owns_directory(&self) -> bool {
        true
    }

    fn codec(&self) -> (&Codec, &str) {
        (&self.codec, "")
    }

    fn described(&self) -> String {
        format!("the entry {:?} of {} in the keychain", self.user, self.app)
    }

    fn missing(&self) -> StoreError {
        StoreError::failed(format!("{} is missing", self.described()))
    }

    fn status(&self) -> Option<FileStatus> {
        disk::status(&self.changed())
    }

    fn read(&self) -> Result<Option<Vec<u8>>, StoreError> {
        match self.entry(&self.user)?.get_secret() {
            Ok(secret) => Ok(Some(secret)),
            Err(Error::NoEntry) => Ok(None),
            Err(error) => Err(self.failed("read", &error)),
        }
    }

    fn write(&self, record: &[u8]) -> Result<(), StoreError> {
        let entry = self.entry(&self.user)?;
        entry.set_secret(record).map_err(|error| self.failed("written", &error))?;
        // If this fails, other processes notice the change at their next refresh.
        let _ = disk::write(&self.changed(), b"");
        Ok(())
    }

    fn set_aside(&self, record: &[u8]) -> Result<String, StoreError> {
        let failed = |error: Error| self.failed("set aside", &error);
        let aside = format!("{} (corrupt)", self.user);
        self.entry(&aside)?.set_secret(record).map_err(failed)?;
        self.entry(&self.user)?.delete_credential().map_err(failed)?;
        Ok(format!("{aside:?}"))
    }
}

#[cfg(test)]
mod tests;
