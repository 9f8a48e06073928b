//! A trait that is served by a fake of it: every kind of argument and result is sent and parsed back.

#![allow(missing_docs, clippy::unwrap_used)]

use std::sync::Mutex;
use std::time::Duration;

use futures::stream;
use perennial::body::Part;
use perennial::http::{HeaderMap, StatusCode};
use perennial::stream::ServerEvent;
use perennial::{
    Bytes, Download, Error, ErrorKind, Events, Lines, Pages, Response, Result, Tokens, api_client,
};
use perennial_test::{Reply, Server, TestClock};
use serde::{Deserialize, Serialize};

#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Order {
    pub id: u64,
    pub title: String,
}

#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Filter {
    pub color: String,
    pub limit: Option<u32>,
}

#[derive(Debug)]
pub enum Failure {
    Missing,
    Locked,
    Other(Error),
}

impl From<Error> for Failure {
    fn from(error: Error) -> Self {
        Self::Other(error)
    }
}

#[api_client(
    base = "/api",
    envelope(code = "code", message = "message", data = "data", ok = 0),
    auth(header = "X-Token", expired(code = 1234), logout(code = 1001)),
    serve
)]
pub trait Shop {
    #[post("/login", login)]
    async fn login(&self, #[field] user: &str, #[field] password: &str) -> Result<Tokens>;
    #[post("/refreshtoken", refresh)]
    async fn refresh(&self) -> Result<Tokens>;
    #[post("/logout", logout)]
    async fn logout(&self) -> Result<()>;
    #[get("/orders/{id}")]
    async fn order(&self, id: u64) -> Result<Order>;
    #[get("/orders")]
    async fn orders(
        &self,
        #[query] page: u32,
        #[query] tag: &[&str],
        #[query] sort: Option<&str>,
        #[query(style = csv)] ids: Vec<u64>,
        #[header("X-Trace")] trace: &str,
    ) -> Result<Vec<String>>;
    #[post("/orders")]
    async fn place(&self, #[json] order: &Order) -> Result<Response<Order>>;
    #[get("/search/{kind?}")]
    async fn search(&self, kind: Option<&str>, #[query(flatten)] filter: &Filter)
    -> Result<Filter>;
    #[get("/stock/{*path}", public)]
    async fn stock(&self, path: &str) -> Result<Option<String>>;
    #[put("/raw")]
    async fn raw(&self, #[body] body: Bytes) -> Result<Bytes>;
    #[post("/upload")]
    async fn upload(&self, #[part] title: &str, #[part] file: Part) -> Result<String>;
    #[get("/file")]
    async fn file(&self) -> Result<Download>;
    #[get("/all", page(cursor = "cursor", next = "data.next", items = "data.items"))]
    fn all(&self, #[query] size: usize) -> Pages<u64>;
    #[get("/linked", page(link))]
    fn linked(&self) -> Pages<u64>;
    #[get("/events")]
    fn events(&self) -> Events<Order>;
    #[get("/lines")]
    fn lines(&self) -> Lines<u64>;
    #[get("/failing/{how}")]
    #[errors(404 => Missing, code 7 => Locked)]
    async fn failing(&self, how: &str) -> std::result::Result<(), Failure>;
}

/// Tokens in declared places, and a login that returns something else.
#[api_client(
    envelope(code = "code", data = "data", ok = 0),
    auth(bearer, expired(code = 1234)),
    tokens(access = "token", refresh = "next.token", expires_in = header("X-Lifetime"), unit = m),
    serve
)]
pub trait Club {
    #[post("/login", login)]
    async fn login(&self) -> Result<Order>;
    #[post("/refresh", refresh)]
    async fn refresh(&self, #[field] token: perennial::RefreshToken) -> Result<Tokens>;
    #[get("/member")]
    async fn member(&self) -> Result<u64>;
}

struct FakeClub;

impl Club for FakeClub {
    async fn login(&self) -> Result<Order> {
        Ok(order(1))
    }

    async fn refresh(&self, token: perennial::RefreshToken) -> Result<Tokens> {
        Ok(Tokens::new("any").with_refresh(token.reveal()).expires_in(Duration::from_secs(600)))
    }

    async fn member(&self) -> Result<u64> {
        Ok(17)
    }
}

#[tokio::test]
async fn served_and_declared_tokens_are_at_their_declared_places() {
    let served = Server::serve::<ClubClient, FakeClub>(FakeClub);
    let club = ClubClient::builder(served.origin()).build().unwrap();
    assert_eq!(club.login().await.unwrap(), order(1));
    served.expire_all();
    assert_eq!(club.member().await.unwrap(), 17);
    assert_eq!(served.refreshes(), 1);

    let declared = Server::declared::<ClubClient>();
    declared.offer("/member", serde_json::json!(17));
    let club = ClubClient::builder(declared.origin()).build().unwrap();
    let issued = declared.issue("ann");
    let old = Tokens::new(issued.access).with_refresh(issued.refresh.unwrap());
    club.session().login(old).await.unwrap();
    declared.expire_all();
    assert_eq!(club.member().await.unwrap(), 17);
    assert_eq!(declared.refreshes(), 1);
}

#[derive(Default)]
struct FakeShop {
    placed: Mutex<Vec<Order>>,
}

fn order(id: u64) -> Order {
    Order { id, title: format!("order {id}") }
}

fn pages(size: usize) -> Pages<u64> {
    let pages: Vec<_> = [1, 2, 3, 4, 5].chunks(size).map(|page| Ok(page.to_vec())).collect();
    Pages::from_pages(stream::iter(pages))
}

impl Shop for FakeShop {
    async fn login(&self, user: &str, password: &str) -> Result<Tokens> {
        match (user, password) {
            (_, "right") => Ok(Tokens::new("any")),
            _ => Err(Error::of_code(1002).with_message("wrong password")),
        }
    }

    async fn refresh(&self) -> Result<Tokens> {
        Ok(Tokens::new("any"))
    }

    async fn logout(&self) -> Result<()> {
        Ok(())
    }

    async fn order(&self, id: u64) -> Result<Order> {
        match id {
            0 => Err(Error::of_code(404).with_message("no such order")),
            1 => Err(Error::of_kind(ErrorKind::Transport)),
            _ => Ok(order(id)),
        }
    }

    async fn orders(
        &self,
        page: u32,
        tag: &[&str],
        sort: Option<&str>,
        ids: Vec<u64>,
        trace: &str,
    ) -> Result<Vec<String>> {
        Ok(vec![format!("{page} {tag:?} {sort:?} {ids:?} {trace}")])
    }

    async fn place(&self, order: &Order) -> Result<Response<Order>> {
        self.placed.lock().unwrap().push(order.clone());
        let headers = HeaderMap::from_iter([("x-place".parse().unwrap(), "1".parse().unwrap())]);
        Ok(Response::new(StatusCode::CREATED, headers, order.clone()))
    }

    async fn search(&self, kind: Option<&str>, filter: &Filter) -> Result<Filter> {
        let color = format!("{} {}", filter.color, kind.unwrap_or("any"));
        Ok(Filter { color, ..filter.clone() })
    }

    async fn stock(&self, path: &str) -> Result<Option<String>> {
        Ok((path != "none").then(|| path.to_owned()))
    }

    async fn raw(&self, body: Bytes) -> Result<Bytes> {
        Ok(body.iter().rev().copied().collect())
    }

    async fn upload(&self, title: &str, file: Part) -> Result<String> {
        Ok(format!("{title} {file:?}"))
    }

    async fn file(&self) -> Result<Download> {
        Ok(Download::from_response(perennial::http::Response::new("a file")))
    }

    fn all(&self, size: usize) -> Pages<u64> {
        pages(size)
    }

    fn linked(&self) -> Pages<u64> {
        pages(2)
    }

    fn events(&self) -> Events<Order> {
        Events::from_stream(stream::iter([
            Ok(ServerEvent::new(order(1)).with_id("1")),
            Ok(ServerEvent::new(order(2)).with_name("late").with_id("2")),
        ]))
    }

    fn lines(&self) -> Lines<u64> {
        Lines::from_stream(stream::iter([Ok(1), Ok(2)]))
    }

    async fn failing(&self, how: &str) -> std::result::Result<(), Failure> {
        Err(match how {
            "missing" => Failure::Missing,
            "locked" => Failure::Locked,
            _ => Failure::Other(Error::of_status(StatusCode::CONFLICT)),
        })
    }
}

#[tokio::test]
async fn a_real_server_in_axum_is_written_from_the_trait() {
    let service = perennial::serve::service::<ShopClient, _>(FakeShop::default());
    let health = axum::routing::get(async || "fine");
    let router = axum::Router::new().route("/health", health).fallback_service(service);
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    let origin = format!("http://{}", listener.local_addr().unwrap());
    tokio::spawn(axum::serve(listener, router).into_future());

    let shop = ShopClient::builder(&origin).build().unwrap();
    shop.login("ann", "right").await.unwrap();
    assert_eq!(shop.order(7).await.unwrap(), order(7));
    let parts = shop.upload("title", Part::bytes("x").file_name("x.txt")).await.unwrap();
    assert!(parts.starts_with("title "), "{parts}");
    assert_eq!(shop.all(2).try_collect::<Vec<_>>().await.unwrap(), [1, 2, 3, 4, 5]);
    assert!(shop.order(0).await.unwrap_err().has_code(404));
    let health = reqwest::get(format!("{origin}/health")).await.unwrap();
    assert_eq!(health.text().await.unwrap(), "fine");
}

async fn signed_in() -> (Server, ShopClient) {
    let server = Server::serve::<ShopClient, _>(FakeShop::default());
    let shop = ShopClient::builder(server.origin()).build().unwrap();
    shop.login("ann", "right").await.unwrap();
    (server, shop)
}

#[tokio::test]
async fn every_kind_of_call_survives_an_expiry() {
    let (server, shop) = signed_in().await;
    server.expire_all();
    assert_eq!(shop.order(7).await.unwrap(), order(7));
    server.expire_all();
    let found = shop.orders(2, &["a b", "c"], None, vec![1, 2], "t").await.unwrap();
    assert_eq!(found, [r#"2 ["a b", "c"] None [1, 2] t"#]);
    server.expire_all();
    let placed = shop.place(&order(9)).await.unwrap();
    assert_eq!(
        (placed.status(), placed.headers()["x-place"].as_bytes()),
        (StatusCode::CREATED, &b"1"[..])
    );
    assert_eq!(placed.into_value(), order(9));
    let filter = Filter { color: "red".to_owned(), limit: None };
    assert_eq!(shop.search(Some("shoes"), &filter).await.unwrap().color, "red shoes");
    assert_eq!(shop.search(None, &filter).await.unwrap().color, "red any");
    assert_eq!(shop.stock("a/b").await.unwrap().as_deref(), Some("a/b"));
    assert_eq!(shop.stock("none").await.unwrap(), None);
    assert_eq!(shop.raw(Bytes::from_static(b"abc")).await.unwrap(), "cba");
    server.expire_all();
    let part = Part::bytes("x").file_name("x.txt");
    assert!(shop.upload("title", part).await.unwrap().starts_with("title "));
    server.expire_all();
    assert_eq!(shop.file().await.unwrap().bytes().await.unwrap(), "a file");
    assert_eq!((server.refreshes(), server.reuses()), (5, 0));
    server.assert_all_matched();
    shop.logout().await.unwrap();
    assert!(shop.order(7).await.unwrap_err().is_signed_out());
}

#[tokio::test]
async fn streams_are_served_and_walked_across_an_expiry() {
    let (server, shop) = signed_in().await;
    server.expire_after_uses(1);
    assert_eq!(shop.all(2).try_collect::<Vec<_>>().await.unwrap(), [1, 2, 3, 4, 5]);
    assert_eq!(shop.linked().try_collect::<Vec<_>>().await.unwrap(), [1, 2, 3, 4, 5]);
    let events: Vec<_> = shop.events().reconnect(false).try_collect().await.unwrap();
    assert_eq!(events.iter().map(|event| event.data.id).collect::<Vec<_>>(), [1, 2]);
    assert_eq!(events[1].name, "late");
    assert_eq!(shop.lines().try_collect::<Vec<_>>().await.unwrap(), [1, 2]);
    assert_eq!(server.reuses(), 0);
}

#[tokio::test]
async fn errors_arrive_as_they_were_made() {
    let (_server, shop) = signed_in().await;
    let error = shop.order(0).await.unwrap_err();
    assert!(error.has_code(404) && error.message() == Some("no such order"), "{error}");
    assert!(matches!(shop.order(1).await.unwrap_err().kind(), ErrorKind::Transport));
    assert!(matches!(shop.failing("missing").await, Err(Failure::Missing)));
    assert!(matches!(shop.failing("locked").await, Err(Failure::Locked)));
    assert!(
        matches!(shop.failing("x").await, Err(Failure::Other(error)) if error.status().is_some())
    );
    let rejected = shop.login("ann", "wrong").await.unwrap_err();
    assert!(rejected.has_code(1002), "{rejected}");
}

#[tokio::test]
async fn a_reused_refresh_token_revokes_the_login() {
    let server = Server::serve::<ShopClient, _>(FakeShop::default());
    server.expect_reuse();
    let issued = server.issue("ann");
    let shop = ShopClient::builder(server.origin()).build().unwrap();
    let old = Tokens::new(issued.access.clone());
    shop.session().login(old.clone()).await.unwrap();
    server.expire_all();
    shop.order(7).await.unwrap();
    let thief = ShopClient::builder(server.origin()).build().unwrap();
    thief.session().login(old).await.unwrap();
    thief.order(7).await.unwrap_err();
    assert_eq!(server.reuses(), 1);
    assert!(shop.order(7).await.unwrap_err().is_signed_out());
}

#[tokio::test]
async fn after_a_failed_refresh_the_clock_is_advanced_past_the_cooldown() {
    let server = Server::serve::<ShopClient, _>(FakeShop::default());
    let clock = TestClock::new();
    let shop = ShopClient::builder(server.origin()).clock(clock.clone()).build().unwrap();
    shop.login("ann", "right").await.unwrap();
    server.expire_all();
    server.on_refresh().nth(1).response(Reply::status(503));
    shop.order(7).await.unwrap_err();
    clock.advance(Duration::from_secs(60));
    assert_eq!(shop.order(7).await.unwrap(), order(7));
    assert_eq!((server.rotations(), server.reuses()), (1, 0));
}

#[tokio::test]
#[should_panic(expected = "- GET /orders/8 (token 1 of ann)\n+ GET /orders/7 (token 1 of ann)")]
async fn an_assertion_shows_the_difference() {
    let (server, shop) = signed_in().await;
    shop.order(7).await.unwrap();
    server.assert_arrived(["POST /login", "GET /orders/8 (token 1 of ann)"]);
}

#[tokio::test]
#[should_panic(expected = "GET /order/7 (nearest: GET /orders/{id})")]
async fn a_request_without_an_endpoint_names_the_nearest() {
    let (server, _shop) = signed_in().await;
    let issued = server.issue("ann");
    let request = reqwest::Client::new().get(server.url("/order/7"));
    request.header("x-token", issued.access).send().await.unwrap();
    server.assert_all_matched();
}
