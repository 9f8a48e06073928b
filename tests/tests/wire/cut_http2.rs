//! Streams of HTTP/2 that the server resets: without an error before the response has ended, which it must not do (RFC 9113,
//! section 8.1), and which hyper takes for its end; or before it processes the request (section 8.7).

use std::sync::atomic::{AtomicU32, Ordering};

use bytes::Bytes;
use perennial::{Download, ErrorKind, Lines, Result, api_client};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};

#[api_client]
trait Files {
    #[get("/text")]
    async fn text(&self) -> Result<String>;
    #[get("/bytes")]
    async fn bytes(&self) -> Result<Bytes>;
    #[get("/download")]
    async fn download(&self) -> Result<Download>;
    #[get("/lines")]
    fn lines(&self) -> Lines<String>;
    #[http("HEAD", "/text")]
    async fn exists(&self) -> Result<()>;
}

const HEADERS: u8 = 1;
const END_OF_HEADERS: u8 = 4;
const END_OF_STREAM: u8 = 1;

fn frame(kind: u8, flags: u8, stream: u32, payload: &[u8]) -> Vec<u8> {
    let length = u32::try_from(payload.len()).unwrap().to_be_bytes();
    [&length[1..], &[kind, flags], &stream.to_be_bytes(), payload].concat()
}

/// `:status: 200` and a length, in the tables of HPACK (RFC 7541, appendix A).
fn head(length: &str) -> Vec<u8> {
    let size = u8::try_from(length.len()).unwrap();
    [&[0x88, 0x0f, 0x0d, size][..], length.as_bytes()].concat()
}

/// Answers each request with `frames`, to which it gives the request's stream.
async fn serve(mut socket: TcpStream, frames: fn(u32) -> Vec<u8>) -> std::io::Result<()> {
    socket.read_exact(&mut [0; 24]).await?;
    socket.write_all(&frame(4, 0, 0, &[])).await?;
    loop {
        let mut begun = [0; 9];
        socket.read_exact(&mut begun).await?;
        let [high, middle, low, kind, _, stream @ ..] = begun;
        let length = u32::from_be_bytes([0, high, middle, low]);
        socket.read_exact(&mut vec![0; length as usize]).await?;
        if kind == HEADERS {
            socket.write_all(&frames(u32::from_be_bytes(stream))).await?;
        }
    }
}

async fn client(frames: fn(u32) -> Vec<u8>) -> FilesClient {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let origin = format!("http://{}", listener.local_addr().unwrap());
    tokio::spawn(async move {
        while let Ok((socket, _)) = listener.accept().await {
            tokio::spawn(serve(socket, frames));
        }
    });
    let http = reqwest::Client::builder().http2_prior_knowledge().no_proxy();
    FilesClient::builder(origin).http(http).build().unwrap()
}

/// Half of the content, and then `RST_STREAM` with `NO_ERROR`.
fn half(stream: u32) -> Vec<u8> {
    [
        frame(HEADERS, END_OF_HEADERS, stream, &head("24")),
        frame(0, 0, stream, b"first half\n"),
        frame(3, 0, stream, &[0; 4]),
    ]
    .concat()
}

fn nothing(stream: u32) -> Vec<u8> {
    let begun = frame(HEADERS, END_OF_HEADERS, stream, &head("24"));
    [begun, frame(3, 0, stream, &[0; 4])].concat()
}

#[tokio::test]
async fn a_response_that_is_shorter_than_its_declared_length_is_an_error() {
    for frames in [half, nothing] {
        let files = client(frames).await;
        let download = async { files.download().await?.bytes().await };
        let mut lines = files.lines();
        let lines = async {
            while let Some(line) = lines.next().await {
                line?;
            }
            Ok(())
        };
        let failures = [
            files.text().await.map(drop),
            files.bytes().await.map(drop),
            download.await.map(drop),
            lines.await,
        ];
        for (at, failed) in failures.into_iter().enumerate() {
            let error = failed.expect_err(&format!("case {at} took a part for the whole"));
            assert_eq!(error.kind(), ErrorKind::Transport, "{at}: {error}");
        }
    }
}

/// The promises state this limit: with no length, a reset without an error is the end.
#[tokio::test]
async fn a_response_of_unknown_length_that_is_reset_without_an_error_is_taken_for_the_whole() {
    let frames = |stream| {
        [
            frame(HEADERS, END_OF_HEADERS, stream, &[0x88]),
            frame(0, 0, stream, b"half"),
            frame(3, 0, stream, &[0; 4]),
        ]
        .concat()
    };
    assert_eq!(client(frames).await.text().await.unwrap(), "half");
}

#[tokio::test]
async fn a_request_that_the_server_refuses_unprocessed_is_sent_three_times_and_counted_once() {
    static SENT: AtomicU32 = AtomicU32::new(0);
    let refused = |stream| {
        SENT.fetch_add(1, Ordering::SeqCst);
        frame(3, 0, stream, &[0, 0, 0, 7])
    };
    let error = client(refused).await.text().await.unwrap_err();
    assert_eq!((error.kind(), error.attempts()), (ErrorKind::Transport, 1), "{error}");
    assert_eq!(SENT.load(Ordering::SeqCst), 3);
}

#[tokio::test]
async fn a_response_to_head_has_no_content_whatever_length_it_states() {
    let frames = |stream| frame(HEADERS, END_OF_HEADERS | END_OF_STREAM, stream, &head("24"));
    client(frames).await.exists().await.unwrap();
}
