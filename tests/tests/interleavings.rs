//! Threads that come to the lock of a session in any order: calls, drops, logouts and logins between two
//! instructions of each other. Shuttle takes the place of the threads and of the lock:
//!
//! ```text
//! RUSTFLAGS="--cfg shuttle" cargo test -p perennial-tests --test interleavings --target-dir target/shuttle
//! ```
#![cfg(shuttle)]

use std::collections::BTreeMap;
use std::convert::Infallible;
use std::pin::{Pin, pin};
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, MutexGuard};
use std::task::{Context, Poll};
use std::time::{Duration, SystemTime};

use http::{Response, StatusCode};
use perennial::layer::{HttpRequest, HttpResponse, HttpService};
use perennial::system::{Clock, Spawn};
use perennial::{BoxFuture, ErrorKind, Result, Tokens, api_client};
use shuttle::future::{block_on, yield_now};
use shuttle::rand::{Rng, thread_rng};
use shuttle::scheduler::{PctScheduler, RandomScheduler};
use shuttle::{Config, Runner, thread};
use tower::{Layer, Service};

#[api_client(
    envelope(code = "code", data = "data", ok = 0),
    auth(header = "X-Token", expired(code = 1234), logout(code = 1001))
)]
trait Shop {
    #[post("/refresh", refresh)]
    async fn refresh(&self) -> Result<Tokens>;
    #[post("/order")]
    async fn order(&self, #[header("X-Call")] call: usize) -> Result<u64>;
}

/// A token is a family and a generation. Only the newest of a family is good, and for one refresh.
#[derive(Default)]
struct Families {
    newest: BTreeMap<u64, u64>,
    expired: Option<(u64, u64)>,
    refreshes: usize,
    reused: usize,
    /// The family that each call was sent for.
    sent_for: BTreeMap<usize, u64>,
    /// Calls that were sent for two families.
    crossed: Vec<usize>,
}

#[derive(Clone, Default)]
struct Server(Arc<Mutex<Families>>);

impl Server {
    fn state(&self) -> MutexGuard<'_, Families> {
        self.0.lock().unwrap()
    }

    fn open(&self, family: u64) -> Tokens {
        self.state().newest.insert(family, 1);
        Tokens::new(format!("{family}-1"))
    }

    fn expire(&self, family: u64) {
        let mut state = self.state();
        state.expired = Some((family, state.newest[&family]));
    }

    fn respond(&self, request: &HttpRequest) -> String {
        let header = |name| request.headers().get(name).and_then(|it| it.to_str().ok());
        let token = header("x-token").and_then(|token| token.split_once('-'));
        let (family, generation) = token.expect("every call carries a token");
        let (family, generation) = (family.parse().unwrap(), generation.parse().unwrap());
        let mut state = self.state();
        if let Some(call) = header("x-call").map(|call| call.parse().unwrap()) {
            if *state.sent_for.entry(call).or_insert(family) != family {
                state.crossed.push(call);
            }
            let is_good = state.newest[&family] == generation
                && state.expired.is_none_or(|expired| expired < (family, generation));
            let code = if is_good { 0 } else { 1234 };
            return format!(r#"{{"code":{code},"data":{family}}}"#);
        }
        state.refreshes += 1;
        let newest = state.newest.get_mut(&family).unwrap();
        if *newest == generation {
            *newest += 1;
            return format!(r#"{{"code":0,"data":{{"token":"{family}-{newest}"}}}}"#);
        }
        state.reused += 1;
        r#"{"code":1001}"#.to_owned()
    }
}

impl Layer<HttpService> for Server {
    type Service = Self;

    fn layer(&self, _: HttpService) -> Self {
        self.clone()
    }
}

impl Service<HttpRequest> for Server {
    type Response = HttpResponse;
    type Error = Infallible;
    type Future =
        Pin<Box<dyn Future<Output = std::result::Result<HttpResponse, Infallible>> + Send>>;

    fn poll_ready(&mut self, _: &mut Context<'_>) -> Poll<std::result::Result<(), Infallible>> {
        Poll::Ready(Ok(()))
    }

    fn call(&mut self, request: HttpRequest) -> Self::Future {
        let server = self.clone();
        Box::pin(async move {
            yield_now().await;
            let body = server.respond(&request);
            yield_now().await;
            let response = Response::builder().status(StatusCode::OK);
            Ok(response.header("content-type", "application/json").body(body.into()).unwrap())
        })
    }
}

/// Short waits end after a few steps of others. Long ones are timeouts, which nothing here may need.
#[derive(Default)]
struct Steps(AtomicU64);

impl Clock for Steps {
    fn now(&self) -> Duration {
        Duration::from_millis(self.0.fetch_add(1, Ordering::Relaxed))
    }

    fn wall(&self) -> SystemTime {
        SystemTime::UNIX_EPOCH + Duration::from_secs(1_800_000_000)
    }

    fn sleep(&self, duration: Duration) -> BoxFuture<'static, ()> {
        self.0.fetch_add(duration.as_millis() as u64, Ordering::Relaxed);
        Box::pin(async move {
            if duration >= Duration::from_secs(1) {
                std::future::pending::<()>().await;
            }
            for _ in 0..3 {
                yield_now().await;
            }
        })
    }
}

struct Threads;

impl Spawn for Threads {
    fn spawn(
        &self,
        task: BoxFuture<'static, ()>,
    ) -> std::result::Result<(), BoxFuture<'static, ()>> {
        drop(shuttle::future::spawn(task));
        Ok(())
    }
}

