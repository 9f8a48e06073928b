//! Errors between a client and its authorization server.

use std::error::Error as StdError;
use std::fmt::{self, Write as _};
use std::time::Duration;

use http::{HeaderMap, StatusCode};
use huskarl::core::RetryAdvice;

use super::form_client::{Ended, FormClient};
use super::provider::Provider;
use crate::logic::{excerpt, mask};
use crate::session::renew::{FailureKind, RefreshFailure};
use crate::types::code::Code;
use crate::types::error::{BoxError, Error, ErrorKind};
use crate::types::plain::{Plain, plain};

/// The error of a sign-in, or of obtaining or revoking tokens.
///
/// `Display` and `Debug` name the step that failed and the response of the server. They show no token, and escape
/// control characters from the server.
pub struct OAuth2Error {
    code: Option<String>,
    status: Option<StatusCode>,
    retry_after: Option<Duration>,
    /// The step and the whole chain of causes, with known secrets masked.
    text: String,
    is_timeout: bool,
}

impl OAuth2Error {
    pub(super) fn of(doing: &'static str, error: huskarl::core::Error) -> Self {
        let code = error.verdict().map(|verdict| verdict.code().as_str().to_owned());
        let retry_after = match error.retry_advice() {
            RetryAdvice::Retry { after } => after,
            _ => None,
        };
        let error = Self { retry_after, ..Self::new(doing, error) };
        match code {
            Some(code) => error.with_code(&code),
            None => error,
        }
    }

    pub(super) fn new(doing: &'static str, source: impl Into<BoxError>) -> Self {
        let source = source.into();
        Self {
            code: None,
            status: None,
            retry_after: None,
            text: said(doing, &*source),
            is_timeout: source.is::<TimedOut>(),
        }
    }

    /// The same for a response with this status and body, which huskarl has read with another status.
    pub(super) fn of_response(
        mut self,
        status: StatusCode,
        judged_as: StatusCode,
        body: &[u8],
    ) -> Self {
        self.status = Some(status);
        if status != judged_as {
            // Whatever the server says comes after it.
            self.text = self.text.replacen(&judged_as.to_string(), &status.to_string(), 1);
        }
        match excerpt::error_of(body) {
            Some(code) if self.code.is_none() => self.with_code(&code),
            _ => self,
        }
    }

    /// The same, with these secrets masked, which the server may have quoted.
    pub(super) fn hiding(mut self, secrets: &[impl AsRef<[u8]>]) -> Self {
        self.text = mask::concealed(&self.text, secrets, usize::MAX);
        self.code = self.code.map(|code| mask::concealed(&code, secrets, usize::MAX));
        self
    }

    pub(super) fn with_code(mut self, code: &str) -> Self {
        self.code = Some(plain(code.to_owned().into()).into_owned());
        self
    }

    /// The server's error code, such as `access_denied` (RFC 6749, sections 4.1.2.1 and 5.2; RFC 8628, section
    /// 3.5).
    #[must_use]
    pub fn code(&self) -> Option<&str> {
        self.code.as_deref()
    }

    /// The HTTP status of the response that reports the error, if a response does.
    #[must_use]
    pub fn status(&self) -> Option<StatusCode> {
        self.status
    }

    /// How long the server asked to wait before the next attempt.
    #[must_use]
    pub fn retry_after(&self) -> Option<Duration> {
        self.retry_after
    }

    /// Whether the user, or the server on their behalf, denied access.
    #[must_use]
    pub fn is_denied(&self) -> bool {
        self.code() == Some("access_denied")
    }

    /// Whether the sign-in timed out.
    #[must_use]
    pub fn is_timeout(&self) -> bool {
        self.code() == Some("expired_token") || self.is_timeout
    }
}

impl fmt::Display for OAuth2Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.text)
    }
}

/// The error of a step, with its cause, which may quote a server: in one line, with control characters escaped.
fn said(doing: &str, error: &(dyn StdError + 'static)) -> String {
    let mut said = doing.to_owned();
    let mut text = Plain::line(&mut said);
    let mut cause = Some(error);
    while let Some(error) = cause {
        let written = match error.downcast_ref::<serde_json::Error>() {
            // It would quote the response, which may contain a token.
            Some(error) => write!(text, ": line {}, column {}", error.line(), error.column()),
            None => write!(text, ": {error}"),
        };
        written.expect("a string takes everything");
        cause = error.source();
    }
    said
}

impl fmt::Debug for OAuth2Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("OAuth2Error")
            .field("status", &self.status)
            .field("code", &self.code)
            .field("text", &self.text)
            .finish_non_exhaustive()
    }
}

// `Display` contains the whole chain, so it is not printed twice.
impl StdError for OAuth2Error {}

/// The error of a sign-in that timed out.
#[derive(Debug)]
pub(super) struct TimedOut(pub(super) std::time::Duration);

impl fmt::Display for TimedOut {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "nobody signed in within {:?}", self.0)
    }
}

impl StdError for TimedOut {}

/// The meaning of a failed refresh for the session (RFC 6749, section 5.2): only `invalid_grant` and the provider's
/// own equivalents are final, and only if a user has signed in.
///
/// A request may have used the refresh token if it reached the server and the response was lost or holds no tokens.
pub(super) fn refresh_failure(
    provider: &Provider,
    is_unattended: bool,
    http: &FormClient,
    error: huskarl::core::Error,
) -> RefreshFailure {
    let ended = http.ended();
    let error = http.failed("refreshing the tokens", error);
    let retry_after = error.retry_after();
    let is_final = !is_unattended && error.code().is_some_and(|code| provider.is_final(code));
    let kind = match &ended {
        _ if is_final => FailureKind::Permanent,
        Ended::Unsent => FailureKind::Transient { retry_after },
        Ended::Lost => FailureKind::Ambiguous,
        Ended::Success => FailureKind::Unusable,
        Ended::Rejected(it) => FailureKind::of_status(it.status, retry_after),
    };
    let code = error.code().map(|code| Code::Text(code.to_owned().into()));
    let failure = Error::of_kind(ErrorKind::RefreshFailed).with_code(code).with_source(error);
    let failure = match ended {
        Ended::Rejected(it) => failure
            .with_response(it.status, &HeaderMap::new(), &it.body)
            .with_retry_after(retry_after),
        _ => failure,
    };
    RefreshFailure::of(kind, failure)
}
