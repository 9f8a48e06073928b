//! One user's calls are never made as another, and who signed out stays signed out.

use perennial::MemoryStore;
use perennial_tests::Protocol;
use serde_json::json;

use crate::shop::Who;
use crate::world::{World, cases, tokens};

cases! {
    async fn who_signs_out_during_a_refresh_stays_signed_out() {
        let world = World::with(Protocol::article(), |it| it.store(MemoryStore::new())).await;
        world.server.expire_all();
        let hold = world.server.hold_refresh();
        let call = tokio::spawn(world.shop.fast().into_future());
        hold.arrived(1).await;
        // It does not wait for the network.
        world.session().logout().await.unwrap();
        let error = call.await.unwrap().unwrap_err();
        assert!(error.is_session_changed() || error.is_signed_out(), "{error}");
        hold.release();
        while world.session().stats().refreshing {
            tokio::task::yield_now().await;
        }
        assert!(!world.session().is_signed_in());
        assert_eq!(world.access(), None);
        assert!(world.shop.fast().await.unwrap_err().is_signed_out());
        assert_eq!(world.wire(), (1, 1));
        assert_eq!(world.seen.lost(), 0);
    }

    async fn a_queued_call_of_one_user_is_never_sent_as_another() {
        let world = World::expired().await;
        let hold = world.server.hold_refresh();
        let posts: Vec<_> = (0..3)
            .map(|n| tokio::spawn(world.shop.place(&json!({"n": n})).into_future()))
            .collect();
        hold.arrived(1).await;
        world.waiting(3).await;
        world.session().login(tokens(&world.server.issue("bob"))).await.unwrap();
        hold.release();
        for post in posts {
            let error = post.await.unwrap().unwrap_err();
            assert!(error.is_session_changed(), "{error}");
        }
        world.shop.place(&json!({"n": 9})).await.unwrap();
        assert_eq!(world.server.placed(), [("bob".to_owned(), json!({"n": 9}))]);
    }

    async fn a_refresh_of_the_user_before_changes_nothing() {
        let world = World::expired().await;
        let hold = world.server.hold_refresh();
        let call = tokio::spawn(world.shop.fast().into_future());
        hold.arrived(1).await;
        let bob = world.server.issue("bob");
        world.session().login(tokens(&bob)).await.unwrap();
        hold.release();
        assert!(call.await.unwrap().unwrap_err().is_session_changed());
        assert_eq!(world.access(), Some(bob.access));
        world.shop.slow().await.unwrap();
        assert_eq!(world.server.recorded_on("/slow")[0].user(), Some("bob"));
        assert_eq!(world.server.refreshes(), 1);
    }

    async fn a_good_answer_that_comes_after_a_switch_reaches_its_caller() {
        let world = World::new().await;
        let hold = world.server.hold("/slow");
        let call = tokio::spawn(world.shop.slow().into_future());
        hold.arrived(1).await;
        world.session().login(tokens(&world.server.issue("bob"))).await.unwrap();
        hold.release();
        assert_eq!(call.await.unwrap().unwrap(), "ok");
    }

    async fn an_expired_answer_that_comes_after_a_switch_starts_no_refresh() {
        let world = World::expired().await;
        let hold = world.server.hold("/slow");
        let call = tokio::spawn(world.shop.slow().into_future());
        hold.arrived(1).await;
        world.session().login(tokens(&world.server.issue("bob"))).await.unwrap();
        hold.release();
        assert!(call.await.unwrap().unwrap_err().is_session_changed());
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

    async fn a_wrong_password_is_an_ordinary_error_and_leaves_the_session() {
        let world = World::new().await;
        let wrong = Who { password: "wrong".to_owned(), ..Who::named("ann") };
        let error = world.shop.login(&wrong).await.unwrap_err();
        assert!(error.is_api() && error.has_code(1002), "{error}");
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
