//! One session on more than one runtime, on one that ends, and on none. What it does on one thread and on
//! many is the subject of the other cases here.

use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, mpsc};
use std::task::Poll;
use std::thread;
use std::time::Duration;

use crate::auth_options::GenerousClient;
use crate::support::{Told, Turned, builder, secs, tokens};
use futures::FutureExt;
use perennial::{ErrorKind, EventKind, RefreshOutcome, Result, Tokens, api_client};
use perennial_tests::{Protocol, Reply, Server};
use serde_json::{Value, json};
use tokio::runtime::{Builder, Runtime};

pub fn runtime() -> Runtime {
    Builder::new_current_thread().enable_all().build().unwrap()
}

fn threaded() -> Runtime {
    Builder::new_multi_thread().worker_threads(1).enable_all().build().unwrap()
}

/// A server on a thread of its own, which outlives every other runtime of the test.
pub fn serve(
    protocol: Protocol,
    setup: impl FnOnce(&Server) + Send + 'static,
) -> (Server, mpsc::Sender<()>) {
    let (give, take) = mpsc::channel();
    let (end, ended) = mpsc::channel::<()>();
    thread::spawn(move || {
        let runtime = threaded();
        let server = runtime.block_on(async { Server::start(protocol) });
        setup(&server);
        give.send(server).unwrap();
        // Ends with the test, which drops the other side.
        let _ = ended.recv();
    });
    (take.recv().unwrap(), end)
}

/// Goes on until this is so.
pub fn once(mut is_so: impl FnMut() -> bool) -> impl Future<Output = ()> {
    std::future::poll_fn(move |context| {
        context.waker().wake_by_ref();
        if is_so() { Poll::Ready(()) } else { Poll::Pending }
    })
}

/// How often the program heard that the server may have rotated a token.
pub fn ambiguities(told: &Told) -> usize {
    told.count(|event| matches!(event, EventKind::RotationAmbiguous { .. }))
}

#[test]
fn a_refresh_whose_response_was_lost_with_its_runtime_is_not_sent_again_silently() {
    for waits in [true, false] {
        // The server rotates the token, and does not respond.
        let (server, _end) =
            serve(Protocol::article(), |server| server.on_refresh().nth(1).never_after());
        let told = Told::default();
        let shop = builder(&server, &told).cooldown(secs(60), secs(60)).build().unwrap();
        let first = runtime();
        let issued = server.issue("ann");
        first.block_on(shop.session().login(tokens(&issued))).unwrap();
        server.expire_all();
        let leader = first.spawn(shop.order(1));
        // A request is processed after it has arrived.
        first.block_on(async {
            while server.rotations() == 0 {
                tokio::task::yield_now().await;
            }
        });
        let second = runtime();
        let waiting = waits.then(|| {
            let waiting = second.spawn(shop.order(2));
            second.block_on(told.until(|counts| counts.queued == 2));
            waiting
        });
        drop(first);
        assert!(second.block_on(leader).unwrap_err().is_cancelled());
        // A strict server ends the login of who sends a used token.
        let failed = waiting.map(|waiting| second.block_on(waiting).unwrap());
        for failed in failed.into_iter().chain([second.block_on(shop.order(3))]) {
            assert_eq!(failed.unwrap_err().kind(), ErrorKind::RefreshFailed, "{waits}");
        }
        assert_eq!((server.refreshes(), server.rotations(), server.reuses()), (1, 1, 0));
        assert_eq!((ambiguities(&told), told.counts().lost), (1, 0));
        assert!(shop.session().is_signed_in());
        let stats = shop.session().stats();
        assert_eq!((stats.waiting, stats.refreshing), (0, false));
        second.block_on(told.quiet());
    }
}

#[test]
fn a_refresh_that_was_not_sent_when_its_runtime_ended_is_started_again_by_the_next_call() {
    let (server, _end) = serve(Protocol::article(), |_| {});
    let told = Told::default();
    let shop = builder(&server, &told).build().unwrap();
    let first = runtime();
    let issued = server.issue("ann");
    first.block_on(shop.session().login(tokens(&issued))).unwrap();
    shop.session().expire_now();
    // The runtime ends before it comes to the task of the refresh.
    first.block_on(async { assert!(shop.order(1).into_future().now_or_never().is_none()) });
    assert!(shop.session().stats().refreshing);
    drop(first);
    assert_eq!(server.refreshes(), 0);
    assert_eq!(runtime().block_on(shop.order(2)).unwrap().id, 2);
    assert_eq!((server.refreshes(), server.rotations(), server.reuses()), (1, 1, 0));
    let aborted = |event: &EventKind| {
        matches!(event, EventKind::RefreshFinished { outcome: RefreshOutcome::Aborted, .. })
    };
    assert_eq!((told.count(aborted), ambiguities(&told)), (1, 0));
}

