//! Responses of every kind, with an expiry in the middle of them, and what their errors say.

use std::error::Error as _;

use crate::support::SignedIn;
use axum::body::Body;
use axum::routing::get;
use futures::{TryStreamExt, stream};
use perennial::layer::{HttpRequest, HttpResponse, HttpService};
use perennial::{
    Bytes, Download, Error, ErrorKind, FromResponse, Pages, Response, Result, Tokens, api_client,
};
use perennial_tests::{Protocol, Reply, Server};
use serde_json::{Value, json};

#[derive(serde::Deserialize, Debug, PartialEq)]
pub struct Cart {
    items: Vec<Item>,
}

#[derive(serde::Deserialize, Debug, PartialEq)]
pub struct Item {
    price: u32,
}

/// Rows of text, as the user's own type reads them.
#[derive(Debug, PartialEq)]
pub struct Rows(Vec<String>);

impl FromResponse for Rows {
    type Error = String;

    fn from_response(response: Response<Bytes>) -> Result<Self, String> {
        let kind = response.headers().get("content-type");
        if kind.is_none_or(|kind| kind != "text/csv") {
            return Err("these are not rows".to_owned());
        }
        let text = std::str::from_utf8(response.value()).map_err(|error| error.to_string())?;
        Ok(Self(text.lines().map(str::to_owned).collect()))
    }
}

#[api_client(
    base = "/api",
    envelope(code = "code", message = "message", data = "data", ok = 0),
    auth(header = "X-Token", expired(code = 1234)),
    allow(duplicate_endpoint)
)]
pub trait Shop {
    #[post("/refreshtoken", refresh)]
    async fn refresh(&self) -> Result<Tokens>;
    #[get("/fast")]
    async fn value(&self) -> Result<Cart>;
    #[get("/fast")]
    async fn nothing(&self) -> Result<()>;
    #[get("/fast")]
    async fn optional(&self) -> Result<Option<Cart>>;
    #[get("/fast")]
    async fn optional_with_head(&self) -> Result<Response<Option<Cart>>>;
    #[get("/fast")]
    async fn with_head(&self) -> Result<Response<Cart>>;
    #[get("/fast")]
    async fn bytes(&self) -> Result<Bytes>;
    #[get("/fast", envelope = off, auth(header = "X-Token", expired(body("code" = 1234))))]
    async fn text(&self) -> Result<String>;
    #[get("/fast")]
    async fn rows(&self) -> Result<Rows>;
    #[get("/fast")]
    async fn rows_with_head(&self) -> Result<Response<Rows>>;
    #[get("/fast")]
    async fn download(&self) -> Result<Download>;
    #[head("/fast")]
    async fn head(&self) -> Result<Response<()>>;
    #[get("/pages/offset", page(offset = "offset", items = "data.items"))]
    fn by_offset(&self) -> Pages<u64>;
}

/// A server whose token has expired, and which gives this response to a call with the next one.
async fn expired(response: Reply) -> (Server, ShopClient) {
    let server = Server::start(Protocol::article());
    let shop = ShopClient::signed_in(&server).await;
    server.expire_all();
    server.on("/fast").after(1).response(response);
    (server, shop)
}

fn cart() -> Value {
    json!({"code": 0, "message": "ok", "data": {"items": [{"price": 3}]}})
}

fn read() -> Cart {
    Cart { items: vec![Item { price: 3 }] }
}

/// Awaits a call whose token has expired, and checks that it was replayed once.
macro_rules! repeated {
    ($response:expr, $call:ident) => {{
        let (server, shop) = expired($response).await;
        let outcome = shop.$call().await;
        assert_eq!((server.count("/fast"), server.refreshes()), (2, 1));
        outcome
    }};
}

