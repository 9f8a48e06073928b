//! OAuth 2 and OpenID Connect.
//!
//! The protocol is implemented by [`huskarl`], a client certified by the OpenID Foundation; the session manages the
//! tokens. An [`OAuth2`] represents a client at an authorization server. It signs users in and refreshes the tokens of
//! a session:
//!
//! ```no_run
//! use perennial::oauth2::{OAuth2, Provider};
//! use perennial::{Result, api_client};
//!
//! #[api_client(auth(oauth2))]
//! pub trait Shop {
//!     #[get("/me")]
//!     async fn me(&self) -> Result<String>;
//! }
//!
//! # async fn run() -> std::result::Result<(), Box<dyn std::error::Error>> {
//! let provider = Provider::discover("https://id.example").await?;
//! let oauth = OAuth2::public(provider, "my-client").scopes(["openid", "offline_access"]);
//!
//! let shop = ShopClient::builder("https://shop.example").oauth2(&oauth).build()?;
//! let tokens = oauth.sign_in_with_device(|prompt| println!("{prompt}")).await?;
//! shop.session().login(tokens).await?;
//! println!("{}", shop.me().await?); // renewed whenever the token has expired
//! oauth.sign_out(shop.session()).await?; // revoked, then signed out
//! # Ok(())
//! # }
//! ```
//!
//! The guarantees of a session hold for these tokens as well: one refresh for all calls, no token lost to
//! cancellation, and one refresh for all processes that share a store.
//!
//! This feature needs Rust 1.92, which is huskarl's minimum. [`huskarl`] is re-exported for features that this module
//! does not wrap, such as the claims of ID tokens. To use the response of any other grant, convert it with [`tokens`].

mod arguments;
mod device;
mod dpop;
mod error;
mod form_client;
mod id_token;
mod inspect;
mod loopback;
pub mod presets;
mod provider;
mod renew;
mod response;
mod sign_in;
mod unattended;

pub use huskarl;
pub use huskarl_crypto_native::asymmetric::signer::{self, PrivateKey};

pub use arguments::{IntoPreset, IntoProvider};
pub use device::DevicePrompt;
pub use error::OAuth2Error;
pub use inspect::Introspection;
pub use provider::Provider;
pub use sign_in::Browser;

use std::fmt;
use std::sync::Arc;
use std::time::Duration;

use dpop::Proofs;
use form_client::FormClient;
use huskarl::core::client_auth::{Audience, ClientAuthentication, ClientSecret, JwtBearer, NoAuth};
use huskarl::core::dpop::AuthorizationServerDPoP;
use huskarl::core::secrets::{ProvidedSecret, SecretString};
use huskarl::grant::ClientConfiguration;
use huskarl::grant::core::TokenResponse;
use huskarl::revocation::TokenRevocation;
use huskarl::token::RefreshToken;
use response::UNREADABLE;
use unattended::Grant;

use crate::session::HasSession;
use crate::types::names::Names;
use crate::types::tokens::{IntoTokens, Tokens};

/// A client at an authorization server: signs users in and refreshes the tokens of sessions.
///
/// It is cheap to clone. Pass it to [`ClientBuilder::oauth2`](crate::ClientBuilder::oauth2).
#[derive(Clone)]
pub struct OAuth2 {
    provider: Provider,
    client_id: String,
    authentication: Arc<dyn ClientAuthentication>,
    scopes: Vec<String>,
    resources: Vec<String>,
    audience: Option<String>,
    authorization_parameters: Vec<(String, String)>,
    /// Present if the tokens of each session are bound to a key.
    proofs: Option<Arc<Proofs>>,
    grant: Grant,
    patience: Duration,
}

/// How long a user may take to sign in.
const PATIENCE: Duration = Duration::from_secs(300);

impl OAuth2 {
    /// Creates a client without a secret: a command-line tool, a desktop app (RFC 6749, section 2.1).
    #[must_use]
    pub fn public(provider: impl IntoProvider, client_id: impl Into<String>) -> Self {
        Self::client(provider, client_id, NoAuth)
    }

    /// Creates a client with a secret. The provider's metadata determines whether the secret is sent in the form
    /// (`client_secret_post`) or as Basic credentials.
    #[must_use]
    pub fn confidential(
        provider: impl IntoProvider,
        client_id: impl Into<String>,
        secret: impl AsRef<str>,
    ) -> Self {
        let secret = ClientSecret::new(ProvidedSecret::new(SecretString::new(secret)));
        Self::client(provider, client_id, secret)
    }

