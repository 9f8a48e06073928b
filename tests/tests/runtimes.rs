//! The core of the promises on each flavour of runtime, and with more than one of them.

#![allow(missing_docs, clippy::unwrap_used, clippy::indexing_slicing)]

mod support;

use std::collections::BTreeMap;
use std::sync::mpsc;
use std::thread;
use std::time::Duration;

use perennial::ErrorKind;
use perennial_tests::{Protocol, Reply, Server};
use support::{ShopClient, Told, Who, builder, sign_in, tokens};
use tokio::runtime::{Builder, Runtime};

struct Scene {
    server: Server,
    shop: ShopClient,
    told: Told,
}

impl Scene {
    async fn new() -> Self {
        let server = Server::start(Protocol::article());
        let told = Told::default();
        let shop = builder(&server, &told).build().unwrap();
        sign_in(&server, shop.session(), "ann").await;
        Self { server, shop, told }
    }

    /// Starts so many calls, each on a task of its own.
    fn calls(
        &self,
        ids: std::ops::Range<u64>,
    ) -> Vec<tokio::task::JoinHandle<perennial::Result<support::Order>>> {
        ids.map(|id| tokio::spawn(self.shop.order(id).into_future())).collect()
    }
}

async fn a_hundred_expired_calls_make_one_refresh() {
    let scene = Scene::new().await;
    scene.server.expire_all();
    for (id, call) in (0..100).zip(scene.calls(0..100)) {
        assert_eq!(call.await.unwrap().unwrap().id, id);
    }
    assert_eq!((scene.server.refreshes(), scene.server.reuses()), (1, 0));
    let mut sends = BTreeMap::new();
    for request in scene.server.recorded() {
        *sends.entry(request.path).or_insert(0) += 1;
    }
    assert!(sends.values().all(|sends| *sends <= 2), "{sends:?}");
    assert_eq!(scene.server.expiries() as u64, scene.shop.session().stats().replays);
}

async fn a_failed_refresh_fails_everybody_with_one_error() {
    let scene = Scene::new().await;
    scene.server.expire_all();
    let hold = scene.server.on_refresh().hold_back();
    scene.server.on_refresh().answer(Reply::status(500));
    let calls = scene.calls(0..10);
    hold.arrived(1).await;
    scene.told.until(|counts| counts.held == 10).await;
    hold.release();
    for call in calls {
        assert_eq!(call.await.unwrap().unwrap_err().kind(), ErrorKind::RefreshFailed);
    }
    // A call that started during the refresh was never sent, and none was repeated.
    assert_eq!(scene.server.refreshes(), 1);
    assert!(scene.server.sends() <= 10);
    assert!(scene.shop.session().is_signed_in());
}

async fn a_dropped_leader_takes_nothing_along() {
    let scene = Scene::new().await;
    scene.server.expire_all();
    let hold = scene.server.hold_refresh();
    let leader = tokio::spawn(scene.shop.order(0).into_future());
    hold.arrived(1).await;
    let waiting = scene.calls(1..10);
    scene.told.until(|counts| counts.held == 10).await;
    leader.abort();
    assert!(leader.await.unwrap_err().is_cancelled());
    hold.release();
    for call in waiting {
        call.await.unwrap().unwrap();
    }
    assert_eq!((scene.server.refreshes(), scene.server.count("/orders/0")), (1, 1));
}

async fn a_logout_during_a_refresh_stays() {
    let scene = Scene::new().await;
    scene.server.expire_all();
    let hold = scene.server.hold_refresh();
    let calls = scene.calls(0..5);
    hold.arrived(1).await;
    scene.told.until(|counts| counts.held == 5).await;
    scene.shop.session().logout().await.unwrap();
    for call in calls {
        assert!(call.await.unwrap().unwrap_err().is_session_changed());
    }
    hold.release();
    scene.told.quiet().await;
    assert!(scene.shop.session().tokens().is_none());
    assert!(scene.server.sends() <= 5);
    assert_eq!(scene.server.rotations(), 1);
}