#[tokio::test]
async fn every_kind_of_response_is_read_after_a_refresh() {
    assert_eq!(repeated!(Reply::json(&cart()), value).unwrap(), read());
    repeated!(Reply::json(&cart()), nothing).unwrap();
    repeated!(Reply::json(&json!({"code": 0})), nothing).unwrap();
    assert_eq!(repeated!(Reply::json(&cart()), optional).unwrap(), Some(read()));
    let headed = repeated!(Reply::json(&cart()).header("x-total", "9"), with_head).unwrap();
    assert_eq!((headed.headers()["x-total"].as_bytes(), headed.value()), (&b"9"[..], &read()));
    let raw = Reply::text("application/octet-stream", &b"\xff\xfe"[..]);
    assert_eq!(repeated!(raw, bytes).unwrap(), &b"\xff\xfe"[..]);
    assert_eq!(repeated!(Reply::text("text/plain", "ü"), text).unwrap(), "ü");
    let rows = Reply::text("text/csv", "a,b\nc,d");
    let read = Rows(vec!["a,b".to_owned(), "c,d".to_owned()]);
    assert_eq!(repeated!(rows.clone(), rows).unwrap(), read);
    assert_eq!(repeated!(rows, rows_with_head).unwrap().into_value(), read);
    let download = repeated!(Reply::text("application/pdf", "%PDF"), download).unwrap();
    assert_eq!(download.bytes().await.unwrap(), "%PDF");
}

#[tokio::test]
async fn a_missing_value_is_none_with_its_headers_and_without() {
    let absent = [
        Reply::status(404),
        Reply::status(204),
        Reply::json(&json!({"code": 0, "data": null})),
        Reply::json(&json!({"code": 0})),
    ];
    for response in absent {
        assert_eq!(repeated!(response.clone(), optional).unwrap(), None);
        let headed = repeated!(response.header("x-why", "gone"), optional_with_head).unwrap();
        assert_eq!(headed.headers()["x-why"], "gone");
        assert_eq!(headed.into_value(), None);
    }
    // Gone is not the same as refused.
    assert!(repeated!(Reply::status(410), optional).unwrap_err().kind() == ErrorKind::Status);
    let refused = Reply::rejection(404, &json!({"code": 7, "message": "no"}));
    assert_eq!(repeated!(refused, optional).unwrap(), None);
}

#[tokio::test]
async fn a_head_without_a_body_is_read_for_its_headers() {
    let server = Server::start(Protocol::article());
    let shop = ShopClient::signed_in(&server).await;
    let head = shop.head().await.unwrap();
    assert_eq!(head.status(), 200);
}

#[tokio::test]
async fn a_walk_by_offset_survives_an_expiry_between_two_pages() {
    let server = Server::start(Protocol::article());
    let shop = ShopClient::signed_in(&server).await;
    let mut pages = shop.by_offset().pages();
    assert_eq!(pages.try_next().await.unwrap().unwrap(), [1, 2]);
    server.expire_all();
    assert_eq!(pages.try_collect::<Vec<_>>().await.unwrap(), [vec![3, 4], vec![5]]);
    assert_eq!((server.refreshes(), server.count("/pages/offset")), (1, 5));
}

#[tokio::test]
async fn a_value_that_is_another_names_its_path_and_shows_the_place() {
    let wrong = json!({"code": 0, "data": {"items": [{"price": 1}, {"price": "much"}]}});
    let error = repeated!(Reply::json(&wrong), value).unwrap_err();
    assert!(error.is_decode() && error.status().unwrap() == 200, "{error}");
    let told = error.to_string();
    for part in [
        "Shop::value (GET http://127.0.0.1:",
        "/api/fast)",
        "data.items[1].price: invalid type: string",
        "expected u32",
        "at line 1 column",
        "near `",
        "(sent 2 times)",
    ] {
        assert!(told.contains(part), "{part} is not in {told}");
    }
    let absent = repeated!(Reply::json(&json!({"code": 0, "data": {}})), value).unwrap_err();
    assert!(absent.to_string().contains("data: missing field `items`"), "{absent}");
    let html = repeated!(Reply::html(), value).unwrap_err();
    assert!(html.is_decode() && html.to_string().contains("text/html"), "{html}");
}

#[tokio::test]
async fn a_users_own_type_reports_its_own_reason() {
    let error = repeated!(Reply::text("text/plain", "a,b"), rows).unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Decode);
    assert_eq!(error.cause().unwrap().to_string(), "these are not rows");
    // It is not asked about a response that says failure.
    let refused = json!({"code": 7, "message": "no rows today"});
    let error = repeated!(Reply::json(&refused), rows).unwrap_err();
    assert!(error.kind() == ErrorKind::Api && error.has_code(7), "{error}");
    let error = repeated!(Reply::text("text/plain", &b"\xff"[..]), text).unwrap_err();
    assert!(error.is_decode() && error.to_string().contains("not UTF-8"), "{error}");
}

