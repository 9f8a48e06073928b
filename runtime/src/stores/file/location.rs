//! The files of a store.

use std::path::{Path, PathBuf};

use crate::ports::store::StoreError;
use crate::stores::disk::{self, FileStatus};
use crate::stores::local;
use crate::stores::record::Codec;

#[derive(Debug, Clone)]
pub(super) struct Location {
    pub(super) path: PathBuf,
    pub(super) name: String,
    pub(super) owns_directory: bool,
    pub(super) codec: Codec,
}

impl Location {
    pub(super) fn new(path: PathBuf, owns_directory: bool) -> Self {
        Self { path, name: String::new(), owns_directory, codec: Codec::default() }
    }
}

impl local::Location for Location {
    fn path(&self) -> &Path {
        &self.path
    }

    fn owns_directory(&self) -> bool {
        self.owns_directory
    }

    fn codec(&self) -> (&Codec, &str) {
        (&self.codec, &self.name)
    }

    fn described(&self) -> String {
        self.path.display().to_string()
    }

    fn missing(&self) -> StoreError {
        StoreError::failed(format!("the token file is missing: {}", self.path.display()))
    }

    fn status(&self) -> Option<FileStatus> {
        disk::status(&self.path)
    }

    fn read(&self) -> Result<Option<Vec<u8>>, StoreError> {
        disk::read(&self.path)
    }

    fn write(&self, record: &[u8]) -> Result<(), StoreError> {
        disk::write(&self.path, record)
    }

    fn set_aside(&self, _: &[u8]) -> Result<String, StoreError> {
        Ok(disk::set_aside(&self.path)?.display().to_string())
    }
}
