//! The page that the tests in a real browser drive: the article's client, and functions that a test calls
//! by name. Each returns JSON as text.

#![cfg(target_family = "wasm")]

mod guide;
mod more;
#[allow(dead_code, unreachable_pub)]
#[path = "../../tests/support/shop.rs"]
mod shop;

use std::cell::RefCell;
use std::rc::Rc;

use perennial::store::BrowserStore;
use perennial::system::{FetchCredentials, FetchOptions};
use perennial::{Error, Event};
use serde_json::{Value, json};
use wasm_bindgen::prelude::*;
use wasm_bindgen_futures::spawn_local;

use shop::{Order, ShopClient, Who};

/// One page, with its client and what its hooks were told. The hooks hold an `Rc`, as the state of a
/// component would.
#[derive(Clone)]
struct Page {
    shop: ShopClient,
    store: Option<BrowserStore>,
    told: Rc<RefCell<Told>>,
}

#[derive(Default)]
struct Told {
    events: Vec<String>,
    logouts: Vec<String>,
}

thread_local! {
    static PAGE: RefCell<Option<Page>> = const { RefCell::new(None) };
}

fn page() -> Page {
    PAGE.with_borrow(|page| page.clone().expect("`open` comes first"))
}

/// Builds the client; `store` is `local`, `session` or nothing. An empty `base` is the page's own origin.
#[wasm_bindgen]
pub fn open(base: &str, store: &str) -> Result<(), JsValue> {
    let told = Rc::new(RefCell::new(Told::default()));
    let (events, logouts) = (Rc::clone(&told), Rc::clone(&told));
    let store = match store {
        "local" => Some(BrowserStore::local("tokens")),
        "session" => Some(BrowserStore::session("tokens")),
        _ => None,
    };
    let mut builder = ShopClient::builder(base)
        .fetch(FetchOptions::new().credentials(FetchCredentials::Include))
        .on_event(move |event: &Event| events.borrow_mut().events.push(format!("{:?}", event.kind)))
        .on_logout(move |why: &Error| logouts.borrow_mut().logouts.push(why.to_string()));
    if let Some(store) = &store {
        builder = builder.store(store.clone());
    }
    let shop = builder.build().map_err(|error| JsValue::from(error.to_string()))?;
    PAGE.set(Some(Page { shop, store, told }));
    Ok(())
}

/// The outcome of a call.
fn outcome<T: Into<Value>>(result: Result<T, Error>) -> Value {
    match result {
        Ok(value) => json!({"ok": value.into()}),
        Err(error) => json!({"error": format!("{:?}", error.kind()), "message": chain(&error)}),
    }
}

fn chain(error: &dyn std::error::Error) -> String {
    let mut text = error.to_string();
    let mut source = error.source();
    while let Some(error) = source {
        text = format!("{text}: {error}");
        source = error.source();
    }
    text
}

#[wasm_bindgen]
pub async fn login(user: String) -> String {
    let who = Who::named(Box::leak(user.into_boxed_str()));
    outcome(page().shop.login(&who).await.map(|_| true)).to_string()
}

#[wasm_bindgen]
pub async fn logout() -> String {
    outcome(page().shop.logout().await.map(|()| true)).to_string()
}

/// Signs out without telling the server.
#[wasm_bindgen]
pub async fn forget() -> String {
    outcome(page().shop.session().logout().await.map(|()| true)).to_string()
}

/// One order.
#[wasm_bindgen]
pub async fn order(id: u32) -> String {
    outcome(page().shop.order(id.into()).await.map(|order| order.title)).to_string()
}

/// So many orders at once: how many were right, and what became of the others.
#[wasm_bindgen]
pub async fn orders(count: u32) -> String {
    let Page { shop, .. } = page();
    let calls = (1..=u64::from(count)).map(|id| {
        let call = shop.order(id);
        async move { (id, call.await) }
    });
    let mut good = 0;
    let mut bad = Vec::new();
    for (id, result) in futures_util::future::join_all(calls).await {
        match result {
            Ok(Order { id: got, .. }) if got == id => good += 1,
            other => bad.push(format!("{other:?}")),
        }
    }
    json!({"good": good, "bad": bad}).to_string()
}

/// Whose token a call carries, as the server sees it.
#[wasm_bindgen]
pub async fn who() -> String {
    let echo = page().shop.echo("x", &[], "", &Value::Null).await;
    outcome(echo.map(|echo| echo["user"].clone())).to_string()
}

#[wasm_bindgen]
pub async fn health() -> String {
    outcome(page().shop.health().await.map(|()| true)).to_string()
}

/// Reads the store, as each call does.
#[wasm_bindgen]
pub async fn load() -> String {
    page().shop.session().load().await;
    outcome(Ok(true)).to_string()
}

#[wasm_bindgen]
pub fn signed_in() -> bool {
    page().shop.session().is_signed_in()
}

/// The calls of the hooks.
#[wasm_bindgen]
pub fn told() -> String {
    let told = page().told;
    let told = told.borrow();
    json!({"events": told.events, "logouts": told.logouts}).to_string()
}

/// Keeps in step with other tabs.
#[wasm_bindgen]
pub fn follow() {
    let Page { shop, store, .. } = page();
    spawn_local(async move {
        if let Some(store) = store {
            store.follow(shop.session()).await;
        }
    });
}
