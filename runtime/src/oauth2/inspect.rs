//! Requests to the authorization server about a token and its user.

use std::collections::HashMap;
use std::time::SystemTime;

use bytes::Bytes;
use http::header::{ACCEPT, CONTENT_TYPE};
use http::{HeaderMap, HeaderValue, Request};
use huskarl::core::OAuthErrorCode;
use huskarl::core::client_auth::AuthenticationContext;
use huskarl::core::dpop::ResourceDPoP;
use huskarl::core::http::{HttpClient, Idempotency};
use huskarl::core::oauth_form;
use huskarl::core::secrets::SecretString;
use huskarl::token::{AccessToken, BearerAccessToken, DPoPAccessToken};
use huskarl::userinfo::{UserInfo, UserInfoClient};
use serde::Deserialize;
use serde_json::Value;

use super::error::OAuth2Error;
use super::{OAuth2, known};
use crate::ports::proof::KEY;
use crate::session::Session;
use crate::types::error::BoxError;
use crate::types::tokens::Tokens;

/// The state of a token, according to the authorization server (RFC 7662, section 2.2).
///
/// ```
/// use perennial::Tokens;
/// use perennial::oauth2::{Introspection, OAuth2, OAuth2Error};
///
/// async fn may_write(oauth: &OAuth2, tokens: &Tokens) -> Result<bool, OAuth2Error> {
///     let Introspection { active, scope, .. } = oauth.introspect(tokens).await?;
///     Ok(active && scope.is_some_and(|scope| scope.split(' ').any(|it| it == "write")))
/// }
/// ```
#[derive(Debug, Clone, Deserialize)]
#[non_exhaustive]
pub struct Introspection {
    /// Whether the token can be used: it was issued by this server, has not expired and was not revoked.
    pub active: bool,
    /// The scopes of the token, separated by spaces.
    pub scope: Option<String>,
    /// The client to which the token was issued.
    pub client_id: Option<String>,
    /// The user name in readable form.
    pub username: Option<String>,
    /// The user's identifier at the server.
    pub sub: Option<String>,
    /// When the token expires, in seconds since 1970.
    pub exp: Option<u64>,
    /// All other fields of the response.
    #[serde(flatten)]
    pub more: HashMap<String, Value>,
}

const USER_INFO: &str = "asking about the user";
const INTROSPECTION: &str = "asking about the token";

impl OAuth2 {
    /// The claims about the signed-in user (OpenID Connect Core, section 5.3). If the token has expired, it is
    /// refreshed, as for any call.
    ///
    /// `subject` is the expected user: after a sign-in with a browser and the scope `openid`, it is
    /// `tokens.extra("sub")`, from the ID token that was checked.
    ///
    /// # Errors
    ///
    /// If no user is signed in, the provider has no such endpoint or no `jwks_uri`, the token cannot be refreshed or is
    /// not accepted, or the claims are about another user.
    pub async fn user_info(
        &self,
        session: &Session,
        subject: &str,
    ) -> Result<UserInfo, OAuth2Error> {
        let nobody = || OAuth2Error::new(USER_INFO, "nobody is signed in");
        let tokens = session.tokens().ok_or_else(nobody)?;
        let error = match self.user_info_with(&tokens, subject).await {
            Err(error) if error.code() == Some(OAuthErrorCode::InvalidToken.as_str()) => error,
            other => return other,
        };
        // Another call may have renewed it meanwhile.
        if session.tokens().is_some_and(|present| present.access() == tokens.access()) {
            session.refresh().await.map_err(|error| OAuth2Error::new(USER_INFO, error))?;
        }
        match session.tokens() {
            Some(tokens) => self.user_info_with(&tokens, subject).await,
            None => Err(error),
        }
    }

    async fn user_info_with(
        &self,
        tokens: &Tokens,
        subject: &str,
    ) -> Result<UserInfo, OAuth2Error> {
        let failed = |error| OAuth2Error::of(USER_INFO, error);
        let builder =
            UserInfoClient::builder_from_metadata(self.provider.metadata()).map_err(failed)?;
        let builder =
            builder.client_id(self.client_id.clone()).jwks_source(self.provider.http().clone());
        let bearer = || {
            let token = SecretString::new(tokens.access());
            AccessToken::Bearer(BearerAccessToken::new(token, SystemTime::now(), None))
        };
        let bound = self.bound_to(tokens).map_err(|error| OAuth2Error::new(USER_INFO, error))?;
        let (client, token) = match bound {
            Some((dpop, token)) => (builder.dpop(dpop).build().await, token),
            None => (builder.build().await, bearer()),
        };
        let http = self.http_alone();
        let claims = client.map_err(failed)?.get(&http, &token, subject).await;
        claims.map_err(|error| http.failed(USER_INFO, error).hiding(&known(tokens)))
    }

