//! Processes that share a file.

#![allow(missing_docs, clippy::unwrap_used)]

mod fleet;

use std::time::{Duration, Instant};

use fleet::{Called, Scratch, Worker, good, one_refresh_for_each_expiry, times};
use perennial::{FileStore, TokenStore};
use perennial_tests::{Protocol, Server};

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn eight_processes_with_25_calls_each_make_one_refresh_for_each_expiry() {
    let scratch = Scratch::new("fleet");
    let store = format!("file {}", scratch.file().display());
    one_refresh_for_each_expiry(&store, times("PERENNIAL_ROUNDS", 20)).await;
}

/// Where the holder of the lock is killed.
#[derive(Debug, Clone, Copy)]
enum Stage {
    /// Nothing was sent yet.
    Looked,
    /// The server has spent the old token, and its answer is on the way.
    UnderWay,
    /// The new token is there, and not saved.
    Saving,
    /// Somewhere in the write, or before, or after.
    Writing,
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn whenever_the_holder_is_killed_the_others_go_on_and_the_file_is_whole() {
    let scratch = Scratch::new("kills");
    let server = Server::start(Protocol::article());
    // A token that was spent and died with its process is presented again by the next.
    server.expect_reuse();
    let store = format!("file {}", scratch.file().display());
    let mut survivor = Worker::start(&server, &store).await;
    let kills = times("PERENNIAL_KILLS", 200);
    let (mut saved, mut unsaved) = (0, 0);
    for kill in 0..kills {
        let stage = [Stage::Looked, Stage::UnderWay, Stage::Saving, Stage::Writing][kill % 4];
        survivor.login(&server.issue("ann").access).await;
        let delay = Duration::from_micros((kill as u64 * 137) % 3000);
        kill_at(stage, delay, &server, &store).await;
        let kept = FileStore::at(scratch.file()).load().await;
        assert!(matches!(kept, Ok(Some(_))), "killed at {stage:?}: {kept:?}");
        let began = Instant::now();
        let called = survivor.call(3).await;
        assert!(began.elapsed() < Duration::from_secs(10), "the lock outlived its holder");
        let signed_out = Called { lost: 3, ..Called::default() };
        match stage {
            Stage::Looked => assert_eq!(called, good(3), "{:?}", survivor.told),
            // The only valid token died with the process: that is told, and nobody hangs.
            Stage::UnderWay | Stage::Saving => assert_eq!(called, signed_out),
            Stage::Writing if called == good(3) => saved += 1,
            Stage::Writing => {
                assert_eq!(called, signed_out);
                unsaved += 1;
            }
        }
        survivor.told.clear();
    }
    println!("{kills} kills; of those in the write {saved} came after it and {unsaved} before");
    assert!(
        std::fs::read_dir(scratch.path())
            .unwrap()
            .all(|entry| { !entry.unwrap().file_name().to_string_lossy().contains("corrupt") })
    );
}

/// Starts a process, lets it go about a refresh, and kills it.
async fn kill_at(stage: Stage, delay: Duration, server: &Server, store: &str) {
    let long = 60_000;
    let mut victim = match stage {
        Stage::Looked => Worker::pausing(server, store, "looked", long).await,
        Stage::Saving => Worker::pausing(server, store, "saving", long).await,
        Stage::Writing => Worker::pausing(server, store, "saving", 0).await,
        Stage::UnderWay => Worker::start(server, store).await,
    };
    assert_eq!(victim.call(1).await, good(1));
    server.expire_all();
    let hold = matches!(stage, Stage::UnderWay).then(|| server.hold_refresh());
    victim.say("call 3").await;
    match (stage, &hold) {
        (Stage::Looked, _) => drop(victim.hear("stage looked").await),
        (_, Some(hold)) => hold.arrived(1).await,
        _ => drop(victim.hear("stage saving").await),
    }
    if matches!(stage, Stage::Writing) {
        // Finer than a timer of tokio.
        std::thread::sleep(delay);
    }
    victim.kill().await;
    drop(hold);
    server.behave();
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
    assert_eq!(other.call(2).await, Called { lost: 2, ..Called::default() });
    assert_eq!(server.refreshes(), 0, "a token was renewed that nobody wants");
    let mut third = Worker::start(&server, &store).await;
    assert_eq!(third.call(1).await, Called { lost: 1, ..Called::default() });
}

#[tokio::test]
async fn a_process_that_comes_later_finds_the_session_and_renews_what_is_over() {
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
