//! A client that was imported from an OpenAPI document, and a server made from the same document.
//!
//! `cargo run -p perennial-examples --bin openapi` places orders while the server lets all tokens expire, again and
//! again. `cargo perennial import shop.json` wrote the file `openapi/shop.rs`; the macro compares it with the document
//! in each build.

#![allow(missing_docs, reason = "the document describes its types")]

#[path = "../openapi/shop.rs"]
pub mod shop;

use std::sync::{Arc, Mutex};

use axum::extract::{Path, Query, State};
use axum::http::{HeaderMap, StatusCode};
use axum::routing::{get, post};
use axum::{Json, Router};
use futures::future::try_join_all;
use perennial_examples::say;
use shop::{
    Card, Credentials, Item, NewOrder, Order, Payment, RefreshRequest, ShopClient, TokenPair,
};

/// Times that all tokens expire.
const DRILLS: u64 = 3;

/// Calls under way when they do.
const CALLS: i64 = 20;

/// The state of the server.
#[derive(Default)]
struct Desk {
    orders: Vec<Order>,
    /// The valid tokens, by their number.
    current: u64,
    /// Access tokens are not accepted until the next refresh.
    expired: bool,
    refreshes: u64,
}

type Shared = Arc<Mutex<Desk>>;

#[tokio::main]
async fn main() -> Result<(), Box<dyn std::error::Error>> {
    let desk = Shared::default();
    let address = perennial_examples::serve(routes(desk.clone())).await?;
    let shop = ShopClient::builder(&address).build()?;
    shop.login(&Credentials { user: "ann".into(), password: "secret".into() }).await?;

    for drill in 1..=DRILLS {
        desk.lock().map_err(|_| "the server panicked")?.expired = true;
        let orders: Vec<NewOrder> = (0..CALLS).map(|count| order(drill, count)).collect();
        let placed = try_join_all(orders.iter().map(|order| shop.place_order(order))).await?;
        let refreshes = desk.lock().map_err(|_| "the server panicked")?.refreshes;
        say!(
            "drill {drill}: {} orders placed over an expired token, {refreshes} refreshes so far",
            placed.len()
        );
        assert_eq!(refreshes, drill, "one refresh for each expiry");
    }
    let all = shop.list_orders(Some(&shop::State::Open), &["-orderId"], Some(5)).await?;
    let one = shop.get_order(all[0].order_id).await?;
    assert_eq!(one, all[0]);
    shop.cancel_order(one.order_id).await?;
    shop.health().await?;
    say!("the newest order of {} was {}", all.len(), one.order_id);
    Ok(())
}

fn order(drill: u64, count: i64) -> NewOrder {
    NewOrder {
        items: vec![Item { sku: format!("pen-{drill}"), count }],
        payment: Some(Payment::Card(Card { last4: "4242".into() })),
        note: None,
    }
}

fn routes(desk: Shared) -> Router {
    let api = Router::new()
        .route("/auth/login", post(login))
        .route("/auth/refresh", post(refresh))
        .route("/orders", get(list).post(place))
        .route("/orders/{id}", get(one).delete(cancel))
        .route("/health", get(async || StatusCode::NO_CONTENT));
    Router::new().nest("/v1", api).with_state(desk)
}

type Answer<T> = Result<T, StatusCode>;

/// The desk, if the caller may come to it.
fn admitted<'d>(desk: &'d Shared, headers: &HeaderMap) -> Answer<std::sync::MutexGuard<'d, Desk>> {
    let desk = desk.lock().map_err(|_| StatusCode::INTERNAL_SERVER_ERROR)?;
    let given = headers.get("authorization").and_then(|it| it.to_str().ok());
    if desk.expired || given != Some(&format!("Bearer access-{}", desk.current)) {
        return Err(StatusCode::UNAUTHORIZED);
    }
    Ok(desk)
}

fn issue(desk: &mut Desk) -> Json<TokenPair> {
    desk.current += 1;
    desk.expired = false;
    Json(TokenPair {
        access_token: format!("access-{}", desk.current),
        refresh_token: format!("refresh-{}", desk.current),
        expires_in: 3600,
    })
}

async fn login(State(desk): State<Shared>, Json(_): Json<Credentials>) -> Answer<Json<TokenPair>> {
    Ok(issue(&mut *desk.lock().map_err(|_| StatusCode::INTERNAL_SERVER_ERROR)?))
}

/// A refresh token is valid once.
async fn refresh(
    State(desk): State<Shared>,
    Json(with): Json<RefreshRequest>,
) -> Answer<Json<TokenPair>> {
    let mut desk = desk.lock().map_err(|_| StatusCode::INTERNAL_SERVER_ERROR)?;
    if with.refresh_token != format!("refresh-{}", desk.current) {
        return Err(StatusCode::BAD_REQUEST);
    }
    desk.refreshes += 1;
    Ok(issue(&mut desk))
}

async fn place(
    State(desk): State<Shared>,
    headers: HeaderMap,
    Json(new): Json<NewOrder>,
) -> Answer<(StatusCode, Json<Order>)> {
    let mut desk = admitted(&desk, &headers)?;
    headers.get("idempotency-key").ok_or(StatusCode::BAD_REQUEST)?;
    let order_id =
        i64::try_from(desk.orders.len()).map_err(|_| StatusCode::INTERNAL_SERVER_ERROR)? + 1;
    let order = Order {
        items: new.items,
        payment: new.payment,
        note: new.note.flatten(),
        order_id,
        state: shop::State::Open,
        replaces: None,
    };
    desk.orders.push(order.clone());
    Ok((StatusCode::CREATED, Json(order)))
}

/// How a list is asked for.
#[derive(serde::Deserialize)]
struct Wanted {
    state: Option<shop::State>,
    sort: Option<String>,
    limit: Option<usize>,
}

async fn list(
    State(desk): State<Shared>,
    headers: HeaderMap,
    Query(wanted): Query<Wanted>,
) -> Answer<Json<Vec<Order>>> {
    let desk = admitted(&desk, &headers)?;
    let mut orders: Vec<Order> = desk
        .orders
        .iter()
        .filter(|it| wanted.state.as_ref().is_none_or(|state| *state == it.state))
        .cloned()
        .collect();
    if wanted.sort.as_deref() == Some("-orderId") {
        orders.reverse();
    }
    orders.truncate(wanted.limit.unwrap_or(20));
    Ok(Json(orders))
}

async fn one(
    State(desk): State<Shared>,
    headers: HeaderMap,
    Path(id): Path<i64>,
) -> Answer<Json<Order>> {
    let desk = admitted(&desk, &headers)?;
    desk.orders.iter().find(|it| it.order_id == id).cloned().map(Json).ok_or(StatusCode::NOT_FOUND)
}

async fn cancel(
    State(desk): State<Shared>,
    headers: HeaderMap,
    Path(id): Path<i64>,
) -> Answer<StatusCode> {
    let mut desk = admitted(&desk, &headers)?;
    desk.orders.retain(|it| it.order_id != id);
    Ok(StatusCode::NO_CONTENT)
}
