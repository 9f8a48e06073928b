//! The settings of a user: bounds, layers, keys, runtimes.

use futures::future::join_all;
use perennial::layer::{Attempt, HttpRequest};
use perennial::system::Spawn;
use perennial::{BoxFuture, ErrorKind, Phase};
use perennial_tests::Reply;
use serde_json::json;
use tower::util::MapRequestLayer;

use crate::support::{World, cases, secs, timed};

cases! {
    async fn a_full_queue_rejects_further_calls() {
        let world = World::with(|builder| builder.queue_limit(2)).await;
        world.server.expire_all();
        let hold = world.server.hold_refresh();
        let first = tokio::spawn(world.shop.fast());
        hold.arrived(1).await;
        let second = tokio::spawn(world.shop.slow());
        world.waiting(2).await;
        let error = world.shop.order(7).await.unwrap_err();
        assert_eq!(error.kind(), ErrorKind::QueueFull);
        assert_eq!(world.server.count("/orders/7"), 0);
        hold.release();
        first.await.unwrap().unwrap();
        second.await.unwrap().unwrap();
        world.shop.order(7).await.unwrap();
    }

    async fn replays_are_sent_a_few_at_a_time_if_configured() {
        let world = World::with(|it| it.replay_concurrency(3)).await;
        world.server.expire_all();
        let first = world.server.on("/orders/{id}").first(12).hold();
        let calls: Vec<_> =
            (0..12).map(|id| tokio::spawn(world.shop.order(id))).collect();
        first.arrived(12).await;
        let repeats = world.server.on("/orders/{id}").hold();
        // Only those who wait take turns: a late response is repeated at once.
        let refresh = world.server.hold_refresh();
        first.release();
        world.waiting(12).await;
        refresh.release();
        repeats.arrived(3).await;
        // Time for a fourth to come, if one were let go.
        tokio::time::sleep(std::time::Duration::from_millis(50)).await;
        assert_eq!(repeats.count(), 3);
        repeats.release_one();
        repeats.arrived(4).await;
        repeats.release();
        assert!(join_all(calls).await.into_iter().all(|call| call.unwrap().is_ok()));
        assert_eq!(world.server.refreshes(), 1);
    }

    async fn a_response_beyond_the_limit_is_abandoned() {
        let world = World::with(|builder| builder.body_limit(10_000)).await;
        world.server.on("/fast").response(Reply::zeros(1 << 30));
        let error = world.shop.fast().await.unwrap_err();
        assert_eq!(error.kind(), ErrorKind::TooLarge, "{error}");
        let long = json!({"code": 0, "message": "ok", "data": "x".repeat(20_000)});
        world.server.on("/slow").response(Reply::json(&long));
        assert_eq!(world.shop.slow().await.unwrap_err().kind(), ErrorKind::TooLarge);
        world.shop.order(7).await.unwrap();
    }

    async fn unreadable_responses_are_errors_and_leave_the_session() {
        for reply in [
            Reply::html(),
            Reply::text("application/json", "{\"code\":0,\"data\":"),
            Reply::text("application/json", "[".repeat(100_000)),
            Reply::text("application/json", vec![0xff, 0xfe]),
            Reply::text("application/json", ""),
            Reply::json(&json!({"code": 0, "message": "ok", "data": {"id": "seven"}})),
            Reply::broken("{\"code\":0", 100),
            Reply::status(500),
        ] {
            let world = World::new().await;
            world.server.on("/orders/{id}").first(1).response(reply.clone());
            let error = world.shop.order(7).await.unwrap_err();
            assert!(error.kind() != ErrorKind::Expired && error.kind() != ErrorKind::SessionLost, "{reply:?}: {error}");
            world.shop.order(7).await.unwrap();
            assert_eq!(world.server.refreshes(), 0, "{reply:?}");
        }
    }

    async fn a_layer_sees_each_attempt_and_knows_the_call() {
        let layer = MapRequestLayer::new(|mut request: HttpRequest| {
            if let Some(Attempt { call, number, .. }) = request.extensions().get().copied() {
                let told = format!("{call}/{number}");
                request.headers_mut().insert("x-attempt", told.parse().unwrap());
            }
            request
        });
        let world = World::with(|builder| builder.layer(layer)).await;
        world.server.expire_all();
        world.shop.fast().await.unwrap();
        world.shop.slow().await.unwrap();
        let told = |route: &str| {
            let sends = world.server.recorded_on(route);
            sends.iter().map(|one| one.header("x-attempt").unwrap().to_owned()).collect::<Vec<_>>()
        };
        let fast = told("/fast");
        let call = fast[0].strip_suffix("/1").unwrap();
        assert_eq!(fast, [format!("{call}/1"), format!("{call}/2")]);
        assert_ne!(told("/slow"), [format!("{call}/1")]);
    }

    async fn a_refresh_that_ended_with_its_runtime_is_tried_again_after_the_cooldown() {
        // A pooled connection lives on the runtime that opened it, which is reqwest's own matter.
        let http = reqwest::Client::builder().pool_max_idle_per_host(0).no_proxy();
        let world = World::with(|it| it.http(http).cooldown(secs(60), secs(60))).await;
        world.server.expire_all();
        world.server.on_refresh().first(1).never();
        let other = tokio::runtime::Builder::new_multi_thread().enable_all().build().unwrap();
        let leader = other.spawn(world.shop.fast());
        world.server.arrived(world.server.protocol().refresh, 1).await;
        let waiter = tokio::spawn(world.shop.slow());
        world.waiting(2).await;
        other.shutdown_background();
        assert!(leader.await.is_err());
        assert_eq!(waiter.await.unwrap().unwrap_err().kind(), ErrorKind::RefreshFailed);
        assert_eq!(world.server.refreshes(), 1);
        world.clock.pass(secs(120));
        world.shop.slow().await.unwrap();
        assert_eq!(world.server.refreshes(), 2);
    }
}

