//! The server that all clients talk to, in a process of its own, so that only clients are counted.

use std::convert::Infallible;
use std::io::Write as _;
use std::process::{Child, Command, Stdio};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};

use bytes::Bytes;
use http_body_util::Full;
use hyper::body::Incoming;
use hyper::service::service_fn;
use hyper::{Request, Response};
use hyper_util::rt::{TokioExecutor, TokioIo};
use hyper_util::server::conn::auto::Builder;
use tokio::net::TcpListener;
use tokio::sync::Notify;

use crate::Outcome;

/// The header in which the token travels.
pub(crate) const TOKEN: &str = "x-token";

/// The code of a response to an expired token.
pub(crate) const EXPIRED: i64 = 1234;

/// More calls at once than any storm has.
const STREAMS: u32 = 100_000;

#[derive(Default)]
struct State {
    /// Which token is the good one.
    generation: AtomicU64,
    requests: AtomicU64,
    refreshes: AtomicU64,
    /// Whether a refresh waits until it is let go.
    holds: AtomicBool,
    release: Notify,
}

/// Serves until the process is ended. The first line of its output is its address.
pub(crate) fn serve() -> Outcome<()> {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
    runtime.block_on(async {
        let listener = TcpListener::bind("127.0.0.1:0").await?;
        let mut out = std::io::stdout();
        writeln!(out, "{}", listener.local_addr()?)?;
        out.flush()?;
        let state = Arc::new(State::default());
        loop {
            let (stream, _) = listener.accept().await?;
            stream.set_nodelay(true)?;
            let state = Arc::clone(&state);
            tokio::spawn(async move {
                let service = service_fn(move |request| response(Arc::clone(&state), request));
                let mut builder = Builder::new(TokioExecutor::new());
                builder.http2().max_concurrent_streams(STREAMS);
                // A client that disconnects is not a failure of the server.
                let _ = builder.serve_connection(TokioIo::new(stream), service).await;
            });
        }
    })
}

async fn response(
    state: Arc<State>,
    request: Request<Incoming>,
) -> Result<Response<Full<Bytes>>, Infallible> {
    let path = request.uri().path();
    let body = match path {
        "/control/expire" => {
            state.generation.fetch_add(1, Ordering::SeqCst);
            state.requests.store(0, Ordering::SeqCst);
            state.refreshes.store(0, Ordering::SeqCst);
            state.holds.store(request.uri().query() == Some("hold"), Ordering::SeqCst);
            String::new()
        }
        "/control/release" => {
            state.holds.store(false, Ordering::SeqCst);
            state.release.notify_waiters();
            String::new()
        }
        "/control/counts" => {
            let (requests, refreshes) = (&state.requests, &state.refreshes);
            format!("{} {}", requests.load(Ordering::SeqCst), refreshes.load(Ordering::SeqCst))
        }
        "/refresh" => {
            state.requests.fetch_add(1, Ordering::SeqCst);
            state.refreshes.fetch_add(1, Ordering::SeqCst);
            loop {
                let released = state.release.notified();
                if !state.holds.load(Ordering::SeqCst) {
                    break;
                }
                released.await;
            }
            let token = token(state.generation.load(Ordering::SeqCst));
            format!(r#"{{"code":0,"message":"ok","data":"{token}"}}"#)
        }
        path if path.starts_with("/open/") => order(path),
        path => {
            state.requests.fetch_add(1, Ordering::SeqCst);
            let good = token(state.generation.load(Ordering::SeqCst));
            match request.headers().get(TOKEN) {
                Some(token) if token.as_bytes() == good.as_bytes() => order(path),
                _ => {
                    format!(r#"{{"code":{EXPIRED},"message":"the token has expired","data":null}}"#)
                }
            }
        }
    };
    let response = Response::builder()
        .header("content-type", "application/json")
        .body(Full::new(Bytes::from(body)));
    Ok(response.expect("the header is well formed"))
}

/// The token of a generation: 41 bytes, as many as a random one of 30 bytes in base64 would have.
pub(crate) fn token(generation: u64) -> String {
    format!("{generation:08}-c2VjcmV0LXRva2VuLW9mLWEtdXNlcg00")
}

/// A response of 130 bytes.
pub(crate) fn order(path: &str) -> String {
    let id = path.rsplit('/').next().unwrap_or_default();
    let response = format!(
        r#"{{"code":0,"message":"ok","data":{{"id":{id},"customer":"Ada Lovelace","total":1299,"currency":"EUR","note":""#
    );
    let missing = 127_usize.saturating_sub(response.len());
    format!("{response}{}\"}}}}", "n".repeat(missing))
}

/// A server that ends with this.
pub(crate) struct Server {
    process: Child,
    address: String,
}

impl Server {
    pub(crate) fn start() -> Outcome<Self> {
        let mut process = Command::new(std::env::current_exe()?)
            .arg("serve")
            .stdin(Stdio::null())
            .stdout(Stdio::piped())
            .spawn()?;
        let mut address = String::new();
        if let Some(out) = process.stdout.take() {
            std::io::BufRead::read_line(&mut std::io::BufReader::new(out), &mut address)?;
        }
        Ok(Self { process, address: format!("http://{}", address.trim()) })
    }

    pub(crate) fn address(&self) -> &str {
        &self.address
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        // It may have ended already.
        let _ = self.process.kill();
        let _ = self.process.wait();
    }
}

/// Tells the server what to do, over a connection of its own.
pub(crate) struct Control {
    http: reqwest::Client,
    base: String,
}

impl Control {
    pub(crate) fn new(base: &str) -> Self {
        Self { http: reqwest::Client::new(), base: base.to_owned() }
    }

    /// Makes the present token expire and starts to count afresh.
    pub(crate) async fn expire(&self, holds: bool) -> Outcome<()> {
        self.ask(if holds { "expire?hold" } else { "expire" }).await.map(drop)
    }

    /// Releases the refresh that waits.
    pub(crate) async fn release(&self) -> Outcome<()> {
        self.ask("release").await.map(drop)
    }

    /// Requests and refreshes since the last expiry.
    pub(crate) async fn counts(&self) -> Outcome<(u64, u64)> {
        let counts = self.ask("counts").await?;
        let (requests, refreshes) = counts.split_once(' ').ok_or("two numbers were expected")?;
        Ok((requests.parse()?, refreshes.parse()?))
    }

    async fn ask(&self, what: &str) -> Outcome<String> {
        let url = format!("{}/control/{what}", self.base);
        Ok(self.http.get(url).send().await?.error_for_status()?.text().await?)
    }
}
