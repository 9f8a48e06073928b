//! A token goes to its own origin and nowhere else, whatever a redirect says.

mod declared;
mod judged;
mod tls;
mod turned;

use crate::support::{Who, World, tokens};
use perennial::{ErrorKind, Result, api_client};
use perennial_tests::{Part, Protocol, Reply, Server};
use serde_json::json;

/// A world, and another origin, which must not learn anything.
async fn two_origins() -> (World, Server) {
    (World::new().await, Server::start(Protocol::article()))
}

const STATUSES: [u16; 5] = [301, 302, 303, 307, 308];

#[tokio::test]
async fn a_call_with_a_token_never_leaves_its_origin() {
    for status in STATUSES {
        let (world, other) = two_origins().await;
        world.server.on("/orders/1").redirect(status, &other.url("/orders/1"));
        world.server.on("/orders").redirect(status, &other.url("/orders"));
        let error = world.shop.order(1).await.unwrap_err();
        assert!(error.kind() == ErrorKind::Redirect, "{status}: {error}");
        let order = json!({"id": 0, "title": "secret"});
        let error = world.shop.place(&order).await.unwrap_err();
        assert!(error.kind() == ErrorKind::Redirect, "{status}: {error}");
        assert_eq!(other.requests(), 0, "{status}");
        // The session is none the worse for it.
        assert_eq!(world.shop.order(2).await.unwrap().id, 2);
    }
}

#[tokio::test]
async fn another_port_scheme_or_host_is_another_origin() {
    let world = World::new().await;
    let port = world.server.origin().rsplit(':').next().unwrap().to_owned();
    let places = [
        format!("//localhost:{port}/api/orders/1"),
        format!("http://localhost:{port}/api/orders/1"),
        format!("https://127.0.0.1:{port}/api/orders/1"),
        format!("http://user:password@localhost:{port}/"),
        "//evil.example/orders".to_owned(),
        "ftp://127.0.0.1/".to_owned(),
        "javascript:alert(1)".to_owned(),
        "http://".to_owned(),
    ];
    for place in places {
        world.server.behave();
        world.server.on("/orders/1").redirect(302, &place);
        let error = world.shop.order(1).await.unwrap_err();
        assert!(error.kind() == ErrorKind::Redirect, "{place}: {error}");
        assert_eq!(error.attempts(), 1);
    }
    assert_eq!(world.server.count("/orders/1"), 8);
}

#[tokio::test]
async fn a_redirect_within_the_origin_keeps_the_token() {
    for status in STATUSES {
        let world = World::new().await;
        world.server.on("/orders/1").redirect(status, "/api/orders/7");
        assert_eq!(world.shop.order(1).await.unwrap().id, 7);
        let token = world.shop.session().tokens().unwrap();
        let request = &world.server.recorded_on("/orders/7")[0];
        assert_eq!(request.header("x-token"), Some(token.access()), "{status}");
    }
}

#[tokio::test]
async fn a_body_is_sent_along_only_with_307_and_308() {
    let world = World::new().await;
    let order = json!({"id": 5, "title": "tea"});
    for (status, method, body) in
        [(302, "GET", false), (303, "GET", false), (307, "POST", true), (308, "POST", true)]
    {
        world.server.behave();
        let before = world.server.count("/orders/9");
        world.server.on("POST /orders").redirect(status, "/api/orders/9");
        world
            .server
            .on("/orders/9")
            .response(Reply::json(&json!({"code": 0, "data": {"id": 9, "title": "moved"}})));
        assert_eq!(world.shop.place(&order).await.unwrap().id, 9, "{status}");
        let request = &world.server.recorded_on("/orders/9")[before];
        assert_eq!(request.method, method, "{status}");
        assert_eq!(request.header("content-type").is_some(), body, "{status}");
        assert_eq!(request.body.is_empty(), !body, "{status}");
        if body {
            assert_eq!(request.json(), json!({"id": 5, "title": "tea"}));
        }
    }
}

