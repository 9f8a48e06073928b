//! Tokens in the keychain of the platform.

use std::fs::File;
use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

use keyring::{Entry, Error};

use super::blocking::Unwanted;
use super::disk::{self, Outside};
use super::errors::sealed;
use super::file::{as_file_name, data_dir};
use super::local::{self, Local};
use super::record::{Codec, Record, Unreadable};
use crate::ports::BoxFuture;
use crate::ports::store::{StoreError, StoreLock, Stored, TokenStore, Version};

/// Asking a keychain takes some milliseconds, unless it asks the user.
const PATIENCE: Duration = Duration::from_secs(2);

/// Tokens in the keychain of the platform: the Keychain of macOS, the Credential Manager of Windows,
/// the Secret Service of a Linux desktop.
///
/// What the processes of one user share is the keychain; the two locks that keep one of them from
/// getting in the way of another are files in the program's directory for data, as those of
/// [`FileStore`](crate::store::FileStore), and hold no secret. A third one is replaced with each write, and a
/// session looks at its date before each call: so it notices a login, a renewal or a sign-out of another
/// process before its next call goes out. What other programs do in the keychain is met with the next
/// refresh.
///
/// Where there is no keychain, or it is locked, each use of it fails, which is told as an
/// [`EventKind::StoreFailed`](crate::EventKind::StoreFailed); the session goes on in memory. Some keychains
/// take short secrets only: that of Windows 2,560 bytes.
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
    local: Local<Place>,
}

#[derive(Debug)]
struct Place {
    app: String,
    user: String,
    /// The files beside this path are locked. There is none at it.
    locks: PathBuf,
}

impl KeyringStore {
    /// Keeps the tokens of the program `app`. The keychain is asked when the store is first used.
    ///
    /// # Errors
    ///
    /// [`StoreError::Failed`] if the user has no home directory, or if `app` is no name of a directory.
    pub fn open(app: &str) -> Result<Self, StoreError> {
        let locks = data_dir(app)?.join("keyring");
        Ok(Self::of(Place { app: app.to_owned(), user: "tokens".to_owned(), locks }))
    }

    /// Keeps the tokens of one of several identities.
    #[must_use]
    pub fn named(self, name: &str) -> Self {
        let file = format!("keyring.{}", as_file_name(name));
        let Place { app, locks, .. } = &*self.local.place;
        Self::of(Place {
            app: app.clone(),
            user: format!("tokens of {name}"),
            locks: locks.with_file_name(file),
        })
    }

    fn of(place: Place) -> Self {
        Self { local: Local::at(place) }
    }
}

impl TokenStore for KeyringStore {
    fn load(&self) -> BoxFuture<'_, Result<Option<Stored>, StoreError>> {
        Box::pin(self.local.load())
    }

    fn save<'a>(
        &'a self,
        next: &'a Stored,
        over: Option<Version>,
    ) -> BoxFuture<'a, Result<(), StoreError>> {
        Box::pin(self.local.save(next.clone(), over))
    }

    fn clear(&self, over: Version) -> BoxFuture<'_, Result<(), StoreError>> {
        Box::pin(self.local.clear(over))
    }

    fn lock(&self, patience: Duration) -> BoxFuture<'_, Result<Option<StoreLock>, StoreError>> {
        Box::pin(async move { self.local.lock(patience).await.map(Some) })
    }

    /// A look at the date of a file that each write replaces: to ask the keychain takes a thousand times
    /// as long.
    fn may_have_changed(&self) -> bool {
        self.local.may_have_changed()
    }

    fn for_credential(&self, name: &str) -> Option<Arc<dyn TokenStore>> {
        let place = &self.local.place;
        let mut locks = place.locks.file_name().unwrap_or_default().to_owned();
        // The name of an identity holds no plus.
        locks.push(format!("+{}", as_file_name(name)));
        Some(Arc::new(Self::of(Place {
            app: place.app.clone(),
            user: format!("{name}: {}", place.user),
            locks: place.locks.with_file_name(locks),
        })))
    }

    fn place(&self) -> Option<String> {
        let Place { app, user, .. } = &*self.local.place;
        Some(format!("keyring:{app}:{user}"))
    }
}

