//! Types that can be a raw body.

use std::fmt;

use bytes::Bytes;
use http::HeaderValue;

use super::{BodyFactory, FileBody, StreamBody};
use crate::call::parts::Body;
use crate::ports::http::HttpBody;
use crate::types::error::{Error, ErrorKind, Result};

/// Types that can be a raw body: bytes, text, a file, a stream.
#[diagnostic::on_unimplemented(
    message = "`{Self}` cannot be a raw body",
    label = "a raw body is bytes, text, a file or a stream",
    note = "pass `Bytes`, `Vec<u8>`, `String`, `&str`, a `FileBody`, a `BodyFactory` or a `StreamBody`",
    note = "a struct that is to be serialized takes `#[json]` or `#[form]`"
)]
pub trait RawBody {
    /// How many times it can be sent: [`Again`] or [`Once`].
    type Times;

    /// The body as a call stores it.
    fn into_content(self) -> RawContent;
}

/// A body that can be sent any number of times.
#[derive(Debug)]
pub enum Again {}

/// A body that can be sent once.
#[derive(Debug)]
pub enum Once {}

/// A body, or a part of one, of a call that may be sent again. `M` is how many times it can be sent.
#[diagnostic::on_unimplemented(
    message = "`{Self}` can be sent once, and this call may be sent again",
    label = "a stream can be sent once",
    note = "pass `Bytes`, a `FileBody`, or a `BodyFactory` that makes the stream anew for each attempt",
    note = "or say `replay = off` and no `retry` on the method: a call whose token is over then fails, and the next one has a new token"
)]
pub trait Repeatable<M> {}

#[diagnostic::do_not_recommend]
impl<T, M: Unlimited> Repeatable<M> for T {}

/// Any number of times.
pub trait Unlimited {}

impl Unlimited for Again {}

/// A raw body as a call stores it.
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
        #[diagnostic::do_not_recommend]
        impl RawBody for $type {
            type Times = Again;

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

#[diagnostic::do_not_recommend]
impl<const N: usize> RawBody for &[u8; N] {
    type Times = Again;

    fn into_content(self) -> RawContent {
        bytes(Bytes::copy_from_slice(self))
    }
}

#[diagnostic::do_not_recommend]
impl RawBody for FileBody {
    type Times = Again;

    fn into_content(self) -> RawContent {
        RawContent(Body::Built(Box::new(self)))
    }
}

#[diagnostic::do_not_recommend]
impl RawBody for &FileBody {
    type Times = Again;

    fn into_content(self) -> RawContent {
        self.clone().into_content()
    }
}

#[diagnostic::do_not_recommend]
impl RawBody for BodyFactory {
    type Times = Again;

    fn into_content(self) -> RawContent {
        RawContent(Body::Built(Box::new(self)))
    }
}

#[diagnostic::do_not_recommend]
impl RawBody for &BodyFactory {
    type Times = Again;

    fn into_content(self) -> RawContent {
        self.clone().into_content()
    }
}

#[diagnostic::do_not_recommend]
impl RawBody for StreamBody {
    type Times = Once;

    fn into_content(self) -> RawContent {
        RawContent(Body::Built(Box::new(self)))
    }
}

/// A body of reqwest. Unless it is bytes, it can be sent once.
#[diagnostic::do_not_recommend]
impl RawBody for HttpBody {
    type Times = Once;

    fn into_content(self) -> RawContent {
        match self.as_bytes().map(Bytes::copy_from_slice) {
            Some(known) => bytes(known),
            None => StreamBody::of(self).into_content(),
        }
    }
}

/// `None` is no body.
#[diagnostic::do_not_recommend]
impl<T: RawBody> RawBody for Option<T> {
    type Times = T::Times;

    fn into_content(self) -> RawContent {
        self.map_or(RawContent(Body::None), RawBody::into_content)
    }
}

pub(super) fn media_type(text: &str) -> Result<HeaderValue> {
    HeaderValue::from_str(text).map_err(|error| {
        Error::new(ErrorKind::Argument)
            .with_message("the media type of the body is not a valid header value")
            .with_source(error)
    })
}