#[tokio::test]
async fn ten_hops_are_followed_and_no_more() {
    let world = World::new().await;
    world.server.on("/orders/1").redirect(302, "/api/orders/1");
    let error = world.shop.order(1).await.unwrap_err();
    assert!(error.kind() == ErrorKind::Redirect, "{error}");
    assert_eq!(world.server.count("/orders/1"), 11);
    world.server.behave();
    world.server.on("/orders/2").first(10).redirect(302, "/api/orders/2");
    assert_eq!(world.shop.order(2).await.unwrap().id, 2);
    assert_eq!(world.server.count("/orders/2"), 11);
}

#[tokio::test]
async fn an_expiry_behind_a_redirect_is_renewed_once() {
    let world = World::new().await;
    world.server.expire_all();
    world.server.on("/orders/1").redirect(302, "/api/orders/7");
    assert_eq!(world.shop.order(1).await.unwrap().id, 7);
    assert_eq!(world.server.refreshes(), 1);
    assert_eq!(world.server.generations("/orders/7"), [Some(1), Some(2)]);
}

#[tokio::test]
async fn a_refresh_never_leaves_its_origin() {
    for status in STATUSES {
        let (world, other) = two_origins().await;
        world.server.expire_all();
        world.server.on_refresh().redirect(status, &other.url("/refreshtoken"));
        let before = world.shop.session().tokens();
        let error = world.shop.order(1).await.unwrap_err();
        assert!(error.kind() == ErrorKind::RefreshFailed, "{status}: {error}");
        assert_eq!(other.requests(), 0, "{status}");
        assert_eq!(world.shop.session().tokens(), before);
    }
}

#[tokio::test]
async fn a_password_never_leaves_its_origin() {
    for status in STATUSES {
        let (world, other) = two_origins().await;
        world.server.on_login().redirect(status, &other.url("/login"));
        let who = Who { password: "hunter22", ..Who::named("ann") };
        world.shop.login(&who).await.unwrap_err();
        for request in other.recorded() {
            assert!(request.body.is_empty(), "{status}: {request:?}");
        }
    }
}

#[tokio::test]
async fn a_public_call_may_leave_its_origin_without_any_secret() {
    for status in STATUSES {
        let (world, other) = two_origins().await;
        world.server.on("/health").redirect(status, &other.url("/health"));
        world
            .shop
            .health()
            .header("Authorization", "Basic abc")
            .header("Cookie", "a=b")
            .await
            .unwrap();
        let requests = other.recorded();
        assert_eq!(requests.len(), 1);
        assert_eq!((requests[0].part, &requests[0].token), (Part::Call, &None));
        for name in ["x-token", "authorization", "cookie"] {
            assert!(requests[0].header(name).is_none(), "{status}: {name}");
        }
    }
}

