//! One page: redirects, aborts, streams, bodies and cookies.

use std::convert::Infallible;
use std::io;
use std::sync::Arc;

use axum::body::Body;
use axum::response::{IntoResponse as _, Response};
use axum::routing::get;
use bytes::Bytes;
use futures::StreamExt as _;
use futures::stream;
use http::HeaderMap;
use http::header::CONTENT_TYPE;
use perennial_tests::{Carrier, Protocol, Reply};
use tokio::io::AsyncReadExt as _;
use tokio::sync::{Notify, mpsc, oneshot};

use crate::driver::Browser;
use crate::page::{all_good, open, serve};

#[tokio::test]
async fn a_token_crosses_no_origin_on_a_redirect() {
    let server = serve(Protocol::article());
    let other = serve(Protocol::article());
    let browser = Browser::start().await;
    let tab = open(&browser, &server, "local").await;
    assert_eq!(tab.call("login('ann')").await["ok"], true);
    for to in [other.url("/orders/1"), server.url("/orders/2")] {
        server.on("/orders/7").first(1).redirect(307, &to);
        let outcome = tab.call("order(7)").await;
        assert_eq!(outcome["error"], "Redirect", "{outcome}");
        assert!(outcome["message"].as_str().unwrap().contains("does not follow"), "{outcome}");
    }
    assert_eq!(other.requests(), 0);
    // The password of a login is as secret as a token.
    server.on_login().redirect(307, &other.url("/login"));
    assert_eq!(tab.call("login('ann')").await["error"], "Redirect");
    assert_eq!(other.requests(), 0);
    // A call without a token follows.
    server.on("/health").nth(1).redirect(302, "/api/health");
    assert_eq!(tab.call("health()").await["ok"], true);
    assert_eq!(server.count("/health"), 2);
}

#[tokio::test]
async fn a_dropped_call_aborts_its_fetch() {
    let server = serve(Protocol::article());
    let silent = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    let base = format!("http://{}", silent.local_addr().unwrap());
    let (sender, mut closed) = mpsc::unbounded_channel();
    tokio::spawn(async move {
        while let Ok((mut stream, _)) = silent.accept().await {
            let sender = sender.clone();
            tokio::spawn(async move {
                // Ends when the other side closes.
                let mut request = Vec::new();
                let _ = stream.read_to_end(&mut request).await;
                let _ = sender.send(request);
            });
        }
    });
    let browser = Browser::start().await;
    let tab = open(&browser, &server, "local").await;
    assert_eq!(tab.call(&format!("abandon('{base}', 300)")).await, "dropped");
    loop {
        // Chromium may open a connection more than it needs.
        let request = closed.recv().await.unwrap();
        if request.starts_with(b"GET /api/health") {
            break;
        }
    }
}

#[tokio::test]
async fn a_dropped_download_aborts_in_the_middle_of_its_response() {
    let server = serve(Protocol::article());
    let (guard, dropped) = oneshot::channel::<Infallible>();
    let guard = Arc::new(std::sync::Mutex::new(Some(guard)));
    let endless = move || {
        let guard = guard.lock().unwrap().take();
        let first = stream::once(async { Ok::<_, Infallible>(Bytes::from_static(b"first")) });
        let rest = stream::pending().map(move |it| {
            let _ = &guard;
            it
        });
        let response = Body::from_stream(first.chain(rest)).into_response();
        async move { response }
    };
    server.route("/endless", get(endless));
    let browser = Browser::start().await;
    let tab = open(&browser, &server, "local").await;
    assert_eq!(tab.call("login('ann')").await["ok"], true);
    assert_eq!(tab.call("begin()").await["ok"], 5);
    tab.run("page.drop_it()").await;
    assert!(dropped.await.is_err());
}

#[tokio::test]
async fn an_attempt_ends_with_its_timeout() {
    let server = serve(Protocol::article());
    let browser = Browser::start().await;
    let tab = open(&browser, &server, "local").await;
    assert_eq!(tab.call("login('ann')").await["ok"], true);
    server.on("/slow").never();
    let outcome = tab.call("slow()").await;
    assert!(outcome["error"].as_str().unwrap().starts_with("Timeout"), "{outcome}");
}

#[tokio::test]
async fn streams_come_piece_by_piece_with_an_expiry_in_the_middle() {
    let server = serve(Protocol::article());
    let browser = Browser::start().await;
    let tab = open(&browser, &server, "local").await;
    assert_eq!(tab.call("login('ann')").await["ok"], true);
    let download = tab.call("download(1000000)").await;
    assert_eq!(download["ok"]["bytes"], 1_000_000, "{download}");
    assert_eq!(download["ok"]["right"], true);
    server.expire_all();
    assert_eq!(tab.call("lines(3)").await["ok"], serde_json::json!([1, 2, 3]));
    assert_eq!(server.refreshes(), 1);
    // The stream breaks after the second event, when the token has expired.
    let broken = Arc::new(Notify::new());
    server.route("/feed", get(feed(&broken)));
    tab.start("feed(5)").await;
    tab.until("page.seen() === 2").await;
    server.expire_all();
    broken.notify_one();
    assert_eq!(tab.end().await["ok"], serde_json::json!([1, 2, 3, 4, 5]));
    assert_eq!((server.refreshes(), server.reuses()), (2, 0));
}

