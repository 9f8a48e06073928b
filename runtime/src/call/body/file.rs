//! A file, streamed from disk.

use std::borrow::Cow;
use std::path::{Path, PathBuf};

use bytes::BytesMut;
use futures_util::stream;
use http::HeaderValue;
use tokio::fs::File;
use tokio::io::AsyncReadExt;

use super::sized::{ByteStream, SizedBody};
use crate::call::parts::BuildBody;
use crate::ports::BoxFuture;
use crate::ports::http::HttpBody;
use crate::types::error::{Error, ErrorKind, Result};

/// The number of bytes read at a time.
const CHUNK: u64 = 128 * 1024;

/// A file that is streamed from disk, as a body or as a part of a multipart body. It is never in memory
/// as a whole, and it is opened again for each attempt.
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
#[derive(Debug, Clone)]
pub struct FileBody {
    path: PathBuf,
    name: Option<String>,
    media_type: Option<String>,
}

impl FileBody {
    /// The file at this path. It is opened when the call is sent.
    #[must_use]
    pub fn at(path: impl Into<PathBuf>) -> Self {
        Self { path: path.into(), name: None, media_type: None }
    }

    /// The file name in a multipart body; by default the last component of the path.
    #[must_use]
    pub fn named(mut self, name: impl Into<String>) -> Self {
        self.name = Some(name.into());
        self
    }

    /// The media type; by default none as a body, and `application/octet-stream` as a part.
    #[must_use]
    pub fn media_type(mut self, media_type: impl Into<String>) -> Self {
        self.media_type = Some(media_type.into());
        self
    }

    /// The path of the file.
    #[must_use]
    pub fn path(&self) -> &Path {
        &self.path
    }

    pub(super) fn own_name(&self) -> Option<&str> {
        self.name.as_deref()
    }

    pub(super) fn path_name(&self) -> Option<String> {
        Some(self.path.file_name()?.to_string_lossy().into_owned())
    }

    pub(super) fn own_media_type(&self) -> Option<&str> {
        self.media_type.as_deref()
    }

    /// Opens the file, and returns its content and its length.
    pub(super) async fn open(&self) -> Result<(ByteStream, u64)> {
        let failed = |error: std::io::Error| {
            Error::new(ErrorKind::Argument)
                .with_message(format!("cannot read the file {}", self.path.display()))
                .with_source(error)
        };
        let file = File::open(&self.path).await.map_err(failed)?;
        let length = file.metadata().await.map_err(failed)?.len();
        let chunks = stream::try_unfold((file, length), |(mut file, left)| async move {
            if left == 0 {
                return Ok(None);
            }
            let mut chunk = BytesMut::with_capacity(usize::try_from(left.min(CHUNK))?);
            // If the file grows meanwhile, only its original length is sent; if it shrinks, the body is
            // too short, which is an error of `SizedBody`.
            (&mut file).take(left.min(CHUNK)).read_buf(&mut chunk).await?;
            let left = left - chunk.len() as u64;
            Ok((!chunk.is_empty()).then(|| (chunk.freeze(), (file, left))))
        });
        Ok((Box::pin(chunks), length))
    }
}

impl BuildBody for FileBody {
    fn build(&self) -> BoxFuture<'_, Result<(HttpBody, Option<HeaderValue>)>> {
        Box::pin(async {
            let media_type = self.media_type.as_deref().map(super::raw::media_type).transpose()?;
            let (content, length) = self.open().await?;
            Ok((SizedBody::body(content, Some(length)), media_type))
        })
    }

    fn is_repeatable(&self) -> bool {
        true
    }

    fn origin(&self) -> Cow<'_, str> {
        self.path.to_string_lossy()
    }
}