/// Calls without a token that bear something all the same.
#[api_client(base = "/api", envelope(code = "code", message = "message", data = "data", ok = 0))]
pub trait Open {
    #[post("/orders")]
    async fn suggest(&self, #[json] order: &serde_json::Value) -> Result<serde_json::Value>;
    #[get("/fast")]
    async fn fast(&self, #[header("Authorization")] basic: &str) -> Result<serde_json::Value>;
}

fn open(server: &Server) -> OpenClient {
    let http = reqwest::Client::builder().no_proxy();
    OpenClient::builder(server.origin()).http(http).build().unwrap()
}

/// A server on which calls without a token are welcome, and which responds to the last of them.
fn welcoming() -> Server {
    let server = Server::start(Protocol::article());
    for path in ["/orders", "/fast", "/slow"] {
        server.open(path);
    }
    server.on("/slow").response(Reply::json(&json!({"code": 0, "data": 1})));
    server
}

#[tokio::test]
async fn a_body_never_leaves_its_origin_even_without_a_token() {
    for status in STATUSES {
        let (server, other) =
            (Server::start(Protocol::article()), Server::start(Protocol::article()));
        server.open("/orders");
        other.open("/orders");
        server.on("POST /orders").redirect(status, &other.url("/orders"));
        let response = open(&server).suggest(&json!({"title": "secret"})).await;
        // A 301 to the same name is the same resource elsewhere, which no `GET` changes.
        if matches!(status, 301 | 307 | 308) {
            assert!(response.unwrap_err().kind() == ErrorKind::Redirect, "{status}");
            assert_eq!(other.requests(), 0, "{status}");
        } else {
            response.unwrap();
            let arrived = &other.recorded_on("/orders")[0];
            assert_eq!((arrived.method.as_str(), arrived.body.len()), ("GET", 0), "{status}");
            assert_eq!(arrived.header("content-type"), None, "{status}");
        }
    }
}

#[tokio::test]
async fn a_body_that_was_dropped_at_one_hop_does_not_come_back_at_the_next() {
    for (first, second) in [(303, 302), (302, 307), (301, 308)] {
        let (server, other) = (welcoming(), welcoming());
        for (home, away) in [(&server, &server), (&server, &other)] {
            home.on("POST /orders").redirect(first, &away.url("/fast"));
            away.on("/fast").redirect(second, "/api/slow");
            open(home).suggest(&json!({"title": "secret"})).await.unwrap();
            let arrived = away.recorded_on("/slow").pop().unwrap();
            assert_eq!((arrived.method.as_str(), arrived.body.len()), ("GET", 0), "{arrived:?}");
            assert_eq!(arrived.header("content-type"), None, "{first}, {second}");
        }
    }
}

#[tokio::test]
async fn headers_for_one_origin_stay_behind_at_every_hop_after_it_was_left() {
    let (server, other) = (welcoming(), welcoming());
    server.on("/fast").redirect(302, &other.url("/fast"));
    other.on("/fast").redirect(302, "/api/slow");
    open(&server).fast("Basic c2VjcmV0").header("Cookie", "sid=secret").await.unwrap();
    for path in ["/fast", "/slow"] {
        let arrived = &other.recorded_on(path)[0];
        for name in ["authorization", "cookie"] {
            assert_eq!(arrived.header(name), None, "{path}: {name}");
        }
    }
    // Nor does it come back with an address that another origin made up.
    other.behave();
    other.on("/fast").redirect(302, &server.url("/slow"));
    open(&server).fast("Basic c2VjcmV0").await.unwrap();
    assert_eq!(server.recorded_on("/slow")[0].header("authorization"), None);
}

/// The token in the address.
#[api_client(
    base = "/api",
    envelope(code = "code", message = "message", data = "data", ok = 0),
    auth(query = "key", expired(code = 1234)),
    allow(expiry_without_refresh, token_in_query)
)]
pub trait Keyed {
    #[get("/fast")]
    async fn fast(&self, #[query] page: u32) -> Result<String>;
}

#[tokio::test]
async fn a_token_in_the_query_stays_at_its_origin_too() {
    let keyed =
        Protocol { placement: perennial_tests::Placement::Query("key"), ..Protocol::article() };
    let server = Server::start(keyed.clone());
    let other = Server::start(keyed);
    let client = KeyedClient::builder(server.origin())
        .http(reqwest::Client::builder().no_proxy())
        .build()
        .unwrap();
    let issued = server.issue("ann");
    client.session().login(tokens(&issued)).await.unwrap();
    server.on("/fast").nth(1).redirect(302, &other.url("/fast"));
    let error = client.fast(1).await.unwrap_err();
    assert!(
        error.kind() == ErrorKind::Redirect
            && !format!("{error} {error:?}").contains(&issued.access)
    );
    assert_eq!(other.requests(), 0);
    server.on("/fast").nth(1).redirect(302, "/api/slow?page=2");
    client.fast(1).await.unwrap();
    let request = &server.recorded_on("/slow")[0];
    assert_eq!(request.target.matches("key=").count(), 1, "{request:?}");
    assert_eq!(request.token.as_deref(), Some(issued.access.as_str()));
}

#[tokio::test]
async fn a_post_to_an_address_that_has_moved_is_an_error_and_not_a_get() {
    let world = World::new().await;
    let order = json!({"id": 5, "title": "tea"});
    for (status, place) in
        [(301, "/api/orders/"), (302, "/api/orders/"), (301, "/api/v2/orders?x=1")]
    {
        world.server.behave();
        world.server.on("POST /orders").redirect(status, place);
        let before = world.server.requests();
        let error = world.shop.place(&order).await.unwrap_err();
        assert!(error.kind() == ErrorKind::Redirect, "{status}: {error}");
        assert!(error.to_string().contains("would become a `GET`"), "{error}");
        assert_eq!(error.location(), Some(place));
        assert_eq!(world.server.requests(), before + 1);
    }
}