/// A client whose user has signed in, and whose token has expired without its knowledge.
fn shop(server: &Server, permits: usize) -> ShopClient {
    let shop = ShopClient::builder("http://shop.example")
        .http(perennial::__private::http_without_certificates())
        .clock(Steps::default())
        .spawner(Threads)
        .replay_concurrency(permits)
        .layer(server.clone())
        .build()
        .unwrap();
    block_on(shop.session().login(server.open(1))).unwrap();
    server.expire(1);
    shop
}

/// A call on a thread of its own.
fn call(shop: &ShopClient, number: usize) -> thread::JoinHandle<Result<u64>> {
    let shop = shop.clone();
    thread::spawn(move || block_on(shop.order(number).into_future()))
}

/// A call that is polled a few times and dropped, or is done before that.
fn dropped_call(shop: &ShopClient, number: usize) -> thread::JoinHandle<()> {
    let shop = shop.clone();
    thread::spawn(move || {
        let patience = thread_rng().gen_range(1..8);
        block_on(async move {
            let mut call = pin!(shop.order(number).into_future());
            for _ in 0..patience {
                if futures::poll!(&mut call).is_ready() {
                    return;
                }
                yield_now().await;
            }
        });
    })
}

/// Random orders, and those in which a fault that needs few switches of threads is found soon.
fn explore(scenario: impl Fn() + Send + Sync + Copy + 'static) {
    let iterations = std::env::var("PERENNIAL_INTERLEAVINGS").ok();
    let iterations = iterations.map_or(2_000, |text| text.parse().expect("a number"));
    let mut config = Config::new();
    // A client is built in the scenario, which needs more than the 32 KiB of a thread that only takes locks.
    config.stack_size = 512 * 1024;
    Runner::new(RandomScheduler::new(iterations), config.clone()).run(scenario);
    Runner::new(PctScheduler::new(3, iterations), config).run(scenario);
}

#[test]
fn calls_of_many_threads_share_one_refresh() {
    explore(|| {
        let server = Server::default();
        let shop = shop(&server, usize::MAX);
        let calls: Vec<_> = (0..4).map(|number| call(&shop, number)).collect();
        for call in calls {
            assert_eq!(call.join().unwrap().unwrap(), 1);
        }
        let state = server.state();
        assert_eq!((state.refreshes, state.reused), (1, 0));
    });
}

#[test]
fn a_dropped_call_affects_no_other() {
    explore(|| {
        let server = Server::default();
        let shop = shop(&server, usize::MAX);
        let dropped = [dropped_call(&shop, 0), dropped_call(&shop, 1)];
        let calls = [call(&shop, 2), call(&shop, 3)];
        dropped.into_iter().for_each(|it| it.join().unwrap());
        for call in calls {
            assert_eq!(call.join().unwrap().unwrap(), 1);
        }
        let state = server.state();
        assert_eq!((state.refreshes, state.reused), (1, 0));
    });
}

#[test]
fn a_permit_is_never_lost_between_threads() {
    explore(|| {
        let server = Server::default();
        let shop = shop(&server, 1);
        let dropped = [dropped_call(&shop, 0), dropped_call(&shop, 1)];
        let calls = [call(&shop, 2), call(&shop, 3)];
        for call in calls {
            assert_eq!(call.join().unwrap().unwrap(), 1);
        }
        dropped.into_iter().for_each(|it| it.join().unwrap());
        // The call that has the only permit now blocks this one.
        server.expire(1);
        assert_eq!(call(&shop, 4).join().unwrap().unwrap(), 1);
    });
}

#[test]
fn no_call_is_sent_for_the_user_who_comes_after_a_logout() {
    explore(|| {
        let server = Server::default();
        let shop = shop(&server, usize::MAX);
        let calls = [call(&shop, 0), call(&shop, 1)];
        let leaving = shop.clone();
        let next = server.open(2);
        let other = thread::spawn(move || {
            block_on(leaving.session().logout()).unwrap();
            block_on(leaving.session().login(next)).unwrap();
            block_on(leaving.order(2).into_future())
        });
        for call in calls {
            match call.join().unwrap() {
                Ok(user) => assert!(user == 1 || user == 2),
                Err(error) => assert!(
                    matches!(error.kind(), ErrorKind::SessionChanged | ErrorKind::SignedOut),
                    "{error}"
                ),
            }
        }
        assert_eq!(other.join().unwrap().unwrap(), 2);
        let state = server.state();
        assert!(state.crossed.is_empty(), "{:?} were sent for both users", state.crossed);
        assert_eq!(state.reused, 0);
    });
}

#[test]
fn a_token_that_is_expired_manually_during_a_refresh_is_renewed_once_more() {
    explore(|| {
        let server = Server::default();
        let shop = shop(&server, usize::MAX);
        let calls = [call(&shop, 0), call(&shop, 1)];
        let session = shop.session().clone();
        let hand = thread::spawn(move || session.expire_now());
        for call in calls {
            assert_eq!(call.join().unwrap().unwrap(), 1);
        }
        hand.join().unwrap();
        assert_eq!(call(&shop, 2).join().unwrap().unwrap(), 1);
        let state = server.state();
        assert!(state.refreshes <= 2, "{} refreshes", state.refreshes);
        assert_eq!(state.reused, 0);
    });
}
