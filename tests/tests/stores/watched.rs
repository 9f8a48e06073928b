//! Clients whose events are recorded as text.

use std::sync::{Arc, Mutex};

use crate::support::{ShopClient, as_in};
use perennial::store::{FileStore, TokenStore};
use perennial::{Event, Tokens};
use perennial_tests::Server;

/// The events, as text.
#[derive(Clone, Default)]
pub struct Events(pub Arc<Mutex<Vec<String>>>);

impl Events {
    pub fn count(&self, word: &str) -> usize {
        self.0.lock().unwrap().iter().filter(|event| event.contains(word)).count()
    }
}

pub fn client(server: &Server, store: impl TokenStore) -> (ShopClient, Events) {
    let events = Events::default();
    let seen = events.clone();
    let client = ShopClient::builder(server.origin())
        .store(store)
        .on_event(move |event: &Event| seen.0.lock().unwrap().push(format!("{event:?}")))
        .build()
        .unwrap();
    (client, events)
}

pub async fn sign_in(server: &Server, client: &ShopClient) {
    client.session().login(Tokens::new(server.issue("ann").access)).await.unwrap();
}

pub async fn calls(client: &ShopClient, count: u64) {
    let calls = (1..=count).map(|id| async move { (id, client.order(id).await) });
    for (id, order) in futures::future::join_all(calls).await {
        assert_eq!(order.unwrap().id, id);
    }
}

/// A file as another process sees it: without a location, so that it is a session of its own.
#[derive(Clone)]
pub struct Elsewhere(pub FileStore);

impl TokenStore for Elsewhere {
    as_in! { 0: load, save, clear, lock }
}
