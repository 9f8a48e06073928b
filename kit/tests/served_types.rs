//! Types that a fake takes and returns, on their way through a request and a response.

#![allow(missing_docs, clippy::unwrap_used)]

use std::fs;
use std::path::PathBuf;

use perennial::body::FileBody;
use perennial::{Error, api_client};
use perennial_test::Server;
use serde::{Deserialize, Serialize};

type Result<T, E = ArchiveError> = std::result::Result<T, E>;

#[derive(Debug, PartialEq, Serialize, Deserialize)]
pub struct Limit {
    bytes: u64,
}

#[derive(Debug)]
pub enum ArchiveError {
    TooLarge(Limit),
    Locked,
    Other(Error),
}

impl From<Error> for ArchiveError {
    fn from(error: Error) -> Self {
        Self::Other(error)
    }
}

/// The form in which each error is sent.
impl From<&ArchiveError> for Error {
    fn from(error: &ArchiveError) -> Self {
        match error {
            ArchiveError::TooLarge(limit) => {
                Self::of_status(413).with_body(serde_json::to_vec(limit).unwrap())
            }
            ArchiveError::Locked => Self::of_status(423),
            ArchiveError::Other(_) => Self::of_status(507).with_message("no space"),
        }
    }
}

#[api_client(serve)]
pub trait Archive {
    #[put("/backups/{name}")]
    #[errors(413 => TooLarge, 423 => Locked)]
    async fn store(&self, name: &str, #[body] content: FileBody) -> Result<u64>;
    #[post("/photos")]
    async fn photo(&self, #[part] photo: FileBody) -> Result<String>;
    #[post("/albums")]
    async fn album(
        &self,
        #[part("photo")] photos: Vec<FileBody>,
        #[part] cover: Option<FileBody>,
    ) -> Result<u64>;
}

struct FakeArchive;

impl Archive for FakeArchive {
    async fn store(&self, name: &str, content: FileBody) -> Result<u64> {
        let length = content.bytes().await?.len() as u64;
        match name {
            "locked" => Err(ArchiveError::Locked),
            "full" => Err(ArchiveError::Other(Error::of_status(500))),
            _ if length > 8 => Err(ArchiveError::TooLarge(Limit { bytes: 8 })),
            _ => Ok(length),
        }
    }

    async fn photo(&self, photo: FileBody) -> Result<String> {
        let content = photo.bytes().await?;
        Ok(format!("{} {}", photo.path().display(), String::from_utf8_lossy(&content)))
    }

    async fn album(&self, photos: Vec<FileBody>, cover: Option<FileBody>) -> Result<u64> {
        let mut length = 0;
        for photo in photos.iter().chain(&cover) {
            length += photo.bytes().await?.len() as u64;
        }
        Ok(length)
    }
}

/// A file with this content, which is removed at the end.
struct Scratch(PathBuf);

impl Scratch {
    fn new(name: &str, content: &str) -> Self {
        let path = std::env::temp_dir().join(format!("perennial-{}-{name}", std::process::id()));
        fs::write(&path, content).unwrap();
        Self(path)
    }

    fn body(&self) -> FileBody {
        FileBody::at(&self.0)
    }
}

impl Drop for Scratch {
    fn drop(&mut self) {
        let _unless_it_is_gone = fs::remove_file(&self.0);
    }
}

fn archive() -> (Server, ArchiveClient) {
    let server = Server::serve::<ArchiveClient, _>(FakeArchive);
    let archive = ArchiveClient::builder(server.origin()).build().unwrap();
    (server, archive)
}

#[tokio::test]
async fn a_file_arrives_with_its_content_as_a_body_and_as_a_part() {
    let (server, archive) = archive();
    let file = Scratch::new("arrives", "content");
    assert_eq!(archive.store("today", file.body()).await.unwrap(), 7);
    let photo = file.body().file_name("sunset.png");
    assert_eq!(archive.photo(photo).await.unwrap(), "sunset.png content");
    let photos = vec![file.body(), file.body()];
    assert_eq!(archive.album(photos, Some(file.body())).await.unwrap(), 21);
    assert_eq!(archive.album(Vec::new(), None).await.unwrap(), 0);
    server.assert_all_matched();
}

#[tokio::test]
async fn a_fake_says_what_its_errors_are_on_the_wire() {
    let (_server, archive) = archive();
    let file = Scratch::new("errors", "more than eight");
    let error = archive.store("today", file.body()).await.unwrap_err();
    assert!(matches!(error, ArchiveError::TooLarge(Limit { bytes: 8 })), "{error:?}");
    let error = archive.store("locked", file.body()).await.unwrap_err();
    assert!(matches!(error, ArchiveError::Locked), "{error:?}");
    let ArchiveError::Other(error) = archive.store("full", file.body()).await.unwrap_err() else {
        panic!("expected the error of another status");
    };
    assert_eq!((error.status().unwrap().as_u16(), error.message()), (507, Some("no space")));
}
