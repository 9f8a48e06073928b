//! Nothing loops.

use std::time::Duration;

use perennial::store::{MemoryStore, StoreError, StoreLock, TokenStore};
use perennial::{BoxFuture, ErrorKind, Tokens};
use perennial_tests::Reply;
use serde_json::json;

use crate::support::{ShopClient, Told, Who, World, as_in, builder, cases, secs, timed};

cases! {
    async fn a_call_is_sent_twice_at_most_and_the_next_one_works() {
        let world = World::new().await;
        world.server.always_expired(true);
        let error = world.shop.fast().await.unwrap_err();
        assert!(error.kind() == ErrorKind::Expired && error.has_code(1234), "{error}");
        assert_eq!(error.attempts(), 2);
        // It had its refresh, and leaves none behind that nobody waits for.
        world.told.quiet().await;
        assert_eq!((world.wire(), world.session().stats().refreshes), ((1, 2), 1));
        world.server.always_expired(false);
        world.shop.fast().await.unwrap();
    }

    async fn a_call_is_sent_twice_at_most_even_if_others_renew_the_token_each_time() {
        let world = World::new().await;
        let over = Reply::json(&json!({"code": 1234, "message": "over", "data": {}}));
        world.server.on("/slow").response_after(over);
        let hold = world.server.on("/slow").hold();
        let call = tokio::spawn(world.shop.slow());
        for send in 1..=2 {
            hold.arrived(send).await;
            world.session().refresh().await.unwrap();
            hold.release_one();
        }
        let error = call.await.unwrap().unwrap_err();
        assert!(error.kind() == ErrorKind::Expired && error.attempts() == 2, "{error}");
        assert_eq!((world.server.count("/slow"), world.server.refreshes()), (2, 2));
    }

    async fn a_replay_with_an_expired_token_of_another_process_does_not_count() {
        let (world, other) = two_processes().await;
        // It has the first token, finds the second in the store, and both have expired.
        world.shop.fast().await.unwrap();
        assert_eq!(world.server.generations("/fast"), [Some(1), Some(2), Some(3)]);
        assert_eq!((world.server.refreshes(), world.session().stats().refreshes), (2, 1));
        drop(other);
    }

    async fn a_call_is_sent_three_times_at_most_even_if_another_process_renews_each_time() {
        let (world, other) = two_processes().await;
        world.server.always_expired(true);
        let hold = world.server.on("/fast").hold();
        let call = tokio::spawn(world.shop.fast());
        for send in 1..=3 {
            hold.arrived(send).await;
            other.session().refresh().await.unwrap();
            hold.release_one();
        }
        hold.release();
        let error = call.await.unwrap().unwrap_err();
        assert!(error.kind() == ErrorKind::Expired && error.attempts() == 3, "{error}");
    }

    async fn a_refresh_token_that_another_process_has_used_ends_no_session() {
        let store = MemoryStore::new();
        let kept = Elsewhere(store.clone());
        let world = World::with(|builder| builder.store(kept)).await;
        let other = of_another_process(&world, store).await;
        let late = world.server.on_refresh().first(1).hold_back();
        let used = json!({"code": 1001, "message": "used", "data": {}});
        world.server.on_refresh().first(1).response(Reply::json(&used));
        world.session().expire_now();
        let call = tokio::spawn(world.shop.fast());
        late.arrived(1).await;
        other.session().refresh().await.unwrap();
        late.release();
        // It is refused, and finds in the store what the other one got for it.
        call.await.unwrap().unwrap();
        assert_eq!(world.access().as_deref(), other.session().tokens().as_ref().map(Tokens::access));
        assert_eq!((world.told.logouts(), world.server.generations("/fast")), (0, vec![Some(2)]));
    }

    async fn a_call_is_sent_three_times_at_most_whatever_lies_in_the_store() {
        let (world, other) = two_processes().await;
        world.server.always_expired(true);
        let error = world.shop.fast().await.unwrap_err();
        assert!(error.kind() == ErrorKind::Expired && error.attempts() == 3, "{error}");
        world.told.quiet().await;
        assert_eq!((world.server.count("/fast"), world.session().stats().refreshes), (3, 1));
        // The next call finds nothing new there, and is bound as every other.
        assert_eq!(world.shop.slow().await.unwrap_err().attempts(), 2);
        assert_eq!(world.server.count("/slow"), 2);
        drop(other);
    }
}

