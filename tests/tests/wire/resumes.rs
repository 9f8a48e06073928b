//! Downloads that resume: what the rest has to be, and that nothing else is taken for it. Parts of a
//! content that nobody asked for.

use std::io::Write as _;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use axum::body::Body;
use axum::response::IntoResponse;
use axum::routing::get;
use bytes::Bytes;
use flate2::Compression;
use flate2::write::GzEncoder;
use futures::{StreamExt, stream};
use http::HeaderMap;
use perennial::{Download, Error, ErrorKind, Response, Result, api_client};
use perennial_tests::{Protocol, Reply, Server};
use serde_json::Value;
use tokio::sync::oneshot;

#[api_client(base = "/api", allow(duplicate_endpoint))]
trait Files {
    #[get("/file")]
    async fn download(&self) -> Result<Download>;
    #[get("/file")]
    async fn range(&self, #[header("Range")] range: &str) -> Result<Download>;
    #[get("/file")]
    async fn bytes(&self) -> Result<Bytes>;
    #[get("/file")]
    async fn text(&self) -> Result<String>;
    #[get("/file")]
    async fn value(&self) -> Result<Response<Value>>;
    #[get("/file")]
    async fn bytes_of(&self, #[header("Range")] range: &str) -> Result<Bytes>;
}

fn files() -> (Server, FilesClient) {
    let server = Server::start(Protocol::article());
    server.open("/file");
    let files = FilesClient::builder(server.origin()).build().unwrap();
    (server, files)
}

/// Sends these bytes, and breaks the connection once they have arrived.
fn breaks_after(
    server: &Server,
    status: u16,
    headers: &[(&'static str, &str)],
    sent: impl Into<Bytes>,
) -> oneshot::Sender<()> {
    let (arrived, arrival) = oneshot::channel();
    let headers: HeaderMap = headers
        .iter()
        .map(|(name, value)| (name.parse().unwrap(), value.parse().unwrap()))
        .collect();
    let first = Arc::new(Mutex::new(Some((sent.into(), arrival))));
    server.route(
        "/file",
        get(async move || {
            let (sent, arrival) = first.lock().unwrap().take().unwrap();
            let end = stream::once(async move {
                arrival.await.unwrap();
                Err(std::io::Error::other("the test breaks the connection here"))
            });
            let body = Body::from_stream(stream::iter([Ok(sent)]).chain(end));
            let status = http::StatusCode::from_u16(status).unwrap();
            (status, headers, body).into_response()
        }),
    );
    arrived
}

/// Reads the first chunk, lets the connection break, and reads the rest.
async fn read(mut download: Download, arrived: oneshot::Sender<()>) -> Result<Vec<u8>> {
    let mut all = download.chunk().await?.unwrap().to_vec();
    arrived.send(()).unwrap();
    loop {
        match download.chunk().await {
            Ok(Some(chunk)) => all.extend_from_slice(&chunk),
            Ok(None) => return Ok(all),
            Err(error) => {
                // After an error nothing more comes.
                download.chunk().await.unwrap_err();
                return Err(error);
            }
        }
    }
}

/// Ten bytes of which six arrive; then the server sends this.
async fn resumed_with(reply: Reply) -> Result<Vec<u8>> {
    let (server, files) = files();
    let headers = [("etag", "\"v1\""), ("content-length", "10")];
    let arrived = breaks_after(&server, 200, &headers, "oldold");
    server.on("/file").nth(2).response(reply);
    let download = files.download().await.unwrap();
    assert_eq!(download.length(), Some(10));
    let read = read(download, arrived).await;
    let asked = server.recorded_on("/file");
    assert_eq!(asked.len(), 2);
    assert_eq!(asked[1].header("range"), Some("bytes=6-"));
    assert_eq!(asked[1].header("if-range"), Some("\"v1\""));
    read
}

fn part(range: &str, body: &'static str) -> Reply {
    Reply::status(206).body("text/plain", body).header("content-range", range)
}

#[tokio::test(start_paused = true)]
async fn a_rest_that_does_not_fit_is_an_error_and_never_a_mixture() {
    let right = part("bytes 6-9/10", "old!").header("etag", "\"v1\"");
    assert_eq!(resumed_with(right).await.unwrap(), b"oldoldold!");
    let chunked = || Reply::slow("old! and more", Duration::ZERO).with_status(206);
    for (what, reply) in [
        ("no version", part("bytes 6-9/10", "NEW!")),
        ("another version", part("bytes 6-9/10", "NEW!").header("etag", "\"v2\"")),
        ("a weak version", part("bytes 6-9/10", "NEW!").header("etag", "W/\"v1\"")),
        ("more", part("bytes 6-9/10", "old! and more").header("etag", "\"v1\"")),
        ("less", part("bytes 6-9/10", "old").header("etag", "\"v1\"")),
        ("another total", part("bytes 6-15/16", "0123456789").header("etag", "\"v1\"")),
        ("another total", part("bytes 6-9/16", "old!").header("etag", "\"v1\"")),
        ("another start", part("bytes 5-9/10", "dold!").header("etag", "\"v1\"")),
        (
            "two starts",
            part("bytes 6-9/10", "old!")
                .header("content-range", "bytes 0-3/10")
                .header("etag", "\"v1\""),
        ),
        (
            "two versions",
            part("bytes 6-9/10", "old!").header("etag", "\"v1\"").header("etag", "\"v2\""),
        ),
        ("no start", Reply::status(206).body("text/plain", "old!").header("etag", "\"v1\"")),
        ("a whole of another length", Reply::text("text/plain", "oldold").header("etag", "\"v1\"")),
        ("a whole without a version", Reply::text("text/plain", "newnewnew!")),
        (
            "more, of no declared length",
            chunked().header("etag", "\"v1\"").header("content-range", "bytes 6-9/10"),
        ),
    ] {
        let error = resumed_with(reply).await.unwrap_err();
        assert_eq!(error.kind(), ErrorKind::Transport, "{what}: {error}");
    }
}

#[tokio::test(start_paused = true)]
async fn a_rest_may_come_in_several_parts() {
    let (server, files) = files();
    let headers = [("etag", "\"v1\""), ("content-length", "10")];
    let arrived = breaks_after(&server, 200, &headers, "oldold");
    let part = |range: &str, body| part(range, body).header("etag", "\"v1\"");
    server.on("/file").nth(2).response(part("bytes 6-7/10", "ol"));
    server.on("/file").nth(3).response(part("bytes 8-9/10", "d!"));
    let download = files.download().await.unwrap();
    assert_eq!(read(download, arrived).await.unwrap(), b"oldoldold!");
    let asked = server.recorded_on("/file");
    assert_eq!(asked[2].header("range"), Some("bytes=8-"));
}

#[tokio::test(start_paused = true)]
async fn a_compressed_content_is_read_again_from_its_beginning() {
    let content: Vec<u8> = (0..2000).flat_map(|n: u32| n.to_string().into_bytes()).collect();
    let mut packer = GzEncoder::new(Vec::new(), Compression::fast());
    packer.write_all(&content[..3000]).unwrap();
    packer.flush().unwrap();
    let begun = packer.get_ref().clone();
    packer.write_all(&content[3000..]).unwrap();
    let whole = packer.finish().unwrap();
    assert!(
        whole.len() > 3000,
        "an offset in the content is one in the compressed content as well"
    );

    let (server, files) = files();
    let length = whole.len().to_string();
    let headers = [("etag", "\"v1\""), ("content-encoding", "gzip"), ("content-length", &length)];
    let arrived = breaks_after(&server, 200, &headers, begun);
    // A server that is asked for a range sends one, of the compressed bytes and without naming the encoding.
    let tail = Bytes::copy_from_slice(&whole[3000..]);
    let range = format!("bytes 3000-{}/{length}", whole.len() - 1);
    let rest = Reply::status(206).body("text/plain", tail).header("content-range", &range);
    server.on("/file").with_header("range", "bytes=3000-").response(rest.header("etag", "\"v1\""));
    let again = Reply::text("text/plain", whole).header("content-encoding", "gzip");
    server.on("/file").nth(2).response(again.header("etag", "\"v1\""));
    let download = files.download().await.unwrap();
    assert_eq!(download.length(), None);
    assert!(read(download, arrived).await.unwrap() == content);
    let asked = server.recorded_on("/file");
    assert_eq!(asked.len(), 2);
    assert_eq!((asked[1].header("range"), asked[1].header("if-range")), (None, None));
}

#[tokio::test(start_paused = true)]
async fn a_content_that_is_shorter_when_it_is_read_again_is_not_complete() {
    let (server, files) = files();
    let arrived = breaks_after(&server, 200, &[("etag", "\"v1\"")], "oldold");
    server.on("/file").after(1).response(Reply::text("text/plain", "old").header("etag", "\"v1\""));
    let error = read(files.download().await.unwrap(), arrived).await.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Transport, "{error}");
}

#[tokio::test(start_paused = true)]
async fn a_date_is_a_version_only_if_it_is_older_than_the_response() {
    let (at, later) = ("Sun, 06 Nov 1994 08:49:37 GMT", "Sun, 06 Nov 1994 08:50:37 GMT");
    for (date, resumes) in [(later, true), (at, false)] {
        let (server, files) = files();
        let headers = [("last-modified", at), ("date", date), ("content-length", "10")];
        let arrived = breaks_after(&server, 200, &headers, "oldold");
        let rest = part("bytes 6-9/10", "old!").header("last-modified", at);
        server.on("/file").nth(2).response(rest);
        let read = read(files.download().await.unwrap(), arrived).await;
        assert_eq!(read.map(|it| it == b"oldoldold!").unwrap_or_default(), resumes);
        assert_eq!(server.count("/file"), 1 + usize::from(resumes));
    }
}

#[tokio::test(start_paused = true)]
async fn a_requested_part_resumes_within_its_range_and_ends_with_it() {
    let (server, files) = files();
    let headers =
        [("etag", "\"v1\""), ("content-range", "bytes 50-59/100"), ("content-length", "10")];
    let arrived = breaks_after(&server, 206, &headers, "oldold");
    let rest = part("bytes 56-59/100", "old!").header("etag", "\"v1\"");
    server.on("/file").nth(2).response(rest);
    let download = files.range("bytes=50-59").await.unwrap();
    assert_eq!(download.length(), Some(10));
    assert_eq!(read(download, arrived).await.unwrap(), b"oldoldold!");
    assert_eq!(server.recorded_on("/file")[1].header("range"), Some("bytes=56-59"));

    for (range, body) in [("bytes 0-2/100", "hello"), ("bytes 0-8/100", "hello")] {
        server.on("/file").first(1).response(part(range, body));
        let error = files.range("bytes=0-2").await.unwrap().bytes().await.unwrap_err();
        assert_eq!(error.kind(), ErrorKind::Transport, "{range}: {error}");
    }
}

#[tokio::test]
async fn a_part_that_was_not_requested_is_an_error() {
    let (server, files) = files();
    for range in ["bytes 0-4/5000", "bytes 2500-2504/5000", "bytes 0-4/*"] {
        server.on("/file").first(4).response(part(range, "12345"));
        let failures: [Option<Error>; 4] = [
            files.bytes().await.err(),
            files.text().await.err(),
            files.value().await.err(),
            files.download().await.err(),
        ];
        for error in failures {
            let error = error.unwrap();
            assert!(error.is_decode() && error.status().unwrap() == 206, "{error}");
            let bytes = range.split('/').next().unwrap();
            assert!(error.to_string().contains(bytes), "{error}");
        }
    }
    // How much of it came is not known, but it is not said to be the whole.
    for ranges in [&["bytes 0-4/5", "bytes 5-9/10"][..], &["bytes 4-0/5"], &["bytes"]] {
        let reply = Reply::status(206).body("text/plain", "12345");
        let reply = ranges.iter().fold(reply, |reply, it| reply.header("content-range", it));
        server.on("/file").first(2).response(reply);
        assert!(files.bytes().await.unwrap_err().is_decode(), "{ranges:?}");
        assert!(files.download().await.unwrap_err().is_decode(), "{ranges:?}");
    }
    // One that was asked for is what it is, and so are a whole and the rows of a list.
    server.on("/file").first(1).response(part("bytes 0-4/5000", "12345"));
    assert_eq!(files.bytes_of("bytes=0-4").await.unwrap(), "12345");
    for range in ["bytes 0-4/5", "0-24/3573", "items 0-24/3573"] {
        server.on("/file").first(2).response(part(range, "12345"));
        assert_eq!(files.bytes().await.unwrap(), "12345");
        assert_eq!(files.value().await.unwrap().into_value(), 12345);
    }
}

#[tokio::test]
async fn a_download_that_stalls_ends_if_the_connections_have_a_time_limit() {
    let server = Server::start(Protocol::article());
    server.open("/file");
    server.on("/file").response(Reply::stuck("old", 10));
    let limit = Duration::from_millis(100);
    let files =
        FilesClient::builder(server.origin()).http_with(move |http| http.read_timeout(limit));
    let files = files.build().unwrap();
    // On a busy machine the response itself may come too late, which is the same error.
    let stalled = async { files.download().await?.bytes().await };
    let error = stalled.await.unwrap_err();
    assert!(matches!(error.kind(), ErrorKind::Timeout(_)), "{error}");
}
