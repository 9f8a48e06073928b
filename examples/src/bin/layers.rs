//! Layers around the requests. At most two searches run at once. Reports are requested one after the other,
//! five in 50 ms, and none while the server asks clients to wait. Each attempt to place an order is signed
//! separately.
//!
//! `cargo run -p perennial-examples --bin layers` calls a server in this program.

#![allow(missing_docs, reason = "the API documents its fields")]

use std::hash::{DefaultHasher, Hash, Hasher};
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use axum::body::Bytes;
use axum::extract::State;
use axum::http::{HeaderMap, HeaderValue, StatusCode};
use axum::response::{IntoResponse, Response};
use axum::routing::{get, post};
use axum::{Json, Router};
use perennial::layer::{Attempt, HttpRequest, HttpResponse, HttpService};
use perennial::{Result, Tokens, api_client};
use perennial_examples::say;
use serde_json::{Value, json};
use tokio::time::Instant;
use tower::buffer::BufferLayer;
use tower::limit::{GlobalConcurrencyLimitLayer, RateLimitLayer};
use tower::util::MapRequestLayer;
use tower::{BoxError, ServiceBuilder, ServiceExt, layer::layer_fn, service_fn};

/// A shop whose search is slow, whose reports are rate limited, and whose orders are signed.
#[api_client(auth(bearer, expired(status = 401)))]
pub trait Shop {
    /// Renews the token.
    #[post("/refresh", refresh)]
    async fn refresh(&self) -> Result<Tokens>;