    /// The signer for these tokens, if they are bound to a key, and the token in the form for it.
    fn bound_to(&self, tokens: &Tokens) -> Result<Option<(ResourceDPoP, AccessToken)>, BoxError> {
        let key = tokens.extra(KEY).filter(|key| !key.is_empty());
        let Some((key, proofs)) = key.zip(self.proofs.as_deref()) else { return Ok(None) };
        let (dpop, thumbprint) = proofs.resource(key)?;
        let token = SecretString::new(tokens.access());
        let token = DPoPAccessToken::new(token, thumbprint, SystemTime::now(), None);
        Ok(Some((dpop, AccessToken::DPoP(token))))
    }

    /// Asks the server whether the access token can still be used, and for what (RFC 7662). Most servers allow this
    /// to confidential clients only.
    ///
    /// # Errors
    ///
    /// If the provider has no such endpoint, rejects the request, or responds with anything but the state of a token.
    pub async fn introspect(&self, tokens: &Tokens) -> Result<Introspection, OAuth2Error> {
        let failed = |error| OAuth2Error::of(INTROSPECTION, error);
        let metadata = self.provider.metadata();
        let Some(endpoint) = &metadata.introspection_endpoint else {
            return Err(OAuth2Error::new(
                INTROSPECTION,
                "the provider has no introspection endpoint",
            ));
        };
        let context = AuthenticationContext::builder()
            .client_id(&self.client_id)
            .target_endpoint(endpoint)
            .issuer(&metadata.issuer)
            .token_endpoint(&metadata.token_endpoint)
            .maybe_allowed_methods(
                metadata.introspection_endpoint_auth_methods_supported.as_deref(),
            )
            .build();
        let authentication =
            self.authentication.authentication_context(context).await.map_err(failed)?;
        let form = [("token", tokens.access()), ("token_type_hint", "access_token")];
        let mut body = oauth_form::to_string(form.as_slice()).map_err(unsendable)?;
        if let Some(fields) = &authentication.form_params {
            body.push('&');
            oauth_form::push_to_string(&mut body, fields).map_err(unsendable)?;
        }
        let request = request(endpoint.as_uri(), authentication.headers, body);
        let http = self.http_alone();
        let response = http.execute(request, Idempotency::Idempotent).await;
        let response = response.map_err(failed)?;
        if !response.status.is_success() {
            let error = http.hidden(rejected(response.status, &response.body));
            return Err(error.hiding(&known(tokens)));
        }
        // The error of serde would quote the response.
        serde_json::from_slice(&response.body).map_err(|_| {
            OAuth2Error::new(INTROSPECTION, "the response is not the JSON of RFC 7662, section 2.2")
        })
    }
}

fn request(endpoint: &http::Uri, headers: Option<HeaderMap>, body: String) -> Request<Bytes> {
    let mut request = Request::new(Bytes::from(body));
    *request.method_mut() = http::Method::POST;
    *request.uri_mut() = endpoint.clone();
    *request.headers_mut() = headers.unwrap_or_default();
    let headers = request.headers_mut();
    headers.insert(ACCEPT, HeaderValue::from_static("application/json"));
    headers.insert(CONTENT_TYPE, HeaderValue::from_static("application/x-www-form-urlencoded"));
    request
}

/// The error of a server that rejects the request, with its code (RFC 6749, section 5.2).
fn rejected(status: http::StatusCode, body: &[u8]) -> OAuth2Error {
    #[derive(Deserialize)]
    struct Rejection {
        error: String,
    }
    match serde_json::from_slice::<Rejection>(body) {
        Ok(Rejection { error }) => {
            let text =
                format!("the server rejected the request with status {}: {error}", status.as_u16());
            OAuth2Error::new(INTROSPECTION, text).with_code(&error)
        }
        Err(_) => {
            let text = format!("the server rejected the request with status {}", status.as_u16());
            OAuth2Error::new(INTROSPECTION, text)
        }
    }
}

fn unsendable(error: oauth_form::FormError) -> OAuth2Error {
    OAuth2Error::new(INTROSPECTION, error)
}