    /// Creates a client that authenticates with a key (`private_key_jwt`; RFC 7523, section 2.2, and OpenID Connect
    /// Core, section 9): each request carries a JWT that the key has signed for this server, valid for a minute.
    ///
    /// If a server expects its token endpoint as the audience, or `JWT` as the type of the JWT, pass huskarl's
    /// `JwtBearer` with these settings to [`client`](OAuth2::client).
    ///
    /// ```no_run
    /// use perennial::oauth2::signer::{AsymmetricAlgorithm, pkcs8_pem};
    /// use perennial::oauth2::{OAuth2, PrivateKey, Provider};
    ///
    /// # async fn run() -> Result<(), Box<dyn std::error::Error>> {
    /// let provider = Provider::discover("https://id.example").await?;
    /// let pem = std::fs::read_to_string("client.pem")?;
    /// let key = pkcs8_pem(&pem, AsymmetricAlgorithm::Rs256, Some("key-1"))?;
    /// let oauth = OAuth2::with_key(provider, "reports", PrivateKey::from_jwk(key)?);
    /// # Ok(())
    /// # }
    /// ```
    #[must_use]
    pub fn with_key(
        provider: impl IntoProvider,
        client_id: impl Into<String>,
        key: PrivateKey,
    ) -> Self {
        let authentication = JwtBearer::builder().signer(key).audience(Audience::Issuer).build();
        Self::client(provider, client_id, authentication)
    }

    /// Creates a client with another of huskarl's authentication methods.
    #[must_use]
    pub fn client(
        provider: impl IntoProvider,
        client_id: impl Into<String>,
        authentication: impl ClientAuthentication + 'static,
    ) -> Self {
        Self {
            provider: provider.into_provider(),
            client_id: client_id.into(),
            authentication: Arc::new(authentication),
            scopes: Vec::new(),
            resources: Vec::new(),
            audience: None,
            authorization_parameters: Vec::new(),
            proofs: None,
            grant: Grant::RefreshToken,
            patience: PATIENCE,
        }
    }

    /// Sets the scopes to request. By default none are sent, and the server decides.
    #[must_use]
    pub fn scopes<K>(mut self, scopes: impl Names<K>) -> Self {
        self.scopes = scopes.into_names().collect();
        self
    }

    /// Sets the APIs for which the tokens are intended, as the parameter `resource` (RFC 8707).
    #[must_use]
    pub fn resources<K>(mut self, resources: impl Names<K>) -> Self {
        self.resources = resources.into_names().collect();
        self
    }

    /// Sets the API for which the tokens are intended, as the parameter `audience`, which Auth0 and others use instead
    /// of RFC 8707. It is sent with every request for tokens.
    #[must_use]
    pub fn audience(mut self, audience: impl Into<String>) -> Self {
        self.audience = Some(audience.into());
        self
    }

    /// Sets the provider's own parameters of the URL at which a user signs in, such as Google's `access_type=offline`.
    #[must_use]
    pub fn authorization_parameters<N: Into<String>, V: Into<String>>(
        mut self,
        parameters: impl IntoIterator<Item = (N, V)>,
    ) -> Self {
        let parameters = parameters.into_iter();
        self.authorization_parameters =
            parameters.map(|(name, value)| (name.into(), value.into())).collect();
        self
    }

    /// Binds the tokens of each session to its own key (DPoP, RFC 9449), so that a stolen token is useless without the
    /// key.
    ///
    /// The key (ES256) is created at the sign-in and saved with the tokens, so that other processes have it too. Each
    /// attempt of a call carries its own proof. If a server requires a nonce, and the call may be replayed, the call is
    /// sent once more with that nonce. If the server does not bind its tokens, calls carry them as plain bearer tokens.
    ///
    /// Revoking and introspecting tokens needs no proof.
    #[must_use]
    pub fn dpop(mut self) -> Self {
        self.proofs = Some(Arc::default());
        self
    }

    /// Sets how long a user may take to sign in; five minutes by default.
    #[must_use]
    pub const fn sign_in_timeout(mut self, limit: Duration) -> Self {
        self.patience = limit;
        self
    }

