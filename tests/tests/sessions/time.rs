//! Lifetimes, and clocks that are wrong.

use std::sync::Arc;
use std::time::{Duration, SystemTime, UNIX_EPOCH};

use futures::future::join_all;
use perennial::{ErrorKind, EventKind, Phase, Result, Tokens, api_client};
use perennial_tests::{Grant, Lifetime, Protocol, Reply};
use serde_json::{Value, json};

use crate::support::{Who, World, secs, sign_in, timed};

/// The article's protocol, with a point in time instead of a lifetime.
fn absolute() -> Protocol {
    let article = Protocol::article();
    let lifetime = Lifetime::UntilMilliseconds("expiresTime");
    Protocol { grant: Grant { lifetime, ..article.grant.clone() }, ..article }
}

/// The article's protocol. Its calls are short of time.
#[api_client(
    base = "/api",
    envelope(code = "code", message = "message", data = "data", ok = 0),
    auth(header = "X-Token", expired(code = 1234), logout(code = 1001)),
    timeout(total = "2s", attempt = "1s")
)]
trait Hasty {
    #[post("/refreshtoken", refresh)]
    async fn refresh(&self) -> Result<Tokens>;
    #[get("/fast")]
    async fn fast(&self) -> Result<Value>;
}

#[api_client(
    base = "/api",
    envelope(code = "code", message = "message", data = "data", ok = 0),
    auth(header = "X-Token", expired(code = 1234), logout(code = 1001))
)]
trait Hastier {
    #[post("/refreshtoken", refresh, timeout = "3s")]
    async fn refresh(&self) -> Result<Tokens>;
    #[get("/fast")]
    async fn fast(&self) -> Result<Value>;
}

/// A world whose token was renewed once and lives for so many seconds from now.
async fn living(protocol: Protocol, ttl: u64, ahead: i64) -> World {
    let world = World::ahead(protocol, ahead).await;
    world.server.live_for(secs(ttl));
    world.session().refresh().await.unwrap();
    world
}

