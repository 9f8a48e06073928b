//! Each kind of call is dropped after its first poll, after its second, and so on until it completes.
//! Whatever was dropped, the session continues, nothing is lost, and no call waits in vain.

mod kinds;
mod sluggish;
mod users;

use std::future::poll_fn;
use std::task::Poll;
use std::time::Duration;

use crate::support::{World, lasting};
use perennial::store::MemoryStore;
use sluggish::Sluggish;

/// Polls a future so many times and drops it. `None` if it had not completed.
async fn drop_after<T>(polls: usize, future: impl Future<Output = T>) -> Option<T> {
    let mut future = Box::pin(future);
    let mut left = polls;
    poll_fn(move |context| match future.as_mut().poll(context) {
        Poll::Ready(value) => Poll::Ready(Some(value)),
        Poll::Pending => {
            left -= 1;
            if left == 0 { Poll::Ready(None) } else { Poll::Pending }
        }
    })
    .await
}

/// Tries a scenario with ever more polls, until what is dropped in it completes before.
async fn each_poll(scenario: impl AsyncFn(usize) -> bool) {
    for polls in 1..500 {
        if scenario(polls).await {
            assert!(polls > 1, "it completes at once, and nothing was dropped");
            return;
        }
    }
    panic!("it does not complete within 500 polls");
}

/// Drops such a call after each of its polls. Then the session is at rest, and as many refreshes were made.
async fn each_poll_of<T>(
    world: impl AsyncFn() -> World,
    refreshes: usize,
    call: impl AsyncFn(&World) -> T,
) {
    each_poll(async |polls| {
        let world = world().await;
        let done = drop_after(polls, call(&world)).await;
        works(&world, refreshes).await;
        done.is_some()
    })
    .await;
}

/// The session is at rest and works, and as many refreshes were made in all.
async fn works(world: &World, refreshes: usize) {
    world.told.quiet().await;
    assert_eq!(world.session().stats().waiting, 0);
    assert_eq!(world.shop.order(9).await.unwrap().id, 9);
    world.told.quiet().await;
    counts(world, refreshes);
}

fn counts(world: &World, refreshes: usize) {
    let stats = world.session().stats();
    assert_eq!((stats.waiting, stats.refreshing), (0, false));
    assert_eq!((world.server.refreshes(), world.server.rotations()), (refreshes, refreshes));
    assert_eq!(world.server.reuses(), 0);
    assert_eq!(stats.refreshes, refreshes as u64);
}

#[tokio::test]
async fn a_plain_call() {
    each_poll_of(World::new, 0, async |world| world.shop.order(1).await).await;
}

#[tokio::test]
async fn the_call_that_starts_the_refresh() {
    each_poll_of(World::expired, 1, async |world| world.shop.order(1).await).await;
}

#[tokio::test]
async fn the_call_that_starts_the_refresh_over_a_store_that_takes_its_time() {
    each_poll(async |polls| {
        let store = MemoryStore::new();
        let kept = store.clone();
        let world = World::with(|builder| builder.store(Sluggish(store))).await;
        world.server.expire_all();
        let done = drop_after(polls, world.shop.order(1)).await;
        works(&world, 1).await;
        let held = world.session().tokens().unwrap();
        assert_eq!(kept.stored().unwrap().tokens.access(), held.access());
        done.is_some()
    })
    .await;
}

#[tokio::test]
async fn a_call_that_waits_for_the_refresh_of_another() {
    each_poll(async |polls| {
        let world = World::new().await;
        world.server.expire_all();
        let hold = world.server.hold_refresh();
        let leader = tokio::spawn(world.shop.order(1));
        hold.arrived(1).await;
        let sent = world.server.count("/orders/2");
        let waiter = drop_after(polls, world.shop.order(2));
        let mut waiter = std::pin::pin!(waiter);
        let done = tokio::select! {
            biased;
            done = &mut waiter => done,
            () = world.told.until(|counts| counts.queued == 2) => {
                hold.release();
                waiter.await
            }
        };
        if done.is_none() && world.told.counts().queued < 2 {
            assert_eq!(world.session().stats().waiting, 1, "only the leader waits");
        }
        hold.release();
        assert_eq!(leader.await.unwrap().unwrap().id, 1);
        assert!(world.server.count("/orders/2") - sent <= 1);
        works(&world, 1).await;
        done.is_some()
    })
    .await;
}

#[tokio::test]
async fn the_leader_among_many_that_wait() {
    each_poll(async |polls| {
        let world = World::new().await;
        world.server.expire_all();
        let leader = drop_after(polls, world.shop.order(1));
        let others: Vec<_> = (2..7).map(|id| tokio::spawn(world.shop.order(id))).collect();
        let done = leader.await;
        for other in others {
            other.await.unwrap().unwrap();
        }
        works(&world, 1).await;
        done.is_some()
    })
    .await;
}

#[tokio::test]
async fn one_of_the_calls_that_take_turns() {
    each_poll(async |polls| {
        let world = World::with(|builder| builder.replay_concurrency(1)).await;
        world.server.expire_all();
        let before: Vec<_> = (2..4).map(|id| tokio::spawn(world.shop.order(id))).collect();
        let dropped = drop_after(polls, world.shop.order(1));
        let after = tokio::spawn(world.shop.order(5));
        let done = dropped.await;
        for other in before.into_iter().chain([after]) {
            other.await.unwrap().unwrap();
        }
        works(&world, 1).await;
        done.is_some()
    })
    .await;
}

#[tokio::test]
async fn a_call_that_renews_before_it_is_sent() {
    each_poll(async |polls| {
        let world = World::new().await;
        world.session().login(lasting(&world.issued)).await.unwrap();
        world.clock.jump(7195);
        let done = drop_after(polls, world.shop.order(1)).await;
        works(&world, 1).await;
        done.is_some()
    })
    .await;
}

#[tokio::test]
async fn a_refresh_by_hand() {
    each_poll_of(World::new, 1, async |world| world.session().refresh().await).await;
}

#[tokio::test]
async fn the_refresh_method() {
    each_poll_of(World::new, 1, async |world| world.shop.refresh().await).await;
}

#[tokio::test]
async fn an_optional_call_that_starts_the_refresh() {
    each_poll_of(World::expired, 1, async |world| world.shop.news().await).await;
}

#[tokio::test]
async fn a_public_call_during_a_refresh() {
    each_poll(async |polls| {
        let world = World::new().await;
        world.server.expire_all();
        let hold = world.server.hold_refresh();
        let leader = tokio::spawn(world.shop.order(1));
        hold.arrived(1).await;
        let done = drop_after(polls, world.shop.health()).await;
        assert_eq!(world.session().stats().waiting, 1);
        hold.release();
        leader.await.unwrap().unwrap();
        works(&world, 1).await;
        done.is_some()
    })
    .await;
}

#[tokio::test]
async fn a_call_with_a_time_limit_that_starts_the_refresh() {
    each_poll_of(World::expired, 1, async |world| {
        world.shop.order(1).timeout(Duration::from_secs(3600)).await
    })
    .await;
}
