//! Names and forms of other libraries that work here as there.

use std::future::ready;
use std::sync::{Arc, LazyLock};

use perennial::bounds::HasSession;
use perennial::stream::{ServerEvent, StreamExt, TryStreamExt};
use perennial::{Error, ErrorKind, Events, Lines, Pages, Result, Session, Tokens, api_client};

#[api_client(auth(bearer, expired(status = 401)))]
pub trait Shop {
    #[post("/refresh", refresh)]
    async fn refresh(&self) -> Result<Tokens>;
    #[get("/orders")]
    async fn orders(&self) -> Result<String>;
}

fn shop() -> ShopClient {
    ShopClient::builder("https://shop.example").build().unwrap()
}

fn joined(session: &(impl HasSession + ?Sized)) -> Session {
    let client = ShopClient::builder("https://shop.example").session(session).build().unwrap();
    client.session().clone()
}

#[test]
fn a_session_is_taken_from_a_client_and_from_all_that_refers_to_either() {
    let client = shop();
    let id = client.session().id();
    let session = client.session().clone();
    let lazy = LazyLock::new(|| session.clone());
    let forms = [
        joined(&client),
        joined(&Arc::new(client.clone())),
        joined(&session),
        joined(&&session),
        joined(&Arc::new(session.clone())),
        joined(&Box::new(session.clone())),
        joined(&lazy),
    ];
    assert_eq!(forms.map(|it| it.id()), [id; 7]);
}

#[tokio::test]
async fn a_call_is_made_for_the_user_of_another_client() {
    let (client, other) = (shop(), shop());
    client.session().login("token").await.unwrap();
    let lost = client.orders().in_session(&other).await.unwrap_err();
    assert_eq!(lost.kind(), ErrorKind::SignedOut);
}

#[tokio::test]
async fn a_name_that_is_answered_leaves_the_method_of_an_imported_trait_alone() {
    use futures::TryFutureExt as _;

    let lost: String = shop().orders().map_err(|it| it.to_string()).await.unwrap_err();
    assert!(lost.contains("orders"), "{lost}");
    assert!(Pages::<u64>::from(vec![1, 2]).all(|it| ready(it.is_ok())).await);
}

#[tokio::test]
async fn a_fake_has_its_stream_from_a_list() {
    let pages: Vec<_> = Pages::<u64>::from(vec![1, 2]).try_collect().await.unwrap();
    assert_eq!(pages, [1, 2]);
    let lines: Vec<_> = Lines::<u64>::from(vec![3, 4]).try_collect().await.unwrap();
    assert_eq!(lines, [3, 4]);
    let events = Events::<u64>::from(vec![ServerEvent::new(5)]).map_ok(|it| it.data);
    let events: Vec<_> = events.try_collect().await.unwrap();
    assert_eq!(events, [5]);
}

#[test]
fn a_kind_becomes_the_error_of_a_fake() {
    let error: Error = ErrorKind::Transport.into();
    assert_eq!(error.kind(), ErrorKind::Transport);
}
