//! Streams as bodies: those that can be made again, and those that cannot.

use std::fmt;
use std::sync::{Arc, Mutex, PoisonError};

use bytes::Bytes;
use futures_core::Stream;
use futures_util::TryStreamExt as _;
use http::HeaderValue;

use super::flow::{ByteStream, Flow};
use crate::call::parts::BuildBody;
use crate::ports::BoxFuture;
use crate::types::error::{BoxError, Error, ErrorKind, Result};

/// A body that is made anew for each attempt, so that a call with it can be sent again.
///
/// ```
/// use futures_util::stream;
/// use perennial::{BodyFactory, Result, api_client};
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
    make: Arc<dyn Fn() -> reqwest::Body + Send + Sync>,
    media_type: Option<String>,
}

impl BodyFactory {
    /// A body that `make` makes.
    #[must_use]
    pub fn new<B: Into<reqwest::Body>>(make: impl Fn() -> B + Send + Sync + 'static) -> Self {
        Self { make: Arc::new(move || make().into()), media_type: None }
    }

    /// A body of the pieces of a stream that `make` makes. The server is not told how long it is.
    #[must_use]
    pub fn stream<S, B, E>(make: impl Fn() -> S + Send + Sync + 'static) -> Self
    where
        S: Stream<Item = std::result::Result<B, E>> + Send + 'static,
        B: Into<Bytes> + 'static,
        E: Into<BoxError> + 'static,
    {
        Self::new(move || Flow::body(pieces(make()), None))
    }

    /// The same for a stream of so many bytes, which the server is told.
    #[must_use]
    pub fn sized_stream<S, B, E>(length: u64, make: impl Fn() -> S + Send + Sync + 'static) -> Self
    where
        S: Stream<Item = std::result::Result<B, E>> + Send + 'static,
        B: Into<Bytes> + 'static,
        E: Into<BoxError> + 'static,
    {
        Self::new(move || Flow::body(pieces(make()), Some(length)))
    }

    /// The media type; none by default.
    #[must_use]
    pub fn media_type(mut self, media_type: impl Into<String>) -> Self {
        self.media_type = Some(media_type.into());
        self
    }

    pub(super) fn make(&self) -> reqwest::Body {
        (self.make)()
    }

    pub(super) fn own_media_type(&self) -> Option<&str> {
        self.media_type.as_deref()
    }
}

impl BuildBody for BodyFactory {
    fn build(&self) -> BoxFuture<'_, Result<(reqwest::Body, Option<HeaderValue>)>> {
        Box::pin(async {
            let media_type = self.media_type.as_deref().map(super::raw::media_type).transpose()?;
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

/// A stream that can be sent once.
///
/// A call with it is never sent again. A method that would be, since its token can be renewed, says
/// `replay = off`; without that it does not compile. If the server calls the token over, the token is
/// renewed for the next call, and this one fails with [`ErrorKind::ReplayImpossible`]. That is rare
/// where the server says how long a token lives: it is looked at before such a call is sent, even with
/// `early = off`. Use a [`BodyFactory`] or a [`FileBody`](crate::FileBody) if the content can be made
/// again.
///
/// ```
/// use perennial::{Result, StreamBody, Tokens, api_client};
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
    body: Mutex<Option<reqwest::Body>>,
    media_type: Option<String>,
}

impl StreamBody {
    /// A body of the pieces of a stream. The server is not told how long it is.
    #[must_use]
    pub fn new<S, B, E>(stream: S) -> Self
    where
        S: Stream<Item = std::result::Result<B, E>> + Send + 'static,
        B: Into<Bytes> + 'static,
        E: Into<BoxError> + 'static,
    {
        Self::of(Flow::body(pieces(stream), None))
    }

    /// The same for a stream of so many bytes, which the server is told.
    #[must_use]
    pub fn sized<S, B, E>(length: u64, stream: S) -> Self
    where
        S: Stream<Item = std::result::Result<B, E>> + Send + 'static,
        B: Into<Bytes> + 'static,
        E: Into<BoxError> + 'static,
    {
        Self::of(Flow::body(pieces(stream), Some(length)))
    }

    /// The media type; none by default.
    #[must_use]
    pub fn media_type(mut self, media_type: impl Into<String>) -> Self {
        self.media_type = Some(media_type.into());
        self
    }

    pub(super) fn of(body: reqwest::Body) -> Self {
        Self { body: Mutex::new(Some(body)), media_type: None }
    }

    pub(super) fn take(&self) -> Result<reqwest::Body> {
        let body = self.body.lock().unwrap_or_else(PoisonError::into_inner).take();
        body.ok_or_else(|| Error::new(ErrorKind::ReplayImpossible))
    }

    pub(super) fn own_media_type(&self) -> Option<&str> {
        self.media_type.as_deref()
    }
}

impl BuildBody for StreamBody {
    fn build(&self) -> BoxFuture<'_, Result<(reqwest::Body, Option<HeaderValue>)>> {
        Box::pin(async {
            let media_type = self.media_type.as_deref().map(super::raw::media_type).transpose()?;
            Ok((self.take()?, media_type))
        })
    }

    fn is_repeatable(&self) -> bool {
        false
    }
}

/// What it streams. It is empty if a call has sent it already.
impl From<StreamBody> for reqwest::Body {
    fn from(body: StreamBody) -> Self {
        body.body.into_inner().unwrap_or_else(PoisonError::into_inner).unwrap_or_default()
    }
}

impl fmt::Debug for StreamBody {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("StreamBody").field("media_type", &self.media_type).finish_non_exhaustive()
    }
}

fn pieces<S, B, E>(stream: S) -> ByteStream
where
    S: Stream<Item = std::result::Result<B, E>> + Send + 'static,
    B: Into<Bytes> + 'static,
    E: Into<BoxError> + 'static,
{
    Box::pin(stream.map_ok(Into::into).map_err(Into::into))
}
