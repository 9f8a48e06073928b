//! Well-known providers as data, from their public documentation.
//!
//! Providers that publish metadata need none of this: [`Provider::discover`](super::Provider::discover) reads it.

/// The endpoints of a provider, with its peculiarities.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub struct Preset {
    /// Names the provider in errors and in the checks of `iss`.
    pub issuer: &'static str,
    /// Where a browser goes to sign in.
    pub authorization: Option<&'static str>,
    /// Where tokens are issued and renewed.
    pub token: &'static str,
    /// Where a device asks for a code (RFC 8628).
    pub device: Option<&'static str>,
    /// Where tokens are revoked (RFC 7009).
    pub revocation: Option<&'static str>,
}

impl Preset {
    /// A provider with only a token endpoint.
    #[must_use]
    pub const fn new(issuer: &'static str, token: &'static str) -> Self {
        Self { issuer, token, authorization: None, device: None, revocation: None }
    }

    /// Where a browser goes to sign in.
    #[must_use]
    pub const fn authorization(mut self, url: &'static str) -> Self {
        self.authorization = Some(url);
        self
    }

    /// Where a device asks for a code (RFC 8628).
    #[must_use]
    pub const fn device(mut self, url: &'static str) -> Self {
        self.device = Some(url);
        self
    }

    /// Where tokens are revoked (RFC 7009).
    #[must_use]
    pub const fn revocation(mut self, url: &'static str) -> Self {
        self.revocation = Some(url);
        self
    }
}

/// GitHub. Tokens of an OAuth app do not expire and have no refresh token; those of a GitHub App expire after
/// eight hours if the app says so, and its refresh tokens rotate. There is no discovery and no RFC 7009
/// revocation.
pub const GITHUB: Preset =
    Preset::new("https://github.com", "https://github.com/login/oauth/access_token")
        .authorization("https://github.com/login/oauth/authorize")
        .device("https://github.com/login/device/code");

/// Google. Publishes metadata at `https://accounts.google.com`. A refresh token comes only with
/// `access_type=offline`, and only on the first consent; refresh tokens do not rotate.
pub const GOOGLE: &str = "https://accounts.google.com";

/// GitLab. Publishes metadata; a self-managed instance is its own issuer. Access tokens live for two hours, and
/// refresh tokens rotate.
pub const GITLAB: &str = "https://gitlab.com";

/// Spotify. Publishes no device flow. The response to a refresh may leave the refresh token out: the old one
/// stays valid.
pub const SPOTIFY: Preset =
    Preset::new("https://accounts.spotify.com", "https://accounts.spotify.com/api/token")
        .authorization("https://accounts.spotify.com/authorize");

/// The issuer of a tenant of Microsoft Entra. `common` cannot be discovered with a check of the issuer, since its
/// metadata names a template; name the tenant. A refresh token comes only with the scope `offline_access`.
#[must_use]
pub fn entra(tenant: &str) -> String {
    format!("https://login.microsoftonline.com/{tenant}/v2.0")
}

/// The issuer of an Auth0 domain, which ends in a slash. A refresh token comes only with the scope
/// `offline_access`; rotation is a setting of the application.
#[must_use]
pub fn auth0(domain: &str) -> String {
    format!("https://{domain}/")
}

/// The issuer of Okta's default authorization server at this domain.
#[must_use]
pub fn okta(domain: &str) -> String {
    format!("https://{domain}/oauth2/default")
}

/// The issuer of a Keycloak realm.
#[must_use]
pub fn keycloak(base: &str, realm: &str) -> String {
    format!("{}/realms/{realm}", base.trim_end_matches('/'))
}
