//! A file, streamed from disk.

use std::borrow::Cow;
use std::io;
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicBool, Ordering};

use bytes::{Bytes, BytesMut};
use futures_util::{StreamExt as _, stream};
use tokio::fs::File;
use tokio::io::AsyncReadExt;

use super::raw::media_type;
use super::sized::{ByteStream, SizedBody};
use crate::call::parts::{BuildBody, BuiltBody};
use crate::ports::BoxFuture;
use crate::types::error::{BoxError, Error, ErrorKind, Result};

/// The number of bytes read at a time.
const CHUNK: u64 = 128 * 1024;

/// A file that is streamed from disk, as a body or as a part of a multipart body. The file is never in memory as a
/// whole, and is opened for each attempt.
///
/// The body has the length that the file has when it is opened. Pipes and devices, such as `/dev/stdin`, and the files
/// of `/proc` have no known length: they are read to their end and sent without a `Content-Length`. Reading a pipe or a
/// device consumes it, so a call with one is sent only once: a later attempt fails with
/// [`ErrorKind::ReplayImpossible`], as with a [`StreamBody`](crate::body::StreamBody).
///
/// ```
/// use perennial::{Result, api_client};
/// use perennial::body::FileBody;
///
/// #[api_client]
/// pub trait Archive {
///     #[put("/backups/{name}")]
///     async fn store(&self, name: &str, #[body] content: FileBody) -> Result<()>;
/// }
///
/// # async fn run() -> Result<()> {
/// let archive = ArchiveClient::builder("http://archive.example").build()?;
/// archive.store("today", FileBody::at("/var/backups/today.tar").media_type("application/x-tar")).await?;
/// # Ok(())
/// # }
/// ```
#[derive(Debug)]
pub struct FileBody {
    path: PathBuf,
    /// The content of a file that arrived at a served implementation.
    arrived: Option<Bytes>,
    pub(super) name: Option<String>,
    pub(super) media_type: Option<String>,
    /// Whether this call has read it and it is a pipe or a device.
    is_consumed: AtomicBool,
}

/// A copy for the body of another call, which opens the file itself.
impl Clone for FileBody {
    fn clone(&self) -> Self {
        let Self { path, arrived, name, media_type, .. } = self;
        let (name, media_type) = (name.clone(), media_type.clone());
        let (path, arrived) = (path.clone(), arrived.clone());
        Self { path, arrived, name, media_type, is_consumed: AtomicBool::new(false) }
    }
}

impl FileBody {
    /// Creates the body from the file at this path, which is opened when the call is sent.
    #[must_use]
    pub fn at(path: impl Into<PathBuf>) -> Self {
        let is_consumed = AtomicBool::new(false);
        Self { path: path.into(), arrived: None, name: None, media_type: None, is_consumed }
    }

    /// The file of a request, under the name that the client sent.
    #[cfg(feature = "serve")]
    pub(crate) fn arrived(content: Bytes, name: Option<&str>, media_type: Option<&str>) -> Self {
        Self {
            arrived: Some(content),
            name: name.map(str::to_owned),
            media_type: media_type.map(str::to_owned),
            ..Self::at(name.unwrap_or_default())
        }
    }

    /// Sets the file name in a multipart body; by default the last component of the path.
    #[must_use]
    pub fn file_name(mut self, name: impl Into<String>) -> Self {
        self.name = Some(name.into());
        self
    }

    /// Sets the media type; by default none as a body, and `application/octet-stream` as a part.
    #[must_use]
    pub fn media_type(mut self, media_type: impl Into<String>) -> Self {
        self.media_type = Some(media_type.into());
        self
    }

    /// Returns the path of the file. In a served implementation of the trait, where a request uploaded the file, it is
    /// the name that the client sent, which names no file of this machine; empty if the client sent none.
    #[must_use]
    pub fn path(&self) -> &Path {
        &self.path
    }

