//! How a token is renewed.

use std::sync::Arc;
use std::time::{Duration, SystemTime};

use http::StatusCode;

use super::Session;
use crate::ports::BoxFuture;
use crate::ports::proof::Prove;
use crate::ports::response::Received;
use crate::types::cause::RefreshCause;
use crate::types::error::{BoxError, Error, ErrorKind, Phase};
use crate::types::tokens::Tokens;

/// Refreshes tokens with the program's own code, if they do not come from the API itself: from an identity provider, or
/// for a service account.
///
/// A closure that takes the current tokens and returns a future implements it as well. It clones captured values
/// into the future: `move |old| { let key = key.clone(); async move { .. } }`.
///
/// ```
/// use perennial::{Refresh, RefreshFailure, Tokens};
///
/// struct Metadata;
///
/// impl Refresh for Metadata {
///     async fn refresh(&self, _old: Option<Tokens>) -> Result<Tokens, RefreshFailure> {
///         let token = read_metadata().await.map_err(RefreshFailure::unavailable)?;
///         Ok(Tokens::new(token))
///     }
/// }
/// # async fn read_metadata() -> Result<String, std::io::Error> { Ok("t".into()) }
/// ```
#[diagnostic::on_unimplemented(
    message = "`{Self}` cannot renew tokens",
    label = "expected a closure or a type that implements `Refresh`",
    note = "write `|old: Option<Tokens>| async move {{ Ok(Tokens::new(\"..\")) }}`"
)]
pub trait Refresh: Send + Sync + 'static {
    /// Returns new tokens. `old` are the current ones; `None` if there are none yet.
    ///
    /// It runs on its own task, and never twice at the same time for a session. If it makes a call of the same session,
    /// the call fails at once, since it would wait for itself.
    ///
    /// # Errors
    ///
    /// A [`RefreshFailure`], which tells whether the session has ended or a later attempt may succeed.
    fn refresh(
        &self,
        old: Option<Tokens>,
    ) -> impl Future<Output = Result<Tokens, RefreshFailure>> + Send;

    /// Like [`refresh`](Refresh::refresh), but with the cause of the refresh: the endpoint that needs the token, the
    /// session, and the response that reported the expired token. By default it calls `refresh` with the tokens.
    ///
    /// # Errors
    ///
    /// Those of [`refresh`](Refresh::refresh).
    fn refresh_for(
        &self,
        cause: RefreshCause,
    ) -> impl Future<Output = Result<Tokens, RefreshFailure>> + Send {
        self.refresh(cause.tokens)
    }
}

impl<F, R> Refresh for F
where
    F: Fn(Option<Tokens>) -> R + Send + Sync + 'static,
    R: Future<Output = Result<Tokens, RefreshFailure>> + Send,
{
    fn refresh(
        &self,
        old: Option<Tokens>,
    ) -> impl Future<Output = Result<Tokens, RefreshFailure>> + Send {
        self(old)
    }
}

/// Why a token could not be refreshed.
///
/// `?` converts the errors of a call, of reqwest and of `std::io`. A status means that the server rejects the refresh
/// or is down for now. If a response was lost, the refresh token may have been used: the next refresh reads the store
/// first.
///
/// ```
/// use perennial::{RefreshFailure, Tokens};
///
/// async fn from_a_file(_old: Option<Tokens>) -> Result<Tokens, RefreshFailure> {
///     Ok(Tokens::new(std::fs::read_to_string("/run/secrets/token")?.trim()))
/// }
/// # fn main() {}
/// ```
#[derive(Debug)]
pub struct RefreshFailure {
    pub(crate) kind: FailureKind,
    pub(crate) error: Error,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum FailureKind {
    /// The refresh failed, and a later attempt may succeed.
    Transient { retry_after: Option<Duration> },
    /// The request was sent, but its response was lost: the server may have rotated the token.
    Ambiguous,
    /// The server responded with success, but without a usable token: it may have rotated it as well.
    Unusable,
    /// The server rejected the refresh, and the declaration does not make this final.
    Rejected { retry_after: Option<Duration> },
    /// The session has ended.
    Permanent,
}

impl FailureKind {
    /// Whether the server may have rotated the token.
    pub(super) const fn is_ambiguous(self) -> bool {
        matches!(self, Self::Ambiguous | Self::Unusable)
    }

    /// Whether the refresh token may have been used, by this process or another one.
    pub(super) const fn token_may_be_used(self) -> bool {
        !matches!(self, Self::Transient { .. })
    }

    /// The server rejected the refresh with this status, but not for good. A 5xx status is a failure of the server, not
    /// a rejection. A gateway that got no valid response (RFC 9110, sections 15.6.3 and 15.6.5) may have passed the
    /// refresh on.
    pub(crate) fn of_status(status: StatusCode, retry_after: Option<Duration>) -> Self {
        match status {
            StatusCode::BAD_GATEWAY | StatusCode::GATEWAY_TIMEOUT => Self::Ambiguous,
            StatusCode::TOO_MANY_REQUESTS | StatusCode::REQUEST_TIMEOUT => {
                Self::Transient { retry_after }
            }
            _ if status.is_server_error() => Self::Transient { retry_after },
            _ => Self::Rejected { retry_after },
        }
    }
}

impl RefreshFailure {
    /// The session has ended: only a new login helps.
    pub fn rejected(reason: impl Into<BoxError>) -> Self {
        let error = Error::of_kind(ErrorKind::RefreshFailed).with_source(reason);
        Self::of(FailureKind::Permanent, error)
    }