    /// Searches; the server accepts two searches at once.
    #[get("/search")]
    async fn search(&self, #[query] q: &str) -> Result<Value>;

    /// A report. The server limits their number, and says with 429 when to try again.
    #[get("/reports/{id}", retry(2, on = [429]))]
    async fn report(&self, id: u64) -> Result<Value>;

    /// Places an order.
    #[post("/orders", idempotent("Idempotency-Key"), retry(2, on = [503], backoff = "1ms..5ms"))]
    async fn place(&self, #[json] order: &Value) -> Result<Value>;
}

#[tokio::main]
async fn main() -> Result<(), Box<dyn std::error::Error>> {
    let server = Arc::new(Server::default());
    let base = perennial_examples::serve(router(Arc::clone(&server))).await?;
    // tower's rate limit has one owner; the buffer lets many calls share it.
    let ration = ServiceBuilder::new()
        .layer(BufferLayer::<HttpRequest>::new(64))
        .layer(RateLimitLayer::new(5, Duration::from_millis(50)))
        .into_inner();
    let quiet = Quiet::default();
    let leave_alone = layer_fn(move |inner: HttpService| {
        let quiet = quiet.clone();
        service_fn(move |request| quiet.clone().send(inner.clone(), request))
    });
    let shop = ShopClient::builder(base)
        .layer_for(["search"], GlobalConcurrencyLimitLayer::new(2))
        .layer_for(["report"], GlobalConcurrencyLimitLayer::new(1))
        .layer_for(["report"], leave_alone)
        .layer_for(["report"], ration)
        .layer_for(["place"], MapRequestLayer::new(sign))
        .build()?;
    shop.session().login(Tokens::new("token-0")).await?;

    let searches = (0..10).map(|n| shop.search(&n.to_string()));
    let found = futures::future::join_all(searches).await;
    say!("searches done: {} of 10", found.iter().flatten().count());
    say!("at once on the server: {} at most (allowed: 2)", server.most.load(Ordering::Relaxed));

    let reports = (0..20).map(|id| shop.report(id));
    let read = futures::future::join_all(reports).await;
    say!("reports done: {} of 20", read.iter().flatten().count());
    let pushed = server.pushed.load(Ordering::Relaxed);
    say!("requests while the server wanted to be left alone: {pushed} (expected: 0)");

    // The server is busy at the first attempt, and the token has expired at the second.
    let placed = shop.place(&json!({"item": 7})).await?;
    say!("order: {} (expected: attempt 3)", placed.as_str().unwrap_or_default());
    say!("refreshes: {} (expected: 1)", shop.session().stats().refreshes);
    Ok(())
}

/// The time until which the server rejects calls. A call that is rejected waits, since it is retried; this makes the
/// others wait as well.
#[derive(Clone, Default)]
struct Quiet(Arc<Mutex<Option<Instant>>>);

impl Quiet {
    async fn send(
        self,
        inner: HttpService,
        request: HttpRequest,
    ) -> Result<HttpResponse, BoxError> {
        while let Some(until) = self.until() {
            tokio::time::sleep_until(until).await;
        }
        let response = inner.oneshot(request).await?;
        let seconds =
            response.headers().get("retry-after").and_then(|it| it.to_str().ok()?.parse().ok());
        if let (StatusCode::TOO_MANY_REQUESTS, Some(seconds)) = (response.status(), seconds) {
            let until = Instant::now() + Duration::from_secs(seconds);
            let mut quiet = self.0.lock().unwrap_or_else(PoisonError::into_inner);
            *quiet = quiet.max(Some(until));
        }
        Ok(response)
    }

    fn until(&self) -> Option<Instant> {
        self.0
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .filter(|until| *until > Instant::now())
    }
}

/// Signs one attempt: its number makes each signature different. A real API names a keyed hash, such as
/// HMAC-SHA-256, instead of the plain hash here.
fn sign(mut request: HttpRequest) -> HttpRequest {
    let attempt = request.extensions().get::<Attempt>().map_or(0, |attempt| attempt.number);
    let body = request.body().as_bytes().unwrap_or_default();
    let signature = format!("{attempt}:{:016x}", signature(attempt, body));
    if let Ok(value) = HeaderValue::try_from(signature) {
        request.headers_mut().insert("x-signature", value);
    }
    request
}

fn signature(attempt: u32, body: &[u8]) -> u64 {
    let mut hasher = DefaultHasher::new();
    ("the key", attempt, body).hash(&mut hasher);
    hasher.finish()
}

#[derive(Default)]
struct Server {
    at_once: AtomicU64,
    most: AtomicU64,
    quiet: Mutex<Option<Instant>>,
    /// Requests that arrived although the server had asked clients to wait.
    pushed: AtomicU64,
    /// The number of the valid token.
    newest: AtomicU64,
}

fn router(server: Arc<Server>) -> Router {
    let refresh = async |State(server): State<Arc<Server>>| {
        let number = server.newest.load(Ordering::Relaxed);
        Json(json!({"access_token": format!("token-{number}")}))
    };
    Router::new()
        .route("/refresh", post(refresh))
        .route("/search", get(search))
        .route("/reports/{id}", get(report))
        .route("/orders", post(order))
        .with_state(server)
}

async fn search(State(server): State<Arc<Server>>) -> Json<Value> {
    let at_once = server.at_once.fetch_add(1, Ordering::SeqCst) + 1;
    server.most.fetch_max(at_once, Ordering::SeqCst);
    tokio::time::sleep(Duration::from_millis(10)).await;
    server.at_once.fetch_sub(1, Ordering::SeqCst);
    Json(json!([]))
}

/// Asks clients to wait for a second when the first report is requested.
async fn report(State(server): State<Arc<Server>>) -> Response {
    let now = Instant::now();
    let mut quiet = server.quiet.lock().unwrap_or_else(PoisonError::into_inner);
    match *quiet {
        None => {
            *quiet = Some(now + Duration::from_secs(1));
            (StatusCode::TOO_MANY_REQUESTS, [("retry-after", "1")]).into_response()
        }
        Some(until) => {
            server.pushed.fetch_add(u64::from(now < until), Ordering::Relaxed);
            Json(json!("all is well")).into_response()
        }
    }
}

/// Rejects unsigned requests. The first attempt finds the server busy, the second an expired token.
async fn order(State(server): State<Arc<Server>>, headers: HeaderMap, body: Bytes) -> Response {
    let text = |name: &str| headers.get(name).and_then(|it| it.to_str().ok()).unwrap_or_default();
    let Some((number, given)) = text("x-signature").split_once(':') else {
        return StatusCode::FORBIDDEN.into_response();
    };
    let number: u32 = number.parse().unwrap_or(0);
    if given != format!("{:016x}", signature(number, &body)) {
        return StatusCode::FORBIDDEN.into_response();
    }
    match number {
        1 => {
            server.newest.fetch_add(1, Ordering::Relaxed);
            StatusCode::SERVICE_UNAVAILABLE.into_response()
        }
        _ if text("authorization")
            == format!("Bearer token-{}", server.newest.load(Ordering::Relaxed)) =>
        {
            Json(format!("signed on attempt {number}")).into_response()
        }
        _ => StatusCode::UNAUTHORIZED.into_response(),
    }
}
