//! A login that may ask for a second step.

use serde::Deserialize;

use super::tokens::{IntoTokens, Tokens};

/// The result of a login that may ask for a second step: a second factor, a choice of the account.
///
/// A response with tokens signs in, as [`Tokens`] does. Any other response is decoded as `Q`: nobody is signed in
/// yet, and the program continues with another call.
///
/// ```
/// use perennial::{Login, Result, Tokens, api_client};
/// use serde::{Deserialize, Serialize};
///
/// #[derive(Debug, Deserialize)]
/// pub struct Challenge { session: String }
///
/// #[derive(Serialize)]
/// pub struct Credentials { user: String, password: String }
///
/// #[derive(Serialize)]
/// pub struct Confirmation { session: String, code: String }
///
/// #[api_client(auth(bearer, expired(status = 401)), allow(duplicate_endpoint))]
/// pub trait Bank {
///     #[post("/login", login)]
///     async fn login(&self, #[json] who: &Credentials) -> Result<Login<Challenge>>;
///
///     #[post("/login", login)]
///     async fn confirm(&self, #[json] response: &Confirmation) -> Result<Tokens>;
///
///     #[post("/refresh", refresh)]
///     async fn refresh(&self) -> Result<Tokens>;
/// }
///
/// async fn sign_in(bank: &BankClient, who: &Credentials, code: String) -> Result<()> {
///     if let Login::Asked(Challenge { session }) = bank.login(who).await? {
///         bank.confirm(&Confirmation { session, code }).await?;
///     }
///     Ok(())
/// }
/// ```
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(untagged, expecting = "the response has neither a token nor the declared question")]
pub enum Login<Q> {
    /// The user is signed in with these tokens.
    SignedIn(Tokens),
    /// Nobody is signed in: the server asks for a second step.
    Asked(Q),
}

impl<Q> IntoTokens for Login<Q> {
    /// The tokens if the server asks for a second step; they cannot be used.
    fn into_tokens(self) -> Tokens {
        self.into_login().unwrap_or_else(|| Tokens::new(""))
    }

    fn into_login(self) -> Option<Tokens> {
        match self {
            Self::SignedIn(tokens) => Some(tokens),
            Self::Asked(_) => None,
        }
    }
}
