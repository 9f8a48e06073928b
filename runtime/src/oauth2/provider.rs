//! The authorization server.

use std::fmt;
use std::sync::Arc;
use std::time::Duration;

use huskarl::core::EndpointUrl;
use huskarl::core::server_metadata::AuthorizationServerMetadata;
use huskarl_reqwest::ReqwestClient;

use super::arguments::IntoPreset;
use super::error::OAuth2Error;

/// An authorization server: its endpoints, and how to reach it.
///
/// It is cheap to clone. Discovered metadata is kept for the life of the value: discover a provider once, and share the
/// value.
#[derive(Clone)]
pub struct Provider {
    metadata: Arc<AuthorizationServerMetadata>,
    http: ReqwestClient,
    /// The errors that end a session, besides `invalid_grant`.
    final_errors: &'static [&'static str],
}

impl Provider {
    /// Reads the metadata of the issuer, from OpenID Connect discovery or else from the location of RFC 8414, and
    /// checks that it names this issuer. Endpoints that the first document lacks, such as the one for revocation,
    /// are taken from the second.
    ///
    /// # Errors
    ///
    /// If neither location has metadata of this issuer.
    pub async fn discover(issuer: &str) -> Result<Self, OAuth2Error> {
        Self::discover_with(issuer, reqwest_client()?).await
    }

    /// Like [`discover`](Provider::discover), but with your own HTTP client: with a proxy, another certificate, or a
    /// time limit other than 30 seconds for each request. Build the client as shown: it must not follow redirects of a
    /// token endpoint, and must not reuse idle connections, on which a refresh may be lost.
    ///
    /// ```no_run
    /// # use std::time::Duration;
    /// # use perennial::oauth2::{OAuth2Error, Provider};
    /// # async fn run() -> Result<(), Box<dyn std::error::Error>> {
    /// let http = reqwest::Client::builder()
    ///     .timeout(Duration::from_secs(10))
    ///     .redirect(reqwest::redirect::Policy::none())
    ///     .pool_max_idle_per_host(0)
    ///     .build()?;
    /// let provider = Provider::discover_with("https://id.example", http).await?;
    /// # Ok(())
    /// # }
    /// ```
    ///
    /// # Errors
    ///
    /// Those of [`discover`](Provider::discover).
    pub async fn discover_with(issuer: &str, http: reqwest::Client) -> Result<Self, OAuth2Error> {
        let http = ReqwestClient::from(http);
        let openid = AuthorizationServerMetadata::oidc_fetch()
            .http_client(&http)
            .issuer(issuer)
            .call()
            .await;
        let is_whole =
            |it: &AuthorizationServerMetadata| it.revocation_endpoint.is_some() && has_device(it);
        let metadata = match openid {
            Ok(metadata) if is_whole(&metadata) => metadata,
            openid => {
                let plain = AuthorizationServerMetadata::fetch().http_client(&http).issuer(issuer);
                joined(openid, plain.call().await).map_err(|error| {
                    OAuth2Error::of("discovering the authorization server", error)
                        .hiding(user_of(issuer).as_slice())
                })?
            }
        };
        Ok(Self { metadata: Arc::new(metadata), http, final_errors: &[] })
    }

    /// Creates a provider with known endpoints: one of the [`presets`](super::presets), or your own.
    ///
    /// # Errors
    ///
    /// If an endpoint is not a URL, or if the HTTP client cannot be built.
    pub fn from_preset(preset: impl IntoPreset) -> Result<Self, OAuth2Error> {
        let preset = preset.into_preset();
        let metadata = AuthorizationServerMetadata::builder()
            .issuer(preset.issuer)
            .token_endpoint(endpoint(preset.token)?)
            .maybe_authorization_endpoint(preset.authorization.map(endpoint).transpose()?)
            .maybe_device_authorization_endpoint(preset.device.map(endpoint).transpose()?)
            .maybe_revocation_endpoint(preset.revocation.map(endpoint).transpose()?)
            .response_types_supported(vec!["code".to_owned()])
            .build();
        let http = reqwest_client()?.into();
        Ok(Self { metadata: Arc::new(metadata), http, final_errors: preset.final_errors })
    }

