//! Downloads, with an expiry in the middle of them.

use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};

use crate::support::SignedIn;
use axum::body::Body;
use axum::response::IntoResponse;
use axum::routing::get;
use bytes::Bytes;
use futures::{StreamExt, TryStreamExt, stream};
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

pub(super) fn content(from: u64, to: u64) -> Vec<u8> {
    (from..to).map(|at| (at % 251) as u8).collect()
}

#[tokio::test]
async fn a_download_is_streamed_with_its_length_and_replayed_after_an_expiry() {
    let server = Server::start(Protocol::article());
    let shop = ShopClient::signed_in(&server).await;
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
async fn a_download_that_is_rejected_is_an_error_with_its_code() {
    let server = Server::start(Protocol::article());
    let shop = ShopClient::signed_in(&server).await;
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
    let shop = ShopClient::signed_in(&server).await;
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
fn a_save_that_is_dropped_changes_no_file_and_leaves_none_behind() {
    // What is blocking comes one after another, so that one can wait for what was begun.
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .max_blocking_threads(1)
        .build()
        .unwrap();
    runtime.block_on(async {
        let server = Server::start(Protocol::article());
        let shop = ShopClient::signed_in(&server).await;
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

#[tokio::test]
async fn a_download_without_a_media_type_begins_with_its_first_chunk_unless_it_may_be_an_error() {
    let server = Server::start(Protocol::article());
    let shop = ShopClient::signed_in(&server).await;
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
    let shop = ShopClient::signed_in(&server).await;
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
async fn slow_json_is_passed_on_as_it_arrives_if_there_is_no_envelope() {
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
    let reports = ReportsClient::signed_in(&server).await;
    server.expire_all();
    let mut report = reports.report().await.unwrap();
    // The rest is not sent before the beginning has arrived.
    assert_eq!(report.chunk().await.unwrap().unwrap(), "[1,");
    more.send(Bytes::from("2]")).unwrap();
    assert_eq!(report.bytes().await.unwrap(), "2]");
    assert_eq!((server.refreshes(), server.count("/report")), (1, 2));
}
