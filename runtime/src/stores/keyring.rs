//! Tokens in the keychain of the platform.

use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

use keyring::{Entry, Error};

use super::aside::{aside, wanted};
use super::disk;
use super::file::{as_file_name, data_dir};
use super::record::{Codec, Record, Unreadable};
use super::seen::Seen;
use crate::ports::BoxFuture;
use crate::ports::store::{Stamp, StoreError, StoreLock, Stored, TokenStore};

/// Asking a keychain takes some milliseconds, unless it asks the user.
const PATIENCE: Duration = Duration::from_secs(2);

/// Tokens in the keychain of the platform: the Keychain of macOS, the Credential Manager of Windows,
/// the Secret Service of a Linux desktop.
///
/// What the processes of one user share is the keychain; the two locks that keep one of them from
/// getting in the way of another are files in the program's directory for data, as those of
/// [`FileStore`](crate::FileStore), and hold no secret. A third one is replaced with each write, and a
/// session looks at its date before each call: so it notices a login, a renewal or a sign-out of another
/// process before its next call goes out. What other programs do in the keychain is met with the next
/// refresh.
///
/// Where there is no keychain, or it is locked, each use of it fails, which is told as an
/// [`Event::StoreFailed`](crate::Event::StoreFailed); the session goes on in memory. Some keychains
/// take short secrets only: that of Windows 2,560 bytes.
///
/// ```no_run
/// use perennial::KeyringStore;
///
/// # fn main() -> Result<(), perennial::StoreError> {
/// let store = KeyringStore::open("shop")?;
/// let of_ann = KeyringStore::open("shop")?.named("ann");
/// # Ok(())
/// # }
/// ```
#[derive(Debug, Clone)]
pub struct KeyringStore {
    place: Arc<Place>,
    seen: Arc<Seen>,
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
        let place = Place {
            app: self.place.app.clone(),
            user: format!("tokens of {name}"),
            locks: self.place.locks.with_file_name(file),
        };
        Self::of(place)
    }

    fn of(place: Place) -> Self {
        Self { place: Arc::new(place), seen: Arc::default() }
    }

    async fn work<T: Send + 'static>(
        &self,
        work: impl FnOnce(&Place, &Seen) -> Result<T, StoreError> + Send + 'static,
    ) -> Result<T, StoreError> {
        let (place, seen) = (Arc::clone(&self.place), Arc::clone(&self.seen));
        aside(move || work(&place, &seen)).await
    }
}

impl TokenStore for KeyringStore {
    fn load(&self) -> BoxFuture<'_, Result<Option<Stored>, StoreError>> {
        Box::pin(async move {
            let (outside, loaded) =
                self.work(|place, _| Ok((place.outside(), place.read()))).await?;
            // Whoever did not wait for the answer has not seen it.
            self.seen.read(outside);
            match loaded? {
                Some(Record::Tokens(stored)) => {
                    self.seen.tokens();
                    Ok(Some(stored))
                }
                Some(Record::SignedOut) => Ok(None),
                None if self.seen.is_loss() => {
                    Err(StoreError::failed("the tokens are gone from the keychain"))
                }
                None => Ok(None),
            }
        })
    }

    fn save<'a>(
        &'a self,
        next: &'a Stored,
        over: Option<Stamp>,
    ) -> BoxFuture<'a, Result<(), StoreError>> {
        let next = next.clone();
        Box::pin(self.work(move |place, seen| {
            let outside = place.change(|there| match there {
                Some(there) if there.stamp() != over => Err(StoreError::Conflict),
                _ => Ok(Record::Tokens(next)),
            })?;
            seen.read(outside);
            seen.tokens();
            Ok(())
        }))
    }

    fn clear(&self, over: Stamp) -> BoxFuture<'_, Result<(), StoreError>> {
        Box::pin(self.work(move |place, seen| {
            let outside = place.change(|there| match there {
                Some(Record::Tokens(there)) if there.stamp != over => Err(StoreError::Conflict),
                _ => Ok(Record::SignedOut),
            })?;
            seen.read(outside);
            Ok(())
        }))
    }

    fn lock(&self, patience: Duration) -> BoxFuture<'_, Result<Option<StoreLock>, StoreError>> {
        Box::pin(async move {
            let (_wanted, unwanted) = wanted();
            let lock = self.work(move |place, _| place.lock("flight", patience, Some(&unwanted)));
            Ok(Some(StoreLock::new(lock.await?)))
        })
    }

    /// A look at the date of a file that each write replaces: to ask the keychain takes a thousand times
    /// as long.
    fn may_have_changed(&self) -> bool {
        self.seen.differs(self.place.outside())
    }

    fn for_credential(&self, name: &str) -> Option<Arc<dyn TokenStore>> {
        let place = &self.place;
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
        Some(format!("keyring:{}:{}", self.place.app, self.place.user))
    }
}

