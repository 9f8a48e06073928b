//! Tokens without a sign-in: client credentials, assertions, and tokens that are exchanged for others.

use std::fmt;
use std::sync::Arc;

use huskarl::core::secrets::SecretString;
use huskarl::grant::ClientConfiguration;
use huskarl::grant::client_credentials::{
    ClientCredentialsGrant, ClientCredentialsGrantParameters,
};
use huskarl::grant::core::TokenResponse;
use huskarl::grant::jwt_bearer::{JwtBearerGrant, JwtBearerGrantParameters};
use huskarl::grant::refresh::{RefreshGrant, RefreshGrantParameters};
use huskarl::grant::token_exchange::{
    SecurityToken, TokenExchangeGrant, TokenExchangeGrantParameters,
};
use huskarl::prelude::*;
use huskarl::token::RefreshToken;

use super::error::OAuth2Error;
use super::form_client::FormClient;
use super::{OAuth2, bound_tokens};
use crate::ports::BoxFuture;
use crate::session::renew::RefreshFailure;
use crate::types::tokens::Tokens;

type Source<T> = Arc<dyn Fn() -> BoxFuture<'static, Result<T, RefreshFailure>> + Send + Sync>;

/// The credentials that are exchanged for the tokens of a session.
#[derive(Clone)]
pub(super) enum Grant {
    /// The refresh token of a user who has signed in.
    RefreshToken,
    /// The client's own credentials.
    ClientCredentials,
    /// A signed assertion, a new one each time.
    Assertion(Source<String>),
    /// A token from elsewhere, obtained each time.
    Token(Source<SecurityToken>),
}

impl Grant {
    pub(super) const fn is_unattended(&self) -> bool {
        !matches!(self, Self::RefreshToken)
    }
}

/// The credentials of one exchange.
pub(super) enum Presented {
    RefreshToken(RefreshToken),
    ClientCredentials,
    Assertion(String),
    Token(SecurityToken),
}

fn source<T, F, R>(make: F) -> Source<T>
where
    F: Fn() -> R + Send + Sync + 'static,
    R: Future<Output = Result<T, RefreshFailure>> + Send + 'static,
{
    Arc::new(move || Box::pin(make()))
}

impl OAuth2 {
    /// Uses client credentials (RFC 6749, section 4.4), without a sign-in. The first call fetches a token, and an
    /// expired token is replaced in the same way.
    #[must_use]
    pub fn client_credentials(mut self) -> Self {
        self.grant = Grant::ClientCredentials;
        self
    }

    /// Uses signed assertions (JWT bearer, RFC 7523, section 2.1), as service accounts do, without a sign-in. The first
    /// call exchanges an assertion for a token, and an expired token is replaced in the same way.
    ///
    /// `assertion` is called once per exchange and returns a new JWT. Its error tells whether a later call may try
    /// again ([`RefreshFailure`]). Some providers know no client apart from the assertion: an empty client id is not
    /// sent.
    ///
    /// ```no_run
    /// use std::time::Duration;
    ///
    /// use perennial::RefreshFailure;
    /// use perennial::oauth2::huskarl::core::crypto::signer::JwsSignerSelector;
    /// use perennial::oauth2::huskarl::core::jwt::Jwt;
    /// use perennial::oauth2::{OAuth2, PrivateKey, Provider, presets};
    ///
    /// # async fn run(key: PrivateKey) -> Result<(), Box<dyn std::error::Error>> {
    /// let provider = Provider::discover(presets::GOOGLE).await?;
    /// let audience = provider.metadata().token_endpoint.to_string();
    /// let oauth = OAuth2::public(provider, "").jwt_bearer(move || {
    ///     let (key, audience) = (key.clone(), audience.clone());
    ///     async move {
    ///         let jwt = Jwt::builder()
    ///             .iss("reports@project.iam.gserviceaccount.com")
    ///             .audience(audience)
    ///             .issued_now_expires_after(Duration::from_secs(3600))
    ///             .claims(serde_json::json!({"scope": "https://www.googleapis.com/auth/drive.readonly"}))
    ///             .build();
    ///         let signer = key.select_signer().await;
    ///         let signed = jwt.to_jws_compact(&*signer).await.map_err(RefreshFailure::unavailable)?;
    ///         Ok(signed.expose_secret().to_owned())
    ///     }
    /// });
    /// # Ok(())
    /// # }
    /// ```
    #[must_use]
    pub fn jwt_bearer<F, R>(mut self, assertion: F) -> Self
    where
        F: Fn() -> R + Send + Sync + 'static,
        R: Future<Output = Result<String, RefreshFailure>> + Send + 'static,
    {
        self.grant = Grant::Assertion(source(assertion));
        self
    }

