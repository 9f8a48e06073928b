//! What is done with the file, under which lock. All of it blocks.

use std::path::PathBuf;
use std::time::Duration;

use crate::ports::store::StoreError;
use crate::stores::disk;
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
    pub(super) fn prepare(&self) -> Result<(), StoreError> {
        disk::make_directory(&self.path).map_err(StoreError::failed)?;
        if self.owns_directory {
            disk::tighten_directory(&self.path).map_err(StoreError::failed)?;
        }
        Ok(())
    }

    pub(super) fn load(&self) -> Result<Option<Record>, StoreError> {
        match self.read()? {
            Err(Unreadable::Corrupt(_)) => self.set_aside(),
            Err(Unreadable::Foreign(what)) => Err(StoreError::failed(what)),
            Ok(record) => Ok(record),
        }
    }

    fn read(&self) -> Result<Result<Option<Record>, Unreadable>, StoreError> {
        let bytes = disk::read(&self.path).map_err(StoreError::failed)?;
        Ok(bytes.map(|bytes| self.codec.decode(&bytes, &self.name)).transpose())
    }

    /// Looks again under the lock: somebody may have replaced the file since.
    fn set_aside(&self) -> Result<Option<Record>, StoreError> {
        let _lock = self.lock_for_writing()?;
        match self.read()? {
            Ok(record) => Ok(record),
            Err(Unreadable::Foreign(what)) => Err(StoreError::failed(what)),
            Err(Unreadable::Corrupt(what)) => {
                Err(StoreError::Corrupt(match disk::set_aside(&self.path) {
                    Ok(aside) => format!("{what}; it was set aside as {}", aside.display()),
                    Err(error) => format!("{what}; it cannot be set aside: {error}"),
                }))
            }
        }
    }

    /// Replaces what is kept, with nobody else in between, and says how the file looks then. What cannot
    /// be read is set aside for it.
    pub(super) fn change(
        &self,
        next: impl FnOnce(Option<&Record>) -> Result<Record, StoreError>,
    ) -> Result<Option<disk::Outside>, StoreError> {
        self.prepare()?;
        let _lock = self.lock_for_writing()?;
        let there = match self.read()? {
            Ok(there) => there,
            Err(Unreadable::Foreign(what)) => return Err(StoreError::failed(what)),
            Err(Unreadable::Corrupt(_)) => {
                disk::set_aside(&self.path).map_err(StoreError::failed)?;
                None
            }
        };
        let bytes = self.codec.encode(&next(there.as_ref())?, &self.name)?;
        disk::write(&self.path, &bytes).map_err(StoreError::failed)?;
        Ok(disk::outside(&self.path))
    }

    fn lock_for_writing(&self) -> Result<std::fs::File, StoreError> {
        disk::lock(&disk::beside(&self.path, "lock"), PATIENCE, None)
    }
}
