//! A refresh that fails, fails once for all waiting calls, and no call waits in vain.

use std::time::Duration;

use futures::future::join_all;
use perennial::{Error, ErrorKind, EventKind, Phase, RefreshFailure};
use perennial_tests::{Protocol, Reply};
use serde_json::json;

use crate::support::{Who, World, cases, secs, timed};

/// Four calls that come back expired before the response to the refresh.
async fn four_expired_calls(world: &World) -> Vec<Error> {
    let hold = world.server.on("/orders/{id}").first(4).hold();
    let calls = join_all((0..4).map(|id| world.shop.order(id)));
    let release = async {
        hold.arrived(4).await;
        hold.release();
    };
    let (answers, ()) = tokio::join!(calls, release);
    answers.into_iter().map(Result::unwrap_err).collect()
}

cases! {
    async fn all_waiters_get_the_same_error_and_the_token_stays() {
        let world = World::expired().await;
        world.server.on_refresh().response(Reply::status(500));
        let errors = four_expired_calls(&world).await;
        assert!(errors.iter().all(|error| error.kind() == ErrorKind::RefreshFailed), "{errors:?}");
        // Not only an equal one: what failed is kept once for all of them.
        let shared = |error: &Error| std::ptr::from_ref(error.cause().unwrap()).addr();
        assert!(errors.iter().all(|error| shared(error) == shared(&errors[0])), "{errors:?}");
        assert_eq!(world.wire(), (1, 4));
        assert_eq!(world.access().as_deref(), Some(&*world.issued.access));
        assert!(world.session().is_signed_in());
        assert_eq!(world.told.logouts(), 0);
    }

    async fn an_error_says_once_that_the_session_ended_or_could_not_be_refreshed() {
        let world = World::new().await;
        world.server.revoke_all();
        for (attempts, sent) in [(1, 1), (0, 1)] {
            let error = world.shop.fast().await.unwrap_err();
            assert_eq!((error.attempts(), world.server.sends()), (attempts, sent));
            let at = world.server.url("/fast");
            let said = format!(
                "Shop::fast (GET {at}): the session has ended, status 200, code 1001: please log in"
            );
            assert_eq!(error.to_string(), format!("{said}; sign in again"));
        }
        let down = |_| async { Err(RefreshFailure::unavailable("the vault is shut")) };
        let world = World::with(|builder| builder.refresh(down)).await;
        world.server.expire_all();
        let at = world.server.url("/fast");
        let said = format!("Shop::fast (GET {at}): the token could not be renewed: the vault is shut");
        assert_eq!(world.shop.fast().await.unwrap_err().to_string(), said);
    }

    async fn calls_that_came_during_a_refresh_fail_with_it_unsent() {
        let world = World::expired().await;
        let hold = world.server.on_refresh().hold_back();
        world.server.on_refresh().response(Reply::status(500));
        let leader = tokio::spawn(world.shop.fast());
        hold.arrived(1).await;
        let calls = world.orders(0..10);
        world.waiting(11).await;
        hold.release();
        for call in calls {
            assert!(call.await.unwrap().unwrap_err().kind() == ErrorKind::RefreshFailed);
        }
        assert!(leader.await.unwrap().unwrap_err().kind() == ErrorKind::RefreshFailed);
        assert_eq!(world.wire(), (1, 1));
    }

    async fn a_refresh_that_finds_no_server_keeps_the_token() {
        let world = World::new().await;
        world.session().expire_now();
        world.server.shut().await;
        let error = world.shop.fast().await.unwrap_err();
        assert!(error.kind() == ErrorKind::RefreshFailed, "{error}");
        assert!(world.session().is_signed_in());
    }

    async fn fifty_calls_in_a_row_send_one_refresh_to_a_failing_server() {
        // A loaded machine must not let the cooldown pass.
        let world = World::with(|it| it.cooldown(secs(3600), secs(3600))).await;
        world.server.expire_all();
        world.server.on_refresh().response(Reply::status(500));
        for _ in 0..50 {
            assert!(world.shop.fast().await.unwrap_err().kind() == ErrorKind::RefreshFailed);
        }
        assert_eq!(world.wire(), (1, 1));
    }

    async fn a_logout_code_ends_the_session_for_all() {
        let world = World::expired().await;
        let gone = json!({"code": 1001, "message": "gone", "data": {}});
        world.server.on_refresh().response(Reply::json(&gone));
        let errors = four_expired_calls(&world).await;
        assert!(errors.iter().all(|error| error.kind() == ErrorKind::SessionLost), "{errors:?}");
        assert!(world.shop.fast().await.unwrap_err().kind() == ErrorKind::SessionLost);
        assert_eq!(world.wire(), (1, 4));
        // A caller that learns of the end finds that the hook has run.
        assert_eq!(world.told.logouts(), 1);
        assert_eq!(world.access(), None);
        world.shop.login(&Who::named("ann")).await.unwrap();
        world.shop.fast().await.unwrap();
        assert_eq!(world.told.logouts(), 1);
        // Another login, another end.
        world.server.expire_all();
        world.shop.fast().await.unwrap_err();
        world.shop.fast().await.unwrap_err();
        assert_eq!(world.told.logouts(), 2);
    }

    async fn an_expired_code_for_the_refresh_itself_ends_the_session() {
        let world = World::expired().await;
        let over = json!({"code": 1234, "message": "token expired", "data": {}});
        world.server.on_refresh().response(Reply::json(&over));
        let errors = four_expired_calls(&world).await;
        assert!(errors.iter().all(|error| error.kind() == ErrorKind::SessionLost), "{errors:?}");
        assert_eq!(world.wire(), (1, 4));
        assert_eq!(world.told.logouts(), 1);
    }

    async fn a_logout_code_for_a_call_ends_the_session_without_a_refresh() {
        let world = World::new().await;
        world.server.revoke_all();
        assert!(world.shop.fast().await.unwrap_err().kind() == ErrorKind::SessionLost);
        assert!(world.shop.fast().await.unwrap_err().kind() == ErrorKind::SessionLost);
        assert_eq!(world.wire(), (0, 1));
        assert_eq!(world.told.logouts(), 1);
    }

    async fn a_response_without_a_usable_token_is_a_failure_and_changes_nothing() {
        let good = |data| Reply::json(&json!({"code": 0, "message": "ok", "data": data}));
        for reply in [
            good(json!({})),
            good(json!(null)),
            good(json!({"token": ""})),
            good(json!({"token": 5})),
            good(json!({"token": null})),
            good(json!({"token": "null"})),
            good(json!({"token": "undefined", "refresh_token": "undefined"})),
            good(json!({"token": "NaN"})),
            good(json!({"token": "new", "refresh_token": 5.5})),
            good(json!({"token": "new", "refreshToken": {"value": "next"}})),
            good(json!({"token": "new", "refresh_token": true})),
            good(json!([])),
            Reply::json(&json!("undefined")),
            Reply::html(),
            Reply::status(200),
            Reply::text("application/json", "{\"code\":0,\"data\":{\"tok"),
            Reply::text("application/json", vec![0xff, 0xfe, 0x00]),
            Reply::text("application/json", "[".repeat(100_000)),
        ] {
            let world = World::expired().await;
            world.server.on_refresh().response(reply.clone());
            let error = world.shop.fast().await.unwrap_err();
            assert!(error.kind() == ErrorKind::RefreshFailed, "{reply:?}: {error}");
            assert_eq!(world.access().as_deref(), Some(&*world.issued.access), "{reply:?}");
            assert_eq!(world.wire(), (1, 1), "{reply:?}");
        }
    }

    async fn a_response_that_is_too_large_is_abandoned_and_changes_nothing() {
        let world = World::expired().await;
        world.server.on_refresh().response(Reply::zeros(1 << 30));
        assert!(world.shop.fast().await.unwrap_err().kind() == ErrorKind::RefreshFailed);
        assert_eq!(world.access().as_deref(), Some(&*world.issued.access));
    }

    async fn a_refresh_whose_response_was_lost_is_not_sent_again() {
        let ambiguous = |event: &EventKind| matches!(event, EventKind::RotationAmbiguous { .. });
        for gateway in [None, Some(502), Some(504)] {
            let world = World::expired().await;
            match gateway {
                None => world.server.on_refresh().close_after(),
                Some(status) => world.server.on_refresh().response_after(Reply::status(status)),
            };
            assert!(world.shop.fast().await.unwrap_err().kind() == ErrorKind::RefreshFailed);
            assert_eq!(world.server.refreshes(), 1);
            assert_eq!(world.told.count(ambiguous), 1, "{gateway:?}");
        }
        let world = World::expired().await;
        world.server.on_refresh().response(Reply::status(503));
        assert!(world.shop.fast().await.unwrap_err().kind() == ErrorKind::RefreshFailed);
        assert_eq!(world.told.count(ambiguous), 0);
    }

    async fn a_gateway_that_states_a_wait_gets_no_refresh_before() {
        let world = World::expired().await;
        let busy = Reply::status(502).header("retry-after", "120");
        world.server.on_refresh().response(busy);
        for _ in 0..2 {
            let error = world.shop.fast().await.unwrap_err();
            assert_eq!(error.retry_after(), Some(secs(120)), "{error}");
        }
        assert_eq!(world.server.refreshes(), 1);
    }

    async fn the_text_of_a_rejection_reaches_the_caller_without_the_token() {
        let world = World::expired().await;
        let gone = json!({"code": 1001, "message": "gone fishing", "data": {}});
        world.server.on_refresh().response(Reply::json(&gone));
        let error = world.shop.fast().await.unwrap_err();
        assert!(error.to_string().contains("gone fishing"), "{error}");
        assert!(!format!("{error:?} {error}").contains(&world.issued.access));
    }
}

