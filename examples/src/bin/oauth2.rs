//! An OAuth 2 resource server: a bearer token with `expires_in`, refreshed by a form (RFC 6749), single-use
//! refresh tokens, and `WWW-Authenticate` (RFC 6750): `invalid_token` is a reason to renew the token,
//! `insufficient_scope` is not.
//!
//! `cargo run -p perennial-examples --bin oauth2` calls a server in this program.

#![allow(missing_docs, reason = "the API documents its fields")]

use std::fmt;
use std::sync::{Arc, Mutex, PoisonError};

use axum::extract::State;
use axum::http::{HeaderMap, StatusCode};
use axum::response::{IntoResponse, Response};
use axum::routing::{delete, get, post};
use axum::{Form, Json, Router};
use perennial::{Error, Tokens, api_client};
use perennial_examples::say;
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

#[derive(Serialize)]
pub struct RefreshGrant {
    grant_type: &'static str,
    refresh_token: String,
    client_id: &'static str,
}

impl From<&Tokens> for RefreshGrant {
    fn from(tokens: &Tokens) -> Self {
        let refresh_token = tokens.refresh().unwrap_or_default().to_owned();
        Self { grant_type: "refresh_token", refresh_token, client_id: "example" }
    }
}

#[derive(Debug, Deserialize)]
pub struct Profile {
    pub name: String,
}

#[derive(Debug)]
pub enum Failure {
    /// The user did not allow this; the token is valid for the scopes that they allowed.
    NotAllowed,
    /// The user has to sign in again.
    SignedOut,
    Other(Error),
}

impl From<Error> for Failure {
    fn from(error: Error) -> Self {
        if error.is_signed_out() { Self::SignedOut } else { Self::Other(error) }
    }
}

impl fmt::Display for Failure {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::NotAllowed => f.write_str("not allowed"),
            Self::SignedOut => f.write_str("please sign in again"),
            Self::Other(error) => error.fmt(f),
        }
    }
}

/// The error of the token endpoint.
#[derive(Debug, Deserialize)]
struct Rejection {
    error: String,
}

/// A resource server with its token endpoint.
#[api_client(auth(oauth2, early = "30s"))]
pub trait Resources {
    /// The user name and the password, for the first tokens.
    #[post("/token", login)]
    async fn sign_in(
        &self,
        #[field] grant_type: &str,
        #[field] username: &str,
        #[field] password: &str,
    ) -> perennial::Result<Tokens>;

    /// Renews the tokens. Only its form carries one.
    #[post("/token", refresh, public, allow(duplicate_endpoint))]
    async fn refresh(&self, #[form] grant: RefreshGrant) -> perennial::Result<Tokens>;

    /// The signed-in user.
    #[get("/me")]
    async fn me(&self) -> Result<Profile, Failure>;

    /// Deletes the account.
    #[delete("/me")]
    #[errors(403 => NotAllowed)]
    async fn leave(&self) -> Result<(), Failure>;
}

#[tokio::main]
async fn main() -> Result<(), Box<dyn std::error::Error>> {
    let issuer = Arc::new(Issuer::default());
    let base = perennial_examples::serve(router(Arc::clone(&issuer))).await?;
    let resources = ResourcesClient::builder(base).build()?;

    if let Err(error) = resources.sign_in("password", "ann", "wrong").await {
        say!("a wrong password is rejected: {}", error.body::<Rejection>()?.error);
    }
    resources.sign_in("password", "ann", "correct").await?;
    say!("signed in as {}", name(resources.me().await));

    issuer.books().forget_access();
    let (a, b, c) = tokio::join!(resources.me(), resources.me(), resources.me());
    let names = [a, b, c].map(name).join(", ");
    say!("the token has expired, and three concurrent calls succeed: {names}");
    say!("refreshes: {} (expected: 1 for all three)", issuer.books().refreshes);

    let left = resources.leave().await;
    let left = left.map_or_else(|failure| failure.to_string(), |()| "done".to_owned());
    say!("deleting the account: {left} (expected: not allowed)");
    say!("refreshes: {} (expected: still 1, no token helps here)", issuer.books().refreshes);

    issuer.books().forget_access();
    issuer.books().refresh = None;
    say!("the grant was revoked, and the token has expired: {}", name(resources.me().await));
    Ok(())
}

fn name(response: Result<Profile, Failure>) -> String {
    response.map_or_else(|failure| failure.to_string(), |profile| profile.name)
}

#[derive(Default)]
struct Issuer(Mutex<Books>);

#[derive(Default)]
struct Books {
    serial: u64,
    access: Option<String>,
    refresh: Option<String>,
    refreshes: u64,
}

impl Issuer {
    fn books(&self) -> std::sync::MutexGuard<'_, Books> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Books {
    fn forget_access(&mut self) {
        self.access = None;
    }

    fn grant(&mut self) -> Response {
        self.serial += 1;
        let access = self.access.insert(format!("access-{}", self.serial)).clone();
        let refresh = self.refresh.insert(format!("refresh-{}", self.serial)).clone();
        Json(json!({
            "access_token": access,
            "token_type": "Bearer",
            "expires_in": 3600,
            "refresh_token": refresh,
        }))
        .into_response()
    }
}

fn router(issuer: Arc<Issuer>) -> Router {
    Router::new()
        .route("/token", post(token))
        .route("/me", get(me))
        .route("/me", delete(leave))
        .with_state(issuer)
}

async fn token(State(issuer): State<Arc<Issuer>>, Form(form): Form<Value>) -> Response {
    let mut books = issuer.books();
    let is_good = match form["grant_type"].as_str() {
        Some("password") => form["password"] == "correct",
        Some("refresh_token") => {
            books.refreshes += 1;
            // Good for once: a second use would find none, and end the session.
            books.refresh.take().is_some_and(|good| form["refresh_token"] == good)
        }
        _ => false,
    };
    if is_good {
        return books.grant();
    }
    (StatusCode::BAD_REQUEST, Json(json!({"error": "invalid_grant"}))).into_response()
}

async fn me(State(issuer): State<Arc<Issuer>>, headers: HeaderMap) -> Response {
    match issuer.rejects(&headers) {
        Some(rejection) => rejection,
        None => Json(json!({"name": "Ann"})).into_response(),
    }
}

async fn leave(State(issuer): State<Arc<Issuer>>, headers: HeaderMap) -> Response {
    issuer.rejects(&headers).unwrap_or_else(|| {
        let challenge = "Bearer error=\"insufficient_scope\", scope=\"account:delete\"";
        (StatusCode::FORBIDDEN, [("www-authenticate", challenge)]).into_response()
    })
}

impl Issuer {
    fn rejects(&self, headers: &HeaderMap) -> Option<Response> {
        let given =
            headers.get("authorization").and_then(|it| it.to_str().ok()?.strip_prefix("Bearer "));
        if given.is_some() && given == self.books().access.as_deref() {
            return None;
        }
        // A request without a token only learns that one is needed (RFC 6750, section 3.1).
        let challenge = match given {
            Some(_) => {
                "Bearer error=\"invalid_token\", error_description=\"The access token expired\""
            }
            None => "Bearer",
        };
        Some((StatusCode::UNAUTHORIZED, [("www-authenticate", challenge)]).into_response())
    }
}
