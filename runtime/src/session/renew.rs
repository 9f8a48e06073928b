//! How a token is renewed.

use std::sync::Arc;
use std::time::{Duration, SystemTime};

use super::Session;
use crate::ports::BoxFuture;
use crate::ports::response::Received;
use crate::types::error::{BoxError, Error, ErrorKind};
use crate::types::tokens::Tokens;

/// Tokens that come from elsewhere than the API itself: an identity provider, a service account.
///
/// A closure that takes the present tokens and returns such a future is one as well. What it has captured
/// is cloned into the future, since an `async` closure that lends it out is not:
/// `move |old| { let key = key.clone(); async move { .. } }`.
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
pub trait Refresh: Send + Sync + 'static {
    /// Brings new tokens. `old` are the present ones; `None` if there are none yet.
    ///
    /// It runs on a task of its own, at most once at a time for a session. A call of the same session
    /// from within fails at once, since it would wait for itself.
    ///
    /// # Errors
    ///
    /// [`RefreshFailure`] says whether the session is over or a later try may do better.
    fn refresh(
        &self,
        old: Option<Tokens>,
    ) -> impl Future<Output = Result<Tokens, RefreshFailure>> + Send;
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
    /// Nothing came of it, and a later try may do better.
    Transient { retry_after: Option<Duration> },
    /// The request was sent, but its response was lost.
    Ambiguous,
    /// A refusal that the declaration does not name.
    Rejected,
    /// The session is over.
    Permanent,
}

impl RefreshFailure {
    /// The session is over: only a new login helps.
    pub fn rejected(reason: impl Into<BoxError>) -> Self {
        let error = Error::new(ErrorKind::RefreshFailed).with_source(reason);
        Self { kind: FailureKind::Permanent, error }
    }

    /// It did not work now, and a later try may do better.
    pub fn unavailable(reason: impl Into<BoxError>) -> Self {
        let error = Error::new(ErrorKind::RefreshFailed).with_source(reason);
        Self { kind: FailureKind::Transient { retry_after: None }, error }
    }

    /// No other try is made for so long, but at most five minutes.
    #[must_use]
    pub fn retry_after(mut self, wait: Duration) -> Self {
        if let FailureKind::Transient { retry_after } = &mut self.kind {
            *retry_after = Some(wait);
        }
        self
    }

    /// Masks tokens that the server has quoted.
    pub(crate) fn hiding(mut self, tokens: &Tokens) -> Self {
        self.error = self.error.hiding(tokens.access());
        if let Some(refresh) = tokens.refresh() {
            self.error = self.error.hiding(refresh);
        }
        self
    }

    pub(crate) const fn new(kind: FailureKind, error: Error) -> Self {
        Self { kind, error }
    }
}

/// What a refresh brought.
#[derive(Debug)]
pub(crate) struct Renewed {
    pub(crate) tokens: Tokens,
    /// The response, for those who called the refresh method by hand.
    pub(crate) response: Option<Arc<Received>>,
    /// When the request was about to be sent: a lifetime counts from here.
    pub(crate) asked: Option<SystemTime>,
}

impl Renewed {
    /// A refresh that did not say when it asked began at `asked`.
    pub(crate) fn asked_at(mut self, asked: SystemTime) -> Self {
        self.asked.get_or_insert(asked);
        self
    }
}

/// [`Refresh`] without its type.
pub(crate) trait Renew: Send + Sync {
    /// It is given the session, so that it need not hold it: the session holds it.
    fn renew<'a>(
        &'a self,
        session: &'a Session,
        old: Option<Tokens>,
    ) -> BoxFuture<'a, Result<Renewed, RefreshFailure>>;

    /// Whether it works without a token.
    fn is_tokenless(&self) -> bool;
}

/// The user's own refresh.
pub(crate) struct ByHand<R>(pub(crate) R);

impl<R: Refresh> Renew for ByHand<R> {
    fn renew<'a>(
        &'a self,
        _: &'a Session,
        old: Option<Tokens>,
    ) -> BoxFuture<'a, Result<Renewed, RefreshFailure>> {
        Box::pin(async move {
            let tokens = self.0.refresh(old).await?;
            Ok(Renewed { tokens, response: None, asked: None })
        })
    }

    fn is_tokenless(&self) -> bool {
        true
    }
}
