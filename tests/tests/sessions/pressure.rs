//! Many calls, a short queue, and callers that come and go during a refresh.

use futures::future::join_all;
use perennial::store::MemoryStore;
use perennial::{ErrorKind, Phase};
use perennial_tests::{Protocol, Server};
use serde_json::json;
use std::time::Duration;

use crate::support::{ShopClient, Told, World, builder, cases, secs, sign_in, timed, tokens};

cases! {
    async fn a_login_settles_calls_that_wait_that_have_a_permit_and_that_queue_for_one() {
        let world = World::with(|it| it.replay_concurrency(5)).await;
        world.server.expire_all();
        let first = world.server.on("/orders/{id}").first(50).hold();
        let early = world.orders(0..50);
        first.arrived(50).await;
        let refresh = world.server.hold_refresh();
        first.release();
        world.waiting(50).await;
        let repeats = world.server.on("/orders/{id}").hold();
        let later = world.orders(50..100);
        world.waiting(100).await;
        refresh.release();
        repeats.arrived(5).await;
        world.session().login(tokens(&world.server.issue("bob"))).await.unwrap();
        repeats.release();
        let mut good = 0;
        for call in early.into_iter().chain(later) {
            match call.await.unwrap() {
                Ok(_) => good += 1,
                Err(error) => assert!(error.kind() == ErrorKind::SessionChanged, "{error}"),
            }
        }
        // The five that were on the wire got their responses, and nobody went out as bob.
        assert_eq!((good, world.wire()), (5, (1, 55)));
        assert!(world.server.recorded().iter().all(|it| it.user() != Some("bob")));
        world.shop.order(1).await.unwrap();
    }

    async fn marking_the_token_as_expired_repeatedly_causes_no_storm() {
        let world = World::new().await;
        let refresh = world.server.hold_refresh();
        world.session().expire_now();
        let calls = world.orders(0..20);
        refresh.arrived(1).await;
        world.waiting(20).await;
        (0..1000).for_each(|_| world.session().expire_now());
        refresh.release();
        for call in calls {
            call.await.unwrap().unwrap();
        }
        // The token that the refresh brought was requested before the marks, so it is renewed once more. The call
        // that started the first refresh starts no second one: it may be sent meanwhile, and is replayed then if
        // the server no longer accepts its token.
        let (refreshes, sends) = world.wire();
        assert!(refreshes == 2 && (20..=21).contains(&sends), "{refreshes}, {sends}");
        for id in 0..10 {
            world.session().expire_now();
            world.session().expire_now();
            world.shop.order(id).await.unwrap();
        }
        assert_eq!(world.wire(), (refreshes + 10, sends + 10));
    }

    async fn a_loop_that_drops_and_repeats_its_call_starts_one_refresh() {
        let world = World::expired().await;
        let hold = world.server.hold_refresh();
        for _ in 0..50 {
            let nap = async {
                // The first one gives up when its refresh is under way, and all others meet that.
                hold.arrived(1).await;
                for _ in 0..20 {
                    tokio::task::yield_now().await;
                }
            };
            tokio::select! {
                biased;
                response = world.shop.order(7) => panic!("{response:?}"),
                () = nap => {}
            }
        }
        hold.release();
        world.shop.order(7).await.unwrap();
        assert_eq!((world.server.refreshes(), world.session().stats().waiting), (1, 0));
    }

    async fn calls_that_are_aborted_after_any_number_of_steps_leave_nothing_behind() {
        for steps in 0..60 {
            let world = World::expired().await;
            let calls = world.orders(0..4);
            for _ in 0..steps {
                tokio::task::yield_now().await;
            }
            calls.iter().for_each(|call| call.abort());
            let _ = join_all(calls).await;
            world.landed().await;
            world.shop.order(9).await.unwrap();
            assert_eq!((world.server.refreshes(), world.session().stats().waiting), (1, 0));
        }
    }

    async fn dropping_the_last_handle_during_a_refresh_leaves_its_token_in_the_store() {
        let server = Server::start(Protocol::article());
        let (store, told) = (MemoryStore::new(), Told::default());
        let shop = builder(&server, &told).store(store.clone()).build().unwrap();
        let old = server.issue("ann");
        shop.session().login(tokens(&old)).await.unwrap();
        server.expire_all();
        let hold = server.hold_refresh();
        let call = tokio::spawn(shop.order(1));
        hold.arrived(1).await;
        call.abort();
        let _ = call.await;
        drop(shop);
        hold.release();
        told.quiet().await;
        assert_ne!(store.stored().unwrap().tokens.access(), old.access);
    }

    async fn a_session_outlives_the_client_that_renews_it() {
        let world = World::expired().await;
        let second = ShopClient::with_session(world.server.origin(), world.session()).unwrap();
        let World { server, shop, .. } = world;
        drop(shop);
        second.fast().await.unwrap();
        assert_eq!(server.refreshes(), 1);
    }

    async fn twenty_users_whose_tokens_expire_together_each_renew_their_own() {
        let world = World::new().await;
        let sessions: Vec<_> = (0..20).map(|_| world.session().sibling()).collect();
        for (n, session) in sessions.iter().enumerate() {
            sign_in(&world.server, session, &format!("user{n}")).await;
        }
        for round in 1..=3 {
            world.server.expire_all();
            let calls = (0..100).map(|n| {
                let call = world.shop.echo("x", &[], "t", &json!(n)).in_session(&sessions[n % 20]);
                tokio::spawn(call)
            });
            for (n, response) in join_all(calls).await.into_iter().enumerate() {
                assert_eq!(response.unwrap().unwrap()["user"], format!("user{}", n % 20));
            }
            assert_eq!(world.server.refreshes(), 20 * round);
        }
    }

    async fn a_queue_of_length_zero_rejects_calls_and_the_session_stays_usable() {
        let world = World::with(|it| it.queue_limit(0)).await;
        world.server.expire_all();
        let error = world.shop.fast().await.unwrap_err();
        assert_eq!(error.kind(), ErrorKind::QueueFull, "{error}");
        world.landed().await;
        world.shop.fast().await.unwrap();
        assert_eq!(world.server.refreshes(), 1);
    }

    async fn a_limit_of_no_concurrent_replays_means_one() {
        let world = World::with(|it| it.replay_concurrency(0)).await;
        world.server.expire_all();
        for call in world.orders(0..3) {
            call.await.unwrap().unwrap();
        }
    }

    async fn a_dropped_replay_that_hangs_passes_its_permit_on() {
        let world = World::with(|it| it.replay_concurrency(1)).await;
        world.server.expire_all();
        let refresh = world.server.hold_refresh();
        let first = tokio::spawn(world.shop.slow());
        world.waiting(1).await;
        let others = world.orders(0..3);
        world.waiting(4).await;
        world.server.on("/slow").never();
        refresh.release();
        world.server.arrived("/slow", 2).await;
        first.abort();
        for call in others {
            call.await.unwrap().unwrap();
        }
    }

    async fn a_call_that_is_dropped_while_it_queues_for_its_turn_is_never_sent() {
        let world = World::with(|it| it.replay_concurrency(1)).await;
        world.server.expire_all();
        let refresh = world.server.hold_refresh();
        let slow = world.server.on("/slow").after(1).hold();
        let first = tokio::spawn(world.shop.slow());
        world.waiting(1).await;
        let second = world.orders(0..1).remove(0);
        world.waiting(2).await;
        let third = world.orders(1..2).remove(0);
        world.waiting(3).await;
        refresh.release();
        slow.arrived(1).await;
        second.abort();
        let _ = second.await;
        slow.release();
        first.await.unwrap().unwrap();
        third.await.unwrap().unwrap();
        assert_eq!(world.server.count("/orders/0"), 0);
    }

    async fn a_hundred_manual_refreshes_are_one() {
        let world = World::new().await;
        let hold = world.server.hold_refresh();
        let refresh = |_| {
            let session = world.session().clone();
            tokio::spawn(async move { session.refresh().await })
        };
        let all: Vec<_> = (0..100).map(refresh).collect();
        world.waiting(100).await;
        hold.release();
        for one in all {
            one.await.unwrap().unwrap();
        }
        assert_eq!(world.server.refreshes(), 1);
    }

    async fn threads_that_block_on_their_calls_share_the_refresh() {
        let world = World::expired().await;
        let hold = world.server.hold_refresh();
        let block = |id| {
            let (handle, call) = (tokio::runtime::Handle::current(), world.shop.order(id));
            tokio::task::spawn_blocking(move || handle.block_on(call))
        };
        let threads: Vec<_> = (0..8).map(block).collect();
        world.waiting(8).await;
        hold.release();
        for thread in threads {
            thread.await.unwrap().unwrap();
        }
        assert_eq!(world.server.refreshes(), 1);
    }

    async fn calls_of_a_local_set_share_the_refresh() {
        let world = World::expired().await;
        let local = tokio::task::LocalSet::new();
        let spawn = |id| local.spawn_local(world.shop.order(id));
        let calls: Vec<_> = (0..10).map(spawn).collect();
        local.await;
        for call in calls {
            call.await.unwrap().unwrap();
        }
        assert_eq!(world.server.refreshes(), 1);
    }

    async fn an_optional_call_that_waits_while_its_user_signs_out_is_not_sent_without_a_token() {
        let world = World::expired().await;
        let hold = world.server.hold_refresh();
        let leader = tokio::spawn(world.shop.slow());
        hold.arrived(1).await;
        let news = tokio::spawn(world.shop.news());
        world.waiting(2).await;
        world.session().logout().await.unwrap();
        assert!(news.await.unwrap().unwrap_err().kind() == ErrorKind::SessionChanged);
        assert!(leader.await.unwrap().unwrap_err().kind() == ErrorKind::SessionChanged);
        assert_eq!(world.server.count("/fast"), 0);
    }
}

