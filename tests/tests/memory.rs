//! Memory stays flat, however long a body is.
//!
//! The test that measures it has a process of its own, since it looks at the memory of the whole
//! process. 1 GiB is moved each way, which takes ten seconds.

#![allow(missing_docs, clippy::unwrap_used)]
#![cfg(target_os = "linux")]

use axum::body::Body;
use axum::extract::DefaultBodyLimit;
use axum::routing::{get, post};
use futures::{StreamExt, stream};
use perennial::body::{BodyFactory, FileBody};
use perennial::{Bytes, Download, Result, api_client};

#[api_client]
pub trait Archive {
    #[get("/zeros/{bytes}")]
    async fn zeros(&self, bytes: u64) -> Result<Download>;
    #[post("/count")]
    async fn count(&self, #[body] body: BodyFactory) -> Result<u64>;
    #[post("/counted")]
    async fn parts(&self, #[part] file: FileBody, #[part] again: FileBody) -> Result<u64>;
}

const PIECE: usize = 64 * 1024;
const TOTAL: u64 = 1 << 30;

/// The peak of the memory of this process since the last call.
fn peak() -> u64 {
    let status = std::fs::read_to_string("/proc/self/status").unwrap();
    let line = status.lines().find(|line| line.starts_with("VmHWM:")).unwrap();
    let peak = line.split_whitespace().nth(1).unwrap().parse::<u64>().unwrap() * 1024;
    // Sets the mark back to what is held now.
    std::fs::write("/proc/self/clear_refs", "5").unwrap();
    peak
}

fn zeros(bytes: u64) -> impl futures::Stream<Item = std::io::Result<Bytes>> + Send + 'static {
    static ZEROS: [u8; PIECE] = [0; PIECE];
    stream::iter((0..bytes / PIECE as u64).map(|_| Ok(Bytes::from_static(&ZEROS))))
}

async fn server() -> String {
    let count = |body: Body| async {
        let sizes = body.into_data_stream().map(|piece| piece.unwrap().len() as u64);
        sizes.fold(0, async |sum, size| sum + size).await.to_string()
    };
    let router = axum::Router::new()
        .route(
            "/zeros/{bytes}",
            get(|axum::extract::Path(bytes): axum::extract::Path<u64>| async move {
                ([("content-type", "application/octet-stream")], Body::from_stream(zeros(bytes)))
            }),
        )
        .route("/count", post(count))
        .route("/counted", post(count))
        .layer(DefaultBodyLimit::disable());
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    tokio::spawn(async move { axum::serve(listener, router).await });
    format!("http://{address}")
}

#[tokio::test]
async fn memory_stays_flat_over_a_long_download_and_upload() {
    let archive = ArchiveClient::builder(server().await).build().unwrap();
    // Whatever is needed once is not counted.
    archive.count(BodyFactory::stream(|| zeros(1 << 20))).await.unwrap();
    archive.zeros(1 << 20).await.unwrap().bytes().await.unwrap();
    let _ = peak();
    let before = peak();
    let flat = |what: &str| {
        let grown = peak().saturating_sub(before) >> 10;
        println!("{what}: {grown} KiB more than the {} KiB before", before >> 10);
        assert!(grown < 16 << 10, "{what}: {grown} KiB more were held");
    };
    let mut download = archive.zeros(TOTAL).await.unwrap();
    while download.chunk().await.unwrap().is_some() {}
    assert_eq!(download.position(), TOTAL);
    flat("1 GiB down, piece by piece");
    let sent = archive.count(BodyFactory::sized_stream(TOTAL, || zeros(TOTAL))).await.unwrap();
    assert_eq!(sent, TOTAL);
    flat("1 GiB up, as a stream");
    let path = std::env::temp_dir().join(format!("perennial-{}-long", std::process::id()));
    // A file with a hole takes no room on the disk.
    std::fs::File::create(&path).unwrap().set_len(TOTAL / 2).unwrap();
    let sent = archive.parts(FileBody::at(&path), FileBody::at(&path)).await.unwrap();
    assert!((TOTAL..TOTAL + 1000).contains(&sent));
    flat("1 GiB up, as two files in parts");
    let saved = archive.zeros(TOTAL / 4).await.unwrap().save(&path).await.unwrap();
    assert_eq!(saved, TOTAL / 4);
    std::fs::remove_file(path).unwrap();
    flat("256 MiB down, into a file");
}
