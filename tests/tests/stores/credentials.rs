//! A store that is asked for the places of further credentials.

use std::sync::Arc;
use std::sync::mpsc::channel;
use std::time::Duration;

use crate::support::as_in;
use perennial::store::{MemoryStore, TokenStore};
use perennial::{Result, Tokens, api_client};

#[api_client(
    base = "/api",
    auth(header = "X-Token", expired(code = 1234)),
    auth(name = "device", header = "X-Device", expired(code = 5678)),
    envelope(code = "code", message = "message", data = "data", ok = 0)
)]
trait Fleet {
    #[post("/refreshtoken", refresh)]
    async fn refresh(&self) -> Result<Tokens>;

    #[post("/device/refresh", refresh("device"))]
    async fn refresh_device(&self) -> Result<Tokens>;
}

fn client(store: impl TokenStore) -> FleetClient {
    FleetClient::builder("http://127.0.0.1:1").store(store).build().unwrap()
}

/// Opens a client of its own when it is asked for the place of a further credential, on the same place.
struct Opening(MemoryStore);

impl TokenStore for Opening {
    as_in! { 0: load, save, clear }

    fn for_credential(&self, name: &str) -> Option<Arc<dyn TokenStore>> {
        client(self.0.clone());
        self.0.for_credential(name)
    }
    fn location(&self) -> Option<String> {
        self.0.location()
    }
}

#[test]
fn a_store_can_open_a_session_itself_and_a_place_has_one_session_all_the_same() {
    let (done, told) = channel();
    std::thread::spawn(move || {
        let store = MemoryStore::new();
        let fleet = client(Opening(store.clone()));
        done.send(fleet.session().id() == client(store).session().id()).unwrap();
    });
    assert!(told.recv_timeout(Duration::from_secs(20)).expect("it waits for itself"));
}
