//! The tokens of a session, renewed at the authorization server.

use std::sync::Arc;

use huskarl::core::secrets::SecretString;
use huskarl::grant::client_credentials::{
    ClientCredentialsGrant, ClientCredentialsGrantParameters,
};
use huskarl::grant::core::TokenResponse;
use huskarl::grant::refresh::{RefreshGrant, RefreshGrantParameters};
use huskarl::prelude::*;
use huskarl::token::RefreshToken;

use super::error::refresh_failure;
use super::{OAuth2, tokens};
use crate::client::{ApiClient, ClientBuilder};
use crate::ports::BoxFuture;
use crate::session::Session;
use crate::session::renew::{RefreshFailure, Renew, Renewed};
use crate::types::tokens::Tokens;

impl<C: ApiClient> ClientBuilder<C> {
    /// Renews the session's tokens at an authorization server.
    ///
    /// A refresh follows RFC 6749, section 6. Only `invalid_grant` ends the session. After any other response the
    /// tokens are kept, and a later call tries again. A refresh token that the response leaves out is kept. With [`client_credentials`](OAuth2::client_credentials) nobody signs in, and the first call fetches
    /// the tokens.
    pub fn oauth2(self, oauth: &OAuth2) -> Self {
        self.renew(Arc::new(oauth.clone()))
    }
}

impl OAuth2 {
    async fn exchange(&self, old: Option<Tokens>) -> Result<TokenResponse, RefreshFailure> {
        let scopes = (!self.scopes.is_empty()).then(|| self.scopes.clone());
        if self.for_itself {
            let grant = ClientCredentialsGrant::builder_from_metadata(self.provider.metadata())
                .client(&self.client)
                .http_client(self.provider.http().clone())
                .build();
            let parameters =
                ClientCredentialsGrantParameters::builder().maybe_scope(scopes).build();
            return grant.exchange(parameters).await.map_err(refresh_failure);
        }
        let Some(refresh) = old.as_ref().and_then(Tokens::refresh) else {
            return Err(RefreshFailure::rejected(
                "the authorization server issued no refresh token, so nothing can renew the session; \
                 ask for the scope `offline_access` or for what your provider calls it",
            ));
        };
        let grant = RefreshGrant::builder_from_metadata(self.provider.metadata())
            .client(&self.client)
            .http_client(self.provider.http().clone())
            .build();
        let refresh = RefreshToken::new(SecretString::new(refresh), None);
        let parameters = RefreshGrantParameters::refresh_token(refresh);
        grant.exchange(parameters).await.map_err(refresh_failure)
    }
}

impl Renew for OAuth2 {
    fn renew<'a>(
        &'a self,
        _: &'a Session,
        old: Option<Tokens>,
    ) -> BoxFuture<'a, Result<Renewed, RefreshFailure>> {
        Box::pin(async move {
            let response = self.exchange(old).await?;
            Ok(Renewed { tokens: tokens(&response), response: None, requested: None })
        })
    }

    fn is_tokenless(&self) -> bool {
        self.for_itself
    }
}