    /// The refresh failed for now, and a later attempt may succeed.
    pub fn unavailable(reason: impl Into<BoxError>) -> Self {
        Self::passing(Error::of_kind(ErrorKind::RefreshFailed).with_source(reason))
    }

    /// Delays the next attempt until `wait` has passed, for five minutes at most.
    #[must_use]
    pub fn retry_after(mut self, wait: Duration) -> Self {
        match &mut self.kind {
            FailureKind::Transient { retry_after } => *retry_after = Some(wait),
            FailureKind::Ambiguous => {}
            _ => return self,
        }
        self.error = self.error.with_retry_after(Some(wait));
        self
    }

    pub(crate) const fn of(kind: FailureKind, error: Error) -> Self {
        Self { kind, error }
    }

    /// A failure that says nothing about the refresh token, which remains valid.
    pub(crate) const fn passing(error: Error) -> Self {
        Self::of(FailureKind::Transient { retry_after: None }, error)
    }

    fn of_call(error: Error, status: Option<StatusCode>) -> Self {
        let retry_after = error.retry_after();
        let kind = match (error.kind(), status) {
            (_, Some(status)) if !status.is_success() => {
                FailureKind::of_status(status, retry_after)
            }
            (ErrorKind::Api | ErrorKind::Expired, _) => FailureKind::Rejected { retry_after },
            (ErrorKind::Decode | ErrorKind::TooLarge, _) => FailureKind::Unusable,
            (ErrorKind::Transport | ErrorKind::Timeout(Phase::Attempt), _)
                if !error.is_unsent() =>
            {
                FailureKind::Ambiguous
            }
            // The call may have been in flight.
            (ErrorKind::SessionChanged | ErrorKind::Redirect, _) => FailureKind::Ambiguous,
            // Nothing was sent.
            _ => FailureKind::Transient { retry_after },
        };
        let failure = Error::of_kind(ErrorKind::RefreshFailed).with_source(error);
        Self::of(kind, failure.with_retry_after(retry_after))
    }
}

/// The errors that `?` converts.
impl<E: IntoRefreshFailure> From<E> for RefreshFailure {
    fn from(error: E) -> Self {
        error.into_failure()
    }
}

/// Errors that say whether a later refresh may succeed.
#[diagnostic::on_unimplemented(
    message = "`{Self}` does not say whether a later refresh may succeed",
    label = "write `.map_err(RefreshFailure::unavailable)?` if a later refresh may succeed, or \
             `.map_err(RefreshFailure::rejected)?` if the user has to sign in again"
)]
pub trait IntoRefreshFailure {
    /// The failure.
    fn into_failure(self) -> RefreshFailure;
}

/// A status means that the server rejects the refresh or is down for now, and a lost response that the refresh token may
/// have been used.
#[diagnostic::do_not_recommend]
impl IntoRefreshFailure for Error {
    fn into_failure(self) -> RefreshFailure {
        let status = self.status();
        RefreshFailure::of_call(self, status)
    }
}

/// Like that of an [`Error`] of a call.
#[cfg(not(target_family = "wasm"))]
#[diagnostic::do_not_recommend]
impl IntoRefreshFailure for reqwest::Error {
    fn into_failure(self) -> RefreshFailure {
        let status = self.status();
        RefreshFailure::of_call(self.into(), status)
    }
}

/// The token comes from a file or a program: a later attempt may succeed.
#[diagnostic::do_not_recommend]
impl IntoRefreshFailure for std::io::Error {
    fn into_failure(self) -> RefreshFailure {
        RefreshFailure::unavailable(self)
    }
}

/// The result of a refresh.
#[derive(Debug)]
pub(crate) struct Renewed {
    pub(crate) tokens: Tokens,
    /// The response, for a caller of the refresh method.
    pub(crate) response: Option<Arc<Received>>,
    /// The moment before the request was sent, from which a lifetime counts.
    pub(crate) requested: Option<SystemTime>,
}

impl Renewed {
    /// Sets when the request was sent, unless the refresh knows it.
    pub(crate) fn requested_at(mut self, requested: SystemTime) -> Self {
        self.requested.get_or_insert(requested);
        self
    }
}

/// [`Refresh`] with its type erased.
pub(crate) trait Renew: Send + Sync {
    /// It receives the session as an argument and must not own it, since the session owns the refresh.
    fn renew<'a>(
        &'a self,
        session: &'a Session,
        cause: RefreshCause,
    ) -> BoxFuture<'a, Result<Renewed, RefreshFailure>>;

    /// Whether it works without a token.
    fn is_tokenless(&self) -> bool;

    /// Whether no user ever signs in, because the program has its own credentials. Then the end of a login is never
    /// final, and the next call fetches another token.
    fn is_unattended(&self) -> bool {
        false
    }

    /// Handles tokens that arrived too late for their user.
    fn discard(&self, _: &Tokens) -> Option<BoxFuture<'static, ()>> {
        None
    }

    /// The signer for tokens that are bound to a key.
    fn prover(&self) -> Option<Arc<dyn Prove>> {
        None
    }
}

/// A refresh with the program's own code.
pub(crate) struct ByHand<R>(pub(crate) R);

impl<R: Refresh> Renew for ByHand<R> {
    fn renew<'a>(
        &'a self,
        _: &'a Session,
        cause: RefreshCause,
    ) -> BoxFuture<'a, Result<Renewed, RefreshFailure>> {
        Box::pin(async move {
            let tokens = self.0.refresh_for(cause).await?;
            Ok(Renewed { tokens, response: None, requested: None })
        })
    }

    fn is_tokenless(&self) -> bool {
        true
    }
}