timed! {
    async fn a_token_that_expires_by_the_clock_is_renewed_before_anything_is_sent() {
        let world = living(Protocol::article(), 100, 0).await;
        tokio::time::sleep(secs(95)).await;
        let answers = join_all((0..20).map(|id| world.shop.order(id))).await;
        assert!(answers.iter().all(|it| it.is_ok()));
        assert_eq!(world.wire(), (2, 20));
    }

    async fn a_lifetime_counts_from_the_moment_before_the_request() {
        let world = World::with(|builder| builder.refresh_timeout(secs(90))).await;
        world.server.live_for(secs(100));
        world.server.on_refresh().first(1).delay(secs(60));
        world.session().refresh().await.unwrap();
        // It was on its way for a minute, and the server counts from the beginning of that.
        tokio::time::sleep(secs(35)).await;
        world.shop.fast().await.unwrap();
        assert_eq!(world.wire(), (2, 1));
    }

    async fn the_lifetime_of_a_login_counts_from_the_moment_before_the_request() {
        let world = World::new().await;
        world.server.live_for(secs(100));
        world.server.on_login().delay(secs(60));
        world.shop.login(&Who::named("ann")).await.unwrap();
        tokio::time::sleep(secs(35)).await;
        world.shop.fast().await.unwrap();
        assert_eq!(world.wire(), (1, 1));
    }

    async fn a_retry_date_is_compared_with_the_clients_clock_if_the_server_states_no_time() {
        let wall = UNIX_EPOCH + secs(784_111_777); // Sun, 06 Nov 1994 08:49:37 GMT
        let ago = SystemTime::now().duration_since(wall).unwrap().as_secs();
        let world = World::ahead(Protocol::article(), -i64::try_from(ago).unwrap()).await;
        let later = Reply::status(503).header("retry-after", "Sun, 06 Nov 1994 09:49:37 GMT");
        world.server.on("/fast").response(later.header("date", "is not known"));
        let asked = world.shop.fast().await.unwrap_err().retry_after().unwrap();
        // An hour, less what was left of the second.
        assert!((secs(3_590)..=secs(3_600)).contains(&asked), "{asked:?}");
    }

    async fn a_refresh_is_not_cut_off_by_the_time_that_the_trait_gives_to_calls() {
        let world = World::expired().await;
        let hasty = HastyClient::builder(world.server.origin()).build().unwrap();
        hasty.session().login(world.session().tokens().unwrap()).await.unwrap();
        world.server.on_refresh().first(1).delay(secs(5));
        let error = hasty.fast().await.unwrap_err();
        assert_eq!(error.kind(), ErrorKind::Timeout(Phase::Refresh), "{error}");
        tokio::time::sleep(secs(5)).await;
        hasty.fast().await.unwrap();
        assert_eq!(world.server.refreshes(), 1);
    }

    async fn a_limit_of_the_refresh_method_itself_holds() {
        let world = World::expired().await;
        let hasty = HastierClient::builder(world.server.origin()).build().unwrap();
        hasty.session().login(world.session().tokens().unwrap()).await.unwrap();
        world.server.on_refresh().first(1).delay(secs(5));
        let error = hasty.fast().await.unwrap_err();
        assert_eq!(error.kind(), ErrorKind::RefreshFailed, "{error}");
        assert!(error.to_string().contains("the limit of a refresh is 3s"), "{error}");
    }

    async fn a_short_lifetime_causes_no_constant_renewal() {
        let world = living(Protocol::article(), 10, 0).await;
        tokio::time::sleep(secs(7)).await;
        world.shop.fast().await.unwrap();
        assert_eq!(world.wire(), (1, 1));
        // Only the last fifth counts as its end.
        tokio::time::sleep(Duration::from_millis(1_500)).await;
        world.shop.fast().await.unwrap();
        assert_eq!(world.wire(), (2, 2));
        assert_eq!(world.server.expiries(), 0);
    }

    async fn a_token_that_does_not_expire_soon_is_not_renewed() {
        let world = living(Protocol::article(), 100, 0).await;
        tokio::time::sleep(secs(85)).await;
        world.shop.fast().await.unwrap();
        assert_eq!(world.wire(), (1, 1));
    }

    async fn a_failed_early_refresh_does_not_matter_while_the_token_is_valid() {
        let world = living(Protocol::article(), 100, 0).await;
        world.server.on_refresh().response(Reply::status(503));
        tokio::time::sleep(secs(92)).await;
        world.shop.fast().await.unwrap();
        assert_eq!(world.server.generations("/fast"), [Some(2)]);
        assert_eq!(world.server.refreshes(), 2);
    }

    async fn an_early_refresh_is_joined_by_calls_that_come_back_expired() {
        let world = living(Protocol::article(), 100, 0).await;
        let slow = world.server.on("/slow").first(1).hold_back();
        let late = tokio::spawn(world.shop.slow());
        slow.arrived(1).await;
        tokio::time::sleep(secs(95)).await;
        let hold = world.server.hold_refresh();
        let early = tokio::spawn(world.shop.fast());
        hold.arrived(1).await;
        // The server has already revoked the old token, and says so before the new one has arrived.
        slow.release();
        world.waiting(2).await;
        hold.release();
        early.await.unwrap().unwrap();
        late.await.unwrap().unwrap();
        assert_eq!(world.wire(), (2, 3));
        assert_eq!(world.server.generations("/slow"), [Some(2), Some(3)]);
    }

    async fn a_failed_early_refresh_fails_all_calls_once_the_server_has_said_that_the_token_expired() {
        let world = living(Protocol::article(), 100, 0).await;
        let slow = world.server.on("/slow").hold_back();
        let late = tokio::spawn(world.shop.slow());
        slow.arrived(1).await;
        tokio::time::sleep(secs(92)).await;
        world.server.expire_all();
        let hold = world.server.on_refresh().hold_back();
        world.server.on_refresh().response(Reply::status(503));
        let early = tokio::spawn(world.shop.fast());
        hold.arrived(1).await;
        // By the clock the token is valid for eight more seconds; the server decides otherwise.
        slow.release();
        world.waiting(2).await;
        hold.release();
        assert!(early.await.unwrap().unwrap_err().kind() == ErrorKind::RefreshFailed);
        assert!(late.await.unwrap().unwrap_err().kind() == ErrorKind::RefreshFailed);
        assert_eq!(world.wire(), (2, 1));
    }

    async fn a_clock_that_is_hours_ahead_renews_no_token_twice() {
        let world = living(absolute(), 100, 3 * 3600).await;
        for _ in 0..10 {
            world.shop.fast().await.unwrap();
        }
        assert_eq!(world.wire(), (1, 10));
    }

    async fn a_clock_that_is_an_hour_behind_leaves_it_to_the_server() {
        let world = living(absolute(), 100, -3600).await;
        tokio::time::sleep(secs(101)).await;
        world.shop.fast().await.unwrap();
        assert_eq!(world.wire(), (2, 2));
    }

    async fn a_machine_that_slept_for_two_hours_renews_before_it_sends() {
        let world = living(Protocol::article(), 3600, 0).await;
        world.clock.jump(7200);
        world.shop.fast().await.unwrap();
        assert_eq!(world.wire(), (2, 1));
    }

    async fn a_clock_that_is_set_back_starts_no_refresh() {
        let world = living(absolute(), 3600, 0).await;
        world.clock.jump(-7200);
        for _ in 0..5 {
            world.shop.fast().await.unwrap();
        }
        assert_eq!(world.wire(), (1, 5));
        // The server goes on counting: its word is enough.
        tokio::time::sleep(secs(3601)).await;
        world.shop.fast().await.unwrap();
        assert_eq!(world.server.refreshes(), 2);
    }

    async fn a_lifetime_that_makes_no_sense_leaves_it_to_the_server() {
        let odd = [
            Value::Null,
            json!(0),
            json!(-5),
            json!(""),
            json!("soon"),
            json!(1e300),
            json!(u64::MAX),
            json!(i64::MIN),
            json!(true),
            json!({"in": 5}),
            json!("2030/10/30 23:59:59"),
        ];
        for lifetime in odd {
            let world = World::new().await;
            let told = lifetime.clone();
            world.server.on_refresh().edit(move |body| body["data"]["tokenExprieIn"] = told.clone());
            world.session().refresh().await.unwrap();
            for _ in 0..3 {
                world.shop.fast().await.unwrap();
            }
            assert_eq!(world.wire(), (1, 3), "{lifetime}");
            world.server.expire_all();
            world.shop.fast().await.unwrap();
            assert_eq!(world.wire(), (2, 5), "{lifetime}");
        }
    }

    async fn a_lifetime_may_be_text() {
        let world = World::new().await;
        world.server.on_refresh().edit(|body| body["data"]["tokenExprieIn"] = json!("100"));
        world.session().refresh().await.unwrap();
        tokio::time::sleep(secs(95)).await;
        world.shop.fast().await.unwrap();
        assert_eq!(world.wire(), (2, 1));
    }

    async fn a_token_is_refreshed_ahead_of_time_without_a_call() {
        let world = ahead().await;
        tokio::time::sleep(secs(95)).await;
        assert_eq!(world.server.refreshes(), 2);
        world.shop.fast().await.unwrap();
        assert_eq!(world.server.generations("/fast"), [Some(3)]);
    }

    async fn renewing_ahead_is_spread_over_a_fifth_of_the_time_before_the_end() {
        let world = World::with(|builder| builder.refresh_ahead(true)).await;
        world.server.live_for(secs(1000));
        let begin = tokio::time::Instant::now();
        let sessions: Vec<_> = (0..20).map(|_| world.session().sibling()).collect();
        for session in &sessions {
            sign_in(&world.server, session, "bob").await;
        }
        tokio::time::sleep(secs(1000)).await;
        let starts = world.server.recorded_on("/refreshtoken");
        let starts: Vec<_> = starts.iter().take(20).map(|one| one.at - begin).collect();
        // A tenth of the life is left at the latest, and an eighth at the earliest.
        assert!(starts.iter().all(|at| (secs(880)..secs(901)).contains(at)), "{starts:?}");
        assert!(starts.iter().max().unwrap().abs_diff(*starts.iter().min().unwrap()) > secs(1));
    }

    async fn a_suspended_machine_is_noticed_without_a_call() {
        let world = World::with(|builder| builder.refresh_ahead(true)).await;
        world.server.live_for(secs(3600));
        world.session().refresh().await.unwrap();
        world.clock.jump(7200);
        tokio::time::sleep(secs(31)).await;
        assert_eq!(world.server.refreshes(), 2);
    }

    async fn without_a_user_nothing_is_refreshed_ahead_of_time() {
        let alive = Arc::new(());
        let kept = Arc::clone(&alive);
        let World { server, shop, .. } = World::with(|builder| {
            builder.refresh_ahead(true).on_event(move |_| drop(Arc::clone(&kept)))
        })
        .await;
        server.live_for(secs(100));
        shop.session().refresh().await.unwrap();
        // Its task has begun to wait.
        tokio::time::sleep(secs(1)).await;
        let handles: Vec<_> = (0..100).map(|_| shop.clone()).collect();
        drop(shop);
        assert!(Arc::strong_count(&alive) > 1);
        drop(handles);
        assert_eq!(Arc::strong_count(&alive), 1, "something keeps the session");
        tokio::time::sleep(secs(10_000)).await;
        assert_eq!(server.refreshes(), 1);
    }

    async fn background_renewal_backs_off_when_it_fails() {
        let world = ahead().await;
        world.server.on_refresh().response(Reply::status(503));
        tokio::time::sleep(secs(3600)).await;
        let tries = world.server.refreshes();
        // Two in the time before the end, and then no more than one a minute.
        assert!((2..=70).contains(&tries), "{tries} tries");
        let started = world.told.count(|event| matches!(event, EventKind::RefreshStarted { .. }));
        assert_eq!(started, tries);
        world.server.behave();
        tokio::time::sleep(secs(120)).await;
        world.shop.fast().await.unwrap();
    }
}

/// A client that renews ahead, with a token that lives for 100 seconds.
async fn ahead() -> World {
    let world = World::with(|builder| builder.refresh_ahead(true)).await;
    world.server.live_for(secs(100));
    world.session().refresh().await.unwrap();
    world
}
