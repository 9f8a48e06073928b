//! Nothing goes in a circle.

use crate::support::{Who, World, cases, secs, timed};

cases! {
    async fn a_call_is_sent_twice_at_most_and_the_next_one_works() {
        let world = World::new().await;
        world.server.always_expired(true);
        let error = world.shop.fast().await.unwrap_err();
        assert!(error.is_expired() && error.has_code(1234), "{error}");
        assert_eq!(error.attempts(), 2);
        assert_eq!(world.wire(), (1, 2));
        world.server.always_expired(false);
        world.shop.fast().await.unwrap();
    }
}

timed! {
    async fn a_server_that_accepts_nothing_gets_five_refreshes_in_half_a_minute() {
        let world = World::new().await;
        world.server.always_expired(true);
        let mut excessive = 0;
        for _ in 0..50 {
            excessive += usize::from(world.shop.fast().await.unwrap_err().is_excessive_refresh());
        }
        assert_eq!(world.server.refreshes(), 5);
        assert!(excessive >= 40, "{excessive} calls were told of the circle");
        tokio::time::sleep(secs(31)).await;
        world.server.always_expired(false);
        world.shop.fast().await.unwrap();
    }

    async fn a_login_starts_the_count_of_futile_refreshes_again() {
        let world = World::new().await;
        world.server.always_expired(true);
        for _ in 0..10 {
            world.shop.fast().await.unwrap_err();
        }
        assert_eq!(world.server.refreshes(), 5);
        world.shop.login(&Who::named("ann")).await.unwrap();
        assert!(world.shop.fast().await.unwrap_err().is_expired());
        assert_eq!(world.server.refreshes(), 6);
    }

    async fn tokens_that_live_very_shortly_are_no_circle() {
        let world = World::new().await;
        world.server.expire_after_uses(1);
        for _ in 0..40 {
            world.shop.fast().await.unwrap();
        }
        assert_eq!(world.server.refreshes(), 39);
    }
}
