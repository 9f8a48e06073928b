//! Walks over pages, with an expiry between two of them.

use crate::support::SignedIn;
use futures::StreamExt;
use perennial::{Error, ErrorKind, Pages, Result, Tokens, api_client};
use perennial_tests::{Protocol, Reply, Server};
use serde_json::json;

#[derive(Debug)]
pub struct Failure(String);

impl From<Error> for Failure {
    fn from(error: Error) -> Self {
        Self(error.to_string())
    }
}

#[api_client(
    base = "/api",
    envelope(code = "code", message = "message", data = "data", ok = 0),
    auth(header = "X-Token", expired(code = 1234)),
    allow(duplicate_endpoint)
)]
pub trait Shop {
    #[post("/refreshtoken", refresh)]
    async fn refresh(&self) -> Result<Tokens>;
    #[get("/pages/cursor", page(cursor = "cursor", next = "data.next", items = "data.items"))]
    fn by_cursor(&self, #[query] cursor: Option<&str>) -> Pages<u64>;
    #[get("/pages/offset", retry(2, on = [503], backoff = "1ms..1ms"), page(offset = "offset", items = "data.items"))]
    fn by_offset(&self, #[query] offset: Option<u64>) -> Pages<u64>;
    #[get("/pages/link", page(link))]
    fn by_link(&self, #[query] page: u64) -> Pages<u64, Failure>;
    #[get("/pages/cursor", page(cursor = "cursor", next = "data.next", items = "data.itmes"))]
    fn misspelt(&self) -> Pages<u64>;
    #[get("/pages/cursor", page(cursor = "cursor", next = "data.next", items = "items", empty = absent))]
    fn list_below(&self) -> Pages<u64>;
    #[get("/pages/cursor", page(cursor = "cursor", next = "next", items = "data.items"))]
    fn cursor_below(&self) -> Pages<u64>;
    #[get(
        "/pages/cursor",
        optional,
        page(cursor = "cursor", next = "data.next", items = "data.items")
    )]
    fn offers(&self) -> Pages<u64>;
}

#[tokio::test]
async fn a_walk_by_cursor_survives_an_expiry_between_two_pages() {
    let server = Server::start(Protocol::article());
    let shop = ShopClient::signed_in(&server).await;
    let mut items = shop.by_cursor(None);
    assert_eq!(items.next().await.unwrap().unwrap(), 1);
    assert_eq!(server.count("GET /pages/cursor"), 1);
    server.expire_all();
    assert_eq!(items.try_collect::<Vec<_>>().await.unwrap(), [2, 3, 4, 5]);
    assert_eq!((server.refreshes(), server.count("GET /pages/cursor")), (1, 4));
    let from_two = shop.by_cursor(Some("c2")).try_collect::<Vec<_>>().await.unwrap();
    assert_eq!(from_two, [3, 4, 5]);
    let asked = server.recorded_on("GET /pages/cursor");
    assert_eq!(asked.last().unwrap().target, "/api/pages/cursor?cursor=c4");
}

#[tokio::test]
async fn a_walk_by_offset_continues_until_a_page_is_empty_and_retries_a_page_that_failed() {
    let server = Server::start(Protocol::article());
    let shop = ShopClient::signed_in(&server).await;
    server.on("GET /pages/offset").nth(2).response(Reply::status(503));
    let pages = shop.by_offset(None).pages().try_collect::<Vec<_>>().await.unwrap();
    assert_eq!(pages, [vec![1, 2], vec![3, 4], vec![5]]);
    assert_eq!(server.count("GET /pages/offset"), 5);
    let from_three = shop.by_offset(Some(3)).try_collect::<Vec<_>>().await.unwrap();
    assert_eq!(from_three, [4, 5]);
}

#[tokio::test]
async fn a_walk_by_link_follows_relative_links_and_ends_without_one() {
    let server = Server::start(Protocol::article());
    let shop = ShopClient::signed_in(&server).await;
    server.expire_all();
    let items = shop.by_link(0).try_collect::<Vec<_>>().await.unwrap();
    assert_eq!(items, [1, 2, 3, 4, 5]);
    assert_eq!(server.refreshes(), 1);
    assert_eq!(shop.by_link(2).query("q", "a b").count().await, 1);
    let asked = server.recorded_on("GET /pages/link");
    assert_eq!(asked.last().unwrap().target, "/api/pages/link?page=2&q=a%20b");
}

#[tokio::test]
async fn a_link_to_another_origin_or_to_itself_is_not_followed() {
    let server = Server::start(Protocol::article());
    let shop = ShopClient::signed_in(&server).await;
    let page = |next: &str| {
        let link = format!("<{next}>; rel=\"next\"");
        Reply::json(&json!({"code": 0, "data": [1]})).header("link", &link)
    };
    server.on("GET /pages/link").nth(1).response(page("http://elsewhere.example/"));
    let items: Vec<_> = shop.by_link(0).collect().await;
    assert_eq!(items.len(), 2);
    let Failure(told) = items[1].as_ref().unwrap_err();
    assert!(told.contains("http://elsewhere.example"), "{told}");
    server.on("GET /pages/link").response(page("?page=7"));
    let items: Vec<_> = shop.by_link(0).collect().await;
    assert_eq!(items.len(), 3);
    assert!(items[2].as_ref().unwrap_err().0.contains("requested before"));
}

#[tokio::test]
async fn a_page_that_fails_ends_the_walk_with_its_error() {
    let server = Server::start(Protocol::article());
    let shop = ShopClient::signed_in(&server).await;
    server
        .on("GET /pages/cursor")
        .nth(2)
        .response(Reply::json(&json!({"code": 8, "message": "no"})));
    let items: Vec<_> = shop.by_cursor(None).collect().await;
    assert_eq!(items.len(), 3);
    assert!(items[2].as_ref().unwrap_err().has_code(8));
}

#[tokio::test]
async fn null_is_an_empty_page_and_a_missing_list_is_an_error() {
    let server = Server::start(Protocol::article());
    let shop = ShopClient::signed_in(&server).await;
    let empty = json!({"code": 0, "data": {"items": null, "next": null}});
    server.on("GET /pages/cursor").nth(1).response(Reply::json(&empty));
    assert_eq!(shop.by_cursor(None).count().await, 0);
    let error = shop.misspelt().next().await.unwrap().unwrap_err();
    assert!(error.is_decode() && error.to_string().contains("data.itmes"), "{error}");
}

#[tokio::test]
async fn a_walk_that_nobody_was_signed_in_for_does_not_go_on_as_the_user_who_signs_in() {
    let server = Server::start(Protocol::article());
    server.open("/pages/cursor");
    let shop = ShopClient::builder(server.origin()).build().unwrap();
    let mut offers = shop.offers();
    assert_eq!(offers.next().await.unwrap().unwrap(), 1);
    assert_eq!(offers.next().await.unwrap().unwrap(), 2);
    shop.session().login(Tokens::new(server.issue("ben").access)).await.unwrap();
    let error = offers.next().await.unwrap().unwrap_err();
    assert_eq!(error.kind(), ErrorKind::SessionChanged, "{error}");
    assert_eq!(server.count("/pages/cursor"), 1);
    // One that he begins carries his token.
    assert_eq!(shop.offers().next().await.unwrap().unwrap(), 1);
    let carried = |request: &perennial_tests::Recorded| request.header("x-token").is_some();
    let sent = server.recorded_on("/pages/cursor");
    assert_eq!(sent.iter().map(carried).collect::<Vec<_>>(), [false, true]);
}

#[tokio::test]
async fn a_walk_belongs_to_the_user_who_began_it() {
    let server = Server::start(Protocol::article());
    let shop = ShopClient::signed_in(&server).await;
    let mut items = shop.by_cursor(None);
    assert!(items.next().await.unwrap().is_ok());
    shop.session().login(Tokens::new(server.issue("ben").access)).await.unwrap();
    let rest: Vec<_> = items.collect().await;
    assert!(rest.last().unwrap().as_ref().unwrap_err().kind() == ErrorKind::SessionChanged);
    assert_eq!(server.count("GET /pages/cursor"), 1);
}

#[tokio::test]
async fn a_list_or_a_cursor_below_the_declared_place_is_an_error_that_names_its_place() {
    let server = Server::start(Protocol::article());
    let shop = ShopClient::signed_in(&server).await;
    for (pages, place) in [
        (shop.list_below(), "there is a list at `data.items`"),
        (shop.cursor_below(), "`next` is missing, and there is a value at `data.next`"),
    ] {
        let error = pages.try_collect::<Vec<_>>().await.unwrap_err();
        assert!(error.is_decode(), "{error}");
        assert!(error.to_string().contains(place), "{error}");
    }
    assert_eq!(server.count("GET /pages/cursor"), 2);
}
