//! Cassettes, faults and the rest of the kit.

#![allow(missing_docs, clippy::unwrap_used)]

use std::collections::BTreeMap;
use std::path::PathBuf;
use std::time::Duration;

use axum::extract::Path;
use axum::routing::get;
use bytes::Bytes;
use http::HeaderMap;
use perennial::{ErrorKind, RefreshToken, Response, Result, Tokens, api_client};
use perennial_test::{Cassette, Payload, Reply, Server, TestClock};
use serde::Deserialize;
use serde_json::json;

#[derive(Debug, Deserialize)]
pub struct Order {
    pub title: String,
}

#[api_client(
    base = "/api",
    envelope(code = "code", data = "data", ok = 0),
    auth(query = "key", expired(code = 1234)),
    allow(token_in_query)
)]
pub trait Shop {
    #[post("/login", login)]
    async fn login(&self, #[field] user: &str) -> Result<Tokens>;
    #[post("/refresh", refresh)]
    async fn refresh(&self) -> Result<Tokens>;
    #[get("/orders/{id}")]
    async fn order(&self, id: u64) -> Result<Order>;
}

/// A file for one test, removed afterwards.
struct Scratch(PathBuf);

impl Scratch {
    fn new(name: &str) -> Self {
        Self(std::env::temp_dir().join(format!("perennial-{name}-{}.json", std::process::id())))
    }
}

impl Drop for Scratch {
    fn drop(&mut self) {
        let _ = std::fs::remove_file(&self.0);
    }
}

fn server() -> Server {
    let server = Server::declared::<ShopClient>();
    server.offer("/orders/{id}", json!({"title": "a pen"}));
    server
}

#[tokio::test]
async fn a_declared_server_needs_no_implementation() {
    let server = server();
    let shop = ShopClient::builder(server.origin()).build().unwrap();
    shop.login("ann").await.unwrap();
    server.expire_all();
    assert_eq!(shop.order(7).await.unwrap().title, "a pen");
    // A token in the query is not shown.
    server.assert_arrived([
        "POST /login",
        "GET /orders/7 (token 1 of ann, expired)",
        "POST /refresh",
        "GET /orders/7 (token 2 of ann)",
    ]);
    let login = &server.recorded_on("POST /login")[0];
    assert_eq!(login.body, "user=ann");
    assert_eq!(login.form_as::<BTreeMap<String, String>>()["user"], "ann");
}

#[tokio::test]
async fn a_builder_takes_a_server_as_its_address() {
    let server = server();
    let shop = ShopClient::builder(&server).build().unwrap();
    shop.login("ann").await.unwrap();
    assert_eq!(shop.order(7).await.unwrap().title, "a pen");
}

#[tokio::test]
async fn a_cassette_replays_what_was_recorded_and_has_no_secret() {
    let scratch = Scratch::new("cassette");
    let server = server();
    let recorded = ShopClient::builder(server.origin()).layer(Cassette::at(&scratch.0));
    let recorded = recorded.build().unwrap();
    recorded.login("ann").await.unwrap();
    recorded.order(7).await.unwrap();
    let text = std::fs::read_to_string(&scratch.0).unwrap();
    assert!(!text.contains("access.ann") && !text.contains("refresh.ann"), "{text}");

    let replayed = ShopClient::builder("http://nowhere.test").layer(Cassette::at(&scratch.0));
    let replayed = replayed.build().unwrap();
    replayed.login("ann").await.unwrap();
    assert_eq!(replayed.order(7).await.unwrap().title, "a pen");
    let error = replayed.order(8).await.unwrap_err();
    let text = error.to_string();
    assert!(text.contains("it has: POST /api/login, GET /api/orders/7"), "{text}");
}

#[api_client(auth(bearer, expired(status = 401), renewed(header = "X-Next")))]
pub trait Pushed {
    #[post("/login", login)]
    async fn login(&self, #[query] user: &str, #[query] password: &str) -> Result<Tokens>;
    #[post("/refresh", refresh)]
    async fn refresh(&self, #[query] refresh_token: RefreshToken) -> Result<Tokens>;
    #[get("/orders")]
    async fn orders(&self, #[query] page: u32) -> Result<u64>;
}

#[tokio::test]
async fn a_cassette_has_no_password_in_a_query_and_no_token_that_is_pushed() {
    let scratch = Scratch::new("pushed");
    let server = Server::declared::<PushedClient>();
    server.offer("/orders", json!(1));
    let next = server.issue("ann").access;
    let recorded = PushedClient::builder(server.origin()).layer(Cassette::at(&scratch.0));
    let recorded = recorded.build().unwrap();
    recorded.login("ann", "secret").await.unwrap();
    server.expire_all();
    server.on("/orders").nth(2).response(Reply::json(&json!(2)).header("X-Next", &next));
    assert_eq!(recorded.orders(1).await.unwrap(), 2);
    let text = std::fs::read_to_string(&scratch.0).unwrap();
    for secret in ["secret", &*next, "access.", "refresh."] {
        assert!(!text.contains(secret), "{secret} in {text}");
    }
    let replayed = PushedClient::builder("http://nowhere.test").layer(Cassette::at(&scratch.0));
    let replayed = replayed.build().unwrap();
    replayed.login("ann", "another").await.unwrap();
    assert_eq!(replayed.orders(1).await.unwrap(), 2);
}

/// Secrets of every kind that a declaration knows, and bodies of every kind.
#[api_client(
    auth(header = "X-Token", expired(status = 401), renewed(header = "X-Next")),
    secret(botkey, pin)
)]
pub trait Secretive {
    #[post("/login", login)]
    async fn login(&self) -> Result<Tokens>;
    #[post("/refresh", refresh)]
    async fn refresh(&self) -> Result<Tokens>;
    #[get("/bot{botkey}/me")]
    async fn bot(&self, botkey: &str) -> Result<u64>;
    #[get("/doors/{pin}")]
    async fn door(&self, pin: u32) -> Result<u64>;
    #[get("/keyed")]
    async fn keyed(&self, #[query] api_key: &str, #[query] page: u32) -> Result<u64>;
    #[get("/moved")]
    async fn moved(&self) -> Result<u64>;
    #[get("/quoting")]
    async fn quoting(&self) -> Result<String>;
    #[get("/bytes/{which}")]
    async fn bytes(&self, which: usize) -> Result<Bytes>;
    #[head("/head")]
    async fn head(&self) -> Result<Response<()>>;
}

const BODIES: [&[u8]; 6] = [
    &[0, 0xff, 0xfe, 13, 10, 200],
    b"caf\xe9",
    b"{ \"b\": 1.0, \"a\":\n[1e400, 123456789012345678901] }",
    b" [1]\n",
    b"null",
    b"\"text\"",
];

async fn all(api: &SecretiveClient) -> Vec<String> {
    api.login().await.unwrap();
    let mut found = vec![
        api.bot("SECRETBOT").await.unwrap().to_string(),
        api.door(123).await.unwrap().to_string(),
        api.keyed("SECRETKEY", 2).await.unwrap().to_string(),
        api.moved().await.unwrap().to_string(),
    ];
    let quoted = api.quoting().await.unwrap();
    found.push(quoted.replace("***", "").chars().take(4).collect());
    for (which, expected) in BODIES.into_iter().enumerate() {
        assert_eq!(api.bytes(which).await.unwrap(), expected, "{which}");
    }
    let head = api.head().await.unwrap();
    found.push(format!("{:?}", head.headers()["content-length"]));
    found
}

#[tokio::test]
async fn a_cassette_has_no_secret_that_the_declaration_knows_and_plays_the_bytes_that_came() {
    let scratch = Scratch::new("secretive");
    let server = Server::declared::<SecretiveClient>();
    server.offer("/{bot}/me", json!(1));
    server.offer("/doors/{pin}", json!(2));
    server.offer("/keyed", json!(3));
    server.offer("/moved/on", json!(4));
    let location = "/moved/on?access_token=SECRETLOCATION";
    server.on("/moved").response(Reply::status(302).header("Location", location));
    server.route(
        "/quoting",
        get(async |headers: HeaderMap| {
            let token = headers["x-token"].to_str().unwrap().to_owned();
            format!("got {token}, and {}", token.replace('.', "%2E"))
        }),
    );
    server.route("/bytes/{which}", get(async |Path(which): Path<usize>| BODIES[which]));
    let head = Reply::status(200).header("content-length", "77");
    server.on("HEAD /head").response(head);

    let recording = SecretiveClient::builder(server.origin()).layer(Cassette::at(&scratch.0));
    let recorded = all(&recording.build().unwrap()).await;
    let text = std::fs::read_to_string(&scratch.0).unwrap();
    for secret in ["SECRET", "access.", "access%2E", "doors/123"] {
        assert!(!text.contains(secret), "{secret} in {text}");
    }
    let playing = SecretiveClient::builder("http://nowhere.test").layer(Cassette::at(&scratch.0));
    assert_eq!(all(&playing.build().unwrap()).await, recorded);
}

#[tokio::test]
async fn a_stale_cassette_fails_with_the_field() {
    let scratch = Scratch::new("stale");
    let exchange = json!([{
        "request": "GET /api/orders/7", "status": 200,
        "headers": [["content-type", "application/json"]],
        "body": {"code": 0, "data": {"name": "a pen"}},
    }]);
    std::fs::write(&scratch.0, exchange.to_string()).unwrap();
    let shop = ShopClient::builder("http://nowhere.test").layer(Cassette::at(&scratch.0));
    let shop = shop.build().unwrap();
    shop.session().login(Tokens::new("any")).await.unwrap();
    let error = shop.order(7).await.unwrap_err();
    assert!(matches!(error.kind(), ErrorKind::Decode), "{error}");
    assert!(error.to_string().contains("title"), "{error}");
}

#[tokio::test]
async fn faults_come_by_script_and_by_seed() {
    let server = server();
    let shop = ShopClient::builder(server.origin()).build().unwrap();
    shop.login("ann").await.unwrap();
    server.on("/orders/1").nth(1).response(Reply::garbage(10, 7));
    server.on("/orders/2").cut(5);
    server
        .on("/orders/3")
        .response(Reply::slow("{\"code\":0,\"data\":{\"title\":\"x\"}}", Duration::ZERO));
    server.on("/orders/4").response(server.code(2001));
    server.on("/orders/5").close();
    server.on("/orders/6").close_after();
    assert!(matches!(shop.order(1).await.unwrap_err().kind(), ErrorKind::Decode));
    assert!(shop.order(4).await.unwrap_err().has_code(2001));
    for id in [5, 6] {
        assert!(matches!(shop.order(id).await.unwrap_err().kind(), ErrorKind::Transport));
    }
    shop.order(1).await.unwrap();
    shop.order(2).await.unwrap_err();
    assert_eq!(shop.order(3).await.unwrap().title, "x");
    let outcomes = async |seed: u64| {
        server.behave();
        server.on("/orders/{id}").chaos(seed);
        let mut outcomes = Vec::new();
        for id in 0..20 {
            outcomes.push(shop.order(id).await.is_ok());
        }
        outcomes
    };
    let first = outcomes(7).await;
    assert!(first.contains(&true) && first.contains(&false), "{first:?}");
    assert_eq!(outcomes(7).await, first);
}

#[tokio::test]
async fn a_clock_that_is_advanced_expires_a_token_before_the_server_says_so() {
    let server = server();
    server.tokens().state_lifetime(Duration::from_secs(7200));
    let clock = TestClock::new();
    let shop = ShopClient::builder(server.origin()).clock(clock.clone()).build().unwrap();
    shop.login("ann").await.unwrap();
    clock.advance(Duration::from_secs(7200));
    shop.order(7).await.unwrap();
    server.assert_count("POST /refresh", 1);
    server.assert_count("GET /orders/7", 1);
}

#[tokio::test]
#[should_panic(
    expected = "expected 2 requests of GET /orders/{id}, 1 arrived:\n  POST /login\n  GET /orders/7"
)]
async fn a_count_that_is_wrong_shows_what_arrived() {
    let server = server();
    server.route("/more", axum::routing::get(|| async { Payload(json!(1)) }));
    let shop = ShopClient::builder(server.origin()).build().unwrap();
    shop.login("ann").await.unwrap();
    shop.order(7).await.unwrap();
    server.assert_count("GET /orders/{id}", 2);
}