    /// Returns the metadata of the server, as it was discovered or declared.
    #[must_use]
    pub fn metadata(&self) -> &AuthorizationServerMetadata {
        &self.metadata
    }

    /// Changes the metadata, for a server whose documents are incomplete or wrong.
    ///
    /// ```no_run
    /// # use perennial::oauth2::Provider;
    /// # async fn run() -> Result<(), Box<dyn std::error::Error>> {
    /// let device = "https://id.example/device-authorization/".parse()?;
    /// let provider = Provider::discover("https://id.example").await?;
    /// let provider = provider.with_metadata(|it| it.device_authorization_endpoint = Some(device));
    /// # Ok(())
    /// # }
    /// ```
    #[must_use]
    pub fn with_metadata(mut self, change: impl FnOnce(&mut AuthorizationServerMetadata)) -> Self {
        change(Arc::make_mut(&mut self.metadata));
        self
    }

    /// The issuer, if it is known: it is neither empty nor a template such as `{tenantid}`.
    pub(super) fn known_issuer(&self) -> Option<&str> {
        let issuer = self.metadata.issuer.as_str();
        (!issuer.is_empty() && !issuer.contains('{')).then_some(issuer)
    }

    pub(super) fn is_final(&self, code: &str) -> bool {
        code == "invalid_grant" || self.final_errors.contains(&code)
    }

    pub(super) const fn final_errors(&self) -> &'static [&'static str] {
        self.final_errors
    }

    pub(super) const fn http(&self) -> &ReqwestClient {
        &self.http
    }
}

/// The user and the password in an address.
fn user_of(address: &str) -> Option<&str> {
    let (_, rest) = address.split_once("://")?;
    let authority = rest.split(['/', '?', '#']).next()?;
    authority.rsplit_once('@').map(|(user, _)| user)
}

fn has_device(metadata: &AuthorizationServerMetadata) -> bool {
    metadata.device_authorization_endpoint.is_some()
}

/// The document of OpenID Connect, completed by that of RFC 8414; or the latter alone.
fn joined(
    openid: Result<AuthorizationServerMetadata, huskarl::core::Error>,
    plain: Result<AuthorizationServerMetadata, huskarl::core::Error>,
) -> Result<AuthorizationServerMetadata, huskarl::core::Error> {
    let (mut metadata, plain) = match (openid, plain) {
        (Ok(openid), Ok(plain)) => (openid, plain),
        (Ok(openid), Err(_)) => return Ok(openid),
        (Err(_), plain) => return plain,
    };
    let AuthorizationServerMetadata {
        revocation_endpoint,
        revocation_endpoint_auth_methods_supported,
        introspection_endpoint,
        introspection_endpoint_auth_methods_supported,
        device_authorization_endpoint,
        ..
    } = plain;
    if metadata.revocation_endpoint.is_none() {
        metadata.revocation_endpoint = revocation_endpoint;
        metadata.revocation_endpoint_auth_methods_supported =
            revocation_endpoint_auth_methods_supported;
    }
    if metadata.introspection_endpoint.is_none() {
        metadata.introspection_endpoint = introspection_endpoint;
        metadata.introspection_endpoint_auth_methods_supported =
            introspection_endpoint_auth_methods_supported;
    }
    if metadata.device_authorization_endpoint.is_none() {
        metadata.device_authorization_endpoint = device_authorization_endpoint;
    }
    Ok(metadata)
}

fn endpoint(url: &str) -> Result<EndpointUrl, OAuth2Error> {
    url.parse().map_err(|error| OAuth2Error::new("reading the endpoints of the provider", error))
}

/// The time limit of one request to the server.
const TIMEOUT: Duration = Duration::from_secs(30);

/// A redirect would send the client's secret elsewhere, and an idle connection may be closing when a refresh is
/// sent.
fn reqwest_client() -> Result<reqwest::Client, OAuth2Error> {
    reqwest::Client::builder()
        .timeout(TIMEOUT)
        .redirect(reqwest::redirect::Policy::none())
        .pool_max_idle_per_host(0)
        .build()
        .map_err(|error| OAuth2Error::new("building the HTTP client", error))
}

impl fmt::Debug for Provider {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Provider").field("issuer", &self.metadata.issuer).finish_non_exhaustive()
    }
}
