//! A download that becomes a file.

use std::ffi::OsString;
use std::path::{Path, PathBuf};

use tokio::fs::{self, File};
use tokio::io::AsyncWriteExt as _;
use tokio::task::spawn_blocking;

use super::download::Download;
use crate::types::error::{Error, ErrorKind, Result};

impl Download {
    /// Writes the content to a file, and says how many bytes that were.
    ///
    /// It is written beside the file first, under its name with `.part` after it, and takes its place
    /// as a whole: nobody ever sees half a file. If the download fails or its future is dropped, the
    /// file stays as it was, and nothing stays beside it.
    ///
    /// # Errors
    ///
    /// As for [`chunk`](Download::chunk), and [`ErrorKind::Argument`] if the file cannot be written.
    pub async fn save(mut self, path: impl AsRef<Path>) -> Result<u64> {
        let path = path.as_ref();
        let (mut file, beside) = Beside::create(path).await?;
        self.write(&mut file, &beside.0).await?;
        drop(file);
        fs::rename(&beside.0, path).await.map_err(|error| unwritable(path, error))?;
        beside.has_moved();
        Ok(self.position())
    }

    async fn write(&mut self, file: &mut File, path: &Path) -> Result<()> {
        let fault = |error| unwritable(path, error);
        while let Some(piece) = self.chunk().await? {
            file.write_all(&piece).await.map_err(fault)?;
        }
        file.sync_all().await.map_err(fault)
    }
}

/// The file beside another, which goes away with this unless it has taken the other's place.
struct Beside(PathBuf);

impl Beside {
    async fn create(path: &Path) -> Result<(File, Self)> {
        let mut beside = OsString::from(path);
        beside.push(".part");
        let beside = PathBuf::from(beside);
        let name = beside.clone();
        // Made together with its guard: if nobody waits any more, both are dropped by the task.
        let made =
            spawn_blocking(move || std::fs::File::create(&beside).map(|file| (file, Self(beside))));
        let made = made.await.unwrap_or_else(|error| Err(std::io::Error::other(error)));
        let (file, guard) = made.map_err(|error| unwritable(&name, error))?;
        Ok((File::from_std(file), guard))
    }

    /// It is no longer beside the other.
    fn has_moved(mut self) {
        self.0.clear();
    }
}

impl Drop for Beside {
    fn drop(&mut self) {
        if !self.0.as_os_str().is_empty() {
            // Nobody is left to be told, and what failed before is told already.
            let _ = std::fs::remove_file(&self.0);
        }
    }
}

fn unwritable(path: &Path, error: std::io::Error) -> Error {
    Error::new(ErrorKind::Argument)
        .with_message(format!("the file {} cannot be written", path.display()))
        .with_source(error)
}