timed! {
    async fn calls_may_go_out_with_the_old_token_while_it_is_renewed_early() {
        for (sends, generation) in [(true, 2), (false, 3)] {
            let world = World::with(|it| it.send_during_refresh(sends)).await;
            world.server.live_for(secs(100));
            world.session().refresh().await.unwrap();
            tokio::time::sleep(secs(92)).await;
            let hold = world.server.hold_refresh();
            let first = tokio::spawn(world.shop.fast());
            hold.arrived(1).await;
            let second = tokio::spawn(world.shop.slow());
            tokio::time::sleep(secs(1)).await;
            assert_eq!(world.server.count("/slow"), usize::from(sends));
            hold.release();
            first.await.unwrap().unwrap();
            second.await.unwrap().unwrap();
            assert_eq!(world.server.generations("/slow")[0], Some(generation));
        }
    }

    async fn a_call_that_waits_for_a_permit_keeps_its_own_timeout() {
        let world = World::with(|it| it.replay_concurrency(1)).await;
        world.server.expire_all();
        let refresh = world.server.hold_refresh();
        let first = tokio::spawn(world.shop.slow());
        world.waiting(1).await;
        let second = tokio::spawn(world.shop.fast().timeout(secs(2)));
        let third = tokio::spawn(world.shop.order(3));
        world.waiting(3).await;
        let repeat = world.server.on("/slow").hold();
        refresh.release();
        repeat.arrived(1).await;
        let error = second.await.unwrap().unwrap_err();
        assert_eq!(error.kind(), ErrorKind::Timeout(Phase::Refresh), "{error}");
        assert!(!third.is_finished());
        repeat.release();
        first.await.unwrap().unwrap();
        third.await.unwrap().unwrap();
        assert_eq!((world.server.count("/fast"), world.server.refreshes()), (0, 1));
    }

    async fn a_refresh_has_the_configured_timeout() {
        let world = World::with(|it| it.refresh_timeout(secs(2))).await;
        world.server.expire_all();
        world.server.on_refresh().never();
        let before = tokio::time::Instant::now();
        assert!(world.shop.fast().await.unwrap_err().kind() == ErrorKind::RefreshFailed);
        assert_eq!(before.elapsed().as_secs(), 2);
    }

    async fn a_call_whose_refresh_is_dropped_is_not_sent_again_with_the_same_token() {
        struct Ended;
        impl Spawn for Ended {
            fn spawn(&self, task: BoxFuture<'static, ()>) -> Result<(), BoxFuture<'static, ()>> {
                drop(task);
                Ok(())
            }
        }
        let world = World::with(|builder| builder.spawner(Ended)).await;
        world.server.expire_all();
        let (one, other) =
            futures::join!(world.shop.fast(), world.shop.order(1));
        for error in [one.unwrap_err(), other.unwrap_err()] {
            assert!(error.kind() == ErrorKind::RefreshFailed, "{error}");
            assert_eq!((error.attempts(), error.session()), (1, Some(world.session().id())));
        }
        assert_eq!(world.wire(), (0, 2));
        assert_eq!(world.told.counts().replayed, 0);
        assert!(world.session().is_signed_in());
    }
}
