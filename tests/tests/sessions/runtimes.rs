//! One session on more than one runtime, on one that ends, and on none. What it does on one thread and on
//! many is the subject of the other cases here.

use std::sync::mpsc;
use std::thread;

use crate::support::{Told, builder, tokens};
use perennial::ErrorKind;
use perennial_tests::{Protocol, Server};
use tokio::runtime::{Builder, Runtime};

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
    let leader = first.spawn(shop.order(1));
    first.block_on(server.arrived("/refreshtoken", 1));
    let second = runtime();
    let waiting = second.spawn(shop.order(2));
    second.block_on(told.until(|counts| counts.queued == 2));
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
        assert_eq!(runtime.block_on(shop.order(round)).unwrap().id, round);
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
        .flat_map(|runtime| (0..20).map(|id| runtime.spawn(shop.order(id))))
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
    assert!(error.kind() == ErrorKind::RefreshFailed, "{error}");
    assert_eq!(shop.session().stats().waiting, 0);
    assert_eq!(server.requests(), 0);
    assert_eq!(runtime().block_on(shop.order(1)).unwrap().id, 1);
}
