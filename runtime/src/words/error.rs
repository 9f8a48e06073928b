//! The one error of the crate.

use std::borrow::Cow;
use std::error::Error as StdError;
use std::fmt;
use std::sync::Arc;
use std::time::Duration;

use bytes::Bytes;
use http::{HeaderMap, StatusCode};
use serde::de::DeserializeOwned;

use super::endpoint::Endpoint;
use super::envelope::Scalar;
use super::secret::Hidden;
use super::session_id::SessionId;
use crate::decisions::code::Code;

/// The result of a call.
pub type Result<T, E = Error> = std::result::Result<T, E>;

/// An error that any thread may hold.
pub(crate) type BoxError = Box<dyn StdError + Send + Sync>;

/// How much of a failed answer's body an error keeps.
const KEPT_BODY: usize = 64 * 1024;

/// Why a call failed.
///
/// It says what was being done, to which endpoint, and why it failed; what failed underneath is its
/// [`source`](StdError::source). It never shows a token, neither in `Debug` nor in `Display`.
///
/// ```
/// # fn handle(error: perennial::Error) {
/// if error.is_signed_out() {
///     println!("please sign in");
/// } else if error.has_code(2001) {
///     println!("quota exceeded: {}", error.message().unwrap_or("no details"));
/// } else {
///     println!("{error}");
/// }
/// # }
/// ```
pub struct Error {
    inner: Box<Inner>,
}

struct Inner {
    kind: ErrorKind,
    endpoint: Option<&'static Endpoint>,
    session: Option<SessionId>,
    attempts: u32,
    status: Option<StatusCode>,
    code: Option<Code<'static>>,
    message: Option<Cow<'static, str>>,
    headers: Option<HeaderMap>,
    body: Bytes,
    retry_after: Option<Duration>,
    /// Nothing of the request was written.
    unsent: bool,
    source: Option<Arc<dyn StdError + Send + Sync>>,
}

/// What kind of failure an [`Error`] is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum ErrorKind {
    /// The server went on calling the token over after it had been renewed.
    Expired,
    /// Nobody is signed in.
    SignedOut,
    /// The session is over: only a new login helps.
    SessionLost,
    /// Another user signed in, or this one signed out, while the call was under way. It was not
    /// sent with the other's token.
    SessionChanged,
    /// The token could not be renewed; a later call tries again.
    RefreshFailed,
    /// Too many refreshes in a row brought tokens that the server does not accept.
    ExcessiveRefresh,
    /// A call from within the refresh of the session that it needs.
    ReentrantRefresh,
    /// The token was renewed, but the body of the call can be sent only once.
    ReplayImpossible,
    /// More calls wait for a refresh than the session was allowed to hold.
    QueueFull,
    /// The time that the call was given is over.
    Timeout(Phase),
    /// The server could not be reached, or the connection broke.
    Transport,
    /// A redirect that was not followed.
    Redirect,
    /// The server refused with a status.
    Status,
    /// The server refused with a code in its envelope.
    Api,
    /// The answer is not what was declared.
    Decode,
    /// The answer is larger than what is read to judge it.
    TooLarge,
    /// An argument of the call cannot be sent.
    Argument,
    /// The client cannot be built like this.
    Build,
    /// The token store failed.
    Store,
}

/// What a call was doing when its time was over.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum Phase {
    /// It waited for a refresh.
    Refresh,
    /// It waited for the server.
    Attempt,
}

impl Error {
    pub(crate) fn new(kind: ErrorKind) -> Self {
        Self {
            inner: Box::new(Inner {
                kind,
                endpoint: None,
                session: None,
                attempts: 0,
                status: None,
                code: None,
                message: None,
                headers: None,
                body: Bytes::new(),
                retry_after: None,
                unsent: false,
                source: None,
            }),
        }
    }

    /// What kind of failure this is.
    #[must_use]
    pub fn kind(&self) -> ErrorKind {
        self.inner.kind
    }

