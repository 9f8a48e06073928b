//! `auth(oauth2)`: tokens that are sent and judged as RFC 6750 says, and what a provider's own options replace.

use crate::support::Grant;
use futures::future::join_all;
use perennial::{Error, ErrorKind, Result, Tokens, api_client};
use perennial_tests::{Protocol, Reply, Server};
use serde_json::{Value, json};

#[derive(Debug, PartialEq)]
pub enum Failure {
    NotAllowed,
    Other(ErrorKind),
}

impl From<Error> for Failure {
    fn from(error: Error) -> Self {
        Self::Other(error.kind())
    }
}

#[api_client(auth(oauth2))]
pub trait Shop {
    #[post("/token", refresh, public)]
    async fn refresh(&self, #[form] grant: Grant) -> Result<Tokens>;
    #[get("/fast")]
    async fn fast(&self) -> Result<Value>;
    #[get("/orders/{id}")]
    async fn user(&self, id: u64) -> Result<Option<Value>>;
    #[get("/orders/{id}", allow(duplicate_endpoint))]
    #[errors(403 => NotAllowed)]
    async fn mapped(&self, id: u64) -> Result<Value, Failure>;
    #[get("/open", public)]
    async fn open(&self) -> Result<Value>;
}

fn forbidden(challenge: &str) -> Reply {
    Reply::rejection(403, &json!({"why": "no"})).header("www-authenticate", challenge)
}

const INSUFFICIENT: &str =
    r#"Bearer realm="shop", error="insufficient_scope", scope="users:read users:write""#;

async fn signed_in(server: &Server) -> ShopClient {
    let shop = ShopClient::builder(server.origin()).build().unwrap();
    let issued = server.issue("ann");
    let tokens = Tokens::new(issued.access).with_refresh(issued.refresh.unwrap());
    shop.session().login(tokens).await.unwrap();
    shop
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn calls_across_expiries_cost_one_refresh_each_time() {
    let server = Server::start(Protocol::oauth2());
    let shop = signed_in(&server).await;
    for round in 0..4 {
        for call in join_all((0..16).map(|_| shop.fast().into_future())).await {
            call.unwrap();
        }
        assert_eq!(server.refreshes(), round);
        server.expire_all();
    }
    assert_eq!(server.reuses(), 0);
}

#[tokio::test]
async fn a_missing_scope_has_its_own_kind_of_error_and_starts_no_refresh() {
    let server = Server::start(Protocol::oauth2());
    let shop = signed_in(&server).await;
    // The token expires first, and the response to the replay says that it lacks a scope.
    server.on("GET /orders/{id}").after(1).response(forbidden(INSUFFICIENT));
    server.expire_all();
    let error = shop.user(7).await.unwrap_err();
    assert_eq!((error.kind(), error.attempts()), (ErrorKind::InsufficientScope, 2), "{error}");
    assert_eq!(error.scope().as_deref(), Some("users:read users:write"));
    assert!(error.is_rejected() && error.status().unwrap() == 403);
    assert_eq!(error.body::<Value>().unwrap(), json!({"why": "no"}));
    assert!(
        error.to_string().contains(
            "the token lacks a scope that the call needs, status 403: users:read users:write \
             (sent 2 times); sign in again and request that scope"
        ),
        "{error}"
    );
    // The session goes on with the token that it has.
    assert_eq!(server.refreshes(), 1);
    shop.fast().await.unwrap();
    assert_eq!(server.refreshes(), 1);
}

#[tokio::test]
async fn only_the_challenge_of_a_scope_is_taken_for_one() {
    let server = Server::start(Protocol::oauth2());
    let shop = signed_in(&server).await;
    for (reply, kind) in [
        (forbidden("Bearer error=\"invalid_request\""), ErrorKind::Status),
        (Reply::status(403), ErrorKind::Status),
        (Reply::status(401).header("www-authenticate", INSUFFICIENT), ErrorKind::Status),
        (forbidden("bearer ERROR=\"INSUFFICIENT_SCOPE\""), ErrorKind::InsufficientScope),
    ] {
        server.on("GET /orders/{id}").response(reply);
        let error = shop.user(7).await.unwrap_err();
        assert_eq!(error.kind(), kind, "{error}");
    }
    // A call without a token says nothing about one.
    server.open("GET /open");
    server.on("GET /open").response(forbidden(INSUFFICIENT));
    assert_eq!(shop.open().await.unwrap_err().kind(), ErrorKind::Status);
    assert_eq!(server.refreshes(), 0);
}

#[tokio::test]
async fn a_missing_scope_is_mapped_by_its_status_as_any_other() {
    let server = Server::start(Protocol::oauth2());
    let shop = signed_in(&server).await;
    server.on("GET /orders/{id}").response(forbidden(INSUFFICIENT));
    assert_eq!(shop.mapped(7).await.unwrap_err(), Failure::NotAllowed);
}

/// A provider that differs in each of the three.
#[api_client(
    envelope(code = "code", message = "message", ok = absent),
    auth(
        oauth2,
        header = "X-Token",
        expired(status = 401),
        insufficient_scope(code = "NO_SCOPE"),
        insufficient_scope(status = 403)
    )
)]
pub trait Differs {
    #[get("/fast")]
    async fn fast(&self) -> Result<Value>;
    #[get("/orders/{id}")]
    async fn user(&self, id: u64) -> Result<Value>;
}