impl Place {
    fn lock(
        &self,
        ending: &str,
        patience: Duration,
        unwanted: Option<&super::aside::Unwanted>,
    ) -> Result<std::fs::File, StoreError> {
        disk::make_directory(&self.locks).map_err(StoreError::failed)?;
        disk::tighten_directory(&self.locks).map_err(StoreError::failed)?;
        disk::lock(&disk::beside(&self.locks, ending), patience, unwanted)
    }

    /// How the file looks that is replaced with each write. There is nothing in it.
    fn outside(&self) -> Option<disk::Outside> {
        disk::outside(&disk::beside(&self.locks, "changed"))
    }

    fn entry(&self, user: &str) -> Result<Entry, StoreError> {
        if let Err(error) = Entry::store_status() {
            return Err(StoreError::failed(format!("there is no keychain: {error}")));
        }
        Entry::new(&self.app, user).map_err(|error| failed(&error))
    }

    fn secret(&self) -> Result<Option<Vec<u8>>, StoreError> {
        match self.entry(&self.user)?.get_secret() {
            Ok(secret) => Ok(Some(secret)),
            Err(Error::NoEntry) => Ok(None),
            Err(error) => Err(failed(&error)),
        }
    }

    fn read(&self) -> Result<Option<Record>, StoreError> {
        let Some(secret) = self.secret()? else { return Ok(None) };
        match Codec::default().decode(&secret, "") {
            Ok(record) => Ok(Some(record)),
            Err(Unreadable::Foreign(what)) => Err(StoreError::failed(what)),
            Err(Unreadable::Corrupt(what)) => {
                let _lock = self.lock("lock", PATIENCE, None)?;
                self.set_aside(&secret)?;
                Err(StoreError::Corrupt(what))
            }
        }
    }

    /// Moves what cannot be read to an entry beside it, unless somebody replaced it since.
    fn set_aside(&self, unreadable: &[u8]) -> Result<(), StoreError> {
        if self.secret()?.as_deref() != Some(unreadable) {
            return Ok(());
        }
        let aside = self.entry(&format!("{} (corrupt)", self.user))?;
        aside.set_secret(unreadable).map_err(|error| failed(&error))?;
        self.entry(&self.user)?.delete_credential().map_err(|error| failed(&error))
    }

    fn change(
        &self,
        next: impl FnOnce(Option<&Record>) -> Result<Record, StoreError>,
    ) -> Result<Option<disk::Outside>, StoreError> {
        let _lock = self.lock("lock", PATIENCE, None)?;
        let there = match self.secret()? {
            None => None,
            Some(secret) => match Codec::default().decode(&secret, "") {
                Ok(record) => Some(record),
                Err(Unreadable::Foreign(what)) => return Err(StoreError::failed(what)),
                Err(Unreadable::Corrupt(_)) => {
                    self.set_aside(&secret)?;
                    None
                }
            },
        };
        let bytes = Codec::default().encode(&next(there.as_ref())?, "")?;
        self.entry(&self.user)?.set_secret(&bytes).map_err(|error| failed(&error))?;
        // Without it the others meet the change with their next refresh.
        let _ = disk::write(&disk::beside(&self.locks, "changed"), b"");
        Ok(self.outside())
    }
}

/// Some of the keychain's errors carry the secret, which only their `Display` leaves out.
fn failed(error: &Error) -> StoreError {
    StoreError::failed(error.to_string())
}

#[cfg(test)]
mod tests;
