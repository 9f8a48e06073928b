//! The key of a token as a parameter.

use std::convert::Infallible;
use std::fmt;
use std::str::FromStr;

use serde::Serialize;

use crate::types::cause::RefreshCause;

/// The key of the token to fetch, as a parameter of a `refresh` method: the scope or the resource for which the token
/// is valid. See `auth(key = ..)`.
///
/// ```
/// use perennial::{Result, TokenKey, Tokens, api_client};
///
/// #[api_client(auth(bearer, key = "repository:{name}:pull", expired(status = 401)))]
/// trait Registry {
///     #[get("/token", refresh, public, queries("service" = "registry.example"))]
///     async fn token(&self, #[query] scope: TokenKey) -> Result<Tokens>;
///     #[get("/v2/{name}/tags/list")]
///     async fn tags(&self, name: &str) -> Result<Vec<String>>;
/// }
/// ```
#[derive(Debug, Clone, PartialEq, Eq, Hash, Serialize)]
#[cfg_attr(feature = "serve", derive(serde::Deserialize))]
#[serde(transparent)]
pub struct TokenKey(Box<str>);

impl TokenKey {
    /// The key as a string.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl From<&RefreshCause> for TokenKey {
    fn from(cause: &RefreshCause) -> Self {
        Self(cause.key().into())
    }
}

/// From the text of a request, for a server that is a fake of the API.
impl FromStr for TokenKey {
    type Err = Infallible;

    fn from_str(text: &str) -> Result<Self, Infallible> {
        Ok(Self(text.into()))
    }
}

impl fmt::Display for TokenKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}
