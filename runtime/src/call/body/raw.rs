//! What can be a raw body.

use std::fmt;

use bytes::Bytes;
use http::HeaderValue;

use super::{BodyFactory, FileBody, StreamBody};
use crate::call::parts::Body;
use crate::words::error::{Error, ErrorKind, Result};

/// What can be a raw body: bytes, text, a file, a stream.
#[diagnostic::on_unimplemented(
    message = "`{Self}` cannot be a raw body",
    label = "a raw body is bytes, text, a file or a stream",
    note = "pass `Bytes`, `Vec<u8>`, `String`, `&str`, a `FileBody`, a `BodyFactory` or a `StreamBody`",
    note = "a struct that is to be serialized takes `#[json]` or `#[form]`"
)]
pub trait RawBody {
    /// The body as a call keeps it.
    fn into_content(self) -> RawContent;
}

/// A raw body as a call keeps it.
pub struct RawContent(pub(crate) Body);

impl fmt::Debug for RawContent {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("RawContent")
    }
}

fn bytes(bytes: impl Into<Bytes>) -> RawContent {
    RawContent(Body::Bytes { bytes: bytes.into(), media_type: None })
}

macro_rules! in_memory {
    ($($type:ty: $value:ident => $bytes:expr),* $(,)?) => {$(
        impl RawBody for $type {
            fn into_content(self) -> RawContent {
                let $value = self;
                bytes($bytes)
            }
        }
    )*};
}

in_memory! {
    Bytes: it => it,
    &Bytes: it => it.clone(),
    Vec<u8>: it => it,
    &Vec<u8>: it => Bytes::copy_from_slice(it),
    &[u8]: it => Bytes::copy_from_slice(it),
    Box<[u8]>: it => it,
    String: it => it,
    &String: it => Bytes::copy_from_slice(it.as_bytes()),
    &str: it => Bytes::copy_from_slice(it.as_bytes()),
}

impl<const N: usize> RawBody for &[u8; N] {
    fn into_content(self) -> RawContent {
        bytes(Bytes::copy_from_slice(self))
    }
}

impl RawBody for FileBody {
    fn into_content(self) -> RawContent {
        RawContent(Body::Built(Box::new(self)))
    }
}

impl RawBody for &FileBody {
    fn into_content(self) -> RawContent {
        self.clone().into_content()
    }
}

impl RawBody for BodyFactory {
    fn into_content(self) -> RawContent {
        RawContent(Body::Built(Box::new(self)))
    }
}

impl RawBody for &BodyFactory {
    fn into_content(self) -> RawContent {
        self.clone().into_content()
    }
}

impl RawBody for StreamBody {
    fn into_content(self) -> RawContent {
        RawContent(Body::Built(Box::new(self)))
    }
}

/// A body of reqwest's. Unless it is bytes, it can be sent once.
impl RawBody for reqwest::Body {
    fn into_content(self) -> RawContent {
        match self.as_bytes().map(Bytes::copy_from_slice) {
            Some(known) => bytes(known),
            None => StreamBody::of(self).into_content(),
        }
    }
}

/// `None` is no body.
impl<T: RawBody> RawBody for Option<T> {
    fn into_content(self) -> RawContent {
        self.map_or(RawContent(Body::None), RawBody::into_content)
    }
}

pub(super) fn media_type(text: &str) -> Result<HeaderValue> {
    HeaderValue::from_str(text).map_err(|error| {
        Error::new(ErrorKind::Argument)
            .with_message("the media type of the body cannot be sent")
            .with_source(error)
    })
}
