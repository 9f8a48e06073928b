//! Saves a download as a file.

use std::ffi::OsString;
use std::path::{Path, PathBuf};

use tokio::fs::{self, File};
use tokio::io::AsyncWriteExt as _;
use tokio::task::spawn_blocking;

use super::download::Download;
use crate::types::error::{Error, ErrorKind, Result};

impl Download {
    /// Writes the content to a file, and returns its length in bytes.
    ///
    /// The content is written to a file beside it, with `.part` appended to the name, which then
    /// replaces the file as a whole. If the download fails or its future is dropped, the file is left
    /// unchanged and the `.part` file is removed.
    ///
    /// # Errors
    ///
    /// As for [`chunk`](Download::chunk), and [`ErrorKind::Argument`] if the file cannot be written.
    pub async fn save(mut self, path: impl AsRef<Path>) -> Result<u64> {
        let path = path.as_ref();
        let (mut file, part) = PartFile::create(path).await?;
        self.write(&mut file, &part.0).await?;
        drop(file);
        fs::rename(&part.0, path).await.map_err(|error| unwritable(path, error))?;
        part.keep();
        Ok(self.position())
    }

    async fn write(&mut self, file: &mut File, path: &Path) -> Result<()> {
        let failed = |error| unwritable(path, error);
        while let Some(chunk) = self.chunk().await? {
            file.write_all(&chunk).await.map_err(failed)?;
        }
        file.sync_all().await.map_err(failed)
    }
}

/// The `.part` file, which is removed on drop unless it was renamed.
struct PartFile(PathBuf);

impl PartFile {
    async fn create(path: &Path) -> Result<(File, Self)> {
        let mut name = OsString::from(path);
        name.push(".part");
        let name = PathBuf::from(name);
        let part = name.clone();
        // Created together with its guard: if the caller is dropped, the task drops both.
        let created =
            spawn_blocking(move || std::fs::File::create(&part).map(|file| (file, Self(part))));
        let created = created.await.unwrap_or_else(|error| Err(std::io::Error::other(error)));
        let (file, guard) = created.map_err(|error| unwritable(&name, error))?;
        Ok((File::from_std(file), guard))
    }

    /// Keeps the file, which was renamed.
    fn keep(mut self) {
        self.0.clear();
    }
}

impl Drop for PartFile {
    fn drop(&mut self) {
        if !self.0.as_os_str().is_empty() {
            // There is no caller left to report this to.
            let _ = std::fs::remove_file(&self.0);
        }
    }
}

fn unwritable(path: &Path, error: std::io::Error) -> Error {
    Error::new(ErrorKind::Argument)
        .with_message(format!("cannot write the file {}", path.display()))
        .with_source(error)
}
