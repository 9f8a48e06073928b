//! A streamed body that resumes after its connection broke.

use std::fmt;
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll};

use bytes::{Buf as _, Bytes, BytesMut};
use futures_core::Stream;
use http::header::ACCEPT_ENCODING;
use http::{HeaderMap, HeaderValue, StatusCode};

use super::body_reader::BodyReader;
use super::range::{Extent, Range};
use super::resume::{Resume, interrupted, too_long};
use super::{BoxStream, NextItem};
use crate::call::body::{Counter, Progress, ProgressEvents, Watcher};
use crate::call::decode::{Decode, Keep, Piecemeal, judge_raw};
use crate::call::parts::Parts;
use crate::call::sink::{Decoded, ReadMode};
use crate::ports::http::HttpBody;
use crate::ports::response::Received;
use crate::types::endpoint::Endpoint;
use crate::types::error::Result;

/// A streamed body, which is never in memory as a whole.
///
/// If the connection breaks, the download resumes where it stopped (RFC 9110, section 14), as long as the server
/// identifies the version of the content by a strong `ETag`, or by a `Last-Modified` that is older than the response.
/// The rest must belong to the same version and fit exactly; anything else is an error, so versions are never mixed. If
/// the server supports no ranges, sends no `Content-Length` or compresses the content, the client reads the content
/// again from the start, and skips the bytes that were already delivered. If the token has expired by then, it is
/// refreshed as for any other call. A response that reports an expired token is judged before the download starts.
///
/// The timeouts of the endpoint apply until the response starts, not to the whole download. If the server then
/// stops sending, the download waits without a limit, unless the connections have one: `.http_with(|http|
/// http.read_timeout(Duration::from_secs(30)))` of the builder limits the wait for each chunk, and the download
/// then resumes.
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
    body: BodyReader,
    resume: Resume,
    range: Range,
    /// The bytes that the current response has yet to deliver.
    extent: Extent,
    counter: Option<Counter>,
    /// The rest of a chunk that was read in part.
    #[cfg(feature = "blocking")]
    pub(in crate::call) unread: Bytes,
}

impl Download {
    fn of_body(body: BodyReader) -> Self {
        let range = Range::of(&body);
        Self {
            body,
            resume: Resume::new(),
            extent: range.extent(),
            range,
            counter: None,
            #[cfg(feature = "blocking")]
            unread: Bytes::new(),
        }
    }

    /// Creates a download of the body of this response, with its status and headers, for a fake of an API. It does not
    /// resume.
    ///
    /// ```
    /// use futures_util::stream;
    /// use perennial::{Download, ErrorKind, Result, api_client, http};
    /// use perennial::body::StreamBody;
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
    ///                 Err("connection reset"),
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
    /// assert!(half.chunk().await.unwrap_err().kind() == ErrorKind::Transport);
    /// # }
    /// ```
    #[must_use]
    pub fn from_response(response: http::Response<impl Into<HttpBody>>) -> Self {
        Self::of_body(BodyReader::given(response.into()))
    }

    /// Returns the HTTP status, which is always a success.
    #[must_use]
    pub const fn status(&self) -> StatusCode {
        self.body.status
    }

    /// Returns the headers of the response.
    #[must_use]
    pub const fn headers(&self) -> &HeaderMap {
        &self.body.headers
    }

    /// Returns the total length in bytes, if the server stated it.
    #[must_use]
    pub const fn length(&self) -> Option<u64> {
        self.range.length
    }

    /// Returns the number of bytes delivered so far.
    #[must_use]
    pub const fn position(&self) -> u64 {
        #[cfg(feature = "blocking")]
        return self.range.done - self.unread.len() as u64;
        #[cfg(not(feature = "blocking"))]
        self.range.done
    }

    /// Sets how many times in a row resuming may fail; 5 by default, 0 to never resume. Each byte that arrives resets
    /// the count.
    #[must_use]
    pub const fn resumes(mut self, limit: u32) -> Self {
        self.resume.limit = limit;
        self
    }

    /// Calls `watcher` for each chunk.
    #[must_use]
    pub fn on_progress(self, watcher: impl Fn(Progress) + Send + Sync + 'static) -> Self {
        self.watched(Arc::new(watcher))
    }

    /// Reports the progress as a stream, which ends with the download.
    #[must_use]
    pub fn progress_events(self) -> (Self, ProgressEvents) {
        let (watcher, events) = ProgressEvents::new();
        (self.watched(watcher), events)
    }