    /// Exchanges tokens (token exchange, RFC 8693), without a sign-in here. The first call exchanges a token for one of
    /// this server, and an expired token is replaced in the same way.
    ///
    /// `subject` is called once per exchange and returns the token to exchange. Its error tells whether a later call
    /// may try again ([`RefreshFailure`]).
    ///
    /// ```no_run
    /// use perennial::oauth2::huskarl::grant::token_exchange::{SecurityToken, SecurityTokenType};
    /// use perennial::oauth2::{OAuth2, Provider};
    ///
    /// # async fn run(session: perennial::Session) -> Result<(), Box<dyn std::error::Error>> {
    /// # use perennial::RefreshFailure;
    /// let provider = Provider::discover("https://id.example").await?;
    /// // The token of another session, for a service behind the first.
    /// let oauth = OAuth2::confidential(provider, "gateway", "secret")
    ///     .audience("https://billing.example")
    ///     .token_exchange(move || {
    ///         let tokens = session.tokens().ok_or_else(|| RefreshFailure::rejected("signed out"));
    ///         async move {
    ///             let (token, kind) = (tokens?.access().to_owned(), SecurityTokenType::AccessToken);
    ///             Ok(SecurityToken::builder().token(token).token_type(kind).build())
    ///         }
    ///     });
    /// # Ok(())
    /// # }
    /// ```
    #[must_use]
    pub fn token_exchange<F, R>(mut self, subject: F) -> Self
    where
        F: Fn() -> R + Send + Sync + 'static,
        R: Future<Output = Result<SecurityToken, RefreshFailure>> + Send + 'static,
    {
        self.grant = Grant::Token(source(subject));
        self
    }

    /// Signs in once with an assertion (RFC 7523, section 2.1). The tokens are refreshed with their refresh token, if
    /// the server issues one; see [`jwt_bearer`](OAuth2::jwt_bearer) for servers that do not.
    ///
    /// # Errors
    ///
    /// If the server does not accept the assertion, or cannot be reached within
    /// [`sign_in_timeout`](OAuth2::sign_in_timeout).
    pub async fn sign_in_with_assertion(&self, assertion: &str) -> Result<Tokens, OAuth2Error> {
        let presented = Presented::Assertion(assertion.to_owned());
        self.sign_in_with("signing in with an assertion", presented).await
    }

    /// Signs in once with a token from elsewhere (RFC 8693). The tokens are refreshed with their refresh token, if the
    /// server issues one; see [`token_exchange`](OAuth2::token_exchange) for servers that do not.
    ///
    /// # Errors
    ///
    /// If the server does not accept the token, or cannot be reached within
    /// [`sign_in_timeout`](OAuth2::sign_in_timeout).
    pub async fn sign_in_with_token(&self, subject: SecurityToken) -> Result<Tokens, OAuth2Error> {
        self.sign_in_with("signing in with another token", Presented::Token(subject)).await
    }

    async fn sign_in_with(
        &self,
        doing: &'static str,
        presented: Presented,
    ) -> Result<Tokens, OAuth2Error> {
        let key = self.new_key()?;
        let response = self.within_patience(doing, async {
            let http = self.http();
            let failed = |error| http.failed(doing, error);
            let client = self.configuration(key.as_ref()).map_err(failed)?;
            self.exchange(presented, &client, http.clone()).await.map_err(failed)
        });
        Ok(bound_tokens(&response.await?, key.as_ref()))
    }

    /// Exchanges a grant for tokens. An empty client id is not sent.
    pub(super) async fn exchange(
        &self,
        presented: Presented,
        client: &ClientConfiguration,
        http: FormClient,
    ) -> Result<TokenResponse, huskarl::core::Error> {
        let metadata = self.provider.metadata();
        let (scopes, resources) = (self.wanted_scopes(), self.wanted_resources());
        let is_known = !self.client_id.is_empty();
        match presented {
            Presented::RefreshToken(refresh) => {
                let grant = RefreshGrant::builder_from_metadata(metadata);
                let parameters = RefreshGrantParameters::builder()
                    .refresh_token(refresh)
                    .maybe_resource(resources)
                    .build();
                grant.client(client).http_client(http).build().exchange(parameters).await
            }
            Presented::ClientCredentials => {
                let grant = ClientCredentialsGrant::builder_from_metadata(metadata);
                let parameters = ClientCredentialsGrantParameters::builder()
                    .maybe_scope(scopes)
                    .maybe_resource(resources)
                    .build();
                grant.client(client).http_client(http).build().exchange(parameters).await
            }
            Presented::Assertion(assertion) => {
                let grant = JwtBearerGrant::builder_from_metadata(metadata).http_client(http);
                let grant = if is_known { grant.client(client).build() } else { grant.build() };
                let parameters = JwtBearerGrantParameters::builder()
                    .assertion(SecretString::new(assertion))
                    .maybe_scope(scopes)
                    .maybe_resource(resources)
                    .build();
                grant.exchange(parameters).await
            }
            Presented::Token(subject) => {
                let grant = TokenExchangeGrant::builder_from_metadata(metadata).http_client(http);
                let grant = if is_known { grant.client(client).build() } else { grant.build() };
                let parameters = TokenExchangeGrantParameters::builder()
                    .subject(subject)
                    .maybe_scope(scopes)
                    .maybe_resource(resources)
                    .build();
                grant.exchange(parameters).await
            }
        }
    }
}

impl fmt::Debug for Grant {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::RefreshToken => "RefreshToken",
            Self::ClientCredentials => "ClientCredentials",
            Self::Assertion(_) => "Assertion",
            Self::Token(_) => "Token",
        })
    }
}