    /// Reads the whole file into memory; in a fake or a served implementation of the trait, the uploaded content.
    ///
    /// # Errors
    ///
    /// An error of the kind [`ErrorKind::Argument`] if the file cannot be read, and of [`ErrorKind::ReplayImpossible`] if it is
    /// a pipe or a device that was read before.
    ///
    /// ```
    /// use perennial::body::FileBody;
    /// use perennial::{Result, api_client};
    ///
    /// #[api_client]
    /// pub trait Archive {
    ///     #[put("/backups/{name}")]
    ///     async fn store(&self, name: &str, #[body] content: FileBody) -> Result<u64>;
    /// }
    ///
    /// struct FakeArchive;
    ///
    /// impl Archive for FakeArchive {
    ///     async fn store(&self, _: &str, content: FileBody) -> Result<u64> {
    ///         Ok(content.bytes().await?.len() as u64)
    ///     }
    /// }
    /// ```
    pub async fn bytes(&self) -> Result<Bytes> {
        let (mut content, length) = self.content().await?;
        let expected = length.and_then(|length| usize::try_from(length).ok()).unwrap_or_default();
        let mut bytes = BytesMut::with_capacity(expected);
        while let Some(chunk) = content.next().await {
            bytes.extend_from_slice(&chunk.map_err(|error| self.failed(error))?);
        }
        Ok(bytes.freeze())
    }

    fn failed(&self, error: impl Into<BoxError>) -> Error {
        Error::of_kind(ErrorKind::Argument)
            .with_message(format!("cannot read the file {}", self.path.display()))
            .with_source(error)
    }

    pub(super) fn path_name(&self) -> Option<String> {
        Some(self.path.file_name()?.to_string_lossy().into_owned())
    }

    pub(super) fn is_repeatable(&self) -> bool {
        !self.is_consumed.load(Ordering::Relaxed)
    }

    /// Opens the file, and returns its content, and its length if known.
    pub(super) async fn content(&self) -> Result<(ByteStream, Option<u64>)> {
        if !self.is_repeatable() {
            return Err(Error::of_kind(ErrorKind::ReplayImpossible));
        }
        if let Some(content) = &self.arrived {
            let length = content.len() as u64;
            return Ok((Box::pin(stream::iter([Ok(content.clone())])), Some(length)));
        }
        let failed = |error: io::Error| self.failed(error);
        let mut file = File::open(&self.path).await.map_err(failed)?;
        let found = file.metadata().await.map_err(failed)?;
        if found.is_dir() {
            return Err(failed(io::ErrorKind::IsADirectory.into()));
        }
        if !found.is_file() {
            self.is_consumed.store(true, Ordering::Relaxed);
            return Ok((chunks(file, u64::MAX), None));
        }
        if found.len() > 0 {
            return Ok((chunks(file, found.len()), Some(found.len())));
        }
        // The file is empty, or the file system does not report its length.
        let first = read(&mut file, CHUNK).await.map_err(failed)?;
        if first.is_empty() {
            return Ok((Box::pin(stream::empty()), Some(0)));
        }
        Ok((Box::pin(stream::iter([Ok(first)]).chain(chunks(file, u64::MAX))), None))
    }
}

/// The next `length` bytes of a file, or fewer if it ends earlier. If the file grows meanwhile, only its original
/// length is sent; if it shrinks, the body is too short, which `SizedBody` reports as an error.
fn chunks(file: File, length: u64) -> ByteStream {
    Box::pin(stream::try_unfold((file, length), |(mut file, left)| async move {
        let chunk = read(&mut file, left.min(CHUNK)).await?;
        let left = left - chunk.len() as u64;
        Ok((!chunk.is_empty()).then_some((chunk, (file, left))))
    }))
}

/// At most `limit` bytes; empty at the end of the file.
async fn read(file: &mut File, limit: u64) -> io::Result<Bytes> {
    let mut chunk = BytesMut::with_capacity(usize::try_from(limit).unwrap_or_default());
    file.take(limit).read_buf(&mut chunk).await?;
    Ok(chunk.freeze())
}

impl BuildBody for FileBody {
    fn build(&self) -> BoxFuture<'_, Result<BuiltBody>> {
        Box::pin(async {
            let media_type = media_type(self.media_type.as_deref())?;
            let (content, length) = self.content().await?;
            Ok((SizedBody::body(content, length), media_type))
        })
    }

    fn is_repeatable(&self) -> bool {
        self.is_repeatable()
    }

    fn origin(&self) -> Cow<'_, str> {
        self.path.to_string_lossy()
    }
}