    /// Returns the next chunk; `None` at the end.
    ///
    /// This is cancel safe: if the future is dropped, the next call continues where it stopped, even in the middle
    /// of a delay or of a request for the rest.
    ///
    /// # Errors
    ///
    /// [`ErrorKind::Transport`](crate::ErrorKind::Transport) if the connection broke and the download could not be
    /// resumed, if the content has changed since the download started, or if the server sent a different part of the
    /// content than it stated. After an error every later call fails too: `None` always means that the download is
    /// complete.
    pub async fn chunk(&mut self) -> Result<Option<Bytes>> {
        #[cfg(feature = "blocking")]
        if !self.unread.is_empty() {
            return Ok(Some(std::mem::take(&mut self.unread)));
        }
        loop {
            if self.resume.is_broken() {
                (self.body, self.extent) = self.resume.rest(&self.range).await?;
            }
            match self.body.chunk().await {
                Ok(Some(mut chunk)) => {
                    let known = self.extent.skip.min(chunk.len() as u64);
                    self.extent.skip -= known;
                    chunk.advance(usize::try_from(known).unwrap_or(chunk.len()));
                    if chunk.is_empty() {
                        continue;
                    }
                    if !self.extent.takes(chunk.len()) {
                        self.resume.give_up(too_long());
                        continue;
                    }
                    self.range.done += chunk.len() as u64;
                    self.resume.progressed();
                    if let Some(counter) = &mut self.counter {
                        counter.add(chunk.len());
                    }
                    return Ok(Some(chunk));
                }
                Ok(None) if self.is_complete() => return Ok(None),
                Ok(None) => self.resume.interrupted(interrupted()),
                Err(error) => self.resume.interrupted(error),
            }
        }
    }

    /// Reads the whole content into memory.
    ///
    /// # Errors
    ///
    /// Those of [`chunk`](Download::chunk).
    pub async fn bytes(mut self) -> Result<Bytes> {
        let Some(first) = self.chunk().await? else { return Ok(Bytes::new()) };
        let Some(second) = self.chunk().await? else { return Ok(first) };
        let mut all = BytesMut::from(first);
        all.extend_from_slice(&second);
        while let Some(chunk) = self.chunk().await? {
            all.extend_from_slice(&chunk);
        }
        Ok(all.freeze())
    }

    /// Returns the chunks as a stream, which ends after the first error.
    pub fn into_stream(self) -> DownloadStream {
        DownloadStream { chunks: self.into_boxed_stream() }
    }

    /// Whether the response that has ended completes the download.
    fn is_complete(&self) -> bool {
        self.extent.skip == 0 && self.range.is_complete()
    }

    fn watched(mut self, watcher: Watcher) -> Self {
        self.counter = Some(Counter::new(watcher, self.range.done, self.range.length));
        self
    }
}

impl NextItem for Download {
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
        keep: &mut dyn Keep<Self>,
    ) -> Decoded<'a> {
        if judge_raw(endpoint, received).is_some() {
            return judge_raw(endpoint, received)
                .map_or_else(|| Decoded::Rejected(None), Decoded::Rejected);
        }
        keep.keep(Self::of_body(BodyReader::of(received)));
        Decoded::Taken
    }
}

/// Only a plain `GET` of content with a version can be resumed.
fn keep(download: &mut Download, parts: Box<Parts>) {
    let is_plain = parts.endpoint.method == "GET" && parts.body.is_repeatable();
    if is_plain && download.range.is_versioned() {
        download.resume.enable(parts);
    }
}

/// Requests the content without compression, so that its length and its ranges are those of the content.
pub(crate) fn accept_identity(parts: &mut Parts) {
    let identity = HeaderValue::from_static("identity");
    parts.extras().headers.entry(ACCEPT_ENCODING).or_insert(identity);
}

impl fmt::Debug for Download {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Download")
            .field("status", &self.body.status)
            .field("length", &self.range.length)
            .field("position", &self.range.done)
            .finish_non_exhaustive()
    }
}

/// The chunks of a [`Download`].
///
/// Use it wherever a stream of bytes is expected, for example as the body of another request:
///
/// ```
/// use perennial::Download;
/// use perennial::body::StreamBody;
/// use perennial::stream::DownloadStream;
///
/// fn forwarded(download: Download) -> StreamBody {
///     let chunks: DownloadStream = download.into_stream();
///     StreamBody::new(chunks)
/// }
/// ```
#[must_use = "streams do nothing until they are polled"]
pub struct DownloadStream {
    chunks: BoxStream<Result<Bytes>>,
}

impl Stream for DownloadStream {
    type Item = Result<Bytes>;

    fn poll_next(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
    ) -> Poll<Option<Result<Bytes>>> {
        self.chunks.as_mut().poll_next(context)
    }
}

impl fmt::Debug for DownloadStream {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("DownloadStream")
    }
}
