//! Faults that were found from outside: permits, hooks, runtimes, endpoints that no token helps.

use std::sync::{Arc, Mutex, OnceLock};
use std::time::{Duration, SystemTime};

use futures::executor::block_on;
use futures::{FutureExt, poll};
use perennial::system::Clock;
use perennial::{BoxFuture, ErrorKind, EventKind, Result, Tokens, api_client};
use perennial_tests::{Protocol, Reply, Server};
use serde_json::{Value, json};

use crate::support::{ShopClient, SignedIn, Turned, World, cases, secs, timed, tokens};

#[api_client(
    base = "/api",
    envelope(code = "code", message = "message", data = "data", ok = 0),
    auth(header = "X-Token", expired(code = 1234)),
    retry(1, on = [503], backoff = "1h..1h")
)]
pub trait Patient {
    #[post("/refreshtoken", refresh)]
    async fn refresh(&self) -> Result<Tokens>;
    #[get("/fast")]
    async fn fast(&self) -> Result<Value>;
    #[get("/slow")]
    async fn slow(&self) -> Result<Value>;
}

/// The cooldown is the time for which an endpoint is remembered. A loaded machine must not let it pass.
async fn long_cooldown() -> World {
    World::with(|it| it.cooldown(secs(3600), secs(3600))).await
}