    /// Revokes the tokens at the server (RFC 7009), if the server supports it, and signs the session out. The
    /// session is signed out even if the revocation fails.
    ///
    /// # Errors
    ///
    /// An error if the tokens could not be revoked.
    pub async fn sign_out<S: HasSession + Sync + ?Sized>(
        &self,
        session: &S,
    ) -> Result<(), OAuth2Error> {
        let session = session.its_session();
        let tokens = session.tokens();
        // The session reports its own errors as events; a logout has none to return.
        let _ = session.logout().await;
        match tokens {
            Some(tokens) => self.revoke(&tokens).await,
            None => Ok(()),
        }
    }

    /// Revokes tokens (RFC 7009): the refresh token, which invalidates its access tokens as well, or the access
    /// token if there is no refresh token. Does nothing if the server has no revocation endpoint.
    ///
    /// # Errors
    ///
    /// An error if the tokens could not be revoked.
    pub async fn revoke(&self, tokens: &Tokens) -> Result<(), OAuth2Error> {
        let Some(revocation) = self.revocation() else { return Ok(()) };
        let token = RefreshToken::new(SecretString::new(tokens.presented()), None);
        let http = self.http_alone();
        revocation
            .revoke(&http, &token)
            .await
            .map_err(|error| http.failed("revoking the tokens", error).hiding(&known(tokens)))
    }

    fn revocation(&self) -> Option<TokenRevocation> {
        let builder = TokenRevocation::builder_from_metadata(self.provider.metadata()).ok()?;
        let builder = builder.client_id(self.client_id.clone());
        Some(builder.client_auth(Arc::clone(&self.authentication)).build())
    }

    /// The client in the form that each grant needs.
    fn configuration(
        &self,
        key: Option<&PrivateKey>,
    ) -> Result<ClientConfiguration, huskarl::core::Error> {
        let builder = ClientConfiguration::builder()
            .client_id(self.client_id.clone())
            .client_auth(Arc::clone(&self.authentication));
        Ok(match (&self.proofs, key) {
            (Some(proofs), Some(key)) => {
                let signer = Arc::new(key.clone());
                builder.dpop(proofs.server.with_session_key(signer)?).build()
            }
            _ => builder.build(),
        })
    }

    /// A key for a new session, if its tokens are to be bound.
    fn new_key(&self) -> Result<Option<PrivateKey>, OAuth2Error> {
        self.proofs.as_ref().map(|_| dpop::new_key()).transpose()
    }

    /// The client for requests for tokens.
    fn http(&self) -> FormClient {
        let audience = self.audience.iter();
        let parameters = audience.map(|it| ("audience".to_owned(), it.clone())).collect();
        FormClient::new(&self.provider, parameters)
    }

    /// The client for all other requests.
    fn http_alone(&self) -> FormClient {
        FormClient::new(&self.provider, Vec::new())
    }

    fn wanted_scopes(&self) -> Option<Vec<String>> {
        (!self.scopes.is_empty()).then(|| self.scopes.clone())
    }

    fn wanted_resources(&self) -> Option<Vec<String>> {
        (!self.resources.is_empty()).then(|| self.resources.clone())
    }
}

impl fmt::Debug for OAuth2 {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("OAuth2")
            .field("issuer", &self.provider.metadata().issuer)
            .field("client_id", &self.client_id)
            .field("scopes", &self.scopes)
            .finish_non_exhaustive()
    }
}

/// The secrets of tokens that a request does not carry but the server knows.
fn known(tokens: &Tokens) -> Vec<&str> {
    std::iter::once(tokens.access()).chain(tokens.refresh()).collect()
}

/// Converts a response of the token endpoint to tokens. If the lifetime is missing, it is unknown.
#[must_use]
pub fn tokens(response: &TokenResponse) -> Tokens {
    let mut tokens = Tokens::new(response.access_token().token().expose_secret());
    if let Some(refresh) = response.refresh_token() {
        tokens = tokens.with_refresh(refresh.token().expose_secret());
    }
    match response.raw_token_response().expires_in {
        Some(seconds) => tokens.expires_in(Duration::from_secs(seconds)),
        None if response.get_extra(UNREADABLE).is_some() => tokens.expiring_unreadably(),
        None => tokens,
    }
}

/// The tokens with the key that they are bound to, if there is one.
fn bound_tokens(response: &TokenResponse, key: Option<&PrivateKey>) -> Tokens {
    key.map_or_else(|| tokens(response), |key| dpop::bound(response, key))
}

impl IntoTokens for TokenResponse {
    fn into_tokens(self) -> Tokens {
        tokens(&self)
    }
}
