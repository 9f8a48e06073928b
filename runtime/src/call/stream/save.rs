//! Saves a download as a file.

use std::fs::{Metadata, OpenOptions, Permissions};
use std::io::{self, ErrorKind as IoErrorKind};
use std::path::{Path, PathBuf};

use tokio::fs::{self, File};
use tokio::io::AsyncWriteExt as _;
use tokio::task::spawn_blocking;

use super::download::Download;
use crate::ports::random::random;
use crate::types::error::{Error, ErrorKind, Result};

impl Download {
    /// Writes the content to a file, and returns its length in bytes.
    ///
    /// The content is written to a new file in the same folder, with a random name (`.perennial-….part`), which then
    /// replaces the file as a whole and takes over its permissions. If the download fails or its future is dropped, the
    /// file is left unchanged and the new file is removed. If several downloads are saved to one path, the last one to
    /// complete determines the file.
    ///
    /// A symbolic link stays; its target is replaced. A device or a pipe, such as `/dev/stdout`, stays too: the content
    /// is written to it as it arrives.
    ///
    /// # Errors
    ///
    /// Those of [`chunk`](Download::chunk), and [`ErrorKind::Argument`] if the file cannot be written, for example
    /// because the path is a folder or a dangling link.
    pub async fn save(mut self, path: impl AsRef<Path>) -> Result<u64> {
        let path = path.as_ref();
        let failed = |error| unwritable(path, error);
        match Target::of(path).await.map_err(failed)? {
            Target::Special(file) => {
                let mut file = File::from_std(file);
                self.write(&mut file, path).await?;
                file.flush().await.map_err(failed)?;
            }
            Target::File { path: target, file, part } => {
                let mut file = File::from_std(file);
                self.write(&mut file, path).await?;
                file.sync_all().await.map_err(failed)?;
                drop(file);
                fs::rename(&part.0, target).await.map_err(failed)?;
                part.keep();
            }
        }
        Ok(self.position())
    }

    async fn write(&mut self, file: &mut File, path: &Path) -> Result<()> {
        while let Some(chunk) = self.chunk().await? {
            file.write_all(&chunk).await.map_err(|error| unwritable(path, error))?;
        }
        Ok(())
    }
}

/// The target of the write.
enum Target {
    /// A device, a pipe or a socket, which cannot be replaced.
    Special(std::fs::File),
    /// A new file, which replaces the one at `path`.
    File { path: PathBuf, file: std::fs::File, part: PartFile },
}

impl Target {
    /// A file is created together with its guard: if the caller is dropped, the thread drops both.
    async fn of(path: &Path) -> io::Result<Self> {
        let path = path.to_owned();
        let opened = spawn_blocking(move || Self::open(&path)).await;
        opened.unwrap_or_else(|error| Err(io::Error::other(error)))
    }

    fn open(path: &Path) -> io::Result<Self> {
        match std::fs::metadata(path) {
            Ok(found) if found.is_dir() => Err(IoErrorKind::IsADirectory.into()),
            Ok(found) if !found.is_file() => {
                OpenOptions::new().write(true).open(path).map(Self::Special)
            }
            // The file at the end of the links, which are kept.
            Ok(found) => Self::replacing(path.canonicalize()?, Some(&found)),
            Err(error) if error.kind() == IoErrorKind::NotFound => {
                if path.is_symlink() {
                    return Err(io::Error::new(error.kind(), "it is a link that leads nowhere"));
                }
                Self::replacing(path.to_owned(), None)
            }
            Err(error) => Err(error),
        }
    }

    fn replacing(path: PathBuf, found: Option<&Metadata>) -> io::Result<Self> {
        let permissions = found.map(Metadata::permissions);
        let (file, part) = PartFile::create(&path, permissions)?;
        Ok(Self::File { path, file, part })
    }
}

/// The new file, which is removed on drop unless it was renamed.
struct PartFile(PathBuf);

impl PartFile {
    /// The name cannot be guessed, and an existing file of that name is neither opened nor followed.
    fn create(path: &Path, permissions: Option<Permissions>) -> io::Result<(std::fs::File, Self)> {
        let part = path.with_file_name(format!(".perennial-{:016x}.part", random()));
        let mut options = OpenOptions::new();
        options.write(true).create_new(true);
        if permissions.is_some() {
            private(&mut options);
        }
        let file = options.open(&part)?;
        let part = Self(part);
        if let Some(permissions) = permissions {
            file.set_permissions(permissions)?;
        }
        Ok((file, part))
    }

    /// Keeps the file, once it was renamed.
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

/// Until the file has the permissions of the one that it replaces, only its owner can open it.
#[cfg(unix)]
fn private(options: &mut OpenOptions) {
    std::os::unix::fs::OpenOptionsExt::mode(options, 0o600);
}

#[cfg(not(unix))]
fn private(_: &mut OpenOptions) {}

fn unwritable(path: &Path, error: io::Error) -> Error {
    Error::of_kind(ErrorKind::Argument)
        .with_message(format!("cannot write the file {}", path.display()))
        .with_source(error)
}