#[tokio::test]
async fn an_error_says_all_that_is_known_of_the_call_and_the_response() {
    let body = json!({"code": 2001, "message": "quota exceeded", "limit": 7});
    let refusal = Reply::rejection(429, &body).header("retry-after", "9");
    let error: Error = repeated!(refusal, value).unwrap_err();
    let endpoint = error.endpoint().unwrap();
    assert_eq!((endpoint.api, endpoint.name), ("Shop", "value"));
    assert_eq!((endpoint.method, endpoint.path), ("GET", "/fast"));
    assert_eq!((error.kind(), error.attempts()), (ErrorKind::Api, 2));
    assert_eq!(error.status().unwrap(), 429);
    assert_eq!((error.code().as_deref(), error.message()), (Some("2001"), Some("quota exceeded")));
    assert_eq!(error.retry_after().unwrap().as_secs(), 9);
    assert_eq!(error.headers().unwrap()["retry-after"], "9");
    assert_eq!(error.body::<Value>().unwrap(), body);
    let said = error.to_string();
    assert!(said.starts_with("Shop::value (GET http://127.0.0.1:"), "{said}");
    let end = "/api/fast): the server rejected the call, status 429, code 2001: quota exceeded (sent 2 times)";
    assert!(said.ends_with(end), "{said}");
}

#[tokio::test]
async fn an_error_keeps_a_limited_part_of_a_body() {
    let long = json!({"code": 7, "message": "no", "more": "x".repeat(200_000)});
    let error = repeated!(Reply::json(&long), value).unwrap_err();
    assert_eq!((error.code().as_deref(), error.message()), (Some("7"), Some("no")));
    assert_eq!(error.bytes().len(), 64 * 1024);
    let cut = error.body::<Value>().unwrap_err();
    assert!(cut.is_decode() && cut.endpoint().unwrap().name == "value", "{cut}");
}

#[tokio::test]
async fn the_underlying_failure_is_reported_once() {
    let server = Server::start(Protocol::article());
    let shop = ShopClient::signed_in(&server).await;
    server.shut().await;
    let error = shop.value().await.unwrap_err();
    assert!(error.kind() == ErrorKind::Transport, "{error}");
    let chain: Vec<_> = std::iter::successors(error.cause(), |it| (*it).source()).collect();
    assert!(chain.iter().any(|it| it.is::<std::io::Error>()), "{chain:?}");
    // It says what lies under all layers, which stay out of a printed chain.
    let reason = chain.last().unwrap().to_string().to_lowercase();
    assert_eq!(error.to_string().to_lowercase().matches(&reason).count(), 1, "{error}");
    assert!(error.source().is_none(), "{error:?}");
}

/// Responses of a body alone, without an envelope and a session.
#[api_client(base = "/api", allow(duplicate_endpoint))]
pub trait Plain {
    #[get("/value")]
    async fn value(&self) -> Result<Vec<u32>>;
    #[get("/value")]
    async fn text(&self) -> Result<String>;
}

/// A body that begins with a piece of nothing, as HTTP/2 and layers may cut it.
fn late() -> impl futures::Stream<Item = std::io::Result<Bytes>> + Send + 'static {
    stream::iter([Bytes::new(), Bytes::from("[1,"), Bytes::new(), Bytes::from("2]")].map(Ok))
}

/// A layer that responds without the server.
struct Answering;

impl tower::Layer<HttpService> for Answering {
    type Service = HttpService;

    fn layer(&self, _: HttpService) -> HttpService {
        HttpService::new(tower::service_fn(async |_: HttpRequest| {
            let response: HttpResponse = http::Response::new(reqwest::Body::wrap_stream(late()));
            Ok(response)
        }))
    }
}

#[tokio::test]
async fn an_empty_first_chunk_is_not_the_whole_body() {
    let layered = PlainClient::builder("http://shop.example").layer(Answering).build().unwrap();
    let server = Server::start(Protocol::article());
    server.open("/value");
    server.route("/value", get(async || Body::from_stream(late())));
    let http = reqwest::Client::builder().http2_prior_knowledge().no_proxy();
    let over_http2 = PlainClient::builder(server.origin()).http(http).build().unwrap();
    for plain in [layered, over_http2] {
        assert_eq!(plain.text().await.unwrap(), "[1,2]");
        assert_eq!(plain.value().await.unwrap(), [1, 2]);
    }
}
