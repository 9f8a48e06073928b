//! A token for each key, fetched in the name of a user.

use std::sync::{Arc, Mutex};

use axum::extract::{Path, State};
use axum::response::{IntoResponse, Response};
use axum::routing::{get, post};
use axum::{Form, Json, Router};
use http::{HeaderMap, StatusCode};
use perennial::{RefreshToken, Result, TokenKey, Tokens, api_client};
use serde::Deserialize;
use serde_json::json;

#[api_client(
    auth(name = "user", bearer, expired(status = 401)),
    auth(name = "scoped", header = "X-Scoped", key = "{tenant}", expired(status = 419))
)]
pub trait Tenants {
    #[post("/renew", refresh("user"), public)]
    async fn renew(&self, #[field] refresh_token: RefreshToken) -> Result<Tokens>;
    #[post("/scoped", refresh("scoped", with = "user"), public)]
    async fn scoped(&self, #[field] tenant: TokenKey) -> Result<Tokens>;
    #[get("/documents/{tenant}")]
    async fn documents(&self, tenant: u32) -> Result<String>;
    #[get("/search")]
    async fn search(&self, #[query] tenant: Option<u32>, #[query] q: &str) -> Result<String>;
}

/// The user whose token is good, and everything that was requested.
#[derive(Default)]
struct Log {
    user: String,
    requests: Vec<String>,
}

type Shared = Arc<Mutex<Log>>;

#[derive(Deserialize)]
struct Wanted {
    tenant: String,
}

fn header(headers: &HeaderMap, name: &str) -> String {
    headers.get(name).map(|it| it.to_str().unwrap().to_owned()).unwrap_or_default()
}

async fn renew(State(log): State<Shared>) -> Response {
    let mut log = log.lock().unwrap();
    log.requests.push("renew".to_owned());
    Json(json!({"access_token": log.user})).into_response()
}

async fn scoped(
    State(log): State<Shared>,
    headers: HeaderMap,
    Form(wanted): Form<Wanted>,
) -> Response {
    let mut log = log.lock().unwrap();
    if header(&headers, "authorization") != format!("Bearer {}", log.user) {
        return StatusCode::UNAUTHORIZED.into_response();
    }
    let token = format!("{}/{}", log.user, wanted.tenant);
    log.requests.push(token.clone());
    Json(json!({"access_token": token})).into_response()
}

async fn documents(headers: HeaderMap, tenant: Option<Path<String>>) -> String {
    let tenant = tenant.map(|Path(tenant)| tenant).unwrap_or_default();
    format!("{tenant} for {}", header(&headers, "x-scoped"))
}

async fn started() -> (Shared, TenantsClient) {
    let log = Shared::default();
    let router = Router::new()
        .route("/renew", post(renew))
        .route("/scoped", post(scoped))
        .route("/documents/{tenant}", get(documents))
        .route("/search", get(documents))
        .with_state(Arc::clone(&log));
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    let client = TenantsClient::builder(format!("http://{}", listener.local_addr().unwrap()));
    tokio::spawn(async move { axum::serve(listener, router).await });
    (log, client.build().unwrap())
}

async fn sign_in(log: &Shared, client: &TenantsClient, user: &str) {
    log.lock().unwrap().user = user.to_owned();
    let tokens = Tokens::new(user).with_refresh(format!("r-{user}"));
    client.session().credential("user").unwrap().login(tokens).await.unwrap();
}

fn requests(log: &Shared) -> Vec<String> {
    let mut requests = std::mem::take(&mut log.lock().unwrap().requests);
    requests.sort();
    requests
}

#[tokio::test]
async fn the_tokens_of_two_keys_are_fetched_with_one_renewal_of_the_user() {
    let (log, client) = started().await;
    sign_in(&log, &client, "old").await;
    log.lock().unwrap().user = "new".to_owned();
    let calls = [1, 2, 1, 2, 1].map(|tenant| client.documents(tenant).into_future());
    let shown: Vec<_> = futures::future::try_join_all(calls).await.unwrap();
    assert_eq!(shown[0], "1 for new/1");
    assert_eq!(shown[3], "2 for new/2");
    assert_eq!(requests(&log), ["new/1", "new/2", "renew"]);
    // A value in the query is as good, and one that is left out is the empty key.
    assert_eq!(client.search(Some(2), "q").await.unwrap(), " for new/2");
    assert_eq!(client.search(None, "q").await.unwrap(), " for new/");
    assert_eq!(requests(&log), ["new/"]);
}

#[tokio::test]
async fn the_tokens_of_keys_are_discarded_with_the_user_for_whom_they_were_fetched() {
    let (log, client) = started().await;
    sign_in(&log, &client, "ann").await;
    assert_eq!(client.documents(1).await.unwrap(), "1 for ann/1");
    sign_in(&log, &client, "bob").await;
    assert_eq!(client.documents(1).await.unwrap(), "1 for bob/1");
    client.session().logout().await.unwrap();
    assert!(client.documents(1).await.is_err());
    assert_eq!(requests(&log), ["ann/1", "bob/1"]);
}

#[tokio::test]
async fn a_call_in_another_session_has_the_token_of_its_key_there() {
    let (log, client) = started().await;
    sign_in(&log, &client, "ann").await;
    let other = client.session().sibling();
    other.credential("user").unwrap().login(Tokens::new("ann")).await.unwrap();
    let call = client.documents(1).in_session(&other);
    assert_eq!(call.await.unwrap(), "1 for ann/1");
    assert_eq!(client.in_session(&other).documents(1).await.unwrap(), "1 for ann/1");
    assert_eq!(requests(&log), ["ann/1"]);
    let of_one = client.session().credential("scoped").unwrap().of_key("1").unwrap();
    assert!(!of_one.is_signed_in());
    let user = client.session().credential("user").unwrap().of_key("1").unwrap_err();
    assert!(user.to_string().contains("has no keys"), "{user}");
}

#[tokio::test]
async fn the_tokens_of_very_many_keys_are_not_kept_forever() {
    let (log, client) = started().await;
    sign_in(&log, &client, "ann").await;
    for tenant in 0..1030 {
        client.documents(tenant).await.unwrap();
    }
    let scoped = client.session().credential("scoped").unwrap();
    assert!(!scoped.of_key("0").unwrap().is_signed_in());
    assert!(scoped.of_key("1029").unwrap().is_signed_in());
    assert_eq!(client.documents(0).await.unwrap(), "0 for ann/0");
}
