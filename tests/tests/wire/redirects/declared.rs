//! `redirect = off`, `same` and `follow`.

use crate::support::{SignedIn, Who};
use perennial::{Bytes, ErrorKind, Result, Tokens, api_client};
use perennial_tests::{Protocol, Reply, Server};
use serde_json::{Value, json};

#[derive(Debug)]
pub enum Failure {
    Moved,
    Other(ErrorKind),
}

impl From<perennial::Error> for Failure {
    fn from(error: perennial::Error) -> Self {
        Self::Other(error.kind())
    }
}

#[api_client(
    base = "/api",
    envelope(code = "code", message = "message", data = "data", ok = 0),
    auth(
        header = "X-Token",
        expired(code = 1234),
        expired(status = 401),
        expired(status = 302, header("Location", contains = "/login"))
    ),
    redirect = off,
    allow(duplicate_endpoint)
)]
pub trait Builds {
    #[post("/login", login)]
    async fn login(&self, #[json] who: &Who) -> Result<Tokens>;
    #[post("/refreshtoken", refresh)]
    async fn refresh(&self) -> Result<Tokens>;
    #[get("/orders/{id}")]
    async fn off(&self, id: u64) -> Result<Value>;
    #[get("/orders/{id}")]
    #[errors(302 => Moved)]
    async fn mapped(&self, id: u64) -> Result<Value, Failure>;
    #[get("/orders/{id}", redirect = same)]
    async fn same(&self, id: u64) -> Result<Bytes>;
    #[get("/fast", public, redirect = same)]
    async fn same_public(&self) -> Result<Bytes>;
    #[get("/orders/{id}", redirect = follow)]
    async fn follow(&self, id: u64, #[header("X-Api-Key")] key: Option<&str>) -> Result<Value>;
    #[post("/orders", redirect = follow)]
    async fn place(&self, #[json] order: &Value) -> Result<Value>;
}

/// A client that is signed in, its server, and another origin where `/elsewhere` needs no token.
async fn two_origins() -> (BuildsClient, Server, Server) {
    let (server, other) = (Server::start(Protocol::article()), Server::start(Protocol::article()));
    other.open("/elsewhere");
    let client = BuildsClient::signed_in(&server).await;
    (client, server, other)
}

#[tokio::test]
async fn a_redirect_that_is_off_is_an_error_with_status_and_location() {
    let (client, server, other) = two_origins().await;
    for (status, place) in
        [(301, "/api/orders/2"), (302, "https://files.example/7?sig=s"), (307, "../x")]
    {
        server.behave();
        server.on("/orders/1").nth(1).response(server.protocol().expired.clone());
        server.on("/orders/1").nth(2).redirect(status, place);
        let error = client.off(1).await.unwrap_err();
        assert_eq!(error.kind(), ErrorKind::Redirect, "{error}");
        assert_eq!((error.status().unwrap().as_u16(), error.location()), (status, Some(place)));
        assert!(!format!("{error} {error:?} {error:#?}").contains("sig"), "{error:#?}");
    }
    server.behave();
    server.on("/orders/1").redirect(302, &other.url("/elsewhere"));
    assert!(matches!(client.mapped(1).await, Err(Failure::Moved)));
    server.behave();
    // Not a redirect: it has no target.
    server.on("/orders/1").response(Reply::status(304));
    assert!(matches!(client.mapped(1).await, Err(Failure::Other(ErrorKind::Status))));
    assert_eq!((server.count("/orders/2"), other.requests()), (0, 0));
    assert_eq!(server.refreshes(), 3);
}

#[tokio::test]
async fn a_redirect_to_the_login_page_means_expired_where_it_is_declared() {
    let (client, server, _) = two_origins().await;
    server.on("/orders/1").nth(1).redirect(302, "/login?back=/orders/1");
    assert_eq!(client.off(1).await.unwrap()["id"], 1);
    assert_eq!((server.refreshes(), server.count("/orders/1"), server.count("/login")), (1, 2, 0));
}

#[tokio::test]
async fn a_redirect_to_the_same_origin_is_followed_and_no_other() {
    let (client, server, other) = two_origins().await;
    server.on("/orders/1").redirect(302, "/api/orders/2");
    server.expire_all();
    assert!(client.same(1).await.unwrap().starts_with(b"{"));
    assert_eq!((server.refreshes(), server.count("/orders/2")), (1, 2));
    server.on("/orders/3").redirect(302, &other.url("/elsewhere"));
    let error = client.same(3).await.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Redirect);
    assert_eq!(error.location(), Some(&*other.url("/elsewhere")));
    assert!(!error.to_string().contains("redirect = follow"), "{error}");
    server.open("/fast");
    server.on("/fast").redirect(302, &other.url("/elsewhere"));
    assert_eq!(client.same_public().await.unwrap_err().kind(), ErrorKind::Redirect);
    assert_eq!(other.requests(), 0);
}

#[tokio::test]
async fn a_value_is_followed_elsewhere_without_a_secret_and_without_judging() {
    let (client, server, other) = two_origins().await;
    server.on("/orders/1").nth(1).response(server.protocol().expired.clone());
    server.on("/orders/1").after(1).redirect(302, &other.url("/elsewhere"));
    other.on("/elsewhere").nth(1).response(Reply::json(&json!({"passed": 7})));
    assert_eq!(client.follow(1, Some("k")).await.unwrap()["passed"], 7);
    assert_eq!(server.refreshes(), 1);
    // What would mean that the token has expired means nothing from there.
    other.on("/elsewhere").response(Reply::status(401));
    let error = client.follow(1, Some("k")).await.unwrap_err();
    assert_eq!((error.kind(), error.status().unwrap().as_u16()), (ErrorKind::Status, 401));
    assert_eq!(server.refreshes(), 1);
    for arrived in other.recorded() {
        for secret in ["x-token", "x-api-key", "authorization"] {
            assert_eq!(arrived.header(secret), None);
        }
    }
    assert_eq!(other.requests(), 2);
}

#[tokio::test]
async fn a_body_and_a_login_never_go_elsewhere_even_where_redirects_are_followed() {
    let (client, server, other) = two_origins().await;
    for status in [307, 308] {
        server.behave();
        server.on("/orders").redirect(status, &other.url("/elsewhere"));
        let error = client.place(&json!({"title": "secret"})).await.unwrap_err();
        assert_eq!(error.kind(), ErrorKind::Redirect, "{error}");
    }
    assert_eq!(other.requests(), 0);
    // The result of an order may be anywhere: it is asked for without the body.
    server.behave();
    server.on("/orders").redirect(303, &other.url("/elsewhere"));
    other.on("/elsewhere").response(Reply::json(&json!({"id": 7})));
    assert_eq!(client.place(&json!({"title": "secret"})).await.unwrap()["id"], 7);
    let arrived = &other.recorded()[0];
    assert_eq!((arrived.method.as_str(), arrived.header("x-token")), ("GET", None));
    server.on_login().redirect(302, &other.url("/elsewhere"));
    let error = client.login(&Who::named("ann")).await.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Redirect);
    assert_eq!(other.requests(), 1);
}
