use std::sync::{Arc, Mutex, PoisonError};

use reqwest::Method;
use reqwest::header::HeaderValue;
use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};
use tokio::sync::watch;

pub use crate::types::*;

const EXPIRED: i64 = 1234;

#[derive(Debug, Deserialize)]
struct Envelope<T> {
    code: i64,
    message: String,
    data: Option<T>,
}

#[derive(Debug)]
pub enum Failure {
    Http(reqwest::Error),
    Api { code: i64, message: String },
    NoData,
    Aborted,
}

pub type Error = Arc<Failure>;

impl From<reqwest::Error> for Failure {
    fn from(error: reqwest::Error) -> Self {
        Self::Http(error)
    }
}

impl<T> Envelope<T> {
    fn open(self) -> Result<T, Failure> {
        match self {
            Self { code: 0, data: Some(data), .. } => Ok(data),
            Self { code: 0, .. } => Err(Failure::NoData),
            Self { code, message, .. } => Err(Failure::Api { code, message }),
        }
    }
}

#[derive(Clone)]
pub struct Client {
    shared: Arc<Shared>,
}

struct Shared {
    http: reqwest::Client,
    base: String,
    state: Mutex<State>,
}

struct State {
    token: HeaderValue,
    generation: u64,
    flight: Option<Flight>,
}

type Flight = watch::Receiver<Option<Result<(), Error>>>;

pub fn client(base: &str) -> Result<Client, Failure> {
    let http = reqwest::Client::builder().build()?;
    let state = State { token: HeaderValue::from_static("token"), generation: 0, flight: None };
    let shared = Shared { http, base: base.to_owned(), state: Mutex::new(state) };
    Ok(Client { shared: Arc::new(shared) })
}

impl Client {
    async fn exec<B: Serialize + Sync, T: DeserializeOwned>(
        &self,
        method: Method,
        path: &str,
        query: &[(&str, String)],
        body: Option<&B>,
    ) -> Result<T, Error> {
        let (token, generation) = self.present().await?;
        match self.send::<B, T>(&method, path, query, body, token).await?.open() {
            Err(Failure::Api { code: EXPIRED, .. }) => {}
            done => return done.map_err(Arc::new),
        }
        self.renewed_since(generation).await?;
        let (token, _) = self.present().await?;
        self.send::<B, T>(&method, path, query, body, token).await?.open().map_err(Arc::new)
    }

    async fn send<B: Serialize + Sync, T: DeserializeOwned>(
        &self,
        method: &Method,
        path: &str,
        query: &[(&str, String)],
        body: Option<&B>,
        token: HeaderValue,
    ) -> Result<Envelope<T>, Error> {
        let url = format!("{}{path}", self.shared.base);
        let mut request = self.shared.http.request(method.clone(), url).header("X-Token", token);
        if !query.is_empty() {
            request = request.query(query);
        }
        if let Some(body) = body {
            request = request.json(body);
        }
        let sent = request.send().await.and_then(reqwest::Response::error_for_status);
        let response = sent.map_err(|error| Arc::new(error.into()))?;
        response.json().await.map_err(|error| Arc::new(Failure::Http(error)))
    }

    async fn present(&self) -> Result<(HeaderValue, u64), Error> {
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

    async fn renewed_since(&self, generation: u64) -> Result<(), Error> {
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

    async fn join(&self, mut flight: Flight) -> Result<(), Error> {
        match flight.wait_for(Option::is_some).await {
            Ok(outcome) => outcome.clone().unwrap_or(Ok(())),
            Err(_) => Err(Arc::new(Failure::Aborted)),
        }
    }
}

impl Shared {
    async fn fly(self: Arc<Self>, done: watch::Sender<Option<Result<(), Error>>>) {
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
        let mut token = HeaderValue::from_str(&token).map_err(|_| Failure::NoData)?;
        token.set_sensitive(true);
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