impl Place {
    fn lock_file(
        &self,
        ending: &str,
        patience: Duration,
        unwanted: Option<&Unwanted>,
    ) -> Result<File, StoreError> {
        disk::make_directory(&self.locks)?;
        disk::tighten_directory(&self.locks)?;
        disk::lock(&disk::beside(&self.locks, ending), patience, unwanted)
    }

    fn entry(&self, user: &str) -> Result<Entry, StoreError> {
        if let Err(error) = Entry::store_status() {
            return Err(StoreError::failed(format!(
                "there is no keychain for the tokens of {}: {error}; keep them in a `FileStore` where there \
                 is none",
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

    /// Moves what cannot be read to an entry beside it, unless somebody replaced it since.
    fn set_aside(&self, unreadable: &[u8]) -> Result<(), StoreError> {
        if self.secret()?.as_deref() != Some(unreadable) {
            return Ok(());
        }
        let failed = |error: Error| self.failed("set aside", &error);
        self.entry(&self.corrupt())?.set_secret(unreadable).map_err(failed)?;
        self.entry(&self.user)?.delete_credential().map_err(failed)
    }

    /// What the entry is called to which that is moved which cannot be read.
    fn corrupt(&self) -> String {
        format!("{} (corrupt)", self.user)
    }

    /// The entry, in words.
    fn named(&self) -> String {
        format!("the entry {:?} of {} in the keychain", self.user, self.app)
    }

    /// Some of the keychain's errors carry the secret, which only their `Display` leaves out.
    fn failed(&self, done: &str, error: &Error) -> StoreError {
        StoreError::failed(format!("{} cannot be {done}: {error}", self.named()))
    }
}

impl local::Place for Place {
    /// There is nothing in that file.
    fn outside(&self) -> Option<Outside> {
        disk::outside(&disk::beside(&self.locks, "changed"))
    }

    fn read(&self) -> Result<Option<Record>, StoreError> {
        let Some(secret) = self.secret()? else { return Ok(None) };
        match Codec::default().decode(&secret, "") {
            Ok(record) => Ok(Some(record)),
            Err(Unreadable::Foreign(what)) => Err(sealed(&self.named(), what)),
            Err(Unreadable::Corrupt(what)) => {
                let _lock = self.lock_file("lock", PATIENCE, None)?;
                self.set_aside(&secret)?;
                let aside = self.corrupt();
                Err(StoreError::Corrupt(format!("{what}; it was set aside as {aside:?}")))
            }
        }
    }

    fn change(
        &self,
        next: impl FnOnce(Option<&Record>) -> Result<Record, StoreError>,
    ) -> Result<Option<Outside>, StoreError> {
        let _lock = self.lock_file("lock", PATIENCE, None)?;
        let there = match self.secret()? {
            None => None,
            Some(secret) => match Codec::default().decode(&secret, "") {
                Ok(record) => Some(record),
                Err(Unreadable::Foreign(what)) => return Err(sealed(&self.named(), what)),
                Err(Unreadable::Corrupt(_)) => {
                    self.set_aside(&secret)?;
                    None
                }
            },
        };
        let bytes = Codec::default().encode(&next(there.as_ref())?, "")?;
        let entry = self.entry(&self.user)?;
        entry.set_secret(&bytes).map_err(|error| self.failed("written", &error))?;
        // Without it the others meet the change with their next refresh.
        let _ = disk::write(&disk::beside(&self.locks, "changed"), b"");
        Ok(self.outside())
    }

    fn lock(&self, patience: Duration, unwanted: &Unwanted) -> Result<File, StoreError> {
        self.lock_file("flight", patience, Some(unwanted))
    }

    fn loss(&self) -> StoreError {
        StoreError::failed(format!("{} is gone", self.named()))
    }
}

#[cfg(test)]
mod tests;
