//! Two layers around the requests: one that lets only so many calls of an endpoint through at once, and
//! one that signs each attempt afresh.
//!
//! `cargo run -p perennial-examples --bin layers` speaks to a server in this program.

#![allow(missing_docs, reason = "the API documents its fields")]

use std::hash::{DefaultHasher, Hash, Hasher};
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use axum::body::Bytes;
use axum::http::{HeaderMap, HeaderValue, StatusCode};
use axum::routing::{get, post};
use axum::{Json, Router};
use perennial::{Attempt, HttpRequest, Result, api_client};
use serde_json::{Value, json};
use tower::limit::GlobalConcurrencyLimitLayer;
use tower::util::MapRequestLayer;

/// A shop whose search is slow, and whose orders are signed.
#[api_client]
pub trait Shop {
    /// Searches; the server bears two searches at once.
    #[get("/search")]
    async fn search(&self, #[query] q: &str) -> Result<Value>;

    /// Places an order.
    #[post("/orders", idempotent("Idempotency-Key"), retry(2, on = [503], backoff = "1ms..5ms"))]
    async fn place(&self, #[json] order: &Value) -> Result<Value>;
}

#[tokio::main]
async fn main() -> Result<(), Box<dyn std::error::Error>> {
    let (at_once, most) = (Arc::new(AtomicU64::new(0)), Arc::new(AtomicU64::new(0)));
    let base = perennial_examples::serve(server(at_once, Arc::clone(&most))).await?;
    let shop = ShopClient::builder(base)
        .layer_for(["search"], GlobalConcurrencyLimitLayer::new(2))
        .layer_for(["place"], MapRequestLayer::new(sign))
        .build()?;
    let searches = (0..10).map(|n| {
        let search = shop.search(&n.to_string());
        async move { search.await.is_ok() }
    });
    let found = futures::future::join_all(searches).await;
    println!("searches: {}", found.iter().filter(|found| **found).count());
    println!("at once: {}", most.load(Ordering::Relaxed));
    println!("order: {}", shop.place(&json!({"item": 7})).await?);
    Ok(())
}

/// Signs one attempt: its number makes the signature another one for each. A real API names a keyed
/// hash, such as HMAC-SHA-256, for what a plain hash stands for here.
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

fn server(at_once: Arc<AtomicU64>, most: Arc<AtomicU64>) -> Router {
    let search = move || {
        let (at_once, most) = (Arc::clone(&at_once), Arc::clone(&most));
        async move {
            most.fetch_max(at_once.fetch_add(1, Ordering::SeqCst) + 1, Ordering::SeqCst);
            tokio::time::sleep(Duration::from_millis(10)).await;
            at_once.fetch_sub(1, Ordering::SeqCst);
            Json(json!([]))
        }
    };
    Router::new().route("/search", get(search)).route("/orders", post(order))
}

/// Refuses what is not signed, and the first attempt in any case.
async fn order(headers: HeaderMap, body: Bytes) -> (StatusCode, Json<Value>) {
    let given = headers.get("x-signature").and_then(|it| it.to_str().ok()?.split_once(':'));
    let number: u32 = given.and_then(|(number, _)| number.parse().ok()).unwrap_or(0);
    let wanted = format!("{:016x}", signature(number, &body));
    match given {
        Some((_, given)) if given == wanted && number == 1 => {
            (StatusCode::SERVICE_UNAVAILABLE, Json(Value::Null))
        }
        Some((_, given)) if given == wanted => {
            (StatusCode::OK, Json(json!(format!("signed on attempt {number}"))))
        }
        _ => (StatusCode::FORBIDDEN, Json(Value::Null)),
    }
}