/// Two processes with one store. One has the first token; the other has renewed it, and the token that it saved has
/// expired by now.
async fn two_processes() -> (World, ShopClient) {
    let store = MemoryStore::new();
    let kept = Elsewhere(store.clone());
    let world = World::with(|builder| builder.store(kept)).await;
    let other = of_another_process(&world, store).await;
    other.session().refresh().await.unwrap();
    world.server.expire_all();
    (world, other)
}

async fn of_another_process(world: &World, store: MemoryStore) -> ShopClient {
    let store = Elsewhere(store);
    let other = builder(&world.server, &Told::default()).store(store).build().unwrap();
    other.session().load().await;
    other
}

/// A store as another process sees it: with no place, so that each session on it is one of its own.
struct Elsewhere(MemoryStore);

impl TokenStore for Elsewhere {
    as_in! { 0: load, save, clear }

    /// The calls of these cases come one after the other: the lock is always free.
    fn lock(&self, _: Duration) -> BoxFuture<'_, Result<Option<StoreLock>, StoreError>> {
        Box::pin(async { Ok(Some(StoreLock::new(()))) })
    }
}

timed! {
    async fn a_server_that_accepts_nothing_gets_five_refreshes_in_half_a_minute() {
        let world = World::new().await;
        world.server.always_expired(true);
        let mut excessive = 0;
        // One call in each second: the cooldown of the endpoint comes first.
        for _ in 0..28 {
            excessive += usize::from(world.shop.fast().await.unwrap_err().kind() == ErrorKind::ExcessiveRefresh);
            world.clock.pass(secs(1));
        }
        assert_eq!(world.server.refreshes(), 5);
        assert!(excessive >= 10, "{excessive} calls were told of the circle");
        world.clock.pass(secs(31));
        world.server.always_expired(false);
        world.shop.fast().await.unwrap();
    }

    async fn the_response_of_a_gateway_does_not_confirm_a_token() {
        for status in [401, 429, 502, 503] {
            let world = World::new().await;
            world.server.always_expired(true);
            // Every second send is turned away before the server has looked at its token.
            for nth in 1..=20 {
                world.server.on("/fast").nth(2 * nth).response(Reply::status(status));
            }
            for _ in 0..20 {
                world.shop.fast().await.unwrap_err();
            }
            assert_eq!(world.server.refreshes(), 5, "{status}");
        }
    }

    async fn a_rejection_by_the_api_confirms_the_token() {
        let rejection = Reply::json(&json!({"code": 2001, "message": "no", "data": {}}));
        for reply in [rejection, Reply::status(404)] {
            let world = World::new().await;
            for _ in 0..20 {
                world.server.expire_all();
                world.server.on("/fast").nth(2).response(reply.clone());
                world.shop.fast().await.unwrap_err();
            }
            assert_eq!(world.server.refreshes(), 20);
        }
    }

    async fn a_login_starts_the_count_of_futile_refreshes_again() {
        let world = World::new().await;
        world.server.always_expired(true);
        for _ in 0..20 {
            world.shop.fast().await.unwrap_err();
            world.clock.pass(secs(1));
        }
        assert_eq!(world.server.refreshes(), 5);
        world.shop.login(&Who::named("ann")).await.unwrap();
        assert!(world.shop.fast().await.unwrap_err().kind() == ErrorKind::Expired);
        assert_eq!(world.server.refreshes(), 6);
    }

    async fn tokens_with_a_very_short_lifetime_cause_no_loop() {
        let world = World::new().await;
        world.server.expire_after_uses(1);
        for _ in 0..40 {
            world.shop.fast().await.unwrap();
        }
        assert_eq!(world.server.refreshes(), 39);
    }
}
