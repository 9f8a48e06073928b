//! The harness: a server, a client that is signed in at it, and what happened to the session.

use std::panic::resume_unwind;
use std::sync::atomic::{AtomicI64, AtomicUsize, Ordering};
use std::sync::mpsc::{RecvTimeoutError, channel};
use std::sync::{Arc, Mutex};
use std::time::{Duration, SystemTime};

use perennial::{BoxFuture, ClientBuilder, Clock, Event, Session, Tokens};
use perennial_tests::{Issued, Protocol, Server};
use tokio::runtime::Builder;
use tokio::time::Instant;

use crate::shop::ShopClient;

/// A server and a client that is signed in at it as `ann`, with a token of unknown lifetime.
pub struct World {
    pub server: Server,
    pub shop: ShopClient,
    pub issued: Issued,
    pub seen: Seen,
}

/// What the hooks of the client were told.
#[derive(Clone, Default)]
pub struct Seen {
    events: Arc<Mutex<Vec<Event>>>,
    lost: Arc<AtomicUsize>,
}

impl World {
    /// The article's protocol.
    pub async fn new() -> Self {
        Self::with(Protocol::article(), |builder| builder).await
    }

    /// Another protocol, as far as the trait can speak it, and other settings.
    pub async fn with(
        protocol: Protocol,
        settings: impl FnOnce(ClientBuilder<ShopClient>) -> ClientBuilder<ShopClient>,
    ) -> Self {
        let server = Server::start(protocol);
        let issued = server.issue("ann");
        let seen = Seen::default();
        let shop = settings(seen.watch(ShopClient::builder(server.origin()))).build().unwrap();
        shop.session().login(tokens(&issued)).await.unwrap();
        Self { server, shop, issued, seen }
    }

    /// The same with the token over.
    pub async fn expired() -> Self {
        let world = Self::new().await;
        world.server.expire_all();
        world
    }

    /// A clock that runs with the test's time, so many seconds ahead of the server's.
    pub async fn ahead(protocol: Protocol, seconds: i64) -> (Self, Turned) {
        let clock = Turned::ahead(seconds);
        let world = Self::with(protocol, |builder| builder.clock(clock.clone())).await;
        (world, clock)
    }

    /// A second client with a session of its own, signed in as somebody else.
    pub async fn other(&self, user: &str) -> ShopClient {
        let shop = ShopClient::builder(self.server.origin()).build().unwrap();
        shop.session().login(tokens(&self.server.issue(user))).await.unwrap();
        shop
    }

    pub fn session(&self) -> &Session {
        self.shop.session()
    }

    /// The access token that the session has now.
    pub fn access(&self) -> Option<String> {
        self.session().tokens().map(|tokens| tokens.access().to_owned())
    }

    /// Waits until a call waits for a refresh.
    pub async fn waiting(&self, calls: usize) {
        while self.session().stats().waiting < calls {
            tokio::task::yield_now().await;
        }
    }

    /// Refreshes and sends that the server counted, to be compared at once.
    pub fn wire(&self) -> (usize, usize) {
        (self.server.refreshes(), self.server.sends())
    }
}

impl Seen {
    pub fn watch(&self, builder: ClientBuilder<ShopClient>) -> ClientBuilder<ShopClient> {
        let (events, lost) = (Arc::clone(&self.events), Arc::clone(&self.lost));
        builder.on_event(move |event| events.lock().unwrap().push(event.clone())).on_logout(
            move |_| {
                lost.fetch_add(1, Ordering::SeqCst);
            },
        )
    }

    /// How many events are of a kind.
    pub fn count(&self, is: impl Fn(&Event) -> bool) -> usize {
        self.events.lock().unwrap().iter().filter(|event| is(event)).count()
    }

    /// Waits until `on_logout` was called, which those who waited for the refresh do not wait for.
    pub async fn until_lost(&self) {
        while self.lost() == 0 {
            tokio::task::yield_now().await;
        }
    }

    /// How many times `on_logout` was called.
    pub fn lost(&self) -> usize {
        self.lost.load(Ordering::SeqCst)
    }
}

/// Tokens of unknown lifetime.
pub fn tokens(issued: &Issued) -> Tokens {
    let tokens = Tokens::new(&*issued.access);
    match &issued.refresh {
        Some(refresh) => tokens.with_refresh(refresh),
        None => tokens,
    }
}

pub const fn secs(seconds: u64) -> Duration {
    Duration::from_secs(seconds)
}

/// A clock on tokio's time whose hands a test can move.
#[derive(Clone)]
pub struct Turned {
    start: Instant,
    wall: SystemTime,
    ahead: Arc<AtomicI64>,
}

impl Turned {
    /// A clock that is so many seconds ahead of the server's.
    pub fn ahead(seconds: i64) -> Self {
        let ahead = Arc::new(AtomicI64::new(seconds));
        Self { start: Instant::now(), wall: SystemTime::now(), ahead }
    }

    /// Moves the time of day, and nothing else, as a machine does that has slept.
    pub fn jump(&self, seconds: i64) {
        self.ahead.fetch_add(seconds, Ordering::SeqCst);
    }
}

impl Clock for Turned {
    fn now(&self) -> Duration {
        self.start.elapsed()
    }

    fn wall(&self) -> SystemTime {
        let ahead = self.ahead.load(Ordering::SeqCst);
        let wall = self.wall + self.start.elapsed();
        if ahead < 0 {
            wall - secs(ahead.unsigned_abs())
        } else {
            wall + secs(ahead.unsigned_abs())
        }
    }

    fn sleep(&self, duration: Duration) -> BoxFuture<'static, ()> {
        Box::pin(tokio::time::sleep(duration))
    }
}

/// Which runtime a case runs on.
#[derive(Debug, Clone, Copy)]
pub enum On {
    OneThread,
    ManyThreads,
    PausedTime,
}

/// Runs a case on a runtime of its own. A case that hangs fails after a minute, with a word about it.
pub fn run<F: Future<Output = ()>>(on: On, case: impl FnOnce() -> F + Send + 'static) {
    let (done, finished) = channel();
    let runner = std::thread::spawn(move || {
        // Dropped with the thread, whether the case ends well or not.
        let _done = done;
        let runtime = match on {
            On::OneThread => Builder::new_current_thread().enable_all().build(),
            On::ManyThreads => Builder::new_multi_thread().worker_threads(8).enable_all().build(),
            On::PausedTime => Builder::new_current_thread().enable_all().start_paused(true).build(),
        };
        runtime.unwrap().block_on(case());
    });
    let waited = finished.recv_timeout(secs(60));
    assert_eq!(waited, Err::<(), _>(RecvTimeoutError::Disconnected), "the case hangs");
    if let Err(panic) = runner.join() {
        resume_unwind(panic);
    }
}

/// A case that holds on one thread and on many.
macro_rules! cases {
    ($(async fn $name:ident() $body:block)*) => {$(
        mod $name {
            use super::*;

            async fn case() $body

            #[test]
            fn on_one_thread() {
                $crate::world::run($crate::world::On::OneThread, case);
            }

            #[test]
            fn on_many_threads() {
                $crate::world::run($crate::world::On::ManyThreads, case);
            }
        }
    )*};
}

/// A case on paused time, where an hour passes in no time.
macro_rules! timed {
    ($(async fn $name:ident() $body:block)*) => {$(
        #[test]
        fn $name() {
            async fn case() $body
            $crate::world::run($crate::world::On::PausedTime, case);
        }
    )*};
}

pub(crate) use {cases, timed};
