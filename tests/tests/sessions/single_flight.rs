//! One refresh for all, whenever their responses arrive.

use std::time::Duration;

use futures::future::join_all;
use perennial::ErrorKind;
use perennial_tests::{Placement, Protocol, Reply};
use serde_json::json;

use crate::support::{ShopClient, Who, World, cases, secs, timed};

cases! {
    async fn one_expired_call_is_refreshed_and_replayed() {
        let world = World::expired().await;
        assert_eq!(world.shop.order(7).await.unwrap().id, 7);
        assert_eq!(world.wire(), (1, 2));
        assert_eq!(world.server.generations("/orders/7"), [Some(1), Some(2)]);
    }

    async fn a_hundred_calls_that_come_back_expired_make_one_refresh() {
        let world = World::expired().await;
        let hold = world.server.on("/orders/{id}").first(100).hold();
        let calls = join_all((0..100).map(|id| world.shop.order(id)));
        let release = async {
            hold.arrived(100).await;
            hold.release();
        };
        let (answers, ()) = tokio::join!(calls, release);
        assert!(answers.iter().all(Result::is_ok));
        assert_eq!(world.wire(), (1, 200));
    }

    async fn a_thousand_calls_with_response_in_any_order_make_one_refresh() {
        let http = reqwest::Client::builder().http2_prior_knowledge().no_proxy();
        let world = World::with(|it| it.http(http)).await;
        world.server.expire_all();
        let shuffled = |number: usize| Duration::from_millis((number * 7919 % 200) as u64);
        world.server.on("/orders/{id}").delay_by(shuffled);
        let calls = (0..1000).map(|id| tokio::spawn(world.shop.order(id)));
        for response in join_all(calls).await {
            response.unwrap().unwrap();
        }
        assert_eq!(world.server.refreshes(), 1);
        assert!((0..1000).all(|id| world.server.count(&*format!("/orders/{id}")) <= 2));
    }

    async fn a_call_with_a_late_response_to_an_old_token_is_replayed_without_a_refresh() {
        let world = World::expired().await;
        let hold = world.server.on("/slow").first(1).hold();
        let late = tokio::spawn(world.shop.slow());
        hold.arrived(1).await;
        world.shop.fast().await.unwrap();
        hold.release();
        late.await.unwrap().unwrap();
        assert_eq!(world.wire(), (1, 4));
        assert_eq!(world.server.generations("/slow"), [Some(1), Some(2)]);
    }

    async fn a_late_response_during_the_replay_of_others_starts_no_refresh() {
        let world = World::expired().await;
        let late = world.server.on("/slow").first(1).hold();
        let repeat = world.server.on("/fast").nth(2).hold();
        let slow = tokio::spawn(world.shop.slow());
        late.arrived(1).await;
        let fast = tokio::spawn(world.shop.fast());
        repeat.arrived(1).await;
        late.release();
        slow.await.unwrap().unwrap();
        repeat.release();
        fast.await.unwrap().unwrap();
        assert_eq!(world.server.refreshes(), 1);
    }

    async fn a_call_that_starts_during_a_refresh_waits_and_is_sent_once() {
        let (world, hold, first) = World::refreshing().await;
        let second = tokio::spawn(world.shop.slow());
        world.waiting(2).await;
        assert_eq!(world.server.count("/slow"), 0);
        hold.release();
        first.await.unwrap().unwrap();
        second.await.unwrap().unwrap();
        assert_eq!(world.server.generations("/slow"), [Some(2)]);
        assert_eq!(world.server.refreshes(), 1);
    }

    async fn a_manual_refresh_joins_the_pending_one() {
        let (world, hold, call) = World::refreshing().await;
        let session = world.session().clone();
        let by_session = tokio::spawn(async move { session.refresh().await });
        let by_method = tokio::spawn(world.shop.refresh());
        world.waiting(3).await;
        hold.release();
        call.await.unwrap().unwrap();
        by_session.await.unwrap().unwrap();
        by_method.await.unwrap().unwrap();
        assert_eq!(world.server.refreshes(), 1);
    }

    async fn two_clients_of_one_session_share_the_refresh() {
        let world = World::expired().await;
        let twin = ShopClient::with_session(world.server.origin(), world.session()).unwrap();
        let hold = world.server.on("/{*rest}").first(2).hold();
        let release = async {
            hold.arrived(2).await;
            hold.release();
        };
        let (one, two, ()) = tokio::join!(world.shop.fast(), twin.slow(), release);
        one.unwrap();
        two.unwrap();
        assert_eq!(world.wire(), (1, 4));
    }

    async fn two_sessions_share_neither_the_refresh_nor_a_token() {
        let world = World::new().await;
        let other = world.other("bob").await;
        world.server.expire_all();
        let (one, two) = tokio::join!(world.shop.fast(), other.slow());
        one.unwrap();
        two.unwrap();
        assert_eq!(world.wire(), (2, 4));
        let users = |route: &str| {
            let recorded = world.server.recorded_on(route);
            recorded.iter().filter_map(|one| one.user().map(str::to_owned)).collect::<Vec<_>>()
        };
        assert_eq!(users("/fast"), ["ann", "ann"]);
        assert_eq!(users("/slow"), ["bob", "bob"]);
    }

    async fn a_client_in_another_session_makes_calls_as_its_user() {
        let world = World::new().await;
        let other = world.other("bob").await;
        let as_bob = world.shop.in_session(other.session());
        as_bob.fast().await.unwrap();
        assert_eq!(world.server.recorded_on("/fast")[0].user(), Some("bob"));
    }

    async fn the_same_token_issued_again_counts_as_a_new_one() {
        let protocol = Protocol { same_token: true, ..Protocol::article() };
        let world = World::speaking(protocol).await;
        world.server.expire_all();
        world.shop.fast().await.unwrap();
        assert_eq!(world.wire(), (1, 2));
        assert_eq!(world.access().as_deref(), Some(&*world.issued.access));
        world.server.expire_all();
        world.shop.fast().await.unwrap();
        assert_eq!(world.wire(), (2, 4));
    }

    async fn login_refresh_and_public_calls_carry_the_right_tokens() {
        let (world, hold, call) = World::refreshing().await;
        // It neither waits nor carries a token, though a refresh is under way.
        world.shop.health().await.unwrap();
        hold.release();
        call.await.unwrap().unwrap();
        assert_eq!(world.server.recorded_on("/health")[0].token, None);
        let refreshes = world.server.recorded_on("/refreshtoken");
        assert_eq!(refreshes[0].token.as_deref(), Some(&*world.issued.access));
    }

    async fn an_expired_code_for_a_public_call_or_a_login_is_an_ordinary_error() {
        let world = World::new().await;
        let says = Reply::json(&json!({"code": 1234, "message": "no", "data": {}}));
        world.server.on("/health").response(says.clone());
        world.server.on_login().response(says);
        let public = world.shop.health().await.unwrap_err();
        assert!(public.kind() == ErrorKind::Api && public.has_code(1234), "{public}");
        let who = Who::named("ann");
        let login = world.shop.login(&who).await.unwrap_err();
        assert!(login.kind() == ErrorKind::Api, "{login}");
        assert_eq!(world.server.refreshes(), 0);
        assert!(world.session().is_signed_in());
    }

    async fn waves_of_expiries_make_one_refresh_each() {
        let world = World::new().await;
        for wave in 1..=10 {
            world.server.expire_all();
            for call in world.orders(0..20) {
                call.await.unwrap().unwrap();
            }
            assert_eq!(world.server.refreshes(), wave);
        }
        world.told.quiet().await;
        let (stats, told) = (world.session().stats(), world.told.counts());
        assert_eq!((stats.refreshes, told.started, told.finished), (10, 10, 10));
        assert_eq!((stats.replays, told.replayed), (world.server.expiries() as u64, stats.replays));
        assert_eq!((stats.waiting, stats.refreshing), (0, false));
    }

    async fn counts_and_events_are_those_of_the_wire() {
        use perennial::{EventKind, RefreshOutcome, RefreshTrigger};
        let world = World::expired().await;
        let hold = world.server.on("/orders/{id}").first(20).hold();
        let refresh = world.server.hold_refresh();
        let calls = join_all((0..20).map(|id| world.shop.order(id)));
        let release = async {
            hold.arrived(20).await;
            hold.release();
            world.waiting(20).await;
            refresh.release();
        };
        tokio::join!(calls, release);
        let stats = world.session().stats();
        assert_eq!((stats.refreshes, stats.replays, stats.waiting), (1, 20, 0));
        let count = |is: fn(&EventKind) -> bool| world.told.count(is);
        let started = |event: &EventKind| {
            matches!(event, EventKind::RefreshStarted { epoch, generation, trigger, .. }
                if (*epoch, *generation) == (1, 1) && *trigger == RefreshTrigger::Expired)
        };
        let finished = |event: &EventKind| {
            matches!(event, EventKind::RefreshFinished { epoch, generation, outcome, waiters, .. }
                if (*epoch, *generation, *waiters) == (1, 1, 20)
                    && matches!(outcome, RefreshOutcome::Renewed))
        };
        let replayed = |event: &EventKind| {
            matches!(event, EventKind::Replayed { attempt: 2, from_generation: 1, to_generation: 2, .. })
        };
        world.told.quiet().await;
        assert_eq!((count(started), count(finished), count(replayed)), (1, 1, 20));
        let told = world.told.counts();
        assert_eq!((told.started, told.finished, told.replayed, told.queued), (1, 1, 20, 20));
        assert_eq!(world.wire(), (1, 40));
    }
}

timed! {
    async fn a_response_that_is_an_hour_late_is_replayed_with_the_current_token() {
        let world = World::expired().await;
        let hold = world.server.on("/slow").first(1).hold();
        let late = tokio::spawn(world.shop.slow());
        hold.arrived(1).await;
        for _ in 0..4 {
            world.shop.fast().await.unwrap();
            tokio::time::sleep(secs(900)).await;
            world.server.expire_all();
        }
        world.shop.fast().await.unwrap();
        let refreshes = world.server.refreshes();
        hold.release();
        late.await.unwrap().unwrap();
        assert_eq!(world.server.refreshes(), refreshes);
        assert_eq!(world.server.generations("/slow"), [Some(1), Some(6)]);
    }

    async fn the_token_is_sent_where_the_protocol_says() {
        let protocol = Protocol::article();
        assert_eq!(protocol.placement, Placement::Header("x-token"));
        let world = World::new().await;
        world.shop.fast().await.unwrap();
        let call = &world.server.recorded_on("/fast")[0];
        assert_eq!(call.header("x-token"), Some(&*world.issued.access));
        assert_eq!(call.header("authorization"), None);
    }
}
