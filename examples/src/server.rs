//! The server that the article describes.
//!
//! `POST /api/login` returns a token, `POST /api/refreshtoken` returns the next one for the old one in
//! `X-Token`, and every other path below `/api` requires a valid token. If it has expired, the
//! response is HTTP 200 with `{"code":1234,"message":"token expired","data":{}}`.
//!
//! It is as strict as such servers are: a token can be refreshed once, and a second refresh with the same token
//! ends the login. It counts all events and records their times.

mod shop;

use std::io;
use std::net::{Ipv4Addr, SocketAddr};
use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};

use axum::Router;
use hyper_util::rt::{TokioExecutor, TokioIo};
use hyper_util::server::conn::auto;
use hyper_util::service::TowerToHyperService;
use tokio::net::{TcpListener, TcpStream};
use tokio::task::JoinHandle;

use crate::timeline::Event;
use shop::{Shop, routes};

/// The behavior of the server.
#[derive(Debug, Clone, Copy)]
pub struct Options {
    /// How long a token lives; two seconds by default.
    pub ttl: Duration,
    /// How long the server takes for a call before it checks the token, at least and at most; zero by default.
    pub work: (Duration, Duration),
    /// How long a refresh takes; zero by default.
    pub refresh_work: Duration,
    /// How many of every hundred calls are late: if they come back expired, then after the refresh; none by default.
    pub late_percent: u64,
}

impl Default for Options {
    fn default() -> Self {
        Self {
            ttl: Duration::from_secs(2),
            work: (Duration::ZERO, Duration::ZERO),
            refresh_work: Duration::ZERO,
            late_percent: 0,
        }
    }
}

/// The counts of the server.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Counts {
    /// Calls and refreshes, without the login.
    pub requests: u64,
    /// Calls that arrived for the first time.
    pub calls: u64,
    /// Calls that arrived again.
    pub replays: u64,
    /// Refreshes, granted or not.
    pub refreshes: u64,
    /// Tokens that expired: a call received that response, or they were renewed in the second half of their
    /// lifetime.
    pub expiries: u64,
    /// Responses "token expired" to a token that had been replaced before.
    pub late: u64,
    /// Refreshes with a token that had been used for one before.
    pub reuses: u64,
}

/// The running server. Dropped, it stops.
#[derive(Debug)]
pub struct Server {
    address: SocketAddr,
    state: Arc<Shop>,
    accepting: JoinHandle<()>,
}

/// Concurrent requests on one HTTP/2 connection. The usual 200 would let a wave of a thousand calls
/// arrive in five.
const STREAMS: u32 = 100_000;

impl Server {
    /// Starts the server on a free port of the loopback. It speaks HTTP/1.1 and HTTP/2, so that a
    /// thousand calls at once need no more than one socket.
    ///
    /// # Errors
    ///
    /// If the loopback has no free port.
    pub async fn start(options: Options) -> io::Result<Self> {
        Self::start_at((Ipv4Addr::LOCALHOST, 0).into(), options).await
    }

    /// Starts the server at `address`; port 0 takes any free port.
    ///
    /// # Errors
    ///
    /// If the address cannot be bound.
    pub async fn start_at(address: SocketAddr, options: Options) -> io::Result<Self> {
        Self::start_beside(Router::new(), address, options).await
    }

    /// The same, beside other routes: a page that calls the API on its own origin.
    ///
    /// # Errors
    ///
    /// If the address cannot be bound.
    pub async fn start_beside(
        others: Router,
        address: SocketAddr,
        options: Options,
    ) -> io::Result<Self> {
        let listener = TcpListener::bind(address).await?;
        let address = listener.local_addr()?;
        let books = Mutex::default();
        let state = Arc::new(Shop { options, started: Instant::now(), books });
        let accepting = tokio::spawn(accept(listener, routes(&state).merge(others)));
        Ok(Self { address, state, accepting })
    }

    /// `http://127.0.0.1:<port>`.
    #[must_use]
    pub fn url(&self) -> String {
        format!("http://{}", self.address)
    }

    /// The counts so far.
    #[must_use]
    pub fn counts(&self) -> Counts {
        self.state.books().counts
    }

    /// The events so far, in order.
    #[must_use]
    pub fn events(&self) -> Vec<Event> {
        self.state.books().events.clone()
    }

    /// The moment from which events are counted.
    #[must_use]
    pub fn started(&self) -> Instant {
        self.state.started
    }

    /// When the newest token was given.
    #[must_use]
    pub fn newest_token(&self) -> Option<Instant> {
        self.state.books().newest
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        self.accepting.abort();
    }
}

async fn accept(listener: TcpListener, routes: Router) {
    let mut connections = tokio::task::JoinSet::new();
    while let Ok((stream, _)) = listener.accept().await {
        connections.spawn(serve(stream, routes.clone()));
        while connections.try_join_next().is_some() {}
    }
}

async fn serve(stream: TcpStream, routes: Router) {
    let mut builder = auto::Builder::new(TokioExecutor::new());
    builder.http2().max_concurrent_streams(STREAMS);
    let service = TowerToHyperService::new(routes);
    // An error here is a client that hung up.
    let _ = builder.serve_connection(TokioIo::new(stream), service).await;
}
