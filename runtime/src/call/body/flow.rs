//! A body that comes piece by piece.

use std::pin::Pin;
use std::sync::{Mutex, PoisonError};
use std::task::{Context, Poll};

use bytes::Bytes;
use futures_core::Stream;
use http_body::{Frame, SizeHint};

use crate::types::error::BoxError;

/// The pieces of a body.
pub(crate) type ByteStream = Pin<Box<dyn Stream<Item = Result<Bytes, BoxError>> + Send>>;

/// A stream as the transport takes it, with its length where that is known: the server is then told,
/// and a stream of another length is an error instead of half a body.
pub(crate) struct Flow {
    /// The transport wants a body that can be shared, though it never shares one. The lock is never
    /// taken: there is only ever one owner.
    stream: Mutex<ByteStream>,
    left: Option<u64>,
}

impl Flow {
    pub(crate) fn body(stream: ByteStream, length: Option<u64>) -> reqwest::Body {
        reqwest::Body::wrap(Self { stream: Mutex::new(stream), left: length })
    }
}

impl http_body::Body for Flow {
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
            return Poll::Ready(next.map(|piece| Ok(Frame::data(piece))));
        };
        let Some(piece) = next else {
            return Poll::Ready(
                (*left > 0).then(|| Err("the body is shorter than was said".into())),
            );
        };
        let rest = left.checked_sub(piece.len() as u64);
        // The transport asks for nothing beyond the length, so what is too much is looked for here.
        let is_too_long = rest.is_none()
            || (rest == Some(0)
                && matches!(stream.as_mut().poll_next(context), Poll::Ready(Some(Ok(_)))));
        if is_too_long {
            return Poll::Ready(Some(Err("the body is longer than was said".into())));
        }
        *left = rest.unwrap_or_default();
        Poll::Ready(Some(Ok(Frame::data(piece))))
    }

    fn is_end_stream(&self) -> bool {
        self.left == Some(0)
    }

    fn size_hint(&self) -> SizeHint {
        self.left.map_or_else(SizeHint::default, SizeHint::with_exact)
    }
}