    /// The endpoint that was called.
    #[must_use]
    pub fn endpoint(&self) -> Option<&'static Endpoint> {
        self.inner.endpoint
    }

    /// Which session it is about, if the session was the reason: it was over, changed hands, or could
    /// not be renewed. `on_logout` is always told.
    #[must_use]
    pub fn session(&self) -> Option<SessionId> {
        self.inner.session
    }

    /// How many times the call was sent.
    #[must_use]
    pub fn attempts(&self) -> u32 {
        self.inner.attempts
    }

    /// The HTTP status of the answer, if there was one.
    #[must_use]
    pub fn status(&self) -> Option<StatusCode> {
        self.inner.status
    }

    /// The headers of the answer, if there was one.
    #[must_use]
    pub fn headers(&self) -> Option<&HeaderMap> {
        self.inner.headers.as_ref()
    }

    /// The code of the answer's envelope as text, if there was one.
    #[must_use]
    pub fn code(&self) -> Option<String> {
        self.inner.code.as_ref().map(ToString::to_string)
    }

    /// The server's message, or what is wrong with the argument, the answer or the client.
    #[must_use]
    pub fn message(&self) -> Option<&str> {
        self.inner.message.as_deref()
    }

    /// How long the server asked to wait before the next try (RFC 9110, section 10.2.3).
    #[must_use]
    pub fn retry_after(&self) -> Option<Duration> {
        self.inner.retry_after
    }

    /// The body of the answer, up to 64 KiB.
    #[must_use]
    pub fn bytes(&self) -> &[u8] {
        &self.inner.body
    }

    /// Decodes the body of the answer, of which 64 KiB are kept.
    ///
    /// # Errors
    ///
    /// An error of the kind [`ErrorKind::Decode`] if the body is not a `T` in JSON.
    pub fn body<T: DeserializeOwned>(&self) -> Result<T> {
        serde_json::from_slice(&self.inner.body).map_err(|error| {
            let mut decode = Self::new(ErrorKind::Decode).with_source(error);
            decode.inner.endpoint = self.inner.endpoint;
            decode.inner.status = self.inner.status;
            decode
        })
    }

    /// Whether the envelope of the answer bears this code. `1234` and `"1234"` are one code.
    #[must_use]
    pub fn has_code(&self, code: impl Into<Scalar>) -> bool {
        let code = code.into();
        self.inner.code.as_ref().is_some_and(|received| received.matches(&code))
    }

    /// Whether the status of the answer lies between the two, both included.
    #[doc(hidden)]
    #[must_use]
    pub fn has_status(&self, first: u16, last: u16) -> bool {
        self.inner.status.is_some_and(|status| (first..=last).contains(&status.as_u16()))
    }

    /// Whether the server went on calling the token over after it had been renewed.
    #[must_use]
    pub fn is_expired(&self) -> bool {
        self.inner.kind == ErrorKind::Expired
    }

    /// Whether only a login helps: nobody is signed in, or the session is over.
    #[must_use]
    pub fn is_signed_out(&self) -> bool {
        matches!(self.inner.kind, ErrorKind::SignedOut | ErrorKind::SessionLost)
    }

    /// Whether the session is over: only a new login helps.
    #[must_use]
    pub fn is_session_lost(&self) -> bool {
        self.inner.kind == ErrorKind::SessionLost
    }

    /// Whether another user signed in, or this one signed out, while the call was under way.
    #[must_use]
    pub fn is_session_changed(&self) -> bool {
        self.inner.kind == ErrorKind::SessionChanged
    }

    /// Whether the token could not be renewed for now.
    #[must_use]
    pub fn is_refresh_failed(&self) -> bool {
        self.inner.kind == ErrorKind::RefreshFailed
    }

    /// Whether the refreshes went in a circle.
    #[must_use]
    pub fn is_excessive_refresh(&self) -> bool {
        self.inner.kind == ErrorKind::ExcessiveRefresh
    }

    /// Whether the call came from within the refresh that it would have to wait for.
    #[must_use]
    pub fn is_reentrant_refresh(&self) -> bool {
        self.inner.kind == ErrorKind::ReentrantRefresh
    }

    /// Whether the call could not be repeated because its body can be sent only once.
    #[must_use]
    pub fn is_replay_impossible(&self) -> bool {
        self.inner.kind == ErrorKind::ReplayImpossible
    }

    /// Whether the time that the call was given is over.
    #[must_use]
    pub fn is_timeout(&self) -> bool {
        matches!(self.inner.kind, ErrorKind::Timeout(_))
    }

    /// Whether the server could not be reached, or the connection broke.
    #[must_use]
    pub fn is_transport(&self) -> bool {
        self.inner.kind == ErrorKind::Transport
    }

    /// Whether a redirect was not followed.
    #[must_use]
    pub fn is_redirect(&self) -> bool {
        self.inner.kind == ErrorKind::Redirect
    }

    /// Whether the server refused with a status.
    #[must_use]
    pub fn is_status(&self) -> bool {
        self.inner.kind == ErrorKind::Status
    }

    /// Whether the server refused with a code in its envelope.
    #[must_use]
    pub fn is_api(&self) -> bool {
        self.inner.kind == ErrorKind::Api
    }

    /// Whether the answer is not what was declared.
    #[must_use]
    pub fn is_decode(&self) -> bool {
        matches!(self.inner.kind, ErrorKind::Decode | ErrorKind::TooLarge)
    }

    /// Whether an argument of the call cannot be sent.
    #[must_use]
    pub fn is_argument(&self) -> bool {
        self.inner.kind == ErrorKind::Argument
    }

    /// Whether the client cannot be built like this.
    #[must_use]
    pub fn is_build(&self) -> bool {
        self.inner.kind == ErrorKind::Build
    }

    /// Whether the token store failed.
    #[must_use]
    pub fn is_store(&self) -> bool {
        self.inner.kind == ErrorKind::Store
    }

    /// Whether nothing of the request was written, so that it may be sent again whatever it is.
    pub(crate) fn is_unsent(&self) -> bool {
        self.inner.unsent
    }

    pub(crate) fn with_message(mut self, message: impl Into<Cow<'static, str>>) -> Self {
        self.inner.message = Some(message.into());
        self
    }

    pub(crate) fn with_source(mut self, source: impl Into<BoxError>) -> Self {
        self.inner.source = Some(Arc::from(source.into()));
        self
    }

    pub(crate) fn with_shared_source(mut self, source: Arc<Self>) -> Self {
        self.inner.source = Some(source);
        self
    }

    /// The same failure, for somebody else.
    pub(crate) fn shared(error: Arc<Self>) -> Self {
        match Arc::try_unwrap(error) {
            Ok(error) => error,
            Err(error) => {
                let Inner { kind, session, status, ref code, ref message, ref headers, .. } =
                    *error.inner;
                let mut copy = Self::new(kind).with_code(code.clone());
                copy.inner.session = session;
                copy.inner.status = status;
                copy.inner.message.clone_from(message);
                copy.inner.headers.clone_from(headers);
                copy.inner.body = error.inner.body.clone();
                copy.inner.source.clone_from(&error.inner.source);
                copy
            }
        }
    }

    /// Masks a secret that stands in the message.
    pub(crate) fn hiding(mut self, secret: &str) -> Self {
        if !secret.is_empty()
            && let Some(message) = &mut self.inner.message
            && message.contains(secret)
        {
            *message = Cow::Owned(message.replace(secret, &Hidden.to_string()));
        }
        self
    }

    pub(crate) fn into_kind(mut self, kind: ErrorKind) -> Self {
        self.inner.kind = kind;
        self
    }

    pub(crate) fn of_session(mut self, session: SessionId) -> Self {
        self.inner.session = Some(session);
        self
    }

    pub(crate) fn with_endpoint(mut self, endpoint: &'static Endpoint) -> Self {
        self.inner.endpoint.get_or_insert(endpoint);
        self
    }

    pub(crate) fn with_attempts(mut self, attempts: u32) -> Self {
        self.inner.attempts = attempts;
        self
    }

    pub(crate) fn with_code(mut self, code: Option<Code<'static>>) -> Self {
        self.inner.code = code;
        self
    }

    pub(crate) fn with_retry_after(mut self, retry_after: Option<Duration>) -> Self {
        self.inner.retry_after = retry_after;
        self
    }

    /// Keeps what the server said.
    pub(crate) fn with_answer(
        mut self,
        status: StatusCode,
        headers: &HeaderMap,
        body: &Bytes,
    ) -> Self {
        self.inner.status = Some(status);
        self.inner.headers = Some(headers.clone());
        self.inner.body = body.slice(..body.len().min(KEPT_BODY));
        self
    }
}

