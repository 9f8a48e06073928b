//! The user's own code in the middle of it: hooks and layers that call back, and whatever panics.

use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::sync::{Arc, OnceLock};

use futures::FutureExt;
use futures::future::join_all;
use perennial::declared::RawResponse;
use perennial::layer::{Attempt, HttpRequest, HttpResponse};
use perennial::system::Spawn;
use perennial::{
    BoxFuture, Bytes, ErrorKind, EventKind, FromResponse, IntoTokens, RefreshFailure, Response,
    Result, Tokens, api_client,
};
use perennial_tests::{Protocol, Reply, Server};
use serde_json::{Value, json};
use tower::util::{MapFutureLayer, MapRequestLayer};

use crate::support::{ShopClient, SignedIn, Told, World, builder, cases, secs, timed, tokens};

/// The client, for code that is written before there is one.
type Later = Arc<OnceLock<ShopClient>>;

async fn provided(later: &Later, server: &Server, shop: ShopClient) -> ShopClient {
    shop.session().login(tokens(&server.issue("ann"))).await.unwrap();
    server.expire_all();
    assert!(later.set(shop.clone()).is_ok());
    shop
}

type AnyError = Box<dyn std::error::Error + Send + Sync>;

/// A layer that asks for a number before each request, in the name of the same session.
fn asking(later: &Later) -> MapFutureLayer<impl Clone + Fn(Sent) -> Sent + use<>> {
    let later = Arc::clone(later);
    MapFutureLayer::new(move |sent: Sent| {
        let number = later.get().unwrap().fast();
        async move {
            number.await?;
            sent.await
        }
        .boxed()
    })
}

type Sent = BoxFuture<'static, std::result::Result<HttpResponse, AnyError>>;

/// A layer that panics when it is armed, at requests of which this is true.
fn panicking(
    armed: &Arc<AtomicBool>,
    at: fn(&HttpRequest) -> bool,
) -> MapRequestLayer<impl Fn(HttpRequest) -> HttpRequest + Clone + use<>> {
    let armed = Arc::clone(armed);
    MapRequestLayer::new(move |request: HttpRequest| {
        assert!(!(armed.load(Ordering::SeqCst) && at(&request)), "the layer panics");
        request
    })
}

