//! Downloads whose connection breaks, once or several times.

use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};

use crate::support::SignedIn;
use axum::body::Body;
use axum::response::{IntoResponse, Response as RawResponse};
use axum::routing::get;
use bytes::Bytes;
use futures::{StreamExt, stream};
use http::{HeaderMap, StatusCode};
use perennial::{Download, ErrorKind, Result};
use perennial_tests::{Protocol, Reply, Server};

use super::downloads::{ShopClient, content};

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
async fn a_download_resumes_where_the_connection_broke_though_the_token_has_expired() {
    let server = Server::start(Protocol::article());
    let shop = ShopClient::signed_in(&server).await;
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
async fn a_dropped_wait_for_a_chunk_neither_ends_the_download_nor_costs_a_resume() {
    for tells_no_length in [true, false] {
        let server = Server::start(Protocol::article());
        let shop = ShopClient::signed_in(&server).await;
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
    let shop = ShopClient::signed_in(&server).await;
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
async fn a_download_from_a_server_without_ranges_is_read_again_from_the_beginning() {
    let server = Server::start(Protocol::article());
    let shop = ShopClient::signed_in(&server).await;
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
    let shop = ShopClient::signed_in(&server).await;
    let fragile = fragile(&server, 1);
    let mut download = shop.versioned().await.unwrap();
    assert!(download.chunk().await.unwrap().is_some());
    *fragile.version.lock().unwrap() = "\"two\"";
    let error = download.bytes().await.unwrap_err();
    assert!(error.to_string().contains("has changed since"), "{error}");
}

#[tokio::test]
async fn a_download_without_a_version_or_with_resuming_off_does_not_resume() {
    let server = Server::start(Protocol::article());
    let shop = ShopClient::signed_in(&server).await;
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
async fn a_download_that_breaks_off_waits_as_long_as_the_server_requests() {
    let server = Server::start(Protocol::article());
    let shop = ShopClient::signed_in(&server).await;
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