timed! {
    async fn a_failing_server_is_tried_again_after_a_while() {
        let world = World::expired().await;
        world.server.on_refresh().first(1).response(Reply::status(500));
        world.shop.fast().await.unwrap_err();
        tokio::time::sleep(secs(60)).await;
        world.shop.fast().await.unwrap();
        assert_eq!(world.server.refreshes(), 2);
    }

    async fn a_server_that_came_back_is_found_after_a_while() {
        let world = World::new().await;
        world.session().expire_now();
        world.server.shut().await;
        world.shop.fast().await.unwrap_err();
        world.server.reopen();
        tokio::time::sleep(secs(60)).await;
        world.shop.fast().await.unwrap();
        assert_eq!(world.server.refreshes(), 1);
    }

    async fn a_server_that_states_a_time_gets_no_refresh_before_it() {
        let world = World::expired().await;
        let busy = Reply::status(429).header("retry-after", "7");
        world.server.on_refresh().first(1).response(busy);
        for _ in 0..13 {
            let error = world.shop.fast().await.unwrap_err();
            assert_eq!(error.retry_after(), Some(secs(7)), "{error}");
            tokio::time::sleep(Duration::from_millis(500)).await;
        }
        assert_eq!(world.server.refreshes(), 1);
        tokio::time::sleep(secs(2)).await;
        world.shop.fast().await.unwrap();
        assert_eq!(world.server.refreshes(), 2);
    }

    async fn consecutive_rejections_end_the_session_if_the_client_gives_up() {
        let world = World::with(|builder| builder.give_up_after(3)).await;
        world.server.expire_all();
        let odd = json!({"code": 7777, "message": "no", "data": {}});
        world.server.on_refresh().response(Reply::json(&odd));
        for refreshes in 1..=2 {
            assert!(world.shop.fast().await.unwrap_err().kind() == ErrorKind::RefreshFailed);
            assert_eq!(world.server.refreshes(), refreshes);
            assert!(world.session().is_signed_in());
            tokio::time::sleep(secs(120)).await;
        }
        assert!(world.shop.fast().await.unwrap_err().kind() == ErrorKind::SessionLost);
        assert_eq!((world.server.refreshes(), world.told.logouts()), (3, 1));
    }

    async fn a_session_that_is_expired_manually_is_renewed_before_the_next_call() {
        let world = World::new().await;
        world.session().expire_now();
        let hold = world.server.hold_refresh();
        let call = tokio::spawn(world.shop.fast());
        hold.arrived(1).await;
        // The token that the refresh brings was requested before this.
        world.session().expire_now();
        hold.release();
        call.await.unwrap().unwrap();
        world.shop.slow().await.unwrap();
        assert_eq!(world.wire(), (2, 2));
        world.shop.slow().await.unwrap();
        assert_eq!(world.wire(), (2, 3));
    }

    async fn a_new_login_clears_a_failure() {
        let world = World::expired().await;
        world.server.on_refresh().first(1).response(Reply::status(500));
        world.shop.fast().await.unwrap_err();
        world.shop.login(&Who::named("ann")).await.unwrap();
        world.server.expire_all();
        world.shop.fast().await.unwrap();
        assert_eq!(world.server.refreshes(), 2);
    }

    async fn a_refresh_without_a_response_fails_at_its_own_timeout() {
        let world = World::expired().await;
        world.server.on_refresh().first(1).never();
        let before = tokio::time::Instant::now();
        let errors = four_expired_calls(&world).await;
        assert!(errors.iter().all(|error| error.kind() == ErrorKind::RefreshFailed), "{errors:?}");
        assert_eq!(before.elapsed().as_secs(), 10);
        tokio::time::sleep(secs(60)).await;
        world.shop.fast().await.unwrap();
        assert_eq!(world.server.refreshes(), 2);
    }

    async fn a_call_has_its_own_timeout_which_does_not_affect_the_refresh() {
        let world = World::expired().await;
        let hold = world.server.hold_refresh();
        let error = world.shop.fast().timeout(secs(2)).await.unwrap_err();
        assert_eq!(error.kind(), ErrorKind::Timeout(Phase::Refresh), "{error}");
        hold.release();
        world.shop.fast().await.unwrap();
        assert_eq!(world.server.refreshes(), 1);
    }

    async fn a_refresh_with_grace_is_sent_twice_at_most() {
        let protocol = Protocol { grace: Some(secs(10)), ..Protocol::article() };
        let world = World::speaking(protocol).await;
        world.server.expire_all();
        world.server.on_refresh().first(1).close_after();
        // This trait declares no grace: what the server would allow is not used.
        world.shop.fast().await.unwrap_err();
        assert_eq!(world.server.refreshes(), 1);
    }
}
