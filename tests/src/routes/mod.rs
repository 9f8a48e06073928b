//! What the server offers.

mod echo;
mod orders;
mod pages;
mod streams;

use axum::response::{IntoResponse, Response};
use axum::routing::{any, get, post};
use axum::{Json, Router};
use serde_json::Value;

pub(crate) use orders::Orders;

/// The value of a good response: the server puts it into its envelope.
#[derive(Debug, Clone)]
pub struct Payload(pub Value);

impl IntoResponse for Payload {
    /// The value lies beside the response until the server wraps it.
    fn into_response(self) -> Response {
        let mut response = Json(&self.0).into_response();
        response.extensions_mut().insert(self);
        response
    }
}

/// Who calls, as handlers see it in the extensions of a request.
#[derive(Debug, Clone, Default)]
pub struct Caller {
    /// Whose token came along, if one was asked for.
    pub user: Option<String>,
    /// Which token set of the login it was.
    pub generation: Option<u64>,
}

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
