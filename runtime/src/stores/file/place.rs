//! What is done with the file, under which lock. All of it blocks.

use std::fs::File;
use std::path::PathBuf;
use std::time::Duration;

use crate::ports::store::StoreError;
use crate::stores::blocking::Unwanted;
use crate::stores::disk::{self, Outside};
use crate::stores::errors::sealed;
use crate::stores::local;
use crate::stores::record::{Codec, Record, Unreadable};

/// Writing takes a millisecond; whoever holds the lock of it for longer is not well.
const PATIENCE: Duration = Duration::from_secs(2);

#[derive(Debug, Clone)]
pub(super) struct Place {
    pub(super) path: PathBuf,
    pub(super) name: String,
    /// Whether the directory is this store's own, and not one that others use as well.
    pub(super) owns_directory: bool,
    pub(super) codec: Codec,
}

impl Place {
    fn prepare(&self) -> Result<(), StoreError> {
        disk::make_directory(&self.path)?;
        if self.owns_directory {
            disk::tighten_directory(&self.path)?;
        }
        Ok(())
    }

    fn look(&self) -> Result<Result<Option<Record>, Unreadable>, StoreError> {
        let bytes = disk::read(&self.path)?;
        Ok(bytes.map(|bytes| self.codec.decode(&bytes, &self.name)).transpose())
    }

    /// Looks again under the lock: somebody may have replaced the file since.
    fn set_aside(&self) -> Result<Option<Record>, StoreError> {
        let _lock = self.lock_for_writing()?;
        match self.look()? {
            Ok(record) => Ok(record),
            Err(Unreadable::Foreign(what)) => Err(self.sealed(what)),
            Err(Unreadable::Corrupt(what)) => {
                Err(StoreError::Corrupt(match disk::set_aside(&self.path) {
                    Ok(aside) => format!("{what}; it was set aside as {}", aside.display()),
                    Err(error) => format!("{what}; {error}"),
                }))
            }
        }
    }

    fn lock_for_writing(&self) -> Result<File, StoreError> {
        disk::lock(&disk::beside(&self.path, "lock"), PATIENCE, None)
    }

    fn sealed(&self, what: &str) -> StoreError {
        sealed(&self.path.display().to_string(), what)
    }
}

impl local::Place for Place {
    fn outside(&self) -> Option<Outside> {
        disk::outside(&self.path)
    }

    fn read(&self) -> Result<Option<Record>, StoreError> {
        match self.look()? {
            Err(Unreadable::Corrupt(_)) => self.set_aside(),
            Err(Unreadable::Foreign(what)) => Err(self.sealed(what)),
            Ok(record) => Ok(record),
        }
    }

    fn change(
        &self,
        next: impl FnOnce(Option<&Record>) -> Result<Record, StoreError>,
    ) -> Result<Option<Outside>, StoreError> {
        self.prepare()?;
        let _lock = self.lock_for_writing()?;
        let there = match self.look()? {
            Ok(there) => there,
            Err(Unreadable::Foreign(what)) => return Err(self.sealed(what)),
            Err(Unreadable::Corrupt(_)) => {
                disk::set_aside(&self.path)?;
                None
            }
        };
        let bytes = self.codec.encode(&next(there.as_ref())?, &self.name)?;
        disk::write(&self.path, &bytes)?;
        Ok(self.outside())
    }

    fn lock(&self, patience: Duration, unwanted: &Unwanted) -> Result<File, StoreError> {
        self.prepare()?;
        disk::lock(&disk::beside(&self.path, "flight"), patience, Some(unwanted))
    }

    fn loss(&self) -> StoreError {
        StoreError::failed(format!("the file of the tokens is gone: {}", self.path.display()))
    }
}
