//! The error type of the crate.

mod create;
mod fake;
mod kind;
pub(crate) mod other_names;
mod questions;
mod shown;
mod words;

use std::borrow::Cow;
use std::error::Error as StdError;
use std::fmt;
use std::sync::Arc;
use std::time::Duration;

use bytes::Bytes;
use http::header::LOCATION;
use http::{HeaderMap, StatusCode};
use serde::de::DeserializeOwned;

use super::challenge;
use super::code::Code;
use super::endpoint::Endpoint;
use super::envelope::Scalar;
use super::session_id::SessionId;
pub(crate) use create::ADVISES;
pub use create::IntoError;
pub use fake::IntoStatus;
pub use kind::{ErrorKind, Phase};

include!("error/never.rs");

/// The result of a call.
pub type Result<T, E = Error> = std::result::Result<T, E>;

/// An error that can be held by any thread.
pub(crate) type BoxError = Box<dyn StdError + Send + Sync>;

/// Why a call failed.
///
/// `Display` is one line: it names the endpoint, the reason with the text of its [`cause`](Error::cause), and the help.
/// [`source`](StdError::source) starts below the cause, so that a program that prints the whole chain, as `anyhow` and
/// `eyre` do, repeats nothing. `Debug` is the same text followed by the chain, so that an error returned from `main` is
/// readable; `{:#?}` shows the fields. No token is shown: secrets in the URL and in the server's message are masked.
/// Control characters from a server are escaped (`\u{1b}`), so printing an error cannot control a terminal.
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

/// A failure that quotes text from a server, which may contain secrets. `cause()` returns it unmasked.
struct Quoting(BoxError);

impl fmt::Debug for Quoting {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("..")
    }
}

impl fmt::Display for Quoting {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("..")
    }
}

impl StdError for Quoting {}

struct Inner {
    kind: ErrorKind,
    endpoint: Option<&'static Endpoint>,
    session: Option<SessionId>,
    credential: Option<&'static str>,
    attempts: u32,
    status: Option<StatusCode>,
    code: Option<Code<'static>>,
    message: Option<Cow<'static, str>>,
    headers: Option<HeaderMap>,
    body: Bytes,
    retry_after: Option<Duration>,
    /// The help, if it differs from that of the kind.
    help: Option<&'static str>,
    /// Nothing of the request was sent.
    unsent: bool,
    /// The user of the call signed out, and nobody else has signed in.
    signed_out: bool,
    /// The address, with its secrets masked.
    address: Option<Box<str>>,
    /// Whether `Display` contains the text of the source. Otherwise the message contains its reason.
    says_source: bool,
    source: Option<Arc<dyn StdError + Send + Sync>>,
}

impl Error {
    /// The kind of the failure.
    #[must_use]
    pub fn kind(&self) -> ErrorKind {
        self.inner.kind
    }

