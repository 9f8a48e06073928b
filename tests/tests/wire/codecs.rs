//! XML, CBOR and MessagePack: values, envelopes, expiries, tokens and pages in another format than JSON.

mod streamed;

use std::sync::Arc;

use axum::extract::Request;
use axum::response::{IntoResponse, Response};
use axum::routing::any;
use http::HeaderMap;
use http::header::CONTENT_TYPE;
use perennial::codec::{Cbor, Codec, MessagePack};
use perennial::{ErrorKind, Pages, RefreshToken, Result, Tokens, api_client};
use perennial_tests::{Protocol, Reply, Server};
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

#[derive(Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename = "order")]
pub struct Order {
    #[serde(rename = "@id")]
    id: u32,
    item: Vec<String>,
}

/// A service that says everything with status 200, as many of its age do.
#[api_client(
    codec = perennial::codec::Xml,
    envelope(code = "code", message = "message", data = "data.order", ok = 0),
    auth(header = "X-Token", expired(code = 1234)),
    tokens(access = "data.token", expires_in = "data.ttl")
)]
pub trait Old {
    #[post("/renew", refresh, public)]
    async fn renew(&self) -> Result<Tokens>;
    #[post("/purchases")]
    async fn place(&self, #[encoded] order: &Order) -> Result<Order>;
    #[get("/purchases")]
    async fn orders(&self) -> Result<Vec<Order>>;
    #[get("/none")]
    async fn none(&self) -> Result<Option<Order>>;
    #[get("/raw", envelope(data = off))]
    async fn raw(&self) -> Result<String>;
    #[get("/bytes")]
    async fn bytes(&self) -> Result<perennial::Bytes>;
    #[get("/broken")]
    async fn broken(&self) -> Result<Order>;
    #[get("/json", codec = off, envelope = off)]
    async fn json(&self) -> Result<Value>;
}

fn document(code: u32, data: &str) -> Response {
    let body = format!(
        "<?xml version=\"1.0\"?><response><code>{code}</code><message>m &amp; n</message>\
         <data>{data}</data></response>"
    );
    ([(CONTENT_TYPE, "text/xml")], body).into_response()
}

/// The response of the service to a good token.
async fn old(path: &str, body: &str) -> Response {
    let order = r#"<order id="7"><item>x</item><item>y</item></order>"#;
    match path {
        "/purchases" if body.is_empty() => document(0, &format!("{order}{order}")),
        "/purchases" => document(0, body),
        "/none" => document(0, ""),
        "/raw" | "/bytes" => document(0, "<a/>"),
        "/broken" => document(0, r#"<order id="seven"/>"#),
        "/json" => axum::Json(json!([1])).into_response(),
        _ => document(9, ""),
    }
}

fn started() -> (Arc<Server>, OldClient) {
    let server = Arc::new(Server::start(Protocol::pairs()));
    for path in ["/renew", "/purchases", "/none", "/raw", "/bytes", "/broken", "/json"] {
        server.open(path);
        let issuer = Arc::clone(&server);
        let handler = move |headers: HeaderMap, request: Request| async move {
            let path = request.uri().path().to_owned();
            if path == "/renew" {
                let token = issuer.issue("ann").access;
                return document(0, &format!("<token>good-{token}</token><ttl>3600</ttl>"));
            }
            let token = headers.get("x-token").map(|it| it.to_str().unwrap().to_owned());
            if !token.is_some_and(|it| it.starts_with("good")) {
                return document(1234, "");
            }
            let body = axum::body::to_bytes(request.into_body(), 1000).await.unwrap();
            old(&path, std::str::from_utf8(&body).unwrap()).await
        };
        server.route(path, any(handler));
    }
    let client = OldClient::builder(server.origin()).build().unwrap();
    (server, client)
}

async fn signed_in() -> (Arc<Server>, OldClient) {
    let (server, client) = started();
    client.session().login(Tokens::new("expired")).await.unwrap();
    (server, client)
}

fn order() -> Order {
    Order { id: 7, item: vec!["x".to_owned(), "y".to_owned()] }
}

#[tokio::test]
async fn values_in_xml_are_sent_and_decoded_and_an_expired_code_is_refreshed() {
    let (server, client) = signed_in().await;
    assert_eq!(client.place(&order()).await.unwrap(), order());
    let tokens = client.session().tokens().unwrap();
    assert!(tokens.access().starts_with("good-") && tokens.expiry().is_some(), "{tokens:?}");
    let sent = server.recorded_on("POST /purchases");
    assert_eq!(sent.len(), 2);
    for sent in &sent {
        assert_eq!(sent.header("content-type"), Some("application/xml"));
        assert_eq!(sent.header("accept"), Some("application/xml"));
        assert_eq!(sent.body, br#"<order id="7"><item>x</item><item>y</item></order>"#[..]);
    }
    assert_eq!(client.orders().await.unwrap(), [order(), order()]);
    assert_eq!(client.none().await.unwrap(), None);
    assert_eq!(client.json().await.unwrap(), json!([1]));
}

#[tokio::test]
async fn text_and_bytes_in_xml_are_unchanged_and_judged_nevertheless() {
    for raw in [false, true] {
        let (_server, client) = signed_in().await;
        let text = match raw {
            true => client.raw().await.unwrap(),
            false => String::from_utf8(client.bytes().await.unwrap().to_vec()).unwrap(),
        };
        assert!(text.starts_with("<?xml") && text.contains("<a/>"), "{text}");
        assert_eq!(client.session().stats().refreshes, 1);
    }
}

#[tokio::test]
async fn an_error_in_xml_has_its_code_or_its_reason() {
    let (server, client) = signed_in().await;
    let error = client.broken().await.unwrap_err();
    assert!(error.is_decode(), "{error}");
    assert!(error.to_string().contains("expected u32"), "{error}");

    let text = "<error><code>17</code><message>too many</message></error>";
    let refused = Reply::text("text/xml", text).with_status(400);
    server.on("/purchases").nth(1).response(refused);
    let error = client.orders().await.unwrap_err();
    assert!(error.has_code(17) && error.message() == Some("too many"), "{error}");
    let body: Value = error.body().unwrap();
    assert_eq!(body["message"], "too many");

    let page = Reply::text("text/html", "<p>maintenance");
    server.on("/purchases").nth(1).response(page);
    let error = client.orders().await.unwrap_err();
    assert!(error.is_decode() || error.kind() == ErrorKind::Api, "{error}");
}

#[derive(Debug, PartialEq, Serialize, Deserialize)]
pub struct Reading {
    at: u64,
    raw: Vec<u8>,
    value: f32,
}

#[api_client(
    codec = perennial::codec::Cbor,
    envelope(code = "status", message = "text", data = "payload", ok = "ok"),
    auth(bearer, expired(code = "expired"))
)]
pub trait Sensors {
    #[post("/renew", refresh, public, codec = off, envelope = off)]
    async fn renew(&self, #[field] refresh_token: RefreshToken) -> Result<Tokens>;
    #[post("/reading")]
    async fn send(&self, #[encoded] reading: &Reading) -> Result<Reading>;
    #[post("/reading", codec = perennial::codec::MessagePack)]
    async fn packed(&self, #[encoded] reading: &Reading) -> Result<Reading>;
    #[post("/reading")]
    async fn mixed(
        &self,
        #[encoded(codec = perennial::codec::MessagePack)] reading: &Reading,
    ) -> Result<Reading>;
    #[get("/readings", page(cursor = "after", next = "payload.next", items = "payload.items"))]
    fn readings(&self) -> Pages<Reading>;
}

fn coded<C: Codec<Error: std::fmt::Debug>>(value: &impl Serialize) -> Response {
    ([(CONTENT_TYPE, C::MEDIA_TYPE)], C::encode(value).unwrap()).into_response()
}

fn reading(at: u64) -> Reading {
    Reading { at, raw: vec![0, 255], value: 0.5 }
}

#[derive(Serialize)]
struct Said<T> {
    status: &'static str,
    text: &'static str,
    payload: T,
}

fn good<C: Codec<Error: std::fmt::Debug>>(payload: impl Serialize) -> Response {
    coded::<C>(&Said { status: "ok", text: "", payload })
}

async fn sensors(request: Request) -> Response {
    let query = request.uri().query().unwrap_or_default().to_owned();
    let token = request.headers()[http::header::AUTHORIZATION].to_str().unwrap().to_owned();
    let (sent, wanted) = {
        let header = |name| {
            request
                .headers()
                .get(name)
                .map(|it: &http::HeaderValue| it.to_str().unwrap().to_owned())
        };
        (header(CONTENT_TYPE), header(http::header::ACCEPT).unwrap())
    };
    if token != "Bearer good" {
        let expired = Said { status: "expired", text: "token expired", payload: () };
        return match wanted == Cbor::MEDIA_TYPE {
            true => coded::<Cbor>(&expired),
            false => coded::<MessagePack>(&expired),
        };
    }
    let items = |from: u64| [reading(from), reading(from + 1)];
    if sent.is_none() && query.is_empty() {
        return good::<Cbor>(json_like(items(1), Some("2")));
    } else if sent.is_none() {
        return good::<Cbor>(json_like(items(3), None));
    }
    let body = axum::body::to_bytes(request.into_body(), 1000).await.unwrap();
    let reading: Reading = match sent.as_deref() {
        Some("application/cbor") => Cbor::decode(&body, &[]).unwrap(),
        _ => MessagePack::decode(&body, &[]).unwrap(),
    };
    if wanted == Cbor::MEDIA_TYPE { good::<Cbor>(reading) } else { good::<MessagePack>(reading) }
}

#[derive(Serialize)]
struct Page {
    items: [Reading; 2],
    next: Option<&'static str>,
}

fn json_like(items: [Reading; 2], next: Option<&'static str>) -> Page {
    Page { items, next }
}

async fn sensors_client() -> (Server, SensorsClient) {
    let server = Server::start(Protocol::pairs());
    server.open("/renew");
    let grant = || async { axum::Json(json!({"access_token": "good"})) };
    server.route("/renew", axum::routing::post(grant));
    for path in ["/reading", "/readings"] {
        server.open(path);
        server.route(path, any(sensors));
    }
    let client = SensorsClient::builder(server.origin()).build().unwrap();
    client.session().login(Tokens::new("old").with_refresh("r-1")).await.unwrap();
    (server, client)
}

#[tokio::test]
async fn values_in_cbor_and_message_pack_survive_an_expiry() {
    for form in 0..3 {
        let (server, client) = sensors_client().await;
        let sent = reading(7);
        let back = match form {
            0 => client.send(&sent).await,
            1 => client.packed(&sent).await,
            _ => client.mixed(&sent).await,
        };
        assert_eq!(back.unwrap(), sent, "{form}");
        assert_eq!((server.count("/reading"), server.count("/renew")), (2, 1));
        let media_type =
            server.recorded_on("/reading")[1].header("content-type").map(str::to_owned);
        let expected = if form == 0 { "application/cbor" } else { "application/msgpack" };
        assert_eq!(media_type.as_deref(), Some(expected));
    }
}

#[tokio::test]
async fn pages_in_cbor_are_walked_through_an_expiry() {
    let (server, client) = sensors_client().await;
    let all: Vec<_> = client.readings().try_collect().await.unwrap();
    assert_eq!(all, [reading(1), reading(2), reading(3), reading(4)]);
    assert_eq!(server.recorded_on("/readings").last().unwrap().target, "/readings?after=2");
}

#[test]
fn what_follows_the_value_is_an_error_in_every_format() {
    let value = json!({"code": 0});
    for (more, is_blank) in
        [(&b"\n"[..], true), (b"<!-- end -->", true), (b"x", false), (b"<b/>", false)]
    {
        let body = [&b"<a><code>0</code></a>"[..], more].concat();
        assert_eq!(perennial::codec::Xml::view(&body).is_ok(), is_blank, "{more:?}");
        let decoded = perennial::codec::Xml::decode::<Value>(&body, &[]);
        assert_eq!(decoded.is_ok(), is_blank, "{more:?}");
        let code = perennial::codec::Xml::decode::<u32>(&body, &["code"]);
        assert_eq!(code.is_ok(), is_blank, "{more:?}");
    }
    assert!(perennial::codec::Xml::view(b"text <a/>").is_err());
    for more in [&b"x"[..], &[0], &[0xa0], &[0xc0]] {
        let cbor = [Cbor::encode(&value).unwrap(), more.to_vec()].concat();
        assert!(Cbor::view(&cbor).is_err(), "{more:?}");
        assert!(Cbor::decode::<Value>(&cbor, &[]).is_err(), "{more:?}");
        assert!(Cbor::decode::<u32>(&cbor, &["code"]).is_err(), "{more:?}");
        let packed = [MessagePack::encode(&value).unwrap(), more.to_vec()].concat();
        assert!(MessagePack::view(&packed).is_err(), "{more:?}");
        assert!(MessagePack::decode::<Value>(&packed, &[]).is_err(), "{more:?}");
        assert!(MessagePack::decode::<u32>(&packed, &["code"]).is_err(), "{more:?}");
    }
}

#[tokio::test]
async fn a_response_with_more_than_its_value_is_an_error() {
    let (server, client) = signed_in().await;
    let order = r#"<order id="7"><item>x</item></order>"#;
    let body = format!("<response><code>0</code><data>{order}</data></response><evil/>");
    server.on("/purchases").response(Reply::text("application/xml", body));
    let error = client.orders().await.unwrap_err();
    assert!(error.is_decode(), "{error}");
}

/// As servers write it: with the type of an element, and on lines of its own.
#[tokio::test]
async fn a_code_in_xml_is_its_text_whatever_is_around_it() {
    let elements = [
        "<code xsi:type=\"xsd:int\">1234</code>",
        "<code type='int'>\n  1234\n</code>",
        "<code>\n  1234\n</code>",
    ];
    for element in elements {
        let (server, client) = signed_in().await;
        let body = format!("<response>{element}<data/></response>");
        server.on("/purchases").nth(1).response(Reply::text("text/xml", body));
        client.session().login(Tokens::new("good-0")).await.unwrap();
        assert_eq!(client.orders().await.unwrap(), [order(), order()], "{element}");
        assert_eq!(client.session().stats().refreshes, 1, "{element}");
    }
    let (server, client) = signed_in().await;
    client.session().login(Tokens::new("good-0")).await.unwrap();
    let body = "<response><code type=\"int\">0</code><data><order id=\"7\"><item>x</item><item>y</item></order></data></response>";
    server.on("/purchases").response(Reply::text("text/xml", body));
    assert_eq!(client.orders().await.unwrap(), [order()]);
}

/// An API whose success needs no code.
#[api_client(envelope(code = "code", data = "data", ok = [0, absent]), allow(duplicate_endpoint))]
pub trait Unmarked {
    #[get("/unmarked", codec = perennial::codec::Cbor)]
    async fn cbor(&self) -> Result<Option<u64>>;
    #[get("/unmarked", codec = perennial::codec::MessagePack)]
    async fn packed(&self) -> Result<Option<u64>>;
}

#[tokio::test]
async fn a_code_that_json_cannot_hold_is_not_a_missing_one() {
    let server = Server::start(Protocol::oauth2());
    let unmarked = UnmarkedClient::builder(server.origin()).build().unwrap();
    // A map with one member, whose name is `code`.
    let body = |map: u8, name: u8, code: &[u8]| [&[map, name], &b"code"[..], code].concat();
    let (cbor, packed) = ("application/cbor", "application/msgpack");
    for (media_type, code, is_missing) in [
        (cbor, &[0x3b, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff][..], false),
        (cbor, &[0xf9, 0x7e, 0], false),
        (cbor, &[0xf9, 0x7c, 0], false),
        (cbor, &[0xf6], true),
        (packed, &[0xca, 0x7f, 0xc0, 0, 0], false),
        (packed, &[0xd4, 5, 0], false),
        (packed, &[0xc7, 0, 5], false),
        (packed, &[0xc0], true),
    ] {
        server.behave();
        server.open("/unmarked");
        let is_cbor = media_type == cbor;
        let body = if is_cbor { body(0xa1, 0x64, code) } else { body(0x81, 0xa4, code) };
        server.on("/unmarked").response(Reply::text(media_type, body));
        let value = if is_cbor { unmarked.cbor().await } else { unmarked.packed().await };
        match value {
            Ok(value) => assert!(is_missing && value.is_none(), "{code:x?}"),
            Err(error) => assert!(!is_missing && error.is_rejected(), "{code:x?}: {error}"),
        }
    }
}