async fn a_login_during_a_refresh_keeps_the_users_apart() {
    let scene = Scene::new().await;
    scene.server.expire_all();
    let hold = scene.server.hold_refresh();
    let calls = scene.calls(0..5);
    hold.arrived(1).await;
    scene.told.until(|counts| counts.held == 5).await;
    scene.shop.login(&Who { user: "bob", password: "right" }).await.unwrap();
    for call in calls {
        assert!(call.await.unwrap().unwrap_err().is_session_changed());
    }
    hold.release();
    scene.told.quiet().await;
    scene.shop.order(9).await.unwrap();
    assert_eq!(scene.server.recorded_on("/orders/9")[0].user(), Some("bob"));
    assert!(scene.server.sends() <= 6);
}

async fn a_late_answer_to_the_old_token_is_repeated_without_a_refresh() {
    let scene = Scene::new().await;
    scene.server.expire_all();
    let late = scene.server.hold("/slow");
    let slow = tokio::spawn(scene.shop.slow().into_future());
    late.arrived(1).await;
    scene.shop.order(1).await.unwrap();
    late.release();
    slow.await.unwrap().unwrap();
    assert_eq!((scene.server.refreshes(), scene.server.count("/slow")), (1, 2));
}

async fn waves_of_expiries_renew_once_each() {
    let scene = Scene::new().await;
    for wave in 1..=10 {
        scene.server.expire_all();
        for call in scene.calls(0..20) {
            call.await.unwrap().unwrap();
        }
        assert_eq!((scene.server.refreshes(), scene.server.reuses()), (wave, 0));
    }
    scene.told.quiet().await;
    let (stats, told) = (scene.shop.session().stats(), scene.told.counts());
    assert_eq!((stats.refreshes, told.started, told.finished), (10, 10, 10));
    assert_eq!((stats.replays, told.replayed), (scene.server.expiries() as u64, stats.replays));
    assert_eq!((stats.waiting, stats.refreshing), (0, false));
}

macro_rules! on_each_flavour {
    ($($case:ident),* $(,)?) => {
        mod current_thread {
            $(
                #[tokio::test(flavor = "current_thread")]
                async fn $case() {
                    super::$case().await;
                }
            )*
        }

        mod multi_thread {
            $(
                #[tokio::test(flavor = "multi_thread", worker_threads = 4)]
                async fn $case() {
                    super::$case().await;
                }
            )*
        }
    };
}

on_each_flavour!(
    a_hundred_expired_calls_make_one_refresh,
    a_failed_refresh_fails_everybody_with_one_error,
    a_dropped_leader_takes_nothing_along,
    a_logout_during_a_refresh_stays,
    a_login_during_a_refresh_keeps_the_users_apart,
    a_late_answer_to_the_old_token_is_repeated_without_a_refresh,
    waves_of_expiries_renew_once_each,
);

fn runtime() -> Runtime {
    Builder::new_current_thread().enable_all().build().unwrap()
}

fn threaded() -> Runtime {
    Builder::new_multi_thread().worker_threads(1).enable_all().build().unwrap()
}

/// A server on a thread of its own, which outlives every other runtime of the test.
fn serve(setup: impl FnOnce(&Server) + Send + 'static) -> (Server, mpsc::Sender<()>) {
    let (give, take) = mpsc::channel();
    let (end, ended) = mpsc::channel::<()>();
    thread::spawn(move || {
        let runtime = threaded();
        let server = runtime.block_on(async { Server::start(Protocol::article()) });
        setup(&server);
        give.send(server).unwrap();
        // Ends with the test, which drops the other side.
        let _ = ended.recv();
    });
    (take.recv().unwrap(), end)
}

