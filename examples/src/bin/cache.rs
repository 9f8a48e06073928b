//! A cache as a layer: unchanged data is not sent again (`ETag`, `If-None-Match`, 304).
//!
//! The layer is that of the crate `http-cache-tower`. It is below perennial, so a response from the cache
//! is judged like any other, and a call is replayed through it after a refresh. Note three things. It holds
//! the data of one user, so give each user's client its own (or put the user into its key). It reads bodies
//! as a whole, so exclude downloads (`layer_for`). It turns a failure of the network into text, so a timeout
//! is reported as a broken connection.
//!
//! `cargo run -p perennial-examples --bin cache` calls a server in this program.

#![allow(missing_docs, reason = "the API documents its fields")]

use std::collections::HashMap;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, PoisonError};

use axum::extract::State;
use axum::http::{HeaderMap, StatusCode};
use axum::response::{IntoResponse, Response};
use axum::routing::{get, post};
use axum::{Json, Router};
use http_cache::{CacheManager, CacheOptions, HttpCacheOptions, HttpResponse as Kept};
use http_cache_semantics::CachePolicy;
use http_cache_tower::HttpCacheLayer;
use perennial::layer::HttpService;
use perennial::{Result, Tokens, api_client};
use perennial_examples::say;
use serde_json::{Value, json};
use tower::{Layer, ServiceExt};

/// A catalog that seldom changes.
#[api_client(
    envelope(code = "code", message = "message", data = "data", ok = 0),
    auth(header = "X-Token", expired(code = 1234))
)]
pub trait Catalogue {
    /// Renews the token.
    #[post("/refresh", refresh)]
    async fn refresh(&self) -> Result<Tokens>;

    /// All products.
    #[get("/products")]
    async fn products(&self) -> Result<Vec<String>>;
}

#[tokio::main]
async fn main() -> Result<(), Box<dyn std::error::Error>> {
    let shop = Arc::new(Shop::default());
    let base = perennial_examples::serve(router(Arc::clone(&shop))).await?;
    let options = HttpCacheOptions {
        // The cache of one user, who may be shown again what only this user may see.
        cache_options: Some(CacheOptions { shared: false, ..CacheOptions::default() }),
        ..HttpCacheOptions::default()
    };
    let cache = HttpCacheLayer::with_options(Memory::default(), options);
    let catalogue = CatalogueClient::builder(base)
        .layer(tower::layer::layer_fn(move |inner: HttpService| {
            // The body of the cache becomes one of reqwest's again.
            let cached = cache.layer(inner);
            cached.map_response(|response| response.map(perennial::reqwest::Body::wrap))
        }))
        .build()?;
    catalogue.session().login(Tokens::new("token-0")).await?;
    for round in 1..=4 {
        if round == 3 {
            shop.newest.fetch_add(1, Ordering::Relaxed);
            say!("the token has expired");
        }
        if round == 4 {
            shop.products.fetch_add(1, Ordering::Relaxed);
            say!("a product came in");
        }
        say!("{} products, {}", catalogue.products().await?.len(), shop.counts());
    }
    say!("refreshes: {}", catalogue.session().stats().refreshes);
    Ok(())
}

/// Keeps responses in memory. Other managers, in files or with a limit, come with the crate.
#[derive(Clone, Default)]
struct Memory(Arc<Mutex<HashMap<String, (Kept, CachePolicy)>>>);

impl CacheManager for Memory {
    async fn get(&self, key: &str) -> http_cache::Result<Option<(Kept, CachePolicy)>> {
        Ok(self.0.lock().unwrap_or_else(PoisonError::into_inner).get(key).cloned())
    }

    async fn put(&self, key: String, kept: Kept, policy: CachePolicy) -> http_cache::Result<Kept> {
        let mut all = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        all.insert(key, (kept.clone(), policy));
        Ok(kept)
    }

    async fn delete(&self, key: &str) -> http_cache::Result<()> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).remove(key);
        Ok(())
    }
}

#[derive(Default)]
struct Shop {
    newest: AtomicU64,
    products: AtomicU64,
    whole: AtomicU64,
    unchanged: AtomicU64,
}

impl Shop {
    fn counts(&self) -> String {
        let count = |number: &AtomicU64| number.load(Ordering::Relaxed);
        format!("sent {}, unchanged {}", count(&self.whole), count(&self.unchanged))
    }
}

fn router(shop: Arc<Shop>) -> Router {
    let refresh = async |State(shop): State<Arc<Shop>>| {
        let number = shop.newest.load(Ordering::Relaxed);
        Json(json!({"code": 0, "data": {"token": format!("token-{number}")}}))
    };
    Router::new()
        .route("/refresh", post(refresh))
        .route("/products", get(products))
        .with_state(shop)
}

async fn products(State(shop): State<Arc<Shop>>, headers: HeaderMap) -> Response {
    let is = |name: &str, value: &str| headers.get(name).is_some_and(|it| it == value);
    if !is("x-token", &format!("token-{}", shop.newest.load(Ordering::Relaxed))) {
        let over = Json(json!({"code": 1234, "message": "token expired", "data": {}}));
        return ([("cache-control", "no-store")], over).into_response();
    }
    let count = shop.products.load(Ordering::Relaxed) + 2;
    let (tag, asks_again) = (format!("\"{count}\""), "private, no-cache");
    let head = [("etag", tag.clone()), ("cache-control", asks_again.to_owned())];
    if is("if-none-match", &tag) {
        shop.unchanged.fetch_add(1, Ordering::Relaxed);
        return (StatusCode::NOT_MODIFIED, head).into_response();
    }
    shop.whole.fetch_add(1, Ordering::Relaxed);
    let products: Value = (1..=count).map(|n| format!("product {n}")).collect();
    (head, Json(json!({"code": 0, "message": "ok", "data": products}))).into_response()
}
