//! How a download goes on that broke off.

use std::sync::{Mutex, PoisonError};
use std::time::Duration;

use super::range::Range;
use super::source::Source;
use crate::call::parts::Parts;
use crate::call::retries::LONGEST_RETRY_AFTER;
use crate::call::sink::ReadMode;
use crate::ports::BoxFuture;
use crate::types::error::{Error, ErrorKind, Phase, Result};

/// The shortest and the longest pause before a download that broke off goes on.
const SHORTEST_PAUSE: Duration = Duration::from_millis(100);
const LONGEST_PAUSE: Duration = Duration::from_secs(5);

/// A pause and the call after it, with what the call is made of, which comes back.
type Asked = BoxFuture<'static, (Box<Parts>, Result<Source>)>;

/// Asks for the rest of the content. Whoever waits for it may be dropped at any time: what broke and
/// what was begun is kept here, and the next one goes on with it.
pub(super) struct Resume {
    /// What the rest is asked for with; `None` if it cannot be, or while it is asked for.
    parts: Option<Box<Parts>>,
    /// Why the content ended before its end, until it goes on.
    broken: Option<Error>,
    /// Never locked: a future that may be shared between threads needs something around it.
    asked: Option<Mutex<Asked>>,
    /// How many times in a row it may fail.
    pub(super) limit: u32,
    failures: u32,
}

impl Resume {
    pub(super) const fn new() -> Self {
        Self { parts: None, broken: None, asked: None, limit: 5, failures: 0 }
    }

    /// From now on the rest can be asked for.
    pub(super) fn with(&mut self, parts: Box<Parts>) {
        self.parts = Some(parts);
    }

    /// The content has ended before its end.
    pub(super) fn broke(&mut self, error: Error) {
        let endpoint = self.parts.as_ref().map(|parts| parts.endpoint);
        self.broken = Some(endpoint.into_iter().fold(error, Error::with_endpoint));
    }

    pub(super) const fn is_broken(&self) -> bool {
        self.broken.is_some()
    }

    /// Something new has come.
    pub(super) const fn went_on(&mut self) {
        self.failures = 0;
    }

    /// The rest of the content, and how much of it was handed out before. After a failure every
    /// further question fails too.
    pub(super) async fn rest(&mut self, range: &Range) -> Result<(Source, u64)> {
        loop {
            if self.asked.is_none() {
                self.asked = Some(Mutex::new(self.ask(range)?));
            }
            let Some(asked) = &mut self.asked else { continue };
            let (parts, opened) = asked.get_mut().unwrap_or_else(PoisonError::into_inner).await;
            self.asked = None;
            let endpoint = parts.endpoint;
            match opened {
                Ok(source) => {
                    let skip = range.follows(&source).map_err(|it| it.with_endpoint(endpoint))?;
                    (self.parts, self.broken) = (Some(parts), None);
                    return Ok((source, skip));
                }
                Err(error) if is_passing(&error) => {
                    (self.parts, self.broken) = (Some(parts), Some(error));
                }
                Err(error) => return Err(error),
            }
        }
    }

    /// Begins to ask, if that is possible.
    fn ask(&mut self, range: &Range) -> Result<Asked> {
        let asked = self.broken.as_ref().and_then(Error::retry_after).unwrap_or_default();
        let may_ask = self.failures < self.limit && asked <= LONGEST_RETRY_AFTER;
        let (Some(mut parts), Some(headers)) =
            (self.parts.take().filter(|_| may_ask), range.headers())
        else {
            return Err(self.broken.replace(broke_off()).unwrap_or_else(broke_off));
        };
        for (name, value) in headers {
            parts.extras().headers.insert(name, value);
        }
        let pause = SHORTEST_PAUSE.saturating_mul(1 << self.failures.min(16)).min(LONGEST_PAUSE);
        self.failures += 1;
        let pause = parts.client.session().policy().clock.sleep(pause.max(asked));
        Ok(Box::pin(async move {
            pause.await;
            parts.begin_again();
            let opened = Source::open(&mut parts, ReadMode::Stream, None).await;
            (parts, opened)
        }))
    }
}

/// The connection has ended, and the content has not.
pub(super) fn broke_off() -> Error {
    Error::new(ErrorKind::Transport).with_message("the response broke off")
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
