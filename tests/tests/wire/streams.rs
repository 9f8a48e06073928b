//! Events and lines, with an expiry or a broken connection in the middle of them.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use crate::support::SignedIn;
use axum::body::Body;
use axum::routing::get;
use futures::{Stream, StreamExt, TryStreamExt, stream};
use perennial::{Error, ErrorKind, Events, Lines, Pages, Result, Tokens, api_client};
use perennial_tests::{Protocol, Reply, Server};
use serde_json::{Value, json};

#[derive(serde::Deserialize, Debug, PartialEq)]
pub struct Numbered {
    n: u64,
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
    #[get("/events")]
    fn events(&self, #[query] count: u64, #[query] cut: Option<u64>) -> Events<Numbered>;
    #[get("/events")]
    fn texts(&self, #[query] count: u64) -> Events<String>;
    #[get("/ndjson")]
    fn lines(&self, #[query] count: u64, #[query] cut: Option<u64>) -> Lines<Numbered>;
    #[get("/ndjson")]
    fn texts_of_lines(&self, #[query] count: u64) -> Lines<String>;
}

#[tokio::test(start_paused = true)]
async fn events_resume_after_a_broken_connection_with_an_expired_token() {
    let server = Server::start(Protocol::article());
    let shop = ShopClient::signed_in(&server).await;
    let mut events = shop.events(5, Some(2));
    let first = events.next().await.unwrap().unwrap();
    assert_eq!(
        (&*first.name, first.id.as_deref(), first.data),
        ("message", Some("1"), Numbered { n: 1 })
    );
    server.expire_all();
    let rest: Vec<_> = events.take(4).map_ok(|event| event.data.n).try_collect().await.unwrap();
    assert_eq!(rest, [2, 3, 4, 5]);
    assert_eq!(server.refreshes(), 1);
    let asked = server.recorded_on("GET /events");
    let ids: Vec<_> = asked.iter().map(|it| it.header("last-event-id")).collect();
    assert_eq!(ids, [None, Some("2"), Some("2")]);
    assert_eq!(asked[0].header("accept"), Some("text/event-stream"));
}

#[tokio::test(start_paused = true)]
async fn the_id_of_the_last_event_is_sent_in_any_script_and_an_empty_one_removes_it() {
    let server = Server::start(Protocol::article());
    let shop = ShopClient::signed_in(&server).await;
    for (at, id) in ["ü-7", "a\tb", "", "8", "a\u{1}b"].into_iter().enumerate() {
        let body = format!("id: {id}\ndata: x\n\n");
        server.on("GET /events").nth(at + 1).response(Reply::text("text/event-stream", body));
    }
    server.on("GET /events").nth(6).response(Reply::status(204));
    assert_eq!(shop.texts(1).count().await, 5);
    let asked = server.recorded_on("GET /events");
    let ids: Vec<_> = asked.iter().map(|it| it.headers.get("last-event-id")).collect();
    let ids: Vec<_> = ids.into_iter().map(|it| it.map(|it| it.as_bytes())).collect();
    // So does one that no header can hold: the one before would bring the same events again.
    assert_eq!(ids, [None, Some("ü-7".as_bytes()), Some(b"a\tb"), None, Some(b"8"), None]);
}

#[tokio::test(start_paused = true)]
async fn events_end_with_a_refusal_with_no_content_and_with_no_reconnection() {
    let server = Server::start(Protocol::article());
    let shop = ShopClient::signed_in(&server).await;
    let texts = shop.texts(2).reconnect(false).map_ok(|event| event.data);
    assert_eq!(texts.try_collect::<Vec<_>>().await.unwrap(), ["{\"n\":1}", "{\"n\":2}"]);
    server.on("GET /events").nth(2).response(Reply::status(204));
    assert_eq!(shop.texts(2).count().await, 2);
    server.on("GET /events").nth(2).response(Reply::rejection(403, &json!({"code": 9})));
    let ended: Vec<_> = shop.texts(1).collect().await;
    assert!(ended[0].is_ok() && ended.len() == 2);
    assert!(ended[1].as_ref().unwrap_err().has_code(9));
    server.on("GET /events").nth(1).response(Reply::html());
    let error = shop.texts(1).next().await.unwrap().unwrap_err();
    assert!(error.is_decode() && error.to_string().contains("text/html"), "{error}");
}

#[tokio::test(start_paused = true)]
async fn the_time_to_wait_is_the_servers_and_ten_failures_in_a_row_are_enough() {
    let server = Server::start(Protocol::article());
    let shop = ShopClient::signed_in(&server).await;
    let body = "retry: 60000\ndata: a\n\n";
    server.on("GET /events").nth(1).response(Reply::text("text/event-stream", body));
    server.on("GET /events").after(1).response(Reply::status(503));
    let begun = tokio::time::Instant::now();
    let events: Vec<_> = shop.texts(1).collect().await;
    assert_eq!(events.len(), 2);
    assert_eq!(events[1].as_ref().unwrap_err().status().unwrap(), 503);
    assert_eq!(server.count("GET /events"), 11);
    assert!(begun.elapsed() >= std::time::Duration::from_secs(600));
}

#[tokio::test(start_paused = true)]
async fn ten_connections_in_a_row_without_an_event_end_events_with_an_error() {
    let server = Server::start(Protocol::article());
    let shop = ShopClient::signed_in(&server).await;
    server.on("GET /events").response(Reply::text("text/event-stream", ""));
    let ended: Vec<_> = shop.texts(1).collect().await;
    let error = ended[0].as_ref().unwrap_err();
    assert!(ended.len() == 1 && error.kind() == ErrorKind::Transport, "{error}");
    assert!(error.to_string().contains("Shop::texts (GET /events)"), "{error}");
    assert_eq!(server.count("GET /events"), 11);
    // A caller that wants one connection gets its end as the end.
    assert_eq!(shop.texts(1).reconnect(false).count().await, 0);
}

#[tokio::test(start_paused = true)]
async fn a_server_that_requests_more_than_a_minute_gets_no_reconnection() {
    let server = Server::start(Protocol::article());
    let shop = ShopClient::signed_in(&server).await;
    server.on("GET /events").nth(2).response(Reply::status(503).header("retry-after", "86400"));
    let begun = tokio::time::Instant::now();
    let events: Vec<_> = shop.texts(1).collect().await;
    let error = events[1].as_ref().unwrap_err();
    assert_eq!((events.len(), error.retry_after().unwrap().as_secs()), (2, 86_400));
    assert_eq!(server.count("GET /events"), 2);
    assert!(begun.elapsed().as_secs() < 60, "{:?}", begun.elapsed());
}

#[tokio::test(start_paused = true)]
async fn the_delay_that_a_server_requests_between_two_connections_has_bounds() {
    for (retry, shortest, longest) in
        [("0", 100, 200), ("1500", 1500, 2300), ("86400000", 60_000, 61_000)]
    {
        let server = Server::start(Protocol::article());
        let shop = ShopClient::signed_in(&server).await;
        let body = format!("retry: {retry}\ndata: a\n\n");
        server.on("GET /events").nth(1).response(Reply::text("text/event-stream", body));
        server.on("GET /events").nth(2).response(Reply::status(204));
        let begun = tokio::time::Instant::now();
        assert_eq!(shop.texts(1).count().await, 1);
        let waited = begun.elapsed().as_millis();
        assert!((shortest..longest).contains(&waited), "{retry}: {waited} ms");
    }
}

#[tokio::test]
async fn data_that_is_not_a_value_is_an_error_and_the_stream_continues() {
    let server = Server::start(Protocol::article());
    let shop = ShopClient::signed_in(&server).await;
    let body = "data: {\"n\":1}\n\ndata: {\"n\":\"x\"}\n\ndata: {\"n\":3}\n\n";
    server.on("GET /events").nth(1).response(Reply::text("text/event-stream", body));
    let events: Vec<_> = shop.events(0, None).reconnect(false).collect().await;
    assert_eq!(events.iter().map(Result::is_ok).collect::<Vec<_>>(), [true, false, true]);
    let error = events[1].as_ref().unwrap_err();
    assert!(error.is_decode());
    assert!(error.to_string().starts_with("Shop::events (GET /events): "), "{error}");
    let body = "{\"n\":1}\n{\"n\":\"x\"}\n{\"n\":3}\n";
    server.on("GET /ndjson").nth(1).response(Reply::text("application/x-ndjson", body));
    let lines: Vec<_> = shop.lines(0, None).collect().await;
    assert_eq!(lines.iter().map(Result::is_ok).collect::<Vec<_>>(), [true, false, true]);
    let error = lines[1].as_ref().unwrap_err();
    assert!(error.to_string().starts_with("Shop::lines (GET /ndjson): "), "{error}");
}

#[tokio::test]
async fn lines_are_values_after_a_refresh_and_a_broken_connection_ends_them() {
    let server = Server::start(Protocol::article());
    let shop = ShopClient::signed_in(&server).await;
    server.expire_all();
    let lines = shop.lines(3, None).map_ok(|line| line.n);
    assert_eq!(lines.try_collect::<Vec<_>>().await.unwrap(), [1, 2, 3]);
    assert_eq!(server.refreshes(), 1);
    let broken: Vec<_> = shop.lines(5, Some(2)).collect().await;
    assert_eq!(broken.len(), 3);
    assert!(broken[2].as_ref().unwrap_err().kind() == ErrorKind::Transport);
}

#[tokio::test]
async fn lines_that_call_themselves_json_are_judged_by_the_first_one() {
    let server = Server::start(Protocol::article());
    let shop = ShopClient::signed_in(&server).await;
    let pieces = || {
        let first = stream::iter([Ok::<_, std::io::Error>("{\"n\":1}\n{\"n\"")]);
        Body::from_stream(first.chain(stream::pending()))
    };
    let kind = [("content-type", "application/json")];
    let handler = move || async move { (kind, pieces()) };
    server.route("/live", get(handler));
    server.on("GET /ndjson").nth(1).redirect(302, "/api/live");
    let mut lines = shop.lines(1, None);
    assert_eq!(lines.next().await.unwrap().unwrap().n, 1);
    let refused: Value = json!({"code": 7, "message": "no", "data": null});
    server.on("GET /ndjson").nth(1).response(Reply::json(&refused));
    assert!(shop.lines(1, None).next().await.unwrap().unwrap_err().has_code(7));
}

/// Servers write for people, and a network cuts where it likes.
#[tokio::test]
async fn an_expired_code_on_several_lines_is_recognized_in_any_chunks() {
    let expired = "\n\n{\n  \"message\": \"over\",\n  \"code\": 1234,\n  \"data\": {}\n}\n";
    for media_type in [Some("application/json"), None] {
        for cut in [1, 2, 4, 8, 30, 50] {
            let server = Server::start(Protocol::article());
            let shop = ShopClient::signed_in(&server).await;
            let is_first = Arc::new(AtomicBool::new(true));
            let handler = move || async move {
                let body = match is_first.swap(false, Ordering::SeqCst) {
                    true => {
                        let pieces =
                            [&expired[..cut], &expired[cut..]].map(Ok::<_, std::io::Error>);
                        let pieces = stream::iter(pieces).then(async |piece| {
                            tokio::task::yield_now().await;
                            piece
                        });
                        Body::from_stream(pieces)
                    }
                    false => Body::from("{\"n\":1}\n"),
                };
                let mut response = axum::response::Response::new(body);
                if let Some(media_type) = media_type {
                    let media_type = http::HeaderValue::from_static(media_type);
                    response.headers_mut().insert("content-type", media_type);
                }
                response
            };
            server.route("/live", get(handler));
            server.on("GET /ndjson").redirect(302, "/api/live");
            let lines: Vec<_> = shop.lines(1, None).try_collect().await.unwrap();
            assert_eq!(lines, [Numbered { n: 1 }], "{media_type:?} {cut}");
            assert_eq!(server.refreshes(), 1);
        }
    }
}

/// A handler may set the media type before it looks at the token.
#[tokio::test]
async fn an_expired_code_in_lines_of_json_is_renewed() {
    for media_type in
        ["application/x-ndjson", "application/jsonl; charset=utf-8", "Application/NDJSON"]
    {
        let server = Server::start(Protocol::article());
        let shop = ShopClient::signed_in(&server).await;
        let expired = Reply::text(media_type, "{\"code\":1234,\"data\":1}\n");
        let lines = Reply::text(media_type, "{\"n\":1}\n{\"code\":7,\"n\":2}\n{\"n\":3}\n");
        let refused = Reply::text(media_type, "{\"code\":7,\"n\":1}\n{\"n\":2}\n");
        server.on("GET /ndjson").nth(1).response(expired.clone());
        server.on("GET /ndjson").nth(2).response(lines.clone());
        let found: Vec<_> =
            shop.lines(1, None).map(|line| line.ok().map(|it| it.n)).collect().await;
        assert_eq!(found, [Some(1), None, Some(3)], "{media_type}");
        assert_eq!(server.refreshes(), 1, "{media_type}");
        server.behave();
        server.on("GET /ndjson").nth(1).response(expired);
        server.on("GET /ndjson").nth(2).response(lines);
        let found: Vec<_> = shop.texts_of_lines(1).try_collect().await.unwrap();
        assert_eq!(found.len(), 3, "{media_type}");
        assert_eq!(server.refreshes(), 2, "{media_type}");
        // Any other code belongs to its line.
        server.behave();
        server.on("GET /ndjson").response(refused);
        let found: Vec<_> =
            shop.lines(1, None).map(|line| line.ok().map(|it| it.n)).collect().await;
        assert_eq!(found, [None, Some(2)], "{media_type}");
    }
}

/// The failures of a stream.
#[derive(Debug, PartialEq)]
pub enum Failure {
    Outage,
    Gone,
    Other(ErrorKind),
}

impl From<Error> for Failure {
    fn from(error: Error) -> Self {
        Self::Other(error.kind())
    }
}

#[api_client(
    base = "/api",
    envelope(code = "code", message = "message", data = "data", ok = 0),
    auth(header = "X-Token", expired(code = 1234))
)]
pub trait Told {
    #[post("/refreshtoken", refresh)]
    async fn refresh(&self) -> Result<Tokens>;
    #[get("/pages/link", page(link))]
    #[errors(5xx => Outage, code 7 => Gone)]
    fn pages(&self) -> Pages<u64, Failure>;
    #[get("/events")]
    #[errors(5xx => Outage, code 7 => Gone)]
    fn events(&self) -> Events<Numbered, Failure>;
    #[get("/ndjson")]
    #[errors(5xx => Outage, code 7 => Gone)]
    fn lines(&self) -> Lines<Numbered, Failure>;
}

#[tokio::test]
async fn failures_of_a_stream_become_the_variants_that_are_declared() {
    async fn failure<T>(
        mut stream: impl Stream<Item = std::result::Result<T, Failure>> + Unpin,
    ) -> Failure {
        stream.next().await.unwrap().err().unwrap()
    }
    let (server, told) = ToldClient::with_server().await;
    for (reply, expected) in [
        (Reply::status(500), Failure::Outage),
        (Reply::json(&json!({"code": 7, "message": "no"})), Failure::Gone),
        (Reply::json(&json!({"code": 8, "message": "no"})), Failure::Other(ErrorKind::Api)),
    ] {
        for path in ["GET /pages/link", "GET /events", "GET /ndjson"] {
            server.on(path).first(1).response(reply.clone());
        }
        assert_eq!(failure(told.pages()).await, expected);
        assert_eq!(failure(told.events().reconnect(false)).await, expected);
        assert_eq!(failure(told.lines()).await, expected);
    }
}

/// A server that says within a stream that it failed, to types that take anything.
#[api_client(
    auth(bearer, expired(status = 401)),
    envelope(code = "error.type", message = "error.message", ok = absent("error"))
)]
pub trait Pull {
    #[post("/token", refresh, public)]
    async fn refresh(&self, #[field] refresh_token: perennial::RefreshToken) -> Result<Tokens>;
    #[get("/pulled/lines")]
    fn lines(&self) -> Lines<Value>;
    #[get("/pulled/lines", envelope = off)]
    fn plain_lines(&self) -> Lines<Value>;
    #[get("/pulled/events", envelope(code = "code", ok = [0, absent]))]
    fn events(&self) -> Events<Value>;
}

#[tokio::test]
async fn an_item_that_the_envelope_rejects_is_an_error_whatever_its_type() {
    let server = Server::start(Protocol::oauth2());
    let lines = "{\"n\":1}\n{\"error\":{\"type\":\"overloaded\",\"message\":\"busy\"}}\n{\"error\":null}\n{\"error\":\"x\"}\n";
    server.route("/pulled/lines", get(async move || lines));
    let events =
        "data: {\"n\":1}\n\ndata: {\"code\":7}\n\ndata: {\"code\":0}\n\ndata: {\"code\":[7]}\n\n";
    server.route(
        "/pulled/events",
        get(async move || ([("content-type", "text/event-stream")], events)),
    );
    let pull = PullClient::builder(server.origin()).build().unwrap();
    let issued = server.issue("ann");
    let tokens = Tokens::new(issued.access).with_refresh(issued.refresh.unwrap());
    pull.session().login(tokens).await.unwrap();
    server.expire_all();
    let found: Vec<_> = pull.lines().collect().await;
    assert_eq!(found.iter().map(Result::is_ok).collect::<Vec<_>>(), [true, false, true, false]);
    let error = found[1].as_ref().unwrap_err();
    assert_eq!((error.kind(), error.message()), (ErrorKind::Api, Some("busy")));
    assert!(error.has_code("overloaded"), "{error}");
    assert_eq!(pull.plain_lines().try_collect::<Vec<_>>().await.unwrap().len(), 4);
    let found: Vec<_> = pull.events().reconnect(false).collect().await;
    assert_eq!(found.iter().map(Result::is_ok).collect::<Vec<_>>(), [true, false, true, false]);
    assert!(found[1].as_ref().unwrap_err().has_code(7));
    assert_eq!(server.refreshes(), 1);
}
