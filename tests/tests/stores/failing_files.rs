//! Sessions whose file cannot be written or read.

use std::fs;
use std::path::Path;
use std::process::Command;
use std::time::{Duration, Instant};

use crate::fleet::Scratch;
use crate::watched::{Elsewhere, calls, client, sign_in};
use perennial::store::{FileStore, TokenStore};
use perennial_tests::{Protocol, Server};

/// Writing fails: the calls go on, an event says so, and the token is saved when it can be.
async fn goes_on(file: &Path, fill: impl FnOnce(), free: impl FnOnce()) {
    let server = Server::start(Protocol::article());
    let (shop, told) = client(&server, FileStore::at(file));
    sign_in(&server, &shop).await;
    let before = FileStore::at(file).load().await.unwrap().unwrap();
    fill();
    server.expire_all();
    calls(&shop, 5).await;
    assert!(told.count("StoreFailed") > 0, "{:?}", told.0);
    let kept = FileStore::at(file).load().await.unwrap();
    assert_eq!(kept, Some(before.clone()), "what was there is whole");
    free();
    let until = Instant::now() + Duration::from_secs(10);
    while FileStore::at(file).load().await.unwrap().unwrap() == before {
        assert!(Instant::now() < until, "it was not saved later: {:?}", told.0);
        tokio::time::sleep(Duration::from_millis(50)).await;
    }
    assert_eq!((server.refreshes(), server.reuses()), (1, 0));
    let (next, _) = client(&server, Elsewhere(FileStore::at(file)));
    calls(&next, 1).await;
    assert_eq!(server.refreshes(), 1);
}

#[tokio::test]
async fn calls_continue_while_the_file_cannot_be_written() {
    let scratch = Scratch::new("unwritable");
    let new = scratch.path().join("tokens.json.new");
    // Not even root can make a file where a directory with something in it is.
    goes_on(
        &scratch.file(),
        || fs::create_dir_all(new.join("something")).unwrap(),
        || fs::remove_dir_all(&new).unwrap(),
    )
    .await;
}

/// A disk of its own, as large as one page or two. Only root can mount one.
struct Disk<'a>(&'a Path);

impl<'a> Disk<'a> {
    fn mount(at: &'a Path) -> Option<Self> {
        fs::create_dir(at).unwrap();
        let mounted = mount(&["-t", "tmpfs", "-o", "size=64k", "none"], at);
        mounted.then_some(Self(at))
    }
}

impl Drop for Disk<'_> {
    fn drop(&mut self) {
        let _ = Command::new("umount").arg("-l").arg(self.0).status();
    }
}

fn mount(words: &[&str], at: &Path) -> bool {
    Command::new("mount").args(words).arg(at).output().is_ok_and(|done| done.status.success())
}

#[tokio::test]
async fn calls_continue_while_the_disk_is_full() {
    let scratch = Scratch::new("full");
    let at = scratch.path().join("disk");
    let Some(_disk) = Disk::mount(&at) else {
        // What happens in the middle of a write is also tried with a process whose files cannot grow.
        eprintln!("skipped: only root can mount a small disk here");
        return;
    };
    let filler = at.join("filler");
    goes_on(
        &at.join("tokens.json"),
        || assert!(fs::write(&filler, vec![0; 128 * 1024]).is_err(), "the disk is not full"),
        || fs::remove_file(&filler).unwrap(),
    )
    .await;
}

/// Root is not kept from writing by the rights of a directory, and others cannot mount one.
#[cfg(unix)]
#[tokio::test]
async fn calls_continue_while_the_directory_is_read_only() {
    use std::os::unix::fs::PermissionsExt as _;
    let scratch = Scratch::new("read-only");
    let at = scratch.path().join("directory");
    let disk = Disk::mount(&at);
    let allow = |writing: bool| match disk {
        Some(_) => {
            let options = if writing { "remount,rw" } else { "remount,ro" };
            assert!(mount(&["-o", options], &at), "{options} failed");
        }
        None => {
            let mode = if writing { 0o700 } else { 0o500 };
            fs::set_permissions(&at, fs::Permissions::from_mode(mode)).unwrap();
        }
    };
    goes_on(&at.join("tokens.json"), || allow(false), || allow(true)).await;
}

#[tokio::test]
async fn an_unreadable_file_is_reported_and_the_session_starts_signed_out() {
    let scratch = Scratch::new("garbage");
    let server = Server::start(Protocol::article());
    fs::write(scratch.file(), "{\"version\":1,\"tokens\":{\"login\":1").unwrap();
    let (shop, told) = client(&server, FileStore::at(scratch.file()));
    assert!(shop.order(1).await.is_err_and(|error| error.is_signed_out()));
    assert_eq!(told.count("StoreFailed"), 1, "{:?}", told.0);
    assert_eq!(server.sends(), 0);
    sign_in(&server, &shop).await;
    calls(&shop, 1).await;
    assert!(FileStore::at(scratch.file()).load().await.unwrap().is_some());
}

#[tokio::test]
async fn a_file_that_disappears_under_a_session_is_written_again() {
    let scratch = Scratch::new("gone");
    let server = Server::start(Protocol::article());
    let (shop, told) = client(&server, FileStore::at(scratch.file()));
    sign_in(&server, &shop).await;
    fs::remove_file(scratch.file()).unwrap();
    server.expire_all();
    calls(&shop, 3).await;
    // Before the first call, and before the refresh.
    assert_eq!(told.count("StoreFailed"), 2, "{:?}", told.0);
    assert!(scratch.file().exists());
}
