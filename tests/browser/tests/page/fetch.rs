//! The transport over a `fetch` that the test answers.

use std::time::Duration;

use futures_util::{FutureExt as _, StreamExt as _};
use js_sys::{Function, Reflect};
use perennial::system::{Clock as _, FetchCredentials, FetchOptions, SystemClock};
use perennial::{Download, ErrorKind, Lines, Phase, Response, Result, api_client};
use serde_json::{Value, json};
use wasm_bindgen::JsValue;
use wasm_bindgen_test::wasm_bindgen_test;

#[api_client(base = "/fake", auth(bearer, expired(status = 401)), allow(expiry_without_refresh))]
trait Fake {
    #[get("/plain", public)]
    async fn plain(&self) -> Result<Value>;
    #[post("/with")]
    async fn with(&self, #[query] page: u32, #[json] body: &Value) -> Result<Value>;
    #[get("/empty")]
    async fn empty(&self) -> Result<()>;
    #[get("/headers")]
    async fn headers(&self) -> Result<Response<Value>>;
    #[get("/never")]
    async fn never(&self) -> Result<Value>;
    #[get("/late", timeout = "50ms")]
    async fn late(&self) -> Result<Value>;
    #[get("/pieces")]
    async fn pieces(&self) -> Result<Download>;
    #[get("/lines")]
    fn lines(&self) -> Lines<u32>;
    #[get("/throws")]
    async fn throws(&self) -> Result<Value>;
    #[get("/rejects")]
    async fn rejects(&self) -> Result<Value>;
}

const INSTALL: &str = "
    if (!globalThis.answers) {
        const real = globalThis.fetch;
        globalThis.answers = {};
        globalThis.seen = {};
        globalThis.fetch = (url, init) => {
            const path = new URL(url).pathname;
            const answer = answers[path];
            if (!answer) return real(url, init);
            seen[path] = { url, ...init, headers: Object.fromEntries(init.headers) };
            return answer();
        };
    }";

/// Answers a path with what this script returns.
fn answer(path: &str, script: &str) {
    run(INSTALL);
    let answers = run("answers");
    Reflect::set(&answers, &path.into(), &Function::new_no_args(script)).unwrap();
}

fn run(script: &str) -> JsValue {
    js_sys::eval(script).unwrap()
}

/// A value of the request that a path got.
fn seen(path: &str, value: &str) -> Option<String> {
    run(&format!("String(seen['{path}'].{value})")).as_string()
}

fn is_aborted(path: &str) -> bool {
    seen(path, "signal.aborted").as_deref() == Some("true")
}

/// Lets the page go on.
async fn turn() {
    SystemClock::default().sleep(Duration::ZERO).await;
}

async fn signed_in() -> FakeClient {
    let client = FakeClient::builder("").build().unwrap();
    client.session().login("hunter2".to_owned()).await.unwrap();
    client
}

#[wasm_bindgen_test]
async fn a_call_with_a_token_is_never_redirected_by_the_browser() {
    let client = signed_in().await;
    for path in ["/fake/plain", "/fake/with"] {
        answer(path, "return Promise.resolve(Response.json({a: 1}))");
    }
    assert_eq!(client.plain().await.unwrap(), json!({"a": 1}));
    assert_eq!(seen("/fake/plain", "redirect").unwrap(), "follow");
    assert_eq!(seen("/fake/plain", "headers.authorization").unwrap(), "undefined");
    client.with(2, &json!({"b": "ü"})).await.unwrap();
    for (value, expected) in [
        ("redirect", "manual"),
        ("method", "POST"),
        ("credentials", "same-origin"),
        ("cache", "no-store"),
        ("headers.authorization", "Bearer hunter2"),
        ("headers['content-type']", "application/json"),
    ] {
        assert_eq!(seen("/fake/with", value).unwrap(), expected, "{value}");
    }
    assert!(seen("/fake/with", "url").unwrap().ends_with("/fake/with?page=2"));
    let body = run("new TextDecoder().decode(seen['/fake/with'].body)");
    assert_eq!(body.as_string().unwrap(), r#"{"b":"ü"}"#);
}

#[wasm_bindgen_test]
async fn the_settings_of_fetch_reach_it() {
    let options = FetchOptions::new().credentials(FetchCredentials::Include).http_cache(true);
    let client = FakeClient::builder("").fetch(options).build().unwrap();
    answer("/fake/plain", "return Promise.resolve(Response.json(1))");
    client.plain().await.unwrap();
    assert_eq!(seen("/fake/plain", "credentials").unwrap(), "include");
    assert_eq!(seen("/fake/plain", "cache").unwrap(), "undefined");
}

#[wasm_bindgen_test]
async fn a_response_without_a_body_and_with_bytes_in_its_headers_is_read() {
    let client = signed_in().await;
    answer("/fake/empty", "return Promise.resolve(new Response(null, {status: 204}))");
    client.empty().await.unwrap();
    answer(
        "/fake/headers",
        "return Promise.resolve(Response.json(1, {headers: {'x-name': 'b\\u00fc'}}))",
    );
    let response = client.headers().await.unwrap();
    assert_eq!(response.headers()["x-name"].as_bytes(), b"b\xfc");
}

#[wasm_bindgen_test]
async fn a_dropped_call_aborts_its_fetch() {
    let client = signed_in().await;
    answer("/fake/never", "return new Promise(() => {})");
    let mut call = client.never().into_future();
    assert!((&mut call).now_or_never().is_none());
    // The session looks at its store first, so the call is polled until it is sent.
    while run("!('/fake/never' in seen)").is_truthy() {
        turn().await;
        assert!((&mut call).now_or_never().is_none());
    }
    assert!(!is_aborted("/fake/never"));
    drop(call);
    assert!(is_aborted("/fake/never"));
}

#[wasm_bindgen_test]
async fn a_call_that_takes_too_long_aborts_its_fetch() {
    let client = signed_in().await;
    answer("/fake/late", "return new Promise(() => {})");
    let error = client.late().await.unwrap_err();
    assert!(matches!(error.kind(), ErrorKind::Timeout(Phase::Attempt)), "{error}");
    assert!(is_aborted("/fake/late"));
}

const PIECES: &str = "return Promise.resolve(new Response(new ReadableStream({
    start(controller) { globalThis.pieces = controller; }
})))";

