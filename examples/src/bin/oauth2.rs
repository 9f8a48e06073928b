//! An OAuth 2 resource server: a bearer token with `expires_in`, refreshed by a form as RFC 6749 has it,
//! and `WWW-Authenticate: Bearer error="invalid_token"` as RFC 6750 has it.
//!
//! `cargo run -p perennial-examples --bin oauth2` speaks to a server in this program.

#![allow(missing_docs, reason = "the API documents its fields")]

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use axum::extract::State;
use axum::http::{HeaderMap, StatusCode};
use axum::response::{IntoResponse, Response};
use axum::routing::{get, post};
use axum::{Form, Json, Router};
use perennial::{Result, Tokens, api_client};
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

/// A resource server with its token endpoint.
#[api_client(auth(
    bearer,
    expired(status = 401, header("WWW-Authenticate", contains = "invalid_token")),
    early = "30s"
))]
pub trait Resources {
    /// The user name and the password, for the first tokens.
    #[post("/token", login)]
    async fn sign_in(
        &self,
        #[field] grant_type: &str,
        #[field] username: &str,
        #[field] password: &str,
    ) -> Result<Tokens>;

    /// Renews the tokens. It carries none but in its form.
    #[post("/token", refresh, public, allow(duplicate_endpoint))]
    async fn refresh(&self, #[form] grant: RefreshGrant) -> Result<Tokens>;

    /// Who is signed in.
    #[get("/me")]
    async fn me(&self) -> Result<Profile>;
}

#[tokio::main]
async fn main() -> Result<(), Box<dyn std::error::Error>> {
    let server = Arc::new(Issuer::default());
    let base = perennial_examples::serve(router(Arc::clone(&server))).await?;
    let resources = ResourcesClient::builder(base).build()?;
    resources.sign_in("password", "ann", "correct").await?;
    println!("signed in as {}", resources.me().await?.name);
    // The server forgets every access token.
    server.newest.fetch_add(1, Ordering::Relaxed);
    let (a, b, c) = tokio::join!(resources.me(), resources.me(), resources.me());
    println!("three calls: {} {} {}", a?.name, b?.name, c?.name);
    println!("refreshes: {}", server.refreshes.load(Ordering::Relaxed));
    server.revoked.fetch_add(1, Ordering::Relaxed);
    server.newest.fetch_add(1, Ordering::Relaxed);
    if let Err(error) = resources.me().await {
        println!("after the grant was revoked, signed out: {}", error.is_signed_out());
    }
    Ok(())
}

#[derive(Default)]
struct Issuer {
    newest: AtomicU64,
    refreshes: AtomicU64,
    revoked: AtomicU64,
}

fn router(issuer: Arc<Issuer>) -> Router {
    Router::new().route("/token", post(token)).route("/me", get(me)).with_state(issuer)
}

async fn token(State(issuer): State<Arc<Issuer>>, Form(form): Form<Value>) -> Response {
    let is_good = match form["grant_type"].as_str() {
        Some("password") => form["password"] == "correct",
        Some("refresh_token") => {
            issuer.refreshes.fetch_add(1, Ordering::Relaxed);
            let spent = format!("refresh-{}", issuer.newest.load(Ordering::Relaxed));
            issuer.revoked.load(Ordering::Relaxed) == 0 && form["refresh_token"] != spent
        }
        _ => false,
    };
    if !is_good {
        return (StatusCode::BAD_REQUEST, Json(json!({"error": "invalid_grant"}))).into_response();
    }
    let number = issuer.newest.fetch_add(1, Ordering::Relaxed) + 1;
    Json(json!({
        "access_token": format!("access-{number}"),
        "token_type": "Bearer",
        "expires_in": 3600,
        "refresh_token": format!("refresh-{number}"),
    }))
    .into_response()
}

async fn me(State(issuer): State<Arc<Issuer>>, headers: HeaderMap) -> Response {
    let wanted = format!("Bearer access-{}", issuer.newest.load(Ordering::Relaxed));
    if headers.get("authorization").is_some_and(|it| *it == *wanted) {
        return Json(json!({"name": "Ann"})).into_response();
    }
    let challenge =
        "Bearer error=\"invalid_token\", error_description=\"The access token expired\"";
    (StatusCode::UNAUTHORIZED, [("www-authenticate", challenge)]).into_response()
}
