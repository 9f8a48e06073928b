//! The way in which a token is renewed.

use std::sync::Arc;
use std::time::{Duration, SystemTime};

use http::StatusCode;

use super::Session;
use crate::ports::BoxFuture;
use crate::ports::proof::Prove;
use crate::ports::response::Received;
use crate::types::cause::RefreshCause;
use crate::types::error::{BoxError, Error, ErrorKind};
use crate::types::tokens::Tokens;

/// Renews tokens by code of the program, for tokens that do not come from the API itself: an identity
/// provider, a service account.
///
/// A closure that takes the present tokens and returns a future implements it as well. It clones captured
/// values into the future: `move |old| { let key = key.clone(); async move { .. } }`.
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
    label = "expected a closure that returns a future, or a type that implements `Refresh`",
    note = "write `|old: Option<Tokens>| async move {{ Ok(Tokens::new(\"..\")) }}`"
)]
pub trait Refresh: Send + Sync + 'static {
    /// Returns new tokens. `old` are the present ones; `None` if there are none yet.
    ///
    /// It runs on a task of its own, at most once at a time for a session. A call of the same session
    /// from within fails at once, since it would wait for itself.
    ///
    /// # Errors
    ///
    /// [`RefreshFailure`] says whether the session has ended or a later attempt may succeed.
    fn refresh(
        &self,
        old: Option<Tokens>,
    ) -> impl Future<Output = Result<Tokens, RefreshFailure>> + Send;

    /// The same, with what is known about the occasion: the endpoint that needs the token, the session, and the
    /// response that said that it has expired. By default it calls [`refresh`](Refresh::refresh) with the tokens.
    ///
    /// # Errors
    ///
    /// As for [`refresh`](Refresh::refresh).
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

/// Why a token could not be renewed.
#[derive(Debug)]
pub struct RefreshFailure {
    pub(crate) kind: FailureKind,
    pub(crate) error: Error,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum FailureKind {
    /// It failed, and a later attempt may succeed.
    Transient { retry_after: Option<Duration> },
    /// The request was sent, but its response was lost: the server may have rotated the token.
    Ambiguous,
    /// The server responded with success, but without a usable token: it may have rotated it as well.
    Unusable,
    /// The server rejected the refresh, and the declaration does not say that this is final.
    Refused { retry_after: Option<Duration> },
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

    /// A refresh that the server refused with this status, if the refusal is not final. A failing server does not
    /// refuse.
    pub(crate) fn of_status(status: StatusCode, retry_after: Option<Duration>) -> Self {
        let is_passing = status.is_server_error()
            || matches!(status, StatusCode::TOO_MANY_REQUESTS | StatusCode::REQUEST_TIMEOUT);
        if is_passing { Self::Transient { retry_after } } else { Self::Refused { retry_after } }
    }
}

impl RefreshFailure {
    /// The session has ended: only a new login helps.
    pub fn rejected(reason: impl Into<BoxError>) -> Self {
        let error = Error::new(ErrorKind::RefreshFailed).with_source(reason);
        Self { kind: FailureKind::Permanent, error }
    }

    /// It failed for now, and a later attempt may succeed.
    pub fn unavailable(reason: impl Into<BoxError>) -> Self {
        let error = Error::new(ErrorKind::RefreshFailed).with_source(reason);
        Self { kind: FailureKind::Transient { retry_after: None }, error }
    }

    /// Delays the next attempt until `wait` has passed, for five minutes at most.
    #[must_use]
    pub fn retry_after(mut self, wait: Duration) -> Self {
        if let FailureKind::Transient { retry_after } = &mut self.kind {
            *retry_after = Some(wait);
        }
        self
    }

    pub(crate) const fn new(kind: FailureKind, error: Error) -> Self {
        Self { kind, error }
    }
}

/// The result of a refresh.
#[derive(Debug)]
pub(crate) struct Renewed {
    pub(crate) tokens: Tokens,
    /// The response, for those who called the refresh method by hand.
    pub(crate) response: Option<Arc<Received>>,
    /// When the request was about to be sent: a lifetime counts from here.
    pub(crate) requested: Option<SystemTime>,
}

impl Renewed {
    /// The same; a refresh that does not know when its request was sent began at `requested`.
    pub(crate) fn requested_at(mut self, requested: SystemTime) -> Self {
        self.requested.get_or_insert(requested);
        self
    }
}

/// [`Refresh`] without its type.
pub(crate) trait Renew: Send + Sync {
    /// It is given the session, since it must not own it: the session owns the refresh.
    fn renew<'a>(
        &'a self,
        session: &'a Session,
        cause: RefreshCause,
    ) -> BoxFuture<'a, Result<Renewed, RefreshFailure>>;

    /// Whether it works without a token.
    fn is_tokenless(&self) -> bool;

    /// Whether nobody ever signs in: the program has credentials of its own. Then no end of a login is final, and
    /// the next call fetches another token.
    fn is_unattended(&self) -> bool {
        false
    }

    /// Deals with tokens that came too late for their user.
    fn discard(&self, _: &Tokens) -> Option<BoxFuture<'static, ()>> {
        None
    }

    /// The signer for tokens that are bound to a key.
    fn prover(&self) -> Option<Arc<dyn Prove>> {
        None
    }
}

/// A refresh by code of the program.
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
