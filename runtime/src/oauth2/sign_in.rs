//! The ways in which a user signs in.

use std::fmt;

use huskarl::grant::authorization_code::{
    self, AuthorizationCodeGrant, LoopbackError, bind_loopback,
};
use huskarl::grant::device_authorization::{self, DeviceAuthorizationGrant, PollError};

use super::error::{OAuth2Error, TimedOut};
use super::form_client::with_parameters;
use super::{OAuth2, bound_tokens};
use crate::types::tokens::Tokens;

const BROWSER: &str = "signing in with the browser";
const DEVICE: &str = "signing in on another device";

/// The prompt for signing in on another device: an address, and a code to type there (RFC 8628, section 3.3).
///
/// `Display` is a sentence for a terminal.
///
/// ```
/// use perennial::Tokens;
/// use perennial::oauth2::{DevicePrompt, OAuth2, OAuth2Error};
///
/// async fn sign_in(oauth: &OAuth2) -> Result<Tokens, OAuth2Error> {
///     oauth.sign_in_with_device(|prompt: &DevicePrompt| println!("{prompt}")).await
/// }
/// ```
#[derive(Debug, Clone)]
#[non_exhaustive]
pub struct DevicePrompt {
    /// The address to visit.
    pub verification_uri: String,
    /// The code to type there.
    pub user_code: String,
    /// The same address including the code, if the server provides it; suitable for a QR code.
    pub verification_uri_complete: Option<String>,
}

impl fmt::Display for DevicePrompt {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Open {} and enter the code {}", self.verification_uri, self.user_code)
    }
}

/// The address to which the browser returns: the loopback of this machine (RFC 8252, section 7.3).
#[derive(Debug, Clone)]
pub struct Browser {
    port: u16,
    path: String,
}

impl Browser {
    /// Any free port. The server has to accept every port for the registered loopback address, as RFC 8252
    /// requires.
    #[must_use]
    pub fn any_port() -> Self {
        Self { port: 0, path: "/".to_owned() }
    }

    /// One port, for servers that compare the whole redirect URI.
    #[must_use]
    pub const fn port(mut self, port: u16) -> Self {
        self.port = port;
        self
    }

    /// The path of the registered redirect URI; `/` by default.
    #[must_use]
    pub fn path(mut self, path: impl Into<String>) -> Self {
        self.path = path.into();
        self
    }
}

impl OAuth2 {
    /// Signs in with a browser: authorization code with PKCE (RFC 7636) and a redirect to the loopback.
    ///
    /// `open` receives the address that the user has to visit: open it with a crate such as `webbrowser`, or print
    /// it. The final page in the browser asks the user to return to the program. `state` and `iss` (RFC 9207) are
    /// checked.
    ///
    /// Dropping the future frees the port and leaves nothing running.
    ///
    /// # Errors
    ///
    /// If the port is in use, the user denies access, the response does not belong to this request, or the user
    /// does not sign in within [`sign_in_timeout`](OAuth2::sign_in_timeout).
    pub async fn sign_in_with_browser(
        &self,
        browser: Browser,
        open: impl FnOnce(&str),
    ) -> Result<Tokens, OAuth2Error> {
        self.within_patience(BROWSER, self.browse(browser, open)).await
    }

    async fn browse(
        &self,
        browser: Browser,
        open: impl FnOnce(&str),
    ) -> Result<Tokens, OAuth2Error> {
        let http = self.http();
        let failed = |error| http.failed(BROWSER, error);
        let key = self.new_key()?;
        let client = self.configuration(key.as_ref()).map_err(failed)?;
        let listener =
            bind_loopback(browser.port).await.map_err(|error| port_error(browser.port, error))?;
        let address = listener.local_addr().map_err(|error| OAuth2Error::new(BROWSER, error))?;
        let grant = AuthorizationCodeGrant::builder_from_metadata(self.provider.metadata())
            .map_err(failed)?
            .client(&client)
            .http_client(http.clone())
            .redirect_uri(format!("http://{address}{}", browser.path))
            .build()
            .await
            .map_err(failed)?;
        let input = authorization_code::StartInput::builder()
            .maybe_scope(self.wanted_scopes())
            .maybe_resource(self.wanted_resources())
            .build();
        let started = grant.start(input).await.map_err(failed)?;
        open(&with_parameters(&started.authorization_url, &self.address_parameters()));
        let completed = grant.complete_on_loopback(&listener, &started.pending_state, None);
        let completed = completed.await.map_err(|error| http.hidden(loopback_error(error)))?;
        let tokens = bound_tokens(&completed.token_response, key.as_ref());
        let subject = completed.id_token.as_ref().and_then(|it| it.sub.as_deref());
        Ok(of_subject(tokens, subject))
    }

