//! One user's calls are never made as another user, and a user who signed out stays signed out.

use perennial::ErrorKind;
use perennial::store::MemoryStore;
use serde_json::json;

use crate::support::{Who, World, cases, sign_in, tokens};

cases! {
    async fn a_user_who_signs_out_during_a_refresh_stays_signed_out() {
        let store = MemoryStore::new();
        let kept = store.clone();
        let world = World::with(|it| it.store(kept)).await;
        assert!(store.stored().is_some());
        world.server.expire_all();
        let hold = world.server.hold_refresh();
        let call = tokio::spawn(world.shop.fast());
        hold.arrived(1).await;
        // It does not wait for the network.
        world.session().logout().await.unwrap();
        let error = call.await.unwrap().unwrap_err();
        assert!(error.kind() == ErrorKind::SessionChanged || error.is_signed_out(), "{error}");
        hold.release();
        while world.session().stats().refreshing {
            tokio::task::yield_now().await;
        }
        world.told.quiet().await;
        assert!(!world.session().is_signed_in());
        assert_eq!((world.access(), store.stored()), (None, None));
        assert!(world.shop.fast().await.unwrap_err().is_signed_out());
        assert_eq!(world.wire(), (1, 1));
        assert_eq!(world.told.logouts(), 0);
    }

    async fn a_pending_call_says_whether_its_user_signed_out_or_another_signed_in() {
        for (is_queued, signs_in, text) in [
            (true, false, "the user signed out while the call was pending"),
            (false, false, "the user signed out while the call was pending"),
            (true, true, "a different user signed in while the call was pending"),
            (false, true, "a different user signed in while the call was pending"),
        ] {
            let world = World::expired().await;
            let hold = match is_queued {
                true => world.server.hold_refresh(),
                false => world.server.on("/slow").hold(),
            };
            let call = tokio::spawn(world.shop.slow());
            hold.arrived(1).await;
            if signs_in {
                world.session().login(tokens(&world.server.issue("bob"))).await.unwrap();
            } else {
                world.session().logout().await.unwrap();
            }
            hold.release();
            let error = call.await.unwrap().unwrap_err();
            assert_eq!(error.kind(), ErrorKind::SessionChanged, "{error}");
            assert!(error.to_string().ends_with(text), "{error}");
        }
    }

    async fn a_queued_call_of_one_user_is_never_sent_as_another() {
        let world = World::expired().await;
        let hold = world.server.hold_refresh();
        let posts: Vec<_> = (0..3)
            .map(|n| tokio::spawn(world.shop.place(&json!({"n": n}))))
            .collect();
        hold.arrived(1).await;
        world.waiting(3).await;
        world.session().login(tokens(&world.server.issue("bob"))).await.unwrap();
        hold.release();
        for post in posts {
            let error = post.await.unwrap().unwrap_err();
            assert!(error.kind() == ErrorKind::SessionChanged, "{error}");
        }
        world.shop.place(&json!({"n": 9})).await.unwrap();
        assert_eq!(world.server.placed(), [("bob".to_owned(), json!({"n": 9}))]);
    }

    async fn a_refresh_of_the_previous_user_changes_nothing() {
        let (world, hold, call) = World::refreshing().await;
        let bob = world.server.issue("bob");
        world.session().login(tokens(&bob)).await.unwrap();
        hold.release();
        assert!(call.await.unwrap().unwrap_err().kind() == ErrorKind::SessionChanged);
        assert_eq!(world.access(), Some(bob.access));
        world.shop.slow().await.unwrap();
        assert_eq!(world.server.recorded_on("/slow")[0].user(), Some("bob"));
        assert_eq!(world.server.refreshes(), 1);
    }

    async fn a_login_by_the_method_during_a_refresh_keeps_the_users_apart() {
        let (world, hold, leader) = World::refreshing().await;
        let calls = world.orders(0..5);
        world.waiting(6).await;
        world.shop.login(&Who::named("bob")).await.unwrap();
        for call in calls {
            assert!(call.await.unwrap().unwrap_err().kind() == ErrorKind::SessionChanged);
        }
        assert!(leader.await.unwrap().unwrap_err().kind() == ErrorKind::SessionChanged);
        hold.release();
        world.told.quiet().await;
        world.shop.order(9).await.unwrap();
        assert_eq!(world.server.recorded_on("/orders/9")[0].user(), Some("bob"));
        assert_eq!(world.wire(), (1, 2));
    }

    async fn a_call_that_was_made_before_a_switch_is_not_sent_after_it() {
        let world = World::new().await;
        let (call, post) = (world.shop.order(1), world.shop.place(&json!({"n": 1})));
        world.session().login(tokens(&world.server.issue("bob"))).await.unwrap();
        assert!(call.await.unwrap_err().kind() == ErrorKind::SessionChanged);
        world.session().logout().await.unwrap();
        assert!(post.await.unwrap_err().kind() == ErrorKind::SessionChanged);
        assert_eq!(world.wire(), (0, 0));
    }

    async fn an_unrepeatable_call_of_the_user_before_renews_nothing() {
        let world = World::expired().await;
        let hold = world.server.on("POST /orders").hold();
        let late = tokio::spawn(world.shop.place_once(&json!({"n": 1})));
        hold.arrived(1).await;
        world.session().login(tokens(&world.server.issue("bob"))).await.unwrap();
        hold.release();
        let error = late.await.unwrap().unwrap_err();
        assert!(error.kind() == ErrorKind::SessionChanged, "{error}");
        assert_eq!(world.wire(), (0, 1));
    }

    async fn a_good_response_that_comes_after_a_switch_reaches_its_caller() {
        let world = World::new().await;
        let hold = world.server.hold("/slow");
        let call = tokio::spawn(world.shop.slow());
        hold.arrived(1).await;
        world.session().login(tokens(&world.server.issue("bob"))).await.unwrap();
        hold.release();
        assert_eq!(call.await.unwrap().unwrap(), "ok");
    }

    async fn an_expired_response_that_comes_after_a_switch_starts_no_refresh() {
        let world = World::expired().await;
        let hold = world.server.hold("/slow");
        let call = tokio::spawn(world.shop.slow());
        hold.arrived(1).await;
        world.session().login(tokens(&world.server.issue("bob"))).await.unwrap();
        hold.release();
        assert!(call.await.unwrap().unwrap_err().kind() == ErrorKind::SessionChanged);
        assert_eq!(world.wire(), (0, 1));
    }

    async fn a_login_over_the_wire_signs_in_and_a_logout_signs_out() {
        let world = World::new().await;
        world.shop.login(&Who::named("eve")).await.unwrap();
        world.shop.fast().await.unwrap();
        assert_eq!(world.server.recorded_on("/fast")[0].user(), Some("eve"));
        world.shop.logout().await.unwrap();
        assert!(!world.session().is_signed_in());
        assert_eq!(world.server.logouts(), 1);
        assert!(world.shop.fast().await.unwrap_err().is_signed_out());
    }

    async fn a_login_that_completes_after_another_or_after_a_logout_changes_nothing() {
        for overtaken_by in [Some("bob"), None] {
            let world = World::new().await;
            let hold = world.server.on_login().first(1).hold();
            let late = tokio::spawn(world.shop.login(&Who::named("eve")));
            hold.arrived(1).await;
            match overtaken_by {
                Some(user) => drop(world.shop.login(&Who::named(user)).await.unwrap()),
                None => world.session().logout().await.unwrap(),
            }
            let before = world.access();
            hold.release();
            assert!(late.await.unwrap().unwrap_err().kind() == ErrorKind::SessionChanged);
            assert_eq!((world.access(), before.is_some()), (before, overtaken_by.is_some()));
        }
    }

    async fn a_logout_that_a_login_overtakes_signs_no_user_out() {
        let world = World::new().await;
        let hold = world.server.on("/logout").hold();
        let late = tokio::spawn(world.shop.logout());
        hold.arrived(1).await;
        let bob = sign_in(&world.server, world.session(), "bob").await;
        hold.release();
        late.await.unwrap().unwrap();
        assert_eq!(world.access(), Some(bob.access));
        world.shop.fast().await.unwrap();
    }

    async fn a_wrong_password_is_an_ordinary_error_and_leaves_the_session() {
        let world = World::new().await;
        let wrong = Who { password: "wrong", ..Who::named("ann") };
        let error = world.shop.login(&wrong).await.unwrap_err();
        assert!(error.kind() == ErrorKind::Api && error.has_code(1002), "{error}");
        world.shop.fast().await.unwrap();
        assert_eq!(world.server.refreshes(), 0);
    }

    async fn two_users_who_expire_together_get_their_own_orders() {
        let world = World::new().await;
        let bob = world.other("bob").await;
        world.server.expire_all();
        let (ann, bobs) = (json!({"of": "ann"}), json!({"of": "bob"}));
        let (one, two) = tokio::join!(world.shop.place(&ann), bob.place(&bobs));
        one.unwrap();
        two.unwrap();
        let mut placed = world.server.placed();
        placed.sort_by(|one, two| one.0.cmp(&two.0));
        assert_eq!(placed, [("ann".to_owned(), ann), ("bob".to_owned(), bobs)]);
    }
}
