//! Errors between a client and its authorization server.

use std::error::Error as StdError;
use std::fmt;

use huskarl::core::RetryAdvice;

use super::provider::Provider;
use crate::session::renew::{FailureKind, RefreshFailure};
use crate::types::error::{BoxError, Error, ErrorKind};

/// Why a user could not be signed in, or tokens could not be obtained or revoked.
///
/// `Display` names the step that failed and the response of the server. It shows no token.
#[derive(Debug)]
pub struct OAuth2Error {
    doing: &'static str,
    code: Option<String>,
    source: BoxError,
}

impl OAuth2Error {
    pub(super) fn of(doing: &'static str, error: huskarl::core::Error) -> Self {
        let code = error.verdict().map(|verdict| verdict.code().as_str().to_owned());
        Self { doing, code, source: Box::new(error) }
    }

    pub(super) fn new(doing: &'static str, source: impl Into<BoxError>) -> Self {
        Self { doing, code: None, source: source.into() }
    }

    pub(super) fn with_code(mut self, code: &str) -> Self {
        self.code = Some(code.to_owned());
        self
    }

    /// The server's error code, such as `access_denied` (RFC 6749, sections 4.1.2.1 and 5.2; RFC 8628, section
    /// 3.5).
    #[must_use]
    pub fn code(&self) -> Option<&str> {
        self.code.as_deref()
    }

    /// Whether the user, or the server on their behalf, denied access.
    #[must_use]
    pub fn is_denied(&self) -> bool {
        self.code() == Some("access_denied")
    }

    /// Whether the time to sign in has passed.
    #[must_use]
    pub fn is_timeout(&self) -> bool {
        self.code() == Some("expired_token") || self.source.is::<TimedOut>()
    }
}

impl fmt::Display for OAuth2Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}: {}", self.doing, self.source)?;
        let mut cause = self.source.source();
        while let Some(error) = cause {
            write!(f, ": {error}")?;
            cause = error.source();
        }
        Ok(())
    }
}

// The whole chain is in `Display`, so that it is not printed twice.
impl StdError for OAuth2Error {}

/// Nobody signed in within the time that was given.
#[derive(Debug)]
pub(super) struct TimedOut(pub(super) std::time::Duration);

impl fmt::Display for TimedOut {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "nobody signed in within {:?}", self.0)
    }
}

impl StdError for TimedOut {}

/// The meaning of a failed refresh for the session (RFC 6749, section 5.2): only `invalid_grant`, and what the
/// provider calls it, is final.
pub(super) fn refresh_failure(provider: &Provider, error: huskarl::core::Error) -> RefreshFailure {
    let is_final = error.verdict().is_some_and(|it| provider.is_final(it.code().as_str()));
    let kind = match (is_final, error.retry_advice()) {
        (true, _) => FailureKind::Permanent,
        (false, RetryAdvice::Retry { after }) => FailureKind::Transient { retry_after: after },
        _ => FailureKind::Transient { retry_after: None },
    };
    let error = OAuth2Error::of("refreshing the tokens", error);
    RefreshFailure::new(kind, Error::new(ErrorKind::RefreshFailed).with_source(error))
}