    /// Signs in on another device (RFC 8628): the program shows the user an address and a code, and polls the
    /// server at the interval that the server states until the user has signed in.
    ///
    /// # Errors
    ///
    /// If the user denies access, the code expires, or the user does not sign in within
    /// [`sign_in_timeout`](OAuth2::sign_in_timeout).
    pub async fn sign_in_with_device(
        &self,
        show: impl FnOnce(&DevicePrompt),
    ) -> Result<Tokens, OAuth2Error> {
        self.within_patience(DEVICE, self.poll_device(show)).await
    }

    async fn poll_device(&self, show: impl FnOnce(&DevicePrompt)) -> Result<Tokens, OAuth2Error> {
        let http = self.http();
        let failed = |error| http.failed(DEVICE, error);
        let key = self.new_key()?;
        let client = self.configuration(key.as_ref()).map_err(failed)?;
        let grant = DeviceAuthorizationGrant::builder_from_metadata(self.provider.metadata())
            .map_err(failed)?
            .client(&client)
            .http_client(http.clone())
            .build();
        let input = device_authorization::StartInput::builder()
            .maybe_scope(self.wanted_scopes())
            .maybe_resource(self.wanted_resources())
            .build();
        let started = grant.start(input).await.map_err(failed)?;
        let mut pending = started.pending_state;
        show(&DevicePrompt {
            verification_uri: started.verification_uri,
            user_code: started.user_code,
            verification_uri_complete: started.verification_uri_complete,
        });
        let polled = grant.poll_to_completion(&mut pending, None).await;
        let response = polled.map_err(|error| match error {
            PollError::AccessDenied => OAuth2Error::new(DEVICE, error).with_code("access_denied"),
            PollError::TokenExpired => OAuth2Error::new(DEVICE, error).with_code("expired_token"),
            PollError::Exchange { source } => failed(source),
            other => http.hidden(OAuth2Error::new(DEVICE, other)),
        })?;
        let subject = self.subject(DEVICE, &response).await?;
        Ok(of_subject(bound_tokens(&response, key.as_ref()), subject.as_deref()))
    }

    /// The parameters that are added to the address where a user signs in.
    fn address_parameters(&self) -> Vec<(String, String)> {
        let audience = self.audience.iter().map(|it| ("audience".to_owned(), it.clone()));
        audience.chain(self.authorization_parameters.iter().cloned()).collect()
    }

    pub(super) async fn within_patience<T>(
        &self,
        doing: &'static str,
        future: impl Future<Output = Result<T, OAuth2Error>>,
    ) -> Result<T, OAuth2Error> {
        tokio::time::timeout(self.patience, future)
            .await
            .unwrap_or_else(|_| Err(OAuth2Error::new(doing, TimedOut(self.patience))))
    }
}

/// The tokens, with the subject of their ID token.
fn of_subject(tokens: Tokens, subject: Option<&str>) -> Tokens {
    match subject {
        Some(subject) => tokens.with_extra("sub", subject),
        None => tokens,
    }
}

fn port_error(port: u16, error: std::io::Error) -> OAuth2Error {
    OAuth2Error::new(BROWSER, format!("cannot listen on port {port} of the loopback: {error}"))
}

fn loopback_error(error: LoopbackError) -> OAuth2Error {
    match error {
        LoopbackError::OAuthError { ref verdict, .. } => {
            let code = verdict.code().as_str().to_owned();
            OAuth2Error::new(BROWSER, error).with_code(&code)
        }
        LoopbackError::Complete { source } => OAuth2Error::of(BROWSER, source),
        other => OAuth2Error::new(BROWSER, other),
    }
}
