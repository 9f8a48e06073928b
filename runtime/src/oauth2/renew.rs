//! The tokens of a session, renewed at the authorization server.

use std::sync::Arc;

use huskarl::core::secrets::SecretString;
use huskarl::grant::core::TokenResponse;
use huskarl::token::RefreshToken;
use huskarl_crypto_native::asymmetric::signer::PrivateKey;

use super::error::refresh_failure;
use super::unattended::{Grant, Presented};
use super::{OAuth2, bound_tokens, dpop};
use crate::client::{ApiClient, ClientBuilder};
use crate::ports::BoxFuture;
use crate::ports::proof::Prove;
use crate::session::Session;
use crate::session::renew::{RefreshFailure, Renew, Renewed};
use crate::types::cause::RefreshCause;
use crate::types::tokens::Tokens;

impl<C: ApiClient> ClientBuilder<C> {
    /// Refreshes the session's tokens at an authorization server.
    ///
    /// A refresh follows RFC 6749, section 6. Only `invalid_grant`, or an error that the preset lists as final, ends
    /// the session. After any other response the tokens are kept, and a later call tries again. If the response has no
    /// refresh token, the old one is kept.
    ///
    /// With [`client_credentials`](OAuth2::client_credentials), [`jwt_bearer`](OAuth2::jwt_bearer) or
    /// [`token_exchange`](OAuth2::token_exchange) no sign-in is needed; the first call fetches the tokens.
    pub fn oauth2(self, oauth: &OAuth2) -> Self {
        self.renew(Arc::new(oauth.clone()))
    }
}

impl OAuth2 {
    async fn renewed(&self, old: Option<Tokens>) -> Result<Tokens, RefreshFailure> {
        let key = self.key_for(old.as_ref())?;
        let response = self.renewed_with(old, key.as_ref()).await?;
        Ok(bound_tokens(&response, key.as_ref()))
    }

    /// The key of the session, or a new one if it has none.
    fn key_for(&self, old: Option<&Tokens>) -> Result<Option<PrivateKey>, RefreshFailure> {
        if self.proofs.is_none() {
            return Ok(None);
        }
        let saved = old.map_or(Ok(None), dpop::key_of).map_err(RefreshFailure::unavailable)?;
        match saved {
            Some(key) => Ok(Some(key)),
            None => self.new_key().map_err(RefreshFailure::unavailable),
        }
    }

    async fn renewed_with(
        &self,
        old: Option<Tokens>,
        key: Option<&PrivateKey>,
    ) -> Result<TokenResponse, RefreshFailure> {
        let http = self.http();
        let client = self.configuration(key).map_err(RefreshFailure::unavailable)?;
        let presented = match &self.grant {
            Grant::RefreshToken => Presented::RefreshToken(refresh_token(old.as_ref())?),
            Grant::ClientCredentials => Presented::ClientCredentials,
            Grant::Assertion(make) => Presented::Assertion(make().await?),
            Grant::Token(make) => Presented::Token(make().await?),
        };
        self.exchange(presented, &client, http.clone()).await.map_err(|error| {
            refresh_failure(&self.provider, self.grant.is_unattended(), &http, error)
        })
    }
}

fn refresh_token(old: Option<&Tokens>) -> Result<RefreshToken, RefreshFailure> {
    match old.and_then(Tokens::refresh) {
        Some(refresh) => Ok(RefreshToken::new(SecretString::new(refresh), None)),
        None => Err(RefreshFailure::rejected(
            "the authorization server issued no refresh token, so the session cannot be refreshed; \
             request the scope `offline_access`, or the one that your provider uses instead",
        )),
    }
}

impl Renew for OAuth2 {
    fn renew<'a>(
        &'a self,
        _: &'a Session,
        cause: RefreshCause,
    ) -> BoxFuture<'a, Result<Renewed, RefreshFailure>> {
        Box::pin(async move {
            let tokens = self.renewed(cause.tokens).await?;
            Ok(Renewed { tokens, response: None, requested: None })
        })
    }

    fn is_tokenless(&self) -> bool {
        self.grant.is_unattended()
    }

    fn is_unattended(&self) -> bool {
        self.grant.is_unattended()
    }

    fn discard(&self, tokens: &Tokens) -> Option<BoxFuture<'static, ()>> {
        self.provider.metadata().revocation_endpoint.as_ref()?;
        let (oauth, tokens) = (self.clone(), tokens.clone());
        Some(Box::pin(async move {
            // They also expire without being revoked.
            let _ = oauth.revoke(&tokens).await;
        }))
    }

    fn prover(&self) -> Option<Arc<dyn Prove>> {
        let proofs = self.proofs.clone()?;
        Some(proofs)
    }
}
