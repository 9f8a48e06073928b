//! The refresh token as a parameter.

use std::convert::Infallible;
use std::fmt;
use std::str::FromStr;

use serde::ser::{Error as _, Serialize, Serializer};

use super::Tokens;
use crate::types::never;
use crate::types::secret::Hidden;

/// The refresh token, as a parameter of a `refresh` method: a field, a query value, a header, or a field of the
/// struct that is its JSON body. If the session has no refresh token, it is empty and is not sent: the refresh fails before
/// its request, and the session ends once the server reports that the access token has expired. An `Option<RefreshToken>` is then left out instead.
///
/// `Debug` does not show it.
///
/// ```
/// use perennial::{RefreshToken, Result, Tokens, api_client};
///
/// #[api_client(auth(bearer, expired(status = 401)))]
/// trait Shop {
///     #[post("/token", refresh, public, fields("grant_type" = "refresh_token"))]
///     async fn refresh(&self, #[field] refresh_token: RefreshToken) -> Result<Tokens>;
/// }
/// ```
#[derive(Clone)]
#[cfg_attr(feature = "serve", derive(serde::Deserialize), serde(transparent))]
pub struct RefreshToken(Box<str>);

/// The bound of creating it from a text.
#[diagnostic::on_unimplemented(
    message = "a refresh token comes from the tokens of a session",
    label = "write `RefreshToken::from(&tokens)`",
    note = "to refresh the token now, write `client.session().refresh().await`"
)]
pub trait RefreshTokenOfAText {}

never! {
    impl[] RefreshToken where RefreshTokenOfAText { new }
}

impl RefreshToken {
    /// The token itself.
    #[must_use]
    pub fn reveal(&self) -> &str {
        &self.0
    }
}

impl From<&Tokens> for RefreshToken {
    fn from(tokens: &Tokens) -> Self {
        Self(tokens.refresh().unwrap_or_default().into())
    }
}

impl Serialize for RefreshToken {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        if self.0.is_empty() {
            return Err(S::Error::custom("the session has no refresh token"));
        }
        serializer.serialize_str(&self.0)
    }
}

/// `None` if the session has no refresh token.
impl From<&Tokens> for Option<RefreshToken> {
    fn from(tokens: &Tokens) -> Self {
        tokens.refresh().map(|token| RefreshToken(token.into()))
    }
}

/// From the text of a request, for a server that is a fake of the API.
impl FromStr for RefreshToken {
    type Err = Infallible;

    fn from_str(text: &str) -> Result<Self, Infallible> {
        Ok(Self(text.into()))
    }
}

impl fmt::Debug for RefreshToken {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("RefreshToken").field(&Hidden).finish()
    }
}
