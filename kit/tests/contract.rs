//! The contract between a served trait and the client of the same trait.

#![allow(missing_docs, unreachable_pub, clippy::unwrap_used)]

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use axum::body::Body;
use bytes::Bytes;
use futures::{StreamExt as _, TryStreamExt as _, stream};
use perennial::stream::ServerEvent;
use perennial::{
    Error, ErrorKind, Events, Lines, Pages, Response, Result, Tokens, api_client, http,
};
use perennial_test::{Reply, Server};
use serde_json::{Value, json};
use tower::ServiceExt as _;

/// The server that the implementation calls.
#[api_client(
    envelope(code = "code", message = "message", data = "data", ok = 0),
    auth(bearer, logout(status = 401))
)]
pub trait Upstream {
    #[get("/n")]
    async fn n(&self) -> Result<u64>;
}

macro_rules! api {
    ($module:ident, [$($options:tt)*]) => {
        mod $module {
            use super::*;

            #[api_client($($options)*, serve)]
            pub trait Shop {
                #[post("/login", login)]
                async fn login(&self) -> Result<Tokens>;
                #[post("/refresh", refresh)]
                async fn refresh(&self) -> Result<Tokens>;
                #[get("/unit")]
                async fn unit(&self) -> Result<()>;
                #[get("/option")]
                async fn option(&self) -> Result<Option<Value>>;
                #[get("/bytes")]
                async fn bytes(&self) -> Result<Bytes>;
                #[get("/text")]
                async fn text(&self) -> Result<String>;
                #[get("/value")]
                async fn value(&self) -> Result<Response<Value>>;
            }

            impl Shop for Failing {
                async fn login(&self) -> Result<Tokens> {
                    Ok(Tokens::new("any"))
                }
                async fn refresh(&self) -> Result<Tokens> {
                    Ok(Tokens::new("any"))
                }
                async fn unit(&self) -> Result<()> {
                    Err(self.0().await)
                }
                async fn option(&self) -> Result<Option<Value>> {
                    Err(self.0().await)
                }
                async fn bytes(&self) -> Result<Bytes> {
                    Err(self.0().await)
                }
                async fn text(&self) -> Result<String> {
                    Err(self.0().await)
                }
                async fn value(&self) -> Result<Response<Value>> {
                    Err(self.0().await)
                }
            }

            /// The errors of all five calls; each of them must be one.
            pub async fn errors(failing: Failing) -> Vec<Error> {
                let server = Server::serve::<ShopClient, _>(failing);
                let shop = ShopClient::builder(server.origin()).build().unwrap();
                shop.login().await.unwrap();
                let errors = vec![
                    shop.unit().await.expect_err("unit"),
                    shop.option().await.expect_err("option"),
                    shop.bytes().await.expect_err("bytes"),
                    shop.text().await.expect_err("text"),
                    shop.value().await.expect_err("value"),
                ];
                assert_eq!(server.refreshes(), 0, "{errors:?}");
                errors
            }
        }
    };
}

api!(
    enveloped,
    [
        envelope(code = "code", message = "message", data = "data", ok = 0),
        auth(header = "X-Token", expired(code = 1234))
    ]
);
api!(plain, [auth(bearer, expired(status = 401))]);

