//! What several tests share: a shop that speaks as the article does, and the news of its session.

// Each test binary uses a part of it.
#![allow(dead_code, unreachable_pub)]

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::{Duration, SystemTime};

use perennial::{
    BoxFuture, ClientBuilder, Clock, Event, Result, Session, SystemClock, Tokens, api_client,
};
use perennial_tests::{Issued, Server};
use tokio::sync::watch;

/// Who signs in.
#[derive(serde::Serialize)]
pub struct Who {
    pub user: &'static str,
    pub password: &'static str,
}

#[derive(Debug, serde::Serialize, serde::Deserialize, PartialEq)]
pub struct Order {
    pub id: u64,
    pub title: String,
}

/// The shop of the article.
#[api_client(
    base = "/api",
    envelope(code = "code", message = "message", data = "data", ok = 0),
    auth(header = "X-Token", expired(code = 1234), logout(code = 1001)),
    allow(duplicate_endpoint)
)]
pub trait Shop {
    #[post("/login", login)]
    async fn login(&self, #[json] who: &Who) -> Result<Tokens>;

    #[post("/refreshtoken", refresh)]
    async fn refresh(&self) -> Result<Tokens>;

    #[post("/logout", logout)]
    async fn logout(&self) -> Result<()>;

    #[get("/orders/{id}")]
    async fn order(&self, id: u64) -> Result<Order>;

    #[post("/orders")]
    async fn place(&self, #[json] order: &Order) -> Result<Order>;

    #[get("/fast")]
    async fn fast(&self) -> Result<String>;

    #[get("/slow")]
    async fn slow(&self) -> Result<String>;

    #[get("/fast", optional)]
    async fn news(&self) -> Result<String>;

    #[get("/health", public)]
    async fn health(&self) -> Result<String>;
}

/// A builder for a client of this server, whose news are told.
pub fn builder(server: &Server, told: &Told) -> ClientBuilder<ShopClient> {
    let (events, logouts) = (told.clone(), told.clone());
    ShopClient::builder(server.origin())
        .http(reqwest::Client::builder().no_proxy())
        .on_event(move |event| events.note(event))
        .on_logout(move |_| logouts.change(|counts| counts.logouts += 1))
}

/// Tokens as the server has issued them.
pub fn tokens(issued: &Issued) -> Tokens {
    let tokens = Tokens::new(issued.access.as_str()).expires_in(issued.lifetime);
    match &issued.refresh {
        Some(refresh) => tokens.with_refresh(refresh.as_str()),
        None => tokens,
    }
}

/// Signs a user in without a request.
pub async fn sign_in(server: &Server, session: &Session, user: &str) -> Issued {
    let issued = server.issue(user);
    session.login(tokens(&issued)).await.unwrap();
    issued
}

/// What the hooks of a session were told.
#[derive(Debug, Default, Clone, PartialEq, Eq)]
pub struct Counts {
    pub started: u64,
    pub finished: u64,
    pub replayed: u64,
    pub held: u64,
    pub lost: u64,
    pub logouts: u64,
}

/// Counts what the hooks are told, and waits for it.
#[derive(Clone)]
pub struct Told(Arc<watch::Sender<Counts>>);

impl Default for Told {
    fn default() -> Self {
        Self(Arc::new(watch::Sender::new(Counts::default())))
    }
}

impl Told {
    pub fn note(&self, event: &Event) {
        self.change(|counts| match event {
            Event::RefreshStarted { .. } => counts.started += 1,
            Event::RefreshFinished { .. } => counts.finished += 1,
            Event::Replayed { .. } => counts.replayed += 1,
            Event::Held { .. } => counts.held += 1,
            Event::SessionLost { .. } => counts.lost += 1,
            _ => {}
        });
    }

    pub fn change(&self, change: impl FnOnce(&mut Counts)) {
        self.0.send_modify(change);
    }

    pub fn counts(&self) -> Counts {
        self.0.borrow().clone()
    }

    pub async fn until(&self, holds: impl Fn(&Counts) -> bool) {
        // The sender is this one's own, so that it outlives the wait.
        let _ = self.0.subscribe().wait_for(|counts| holds(counts)).await;
    }

    /// Waits until every refresh that was started has ended.
    pub async fn quiet(&self) {
        self.until(|counts| counts.started == counts.finished).await;
    }
}

/// The clock of the system, which can be turned forward.
#[derive(Clone, Default)]
pub struct TurnedClock {
    clock: Arc<SystemClock>,
    forward: Arc<AtomicU64>,
    passed: Arc<AtomicU64>,
}

impl TurnedClock {
    /// Turns the time of day alone.
    pub fn turn(&self, by: Duration) {
        self.forward.fetch_add(by.as_secs(), Ordering::SeqCst);
    }

    /// Lets time pass. Who sleeps goes on sleeping.
    pub fn pass(&self, by: Duration) {
        self.turn(by);
        self.passed.fetch_add(by.as_secs(), Ordering::SeqCst);
    }
}

impl Clock for TurnedClock {
    fn now(&self) -> Duration {
        self.clock.now() + Duration::from_secs(self.passed.load(Ordering::SeqCst))
    }

    fn wall(&self) -> SystemTime {
        self.clock.wall() + Duration::from_secs(self.forward.load(Ordering::SeqCst))
    }

    fn sleep(&self, duration: Duration) -> BoxFuture<'static, ()> {
        self.clock.sleep(duration)
    }
}