#[tokio::test]
async fn options_beside_oauth2_replace_those_that_it_is_short_for() {
    let protocol = Protocol { expired: Reply::status(401), ..Protocol::oauth2() };
    let placement = perennial_tests::Placement::Header("x-token");
    let server = std::sync::Arc::new(Server::start(Protocol { placement, ..protocol }));
    let issuer = std::sync::Arc::clone(&server);
    let differs = DiffersClient::builder(server.origin())
        .refresh(move |_| {
            let token = issuer.issue("ann").access;
            async move { Ok(Tokens::new(token)) }
        })
        .build()
        .unwrap();
    differs.session().login(Tokens::new(server.issue("ann").access)).await.unwrap();
    server.expire_all();
    differs.fast().await.unwrap();
    assert_eq!(differs.session().stats().refreshes, 1);

    for reply in [
        Reply::json(&json!({"code": "NO_SCOPE", "message": "ask for more"})),
        Reply::rejection(400, &json!({"code": "NO_SCOPE", "message": "ask for more"})),
        Reply::rejection(403, &json!({"message": "ask for more"})),
    ] {
        server.on("GET /orders/{id}").response(reply);
        let error = differs.user(7).await.unwrap_err();
        assert_eq!(error.kind(), ErrorKind::InsufficientScope, "{error}");
        assert_eq!(error.message(), Some("ask for more"));
        assert_eq!(error.scope(), None);
    }
    // The standard rule is replaced, so its header alone means nothing here.
    server
        .on("GET /orders/{id}")
        .response(Reply::status(418).header("www-authenticate", INSUFFICIENT));
    assert_eq!(differs.user(7).await.unwrap_err().kind(), ErrorKind::Status);
    assert_eq!(differs.session().stats().refreshes, 1);
}

#[test]
fn the_word_is_short_for_the_options_that_its_page_names() {
    #[api_client(
        auth(
            bearer,
            expired(status = 401, header("WWW-Authenticate", contains = "invalid_token")),
            insufficient_scope(
                status = 403,
                header("WWW-Authenticate", contains = "insufficient_scope")
            )
        ),
        allow(expiry_without_refresh)
    )]
    trait Spelt {
        #[get("/fast")]
        async fn fast(&self) -> Result<Value>;
    }
    let of = |endpoint: &perennial::declared::Endpoint| format!("{:?}", endpoint.credentials);
    assert_eq!(of(&SpeltClient::ENDPOINTS[0]), of(&ShopClient::ENDPOINTS[1]));
}
