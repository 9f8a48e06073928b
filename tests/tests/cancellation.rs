//! Each kind of call is dropped after its first poll, after its second, and so on until it completes.
//! Whatever was dropped: the session goes on, nothing was lost, and nobody waits for nothing.

#![allow(missing_docs, clippy::unwrap_used)]

mod support;

use std::future::poll_fn;
use std::task::Poll;
use std::time::Duration;

use perennial::{BoxFuture, MemoryStore, Stamp, StoreError, Stored, TokenStore};
use perennial_tests::{Protocol, Server};
use support::{ShopClient, Told, TurnedClock, Who, builder, sign_in, tokens};

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

/// Tries a scene with ever more polls, until what is dropped in it completes before.
async fn each_poll(scene: impl AsyncFn(usize) -> bool) {
    for polls in 1..500 {
        if scene(polls).await {
            assert!(polls > 1, "it completes at once, and nothing was dropped");
            return;
        }
    }
    panic!("it does not complete within 500 polls");
}

/// A client, its server and its news.
struct Scene {
    server: Server,
    shop: ShopClient,
    told: Told,
    clock: TurnedClock,
}

impl Scene {
    async fn new() -> Self {
        Self::with(|builder| builder).await
    }

    async fn with(
        dress: impl FnOnce(perennial::ClientBuilder<ShopClient>) -> perennial::ClientBuilder<ShopClient>,
    ) -> Self {
        let server = Server::start(Protocol::article());
        let told = Told::default();
        let clock = TurnedClock::default();
        let shop = dress(builder(&server, &told).clock(clock.clone())).build().unwrap();
        sign_in(&server, shop.session(), "ann").await;
        Self { server, shop, told, clock }
    }

    /// The session is at rest and works, and as many refreshes were made in all.
    async fn works(&self, refreshes: usize) {
        self.told.quiet().await;
        assert_eq!(self.shop.session().stats().waiting, 0);
        assert_eq!(self.shop.order(9).await.unwrap().id, 9);
        self.told.quiet().await;
        self.counts(refreshes);
    }

    fn counts(&self, refreshes: usize) {
        let stats = self.shop.session().stats();
        assert_eq!((stats.waiting, stats.refreshing), (0, false));
        assert_eq!((self.server.refreshes(), self.server.rotations()), (refreshes, refreshes));
        assert_eq!(self.server.reuses(), 0);
        assert_eq!(stats.refreshes, refreshes as u64);
    }
}

#[tokio::test]
async fn a_plain_call() {
    each_poll(async |polls| {
        let scene = Scene::new().await;
        let done = drop_after(polls, scene.shop.order(1).into_future()).await;
        scene.works(0).await;
        done.is_some()
    })
    .await;
}

#[tokio::test]
async fn the_call_that_starts_the_refresh() {
    each_poll(async |polls| {
        let scene = Scene::new().await;
        scene.server.expire_all();
        let done = drop_after(polls, scene.shop.order(1).into_future()).await;
        scene.works(1).await;
        done.is_some()
    })
    .await;
}

#[tokio::test]
async fn the_call_that_starts_the_refresh_over_a_store_that_takes_its_time() {
    each_poll(async |polls| {
        let store = MemoryStore::new();
        let kept = store.clone();
        let scene = Scene::with(|builder| builder.store(Sluggish(store))).await;
        scene.server.expire_all();
        let done = drop_after(polls, scene.shop.order(1).into_future()).await;
        scene.works(1).await;
        let held = scene.shop.session().tokens().unwrap();
        assert_eq!(kept.kept().unwrap().tokens.access(), held.access());
        done.is_some()
    })
    .await;
}

