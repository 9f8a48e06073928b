//! Bodies of every kind, with an expiry in the middle of them.

use std::fs::File;
use std::sync::atomic::{AtomicU32, Ordering};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use futures::stream;
use perennial::body::{BodyFactory, FileBody, Part, StreamBody};
use perennial::{Bytes, ErrorKind, Result, Tokens, api_client};
use perennial_tests::{Protocol, Server};

#[derive(serde::Serialize)]
struct Meta {
    title: &'static str,
    tags: Vec<u8>,
}

#[derive(serde::Deserialize, Debug, PartialEq)]
pub struct Received {
    name: Option<String>,
    file: Option<String>,
    mime: Option<String>,
    size: usize,
    text: Option<String>,
}

#[derive(serde::Deserialize)]
pub struct Echo {
    body: String,
    headers: std::collections::BTreeMap<String, String>,
}

#[api_client(
    base = "/api",
    envelope(code = "code", message = "message", data = "data", ok = 0),
    auth(header = "X-Token", expired(code = 1234), early = off),
    allow(duplicate_endpoint)
)]
pub trait Shop {
    #[post("/refreshtoken", refresh)]
    async fn refresh(&self) -> Result<Tokens>;
    #[post("/upload")]
    async fn upload(
        &self,
        #[part] title: &str,
        #[part] count: u32,
        #[part("bytes", mime = "image/png", file = "a \"b\".png")] bytes: Vec<u8>,
        #[part] scan: FileBody,
        #[part("meta", json)] meta: &impl serde::Serialize,
        #[part] note: Option<&str>,
        #[part] more: Vec<Part>,
    ) -> Result<Vec<Received>>;
    #[post("/upload")]
    async fn upload_parts(&self, #[part] parts: Vec<Part>) -> Result<Vec<Received>>;
    #[post("/upload", replay = off)]
    async fn upload_once(&self, #[part] recording: StreamBody) -> Result<Vec<Received>>;
    #[post("/echo")]
    async fn bytes(&self, #[body] body: Bytes) -> Result<Echo>;
    #[post("/echo")]
    async fn text(&self, #[body] body: &str) -> Result<Echo>;
    #[post("/echo")]
    async fn file(&self, #[body] body: &FileBody) -> Result<Echo>;
    #[put("/echo")]
    async fn replace(&self, #[body] body: &FileBody) -> Result<Echo>;
    #[post("/echo")]
    async fn factory(&self, #[body] body: BodyFactory) -> Result<Echo>;
    #[post("/echo", replay = off)]
    async fn once(&self, #[body] body: StreamBody) -> Result<Echo>;
    #[post("/echo")]
    async fn fields(
        &self,
        #[field] a: &str,
        #[field(style = csv)] ids: &[u32],
        #[field] none: Option<u32>,
    ) -> Result<Echo>;
}

fn shop(server: &Server) -> ShopClient {
    ShopClient::builder(server.origin()).build().unwrap()
}

async fn signed_in(server: &Server) -> ShopClient {
    let shop = shop(server);
    shop.session().login(Tokens::new(server.issue("ann").access)).await.unwrap();
    shop
}

fn scratch(name: &str, content: &[u8]) -> std::path::PathBuf {
    let path = std::env::temp_dir().join(format!("perennial-{}-{name}", std::process::id()));
    std::fs::write(&path, content).unwrap();
    path
}

#[tokio::test]
async fn a_multipart_body_is_sent_again_to_the_byte_after_a_refresh() {
    let server = Server::start(Protocol::article());
    let shop = signed_in(&server).await;
    let path = scratch("scan.txt", &b"x".repeat(300_000));
    server.expire_all();
    let parts = shop
        .upload(
            "Überschrift",
            7,
            vec![0xff, 0xfe],
            FileBody::at(&path).file_name("scan.txt").media_type("text/plain"),
            &Meta { title: "a", tags: vec![1, 2] },
            None,
            vec![
                Part::text("one").file_name("one.txt"),
                Part::from(BodyFactory::stream(|| {
                    stream::iter(["t", "wo"].map(Ok::<_, std::io::Error>))
                })),
            ],
        )
        .await
        .unwrap();
    let named =
        |name: &'static str| parts.iter().filter(move |it| it.name.as_deref() == Some(name));
    let texts: Vec<_> = parts.iter().map(|part| part.text.as_deref().unwrap_or("-")).collect();
    assert_eq!(texts[..3], ["Überschrift", "7", "-"]);
    assert_eq!(texts[4..], [r#"{"title":"a","tags":[1,2]}"#, "one", "two"]);
    let bytes = named("bytes").next().unwrap();
    assert_eq!((bytes.size, bytes.mime.as_deref()), (2, Some("image/png")));
    assert_eq!(bytes.file.as_deref(), Some("a %22b%22.png"));
    let scan = named("scan").next().unwrap();
    assert_eq!((scan.size, scan.mime.as_deref()), (300_000, Some("text/plain")));
    assert_eq!(scan.file.as_deref(), Some("scan.txt"));
    assert_eq!(named("meta").next().unwrap().mime.as_deref(), Some("application/json"));
    assert_eq!(named("note").count(), 0);
    assert_eq!(named("more").count(), 2);
    let sent = server.recorded_on("POST /upload");
    assert_eq!((sent.len(), server.refreshes()), (2, 1));
    assert_eq!(sent[0].body, sent[1].body);
    assert_eq!(sent[0].header("content-type"), sent[1].header("content-type"));
    std::fs::remove_file(path).unwrap();
}

#[tokio::test]
async fn raw_bodies_of_every_kind_are_sent_again_after_a_refresh() {
    let server = Server::start(Protocol::article());
    let shop = signed_in(&server).await;
    let path = scratch("raw.txt", b"from disk");
    let file = FileBody::at(&path).media_type("text/x-raw");
    for kind in 0..4 {
        server.expire_all();
        let (echo, expected) = match kind {
            0 => (shop.bytes(Bytes::from_static(b"bytes")).await, "bytes"),
            1 => (shop.text("text").await, "text"),
            2 => (shop.file(&file).await, "from disk"),
            _ => {
                let pieces = || stream::iter(["fac", "tory"].map(Ok::<_, std::io::Error>));
                (shop.factory(BodyFactory::sized_stream(7, pieces)).await, "factory")
            }
        };
        let echo = echo.unwrap();
        assert_eq!(echo.body, expected);
        assert_eq!(echo.headers["content-length"], expected.len().to_string());
    }
    assert_eq!(server.refreshes(), 4);
    let types: Vec<_> = server.recorded_on("POST /echo");
    let types: Vec<_> = types.iter().map(|it| it.header("content-type")).collect();
    let file = Some("text/x-raw");
    assert_eq!(types, [None, None, None, None, file, file, None, None]);
    std::fs::remove_file(path).unwrap();
}

#[tokio::test]
async fn a_stream_that_can_be_sent_once_renews_the_token_for_the_next_call() {
    let server = Server::start(Protocol::article());
    let shop = signed_in(&server).await;
    let once = || StreamBody::new(stream::iter(["on", "ce"].map(Ok::<_, std::io::Error>)));
    server.expire_all();
    let error = shop.once(once()).await.err().unwrap();
    assert!(error.kind() == ErrorKind::ReplayImpossible, "{error}");
    let cause = error.cause().unwrap();
    assert!(cause.to_string().contains("1234"), "{cause}");
    assert_eq!(shop.once(once()).await.unwrap().body, "once");
    assert_eq!(shop.upload_once(once()).await.unwrap()[0].text.as_deref(), Some("once"));
    assert_eq!((server.refreshes(), server.count("POST /echo")), (1, 2));
}

#[tokio::test]
async fn a_part_that_is_a_stream_is_noticed_when_the_call_would_be_replayed() {
    let server = Server::start(Protocol::article());
    let shop = signed_in(&server).await;
    let once = || Part::from(StreamBody::new(stream::iter([Ok::<_, std::io::Error>("once")])));
    server.expire_all();
    let error = shop.upload_parts(vec![once()]).await.err().unwrap();
    assert!(error.kind() == ErrorKind::ReplayImpossible, "{error}");
    let received = shop.upload_parts(vec![once()]).await.unwrap();
    assert_eq!(received[0].text.as_deref(), Some("once"));
    assert_eq!((server.refreshes(), server.count("POST /upload")), (1, 2));
}

#[tokio::test]
async fn the_expiry_is_checked_before_a_stream_is_sent_even_if_early_is_off() {
    let server = Server::start(Protocol::article());
    let shop = shop(&server);
    let issued = server.issue("ann");
    let tokens = Tokens::new(&*issued.access).expires_in(Duration::from_secs(1));
    shop.session().login(tokens).await.unwrap();
    server.expire_all();
    tokio::time::sleep(Duration::from_millis(1100)).await;
    let once = StreamBody::new(stream::iter([Ok::<_, std::io::Error>("once")]));
    assert_eq!(shop.once(once).await.unwrap().body, "once");
    assert_eq!((server.refreshes(), server.count("POST /echo")), (1, 1));
}

#[tokio::test]
async fn a_body_whose_length_was_stated_wrongly_is_an_error() {
    let server = Server::start(Protocol::article());
    let shop = signed_in(&server).await;
    for said in [3, 9] {
        let pieces = || stream::iter(["fac", "tory"].map(Ok::<_, std::io::Error>));
        let error = shop.factory(BodyFactory::sized_stream(said, pieces)).await.err().unwrap();
        assert!(error.kind() == ErrorKind::Transport, "{error}");
        let mut cause: &dyn std::error::Error = &error;
        while let Some(source) = cause.source() {
            cause = source;
        }
        assert!(cause.to_string().ends_with("than its declared length"), "{cause}");
    }
    assert_eq!(server.count("POST /echo"), 0);
}

#[tokio::test]
async fn a_file_that_shrinks_while_it_is_sent_is_an_error_and_is_not_sent_again() {
    let server = Server::start(Protocol::article());
    let shop = signed_in(&server).await;
    for is_compressed in [false, true] {
        // Nothing that gzip could make small.
        let noise = |seed: &mut u64| {
            *seed = seed.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1);
            Some(seed.to_be_bytes()[0])
        };
        let content: Vec<_> =
            std::iter::repeat_n((), 1_000_000).scan(7, |seed, ()| noise(seed)).collect();
        let path = scratch("shrinks.bin", &content);
        let shrinks = path.clone();
        let call = shop.replace(&FileBody::at(&path)).retry(3).on_upload(move |_| {
            File::options().write(true).open(&shrinks).unwrap().set_len(1_000).unwrap();
        });
        let call = if is_compressed { call.gzip() } else { call };
        let error = call.await.err().unwrap();
        assert_eq!((error.kind(), error.attempts()), (ErrorKind::Transport, 1), "{error}");
        assert!(error.to_string().contains("shorter than its declared length"), "{error}");
        std::fs::remove_file(path).unwrap();
    }
    assert_eq!(server.count("PUT /echo"), 0);
}

#[tokio::test]
async fn a_file_that_is_not_there_is_an_error_of_the_argument() {
    let server = Server::start(Protocol::article());
    let shop = signed_in(&server).await;
    let error = shop.file(&FileBody::at("/no/such/file")).await.err().unwrap();
    assert_eq!(error.kind(), ErrorKind::Argument);
    assert!(error.to_string().contains("/no/such/file"), "{error}");
    assert_eq!(server.sends(), 0);
}

#[tokio::test]
async fn fields_make_a_form_with_lists_as_declared() {
    let server = Server::start(Protocol::article());
    let shop = signed_in(&server).await;
    let echo = shop.fields("x&y", &[1, 2], None).await.unwrap();
    assert_eq!(echo.body, "a=x%26y&ids=1,2");
    assert_eq!(echo.headers["content-type"], "application/x-www-form-urlencoded");
}

#[tokio::test]
async fn a_header_of_the_call_takes_the_place_of_the_media_type() {
    let server = Server::start(Protocol::article());
    let shop = signed_in(&server).await;
    let path = scratch("typed.txt", b"x");
    let file = FileBody::at(&path).media_type("text/x-raw");
    let echo = shop.file(&file).header("content-type", "text/x-other").await.unwrap();
    assert_eq!(echo.headers["content-type"], "text/x-other");
    std::fs::remove_file(path).unwrap();
}

#[tokio::test]
async fn the_progress_of_an_upload_goes_to_a_callback_and_a_stream() {
    let server = Server::start(Protocol::article());
    let shop = signed_in(&server).await;
    let path = scratch("large.bin", &vec![b'y'; 1_000_000]);
    let told = Arc::new(Mutex::new(Vec::new()));
    let calls = Arc::new(AtomicU32::new(0));
    let (keep, count) = (Arc::clone(&told), Arc::clone(&calls));
    let call = shop.file(&FileBody::at(&path)).on_upload(move |progress| {
        count.fetch_add(1, Ordering::Relaxed);
        keep.lock().unwrap().push((progress.done, progress.total));
    });
    assert_eq!(call.await.unwrap().body.len(), 1_000_000);
    let told = told.lock().unwrap().clone();
    assert!(calls.load(Ordering::Relaxed) > 2);
    assert!(told.is_sorted());
    assert_eq!(told.last(), Some(&(1_000_000, Some(1_000_000))));

    let (call, mut events) = shop.file(&FileBody::at(&path)).upload_events();
    let seen = tokio::spawn(async move {
        let mut last = None;
        while let Some(progress) = events.next().await {
            last = Some(progress);
        }
        last
    });
    call.await.unwrap();
    assert_eq!(seen.await.unwrap().unwrap().fraction(), Some(1.0));
    std::fs::remove_file(path).unwrap();
}

#[tokio::test]
async fn the_progress_of_an_upload_starts_again_with_its_replay() {
    let server = Server::start(Protocol::article());
    let shop = signed_in(&server).await;
    let path = scratch("again.bin", &vec![b'z'; 500_000]);
    let told = Arc::new(Mutex::new(Vec::new()));
    let keep = Arc::clone(&told);
    server.expire_all();
    let call =
        shop.file(&FileBody::at(&path)).on_upload(move |it| keep.lock().unwrap().push(it.done));
    assert_eq!(call.await.unwrap().body.len(), 500_000);
    assert_eq!((server.refreshes(), server.count("POST /echo")), (1, 2));
    let told = told.lock().unwrap().clone();
    let ends: Vec<_> =
        told.windows(2).filter(|pair| pair[1] < pair[0]).map(|pair| pair[0]).collect();
    assert_eq!((ends, told.last()), (vec![500_000], Some(&500_000)));
    std::fs::remove_file(path).unwrap();
}

#[tokio::test]
async fn a_redirect_that_keeps_the_body_builds_it_again_and_one_that_drops_it_does_not() {
    let server = Server::start(Protocol::article());
    let shop = signed_in(&server).await;
    server.on("POST /echo").first(1).redirect(307, "/api/echo/again");
    assert_eq!(shop.text("kept").await.unwrap().body, "kept");
    server.on("POST /echo").first(1).redirect(303, "/api/echo/again");
    let once = StreamBody::new(stream::iter([Ok::<_, std::io::Error>("once")]));
    assert_eq!(shop.once(once).await.unwrap().body, "");
}