cases! {
    async fn a_logout_from_an_event_hook_leaves_no_waiter() {
        let (server, later) = (Server::start(Protocol::article()), Later::default());
        let held = Arc::clone(&later);
        let shop = ShopClient::builder(server.origin()).on_event(move |event| {
            if matches!(event.kind, EventKind::RefreshStarted { .. }) {
                held.get().unwrap().session().logout().now_or_never().unwrap().unwrap();
            }
        });
        let shop = provided(&later, &server, shop.build().unwrap()).await;
        for call in join_all((0..10).map(|id| shop.order(id))).await {
            let error = call.unwrap_err();
            assert!(error.kind() == ErrorKind::SessionChanged || error.is_signed_out(), "{error}");
        }
        assert!(!shop.session().is_signed_in());
    }

    async fn a_login_from_within_on_logout_serves_the_next_call() {
        let (server, later) = (Server::start(Protocol::article()), Later::default());
        let (held, bob) = (Arc::clone(&later), tokens(&server.issue("bob")));
        let shop = ShopClient::builder(server.origin()).on_logout(move |_| {
            held.get().unwrap().session().login(bob.clone()).now_or_never().unwrap().unwrap();
        });
        let shop = provided(&later, &server, shop.build().unwrap()).await;
        let refused = json!({"code": 1001, "message": "please log in"});
        server.on_refresh().first(1).response(Reply::json(&refused));
        for call in join_all((0..10).map(|id| shop.order(id))).await {
            let error = call.unwrap_err();
            assert!(error.kind() == ErrorKind::SessionLost || error.kind() == ErrorKind::SessionChanged, "{error}");
        }
        shop.order(1).await.unwrap();
        assert_eq!(server.recorded_on("/orders/1").last().unwrap().user(), Some("bob"));
    }

    async fn calls_from_an_event_hook_wait_for_the_refresh_of_the_event() {
        let (server, later) = (Server::start(Protocol::article()), Later::default());
        let (held, (done, mut ended)) = (Arc::clone(&later), tokio::sync::mpsc::unbounded_channel());
        let shop = ShopClient::builder(server.origin()).on_event(move |event| {
            if matches!(event.kind, EventKind::RefreshStarted { .. } | EventKind::RefreshFinished { .. }) {
                let (call, done) = (held.get().unwrap().order(99), done.clone());
                tokio::spawn(async move { done.send(call.await) });
            }
        });
        let shop = provided(&later, &server, shop.build().unwrap()).await;
        shop.order(1).await.unwrap();
        for _ in 0..2 {
            ended.recv().await.unwrap().unwrap();
        }
        assert_eq!(server.refreshes(), 1);
    }

    async fn a_layer_that_makes_calls_of_the_same_session_joins_its_refresh() {
        let (server, later) = (Server::start(Protocol::article()), Later::default());
        let shop = ShopClient::builder(server.origin());
        let shop = shop.layer_for(["order"], asking(&later)).build().unwrap();
        let shop = provided(&later, &server, shop).await;
        for call in join_all((0..10).map(|id| shop.order(id))).await {
            call.unwrap();
        }
        assert_eq!(server.refreshes(), 1);
    }

    async fn a_layer_that_panics_during_a_replay_returns_the_permit() {
        let armed = Arc::default();
        let layer = panicking(&armed, |request| {
            request.uri().path().ends_with("/slow")
                && request.extensions().get::<Attempt>().unwrap().number == 2
        });
        let world = World::with(|it| it.layer(layer).replay_concurrency(1)).await;
        world.server.expire_all();
        armed.store(true, Ordering::SeqCst);
        let refresh = world.server.hold_refresh();
        let bad = tokio::spawn(world.shop.slow());
        world.waiting(1).await;
        let good = world.orders(0..3);
        world.waiting(4).await;
        refresh.release();
        for call in good {
            call.await.unwrap().unwrap();
        }
        assert!(bad.await.unwrap_err().is_panic());
        armed.store(false, Ordering::SeqCst);
        world.server.expire_all();
        world.shop.slow().await.unwrap();
    }

    async fn a_layer_that_panics_during_the_refresh_fails_the_waiters_and_no_later_call() {
        let armed = Arc::new(AtomicBool::new(true));
        let layer = panicking(&armed, |it| it.uri().path().ends_with("/refreshtoken"));
        let world = World::with(|it| it.layer(layer)).await;
        world.server.expire_all();
        for call in world.orders(0..5) {
            let error = call.await.unwrap().unwrap_err();
            assert!(error.kind() == ErrorKind::RefreshFailed, "{error}");
        }
        armed.store(false, Ordering::SeqCst);
        world.clock.pass(secs(60));
        world.shop.order(1).await.unwrap();
        assert_eq!(world.server.refreshes(), 1);
    }
}

timed! {
    async fn a_layer_that_waits_for_its_own_refresh_fails_at_once() {
        let (server, later) = (Server::start(Protocol::article()), Later::default());
        let shop = ShopClient::builder(server.origin());
        let shop = shop.layer_for(["refresh"], asking(&later)).build().unwrap();
        let shop = provided(&later, &server, shop).await;
        let before = tokio::time::Instant::now();
        assert!(shop.order(1).await.unwrap_err().kind() == ErrorKind::RefreshFailed);
        assert_eq!(before.elapsed(), secs(0));
    }

    async fn a_refresh_that_waits_for_itself_on_another_task_ends_with_its_timeout() {
        let (server, later) = (Server::start(Protocol::article()), Later::default());
        let held = Arc::clone(&later);
        let shop = ShopClient::builder(server.origin()).refresh(move |_: Option<Tokens>| {
            let call = tokio::spawn(held.get().unwrap().fast());
            async move {
                call.await.unwrap().map_err(RefreshFailure::unavailable)?;
                Ok::<_, RefreshFailure>(Tokens::new("never"))
            }
        });
        let shop = provided(&later, &server, shop.build().unwrap()).await;
        let before = tokio::time::Instant::now();
        assert!(shop.order(1).await.unwrap_err().kind() == ErrorKind::RefreshFailed);
        assert_eq!(before.elapsed().as_secs(), 10);
    }
}

