//! Downloads, with an expiry or a broken connection in the middle of them.

use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};

use axum::body::Body;
use axum::response::{IntoResponse, Response as RawResponse};
use axum::routing::get;
use bytes::Bytes;
use futures::{StreamExt, TryStreamExt, stream};
use http::{HeaderMap, StatusCode};
use perennial::{Download, ErrorKind, Response, Result, Tokens, api_client};
use perennial_tests::{Protocol, Reply, Server};
use serde_json::json;

#[api_client(
    base = "/api",
    envelope(code = "code", message = "message", data = "data", ok = 0),
    auth(header = "X-Token", expired(code = 1234)),
    allow(duplicate_endpoint)
)]
pub trait Shop {
    #[post("/refreshtoken", refresh)]
    async fn refresh(&self) -> Result<Tokens>;
    #[get("/download")]
    async fn download(&self, #[query] bytes: u64) -> Result<Download>;
    #[get("/download")]
    async fn with_head(&self, #[query] bytes: u64) -> Result<Response<Download>>;
    #[get("/versioned")]
    async fn versioned(&self) -> Result<Download>;
}

async fn signed_in(server: &Server) -> ShopClient {
    let shop = ShopClient::builder(server.origin()).build().unwrap();
    shop.session().login(Tokens::new(server.issue("ann").access)).await.unwrap();
    shop
}

fn content(from: u64, to: u64) -> Vec<u8> {
    (from..to).map(|at| (at % 251) as u8).collect()
}

#[tokio::test]
async fn a_download_is_streamed_with_its_length_and_replayed_after_an_expiry() {
    let server = Server::start(Protocol::article());
    let shop = signed_in(&server).await;
    server.expire_all();
    let mut download = shop.download(300_000).await.unwrap();
    assert_eq!(download.length(), Some(300_000));
    let mut all = Vec::new();
    while let Some(piece) = download.chunk().await.unwrap() {
        all.extend_from_slice(&piece);
        assert_eq!(download.position(), all.len() as u64);
    }
    assert_eq!(all, content(0, 300_000));
    assert_eq!((server.refreshes(), server.count("GET /download")), (1, 2));
    let head = shop.with_head(10).await.unwrap();
    assert_eq!(head.headers()["content-type"], "application/octet-stream");
    assert_eq!(head.into_value().bytes().await.unwrap(), content(0, 10));
}

#[tokio::test]
async fn a_download_that_is_refused_is_an_error_with_its_code() {
    let server = Server::start(Protocol::article());
    let shop = signed_in(&server).await;
    let refusal = json!({"code": 2001, "message": "quota exceeded", "data": {}});
    server.on("GET /download").nth(1).response(Reply::json(&refusal));
    let error = shop.download(10).await.unwrap_err();
    assert!(error.kind() == ErrorKind::Api && error.has_code(2001), "{error}");
    let large = json!({"code": 0, "data": "x".repeat(2_000_000)});
    server.on("GET /download").nth(1).response(Reply::json(&large));
    let all = shop.download(10).await.unwrap().bytes().await.unwrap();
    assert_eq!(all, large.to_string());
}

#[tokio::test]
async fn a_download_is_saved_as_a_whole_or_not_at_all() {
    let server = Server::start(Protocol::article());
    let shop = signed_in(&server).await;
    let folder = std::env::temp_dir().join(format!("perennial-{}-save", std::process::id()));
    std::fs::create_dir_all(&folder).unwrap();
    let path = folder.join("file.bin");
    let told = Arc::new(Mutex::new(Vec::new()));
    let keep = Arc::clone(&told);
    let download = shop.download(200_000).await.unwrap();
    let watched = download.on_progress(move |it| keep.lock().unwrap().push((it.done, it.total)));
    assert_eq!(watched.save(&path).await.unwrap(), 200_000);
    assert_eq!(std::fs::read(&path).unwrap(), content(0, 200_000));
    assert_eq!(told.lock().unwrap().last(), Some(&(200_000, Some(200_000))));
    server.on("GET /download").nth(1).response(Reply::broken("half", 100));
    let error = shop.download(1).await.unwrap().save(&path).await.unwrap_err();
    assert!(error.kind() == ErrorKind::Transport, "{error}");
    assert_eq!(std::fs::read(&path).unwrap().len(), 200_000);
    assert_eq!(std::fs::read_dir(&folder).unwrap().count(), 1);
    std::fs::remove_dir_all(folder).unwrap();
}

#[test]
fn a_save_that_is_dropped_leaves_the_file_as_it_was_and_nothing_beside_it() {
    // What is blocking comes one after another, so that one can wait for what was begun.
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .max_blocking_threads(1)
        .build()
        .unwrap();
    runtime.block_on(async {
        let server = Server::start(Protocol::article());
        let shop = signed_in(&server).await;
        let came = || stream::iter([Ok::<_, std::io::Error>("abc")]).chain(stream::pending());
        server.route("/versioned", get(async move || Body::from_stream(came())));
        let folder = std::env::temp_dir().join(format!("perennial-{}-dropped", std::process::id()));
        std::fs::create_dir_all(&folder).unwrap();
        let path = folder.join("file.bin");
        let files = || std::fs::read_dir(&folder).unwrap().count();
        std::fs::write(&path, "before").unwrap();
        let (came, mut piece) = tokio::sync::mpsc::unbounded_channel();
        let download = shop.versioned().await.unwrap().on_progress(move |_| came.send(()).unwrap());
        let mut save = Box::pin(download.save(&path));
        tokio::select! {
            saved = &mut save => panic!("{saved:?}"),
            _ = piece.recv() => assert_eq!(files(), 2),
        }
        drop(save);
        assert_eq!(files(), 1);
        // Nor does a file stay whose making is still under way.
        let mut save = Box::pin(shop.versioned().await.unwrap().save(&path));
        assert!(futures::poll!(&mut save).is_pending());
        drop(save);
        tokio::task::spawn_blocking(|| ()).await.unwrap();
        assert_eq!(files(), 1);
        assert_eq!(std::fs::read(&path).unwrap(), b"before");
        std::fs::remove_dir_all(folder).unwrap();
    });
}

/// Breaks off after so many bytes as often as configured, and supports ranges.
#[derive(Default)]
struct Fragile {
    breaks: AtomicUsize,
    version: Mutex<&'static str>,
    knows_no_ranges: AtomicBool,
    tells_no_length: AtomicBool,
    asked: Mutex<Vec<(Option<String>, Option<String>)>>,
}

const SIZE: u64 = 100_000;
const PIECE: u64 = 20_000;

fn fragile(server: &Server, breaks: usize) -> Arc<Fragile> {
    let fragile = Arc::new(Fragile::default());
    fragile.breaks.store(breaks, Ordering::Relaxed);
    *fragile.version.lock().unwrap() = "\"one\"";
    let state = Arc::clone(&fragile);
    server.route(
        "/versioned",
        get(move |headers: HeaderMap| {
            let state = Arc::clone(&state);
            async move { state.response(&headers) }
        }),
    );
    fragile
}

impl Fragile {
    fn response(&self, headers: &HeaderMap) -> RawResponse {
        let text = |name: &str| headers.get(name).map(|it| it.to_str().unwrap().to_owned());
        let (range, version) = (text("range"), *self.version.lock().unwrap());
        let is_ranged = !self.knows_no_ranges.load(Ordering::Relaxed);
        let is_same = is_ranged && text("if-range").is_none_or(|asked| asked == version);
        let nth = {
            let mut asked = self.asked.lock().unwrap();
            asked.push((range.clone(), text("if-range")));
            asked.len() as u64
        };
        let first = range.filter(|_| is_same).map_or(0, |range| {
            range.strip_prefix("bytes=").unwrap().strip_suffix('-').unwrap().parse().unwrap()
        });
        let breaks = self.breaks.load(Ordering::Relaxed) > 0;
        // A content of unknown length is read again from its beginning, and gets further each time.
        let pieces = if self.tells_no_length.load(Ordering::Relaxed) { nth } else { 1 };
        let end = if breaks { (first + pieces * PIECE).min(SIZE) } else { SIZE };
        if breaks {
            self.breaks.fetch_sub(1, Ordering::Relaxed);
        }
        let sent = stream::iter([Ok(Bytes::from(content(first, end)))]);
        let rest = stream::once(async move {
            tokio::time::sleep(std::time::Duration::from_millis(20)).await;
            if breaks { Err(std::io::Error::other("broken")) } else { Ok(Bytes::new()) }
        });
        let status = if first > 0 { StatusCode::PARTIAL_CONTENT } else { StatusCode::OK };
        let range = format!("bytes {first}-{}/{SIZE}", SIZE - 1);
        let length = (SIZE - first).to_string();
        let headers = [("etag", version), ("content-range", &range), ("content-length", &length)];
        let told = headers.len() - usize::from(self.tells_no_length.load(Ordering::Relaxed));
        let mut response = (status, Body::from_stream(sent.chain(rest))).into_response();
        for (name, value) in &headers[..told] {
            response.headers_mut().insert(*name, value.parse().unwrap());
        }
        response
    }
}

#[tokio::test]
async fn a_download_goes_on_where_the_connection_broke_though_the_token_is_over_by_then() {
    let server = Server::start(Protocol::article());
    let shop = signed_in(&server).await;
    let fragile = fragile(&server, 3);
    let told = Arc::new(Mutex::new(Vec::new()));
    let keep = Arc::clone(&told);
    let download = shop.versioned().await.unwrap();
    let mut download = download.on_progress(move |it| keep.lock().unwrap().push(it));
    let first = download.chunk().await.unwrap().unwrap();
    server.expire_all();
    let mut all = first.to_vec();
    while let Some(piece) = download.chunk().await.unwrap() {
        all.extend_from_slice(&piece);
    }
    assert_eq!(all, content(0, SIZE));
    assert_eq!(server.refreshes(), 1);
    let asked = fragile.asked.lock().unwrap().clone();
    let resumed = |from: u64| (Some(format!("bytes={from}-")), Some("\"one\"".to_owned()));
    assert_eq!(asked, [(None, None), resumed(PIECE), resumed(2 * PIECE), resumed(3 * PIECE)]);
    // A resumed download is reported as one transfer.
    let told = told.lock().unwrap().clone();
    assert!(told.is_sorted_by_key(|it| it.done) && told.iter().all(|it| it.total == Some(SIZE)));
    assert_eq!(told.last().unwrap().done, SIZE);
}

/// Everything that comes, asked for as in a `select!` that serves others at every pause: each future
/// that does not end at once is dropped.
async fn asked_in_between(download: &mut Download) -> Result<Vec<u8>> {
    let mut all = Vec::new();
    loop {
        tokio::select! {
            biased;
            piece = download.chunk() => match piece? {
                Some(piece) => all.extend_from_slice(&piece),
                None => return Ok(all),
            },
            () = tokio::task::yield_now() => {}
        }
    }
}

#[tokio::test]
async fn a_piece_whose_wait_is_dropped_neither_ends_the_download_nor_wears_it_out() {
    for tells_no_length in [true, false] {
        let server = Server::start(Protocol::article());
        let shop = signed_in(&server).await;
        let fragile = fragile(&server, 2);
        fragile.tells_no_length.store(tells_no_length, Ordering::Relaxed);
        let mut download = shop.versioned().await.unwrap().resumes(1);
        assert_eq!(download.length().is_none(), tells_no_length);
        assert_eq!(asked_in_between(&mut download).await.unwrap(), content(0, SIZE));
        assert!(download.chunk().await.unwrap().is_none());
        assert_eq!(fragile.asked.lock().unwrap().len(), 3);
    }
}

#[tokio::test]
async fn a_download_that_has_failed_never_looks_complete() {
    let server = Server::start(Protocol::article());
    let shop = signed_in(&server).await;
    let fragile = fragile(&server, usize::MAX);
    fragile.tells_no_length.store(true, Ordering::Relaxed);
    for resumes in [0, 1] {
        let mut download = shop.versioned().await.unwrap().resumes(resumes);
        *fragile.version.lock().unwrap() = "\"two\"";
        let mut length = 0;
        let failure = loop {
            match download.chunk().await {
                Ok(Some(piece)) => length += piece.len() as u64,
                Ok(None) => panic!("complete after {length} bytes"),
                Err(error) => break error,
            }
        };
        assert!(length < SIZE && failure.kind() == ErrorKind::Transport, "{length}: {failure}");
        for _ in 0..3 {
            assert!(download.chunk().await.unwrap_err().kind() == ErrorKind::Transport);
        }
        *fragile.version.lock().unwrap() = "\"one\"";
    }
}

#[tokio::test]
async fn a_server_that_knows_no_ranges_is_listened_to_from_the_beginning() {
    let server = Server::start(Protocol::article());
    let shop = signed_in(&server).await;
    let fragile = fragile(&server, 2);
    fragile.knows_no_ranges.store(true, Ordering::Relaxed);
    let told = Arc::new(Mutex::new(Vec::new()));
    let keep = Arc::clone(&told);
    let download = shop.versioned().await.unwrap();
    let mut download = download.on_progress(move |it| keep.lock().unwrap().push(it.done));
    let first = download.chunk().await.unwrap().unwrap();
    server.expire_all();
    let rest = download.bytes().await.unwrap();
    assert_eq!([first, rest].concat(), content(0, SIZE));
    assert_eq!((server.refreshes(), fragile.asked.lock().unwrap().len()), (1, 3));
    let told = told.lock().unwrap().clone();
    assert!(told.is_sorted_by(|one, next| one < next) && told.last() == Some(&SIZE), "{told:?}");
    // Where it never gets any further, that is the end.
    fragile.breaks.store(usize::MAX, Ordering::Relaxed);
    let error = shop.versioned().await.unwrap().resumes(2).bytes().await.unwrap_err();
    assert!(error.kind() == ErrorKind::Transport, "{error}");
    assert_eq!(fragile.asked.lock().unwrap().len(), 3 + 3);
}

#[tokio::test]
async fn a_download_whose_content_has_changed_meanwhile_is_not_mixed() {
    let server = Server::start(Protocol::article());
    let shop = signed_in(&server).await;
    let fragile = fragile(&server, 1);
    let mut download = shop.versioned().await.unwrap();
    assert!(download.chunk().await.unwrap().is_some());
    *fragile.version.lock().unwrap() = "\"two\"";
    let error = download.bytes().await.unwrap_err();
    assert!(error.to_string().contains("has changed since"), "{error}");
}

#[tokio::test]
async fn a_download_without_a_version_or_without_leave_does_not_go_on() {
    let server = Server::start(Protocol::article());
    let shop = signed_in(&server).await;
    let reply = Reply::broken("half", 100).header("content-type", "text/plain");
    server.on("GET /download").nth(1).response(reply);
    assert!(
        shop.download(1).await.unwrap().bytes().await.unwrap_err().kind() == ErrorKind::Transport
    );
    assert_eq!(server.count("GET /download"), 1);
    let fragile = fragile(&server, 1);
    let download = shop.versioned().await.unwrap().resumes(0);
    assert!(download.bytes().await.unwrap_err().kind() == ErrorKind::Transport);
    assert_eq!(fragile.asked.lock().unwrap().len(), 1);
}

#[tokio::test(start_paused = true)]
async fn a_download_that_breaks_off_waits_as_long_as_the_server_asks_for() {
    let server = Server::start(Protocol::article());
    let shop = signed_in(&server).await;
    let fragile = fragile(&server, 2);
    server.on("/versioned").nth(2).response(Reply::status(503).header("retry-after", "30"));
    let begun = tokio::time::Instant::now();
    let all = shop.versioned().await.unwrap().bytes().await.unwrap();
    assert_eq!(all, content(0, SIZE));
    assert!((30..35).contains(&begun.elapsed().as_secs()), "{:?}", begun.elapsed());
    fragile.breaks.store(1, Ordering::Relaxed);
    server.on("/versioned").nth(2).response(Reply::status(429).header("retry-after", "3600"));
    let error = shop.versioned().await.unwrap().bytes().await.unwrap_err();
    assert_eq!(
        (error.status().unwrap().as_u16(), error.retry_after().unwrap().as_secs()),
        (429, 3600)
    );
}

#[tokio::test]
async fn a_download_of_no_type_begins_with_its_first_piece_unless_it_may_be_a_refusal() {
    let server = Server::start(Protocol::article());
    let shop = signed_in(&server).await;
    let times = AtomicUsize::new(0);
    let came = || stream::iter(["abc"].map(Ok::<_, std::io::Error>));
    // A refusal of no type is one wherever it is cut.
    let refusal = || stream::iter([" ", "{\"co", "de\": 2001}"].map(Ok::<_, std::io::Error>));
    let response = move || match times.fetch_add(1, Ordering::Relaxed) {
        0 => Body::from_stream(came().chain(stream::pending())),
        _ => Body::from_stream(refusal()),
    };
    let response = Arc::new(response);
    server.route("/versioned", get(async move || response()));
    let mut download = shop.versioned().await.unwrap();
    assert_eq!(download.chunk().await.unwrap().unwrap(), "abc");
    assert!(shop.versioned().await.unwrap_err().has_code(2001));
}

#[tokio::test]
async fn the_pieces_of_a_download_are_a_stream_and_so_is_its_progress() {
    let server = Server::start(Protocol::article());
    let shop = signed_in(&server).await;
    let (download, mut progress) = shop.download(500_000).await.unwrap().progress_events();
    let last = tokio::spawn(async move {
        let mut last = None;
        while let Some(progress) = progress.next().await {
            last = progress.fraction();
        }
        last
    });
    let sizes: Vec<_> =
        download.into_stream().map_ok(|piece| piece.len()).try_collect().await.unwrap();
    assert!(sizes.len() > 1);
    assert_eq!(sizes.iter().sum::<usize>(), 500_000);
    assert_eq!(last.await.unwrap(), Some(1.0));
}

#[tokio::test]
async fn a_download_is_followed_to_another_host_without_any_secret() {
    #[api_client(
        base = "/api",
        envelope(code = "code", ok = 0),
        auth(header = "X-Token", expired(status = 403, code = 1234)),
        headers("X-Api-Key" = "key-123456"),
        allow(duplicate_endpoint)
    )]
    trait Artifacts {
        #[get("/fast")]
        async fn bytes(&self) -> Result<perennial::Bytes>;
        #[get("/fast")]
        async fn download(&self) -> Result<Download>;
        #[get("/fast")]
        async fn value(&self) -> Result<u64>;
        #[post("/refreshtoken", refresh)]
        async fn refresh(&self) -> Result<perennial::Tokens>;
    }
    let (server, blobs) = (Server::start(Protocol::article()), Server::start(Protocol::article()));
    blobs.open("/blob");
    let client = ArtifactsClient::builder(server.origin()).build().unwrap();
    client.session().login(perennial::Tokens::new(server.issue("ann").access)).await.unwrap();
    server.on("/fast").redirect(302, &blobs.url("/blob?sig=abc"));

