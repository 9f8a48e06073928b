//! Signing in with a browser.

use huskarl::grant::authorization_code::{
    AuthorizationCodeGrant, CompleteInput, CompleteOutput, ParseCallbackError, PendingState,
    StartInput, bind_loopback,
};
use url::Url;

use super::error::{OAuth2Error, TimedOut};
use super::form_client::{FormClient, with_parameters};
use super::loopback::redirect;
use super::{OAuth2, bound_tokens};
use crate::types::tokens::Tokens;

const BROWSER: &str = "signing in with the browser";

/// Where the browser returns to: the loopback of this machine (RFC 8252, section 7.3).
#[derive(Debug, Clone)]
pub struct Browser {
    port: u16,
    path: String,
}

impl Browser {
    /// Uses any free port. The server has to accept every port for the registered loopback address, as RFC 8252
    /// requires.
    #[must_use]
    pub fn any_port() -> Self {
        Self { port: 0, path: "/".to_owned() }
    }

    /// Sets the port, for servers that compare the whole redirect URI.
    #[must_use]
    pub const fn port(mut self, port: u16) -> Self {
        self.port = port;
        self
    }

    /// Sets the path of the registered redirect URI; `/` by default.
    #[must_use]
    pub fn path(mut self, path: impl Into<String>) -> Self {
        self.path = path.into();
        self
    }
}

impl OAuth2 {
    /// Signs in with a browser: authorization code with PKCE (RFC 7636) and a redirect to the loopback.
    ///
    /// `open` receives the URL that the user has to visit: open it with a crate such as `webbrowser`, or print it.
    /// `state` is checked, and so is `iss` (RFC 9207) if it is present or the server announces it. A request without the
    /// right `state` is refused, and the sign-in goes on waiting. The browser gets a page that asks the user to return to
    /// the program; the sign-in does not depend on whether the browser shows that page.
    ///
    /// Dropping the future frees the port and leaves nothing running.
    ///
    /// # Errors
    ///
    /// If the port is in use, the user denies access, the response names another issuer, or the user does not sign in
    /// within [`sign_in_timeout`](OAuth2::sign_in_timeout).
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
        let back = format!("http://{address}{}", browser.path);
        let path = Url::parse(&back).map_err(|error| OAuth2Error::new(BROWSER, error))?;
        let grant = AuthorizationCodeGrant::builder_from_metadata(self.provider.metadata())
            .map_err(failed)?
            .client(&client)
            .http_client(http.clone())
            .redirect_uri(back)
            .build()
            .await
            .map_err(failed)?;
        let input = StartInput::builder()
            .maybe_scope(self.wanted_scopes())
            .maybe_resource(self.wanted_resources())
            .build();
        let started = grant.start(input).await.map_err(failed)?;
        open(&with_parameters(&started.authorization_url, &self.address_parameters()));
        let redirect = redirect(&listener, path.path(), &started.pending_state.state).await;
        let redirect = redirect.map_err(|error| OAuth2Error::new(BROWSER, error))?;
        let completed = match self.of_another_issuer(&redirect.query) {
            Some(error) => Err(error),
            None => completed(&grant, &started.pending_state, &redirect.query, &http).await,
        };
        // Nothing waits from here on, so neither a timeout nor the browser can lose the tokens.
        redirect.show(completed.is_ok());
        let completed = completed?;
        let tokens = bound_tokens(&completed.token_response, key.as_ref());
        let subject = completed.id_token.as_ref().and_then(|it| it.sub.as_deref());
        Ok(of_subject(tokens, subject))
    }

    /// The error of a redirect that names another issuer, whether the server says that it names one or not (RFC 9207,
    /// section 2.4). Its code must not be sent to the server of this sign-in. Nothing is compared if the issuer of this
    /// server is unknown.
    fn of_another_issuer(&self, query: &str) -> Option<OAuth2Error> {
        let own = self.provider.known_issuer()?;
        let mut named = form_urlencoded::parse(query.as_bytes()).filter(|(name, _)| name == "iss");
        let (_, other) = named.find(|(_, issuer)| issuer != own)?;
        let error = format!("the redirect names the issuer {other:?} instead of {own:?}");
        Some(OAuth2Error::new(BROWSER, error))
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
pub(super) fn of_subject(tokens: Tokens, subject: Option<&str>) -> Tokens {
    match subject {
        Some(subject) => tokens.with_extra("sub", subject),
        None => tokens,
    }
}

fn port_error(port: u16, error: std::io::Error) -> OAuth2Error {
    OAuth2Error::new(BROWSER, format!("cannot listen on port {port} of the loopback: {error}"))
}

async fn completed(
    grant: &AuthorizationCodeGrant,
    pending: &PendingState,
    query: &str,
    http: &FormClient,
) -> Result<CompleteOutput, OAuth2Error> {
    let input: CompleteInput = query
        .parse()
        .map_err(|error: ParseCallbackError| http.hidden(OAuth2Error::new(BROWSER, error)))?;
    grant.complete(pending, input).await.map_err(|error| http.failed(BROWSER, error))
}
