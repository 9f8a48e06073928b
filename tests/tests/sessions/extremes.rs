//! Times that make no sense, and clocks that nobody should have.

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::{Duration, SystemTime, UNIX_EPOCH};

use perennial::system::Clock;
use perennial::{BoxFuture, ErrorKind};
use perennial_tests::{Protocol, Reply, Server};
use serde_json::json;

use crate::support::{Told, World, builder, cases, lasting, secs, timed, tokens};

/// A clock that runs backwards, a million seconds before 1970.
struct Backward(AtomicU64);

impl Clock for Backward {
    fn now(&self) -> Duration {
        secs(self.0.fetch_sub(1, Ordering::SeqCst))
    }

    fn wall(&self) -> SystemTime {
        UNIX_EPOCH - secs(1_000_000)
    }

    fn sleep(&self, duration: Duration) -> BoxFuture<'static, ()> {
        Box::pin(tokio::time::sleep(duration))
    }
}

cases! {
    async fn an_endless_limit_is_none() {
        let world = World::with(|it| it.refresh_timeout(Duration::MAX)).await;
        for limit in [Duration::MAX, secs(u64::MAX)] {
            world.server.expire_all();
            world.shop.order(1).timeout(limit).await.unwrap();
        }
        assert_eq!(world.server.refreshes(), 2);
    }

    async fn a_call_with_a_timeout_of_zero_fails_unsent() {
        let world = World::new().await;
        let error = world.shop.order(1).timeout(Duration::ZERO).await.unwrap_err();
        assert!(error.is_timeout() && error.attempts() == 0, "{error}");
        assert_eq!(world.server.requests(), 0);
    }

    async fn tokens_of_any_lifetime_are_used() {
        let world = World::new().await;
        let lifetimes = [0, 1, u64::MAX].map(Duration::from_nanos);
        let far = secs(1 << 40);
        let ends = [UNIX_EPOCH, UNIX_EPOCH - secs(1), UNIX_EPOCH - far, UNIX_EPOCH + far];
        let all = lifetimes.into_iter().chain([secs(u64::MAX), Duration::MAX]);
        let all = all.map(|it| tokens(&world.server.issue("ann")).expires_in(it)).chain(
            ends.into_iter().map(|it| tokens(&world.server.issue("ann")).expires_at(it)),
        );
        for tokens in all.collect::<Vec<_>>() {
            let shown = format!("{tokens:?}");
            world.session().login(tokens).await.unwrap();
            assert!(world.shop.order(1).await.is_ok(), "{shown}");
        }
    }

    async fn lifetimes_in_any_form_cost_no_token_and_no_storm() {
        let values = [
            json!(0), json!(-1), json!(i64::MIN), json!(u64::MAX), json!(1e300), json!(-1e300),
            json!(0.5), json!("NaN"), json!(""), json!("18446744073709551616"), json!({}), json!([1]),
            json!("9999-99-99 99:99:99"), json!("0000/00/00 00:00:00"), json!("2030/10/30 23:59:60"),
        ];
        for name in ["expires_in", "expires_in_ms", "expires_at", "expiresTime", "exp"] {
            for value in &values {
                let world = World::expired().await;
                let told = value.clone();
                world.server.on_refresh().edit(move |response| response["data"][name] = told.clone());
                for id in 1..=2 {
                    assert!(world.shop.order(id).await.is_ok(), "{name}: {value}");
                }
                assert!(world.server.refreshes() <= 2, "{name}: {value}");
            }
        }
    }

    async fn an_empty_refresh_token_keeps_the_old_one() {
        for value in [json!(""), json!(null), json!(false), json!([]), json!({})] {
            let world = World::new().await;
            let old = tokens(&world.server.issue("ann")).with_refresh("the-old-one");
            world.session().login(old).await.unwrap();
            world.server.expire_all();
            let told = value.clone();
            let edit = move |response: &mut serde_json::Value| {
                response["data"]["refresh_token"] = told.clone();
            };
            world.server.on_refresh().edit(edit);
            world.shop.order(1).await.unwrap();
            assert_eq!(world.session().tokens().unwrap().refresh(), Some("the-old-one"), "{value}");
        }
    }

    async fn an_integer_as_refresh_token_is_its_digits() {
        let world = World::expired().await;
        world.server.on_refresh().edit(|response: &mut serde_json::Value| {
            response["data"]["refresh_token"] = json!(9_007_199_254_740_993_u64);
        });
        world.shop.order(1).await.unwrap();
        assert_eq!(world.session().tokens().unwrap().refresh(), Some("9007199254740993"));
    }

    async fn a_clock_before_1970_that_runs_backwards_is_accepted() {
        let server = Server::start(Protocol::article());
        let clock = Backward(AtomicU64::new(1_000_000));
        let shop = builder(&server, &Told::default()).clock(clock).build().unwrap();
        shop.session().login(lasting(&server.issue("ann"))).await.unwrap();
        for id in 0..5 {
            server.expire_all();
            shop.order(id).timeout(secs(50)).await.unwrap();
        }
        server.expire_all();
        server.on_refresh().first(1).response(Reply::status(503));
        assert!(shop.order(1).await.unwrap_err().kind() == ErrorKind::RefreshFailed);
    }
}