    blobs.on("/blob").response(Reply::text("application/json", r#"{"code":1234}"#));
    assert_eq!(client.bytes().await.unwrap(), r#"{"code":1234}"#);
    assert_eq!(client.download().await.unwrap().bytes().await.unwrap(), r#"{"code":1234}"#);

    blobs.behave();
    blobs.on("/blob").response(Reply::status(403));
    let error = client.bytes().await.unwrap_err();
    assert_eq!(error.status().unwrap(), 403, "{error}");
    assert_eq!(server.refreshes(), 0, "another host says nothing about the token");
    for arrived in blobs.recorded_on("/blob") {
        for secret in ["x-token", "x-api-key", "authorization"] {
            assert_eq!(arrived.header(secret), None);
        }
    }

    // What is decoded comes from the API's own host or not at all, and the error says where it was led.
    let error = client.value().await.unwrap_err();
    assert_eq!(error.kind(), perennial::ErrorKind::Redirect);
    assert_eq!(error.status().unwrap(), 302, "{error}");
    assert_eq!(error.headers().unwrap()["location"], blobs.url("/blob?sig=abc"));
}

#[tokio::test]
async fn json_that_comes_slowly_is_handed_on_as_it_comes_where_there_is_no_envelope() {
    #[api_client(
        base = "/api",
        envelope(code = "code", message = "message", data = "data", ok = 0),
        auth(header = "X-Token", expired(status = 401))
    )]
    trait Reports {
        #[post("/refreshtoken", refresh)]
        async fn refresh(&self) -> Result<Tokens>;
        #[get("/report", envelope = off)]
        async fn report(&self) -> Result<Download>;
    }
    let expired = Reply::status(401);
    let server = Server::start(Protocol { expired, ..Protocol::article() });
    let (more, rest) = futures::channel::oneshot::channel::<Bytes>();
    let rest = Arc::new(Mutex::new(Some(rest)));
    server.route(
        "/report",
        get(async move || {
            let rest = rest.lock().unwrap().take().unwrap();
            let pieces = stream::once(async { Ok(Bytes::from("[1,")) });
            let pieces = pieces.chain(stream::once(rest));
            ([("content-type", "application/json")], Body::from_stream(pieces)).into_response()
        }),
    );
    let reports = ReportsClient::builder(server.origin()).build().unwrap();
    reports.session().login(Tokens::new(server.issue("ann").access)).await.unwrap();
    server.expire_all();
    let mut report = reports.report().await.unwrap();
    // The rest is not sent before the beginning has arrived.
    assert_eq!(report.chunk().await.unwrap().unwrap(), "[1,");
    more.send(Bytes::from("2]")).unwrap();
    assert_eq!(report.bytes().await.unwrap(), "2]");
    assert_eq!((server.refreshes(), server.count("/report")), (1, 2));
}
