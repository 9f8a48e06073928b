//! Streamed responses where a format is declared: a response in that format is judged as one in JSON is.

use std::sync::Arc;

use axum::body::Body;
use axum::response::{IntoResponse, Response};
use axum::routing::any;
use bytes::Bytes;
use futures::{StreamExt, stream};
use http::header::CONTENT_TYPE;
use http::{HeaderMap, HeaderValue};
use perennial::codec::{Cbor, Codec, MessagePack, Xml};
use perennial::{Download, ErrorKind, Events, Lines, RefreshToken, Result, Tokens, api_client};
use perennial_tests::{Protocol, Server};
use serde::Serialize;
use serde_json::{Value, json};

#[api_client(
    envelope(code = "code", message = "message", ok = 0),
    auth(header = "X-Token", expired(code = 1234)),
    allow(duplicate_endpoint)
)]
pub trait Streams {
    #[post("/renew", refresh, public, envelope = off)]
    async fn renew(&self, #[field] refresh_token: RefreshToken) -> Result<Tokens>;

    #[get("/xml", codec = perennial::codec::Xml)]
    async fn xml_file(&self) -> Result<Download>;
    #[get("/xml", codec = perennial::codec::Xml)]
    fn xml_texts(&self) -> Lines<String>;
    #[get("/xml", codec = perennial::codec::Xml)]
    fn xml_lines(&self) -> Lines<Value>;
    #[get("/xml", codec = perennial::codec::Xml)]
    fn xml_events(&self) -> Events<Value>;

    #[get("/cbor", codec = perennial::codec::Cbor)]
    async fn cbor_file(&self) -> Result<Download>;
    #[get("/cbor", codec = perennial::codec::Cbor)]
    fn cbor_texts(&self) -> Lines<String>;
    #[get("/cbor", codec = perennial::codec::Cbor)]
    fn cbor_lines(&self) -> Lines<Value>;
    #[get("/cbor", codec = perennial::codec::Cbor)]
    fn cbor_events(&self) -> Events<Value>;

    #[get("/msgpack", codec = perennial::codec::MessagePack)]
    async fn packed_file(&self) -> Result<Download>;
    #[get("/msgpack", codec = perennial::codec::MessagePack)]
    fn packed_texts(&self) -> Lines<String>;
    #[get("/msgpack", codec = perennial::codec::MessagePack)]
    fn packed_lines(&self) -> Lines<Value>;
    #[get("/msgpack", codec = perennial::codec::MessagePack)]
    fn packed_events(&self) -> Events<Value>;
}

#[derive(Serialize)]
#[serde(rename = "response")]
struct Said {
    code: u32,
    message: &'static str,
}

fn said(format: &str, code: u32) -> Vec<u8> {
    let said = Said { code, message: "no" };
    match format {
        "xml" => Xml::encode(&said).unwrap(),
        "cbor" => Cbor::encode(&said).unwrap(),
        _ => MessagePack::encode(&said).unwrap(),
    }
}

fn typed(media_type: Option<&'static str>, body: impl Into<Body>) -> Response {
    let mut response = Response::new(body.into());
    if let Some(media_type) = media_type {
        response.headers_mut().insert(CONTENT_TYPE, HeaderValue::from_static(media_type));
    }
    response
}

/// Sends this for a request with the old token, and content of the requested type for any other.
async fn streams(
    format: &'static str,
    media_type: Option<&'static str>,
    refusal: Vec<u8>,
) -> (Arc<Server>, StreamsClient) {
    let server = Arc::new(Server::start(Protocol::pairs()));
    server.open("/renew");
    let grant = || async { axum::Json(json!({"access_token": "good"})) };
    server.route("/renew", axum::routing::post(grant));
    let path: &str = Box::leak(format!("/{format}").into_boxed_str());
    server.open(path);
    let handler = move |headers: HeaderMap| {
        let refusal = refusal.clone();
        async move {
            let is_good = headers.get("x-token").is_some_and(|it| it == "good");
            let wants_events = headers.get("accept").is_some_and(|it| it == "text/event-stream");
            match (is_good, wants_events) {
                (false, _) => typed(media_type, refusal),
                (true, true) => typed(Some("text/event-stream"), "data: 7\n\n"),
                (true, false) => typed(Some("application/octet-stream"), "7\n"),
            }
        }
    };
    server.route(path, any(handler));
    let client = StreamsClient::builder(server.origin()).build().unwrap();
    client.session().login(Tokens::new("old").with_refresh("r-1")).await.unwrap();
    (server, client)
}

/// The first item of each streamed type in a format.
async fn first_of_each(client: &StreamsClient, format: &str, each: usize) -> Result<String> {
    let file = async |download: Result<Download>| {
        let bytes = download?.bytes().await?;
        Ok(String::from_utf8_lossy(&bytes).trim_end().to_owned())
    };
    let text = async |mut lines: Lines<String>| lines.next().await.unwrap();
    let line = async |mut lines: Lines<Value>| lines.next().await.unwrap().map(|it| it.to_string());
    let event = async |events: Events<Value>| {
        let mut events = events.reconnect(false);
        events.next().await.unwrap().map(|it| it.data.to_string())
    };
    match (format, each) {
        ("xml", 0) => file(client.xml_file().await).await,
        ("xml", 1) => text(client.xml_texts()).await,
        ("xml", 2) => line(client.xml_lines()).await,
        ("xml", _) => event(client.xml_events()).await,
        ("cbor", 0) => file(client.cbor_file().await).await,
        ("cbor", 1) => text(client.cbor_texts()).await,
        ("cbor", 2) => line(client.cbor_lines()).await,
        ("cbor", _) => event(client.cbor_events()).await,
        (_, 0) => file(client.packed_file().await).await,
        (_, 1) => text(client.packed_texts()).await,
        (_, 2) => line(client.packed_lines()).await,
        (_, _) => event(client.packed_events()).await,
    }
}

/// The formats, with the media types that servers give them.
const FORMATS: [(&str, &[Option<&str>]); 3] = [
    (
        "xml",
        &[
            Some("application/xml"),
            Some("text/xml; charset=utf-8"),
            Some("Application/Soap+XML"),
            None,
        ],
    ),
    ("cbor", &[Some("application/cbor"), Some("application/vnd.acme.v1+cbor"), None]),
    (
        "msgpack",
        &[
            Some("application/msgpack"),
            Some("application/x-msgpack"),
            Some("application/vnd.msgpack"),
            None,
        ],
    ),
];

#[tokio::test]
async fn an_expired_code_is_renewed_for_every_streamed_type_in_every_format() {
    for (format, media_types) in FORMATS {
        for media_type in media_types {
            for each in 0..4 {
                let (server, client) = streams(format, *media_type, said(format, 1234)).await;
                let what = format!("{format} {media_type:?} {each}");
                let first = first_of_each(&client, format, each).await;
                assert_eq!(first.as_deref().ok(), Some("7"), "{what}: {first:?}");
                assert_eq!(server.count("/renew"), 1, "{what}");
                // The pieces of a stream are not in the format of the API.
                let sent = server.recorded_on(&*format!("/{format}")).pop().unwrap();
                let accept = ["*/*", "*/*", "text/event-stream"];
                let accept = each.checked_sub(1).map(|each| accept[each]);
                assert!(accept.is_none() || sent.header("accept") == accept, "{what}");
                assert_eq!(server.count(&*format!("/{format}")), 2, "{what}");
            }
        }
    }
}

#[tokio::test]
async fn an_error_is_never_the_content_of_a_streamed_type_in_any_format() {
    for (format, media_types) in FORMATS {
        for media_type in media_types {
            for each in 0..4 {
                let (_server, client) = streams(format, *media_type, said(format, 7)).await;
                let error = first_of_each(&client, format, each).await.unwrap_err();
                assert_eq!(error.kind(), ErrorKind::Api, "{format} {media_type:?} {each}: {error}");
                assert!(error.has_code(7) && error.message() == Some("no"), "{error}");
            }
        }
    }
}

#[tokio::test]
async fn an_error_on_several_lines_is_recognized() {
    let text = "<?xml version=\"1.0\"?>\n<response>\n  <code>1234</code>\n</response>\n";
    for each in 0..4 {
        let (server, client) = streams("xml", Some("text/xml"), text.into()).await;
        assert_eq!(first_of_each(&client, "xml", each).await.unwrap(), "7");
        assert_eq!(server.count("/renew"), 1);
    }
}

#[tokio::test]
async fn content_in_the_declared_format_is_what_the_server_sent() {
    for (format, media_types) in FORMATS {
        let content = said(format, 0);
        let (server, client) = streams(format, media_types[0], content.clone()).await;
        let download = match format {
            "xml" => client.xml_file().await,
            "cbor" => client.cbor_file().await,
            _ => client.packed_file().await,
        };
        assert_eq!(download.unwrap().bytes().await.unwrap(), content, "{format}");
        assert_eq!(server.count("/renew"), 0);
    }
    let lines = "<response><code>0</code></response>\n<entry>1</entry>\n";
    let (_server, client) = streams("xml", Some("text/xml"), lines.into()).await;
    let lines: Vec<_> = client.xml_texts().map(Result::unwrap).collect().await;
    assert_eq!(lines, ["<response><code>0</code></response>", "<entry>1</entry>"]);
}

#[tokio::test]
async fn the_first_line_of_a_response_that_continues_is_returned_at_once() {
    for (media_type, line) in [
        (None, "started\n"),
        (None, "{\"n\":1}\n"),
        (Some("text/plain"), "<entry/>\n"),
        (Some("application/xml"), "<entry>1</entry>\n"),
    ] {
        for format in ["xml", "cbor", "msgpack"] {
            if media_type == Some("application/xml") && format != "xml" {
                continue;
            }
            let server = Server::start(Protocol::pairs());
            let path: &str = Box::leak(format!("/{format}").into_boxed_str());
            server.open(path);
            let handler = move || async move {
                let first =
                    stream::iter([Ok::<_, std::io::Error>(Bytes::from_static(line.as_bytes()))]);
                typed(media_type, Body::from_stream(first.chain(stream::pending()))).into_response()
            };
            server.route(path, any(handler));
            let client = StreamsClient::builder(server.origin()).build().unwrap();
            client.session().login(Tokens::new("good")).await.unwrap();
            let mut lines = match format {
                "xml" => client.xml_texts(),
                "cbor" => client.cbor_texts(),
                _ => client.packed_texts(),
            };
            assert_eq!(lines.next().await.unwrap().unwrap(), line.trim_end(), "{format}");
        }
    }
}
