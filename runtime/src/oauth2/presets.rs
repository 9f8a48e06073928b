//! Well-known providers as data, from their public documentation.
//!
//! Providers that publish metadata need only their issuer, which is listed here:
//! [`Provider::discover`](super::Provider::discover) reads the rest.

/// The endpoints of a provider, and its deviations from the standard.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub struct Preset {
    /// The issuer, for errors and for checks of `iss`: an `iss` in a redirect must equal this string. Write `""` if the
    /// issuer is unknown, or a template such as `https://login.microsoftonline.com/{tenantid}/v2.0` if each tenant has
    /// its own; then `iss` is not compared.
    pub issuer: &'static str,
    /// Where a browser goes to sign in.
    pub authorization: Option<&'static str>,
    /// Where tokens are issued and refreshed.
    pub token: &'static str,
    /// Where a device asks for a code (RFC 8628).
    pub device: Option<&'static str>,
    /// Where tokens are revoked (RFC 7009).
    pub revocation: Option<&'static str>,
    /// The errors, besides `invalid_grant`, that mean that a refresh token can no longer be used (RFC 6749, section
    /// 5.2).
    pub final_errors: &'static [&'static str],
}

impl Preset {
    /// Creates a preset for a provider that has only a token endpoint.
    #[must_use]
    pub const fn new(issuer: &'static str, token: &'static str) -> Self {
        Self {
            issuer,
            token,
            authorization: None,
            device: None,
            revocation: None,
            final_errors: &[],
        }
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

    /// The errors, besides `invalid_grant`, that mean that a refresh token can no longer be used: each ends the
    /// session.
    #[must_use]
    pub const fn final_errors(mut self, codes: &'static [&'static str]) -> Self {
        self.final_errors = codes;
        self
    }
}

/// GitHub. User tokens of a GitHub App expire after eight hours unless the app opts out, and their refresh tokens
/// can be used once, within six months; tokens that do not expire come without a refresh token. Errors come with
/// status 200, and the error for a used refresh token is `bad_refresh_token`. Signing in with a browser needs the
/// client's secret even with PKCE, and so does the refresh of the resulting tokens; the device flow needs none, but
/// has to be enabled for the app. GitHub documents neither discovery nor the revocation of RFC 7009.
pub const GITHUB: Preset =
    Preset::new("https://github.com/login/oauth", "https://github.com/login/oauth/access_token")
        .authorization("https://github.com/login/oauth/authorize")
        .device("https://github.com/login/device/code")
        .final_errors(&["bad_refresh_token"]);

/// Google. Publishes metadata. A refresh token is issued only with the parameter `access_type=offline`
/// ([`authorization_parameters`](super::OAuth2::authorization_parameters)), and only when the user consents;
/// `prompt=consent` asks for consent again. Refresh tokens do not rotate; their number per user and client is
/// limited, and the oldest is invalidated without notice. Desktop clients have a secret, which is not confidential.
pub const GOOGLE: &str = "https://accounts.google.com";

/// GitLab. Publishes metadata; a self-managed instance is its own issuer. Access tokens live for two hours. A refresh
/// invalidates the old access token together with the old refresh token.
pub const GITLAB: &str = "https://gitlab.com";

/// Spotify. Documents neither a device flow nor revocation. Access tokens live for an hour. The response to a refresh
/// may contain no refresh token: the old one stays valid until six months after the sign-in, however often it is used.
/// Redirects to `localhost` are rejected, but redirects to `127.0.0.1` are accepted; a redirect URI that is registered
/// without a port accepts any port.
pub const SPOTIFY: Preset =
    Preset::new("https://accounts.spotify.com", "https://accounts.spotify.com/api/token")
        .authorization("https://accounts.spotify.com/authorize");

/// The issuer of a tenant of Microsoft Entra, by the tenant's id. Its domain and `common` cannot be discovered: their
/// metadata names the id or a template as the issuer, which fails the check. A refresh token is issued only with the
/// scope `offline_access`, lives for 90 days (24 hours for single-page apps), and is replaced on each use, while the
/// old one stays valid, so a refresh whose response was lost may be sent once more (`grace`). There is no revocation.
///
/// ```
/// let issuer = perennial::oauth2::presets::entra("8f2c6f1e-0d5b-4c37-9a41-2f8f1b6a7c11");
/// assert_eq!(issuer, "https://login.microsoftonline.com/8f2c6f1e-0d5b-4c37-9a41-2f8f1b6a7c11/v2.0");
/// ```
#[must_use]
pub fn entra(tenant: &str) -> String {
    format!("https://login.microsoftonline.com/{tenant}/v2.0")
}

/// The issuer of an Auth0 domain, which ends in a slash. Without an [`audience`](super::OAuth2::audience), access
/// tokens are opaque and work only for the provider's own user info. A refresh token is issued only with the scope
/// `offline_access`. Rotation is a setting of the application, and so is the time for which a used refresh token is
/// still accepted (`grace`), zero by default.
///
/// ```
/// assert_eq!(perennial::oauth2::presets::auth0("shop.eu.auth0.com"), "https://shop.eu.auth0.com/");
/// ```
#[must_use]
pub fn auth0(domain: &str) -> String {
    format!("https://{domain}/")
}

/// The issuer of Okta's default authorization server at this domain. Other servers have their id instead of `default`,
/// and the issuer of the organization's server is the domain alone. A refresh token is issued only with the scope
/// `offline_access`. Whether it rotates, and how long a used refresh token is still accepted (`grace`), are settings of
/// the application.
///
/// ```
/// assert_eq!(perennial::oauth2::presets::okta("dev-1.okta.com"), "https://dev-1.okta.com/oauth2/default");
/// ```
#[must_use]
pub fn okta(domain: &str) -> String {
    format!("https://{domain}/oauth2/default")
}

/// The issuer of a Keycloak realm. Servers before version 17 have `/auth` in their base. A refresh token is issued with
/// every sign-in and expires with the user's session at the provider; the scope `offline_access` requests a refresh
/// token that outlives that session. Refresh tokens can be used only once if the realm is configured that way ("Revoke
/// Refresh Token").
///
/// ```
/// assert_eq!(perennial::oauth2::presets::keycloak("https://id.example", "shop"), "https://id.example/realms/shop");
/// ```
#[must_use]
pub fn keycloak(base: &str, realm: &str) -> String {
    format!("{}/realms/{realm}", base.trim_end_matches('/'))
}
