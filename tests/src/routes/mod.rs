//! The routes that the tests call.

mod echo;
mod orders;
mod pages;
mod streams;

use axum::Router;
use axum::routing::{any, get, post};
use perennial_test::{Caller, Payload};
use serde_json::Value;

pub(crate) use orders::Orders;

pub(crate) fn all(orders: &Orders) -> Router {
    let ok = || async { Payload(Value::from("ok")) };
    let orders = Router::new()
        .route("/orders", get(orders::list).post(orders::place))
        .route("/orders/{id}", get(orders::one))
        .with_state(orders.clone());
    Router::new()
        .route("/health", get(ok))
        .route("/fast", get(ok))
        .route("/slow", get(ok))
        .route("/echo", any(echo::echo))
        .route("/echo/{*rest}", any(echo::echo))
        .route("/upload", post(echo::upload))
        .route("/download", get(streams::download))
        .route("/events", get(streams::events))
        .route("/ndjson", get(streams::lines))
        .route("/pages/cursor", get(pages::cursor))
        .route("/pages/offset", get(pages::offset))
        .route("/pages/link", get(pages::link))
        .merge(orders)
}