/// Two events and a break when the test says so, and the rest when the stream is resumed.
fn feed(
    broken: &Arc<Notify>,
) -> impl Fn(HeaderMap) -> std::future::Ready<Response> + Clone + use<> {
    let broken = Arc::clone(broken);
    move |headers: HeaderMap| {
        let event = |n: u32| format!("retry: 100\nid: {n}\ndata: {{\"n\":{n}}}\n\n");
        let last: Option<u32> =
            headers.get("last-event-id").and_then(|id| id.to_str().ok()?.parse().ok());
        let body = match last {
            Some(last) => Body::from((last + 1..=5).map(event).collect::<String>()),
            None => {
                let first = stream::once(std::future::ready(Ok(event(1) + &event(2))));
                let broken = Arc::clone(&broken);
                let rest = stream::once(async move {
                    broken.notified().await;
                    Err(io::Error::other("the test breaks the connection here"))
                });
                Body::from_stream(first.chain(rest))
            }
        };
        std::future::ready(([(CONTENT_TYPE, "text/event-stream")], body).into_response())
    }
}

#[tokio::test]
async fn a_blob_is_uploaded_and_again_after_a_refresh() {
    let server = serve(Protocol::article());
    let browser = Browser::start().await;
    let tab = open(&browser, &server, "local").await;
    assert_eq!(tab.call("login('ann')").await["ok"], true);
    server.expire_all();
    let outcome = tab.call("upload()").await;
    let parts = &outcome["ok"]["parts"];
    assert_eq!(parts[1]["text"], "content of a blob", "{outcome}");
    assert_eq!((&parts[1]["file"], &parts[1]["mime"]), (&"a.txt".into(), &"text/plain".into()));
    assert_eq!(parts[2]["text"], "more");
    assert_eq!(server.count("/upload"), 2);
    let body = &server.recorded_on("/upload")[1].body;
    assert_eq!(outcome["ok"]["done"], body.len() as u64);
}

#[tokio::test]
async fn a_refresh_token_in_an_http_only_cookie_renews_the_session() {
    let server = serve(cookies());
    let browser = Browser::start().await;
    let tab = open(&browser, &server, "").await;
    tab.call("cookie_open()").await;
    assert_eq!(tab.call("cookie_login()").await["ok"], true);
    assert_eq!(tab.run("return document.cookie + Object.keys(localStorage)").await, "");
    server.expire_all();
    all_good(&tab.call("cookie_orders(3)").await, 3);
    assert_eq!((server.refreshes(), server.rotations(), server.reuses()), (1, 1, 0));
    // After a reload nothing is in memory, and the cookie is.
    tab.go(&server.url("/page/tests/index.html")).await;
    tab.ready().await;
    tab.call("cookie_open()").await;
    all_good(&tab.call("cookie_orders(3)").await, 3);
    assert_eq!((server.refreshes(), server.reuses()), (2, 0));
    assert_eq!(tab.run("return document.cookie + Object.keys(localStorage)").await, "");
}

/// A server that keeps the refresh token in a cookie, and accepts each one once.
fn cookies() -> Protocol {
    let mut protocol = Protocol { renewal: Carrier::Cookie("rt"), ..Protocol::pairs() };
    protocol.grant.refresh = None;
    protocol
}

#[tokio::test]
async fn tabs_that_share_a_cookie_use_it_one_after_another() {
    // Each tab has an access token of its own, which the refresh of the other leaves valid.
    let server = serve(Protocol { overlaps: true, ..cookies() });
    let browser = Browser::start().await;
    let first = open(&browser, &server, "").await;
    let second = open(&browser, &server, "").await;
    for tab in [&first, &second] {
        tab.call("cookie_open()").await;
    }
    assert_eq!(first.call("cookie_login()").await["ok"], true);
    all_good(&second.call("cookie_orders(1)").await, 1);
    let before = server.refreshes();
    server.expire_all();
    let held = server.hold_refresh();
    first.start("cookie_orders(25)").await;
    held.arrived(1).await;
    second.start("cookie_orders(25)").await;
    second.until_awaited("(await navigator.locks.query()).pending.length === 1").await;
    assert_eq!(server.refreshes(), before + 1);
    held.release();
    all_good(&first.end().await, 25);
    all_good(&second.end().await, 25);
    assert_eq!((server.refreshes(), server.reuses()), (before + 2, 0));
}

#[tokio::test]
async fn an_api_on_another_origin_is_called_as_its_cors_headers_allow() {
    let server = serve(Protocol::article());
    let other = serve(Protocol::article());
    let browser = Browser::start().await;
    let tab = open(&browser, &server, "").await;
    // Without CORS headers the browser shows no response.
    tab.call(&format!("open('{}', '')", other.origin())).await;
    assert_eq!(tab.call("health()").await["error"], "Transport");
    let origin = server.origin();
    let allowed = Reply::json(&serde_json::json!({"code": 0, "message": "ok", "data": null}))
        .header("access-control-allow-origin", &origin)
        .header("access-control-allow-credentials", "true");
    other.on("/health").response(allowed);
    assert_eq!(tab.call("health()").await["ok"], true);
    // The page's own server, after that.
    tab.call("open('', '')").await;
    assert_eq!(tab.call("login('ann')").await["ok"], true);
    all_good(&tab.call("orders(25)").await, 25);
}