timed! {
    async fn a_wait_of_any_length_ends_after_five_minutes() {
        let waits = [
            "18446744073709551615", "99999999999999999999999", "-1", "1e9", "soon",
            "Fri, 31 Dec 9999 23:59:59 GMT", "Thu, 01 Jan 1970 00:00:00 GMT",
        ];
        for wait in waits {
            let world = World::expired().await;
            let later = Reply::status(429).header("retry-after", wait);
            world.server.on_refresh().first(1).response(later);
            assert!(world.shop.order(1).await.unwrap_err().kind() == ErrorKind::RefreshFailed, "{wait}");
            tokio::time::sleep(secs(301)).await;
            assert!(world.shop.order(1).await.is_ok(), "{wait}");
        }
    }

    async fn a_refresh_that_takes_longer_than_its_token_lives_does_not_loop() {
        let world = World::expired().await;
        world.server.tokens().state_lifetime(secs(1));
        world.server.on_refresh().delay(secs(5));
        for id in 0..5 {
            world.shop.order(id).await.unwrap();
        }
        assert!(world.server.refreshes() <= 6, "{}", world.server.refreshes());
    }

    async fn a_clock_that_is_moved_during_a_refresh_costs_one_more_at_most() {
        for jump in [-3600, 2 * 86_400] {
            let world = World::expired().await;
            world.server.on_refresh().delay(secs(2));
            let calls = world.orders(0..10);
            world.waiting(10).await;
            world.clock.jump(jump);
            for call in calls {
                call.await.unwrap().unwrap();
            }
            for id in 0..5 {
                world.shop.order(id).await.unwrap();
            }
            world.clock.jump(-jump);
            world.shop.order(1).await.unwrap();
            assert!(world.server.refreshes() <= 2, "{jump}: {}", world.server.refreshes());
        }
    }

    async fn a_pause_after_a_failure_does_not_run_by_the_time_of_day() {
        let world = World::expired().await;
        world.server.on_refresh().first(1).response(Reply::status(503));
        assert!(world.shop.order(1).await.is_err());
        world.clock.jump(-86_400);
        tokio::time::sleep(secs(90)).await;
        world.shop.order(1).await.unwrap();
    }

    async fn tokens_of_any_lifetime_are_renewed_ahead_once_in_a_second_at_most() {
        let lifetimes = [secs(0), secs(1), secs(2), secs(5), secs(u64::MAX / 4), Duration::MAX];
        for lifetime in lifetimes {
            let world = World::with(|it| it.refresh_ahead(true)).await;
            world.server.tokens().state_lifetime(lifetime);
            let first = tokens(&world.server.issue("ann")).expires_in(lifetime);
            world.session().login(first).await.unwrap();
            tokio::time::sleep(secs(60)).await;
            assert!(world.server.refreshes() <= 60, "{lifetime:?}: {}", world.server.refreshes());
            world.shop.fast().await.unwrap();
        }
    }

    async fn a_clock_that_jumps_back_and_forth_causes_no_storm_of_early_renewals() {
        let world = World::with(|it| it.refresh_ahead(true)).await;
        world.session().login(lasting(&world.server.issue("ann"))).await.unwrap();
        let clock = Arc::new(world.clock.clone());
        for round in 0..20 {
            clock.jump(if round % 2 == 0 { 100_000 } else { -100_000 });
            tokio::time::sleep(secs(40)).await;
            world.shop.fast().await.unwrap();
        }
        assert!(world.server.refreshes() <= 20, "{}", world.server.refreshes());
    }
}