timed! {
    async fn a_hundred_calls_with_less_time_than_the_refresh_takes_fail_alone() {
        let world = World::expired().await;
        world.server.on_refresh().delay(secs(5));
        let limit = |id| Duration::from_millis(100 + id * 10);
        let calls = (0..100).map(|id| world.shop.order(id).timeout(limit(id)));
        for call in join_all(calls).await {
            assert_eq!(call.unwrap_err().kind(), ErrorKind::Timeout(Phase::Refresh));
        }
        assert_eq!(world.session().stats().waiting, 0);
        world.shop.order(7).await.unwrap();
        assert_eq!(world.wire(), (1, 101));
    }

    async fn a_replay_that_hangs_returns_its_permit_at_its_timeout() {
        let world = World::with(|it| it.replay_concurrency(1)).await;
        world.server.expire_all();
        let refresh = world.server.hold_refresh();
        let first = tokio::spawn(world.shop.slow().timeout(secs(30)));
        world.waiting(1).await;
        let others = world.orders(0..3);
        world.waiting(4).await;
        world.server.on("/slow").never();
        refresh.release();
        let error = first.await.unwrap().unwrap_err();
        assert_eq!(error.kind(), ErrorKind::Timeout(Phase::Attempt));
        for call in others {
            call.await.unwrap().unwrap();
        }
    }

    async fn a_refresh_that_completes_after_its_timeout_does_not_affect_the_next_login() {
        let world = World::expired().await;
        world.server.on_refresh().first(1).delay(secs(60));
        assert!(world.shop.order(1).await.unwrap_err().kind() == ErrorKind::RefreshFailed);
        world.session().login(tokens(&world.server.issue("bob"))).await.unwrap();
        tokio::time::sleep(secs(120)).await;
        let echo = world.shop.echo("x", &[], "t", &json!(1)).await.unwrap();
        assert_eq!(echo["user"], "bob");
    }
}
