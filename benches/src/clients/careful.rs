//! reqwest with a typed envelope and a careful shared refresh: what an expert writes by hand.
//!
//! The refresh runs on a task of its own, so that a caller that goes away does not take it along, and
//! all calls that found the token expired wait for the same one. It does less than a session does:
//! it knows no login or logout, no lifetime, no limit of the queue, no timeout and no store.

use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, PoisonError};

use reqwest::header::HeaderValue;
use serde::de::DeserializeOwned;
use tokio::sync::watch;

use super::{Envelope, Failure, Order};
use crate::server::EXPIRED;

/// A client that renews its token.
#[derive(Clone)]
pub(crate) struct Client {
    shared: Arc<Shared>,
}

struct Shared {
    http: reqwest::Client,
    base: String,
    state: Mutex<State>,
    waiting: AtomicUsize,
}

struct State {
    token: HeaderValue,
    generation: u64,
    /// The refresh that is under way.
    flight: Option<Flight>,
}

/// The error of a call: its own failure, or that of the refresh that all waited for.
pub(crate) type Shares = Arc<Failure>;

/// A refresh that is under way, and how it ended.
type Flight = watch::Receiver<Option<Result<(), Shares>>>;

impl Client {
    pub(crate) fn new(http: reqwest::Client, base: &str, token: &str) -> Self {
        let token = sensitive(token).expect("the token can travel in a header");
        let state = Mutex::new(State { token, generation: 0, flight: None });
        let waiting = AtomicUsize::new(0);
        Self { shared: Arc::new(Shared { http, base: base.to_owned(), state, waiting }) }
    }

    pub(crate) async fn order(&self, id: u64) -> Result<Order, Shares> {
        self.get(&format!("/orders/{id}")).await
    }

    /// How many calls wait for a refresh.
    pub(crate) fn waiting(&self) -> usize {
        self.shared.waiting.load(Ordering::SeqCst)
    }

    async fn get<T: DeserializeOwned>(&self, path: &str) -> Result<T, Shares> {
        let url = format!("{}{path}", self.shared.base);
        let (token, generation) = self.present().await?;
        match self.send(&url, token).await?.open() {
            Err(Failure::Api { code: EXPIRED, .. }) => {}
            done => return done.map_err(Arc::new),
        }
        self.renewed_since(generation).await?;
        let (token, _) = self.present().await?;
        self.send(&url, token).await?.open().map_err(Arc::new)
    }

    async fn send<T: DeserializeOwned>(
        &self,
        url: &str,
        token: HeaderValue,
    ) -> Result<Envelope<T>, Shares> {
        let sent = self.shared.http.get(url).header("X-Token", token).send().await;
        let response = sent.and_then(reqwest::Response::error_for_status);
        let response = response.map_err(|error| Arc::new(error.into()))?;
        response.json().await.map_err(|error| Arc::new(Failure::Http(error)))
    }

    /// The token, once no refresh is under way.
    async fn present(&self) -> Result<(HeaderValue, u64), Shares> {
        loop {
            let flight = {
                let state = self.shared.lock();
                match &state.flight {
                    None => return Ok((state.token.clone(), state.generation)),
                    Some(flight) => flight.clone(),
                }
            };
            self.join(flight).await?;
        }
    }

    /// Joins the refresh of the token of `generation`, or starts it.
    async fn renewed_since(&self, generation: u64) -> Result<(), Shares> {
        let flight = {
            let mut state = self.shared.lock();
            if state.generation != generation {
                return Ok(());
            }
            match &state.flight {
                Some(flight) => flight.clone(),
                None => {
                    let (done, flight) = watch::channel(None);
                    state.flight = Some(flight.clone());
                    tokio::spawn(Arc::clone(&self.shared).fly(done));
                    flight
                }
            }
        };
        self.join(flight).await
    }

    async fn join(&self, mut flight: Flight) -> Result<(), Shares> {
        self.shared.waiting.fetch_add(1, Ordering::SeqCst);
        let outcome = match flight.wait_for(Option::is_some).await {
            Ok(outcome) => outcome.clone().unwrap_or(Ok(())),
            Err(_) => Err(Arc::new(Failure::Aborted)),
        };
        self.shared.waiting.fetch_sub(1, Ordering::SeqCst);
        outcome
    }
}

impl Shared {
    async fn fly(self: Arc<Self>, done: watch::Sender<Option<Result<(), Shares>>>) {
        // Whatever becomes of the refresh, the place is free for the next one.
        let landing = Landing(&self);
        let outcome = self.renew().await.map_err(Arc::new);
        drop(landing);
        let _ = done.send(Some(outcome));
    }

    async fn renew(&self) -> Result<(), Failure> {
        let token = self.lock().token.clone();
        let request = self.http.post(format!("{}/refresh", self.base)).header("X-Token", token);
        let response = request.send().await?.error_for_status()?;
        let token: String = response.json::<Envelope<String>>().await?.open()?;
        let token = sensitive(&token).ok_or(Failure::NoData)?;
        let mut state = self.lock();
        state.token = token;
        state.generation += 1;
        Ok(())
    }

    fn lock(&self) -> std::sync::MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

struct Landing<'a>(&'a Shared);

impl Drop for Landing<'_> {
    fn drop(&mut self) {
        self.0.lock().flight = None;
    }
}

fn sensitive(token: &str) -> Option<HeaderValue> {
    let mut token = HeaderValue::from_str(token).ok()?;
    token.set_sensitive(true);
    Some(token)
}
