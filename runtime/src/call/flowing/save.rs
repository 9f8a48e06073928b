//! A download that becomes a file.

use std::ffi::OsString;
use std::path::Path;

use tokio::fs;
use tokio::io::AsyncWriteExt as _;

use super::download::Download;
use crate::words::error::{Error, ErrorKind, Result};

impl Download {
    /// Writes the content to a file, and says how many bytes that were.
    ///
    /// It is written beside the file first, under its name with `.part` after it, and takes its place
    /// as a whole: nobody ever sees half a file. If the download fails, the file stays as it was.
    ///
    /// # Errors
    ///
    /// As for [`chunk`](Download::chunk), and [`ErrorKind::Argument`] if the file cannot be written.
    pub async fn save(mut self, path: impl AsRef<Path>) -> Result<u64> {
        let path = path.as_ref();
        let mut beside = OsString::from(path);
        beside.push(".part");
        let beside = Path::new(&beside);
        let written = self.write(beside).await;
        let moved = match written {
            Ok(()) => fs::rename(beside, path).await.map_err(|error| unwritable(path, error)),
            Err(error) => Err(error),
        };
        if let Err(error) = moved {
            // The failure that is told is the first one.
            let _ = fs::remove_file(beside).await;
            return Err(error);
        }
        Ok(self.position())
    }

    async fn write(&mut self, path: &Path) -> Result<()> {
        let fault = |error| unwritable(path, error);
        let mut file = fs::File::create(path).await.map_err(fault)?;
        while let Some(piece) = self.chunk().await? {
            file.write_all(&piece).await.map_err(fault)?;
        }
        file.sync_all().await.map_err(fault)
    }
}

fn unwritable(path: &Path, error: std::io::Error) -> Error {
    Error::new(ErrorKind::Argument)
        .with_message(format!("the file {} cannot be written", path.display()))
        .with_source(error)
}
