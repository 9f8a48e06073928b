//! A body that is streamed, and goes on where it broke off.

use std::fmt;
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll};

use bytes::{Buf as _, Bytes, BytesMut};
use futures_core::Stream;
use http::header::ACCEPT_ENCODING;
use http::{HeaderMap, HeaderValue, StatusCode};

use super::range::Range;
use super::resume::{Resume, broke_off};
use super::source::Source;
use super::{BoxStream, Piecewise};
use crate::call::body::{Counter, Progress, ProgressEvents, Watcher};
use crate::call::decode::{Decode, Piecemeal, judge_raw};
use crate::call::parts::Parts;
use crate::call::sink::{Decoded, ReadMode};
use crate::types::endpoint::Endpoint;
use crate::types::error::Result;
use crate::types::response::Received;

/// A body that is streamed: it is never in memory as a whole.
///
/// If the connection breaks, the download goes on where it broke off (RFC 9110, section 14), as long
/// as the server names the version of the content by an `ETag` or a `Last-Modified`. A server that
/// sends the same version from its beginning again is listened to up to there. If the token is
/// over by then, it is renewed as for any other call. A response that bears an expired code instead of
/// the content never gets here.
///
/// The limits in time of the endpoint are those for its beginning, not for the whole of it.
///
/// ```
/// use perennial::{Download, Result, api_client};
///
/// #[api_client]
/// pub trait Archive {
///     #[get("/backups/{name}")]
///     async fn backup(&self, name: &str) -> Result<Download>;
/// }
///
/// # async fn run() -> Result<()> {
/// let archive = ArchiveClient::builder("http://archive.example").build()?;
/// let backup = archive.backup("today").await?;
/// println!("{:?} bytes", backup.length());
/// backup.on_progress(|progress| println!("{:?}", progress.fraction())).save("today.tar").await?;
/// # Ok(())
/// # }
/// ```
pub struct Download {
    source: Source,
    resume: Resume,
    range: Range,
    /// How much of what comes was handed out before.
    skip: u64,
    counter: Option<Counter>,
}

impl Download {
    fn new(source: Source) -> Self {
        let range = Range::of(&source);
        Self { source, resume: Resume::new(), range, skip: 0, counter: None }
    }

    /// What a fake of an API returns: the body of this response, with its status and its headers. It never
    /// goes on where it broke off.
    ///
    /// ```
    /// use futures_util::stream;
    /// use perennial::{Download, Result, StreamBody, api_client, http};
    ///
    /// #[api_client]
    /// pub trait Archive {
    ///     #[get("/backups/{name}")]
    ///     async fn backup(&self, name: &str) -> Result<Download>;
    /// }
    ///
    /// struct Fake;
    ///
    /// impl Archive for Fake {
    ///     async fn backup(&self, name: &str) -> Result<Download> {
    ///         Ok(match name {
    ///             "whole" => Download::from_response(http::Response::new("content")),
    ///             _ => Download::from_response(http::Response::new(StreamBody::new(stream::iter([
    ///                 Ok("con"),
    ///                 Err("the line was cut"),
    ///             ])))),
    ///         })
    ///     }
    /// }
    ///
    /// # #[tokio::main(flavor = "current_thread")]
    /// # async fn main() {
    /// let whole = Fake.backup("whole").await.unwrap();
    /// assert_eq!(whole.length(), Some(7));
    /// assert_eq!(whole.bytes().await.unwrap(), "content");
    /// let mut half = Fake.backup("half").await.unwrap();
    /// assert_eq!(half.chunk().await.unwrap().unwrap(), "con");
    /// assert!(half.chunk().await.unwrap_err().is_transport());
    /// # }
    /// ```
    #[must_use]
    pub fn from_response(response: http::Response<impl Into<reqwest::Body>>) -> Self {
        Self::new(Source::given(response.into()))
    }

    /// The HTTP status, which says success.
    #[must_use]
    pub const fn status(&self) -> StatusCode {
        self.source.status
    }

    /// The headers of the response.
    #[must_use]
    pub const fn headers(&self) -> &HeaderMap {
        &self.source.headers
    }

    /// How many bytes there are in all, if the server said so.
    #[must_use]
    pub const fn length(&self) -> Option<u64> {
        self.range.length
    }

    /// How many bytes have been handed out.
    #[must_use]
    pub const fn position(&self) -> u64 {
        self.range.done
    }

    /// How many times in a row the download may fail to go on; 5 by default, 0 for never. It counts
    /// from the last byte that came.
    #[must_use]
    pub const fn resumes(mut self, limit: u32) -> Self {
        self.resume.limit = limit;
        self
    }

