//! Which file operation holds which lock. All of them block.

use std::fs::File;
use std::path::PathBuf;
use std::time::Duration;

use crate::ports::store::StoreError;
use crate::stores::blocking::Canceled;
use crate::stores::disk::{self, FileStatus};
use crate::stores::errors::encrypted;
use crate::stores::local;
use crate::stores::record::{Codec, Record, Unreadable};

/// Writing takes a millisecond; a process that holds the lock for longer is stuck.
const WRITE_TIMEOUT: Duration = Duration::from_secs(2);

#[derive(Debug, Clone)]
pub(super) struct Location {
    pub(super) path: PathBuf,
    pub(super) name: String,
    /// Whether the directory belongs to this store alone.
    pub(super) owns_directory: bool,
    pub(super) codec: Codec,
}

impl Location {
    pub(super) fn new(path: PathBuf, owns_directory: bool) -> Self {
        Self { path, name: String::new(), owns_directory, codec: Codec::default() }
    }

    fn prepare(&self) -> Result<(), StoreError> {
        disk::make_directory(&self.path)?;
        if self.owns_directory {
            disk::tighten_directory(&self.path)?;
        }
        Ok(())
    }

    fn inspect(&self) -> Result<Result<Option<Record>, Unreadable>, StoreError> {
        let bytes = disk::read(&self.path)?;
        Ok(bytes.map(|bytes| self.codec.decode(&bytes, &self.name)).transpose())
    }

    /// Reads again under the lock: the file may have been replaced in the meantime.
    fn set_aside(&self) -> Result<Option<Record>, StoreError> {
        let _lock = self.lock_for_writing()?;
        match self.inspect()? {
            Ok(record) => Ok(record),
            Err(Unreadable::Encrypted(reason)) => Err(self.encrypted(reason)),
            Err(Unreadable::Corrupt(reason)) => {
                Err(StoreError::Corrupt(match disk::set_aside(&self.path) {
                    Ok(aside) => format!("{reason}; it was moved to {}", aside.display()),
                    Err(error) => format!("{reason}; {error}"),
                }))
            }
        }
    }

    fn lock_for_writing(&self) -> Result<File, StoreError> {
        disk::lock(&disk::beside(&self.path, "lock"), WRITE_TIMEOUT, None)
    }

    fn encrypted(&self, reason: &str) -> StoreError {
        encrypted(&self.path.display().to_string(), reason)
    }
}

impl local::Location for Location {
    fn status(&self) -> Option<FileStatus> {
        disk::status(&self.path)
    }

    fn read(&self) -> Result<Option<Record>, StoreError> {
        match self.inspect()? {
            Err(Unreadable::Corrupt(_)) => self.set_aside(),
            Err(Unreadable::Encrypted(reason)) => Err(self.encrypted(reason)),
            Ok(record) => Ok(record),
        }
    }

    fn change(
        &self,
        next: impl FnOnce(Option<&Record>) -> Result<Record, StoreError>,
    ) -> Result<Option<FileStatus>, StoreError> {
        self.prepare()?;
        let _lock = self.lock_for_writing()?;
        let found = match self.inspect()? {
            Ok(found) => found,
            Err(Unreadable::Encrypted(reason)) => return Err(self.encrypted(reason)),
            Err(Unreadable::Corrupt(_)) => {
                disk::set_aside(&self.path)?;
                None
            }
        };
        let bytes = self.codec.encode(&next(found.as_ref())?, &self.name)?;
        disk::write(&self.path, &bytes)?;
        Ok(self.status())
    }

    fn lock(&self, timeout: Duration, canceled: &Canceled) -> Result<File, StoreError> {
        self.prepare()?;
        disk::lock(&disk::beside(&self.path, "flight"), timeout, Some(canceled))
    }

    fn missing(&self) -> StoreError {
        StoreError::failed(format!("the token file is missing: {}", self.path.display()))
    }
}
