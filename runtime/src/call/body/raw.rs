//! Types that can be a raw body.

use std::fmt;
use std::marker::PhantomData;

use bytes::Bytes;
use http::HeaderValue;

use super::{BodyFactory, FileBody, StreamBody};
use crate::call::parts::Body;
use crate::ports::http::HttpBody;
use crate::types::error::{Error, ErrorKind, Result};

/// Types that can be a raw body: bytes, text, a file, a stream. `M` says how often it can be sent: [`Again`] or
/// [`Once`].
#[diagnostic::on_unimplemented(
    message = "`{Self}` cannot be a raw body",
    label = "expected bytes, text, a file or a stream",
    note = "pass `Bytes`, `Vec<u8>`, `String`, `&str`, a `FileBody`, a `BodyFactory` or a `StreamBody`",
    note = "for a struct, write `#[json]` or `#[form]`"
)]
pub trait RawBody<M> {
    /// The body as a call stores it.
    fn into_content(self) -> RawContent<M>;
}

/// A body that can be sent any number of times.
#[derive(Debug)]
pub enum Again {}

/// A body that can be sent only once.
#[derive(Debug)]
pub enum Once {}

/// Bodies, and parts of a body, that can be sent more than once.
#[diagnostic::on_unimplemented(
    message = "a stream can be sent only once, but this call may be sent again",
    label = "expected a body that can be sent again",
    note = "pass `Bytes`, a `FileBody`, or a `BodyFactory` that creates the stream for each attempt",
    note = "or write `replay = off` without `retry`: a call then fails if its token has expired"
)]
pub trait Repeatable: Sized {
    /// Returns the body unchanged.
    fn repeatable(self) -> Self {
        self
    }
}

#[diagnostic::do_not_recommend]
impl<M: Unlimited> Repeatable for RawContent<M> {}

/// They can be sent any number of times.
pub trait Unlimited {}

impl Unlimited for Again {}

/// A raw body as a call stores it.
pub struct RawContent<M>(pub(crate) Body, PhantomData<fn() -> M>);

impl<M> RawContent<M> {
    const fn new(body: Body) -> Self {
        Self(body, PhantomData)
    }
}

impl<M> fmt::Debug for RawContent<M> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("RawContent")
    }
}

fn bytes<M>(bytes: impl Into<Bytes>) -> RawContent<M> {
    RawContent::new(Body::Bytes { bytes: bytes.into(), media_type: None })
}

macro_rules! in_memory {
    ($($type:ty: $value:ident => $bytes:expr),* $(,)?) => {$(
        #[diagnostic::do_not_recommend]
        impl RawBody<Again> for $type {
            fn into_content(self) -> RawContent<Again> {
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
impl<const N: usize> RawBody<Again> for &[u8; N] {
    fn into_content(self) -> RawContent<Again> {
        bytes(Bytes::copy_from_slice(self))
    }
}

macro_rules! built {
    ($($type:ty),*) => {$(
        #[diagnostic::do_not_recommend]
        impl RawBody<Again> for $type {
            fn into_content(self) -> RawContent<Again> {
                RawContent::new(Body::Built(Box::new(self)))
            }
        }

        #[diagnostic::do_not_recommend]
        impl RawBody<Again> for &$type {
            fn into_content(self) -> RawContent<Again> {
                self.clone().into_content()
            }
        }
    )*};
}

built!(FileBody, BodyFactory);

#[diagnostic::do_not_recommend]
impl RawBody<Once> for StreamBody {
    fn into_content(self) -> RawContent<Once> {
        RawContent::new(Body::Built(Box::new(self)))
    }
}

/// A body of reqwest. Unless it consists of bytes, it can be sent only once.
#[diagnostic::do_not_recommend]
impl RawBody<Once> for HttpBody {
    fn into_content(self) -> RawContent<Once> {
        match self.as_bytes().map(Bytes::copy_from_slice) {
            Some(known) => bytes(known),
            None => StreamBody::of(self).into_content(),
        }
    }
}

/// `None` means no body.
#[diagnostic::do_not_recommend]
impl<M, T: RawBody<M>> RawBody<M> for Option<T> {
    fn into_content(self) -> RawContent<M> {
        self.map_or(RawContent::new(Body::None), RawBody::into_content)
    }
}

pub(super) fn media_type(text: Option<&str>) -> Result<Option<HeaderValue>> {
    text.map(HeaderValue::from_str).transpose().map_err(|error| {
        Error::of_kind(ErrorKind::Argument)
            .with_message("the media type of the body is not a valid header value")
            .with_source(error)
    })
}
