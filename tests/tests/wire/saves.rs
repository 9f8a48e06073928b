//! Downloads that are saved as files.

use std::path::{Path, PathBuf};
use std::sync::Arc;

use axum::body::Body;
use axum::routing::get;
use bytes::Bytes;
use futures::stream;
use perennial::{Download, ErrorKind, Result, api_client};
use perennial_tests::{Protocol, Reply, Server};
use tokio::sync::{Mutex, mpsc};

#[api_client(base = "/api")]
trait Archive {
    #[get("/backup")]
    async fn backup(&self) -> Result<Download>;
    #[get("/trickle")]
    async fn slow(&self) -> Result<Download>;
}

fn archive() -> (Server, ArchiveClient) {
    let server = Server::start(Protocol::article());
    server.open("/backup");
    server.open("/trickle");
    server.on("/backup").response(Reply::text("text/plain", "the new content"));
    let archive = ArchiveClient::builder(server.origin()).build().unwrap();
    (server, archive)
}

/// A folder of its own for one test.
struct Folder(PathBuf);

impl Folder {
    fn new(name: &str) -> Self {
        let path = std::env::temp_dir().join(format!("perennial-{}-{name}", std::process::id()));
        std::fs::create_dir_all(&path).unwrap();
        Self(path)
    }

    fn at(&self, name: &str) -> PathBuf {
        self.0.join(name)
    }

    fn names(&self) -> Vec<String> {
        let entries = std::fs::read_dir(&self.0).unwrap();
        let mut names: Vec<_> =
            entries.map(|it| it.unwrap().file_name().into_string().unwrap()).collect();
        names.sort();
        names
    }
}

impl Drop for Folder {
    fn drop(&mut self) {
        std::fs::remove_dir_all(&self.0).unwrap();
    }
}

fn read(path: &Path) -> String {
    std::fs::read_to_string(path).unwrap()
}

#[tokio::test]
async fn a_save_changes_no_other_file_in_the_folder() {
    let (_server, archive) = archive();
    let folder = Folder::new("others");
    std::fs::write(folder.at("film.part"), "half a film").unwrap();
    assert_eq!(archive.backup().await.unwrap().save(folder.at("film")).await.unwrap(), 15);
    assert_eq!(read(&folder.at("film")), "the new content");
    assert_eq!(read(&folder.at("film.part")), "half a film");
    assert_eq!(folder.names(), ["film", "film.part"]);
}

#[tokio::test]
async fn two_saves_to_one_path_do_not_mix_and_the_last_to_complete_stays() {
    let (server, archive) = archive();
    let folder = Folder::new("two");
    let (more, chunks) = mpsc::unbounded_channel::<&'static str>();
    let chunks = Arc::new(Mutex::new(chunks));
    server.route(
        "/trickle",
        get(async move || {
            let chunks = stream::unfold(chunks.lock_owned().await, |mut chunks| async {
                let chunk = chunks.recv().await?;
                Some((Ok::<_, std::io::Error>(Bytes::from(chunk)), chunks))
            });
            ([("content-type", "text/plain")], Body::from_stream(chunks))
        }),
    );
    let (arrived, mut arrival) = mpsc::unbounded_channel();
    more.send("the first half of the slow one, ").unwrap();
    let slow = archive.slow().await.unwrap().on_progress(move |_| arrived.send(()).unwrap());
    let path = folder.at("file");
    let slow = tokio::spawn(slow.save(path.clone()));
    arrival.recv().await.unwrap();
    archive.backup().await.unwrap().save(&path).await.unwrap();
    assert_eq!(read(&path), "the new content");
    more.send("and its end").unwrap();
    drop(more);
    assert_eq!(slow.await.unwrap().unwrap(), 43);
    assert_eq!(read(&path), "the first half of the slow one, and its end");
    assert_eq!(folder.names(), ["file"]);
}

#[cfg(unix)]
#[tokio::test]
async fn a_save_follows_only_the_link_that_it_was_given() {
    use std::os::unix::fs::symlink;
    let (_server, archive) = archive();
    let folder = Folder::new("links");
    std::fs::write(folder.at("precious"), "precious").unwrap();
    symlink(folder.at("precious"), folder.at("report.part")).unwrap();
    archive.backup().await.unwrap().save(folder.at("report")).await.unwrap();
    assert_eq!(read(&folder.at("precious")), "precious");
    assert!(!folder.at("report").is_symlink());

    std::fs::write(folder.at("monday"), "the old content").unwrap();
    symlink("monday", folder.at("latest")).unwrap();
    archive.backup().await.unwrap().save(folder.at("latest")).await.unwrap();
    assert!(folder.at("latest").is_symlink());
    assert_eq!(read(&folder.at("monday")), "the new content");

    symlink("nothing", folder.at("dangling")).unwrap();
    for refused in ["dangling", "."] {
        let path = folder.at(refused);
        let error = archive.backup().await.unwrap().save(&path).await.unwrap_err();
        assert_eq!(error.kind(), ErrorKind::Argument, "{error}");
    }
    let names = ["dangling", "latest", "monday", "precious", "report", "report.part"];
    assert_eq!(folder.names(), names);
}

#[cfg(unix)]
#[tokio::test]
async fn a_pipe_is_written_into() {
    use std::io::Read as _;
    use std::os::fd::AsRawFd as _;
    let (_server, archive) = archive();
    let (mut reader, writer) = std::io::pipe().unwrap();
    let path = format!("/dev/fd/{}", writer.as_raw_fd());
    assert_eq!(archive.backup().await.unwrap().save(path).await.unwrap(), 15);
    drop(writer);
    let mut content = String::new();
    reader.read_to_string(&mut content).unwrap();
    assert_eq!(content, "the new content");
}

#[cfg(unix)]
#[tokio::test]
async fn a_file_that_is_replaced_keeps_its_permissions() {
    use std::os::unix::fs::PermissionsExt as _;
    let (_server, archive) = archive();
    let folder = Folder::new("permissions");
    for mode in [0o600, 0o664] {
        let path = folder.at("file");
        std::fs::write(&path, "before").unwrap();
        std::fs::set_permissions(&path, std::fs::Permissions::from_mode(mode)).unwrap();
        archive.backup().await.unwrap().save(&path).await.unwrap();
        assert_eq!(std::fs::metadata(&path).unwrap().permissions().mode() & 0o777, mode);
        assert_eq!(read(&path), "the new content");
    }
}
