//! User names and passwords (RFC 7617).

use std::fmt;

use super::Tokens;
use crate::types::secret::Hidden;
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;

impl Tokens {
    /// Creates tokens from a user name and a password, for `auth(basic)` (RFC 7617). The user name must not contain a
    /// colon.
    ///
    /// ```
    /// use perennial::Tokens;
    ///
    /// let tokens = Tokens::basic("Aladdin", "open sesame");
    /// assert_eq!(tokens.access(), "QWxhZGRpbjpvcGVuIHNlc2FtZQ==");
    /// ```
    #[must_use]
    pub fn basic(user: &str, password: &str) -> Self {
        Self::new(encoded(user, password))
    }
}

/// A name and a secret as a value of the header `Authorization` (RFC 7617), with which a client authenticates at a
/// token endpoint. Use it as a parameter of a `refresh`, a `login` or a `logout` method, and pass its value to
/// [`value`](crate::ClientBuilder::value) of the builder.
///
/// `Debug` does not show it.
///
/// ```
/// use perennial::{BasicAuth, RefreshToken, Result, Tokens, api_client};
///
/// #[api_client(auth(bearer, expired(status = 401)))]
/// trait Music {
///     #[post("/api/token", refresh, host = "accounts", fields("grant_type" = "refresh_token"))]
///     async fn refresh(
///         &self,
///         #[header("Authorization")] client: BasicAuth,
///         #[field] refresh_token: RefreshToken,
///     ) -> Result<Tokens>;
/// }
///
/// # fn main() -> Result<()> {
/// let music = MusicClient::builder("https://api.music.example")
///     .host("accounts", "https://accounts.music.example")
///     .value(BasicAuth::new("client-id", "client-secret"))
///     .build()?;
/// # Ok(())
/// # }
/// ```
#[derive(Clone)]
pub struct BasicAuth(Box<str>);

impl BasicAuth {
    /// Creates the credentials of a client, from its name, which must not contain a colon, and its secret.
    #[must_use]
    pub fn new(name: &str, secret: &str) -> Self {
        Self(format!("Basic {}", encoded(name, secret)).into())
    }

    /// The value of the header: `Basic ` and the base64 of name and secret.
    #[must_use]
    pub fn reveal(&self) -> &str {
        &self.0
    }
}

/// Reads the value of the header, for a server.
#[cfg(feature = "serve")]
impl std::str::FromStr for BasicAuth {
    type Err = std::convert::Infallible;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        Ok(Self(text.into()))
    }
}

fn encoded(user: &str, password: &str) -> String {
    STANDARD.encode(format!("{user}:{password}"))
}

impl fmt::Debug for BasicAuth {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("BasicAuth").field(&Hidden).finish()
    }
}