/// Fails with the error that this creates.
#[derive(Clone)]
pub struct Failing(Arc<dyn Fn() -> futures::future::BoxFuture<'static, Error> + Send + Sync>);

fn with(error: impl Fn() -> Error + Send + Sync + 'static) -> Failing {
    Failing(Arc::new(move || {
        let error = error();
        Box::pin(async move { error })
    }))
}

#[tokio::test]
async fn no_error_of_an_implementation_arrives_as_a_success() {
    let good = || r#"{"code": 0, "data": 5}"#;
    let cases: Vec<Box<dyn Fn() -> Failing>> = vec![
        Box::new(|| with(|| Error::of_status(200))),
        Box::new(|| with(|| Error::of_status(204))),
        Box::new(|| with(|| Error::of_status(302))),
        Box::new(|| with(|| Error::of_code(0))),
        Box::new(|| with(|| Error::of_code(7))),
        Box::new(move || with(move || Error::of_code(7).with_body(good()))),
        Box::new(move || with(move || Error::of_status(200).with_body(good()))),
        Box::new(move || with(move || Error::of_status(502).with_body(good()))),
        Box::new(|| with(|| Error::of_kind(ErrorKind::SignedOut))),
        Box::new(|| with(|| Error::of_kind(ErrorKind::Decode))),
    ];
    for case in cases {
        enveloped::errors(case()).await;
        plain::errors(case()).await;
    }
    // The implementation's message is in the place of the envelope.
    for error in
        enveloped::errors(with(|| Error::of_code(7).with_message("no").with_body("[1]"))).await
    {
        assert!(error.has_code(7) && error.message() == Some("no"), "{error}");
    }
}

#[tokio::test]
async fn what_another_server_said_to_the_implementation_is_not_passed_on() {
    let replies = [
        Reply::json(&json!({"code": 0, "data": "INTERNAL"})),
        Reply::json(&json!({"code": 7, "message": "INTERNAL"})),
        Reply::json(&json!({"code": 1234, "message": "INTERNAL"})),
        Reply::rejection(401, &json!({"message": "INTERNAL"})),
        Reply::rejection(500, &json!({"message": "INTERNAL"})),
        Reply::rejection(404, &json!({"code": 0, "data": "INTERNAL"})),
        Reply::status(204),
        Reply::status(304),
        Reply::text("text/html", "<p>INTERNAL</p>"),
    ];
    for reply in replies {
        let upstream = Arc::new(Server::declared::<UpstreamClient>());
        upstream.on("/n").response(reply.clone());
        let client = UpstreamClient::builder(upstream.origin()).build().unwrap();
        let failing = || {
            let (upstream, client) = (Arc::clone(&upstream), client.clone());
            Failing(Arc::new(move || {
                let (upstream, client) = (Arc::clone(&upstream), client.clone());
                Box::pin(async move {
                    let token = upstream.issue("gateway").access;
                    client.session().login(Tokens::new(token)).await.unwrap();
                    client.n().await.expect_err("the upstream fails")
                })
            }))
        };
        let errors = [enveloped::errors(failing()).await, plain::errors(failing()).await];
        for error in errors.into_iter().flatten() {
            assert_eq!(error.status(), Some(http::StatusCode::BAD_GATEWAY), "{error}");
            assert!(!String::from_utf8_lossy(error.bytes()).contains("INTERNAL"), "{error}");
        }
    }
}

/// Bodies of every kind, and streams.
#[api_client(serve)]
pub trait Journal {
    #[post("/json")]
    async fn json(&self, #[json] value: &Value) -> Result<Value>;
    #[put("/raw")]
    async fn raw(&self, #[body] body: Vec<u8>) -> Result<usize>;
    #[get("/plain")]
    async fn plain(&self) -> Result<u64>;
    #[get("/lines")]
    fn lines(&self) -> Lines<String>;
    #[get("/events")]
    fn events(&self) -> Events<String>;
    #[get("/broken")]
    fn broken(&self) -> Lines<String>;
    #[get("/returned")]
    fn returned(&self) -> Events<String>;
    #[get("/numbered", page(number = "page", start = 1, size = "size"))]
    fn numbered(&self, #[query] size: usize) -> Pages<u64>;
    #[get("/offset", page(offset = "offset", size = "size"))]
    fn offset(&self, #[query] size: usize) -> Pages<u64>;
}

struct FakeJournal;

const TEXTS: [&str; 5] = ["a", "\"quoted\"", " b \\n", "", "[1]"];

fn texts(texts: &'static [&'static str]) -> impl futures::Stream<Item = Result<String>> + Send {
    stream::iter(texts.iter().map(|text| Ok((*text).to_owned())))
}

impl Journal for FakeJournal {
    async fn json(&self, value: &Value) -> Result<Value> {
        Ok(value.clone())
    }
    async fn raw(&self, body: Vec<u8>) -> Result<usize> {
        Ok(body.len())
    }
    async fn plain(&self) -> Result<u64> {
        Ok(7)
    }
    fn lines(&self) -> Lines<String> {
        Lines::from_stream(texts(&TEXTS))
    }
    fn events(&self) -> Events<String> {
        let of = |text: Result<String>| text.map(ServerEvent::new);
        Events::from_stream(texts(&["a", "\"quoted\"", " b", "", "two\nlines\n"]).map(of))
    }
    fn broken(&self) -> Lines<String> {
        Lines::from_stream(texts(&["two\nlines"]))
    }
    fn returned(&self) -> Events<String> {
        Events::from_stream(texts(&["a\r\nb"]).map(|text| text.map(ServerEvent::new)))
    }
    fn numbered(&self, _: usize) -> Pages<u64> {
        pages()
    }
    fn offset(&self, _: usize) -> Pages<u64> {
        pages()
    }
}

fn pages() -> Pages<u64> {
    let pages = [vec![1, 2], vec![], vec![3], vec![4, 5], vec![6]];
    Pages::from_pages(stream::iter(pages.map(Ok)))
}

#[tokio::test]
async fn texts_in_lines_and_events_arrive_unchanged() {
    let server = Server::serve::<JournalClient, _>(FakeJournal);
    let journal = JournalClient::builder(server.origin()).build().unwrap();
    let lines: Vec<_> = journal.lines().try_collect().await.unwrap();
    assert_eq!(lines, TEXTS);
    let events = journal.events().take(5).map_ok(|event| event.data);
    let events: Vec<_> = events.try_collect().await.unwrap();
    assert_eq!(events, ["a", "\"quoted\"", " b", "", "two\nlines\n"]);
    // Content that no line or event can contain is an error, and nothing is sent instead of it.
    let error = journal.broken().try_collect::<Vec<_>>().await.unwrap_err();
    assert!(error.to_string().contains("line break"), "{error}");
    let error = journal.returned().try_collect::<Vec<_>>().await.unwrap_err();
    assert!(error.to_string().contains("carriage return"), "{error}");
}

#[tokio::test]
async fn a_counted_list_is_whole_however_short_the_pages_of_the_implementation_are() {
    let server = Server::serve::<JournalClient, _>(FakeJournal);
    let journal = JournalClient::builder(server.origin()).build().unwrap();
    for size in [1, 2, 3, 7] {
        let numbered: Vec<_> = journal.numbered(size).try_collect().await.unwrap();
        assert_eq!(numbered, [1, 2, 3, 4, 5, 6], "{size}");
        let offset: Vec<_> = journal.offset(size).try_collect().await.unwrap();
        assert_eq!(offset, [1, 2, 3, 4, 5, 6], "{size}");
    }
}

/// A request whose body counts the chunks that are read.
fn counted(method: &str, path: &str, pieces: usize) -> (http::Request<Body>, Arc<AtomicUsize>) {
    let read = Arc::new(AtomicUsize::new(0));
    let counter = Arc::clone(&read);
    let pieces = stream::iter(0..pieces).map(move |_| {
        counter.fetch_add(1, Ordering::SeqCst);
        Ok::<_, std::io::Error>(Bytes::from_static(&[b' '; 1024]))
    });
    let body = Body::from_stream(pieces);
    (http::Request::builder().method(method).uri(path).body(body).unwrap(), read)
}

#[tokio::test]
async fn a_service_reads_no_body_beyond_its_limit_and_none_without_an_argument() {
    let service = perennial::serve::service::<JournalClient, _>(FakeJournal);
    let of = |length: usize| http::Request::put("/raw").body(Body::from(vec![0; length])).unwrap();
    let mib = 1024 * 1024;
    assert_eq!(service.clone().oneshot(of(16 * mib)).await.unwrap().status(), 200);
    assert_eq!(service.clone().oneshot(of(16 * mib + 1)).await.unwrap().status(), 413);

    let service = service.body_limit(4096);
    let (request, read) = counted("PUT", "/raw", 4);
    assert_eq!(service.clone().oneshot(request).await.unwrap().status(), 200);
    assert_eq!(read.load(Ordering::SeqCst), 4);
    let (request, read) = counted("PUT", "/raw", 1000);
    assert_eq!(service.clone().oneshot(request).await.unwrap().status(), 413);
    assert!(read.load(Ordering::SeqCst) <= 6);
    let (request, read) = counted("GET", "/plain", 1000);
    assert_eq!(service.clone().oneshot(request).await.unwrap().status(), 200);
    assert_eq!(read.load(Ordering::SeqCst), 0);
    let (request, read) = counted("POST", "/nowhere", 1000);
    assert_eq!(service.oneshot(request).await.unwrap().status(), 404);
    assert_eq!(read.load(Ordering::SeqCst), 0);
}

#[tokio::test]
async fn a_compressed_request_is_unpacked_up_to_the_limit() {
    let service = perennial::serve::service::<JournalClient, _>(FakeJournal).body_limit(1000);
    let packed = |content: &[u8]| {
        use std::io::Write as _;
        let mut gzip = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::best());
        gzip.write_all(content).unwrap();
        gzip.finish().unwrap()
    };
    let request = |coding: &str, body: Vec<u8>| {
        let request = http::Request::post("/json").header("content-encoding", coding);
        request.body(Body::from(body)).unwrap()
    };
    let status = async |request| service.clone().oneshot(request).await.unwrap().status();
    assert_eq!(status(request("gzip", packed(b"{\"a\": 1}"))).await, 200);
    assert_eq!(status(request("gzip", packed(&[b' '; 5000]))).await, 413);
    assert_eq!(status(request("gzip", b"{}".to_vec())).await, 400);
    assert_eq!(status(request("br", b"{}".to_vec())).await, 415);
    assert_eq!(status(request("identity", b"{}".to_vec())).await, 200);
}

/// An envelope beside the value, which only an object has room for.
#[api_client(envelope(code = "errcode", message = "errmsg", ok = [0, absent]), serve)]
pub trait Beside {
    #[get("/list")]
    async fn list(&self) -> Result<Vec<u64>>;
    #[get("/object")]
    async fn object(&self) -> Result<Value>;
    #[get("/fails")]
    async fn fails(&self) -> Result<Vec<u64>>;
}

struct FakeBeside;

impl Beside for FakeBeside {
    async fn list(&self) -> Result<Vec<u64>> {
        Ok(vec![1, 2])
    }
    async fn object(&self) -> Result<Value> {
        Ok(json!({"a": 1}))
    }
    async fn fails(&self) -> Result<Vec<u64>> {
        Err(Error::of_code(40001))
    }
}

#[tokio::test]
async fn a_value_that_is_not_an_object_is_not_lost_in_an_envelope_without_a_place_for_it() {
    let server = Server::serve::<BesideClient, _>(FakeBeside);
    let beside = BesideClient::builder(server.origin()).build().unwrap();
    assert_eq!(beside.list().await.unwrap(), [1, 2]);
    assert_eq!(beside.object().await.unwrap()["a"], 1);
    assert!(beside.fails().await.unwrap_err().has_code(40001));
}