#[test]
fn within_the_grace_of_the_server_a_refresh_is_sent_again_once_after_its_runtime_has_ended() {
    for (lost, pause, refreshes) in [(1, 0, 2), (2, 0, 2), (1, 11, 1)] {
        let protocol = Protocol { grace: Some(secs(600)), ..Protocol::article() };
        let (server, _end) =
            serve(protocol, move |server| server.on_refresh().first(lost).never_after());
        let (told, clock) = (Told::default(), Turned::ahead(0));
        let shop = told.watch(GenerousClient::builder(server.origin()));
        let shop = shop.clock(clock.clone()).cooldown(secs(60), secs(60)).build().unwrap();
        let issued = server.issue("ann");
        runtime().block_on(shop.session().login(tokens(&issued))).unwrap();
        server.expire_all();
        for number in 1..=lost {
            let runtime = runtime();
            runtime.spawn(shop.fast());
            runtime.block_on(server.arrived("/refreshtoken", number));
        }
        clock.pass(secs(pause));
        let called = runtime().block_on(shop.fast());
        assert_eq!(called.is_ok(), lost + 1 == refreshes, "{lost}, {pause}: {called:?}");
        assert_eq!((server.refreshes(), server.reuses()), (refreshes, 0), "{lost}, {pause}");
        assert_eq!(ambiguities(&told), lost, "{lost}, {pause}");
        clock.pass(secs(120));
        runtime().block_on(shop.fast()).unwrap();
    }
}

#[test]
fn a_refresh_that_was_abandoned_while_its_runtime_was_blocked_is_not_sent_when_the_runtime_continues()
 {
    let (server, _end) = serve(Protocol::article(), |_| {});
    let told = Told::default();
    let [issued, next] = ["ann", "ann"].map(|user| server.issue(user));
    // A request takes a while before it leaves, as one that has to connect does.
    let (begun, sent) = (Arc::new(AtomicUsize::new(0)), Arc::new(AtomicUsize::new(0)));
    let (begins, sends) = (Arc::clone(&begun), Arc::clone(&sent));
    let shop = builder(&server, &told)
        .refresh_timeout(Duration::from_millis(50))
        .cooldown(Duration::from_millis(1), Duration::from_millis(1))
        .refresh(move |_: Option<Tokens>| {
            let (begins, sends, next) = (begins.clone(), sends.clone(), tokens(&next));
            async move {
                begins.fetch_add(1, Ordering::SeqCst);
                tokio::task::yield_now().await;
                sends.fetch_add(1, Ordering::SeqCst);
                Ok(next)
            }
        })
        .build()
        .unwrap();
    let (stalls, other) = (runtime(), runtime());
    stalls.block_on(shop.session().login(tokens(&issued))).unwrap();
    shop.session().expire_now();
    let leader = stalls.spawn(shop.order(1));
    stalls.block_on(once(|| begun.load(Ordering::SeqCst) == 1));
    assert_eq!(sent.load(Ordering::SeqCst), 0, "the runtime stalls before the request is sent");
    // A call on another runtime gives the refresh up, and a later one refreshes.
    let error = other.block_on(shop.order(2)).unwrap_err();
    assert_eq!(error.kind(), ErrorKind::RefreshFailed, "{error}");
    let until = std::time::Instant::now() + secs(20);
    while other.block_on(shop.order(3)).is_err() {
        assert!(std::time::Instant::now() < until, "the session does not recover");
    }
    assert_eq!((begun.load(Ordering::SeqCst), sent.load(Ordering::SeqCst)), (2, 1));
    stalls.block_on(leader).unwrap().unwrap_err();
    for _ in 0..100 {
        stalls.block_on(tokio::task::yield_now());
    }
    assert_eq!((begun.load(Ordering::SeqCst), sent.load(Ordering::SeqCst)), (2, 1));
    assert_eq!(other.block_on(shop.order(4)).unwrap().id, 4);
    stalls.block_on(told.quiet());
}

#[test]
fn the_response_to_an_abandoned_refresh_is_adopted_unless_another_one_was_sent() {
    let (server, _end) = serve(Protocol::article(), |_| {});
    let told = Told::default();
    let [issued, next] = ["ann", "ann"].map(|user| server.issue(user));
    let (give, response) = tokio::sync::oneshot::channel::<()>();
    let (sent, response) = (Arc::new(AtomicUsize::new(0)), Arc::new(Mutex::new(Some(response))));
    let sends = Arc::clone(&sent);
    let shop = builder(&server, &told)
        .refresh_timeout(Duration::from_millis(50))
        .cooldown(secs(60), secs(60))
        .refresh(move |_: Option<Tokens>| {
            let (sends, response, next) =
                (sends.clone(), response.lock().unwrap().take(), tokens(&next));
            async move {
                sends.fetch_add(1, Ordering::SeqCst);
                response.expect("only one refresh is sent").await.unwrap();
                Ok(next)
            }
        })
        .build()
        .unwrap();
    let (stalls, other) = (runtime(), runtime());
    stalls.block_on(shop.session().login(tokens(&issued))).unwrap();
    shop.session().expire_now();
    let leader = stalls.spawn(shop.order(1));
    stalls.block_on(once(|| sent.load(Ordering::SeqCst) == 1));
    let error = other.block_on(shop.order(2)).unwrap_err();
    assert_eq!(error.kind(), ErrorKind::RefreshFailed, "{error}");
    assert_eq!(ambiguities(&told), 1);
    // The response has been there all the time.
    let renewed = |event: &EventKind| {
        matches!(event, EventKind::RefreshFinished { outcome: RefreshOutcome::Renewed, .. })
    };
    give.send(()).unwrap();
    stalls.block_on(leader).unwrap().unwrap_err();
    stalls.block_on(once(|| !shop.session().stats().refreshing && told.count(renewed) == 1));
    assert_eq!(other.block_on(shop.order(3)).unwrap().id, 3);
    assert_eq!((sent.load(Ordering::SeqCst), told.counts().lost), (1, 0));
    stalls.block_on(told.quiet());
}

