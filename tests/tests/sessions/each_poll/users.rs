//! Logins and logouts that are dropped on their way.

use perennial::store::MemoryStore;

use super::sluggish::Sluggish;
use super::{counts, drop_after, each_poll, works};
use crate::support::{Who, World, sign_in, tokens};

#[tokio::test]
async fn a_login_as_another_user() {
    each_poll(async |polls| {
        let world = World::new().await;
        let who = Who::named("bob");
        let done = drop_after(polls, world.shop.login(&who)).await;
        works(&world, 0).await;
        let user = world.server.recorded_on("/orders/9")[0].user().map(str::to_owned);
        let expected = if done.is_some() { &["bob"][..] } else { &["ann", "bob"] };
        assert!(user.is_some_and(|user| expected.contains(&user.as_str())));
        done.is_some()
    })
    .await;
}

#[tokio::test]
async fn a_login_over_a_store_that_takes_its_time() {
    each_poll(async |polls| {
        let store = MemoryStore::new();
        let kept = store.clone();
        let world = World::with(|builder| builder.store(Sluggish(store))).await;
        let issued = world.server.issue("bob");
        let done = drop_after(polls, world.session().login(tokens(&issued))).await;
        works(&world, 0).await;
        // The write goes on though nobody waits for it.
        while kept.stored().is_none_or(|kept| kept.tokens.access() != issued.access) {
            tokio::task::yield_now().await;
        }
        assert_eq!(world.session().tokens().unwrap().access(), issued.access);
        done.is_some()
    })
    .await;
}

#[tokio::test]
async fn a_logout_over_a_store_that_takes_its_time() {
    each_poll(async |polls| {
        let store = MemoryStore::new();
        let kept = store.clone();
        let world = World::with(|builder| builder.store(Sluggish(store))).await;
        let done = drop_after(polls, world.session().logout()).await;
        assert!(!world.session().is_signed_in());
        while kept.stored().is_some() {
            tokio::task::yield_now().await;
        }
        assert!(world.shop.order(1).await.unwrap_err().is_signed_out());
        counts(&world, 0);
        done.is_some()
    })
    .await;
}

#[tokio::test]
async fn the_logout_method() {
    each_poll(async |polls| {
        let world = World::new().await;
        let done = drop_after(polls, world.shop.logout()).await;
        let after = world.shop.order(9).await;
        // A server that has signed the user out says so to a client that has not noticed.
        match after {
            Ok(order) => assert!(done.is_none() && order.id == 9),
            Err(error) => assert!(error.is_signed_out(), "{error}"),
        }
        counts(&world, 0);
        sign_in(&world.server, world.session(), "ann").await;
        works(&world, 0).await;
        done.is_some()
    })
    .await;
}

#[tokio::test]
async fn the_logout_method_with_an_expired_token() {
    each_poll(async |polls| {
        let world = World::new().await;
        world.server.expire_all();
        let done = drop_after(polls, world.shop.logout()).await;
        world.told.quiet().await;
        assert_eq!(world.session().stats().waiting, 0);
        sign_in(&world.server, world.session(), "ann").await;
        world.shop.order(9).await.unwrap();
        assert_eq!(world.server.reuses(), 0);
        done.is_some()
    })
    .await;
}
