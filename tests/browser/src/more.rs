//! The functions for one page alone: streams, bodies, cookies and time limits.

use std::cell::{Cell, RefCell};
use std::time::Duration;

use futures_util::StreamExt as _;
use futures_util::future::{Either, select};
use js_sys::Array;
use perennial::body::{FileBody, Part};
use perennial::store::BrowserStore;
use perennial::system::{Clock as _, SystemClock};
use perennial::{Download, Events, Lines, Result, Session, Tokens, api_client};
use serde::Deserialize;
use serde_json::{Value, json};
use wasm_bindgen::prelude::*;

use crate::{outcome, page};

/// The rest of what the test server offers, on the session of the shop.
#[api_client(
    base = "/api",
    envelope(code = "code", message = "message", data = "data", ok = 0),
    auth(header = "X-Token", expired(code = 1234), logout(code = 1001)),
    allow(expiry_without_refresh)
)]
trait More {
    #[get("/download")]
    async fn download(&self, #[query] bytes: u32) -> Result<Download>;
    #[get("/feed")]
    fn feed(&self) -> Events<Number>;
    #[get("/ndjson")]
    fn lines(&self, #[query] count: u32) -> Lines<Number>;
    #[post("/upload")]
    async fn upload(
        &self,
        #[part] title: &str,
        #[part] file: FileBody,
        #[part] more: Part,
    ) -> Result<Value>;
    #[get("/endless")]
    async fn endless(&self) -> Result<Download>;
    #[get("/slow", timeout = "200ms")]
    async fn slow(&self) -> Result<Value>;
}

#[derive(Deserialize)]
struct Number {
    n: u32,
}

/// A server that keeps the refresh token in an `HttpOnly` cookie.
#[api_client(auth(bearer, expired(status = 401)))]
trait Cookies {
    #[post("/login", login)]
    async fn login(&self, #[json] who: &crate::Who) -> Result<Tokens>;
    #[post("/refresh", refresh, public)]
    async fn refresh(&self) -> Result<Tokens>;
    #[get("/orders/{id}")]
    async fn order(&self, id: u32) -> Result<Value>;
}

fn more() -> MoreClient {
    let session: Session = page().shop.session().clone();
    MoreClient::builder("").session(&session).build().expect("the page has an origin")
}

/// Reads a download piece by piece: how many bytes there were, and whether each was right.
#[wasm_bindgen]
pub async fn download(bytes: u32) -> String {
    let read = async {
        let mut download = more().download(bytes).await?;
        let (mut at, mut right) = (0_u32, true);
        while let Some(chunk) = download.chunk().await? {
            for byte in chunk {
                right &= u32::from(byte) == at % 251;
                at += 1;
            }
        }
        Ok(json!({"bytes": at, "right": right}))
    };
    outcome(read.await).to_string()
}

thread_local! {
    static SEEN: Cell<u32> = const { Cell::new(0) };
}

/// So many events of the feed. The test sees how many have come.
#[wasm_bindgen]
pub async fn feed(count: u32) -> String {
    let mut events = more().feed().take(count as usize);
    let mut numbers = Vec::new();
    while let Some(event) = events.next().await {
        numbers.push(event.map(|event| event.data.n));
        SEEN.set(SEEN.get() + 1);
    }
    outcome(numbers.into_iter().collect::<Result<Vec<u32>>>()).to_string()
}

#[wasm_bindgen]
pub fn seen() -> u32 {
    SEEN.get()
}

#[wasm_bindgen]
pub async fn lines(count: u32) -> String {
    let numbers: Vec<_> = more().lines(count).map(|it| it.map(|line| line.n)).collect().await;
    outcome(numbers.into_iter().collect::<Result<Vec<u32>>>()).to_string()
}

/// Sends a blob of the browser in a multipart body, and tells what the server saw and the progress.
#[wasm_bindgen]
pub async fn upload() -> String {
    let bits = Array::of1(&"content of a blob".into());
    let blob = web_sys::Blob::new_with_str_sequence(&bits).expect("a blob is made of strings");
    let file = FileBody::blob(blob).file_name("a.txt").media_type("text/plain");
    let done = std::sync::Arc::new(std::sync::atomic::AtomicU64::new(0));
    let seen = std::sync::Arc::clone(&done);
    let call = more().upload("title", file, Part::bytes("more"));
    let call = call.on_upload(move |it| seen.store(it.done, std::sync::atomic::Ordering::Relaxed));
    let sent = call.await;
    let done = done.load(std::sync::atomic::Ordering::Relaxed);
    outcome(sent.map(|parts| json!({"parts": parts, "done": done}))).to_string()
}

#[wasm_bindgen]
pub async fn slow() -> String {
    outcome(more().slow().await).to_string()
}

thread_local! {
    static HELD: RefCell<Option<Download>> = const { RefCell::new(None) };
}

/// Begins a response that does not end, and keeps it.
#[wasm_bindgen]
pub async fn begin() -> String {
    let begun = async {
        let mut download = more().endless().await?;
        let first = download.chunk().await?;
        HELD.set(Some(download));
        Ok(first.map_or(0, |chunk| chunk.len()))
    };
    outcome(begun.await).to_string()
}

/// Drops what was begun.
#[wasm_bindgen]
pub fn drop_it() {
    HELD.take();
}

/// Makes a call to another address and drops it after so many milliseconds.
#[wasm_bindgen]
pub async fn abandon(base: String, millis: u32) -> String {
    use crate::shop::ShopClient;
    let shop = ShopClient::builder(&base).build().expect("an address");
    let timer = SystemClock::default().sleep(Duration::from_millis(millis.into()));
    match select(shop.health().into_future(), timer).await {
        Either::Left(_) => "\"responded\"".into(),
        Either::Right(_) => "\"dropped\"".into(),
    }
}

thread_local! {
    static COOKIES: RefCell<Option<CookiesClient>> = const { RefCell::new(None) };
}

/// Builds the client, with tokens in memory.
#[wasm_bindgen]
pub fn cookie_open() {
    let builder = CookiesClient::builder("").store(BrowserStore::memory("cookies"));
    COOKIES.set(Some(builder.build().expect("the page has an origin")));
}

fn cookies() -> CookiesClient {
    COOKIES.with_borrow(|it| it.clone().expect("`cookie_open` comes first"))
}

#[wasm_bindgen]
pub async fn cookie_login() -> String {
    outcome(cookies().login(&crate::Who::named("ann")).await.map(|_| true)).to_string()
}

/// So many orders at once: how many were right.
#[wasm_bindgen]
pub async fn cookie_orders(count: u32) -> String {
    let calls = (1..=count).map(|id| cookies().order(id).into_future());
    let results = futures_util::future::join_all(calls).await;
    let good = results.iter().filter(|it| it.is_ok()).count();
    let bad: Vec<_> =
        results.iter().filter_map(|it| it.as_ref().err()).map(ToString::to_string).collect();
    json!({"good": good, "bad": bad}).to_string()
}