#[api_client(
    base = "/api",
    envelope(code = "code", message = "message", data = "data", ok = 0),
    auth(header = "X-Token", expired(code = 1234), renewed(header = "New-Token")),
    allow(expiry_without_refresh)
)]
pub trait Pushing {
    #[get("/fast")]
    async fn fast(&self) -> Result<Value>;
}

#[test]
fn a_pushed_token_loses_no_response_to_an_abandoned_refresh() {
    let (server, _end) = serve(Protocol::article(), |_| {});
    let [issued, pushed, next] = ["ann"; 3].map(|user| server.issue(user));
    let pushes = Reply::json(&json!({"code": 0, "message": "ok", "data": {}}));
    server.on("/fast").response(pushes.header("new-token", &pushed.access));
    let (give, response) = tokio::sync::oneshot::channel::<()>();
    let (sent, response) = (Arc::new(AtomicUsize::new(0)), Arc::new(Mutex::new(Some(response))));
    let (sends, brought) = (Arc::clone(&sent), tokens(&next).with_refresh("second"));
    let client = PushingClient::builder(server.origin())
        .refresh_timeout(Duration::from_millis(50))
        .cooldown(secs(3600), secs(3600))
        .refresh(move |_: Option<Tokens>| {
            let (sends, response, next) =
                (sends.clone(), response.lock().unwrap().take(), brought.clone());
            async move {
                sends.fetch_add(1, Ordering::SeqCst);
                response.expect("only one refresh is sent").await.unwrap();
                Ok(next)
            }
        })
        .build()
        .unwrap();
    let session = client.session();
    let access = || session.tokens().unwrap().access().to_owned();
    let (stalls, other) = (runtime(), runtime());
    stalls.block_on(session.login(tokens(&issued).with_refresh("first"))).unwrap();
    let refreshes = session.clone();
    let leader = stalls.spawn(async move { refreshes.refresh().await });
    stalls.block_on(once(|| sent.load(Ordering::SeqCst) == 1));
    other.block_on(session.refresh()).unwrap_err();
    other.block_on(client.fast()).unwrap();
    assert_eq!(access(), &*pushed.access);
    give.send(()).unwrap();
    let until = std::time::Instant::now() + secs(20);
    stalls.block_on(once(|| access() == *next.access || std::time::Instant::now() > until));
    let refresh = session.tokens().unwrap().refresh().map(str::to_owned);
    assert_eq!((access(), refresh.as_deref()), (next.access.clone(), Some("second")));
    drop(stalls.block_on(leader).unwrap());
}

#[test]
fn a_refresh_that_blocks_its_thread_delays_callers_on_other_threads_up_to_its_timeout() {
    let (server, _end) = serve(Protocol::article(), |_| {});
    let told = Told::default();
    let issued = server.issue("ann");
    let (go_on, blocked) = mpsc::channel::<()>();
    let blocked = Mutex::new(blocked);
    let shop = builder(&server, &told)
        .refresh_timeout(Duration::from_millis(50))
        .cooldown(secs(60), secs(60))
        .refresh(move |old: Option<Tokens>| {
            let _ = blocked.lock().unwrap().recv();
            std::future::ready(Ok(old.unwrap()))
        })
        .build()
        .unwrap();
    let runtime = Builder::new_multi_thread().worker_threads(3).enable_all().build().unwrap();
    runtime.block_on(shop.session().login(tokens(&issued))).unwrap();
    shop.session().expire_now();
    let calls: Vec<_> = (0..10).map(|id| runtime.spawn(shop.order(id))).collect();
    for call in calls {
        let error = runtime.block_on(call).unwrap().unwrap_err();
        assert_eq!(error.kind(), ErrorKind::RefreshFailed, "{error}");
    }
    drop(go_on);
    runtime.block_on(told.quiet());
}

#[test]
fn a_session_continues_in_the_next_runtime() {
    let (server, _end) = serve(Protocol::article(), |_| {});
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
    let (server, _end) = serve(Protocol::article(), |_| {});
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
    let (server, _end) = serve(Protocol::article(), |_| {});
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
