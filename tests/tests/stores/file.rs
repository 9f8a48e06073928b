//! Processes that share a file.

use std::path::Path;
use std::time::Duration;

use crate::fleet::kills::whenever_the_holder_is_killed;
use crate::fleet::together::{
    one_refresh_for_each_credential, one_refresh_for_each_expiry,
    what_others_do_is_met_before_the_next_call,
};
use crate::fleet::{Scratch, Worker, good, lost, times};
use perennial::store::{FileStore, TokenStore};
use perennial_tests::{Protocol, Server};

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn eight_processes_with_25_calls_each_make_one_refresh_for_each_expiry() {
    let scratch = Scratch::new("fleet");
    let store = format!("file {}", scratch.file().display());
    one_refresh_for_each_expiry(&store, times("PERENNIAL_ROUNDS", 20)).await;
}

/// Half of them where a strict server revokes the login when a token is reused, and half where
/// nothing has to be lost.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn whenever_the_holder_is_killed_the_others_continue_and_the_file_is_intact() {
    let kills = times("PERENNIAL_KILLS", 200) / 2;
    let lane = async |name: &str, grace: Option<Duration>| {
        let scratch = Scratch::new(name);
        let store = format!("file {}", scratch.file().display());
        let kept = async || matches!(FileStore::at(scratch.file()).load().await, Ok(Some(_)));
        let saved = whenever_the_holder_is_killed(grace, &store, 15_000, kills, kept).await;
        println!("{name}: of {kills} kills {} were in the write, {saved} after it", kills / 4);
        let names = std::fs::read_dir(scratch.path()).unwrap();
        let names: Vec<_> = names.map(|entry| entry.unwrap().file_name()).collect();
        assert!(names.iter().all(|name| !name.to_string_lossy().contains("corrupt")), "{names:?}");
    };
    let grace = Duration::from_secs(600);
    futures::join!(lane("kills-strict", None), lane("kills-grace", Some(grace)));
}

#[tokio::test]
async fn two_credentials_of_many_processes_are_renewed_once_each() {
    let scratch = Scratch::new("credentials");
    one_refresh_for_each_credential(&format!("file {}", scratch.file().display())).await;
    assert!(scratch.path().join("tokens+device.json").exists());
}

#[tokio::test]
async fn a_change_of_another_process_is_adopted_before_the_next_call_is_sent() {
    let scratch = Scratch::new("notice");
    let store = format!("file {}", scratch.file().display());
    what_others_do_is_met_before_the_next_call(&store).await;
}

#[cfg(unix)]
#[tokio::test]
async fn no_umask_of_the_process_opens_the_files_to_others() {
    use std::os::unix::fs::PermissionsExt as _;
    let scratch = Scratch::new("mask");
    let server = Server::start(Protocol::article());
    let file = scratch.path().join("made/tokens.json");
    let mut worker = Worker::after(&server, &format!("file {}", file.display()), "umask 000").await;
    worker.login(&server.issue("ann").access).await;
    server.expire_all();
    assert_eq!(worker.call(2).await, good(2));
    let mode = |path: &Path| std::fs::metadata(path).unwrap().permissions().mode() & 0o777;
    assert_eq!(mode(file.parent().unwrap()), 0o700);
    for entry in std::fs::read_dir(file.parent().unwrap()).unwrap() {
        let path = entry.unwrap().path();
        assert_eq!(mode(&path), 0o600, "{}", path.display());
    }
}

/// As on a full disk: writing fails in the middle, in a way that needs no root.
#[cfg(target_os = "linux")]
#[tokio::test]
async fn a_file_that_cannot_grow_stays_intact_and_calls_continue() {
    let scratch = Scratch::new("limit");
    let server = Server::start(Protocol::article());
    let store = format!("file {}", scratch.file().display());
    // Without the trap the system would end a process that writes too much.
    let mut worker = Worker::after(&server, &store, "trap '' XFSZ").await;
    worker.login(&server.issue("ann").access).await;
    let before = std::fs::read(scratch.file()).unwrap();
    let process = worker.process().to_string();
    let limit = async |bytes: &str| {
        let limiting = tokio::process::Command::new("prlimit")
            .args(["--pid", &process, &format!("--fsize={bytes}:")])
            .status();
        assert!(limiting.await.unwrap().success());
    };
    limit("10").await;
    server.expire_all();
    assert_eq!(worker.call(5).await, good(5), "{:?}", worker.told);
    assert!(worker.heard("event store-failed") > 0, "{:?}", worker.told);
    assert_eq!(std::fs::read(scratch.file()).unwrap(), before, "what was there is whole");
    assert!(!scratch.path().join("tokens.json.new").exists(), "half a file was left behind");
    limit("unlimited").await;
    while std::fs::read(scratch.file()).unwrap() == before {
        tokio::time::sleep(Duration::from_millis(50)).await;
    }
    let mut next = Worker::start(&server, &store).await;
    assert_eq!(next.call(1).await, good(1));
    assert_eq!((server.refreshes(), server.reuses()), (1, 0));
}

#[tokio::test]
async fn a_sign_out_in_one_process_ends_the_session_of_the_other() {
    let scratch = Scratch::new("sign-out");
    let server = Server::start(Protocol::article());
    let store = format!("file {}", scratch.file().display());
    let mut one = Worker::start(&server, &store).await;
    one.login(&server.issue("ann").access).await;
    let mut other = Worker::start(&server, &store).await;
    assert_eq!(other.call(1).await, good(1));
    one.logout().await;
    server.expire_all();
    assert_eq!(other.call(2).await, lost(2));
    assert_eq!(server.refreshes(), 0, "a token was renewed that nobody wants");
    let mut third = Worker::start(&server, &store).await;
    assert_eq!(third.call(1).await, lost(1));
}

#[tokio::test]
async fn a_later_process_finds_the_session_and_refreshes_an_expired_token() {
    let scratch = Scratch::new("later");
    let server = Server::start(Protocol::article());
    let store = format!("file {}", scratch.file().display());
    let mut first = Worker::start(&server, &store).await;
    first.login(&server.issue("ann").access).await;
    drop(first);
    for expiry in 1..=3 {
        server.expire_all();
        let mut next = Worker::start(&server, &store).await;
        assert_eq!(next.call(5).await, good(5));
        assert_eq!((server.refreshes(), server.reuses()), (expiry, 0));
    }
}