/// Everything that a declaration calls, and that may panic.
#[api_client(auth(bearer, expired(when = over)), allow(duplicate_endpoint))]
pub trait Mined {
    #[post("/refresh", refresh, public)]
    async fn refresh(&self, #[json] with: Old) -> Result<New>;
    #[get("/fast")]
    async fn fast(&self) -> Result<Value>;
    #[get("/fast")]
    async fn odd(&self) -> Result<Odd>;
}

static OLD: AtomicBool = AtomicBool::new(false);
static NEW: AtomicBool = AtomicBool::new(false);

fn over(response: &RawResponse<'_>) -> bool {
    assert!(response.status.as_u16() != 418, "the predicate panics");
    response.status.as_u16() == 401
}

#[derive(serde::Serialize)]
pub struct Old {
    refresh_token: String,
}

impl From<&Tokens> for Old {
    fn from(tokens: &Tokens) -> Self {
        assert!(!OLD.load(Ordering::SeqCst), "the body of the refresh panics");
        Self { refresh_token: tokens.refresh().unwrap_or_default().to_owned() }
    }
}

#[derive(serde::Deserialize)]
pub struct New {
    access_token: String,
    refresh_token: String,
}

impl IntoTokens for New {
    fn into_tokens(self) -> Tokens {
        assert!(!NEW.load(Ordering::SeqCst), "the response to the refresh panics");
        Tokens::new(self.access_token).with_refresh(self.refresh_token)
    }
}

#[derive(Debug)]
pub struct Odd;

impl FromResponse for Odd {
    type Error = String;

    fn from_response(_: Response<Bytes>) -> Result<Self, String> {
        panic!("the response panics")
    }
}

timed! {
    async fn a_panic_in_a_declaration_fails_its_call_or_its_refresh_and_nothing_else() {
        let server = Server::start(Protocol::pairs());
        let shop = MinedClient::signed_in_with(&server, |it| it.replay_concurrency(1)).await;
        server.on("/fast").first(1).response(Reply::status(418));
        assert!(tokio::spawn(shop.fast()).await.unwrap_err().is_panic());
        for (armed, refreshes) in [(&OLD, 0), (&NEW, 2)] {
            server.expire_all();
            armed.store(true, Ordering::SeqCst);
            let calls = (0..3).map(|_| tokio::spawn(shop.fast()));
            for call in join_all(calls).await {
                let error = call.unwrap().unwrap_err();
                assert!(error.kind() == ErrorKind::RefreshFailed, "{error}");
            }
            assert_eq!(server.refreshes(), refreshes);
            armed.store(false, Ordering::SeqCst);
            if refreshes == 0 {
                tokio::time::sleep(secs(60)).await;
                shop.fast().await.unwrap();
            }
        }
        // What the last one brought is lost: it panicked after the server had rotated.
        shop.session().login(tokens(&server.issue("ann"))).await.unwrap();
        server.expire_all();
        let bad = tokio::spawn(shop.odd());
        let good: Vec<_> = (0..5).map(|_| tokio::spawn(shop.fast())).collect();
        assert!(bad.await.unwrap_err().is_panic());
        for call in good {
            call.await.unwrap().unwrap();
        }
        assert_eq!(shop.session().stats().waiting, 0);
    }
}

type Spawned = std::result::Result<(), BoxFuture<'static, ()>>;

/// A spawner that does something odd the first time.
struct Odder(AtomicUsize, fn(BoxFuture<'static, ()>) -> Spawned);

impl Spawn for Odder {
    fn spawn(&self, task: BoxFuture<'static, ()>) -> Spawned {
        if self.0.fetch_add(1, Ordering::SeqCst) == 0 {
            return (self.1)(task);
        }
        tokio::spawn(task);
        Ok(())
    }
}

timed! {
    async fn a_spawner_that_panics_or_drops_a_refresh_strands_no_waiter() {
        let odd: [fn(BoxFuture<'static, ()>) -> Spawned; 3] =
            [|_| panic!("the spawner panics"), |task| { drop(task); Ok(()) }, Err];
        for odd in odd {
            let server = Server::start(Protocol::article());
            let shop = builder(&server, &Told::default()).spawner(Odder(AtomicUsize::new(0), odd));
            let shop = shop.build().unwrap();
            shop.session().login(tokens(&server.issue("ann"))).await.unwrap();
            server.expire_all();
            let first = tokio::spawn(shop.order(1)).await;
            assert!(first.is_err() || first.unwrap().is_err());
            tokio::time::sleep(secs(60)).await;
            shop.order(2).await.unwrap();
            assert_eq!((server.refreshes(), shop.session().stats().waiting), (1, 0));
        }
    }
}