#[tokio::test]
async fn a_call_that_waits_for_the_refresh_of_another() {
    each_poll(async |polls| {
        let scene = Scene::new().await;
        scene.server.expire_all();
        let hold = scene.server.hold_refresh();
        let leader = tokio::spawn(scene.shop.order(1).into_future());
        hold.arrived(1).await;
        let sent = scene.server.count("/orders/2");
        let waiter = drop_after(polls, scene.shop.order(2).into_future());
        let mut waiter = std::pin::pin!(waiter);
        let done = tokio::select! {
            biased;
            done = &mut waiter => done,
            () = scene.told.until(|counts| counts.held == 2) => {
                hold.release();
                waiter.await
            }
        };
        if done.is_none() && scene.told.counts().held < 2 {
            assert_eq!(scene.shop.session().stats().waiting, 1, "only the leader waits");
        }
        hold.release();
        assert_eq!(leader.await.unwrap().unwrap().id, 1);
        assert!(scene.server.count("/orders/2") - sent <= 1);
        scene.works(1).await;
        done.is_some()
    })
    .await;
}

#[tokio::test]
async fn the_leader_among_many_that_wait() {
    each_poll(async |polls| {
        let scene = Scene::new().await;
        scene.server.expire_all();
        let leader = drop_after(polls, scene.shop.order(1).into_future());
        let others: Vec<_> =
            (2..7).map(|id| tokio::spawn(scene.shop.order(id).into_future())).collect();
        let done = leader.await;
        for other in others {
            other.await.unwrap().unwrap();
        }
        scene.works(1).await;
        done.is_some()
    })
    .await;
}

#[tokio::test]
async fn one_of_the_calls_that_take_turns() {
    each_poll(async |polls| {
        let scene = Scene::with(|builder| builder.replay_concurrency(1)).await;
        scene.server.expire_all();
        let before: Vec<_> =
            (2..4).map(|id| tokio::spawn(scene.shop.order(id).into_future())).collect();
        let dropped = drop_after(polls, scene.shop.order(1).into_future());
        let after = tokio::spawn(scene.shop.order(5).into_future());
        let done = dropped.await;
        for other in before.into_iter().chain([after]) {
            other.await.unwrap().unwrap();
        }
        scene.works(1).await;
        done.is_some()
    })
    .await;
}

#[tokio::test]
async fn a_call_that_renews_before_it_is_sent() {
    each_poll(async |polls| {
        let scene = Scene::new().await;
        scene.clock.turn(Duration::from_secs(7195));
        let done = drop_after(polls, scene.shop.order(1).into_future()).await;
        scene.works(1).await;
        done.is_some()
    })
    .await;
}

#[tokio::test]
async fn a_refresh_by_hand() {
    each_poll(async |polls| {
        let scene = Scene::new().await;
        let done = drop_after(polls, scene.shop.session().refresh()).await;
        // The first poll starts the flight, and the flight goes on.
        scene.works(1).await;
        done.is_some()
    })
    .await;
}

#[tokio::test]
async fn the_refresh_method() {
    each_poll(async |polls| {
        let scene = Scene::new().await;
        let done = drop_after(polls, scene.shop.refresh().into_future()).await;
        scene.works(1).await;
        done.is_some()
    })
    .await;
}

#[tokio::test]
async fn a_login_as_another_user() {
    each_poll(async |polls| {
        let scene = Scene::new().await;
        let who = Who { user: "bob", password: "right" };
        let done = drop_after(polls, scene.shop.login(&who).into_future()).await;
        scene.works(0).await;
        let user = scene.server.recorded_on("/orders/9")[0].user().map(str::to_owned);
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
        let scene = Scene::with(|builder| builder.store(Sluggish(store))).await;
        let issued = scene.server.issue("bob");
        let done = drop_after(polls, scene.shop.session().login(tokens(&issued))).await;
        scene.works(0).await;
        // The write goes on though nobody waits for it.
        while kept.kept().is_none_or(|kept| kept.tokens.access() != issued.access) {
            tokio::task::yield_now().await;
        }
        assert_eq!(scene.shop.session().tokens().unwrap().access(), issued.access);
        done.is_some()
    })
    .await;
}

