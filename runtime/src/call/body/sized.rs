//! A streamed body whose length is enforced.

use std::pin::Pin;
use std::sync::{Mutex, PoisonError};
use std::task::{Context, Poll};

use bytes::Bytes;
use futures_core::Stream;
use http_body::{Frame, SizeHint};

use crate::ports::http::HttpBody;
use crate::types::error::BoxError;

/// The chunks of a body.
pub(crate) type ByteStream = Pin<Box<dyn Stream<Item = Result<Bytes, BoxError>> + Send>>;

/// A stream as a body for the transport. If its length is known, it is sent as `Content-Length`, and a
/// stream of another length is an error.
pub(crate) struct SizedBody {
    /// The transport requires `Sync`. The mutex is never locked, since the body has only one owner.
    stream: Mutex<ByteStream>,
    left: Option<u64>,
}

impl SizedBody {
    pub(crate) fn body(stream: ByteStream, length: Option<u64>) -> HttpBody {
        HttpBody::wrap(Self { stream: Mutex::new(stream), left: length })
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
        let stream = this.stream.get_mut().unwrap_or_else(PoisonError::into_inner);
        let next = std::task::ready!(stream.as_mut().poll_next(context)).transpose()?;
        let Some(left) = &mut this.left else {
            return Poll::Ready(next.map(|chunk| Ok(Frame::data(chunk))));
        };
        let Some(chunk) = next else {
            return Poll::Ready(
                (*left > 0).then(|| Err("the body is shorter than its declared length".into())),
            );
        };
        let rest = left.checked_sub(chunk.len() as u64);
        // The transport does not poll beyond the length, so look for a surplus here.
        let is_too_long = rest.is_none()
            || (rest == Some(0)
                && matches!(stream.as_mut().poll_next(context), Poll::Ready(Some(Ok(_)))));
        if is_too_long {
            return Poll::Ready(Some(Err("the body is longer than its declared length".into())));
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