/// A failure of the transport. The address is left out, since a token may travel in it.
impl From<reqwest::Error> for Error {
    fn from(error: reqwest::Error) -> Self {
        let kind = if error.is_timeout() {
            ErrorKind::Timeout(Phase::Attempt)
        } else if error.is_decode() {
            ErrorKind::Decode
        } else if error.is_builder() {
            ErrorKind::Build
        } else {
            ErrorKind::Transport
        };
        let unsent = error.is_connect() || error.is_builder();
        let mut failure = Self::new(kind).with_source(error.without_url());
        failure.inner.unsent = unsent;
        failure
    }
}

impl fmt::Display for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Inner { kind, endpoint, attempts, status, code, message, .. } = &*self.inner;
        if let Some(endpoint) = endpoint {
            write!(f, "{endpoint}: ")?;
        }
        f.write_str(kind.says())?;
        if let Some(status) = status {
            write!(f, ", status {}", status.as_u16())?;
        }
        if let Some(code) = code {
            write!(f, ", code {code}")?;
        }
        if let Some(message) = message {
            write!(f, ": {message}")?;
        }
        if let Some(source) = &self.inner.source {
            write!(f, ": {source}")?;
        }
        if *attempts > 1 {
            write!(f, " (sent {attempts} times)")?;
        }
        if let Some(way_out) = kind.way_out() {
            write!(f, "; {way_out}")?;
        }
        Ok(())
    }
}

