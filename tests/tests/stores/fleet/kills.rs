//! The state of a store after the holder of its lock was killed, for every kind of store.

use std::time::Duration;

use perennial_tests::{Protocol, Server};

use super::{Worker, good, lost};

/// Where the holder of the lock is killed.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum Stage {
    /// Nothing was sent yet.
    Looked,
    /// The server has accepted the old refresh token, and its response is on the way.
    UnderWay,
    /// The new token is there, and not saved.
    Saving,
    /// Somewhere in the write, or before, or after.
    Writing,
}

impl Stage {
    pub const ALL: [Self; 4] = [Self::Looked, Self::UnderWay, Self::Saving, Self::Writing];
}

/// Kills the holder of the lock at one stage after the other. `refresh` is how many milliseconds one may
/// take, and `kept` looks whether there are tokens in the store. Says how many of those who were killed
/// in the write had saved.
///
/// A server with `grace` gives the response again that died with the holder; a strict one ends the login,
/// which is reported.
pub async fn whenever_the_holder_is_killed(
    grace: Option<Duration>,
    store: &str,
    refresh: u64,
    kills: usize,
    kept: impl AsyncFn() -> bool,
) -> usize {
    let server = Server::start(Protocol { grace, ..Protocol::article() });
    if grace.is_none() {
        // A token that was used and died with its process is presented again by the next.
        server.expect_reuse();
    }
    let mut survivor = Worker::limited(&server, store, refresh, "").await;
    let mut saved = 0;
    for kill in 0..kills {
        let stage = Stage::ALL[kill % 4];
        survivor.login(&server.issue("ann").access).await;
        let delay = Duration::from_micros((kill as u64 * 137) % 3000);
        kill_at(stage, delay, &server, store, refresh).await;
        assert!(kept().await, "killed at {stage:?}, after {delay:?}");
        let rotations = server.rotations();
        let called = survivor.call(3).await;
        let told = &survivor.told;
        match stage {
            _ if grace.is_some() => assert_eq!(called, good(3), "{stage:?}: {told:?}"),
            Stage::Looked => assert_eq!(called, good(3), "{told:?}"),
            // The only valid token died with the process: that is reported, and no call hangs.
            Stage::UnderWay | Stage::Saving => assert_eq!(called, lost(3), "{stage:?}: {told:?}"),
            Stage::Writing if called == good(3) => {}
            Stage::Writing => assert_eq!(called, lost(3), "{told:?}"),
        }
        if stage == Stage::Writing && called == good(3) && server.rotations() == rotations {
            saved += usize::from(survivor.heard("event adopted") > 0);
        }
        // It would be reported if the lock had outlived its holder.
        assert_eq!(survivor.heard("event store-failed"), 0, "{stage:?}: {:?}", survivor.told);
        survivor.told.clear();
    }
    saved
}

/// Starts a process, lets it go about a refresh, and kills it.
async fn kill_at(stage: Stage, delay: Duration, server: &Server, store: &str, refresh: u64) {
    let pause = match stage {
        Stage::Looked => "looked 60000",
        Stage::Saving => "saving 60000",
        Stage::Writing => "saving 0",
        Stage::UnderWay => "",
    };
    let mut victim = Worker::limited(server, store, refresh, pause).await;
    assert_eq!(victim.call(1).await, good(1), "{stage:?}: {:?}", victim.told);
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
