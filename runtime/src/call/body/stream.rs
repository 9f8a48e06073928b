//! Streams as bodies: those that can be created again, and those that exist only once.

use std::fmt;
use std::sync::{Arc, Mutex, PoisonError};

use bytes::Bytes;
use futures_core::Stream;
use futures_util::TryStreamExt as _;

use super::raw::media_type;
use super::sized::{ByteStream, SizedBody};
use crate::call::parts::{BuildBody, BuiltBody};
use crate::ports::BoxFuture;
use crate::ports::http::HttpBody;
use crate::types::error::{BoxError, Error, ErrorKind, Result};

/// A body that is created for each attempt, so that its call can be replayed and retried.
///
/// ```
/// use futures_util::stream;
/// use perennial::{Result, api_client};
/// use perennial::body::BodyFactory;
///
/// #[api_client]
/// pub trait Archive {
///     #[put("/numbers")]
///     async fn store(&self, #[body] content: BodyFactory) -> Result<()>;
/// }
///
/// # async fn run() -> Result<()> {
/// let archive = ArchiveClient::builder("http://archive.example").build()?;
/// let numbers = BodyFactory::stream(|| {
///     stream::iter((0..1000).map(|n| Ok::<_, std::io::Error>(format!("{n}\n"))))
/// });
/// archive.store(numbers).await?;
/// # Ok(())
/// # }
/// ```
#[derive(Clone)]
pub struct BodyFactory {
    make: Arc<dyn Fn() -> HttpBody + Send + Sync>,
    pub(super) media_type: Option<String>,
}

impl BodyFactory {
    /// Creates the body by calling `make` for each attempt.
    #[must_use]
    pub fn new<B: Into<HttpBody>>(make: impl Fn() -> B + Send + Sync + 'static) -> Self {
        Self { make: Arc::new(move || make().into()), media_type: None }
    }

    /// Sends the chunks of the stream that `make` returns, without a `Content-Length`.
    #[must_use]
    pub fn stream<S, B, E>(make: impl Fn() -> S + Send + Sync + 'static) -> Self
    where
        S: Stream<Item = std::result::Result<B, E>> + Send + 'static,
        B: Into<Bytes> + 'static,
        E: Into<BoxError> + 'static,
    {
        Self::new(move || SizedBody::body(chunks(make()), None))
    }

    /// Sends a stream of `length` bytes, with this `Content-Length`.
    #[must_use]
    pub fn sized_stream<S, B, E>(length: u64, make: impl Fn() -> S + Send + Sync + 'static) -> Self
    where
        S: Stream<Item = std::result::Result<B, E>> + Send + 'static,
        B: Into<Bytes> + 'static,
        E: Into<BoxError> + 'static,
    {
        Self::new(move || SizedBody::body(chunks(make()), Some(length)))
    }

    /// Sets the media type; none by default.
    #[must_use]
    pub fn media_type(mut self, media_type: impl Into<String>) -> Self {
        self.media_type = Some(media_type.into());
        self
    }

    pub(super) fn make(&self) -> HttpBody {
        (self.make)()
    }
}

impl BuildBody for BodyFactory {
    fn build(&self) -> BoxFuture<'_, Result<BuiltBody>> {
        Box::pin(async {
            let media_type = media_type(self.media_type.as_deref())?;
            Ok((self.make(), media_type))
        })
    }

    fn is_repeatable(&self) -> bool {
        true
    }
}

impl fmt::Debug for BodyFactory {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("BodyFactory").field("media_type", &self.media_type).finish_non_exhaustive()
    }
}

/// A stream that can be sent only once.
///
/// A call with such a body is never replayed or retried. If the token of the method can be refreshed, the method must
/// declare `replay = off`; otherwise it does not compile. If the server reports an expired token, the token is
/// refreshed for the next call, and this call fails with [`ErrorKind::ReplayImpossible`]. That is rare if the server
/// states the lifetime of its tokens: the expiry is checked before such a call is sent, even with `early = off`. If the
/// content can be created again, use a [`BodyFactory`] or a [`FileBody`](crate::body::FileBody).
///
/// ```
/// use perennial::{Result, Tokens, api_client};
/// use perennial::body::StreamBody;
///
/// #[api_client(auth(bearer, expired(status = 401)))]
/// pub trait Archive {
///     #[post("/refresh", refresh)]
///     async fn refresh(&self) -> Result<Tokens>;
///
///     #[post("/recordings", replay = off)]
///     async fn record(&self, #[body] content: StreamBody) -> Result<()>;
/// }
///
/// # async fn run(microphone: impl futures_core::Stream<Item = std::io::Result<Vec<u8>>> + Send + 'static) -> Result<()> {
/// let archive = ArchiveClient::builder("http://archive.example").build()?;
/// archive.record(StreamBody::new(microphone).media_type("audio/wav")).await?;
/// # Ok(())
/// # }
/// ```
pub struct StreamBody {
    body: Mutex<Option<HttpBody>>,
    pub(super) media_type: Option<String>,
}

impl StreamBody {
    /// Sends the chunks of a stream, without a `Content-Length`.
    #[must_use]
    pub fn new<S, B, E>(stream: S) -> Self
    where
        S: Stream<Item = std::result::Result<B, E>> + Send + 'static,
        B: Into<Bytes> + 'static,
        E: Into<BoxError> + 'static,
    {
        Self::of(SizedBody::body(chunks(stream), None))
    }

    /// Sends a stream of `length` bytes, with this `Content-Length`.
    #[must_use]
    pub fn sized<S, B, E>(length: u64, stream: S) -> Self
    where
        S: Stream<Item = std::result::Result<B, E>> + Send + 'static,
        B: Into<Bytes> + 'static,
        E: Into<BoxError> + 'static,
    {
        Self::of(SizedBody::body(chunks(stream), Some(length)))
    }

    /// Sets the media type; none by default.
    #[must_use]
    pub fn media_type(mut self, media_type: impl Into<String>) -> Self {
        self.media_type = Some(media_type.into());
        self
    }

    pub(super) fn of(body: HttpBody) -> Self {
        Self { body: Mutex::new(Some(body)), media_type: None }
    }

    pub(super) fn take(&self) -> Result<HttpBody> {
        let body = self.body.lock().unwrap_or_else(PoisonError::into_inner).take();
        body.ok_or_else(|| Error::of_kind(ErrorKind::ReplayImpossible))
    }
}

impl BuildBody for StreamBody {
    fn build(&self) -> BoxFuture<'_, Result<BuiltBody>> {
        Box::pin(async {
            let media_type = media_type(self.media_type.as_deref())?;
            Ok((self.take()?, media_type))
        })
    }

    fn is_repeatable(&self) -> bool {
        false
    }
}

/// The content; empty if a call has already sent it.
impl From<StreamBody> for HttpBody {
    fn from(body: StreamBody) -> Self {
        body.body.into_inner().unwrap_or_else(PoisonError::into_inner).unwrap_or_default()
    }
}

impl fmt::Debug for StreamBody {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("StreamBody").field("media_type", &self.media_type).finish_non_exhaustive()
    }
}

fn chunks<S, B, E>(stream: S) -> ByteStream
where
    S: Stream<Item = std::result::Result<B, E>> + Send + 'static,
    B: Into<Bytes> + 'static,
    E: Into<BoxError> + 'static,
{
    Box::pin(stream.map_ok(Into::into).map_err(Into::into))
}
