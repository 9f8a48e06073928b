//! Orders: what a shop has.

use std::sync::{Arc, Mutex, PoisonError};

use axum::Json;
use axum::extract::{Extension, Path, Query, State};
use serde_json::{Value, json};

use super::{Caller, Payload};

/// The orders that were placed, each with the user who did.
#[derive(Debug, Clone, Default)]
pub(crate) struct Orders(Arc<Mutex<Vec<(String, Value)>>>);

impl Orders {
    pub(crate) fn placed(&self) -> Vec<(String, Value)> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }
}

pub(super) async fn one(Path(id): Path<u64>) -> Payload {
    Payload(order(id))
}

/// Three orders to a page.
pub(super) async fn list(Query(query): Query<Vec<(String, String)>>) -> Payload {
    let page = query.iter().find(|(name, _)| name == "page");
    let page: u64 = page.and_then(|(_, page)| page.parse().ok()).unwrap_or(1);
    let first = page.saturating_sub(1).saturating_mul(3);
    Payload((first + 1..=first + 3).map(order).collect())
}

pub(super) async fn place(
    State(orders): State<Orders>,
    Extension(caller): Extension<Caller>,
    Json(body): Json<Value>,
) -> Payload {
    let mut placed = orders.0.lock().unwrap_or_else(PoisonError::into_inner);
    placed.push((caller.user.unwrap_or_default(), body));
    Payload(order(1000 + placed.len() as u64))
}

fn order(id: u64) -> Value {
    json!({"id": id, "title": format!("order {id}")})
}
