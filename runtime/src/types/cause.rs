//! Why a token is renewed.

use std::fmt;
use std::sync::Arc;

use http::{HeaderMap, StatusCode};

use super::challenge;
use super::endpoint::Endpoint;
use super::event::RefreshTrigger;
use super::session_id::SessionId;
use super::tokens::Tokens;

/// The reason for a refresh: the endpoint that needs the token, the session, and the response that reported the expired
/// token.
///
/// A `refresh` method receives it in a parameter of any type that implements `From<&RefreshCause>`, and
/// [`Refresh::refresh_for`](crate::Refresh::refresh_for) as an argument. Calls that need a token at the same time share
/// one refresh, whose cause is the first of the calls.
///
/// ```
/// use perennial::{RefreshCause, RefreshToken, Result, Tokens, api_client};
///
/// /// The scope that the server requires.
/// #[derive(serde::Serialize)]
/// pub struct WantedScope(Option<String>);
///
/// impl From<&RefreshCause> for WantedScope {
///     fn from(cause: &RefreshCause) -> Self {
///         Self(cause.challenge("scope"))
///     }
/// }
///
/// #[derive(serde::Serialize)]
/// pub struct Renewal {
///     refresh_token: RefreshToken,
///     scope: WantedScope,
/// }
///
/// impl From<&RefreshCause> for Renewal {
///     fn from(cause: &RefreshCause) -> Self {
///         let tokens = cause.tokens().cloned().unwrap_or_else(|| Tokens::new(""));
///         Self { refresh_token: RefreshToken::from(&tokens), scope: cause.into() }
///     }
/// }
///
/// #[api_client(auth(bearer, expired(status = 401)))]
/// trait Shop {
///     #[post("/token", refresh)]
///     async fn refresh(&self, #[form] with: Renewal) -> Result<Tokens>;
///     #[get("/orders")]
///     async fn orders(&self) -> Result<Vec<u64>>;
/// }
/// ```
#[derive(Clone)]
pub struct RefreshCause {
    pub(crate) tokens: Option<Tokens>,
    pub(crate) why: Why,
    pub(crate) key: Option<Arc<str>>,
    pub(crate) session: SessionId,
    pub(crate) trigger: RefreshTrigger,
}

/// The part of the cause that is known to the call that starts the refresh.
#[derive(Clone, Default)]
pub(crate) struct Why {
    pub(crate) endpoint: Option<&'static Endpoint>,
    /// Boxed, since most flights are started by a timer or by the first call.
    pub(crate) response: Option<Box<(StatusCode, HeaderMap)>>,
}

impl RefreshCause {
    /// The tokens that are refreshed. `None` if there are none yet, and for a `refresh` method that needs no tokens.
    #[must_use]
    pub fn tokens(&self) -> Option<&Tokens> {
        self.tokens.as_ref()
    }

    /// The key of the token, for a credential with `auth(key = ..)`; otherwise empty.
    #[must_use]
    pub fn key(&self) -> &str {
        self.key.as_deref().unwrap_or_default()
    }

    /// The session whose token is refreshed.
    #[must_use]
    pub fn session(&self) -> SessionId {
        self.session
    }

    /// The kind of event that started the refresh.
    #[must_use]
    pub fn trigger(&self) -> RefreshTrigger {
        self.trigger
    }

    /// The endpoint of the call that started the refresh; `None` if the program or a timer started it.
    #[must_use]
    pub fn endpoint(&self) -> Option<&'static Endpoint> {
        self.why.endpoint
    }

    /// The status of the response that reported the expired token, if there was one.
    #[must_use]
    pub fn status(&self) -> Option<StatusCode> {
        self.why.response.as_ref().map(|response| response.0)
    }

    /// The headers of the response that reported the expired token, if there was one.
    #[must_use]
    pub fn headers(&self) -> Option<&HeaderMap> {
        self.why.response.as_ref().map(|response| &response.1)
    }

    /// A parameter of the challenge in the `WWW-Authenticate` of that response (RFC 9110, section 11.6.1): `scope`,
    /// `realm`, `service`.
    #[must_use]
    pub fn challenge(&self, parameter: &str) -> Option<String> {
        challenge::parameter(self.headers()?, parameter)
    }
}

/// Without the tokens and the headers.
impl fmt::Debug for RefreshCause {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("RefreshCause")
            .field("trigger", &self.trigger)
            .field("session", &self.session)
            .field("endpoint", &self.endpoint())
            .field("status", &self.status())
            .field("key", &self.key())
            .finish_non_exhaustive()
    }
}