cases! {
    async fn a_released_call_that_is_not_polled_blocks_no_other() {
        let world = World::with(|it| it.replay_concurrency(1)).await;
        world.session().expire_now();
        let refresh = world.server.hold_refresh();
        let mut first = Box::pin(world.shop.slow());
        while world.session().stats().waiting == 0 {
            assert!(poll!(&mut first).is_pending());
            tokio::task::yield_now().await;
        }
        let second = tokio::spawn(world.shop.fast());
        world.waiting(2).await;
        refresh.release();
        second.await.unwrap().unwrap();
        assert_eq!(world.server.count("/slow"), 0);
        // It takes another permit when it is polled again.
        first.await.unwrap();
    }

    async fn a_call_that_is_no_longer_polled_after_it_was_sent_blocks_no_other() {
        let world = World::with(|it| it.replay_concurrency(1)).await;
        world.session().expire_now();
        let refresh = world.server.hold_refresh();
        let mut first = Box::pin(world.shop.slow());
        while world.session().stats().waiting == 0 {
            assert!(poll!(&mut first).is_pending());
            tokio::task::yield_now().await;
        }
        let second = tokio::spawn(world.shop.fast());
        world.waiting(2).await;
        let slow = world.server.on("/slow").hold();
        refresh.release();
        while slow.count() == 0 {
            assert!(poll!(&mut first).is_pending());
            tokio::task::yield_now().await;
        }
        // Its response arrives, and it is not polled to take it.
        slow.release();
        second.await.unwrap().unwrap();
        first.await.unwrap();
    }

    async fn a_hook_that_calls_its_own_client_gets_an_error_already_at_the_first_event() {
        let server = Server::start(Protocol::article());
        let (later, seen) = (Arc::new(OnceLock::<ShopClient>::new()), Arc::default());
        let (client, outcomes) = (Arc::clone(&later), Arc::<Mutex<Vec<_>>>::clone(&seen));
        let shop = ShopClient::builder(server.origin()).on_event(move |event| {
            let waits = matches!(
                event.kind,
                EventKind::RefreshStarted { .. } | EventKind::Queued { .. }
            );
            if let Some(client) = client.get().filter(|_| waits) {
                let outcome = block_on(client.fast());
                outcomes.lock().unwrap().push(outcome.map_err(|error| error.kind()));
            }
        });
        let shop = shop.build().unwrap();
        shop.session().login(tokens(&server.issue("ann"))).await.unwrap();
        server.expire_all();
        later.set(shop.clone()).unwrap();
        shop.order(1).await.unwrap();
        let seen = seen.lock().unwrap();
        assert!(!seen.is_empty());
        // One on another thread may come when the refresh is over, and then goes out.
        let reentrant = Err(ErrorKind::ReentrantRefresh);
        assert!(seen.iter().all(|it| *it == reentrant || it.is_ok()), "{seen:?}");
    }

    async fn a_logout_that_is_dropped_still_signs_out() {
        let world = World::new().await;
        world.server.on("/logout").never();
        let mut logout = Box::pin(world.shop.logout());
        while world.server.count("/logout") == 0 {
            assert!(poll!(&mut logout).is_pending());
            tokio::task::yield_now().await;
        }
        assert!(world.session().is_signed_in());
        drop(logout);
        assert!(!world.session().is_signed_in());
        assert_eq!(world.access(), None);
        assert_eq!(world.shop.fast().await.unwrap_err().kind(), ErrorKind::SignedOut);
    }

    async fn a_logout_that_fails_still_signs_out() {
        let broken = Reply::json(&json!({"code": 5000, "message": "sorry", "data": {}}));
        for reply in [Reply::status(500), Reply::html(), broken] {
            let world = World::new().await;
            world.server.on("/logout").response(reply);
            world.shop.logout().await.unwrap_err();
            assert!(!world.session().is_signed_in());
            assert_eq!(world.shop.fast().await.unwrap_err().kind(), ErrorKind::SignedOut);
        }
    }

    async fn a_logout_that_was_never_sent_changes_nothing() {
        let world = World::new().await;
        drop(world.shop.logout());
        assert!(world.session().is_signed_in());
    }

    async fn an_endpoint_that_rejects_every_token_costs_one_refresh() {
        let world = long_cooldown().await;
        world.shop.fast().await.unwrap();
        let over = json!({"code": 1234, "message": "no right to this", "data": {}});
        world.server.on("/slow").response(Reply::json(&over));
        for _ in 0..12 {
            let error = world.shop.slow().await.unwrap_err();
            assert_eq!(error.kind(), ErrorKind::Expired, "{error}");
            world.shop.fast().await.unwrap();
        }
        assert_eq!(world.server.refreshes(), 1);
        // The token expires for all, and is renewed for the other.
        world.server.expire_all();
        world.shop.fast().await.unwrap();
        assert_eq!(world.server.refreshes(), 2);
    }

    async fn an_endpoint_that_rejects_every_token_costs_one_refresh_though_nothing_was_accepted_before() {
        let world = long_cooldown().await;
        let over = json!({"code": 1234, "message": "no right to this", "data": {}});
        world.server.on("/slow").response(Reply::json(&over));
        for _ in 0..12 {
            let error = world.shop.slow().await.unwrap_err();
            assert_eq!(error.kind(), ErrorKind::Expired, "{error}");
        }
        assert_eq!(world.wire(), (1, 13));
        world.server.expire_all();
        world.shop.fast().await.unwrap();
        assert_eq!(world.server.refreshes(), 2);
    }

    async fn after_a_replay_that_came_back_expired_an_endpoint_gets_a_refresh_after_a_pause_or_with_others() {
        let world = long_cooldown().await;
        world.server.always_expired(true);
        assert_eq!(world.shop.fast().await.unwrap_err().attempts(), 2);
        world.server.always_expired(false);
        world.server.expire_all();
        for _ in 0..3 {
            let error = world.shop.fast().await.unwrap_err();
            assert_eq!((error.kind(), error.attempts()), (ErrorKind::Expired, 1), "{error}");
        }
        assert_eq!(world.server.refreshes(), 1);
        world.session().refresh().await.unwrap();
        world.shop.fast().await.unwrap();
        assert_eq!(world.server.refreshes(), 2);

        // Without a pause the next expiry is renewed.
        let world = World::with(|it| it.cooldown(secs(0), secs(0))).await;
        world.server.always_expired(true);
        assert_eq!(world.shop.fast().await.unwrap_err().attempts(), 2);
        world.server.always_expired(false);
        world.server.expire_all();
        world.shop.fast().await.unwrap();
        assert_eq!(world.server.refreshes(), 2);
    }
}

timed! {
    async fn a_call_that_pauses_before_a_retry_gives_its_permit_up() {
        let server = Server::start(Protocol::article());
        let shop = PatientClient::signed_in_with(&server, |it| it.replay_concurrency(1)).await;
        shop.session().expire_now();
        let refresh = server.hold_refresh();
        server.on("/slow").first(1).response(Reply::status(503));
        let first = tokio::spawn(shop.slow());
        refresh.arrived(1).await;
        let second = tokio::spawn(shop.fast());
        while shop.session().stats().waiting < 2 {
            tokio::task::yield_now().await;
        }
        let before = tokio::time::Instant::now();
        refresh.release();
        second.await.unwrap().unwrap();
        assert!(before.elapsed() < secs(1800), "it waited for the pause of the other");
        first.await.unwrap().unwrap();
        assert_eq!(server.count("/slow"), 2);
    }
}

