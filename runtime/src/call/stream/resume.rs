//! Resumes a download after its connection broke.

use std::time::Duration;

use sync_wrapper::SyncWrapper;

use super::body_reader::BodyReader;
use super::range::{Extent, Range};
use crate::call::parts::Parts;
use crate::call::sink::ReadMode;
use crate::logic::backoff::Backoff;
use crate::logic::retry::LONGEST_RETRY_AFTER;
use crate::ports::BoxFuture;
use crate::ports::random::jitter;
use crate::types::error::{Error, ErrorKind, Phase, Result};

/// The delay before a download is resumed.
const BACKOFF: Backoff = Backoff::new(Duration::from_millis(100), Duration::from_secs(5));

/// A delay and the call after it. It returns the parts of the call together with the response.
type Pending = BoxFuture<'static, (Box<Parts>, Result<BodyReader>)>;

/// Requests the rest of the content. All state is kept here, so that a future that waits for it can be dropped at
/// any time and the next one continues.
pub(super) struct Resume {
    /// The parts of the call; `None` if the download cannot be resumed, or while a request is pending.
    parts: Option<Box<Parts>>,
    /// Why the connection broke, until the download continues.
    broken: Option<Error>,
    /// Wrapped, so that the download is `Sync`.
    pending: Option<SyncWrapper<Pending>>,
    /// The maximum number of failures in a row.
    pub(super) limit: u32,
    failures: u32,
}

impl Resume {
    pub(super) const fn new() -> Self {
        Self { parts: None, broken: None, pending: None, limit: 5, failures: 0 }
    }

    /// Enables resuming with the parts of this call.
    pub(super) fn enable(&mut self, parts: Box<Parts>) {
        self.parts = Some(parts);
    }

    /// Records that the connection broke.
    pub(super) fn interrupted(&mut self, error: Error) {
        let endpoint = self.parts.as_ref().map(|parts| parts.endpoint);
        self.broken = Some(endpoint.into_iter().fold(error, Error::with_endpoint));
    }

    /// Records a failure that no later request can repair.
    pub(super) fn give_up(&mut self, error: Error) {
        self.interrupted(error);
        self.parts = None;
    }

    pub(super) const fn is_broken(&self) -> bool {
        self.broken.is_some()
    }

    /// Records that new content arrived.
    pub(super) const fn progressed(&mut self) {
        self.failures = 0;
    }

    /// The response with the rest of the content, and its range. After a failure every later call fails as well.
    pub(super) async fn rest(&mut self, range: &Range) -> Result<(BodyReader, Extent)> {
        loop {
            if self.pending.is_none() {
                self.pending = Some(SyncWrapper::new(self.request(range)?));
            }
            let Some(pending) = &mut self.pending else { continue };
            let (parts, opened) = pending.get_mut().await;
            self.pending = None;
            let endpoint = parts.endpoint;
            match opened {
                Ok(body) => {
                    let extent = range.follows(&body).map_err(|it| it.with_endpoint(endpoint))?;
                    (self.parts, self.broken) = (Some(parts), None);
                    return Ok((body, extent));
                }
                Err(error) if is_transient(&error) => {
                    (self.parts, self.broken) = (Some(parts), Some(error));
                }
                Err(error) => return Err(error),
            }
        }
    }

    /// Starts a request for the rest, if the limit and the server allow one.
    fn request(&mut self, range: &Range) -> Result<Pending> {
        let asked = self.broken.as_ref().and_then(Error::retry_after).unwrap_or_default();
        let may_retry = self.failures < self.limit && asked <= LONGEST_RETRY_AFTER;
        let parts = self.parts.take().filter(|_| may_retry);
        let requested = parts.map(|mut parts| (range.request(&mut parts.extras().headers), parts));
        let Some((true, mut parts)) = requested else {
            return Err(self.broken.replace(interrupted()).unwrap_or_else(interrupted));
        };
        let delay = BACKOFF.pause(self.failures, jitter());
        self.failures += 1;
        let delay = parts.client.session().policy().clock.sleep(delay.max(asked));
        Ok(Box::pin(async move {
            delay.await;
            parts.begin_again();
            let opened = BodyReader::open(&mut parts, ReadMode::Stream, None).await;
            (parts, opened)
        }))
    }
}

/// The error if the connection ended before the content did.
pub(super) fn interrupted() -> Error {
    Error::of_kind(ErrorKind::Transport)
        .with_message("the connection ended in the middle of the response")
}

/// The error if the server sent more than it announced.
pub(super) fn too_long() -> Error {
    Error::of_kind(ErrorKind::Transport)
        .with_message("the response is longer than the range that it announces")
}

/// Whether a later attempt may succeed.
pub(super) fn is_transient(error: &Error) -> bool {
    match error.kind() {
        ErrorKind::Transport | ErrorKind::Timeout(Phase::Attempt) => true,
        ErrorKind::Status | ErrorKind::Api => error.status().is_some_and(|status| {
            status.is_server_error() || matches!(status.as_u16(), 408 | 425 | 429)
        }),
        ErrorKind::RefreshFailed | ErrorKind::Timeout(Phase::Refresh) => true,
        _ => false,
    }
}