    /// Is told of each piece.
    #[must_use]
    pub fn on_progress(self, watcher: impl Fn(Progress) + Send + Sync + 'static) -> Self {
        self.watched(Arc::new(watcher))
    }

    /// The same as a stream of events, which ends with the download.
    #[must_use]
    pub fn progress_events(self) -> (Self, ProgressEvents) {
        let (watcher, events) = ProgressEvents::new();
        (self.watched(watcher), events)
    }

    /// The next piece; `None` at the end.
    ///
    /// Dropping its future loses nothing that has arrived: the next one goes on where it was, also in
    /// the midst of a pause or of a call for the rest.
    ///
    /// # Errors
    ///
    /// [`ErrorKind::Transport`](crate::ErrorKind::Transport) if the connection broke and the download
    /// could not go on, or if the content has changed since it began. A download that has failed
    /// fails for good: `None` is the end of all of it, and nothing else.
    pub async fn chunk(&mut self) -> Result<Option<Bytes>> {
        loop {
            if self.resume.is_broken() {
                (self.source, self.skip) = self.resume.rest(&self.range).await?;
            }
            match self.source.chunk().await {
                Ok(Some(mut piece)) => {
                    let known = self.skip.min(piece.len() as u64);
                    self.skip -= known;
                    // What was skipped is no longer than the piece.
                    piece.advance(usize::try_from(known).unwrap_or(piece.len()));
                    if piece.is_empty() {
                        continue;
                    }
                    self.range.done += piece.len() as u64;
                    self.resume.went_on();
                    if let Some(counter) = &mut self.counter {
                        counter.add(piece.len());
                    }
                    return Ok(Some(piece));
                }
                Ok(None) if self.range.is_complete() => return Ok(None),
                Ok(None) => self.resume.broke(broke_off()),
                Err(error) => self.resume.broke(error),
            }
        }
    }

    /// All of it, in memory.
    ///
    /// # Errors
    ///
    /// As for [`chunk`](Download::chunk).
    pub async fn bytes(mut self) -> Result<Bytes> {
        let Some(first) = self.chunk().await? else { return Ok(Bytes::new()) };
        let Some(second) = self.chunk().await? else { return Ok(first) };
        let mut all = BytesMut::from(first);
        all.extend_from_slice(&second);
        while let Some(piece) = self.chunk().await? {
            all.extend_from_slice(&piece);
        }
        Ok(all.freeze())
    }

    /// The pieces as a stream. It ends with the first error.
    pub fn into_stream(self) -> DownloadStream {
        DownloadStream { pieces: self.streamed() }
    }

    fn watched(mut self, watcher: Watcher) -> Self {
        self.counter = Some(Counter::new(watcher, self.range.done, self.range.length));
        self
    }
}

impl Piecewise for Download {
    type Item = Bytes;

    async fn next(&mut self) -> Result<Option<Bytes>> {
        self.chunk().await
    }
}

impl Decode<Piecemeal> for Download {
    const READS: ReadMode = ReadMode::Stream;
    const KEEP: Option<fn(&mut Self, Box<Parts>)> = Some(keep);

    fn decode<'a>(
        endpoint: &'static Endpoint,
        received: &'a mut Received,
        keep: &mut dyn FnMut(Self),
    ) -> Decoded<'a> {
        if judge_raw(endpoint, received).is_some() {
            return judge_raw(endpoint, received)
                .map_or_else(|| Decoded::Refused(None), Decoded::Refused);
        }
        keep(Self::new(Source::of(received)));
        Decoded::Taken
    }
}

/// What has no version, what a server compresses on the way and what was no plain question cannot be
/// asked for in parts.
fn keep(download: &mut Download, parts: Box<Parts>) {
    let is_plain = parts.endpoint.method == "GET" && parts.body.is_repeatable();
    if is_plain && download.range.is_versioned() {
        download.resume.with(parts);
    }
}

/// Asks for the content as it is, so that its length and its parts are what they seem.
pub(crate) fn ask_for_plain(parts: &mut Parts) {
    let identity = HeaderValue::from_static("identity");
    parts.extras().headers.entry(ACCEPT_ENCODING).or_insert(identity);
}

impl fmt::Debug for Download {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Download")
            .field("status", &self.source.status)
            .field("length", &self.range.length)
            .field("position", &self.range.done)
            .finish_non_exhaustive()
    }
}

/// The pieces of a [`Download`].
#[must_use = "streams do nothing until they are polled"]
pub struct DownloadStream {
    pieces: BoxStream<Result<Bytes>>,
}

impl Stream for DownloadStream {
    type Item = Result<Bytes>;

    fn poll_next(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
    ) -> Poll<Option<Result<Bytes>>> {
        self.pieces.as_mut().poll_next(context)
    }
}

impl fmt::Debug for DownloadStream {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("DownloadStream")
    }
}