#[test]
fn a_refresh_on_a_runtime_that_is_not_driven_is_abandoned_after_its_timeout() {
    let on_one_thread =
        || tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
    let (server_runs, idle, driven) = (
        tokio::runtime::Builder::new_multi_thread().worker_threads(1).enable_all().build().unwrap(),
        on_one_thread(),
        on_one_thread(),
    );
    let server = server_runs.block_on(async { Server::start(Protocol::article()) });
    server.on_refresh().first(1).never();
    let http = reqwest::Client::builder().pool_max_idle_per_host(0).no_proxy();
    let clock = Turned::ahead(0);
    let shop = ShopClient::builder(server.origin()).http(http).clock(clock.clone());
    let shop = shop.refresh_timeout(secs(1)).cooldown(secs(60), secs(60)).build().unwrap();
    driven.block_on(shop.session().login(tokens(&server.issue("ann")))).unwrap();
    server.expire_all();
    let leader = idle.spawn(shop.order(1));
    idle.block_on(server.arrived("/refreshtoken", 1));
    // Nothing drives the refresh from here on. It may take a second.
    let limited = async { tokio::time::timeout(secs(20), shop.order(2)).await };
    let called = driven.block_on(limited);
    let error = called.expect("the call waited for more than the refresh may take").unwrap_err();
    assert_eq!(error.kind(), ErrorKind::RefreshFailed, "{error}");
    // The server may have rotated the token: it is not sent again before the cooldown has passed.
    driven.block_on(shop.order(3)).unwrap_err();
    assert_eq!(server.refreshes(), 1);
    clock.pass(secs(120));
    driven.block_on(shop.order(4)).unwrap();
    assert_eq!(server.refreshes(), 2);
    drop(leader);
    assert!(shop.session().logout().now_or_never().unwrap().is_ok());
}

/// A clock that notes how long is slept.
struct Noting {
    clock: Turned,
    slept: Arc<Mutex<Vec<Duration>>>,
}

impl Clock for Noting {
    fn now(&self) -> Duration {
        self.clock.now()
    }

    fn wall(&self) -> SystemTime {
        self.clock.wall()
    }

    fn sleep(&self, duration: Duration) -> BoxFuture<'static, ()> {
        self.slept.lock().unwrap().push(duration);
        self.clock.sleep(duration)
    }
}

#[test]
fn a_call_does_not_wait_again_for_a_refresh_that_has_stalled_for_as_long_as_it_may_take() {
    let server_runs =
        tokio::runtime::Builder::new_multi_thread().worker_threads(1).enable_all().build().unwrap();
    let [idle, driven] = [(); 2]
        .map(|()| tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap());
    let server = server_runs.block_on(async { Server::start(Protocol::article()) });
    server.on_refresh().first(1).never();
    let (clock, slept) = (Turned::ahead(0), Arc::<Mutex<Vec<_>>>::default());
    let noting = Noting { clock: clock.clone(), slept: Arc::clone(&slept) };
    let http = reqwest::Client::builder().pool_max_idle_per_host(0).no_proxy();
    let shop = ShopClient::builder(server.origin()).http(http).clock(noting);
    let shop = shop.refresh_timeout(secs(20)).build().unwrap();
    driven.block_on(shop.session().login(tokens(&server.issue("ann")))).unwrap();
    server.expire_all();
    let leader = idle.spawn(shop.order(1));
    idle.block_on(server.arrived("/refreshtoken", 1));
    clock.pass(secs(21));
    slept.lock().unwrap().clear();
    let error = driven.block_on(shop.order(2)).unwrap_err();
    assert_eq!(error.kind(), ErrorKind::RefreshFailed, "{error}");
    assert_eq!(*slept.lock().unwrap(), [Duration::from_millis(500)]);
    drop(leader);
}
