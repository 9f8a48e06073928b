//! Bodies in a browser.

use std::fmt;
use std::pin::Pin;
use std::task::{Context, Poll, ready};

use bytes::{Bytes, BytesMut};
use http_body::{Body as HttpBody, Frame, SizeHint};
use js_sys::Uint8Array;
use send_wrapper::SendWrapper;
use wasm_bindgen::{JsCast, JsValue};
use wasm_bindgen_futures::JsFuture;
use web_sys::{AbortController, ReadableStreamDefaultReader};

use super::error::FetchError;
use super::property;
use crate::types::error::BoxError;

/// The body of a request or of a response: bytes, or a stream of them.
///
/// A browser sends a body in one piece, so a stream is read to its end before the request is sent.
#[derive(Default)]
pub struct Body(Content);

type Boxed = Pin<Box<dyn HttpBody<Data = Bytes, Error = BoxError> + Send + Sync>>;

enum Content {
    Bytes(Bytes),
    Stream(Boxed),
}

impl Default for Content {
    fn default() -> Self {
        Self::Bytes(Bytes::new())
    }
}

impl Body {
    /// Wraps a body of another type.
    pub fn wrap<B>(body: B) -> Self
    where
        B: HttpBody<Error: Into<BoxError>> + Send + Sync + 'static,
        B::Data: Into<Bytes>,
    {
        Self(Content::Stream(Box::pin(Wrapped(Box::pin(body)))))
    }

    /// The bytes, unless it is a stream.
    #[must_use]
    pub fn as_bytes(&self) -> Option<&[u8]> {
        match &self.0 {
            Content::Bytes(bytes) => Some(bytes),
            Content::Stream(_) => None,
        }
    }

    /// The next chunk; `None` at the end.
    pub(super) async fn chunk(&mut self) -> Result<Option<Bytes>, BoxError> {
        loop {
            let frame = std::future::poll_fn(|context| Pin::new(&mut *self).poll_frame(context));
            match frame.await {
                None => return Ok(None),
                // Trailers do not describe the content.
                Some(frame) => {
                    if let Ok(data) = frame?.into_data() {
                        return Ok(Some(data));
                    }
                }
            }
        }
    }

    /// The whole body.
    pub(super) async fn collect(mut self) -> Result<Bytes, BoxError> {
        if let Content::Bytes(bytes) = &mut self.0 {
            return Ok(std::mem::take(bytes));
        }
        let mut whole = BytesMut::new();
        while let Some(piece) = self.chunk().await? {
            whole.extend_from_slice(&piece);
        }
        Ok(whole.freeze())
    }
}

impl HttpBody for Body {
    type Data = Bytes;
    type Error = BoxError;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, BoxError>>> {
        match &mut self.0 {
            Content::Bytes(bytes) if bytes.is_empty() => Poll::Ready(None),
            Content::Bytes(bytes) => Poll::Ready(Some(Ok(Frame::data(std::mem::take(bytes))))),
            Content::Stream(body) => body.as_mut().poll_frame(context),
        }
    }

    fn is_end_stream(&self) -> bool {
        match &self.0 {
            Content::Bytes(bytes) => bytes.is_empty(),
            Content::Stream(body) => body.is_end_stream(),
        }
    }

    fn size_hint(&self) -> SizeHint {
        match &self.0 {
            Content::Bytes(bytes) => SizeHint::with_exact(bytes.len() as u64),
            Content::Stream(body) => body.size_hint(),
        }
    }
}

impl fmt::Debug for Body {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Body")
    }
}

macro_rules! from_bytes {
    ($($type:ty),*) => {$(
        impl From<$type> for Body {
            fn from(bytes: $type) -> Self {
                Self(Content::Bytes(bytes.into()))
            }
        }
    )*};
}

from_bytes!(Bytes, Vec<u8>, String, &'static str, &'static [u8]);

/// A body of another type, with the chunks and errors of this one.
struct Wrapped<B>(Pin<Box<B>>);

impl<B> HttpBody for Wrapped<B>
where
    B: HttpBody<Error: Into<BoxError>>,
    B::Data: Into<Bytes>,
{
    type Data = Bytes;
    type Error = BoxError;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, BoxError>>> {
        let frame = ready!(self.0.as_mut().poll_frame(context));
        Poll::Ready(frame.map(|it| it.map(|it| it.map_data(Into::into)).map_err(Into::into)))
    }

    fn is_end_stream(&self) -> bool {
        self.0.is_end_stream()
    }

    fn size_hint(&self) -> SizeHint {
        self.0.size_hint()
    }
}

/// Aborts a `fetch` when it is dropped, even in the middle of its response.
pub(super) struct AbortOnDrop(pub(super) SendWrapper<AbortController>);

impl Drop for AbortOnDrop {
    fn drop(&mut self) {
        self.0.abort();
    }
}

/// The body of a response as the browser streams it.
pub(super) struct FetchBody {
    /// `None` at the end.
    reader: Option<SendWrapper<ReadableStreamDefaultReader>>,
    reading: Option<SendWrapper<JsFuture>>,
    left: Option<u64>,
    _abort: AbortOnDrop,
}

impl FetchBody {
    pub(super) fn body(
        reader: ReadableStreamDefaultReader,
        left: Option<u64>,
        abort: AbortOnDrop,
    ) -> Body {
        let reader = Some(SendWrapper::new(reader));
        Body(Content::Stream(Box::pin(Self { reader, reading: None, left, _abort: abort })))
    }
}

impl HttpBody for FetchBody {
    type Data = Bytes;
    type Error = BoxError;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, BoxError>>> {
        let this = &mut *self;
        let Some(reader) = &this.reader else { return Poll::Ready(None) };
        let reading =
            this.reading.get_or_insert_with(|| SendWrapper::new(JsFuture::from(reader.read())));
        let read = ready!(Pin::new(reading).poll(context));
        this.reading = None;
        let next = read.map(|it| piece(&it)).map_err(|thrown| FetchError::thrown(&thrown).into());
        match next {
            Ok(Some(bytes)) => {
                this.left = this.left.and_then(|left| left.checked_sub(bytes.len() as u64));
                Poll::Ready(Some(Ok(Frame::data(bytes))))
            }
            Ok(None) => {
                this.reader = None;
                Poll::Ready(None)
            }
            Err(error) => {
                this.reader = None;
                Poll::Ready(Some(Err(error)))
            }
        }
    }

    fn is_end_stream(&self) -> bool {
        self.reader.is_none()
    }

    fn size_hint(&self) -> SizeHint {
        self.left.map_or_else(SizeHint::default, SizeHint::with_exact)
    }
}

/// The chunk that was read from a stream; `None` at the end.
fn piece(read: &JsValue) -> Option<Bytes> {
    let is_done = property(read, "done").is_some_and(|done| done.is_truthy());
    if is_done {
        return None;
    }
    let value = property(read, "value")?.dyn_into::<Uint8Array>().ok()?;
    Some(value.to_vec().into())
}