impl fmt::Debug for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Inner { kind, endpoint, attempts, status, code, message, body, source, .. } =
            &*self.inner;
        f.debug_struct("Error")
            .field("kind", kind)
            .field("endpoint", endpoint)
            .field("attempts", attempts)
            .field("status", status)
            .field("code", code)
            .field("message", message)
            .field("body", &format_args!("{} bytes", body.len()))
            .field("source", source)
            .finish_non_exhaustive()
    }
}

impl StdError for Error {
    fn source(&self) -> Option<&(dyn StdError + 'static)> {
        self.inner.source.as_deref().map(|source| source as &(dyn StdError + 'static))
    }
}

impl ErrorKind {
    const fn says(self) -> &'static str {
        match self {
            Self::Expired => "the server calls the token expired",
            Self::SignedOut => "nobody is signed in",
            Self::SessionLost => "the session is over",
            Self::SessionChanged => "the session changed hands while the call was under way",
            Self::RefreshFailed => "the token could not be renewed",
            Self::ExcessiveRefresh => "the server accepts none of the tokens that it issues",
            Self::ReentrantRefresh => "the call waits for the refresh that makes it",
            Self::ReplayImpossible => "the token was renewed, but the body can be sent only once",
            Self::QueueFull => "too many calls wait for a refresh",
            Self::Timeout(Phase::Refresh) => "timed out while waiting for a refresh",
            Self::Timeout(Phase::Attempt) => "timed out while waiting for the server",
            Self::Transport => "the server could not be reached",
            Self::Redirect => "the redirect was not followed",
            Self::Status | Self::Api => "the server refused",
            Self::Decode => "the answer is not what was declared",
            Self::TooLarge => "the answer is too large to be judged",
            Self::Argument => "an argument cannot be sent",
            Self::Build => "the client cannot be built",
            Self::Store => "the token store failed",
        }
    }

    const fn way_out(self) -> Option<&'static str> {
        Some(match self {
            Self::SignedOut | Self::SessionLost => "sign in again",
            Self::ReentrantRefresh => "mark the method `public`, or call it outside of the refresh",
            Self::ReplayImpossible => "make the call again",
            Self::ExcessiveRefresh => "check the clock and the audience of the server's tokens",
            _ => return None,
        })
    }
}
