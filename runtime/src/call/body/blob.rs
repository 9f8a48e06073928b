//! A file of the browser: chosen or dropped by the user, or created by a script.

use std::borrow::Cow;

use bytes::Bytes;
use futures_util::stream;
use js_sys::{ArrayBuffer, Uint8Array};
use send_wrapper::SendWrapper;
use wasm_bindgen::JsCast as _;
use wasm_bindgen_futures::JsFuture;
use web_sys::{Blob, File};

use super::raw::media_type;
use super::sized::ByteStream;
use crate::call::parts::{BuildBody, BuiltBody};
use crate::ports::BoxFuture;
use crate::ports::http::HttpBody;
use crate::types::error::{Error, ErrorKind, Result};

/// A file or blob of the browser, as a body or as a part of one. The file is read for each attempt. A browser sends it
/// in one piece, so the whole file is in memory meanwhile.
#[derive(Debug, Clone)]
pub struct FileBody {
    blob: SendWrapper<Blob>,
    pub(super) name: Option<String>,
    pub(super) media_type: Option<String>,
}

impl FileBody {
    /// Creates the body from a blob, with its own media type.
    #[must_use]
    pub fn blob(blob: Blob) -> Self {
        let media_type = Some(blob.type_()).filter(|it| !it.is_empty());
        Self { blob: SendWrapper::new(blob), name: None, media_type }
    }

    /// Sets the file name in a multipart body; by default the name of the file.
    #[must_use]
    pub fn file_name(mut self, name: impl Into<String>) -> Self {
        self.name = Some(name.into());
        self
    }

    /// Sets the media type, instead of the blob's own.
    #[must_use]
    pub fn media_type(mut self, media_type: impl Into<String>) -> Self {
        self.media_type = Some(media_type.into());
        self
    }

    /// A blob has no path.
    #[allow(clippy::unused_self)]
    pub(super) const fn path_name(&self) -> Option<String> {
        None
    }

    /// A blob can be read any number of times.
    #[allow(clippy::unused_self)]
    pub(super) const fn is_repeatable(&self) -> bool {
        true
    }

    fn read(&self) -> impl Future<Output = Result<Bytes>> + Send + use<> {
        let blob = self.blob.clone();
        SendWrapper::new(async move {
            let buffer = JsFuture::from(blob.array_buffer()).await.map_err(|_| {
                Error::of_kind(ErrorKind::Argument).with_message("the file cannot be read")
            })?;
            Ok(Uint8Array::new(buffer.unchecked_ref::<ArrayBuffer>()).to_vec().into())
        })
    }

    /// Reads the file, and returns its length.
    pub(super) async fn content(&self) -> Result<(ByteStream, Option<u64>)> {
        let bytes = self.read().await?;
        let length = bytes.len() as u64;
        Ok((Box::pin(stream::iter((!bytes.is_empty()).then_some(Ok(bytes)))), Some(length)))
    }
}

impl From<Blob> for FileBody {
    fn from(blob: Blob) -> Self {
        Self::blob(blob)
    }
}

impl From<File> for FileBody {
    fn from(file: File) -> Self {
        let name = file.name();
        Self::blob(file.into()).file_name(name)
    }
}

impl BuildBody for FileBody {
    fn build(&self) -> BoxFuture<'_, Result<BuiltBody>> {
        Box::pin(async {
            let media_type = media_type(self.media_type.as_deref())?;
            Ok((HttpBody::from(self.read().await?), media_type))
        })
    }

    fn is_repeatable(&self) -> bool {
        true
    }

    fn origin(&self) -> Cow<'_, str> {
        Cow::Borrowed(self.name.as_deref().unwrap_or("-"))
    }
}
