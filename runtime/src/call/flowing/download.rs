//! A body that is streamed, and goes on where it broke off.

use std::fmt;
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll};
use std::time::Duration;

use bytes::{Buf as _, Bytes, BytesMut};
use futures_core::Stream;
use http::header::ACCEPT_ENCODING;
use http::{HeaderMap, HeaderValue, StatusCode};

use super::range::Range;
use super::source::Source;
use super::{BoxStream, Piecewise};
use crate::call::answer::Received;
use crate::call::body::{Counter, Progress, ProgressEvents, Watcher};
use crate::call::decode::{Decode, Piecemeal, judge_raw};
use crate::call::land::{Landed, Reads};
use crate::call::parts::Parts;
use crate::call::retries::LONGEST_RETRY_AFTER;
use crate::words::endpoint::Endpoint;
use crate::words::error::{Error, ErrorKind, Phase, Result};

/// The shortest and the longest pause before a download that broke off goes on.
const SHORTEST_PAUSE: Duration = Duration::from_millis(100);
const LONGEST_PAUSE: Duration = Duration::from_secs(5);

/// A body that is streamed: it is never in memory as a whole.
///
/// If the connection breaks, the download goes on where it broke off (RFC 9110, section 14), as long
/// as the server names the version of the content by an `ETag` or a `Last-Modified`. A server that
/// sends the same version from its beginning again is listened to up to there. If the token is
/// over by then, it is renewed as for any other call. An answer that bears an expired code instead of
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
    /// What it is resumed with; `None` if it cannot be.
    parts: Option<Box<Parts>>,
    range: Range,
    /// How much of what comes was handed out before.
    skip: u64,
    resumes: u32,
    failures: u32,
    counter: Option<Counter>,
}

impl Download {
    fn new(source: Source) -> Self {
        let range = Range::of(&source);
        Self { source, parts: None, range, skip: 0, resumes: 5, failures: 0, counter: None }
    }

    /// The HTTP status, which says success.
    #[must_use]
    pub const fn status(&self) -> StatusCode {
        self.source.status
    }

    /// The headers of the answer.
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
        self.resumes = limit;
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
    /// Dropping its future loses nothing that has arrived.
    ///
    /// # Errors
    ///
    /// [`ErrorKind::Transport`] if the connection broke and the download could not go on, or if the
    /// content has changed since it began.
    pub async fn chunk(&mut self) -> Result<Option<Bytes>> {
        loop {
            let broken = match self.source.chunk().await {
                Ok(Some(mut piece)) => {
                    let known = self.skip.min(piece.len() as u64);
                    self.skip -= known;
                    // What was skipped is no longer than the piece.
                    piece.advance(usize::try_from(known).unwrap_or(piece.len()));
                    if piece.is_empty() {
                        continue;
                    }
                    self.range.done += piece.len() as u64;
                    self.failures = 0;
                    if let Some(counter) = &mut self.counter {
                        counter.add(piece.len());
                    }
                    return Ok(Some(piece));
                }
                Ok(None) if self.range.is_complete() => return Ok(None),
                Ok(None) => Error::new(ErrorKind::Transport).with_message("the answer broke off"),
                Err(error) => error,
            };
            self.resume(broken).await?;
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

    /// Goes on after the connection broke, if that is possible.
    async fn resume(&mut self, broken: Error) -> Result<()> {
        let endpoint = self.parts.as_ref().map(|parts| parts.endpoint);
        let broken = endpoint.into_iter().fold(broken, Error::with_endpoint);
        let Some(parts) = &mut self.parts else { return Err(broken) };
        let Some(headers) = self.range.headers() else { return Err(broken) };
        for (name, value) in headers {
            parts.extras().headers.insert(name, value);
        }
        let mut last = broken;
        while self.failures < self.resumes {
            let pause =
                SHORTEST_PAUSE.saturating_mul(1 << self.failures.min(16)).min(LONGEST_PAUSE);
            let asked = last.retry_after().unwrap_or_default();
            if asked > LONGEST_RETRY_AFTER {
                return Err(last);
            }
            self.failures += 1;
            parts.client.session().policy().clock.sleep(pause.max(asked)).await;
            parts.begin_again();
            match Source::open(parts, Reads::Stream, None).await {
                Ok(source) => {
                    let endpoint = parts.endpoint;
                    let skip = self.range.follows(&source);
                    self.skip = skip.map_err(|error| error.with_endpoint(endpoint))?;
                    self.source = source;
                    return Ok(());
                }
                Err(error) if is_passing(&error) => last = error,
                Err(error) => return Err(error),
            }
        }
        Err(last)
    }
}

impl Piecewise for Download {
    type Item = Bytes;

    async fn next(&mut self) -> Result<Option<Bytes>> {
        self.chunk().await
    }
}

impl Decode<Piecemeal> for Download {
    const READS: Reads = Reads::Stream;
    const KEEP: Option<fn(&mut Self, Box<Parts>)> = Some(keep);

    fn decode<'a>(
        endpoint: &'static Endpoint,
        received: &'a mut Received,
        keep: &mut dyn FnMut(Self),
    ) -> Landed<'a> {
        if judge_raw(endpoint, received).is_some() {
            return judge_raw(endpoint, received)
                .map_or_else(|| Landed::Refused(None), Landed::Refused);
        }
        keep(Self::new(Source::of(received)));
        Landed::Taken
    }
}

/// What has no version, what a server compresses on the way and what was no plain question cannot be
/// asked for in parts.
fn keep(download: &mut Download, parts: Box<Parts>) {
    let is_plain = parts.endpoint.method == "GET" && parts.body.is_repeatable();
    if is_plain && download.range.is_versioned() {
        download.parts = Some(parts);
    }
}

/// Asks for the content as it is, so that its length and its parts are what they seem.
pub(crate) fn ask_for_plain(parts: &mut Parts) {
    let identity = HeaderValue::from_static("identity");
    parts.extras().headers.entry(ACCEPT_ENCODING).or_insert(identity);
}

/// Whether a later try may go better.
pub(super) fn is_passing(error: &Error) -> bool {
    match error.kind() {
        ErrorKind::Transport | ErrorKind::Timeout(Phase::Attempt) => true,
        ErrorKind::Status | ErrorKind::Api => error.status().is_some_and(|status| {
            status.is_server_error() || matches!(status.as_u16(), 408 | 425 | 429)
        }),
        ErrorKind::RefreshFailed | ErrorKind::Timeout(Phase::Refresh) => true,
        _ => false,
    }
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