#[wasm_bindgen_test]
async fn a_download_hands_out_each_piece_when_it_arrives() {
    let client = signed_in().await;
    answer("/fake/pieces", PIECES);
    let mut download = client.pieces().await.unwrap();
    for piece in ["ab", "c"] {
        assert!(download.chunk().now_or_never().is_none(), "nothing has arrived");
        run(&format!("pieces.enqueue(new TextEncoder().encode('{piece}'))"));
        assert_eq!(download.chunk().await.unwrap().unwrap(), piece);
    }
    run("pieces.close()");
    assert_eq!(download.chunk().await.unwrap(), None);
}

#[wasm_bindgen_test]
async fn a_download_that_breaks_off_says_why_and_one_that_is_dropped_is_aborted() {
    let client = signed_in().await;
    answer("/fake/pieces", PIECES);
    let mut download = client.pieces().await.unwrap();
    run("pieces.error(new TypeError('network lost'))");
    let error = download.chunk().await.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Transport);
    assert!(error.to_string().contains("network lost"), "{error}");
    let download = client.pieces().await.unwrap();
    assert!(!is_aborted("/fake/pieces"));
    drop(download);
    assert!(is_aborted("/fake/pieces"));
}

#[wasm_bindgen_test]
async fn lines_come_out_of_pieces_that_end_anywhere() {
    let client = signed_in().await;
    answer("/fake/lines", PIECES);
    let mut lines = client.lines();
    assert!(lines.next().now_or_never().is_none());
    while run("!('/fake/lines' in seen)").is_truthy() {
        turn().await;
        assert!(lines.next().now_or_never().is_none());
    }
    for piece in ["1\\n2", "3\\n\\n4", "5"] {
        run(&format!("pieces.enqueue(new TextEncoder().encode('{piece}'))"));
    }
    run("pieces.close()");
    let numbers: Vec<u32> = lines.map(|line| line.unwrap()).collect().await;
    assert_eq!(numbers, [1, 23, 45]);
}

#[wasm_bindgen_test]
async fn a_fetch_that_fails_is_an_error_that_shows_no_token() {
    let client = signed_in().await;
    answer("/fake/throws", "throw new TypeError('no such header')");
    answer("/fake/rejects", "return Promise.reject(new TypeError('Failed to fetch'))");
    for (error, kind, says) in [
        (client.throws().await.unwrap_err(), ErrorKind::Argument, "no such header"),
        (client.rejects().await.unwrap_err(), ErrorKind::Transport, "failed to fetch"),
    ] {
        assert_eq!(error.kind(), kind, "{error}");
        let shown = format!("{error} {error:?}");
        assert!(shown.to_lowercase().contains(says) && !shown.contains("hunter2"), "{shown}");
    }
}