#[test]
fn a_runtime_that_ends_in_mid_refresh_does_not_strand_the_calls_of_another() {
    // The first refresh is never answered, and nothing is spent.
    let (server, _end) = serve(|server| server.on_refresh().nth(1).never());
    let told = Told::default();
    let shop = builder(&server, &told).build().unwrap();
    let first = runtime();
    let issued = server.issue("ann");
    first.block_on(shop.session().login(tokens(&issued))).unwrap();
    server.expire_all();
    let leader = first.spawn(shop.order(1).into_future());
    first.block_on(server.arrived("/refreshtoken", 1));
    let second = runtime();
    let waiting = second.spawn(shop.order(2).into_future());
    second.block_on(told.until(|counts| counts.held == 2));
    drop(first);
    // Its flight is lost with it; the waiting call starts the next.
    assert_eq!(second.block_on(waiting).unwrap().unwrap().id, 2);
    assert!(second.block_on(leader).unwrap_err().is_cancelled());
    assert_eq!((server.refreshes(), server.rotations(), server.reuses()), (2, 1, 0));
    let stats = shop.session().stats();
    assert_eq!((stats.waiting, stats.refreshing), (0, false));
    second.block_on(told.quiet());
}

#[test]
fn a_session_goes_on_in_the_next_runtime() {
    let (server, _end) = serve(|_| {});
    let shop = builder(&server, &Told::default()).build().unwrap();
    let issued = server.issue("ann");
    runtime().block_on(shop.session().login(tokens(&issued))).unwrap();
    for round in 1..=3 {
        server.expire_all();
        let runtime = runtime();
        assert_eq!(runtime.block_on(shop.order(round).into_future()).unwrap().id, round);
        drop(runtime);
    }
    assert_eq!((server.refreshes(), server.reuses()), (3, 0));
}

#[test]
fn two_runtimes_share_the_refresh_of_one_session() {
    let (server, _end) = serve(|_| {});
    let shop = builder(&server, &Told::default()).build().unwrap();
    let issued = server.issue("ann");
    runtime().block_on(shop.session().login(tokens(&issued))).unwrap();
    server.expire_all();
    let hold = server.hold_refresh();
    // A connection lives in the runtime that made it, so that none may end before all are done.
    let runtimes: Vec<Runtime> = (0..2).map(|_| threaded()).collect();
    let calls: Vec<_> = runtimes
        .iter()
        .flat_map(|runtime| (0..20).map(|id| runtime.spawn(shop.order(id).into_future())))
        .collect();
    runtime().block_on(hold.arrived(1));
    hold.release();
    for call in calls {
        runtimes[0].block_on(call).unwrap().unwrap();
    }
    assert_eq!((server.refreshes(), server.reuses()), (1, 0));
}

#[test]
fn a_call_outside_of_tokio_ends_with_an_error_and_leaves_the_session_usable() {
    let (server, _end) = serve(|_| {});
    let shop = builder(&server, &Told::default()).build().unwrap();
    let issued = server.issue("ann");
    futures::executor::block_on(shop.session().login(tokens(&issued))).unwrap();
    // The flight cannot be spawned where there is no runtime.
    let error = futures::executor::block_on(shop.session().refresh()).unwrap_err();
    assert!(error.is_refresh_failed(), "{error}");
    assert_eq!(shop.session().stats().waiting, 0);
    assert_eq!(server.requests(), 0);
    assert_eq!(runtime().block_on(shop.order(1).into_future()).unwrap().id, 1);
}

#[tokio::test(start_paused = true)]
async fn a_refresh_that_never_answers_ends_with_its_time() {
    let scene = Scene::new().await;
    scene.server.expire_all();
    scene.server.on_refresh().never();
    let calls = scene.calls(0..5);
    for call in calls {
        assert!(call.await.unwrap().unwrap_err().is_refresh_failed());
    }
    assert_eq!(scene.server.refreshes(), 1);
    assert!(!scene.shop.session().stats().refreshing);
    tokio::time::advance(Duration::from_secs(1)).await;
}
