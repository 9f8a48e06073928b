//! Processes that share the keychain of a user.

#![cfg(all(feature = "keyring", target_os = "linux"))]
use crate::fleet::together::{
    one_refresh_for_each_credential, one_refresh_for_each_expiry,
    what_others_do_is_met_before_the_next_call,
};
use crate::fleet::{Scratch, Worker, good};
use perennial_tests::{Protocol, Server};

/// A store of the test's own; `None` where there is no keychain to be had. CI has one.
fn or_skip(scratch: &Scratch, name: &str) -> Option<String> {
    if std::env::var_os("KEYRING").is_none() {
        assert!(std::env::var("CI").as_deref() != Ok("true"), "there is no keychain in CI");
        eprintln!("skipped: KEYRING is not set; `eval \"$(ci/keyring.sh start)\"` sets it");
        return None;
    }
    let process = std::process::id();
    Some(format!("keyring perennial-{name}-{process} {}", scratch.path().display()))
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn eight_processes_with_25_calls_each_make_one_refresh_for_each_expiry() {
    let scratch = Scratch::new("keyring-fleet");
    let Some(store) = or_skip(&scratch, "fleet") else { return };
    one_refresh_for_each_expiry(&store, 10).await;
}

#[tokio::test]
async fn two_credentials_of_many_processes_are_renewed_once_each() {
    let scratch = Scratch::new("keyring-credentials");
    let Some(store) = or_skip(&scratch, "credentials") else { return };
    one_refresh_for_each_credential(&store).await;
}

#[tokio::test]
async fn a_login_is_there_in_the_next_run() {
    let scratch = Scratch::new("keyring-runs");
    let Some(store) = or_skip(&scratch, "runs") else { return };
    let server = Server::start(Protocol::article());
    let mut first = Worker::start(&server, &store).await;
    first.login(&server.issue("ann").access).await;
    drop(first);
    for expiry in 1..=3 {
        server.expire_all();
        let mut next = Worker::start(&server, &store).await;
        assert_eq!(next.call(5).await, good(5), "{:?}", next.told);
        assert_eq!((server.refreshes(), server.reuses()), (expiry, 0));
    }
}

#[tokio::test]
async fn a_change_of_another_process_is_adopted_before_the_next_call_is_sent() {
    let scratch = Scratch::new("keyring-notice");
    let Some(store) = or_skip(&scratch, "notice") else { return };
    what_others_do_is_met_before_the_next_call(&store).await;
}

#[tokio::test]
async fn without_a_keychain_calls_continue_and_an_event_reports_it() {
    let scratch = Scratch::new("keyring-none");
    let server = Server::start(Protocol::article());
    let store = format!("keyring perennial-none {}", scratch.path().display());
    let nowhere = "export DBUS_SESSION_BUS_ADDRESS=unix:path=/nonexistent";
    let mut worker = Worker::after(&server, &store, nowhere).await;
    worker.login(&server.issue("ann").access).await;
    assert_eq!(worker.call(5).await, good(5), "{:?}", worker.told);
    server.expire_all();
    assert_eq!(worker.call(5).await, good(5), "{:?}", worker.told);
    assert!(worker.heard("event store-failed") > 0, "{:?}", worker.told);
    assert_eq!((server.refreshes(), server.reuses()), (1, 0));
}
