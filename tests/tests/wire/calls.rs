//! Options of one call, and the error types of its failure.

use std::time::Duration;

use crate::support::SignedIn;
use perennial::body::FileBody;
use perennial::layer::{Attempt, HttpRequest};
use perennial::{Bytes, Error, ErrorKind, Phase, Result, Tokens, api_client};
use perennial_tests::{Protocol, Reply, Server};
use serde_json::{Value, json};
use tower::util::MapRequestLayer;

#[derive(serde::Deserialize, Debug, PartialEq)]
pub struct Quota {
    limit: u64,
}

#[derive(Debug)]
pub enum Failure {
    NotFound,
    Outage,
    Exceeded(Quota),
    Other(Error),
}

impl From<Error> for Failure {
    fn from(error: Error) -> Self {
        Self::Other(error)
    }
}

#[derive(Clone)]
struct Tenant(&'static str);

#[api_client(
    base = "/api",
    envelope(code = "code", message = "message", data = "data", ok = 0),
    auth(header = "X-Token", expired(code = 1234)),
    allow(duplicate_endpoint)
)]
pub trait Shop {
    #[post("/login", login)]
    async fn login(&self, #[field] user: &str, #[field] password: &str) -> Result<Tokens>;
    #[post("/refreshtoken", refresh)]
    async fn refresh(&self) -> Result<Tokens>;
    #[get("/orders/{id}", retry(3, on = [503], backoff = "1ms..1ms"))]
    async fn order(&self, id: u64) -> Result<Value>;
    #[get("/orders/{id}")]
    #[errors(404 => NotFound, 5xx => Outage, code 2001 => Exceeded)]
    async fn mapped(&self, id: u64) -> Result<Value, Failure>;
    #[post("/orders", idempotent("Idempotency-Key"), retry(2, on = [503], backoff = "1ms..1ms"))]
    async fn place(&self, #[json] order: &Value) -> Result<Value>;
    #[post("/orders", idempotent("Idempotency-Key"))]
    async fn place_as(
        &self,
        #[header("Idempotency-Key")] key: &str,
        #[json] order: &Value,
    ) -> Result<Value>;
    #[post("/echo")]
    async fn echo(&self, #[query] access_token: &str, #[body] body: Bytes) -> Result<Value>;
    #[post("/upload")]
    async fn upload(&self, #[part] title: &str, #[part] scan: FileBody) -> Result<Value>;
}

#[tokio::test]
async fn one_key_goes_with_all_attempts_of_a_call_and_another_with_the_next() {
    let server = Server::start(Protocol::article());
    let shop = ShopClient::signed_in(&server).await;
    server.expire_all();
    server.on("POST /orders").nth(2).response(Reply::status(503));
    shop.place(&json!({"a": 1})).await.unwrap();
    shop.place(&json!({"a": 1})).await.unwrap();
    shop.place_as("mine", &json!({"a": 1})).await.unwrap();
    let sent = server.recorded_on("POST /orders");
    let keys: Vec<_> = sent.iter().map(|it| it.header("idempotency-key").unwrap()).collect();
    assert_eq!(keys.len(), 5);
    assert_eq!((keys[0], keys[0]), (keys[1], keys[2]));
    assert_ne!(keys[0], keys[3]);
    assert_eq!(keys[0].len(), 36);
    assert_eq!(keys[4], "mine");
}

#[tokio::test]
async fn a_failure_becomes_the_variant_that_was_declared_for_it() {
    let server = Server::start(Protocol::article());
    let shop = ShopClient::signed_in(&server).await;
    let answers = [
        Reply::status(404),
        Reply::status(502),
        Reply::json(&json!({"code": 2001, "message": "no", "limit": 7})),
        Reply::json(&json!({"code": 2001, "message": "no", "limit": "?"})),
        Reply::json(&json!({"code": 9, "message": "no"})),
    ];
    for (at, response) in answers.into_iter().enumerate() {
        server.on("GET /orders/1").nth(at + 1).response(response);
    }
    assert!(matches!(shop.mapped(1).await, Err(Failure::NotFound)));
    assert!(matches!(shop.mapped(1).await, Err(Failure::Outage)));
    assert!(matches!(shop.mapped(1).await, Err(Failure::Exceeded(Quota { limit: 7 }))));
    let Err(Failure::Other(error)) = shop.mapped(1).await else {
        panic!("it is not what it holds")
    };
    assert!(error.has_code(2001) && error.body::<Quota>().is_err_and(|it| it.is_decode()));
    let text = error.to_string();
    assert!(
        text.contains("the body is not the `Quota` of its variant in `#[errors(..)]`"),
        "{text}"
    );
    let Err(Failure::Other(error)) = shop.mapped(1).await else { panic!("it was not declared") };
    assert_eq!(error.body::<Value>().unwrap()["message"], "no");
}

#[tokio::test]
async fn an_adjustment_of_a_call_overrides_the_declaration() {
    let server = Server::start(Protocol::article());
    let shop = ShopClient::signed_in(&server).await;
    server.on("GET /orders/1").first(3).response(Reply::status(503));
    assert_eq!(shop.order(1).without_retry().await.unwrap_err().attempts(), 1);
    assert_eq!(shop.order(1).retry(1).await.unwrap_err().attempts(), 2);
    shop.order(1).query("q", "ü").header("x-trace", "7").await.unwrap();
    let sent = server.recorded_on("GET /orders/1");
    assert_eq!(sent[3].target, "/api/orders/1?q=%C3%BC");
    assert_eq!(sent[3].header("x-trace"), Some("7"));
    server.on("GET /orders/2").never();
    let error = shop.order(2).timeout(Duration::from_millis(50)).await.unwrap_err();
    assert!(error.is_timeout(), "{error}");
}

#[tokio::test]
async fn a_call_can_be_built_and_not_sent() {
    let server = Server::start(Protocol::article());
    let shop = ShopClient::signed_in(&server).await;
    let request = shop.place(&json!({"a": 1})).extension(Tenant("t")).build().await.unwrap();
    assert_eq!(request.uri().path(), "/api/orders");
    assert_eq!(request.headers()["x-token"].len(), shop.session().tokens().unwrap().access().len());
    assert!(request.headers()["x-token"].is_sensitive());
    assert_eq!(request.body().as_bytes(), Some(&b"{\"a\":1}"[..]));
    assert_eq!(request.extensions().get::<Attempt>().unwrap().endpoint.name, "place");
    assert_eq!(request.extensions().get::<Tenant>().unwrap().0, "t");
    assert_eq!(server.sends(), 0);
}

#[tokio::test]
async fn a_call_that_is_built_carries_the_token_that_it_would_have_waited_for() {
    let server = Server::start(Protocol::article());
    let shop = ShopClient::signed_in(&server).await;
    let before = shop.session().tokens().unwrap();
    shop.session().expire_now();
    let request = shop.order(1).build().await.unwrap();
    let after = shop.session().tokens().unwrap();
    assert_ne!(before, after);
    assert_eq!(request.headers()["x-token"], after.access());
    assert_eq!((server.refreshes(), server.count("GET /orders/1")), (1, 0));
}

#[tokio::test(start_paused = true)]
async fn the_timeout_of_a_call_applies_to_its_build() {
    let server = Server::start(Protocol::article());
    let shop = ShopClient::signed_in(&server).await;
    shop.session().expire_now();
    server.on_refresh().never();
    let begun = tokio::time::Instant::now();
    let limit = Duration::from_secs(1);
    let error = shop.order(1).timeout(limit).build().await.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Timeout(Phase::Refresh), "{error}");
    assert_eq!((error.endpoint().unwrap().name, begun.elapsed().as_secs()), ("order", 1));
}

#[tokio::test]
async fn a_call_that_is_built_has_its_own_number_and_its_error_names_the_endpoint() {
    let server = Server::start(Protocol::article());
    let shop = ShopClient::signed_in(&server).await;
    let mut calls = Vec::new();
    for _ in 0..2 {
        let request = shop.order(1).build().await.unwrap();
        calls.push(request.extensions().get::<Attempt>().unwrap().call);
    }
    assert!(calls[0] != 0 && calls[0] != calls[1], "{calls:?}");
    let unreadable = shop.upload("t", FileBody::at("/no/such/file"));
    assert_eq!(unreadable.build().await.unwrap_err().endpoint().unwrap().name, "upload");
}

#[tokio::test]
async fn a_refresh_that_is_built_carries_the_token_that_it_renews_and_waits_for_no_other() {
    let server = Server::start(Protocol::article());
    let shop = ShopClient::signed_in(&server).await;
    shop.session().expire_now();
    let request = shop.refresh().build().await.unwrap();
    let token = shop.session().tokens().unwrap();
    assert_eq!(request.headers()["x-token"], token.access());
    assert_eq!((request.uri().path(), server.sends()), ("/api/refreshtoken", 0));
    let nobodys = shop.refresh().in_session(&shop.session().sibling());
    assert!(!nobodys.build().await.unwrap().headers().contains_key("x-token"));
}

#[tokio::test]
async fn a_command_line_shows_no_secret() {
    let server = Server::start(Protocol::article());
    let shop = ShopClient::signed_in(&server).await;
    let url = server.url("");
    let lines = [
        (
            shop.order(1).header("cookie", "a=b").to_curl(),
            format!("curl -X GET '{url}/orders/1' -H 'x-token: ***' -H 'cookie: ***'"),
        ),
        (
            shop.login("ann", "hunter2").to_curl(),
            format!(
                "curl -X POST '{url}/login' -H 'content-type: application/x-www-form-urlencoded' --data-raw '***'"
            ),
        ),
        (
            shop.echo("secret", Bytes::from_static(b"a'b")).query("x", "y").to_curl(),
            format!(
                "curl -X POST '{url}/echo?access_token=***&x=y' -H 'x-token: ***' --data-raw 'a'\\''b'"
            ),
        ),
        (
            shop.upload("t", FileBody::at("/a b")).to_curl(),
            format!(
                "curl -X POST '{url}/upload' -H 'x-token: ***' --form-string 'title=t' -F 'scan=@/a b'"
            ),
        ),
    ];
    for (line, expected) in lines {
        assert_eq!(line, expected);
    }
}

#[tokio::test]
async fn a_layer_for_one_endpoint_leaves_the_others_alone() {
    let server = Server::start(Protocol::article());
    let mark = MapRequestLayer::new(|mut request: HttpRequest| {
        request.headers_mut().insert("x-marked", http::HeaderValue::from_static("yes"));
        request
    });
    let builder = ShopClient::builder(server.origin()).layer_for(["order"], mark.clone());
    let shop = builder.build().unwrap();
    shop.session().login(Tokens::new(server.issue("ann").access)).await.unwrap();
    shop.order(1).await.unwrap();
    let _ = shop.mapped(2).await;
    assert_eq!(server.recorded_on("GET /orders/1")[0].header("x-marked"), Some("yes"));
    assert_eq!(server.recorded_on("GET /orders/2")[0].header("x-marked"), None);
    let error =
        ShopClient::builder(server.origin()).layer_for(["ordre"], mark).build().unwrap_err();
    assert!(error.kind() == ErrorKind::Build && error.to_string().contains("`ordre`"), "{error}");
}

#[tokio::test]
async fn a_body_is_compressed_on_request_or_above_a_length() {
    let server = Server::start(Protocol::article());
    let shop = ShopClient::signed_in_with(&server, |it| it.gzip_requests(1000)).await;
    server.expire_all();
    let long = Bytes::from("abc".repeat(1000));
    let short = Bytes::from_static(b"short");
    for call in
        [shop.echo("", long.clone()), shop.echo("", short.clone()), shop.echo("", short).gzip()]
    {
        call.await.unwrap();
    }
    let sent = server.recorded_on("POST /echo");
    let encodings: Vec<_> = sent.iter().map(|it| it.header("content-encoding")).collect();
    assert_eq!(encodings, [Some("gzip"), Some("gzip"), None, Some("gzip")]);
    assert_eq!(sent[0].body, sent[1].body);
    assert!(sent[0].body.len() < 200);
    let mut plain = Vec::new();
    std::io::Read::read_to_end(&mut flate2::read::GzDecoder::new(&*sent[1].body), &mut plain)
        .unwrap();
    assert_eq!(plain, long);
}
