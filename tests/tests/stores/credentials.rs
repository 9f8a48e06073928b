//! A store that is asked for the places of further credentials.

use std::future::pending;
use std::sync::Arc;
use std::sync::mpsc::channel;
use std::time::{Duration, SystemTime};

use crate::support::as_in;
use futures::FutureExt;
use perennial::store::{MemoryStore, StoreError, Stored, TokenStore, Version};
use perennial::{BoxFuture, ErrorKind, Result, Tokens, api_client};

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
fn a_store_can_open_a_session_itself_and_a_location_still_has_one_session() {
    let (done, told) = channel();
    std::thread::spawn(move || {
        let store = MemoryStore::new();
        let fleet = client(Opening(store.clone()));
        done.send(fleet.session().id() == client(store).session().id()).unwrap();
    });
    assert!(told.recv_timeout(Duration::from_secs(20)).expect("it waits for itself"));
}

/// A store that clears nothing and never says so.
#[derive(Clone, Default)]
struct Stuck(MemoryStore);

impl TokenStore for Stuck {
    as_in! { 0: load, save }

    fn clear(&self, _: Version) -> BoxFuture<'_, Result<(), StoreError>> {
        Box::pin(pending())
    }
    fn for_credential(&self, _: &str) -> Option<Arc<dyn TokenStore>> {
        Some(Arc::new(Self::default()))
    }
}

#[tokio::test]
async fn a_logout_that_is_dropped_signs_out_of_every_credential() {
    let fleet = client(Stuck::default());
    let device = fleet.session().credential("device").unwrap();
    fleet.session().login("of-the-user").await.unwrap();
    device.login("of-the-device").await.unwrap();
    assert!(fleet.session().logout().now_or_never().is_none(), "nothing was dropped");
    assert!(!fleet.session().is_signed_in() && !device.is_signed_in());
}

#[api_client(auth(bearer, logout(status = 401)))]
trait Before {
    #[get("/me")]
    async fn me(&self) -> Result<String>;
}

/// The next version of the same program.
#[api_client(
    auth(name = "device", header = "X-Device", logout(status = 403)),
    auth(name = "session", bearer, logout(status = 401))
)]
trait After {
    #[get("/me")]
    async fn me(&self) -> Result<String>;
}

#[tokio::test]
async fn tokens_of_a_former_first_credential_are_not_mistaken_for_those_of_another() {
    let store = MemoryStore::new();
    let elsewhere = || Elsewhere(store.clone());
    let before = || BeforeClient::builder("http://127.0.0.1:1").store(elsewhere()).build().unwrap();
    let after = || AfterClient::builder("http://127.0.0.1:1").store(elsewhere()).build().unwrap();
    before().session().login("of-the-session").await.unwrap();
    let next = after();
    assert_eq!(next.me().await.unwrap_err().kind(), ErrorKind::SignedOut);
    assert_eq!(store.stored().unwrap().tokens.access(), "of-the-session");

    next.session().login("of-the-device").await.unwrap();
    assert_eq!(store.stored().unwrap().tokens.access(), "of-the-device");
    let again = after();
    again.session().load().await;
    assert_eq!(again.session().tokens().unwrap().access(), "of-the-device");
    assert_eq!(before().me().await.unwrap_err().kind(), ErrorKind::SignedOut);
}

#[tokio::test]
async fn a_record_of_an_earlier_version_names_no_credential_and_is_taken() {
    let store = MemoryStore::new();
    let version = Version { login: 1, generation: 1 };
    let old = Stored::new(version, Tokens::new("old"), SystemTime::now());
    store.save(&old, None).await.unwrap();
    let after = AfterClient::builder("http://127.0.0.1:1").store(Elsewhere(store)).build().unwrap();
    after.session().load().await;
    assert_eq!(after.session().tokens().unwrap().access(), "old");
}

/// A store as another process sees it: without a location, so that each client has a session of its own.
struct Elsewhere(MemoryStore);

impl TokenStore for Elsewhere {
    as_in! { 0: load, save, clear }
}
