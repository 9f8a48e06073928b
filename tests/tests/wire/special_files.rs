//! Files whose length their system does not say: pipes, and files that are made when they are read.

use std::io::Write as _;
use std::os::fd::{AsRawFd as _, OwnedFd};
use std::thread::JoinHandle;

use axum::routing::any;
use http::StatusCode;
use perennial::body::FileBody;
use perennial::{ErrorKind, Result, Tokens, api_client};
use perennial_tests::{Protocol, Reply, Server};

#[api_client(
    base = "/api",
    envelope(code = "code", data = "data", ok = 0),
    auth(header = "X-Token", expired(status = 401))
)]
trait Archive {
    #[post("/refreshtoken", refresh)]
    async fn refresh(&self) -> Result<Tokens>;
    #[put("/file", public, retry(2))]
    async fn store(&self, #[body] file: FileBody) -> Result<()>;
    #[post("/part", public)]
    async fn add(&self, #[part] file: FileBody) -> Result<()>;
    #[post("/private")]
    async fn keep(&self, #[body] file: FileBody) -> Result<()>;
    #[post("/parts")]
    async fn keep_part(&self, #[part] file: FileBody) -> Result<()>;
}

fn archive() -> (Server, ArchiveClient) {
    let expired = Reply::status(401);
    let server = Server::start(Protocol { expired, ..Protocol::article() });
    for path in ["/file", "/part"] {
        server.open(path);
    }
    for path in ["/file", "/part", "/private", "/parts"] {
        server.route(path, any(async || StatusCode::NO_CONTENT));
    }
    let archive = ArchiveClient::builder(server.origin()).build().unwrap();
    (server, archive)
}

/// A pipe with this content, and the thread that writes it.
struct Pipe {
    reader: OwnedFd,
    writer: JoinHandle<()>,
}

impl Pipe {
    fn with(content: Vec<u8>) -> Self {
        let (reader, mut writer) = std::io::pipe().unwrap();
        // Its content may be more than the pipe holds, and nobody may read all of it.
        let writer = std::thread::spawn(move || drop(writer.write_all(&content)));
        Self { reader: reader.into(), writer }
    }

    fn body(&self) -> FileBody {
        FileBody::at(format!("/dev/fd/{}", self.reader.as_raw_fd()))
    }

    fn close(self) {
        drop(self.reader);
        self.writer.join().unwrap();
    }
}

fn content() -> Vec<u8> {
    (0..100_000_u32).map(|at| (at % 251) as u8).collect()
}

#[tokio::test]
async fn a_pipe_is_sent_to_its_end_without_a_length() {
    let (server, archive) = archive();
    let pipe = Pipe::with(content());
    archive.store(pipe.body()).await.unwrap();
    pipe.close();
    let pipe = Pipe::with(content());
    archive.add(pipe.body()).await.unwrap();
    pipe.close();
    let sent = server.recorded();
    assert!(sent[0].body == content());
    assert_eq!(sent[0].header("content-length"), None);
    let part = content();
    assert!(sent[1].body.windows(part.len()).any(|window| window == part));
}

#[tokio::test]
async fn a_pipe_is_sent_once() {
    let (server, archive) = archive();
    archive.session().login(Tokens::new(server.issue("ann").access)).await.unwrap();
    for path in ["/private", "/parts"] {
        server.expire_all();
        server.on(path).first(1).response(Reply::status(401));
        let pipe = Pipe::with(content());
        let sent = match path {
            "/private" => archive.keep(pipe.body()).await,
            _ => archive.keep_part(pipe.body()).await,
        };
        pipe.close();
        assert_eq!(sent.unwrap_err().kind(), ErrorKind::ReplayImpossible);
        assert_eq!(server.count(path), 1);
    }
    server.on("/file").response(Reply::status(503));
    let pipe = Pipe::with(content());
    let error = archive.store(pipe.body()).await.unwrap_err();
    pipe.close();
    assert_eq!(error.status().unwrap(), 503, "{error}");
    assert_eq!(server.count("/file"), 1);
    // Another call reads on in the same pipe.
    server.behave();
    let pipe = Pipe::with(b"all of it".to_vec());
    let body = pipe.body();
    for expected in ["all of it", ""] {
        archive.store(body.clone()).await.unwrap();
        assert_eq!(server.recorded_on("/file").last().unwrap().body, expected.as_bytes());
    }
    pipe.close();
}

#[tokio::test]
async fn a_file_without_a_length_is_sent_as_it_is_read_and_an_empty_one_as_empty() {
    let (server, archive) = archive();
    if cfg!(target_os = "linux") {
        let version = std::fs::read("/proc/version").unwrap();
        assert!(!version.is_empty());
        server.on("/file").first(1).response(Reply::status(503));
        archive.store(FileBody::at("/proc/version")).await.unwrap();
        let sent = server.recorded_on("/file");
        assert_eq!([&sent[0].body[..], &sent[1].body], [&version[..], &version]);
    }
    let path = std::env::temp_dir().join(format!("perennial-{}-empty", std::process::id()));
    std::fs::write(&path, "").unwrap();
    archive.store(FileBody::at(&path)).await.unwrap();
    std::fs::remove_file(&path).unwrap();
    let sent = server.recorded_on("/file");
    let last = sent.last().unwrap();
    assert_eq!((&last.body[..], last.header("transfer-encoding")), (&b""[..], None));
    let error = archive.store(FileBody::at(std::env::temp_dir())).await.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Argument, "{error}");
}
