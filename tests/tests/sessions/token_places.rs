//! Tokens at the places that `tokens(..)` declares, without a type of the user's own.

use std::sync::Arc;
use std::time::Duration;

use axum::response::IntoResponse;
use axum::routing::post;
use perennial::{Expiry, Login, RefreshToken, Result, Tokens, api_client};
use perennial_tests::{Payload, Protocol, Server};
use serde::Deserialize;
use serde_json::{Value, json};

#[api_client(
    auth(bearer, expired(status = 401)),
    tokens(access = "data.jeton", refresh = "data.renewal", expires_in = "data.ttl", unit = ms),
    allow(duplicate_endpoint)
)]
pub trait Places {
    #[post("/sign-in", login)]
    async fn sign_in(&self, #[field] user: &str) -> Result<Tokens>;
    #[post("/sign-in", login)]
    async fn profile(&self, #[field] user: &str) -> Result<Profile>;
    #[post("/sign-in", login)]
    async fn asked(&self, #[field] user: &str) -> Result<Login<Profile>>;
    #[post("/renew", refresh, public)]
    async fn renew(&self, #[field] renewal: RefreshToken) -> Result<Tokens>;
    #[get("/fast")]
    async fn fast(&self) -> Result<Value>;
}

#[derive(Debug, PartialEq, Deserialize)]
pub struct Profile {
    name: String,
}

/// A server that grants tokens under names of its own.
fn started(grant: fn(&Server) -> Value) -> (Arc<Server>, PlacesClient) {
    let server = Arc::new(Server::start(Protocol::pairs()));
    for path in ["/sign-in", "/renew"] {
        server.open(path);
        let issuer = Arc::clone(&server);
        server.route(path, post(move || std::future::ready(Payload(grant(&issuer)))));
    }
    let client = PlacesClient::builder(server.origin()).build().unwrap();
    (server, client)
}

fn usual(server: &Server) -> Value {
    let access = server.issue("ann").access;
    json!({"name": "Ann", "data": {"jeton": access, "renewal": "r-1", "ttl": 7_200_000}})
}

#[tokio::test]
async fn tokens_are_read_from_their_declared_places_and_renewed_with_them() {
    let (server, client) = started(usual);
    let granted = client.sign_in("ann").await.unwrap();
    assert_eq!(granted.refresh(), Some("r-1"));
    assert_eq!(granted.expiry(), Some(Expiry::In(Duration::from_secs(7200))));
    assert_eq!(client.session().tokens(), Some(granted));
    client.fast().await.unwrap();

    server.expire_all();
    let (a, b) = tokio::join!(client.fast(), client.fast());
    assert!(a.is_ok() && b.is_ok(), "{a:?} {b:?}");
    let renewals: Vec<_> =
        server.recorded().into_iter().filter(|it| it.target == "/renew").collect();
    assert_eq!(renewals.len(), 1);
    assert_eq!(std::str::from_utf8(&renewals[0].body).unwrap(), "renewal=r-1");

    let by_hand = client.renew(RefreshToken::from(&Tokens::new(""))).await.unwrap();
    assert_eq!(client.session().tokens(), Some(by_hand));
}

#[tokio::test]
async fn a_login_with_declared_places_may_return_any_type() {
    let (server, client) = started(usual);
    assert_eq!(client.profile("ann").await.unwrap(), Profile { name: "Ann".to_owned() });
    client.fast().await.unwrap();
    server.expire_all();
    client.fast().await.unwrap();
}

#[tokio::test]
async fn a_login_without_a_token_in_its_place_is_an_error_and_signs_nobody_in() {
    let (_server, client) = started(|_| json!({"name": "Ann", "data": {"token": "elsewhere"}}));
    for error in
        [client.sign_in("ann").await.unwrap_err(), client.profile("ann").await.unwrap_err()]
    {
        let text = error.to_string();
        assert!(error.is_decode() && text.contains("no access token at `data.jeton`"), "{text}");
        assert!(!text.contains("elsewhere"), "{text}");
    }
    assert!(!client.session().is_signed_in());
}

#[tokio::test]
async fn a_response_without_a_token_in_its_place_may_be_a_question() {
    let (_server, client) = started(|_| json!({"name": "Ann", "data": null}));
    let asked = client.asked("ann").await.unwrap();
    assert_eq!(asked, Login::Asked(Profile { name: "Ann".to_owned() }));
    assert!(!client.session().is_signed_in());

    let (_server, client) = started(usual);
    assert!(matches!(client.asked("ann").await.unwrap(), Login::SignedIn(_)));
    client.fast().await.unwrap();
}

#[tokio::test]
async fn a_refresh_without_a_token_in_its_place_keeps_the_old_tokens() {
    let (server, client) = started(|_| json!({"data": {"jeton": 17}}));
    let old = Tokens::new(server.issue("ann").access).with_refresh("r-0");
    client.session().login(old.clone()).await.unwrap();
    server.expire_all();
    let error = client.fast().await.unwrap_err();
    let text = error.to_string();
    assert!(
        matches!(error.kind(), perennial::ErrorKind::RefreshFailed)
            && text.contains("`data.jeton` is not a string"),
        "{text}"
    );
    assert_eq!(client.session().tokens(), Some(old));
}

#[api_client(
    envelope(code = "code", message = "message", data = "data", ok = 0),
    auth(bearer, expired(status = 401)),
    tokens(access = header("X-Next-Token"), refresh = ["renewal.token"], expires_at = "until")
)]
pub trait Headers {
    #[post("/sign-in", login)]
    async fn sign_in(&self) -> Result<()>;
    /// One name, and the others as usual.
    #[post("/renew", refresh, tokens(expires_in = "data.minutes", unit = m))]
    async fn renew(&self) -> Result<Tokens>;
    #[get("/fast", envelope = off)]
    async fn fast(&self) -> Result<Value>;
}

#[tokio::test]
async fn a_token_in_a_header_signs_in_without_a_value_in_the_body() {
    let server = Arc::new(Server::start(Protocol::pairs()));
    for path in ["/sign-in", "/renew"] {
        server.open(path);
    }
    let issuer = Arc::clone(&server);
    server.route(
        "/sign-in",
        post(move || {
            let header = format!("Bearer {}", issuer.issue("ann").access);
            let body = json!({"code": 0, "renewal.token": "r-1", "until": 4_000_000_000_u64});
            std::future::ready(([("x-next-token", header)], Payload(body)).into_response())
        }),
    );
    let issuer = Arc::clone(&server);
    server.route(
        "/renew",
        post(move || {
            let access = issuer.issue("ann").access;
            let data = json!({"token": access, "expires_in": 1, "minutes": 90});
            std::future::ready(Payload(json!({"code": 0, "data": data})))
        }),
    );
    let client = HeadersClient::builder(server.origin()).build().unwrap();
    client.sign_in().await.unwrap();
    let tokens = client.session().tokens().unwrap();
    assert_eq!(tokens.refresh(), Some("r-1"));
    assert!(matches!(tokens.expiry(), Some(Expiry::At(_))), "{tokens:?}");
    client.fast().await.unwrap();

    server.expire_all();
    client.fast().await.unwrap();
    let tokens = client.session().tokens().unwrap();
    assert_eq!(tokens.refresh(), Some("r-1")); // kept, since the response brought none
    assert_eq!(tokens.expiry(), Some(Expiry::In(Duration::from_secs(90 * 60))));
}

#[tokio::test]
async fn a_failure_code_takes_precedence_over_tokens_in_their_places() {
    let server = Arc::new(Server::start(Protocol::pairs()));
    server.open("/sign-in");
    server.route(
        "/sign-in",
        post(|| {
            let body = json!({"code": 7, "message": "locked"});
            std::future::ready(([("x-next-token", "secret-value")], Payload(body)).into_response())
        }),
    );
    let client = HeadersClient::builder(server.origin()).build().unwrap();
    let error = client.sign_in().await.unwrap_err();
    assert!(error.has_code(7) && error.message() == Some("locked"), "{error}");
    assert!(!format!("{error:?}").contains("secret-value"), "{error:?}");
    assert!(!client.session().is_signed_in());
}

/// The tenant and the region that came with the tokens.
#[derive(Debug, Deserialize, serde::Serialize)]
pub struct TenantOfTokens(String);

impl From<&Tokens> for TenantOfTokens {
    fn from(tokens: &Tokens) -> Self {
        Self(tokens.extra("tenant").unwrap_or_default().to_owned())
    }
}

#[api_client(
    auth(bearer, expired(status = 401)),
    tokens(extra("tenant" = "account.tenant", "scopes", "shard" = header("X-Shard")))
)]
pub trait Extras {
    #[post("/sign-in", login)]
    async fn sign_in(&self) -> Result<()>;
    #[post("/renew", refresh, public)]
    async fn renew(&self, #[field] tenant: TenantOfTokens) -> Result<Tokens>;
    #[get("/fast")]
    async fn fast(&self) -> Result<Value>;
}

#[tokio::test]
async fn extra_values_of_the_tokens_are_kept_and_a_refresh_uses_them() {
    let server = Arc::new(Server::start(Protocol::pairs()));
    for (path, more) in [
        ("/sign-in", json!({"account": {"tenant": 7}, "scopes": ["a", "b"]})),
        ("/renew", json!({"account": {"tenant": null}, "scopes": []})),
    ] {
        server.open(path);
        let issuer = Arc::clone(&server);
        server.route(
            path,
            post(move || {
                let mut body = more.clone();
                body["access_token"] = issuer.issue("ann").access.into();
                std::future::ready(([("x-shard", "eu-5")], Payload(body)).into_response())
            }),
        );
    }
    let client = ExtrasClient::builder(server.origin()).build().unwrap();
    client.sign_in().await.unwrap();
    server.expire_all();
    client.fast().await.unwrap();
    let renewal = server.recorded().into_iter().find(|it| it.target == "/renew").unwrap();
    assert_eq!(std::str::from_utf8(&renewal.body).unwrap(), "tenant=7");
    let tokens = client.session().tokens().unwrap();
    // The refresh named no tenant, so it is the one of before, and other scopes.
    let extras: Vec<_> = tokens.extras().collect();
    assert_eq!(extras, [("scopes", "[]"), ("shard", "eu-5"), ("tenant", "7")]);
}

#[test]
fn an_expiry_may_be_a_date() {
    let at = std::time::SystemTime::UNIX_EPOCH + Duration::from_secs(2_225_650_450);
    // A token of GitHub for an installation, and one of Azure.
    for (name, value) in [
        ("expires_at", json!("2040-07-11T22:14:10+02:00")),
        ("expires_at", json!("Wed, 11 Jul 2040 20:14:10 GMT")),
        ("expires", json!("2040-07-11T20:14:10.000Z")),
        ("expires_on", json!("2225650450")),
    ] {
        let granted: Tokens =
            serde_json::from_value(json!({"token": "ghs_1", name: value})).unwrap();
        assert_eq!(granted.expiry(), Some(Expiry::At(at)), "{name}");
    }
    // It names no point in time.
    let granted: Tokens =
        serde_json::from_value(json!({"token": "a", "expires_at": "2040-07-11T22:14:10"})).unwrap();
    assert_eq!(granted.expiry(), None);
}