#[tokio::test]
async fn a_logout_over_a_store_that_takes_its_time() {
    each_poll(async |polls| {
        let store = MemoryStore::new();
        let kept = store.clone();
        let scene = Scene::with(|builder| builder.store(Sluggish(store))).await;
        let done = drop_after(polls, scene.shop.session().logout()).await;
        assert!(!scene.shop.session().is_signed_in());
        while kept.kept().is_some() {
            tokio::task::yield_now().await;
        }
        assert!(scene.shop.order(1).await.unwrap_err().is_signed_out());
        scene.counts(0);
        done.is_some()
    })
    .await;
}

#[tokio::test]
async fn the_logout_method() {
    each_poll(async |polls| {
        let scene = Scene::new().await;
        let done = drop_after(polls, scene.shop.logout().into_future()).await;
        let after = scene.shop.order(9).await;
        // A server that has signed the user out says so to a client that has not noticed.
        match after {
            Ok(order) => assert!(done.is_none() && order.id == 9),
            Err(error) => assert!(error.is_signed_out(), "{error}"),
        }
        scene.counts(0);
        sign_in(&scene.server, scene.shop.session(), "ann").await;
        scene.works(0).await;
        done.is_some()
    })
    .await;
}

#[tokio::test]
async fn the_logout_method_with_an_expired_token() {
    each_poll(async |polls| {
        let scene = Scene::new().await;
        scene.server.expire_all();
        let done = drop_after(polls, scene.shop.logout().into_future()).await;
        scene.told.quiet().await;
        assert_eq!(scene.shop.session().stats().waiting, 0);
        sign_in(&scene.server, scene.shop.session(), "ann").await;
        scene.shop.order(9).await.unwrap();
        assert_eq!(scene.server.reuses(), 0);
        done.is_some()
    })
    .await;
}

#[tokio::test]
async fn an_optional_call_that_starts_the_refresh() {
    each_poll(async |polls| {
        let scene = Scene::new().await;
        scene.server.expire_all();
        let done = drop_after(polls, scene.shop.news().into_future()).await;
        scene.works(1).await;
        done.is_some()
    })
    .await;
}

#[tokio::test]
async fn a_public_call_during_a_refresh() {
    each_poll(async |polls| {
        let scene = Scene::new().await;
        scene.server.expire_all();
        let hold = scene.server.hold_refresh();
        let leader = tokio::spawn(scene.shop.order(1).into_future());
        hold.arrived(1).await;
        let done = drop_after(polls, scene.shop.health().into_future()).await;
        assert_eq!(scene.shop.session().stats().waiting, 1);
        hold.release();
        leader.await.unwrap().unwrap();
        scene.works(1).await;
        done.is_some()
    })
    .await;
}

#[tokio::test]
async fn a_call_with_a_time_limit_that_starts_the_refresh() {
    each_poll(async |polls| {
        let scene = Scene::new().await;
        scene.server.expire_all();
        let call = scene.shop.order(1).timeout(Duration::from_secs(3600));
        let done = drop_after(polls, call.into_future()).await;
        scene.works(1).await;
        done.is_some()
    })
    .await;
}

/// Keeps tokens in memory, but gives way before each step.
struct Sluggish(MemoryStore);

async fn give_way() {
    for _ in 0..3 {
        tokio::task::yield_now().await;
    }
}

impl TokenStore for Sluggish {
    fn load(&self) -> BoxFuture<'_, Result<Option<Stored>, StoreError>> {
        Box::pin(async {
            give_way().await;
            self.0.load().await
        })
    }

    fn save<'a>(
        &'a self,
        next: &'a Stored,
        over: Option<Stamp>,
    ) -> BoxFuture<'a, Result<(), StoreError>> {
        Box::pin(async move {
            give_way().await;
            self.0.save(next, over).await
        })
    }

    fn clear(&self, over: Stamp) -> BoxFuture<'_, Result<(), StoreError>> {
        Box::pin(async move {
            give_way().await;
            self.0.clear(over).await
        })
    }
}
