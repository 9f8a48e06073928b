//! Tokens in the platform's keychain.

use std::fs::File;
use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

use keyring::{Entry, Error};

use super::blocking::Canceled;
use super::disk::{self, FileStatus};
use super::errors::encrypted;
use super::file::{as_file_name, data_dir};
use super::local::{self, Local, local_methods};
use super::record::{Codec, Record, Unreadable};
use crate::ports::BoxFuture;
use crate::ports::store::{StoreError, StoreLock, Stored, TokenStore, Version};

/// A keychain responds within milliseconds, unless it prompts the user.
const WRITE_TIMEOUT: Duration = Duration::from_secs(2);

/// Stores tokens in the platform's keychain: the Keychain of macOS, the Credential Manager of Windows,
/// the Secret Service of a Linux desktop.
///
/// The processes of one user share the keychain. Its two locks are files in the program's data directory,
/// like those of [`FileStore`](crate::store::FileStore), and contain no secret. A third file is replaced with each
/// write, and a session checks its modification time before each call: it notices a login, a renewal, or a
/// sign-out in another process before its next call is sent. Changes that other programs make in the
/// keychain are noticed at the next refresh.
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
}

impl KeyringStore {
    /// Stores the tokens of the program `app`. The keychain is not accessed until the store is first used.
    ///
    /// # Errors
    ///
    /// [`StoreError::Failed`] if the user has no home directory, or if `app` is not a valid directory name.
    pub fn open(app: &str) -> Result<Self, StoreError> {
        let locks = data_dir(app)?.join("keyring");
        Ok(Self::of(Location { app: app.to_owned(), user: "tokens".to_owned(), locks }))
    }

    /// Stores the tokens of one of several users. Any name works.
    #[must_use]
    pub fn named(self, name: &str) -> Self {
        let file = format!("keyring.{}", as_file_name(name));
        let Location { app, locks, .. } = &*self.local.location;
        Self::of(Location {
            app: app.clone(),
            user: format!("tokens of {name}"),
            locks: locks.with_file_name(file),
        })
    }

    fn of(location: Location) -> Self {
        Self { local: Local::at(location) }
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
        let location = &self.local.location;
        let mut locks = location.locks.file_name().unwrap_or_default().to_owned();
        // The escaped name of a user contains no plus sign.
        locks.push(format!("+{}", as_file_name(name)));
        Some(Arc::new(Self::of(Location {
            app: location.app.clone(),
            user: format!("{name}: {}", location.user),
            locks: location.locks.with_file_name(locks),
        })))
    }

    fn location(&self) -> Option<String> {
        let Location { app, user, .. } = &*self.local.location;
        Some(format!("keyring:{app}:{user}"))
    }
}

impl Location {
    fn lock_file(
        &self,
        ending: &str,
        timeout: Duration,
        canceled: Option<&Canceled>,
    ) -> Result<File, StoreError> {
        disk::make_directory(&self.locks)?;
        disk::tighten_directory(&self.locks)?;
        disk::lock(&disk::beside(&self.locks, ending), timeout, canceled)
    }

    fn entry(&self, user: &str) -> Result<Entry, StoreError> {
        if let Err(error) = Entry::store_status() {
            return Err(StoreError::failed(format!(
                "there is no keychain for the tokens of {}: {error}; use a `FileStore` on machines without one",
                self.app
            )));
        }
        Entry::new(&self.app, user).map_err(|error| self.failed("found", &error))
    }

    fn secret(&self) -> Result<Option<Vec<u8>>, StoreError> {
        match self.entry(&self.user)?.get_secret() {
            Ok(secret) => Ok(Some(secret)),
            Err(Error::NoEntry) => Ok(None),
            Err(error) => Err(self.failed("read", &error)),
        }
    }

    /// Moves an unreadable entry to another name, unless it has been replaced since.
    fn set_aside(&self, unreadable: &[u8]) -> Result<(), StoreError> {
        if self.secret()?.as_deref() != Some(unreadable) {
            return Ok(());
        }
        let failed = |error: Error| self.failed("set aside", &error);
        self.entry(&self.corrupt())?.set_secret(unreadable).map_err(failed)?;
        self.entry(&self.user)?.delete_credential().map_err(failed)
    }

    /// The name to which an unreadable entry is moved.
    fn corrupt(&self) -> String {
        format!("{} (corrupt)", self.user)
    }

    /// The entry, for messages.
    fn described(&self) -> String {
        format!("the entry {:?} of {} in the keychain", self.user, self.app)
    }

    /// Some of the keychain's errors contain the secret, and only their `Display` leaves it out.
    fn failed(&self, done: &str, error: &Error) -> StoreError {
        StoreError::failed(format!("{} cannot be {done}: {error}", self.described()))
    }
}

impl local::Location for Location {
    /// The file is empty.
    fn status(&self) -> Option<FileStatus> {
        disk::status(&disk::beside(&self.locks, "changed"))
    }

    fn read(&self) -> Result<Option<Record>, StoreError> {
        let Some(secret) = self.secret()? else { return Ok(None) };
        match Codec::default().decode(&secret, "") {
            Ok(record) => Ok(Some(record)),
            Err(Unreadable::Encrypted(reason)) => Err(encrypted(&self.described(), reason)),
            Err(Unreadable::Corrupt(reason)) => {
                let _lock = self.lock_file("lock", WRITE_TIMEOUT, None)?;
                self.set_aside(&secret)?;
                let aside = self.corrupt();
                Err(StoreError::Corrupt(format!("{reason}; it was moved to {aside:?}")))
            }
        }
    }

    fn change(
        &self,
        next: impl FnOnce(Option<&Record>) -> Result<Record, StoreError>,
    ) -> Result<Option<FileStatus>, StoreError> {
        let _lock = self.lock_file("lock", WRITE_TIMEOUT, None)?;
        let found = match self.secret()? {
            None => None,
            Some(secret) => match Codec::default().decode(&secret, "") {
                Ok(record) => Some(record),
                Err(Unreadable::Encrypted(reason)) => {
                    return Err(encrypted(&self.described(), reason));
                }
                Err(Unreadable::Corrupt(_)) => {
                    self.set_aside(&secret)?;
                    None
                }
            },
        };
        let bytes = Codec::default().encode(&next(found.as_ref())?, "")?;
        let entry = self.entry(&self.user)?;
        entry.set_secret(&bytes).map_err(|error| self.failed("written", &error))?;
        // If this fails, other processes notice the change at their next refresh.
        let _ = disk::write(&disk::beside(&self.locks, "changed"), b"");
        Ok(self.status())
    }

    fn lock(&self, timeout: Duration, canceled: &Canceled) -> Result<File, StoreError> {
        self.lock_file("flight", timeout, Some(canceled))
    }

    fn missing(&self) -> StoreError {
        StoreError::failed(format!("{} is missing", self.described()))
    }
}

#[cfg(test)]
mod tests;
