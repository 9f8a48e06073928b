//! A streamed body whose length is enforced.

use std::error::Error as StdError;
use std::fmt;
use std::pin::Pin;
use std::task::{Context, Poll};

use bytes::Bytes;
use futures_core::Stream;
use http_body::{Frame, SizeHint};
use sync_wrapper::SyncWrapper;

use crate::ports::http::HttpBody;
use crate::types::error::BoxError;

/// The chunks of a body.
pub(crate) type ByteStream = Pin<Box<dyn Stream<Item = Result<Bytes, BoxError>> + Send>>;

/// A stream as a body for the transport. If its length is known, it is sent as `Content-Length`, and a
/// stream of another length is an error.
pub(crate) struct SizedBody {
    /// The transport requires `Sync`.
    stream: SyncWrapper<ByteStream>,
    left: Option<u64>,
}

/// A body that does not have its declared length: a file that shrinks while it is sent, for example.
#[derive(Debug, Clone, Copy)]
pub(crate) enum WrongLength {
    Shorter,
    Longer,
}

impl WrongLength {
    /// Whether this is why a request was not sent to its end.
    pub(crate) fn caused(error: &(dyn StdError + 'static)) -> bool {
        let mut next = Some(error);
        while let Some(error) = next {
            if error.is::<Self>() {
                return true;
            }
            next = error.source();
        }
        false
    }
}

impl fmt::Display for WrongLength {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Shorter => "the body is shorter than its declared length",
            Self::Longer => "the body is longer than its declared length",
        })
    }
}

impl StdError for WrongLength {}

impl SizedBody {
    pub(crate) fn body(stream: ByteStream, length: Option<u64>) -> HttpBody {
        HttpBody::wrap(Self { stream: SyncWrapper::new(stream), left: length })
    }
}

impl http_body::Body for SizedBody {
    type Data = Bytes;
    type Error = BoxError;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, BoxError>>> {
        let this = &mut *self;
        let stream = this.stream.get_mut();
        let next = std::task::ready!(stream.as_mut().poll_next(context)).transpose()?;
        let Some(left) = &mut this.left else {
            return Poll::Ready(next.map(|chunk| Ok(Frame::data(chunk))));
        };
        let Some(chunk) = next else {
            return Poll::Ready((*left > 0).then(|| Err(WrongLength::Shorter.into())));
        };
        let rest = left.checked_sub(chunk.len() as u64);
        // The transport does not poll beyond the length, so look for a surplus here.
        let is_too_long = rest.is_none()
            || (rest == Some(0)
                && matches!(stream.as_mut().poll_next(context), Poll::Ready(Some(Ok(_)))));
        if is_too_long {
            return Poll::Ready(Some(Err(WrongLength::Longer.into())));
        }
        *left = rest.unwrap_or_default();
        Poll::Ready(Some(Ok(Frame::data(chunk))))
    }

    fn is_end_stream(&self) -> bool {
        self.left == Some(0)
    }

    fn size_hint(&self) -> SizeHint {
        self.left.map_or_else(SizeHint::default, SizeHint::with_exact)
    }
}