    /// The endpoint that was called.
    #[must_use]
    pub fn endpoint(&self) -> Option<&'static Endpoint> {
        self.inner.endpoint
    }

    /// The session that caused the failure, if a session did: it had ended, its user had changed, or its token could
    /// not be refreshed. An error that `on_logout` receives always names its session.
    #[must_use]
    pub fn session(&self) -> Option<SessionId> {
        self.inner.session
    }

    /// The name of the credential that had expired, whose user had changed, or that could not be refreshed; it belongs
    /// to [`session`](Error::session). `""` for a credential that was declared without a name.
    #[must_use]
    pub fn credential(&self) -> Option<&'static str> {
        self.inner.credential
    }

    /// The underlying failure, if there is one: the error of the transport, of the decoder, of the store, or of the
    /// refresh for which the call waited. `Display` includes its text.
    #[must_use]
    pub fn cause(&self) -> Option<&(dyn StdError + 'static)> {
        let cause = self.inner.source.as_deref()?;
        Some(match cause.downcast_ref() {
            Some(Quoting(quoting)) => &**quoting,
            None => cause,
        })
    }

    /// How often the call was sent.
    #[must_use]
    pub fn attempts(&self) -> u32 {
        self.inner.attempts
    }

    /// The HTTP status of the response, if there was one.
    ///
    /// A refresh that failed is a [`cause`](Error::cause) of the errors of the calls that waited for it. Its status and its
    /// code are those of that cause, so that a 404 of the refresh is not mistaken for one of the call.
    ///
    /// ```
    /// use perennial::{Error, ErrorKind};
    ///
    /// fn status_of_the_refresh(error: &Error) -> Option<http::StatusCode> {
    ///     let cause = error.cause()?.downcast_ref::<Error>()?;
    ///     cause.status().or_else(|| status_of_the_refresh(cause))
    /// }
    /// # assert_eq!(status_of_the_refresh(&Error::of_kind(ErrorKind::RefreshFailed)), None);
    /// ```
    #[must_use]
    pub fn status(&self) -> Option<StatusCode> {
        self.inner.status
    }

    /// The headers of the response, if there was one.
    #[must_use]
    pub fn headers(&self) -> Option<&HeaderMap> {
        self.inner.headers.as_ref()
    }

    /// The target of a redirect that was not followed: its `Location`, as the server wrote it.
    ///
    /// The target may be a secret, such as a signed download link, so neither `Display` nor `Debug` shows it.
    #[must_use]
    pub fn location(&self) -> Option<&str> {
        self.headers()?.get(LOCATION)?.to_str().ok()
    }

    /// The code of the response's envelope as text, if there was one.
    #[must_use]
    pub fn code(&self) -> Option<String> {
        self.inner.code.as_ref().map(ToString::to_string)
    }

    /// The server's message, or the problem with the argument, the response or the client. It may have several lines;
    /// other control characters are escaped.
    #[must_use]
    pub fn message(&self) -> Option<&str> {
        self.inner.message.as_deref()
    }

    /// How long the server asked to wait before the next attempt (RFC 9110, section 10.2.3): in the response to the call,
    /// or to the refresh for which it waited.
    #[must_use]
    pub fn retry_after(&self) -> Option<Duration> {
        self.inner.retry_after
    }

    /// The scopes that the call needs, if the response names them in `WWW-Authenticate` (RFC 6750, section 3),
    /// separated by spaces. See [`ErrorKind::InsufficientScope`].
    #[must_use]
    pub fn scope(&self) -> Option<String> {
        challenge::parameter(self.headers()?, "scope")
    }

    /// The body of the response, up to 64 KiB.
    #[must_use]
    pub fn bytes(&self) -> &[u8] {
        &self.inner.body
    }

    /// Decodes the body of the response, of which up to 64 KiB are kept.
    ///
    /// # Errors
    ///
    /// An error of the kind [`ErrorKind::Decode`] if the body is not a `T` in JSON.
    pub fn body<T: DeserializeOwned>(&self) -> Result<T> {
        serde_json::from_slice(&self.inner.body).map_err(|error| {
            let mut decode = Self::of_kind(ErrorKind::Decode).with_source(error);
            decode.inner.endpoint = self.inner.endpoint;
            decode.inner.status = self.inner.status;
            decode
        })
    }

    /// Whether the response has this status: a number such as `404`, or a `StatusCode`.
    ///
    /// ```
    /// use perennial::{Error, Result};
    ///
    /// fn in_stock(response: Result<u64>) -> Result<u64> {
    ///     match response {
    ///         Err(error) if error.has_status(404) => Ok(0),
    ///         other => other,
    ///     }
    /// }
    ///
    /// assert_eq!(in_stock(Err(Error::of_status(404)))?, 0);
    /// # Ok::<_, Error>(())
    /// ```
    #[must_use]
    pub fn has_status(&self, status: impl PartialEq<StatusCode>) -> bool {
        self.inner.status.is_some_and(|received| status == received)
    }

    /// Whether the envelope of the response has this code. `1234` and `"1234"` are the same code.
    #[must_use]
    pub fn has_code(&self, code: impl Into<Scalar>) -> bool {
        let code = code.into();
        self.inner.code.as_ref().is_some_and(|received| received.matches(&code))
    }
}

impl StdError for Error {
    fn source(&self) -> Option<&(dyn StdError + 'static)> {
        // `Display` contains the text of the cause, or the root cause.
        self.cause().filter(|_| self.inner.says_source)?.source()
    }
}
