//! The user that an ID token names.

use huskarl::DefaultJwsVerifierPlatform;
use huskarl::core::crypto::verifier::JwsVerifierFactory;
use huskarl::core::jwk::JwksSource;
use huskarl::grant::core::TokenResponse;
use huskarl::token::id_token::IdTokenValidator;

use super::OAuth2;
use super::error::OAuth2Error;

impl OAuth2 {
    /// The subject of the response's ID token, after checking the token (OpenID Connect Core, section 3.1.3.7).
    /// `None` if there is no ID token, or if the provider publishes no keys.
    pub(super) async fn subject(
        &self,
        doing: &'static str,
        response: &TokenResponse,
    ) -> Result<Option<String>, OAuth2Error> {
        let metadata = self.provider.metadata();
        let (Some(token), Some(keys)) = (response.id_token(), &metadata.jwks_uri) else {
            return Ok(None);
        };
        let platform = DefaultJwsVerifierPlatform::default().into();
        let source = JwksSource::builder().http_client(self.http_alone()).build();
        let verifier = source.build(Some(keys), platform).await;
        let verifier = verifier.map_err(|error| OAuth2Error::of(doing, error))?;
        let validator = IdTokenValidator::builder()
            .verifier(verifier)
            .issuer(&metadata.issuer)
            .audience(&self.client_id)
            .build();
        let valid = validator.validate(token, None).await;
        let valid = valid.map_err(|error| OAuth2Error::new(doing, error))?;
        Ok(valid.sub)
    }
}
