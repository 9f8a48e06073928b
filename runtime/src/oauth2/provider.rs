//! The authorization server.

use std::fmt;
use std::sync::Arc;

use huskarl::core::EndpointUrl;
use huskarl::core::server_metadata::AuthorizationServerMetadata;
use huskarl_reqwest::ReqwestClient;

use super::error::OAuth2Error;
use super::presets::Preset;

/// An authorization server: its endpoints, and how it is reached.
///
/// Cheap to clone. Discovered metadata is kept for the life of the value; discover it once, and share it.
#[derive(Clone)]
pub struct Provider {
    metadata: Arc<AuthorizationServerMetadata>,
    http: ReqwestClient,
}

impl Provider {
    /// Reads the metadata of the issuer, from OpenID Connect discovery or else from the place of RFC 8414, and
    /// checks that it names this issuer.
    ///
    /// # Errors
    ///
    /// If neither place has metadata of this issuer.
    pub async fn discover(issuer: &str) -> Result<Self, OAuth2Error> {
        Self::discover_with(issuer, reqwest_client()?).await
    }

    /// As [`discover`](Provider::discover), through an HTTP client of your own. It should follow no redirects,
    /// since a token endpoint has none.
    ///
    /// # Errors
    ///
    /// As for [`discover`](Provider::discover).
    pub async fn discover_with(issuer: &str, http: reqwest::Client) -> Result<Self, OAuth2Error> {
        let http = ReqwestClient::from(http);
        let openid = AuthorizationServerMetadata::oidc_fetch()
            .http_client(&http)
            .issuer(issuer)
            .call()
            .await;
        let metadata = match openid {
            Ok(metadata) => metadata,
            Err(_) => AuthorizationServerMetadata::fetch()
                .http_client(&http)
                .issuer(issuer)
                .call()
                .await
                .map_err(|error| OAuth2Error::of("discovering the authorization server", error))?,
        };
        Ok(Self { metadata: Arc::new(metadata), http })
    }

    /// A provider whose endpoints are known: one of the [`presets`](super::presets), or your own.
    ///
    /// # Errors
    ///
    /// If an endpoint is not a URL, or the HTTP client cannot be built.
    pub fn from_preset(preset: &Preset) -> Result<Self, OAuth2Error> {
        let metadata = AuthorizationServerMetadata::builder()
            .issuer(preset.issuer)
            .token_endpoint(endpoint(preset.token)?)
            .maybe_authorization_endpoint(preset.authorization.map(endpoint).transpose()?)
            .maybe_device_authorization_endpoint(preset.device.map(endpoint).transpose()?)
            .maybe_revocation_endpoint(preset.revocation.map(endpoint).transpose()?)
            .response_types_supported(vec!["code".to_owned()])
            .build();
        Ok(Self { metadata: Arc::new(metadata), http: reqwest_client()?.into() })
    }

    /// The metadata of the server, as it was discovered or declared.
    #[must_use]
    pub fn metadata(&self) -> &AuthorizationServerMetadata {
        &self.metadata
    }

    pub(super) const fn http(&self) -> &ReqwestClient {
        &self.http
    }
}

fn endpoint(url: &str) -> Result<EndpointUrl, OAuth2Error> {
    url.parse().map_err(|error| OAuth2Error::new("reading the endpoints of the provider", error))
}

/// A redirect would take the client's secret elsewhere.
fn reqwest_client() -> Result<reqwest::Client, OAuth2Error> {
    reqwest::Client::builder()
        .redirect(reqwest::redirect::Policy::none())
        .build()
        .map_err(|error| OAuth2Error::new("building the HTTP client", error))
}

impl fmt::Debug for Provider {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Provider").field("issuer", &self.metadata.issuer).finish_non_exhaustive()
    }
}
