//! Settings that would have no effect: a client with them cannot be built.

use std::time::Duration;

use crate::support::ShopClient;
use perennial::store::MemoryStore;
use perennial::system::{SystemClock, TokioSpawner};
use perennial::{ClientBuilder, ErrorKind, RefreshFailure, Result, Session, Tokens, api_client};

#[api_client]
pub trait Open {
    #[get("/health")]
    async fn health(&self) -> Result<()>;
}

#[api_client(auth(bearer, expired(status = 401)), allow(expiry_without_refresh))]
pub trait Plain {
    #[get("/fast")]
    async fn fast(&self) -> Result<String>;
}

const BASE: &str = "http://shop.example";

async fn renewed(_: Option<Tokens>) -> Result<Tokens, RefreshFailure> {
    Ok(Tokens::new("new"))
}

/// Why a client with this session and this setting cannot be built.
fn refusal(
    session: &Session,
    setting: impl FnOnce(ClientBuilder<ShopClient>) -> ClientBuilder<ShopClient>,
) -> String {
    let error = setting(ShopClient::builder(BASE).session(session)).build().unwrap_err();
    assert!(error.kind() == ErrorKind::Build, "{error}");
    error.to_string()
}

#[test]
fn a_session_that_is_shared_takes_no_settings_of_another_client() {
    let shop = ShopClient::builder(BASE).build().unwrap();
    let session = shop.session();
    for (name, message) in [
        ("store", refusal(session, |it| it.store(MemoryStore::new()))),
        ("on_logout", refusal(session, |it| it.on_logout(|_| {}))),
        ("on_event", refusal(session, |it| it.on_event(|_| {}))),
        ("clock", refusal(session, |it| it.clock(SystemClock::default()))),
        ("spawner", refusal(session, |it| it.spawner(TokioSpawner))),
        ("refresh", refusal(session, |it| it.refresh(renewed))),
        ("refresh_timeout", refusal(session, |it| it.refresh_timeout(Duration::from_secs(1)))),
        ("cooldown", refusal(session, |it| it.cooldown(Duration::ZERO, Duration::ZERO))),
        ("give_up_after", refusal(session, |it| it.give_up_after(3))),
        ("queue_limit", refusal(session, |it| it.queue_limit(1))),
        ("replay_concurrency", refusal(session, |it| it.replay_concurrency(1))),
        ("send_during_refresh", refusal(session, |it| it.send_during_refresh(true))),
        ("refresh_ahead", refusal(session, |it| it.refresh_ahead(true))),
    ] {
        assert!(message.contains(&format!("`{name}`")), "{name}: {message}");
        assert!(message.contains("the client that creates"), "{name}: {message}");
    }
    // In whatever order they come.
    let builder = ShopClient::builder(BASE).queue_limit(1).session(session);
    assert!(builder.build().unwrap_err().kind() == ErrorKind::Build);
    // What is the client's own goes along with it.
    let http = reqwest::Client::builder().no_proxy();
    ShopClient::builder(BASE).session(session).http(http).body_limit(1).build().unwrap();
}

#[tokio::test]
async fn a_session_that_nothing_renews_takes_the_refresh_of_a_client_that_shares_it() {
    let plain = PlainClient::builder(BASE).build().unwrap();
    let other = PlainClient::builder(BASE).session(plain.session()).refresh(renewed).build();
    other.unwrap().session().refresh().await.unwrap();
    assert_eq!(plain.session().tokens().unwrap().access(), "new");
}

#[test]
fn an_api_without_credentials_takes_no_store_and_no_refresh() {
    let store = OpenClient::builder(BASE).store(MemoryStore::new()).build().unwrap_err();
    assert!(store.kind() == ErrorKind::Build && store.to_string().contains("`store`"), "{store}");
    let refresh = OpenClient::builder(BASE).refresh(renewed).build().unwrap_err();
    assert!(
        refresh.kind() == ErrorKind::Build && refresh.to_string().contains("`auth(..)`"),
        "{refresh}"
    );
}
